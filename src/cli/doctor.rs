//! `leakstop doctor`: a repository's habits.
//!
//! In: a repository. Out: checks, each with what is wrong and how it is mended, for people, as JSON or as a checklist.
//! Exit status 1 if anything is wrong. Of values nothing is shown, of `.env` files names only.

pub(super) mod dotenv;
mod guard;
mod leaks;

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

use self::guard::Repository;
use super::args::{DoctorArgs, DoctorFormat, Level};
use super::cases::Cases;
use super::scan::worktree;
use super::settings::Place;
use super::uses::traces;
use crate::report::{ExitStatus, escaped};
use crate::source::git;

/// One check. Fields of the JSON form may be added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Check {
    id: &'static str,
    /// What should be.
    title: &'static str,
    ok: bool,
    /// What is not, line by line.
    problems: Vec<String>,
    /// How to mend it: commands, or lines for files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<String>,
}

impl Check {
    /// A check that holds if there are no problems; `fixes` are offered only if there are.
    fn new(
        id: &'static str,
        title: &'static str,
        problems: Vec<String>,
        fixes: Vec<String>,
    ) -> Self {
        let ok = problems.is_empty();
        Self { id, title, ok, problems, fixes: if ok { Vec::new() } else { fixes } }
    }
}

/// The JSON form, version 1.
#[derive(Serialize)]
struct Document {
    version: u32,
    ok: bool,
    checks: Vec<Check>,
}

/// Runs the command.
pub(super) fn run(args: &DoctorArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    let root = place.repository()?.to_path_buf();
    let repository = Repository::open(&place)?;
    // A comment may allow what a scan would not have reported.
    let mut gathered = args.cases.clone();
    gathered.min_confidence = Some(Level::Possible);
    let common = gathered.common();
    let cases = Cases::gather(&gathered, &common, &place)?;
    let bare = git::is_bare(&root);
    let (_, allows) = if bare {
        Default::default()
    } else {
        traces(&cases.session, &worktree(&gathered.tree(&common, &place), &cases.session)?)?
    };
    let mut checks = vec![repository.hook()?, repository.bypass()?];
    checks.extend((!bare).then(|| repository.gate()));
    checks.extend((!bare).then(|| repository.ignored()));
    checks.extend((!bare).then(|| repository.tracked()));
    checks.push(repository.complete());
    let leaks = leaks::Leaks::new(&cases, args.cases.min_confidence, !args.cases.no_history)?;
    checks.extend((!bare).then(|| dotenv::check(&root, &repository, &leaks)));
    checks.extend(leaks.checks(&allows));
    let document = Document { version: 1, ok: checks.iter().all(|check| check.ok), checks };
    let mut out = io::BufWriter::new(anstream::stdout());
    match args.format {
        DoctorFormat::Human => human(&document, &mut out)?,
        DoctorFormat::Markdown => markdown(&document, &mut out)?,
        DoctorFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &document)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(if document.ok { ExitStatus::Clean } else { ExitStatus::Found })
}

fn human(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    for check in &document.checks {
        writeln!(out, "{} {}", if check.ok { "ok     " } else { "PROBLEM" }, check.title)?;
        for problem in &check.problems {
            writeln!(out, "          {}", escaped(problem))?;
        }
        for fix in &check.fixes {
            writeln!(out, "        > {}", escaped(fix))?;
        }
    }
    let wrong = document.checks.iter().filter(|check| !check.ok).count();
    match wrong {
        0 => writeln!(out, "{} checks, all well.", document.checks.len()),
        1 => writeln!(out, "{} checks, 1 problem.", document.checks.len()),
        n => writeln!(out, "{} checks, {n} problems.", document.checks.len()),
    }
}

fn markdown(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    for check in &document.checks {
        writeln!(out, "- [{}] {}", if check.ok { 'x' } else { ' ' }, check.title)?;
        for problem in &check.problems {
            writeln!(out, "  - {}", super::incident::plain(problem))?;
        }
        for fix in &check.fixes {
            writeln!(out, "  - Fix: {}", super::incident::code(fix))?;
        }
    }
    Ok(())
}
