//! The commits, oldest first, and what reaches them.
//!
//! In: each commit's links. Out: a [`Graph`] in which parents stand before their children; which
//! tips reach which commits.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::survey::{Map, index};
use crate::source::ObjectId;
use crate::source::commit::Links;

/// Commits in an order in which parents come first, else by date.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Their ids.
    pub(super) ids: Vec<ObjectId>,
    /// Their folders.
    pub(super) trees: Vec<ObjectId>,
    /// Their parents, as far as they are there.
    pub(super) parents: Vec<Vec<u32>>,
    /// Parents that are not there though they should be, with a child.
    pub(super) missing: Vec<(ObjectId, ObjectId)>,
    numbers: Map<ObjectId, u32>,
}

impl Graph {
    /// Orders `commits`; those in `shallow` have no parents as far as this store goes.
    pub(super) fn new(mut commits: Vec<(ObjectId, Links)>, shallow: &HashSet<ObjectId>) -> Self {
        commits.sort_by_key(|(id, links)| (links.time, *id));
        commits.dedup_by(|a, b| a.0 == b.0);
        let known: Map<ObjectId, u32> = (0..).zip(&commits).map(|(at, c)| (c.0, at)).collect();
        let mut graph = Self::default();
        let mut parents: Vec<Vec<u32>> = Vec::with_capacity(commits.len());
        for (id, links) in &commits {
            let mut found = Vec::with_capacity(links.parents.len());
            for parent in links.parents.iter().filter(|_| !shallow.contains(id)) {
                match known.get(parent) {
                    Some(&at) => found.push(at),
                    None => graph.missing.push((*parent, *id)),
                }
            }
            found.sort_unstable();
            found.dedup();
            parents.push(found);
        }
        let order = sort(&parents);
        let mut place = vec![0; order.len()];
        for (new, &old) in (0..).zip(&order) {
            place[index(old)] = new;
        }
        for &old in &order {
            let (id, links) = &commits[index(old)];
            let parents = &parents[index(old)];
            graph.numbers.insert(*id, place[index(old)]);
            graph.ids.push(*id);
            graph.trees.push(links.tree);
            graph.parents.push(parents.iter().map(|&at| place[index(at)]).collect());
        }
        graph
    }

    /// The number of commit `id`.
    pub(super) fn find(&self, id: ObjectId) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    /// For each commit, whether `from` is it or has grown from it.
    pub(super) fn history(&self, from: Option<u32>) -> Vec<bool> {
        let mut history = vec![false; self.ids.len()];
        let mut todo: Vec<u32> = from.into_iter().collect();
        while let Some(at) = todo.pop() {
            if !std::mem::replace(&mut history[index(at)], true) {
                todo.extend_from_slice(&self.parents[index(at)]);
            }
        }
        history
    }

    /// For each of `commits`, which of `tips` reach it, as indexes into `tips`.
    pub(super) fn reached(&self, commits: &[u32], tips: &[u32]) -> Vec<Vec<u32>> {
        let mut reached = vec![Vec::new(); commits.len()];
        let mut masks = vec![0u64; self.ids.len()];
        for (batch, reached) in commits.chunks(64).zip(reached.chunks_mut(64)) {
            self.spread(batch, &mut masks);
            for (tip, &commit) in (0..).zip(tips) {
                let mut mask = masks[index(commit)];
                while mask != 0 {
                    reached[index(mask.trailing_zeros())].push(tip);
                    mask &= mask - 1;
                }
            }
        }
        reached
    }

    /// Sets bit n in the mask of every commit that has the n-th commit of `batch` in its history.
    fn spread(&self, batch: &[u32], masks: &mut [u64]) {
        masks.fill(0);
        for (bit, &commit) in batch.iter().enumerate() {
            masks[index(commit)] |= 1 << bit;
        }
        for (at, parents) in self.parents.iter().enumerate() {
            for &parent in parents {
                masks[at] |= masks[index(parent)];
            }
        }
    }
}

/// Orders commits given by date so that parents come first.
fn sort(parents: &[Vec<u32>]) -> Vec<u32> {
    let mut children = vec![Vec::new(); parents.len()];
    let mut waiting: Vec<usize> = parents.iter().map(Vec::len).collect();
    for (child, parents) in (0u32..).zip(parents) {
        for &parent in parents {
            children[index(parent)].push(child);
        }
    }
    let ready = (0u32..).zip(&waiting).filter(|(_, left)| **left == 0);
    let mut ready: BinaryHeap<Reverse<u32>> = ready.map(|(at, _)| Reverse(at)).collect();
    let mut order = Vec::with_capacity(parents.len());
    while let Some(Reverse(commit)) = ready.pop() {
        order.push(commit);
        for &child in &children[index(commit)] {
            waiting[index(child)] -= 1;
            if waiting[index(child)] == 0 {
                ready.push(Reverse(child));
            }
        }
    }
    // Ids that lie can make circles; their commits come last, by date.
    let circle = (0u32..).zip(&waiting).filter(|(_, left)| **left > 0);
    order.extend(circle.map(|(at, _)| at));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> ObjectId {
        ObjectId::new(&[n; 20])
    }

    fn graph(commits: &[(u8, &[u8], i64)], shallow: &[u8]) -> Graph {
        let commits = commits.iter().map(|&(n, parents, time)| {
            let parents = parents.iter().map(|&n| id(n)).collect();
            let tree = id(n + 100);
            (id(n), Links { tree, parents, time })
        });
        let shallow = shallow.iter().map(|&n| id(n)).collect();
        Graph::new(commits.collect(), &shallow)
    }

    #[test]
    fn parents_come_first_whatever_the_dates_say() {
        let graph = graph(&[(1, &[2], 1), (2, &[], 9), (3, &[1, 9], 3), (4, &[3], 2)], &[]);
        assert_eq!(graph.ids, [id(2), id(1), id(3), id(4)]);
        assert_eq!(graph.missing, [(id(9), id(3))]);
        assert_eq!(graph.trees[0], id(102));
    }

    #[test]
    fn circles_and_boundaries_end() {
        let graph = graph(&[(1, &[2], 1), (2, &[1], 2), (3, &[4], 3)], &[3]);
        assert_eq!(graph.ids, [id(3), id(1), id(2)]);
        assert!(graph.missing.is_empty());
    }

    #[test]
    fn tips_reach_their_history() {
        let commits: Vec<(u8, Vec<u8>, i64)> = (0..100u8)
            .map(|n| (n, if n < 2 { vec![] } else { vec![n - 2] }, i64::from(n)))
            .collect();
        let commits: Vec<_> = commits.iter().map(|(n, p, t)| (*n, &p[..], *t)).collect();
        let graph = graph(&commits, &[]);
        let all: Vec<u32> = (0..100).collect();
        let tips = [98, 99, 50].map(|n| graph.find(id(n)).unwrap());
        let reached = graph.reached(&all, &tips);
        assert_eq!(reached[4], [0, 2]);
        assert_eq!(reached[70], [0]);
        assert_eq!(reached[99], [1]);
    }
}
