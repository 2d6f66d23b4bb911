//! Who brought what into the history, when and where; and who still holds it.
//!
//! In: objects that hold something, in groups: a group is one value found by one rule. Out: for each
//! group the commits and paths that introduce it, whether HEAD still has it, and the refs that reach
//! it. Nothing is compared by diff: one pass reads all trees, then commits are walked oldest first,
//! and only folders that lead to a wanted object and differ from all parents' are entered.

pub(super) mod absent;
pub mod again;
mod folders;
mod graph;
mod outline;
mod places;
pub(super) mod refs;
mod survey;
mod wanted;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bstr::BString;

use self::absent::Absent;
use self::again::{Placed, Trail};
use self::folders::Folders;
use self::graph::Graph;
use self::places::{Entry, Paths, STEPS, Tracer, room};
use self::refs::Tip;
use self::survey::{Finds, Reader, index};
use self::wanted::Wanted;
use super::objects::Store;
use super::pack::Fault;
use super::{CommitFacts, ObjectId, Skipped, SourceError, commit, history};

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
    /// What the next attribution of this store can start from; `None` where something was missing.
    pub trail: Option<Trail>,
    /// The trees that were read.
    pub trees: Vec<ObjectId>,
    /// Names of files and folders, of any tree, that are long enough to hold a secret; sorted.
    pub titles: Vec<BString>,
    commits: Vec<Introducer>,
    /// Sets of refs, as indexes into `names`; many commits share one.
    sets: Vec<Vec<u32>>,
    names: Vec<BString>,
}

/// One group's way through the history.
#[derive(Debug, Default)]
pub struct Trace {
    /// Where it was introduced, oldest first.
    pub introductions: Vec<Introduction>,
    /// The paths at which HEAD's tree holds it.
    pub head: BTreeSet<BString>,
}

/// A commit whose tree holds a group at a path where no parent's tree does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// The path; `None` where the group is in the commit object itself.
    pub path: Option<BString>,
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
        trace.is_some_and(|trace| trace.head.contains(path))
    }
}

/// Finds out where the groups of `wanted` objects come from, with `threads` threads.
///
/// # Errors
/// [`SourceError`] where refs, HEAD or a commit that introduces something cannot be read.
pub fn attribute<S>(
    store: &Store,
    repo: &git2::Repository,
    wanted: &HashMap<ObjectId, Vec<u32>, S>,
    threads: usize,
) -> Result<Attribution, SourceError> {
    let wanted = Wanted::new(wanted);
    let survey = store.each(threads, &Reader { wanted: &wanted, store });
    let mut finds = Finds::join(survey.workers);
    let mut skipped = survey.skipped;
    skipped.append(&mut finds.skipped);
    let whole = skipped.is_empty();
    let gone = Absent { folders: finds.lost().collect(), files: std::mem::take(&mut finds.gone) };
    absent::tell(&gone, store.is_partial() || absent::is_promised(repo.commondir()), &mut skipped);
    let tips = refs::list(repo, &finds.tags, &mut skipped);
    let boundary = shallow(repo)?;
    let commits = std::mem::take(&mut finds.commits);
    let mut trail = Trail { commits: commits.clone(), gone, ..Trail::default() };
    let graph = Graph::new(commits, &boundary);
    skipped.extend(graph.gaps());
    let folders = Folders::new(
        std::mem::take(&mut finds.folders),
        std::mem::take(&mut finds.holds),
        finds.trees.all.len(),
    );
    let teller = Teller { store, wanted: &wanted, graph: &graph, tips: &tips };
    let inquiry = Inquiry { teller, finds: &finds };
    let head = refs::head(repo, &mut skipped);
    let mut found = inquiry.run(&folders, head, &mut trail)?;
    if whole && found.skipped.is_empty() {
        trail.finish(&finds.tags, &boundary);
        found.trail = Some(trail);
    }
    found.skipped.append(&mut skipped);
    found.skipped.sort();
    found.skipped.dedup();
    found.trees = finds.read();
    found.titles = finds.titles.into_iter().collect();
    found.titles.sort_unstable();
    Ok(found)
}

/// The commits at which a shallow clone's history ends.
fn shallow(repo: &git2::Repository) -> Result<HashSet<ObjectId>, SourceError> {
    let boundary = history::shallow(repo.commondir())?;
    Ok(boundary.into_iter().collect())
}

/// All that was read, when the questions are asked.
struct Inquiry<'i> {
    teller: Teller<'i>,
    finds: &'i Finds,
}

impl Inquiry<'_> {
    fn run(
        &self,
        folders: &Folders,
        head: Option<ObjectId>,
        trail: &mut Trail,
    ) -> Result<Attribution, SourceError> {
        let wanted = self.teller.wanted;
        let mut tracer = Tracer {
            folders,
            wanted,
            paths: Paths::default(),
            entries: Vec::new(),
            placed: BTreeSet::new(),
            left: STEPS,
            room: room(wanted),
        };
        let cut = self.trace(&mut tracer);
        let placed = std::mem::take(&mut tracer.placed);
        let rows = self.rows(&std::mem::take(&mut tracer.entries), &tracer.paths);
        self.teller.leave(&rows, &placed, trail);
        let mut found = self.teller.tell(rows)?;
        for at in cut {
            let fault = Fault::budget("it has too many folders to compare");
            found.skipped.push(fault.about(self.teller.graph.ids[index(at)].to_string()));
        }
        self.look_at_head(head, &mut tracer, &mut found);
        self.teller.stray(&placed, &mut found);
        if !found.strays.is_empty() {
            self.look_at_tips(&mut tracer, &mut found);
        }
        Ok(found)
    }

    fn tree(&self, commit: u32) -> Option<u32> {
        self.finds.trees.find(&self.teller.graph.trees[index(commit)])
    }

    /// Walks all commits, oldest first; returns those that were not looked at in full.
    fn trace(&self, tracer: &mut Tracer<'_>) -> Vec<u32> {
        let mut cut = Vec::new();
        for (at, parents) in (0u32..).zip(&self.teller.graph.parents) {
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

    fn rows(&self, entries: &[Entry], paths: &Paths) -> Vec<Row> {
        let row = |entry: &Entry| Row {
            commit: entry.commit,
            path: Some(paths.text(entry.path, &self.finds.names.all)),
            group: entry.group,
            object: entry.object,
        };
        entries.iter().map(row).collect()
    }

    /// Notes at which paths HEAD still holds each group.
    fn look_at_head(
        &self,
        head: Option<ObjectId>,
        tracer: &mut Tracer<'_>,
        found: &mut Attribution,
    ) {
        let commit = head.and_then(|id| self.teller.graph.find(id));
        let Some(tree) = commit.and_then(|commit| self.tree(commit)) else {
            return;
        };
        if !tracer.trace(0, tree, Vec::new()) {
            let fault = Fault::budget("HEAD has too many folders to look at");
            found.skipped.push(fault.about("HEAD"));
        }
        for entry in std::mem::take(&mut tracer.entries) {
            let path = tracer.paths.text(entry.path, &self.finds.names.all);
            found.groups.entry(entry.group).or_default().head.insert(path);
        }
    }

    /// Notes the refs that point at a folder that holds a wanted object which is in no commit.
    fn look_at_tips(&self, tracer: &mut Tracer<'_>, found: &mut Attribution) {
        for tip in self.teller.tips {
            let folder = tip.chain.last().and_then(|id| self.finds.trees.find(id));
            let Some(tree) = folder else { continue };
            tracer.placed.clear();
            if !tracer.trace(0, tree, Vec::new()) {
                let fault = Fault::budget("it has too many folders to look at");
                found.skipped.push(fault.about(tip.name.clone()));
            }
            tracer.entries.clear();
            for &at in &tracer.placed {
                if let Some(refs) = found.strays.get_mut(&self.teller.wanted.ids[index(at)]) {
                    refs.push(tip.name.clone());
                    refs.sort_unstable();
                }
            }
        }
    }
}

/// A group in a commit: in its tree, or where there is no path in the commit itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    commit: u32,
    path: Option<BString>,
    group: u32,
    object: u32,
}

/// Turns what was found out into what is told.
struct Teller<'t> {
    store: &'t Store,
    wanted: &'t Wanted,
    graph: &'t Graph,
    tips: &'t [Tip],
}

impl Teller<'_> {
    /// Writes down what the next attribution can start from.
    fn leave(&self, rows: &[Row], placed: &BTreeSet<u32>, trail: &mut Trail) {
        let Self { wanted, graph, .. } = self;
        let number = |at: usize| u32::try_from(at).expect("fewer groups than 2^32");
        trail.placed = placed.iter().map(|&at| wanted.ids[index(at)]).collect();
        trail.entries = rows
            .iter()
            .map(|row| {
                let groups = &wanted.groups[index(row.object)];
                Placed {
                    commit: graph.ids[index(row.commit)],
                    path: row.path.clone().unwrap_or_default(),
                    object: wanted.ids[index(row.object)],
                    group: number(groups.partition_point(|group| *group < row.group)),
                    groups: number(groups.len()),
                }
            })
            .collect();
        trail.entries.sort_unstable();
    }

    /// Turns rows into introductions, and finds the refs that reach them.
    fn tell(&self, mut rows: Vec<Row>) -> Result<Attribution, SourceError> {
        let mut found = Attribution {
            names: self.tips.iter().map(|tip| tip.name.clone()).collect(),
            ..Attribution::default()
        };
        for (object, id) in (0..).zip(&self.wanted.ids) {
            if let Some(commit) = self.graph.find(*id) {
                let groups = &self.wanted.groups[index(object)];
                rows.extend(groups.iter().map(|&group| Row { commit, path: None, group, object }));
            }
        }
        rows.sort_unstable();
        let mut commits: Vec<u32> = rows.iter().map(|row| row.commit).collect();
        commits.dedup();
        self.describe(&commits, &mut found)?;
        for Row { commit, path, group, object } in rows {
            let introduction = Introduction {
                path,
                object: self.wanted.ids[index(object)],
                commit: commits.partition_point(|&other| other < commit),
            };
            found.groups.entry(group).or_default().introductions.push(introduction);
        }
        Ok(found)
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

    /// Notes wanted objects that are in no commit, and the refs that point at them.
    fn stray(&self, placed: &BTreeSet<u32>, found: &mut Attribution) {
        for (at, id) in (0..).zip(&self.wanted.ids) {
            if !placed.contains(&at) && self.graph.find(*id).is_none() {
                found.strays.insert(*id, Vec::new());
            }
        }
        if found.strays.is_empty() {
            return;
        }
        for tip in self.tips {
            for id in &tip.chain {
                if let Some(refs) = found.strays.get_mut(id) {
                    refs.push(tip.name.clone());
                }
            }
        }
    }
}
