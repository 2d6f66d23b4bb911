//! Whether a change introduces a line, or the line stood there before.
//!
//! In: the versions a change replaces, loaded when the first match asks for them, and the lines a match
//! touches. Out: yes or no. A line that stood in any parent's version of the file is old.

use std::collections::BTreeSet;

use crate::decode::charset;
use crate::source::{Before, SourceError};
use crate::text::Span;

/// Lines longer than this are compared by the bytes around the match only.
const LINE: usize = 4 << 10;
/// Bytes on either side of a match that stand for its line in a very long one.
const AROUND: usize = 64;

/// The lines that were there before.
pub(super) struct Novelty<'b> {
    before: &'b Before<'b>,
    versions: Option<Versions>,
    fault: Option<SourceError>,
}

struct Versions {
    texts: Vec<Vec<u8>>,
    lines: BTreeSet<Vec<u8>>,
}

impl<'b> Novelty<'b> {
    pub(super) fn new(before: &'b Before<'b>) -> Self {
        Self { before, versions: None, fault: None }
    }

    /// Whether every line of `text` that a match touches stood in an earlier version.
    pub(super) fn is_old(&mut self, text: &[u8], lines: Span, place: Span) -> bool {
        let versions = self.versions();
        if lines.len() > LINE * 8 {
            let near = place.start.saturating_sub(AROUND).max(lines.start)
                ..(place.end + AROUND).min(lines.end);
            return versions
                .texts
                .iter()
                .any(|old| memchr::memmem::find(old, &text[near.clone()]).is_some());
        }
        !versions.lines.is_empty()
            && split(&text[lines.range()]).all(|line| versions.lines.contains(line))
    }

    /// Why an earlier version could not be read, if one could not.
    pub(super) fn fault(self) -> Option<SourceError> {
        self.fault
    }

    fn versions(&mut self) -> &Versions {
        if self.versions.is_none() {
            let texts = (self.before)().unwrap_or_else(|fault| {
                self.fault = Some(fault);
                Vec::new()
            });
            let texts: Vec<Vec<u8>> =
                texts.iter().map(|raw| charset::detect(raw).text(raw).into_owned()).collect();
            let lines = texts.iter().flat_map(|text| split(text).map(<[u8]>::to_vec)).collect();
            self.versions = Some(Versions { texts, lines });
        }
        self.versions.as_ref().expect("it was just loaded")
    }
}

/// The lines of a text without their ends.
fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| matches!(b, b'\n' | b'\r'))
}
