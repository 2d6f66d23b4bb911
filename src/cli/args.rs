//! The command line.
//!
//! In: arguments. Out: [`Cli`]. Help texts say why one would use a flag.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::engine::config::Choice;

mod cases;
mod hooks;
mod migrate;
mod report;
mod serve;

pub(crate) use cases::{
    AuditArgs, CaseArgs, DoctorArgs, DoctorFormat, FixArgs, IncidentArgs, LabelName, RotateArgs,
    RotateFormat, StoreName,
};
pub(crate) use hooks::{HookCommand, HookName, InstallArgs, MessageArgs, PushArgs};
pub(crate) use migrate::MigrateArgs;
pub(crate) use report::{RenderArgs, ReportOptions, ShellArgs, Target, When};
pub(crate) use serve::{ServeArgs, Sought};

/// Finds secrets before they leak: in files, in what you are about to commit, and in all of git's history.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "Exit status: 0 nothing new, 1 new secrets, 2 something could not be scanned or was wrong, 130 interrupted."
)]
pub(crate) struct Cli {
    /// Run as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan files and folders as they lie on disk
    Scan(ScanArgs),
    /// Scan what the next commit will add: the index against HEAD
    Staged(StagedArgs),
    /// Scan git history: every object the repository still holds, or what some commits introduce
    History(HistoryArgs),
    /// Scan piped text
    Stdin(StdinArgs),
    /// Run as one of git's hooks
    #[command(subcommand)]
    Hook(HookCommand),
    /// Put leakstop into this repository's hooks, after those that are there
    Install(InstallArgs),
    /// Keep the list of accepted findings
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Look at the rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Tell all about a finding, what a rule looks for, or why a line is or is not reported
    Explain(ExplainArgs),
    /// Write a runbook for one leak: what to do now, what to check, how to take it out of the history
    Incident(IncidentArgs),
    /// Check this repository's habits: hooks, ignored files, baseline, secrets where references belong
    Doctor(DoctorArgs),
    /// Review findings one value after the other, and write what they are into the baseline
    Audit(AuditArgs),
    /// List the secrets that have still to be rotated, and tick off those that are
    Rotate(RotateArgs),
    /// Put a reference in the place of a secret, after showing what would change
    Fix(FixArgs),
    /// Take over what was set up for other scanners: settings, ignore files, rules, baselines, hooks
    Migrate(MigrateArgs),
    /// Answer coding agents (MCP) or editors (LSP) that keep it running
    Serve(ServeArgs),
    /// Write a saved JSON report in another format
    Report(RenderArgs),
    /// Write what makes a shell complete leakstop's commands and options
    Completions(ShellArgs),
    /// Write the manual page
    Man,
}

/// Options of everything that scans.
#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Common {
    /// What ends the scan before its time, if not a signal
    #[arg(skip)]
    pub(crate) stop: Option<Arc<AtomicBool>>,
    /// Findings accepted in FILE are not new [default: .secrets.baseline at the repository root]
    #[arg(long, value_name = "FILE", help_heading = "What counts as new")]
    pub(crate) baseline: Option<PathBuf>,
    /// Use no baseline: report accepted findings too
    #[arg(long, conflicts_with = "baseline", help_heading = "What counts as new")]
    pub(crate) no_baseline: bool,
    /// Read settings from FILE [default: .leakstop.toml at the repository root]
    #[arg(long, value_name = "FILE", help_heading = "What counts as new")]
    pub(crate) config: Option<PathBuf>,
    /// Ignore settings and baseline of the repository, to audit one that is not trusted
    #[arg(long, help_heading = "What counts as new")]
    pub(crate) no_repo_config: bool,
    /// Report findings at least this sure [default: likely]
    #[arg(long, value_name = "LEVEL", help_heading = "What counts as new")]
    pub(crate) min_confidence: Option<Level>,
    /// Look for these rules only, to chase one kind of key
    #[arg(long, value_name = "ID,…", value_delimiter = ',', help_heading = "What counts as new")]
    pub(crate) rules: Vec<String>,
    /// Leave out paths that match GLOB; may be given again
    #[arg(long, value_name = "GLOB", help_heading = "What counts as new")]
    pub(crate) exclude: Vec<String>,
    #[command(flatten)]
    pub(crate) report: ReportOptions,
    /// Show the first N characters of a secret, a quarter of it at most, to tell one from another; without this, no more
    /// than its vendor begins them all with
    #[arg(long, value_name = "N", help_heading = "Report")]
    pub(crate) redact: Option<usize>,
    /// Show no progress on standard error
    #[arg(long, help_heading = "Report")]
    pub(crate) no_progress: bool,
    /// Exit with 0 where new secrets would give 1; errors still give 2
    #[arg(long, help_heading = "Exit status")]
    pub(crate) exit_zero: bool,
    /// Exit with 2 also for limits by design: shallow clones, budgets, special files
    #[arg(long, help_heading = "Exit status")]
    pub(crate) require_complete: bool,
    /// Use N threads [default: one for each processor]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) threads: usize,
}

/// `leakstop scan`
#[derive(Clone, Debug, Args)]
pub(crate) struct ScanArgs {
    /// Files and folders
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Scan files that git ignores too
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Scan files that a submodule tracks though it ignores them, as those of the repository itself are
    #[arg(long)]
    pub(crate) recurse_submodules: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `leakstop staged`
#[derive(Clone, Debug, Args)]
pub(crate) struct StagedArgs {
    /// Report all of a changed file, not only the lines that are new
    #[arg(long)]
    pub(crate) whole_file: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `leakstop history`
#[derive(Clone, Debug, Args)]
pub(crate) struct HistoryArgs {
    /// What these commits introduce: `main..HEAD`, `v1.0`, `^origin/main`. Without any: every object
    #[arg(value_name = "REVISION", allow_hyphen_values = false)]
    pub(crate) revisions: Vec<String>,
    /// Only commits made since DATE (`2026-01-31`, `2026-01-31T12:00:00Z`)
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<String>,
    /// Remember what was read, so that the next audit reads only what is new; in DIR, never in the repository [default DIR: leakstop in the user's cache folder]
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        require_equals = true,
        conflicts_with_all = ["revisions", "since"]
    )]
    #[expect(clippy::option_option, reason = "the flag may stand without a folder")]
    pub(crate) cache: Option<Option<PathBuf>>,
    /// Take at most about SIZE of memory (`512M`, `2G`); large packs are then read more slowly
    #[arg(long, value_name = "SIZE", value_parser = super::size::parse)]
    pub(crate) max_memory: Option<u64>,
    /// Scan the history of submodules too: those checked out, and those git still keeps
    #[arg(long, conflicts_with_all = ["revisions", "since"])]
    pub(crate) recurse_submodules: bool,
    /// Scan the files that git-lfs keeps beside the history too
    #[arg(long, conflicts_with_all = ["revisions", "since"])]
    pub(crate) lfs: bool,
    /// Read every version as a whole, whatever it was made from
    #[arg(long, hide = true)]
    pub(crate) plain_objects: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `leakstop stdin`
#[derive(Clone, Debug, Args)]
pub(crate) struct StdinArgs {
    /// The name the text goes by; its ending tells the kind of file
    #[arg(long, value_name = "NAME")]
    pub(crate) path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `leakstop baseline`
#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Accept all present findings in a new baseline
    Create(BaselineArgs),
    /// Accept present findings, keep labels and reasons, follow moved files
    Update(BaselineArgs),
    /// Drop entries that are no longer found
    Prune(BaselineArgs),
    /// Show what is found and not accepted, accepted and not found, or moved; exit with 1 if anything is
    Diff(BaselineArgs),
    /// Count entries by label and rule
    Stats(BaselineFile),
    /// Rewrite a detect-secrets baseline in leakstop's format, or the other way
    Convert(ConvertArgs),
    /// Merge three versions: a git merge driver for `%O %A %B`; the result goes to the second
    Merge {
        /// The common ancestor's file
        base: PathBuf,
        /// Ours; it is overwritten
        ours: PathBuf,
        /// Theirs
        theirs: PathBuf,
    },
}

/// What a baseline command scans.
#[derive(Clone, Debug, Args)]
pub(crate) struct BaselineArgs {
    /// Take findings of all of history, not only of the present tree
    #[arg(long)]
    pub(crate) history: bool,
    #[command(flatten)]
    pub(crate) scan: ScanArgs,
}

/// Which baseline.
#[derive(Clone, Debug, Args)]
pub(crate) struct BaselineFile {
    /// The file [default: .secrets.baseline at the repository root]
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
}

/// `leakstop baseline convert`
#[derive(Clone, Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The format to write
    #[arg(long, value_name = "FORMAT")]
    pub(crate) to: BaselineFormat,
    #[command(flatten)]
    pub(crate) scan: ScanArgs,
}

/// `leakstop rules`
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the rules: id, provider, name
    List(ListArgs),
    /// Show one rule, as `explain` does
    Show(ShowArgs),
    /// Try rules on credentials made up from their patterns, and on near misses
    Test(TestArgs),
    /// Check your own rules: do they load, hold their examples, find what their patterns describe?
    Check(CheckArgs),
}

/// `leakstop rules test`
#[derive(Clone, Debug, Args)]
pub(crate) struct TestArgs {
    /// Rules to try [default: all, those of the configuration included]
    #[arg(value_name = "RULE")]
    pub(crate) ids: Vec<String>,
    /// Make up N credentials for each rule; more find rarer faults
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) samples: usize,
    #[command(flatten)]
    pub(crate) source: RuleSource,
}

/// `leakstop rules check`
#[derive(Clone, Debug, Args)]
pub(crate) struct CheckArgs {
    /// A configuration or a file of rules [default: .leakstop.toml at the repository root]
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Make up N credentials for each rule; more find rarer faults
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) samples: usize,
}

/// Where rules besides the built-in ones come from.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RuleSource {
    /// Take in the rules of FILE [default: .leakstop.toml at the repository root]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Leave the repository's own rules and settings aside
    #[arg(long)]
    pub(crate) no_repo_config: bool,
}

impl RuleSource {
    /// The configuration that was chosen.
    pub(crate) fn choice(&self) -> Choice<'_> {
        Choice { named: self.config.as_ref(), ignored: self.no_repo_config }
    }
}

/// `leakstop rules list`
#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    /// Only rules of providers whose name holds NAME
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<String>,
    /// How the list is written: for people, for programs, or as a page
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) source: RuleSource,
}

/// How a rule or a line is told about.
#[derive(Clone, Debug, Args)]
pub(crate) struct Telling {
    /// How the answer is written
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ExplainFormat,
    #[command(flatten)]
    pub(crate) source: RuleSource,
}

/// `leakstop rules show`
#[derive(Clone, Debug, Args)]
pub(crate) struct ShowArgs {
    /// A rule's id
    #[arg(value_name = "RULE")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) telling: Telling,
}

/// `leakstop explain`
#[derive(Clone, Debug, Args)]
pub(crate) struct ExplainArgs {
    /// What ends the search before its time, if not a signal
    #[arg(skip)]
    pub(crate) stop: Option<Arc<AtomicBool>>,
    /// A finding's fingerprint (8 digits do), a rule's id, or a line of a file, as reports name them
    #[arg(value_name = "FINGERPRINT|RULE|PATH:LINE")]
    pub(crate) what: String,
    /// Findings accepted in FILE are not new [default: .secrets.baseline at the repository root]
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Look for a fingerprint in files that git ignores too, such as `.env`
    #[arg(long)]
    pub(crate) no_ignore: bool,
    #[command(flatten)]
    pub(crate) telling: Telling,
}

/// How `rules list` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// A rule a line
    Human,
    /// All that is known of each rule
    Json,
    /// A table for each provider
    Markdown,
}

/// How `explain` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    Human,
    /// For programs
    Json,
}

/// Formats of a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BaselineFormat {
    /// leakstop's own
    Native,
    /// That of detect-secrets 1.x
    DetectSecrets,
}

/// How sure a finding must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Proved by a checksum or structure
    Certain,
    /// A distinctive format, or a credential by name and value
    Likely,
    /// Entropy or context alone
    Possible,
}
