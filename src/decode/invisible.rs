//! Characters that take no room.
//!
//! In: a view. Out: the surroundings of zero-width spaces, joiners and marks that stand before plain text, without
//! them: pasted text has some, and whoever hides a word from a search puts them in.

use super::notation::{self, Escape, Notation};
use super::{Found, View};

// The marker is what they all begin with in UTF-8.
const INVISIBLE: Notation = Notation::on_a_line(0xe2, read);

/// Finds stretches with such characters, and leaves these out.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    notation::find(&INVISIBLE, view, found);
}

/// Whether a text has one.
pub(super) fn signs(text: &[u8]) -> bool {
    memchr::memchr_iter(0xe2, text).any(|at| read(&text[at..]).is_some())
}

fn read(text: &[u8]) -> Option<Escape> {
    match *text {
        [_, 0x80, 0x8b..=0x8f, next, ..] | [_, 0x81, 0xa0..=0xa4, next, ..] => {
            // One is enough, but between emojis they belong to the text.
            Some(Escape::nothing(3, if next.is_ascii_graphic() { 4 } else { 0 }))
        }
        _ => None,
    }
}
