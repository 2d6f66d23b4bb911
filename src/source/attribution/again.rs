//! Tracing what was found when only some objects have been added since it was traced before.
//!
//! In: the [`Trail`] of the earlier time, and what was read now. Out: the same finds as if all had been read. Commits
//! and folders stay what they are; of old folders only those matter that lead to what was found, and these are in the
//! trail. Where the store is not as the trail expects it, all is read again.

use std::collections::{HashMap, HashSet};

use bstr::BString;

use super::absent::Absent;
use super::folders::Folders;
use super::survey::{Edge, Finds, Numbers, index};
use super::wanted::Wanted;
use crate::source::ObjectId;
use crate::source::commit::Links;
use crate::source::ledger::Seen;
use crate::source::objects::Store;

/// What an earlier attribution leaves to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// All commits, sorted by id.
    pub(in crate::source) commits: Vec<(ObjectId, Links)>,
    /// What annotated tags point at, sorted.
    pub(in crate::source) tags: Vec<(ObjectId, ObjectId)>,
    /// The commits at which a shallow clone's history ends, sorted.
    pub(in crate::source) shallow: Vec<ObjectId>,
    /// Files that folders name and that are not there.
    pub(in crate::source) gone: Vec<ObjectId>,
    /// Folders that lead to what was found.
    pub(in crate::source) trees: Vec<ObjectId>,
    /// The names on the way.
    pub(in crate::source) names: Vec<BString>,
    /// Folders in folders: indexes into `trees`, `names` and `trees`.
    pub(in crate::source) folders: Vec<[u32; 3]>,
    /// Wanted objects: indexes into `trees` and `names`, and the object.
    pub(in crate::source) holds: Vec<([u32; 2], ObjectId)>,
}

/// What is known from before.
#[derive(Clone, Copy, Debug)]
pub struct Past<'p> {
    /// The objects that were read then and held nothing, sorted; all are still there.
    pub seen: &'p [Seen],
    /// Where the others have come from.
    pub trail: &'p Trail,
    /// Whether so little is new that the next time starts from the same trail.
    pub stays: bool,
}

impl Past<'_> {
    /// Adds to what was read now what is known from before; says whether that is as good as reading all.
    pub(super) fn recall(
        &self,
        finds: &mut Finds,
        gone: &mut Absent,
        (store, wanted): (&Store, &Wanted),
        boundary: &HashSet<ObjectId>,
    ) -> bool {
        let trail = self.trail;
        gone.folders.retain(|id| !store.contains(*id));
        let back = trail.gone.iter().any(|id| store.contains(*id));
        if back || !gone.folders.is_empty() || sorted(boundary) != trail.shallow {
            return false;
        }
        // A parent that had been missing makes an old commit say something else.
        let known = |id: &ObjectId| trail.commits.binary_search_by_key(id, |row| row.0).is_ok();
        let new: HashSet<ObjectId> =
            finds.commits.iter().map(|row| row.0).filter(|id| !known(id)).collect();
        let mut parents = trail.commits.iter().flat_map(|(_, links)| &links.parents);
        if !new.is_empty() && parents.any(|parent| new.contains(parent)) {
            return false;
        }
        gone.files.extend(&trail.gone);
        finds.tags.extend(trail.tags.iter().copied());
        finds.commits.extend(trail.commits.iter().cloned());
        finds.trees.reserve(trail.trees.len() + finds.commits.len());
        // Its folders first, so that they keep their order.
        if trail.lay(finds, wanted).is_none() {
            return false;
        }
        for at in 0..finds.commits.len() {
            let tree = finds.commits[at].1.tree;
            finds.trees.add(&tree);
        }
        true
    }
}

impl Trail {
    /// Whether all commits and tags that were read are known.
    pub(super) fn knows(&self, finds: &Finds) -> bool {
        let commit = |id: &ObjectId| self.commits.binary_search_by_key(id, |row| row.0).is_ok();
        let tag = |id: &ObjectId| self.tags.binary_search_by_key(id, |row| row.0).is_ok();
        finds.commits.iter().all(|row| commit(&row.0)) && finds.tags.keys().all(tag)
    }

    /// Adds the folders that lead to what was found.
    fn lay(&self, finds: &mut Finds, wanted: &Wanted) -> Option<()> {
        let trees: Vec<u32> = self.trees.iter().map(|id| finds.trees.add(id)).collect();
        let names: Vec<u32> = self.names.iter().map(|name| finds.names.add(name)).collect();
        for &[tree, name, to] in &self.folders {
            let [tree, to] = [*trees.get(index(tree))?, *trees.get(index(to))?];
            finds.folders.push(Edge { tree, name: *names.get(index(name))?, to });
        }
        for &([tree, name], object) in &self.holds {
            let (tree, name) = (*trees.get(index(tree))?, *names.get(index(name))?);
            finds.holds.push(Edge { tree, name, to: wanted.find(object)? });
        }
        Some(())
    }

    /// What is left to the next time, of all that was read and recalled.
    pub(super) fn of(
        finds: &Finds,
        folders: &Folders,
        wanted: &Wanted,
        (gone, boundary): (&Absent, &HashSet<ObjectId>),
    ) -> Self {
        let mut commits = finds.commits.clone();
        // Mostly a few new ones before those of the last trail, in order.
        commits.sort_by_key(|row| row.0);
        commits.dedup_by_key(|row| row.0);
        let mut tags: Vec<(ObjectId, ObjectId)> = pairs(&finds.tags);
        tags.sort_unstable();
        let (mut trees, mut names) = (Numbers::default(), Numbers::default());
        let mut tree = |at: u32| trees.add(&finds.trees.all[index(at)]);
        let mut name = |at: u32| names.add(&finds.names.all[index(at)]);
        let (inner, holds) = folders.edges();
        // In the order of their edges, so that these are sorted the next time.
        let ends = inner.iter().flat_map(|edge| [edge.tree, edge.to]);
        for at in ordered(ends.chain(holds.iter().map(|edge| edge.tree))) {
            tree(at);
        }
        let used = inner.iter().chain(holds).map(|edge| edge.name);
        for at in ordered(used) {
            name(at);
        }
        Self {
            folders: inner
                .iter()
                .map(|edge| [tree(edge.tree), name(edge.name), tree(edge.to)])
                .collect(),
            holds: holds
                .iter()
                .map(|edge| ([tree(edge.tree), name(edge.name)], wanted.ids[index(edge.to)]))
                .collect(),
            commits,
            tags,
            shallow: sorted(boundary),
            gone: gone.files.iter().copied().collect(),
            trees: trees.all,
            names: names.all,
        }
    }
}

/// Each number once, in order.
fn ordered(numbers: impl Iterator<Item = u32>) -> impl Iterator<Item = u32> {
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.into_iter()
}

fn pairs(tags: &HashMap<ObjectId, ObjectId>) -> Vec<(ObjectId, ObjectId)> {
    tags.iter().map(|(tag, target)| (*tag, *target)).collect()
}

fn sorted(ids: &HashSet<ObjectId>) -> Vec<ObjectId> {
    let mut sorted: Vec<ObjectId> = ids.iter().copied().collect();
    sorted.sort_unstable();
    sorted
}
