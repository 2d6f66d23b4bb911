//! What files on disk refer to: names of values that are kept elsewhere, and findings that a comment allows.
//!
//! In: a walk over the files. Out: for each name of an environment variable, property or CI secret the files that refer
//! to it; for each file the lines with allow comments.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use bstr::ByteSlice as _;

use super::session::Session;
use crate::remedy::names::names;
use crate::source::worktree::Worktree;
use crate::source::{Blob, Content, Skipped, Visitor};
use crate::text::{Position, Secret};
use crate::verdict::inline;

/// Of larger files only so much is read.
const LARGEST: u64 = 1 << 20;

/// Files by the names they refer to.
pub(super) type Uses = BTreeMap<String, BTreeSet<String>>;

/// The lines that have allow comments, by file and number. They may hold what the comment allows.
pub(super) type Allows = BTreeMap<String, BTreeMap<usize, Secret>>;

/// Collects names from files.
struct Collector<'s> {
    session: &'s Session<'s>,
    found: Mutex<(Uses, Allows)>,
}

/// Files in which a comment is an example of one.
const PROSE: &[&str] = &[".md", ".rst", ".txt", ".adoc"];
/// What begins a comment.
const OPENERS: &[&[u8]] = &[b"#", b"//", b"/*", b"<!--", b"--", b";", b"%", b"*"];

/// The lines of a text on which a comment allows something.
fn allows(path: &str, text: &[u8]) -> BTreeMap<usize, Secret> {
    if PROSE.iter().any(|end| path.ends_with(end)) || !inline::any(text) {
        return BTreeMap::new();
    }
    let placed = |at: usize| {
        let before = text[..at].trim_end_with(|c| matches!(c, ' ' | '\t'));
        OPENERS.iter().any(|open| before.ends_with(open))
    };
    let at = inline::comments(text).map(|(at, _)| at).filter(|&at| placed(at));
    let line = |at: usize| {
        let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |before| before + 1);
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |after| at + after);
        Secret::new(&text[start..end])
    };
    at.map(|at| (Position::START.advance(&text[..at], None).line, line(at))).collect()
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
        let path = path.to_string();
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names(&text) {
            found.0.entry(name.to_owned()).or_default().insert(path.clone());
        }
        let lines = allows(&path, &text);
        if !lines.is_empty() {
            found.1.insert(path, lines);
        }
    }

    fn skip(&self, _: Skipped) {}

    fn stopped(&self) -> bool {
        self.session.stopped()
    }
}

/// The names that the files of a walk refer to, and their allow comments.
pub(super) fn traces(session: &Session<'_>, worktree: &Worktree) -> Result<(Uses, Allows)> {
    let collector = Collector { session, found: Mutex::default() };
    worktree.read(&collector)?;
    Ok(collector.found.into_inner().unwrap_or_else(PoisonError::into_inner))
}
