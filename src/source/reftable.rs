//! Refs that are kept in tables (`extensions.refStorage = reftable`).
//!
//! In: a repository's folders. Out: all its [`Refs`] and their logs, of later tables rather than earlier ones; a note
//! for each table that cannot be read, since what it sets is then not known.

mod table;

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};

use self::table::Table;
use super::pack::Fault;
use super::{Format, ObjectId, Skipped, git};

pub(super) use self::table::{Entry, Target};

/// A larger table is not read.
const LARGEST: u64 = 256 << 20;
/// How often a stack is read anew that someone else changes meanwhile.
const TRIES: usize = 5;
/// Refs that lead to refs are not followed further; git stops here too.
const DEEPEST: usize = 5;

/// Refs of a repository, as tables tell them.
#[derive(Debug, Default)]
pub(super) struct Refs {
    /// By name.
    refs: BTreeMap<BString, Target>,
    /// What could not be read.
    pub(super) skipped: Vec<Skipped>,
}

/// A log entry, with the name of its ref.
pub(super) type Log = (BString, Entry);

impl Refs {
    /// Reads the refs of the repository at `folder`, whose other work trees share `common` with it.
    pub(super) fn read(folder: &Path, common: &Path, format: Format) -> Self {
        let mut all = Self::default();
        let shared = Stack::read(&common.join("reftable"), format, &mut all.skipped);
        all.refs = shared.refs;
        if folder != common {
            let own = Stack::read(&folder.join("reftable"), format, &mut all.skipped);
            all.refs.retain(|name, _| !is_own(name.as_bstr()));
            all.refs.extend(own.refs);
        }
        all
    }

    /// The names of all refs, and what they lead to; what is broken about one that leads nowhere.
    pub(super) fn each(&self) -> impl Iterator<Item = (&BString, Result<ObjectId, &'static str>)> {
        let names = self.refs.keys().filter(|name| name.starts_with(b"refs/"));
        names.map(|name| (name, self.resolve(name.as_bstr()).ok_or("it leads to no object")))
    }

    /// The object that a ref leads to.
    pub(super) fn resolve(&self, name: &BStr) -> Option<ObjectId> {
        let mut target = self.refs.get(name)?;
        for _ in 0..DEEPEST {
            match target {
                Target::Object(id) => return Some(*id),
                Target::Ref(name) => target = self.refs.get(name)?,
            }
        }
        None
    }

    /// What a ref is set to.
    pub(super) fn get(&self, name: &str) -> Option<&Target> {
        self.refs.get(BStr::new(name))
    }

    /// The object that a user means by a short or full name of a ref, by git's own order.
    pub(super) fn named(&self, name: &str) -> Option<ObjectId> {
        let name = if name == "@" { "HEAD" } else { name };
        let places = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
        let full = places.iter().map(|place| format!("{place}{name}"));
        let full = full.chain([format!("refs/remotes/{name}/HEAD")]);
        full.into_iter().find_map(|full| self.resolve(BStr::new(&full)))
    }
}

/// All logs of the repository whose work trees share `common`, and those of the work trees' own refs.
pub(super) fn logs(common: &Path, format: Format, skipped: &mut Vec<Skipped>) -> Vec<Log> {
    let mut stacks = vec![common.join("reftable")];
    if let Ok(entries) = std::fs::read_dir(common.join("worktrees")) {
        let mut others: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path().join("reftable")).collect();
        others.sort();
        stacks.extend(others);
    }
    let read = stacks.iter().map(|folder| Stack::read(folder, format, skipped).logs);
    read.flat_map(BTreeMap::into_iter).map(|((name, _), entry)| (name, entry)).collect()
}

/// Whether each work tree has a ref of this name of its own.
fn is_own(name: &BStr) -> bool {
    let shared = name.starts_with(b"refs/")
        && !["refs/bisect/", "refs/worktree/", "refs/rewritten/"]
            .iter()
            .any(|own| name.starts_with(own.as_bytes()));
    !shared
}

/// The tables of a folder put together.
#[derive(Debug, Default)]
struct Stack {
    refs: BTreeMap<BString, Target>,
    logs: BTreeMap<(BString, u64), Entry>,
}

impl Stack {
    fn read(folder: &Path, format: Format, skipped: &mut Vec<Skipped>) -> Self {
        let list = folder.join("tables.list");
        for last in (0..TRIES).rev() {
            let names = match bytes(&list) {
                Ok(names) => names,
                // A work tree may have none of its own.
                Err(cause) if cause.kind() == io::ErrorKind::NotFound && !is_main(folder) => break,
                Err(cause) => {
                    skipped.push(Fault::unreadable(&cause).about(git::as_bytes(&list)));
                    break;
                }
            };
            let (stack, faults) = Self::join(folder, &names, format);
            // Tables are rewritten as one; then the list names that.
            let moved = faults.iter().any(|note| note.reason == super::SkipReason::Missing);
            if !moved || last == 0 {
                skipped.extend(faults);
                return stack;
            }
        }
        Self::default()
    }

    fn join(folder: &Path, names: &[u8], format: Format) -> (Self, Vec<Skipped>) {
        let mut stack = Self::default();
        let mut faults = Vec::new();
        for name in names.lines().filter(|name| !name.is_empty()) {
            let path = folder.join(git::as_path(name.as_bstr()));
            let read = if name.find_byteset(b"/\\").is_some() {
                Err(Fault::corrupt("a table outside of its folder"))
            } else {
                let bytes = bytes(&path).map_err(|cause| Fault::unreadable(&cause));
                bytes.and_then(|bytes| Table::parse(&bytes, format))
            };
            match read {
                Ok(table) => stack.add(table),
                Err(fault) => faults.push(fault.about(git::as_bytes(&path))),
            }
        }
        (stack, faults)
    }

    /// Lets a later table say what it says.
    fn add(&mut self, table: Table) {
        for (name, target) in table.refs {
            match target {
                Some(target) => drop(self.refs.insert(name, target)),
                None => drop(self.refs.remove(&name)),
            }
        }
        for (key, entry) in table.logs {
            match entry {
                Some(entry) => drop(self.logs.insert(key, entry)),
                None => drop(self.logs.remove(&key)),
            }
        }
    }
}

/// Whether a stack is one that must be there.
fn is_main(folder: &Path) -> bool {
    !folder.parent().is_some_and(|above| above.join("commondir").exists())
}

/// A file's bytes, if they are not too many.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    if file.take(LARGEST + 1).read_to_end(&mut bytes)? as u64 > LARGEST {
        return Err(io::Error::other("too large for memory"));
    }
    Ok(bytes)
}
