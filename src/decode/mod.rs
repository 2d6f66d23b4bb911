//! Views of a blob's bytes in which a secret can be read.
//!
//! In: a [`Chunk`], a stretch of a blob. Out: further chunks: what its base64, hex, percent and
//! backslash escapes and UTF-16 runs stand for. Each knows which bytes of its parent each of its own bytes
//! comes from, so a find in a decoded view points at the encoded text.

use std::borrow::Cow;
use std::ops::Range;

use crate::text::Span;

/// A stretch of a blob, raw or decoded.
#[derive(Debug)]
pub struct Chunk<'b> {
    /// The bytes to search.
    pub bytes: Cow<'b, [u8]>,
    /// Where a find may start. The bytes around it are context, shared with the neighbour chunks.
    pub own: Range<usize>,
    /// Whether the first byte is the blob's (or decoded value's) first.
    pub head: bool,
    /// Whether the last byte is the blob's (or decoded value's) last.
    pub tail: bool,
    /// How the bytes were decoded, outermost first; empty for raw bytes.
    pub via: Vec<&'static str>,
    /// From offsets in `bytes` to offsets in the outermost chunk.
    pub map: Map,
}

impl<'b> Chunk<'b> {
    /// A whole text, as it stands.
    #[must_use]
    pub fn whole(bytes: &'b [u8]) -> Self {
        Self {
            own: 0..bytes.len(),
            bytes: Cow::Borrowed(bytes),
            head: true,
            tail: true,
            via: Vec::new(),
            map: Map::default(),
        }
    }
}

/// Maps offsets of decoded bytes to offsets of what they were decoded from.
#[derive(Clone, Debug, Default)]
pub struct Map {
    marks: Vec<Mark>,
}

/// From `decoded` on, every `width.0` decoded bytes stand for `width.1` source bytes.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// Offset in the decoded bytes.
    pub decoded: usize,
    /// Offset in the source.
    pub source: usize,
    /// Decoded bytes and source bytes of one unit: (1, 1) for plain text, (3, 4) for base64.
    pub unit: (usize, usize),
}

impl Map {
    /// Builds a map from marks that ascend in both offsets. No mark at all: offsets stay as they are.
    #[must_use]
    pub fn new(marks: Vec<Mark>) -> Self {
        Self { marks }
    }

    /// The source bytes that `span` was decoded from, whole units only.
    #[must_use]
    pub fn source(&self, span: Span) -> Span {
        Span::new(self.lower(span.start), self.upper(span.end).max(self.lower(span.start)))
    }

    fn mark(&self, offset: usize) -> Mark {
        let after = self.marks.partition_point(|m| m.decoded <= offset);
        let identity = Mark { decoded: 0, source: 0, unit: (1, 1) };
        self.marks.get(after.wrapping_sub(1)).copied().unwrap_or(identity)
    }

    fn lower(&self, offset: usize) -> usize {
        let mark = self.mark(offset);
        mark.source + (offset - mark.decoded) / mark.unit.0 * mark.unit.1
    }

    fn upper(&self, offset: usize) -> usize {
        let mark = self.mark(offset.saturating_sub(1));
        mark.source + (offset - mark.decoded).div_ceil(mark.unit.0) * mark.unit.1
    }
}

/// What a decoder made of a stretch of its input.
#[derive(Debug)]
pub struct Decoded {
    /// The input bytes it read.
    pub source: Span,
    /// What they stand for.
    pub bytes: Vec<u8>,
    /// From `bytes` to offsets in the input (not relative to `source`).
    pub map: Map,
}
