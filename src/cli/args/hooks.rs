//! Arguments of `leakstop hook` and `leakstop install`.
//!
//! In: arguments. Out: what is asked for.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Common, Sought, StagedArgs};

/// `leakstop hook`
#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Scan what the commit will add
    PreCommit(StagedArgs),
    /// Scan what a merge that commits by itself will add
    PreMergeCommit(StagedArgs),
    /// Scan the commits that a push adds to the remote, read from standard input as git writes them
    PrePush(PushArgs),
    /// Scan a commit message
    CommitMsg(MessageArgs),
    /// On a server: scan the commits that a push brings, before they are taken in
    PreReceive(Common),
    /// Scan what a coding agent is about to write, run or send, read from standard input as its hooks write it
    Agent(Sought),
}

/// `leakstop hook pre-push`
#[derive(Clone, Debug, Args)]
pub(crate) struct PushArgs {
    /// The remote's name, or its URL if it has none
    #[arg(value_name = "REMOTE")]
    pub(crate) remote: Option<OsString>,
    /// The remote's URL
    #[arg(value_name = "URL")]
    pub(crate) url: Option<OsString>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `leakstop hook commit-msg`
#[derive(Clone, Debug, Args)]
pub(crate) struct MessageArgs {
    /// The file that git keeps the message in
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `leakstop install`
#[derive(Clone, Debug, Args)]
pub(crate) struct InstallArgs {
    /// Which hook; may be given again [default: pre-commit and pre-push; in a bare repository pre-receive]
    #[arg(long = "hook", value_name = "NAME")]
    pub(crate) hooks: Vec<HookName>,
    /// Take leakstop out again, and put back what was there before
    #[arg(long)]
    pub(crate) uninstall: bool,
}

/// A hook that leakstop can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HookName {
    /// Before each commit
    PreCommit,
    /// Before each merge that commits by itself
    PreMergeCommit,
    /// Before each push: sees what no other hook on this side sees
    PrePush,
    /// On each commit message
    CommitMsg,
    /// On a server, before a push is taken in
    PreReceive,
}

impl HookName {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::PreCommit, Self::PreMergeCommit, Self::PrePush, Self::CommitMsg, Self::PreReceive];

    /// The name git knows it by.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::PrePush => "pre-push",
            Self::CommitMsg => "commit-msg",
            Self::PreReceive => "pre-receive",
        }
    }

    /// Whether git tells it on standard input what happens.
    pub(crate) const fn reads(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive)
    }
}
