//! Percent escapes, as in URLs and forms.
//!
//! In: a view. Out: its stretches with several `%HH` close together, decoded.

use super::marks::Sign;
use super::notation::{self, Escape, Notation};
use super::{Found, View, hex};

const PERCENT: Notation = Notation {
    marker: b'%',
    read,
    first_end: |text| text.iter().position(|&b| foreign(b)),
    last_end: |text| text.iter().rposition(|&b| foreign(b)),
};

/// Finds and decodes percent-escaped stretches.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let starts = view.marks().of(Sign::Percent);
    notation::find(&PERCENT, starts, view, found);
}

/// Two escapes make a stretch, or one that stands for a letter of a long word: printf formats and CSS have a `%`
/// here and there.
fn read(text: &[u8]) -> Option<Escape> {
    match *text {
        [_, high, low, ..] if hex::only(&[high, low]) => {
            let byte = hex::byte([high, low]);
            let letter = byte.is_ascii_alphanumeric() || byte == b'_';
            let hidden = letter && notation::is_glued(&text[3..]);
            Some(Escape::byte(byte, 3, if hidden { 4 } else { 2 }))
        }
        // As JavaScript's `escape` writes what is no byte.
        [_, b'u', a, b, c, d, ..] if hex::only(&[a, b, c, d]) => {
            let value = u32::from(hex::byte([a, b])) << 8 | u32::from(hex::byte([c, d]));
            Some(Escape::char(char::from_u32(value)?, 6, 2))
        }
        _ => None,
    }
}

/// Whether a byte can't stand in a URL.
const fn foreign(byte: u8) -> bool {
    !byte.is_ascii_graphic() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Chunk;

    fn decoded(text: &str) -> Vec<String> {
        let chunk = Chunk::whole(text.as_bytes());
        let mut found = Found::new(1 << 20);
        find(&View::new(&chunk), &mut found);
        found.list.iter().map(|d| String::from_utf8_lossy(&d.bytes).into()).collect()
    }

    #[test]
    fn a_query_is_read_whole() {
        let text = "curl 'https://host/?user%3Dme%26pass%3dx%2Fy' -k";
        assert_eq!(decoded(text), ["https://host/?user=me&pass=x/y"]);
    }

    #[test]
    fn formats_and_lone_escapes_are_left_alone() {
        assert!(decoded("width: 50%; height: 20%20").is_empty());
        assert!(decoded("%02x%02x%02x%02x%02x%02x").is_empty());
        assert!(decoded("a%20b c%20d e%20f g%20h").is_empty());
        assert!(decoded("%%%4%4g%zz%").is_empty());
    }
}
