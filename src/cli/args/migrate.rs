//! Arguments of `leakstop migrate`.
//!
//! In: arguments. Out: what is asked for.

use std::path::PathBuf;

use clap::Args;

/// `leakstop migrate`
#[derive(Clone, Debug, Args)]
pub(crate) struct MigrateArgs {
    /// Settings, ignore files, rules and reports of other scanners [default: those at the repository root]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Write the settings to FILE, to look at them before they count [default: .leakstop.toml at the repository root]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write nothing; print the settings and tell what would be done
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
}
