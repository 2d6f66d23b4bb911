//! Who brought what into the history, when and where; and who still holds it.
//!
//! In: objects that hold something, in groups: a group is one value found by one rule. Out: for each
//! group the commits and paths that introduce it, whether HEAD still has it, and the refs that reach
//! it. Nothing is compared by diff: one pass reads all trees, then commits are walked oldest first,
//! and only folders that lead to a wanted object and differ from all parents' are entered.

mod absent;
pub mod again;
mod fate;
mod folders;
mod graph;
mod outline;
mod places;
pub(super) mod refs;
mod survey;
mod wanted;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use bstr::BString;

use self::absent::Absent;
use self::again::{Past, Trail};
pub use self::fate::Fate;
use self::folders::Folders;
use self::graph::Graph;
use self::places::{Entry, Paths, STEPS, Tracer, room};
use self::refs::Tip;
use self::survey::{Finds, Reader, index};
use self::wanted::Wanted;
use super::git::Repository;
use super::objects::Store;
use super::pack::Fault;
use super::{CommitFacts, ObjectId, SkipReason, Skipped, SourceError, commit, history};

/// A door for the fuzz targets to the reader of trees. No part of the public interface.
#[doc(hidden)]
pub fn probe(tree: &[u8], base: Option<(&[u8], super::pack::Delta<'_>)>) {
    outline::probe(tree, base);
}

/// What is known about the groups that were asked for.
#[derive(Debug, Default)]
pub struct Attribution {
    /// For each group that a commit introduces, where. Other groups are only in [`Self::strays`].
    pub groups: BTreeMap<u32, Trace>,
    /// Wanted objects that no commit's tree holds, with the refs that point at them; none where
    /// nothing does.
    pub strays: BTreeMap<ObjectId, Vec<BString>>,
    /// What could not be read, sorted; attribution may be incomplete because of it.
    pub skipped: Vec<Skipped>,
    /// What the next attribution of this store can start from; `None` where something could not be read, or where the
    /// last one's is as good or stays.
    pub trail: Option<Trail>,
    /// Whether the last one's is as good: no commit, tag or folder has come since.
    pub same: bool,
    /// The trees that were read.
    pub trees: Vec<ObjectId>,
    /// Names of files and folders, of any tree, that are long enough to hold a secret; sorted.
    pub titles: Vec<BString>,
    /// When HEAD was committed, in seconds since 1970; 0 without one.
    pub until: i64,
    commits: Vec<Introducer>,
    /// Sets of refs, as indexes into `names`; many commits share one.
    sets: Vec<Vec<u32>>,
    names: Vec<BString>,
}

/// One group's way through the history. There may be millions, so its lists are as long as what they hold, and paths are
/// shared.
#[derive(Debug, Default)]
pub struct Trace {
    /// Where it was introduced, oldest first.
    pub introductions: Vec<Introduction>,
    /// The paths at which HEAD's tree holds it, sorted.
    pub head: Vec<Arc<BString>>,
    /// For each path, in order, what became of it there.
    pub fates: Vec<(Arc<BString>, Fate)>,
}

/// A commit whose tree holds a group at a path where no parent's tree does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// The path; `None` where the group is in the commit object itself.
    pub path: Option<Arc<BString>>,
    /// The object that holds the group.
    pub object: ObjectId,
    commit: usize,
}

/// A commit that introduces something.
#[derive(Debug)]
struct Introducer {
    facts: CommitFacts,
    /// The set of refs that reach it.
    set: usize,
}

impl Attribution {
    /// What to say about the commit of an introduction.
    #[must_use]
    pub fn commit(&self, introduction: &Introduction) -> &CommitFacts {
        &self.commits[introduction.commit].facts
    }

    /// The number of the set of refs that reach the commit of an introduction; many share one.
    #[must_use]
    pub fn set(&self, introduction: &Introduction) -> usize {
        self.commits[introduction.commit].set
    }

    /// The full names of the refs that reach the commit of an introduction, sorted.
    pub fn refs(&self, introduction: &Introduction) -> impl Iterator<Item = &BString> {
        let set = &self.sets[self.set(introduction)];
        set.iter().map(|&name| &self.names[index(name)])
    }

    /// The full names of the refs that reach any introduction of a group, sorted.
    #[must_use]
    pub fn refs_of(&self, group: u32) -> Vec<&BString> {
        let introductions = self.groups.get(&group).map(|trace| &trace.introductions[..]);
        let sets: BTreeSet<usize> = introductions
            .unwrap_or_default()
            .iter()
            .map(|introduction| self.commits[introduction.commit].set)
            .collect();
        let names: BTreeSet<&u32> = sets.iter().flat_map(|&set| &self.sets[set]).collect();
        names.into_iter().map(|&name| &self.names[index(name)]).collect()
    }

    /// Whether HEAD's tree holds a group at a path.
    #[must_use]
    pub fn in_head(&self, group: u32, path: &BString) -> bool {
        let trace = self.groups.get(&group);
        trace.is_some_and(|trace| trace.head.binary_search_by(|other| (**other).cmp(path)).is_ok())
    }
}

/// Finds out where the groups of `wanted` objects come from, with `threads` threads.
///
/// # Errors
/// [`SourceError`] where refs, HEAD or a commit that introduces something cannot be read.
///
/// # Panics
/// Never: without a past nothing is at odds with it.
pub fn attribute<S>(
    store: &Store,
    repo: &Repository,
    wanted: &HashMap<ObjectId, Vec<u32>, S>,
    threads: usize,
) -> Result<Attribution, SourceError> {
    let found = trace(None, (store, repo), &Wanted::new(wanted), threads)?;
    Ok(found.expect("without a past nothing is at odds with it"))
}

/// The same from where it was left; nothing where all must be read for it.
///
/// # Errors
/// As [`attribute`].
pub fn resume<S>(
    past: Past<'_>,
    store: &Store,
    repo: &Repository,
    wanted: &HashMap<ObjectId, Vec<u32>, S>,
    threads: usize,
) -> Result<Option<Attribution>, SourceError> {
    trace(Some(past), (store, repo), &Wanted::new(wanted), threads)
}

fn trace(
    past: Option<Past<'_>>,
    (store, repo): (&Store, &Repository),
    wanted: &Wanted,
    threads: usize,
) -> Result<Option<Attribution>, SourceError> {
    let seen = past.map_or(&[][..], |past| past.seen);
    let survey = store.each_but(seen, threads, &Reader { wanted, store });
    store.close();
    let mut finds = Finds::join(survey.workers);
    let mut skipped = survey.skipped;
    skipped.append(&mut finds.skipped);
    let whole = skipped.is_empty();
    let boundary = shallow(repo)?;
    let trees = finds.read();
    let same = trees.is_empty() && past.is_some_and(|past| past.trail.knows(&finds));
    let mut gone =
        Absent { folders: finds.lost().collect(), files: std::mem::take(&mut finds.gone) };
    if let Some(past) = past
        && !(whole && past.recall(&mut finds, &mut gone, (store, wanted), &boundary))
    {
        return Ok(None);
    }
    absent::tell(&gone, store.is_partial() || absent::is_promised(repo.commondir()), &mut skipped);
    let tips = refs::list(repo, &finds.tags, &mut skipped);
    let folders = Folders::new(
        std::mem::take(&mut finds.folders),
        std::mem::take(&mut finds.holds),
        finds.trees.all.len(),
    );
    let asked = !past.is_some_and(|past| past.stays);
    let trail = (asked && whole && gone.folders.is_empty() && !same)
        .then(|| Trail::of(&finds, &folders, wanted, (&gone, &boundary)));
    let graph = Graph::new(std::mem::take(&mut finds.commits), &boundary);
    skipped.extend(graph.missing.iter().map(|(parent, child)| Skipped {
        what: parent.to_string().into(),
        reason: SkipReason::Missing,
        detail: format!("parent of commit {child}"),
    }));
    let roots = graph.trees.iter().map(|tree| finds.trees.find(tree)).collect();
    let inquiry = Inquiry { store, wanted, finds: &finds, graph: &graph, roots, tips: &tips };
    let head = refs::head(repo, &mut skipped);
    let mut found = inquiry.run(&folders, head)?;
    found.trail = trail.filter(|_| found.skipped.is_empty());
    found.trees = trees;
    found.same = same;
    found.skipped.append(&mut skipped);
    found.skipped.sort();
    found.skipped.dedup();
    found.titles = finds.titles.into_iter().collect();
    found.titles.sort_unstable();
    Ok(Some(found))
}

/// The commits at which a shallow clone's history ends.
fn shallow(repo: &Repository) -> Result<HashSet<ObjectId>, SourceError> {
    let boundary = history::shallow(repo.commondir())?;
    Ok(boundary.into_iter().collect())
}

/// All that was read, when the questions are asked.
struct Inquiry<'i> {
    store: &'i Store,
    wanted: &'i Wanted,
    finds: &'i Finds,
    graph: &'i Graph,
    /// The number of each commit's tree.
    roots: Vec<Option<u32>>,
    tips: &'i [Tip],
}

impl Inquiry<'_> {
    fn run(&self, folders: &Folders, head: Option<ObjectId>) -> Result<Attribution, SourceError> {
        let mut tracer = Tracer {
            folders,
            wanted: self.wanted,
            paths: Paths::default(),
            entries: Vec::new(),
            placed: BTreeSet::new(),
            left: STEPS,
            room: room(self.wanted),
        };
        let mut found = Attribution {
            names: self.tips.iter().map(|tip| tip.name.clone()).collect(),
            ..Attribution::default()
        };
        for at in self.trace(&mut tracer) {
            let fault = Fault::budget("it has too many folders to compare");
            found.skipped.push(fault.about(self.graph.ids[index(at)].to_string()));
        }
        let entries = std::mem::take(&mut tracer.entries);
        self.introduce(&entries, &mut tracer.paths, &mut found)?;
        let placed = std::mem::take(&mut tracer.placed);
        let kept = self.look_at_head(head, &mut tracer, &mut found);
        self.find_strays(&placed, &mut tracer, &mut found);
        tracer.left = STEPS;
        self.follow((head, &kept), &entries, &mut tracer, &mut found)?;
        Ok(found)
    }

    fn tree(&self, commit: u32) -> Option<u32> {
        self.roots[index(commit)]
    }

    /// Walks all commits, oldest first; returns those that were not looked at in full.
    fn trace(&self, tracer: &mut Tracer<'_>) -> Vec<u32> {
        let mut cut = Vec::new();
        for (at, parents) in (0u32..).zip(&self.graph.parents) {
            let Some(tree) = self.tree(at) else { continue };
            if !tracer.folders.leads(tree) {
                continue;
            }
            let before = parents.iter().filter_map(|&parent| self.tree(parent));
            if !tracer.trace(at, tree, before.collect()) {
                cut.push(at);
            }
        }
        cut
    }

    /// Turns entries into introductions, and finds the refs that reach them.
    fn introduce(
        &self,
        entries: &[Entry],
        paths: &mut Paths,
        found: &mut Attribution,
    ) -> Result<(), SourceError> {
        let mut all: Vec<(u32, u32, Option<u32>, u32)> = entries
            .iter()
            .map(|entry| (entry.group, entry.commit, Some(entry.path), entry.object))
            .collect();
        for (object, id) in (0..).zip(&self.wanted.ids) {
            if let Some(commit) = self.graph.find(*id) {
                let groups = &self.wanted.groups[index(object)];
                all.extend(groups.iter().map(|&group| (group, commit, None, object)));
            }
        }
        all.sort_unstable();
        let mut commits: Vec<u32> = all.iter().map(|row| row.1).collect();
        commits.sort_unstable();
        commits.dedup();
        self.describe(&commits, found)?;
        for rows in all.chunk_by(|a, b| a.0 == b.0) {
            let introduction = |&(_, commit, path, object): &(u32, u32, Option<u32>, u32)| {
                let path: Option<u32> = path;
                Introduction {
                    path: path.map(|path| paths.text(path, &self.finds.names.all)),
                    object: self.wanted.ids[index(object)],
                    commit: commits.partition_point(|&other| other < commit),
                }
            };
            let mut introductions: Vec<Introduction> = rows.iter().map(introduction).collect();
            // Commits are oldest first already; paths were in the order of their numbers.
            introductions.sort_by(|a, b| (a.commit, &a.path).cmp(&(b.commit, &b.path)));
            found.groups.insert(rows[0].0, Trace { introductions, ..Trace::default() });
        }
        Ok(())
    }

    /// Reads what reports say about `commits`, and which refs reach them.
    fn describe(&self, commits: &[u32], found: &mut Attribution) -> Result<(), SourceError> {
        let (tips, names): (Vec<u32>, Vec<u32>) = (0..)
            .zip(self.tips)
            .filter_map(|(name, tip)| Some((self.graph.find(*tip.chain.last()?)?, name)))
            .unzip();
        let mut sets: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        let reached = self.graph.reached(commits, &tips);
        for (&commit, tips) in commits.iter().zip(reached) {
            let id = self.graph.ids[index(commit)];
            let refs = tips.into_iter().map(|tip| names[index(tip)]).collect();
            let new = sets.len();
            let set = *sets.entry(refs).or_insert(new);
            let facts = match self.store.read(id)? {
                Some((_, bytes)) => commit::facts(id, &bytes),
                None => commit::facts(id, b""),
            };
            found.commits.push(Introducer { facts, set });
        }
        found.sets = vec![Vec::new(); sets.len()];
        for (refs, set) in sets {
            found.sets[set] = refs;
        }
        Ok(())
    }

    /// Notes at which paths HEAD still holds each group; returns the numbers of both.
    fn look_at_head(
        &self,
        head: Option<ObjectId>,
        tracer: &mut Tracer<'_>,
        found: &mut Attribution,
    ) -> BTreeSet<(u32, u32)> {
        let mut kept = BTreeSet::new();
        let commit = head.and_then(|id| self.graph.find(id));
        let Some(tree) = commit.and_then(|commit| self.tree(commit)) else {
            return kept;
        };
        if !tracer.trace(0, tree, Vec::new()) {
            let fault = Fault::budget("HEAD has too many folders to look at");
            found.skipped.push(fault.about("HEAD"));
        }
        let mut entries = std::mem::take(&mut tracer.entries);
        kept.extend(entries.iter().map(|entry| (entry.path, entry.group)));
        entries.sort_unstable_by_key(|entry| entry.group);
        for entries in entries.chunk_by(|a, b| a.group == b.group) {
            let text = |entry: &Entry| tracer.paths.text(entry.path, &self.finds.names.all);
            let mut head: Vec<Arc<BString>> = entries.iter().map(text).collect();
            head.sort_unstable();
            head.dedup();
            found.groups.entry(entries[0].group).or_default().head = head;
        }
        kept
    }

    /// Notes wanted objects that are in no commit, and the refs that point at them or at a folder
    /// that holds them.
    fn find_strays(
        &self,
        placed: &BTreeSet<u32>,
        tracer: &mut Tracer<'_>,
        found: &mut Attribution,
    ) {
        for (at, id) in (0..).zip(&self.wanted.ids) {
            if !placed.contains(&at) && self.graph.find(*id).is_none() {
                found.strays.insert(*id, Vec::new());
            }
        }
        if found.strays.is_empty() {
            return;
        }
        for tip in self.tips {
            let folder = tip.chain.last().and_then(|id| self.finds.trees.find(id));
            tracer.placed.clear();
            if let Some(tree) = folder
                && !tracer.trace(0, tree, Vec::new())
            {
                let fault = Fault::budget("it has too many folders to look at");
                found.skipped.push(fault.about(tip.name.clone()));
            }
            tracer.entries.clear();
            let inside = tracer.placed.iter().map(|&at| &self.wanted.ids[index(at)]);
            for id in inside.chain(&tip.chain) {
                if let Some(refs) = found.strays.get_mut(id) {
                    refs.push(tip.name.clone());
                }
            }
        }
    }
}
