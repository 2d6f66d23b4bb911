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
/// A list that is long enough covers one whole window of this length, wherever it starts.
const WINDOW: usize = 16;
/// Most blanks and line ends between two numbers.
const GAP: usize = 64;

/// Finds and decodes lists of bytes.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let (mut at, mut done) = (0, 0);
    while let Some(window) = text.get(at..).and_then(|rest| rest.first_chunk::<WINDOW>()) {
        if may_be_list(*window) {
            let commas = (at..at + WINDOW).filter(|&at| text[at] == b',');
            let first = commas.filter_map(|comma| first(text, comma, done)).next();
            if let Some((first, byte)) = first {
                list(view, first, byte, found, &mut done);
            }
        }
        at = done.max(at + WINDOW);
    }
}

/// The first number of the list whose comma stands at `comma`, no earlier than `floor`.
fn first(text: &[u8], comma: usize, floor: usize) -> Option<(Span, u8)> {
    next(text, comma)?;
    let mut first = before(text, comma, floor)?;
    // The window before was not full of numbers, so there are few of them.
    while comma - first.0.start <= 2 * WINDOW {
        let rest = text[floor..first.0.start].trim_ascii_end();
        let earlier = rest.strip_suffix(b",").map(|rest| floor + rest.len());
        match earlier.and_then(|comma| before(text, comma, floor)) {
            Some(earlier) => first = earlier,
            None => break,
        }
    }
    Some(first)
}

/// The number that ends at `end`.
fn before(text: &[u8], end: usize, floor: usize) -> Option<(Span, u8)> {
    let digits = text[floor..end].iter().rev().take(4).take_while(|b| digit(**b)).count();
    number(text, end - digits).filter(|(span, _)| span.end == end)
}

/// Whether all bytes of a window may belong to a list of numbers, and one is a comma.
#[expect(clippy::needless_bitwise_bool, reason = "without branches it becomes vector code")]
fn may_be_list(window: [u8; WINDOW]) -> bool {
    let (mut member, mut comma) = (true, false);
    for byte in window {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 6;
        let sign = matches!(byte, b'x' | b'X' | b',' | b' ' | b'\n' | b'\r' | b'\t');
        member &= letter | (byte.wrapping_sub(b'0') < 10) | sign;
        comma |= byte == b',';
    }
    member & comma
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
