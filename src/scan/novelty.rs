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
/// Bytes of earlier versions that are searched for matches on very long lines, beyond the first look ahead of
/// the last one found. What is not found within it counts as new.
const SEARCH: usize = 16 << 30;

/// The lines that were there before.
pub(super) struct Novelty<'b> {
    before: &'b Before<'b>,
    versions: Option<Versions>,
    fault: Option<SourceError>,
    /// What was said of the last line asked about: many matches may stand on it.
    last: Option<(Span, bool)>,
}

struct Versions {
    texts: Vec<Old>,
    lines: BTreeSet<Vec<u8>>,
    search: usize,
}

/// An earlier version.
struct Old {
    text: Vec<u8>,
    /// Where the last match was found. The next one is likely to stand behind it.
    at: usize,
}

impl<'b> Novelty<'b> {
    pub(super) fn new(before: &'b Before<'b>) -> Self {
        Self { before, versions: None, fault: None, last: None }
    }

    /// Another text is asked about from now on.
    pub(super) const fn turn(&mut self) {
        self.last = None;
    }

    /// Whether every line of `text` that a match touches stood in an earlier version.
    pub(super) fn is_old(&mut self, text: &[u8], lines: Span, place: Span) -> bool {
        if lines.len() > LINE * 8 {
            let near = place.start.saturating_sub(AROUND).max(lines.start)
                ..(place.end + AROUND).min(lines.end);
            return self.versions().hold(&text[near]);
        }
        if let Some((last, old)) = self.last
            && last == lines
        {
            return old;
        }
        let known = &self.versions().lines;
        let old = !known.is_empty() && split(&text[lines.range()]).all(|line| known.contains(line));
        self.last = Some((lines, old));
        old
    }

    /// Why an earlier version could not be read, if one could not.
    pub(super) fn fault(self) -> Option<SourceError> {
        self.fault
    }

    fn versions(&mut self) -> &mut Versions {
        if self.versions.is_none() {
            let texts = (self.before)().unwrap_or_else(|fault| {
                self.fault = Some(fault);
                Vec::new()
            });
            let texts: Vec<Vec<u8>> =
                texts.iter().map(|raw| charset::detect(raw).text(raw).into_owned()).collect();
            let lines = texts.iter().flat_map(|text| split(text).map(<[u8]>::to_vec)).collect();
            let texts = texts.into_iter().map(|text| Old { text, at: 0 }).collect();
            self.versions = Some(Versions { texts, lines, search: SEARCH });
        }
        self.versions.as_mut().expect("it was just loaded")
    }
}

impl Versions {
    /// Whether a part of a very long line stands in one of the versions.
    fn hold(&mut self, part: &[u8]) -> bool {
        let search = &mut self.search;
        self.texts.iter_mut().any(|old| old.holds(part, search))
    }
}

impl Old {
    /// Whether `part` stands in the text: a little way ahead, which costs nothing, or anywhere, as long as
    /// `search` lasts.
    fn holds(&mut self, part: &[u8], search: &mut usize) -> bool {
        let ahead = &self.text[self.at..self.text.len().min(self.at + part.len() + LINE)];
        let found = memchr::memmem::find(ahead, part).map(|found| self.at + found).or_else(|| {
            *search = search.checked_sub(self.text.len())?;
            memchr::memmem::find(&self.text, part)
        });
        self.at = found.unwrap_or(self.at);
        found.is_some()
    }
}

/// The lines of a text without their ends.
fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| matches!(b, b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(text: &[u8]) -> Old {
        Old { text: text.to_vec(), at: 0 }
    }

    #[test]
    fn parts_are_found_in_any_order_while_the_search_lasts() {
        let text: Vec<u8> = (0..20_000u32).flat_map(u32::to_be_bytes).collect();
        let mut old = old(&text);
        let mut search = 2 * text.len();
        assert!(old.holds(&text[60_000..60_100], &mut search));
        assert_eq!(search, text.len());
        assert!(old.holds(&text[60_200..60_300], &mut search));
        assert_eq!(search, text.len());
        assert!(old.holds(&text[..100], &mut search));
        assert!(!old.holds(&text[60_000..60_100], &mut search));
    }

    #[test]
    fn a_lines_answer_is_not_its_neighbours() {
        let before = || Ok(vec![b"one\ntwo\n".to_vec()]);
        let mut novelty = Novelty::new(&before);
        let mut is_old = |text: &[u8], lines| {
            novelty.turn();
            novelty.is_old(text, lines, lines)
        };
        assert!(is_old(b"two\nnew", Span::new(0, 3)));
        assert!(!is_old(b"new\ntwo", Span::new(0, 3)));
        assert!(is_old(b"new\ntwo", Span::new(4, 7)));
    }
}
