//! How likely a candidate is a credential, by a small forest of decision trees.
//!
//! In: [`Features`]. Out: a score from 0 to 1. The trees are trained by `training/train.py` and are constants;
//! they are summed as integers, so that the score is the same on every machine. `docs/model.md` says what they
//! were trained on and how far to trust them.

use super::features::{COUNT, Features};

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

/// The score of a candidate, in hundredths.
pub(super) fn score(features: &Features) -> f32 {
    let features = features.bytes();
    let mut sum = i64::from(BASE);
    for &root in ROOTS {
        let mut at = root;
        // A negative place is a leaf: -1 is the first.
        while let Ok(index) = usize::try_from(at) {
            let node = NODES[index];
            // Looked up, not branched on: which way a tree goes cannot be predicted.
            at = node.next[usize::from(features[usize::from(node.feature)] > node.most)];
        }
        sum += i64::from(LEAVES[usize::from(at.unsigned_abs()) - 1]);
    }
    hundredths(sum)
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
    use super::super::features::Feature;
    use super::*;

    #[test]
    fn the_trees_know_the_features_by_these_names() {
        let names: Vec<&str> = Feature::ALL.iter().map(|f| f.name()).collect();
        assert_eq!(names, TRAINED_ON);
    }
}
