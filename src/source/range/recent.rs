//! The commits made since a moment.
//!
//! In: where to begin, and the moment. Out: the commits that are as new, newest first. The walk ends where commits
//! are older, so it costs what is new, not what there is. Clocks differ: a few older commits in a row are passed
//! through, for newer ones may stand behind them.

use std::collections::{BinaryHeap, HashMap, HashSet};

use git2::{Odb, Oid};

use crate::source::ObjectId;
use crate::source::commit::Links;
use crate::source::git::load;

/// Older commits in a row that are passed through. Git passes through as many.
const SLOP: u8 = 5;

/// Walks from `starts` on, as the commits' own texts connect them; history ends at `shallow`. A commit that cannot
/// be read counts as new, to be told about.
pub(super) fn since(
    odb: &Odb<'_>,
    starts: Vec<Oid>,
    shallow: &HashSet<ObjectId>,
    moment: i64,
) -> Vec<Oid> {
    let mut walk = Walk { odb, shallow, queue: BinaryHeap::new(), known: HashMap::new() };
    for start in starts {
        walk.reach(start, SLOP);
    }
    let mut recent = Vec::new();
    let mut told = HashSet::new();
    while let Some((time, id)) = walk.queue.pop() {
        let known = &walk.known[&id];
        let (slop, parents) = (known.slop, known.parents.clone());
        let new = time >= moment;
        if new && told.insert(id) {
            recent.push(id);
        }
        let left = if new { Some(SLOP) } else { slop.checked_sub(1) };
        if let Some(left) = left {
            for parent in parents {
                walk.reach(parent, left);
            }
        }
    }
    recent
}

/// A walk under way.
struct Walk<'w> {
    odb: &'w Odb<'w>,
    shallow: &'w HashSet<ObjectId>,
    /// Commits to look at, the newest first.
    queue: BinaryHeap<(i64, Oid)>,
    known: HashMap<Oid, Known>,
}

/// A commit that was come by.
struct Known {
    time: i64,
    parents: Vec<Oid>,
    /// How many older commits in a row may follow.
    slop: u8,
}

impl Walk<'_> {
    /// Comes by a commit. Where that was so before, it matters only if the walk may now go further.
    fn reach(&mut self, id: Oid, slop: u8) {
        if let Some(known) = self.known.get_mut(&id) {
            if slop > known.slop {
                known.slop = slop;
                self.queue.push((known.time, id));
            }
            return;
        }
        let links = load(self.odb, id).ok().and_then(|object| Links::parse(object.data()));
        let time = links.as_ref().map_or(i64::MAX, |links| links.time);
        let parents = match links {
            Some(links) if !self.shallow.contains(&id.into()) => {
                links.parents.into_iter().map(Oid::from).collect()
            }
            _ => Vec::new(),
        };
        self.known.insert(id, Known { time, parents, slop });
        self.queue.push((time, id));
    }
}
