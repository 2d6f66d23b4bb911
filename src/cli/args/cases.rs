//! Arguments of the commands that work on findings one by one.

use std::path::PathBuf;

use clap::Args;

use super::{Level, RuleSource};

/// Which findings there are.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CaseArgs {
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
    /// The finding's fingerprint, as reports name it; the first 8 digits do
    #[arg(value_name = "FINGERPRINT")]
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
