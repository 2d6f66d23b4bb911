//! What can be wrong with a baseline file.
//!
//! Every message says what is wrong and what to do; [`BaselineError`] adds the file's name. None
//! holds anything of a value, since baselines hold digests only.

use std::io;
use std::path::{Path, PathBuf};

/// A file that cannot be read or written as a baseline.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct BaselineError {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such file.
    #[error("no such file; write one with `leakstop baseline create`, or pass --no-baseline")]
    Missing,
    /// The system refuses.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Somebody else has written it since it was read.
    #[error("it has changed since it was read, so nothing was written; run the command again")]
    Changed,
    /// A folder, pipe or device.
    #[error("not a regular file")]
    Special,
    /// Too large to be a baseline.
    #[error("larger than {} MiB; a baseline is not", .0 >> 20)]
    Large(u64),
    /// The file is a symbolic link to a place that should not be written.
    #[error("links to {}, outside the repository; pass that path with --baseline", .0.display())]
    Outside(PathBuf),
    /// A merge left its markers.
    #[error(
        "line {0}: unresolved merge conflict; take one side, then run `leakstop baseline update` \
         (the merge driver `leakstop baseline merge %O %A %B` avoids this)"
    )]
    Unmerged(usize),
    /// No JSON.
    #[error(
        "no valid JSON: {0}; restore the file from git, or remove it and write it anew with `leakstop baseline create`"
    )]
    Syntax(String),
    /// JSON, but of neither format.
    #[error(
        "no baseline: the file has neither \"entries\" (leakstop) nor \"results\" (detect-secrets)"
    )]
    Unknown,
    /// A value is missing or of the wrong kind.
    #[error("{place}: {problem}")]
    Shape {
        /// Where in the document.
        place: String,
        /// What is wrong there, and what should be.
        problem: String,
    },
    /// Written by a later leakstop.
    #[error("baseline version {0} is newer than this leakstop reads (1); upgrade leakstop")]
    Newer(u64),
    /// The system has no random numbers to give.
    #[error("no random salt: {0}")]
    Random(getrandom::Error),
    /// A merge of the two formats.
    #[error(
        "the versions to merge are of different formats; convert one with `leakstop baseline convert`"
    )]
    Formats,
    /// A merge of two files that were created apart.
    #[error(
        "the versions to merge have different salts, so their digests cannot be compared; take one \
         and run `leakstop baseline update`"
    )]
    Salts,
    /// Both sides changed the same thing in different ways.
    #[error("both sides changed {}; decide by hand", .0.join("; "))]
    Conflict(Vec<String>),
}

impl Fault {
    /// Adds the file's name.
    #[must_use]
    pub fn at(self, path: &Path) -> BaselineError {
        BaselineError { path: path.to_owned(), fault: self }
    }

    /// A fault at a place in the document.
    pub(super) fn shape(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Shape { place: place.into(), problem: problem.into() }
    }
}
