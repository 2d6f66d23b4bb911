//! What is compressed or archived and then written in letters: gzip in base64, zip in hex.
//!
//! In: a decoded view that begins a container. Out: what its parts hold. A place in one is all of the encoded text,
//! for no smaller part of that stands for it.

use std::io::Read;

use super::container::{self, Fault, Format, Meter, Sink};
use super::map::Draft;
use super::{Chunk, Found, View, deflate};
use crate::source::SkipReason;
use crate::text::Span;

/// Longest part that is unpacked.
const LONGEST: usize = 16 << 20;

/// Finds and unpacks a container.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let chunk = view.chunk;
    // Files are opened before they are decoded.
    if chunk.via.is_empty() || !chunk.head {
        return;
    }
    let source = Span::new(0, chunk.bytes.len());
    let Some(format) = container::detect(&chunk.bytes) else {
        return deflated(chunk, source, found);
    };
    if matches!(format, Format::Closed(_)) {
        return;
    }
    let meter = Meter::default();
    let mut parts = Parts { found, source, name: format.name() };
    container::walk(format, &mut meter.file(&mut &chunk.bytes[..]), &meter, &mut parts);
}

/// Unpacks what is deflated and has no header that would tell; base64 alone keeps such.
fn deflated(chunk: &Chunk<'_>, source: Span, found: &mut Found) {
    if chunk.via.last() != Some(&"base64") {
        return;
    }
    let room = found.room.min(LONGEST);
    if let Some(text) = deflate::text(&chunk.bytes, room) {
        let mut draft = Draft::default();
        draft.units(source.start, (usize::MAX, source.len())).extend(text);
        found.push_as("deflate", draft, source);
    }
}

/// Whether a container may begin with these bytes.
pub(super) const fn opens(first: [u8; 3]) -> bool {
    matches!(
        first,
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, _]
            | [0x1f, 0x8b, 8]
            | [0x28, 0xb5, 0x2f]
            | [0xfd, b'7', b'z']
            | [b'B', b'Z', b'h']
            | [b'P', b'K', 3]
            | [4, 0x22, 0x4d]
            | [b'%', b'P', b'D']
            | [b'7', b'z', 0xbc]
            | [b'S', b'Q', b'L']
            | [0x37, 0x7f, 6]
            | [0xca, 0xfe, 0xba]
            | [0xed, 0xab, 0xee]
            | [b'!', b'<', b'a']
    )
}

/// Whether bytes that are no text are worth decoding, for what is packed in them.
pub(super) fn begins(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(|first| opens(*first))
        && (head[0] == 0x78 || container::detect(head).is_some())
}

/// Takes parts in as decoded texts.
struct Parts<'p> {
    found: &'p mut Found,
    source: Span,
    name: &'static str,
}

impl Sink for Parts<'_> {
    fn part(&mut self, _: Option<&[u8]>, reader: &mut dyn Read) {
        let mut draft = Draft::default();
        let room = self.found.room.min(LONGEST);
        let out = draft.units(self.source.start, (usize::MAX, self.source.len()));
        // Of a value that is cut off, as samples in a text are, the front is read.
        let _ = reader.take(room as u64 + 1).read_to_end(out);
        self.found.cut |= out.len() > room;
        out.truncate(room);
        if !out.is_empty() {
            self.found.push_as(self.name, draft, self.source);
        }
    }

    /// The text that holds the container is searched as it stands.
    fn plain(&mut self, _: &mut dyn Read) {}

    fn fault(&mut self, _: Option<&[u8]>, fault: Fault) {
        self.found.cut |= matches!(fault.reason, SkipReason::Budget | SkipReason::Corrupt);
    }

    fn stopped(&self) -> bool {
        self.found.room == 0
    }
}
