//! Opening repositories, and git's quirks in one place.
//!
//! In: a folder and what git put into the environment. Out: a [`Repository`] and facts about it. Nothing here
//! starts a process, opens a socket or writes.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice, ByteVec};

use super::index::Index;
pub use super::repository::Repository;
use super::{SkipReason, Skipped, SourceError};

/// Larger objects are not loaded.
const LARGEST: usize = 512 << 20;

/// The variables of git's environment that matter for finding a repository's data.
///
/// Only the command line reads the environment; it fills this in.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `GIT_DIR`.
    pub dir: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: the index that is about to be committed, not always the repository's own.
    pub index: Option<PathBuf>,
    /// `GIT_OBJECT_DIRECTORY` and `GIT_ALTERNATE_OBJECT_DIRECTORIES`: where a push in progress keeps its objects.
    pub objects: Vec<PathBuf>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<PathBuf>,
    /// Whether any variable is set that libgit2 must read by itself (object folders, work tree).
    pub from_env: bool,
}

/// Opens the repository that `dir` is in, searching upwards.
///
/// # Errors
/// [`SourceError::NotARepository`] where there is none, [`SourceError::Git`] where it cannot be read.
pub fn open(dir: &Path, environment: &Environment) -> Result<Repository, SourceError> {
    Repository::open(dir, environment)
}

/// Opens the repository whose own folder is `folder`, without asking where its work tree is.
///
/// # Errors
/// As for [`open`].
pub fn open_folder(folder: &Path) -> Result<Repository, SourceError> {
    Repository::open_folder(folder)
}

/// Opens such a repository to write in it, unless it is another user's: its settings say where.
///
/// # Errors
/// As for [`open`], and where it is another user's.
pub fn open_own(dir: &Path, environment: &Environment) -> Result<Repository, SourceError> {
    Repository::open_own(dir, environment)
}

/// The top of the work tree around `dir`, or the repository itself if it is bare; `None` where there is none.
///
/// It only looks for `.git`, so that files can be scanned in repositories that cannot be opened.
#[must_use]
pub fn root(dir: &Path, environment: &Environment) -> Option<PathBuf> {
    if environment.dir.is_some() {
        // Git runs hooks, and takes the work tree to begin, where it was started or told to.
        return Some(environment.work_tree.clone().unwrap_or_else(|| dir.to_path_buf()));
    }
    dir.ancestors().find(|dir| dir.join(".git").exists() || is_bare(dir)).map(|found| {
        match found.file_name() {
            // Started inside `.git` itself.
            Some(name) if name == ".git" => found.parent().unwrap_or(found).to_path_buf(),
            _ => found.to_path_buf(),
        }
    })
}

/// A path of git's, as the system's.
#[must_use]
pub fn as_path(path: &BStr) -> Cow<'_, Path> {
    path.to_path().map_or_else(|_| Cow::Owned(PathBuf::from(path.to_string())), Cow::Borrowed)
}

/// A path of the system's, `/`-separated as git's are.
#[must_use]
pub fn as_bytes(path: &Path) -> BString {
    let bytes = Vec::from_path_lossy(path);
    let bytes = if cfg!(windows) { Cow::Owned(bytes.replace(b"\\", b"/")) } else { bytes };
    BString::from(bytes.into_owned())
}

fn index_path(root: &Path, environment: &Environment) -> PathBuf {
    match (&environment.index, &environment.dir) {
        (Some(index), _) => index.clone(),
        (None, Some(dir)) => dir.join("index"),
        (None, None) => folder(root).join("index"),
    }
}

/// The paths in the index of the repository whose top is `root`; none where there is no index.
///
/// The repository need not be one that can be opened.
///
/// # Errors
/// An index that cannot be read.
pub fn tracked(root: &Path, environment: &Environment) -> Result<Vec<BString>, Skipped> {
    let path = index_path(root, environment);
    let told = |detail: String| Skipped {
        what: as_bytes(&path),
        reason: SkipReason::Unreadable,
        detail: format!("{detail}; ignored files that git tracks are not known"),
    };
    let index = match Index::open(&path) {
        Ok(Some(index)) => index,
        Ok(None) => return Err(told("an index of unknown form".into())),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(told(cause.to_string())),
    };
    Ok(index.entries.into_iter().map(|entry| entry.path).collect())
}

/// Which files git tracks that a sparse checkout leaves out of the work tree; none where there is no index.
pub fn not_checked_out(root: &Path, environment: &Environment) -> impl Fn(&[u8]) -> bool + use<> {
    let index = Index::open(&index_path(root, environment)).ok().flatten().unwrap_or_default();
    let out: Vec<BString> = index
        .entries
        .into_iter()
        .filter(|entry| entry.is_folder() || entry.is_skipped())
        .map(|entry| entry.path)
        .collect();
    move |path| {
        let is_in =
            |out: &BString| path == &out[..] || out.ends_with(b"/") && path.starts_with(out);
        out.iter().any(is_in)
    }
}

/// The folder that `.git` below `root` is or names.
pub(super) fn folder(root: &Path) -> PathBuf {
    let dot = root.join(".git");
    let text = if dot.is_file() { std::fs::read(&dot).unwrap_or_default() } else { Vec::new() };
    match text.strip_prefix(b"gitdir: ") {
        Some(named) => root.join(as_path(named.trim_end_with(|c| c == '\n' || c == '\r').into())),
        None => dot,
    }
}

/// Whether `dir` is itself a repository's folder, as bare ones are.
#[must_use]
pub fn is_bare(dir: &Path) -> bool {
    dir.join("HEAD").is_file() && dir.join("objects").is_dir() && dir.join("refs").is_dir()
}

/// The tree of the commit at HEAD; `None` before the first commit.
///
/// # Errors
/// A HEAD that names something that cannot be read.
pub fn head_tree(repository: &Repository) -> Result<Option<git2::Tree<'_>>, SourceError> {
    let tree = repository.head_commit()?.map(|commit| commit.tree()).transpose();
    tree.map_err(reading("HEAD"))
}

/// Whether HEAD's tree holds nothing at `path`.
#[must_use]
pub fn is_gone(repository: &Repository, path: &[u8]) -> bool {
    let tree = head_tree(repository).ok().flatten();
    tree.is_none_or(|tree| {
        let missing = |path: &[u8]| tree.get_path(&as_path(BStr::new(path))).is_err();
        missing(path) && missing(super::outermost(path))
    })
}

/// Adds what was being read to an error of libgit2's.
pub(super) fn reading(what: impl Into<String>) -> impl FnOnce(git2::Error) -> SourceError {
    |cause| SourceError::Git { what: what.into(), cause }
}

/// The note about an object that libgit2 cannot read.
pub(super) fn unread(id: git2::Oid, cause: &git2::Error) -> Skipped {
    Skipped {
        what: id.to_string().into(),
        reason: match cause.code() {
            git2::ErrorCode::NotFound => SkipReason::Missing,
            _ => SkipReason::Corrupt,
        },
        detail: cause.message().to_owned(),
    }
}

/// Reads an object, unless it is too large.
pub(super) fn load<'o>(
    odb: &'o git2::Odb<'_>,
    id: git2::Oid,
) -> Result<git2::OdbObject<'o>, Skipped> {
    let (size, _) = odb.read_header(id).map_err(|cause| unread(id, &cause))?;
    if size > LARGEST {
        return Err(Skipped {
            what: id.to_string().into(),
            reason: SkipReason::Unreadable,
            detail: "too large for memory".to_owned(),
        });
    }
    odb.read(id).map_err(|cause| unread(id, &cause))
}
