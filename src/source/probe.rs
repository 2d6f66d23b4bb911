//! Doors for the fuzz targets to parsers that nobody else calls by themselves. No part of the public interface.

use super::{ObjectId, commit, index};

/// Reads a commit or tag in every way there is.
pub fn commit(bytes: &[u8]) {
    let _ = (commit::Links::parse(bytes), commit::tagged(bytes));
    let _ = commit::facts(ObjectId::default(), bytes);
}

/// Reads `.git/index`; tells how many entries it has.
#[must_use]
pub fn index(bytes: &[u8]) -> Option<usize> {
    // A split one shares entries with itself.
    let whole = index::Index::whole(bytes, &|_| Ok(bytes.to_vec())).ok()?;
    whole.map(|index| index.entries.len())
}
