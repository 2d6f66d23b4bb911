//! Text of office documents, which stands in runs: a word in two fonts is two of them.
//!
//! In: a view of a part of a docx, xlsx, pptx or odt file. Out: its text without tags, a line for each
//! paragraph.

use super::map::Draft;
use super::{Found, View};
use crate::text::Span;

/// Bytes at the front in which a part names its format.
const FRONT: usize = 8 << 10;
/// What stands there.
const FORMATS: [&[u8]; 2] = [b"schemas.openxmlformats.org/", b"urn:oasis:names:tc:opendocument:"];
/// Tags that end a line.
const ENDS: [&[u8]; 7] =
    [b"</w:p>", b"</a:p>", b"</si>", b"</text:p>", b"</text:h>", b"<w:br", b"<w:tab"];

/// Whether a text is a part of a document.
pub(super) fn signs(text: &[u8]) -> bool {
    let head = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let front = &text[..text.len().min(FRONT)];
    head.starts_with(b"<?xml")
        && FORMATS.iter().any(|format| memchr::memmem::find(front, format).is_some())
}

/// Finds a document's text.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    if !view.chunk.head || !signs(text) {
        return;
    }
    let mut draft = Draft::default();
    let mut at = 0;
    while at < text.len() && found.allow(draft.cost() + 1) > draft.cost() {
        let open = memchr::memchr(b'<', &text[at..]).map_or(text.len(), |open| at + open);
        draft.copy(text, at..open);
        let tag = &text[open..];
        let length = memchr::memchr(b'>', tag).map_or(tag.len(), |close| close + 1);
        if ENDS.iter().any(|end| tag.starts_with(end)) {
            draft.units(open, (1, length)).push(b'\n');
        }
        at = open + length;
    }
    found.push(draft, Span::new(0, at));
}
