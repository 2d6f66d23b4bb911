//! Arguments of `leakstop serve`.
//!
//! In: arguments. Out: what is asked for.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{Level, RuleSource};
use crate::detect::spec::Confidence;
use crate::engine::settings::Wishes;

/// `leakstop serve`
#[derive(Clone, Debug, Args)]
#[command(group(ArgGroup::new("protocol").required(true).args(["stdio", "lsp"])))]
pub(crate) struct ServeArgs {
    /// Speak MCP on standard input and output, for coding agents
    #[arg(long)]
    pub(crate) stdio: bool,
    /// Speak LSP on standard input and output, for editors
    #[arg(long)]
    pub(crate) lsp: bool,
    #[command(flatten)]
    pub(crate) sought: Sought,
}

/// What is looked for, by those who answer others than people.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Sought {
    /// Findings accepted in FILE are not new [default: .secrets.baseline at the repository root]
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Report findings at least this sure [default: likely]
    #[arg(long, value_name = "LEVEL")]
    pub(crate) min_confidence: Option<Level>,
    #[command(flatten)]
    pub(crate) source: RuleSource,
}

impl Sought {
    /// The same as wishes.
    pub(crate) fn wishes(&self) -> Wishes {
        Wishes {
            config: self.source.config.clone(),
            no_repo_config: self.source.no_repo_config,
            baseline: self.baseline.clone(),
            least: self.min_confidence.map(Confidence::from),
            ..Wishes::default()
        }
    }
}
