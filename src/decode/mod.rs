//! Views of a blob's bytes in which a secret can be read.
//!
//! In: a [`Chunk`], a stretch of a blob. Out: further chunks: what its base64, hex, escapes, entities, lists of
//! bytes and the like stand for, what is packed in them, and literals that a program joins. Each knows which bytes of its parent each of its own
//! bytes comes from, so a find in a decoded view points at the encoded text.

mod array;
mod base32;
mod base64;
mod base85;
pub mod border;
mod chars;
pub mod charset;
mod classes;
pub mod container;
mod continued;
mod deflate;
mod dump;
mod entity;
mod escape;
mod hex;
mod invisible;
mod joined;
mod map;
mod marks;
mod notation;
pub mod notebook;
mod numbers;
mod packed;
mod percent;
mod point;
mod printable;
mod readable;
mod runs;
mod utf16;
mod utf7;
mod uu;
mod words;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

pub use joined::{JOINT, LITERAL};
pub use map::{Decoded, Map, Mark};
use marks::{Marks, Word};

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
    /// All of a blob in one chunk.
    #[must_use]
    pub fn whole(bytes: impl Into<Cow<'b, [u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            own: 0..bytes.len(),
            bytes,
            head: true,
            tail: true,
            via: Vec::new(),
            map: Map::default(),
        }
    }

    /// How many decodings it is the result of. What is deflated without a header counts with its base64: diagrams in
    /// images are written so, with percent escapes and entities around and inside.
    fn depth(&self) -> usize {
        self.via.iter().filter(|name| **name != "deflate").count()
    }

    /// The chunk that a decoder called `name` made of a part of this one.
    fn child(&self, name: &'static str, decoded: Decoded) -> Chunk<'static> {
        let mut child = Chunk::whole(decoded.bytes);
        // A stretch that the chunk's edge cuts goes on in the neighbour chunk.
        child.head = self.head || decoded.source.start > 0;
        child.tail = self.tail || decoded.source.end < self.bytes.len();
        child.via.reserve_exact(self.via.len() + 1);
        child.via.extend_from_slice(&self.via);
        child.via.push(name);
        child.map = decoded.map.then(&self.map);
        child
    }
}

/// A chunk as decoders see it, with what several of them need worked out once.
#[derive(Debug)]
pub struct View<'c> {
    chunk: &'c Chunk<'c>,
    marks: OnceCell<Marks>,
}

impl<'c> View<'c> {
    /// Looks at `chunk`.
    #[must_use]
    pub const fn new(chunk: &'c Chunk<'c>) -> Self {
        Self { chunk, marks: OnceCell::new() }
    }

    fn text(&self) -> &'c [u8] {
        &self.chunk.bytes
    }

    /// Long runs of letters, digits and `+/-_`, in order.
    fn words(&self) -> &[Word] {
        &self.marks().words
    }

    /// Where an encoding may begin.
    fn marks(&self) -> &Marks {
        self.marks.get_or_init(|| Marks::new(self.text()))
    }

    /// Whether a stretch is this chunk's to decode.
    ///
    /// One that starts in the context before it and reaches into it counts: it may be too long for
    /// the neighbour to see its end.
    const fn owns(&self, stretch: Span) -> bool {
        stretch.end > self.chunk.own.start && stretch.start < self.chunk.own.end
    }

    /// Whether what starts at `at` may have started in the neighbour chunk.
    const fn cuts(&self, at: usize) -> bool {
        at == 0 && !self.chunk.head
    }
}

/// What decoders found in one chunk, within a limit on memory.
#[derive(Debug)]
pub struct Found {
    /// The results, in the order they were found.
    pub list: Vec<Decoded>,
    room: usize,
    cut: bool,
}

impl Found {
    /// Nothing yet, and room for `room` bytes.
    #[must_use]
    pub const fn new(room: usize) -> Self {
        Self { list: Vec::new(), room, cut: false }
    }

    /// How much of a result of `wanted` bytes there is room for. Notes when that is not all.
    fn allow(&mut self, wanted: usize) -> usize {
        self.cut |= wanted > self.room;
        wanted.min(self.room)
    }

    /// Takes a result in.
    fn push(&mut self, draft: map::Draft, source: Span) {
        let decoded = draft.finish(source);
        self.room = self.room.saturating_sub(decoded.cost());
        self.list.push(decoded);
    }

    /// Takes in a result of the encoding called `name`.
    fn push_as(&mut self, name: &'static str, draft: map::Draft, source: Span) {
        self.push(draft, source);
        if let Some(last) = self.list.last_mut() {
            last.name = Some(name);
        }
    }
}

/// Finds the stretches in a view that are written in one encoding, and decodes them.
pub type Find = fn(&View<'_>, &mut Found);

/// All decoders: the name used in reports, and the function.
///
/// Hex stands before base64, which leaves runs of hex digits to it.
pub const DECODERS: &[(&str, Find)] = &[
    ("hex", hex::find),
    ("base64", base64::find),
    ("percent", percent::find),
    ("escape", escape::find),
    ("utf-16", utf16::find),
    ("base32", base32::find),
    ("entity", entity::find),
    ("code-point", point::find),
    ("utf-7", utf7::find),
];

/// The same of what has no letters of its own: it is left out.
const UNSEEN: &[(&str, Find)] = &[("zero-width", invisible::find)];

/// What stands apart, since it does not write each character of a text in another alphabet.
const OTHERS: &[(&str, Find)] = &[
    ("continued", continued::find),
    ("packed", packed::find),
    ("quoted-printable", printable::find),
    ("ascii85", base85::find),
    ("bytes", numbers::find),
    ("characters", chars::find),
    ("joined", array::find),
    ("dump", dump::find),
    ("uuencode", uu::find),
    ("runs", runs::find),
];

/// Bytes on either side of a change in which a sign of what reaches over lines may stand.
pub const AROUND: usize = 96;

/// Bytes of a budget that are enough for any window: more than a decoder asks for at a time.
const LEAST: usize = 16 << 20;

/// How much decoding one blob is worth.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Decodings inside each other.
    pub depth: usize,
    /// Bytes of decoded text, and of the maps that go with them, left to the blob.
    pub bytes: usize,
    exceeded: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(4, 64 << 20)
    }
}

impl Budget {
    /// Allows `depth` decodings inside each other and `bytes` of memory for their results.
    #[must_use]
    pub const fn new(depth: usize, bytes: usize) -> Self {
        Self { depth, bytes, exceeded: false }
    }

    /// Whether something was left undecoded for want of depth or bytes.
    #[must_use]
    pub const fn exceeded(&self) -> bool {
        self.exceeded
    }

    /// The same budget for one window of a blob, which is decoded beside others. What is too little for a window is
    /// nothing: so what is decoded does not depend on which windows were decoded at the same time.
    #[must_use]
    pub const fn lend(&mut self) -> Self {
        if self.bytes < LEAST {
            self.bytes = 0;
        }
        Self::new(self.depth, self.bytes)
    }

    /// Takes back the `rest` of what was `lent`, after windows before this one have been paid for. False if these
    /// have left so little that the window has to be decoded again, with that.
    #[must_use]
    pub const fn take_back(&mut self, lent: &Self, rest: &Self) -> bool {
        let spent = lent.bytes - rest.bytes;
        if self.bytes != lent.bytes && (rest.exceeded || self.bytes < spent + LEAST) {
            return false;
        }
        self.bytes -= spent;
        self.exceeded |= rest.exceeded;
        true
    }
}

/// Decodes what is encoded in `chunk`, one level deep: hand the results back in for the next.
///
/// A stretch at the border of two chunks may come out of both; its finds have the same places.
pub fn inner(chunk: &Chunk<'_>, budget: &mut Budget) -> Vec<Chunk<'static>> {
    let joined: &[(&str, Find)] = &[("joined", joined::find)];
    all(DECODERS.iter().chain(joined).chain(UNSEEN).chain(OTHERS), &View::new(chunk), budget)
}

/// The same, but what may reach over lines: `joined` and `odd` tell of it.
pub fn encoded(view: &View<'_>, budget: &mut Budget) -> Vec<Chunk<'static>> {
    all(DECODERS.iter().chain(UNSEEN), view, budget)
}

/// The quotes in `part` of a text at which literals may be joined: [`LITERAL`] bytes before each tell, and [`JOINT`]
/// from it on.
pub fn joints(text: &[u8], part: Span) -> impl Iterator<Item = usize> + '_ {
    joined::joints(text, part)
}

/// All such quotes.
pub fn all_joints<'v>(view: &'v View<'_>) -> impl Iterator<Item = usize> + 'v {
    joined::all(view)
}

/// Puts the literals of a text together that are joined at `joints`, which are all of its.
pub fn joined(view: &View<'_>, joints: &[usize], budget: &mut Budget) -> Vec<Chunk<'static>> {
    let mut children = Vec::new();
    let find = |found: &mut Found| joined::join_at(joints.iter().copied(), view, found);
    if decode(("joined", find), view.chunk, budget, &mut children) { children } else { Vec::new() }
}

/// Whether a text has a sign of what [`odd`] reads, which may reach over lines.
#[must_use]
pub fn is_odd(view: &View<'_>) -> bool {
    let text = view.text();
    view.marks().is_odd(text)
        || printable::signs(text)
        || uu::signs(text)
        || numbers::any(view)
        || runs::signs(text)
}

/// Whether a part of a text has such a sign.
#[must_use]
pub fn is_odd_in(text: &[u8], part: Span) -> bool {
    let around = part.start.saturating_sub(AROUND)..text.len().min(part.end + AROUND);
    let near = &text[around];
    marks::is_odd(near)
        || printable::signs(near)
        || uu::signs(near)
        || numbers::signs(text, part)
        || runs::signs(text)
}

/// Decodes what is written over several lines. Without a sign there is nothing.
pub fn odd(view: &View<'_>, budget: &mut Budget) -> Vec<Chunk<'static>> {
    all(OTHERS.iter(), view, budget)
}

fn all<'d>(
    decoders: impl Iterator<Item = &'d (&'static str, Find)>,
    view: &View<'_>,
    budget: &mut Budget,
) -> Vec<Chunk<'static>> {
    let mut children = Vec::new();
    for (name, find) in decoders {
        let find = |found: &mut Found| find(view, found);
        if !decode((name, find), view.chunk, budget, &mut children) {
            return Vec::new();
        }
    }
    children
}

/// Adds what one decoder finds; says whether the chunk may be decoded at all, so deep as it is.
fn decode(
    (name, find): (&'static str, impl FnOnce(&mut Found)),
    chunk: &Chunk<'_>,
    budget: &mut Budget,
    children: &mut Vec<Chunk<'static>>,
) -> bool {
    let mut found = Found::new(budget.bytes);
    find(&mut found);
    budget.exceeded |= found.cut;
    for decoded in found.list {
        // The parent has shown the same stretch to the same decoder.
        if chunk.map.verbatim(decoded.source, chunk.bytes.len()) {
            continue;
        }
        if chunk.depth() >= budget.depth {
            budget.exceeded = true;
            return false;
        }
        budget.bytes = budget.bytes.saturating_sub(decoded.cost());
        children.push(chunk.child(decoded.name.unwrap_or(name), decoded));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn children(text: &[u8]) -> Vec<Chunk<'static>> {
        inner(&Chunk::whole(text), &mut Budget::default())
    }

    #[test]
    fn every_decoder_ends_where_there_is_no_room() {
        let hex = "70 61 73 73 77 6f 72 64 3d 68 75 6e 74 65 72 32 70 61";
        let lines = [
            hex.to_owned(),
            hex.replace(' ', "").repeat(2),
            format!("begin 644 a\n-{}\n`\nend", "<&%S".repeat(5)),
            ["chr(112)"; 9].join(" + "),
            format!("[{}]", ["112"; 20].join(", ")),
            format!("[{}].join(\"\")", ["\"pass\""; 3].join(", ")),
            ["\"pass\""; 3].join(" + "),
            data_encoding::BASE64.encode(&[b'p'; 60]),
            data_encoding::BASE32.encode(&[b'p'; 60]),
            ["%61", "\\x61", "\\u0061", "&#97;", "=61", "+AGE-", "\u{200b}a"]
                .map(|one| one.repeat(4))
                .join(" "),
            "pass\\\nword <~87cURD]j7BEbo80~>".to_owned(),
        ];
        let text = (lines.join("\n") + "\n").repeat(3);
        let chunk = Chunk::whole(text.as_bytes());
        for room in (0..100).chain((100..4000).step_by(37)) {
            for (name, find) in DECODERS.iter().chain(UNSEEN).chain(OTHERS) {
                let mut found = Found::new(room);
                find(&View::new(&chunk), &mut found);
                assert!(room > 0 || found.list.is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn windows_are_paid_for_in_their_order() {
        let full = Budget::default().bytes;
        let mut budget = Budget::default();
        let lent = budget.lend();
        let rest =
            |spent: usize, exceeded: bool| Budget { exceeded, ..Budget::new(4, full - spent) };
        // Both were decoded with all of it; the second would have had less, but enough.
        assert!(budget.take_back(&lent, &rest(full / 2, false)));
        assert!(budget.take_back(&lent, &rest(1, false)));
        assert_eq!(budget.bytes, full / 2 - 1);
        for (spent, exceeded) in [(full / 2, false), (full / 2 - LEAST, false), (0, true)] {
            assert!(!budget.take_back(&lent, &rest(spent, exceeded)), "{spent}");
        }
        let lent = budget.lend();
        assert_eq!(lent.bytes, budget.bytes);
        assert!(budget.take_back(&lent, &Budget { exceeded: true, ..Budget::new(4, LEAST - 1) }));
        assert_eq!((budget.lend().bytes, budget.bytes, budget.exceeded()), (0, 0, true));
    }

    #[test]
    fn hex_digits_are_not_base64() {
        let found = children("70617373776f72643d68756e746572322d".repeat(3).as_bytes());
        assert_eq!(found.iter().map(|c| &c.via[..]).collect::<Vec<_>>(), [["hex"]]);
    }

    #[test]
    fn what_a_copy_holds_is_not_decoded_again() {
        let value = data_encoding::BASE64.encode(b"password=correct-horse-battery");
        let text = format!(r#"{{\"a\": \"{value}\", \"b\": 1}}"#);
        let found = children(text.as_bytes());
        let escape = found.iter().find(|c| c.via == ["escape"]).expect("four quotes are enough");
        assert_eq!(found.len(), 2);
        // The value's ends were escapes, and might have hidden a part of it. Inside, nothing did.
        assert_eq!(inner(escape, &mut Budget::default()).len(), 1);
        let spaced = text.replace(&value, &format!(" {value} "));
        let found = children(spaced.as_bytes());
        let escape = found.iter().find(|c| c.via == ["escape"]).expect("four quotes are enough");
        assert!(inner(escape, &mut Budget::default()).is_empty());
    }

    #[test]
    fn only_the_chunk_that_owns_a_value_decodes_it() {
        let value = "70617373776f72643d68756e746572322d";
        let text = format!("{value} {} {value}", "-".repeat(100));
        let mut chunk = Chunk::whole(text.as_bytes());
        chunk.own = 40..100;
        assert!(inner(&chunk, &mut Budget::default()).is_empty());
        chunk.own = 20..100;
        assert_eq!(inner(&chunk, &mut Budget::default()).len(), 1);
        chunk.own = 40..text.len() - 1;
        assert_eq!(inner(&chunk, &mut Budget::default()).len(), 1);
    }

    #[test]
    fn a_value_cut_by_the_border_is_neither_head_nor_tail() {
        let text = "70617373776f72643d68756e746572322d";
        let mut chunk = Chunk::whole(text.as_bytes());
        (chunk.head, chunk.tail) = (false, false);
        let found = inner(&chunk, &mut Budget::default());
        assert_eq!((found[0].head, found[0].tail), (false, false));
    }
}
