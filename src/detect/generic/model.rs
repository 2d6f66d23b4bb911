//! How likely a candidate is a credential, by a small forest of decision trees.
//!
//! In: [`Features`]. Out: a score from 0 to 1. The trees are trained by `training/train.py` and are constants;
//! they are summed as integers, so that the score is the same on every machine. `docs/model.md` says what they
//! were trained on and how far to trust them.

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

/// What a question rules out when its feature is above `most`: the leaves of the tree on its first side.
#[derive(Clone, Copy)]
struct Cut {
    most: u8,
    tree: u8,
    /// A bit for each leaf of the tree that is left.
    left: u16,
}

/// The same trees, their questions in the order of features and numbers. No tree is walked, step after step to places
/// that cannot be foreseen: all questions that rule leaves out are gone through, and in each tree the first leaf that
/// is left is the one that a walk comes to.
struct Forest {
    cuts: [Cut; NODES.len()],
    /// Where the questions about each feature start, and where the last one's end: those of trees that do not ask
    /// for the path, and of those that do.
    starts: [[u16; COUNT + 1]; 2],
    trees: [Tree; ROOTS.len()],
}

#[derive(Clone, Copy)]
struct Tree {
    /// Its first leaf.
    leaf: u16,
    /// Whether it asks for the path.
    path: bool,
}

static FOREST: Forest = Forest::new();

/// Kinds of trees, features and numbers, in the order in which questions are sorted.
const KEYS: usize = 2 * COUNT * 256;

#[expect(clippy::cast_possible_truncation, reason = "there are few nodes and trees")]
impl Forest {
    /// Rearranges the trees as they were trained: each node stands ahead of those it leads to, and the leaves of a
    /// tree stand in their order.
    const fn new() -> Self {
        let below = below();
        let (trees, tree_of) = trees(&below);
        let mut ends = before(&trees, &tree_of);
        let mut starts = [[0; COUNT + 1]; 2];
        let mut feature = 0;
        while feature <= COUNT {
            starts[0][feature] = ends[feature * 256];
            starts[1][feature] = ends[(COUNT + feature) * 256];
            feature += 1;
        }
        let mut cuts = [Cut { most: 0, tree: 0, left: 0 }; NODES.len()];
        let mut node = 0;
        while node < NODES.len() {
            let tree = tree_of[node];
            let [from, until, _] = below[node];
            let first = trees[tree].leaf as usize;
            let out = (1_u32 << (until - first)) - (1_u32 << (from - first));
            let place = &mut ends[key(node, trees[tree])];
            let most = NODES[node].most;
            cuts[*place as usize] = Cut { most, tree: tree as u8, left: !(out as u16) };
            *place += 1;
            node += 1;
        }
        Self { cuts, starts, trees }
    }

    /// The sum of the leaves that `features` lead to, of the trees that ask for the path or of the others.
    fn sum(&self, features: &Features, path: bool) -> i32 {
        let mut left = [u16::MAX; 256];
        let bounds = self.starts[usize::from(path)].windows(2);
        for (&number, bounds) in features.bytes().iter().zip(bounds) {
            for cut in &self.cuts[usize::from(bounds[0])..usize::from(bounds[1])] {
                if cut.most >= number {
                    break;
                }
                left[usize::from(cut.tree)] &= cut.left;
            }
        }
        let trees = self.trees.iter().zip(left).filter(|(tree, _)| tree.path == path);
        let leaf = |(tree, left): (&Tree, u16)| {
            i32::from(LEAVES[usize::from(tree.leaf) + left.trailing_zeros() as usize])
        };
        trees.map(leaf).sum()
    }
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
const fn before(trees: &[Tree; ROOTS.len()], tree_of: &[usize; NODES.len()]) -> [u16; KEYS + 1] {
    let mut before = [0_u16; KEYS + 1];
    let mut node = 0;
    while node < NODES.len() {
        before[key(node, trees[tree_of[node]]) + 1] += 1;
        node += 1;
    }
    let mut key = 0;
    while key < KEYS {
        before[key + 1] += before[key];
        key += 1;
    }
    before
}

/// Where a question is sorted.
const fn key(node: usize, tree: Tree) -> usize {
    let Node { feature, most, .. } = NODES[node];
    ((tree.path as usize) * COUNT + feature as usize) * 256 + most as usize
}

/// For each node the first leaf below it, the first one on its second side, and the one behind its last.
#[expect(clippy::cast_sign_loss, reason = "the sign is looked at")]
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

/// What the trees say that do not ask for the path.
pub(super) fn apart(features: &Features) -> i32 {
    FOREST.sum(features, false)
}

/// The score of a candidate, in hundredths; `apart` is what [`apart`] says of it.
pub(super) fn score(features: &Features, apart: i32) -> f32 {
    hundredths(i64::from(BASE + apart + FOREST.sum(features, true)))
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
            bytes in prop::collection::vec(prop_oneof![0..4_u8, 0..100, any::<u8>()], COUNT)
        ) {
            let features = Features::from_bytes(bytes.try_into().unwrap());
            prop_assert_eq!(FOREST.sum(&features, false) + FOREST.sum(&features, true), walked(&features));
        }
    }

    #[test]
    fn the_trees_know_the_features_by_these_names() {
        let names: Vec<&str> = Feature::ALL.iter().map(|f| f.name()).collect();
        assert_eq!(names, TRAINED_ON);
    }
}
