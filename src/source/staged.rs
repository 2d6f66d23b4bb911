//! What the next commit will add: the index against HEAD.
//!
//! In: a repository and the index that git names. Out: a blob for every file that the commit adds or changes,
//! straight from the object store, with the versions it replaces. The work tree is never looked at, and git is never
//! run.

mod sparse;

use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};
use git2::{Delta, DiffOptions, Oid};
use rayon::prelude::*;

use super::git::{self, Environment, Repository, load, reading, unread};
use super::names::announce;
use super::{Blob, Content, Kind, Object, Origin, Skipped, SourceError, Visitor};

/// The index about to be committed.
#[derive(Debug)]
pub struct Staged {
    /// A folder in the repository.
    pub folder: PathBuf,
    /// What git put into the environment.
    pub environment: Environment,
    /// Read every file of an index that changes nothing: some callers mean all files by that.
    pub all_if_unchanged: bool,
}

/// One file that the commit adds or changes.
#[derive(Debug)]
struct Change {
    path: BString,
    id: Oid,
    before: Vec<Oid>,
    /// Whether HEAD holds no file of this name: it may be a renamed one.
    added: bool,
}

/// Share of an added file's lines that make a deleted one its earlier name, in percent, as git's default.
const SIMILAR: usize = 50;
/// From this many changes on, opening the repository once a thread pays.
const MANY: usize = 16;

impl Staged {
    /// Hands every change to `visitor`.
    ///
    /// # Errors
    /// A repository, index or HEAD that cannot be read.
    pub fn read(&self, visitor: &dyn Visitor) -> Result<(), SourceError> {
        let mut repository = git::open(&self.folder, &self.environment)?;
        let others = merge_heads(&mut repository)?;
        if repository.is_bare() && self.environment.index.is_none() {
            let folder = repository.path().display();
            return Err(SourceError::Broken(format!("{folder}: a bare repository has no index")));
        }
        let index = self.index(&repository)?;
        let (mut changes, deleted) = changes(&repository, &index, &others)?;
        if changes.is_empty() && deleted.is_empty() && self.all_if_unchanged {
            changes = all(&index);
        }
        let visit = |repository: &Repository, change: &Change| {
            if !visitor.stopped() {
                change.hand(repository, &deleted, visitor);
            }
        };
        if changes.len() < MANY {
            for change in &changes {
                visit(&repository, change);
            }
            return Ok(());
        }
        changes.par_iter().try_for_each_init(
            || git::open(&self.folder, &self.environment),
            |mine, change| match mine {
                Ok(mine) => {
                    visit(mine, change);
                    Ok(())
                }
                Err(_) => Err(SourceError::NotARepository(self.folder.clone())),
            },
        )
    }

    /// Whether the commit will hold `bytes` at `path`, whatever ends their lines.
    ///
    /// # Errors
    /// A repository or index that cannot be read.
    pub fn holds(&self, path: &Path, bytes: &[u8]) -> Result<bool, SourceError> {
        let repository = git::open(&self.folder, &self.environment)?;
        let odb = repository.odb().map_err(reading("objects"))?;
        let entry = self.index(&repository)?.get_path(path, 0);
        let staged = entry.and_then(|entry| load(&odb, entry.id).ok());
        Ok(staged.is_some_and(|staged| staged.data().replace("\r", "") == bytes.replace("\r", "")))
    }

    fn index(&self, repository: &Repository) -> Result<git2::Index, SourceError> {
        let (path, opened) = match &self.environment.index {
            Some(path) => (path.clone(), git2::Index::open_ext(path, repository.object_format())),
            None => (repository.path().join("index"), repository.index()),
        };
        let mut index = opened.or_else(|cause| {
            let odd = ["'sdir'", "'link'"].iter().any(|name| cause.message().contains(name));
            let read = if odd { sparse::read(&path, repository)? } else { None };
            read.ok_or_else(|| reading(path.display().to_string())(cause))
        })?;
        watch(&mut index).map_err(reading("index"))?;
        Ok(index)
    }
}

/// Takes the marks off files that git was told not to watch: libgit2 passes some of them over, but
/// they are committed. Nothing is written.
fn watch(index: &mut git2::Index) -> Result<(), git2::Error> {
    const UNCHANGED: u16 = 0x8000;
    const SKIPPED: u16 = 0x4000;
    const STAGE: u16 = 0x3000;
    let marked = |entry: &git2::IndexEntry| {
        entry.flags & STAGE == 0
            && (entry.flags & UNCHANGED != 0 || entry.flags_extended & SKIPPED != 0)
    };
    let entries: Vec<git2::IndexEntry> = index.iter().filter(marked).collect();
    for mut entry in entries {
        entry.flags &= !UNCHANGED;
        entry.flags_extended &= !SKIPPED;
        index.add(&entry)?;
    }
    Ok(())
}

/// The commits being merged, besides HEAD.
fn merge_heads(repository: &mut Repository) -> Result<Vec<Oid>, SourceError> {
    let mut heads = Vec::new();
    let outcome = repository.mergehead_foreach(|id| {
        heads.push(*id);
        true
    });
    match outcome {
        Err(cause) if cause.code() != git2::ErrorCode::NotFound => {
            Err(SourceError::Git { what: "MERGE_HEAD".into(), cause })
        }
        _ => Ok(heads),
    }
}

/// What the index changes against HEAD, and the blobs of the files it deletes.
fn changes(
    repository: &Repository,
    index: &git2::Index,
    merged: &[Oid],
) -> Result<(Vec<Change>, Vec<Oid>), SourceError> {
    let head = git::head_tree(repository)?;
    let mut options = DiffOptions::new();
    options.include_typechange(true).skip_binary_check(true).ignore_submodules(true);
    let diff = repository
        .diff_tree_to_index(head.as_ref(), Some(index), Some(&mut options))
        .map_err(reading("index against HEAD"))?;
    let others: Vec<git2::Tree<'_>> = merged
        .iter()
        .map(|id| repository.find_commit(*id).and_then(|commit| commit.tree()))
        .collect::<Result<_, _>>()
        .map_err(reading("MERGE_HEAD"))?;
    let (mut changes, mut deleted) = (Vec::new(), Vec::new());
    for delta in diff.deltas() {
        let (old, new) = (delta.old_file(), delta.new_file());
        if delta.status() == Delta::Deleted {
            deleted.push(old.id());
            continue;
        }
        let submodule = new.mode() == git2::FileMode::Commit;
        if submodule || matches!(delta.status(), Delta::Unmodified | Delta::Conflicted) {
            continue;
        }
        let path = BString::from(new.path_bytes().unwrap_or_default());
        changes.extend(change(path, new.id(), old.id(), &others));
    }
    for conflict in index.conflicts().map_err(reading("index"))?.flatten() {
        let ancestor = conflict.ancestor.map_or(Oid::ZERO_SHA1, |entry| entry.id);
        for side in [conflict.our, conflict.their].into_iter().flatten() {
            changes.extend(change(side.path.into(), side.id, ancestor, &others));
        }
    }
    Ok((changes, deleted))
}

/// Every file of the index, as if all of it were new.
fn all(index: &git2::Index) -> Vec<Change> {
    let submodule = |mode: u32| mode & 0o170_000 == 0o160_000;
    index
        .iter()
        .filter(|entry| !submodule(entry.mode))
        .map(|entry| Change {
            path: entry.path.into(),
            id: entry.id,
            before: Vec::new(),
            added: true,
        })
        .collect()
}

/// A change, unless one of the merged commits has just this version.
fn change(path: BString, id: Oid, old: Oid, others: &[git2::Tree<'_>]) -> Option<Change> {
    let at = git::as_path(path.as_bstr()).into_owned();
    let merged: Vec<Oid> = others.iter().filter_map(|tree| entry(tree, &at)).collect();
    if merged.contains(&id) {
        return None;
    }
    let mut before = merged;
    if !old.is_zero() {
        before.insert(0, old);
    }
    Some(Change { added: before.is_empty(), path, id, before })
}

fn entry(tree: &git2::Tree<'_>, path: &Path) -> Option<Oid> {
    tree.get_path(path).ok().map(|entry| entry.id())
}

impl Change {
    /// Hands the changed file to `visitor`.
    fn hand(&self, repository: &Repository, deleted: &[Oid], visitor: &dyn Visitor) {
        let skip = |Skipped { what, reason, detail }| {
            let detail = format!("{what}: {detail}");
            visitor.skip(Skipped { what: self.path.clone(), reason, detail });
        };
        let odb = match repository.odb() {
            Ok(odb) => odb,
            Err(cause) => return skip(unread(self.id, &cause)),
        };
        let object = match load(&odb, self.id) {
            Ok(object) => object,
            Err(skipped) => return skip(skipped),
        };
        let origin = Origin {
            path: Some(self.path.clone()),
            inner: None,
            object: Some(Object { id: self.id.into(), kind: Kind::Blob }),
            commit: None,
        };
        if self.added {
            announce(&origin, visitor);
        }
        let before = || self.versions(&odb, object.data(), deleted);
        let content = Content::Bytes(object.data());
        visitor.blob(Blob { origin, content, before: Some(&before) });
    }

    /// The versions that the change replaces; for an added file those of the deleted ones it may have been renamed
    /// from.
    fn versions(
        &self,
        odb: &git2::Odb<'_>,
        now: &[u8],
        deleted: &[Oid],
    ) -> Result<Vec<Vec<u8>>, SourceError> {
        let read = |id: &Oid| {
            load(odb, *id)
                .map(|old| old.data().to_vec())
                .map_err(|fault| SourceError::Broken(format!("object {id}: {}", fault.detail)))
        };
        if !self.added {
            return self.before.iter().map(read).collect();
        }
        let mut versions = Vec::new();
        for id in deleted {
            let old = read(id)?;
            if similarity(&old, now) >= SIMILAR {
                versions.push(old);
            }
        }
        Ok(versions)
    }
}

/// Lines that two files share, in percent of the longer one's.
fn similarity(old: &[u8], new: &[u8]) -> usize {
    let mut lines: std::collections::BTreeMap<&[u8], usize> = std::collections::BTreeMap::new();
    for line in old.lines() {
        *lines.entry(line).or_default() += 1;
    }
    let (mut shared, mut count) = (0, 0);
    for line in new.lines() {
        count += 1;
        if let Some(left) = lines.get_mut(line).filter(|left| **left > 0) {
            *left -= 1;
            shared += 1;
        }
    }
    shared * 100 / count.max(old.lines().count()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_is_the_share_of_common_lines() {
        assert_eq!(similarity(b"a\nb\n", b"a\nb\n"), 100);
        assert_eq!(similarity(b"a\nb\n", b"a\nc\n"), 50);
        assert_eq!(similarity(b"a\na\n", b"a\n"), 50);
        assert_eq!(similarity(b"", b""), 0);
    }
}
