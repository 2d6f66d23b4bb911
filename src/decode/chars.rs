//! Text that a program makes of numbers, one character after the other: `chr(103) + chr(104)`, `Chr(103) & Chr(104)`,
//! `CHAR(103)||CHAR(104)`.
//!
//! In: a view. Out: what such chains stand for, with the name before them that it is given to.

use super::map::Draft;
use super::marks::Sign;
use super::{Found, View, numbers};
use crate::text::Span;

/// Fewest characters.
const MIN: usize = 8;
/// Most blanks and line ends between two characters and what joins them.
const GAP: usize = 64;
/// Bytes before the first joint in which the first character stands.
const BEFORE: usize = 32;
/// Memory that a character takes.
const MARK: usize = 64;

/// What makes a character of a number, in small letters.
const NAMES: [&[u8]; 4] = [b"chr(", b"char(", b"chrw(", b"chrb("];

/// Whether a character follows, in this line or the next.
pub(super) fn goes_on(text: &[u8]) -> bool {
    // Few bytes are looked at: the most common joints stand in sums and conditions.
    let between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'|' | b'_' | b'\\');
    let at = text.iter().take(GAP).position(|byte| !between(byte));
    at.is_some_and(|at| matches!(text[at], b'c' | b'C') && name(&text[at..]).is_some())
}

/// Finds chains of characters.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for joint in view.marks().of(Sign::Chars) {
        if joint < done {
            continue;
        }
        let Some((first, byte)) = before(text, joint, done) else { continue };
        let mut draft = Draft::default();
        draft.units(first.start, (1, first.len())).push(byte);
        let mut end = first.end;
        while let Some((next, byte)) = after(text, end)
            && found.allow(draft.cost() + MARK) > draft.cost()
        {
            draft.units(next.start, (1, next.len())).push(byte);
            end = next.end;
        }
        done = end;
        let source = Span::new(first.start, end);
        if draft.bytes().len() >= MIN && view.owns(source) {
            found.push(draft, source);
        }
    }
}

/// Length of a name and its bracket.
fn name(text: &[u8]) -> Option<usize> {
    let known =
        |name: &&&[u8]| text.get(..name.len()).is_some_and(|here| here.eq_ignore_ascii_case(name));
    NAMES.iter().find(known).map(|name| name.len())
}

/// The character that ends before a joint.
fn before(text: &[u8], joint: usize, floor: usize) -> Option<(Span, u8)> {
    let starts = floor.max(joint.saturating_sub(BEFORE))..joint;
    starts.rev().find_map(|at| {
        let (span, byte) = char(text, at)?;
        let between = text.get(span.end..joint)?;
        let between = between.strip_suffix(b"|").unwrap_or(between);
        between.iter().all(u8::is_ascii_whitespace).then_some((span, byte))
    })
}

/// The character that is joined to what ends at `end`.
fn after(text: &[u8], end: usize) -> Option<(Span, u8)> {
    let rest = &text[end..text.len().min(end + GAP)];
    let blank = |from: usize| {
        let blanks = rest[from..].iter();
        from + blanks.take_while(|b| b.is_ascii_whitespace() || matches!(b, b'_' | b'\\')).count()
    };
    let joint = blank(0);
    let double = rest[joint..].starts_with(b"||");
    matches!(rest.get(joint)?, b'+' | b'&' | b'|').then_some(())?;
    char(text, end + blank(joint + 1 + usize::from(double)))
}

/// The character that is written at `at`.
fn char(text: &[u8], at: usize) -> Option<(Span, u8)> {
    let length = name(text.get(at..)?)?;
    let (digits, byte) = numbers::plain(&text[at + length..])?;
    let end = at + length + digits;
    (text.get(end) == Some(&b')')).then_some((Span::new(at, end + 1), byte))
}
