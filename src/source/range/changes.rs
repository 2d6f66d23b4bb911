//! The blobs of a commit that none of its parents has.
//!
//! In: a tree and the trees of the parents. Out: a [`Change`] for each path whose blob is the same
//! in no parent. All parents are compared at once, so a merge shows what its author made of it.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};
use git2::{ObjectType, Oid, Repository, Tree};

use crate::source::git::unread;
use crate::source::{SkipReason, Skipped};

/// Folders entered for one commit; the largest projects have a tenth of it.
const FOLDERS: usize = 1 << 20;
/// How often one folder is entered, under as many names: what it holds has been seen by then.
const REPEATS: usize = 1000;
/// Deeper folders are not entered; git itself stops at 2048.
const DEPTH: usize = 4096;

/// A path with a new blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The path, from the root.
    pub(super) path: BString,
    /// What is there now.
    pub(super) blob: Oid,
    /// The blobs that the parents have there.
    pub(super) before: Vec<Oid>,
}

/// A folder to compare.
struct Folder {
    /// With a slash at its end; empty for the root.
    path: BString,
    tree: Oid,
    before: Vec<Oid>,
    depth: usize,
}

/// Goes through the changes of one commit.
pub(super) struct Changes<'r> {
    repo: &'r Repository,
    folders: Vec<Folder>,
    ready: Vec<Result<Change, Skipped>>,
    entered: usize,
    /// How often each folder was entered.
    repeats: HashMap<Oid, usize>,
}

impl<'r> Changes<'r> {
    /// Compares `tree` with those of `before`.
    pub(super) fn new(repo: &'r Repository, tree: Oid, before: Vec<Oid>) -> Self {
        let root = Folder { path: BString::default(), tree, before, depth: 0 };
        Self { repo, folders: vec![root], ready: Vec::new(), entered: 0, repeats: HashMap::new() }
    }

    fn enter(&mut self, folder: &Folder) {
        if folder.before.contains(&folder.tree) {
            return;
        }
        self.entered += 1;
        if self.entered > FOLDERS || folder.depth > DEPTH {
            self.folders.clear();
            return self.ready.push(Err(Skipped {
                what: folder.tree.to_string().into(),
                reason: SkipReason::TooDeep,
                detail: "too many folders, or too deep ones".to_owned(),
            }));
        }
        let repeats = self.repeats.entry(folder.tree).or_default();
        *repeats += 1;
        if *repeats > REPEATS {
            return self.ready.push(Err(Skipped {
                what: folder.tree.to_string().into(),
                reason: SkipReason::TooDeep,
                detail: "the same folder under too many names".to_owned(),
            }));
        }
        let tree = match self.repo.find_tree(folder.tree) {
            Ok(tree) => tree,
            Err(cause) => return self.ready.push(Err(unread(folder.tree, &cause))),
        };
        let mut before = Vec::with_capacity(folder.before.len());
        for &id in &folder.before {
            match self.repo.find_tree(id) {
                Ok(tree) => before.push(tree),
                // All of the folder then counts as new, which finds too much, never too little.
                Err(cause) => self.ready.push(Err(unread(id, &cause))),
            }
        }
        self.compare(folder, &tree, &before);
    }

    fn compare(&mut self, folder: &Folder, tree: &Tree<'_>, before: &[Tree<'_>]) {
        for entry in tree {
            let kind = entry.kind();
            // A submodule's commit is no object of this repository.
            if !matches!(kind, Some(ObjectType::Blob | ObjectType::Tree)) {
                continue;
            }
            let name = entry.name_bytes();
            let had: Vec<Oid> = before
                .iter()
                .filter_map(|tree| tree.get_name_bytes(name))
                .filter(|old| old.kind() == kind)
                .map(|old| old.id())
                .collect();
            if had.contains(&entry.id()) {
                continue;
            }
            let mut path = folder.path.clone();
            path.extend_from_slice(name);
            if kind == Some(ObjectType::Tree) {
                path.push(b'/');
                self.folders.push(Folder {
                    path,
                    tree: entry.id(),
                    before: had,
                    depth: folder.depth + 1,
                });
            } else {
                self.ready.push(Ok(Change {
                    path: path.as_bstr().into(),
                    blob: entry.id(),
                    before: had,
                }));
            }
        }
    }
}

impl Iterator for Changes<'_> {
    type Item = Result<Change, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            let folder = self.folders.pop()?;
            self.enter(&folder);
        }
        self.ready.pop()
    }
}
