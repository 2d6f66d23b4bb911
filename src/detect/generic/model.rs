//! How likely a candidate is a credential, by a small forest of decision trees.
//!
//! In: [`Features`]. Out: a score from 0 to 1. The trees are trained by `training/train.py` and are constants;
//! they are summed as integers, so that the score is the same on every machine. `docs/model.md` says what they
//! were trained on and how far to trust them.

use std::ops::Range;

use super::features::{COUNT, FIRST_OF_PATH, Features};

/// A question about one feature, and where to go on.
#[derive(Clone, Copy, Debug)]
struct Node {
    feature: u8,
    /// Go to the first if the feature is at most this, else to the second.
    most: u8,
    next: [i16; 2],
}

/// A node of the table.
const fn n(feature: u8, most: u8, left: i16, right: i16) -> Node {
    assert!((feature as usize) < COUNT, "the trees were trained with other features");
    Node { feature, most, next: [left, right] }
}

include!("tables/trees.rs");

/// Fractions of a logit that leaves count in.
const UNIT: f64 = 1024.0;

/// The same trees, their questions in the order of features and numbers. No tree is walked, step after step to places
/// that cannot be foreseen: for each number of a feature it is known which leaves of all trees are ruled out by it, and
/// in each tree the first leaf that is left is the one that a walk comes to.
struct Forest {
    /// What is left of the leaves of each tree: a bit for each leaf.
    left: [[u16; ROOTS.len()]; ROWS],
    /// For each number of each feature, the row that tells what is left; the first one leaves all.
    rows: [[u16; 256]; COUNT],
    /// The first leaf of each tree; those that ask for the path stand behind the others.
    leaves: [u16; ROOTS.len()],
}

/// A tree as it was trained.
#[derive(Clone, Copy)]
struct Tree {
    /// Its first leaf.
    leaf: u16,
    /// Whether it asks for the path.
    path: bool,
}

static FOREST: Forest = Forest::new();

/// One more than there are different numbers that features are compared with.
const ROWS: usize = {
    let before = before();
    let (mut count, mut key) = (1, 0);
    while key < KEYS {
        count += (before[key + 1] > before[key]) as usize;
        key += 1;
    }
    count
};
/// Features and numbers, in the order in which questions are sorted.
const KEYS: usize = COUNT * 256;

/// How many trees ask for the path.
#[expect(clippy::cast_sign_loss, reason = "a tree with questions begins with one")]
const PATHS: usize = {
    let (mut count, mut tree) = (0, 0);
    while tree < ROOTS.len() {
        let end = if tree + 1 == ROOTS.len() { NODES.len() } else { ROOTS[tree + 1] as usize };
        let (mut node, mut asks) = (ROOTS[tree] as usize, 0);
        while node < end {
            if NODES[node].feature as usize >= FIRST_OF_PATH {
                asks = 1;
            }
            node += 1;
        }
        count += asks;
        tree += 1;
    }
    count
};

/// What the trees say before the path is known, so that they are not asked twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Apart {
    /// The sum of those that do not ask for it.
    sum: i32,
    /// A bit for each leaf that is left of those that do.
    left: [u16; PATHS],
}

#[expect(clippy::cast_possible_truncation, reason = "there are few nodes and trees")]
impl Forest {
    /// Rearranges the trees as they were trained: each node stands ahead of those it leads to, and the leaves of a
    /// tree stand in their order.
    #[expect(clippy::large_stack_arrays, reason = "only the compiler runs it")]
    const fn new() -> Self {
        let below = below();
        let (trees, tree_of) = trees(&below);
        let (leaves, places) = parted(&trees);
        let nodes = sorted();
        let mut left = [[u16::MAX; ROOTS.len()]; ROWS];
        let mut rows = [[0; 256]; COUNT];
        let (mut known, mut at, mut row, mut place) = (0, 0, 0, 0);
        while place < KEYS {
            if place % 256 == 0 {
                row = 0;
            }
            rows[place / 256][place % 256] = row as u16;
            // A question is about the numbers above its own; what lower ones rule out is ruled out as well.
            if at < nodes.len() && key(nodes[at]) == place {
                known += 1;
                left[known] = left[row];
                row = known;
            }
            while at < nodes.len() && key(nodes[at]) == place {
                let node = nodes[at];
                let tree = tree_of[node];
                let [from, until, _] = below[node];
                let leaf = trees[tree].leaf as usize;
                let out = (1_u32 << (until - leaf)) - (1_u32 << (from - leaf));
                left[row][places[tree] as usize] &= !(out as u16);
                at += 1;
            }
            place += 1;
        }
        Self { left, rows, leaves }
    }

    /// Asks what `features` tell of all trees, up to the path.
    fn ask(&self, features: &Features) -> Apart {
        let mut left = [u16::MAX; ROOTS.len()];
        self.rule_out(features, 0..FIRST_OF_PATH, &mut left);
        let (apart, open) = left.split_last_chunk().expect("some trees ask for the path");
        Apart { sum: Self::sum(&self.leaves, apart), left: *open }
    }

    /// The sum of the leaves of all trees, once the path is known too.
    fn end(&self, features: &Features, apart: &Apart) -> i32 {
        let mut left = apart.left;
        self.rule_out(features, FIRST_OF_PATH..COUNT, &mut left);
        apart.sum + Self::sum(&self.leaves[ROOTS.len() - PATHS..], &left)
    }

    /// Rules leaves of the last trees out by some of the features.
    fn rule_out<const TREES: usize>(
        &self,
        features: &Features,
        some: Range<usize>,
        left: &mut [u16; TREES],
    ) {
        for feature in some {
            let row = self.rows[feature][usize::from(features.bytes()[feature])];
            let row = self.left[usize::from(row)].last_chunk::<TREES>();
            for (left, row) in left.iter_mut().zip(row.expect("there are as many trees")) {
                *left &= row;
            }
        }
    }

    /// The sum of the first leaves that are left of each tree.
    fn sum(firsts: &[u16], left: &[u16]) -> i32 {
        let leaf = |(&first, left): (&u16, &u16)| {
            i32::from(LEAVES[usize::from(first) + left.trailing_zeros() as usize])
        };
        firsts.iter().zip(left).map(leaf).sum()
    }
}

/// The first leaf of each tree in a new order, in which those that ask for the path come last; and each tree's number in
/// it.
#[expect(clippy::cast_possible_truncation, reason = "there are at most 256 trees")]
const fn parted(trees: &[Tree; ROOTS.len()]) -> ([u16; ROOTS.len()], [u8; ROOTS.len()]) {
    let (mut leaves, mut numbers) = ([0; ROOTS.len()], [0; ROOTS.len()]);
    let (mut known, mut round) = (0, 0);
    while round < 2 {
        let mut tree = 0;
        while tree < ROOTS.len() {
            if trees[tree].path == (round == 1) {
                leaves[known] = trees[tree].leaf;
                numbers[tree] = known as u8;
                known += 1;
            }
            tree += 1;
        }
        round += 1;
    }
    (leaves, numbers)
}

/// The trees, and the one of each node. `below` is what [`below`] says.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "all are checked")]
const fn trees(below: &[[usize; 3]; NODES.len()]) -> ([Tree; ROOTS.len()], [usize; NODES.len()]) {
    assert!(ROOTS.len() <= 256 && NODES.len() <= u16::MAX as usize, "there are too many trees");
    let mut trees = [Tree { leaf: 0, path: false }; ROOTS.len()];
    let mut tree_of = [0; NODES.len()];
    let mut tree = 0;
    while tree < ROOTS.len() {
        let last = tree + 1 == ROOTS.len();
        let end = if last { NODES.len() } else { ROOTS[tree + 1] as usize };
        let mut node = ROOTS[tree] as usize;
        let [first, _, behind] = below[node];
        assert!(behind - first <= u16::BITS as usize, "a tree has more leaves than bits");
        trees[tree].leaf = first as u16;
        while node < end {
            tree_of[node] = tree;
            trees[tree].path |= NODES[node].feature as usize >= FIRST_OF_PATH;
            node += 1;
        }
        tree += 1;
    }
    (trees, tree_of)
}

/// For each key how many questions are sorted before it.
#[expect(clippy::large_stack_arrays, reason = "only the compiler runs it")]
const fn before() -> [u16; KEYS + 1] {
    let mut before = [0_u16; KEYS + 1];
    let mut node = 0;
    while node < NODES.len() {
        before[key(node) + 1] += 1;
        node += 1;
    }
    let mut key = 0;
    while key < KEYS {
        before[key + 1] += before[key];
        key += 1;
    }
    before
}

/// The questions in the order of their keys.
const fn sorted() -> [usize; NODES.len()] {
    let mut ends = before();
    let mut sorted = [0; NODES.len()];
    let mut node = 0;
    while node < NODES.len() {
        let end = &mut ends[key(node)];
        sorted[*end as usize] = node;
        *end += 1;
        node += 1;
    }
    sorted
}

/// Where a question is sorted.
const fn key(node: usize) -> usize {
    let Node { feature, most, .. } = NODES[node];
    feature as usize * 256 + most as usize
}

/// For each node the first leaf below it, the first one on its second side, and the one behind its last.
#[expect(clippy::cast_sign_loss, reason = "the sign is looked at")]
#[expect(clippy::large_stack_arrays, reason = "only the compiler runs it")]
const fn below() -> [[usize; 3]; NODES.len()] {
    let mut below = [[0; 3]; NODES.len()];
    let mut node = NODES.len();
    while node > 0 {
        node -= 1;
        let mut ends = [0; 4];
        let mut side = 0;
        while side < 2 {
            let next = NODES[node].next[side];
            // A negative place is a leaf: -1 is the first.
            let (first, end) = if next < 0 {
                (-(next as isize) as usize - 1, -(next as isize) as usize)
            } else {
                assert!(next as usize > node, "a node leads back");
                (below[next as usize][0], below[next as usize][2])
            };
            (ends[2 * side], ends[2 * side + 1]) = (first, end);
            side += 1;
        }
        assert!(ends[1] == ends[2], "the leaves are in another order");
        below[node] = [ends[0], ends[2], ends[3]];
    }
    below
}

/// What the trees say before the path is known.
pub(super) fn apart(features: &Features) -> Apart {
    FOREST.ask(features)
}

/// The score of a candidate, in hundredths; `apart` is what [`apart`] says of it.
pub(super) fn score(features: &Features, apart: &Apart) -> f32 {
    hundredths(i64::from(BASE + FOREST.end(features, apart)))
}

/// A sum of leaves as a probability.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "sums of leaves are small and a probability has two digits"
)]
fn hundredths(sum: i64) -> f32 {
    let odds = (sum as f64 / UNIT).exp();
    ((odds / (1.0 + odds) * 100.0).round() / 100.0) as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::features::Feature;
    use super::*;

    /// The sum of the leaves that walks through the trees come to.
    fn walked(features: &Features) -> i32 {
        let leaf = |&root: &i16| {
            let mut at = root;
            while let Ok(index) = usize::try_from(at) {
                let node = NODES[index];
                at =
                    node.next[usize::from(features.bytes()[usize::from(node.feature)] > node.most)];
            }
            i32::from(LEAVES[usize::from(at.unsigned_abs()) - 1])
        };
        ROOTS.iter().map(leaf).sum()
    }

    proptest! {
        #[test]
        fn the_forest_says_what_walks_come_to(
            bytes in prop::collection::vec(prop_oneof![0..4_u8, 0..100_u8, any::<u8>()], COUNT)
        ) {
            let features = Features::from_bytes(bytes.try_into().unwrap());
            prop_assert_eq!(FOREST.end(&features, &FOREST.ask(&features)), walked(&features));
        }
    }

    #[test]
    fn the_trees_know_the_features_by_these_names() {
        let names: Vec<&str> = Feature::ALL.iter().map(|f| f.name()).collect();
        assert_eq!(names, TRAINED_ON);
    }
}
