//! The folders that lead to wanted objects.
//!
//! In: all folders in folders, and the folders that hold wanted objects. Out: [`Folders`], which
//! keeps only what leads to a wanted object; most of a history does not.

use super::survey::{Edge, index};

/// Edges sorted by folder and name, found by folder.
#[derive(Debug, Default)]
struct Table {
    edges: Vec<Edge>,
    /// Where each folder's edges start.
    starts: Vec<usize>,
}

impl Table {
    fn new(mut edges: Vec<Edge>, trees: usize) -> Self {
        // From an earlier audit they come in order.
        edges.sort();
        edges.dedup();
        let mut starts = vec![0; trees + 1];
        for edge in &edges {
            starts[index(edge.tree) + 1] += 1;
        }
        for at in 0..trees {
            starts[at + 1] += starts[at];
        }
        Self { edges, starts }
    }

    fn of(&self, tree: u32) -> &[Edge] {
        let at = index(tree);
        &self.edges[self.starts[at]..self.starts[at + 1]]
    }
}

/// The folders that lead to wanted objects, and what they hold of them.
#[derive(Debug, Default)]
pub(super) struct Folders {
    inner: Table,
    holds: Table,
}

impl Folders {
    /// Keeps of `folders` what leads to `holds`; there are `trees` folders.
    pub(super) fn new(folders: Vec<Edge>, holds: Vec<Edge>, trees: usize) -> Self {
        let leads = leading(&folders, &holds, trees);
        let mut inner = folders;
        inner.retain(|edge| leads[index(edge.to)]);
        Self { inner: Table::new(inner, trees), holds: Table::new(holds, trees) }
    }

    /// All folders that lead to wanted objects, and the wanted objects in them.
    pub(super) fn edges(&self) -> (&[Edge], &[Edge]) {
        (&self.inner.edges, &self.holds.edges)
    }

    /// The folders in `tree` that lead to wanted objects, sorted by name.
    pub(super) fn inner(&self, tree: u32) -> &[Edge] {
        self.inner.of(tree)
    }

    /// The wanted objects in `tree`, sorted by name.
    pub(super) fn holds(&self, tree: u32) -> &[Edge] {
        self.holds.of(tree)
    }

    /// Whether anything wanted is in or below `tree`.
    pub(super) fn leads(&self, tree: u32) -> bool {
        !self.inner(tree).is_empty() || !self.holds(tree).is_empty()
    }
}

/// The part of `edges`, sorted by name, that has this name.
pub(super) fn named(edges: &[Edge], name: u32) -> &[Edge] {
    let start = edges.partition_point(|edge| edge.name < name);
    let len = edges[start..].partition_point(|edge| edge.name == name);
    &edges[start..start + len]
}

/// Goes from the folders that hold something to those around them.
fn leading(folders: &[Edge], holds: &[Edge], trees: usize) -> Vec<bool> {
    let mut starts = vec![0usize; trees + 1];
    for edge in folders {
        starts[index(edge.to) + 1] += 1;
    }
    for at in 0..trees {
        starts[at + 1] += starts[at];
    }
    let mut outer = vec![0u32; folders.len()];
    let mut next = starts.clone();
    for edge in folders {
        let at = &mut next[index(edge.to)];
        outer[*at] = edge.tree;
        *at += 1;
    }
    let mut leads = vec![false; trees];
    let mut todo: Vec<u32> = holds.iter().map(|edge| edge.tree).collect();
    while let Some(tree) = todo.pop() {
        let at = index(tree);
        if !std::mem::replace(&mut leads[at], true) {
            todo.extend_from_slice(&outer[starts[at]..starts[at + 1]]);
        }
    }
    leads
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn edge(tree: u32, name: u32, to: u32) -> Edge {
        Edge { tree, name, to }
    }

    #[test]
    fn only_what_leads_to_something_stays() {
        // 0 holds 1 holds 2 holds the object; 3 holds 4; 5 and 6 hold each other.
        let folders =
            vec![edge(0, 9, 1), edge(1, 8, 2), edge(3, 7, 4), edge(5, 1, 6), edge(6, 1, 5)];
        let folders = Folders::new(folders, vec![edge(2, 5, 0), edge(2, 4, 0)], 7);
        let leads: Vec<bool> = (0..7).map(|tree| folders.leads(tree)).collect();
        assert_eq!(leads, [true, true, true, false, false, false, false]);
        assert_eq!(folders.inner(0), [edge(0, 9, 1)]);
        assert_eq!(named(folders.holds(2), 5), [edge(2, 5, 0)]);
        assert!(named(folders.holds(2), 6).is_empty());
    }
}
