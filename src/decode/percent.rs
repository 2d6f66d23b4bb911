//! Percent escapes, as in URLs and forms.
//!
//! In: a view. Out: its stretches with several `%HH` close together, decoded.

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
    notation::find(&PERCENT, view, found);
}

/// Three escapes make a stretch: printf formats and CSS have a `%` here and there.
fn read(text: &[u8]) -> Option<Escape> {
    match *text {
        [_, high, low, ..] if hex::only(&[high, low]) => {
            Some(Escape::byte(hex::byte([high, low]), 3, 2))
        }
        _ => None,
    }
}

/// Whether a byte can't stand in a URL.
const fn foreign(byte: u8) -> bool {
    !byte.is_ascii_graphic() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}
