//! Words that go on in the next line: `abc\⏎def` in shells, make, YAML, C and properties.
//!
//! In: a view. Out: the surroundings of each line's end that parts a word, without the mark, the end and the
//! indentation that follows. Where a blank stands before the mark no word is parted, and most are such.

use super::map::Draft;
use super::marks::Sign;
use super::{Found, View};
use crate::text::Span;

/// Bytes of plain text that are taken in before the first line's end, and behind the last.
const REACH: usize = 256;
/// Widest indentation.
const INDENT: usize = 48;
/// Longest text that is put together.
const LONGEST: usize = 16 << 10;

/// Finds words that go on.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for mark in view.marks().of(Sign::Cut) {
        let Some(first) = (mark >= done).then(|| cut(text, mark)).flatten() else { continue };
        let from = first.start.saturating_sub(REACH).max(done);
        let line = memchr::memrchr(b'\n', &text[from..first.start]);
        let start = line.map_or(from, |at| from + at + 1);
        let mut draft = Draft::default();
        draft.copy(text, start..first.start);
        let mut end = first.end;
        while let Some(cut) = next(text, end, text.len().min(end + REACH)) {
            if draft.bytes().len() > LONGEST {
                break;
            }
            draft.copy(text, end..cut.start);
            end = cut.end;
        }
        let behind = &text[end..text.len().min(end + REACH)];
        let last = memchr::memchr(b'\n', behind).unwrap_or(behind.len());
        draft.copy(text, end..end + last);
        end += last;
        done = end;
        let stretch = Span::new(start, end);
        let cost = draft.cost();
        if view.owns(stretch) && found.allow(cost) == cost {
            found.push(draft, stretch);
        }
    }
}

/// The next mark, line's end and indentation in `from..until` that part a word.
fn next(text: &[u8], mut from: usize, until: usize) -> Option<Span> {
    loop {
        let at = from + memchr::memchr2(b'\\', b'^', &text[from..until])?;
        if let Some(cut) = cut(text, at) {
            return Some(cut);
        }
        from = at + 1;
    }
}

/// Whether the mark at `at` parts a word.
pub(super) fn parts(text: &[u8], at: usize) -> bool {
    cut(text, at).is_some()
}

/// The mark at `at`, the line's end and the indentation, if they part a word.
fn cut(text: &[u8], at: usize) -> Option<Span> {
    let rest = &text[at + 1..];
    let rest = rest.strip_prefix(b"\n").or_else(|| rest.strip_prefix(b"\r\n"))?;
    let before = text[..at].last().copied()?;
    let indent = rest.iter().take(INDENT).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let after = rest.get(indent).copied()?;
    (in_word(before) && in_word(after)).then(|| Span::new(at, text.len() - rest.len() + indent))
}

/// Whether a byte may be a part of a credential.
const fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'.' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Chunk;

    fn continued(text: &str) -> Vec<String> {
        let chunk = Chunk::whole(text.as_bytes());
        let mut found = Found::new(1 << 20);
        find(&View::new(&chunk), &mut found);
        found.list.iter().map(|d| String::from_utf8_lossy(&d.bytes).into()).collect()
    }

    #[test]
    fn words_that_go_on_are_whole() {
        for (text, plain) in [
            ("a\nkey=abc\\\ndef\nb", "key=abcdef"),
            ("key: \"abc\\\r\n    def\\\r\n    ghi\"", "key: \"abcdefghi\""),
            ("set k=abc^\ndef", "set k=abcdef"),
        ] {
            assert_eq!(continued(text), [plain], "{text}");
        }
    }

    #[test]
    fn lines_that_part_no_word_are_left_alone() {
        for text in [
            "run a \\\n  b \\\n  c",
            "#define x(a) \\\n  f(a)",
            "a\\nb",
            "```\ncode\n```\n",
            "\\\n",
        ] {
            assert!(continued(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_place_leads_back_over_the_lines_end() {
        let text = "key=abc\\\n  def";
        let chunk = Chunk::whole(text.as_bytes());
        let mut found = Found::new(1 << 20);
        find(&View::new(&chunk), &mut found);
        assert_eq!(found.list[0].map.source(Span::new(4, 10)), Span::new(4, text.len()));
    }
}
