//! Entities, as in HTML and XML.
//!
//! In: a view. Out: its stretches with several `&#103;`, `&#x67;`, `&amp;` … close together on one line, decoded.

use super::marks::Sign;
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
    let starts = view.marks().of(Sign::Entity);
    notation::find(&ENTITY, starts, view, found);
}

fn read(text: &[u8]) -> Option<Escape> {
    match text[1..] {
        [b'#', b'x' | b'X', ref rest @ ..] => number(rest, 16, 3),
        [b'#', ref rest @ ..] => number(rest, 10, 2),
        ref rest => {
            let (name, byte) = NAMED.iter().find(|(name, _)| rest.starts_with(name))?;
            let hidden = *byte == b'_' && notation::is_glued(&rest[name.len()..]);
            Some(Escape::byte(*byte, 1 + name.len(), if hidden { 4 } else { 1 }))
        }
    }
}

/// Reads the digits that follow `before` bytes, and the semicolon, which browsers can do without.
fn number(rest: &[u8], base: u32, before: usize) -> Option<Escape> {
    let count = rest.iter().take(8).take_while(|b| char::from(**b).is_digit(base)).count();
    let digits = std::str::from_utf8(&rest[..count]).ok()?;
    let char = char::from_u32(u32::from_str_radix(digits, base).ok()?)?;
    let closed = usize::from(rest.get(count) == Some(&b';'));
    // Quotes and letters of other languages are written so in any text; a plain letter is not.
    let rest = &rest[count + closed..];
    let weight = match char {
        '_' | 'a'..='z' | 'A'..='Z' | '0'..='9' if notation::is_glued(rest) => 4,
        'a'..='z' | 'A'..='Z' | '0'..='9' => 2,
        _ => 1,
    };
    Some(Escape::char(char, before + count + closed, weight))
}
