//! Text written as a list of numbers or characters: `0x67, 0x68`, `[103, 104]` or `'g', 'h'`.
//!
//! In: a view. Out: what its lists of bytes stand for, where that is text.

use super::map::Draft;
use super::marks::Sign;
use super::readable::{HEAD, readable};
use super::{Found, View, hex, packed};
use crate::text::Span;

/// Fewest numbers.
const MIN: usize = 16;
/// Memory that a number takes.
const MARK: usize = 64;
/// Most blanks and line ends between two numbers.
const GAP: usize = 64;
/// Longest way to write a number: `(unsigned char) 0x67`.
const NUMBER: usize = 24;
/// Farthest from one comma to the next, and to what tells where its number ends.
const STEP: usize = GAP + NUMBER + 8;
/// Farthest that the comma behind a character which is one stands: `','  ,`.
const BESIDE: usize = 4;

/// Finds and decodes lists of bytes.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let mut done = 0;
    for comma in view.marks().of(Sign::Comma) {
        if let Some((first, byte)) = first(view.text(), comma, done) {
            list(view, first, byte, found, &mut done);
        }
    }
}

/// Whether there is any that is long enough.
pub(super) fn any(view: &View<'_>) -> bool {
    let text = view.text();
    let mut done = 0;
    view.marks().of(Sign::Comma).any(|comma| {
        let Some((first, _)) = first(text, comma, done) else { return false };
        done = first.end;
        counts(text, &mut done) == MIN
    })
}

/// The first number of the list that a marked comma stands in.
fn first(text: &[u8], comma: usize, floor: usize) -> Option<(Span, u8)> {
    // The one that is marked may be one of the list's characters.
    parting(text, comma, floor).or_else(|| {
        let rest = text[comma + 1..].iter().take(BESIDE);
        let next = comma + 1 + rest.clone().position(|byte| *byte == b',')?;
        matches!(text.get(comma + 1), Some(b'\'' | b'"'))
            .then(|| parting(text, next, floor))
            .flatten()
    })
}

/// Counts a number that ends at `done` and those that follow it, up to [`MIN`].
fn counts(text: &[u8], done: &mut usize) -> usize {
    let mut count = 1;
    while count < MIN
        && let Some((number, _)) = next(text, *done)
    {
        (count, *done) = (count + 1, number.end);
    }
    count
}

/// The first number of the list that a comma stands in, if it stands between two numbers.
fn parting(text: &[u8], comma: usize, floor: usize) -> Option<(Span, u8)> {
    let parts = comma >= floor && may_part(text, comma) && next(text, comma).is_some();
    parts.then(|| opening(text, comma, floor)).flatten()
}

/// Whether a comma may stand between two numbers, by the bytes beside it.
fn may_part(text: &[u8], comma: usize) -> bool {
    let behind = |at: usize| text.get(comma + at).copied().unwrap_or_default();
    let opens = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'\'' | b'"' | b'b' | b'(');
    let goes_on = match behind(1) {
        b' ' => opens(behind(2)) || behind(2) == b' ',
        byte => opens(byte) || matches!(byte, b'\n' | b'\r' | b'\t'),
    };
    let ends = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'\'' | b'"' | b'h' | b'u');
    goes_on && comma > 0 && ends(text[comma - 1])
}

/// The first number of the list that the comma at `comma` stands in.
fn opening(text: &[u8], comma: usize, floor: usize) -> Option<(Span, u8)> {
    let mut first = before(text, comma, floor)?;
    loop {
        let gap = text[floor..first.0.start].iter().rev().take(GAP);
        let gap = gap.take_while(|b| b.is_ascii_whitespace()).count();
        let comma = first.0.start - gap;
        let earlier = comma.checked_sub(1).filter(|at| *at >= floor && text[*at] == b',');
        match earlier.and_then(|comma| before(text, comma, floor)) {
            Some(number) => first = number,
            None => return Some(first),
        }
    }
}

/// The number that ends at `end`.
fn before(text: &[u8], end: usize, floor: usize) -> Option<(Span, u8)> {
    let word = text[floor..end].iter().rev().take(NUMBER).take_while(|b| !ends(**b)).count();
    // It may be all of the word, or the end of it: `x[]={65`.
    let starts = (end - word..end).filter(|start| opens(&text[*start..]));
    starts.filter_map(|start| number(text, start)).find(|(span, _)| span.end == end)
}

/// Whether a number may be written at the head of a text.
const fn opens(text: &[u8]) -> bool {
    match text {
        [b'0'..=b'9' | b'\'' | b'"' | b'(', ..] | [b'b', b'\'', ..] => true,
        // `f7h`.
        [first, _, b'h' | b'H', ..] => first.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Whether a list that is long enough stands in a part of a text, or reaches into it.
pub(super) fn signs(text: &[u8], part: Span) -> bool {
    let near = part.start.saturating_sub(STEP)..text.len().min(part.end + STEP);
    // A list that begins before this has enough numbers behind it.
    let from = near.start.saturating_sub(MIN * STEP);
    let mut done = from;
    memchr::memchr_iter(b',', &text[near.clone()]).any(|comma| {
        let comma = near.start + comma;
        if comma < done || next(text, comma).is_none() {
            return false;
        }
        done = opening(text, comma, from).map_or(comma, |(first, _)| first.end);
        counts(text, &mut done) == MIN
    })
}

/// Decodes the list that starts with a number, if its first numbers are those of a text: a table of numbers is soon known
/// to be none.
fn list(view: &View<'_>, first: Span, byte: u8, found: &mut Found, done: &mut usize) {
    let text = view.text();
    let (mut head, mut count, mut end) = ([byte; HEAD], 1, first.end);
    while let Some((span, byte)) = next(text, end) {
        if count < HEAD {
            head[count] = byte;
        }
        (count, end) = (count + 1, span.end);
    }
    *done = end;
    let source = Span::new(first.start, end);
    if count >= MIN && is_text(&head[..count.min(HEAD)]) && view.owns(source) {
        decode(text, source, (first, byte), found);
    }
}

/// Decodes a list, as far as there is room, and keeps it if all of it is text.
fn decode(text: &[u8], source: Span, (first, byte): (Span, u8), found: &mut Found) {
    let mut draft = Draft::default();
    draft.units(first.start, (1, first.len())).push(byte);
    let mut end = first.end;
    while let Some((span, byte)) = next(text, end) {
        end = span.end;
        if found.allow(draft.cost() + MARK) > draft.cost() {
            draft.units(span.start, (1, span.len())).push(byte);
        }
    }
    if draft.bytes().len() >= MIN && is_text(draft.bytes()) {
        found.push(draft, source);
    }
}

/// Whether a list is worth keeping, for its text or what is packed in it.
fn is_text(bytes: &[u8]) -> bool {
    readable(bytes) || packed::begins(bytes)
}

/// The number behind the comma at `at`.
fn next(text: &[u8], at: usize) -> Option<(Span, u8)> {
    let rest = text[at..].strip_prefix(b",")?;
    let gap = rest.iter().take(GAP).take_while(|b| b.is_ascii_whitespace()).count();
    number(text, at + 1 + gap)
}

/// The byte that is written at `at`: `103`, `0x67`, `67h`, `(byte) 0x67`, `0x67u8`, `'g'`, `b'g'`, `"0x67"`.
fn number(text: &[u8], at: usize) -> Option<(Span, u8)> {
    let rest = text.get(at..text.len().min(at + NUMBER))?;
    let (length, byte) = match *rest {
        [b'\'', byte @ b' '..=b'~', b'\'', ..] if byte != b'\'' => (3, byte),
        [b'b', b'\'', byte @ b' '..=b'~', b'\'', ..] if byte != b'\'' => (4, byte),
        [b'"', byte @ b' '..=b'~', b'"', ..] if byte != b'"' => (3, byte),
        [quote @ (b'\'' | b'"'), ref inside @ ..] => {
            let (length, byte) = plain(inside)?;
            (inside.get(length) == Some(&quote)).then_some((length + 2, byte))?
        }
        [b'(', ref cast @ ..] => {
            let close = cast.iter().position(|b| *b == b')')?;
            let known = [&b"byte"[..], b"char", b"uint8_t", b"unsigned char", b"sbyte"];
            let blank = usize::from(cast.get(close + 1) == Some(&b' '));
            let (length, byte) = plain(cast.get(close + 1 + blank..)?)?;
            known.contains(&&cast[..close]).then_some((close + 2 + blank + length, byte))?
        }
        _ => plain(rest)?,
    };
    let ends = !rest.get(length).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.');
    ends.then_some((Span::new(at, at + length), byte))
}

/// The byte that digits stand for, and how many bytes they and their suffix take.
pub(super) fn plain(text: &[u8]) -> Option<(usize, u8)> {
    let (length, byte) = match *text {
        [b'0', b'x' | b'X', high, low, ..] if hex::only(&[high, low]) => {
            (4, hex::byte([high, low]))
        }
        [high, low, b'h' | b'H', ..] if hex::only(&[high, low]) => (3, hex::byte([high, low])),
        _ => {
            let digits = text.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
            let value = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
            (digits, value)
        }
    };
    let suffix = if text[length..].starts_with(b"u8") { 2 } else { 0 };
    Some((length + suffix, byte))
}

/// Whether a byte ends what stands in front of a number.
const fn ends(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b'{' | b'\n' | b'\r')
}
