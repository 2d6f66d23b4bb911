//! What became of a group after it was introduced.
//!
//! In: where groups entered the history, and where HEAD still holds them. Out: a [`Fate`] for each group and path: the
//! commit that took it away, the last that held it, and until when it lay open. What takes a group away is what would
//! introduce it, with parent and child changed over; commits are compared so only if something is gone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bstr::BString;

use super::places::{Entry, Tracer};
use super::survey::{empty, index};
use super::{Attribution, Inquiry, Introducer};
use crate::source::commit::{self, Links};
use crate::source::{CommitFacts, ObjectId, SourceError};

/// What became of a value at a path after it was introduced there.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fate {
    /// The last commit that held it: HEAD, the one before it was removed, or the tip of another branch.
    pub last: Option<Arc<CommitFacts>>,
    /// The commit that removed it, or the merge that left it out; `None` where HEAD or another branch still has it.
    pub removed: Option<Arc<CommitFacts>>,
    /// Until when it lay open, as far as this repository knows, in seconds since 1970.
    pub until: i64,
}

/// A path and a group, by their numbers.
type Spot = (u32, u32);

/// The commit that took a group away, and the last one that held it.
type Removal = (u32, u32);

/// Commits that were looked up, by number.
#[derive(Default)]
struct Known(HashMap<u32, (Arc<CommitFacts>, i64)>);

impl Inquiry<'_> {
    /// Finds out what became of all that was introduced by `entries`; `kept` is what `head` still holds.
    pub(super) fn follow(
        &self,
        (head, kept): (Option<ObjectId>, &BTreeSet<Spot>),
        entries: &[Entry],
        tracer: &mut Tracer<'_>,
        found: &mut Attribution,
    ) -> Result<(), SourceError> {
        let head = head.and_then(|id| self.graph.find(id));
        let spots = entries.iter().map(|entry| (entry.path, entry.group));
        let gone: BTreeSet<Spot> = spots.filter(|spot| !kept.contains(spot)).collect();
        let removals = self.removals(head, &gone, tracer);
        let mut known = Known::default();
        let now = match head {
            Some(head) => Some(self.look_up(head, &mut known)?),
            None => None,
        };
        let today = now.as_ref().map_or(0, |(_, time)| *time);
        let of_head = Fate { last: now.map(|(facts, _)| facts), removed: None, until: today };
        let mut fates: BTreeMap<Spot, Fate> = BTreeMap::new();
        for entry in entries {
            let spot = (entry.path, entry.group);
            let fate = match removals.get(&spot) {
                _ if kept.contains(&spot) => of_head.clone(),
                Some(&(commit, last)) => {
                    let (removed, until) = self.look_up(commit, &mut known)?;
                    let (last, _) = self.look_up(last, &mut known)?;
                    Fate { last: Some(last), removed: Some(removed), until }
                }
                // It lies on other branches only.
                None => match self.tip(entry.commit, found) {
                    Some(tip) => {
                        let (last, until) = self.look_up(tip, &mut known)?;
                        Fate { last: Some(last), removed: None, until: until.max(today) }
                    }
                    None => Fate { until: today, ..Fate::default() },
                },
            };
            let later = fates.get(&spot).is_none_or(|other| other.until < fate.until);
            if later {
                fates.insert(spot, fate);
            }
        }
        let mut fates: Vec<(Spot, Fate)> = fates.into_iter().collect();
        fates.sort_by_key(|((_, group), _)| *group);
        for fates in fates.chunk_by(|a, b| a.0.1 == b.0.1) {
            let text = |((path, _), fate): &(Spot, Fate)| {
                (tracer.paths.text(*path, &self.finds.names.all), fate.clone())
            };
            let mut told: Vec<(Arc<BString>, Fate)> = fates.iter().map(text).collect();
            told.sort_unstable();
            found.groups.entry(fates[0].0.1).or_default().fates = told;
        }
        found.until = today;
        Ok(())
    }

    /// The commits that took away what is `gone`: where there are several, the last that HEAD has grown from. What no
    /// commit took away a merge may have left out, though one of its parents held it: then the first that did.
    fn removals(
        &self,
        head: Option<u32>,
        gone: &BTreeSet<Spot>,
        tracer: &mut Tracer<'_>,
    ) -> BTreeMap<Spot, Removal> {
        let ours = self.graph.history(head);
        let mut removals = BTreeMap::new();
        tracer.entries.clear();
        for (at, parents) in (0u32..).zip(&self.graph.parents).filter(|_| !gone.is_empty()) {
            for (spot, last) in self.taken(at, parents, gone, tracer) {
                let removal = removals.entry(spot).or_insert((at, last));
                if ours[index(at)] || !ours[index(removal.0)] {
                    *removal = (at, last);
                }
            }
        }
        let rest: BTreeSet<Spot> =
            gone.iter().filter(|spot| !removals.contains_key(spot)).copied().collect();
        let merges = (0u32..).zip(&self.graph.parents).filter(|(_, parents)| parents.len() > 1);
        for (at, parents) in merges.filter(|_| !rest.is_empty()) {
            // What is stashed beside tracked files is a root of its own, of which the stash itself holds nothing.
            let beside = |&parent: &u32| self.graph.parents[index(parent)].is_empty();
            for &parent in parents.iter().filter(|parent| ours[index(at)] || !beside(parent)) {
                for spot in self.lost(at, parent, &rest, tracer) {
                    let removal = removals.entry(spot).or_insert((at, parent));
                    if ours[index(at)] && !ours[index(removal.0)] {
                        *removal = (at, parent);
                    }
                }
            }
        }
        removals
    }

    /// What all parents of a commit hold and it does not, with the last of the parents.
    fn taken(
        &self,
        at: u32,
        parents: &[u32],
        gone: &BTreeSet<Spot>,
        tracer: &mut Tracer<'_>,
    ) -> BTreeMap<Spot, u32> {
        let mut taken: Option<BTreeMap<Spot, u32>> = None;
        for &parent in parents {
            let lost = self.lost(at, parent, gone, tracer);
            let was = |spot: &Spot| taken.as_ref().is_none_or(|taken| taken.contains_key(spot));
            // Parents are sorted, so that the last one is named.
            let both: BTreeMap<Spot, u32> =
                lost.into_iter().filter(was).map(|spot| (spot, parent)).collect();
            if both.is_empty() {
                return both;
            }
            taken = Some(both);
        }
        taken.unwrap_or_default()
    }

    /// What a parent of a commit holds and the commit does not.
    fn lost(
        &self,
        at: u32,
        parent: u32,
        gone: &BTreeSet<Spot>,
        tracer: &mut Tracer<'_>,
    ) -> BTreeSet<Spot> {
        let (tree, before) = (self.tree(at), self.tree(parent));
        // What could not be read has taken nothing away; the empty folder need not be there.
        let unread = tree.is_none() && !empty().contains(&Some(self.graph.trees[index(at)]));
        let Some(before) = before.filter(|&before| tracer.folders.leads(before)) else {
            return BTreeSet::new();
        };
        if unread || tree == Some(before) {
            return BTreeSet::new();
        }
        tracer.trace(parent, before, tree.into_iter().collect());
        let entries = std::mem::take(&mut tracer.entries);
        let spots = entries.iter().map(|entry| (entry.path, entry.group));
        spots.filter(|spot| gone.contains(spot)).collect()
    }

    /// The latest of the tips that reach a commit that introduces something.
    fn tip(&self, commit: u32, found: &Attribution) -> Option<u32> {
        let number = |introducer: &Introducer| self.graph.find(introducer.facts.id);
        let at = found.commits.binary_search_by_key(&Some(commit), number).ok()?;
        let names = found.sets[found.commits[at].set].iter();
        names.filter_map(|&name| self.graph.find(*self.tips[index(name)].chain.last()?)).max()
    }

    /// What reports say of a commit, and when it was committed.
    fn look_up(&self, at: u32, known: &mut Known) -> Result<(Arc<CommitFacts>, i64), SourceError> {
        if let Some((facts, time)) = known.0.get(&at) {
            return Ok((Arc::clone(facts), *time));
        }
        let id = self.graph.ids[index(at)];
        let read = self.store.read(id)?;
        let bytes = read.as_ref().map_or(&b""[..], |(_, bytes)| bytes);
        let facts = Arc::new(commit::facts(id, bytes));
        let time = Links::parse(bytes).map_or(facts.seconds, |links| links.time);
        known.0.insert(at, (Arc::clone(&facts), time));
        Ok((facts, time))
    }
}

impl Attribution {
    /// What became of a group at a path; of what is in a commit itself nothing becomes.
    #[must_use]
    pub fn fate(&self, group: u32, path: Option<&BString>) -> Fate {
        let trace = self.groups.get(&group);
        let fate = path.and_then(|path| {
            let fates = &trace?.fates;
            let at = fates.binary_search_by(|(other, _)| (**other).cmp(path)).ok()?;
            Some(fates[at].1.clone())
        });
        fate.unwrap_or(Fate { until: self.until, ..Fate::default() })
    }
}
