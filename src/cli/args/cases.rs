//! Arguments of the commands that work on findings one by one.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::{Args, ValueEnum};

use super::{Level, RuleSource};

/// Which findings there are.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CaseArgs {
    /// What ends the search before its time, if not a signal
    #[arg(skip)]
    pub(crate) stop: Option<Arc<AtomicBool>>,
    /// Findings accepted in FILE are not new [default: .secrets.baseline at the repository root]
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: RuleSource,
    /// Take findings at least this sure [default: likely]
    #[arg(long, value_name = "LEVEL")]
    pub(crate) min_confidence: Option<Level>,
    /// Leave the history out: only the files on disk, which takes less time
    #[arg(long)]
    pub(crate) no_history: bool,
    /// Read files that git ignores too, such as `.env`
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Show no progress on standard error
    #[arg(long)]
    pub(crate) no_progress: bool,
}

/// `leakstop incident`
#[derive(Clone, Debug, Args)]
pub(crate) struct IncidentArgs {
    /// The finding's fingerprint, as JSON reports name it (8 digits do), or its line on disk
    #[arg(value_name = "FINGERPRINT|PATH:LINE")]
    pub(crate) fingerprint: String,
    /// Write what `git filter-repo --replace-text` needs to FILE, readable by you alone. It holds the secret
    #[arg(long, value_name = "FILE", requires = "show_secrets")]
    pub(crate) replace_text: Option<PathBuf>,
    /// Allow the secret to be written, to the file named by --replace-text and nowhere else
    #[arg(long, requires = "replace_text")]
    pub(crate) show_secrets: bool,
    #[command(flatten)]
    pub(crate) cases: CaseArgs,
}

/// `leakstop doctor`
#[derive(Clone, Debug, Args)]
pub(crate) struct DoctorArgs {
    /// How the checks are written: for people, for programs, or as a list to paste
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: DoctorFormat,
    #[command(flatten)]
    pub(crate) cases: CaseArgs,
}

/// How `doctor` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// For people
    Human,
    /// For programs
    Json,
    /// A checklist
    Markdown,
}

/// `leakstop audit`
#[derive(Clone, Debug, Args)]
pub(crate) struct AuditArgs {
    /// Label these findings instead of asking; without any, all that nobody has looked at
    #[arg(value_name = "FINGERPRINT|PATH:LINE", requires = "label")]
    pub(crate) fingerprints: Vec<String>,
    /// Label findings without a terminal; the whole value, wherever it stands
    #[arg(long, value_name = "LABEL", requires = "reason")]
    pub(crate) label: Option<LabelName>,
    /// Why, for whoever reads the baseline
    #[arg(long, value_name = "TEXT", requires = "label")]
    pub(crate) reason: Option<String>,
    /// Who answers for it
    #[arg(long, value_name = "NAME", requires = "label")]
    pub(crate) owner: Option<String>,
    /// The last day on which the label counts (`2030-12-31`)
    #[arg(long, value_name = "DATE", requires = "label")]
    pub(crate) expires: Option<String>,
    /// Change nothing; exit with 1 if there is a finding that nobody has looked at, for CI
    #[arg(long, conflicts_with = "label")]
    pub(crate) fail_on_unaudited: bool,
    #[command(flatten)]
    pub(crate) cases: CaseArgs,
}

/// What a reviewer says a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LabelName {
    /// A live credential; the baseline says `accepted`, and `rotate` lists it
    Real,
    /// No credential
    #[value(alias = "false-positive")]
    False,
    /// A dummy in a test or an example
    Test,
    /// A credential that has been revoked
    Rotated,
}

/// `leakstop rotate`
#[derive(Clone, Debug, Args)]
pub(crate) struct RotateArgs {
    /// Tick secrets off: label all findings of their values `rotated` in the baseline
    #[arg(long, value_name = "FINGERPRINT|PATH:LINE", num_args = 1..)]
    pub(crate) done: Vec<String>,
    /// What to say beside the label
    #[arg(long, value_name = "TEXT", requires = "done", default_value = "rotated")]
    pub(crate) reason: String,
    /// How the list is written
    #[arg(long, value_name = "FORMAT", default_value = "markdown")]
    pub(crate) format: RotateFormat,
    #[command(flatten)]
    pub(crate) cases: CaseArgs,
}

/// How `rotate` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RotateFormat {
    /// A to-do list
    Markdown,
    /// A table, for a spreadsheet
    Csv,
    /// For programs
    Json,
}

/// `leakstop fix`
#[derive(Clone, Debug, Args)]
pub(crate) struct FixArgs {
    /// The secret's file and line, as reports name them
    #[arg(value_name = "PATH:LINE")]
    pub(crate) place: String,
    /// Where the value is to be kept
    #[arg(long, value_name = "STORE")]
    pub(crate) to: StoreName,
    /// What to call it [default: what the line calls it]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Write without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Only show what would change; exit with 1 if anything would
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) source: RuleSource,
}

/// Where values are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreName {
    /// The environment
    Env,
    /// Vault
    Vault,
    /// AWS Secrets Manager
    Aws,
    /// Google Secret Manager
    Gcp,
    /// Azure Key Vault
    Azure,
    /// A Kubernetes secret
    K8s,
}
