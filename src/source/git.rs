//! Opening repositories, and git's quirks in one place.
//!
//! In: a folder and what git put into the environment. Out: a [`git2::Repository`] and facts about
//! it. Nothing here starts a process, opens a socket or writes.

use std::path::{Path, PathBuf};

use super::SourceError;

/// The variables of git's environment that matter for finding a repository's data.
///
/// Only the command line reads the environment; it fills this in.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `GIT_DIR`.
    pub dir: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: the index that is about to be committed, not always the repository's own.
    pub index: Option<PathBuf>,
    /// Whether any variable is set that libgit2 must read by itself (object folders, work tree).
    pub from_env: bool,
}

/// Opens the repository that `dir` is in, searching upwards.
///
/// # Errors
/// [`SourceError::NotARepository`] where there is none, [`SourceError::Git`] where it cannot be read.
pub fn open(dir: &Path, environment: &Environment) -> Result<git2::Repository, SourceError> {
    let opened = if environment.from_env {
        git2::Repository::open_from_env()
    } else {
        git2::Repository::open_ext(
            dir,
            git2::RepositoryOpenFlags::empty(),
            std::iter::empty::<&std::ffi::OsStr>(),
        )
    };
    opened.map_err(|cause| match cause.code() {
        git2::ErrorCode::NotFound => SourceError::NotARepository(dir.to_path_buf()),
        _ => SourceError::Git { what: dir.display().to_string(), cause },
    })
}
