//! Which files on disk refer to which names.
//!
//! In: a walk over the files. Out: for each name of an environment variable, property or CI secret that a file refers
//! to, the files that do.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use super::session::Session;
use crate::remedy::names::names;
use crate::source::worktree::Worktree;
use crate::source::{Blob, Content, Skipped, Visitor};

/// Of larger files only so much is read.
const LARGEST: u64 = 1 << 20;

/// Files by the names they refer to.
pub(super) type Uses = BTreeMap<String, BTreeSet<String>>;

/// Collects names from files.
struct Collector<'s> {
    session: &'s Session<'s>,
    uses: Mutex<Uses>,
}

impl Visitor for Collector<'_> {
    fn blob(&self, blob: Blob<'_>) {
        let Some(path) = blob.origin.path.filter(|_| blob.origin.inner.is_none()) else { return };
        let mut text = Vec::new();
        match blob.content {
            Content::Bytes(bytes) => text.extend_from_slice(bytes),
            // What cannot be read refers to nothing that could be told; a scan has named it.
            Content::Stream(stream) => drop(stream.take(LARGEST).read_to_end(&mut text)),
        }
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names(&text) {
            uses.entry(name.to_owned()).or_default().insert(path.to_string());
        }
    }

    fn skip(&self, _: Skipped) {}

    fn stopped(&self) -> bool {
        self.session.stopped()
    }
}

/// The names that the files of a walk refer to.
pub(super) fn uses(session: &Session<'_>, worktree: &Worktree) -> Result<Uses> {
    let collector = Collector { session, uses: Mutex::default() };
    worktree.read(&collector)?;
    Ok(collector.uses.into_inner().unwrap_or_else(PoisonError::into_inner))
}
