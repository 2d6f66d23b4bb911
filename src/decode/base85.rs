//! Text written in ascii85, between `<~` and `~>`.
//!
//! In: a view. Out: what stands between such marks, where that is text.

use super::map::Draft;
use super::marks::Sign;
use super::readable::readable;
use super::{Found, View, packed};
use crate::text::Span;

/// Longest text between the marks.
const LONGEST: usize = 256 << 10;

/// Finds and decodes ascii85.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    for at in view.marks().of(Sign::Base85) {
        let inside = &text[at + 2..text.len().min(at + 2 + LONGEST)];
        let Some(length) = memchr::memmem::find(inside, b"~>") else { continue };
        let source = Span::new(at, at + length + 4);
        if view.owns(source)
            && found.allow(length) == length
            && let Some(draft) = decode(text, Span::new(at + 2, at + 2 + length))
        {
            found.push(draft, source);
        }
    }
}

fn decode(text: &[u8], inside: Span) -> Option<Draft> {
    let mut draft = Draft::default();
    let mut open = Vec::with_capacity(5);
    let mut start = inside.start;
    for at in inside.range() {
        match text[at] {
            byte if byte.is_ascii_whitespace() => continue,
            b'z' if open.is_empty() => draft.units(at, (4, 1)).extend_from_slice(&[0; 4]),
            byte @ b'!'..=b'u' => {
                if open.is_empty() {
                    start = at;
                }
                open.push(byte);
            }
            _ => return None,
        }
        if open.len() == 5 {
            draft.units(start, (4, at + 1 - start)).extend_from_slice(&bytes(&open)?);
            open.clear();
        }
    }
    if open.len() > 1 {
        let size = open.len() - 1;
        open.resize(5, b'u');
        draft.units(start, (size, inside.end - start)).extend_from_slice(&bytes(&open)?[..size]);
    }
    (readable(draft.bytes()) || packed::begins(draft.bytes())).then_some(draft)
}

/// The four bytes that five characters stand for.
fn bytes(group: &[u8]) -> Option<[u8; 4]> {
    let value = group.iter().fold(0u64, |sum, &b| sum * 85 + u64::from(b - b'!'));
    u32::try_from(value).ok().map(u32::to_be_bytes)
}
