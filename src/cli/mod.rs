//! The command line: arguments, settings, one file a command.
//!
//! In: arguments, environment, terminal. Out: an exit status. Only this module knows them.

mod agent;
mod args;
mod audit;
mod baseline;
mod cases;
mod doctor;
mod dossier;
mod explain;
mod fix;
mod history;
mod hook;
mod incident;
mod install;
mod ledger;
mod line;
mod migrate;
mod outputs;
#[doc(hidden)]
pub mod probe;
mod progress;
mod render;
mod rotate;
mod rules;
mod scan;
mod serve;
mod session;
mod settings;
mod sheet;
mod size;
mod told;
mod uses;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser as _;

use crate::detect::Detector;
use crate::detect::spec::Confidence;
use crate::report::{ExitStatus, escaped};
use crate::source::git::Environment;
use args::{Cli, Command};

/// Runs the command line and returns its exit code.
///
/// A panic is told by its place alone, since its message may quote what is scanned, and nothing was checked to the end.
#[must_use]
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        let _ = writeln!(io::stderr(), "leakstop: a mistake{place}; please report it");
    }));
    std::panic::catch_unwind(parsed).unwrap_or_else(|_| ExitStatus::Incomplete.code().into())
}

fn parsed() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(fault) => {
            // Help and version are no errors; clap writes each where it belongs.
            if !fault.use_stderr() {
                let _ = fault.print();
                return ExitStatus::Clean.code().into();
            }
            // It quotes the arguments, one of which may be a token that was pasted.
            let plain = fault.render().to_string();
            let told = masked(&plain);
            let _ = if told == plain { fault.print() } else { write!(io::stderr(), "{told}") };
            return ExitStatus::Incomplete.code().into();
        }
    };
    match run(cli) {
        Ok(status) => status.code().into(),
        Err(fault) if is_broken_pipe(&fault) => ExitStatus::Clean.code().into(),
        Err(fault) => {
            // It may quote paths and settings of a repository that is not trusted.
            let told: Vec<String> = masked(&format!("{fault:#}")).lines().map(escaped).collect();
            let _ = writeln!(io::stderr(), "leakstop: {}", told.join("\n"));
            let stopped = fault.is::<session::Interrupted>();
            let status = if stopped { ExitStatus::Interrupted } else { ExitStatus::Incomplete };
            status.code().into()
        }
    }
}

fn run(cli: Cli) -> Result<ExitStatus> {
    if let Some(folder) = &cli.directory {
        std::env::set_current_dir(folder).with_context(|| format!("-C {}", folder.display()))?;
    }
    match cli.command {
        Command::Scan(args) => scan::files(&args),
        Command::Staged(args) => scan::staged(&args, crate::report::Mode::Staged),
        Command::Hook(command) => hook::run(command),
        Command::Install(args) => install::run(&args),
        Command::History(args) => history::run(&args),
        Command::Stdin(args) => scan::stdin(&args),
        Command::Baseline(command) => baseline::run(command),
        Command::Rules(command) => rules::run(&command),
        Command::Explain(args) => explain::run(&args),
        Command::Incident(args) => incident::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Rotate(args) => rotate::run(&args),
        Command::Fix(args) => fix::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Report(args) => render::run(&args),
        Command::Completions(args) => render::completions(&args),
        Command::Man => render::manual(),
    }
}

/// An error's text without what it may quote of secrets.
fn masked(text: &str) -> String {
    match crate::engine::config::Config::default().rules(&[]) {
        Ok(rules) => {
            let detector = Detector::new(rules, Confidence::Likely);
            crate::report::masked(text.as_bytes(), &detector).to_string()
        }
        // The rules that come with the program load; without them nothing is quoted.
        Err(fault) => fault.to_string(),
    }
}

fn is_broken_pipe(fault: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        let json =
            || cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        cause.downcast_ref::<io::Error>().map(io::Error::kind).or_else(json)
    };
    fault.chain().any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}

/// Whether the pre-commit framework runs the hook by itself, with nothing staged: `pre-commit run --all-files`, as
/// in CI. It tells hooks that take no file names nothing else, and git names the index when it runs them.
#[expect(clippy::disallowed_methods, reason = "the command line is what reads the environment")]
fn for_all_files(environment: &Environment) -> bool {
    environment.index.is_none() && std::env::var_os("PRE_COMMIT").is_some()
}

/// A variable that tells a hook something.
#[expect(clippy::disallowed_methods, reason = "the command line is what reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What git put into the environment of a hook.
#[expect(clippy::disallowed_methods, reason = "the command line is what reads the environment")]
fn environment() -> Environment {
    let path = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let dir = path("GIT_DIR");
    let mut objects: Vec<PathBuf> = path("GIT_OBJECT_DIRECTORY").into_iter().collect();
    if let Some(others) = path("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
        objects.extend(std::env::split_paths(&others));
    }
    let work_tree = path("GIT_WORK_TREE");
    Environment {
        from_env: dir.is_some() || !objects.is_empty() || work_tree.is_some(),
        work_tree,
        dir,
        index: path("GIT_INDEX_FILE"),
        objects,
    }
}
