//! Text written as a list of numbers: `0x67, 0x68` or `[103, 104]`.
//!
//! In: a view. Out: what its lists of bytes stand for, where that is text.

use super::map::Draft;
use super::readable::{HEAD, readable};
use super::{Found, View, hex};
use crate::text::Span;

/// Fewest numbers.
const MIN: usize = 16;
/// Memory that a number takes.
const MARK: usize = 64;
/// Most blanks and line ends between two numbers.
const GAP: usize = 64;

/// Finds and decodes lists of bytes.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for comma in memchr::memchr_iter(b',', text) {
        // Most commas have no number on both sides.
        if comma < done || !may_part(text, comma) || next(text, comma).is_none() {
            continue;
        }
        if let Some((first, byte)) = before(text, comma, done) {
            list(view, first, byte, found, &mut done);
        }
    }
}

/// Whether a comma may stand between two numbers, by the bytes beside it.
fn may_part(text: &[u8], comma: usize) -> bool {
    let behind = |at: usize| text.get(comma + at).copied().unwrap_or_default();
    let goes_on = match behind(1) {
        b' ' => behind(2).is_ascii_digit() || behind(2) == b' ',
        byte => byte.is_ascii_digit() || matches!(byte, b'\n' | b'\r' | b'\t'),
    };
    goes_on && comma > 0 && text[comma - 1].is_ascii_hexdigit()
}

/// The number that ends at `end`.
fn before(text: &[u8], end: usize, floor: usize) -> Option<(Span, u8)> {
    let digits = text[floor..end].iter().rev().take(4).take_while(|b| digit(**b)).count();
    number(text, end - digits).filter(|(span, _)| span.end == end)
}

/// Whether a text has several numbers in a row.
pub(super) fn signs(text: &[u8]) -> bool {
    let (mut count, mut last) = (0, 0);
    memchr::memchr_iter(b',', text).any(|comma| {
        let number = may_part(text, comma) && next(text, comma).is_some();
        count = if number && comma - last < GAP { count + 1 } else { usize::from(number) };
        last = comma;
        count > 2
    })
}

/// Decodes the list that starts with a number.
fn list(view: &View<'_>, first: Span, byte: u8, found: &mut Found, done: &mut usize) {
    let text = view.text();
    let mut draft = Draft::default();
    draft.units(first.start, (1, first.len())).push(byte);
    let (mut end, mut plain) = (first.end, true);
    while let Some((span, byte)) = next(text, end) {
        end = span.end;
        // A table of numbers is soon known to be none.
        plain &= draft.bytes().len() != HEAD || readable(draft.bytes());
        if plain && found.allow(draft.cost() + MARK) > draft.cost() {
            draft.units(span.start, (1, span.len())).push(byte);
        }
    }
    *done = end;
    let source = Span::new(first.start, end);
    let bytes = draft.bytes();
    if plain && bytes.len() >= MIN && readable(bytes) && view.owns(source) {
        found.push(draft, source);
    }
}

/// The number behind the comma at `at`.
fn next(text: &[u8], at: usize) -> Option<(Span, u8)> {
    let rest = text[at..].strip_prefix(b",")?;
    let gap = rest.iter().take(GAP).take_while(|b| b.is_ascii_whitespace()).count();
    number(text, at + 1 + gap)
}

/// The byte that is written at `at`.
fn number(text: &[u8], at: usize) -> Option<(Span, u8)> {
    let rest = text.get(at..)?;
    let (length, byte) = match *rest {
        [b'0', b'x' | b'X', high, low, ..] if hex::only(&[high, low]) => {
            (4, hex::byte([high, low]))
        }
        _ => {
            let digits = rest.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
            let value = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
            (digits, value)
        }
    };
    let ends = !rest.get(length).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.');
    ends.then_some((Span::new(at, at + length), byte))
}

const fn digit(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X')
}
