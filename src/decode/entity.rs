//! Entities, as in HTML and XML.
//!
//! In: a view. Out: its stretches with several `&#103;`, `&#x67;`, `&amp;` … close together on one line, decoded.

use super::notation::{self, Escape, Notation};
use super::{Found, View};

const ENTITY: Notation = Notation::on_a_line(b'&', read);

/// Names that text is full of, and characters that a name would hide.
const NAMED: &[(&[u8], u8)] = &[
    (b"amp;", b'&'),
    (b"lt;", b'<'),
    (b"gt;", b'>'),
    (b"quot;", b'"'),
    (b"apos;", b'\''),
    (b"nbsp;", b' '),
    (b"equals;", b'='),
    (b"colon;", b':'),
    (b"lowbar;", b'_'),
    (b"plus;", b'+'),
    (b"sol;", b'/'),
    (b"Tab;", b'\t'),
    (b"NewLine;", b'\n'),
];

/// Finds and decodes stretches with entities.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    notation::find(&ENTITY, view, found);
}

fn read(text: &[u8]) -> Option<Escape> {
    match text[1..] {
        [b'#', b'x' | b'X', ref rest @ ..] => number(rest, 16, 3),
        [b'#', ref rest @ ..] => number(rest, 10, 2),
        ref rest => {
            let (name, byte) = NAMED.iter().find(|(name, _)| rest.starts_with(name))?;
            Some(Escape::byte(*byte, 1 + name.len(), 1))
        }
    }
}

/// Reads the digits and the semicolon that follow `before` bytes.
fn number(rest: &[u8], base: u32, before: usize) -> Option<Escape> {
    let end = rest.iter().take(8).position(|&b| b == b';')?;
    let digits = std::str::from_utf8(&rest[..end]).ok()?;
    let char = char::from_u32(u32::from_str_radix(digits, base).ok()?)?;
    // Quotes and letters of other languages are written so in any text; a plain letter is not.
    let weight = if char.is_ascii_alphanumeric() { 2 } else { 1 };
    Some(Escape::char(char, before + end + 1, weight))
}
