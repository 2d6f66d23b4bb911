//! Files and folders as they lie on disk.
//!
//! In: paths. Out: one blob for each regular file below them. Inside a repository files that git ignores are
//! left out, but not those it tracks all the same; `.git` itself is never entered. Symbolic links are not
//! followed. Files are read, never mapped: they may change under us.

use std::collections::BTreeSet;
use std::fs::{File, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bstr::{BString, ByteSlice};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::paths::Paths;
use super::{Blob, Content, Origin, SkipReason, Skipped, SourceError, Visitor};

/// What to walk, and how.
#[derive(Debug)]
pub struct Worktree {
    /// Files and folders to scan.
    pub targets: Vec<PathBuf>,
    /// The folder that reported paths are relative to, absolute.
    pub root: PathBuf,
    /// Whether files that git ignores are left out.
    pub honour_ignores: bool,
    /// Paths to leave out.
    pub exclude: Paths,
    /// Worker threads; 0 for as many as there are processors.
    pub threads: usize,
    /// Paths that git tracks below the root, so that an ignored but tracked file is scanned; or why
    /// they are not known.
    pub tracked: Result<Vec<BString>, Skipped>,
}

impl Worktree {
    /// Walks all targets.
    ///
    /// # Errors
    /// A target that does not exist or cannot be read.
    pub fn read(&self, visitor: &dyn Visitor) -> Result<(), SourceError> {
        if let Err(skipped) = &self.tracked {
            visitor.skip(skipped.clone());
        }
        for target in &self.targets {
            let kind = std::fs::symlink_metadata(target)
                .map_err(|cause| SourceError::Io { path: target.clone(), cause })?
                .file_type();
            // A link that the user names is what the user wants scanned.
            let kind = if kind.is_symlink() {
                std::fs::metadata(target)
                    .map_err(|cause| SourceError::Io { path: target.clone(), cause })?
                    .file_type()
            } else {
                kind
            };
            if kind.is_dir() {
                self.walk(target, visitor);
            } else if kind.is_file() || is_pipe(kind) {
                // So is a pipe, `/dev/stdin` or `<(…)`; one that the walk comes upon may never end.
                self.open(target, visitor);
            } else {
                let cause = io::Error::other("a device or socket, which is not read");
                return Err(SourceError::Io { path: target.clone(), cause });
            }
        }
        Ok(())
    }

    fn walk(&self, folder: &Path, visitor: &dyn Visitor) {
        let seen = Mutex::new(BTreeSet::new());
        let keep_seen = self.honour_ignores && !self.tracked().is_empty();
        WalkBuilder::new(folder)
            .hidden(false)
            .parents(self.honour_ignores)
            .ignore(false)
            .git_ignore(self.honour_ignores)
            .git_global(self.honour_ignores)
            .git_exclude(self.honour_ignores)
            .threads(self.threads)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build_parallel()
            .run(|| {
                let mut mine = Mine { all: &seen, own: BTreeSet::new() };
                Box::new(move |entry| {
                    if visitor.stopped() {
                        return WalkState::Quit;
                    }
                    match entry {
                        Ok(entry) => {
                            if keep_seen {
                                mine.own.insert(self.relative(entry.path()));
                            }
                            self.entry(&entry, visitor)
                        }
                        Err(fault) => {
                            visitor.skip(self.unreadable(&fault));
                            WalkState::Continue
                        }
                    }
                })
            });
        if keep_seen {
            self.tracked_but_ignored(
                folder,
                &seen.into_inner().expect("no walker panics"),
                visitor,
            );
        }
    }

    fn entry(&self, entry: &DirEntry, visitor: &dyn Visitor) -> WalkState {
        let Some(kind) = entry.file_type() else { return WalkState::Continue };
        if kind.is_dir() {
            if entry.depth() > 0 && super::git::is_bare(entry.path()) {
                visitor.skip(packed(self.relative(entry.path())));
            }
            let leave = entry.depth() > 0 && self.is_excluded(&self.relative(entry.path()));
            if leave {
                visitor.exclude();
            }
            return if leave { WalkState::Skip } else { WalkState::Continue };
        }
        if !kind.is_symlink() && !is_object(entry.path()) {
            self.file(entry.path(), kind, visitor);
        }
        WalkState::Continue
    }

    /// Scans files below `folder` that git tracks and the walk has passed over as ignored.
    fn tracked_but_ignored(&self, folder: &Path, seen: &BTreeSet<BString>, visitor: &dyn Visitor) {
        let mut below = self.relative(folder);
        if !below.is_empty() {
            below.push(b'/');
        }
        for path in self.tracked().iter().filter(|p| p.starts_with(&below) && !seen.contains(*p)) {
            let full = self.root.join(super::git::as_path(path.as_bstr()));
            if let Ok(found) = std::fs::symlink_metadata(&full)
                && found.is_file()
            {
                self.file(&full, found.file_type(), visitor);
            }
        }
    }

    fn unreadable(&self, fault: &ignore::Error) -> Skipped {
        let (path, detail) = unreadable(fault);
        let what = path.map_or_else(|| BString::from("."), |path| self.relative(path));
        Skipped { what, reason: SkipReason::Unreadable, detail }
    }

    fn file(&self, path: &Path, kind: FileType, visitor: &dyn Visitor) {
        if kind.is_file() {
            return self.open(path, visitor);
        }
        let what = self.relative(path);
        if self.is_excluded(&what) {
            return visitor.exclude();
        }
        let detail = "no regular file: a FIFO, socket or device".to_owned();
        visitor.skip(Skipped { what, reason: SkipReason::Special, detail });
    }

    fn open(&self, path: &Path, visitor: &dyn Visitor) {
        let name = self.relative(path);
        if self.is_excluded(&name) {
            return visitor.exclude();
        }
        match File::open(path) {
            Ok(mut file) => {
                let origin = Origin { path: Some(name), ..Origin::default() };
                visitor.blob(Blob { origin, content: Content::Stream(&mut file), before: None });
            }
            Err(cause) => {
                visitor.skip(Skipped {
                    what: name,
                    reason: SkipReason::Unreadable,
                    detail: cause.to_string(),
                });
            }
        }
    }

    fn tracked(&self) -> &[BString] {
        self.tracked.as_deref().unwrap_or_default()
    }

    fn is_excluded(&self, name: &BString) -> bool {
        !self.exclude.is_empty() && self.exclude.is_match(name)
    }

    /// A path below the root, `/`-separated; the path itself where it is not below it.
    fn relative(&self, path: &Path) -> BString {
        let inner = path.strip_prefix(&self.root).unwrap_or(path);
        let inner = inner.strip_prefix("./").unwrap_or(inner);
        super::git::as_bytes(inner)
    }
}

/// The paths one walker has seen; joined with the others' when it is done.
struct Mine<'a> {
    all: &'a Mutex<BTreeSet<BString>>,
    own: BTreeSet<BString>,
}

impl Drop for Mine<'_> {
    fn drop(&mut self) {
        if let Ok(mut all) = self.all.lock() {
            all.append(&mut self.own);
        }
    }
}

/// The note about a bare repository among files: what it holds is compressed.
#[must_use]
pub fn packed(what: BString) -> Skipped {
    let detail = "a bare repository; `leakstop -C … history` reads its objects".to_owned();
    Skipped { what, reason: SkipReason::Packed, detail }
}

/// Whether `path` is that of a loose object of a bare repository, `objects/01/23…`: its history holds it, and the
/// receipt names the repository.
fn is_object(path: &Path) -> bool {
    let hex = |path: Option<&Path>, lengths: &[usize]| {
        let name = path.and_then(Path::file_name).map(std::ffi::OsStr::as_encoded_bytes);
        name.is_some_and(|name| {
            lengths.contains(&name.len()) && name.iter().all(u8::is_ascii_hexdigit)
        })
    };
    let mut above = path.ancestors();
    hex(above.next(), &[38, 62])
        && hex(above.next(), &[2])
        && above.next().is_some_and(|store| store.ends_with("objects"))
        && above.next().is_some_and(super::git::is_bare)
}

/// Whether it is a named pipe, which only Unix has among files.
fn is_pipe(kind: FileType) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::FileTypeExt::is_fifo(&kind);
    #[cfg(not(unix))]
    return false;
}

/// The path that an error is about, and what it says.
fn unreadable(fault: &ignore::Error) -> (Option<&Path>, String) {
    let mut inner = fault;
    let path = loop {
        inner = match inner {
            ignore::Error::WithPath { path, .. } => break Some(path.as_path()),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break None,
        }
    };
    (path, fault.io_error().map_or_else(|| inner.to_string(), io::Error::to_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_named_however_deep_the_error() {
        let err = Box::new(ignore::Error::Io(io::ErrorKind::PermissionDenied.into()));
        let err = Box::new(ignore::Error::WithPath { path: "a/b".into(), err });
        let fault = ignore::Error::WithDepth { depth: 2, err };
        assert_eq!(unreadable(&fault), (Some(Path::new("a/b")), "permission denied".to_owned()));
    }
}
