//! Where decoded bytes come from.
//!
//! In: the marks a decoder left while it wrote. Out: [`Map`]s, which lead a span of decoded bytes
//! back through every decoding to the outermost text.

use std::ops::Range;
use std::sync::Arc;

use crate::text::Span;

/// Maps offsets of decoded bytes to offsets of what they were decoded from.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// One list of marks for each decoding, innermost first. Shared, since a text that was decoded
    /// into many marks may hold many further encodings.
    layers: Vec<Arc<[Mark]>>,
}

/// From `decoded` on, every `unit.0` decoded bytes stand for `unit.1` source bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        let layers = if marks.is_empty() { Vec::new() } else { vec![marks.into()] };
        Self { layers }
    }

    /// The map that leads on from where this one ends: first `self`, then `outer`.
    #[must_use]
    pub fn then(mut self, outer: &Self) -> Self {
        self.layers.extend(outer.layers.iter().map(Arc::clone));
        self
    }

    /// The source bytes that `span` was decoded from, whole units only.
    #[must_use]
    pub fn source(&self, span: Span) -> Span {
        self.layers.iter().fold(span, |span, marks| {
            let start = lower(marks, span.start);
            Span::new(start, upper(marks, span.end).max(start))
        })
    }

    /// Whether `span` and one byte on either side stand in the parent text as they stand here.
    ///
    /// What is found in such a span has been found in the parent too.
    pub(super) fn verbatim(&self, span: Span, length: usize) -> bool {
        let (Some(marks), Some(before)) = (self.layers.first(), span.start.checked_sub(1)) else {
            return false;
        };
        let after = marks.partition_point(|m| m.decoded <= before);
        let next = marks.get(after).map_or(length, |m| m.decoded);
        mark(marks, before).unit == (1, 1) && span.end < next
    }
}

/// The mark that governs `offset`.
fn mark(marks: &[Mark], offset: usize) -> Mark {
    let after = marks.partition_point(|m| m.decoded <= offset);
    let identity = Mark { decoded: 0, source: 0, unit: (1, 1) };
    marks.get(after.wrapping_sub(1)).copied().unwrap_or(identity)
}

fn lower(marks: &[Mark], offset: usize) -> usize {
    let mark = mark(marks, offset);
    let (decoded, source) = mark.unit;
    mark.source + (offset - mark.decoded) / decoded * source
}

fn upper(marks: &[Mark], offset: usize) -> usize {
    let mark = mark(marks, offset.saturating_sub(1));
    let (decoded, source) = mark.unit;
    mark.source + (offset - mark.decoded).div_ceil(decoded) * source
}

/// What the smallest result costs in allocations and bookkeeping.
const OVERHEAD: usize = 256;

/// What a decoder made of a stretch of its input.
#[derive(Debug)]
pub struct Decoded {
    /// What it was decoded from, where that is not the decoder's name.
    pub name: Option<&'static str>,
    /// The input bytes it read.
    pub source: Span,
    /// What they stand for.
    pub bytes: Vec<u8>,
    /// From `bytes` to offsets in the input (not relative to `source`).
    pub map: Map,
}

impl Decoded {
    /// Memory held by bytes and map.
    pub(super) fn cost(&self) -> usize {
        let marks: usize = self.map.layers.iter().map(|l| size_of_val(&**l)).sum();
        OVERHEAD + self.bytes.len() + marks
    }
}

/// Bytes and marks for which there is room at first.
const ROOM: usize = 4096;
const FEW_MARKS: usize = 16;

/// Decoded bytes in the making, and the marks that go with them.
#[derive(Debug, Default)]
pub(super) struct Draft {
    bytes: Vec<u8>,
    marks: Vec<Mark>,
}

impl Draft {
    /// One with room for the result of a stretch of so many bytes, most of them written as they are.
    pub(super) fn of(stretch: usize) -> Self {
        let bytes = Vec::with_capacity(stretch.min(ROOM));
        Self { bytes, marks: Vec::with_capacity(FEW_MARKS) }
    }

    /// The bytes written so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Memory held by bytes and marks.
    pub(super) fn cost(&self) -> usize {
        self.bytes.len() + size_of_val(self.marks.as_slice())
    }

    /// Says that what is written from now on is made of whole units that start at `source`.
    ///
    /// Returns where to write them.
    pub(super) fn units(&mut self, source: usize, unit: (usize, usize)) -> &mut Vec<u8> {
        let decoded = self.bytes.len();
        let goes_on = self.marks.last().is_some_and(|last| {
            let passed = decoded - last.decoded;
            let (from, to) = unit;
            last.unit == unit
                && passed.is_multiple_of(from)
                && last.source + passed / from * to == source
        });
        if !goes_on {
            self.marks.push(Mark { decoded, source, unit });
        }
        &mut self.bytes
    }

    /// Copies a range of `text` as it is.
    pub(super) fn copy(&mut self, text: &[u8], range: Range<usize>) {
        if !range.is_empty() {
            self.units(range.start, (1, 1)).extend_from_slice(&text[range]);
        }
    }

    /// The result, read from `source`.
    pub(super) fn finish(self, source: Span) -> Decoded {
        Decoded { name: None, source, bytes: self.bytes, map: Map::new(self.marks) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Decoded {
        // "ab" + three bytes of base64 + "cd", where base64 started at 2.
        let text = b"abQUJDcd";
        let mut draft = Draft::default();
        draft.copy(text, 0..2);
        draft.units(2, (3, 4)).extend_from_slice(b"ABC");
        draft.copy(text, 6..8);
        draft.finish(Span::new(0, 8))
    }

    #[test]
    fn spans_lead_back_to_whole_units() {
        let decoded = draft();
        assert_eq!(decoded.bytes, b"abABCcd");
        let source = |start, end| decoded.map.source(Span::new(start, end));
        assert_eq!(source(0, 1), Span::new(0, 1));
        assert_eq!(source(1, 3), Span::new(1, 6));
        assert_eq!(source(3, 4), Span::new(2, 6));
        assert_eq!(source(5, 7), Span::new(6, 8));
        assert_eq!(source(0, 7), Span::new(0, 8));
    }

    #[test]
    fn maps_follow_each_other() {
        let outer = Map::new(vec![Mark { decoded: 0, source: 100, unit: (1, 2) }]);
        let map = draft().map.then(&outer);
        assert_eq!(map.source(Span::new(3, 4)), Span::new(104, 112));
        assert_eq!(Map::default().source(Span::new(3, 4)), Span::new(3, 4));
    }

    #[test]
    fn only_the_inside_of_a_copy_is_verbatim() {
        let text = b"\\nplain text\\n";
        let mut draft = Draft::default();
        draft.units(0, (1, 2)).push(b'\n');
        draft.copy(text, 2..12);
        draft.units(12, (1, 2)).push(b'\n');
        let decoded = draft.finish(Span::new(0, 14));
        let verbatim = |start, end| decoded.map.verbatim(Span::new(start, end), 12);
        assert!(verbatim(2, 10));
        assert!(!verbatim(1, 10));
        assert!(!verbatim(2, 11));
        assert!(!verbatim(0, 1));
        assert!(!Map::default().verbatim(Span::new(2, 10), 12));
    }
}
