//! Tracing what was found when only some objects have been added since it was traced before.
//!
//! In: the [`Trail`] of the earlier time, and the store as it is now. Out: what [`super::attribute`] would say. Old
//! commits and folders stay what they are, so only new ones are looked at: new commits are compared with their
//! parents, and refs and HEAD are asked anew. Where the store is not as the trail expects it, all is traced again.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::absent::Absent;
use super::graph::Graph;
use super::refs::{self, Tip};
use super::survey::{Finds, Reader, index};
use super::wanted::Wanted;
use super::{Attribution, Row, Teller, absent, shallow};
use crate::source::commit::Links;
use crate::source::ledger::Seen;
use crate::source::objects::Store;
use crate::source::pack::Type;
use crate::source::range::changes::Changes;
use crate::source::{ObjectId, Skipped, SourceError, git};

/// What an earlier attribution leaves to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// All commits, sorted by id.
    pub(in crate::source) commits: Vec<(ObjectId, Links)>,
    /// What annotated tags point at.
    pub(in crate::source) tags: Vec<(ObjectId, ObjectId)>,
    /// The commits at which a shallow clone's history ends.
    pub(in crate::source) shallow: Vec<ObjectId>,
    /// What was named and not there.
    pub(in crate::source) gone: Absent,
    /// Wanted objects that some commit's tree holds.
    pub(in crate::source) placed: Vec<ObjectId>,
    /// Where groups were introduced.
    pub(in crate::source) entries: Vec<Placed>,
}

impl Trail {
    /// Takes in the rest of what is known of commits and tags.
    pub(super) fn finish(
        &mut self,
        tags: &HashMap<ObjectId, ObjectId>,
        boundary: &HashSet<ObjectId>,
    ) {
        self.commits.sort_unstable_by_key(|row| row.0);
        self.commits.dedup_by_key(|row| row.0);
        self.tags = tags.iter().map(|(tag, target)| (*tag, *target)).collect();
        self.tags.sort_unstable();
        self.shallow = sorted(boundary);
    }
}

/// A group's appearance in a commit's tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    /// The commit.
    pub(in crate::source) commit: ObjectId,
    /// The path.
    pub(in crate::source) path: BString,
    /// The wanted object.
    pub(in crate::source) object: ObjectId,
    /// Which of the object's groups it is, in the order of their numbers.
    pub(in crate::source) group: u32,
    /// How many groups the object has.
    pub(in crate::source) groups: u32,
}

/// What is known from before.
#[derive(Clone, Copy, Debug)]
pub struct Past<'p> {
    /// The objects that were read then and held nothing, sorted; all are still there.
    pub seen: &'p [Seen],
    /// Where the others have come from.
    pub trail: &'p Trail,
    /// Whether a new trail is asked for.
    pub keep: bool,
}

/// Finds out where the groups of `wanted` objects come from; nothing where all must be looked at for it.
///
/// # Errors
/// As [`super::attribute`].
pub fn resume<S>(
    past: Past<'_>,
    store: &Store,
    repo: &git2::Repository,
    wanted: &HashMap<ObjectId, Vec<u32>, S>,
    threads: usize,
) -> Result<Option<Attribution>, SourceError> {
    let boundary = shallow(repo)?;
    let mut gone = past.trail.gone.clone();
    let back = gone.folders.iter().chain(&gone.files).any(|id| store.contains(*id));
    if back || sorted(&boundary) != past.trail.shallow {
        return Ok(None);
    }
    let wanted = Wanted::new(wanted);
    let survey = store.each_but(past.seen, threads, &Reader { wanted: &wanted, store });
    let mut finds = Finds::join(survey.workers);
    if !survey.skipped.is_empty() || !finds.skipped.is_empty() {
        return Ok(None);
    }
    gone.folders.extend(finds.lost().filter(|id| !store.contains(*id)));
    gone.files.append(&mut finds.gone);
    finds.tags.extend(past.trail.tags.iter().copied());
    let mut commits = std::mem::take(&mut finds.commits);
    let known = |id: &ObjectId| past.trail.commits.binary_search_by_key(id, |row| row.0).is_ok();
    let new: HashSet<ObjectId> = commits.iter().map(|row| row.0).filter(|id| !known(id)).collect();
    // A parent that had been missing makes an old commit say something else.
    let mut parents = past.trail.commits.iter().flat_map(|(_, links)| &links.parents);
    if !new.is_empty() && parents.any(|parent| new.contains(parent)) {
        return Ok(None);
    }
    commits.extend(past.trail.commits.iter().cloned());
    let mut trail = past.keep.then(|| Trail { commits: commits.clone(), ..Trail::default() });
    let graph = Graph::new(commits, &boundary);
    let mut skipped: Vec<Skipped> = graph.gaps().collect();
    let partial = store.is_partial() || absent::is_promised(repo.commondir());
    absent::tell(&gone, partial, &mut skipped);
    let tips = refs::list(repo, &finds.tags, &mut skipped);
    let head = refs::head(repo, &mut skipped);
    let folder = |tip: &Tip| {
        let last = tip.chain.last().filter(|id| graph.find(**id).is_none());
        last.is_some_and(|id| matches!(store.read(*id), Ok(Some((Type::Tree, _)))))
    };
    if tips.iter().any(folder) {
        return Ok(None);
    }
    let teller = Teller { store, wanted: &wanted, graph: &graph, tips: &tips };
    let Some((rows, placed)) = rows(&teller, past.trail, repo, &new) else { return Ok(None) };
    if let Some(trail) = &mut trail {
        trail.finish(&finds.tags, &boundary);
        trail.gone = gone;
        teller.leave(&rows, &placed, trail);
    }
    let mut found = teller.tell(rows)?;
    found.trail = trail;
    look_at_head(&mut found, head, repo, &wanted);
    teller.stray(&placed, &mut found);
    found.titles = std::mem::take(&mut finds.titles).into_iter().collect();
    found.titles.sort_unstable();
    skipped.sort();
    skipped.dedup();
    found.skipped = skipped;
    found.trees = finds.read();
    Ok(Some(found))
}

fn sorted(ids: &HashSet<ObjectId>) -> Vec<ObjectId> {
    let mut sorted: Vec<ObjectId> = ids.iter().copied().collect();
    sorted.sort_unstable();
    sorted
}

/// Where groups were introduced: as was known, and by new commits; and the wanted objects that any commit holds.
fn rows(
    teller: &Teller<'_>,
    trail: &Trail,
    repo: &git2::Repository,
    new: &HashSet<ObjectId>,
) -> Option<(Vec<Row>, BTreeSet<u32>)> {
    let Teller { wanted, graph, .. } = teller;
    let mut rows = Vec::new();
    for entry in &trail.entries {
        let object = wanted.find(&entry.object.0)?;
        let groups = &wanted.groups[index(object)];
        let group = *groups.get(index(entry.group))?;
        if groups.len() != index(entry.groups) {
            return None;
        }
        let commit = graph.find(entry.commit)?;
        rows.push(Row { commit, path: Some(entry.path.clone()), group, object });
    }
    let mut placed: BTreeSet<u32> =
        trail.placed.iter().map(|id| wanted.find(&id.0)).collect::<Option<_>>()?;
    let oid = |id: &ObjectId| git2::Oid::from_bytes(&id.0).ok();
    for id in sorted(new) {
        let commit = graph.find(id)?;
        let trees = graph.parents[index(commit)].iter().map(|&at| oid(&graph.trees[index(at)]));
        let before = trees.collect::<Option<_>>()?;
        for change in Changes::new(repo, oid(&graph.trees[index(commit)])?, before) {
            let change = change.ok()?;
            let Some(object) = wanted.find(&ObjectId::from(change.blob).0) else { continue };
            placed.insert(object);
            let had = |group: &u32| {
                let mut before = change.before.iter().filter_map(|old| groups_of(wanted, *old));
                before.any(|groups| groups.binary_search(group).is_ok())
            };
            let groups = wanted.groups[index(object)].iter().filter(|group| !had(group));
            let path = || Some(change.path.clone());
            rows.extend(groups.map(|&group| Row { commit, path: path(), group, object }));
        }
    }
    Some((rows, placed))
}

fn groups_of(wanted: &Wanted, blob: git2::Oid) -> Option<&[u32]> {
    let object = wanted.find(&ObjectId::from(blob).0)?;
    Some(&wanted.groups[index(object)])
}

/// Notes at which of the paths that introduced a group HEAD still holds it.
fn look_at_head(
    found: &mut Attribution,
    head: Option<ObjectId>,
    repo: &git2::Repository,
    wanted: &Wanted,
) {
    let tree = || {
        let id = git2::Oid::from_bytes(&head?.0).ok()?;
        repo.find_commit(id).ok()?.tree().ok()
    };
    let Some(tree) = tree() else { return };
    for (group, trace) in &mut found.groups {
        let paths = trace.introductions.iter().filter_map(|one| one.path.as_ref());
        let holds = |path: &&BString| {
            let entry = tree.get_path(&git::as_path(path.as_bstr())).ok();
            let groups = entry.and_then(|entry| groups_of(wanted, entry.id()));
            groups.is_some_and(|groups| groups.binary_search(group).is_ok())
        };
        trace.head = paths.filter(holds).cloned().collect();
    }
}
