//! A repository, with its refs wherever they are kept.
//!
//! In: a folder. Out: a [`Repository`], which is libgit2's, but for refs that libgit2 does not read and formats that it
//! reads without knowing. Opening executes nothing, so it does not matter who owns the folder.

use std::cell::OnceCell;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Once;

use bstr::{BStr, BString};

use super::git::Environment;
use super::reftable::{self, Refs, Target};
use super::{ObjectId, Skipped, SourceError};

/// Extensions of the format that change nothing about what leakstop reads, or that it reads by itself.
const KNOWN: [&str; 8] = [
    "noop",
    "noop-v1",
    "objectformat",
    "partialclone",
    "preciousobjects",
    "refstorage",
    "relativeworktrees",
    "worktreeconfig",
];

/// A ref, and the object it leads to; or what is broken about it.
pub(super) type Tip = (BString, Result<ObjectId, String>);

/// An open repository.
pub struct Repository {
    inner: git2::Repository,
    /// Refs that are kept in tables.
    tables: Option<Refs>,
    /// All refs, once they were listed: there may be thousands, and an audit asks more than once.
    tips: OnceCell<Vec<Tip>>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Repository").field(&self.inner.path()).finish()
    }
}

impl Deref for Repository {
    type Target = git2::Repository;

    fn deref(&self) -> &git2::Repository {
        &self.inner
    }
}

impl DerefMut for Repository {
    fn deref_mut(&mut self) -> &mut git2::Repository {
        &mut self.inner
    }
}

/// Tells libgit2 once which formats are read here.
#[expect(unsafe_code, reason = "libgit2 keeps its settings in plain variables")]
fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: they are set once, before the first repository is opened, and all threads that open one wait here.
        // Failure leaves the stricter setting in place.
        let _ = unsafe { git2::opts::set_extensions(&KNOWN) };
    });
}

/// Tells libgit2 once not to ask who owns a repository: git asks because it may be made to run something.
#[expect(unsafe_code, reason = "libgit2 keeps its settings in plain variables")]
fn trust_any_owner() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: as above.
        let _ = unsafe { git2::opts::set_verify_owner_validation(false) };
    });
}

impl Repository {
    /// Opens the repository that `dir` is in, searching upwards, whoever owns it.
    pub(super) fn open(dir: &Path, environment: &Environment) -> Result<Self, SourceError> {
        prepare();
        trust_any_owner();
        Self::open_own(dir, environment)
    }

    /// Opens such a repository unless it is another user's; not to be called after the other.
    pub(super) fn open_own(dir: &Path, environment: &Environment) -> Result<Self, SourceError> {
        prepare();
        let opened = if environment.from_env {
            git2::Repository::open_from_env()
        } else {
            git2::Repository::open_ext(
                dir,
                git2::RepositoryOpenFlags::empty(),
                std::iter::empty::<&std::ffi::OsStr>(),
            )
        };
        Self::of(opened, dir)
    }

    /// Opens the repository whose own folder is `folder`, without asking where its work tree is.
    pub(super) fn open_folder(folder: &Path) -> Result<Self, SourceError> {
        prepare();
        trust_any_owner();
        let flags = git2::RepositoryOpenFlags::BARE | git2::RepositoryOpenFlags::NO_SEARCH;
        let none = std::iter::empty::<&std::ffi::OsStr>();
        Self::of(git2::Repository::open_ext(folder, flags, none), folder)
    }

    fn of(opened: Result<git2::Repository, git2::Error>, dir: &Path) -> Result<Self, SourceError> {
        let inner = opened.map_err(|cause| match cause.code() {
            git2::ErrorCode::NotFound => SourceError::NotARepository(dir.to_path_buf()),
            git2::ErrorCode::Owner => SourceError::Broken(format!(
                "{}: it belongs to another user, whose settings may say where hooks are written; add it to \
                 safe.directory with `git config --global` if they are to be trusted",
                dir.display()
            )),
            _ if cause.message().contains(".gitconfig") => SourceError::Broken(format!(
                "{}: {}; set HOME to a folder that you may read",
                dir.display(),
                cause.message()
            )),
            _ => SourceError::Git { what: dir.display().to_string(), cause },
        })?;
        let in_tables = storage(&inner)? == Storage::Tables;
        let format = inner.object_format().into();
        let tables = in_tables.then(|| Refs::read(inner.path(), inner.commondir(), format));
        Ok(Self { inner, tables, tips: OnceCell::new() })
    }

    /// All refs as they were when they were first asked for, sorted by name.
    ///
    /// # Errors
    /// A list of refs that cannot be read.
    pub(super) fn tips(&self) -> Result<&[Tip], git2::Error> {
        if let Some(tips) = self.tips.get() {
            return Ok(tips);
        }
        let tips = self.list()?;
        Ok(self.tips.get_or_init(|| tips))
    }

    fn list(&self) -> Result<Vec<Tip>, git2::Error> {
        if let Some(tables) = &self.tables {
            let named = tables.each().map(|(name, id)| (name.clone(), id.map_err(str::to_owned)));
            return Ok(named.collect());
        }
        let mut tips = Vec::new();
        for reference in self.inner.references()? {
            let reference = reference?;
            // To resolve a direct one, libgit2 would look it up again.
            let direct = || reference.resolve().map(|direct| direct.target());
            let id = match reference.target().map_or_else(direct, |id| Ok(Some(id))) {
                Ok(Some(id)) => Ok(id.into()),
                Ok(None) => Err("it points at no object".to_owned()),
                Err(cause) => Err(cause.message().to_owned()),
            };
            tips.push((reference.name_bytes().into(), id));
        }
        tips.sort();
        Ok(tips)
    }

    /// The commits that refs whose names start with `prefix` lead to.
    ///
    /// # Errors
    /// A list of refs that cannot be read.
    pub(super) fn commits(&self, prefix: &str) -> Result<Vec<git2::Oid>, git2::Error> {
        let named = self.tips()?.iter().filter(|(name, _)| name.starts_with(prefix.as_bytes()));
        let found = |id: ObjectId| self.inner.find_object(id.into(), None).ok();
        let objects = named.filter_map(|(_, id)| found(*id.as_ref().ok()?));
        Ok(objects.filter_map(|object| Some(object.peel_to_commit().ok()?.id())).collect())
    }

    /// Whether each ref is a file.
    pub(super) const fn keeps_files(&self) -> bool {
        self.tables.is_none()
    }

    /// What could not be read of the refs; more may have stood there.
    #[must_use]
    pub fn unread(&self) -> &[Skipped] {
        self.tables.as_ref().map_or(&[], |tables| &tables.skipped)
    }

    /// All logs of refs that are kept in tables; `None` where they are in files.
    pub(super) fn logs(&self, skipped: &mut Vec<Skipped>) -> Option<Vec<reftable::Log>> {
        let format = self.inner.object_format().into();
        self.tables.as_ref().map(|_| reftable::logs(self.inner.commondir(), format, skipped))
    }

    /// The commit at HEAD; `None` before the first one.
    ///
    /// # Errors
    /// A HEAD that names something that cannot be read.
    pub fn head_commit(&self) -> Result<Option<git2::Commit<'_>>, SourceError> {
        let failed = |cause| SourceError::Git { what: "HEAD".to_owned(), cause };
        if let Some(tables) = &self.tables {
            return match tables.resolve(BStr::new("HEAD")) {
                Some(id) => self.inner.find_commit(id.into()).map(Some).map_err(failed),
                None if tables.get("HEAD").is_some() && tables.skipped.is_empty() => Ok(None),
                None => Err(SourceError::Broken("HEAD: the tables do not tell what it is".into())),
            };
        }
        match self.inner.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => Ok(Some(commit)),
            Err(cause) if cause.code() == git2::ErrorCode::UnbornBranch => Ok(None),
            Err(cause) => Err(failed(cause)),
        }
    }

    /// Whether HEAD is a commit and no branch.
    pub(super) fn is_detached(&self) -> bool {
        match &self.tables {
            Some(tables) => matches!(tables.get("HEAD"), Some(Target::Object(_))),
            None => self.inner.head_detached().unwrap_or(false),
        }
    }

    /// The object that a revision names.
    ///
    /// # Errors
    /// One that names nothing.
    pub fn revparse_single(&self, name: &str) -> Result<git2::Object<'_>, git2::Error> {
        if let Some(tables) = &self.tables {
            let end = name.find(['^', '~', ':']).unwrap_or(name.len());
            let end = name.find("@{").map_or(end, |at| at.min(end));
            let (start, rest) = name.split_at(end);
            if let Some(id) = tables.named(start) {
                return self.inner.revparse_single(&format!("{id}{rest}"));
            }
        }
        self.inner.revparse_single(name)
    }
}

/// Where refs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Storage {
    Files,
    Tables,
}

/// Reads where refs are kept, and refuses repositories whose format is not known; libgit2 lets some of them pass.
fn storage(repo: &git2::Repository) -> Result<Storage, SourceError> {
    let folder = repo.commondir();
    let path = folder.join("config");
    let mut storage = Storage::Files;
    if !path.exists() {
        return Ok(storage);
    }
    let failed = |cause| SourceError::Git { what: path.display().to_string(), cause };
    let config = git2::Config::open(&path).map_err(failed)?;
    let mut entries = config.entries(Some("^extensions\\.")).map_err(failed)?;
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(failed)?;
        let name = String::from_utf8_lossy(entry.name_bytes()).to_lowercase();
        let key = name.trim_start_matches("extensions.");
        let value = entry.value_bytes();
        let known = match key {
            "objectformat" => value == repo.object_format().str().as_bytes(),
            "refstorage" => {
                storage = if value == b"reftable" { Storage::Tables } else { Storage::Files };
                matches!(value, b"reftable" | b"files")
            }
            _ => KNOWN.contains(&key),
        };
        if !known {
            let value = String::from_utf8_lossy(value).into_owned();
            return Err(SourceError::Broken(format!(
                "{}: this repository needs extensions.{key} = {value}, which leakstop cannot read",
                folder.display()
            )));
        }
    }
    Ok(storage)
}
