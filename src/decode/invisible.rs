//! Characters that take no room, and the codes that colour a terminal.
//!
//! In: a view. Out: the surroundings of zero-width spaces, joiners, marks and colours that stand before plain text,
//! without them: pasted text and logs have some, and whoever hides a word from a search puts them in.

use super::notation::{self, Escape, Notation};
use super::{Found, View};

/// What such characters begin with in UTF-8, by what they are called in reports.
const MARKS: [(&str, Notation); 5] = [
    ("zero-width", Notation::on_a_line(0xe2, read)),
    ("zero-width", Notation::on_a_line(0xef, read)),
    ("zero-width", Notation::on_a_line(0xc2, read)),
    ("zero-width", Notation::on_a_line(0xf3, read)),
    ("colour", Notation::on_a_line(0x1b, colour)),
];

/// Finds stretches with such characters, and leaves these out.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let (colours, wide) = (view.marks().colour, view.marks().wide);
    for (name, notation) in &MARKS {
        let is_colour = *name == "colour";
        if (is_colour && colours) || (!is_colour && wide) {
            let first = found.list.len();
            notation::search(notation, view, found);
            for decoded in &mut found.list[first..] {
                decoded.name = Some(name);
            }
        }
    }
}

/// Reads a character; one is enough, but between emojis they belong to the text.
fn read(text: &[u8]) -> Option<Escape> {
    let length = match *text {
        // Zero-width spaces and joiners, marks of direction, invisible operators; a byte order mark; selectors of
        // variants.
        [0xe2, 0x80, 0x8b..=0x8f | 0xaa..=0xae, ..]
        | [0xe2, 0x81, 0xa0..=0xaf, ..]
        | [0xef, 0xbb, 0xbf, ..]
        | [0xef, 0xb8, 0x80..=0x8f, ..] => 3,
        // A soft hyphen.
        [0xc2, 0xad, ..] => 2,
        // Tags.
        [0xf3, 0xa0, 0x80..=0x87, _, ..] => 4,
        _ => return None,
    };
    let plain = text.get(length).is_some_and(u8::is_ascii_graphic);
    text.get(length).map(|_| Escape::nothing(length, if plain { 4 } else { 0 }))
}

/// Reads the code of a colour.
fn colour(text: &[u8]) -> Option<Escape> {
    let codes = text.strip_prefix(b"\x1b[")?;
    let length = codes.iter().take(24).take_while(|b| matches!(b, b'0'..=b'?')).count();
    let ends = matches!(codes.get(length), Some(b'm' | b'K'));
    let plain = codes.get(length + 1).is_some_and(u8::is_ascii_graphic);
    ends.then(|| Escape::nothing(length + 3, if plain { 4 } else { 0 }))
}
