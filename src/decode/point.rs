//! Characters written as the numbers Unicode gives them.
//!
//! In: a view. Out: its stretches with several `U+0067` close together on one line, decoded.

use super::marks::Sign;
use super::notation::{self, Escape, Notation};
use super::{Found, View, hex};

const POINT: Notation = Notation::on_a_line(b'U', read);

/// Finds and decodes stretches with code points.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let starts = view.marks().of(Sign::Point);
    notation::find(&POINT, starts, view, found);
}

/// Reads a code point and the blank or comma between it and the next one.
fn read(text: &[u8]) -> Option<Escape> {
    let digits = text.strip_prefix(b"U+")?.get(..4)?;
    if !hex::only(digits) {
        return None;
    }
    let value = std::str::from_utf8(digits).ok().and_then(|d| u32::from_str_radix(d, 16).ok())?;
    let rest = &text[6..];
    let gap = rest.iter().take(2).take_while(|b| matches!(b, b' ' | b',' | b';')).count();
    let joined = if rest[gap..].starts_with(b"U+") { gap } else { 0 };
    Some(Escape::char(char::from_u32(value)?, 6 + joined, 1))
}
