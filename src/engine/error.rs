//! Why a scan cannot start or go on.
//!
//! In: what the stages say. Out: one [`Error`], with the same words.

use std::path::{Path, PathBuf};

use crate::detect::rules::RuleError;
use crate::source::SourceError;
use crate::verdict::baseline::BaselineError;
use crate::verdict::policy::PolicyError;

/// Why a scan cannot start or go on: wrong settings, no repository, a path that cannot be read.
///
/// What goes wrong with one of many inputs is no error but an entry of the receipt's `skipped`.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Fault>);

/// Where it comes from.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Rules(#[from] RuleError),
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    #[error("{}: {cause}", path.display())]
    Io { path: PathBuf, cause: std::io::Error },
    #[error("{0}")]
    Settings(String),
}

impl<F: Into<Fault>> From<F> for Error {
    fn from(fault: F) -> Self {
        Self(Box::new(fault.into()))
    }
}

impl Error {
    /// Settings that are wrong, in words.
    pub(crate) fn settings(told: impl Into<String>) -> Self {
        Fault::Settings(told.into()).into()
    }

    /// What the system says of a path.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |cause| Fault::Io { path, cause }.into()
    }
}
