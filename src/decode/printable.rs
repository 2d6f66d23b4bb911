//! Quoted-printable, as in mails.
//!
//! In: a view. Out: its stretches with several `=3D` or lines that end in `=` close together, decoded.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::marks::Sign;
use super::notation::{self, Escape, Notation};
use super::{Found, View, hex};

const QUOTED: Notation = Notation { marker: b'=', read, first_end: |_| None, last_end: |_| None };

/// Bytes in which a mail's header says how it is written.
const HEAD: usize = 16 << 10;

/// What mails have.
static EQUALS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("=3D"));
/// What their headers have.
static HEADER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("quoted-printable"));

/// Finds and decodes quoted-printable stretches. Some code has such signs close together too, but a mail says in its
/// header how it is written, or has an equals sign written so.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let starts = || view.marks().of(Sign::Quoted);
    if notation::any(&QUOTED, starts(), text)
        && (HEADER.find(&text[..text.len().min(HEAD)]).is_some() || EQUALS.find(text).is_some())
    {
        notation::find(&QUOTED, starts(), view, found);
    }
}

/// Whether a text may be of a mail's header, or become the front of one. An equals sign is marked.
pub(super) fn signs(text: &[u8]) -> bool {
    HEADER.find(text).is_some()
}

/// Only what must be written so is read: `=42` is more likely a number.
fn read(text: &[u8]) -> Option<Escape> {
    match *text {
        [_, b'3', b'D', ref rest @ ..] => {
            let weight = if notation::is_glued(rest) { 4 } else { 2 };
            Some(Escape::byte(b'=', 3, weight))
        }
        [_, b'\n', next, ..] if next > b' ' => Some(Escape::nothing(2, 2)),
        [_, b'\r', b'\n', next, ..] if next > b' ' => Some(Escape::nothing(3, 2)),
        [_, high @ (b'8' | b'9' | b'A'..=b'F'), low, ..] if hex::only(&[low]) => {
            Some(Escape::byte(hex::byte([high, low]), 3, 1))
        }
        [_, b'2', b'0', ..] => Some(Escape::byte(b' ', 3, 1)),
        // No proof by itself, but where others stand it is no number.
        [_, high @ b'2'..=b'7', low @ (b'0'..=b'9' | b'A'..=b'F'), ref rest @ ..] => {
            let weight = usize::from(rest.first() == Some(&b'='));
            Some(Escape::byte(hex::byte([high, low]), 3, weight))
        }
        _ => None,
    }
}
