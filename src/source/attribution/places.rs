//! Where groups enter the history, and where they are still.
//!
//! In: commits oldest first and the folders that lead to wanted objects. Out: an [`Entry`] for each
//! commit and path whose tree holds a group that no parent's tree holds there.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bstr::BString;

use super::folders::{Folders, named};
use super::survey::{Numbers, index};
use super::wanted::Wanted;

/// Comparisons made at most; large histories need a few millions. A tree that names one folder
/// twice on each of its levels has more paths than there are atoms.
pub(super) const STEPS: usize = 1 << 28;
/// The same for the folders of one commit; the largest projects have a tenth of it.
const FOLDERS: usize = 1 << 20;
/// Appearances noted, beyond one for each group in each object.
const ENTRIES: usize = 1 << 17;
/// Deeper folders are not entered.
const DEPTH: u32 = 4096;

/// A group's appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// The commit's number.
    pub(super) commit: u32,
    /// The path's number.
    pub(super) path: u32,
    /// The group.
    pub(super) group: u32,
    /// The wanted object's number.
    pub(super) object: u32,
}

/// Paths as a tree of names.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// Parent and name; the root has no number.
    numbers: Numbers<(Option<u32>, u32)>,
    depths: Vec<u32>,
    /// Those that were written out.
    texts: HashMap<u32, Arc<BString>>,
}

impl Paths {
    fn join(&mut self, parent: Option<u32>, name: u32) -> u32 {
        let number = self.numbers.add(&(parent, name));
        if index(number) == self.depths.len() {
            let above = parent.map_or(0, |parent| self.depths[index(parent)]);
            self.depths.push(above + 1);
        }
        number
    }

    /// Writes a path out, once.
    pub(super) fn text(&mut self, path: u32, names: &[BString]) -> Arc<BString> {
        if let Some(known) = self.texts.get(&path) {
            return Arc::clone(known);
        }
        let mut parts: Vec<&[u8]> = Vec::new();
        let mut at = Some(path);
        while let Some(number) = at {
            let (parent, name) = self.numbers.all[index(number)];
            parts.push(&names[index(name)]);
            at = parent;
        }
        parts.reverse();
        let text: Arc<BString> = Arc::new(bstr::join("/", parts).into());
        self.texts.insert(path, Arc::clone(&text));
        text
    }
}

/// Compares trees with those of parents.
pub(super) struct Tracer<'f> {
    pub(super) folders: &'f Folders,
    pub(super) wanted: &'f Wanted,
    pub(super) paths: Paths,
    /// What was found.
    pub(super) entries: Vec<Entry>,
    /// Wanted objects that were seen in any commit.
    pub(super) placed: BTreeSet<u32>,
    /// Comparisons that may still be made.
    pub(super) left: usize,
    /// How many entries are noted at most.
    pub(super) room: usize,
}

/// How many entries are noted of what is `wanted`.
pub(super) fn room(wanted: &Wanted) -> usize {
    ENTRIES + wanted.groups.iter().map(Vec::len).sum::<usize>()
}

/// A folder to look at, with the parents' folders of the same path.
struct Task {
    tree: u32,
    before: Vec<u32>,
    path: Option<u32>,
}

impl Tracer<'_> {
    /// Finds what `tree` holds that none of `before` holds; says whether all of it was looked at.
    pub(super) fn trace(&mut self, commit: u32, tree: u32, before: Vec<u32>) -> bool {
        let mut complete = true;
        let floor = self.left.saturating_sub(FOLDERS);
        let mut todo = vec![Task { tree, before, path: None }];
        while let Some(task) = todo.pop() {
            if task.before.contains(&task.tree) {
                continue;
            }
            let depth = task.path.map_or(0, |path| self.paths.depths[index(path)]);
            let full = self.left <= floor || self.entries.len() >= self.room;
            if full || depth > DEPTH {
                complete = false;
                continue;
            }
            self.compare(commit, &task);
            self.descend(&task, &mut todo);
        }
        complete
    }

    /// Notes the groups that are new in a folder itself.
    fn compare(&mut self, commit: u32, task: &Task) {
        let folders = self.folders;
        for held in folders.holds(task.tree) {
            self.placed.insert(held.to);
            for &group in &self.wanted.groups[index(held.to)] {
                let had = task.before.iter().any(|&tree| {
                    let held = named(folders.holds(tree), held.name);
                    self.left = self.left.saturating_sub(1 + held.len());
                    held.iter().any(|held| {
                        let groups = &self.wanted.groups[index(held.to)];
                        groups.binary_search(&group).is_ok()
                    })
                });
                if !had {
                    self.entries.push(Entry {
                        commit,
                        path: self.paths.join(task.path, held.name),
                        group,
                        object: held.to,
                    });
                }
            }
        }
    }

    /// Queues the folders in a folder that differ from all parents'.
    fn descend(&mut self, task: &Task, todo: &mut Vec<Task>) {
        for inner in self.folders.inner(task.tree) {
            let before = task.before.iter();
            let before = before
                .flat_map(|&tree| named(self.folders.inner(tree), inner.name))
                .map(|edge| edge.to);
            let (count, same) =
                before.clone().fold((0, false), |(n, same), to| (n + 1, same || to == inner.to));
            self.left = self.left.saturating_sub(1 + count);
            if !same {
                todo.push(Task {
                    tree: inner.to,
                    before: before.collect(),
                    path: Some(self.paths.join(task.path, inner.name)),
                });
            }
        }
    }
}
