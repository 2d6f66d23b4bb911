//! Notations that write some characters of a text as escapes, each starting with a marker byte.
//!
//! In: a [`Notation`] and a view. Out: the stretches in which such escapes stand close together,
//! with a few plain bytes around them, decoded. Percent and backslash escapes are two notations.

use super::map::Draft;
use super::readable::{HEAD, readable};
use super::{Found, View, packed};
use crate::text::Span;

/// Escapes further apart than this belong to different stretches, and a stretch takes in this much
/// of the plain text on either side: a credential's name may stand there.
const REACH: usize = 256;

/// Longest word of plain text that is taken in whole at a stretch's end.
const WORD: usize = 4096;

/// Sum of weights that makes a stretch worth decoding.
const ENOUGH: usize = 4;

/// Shortest word that hides something if an escape is glued to it.
const GLUED: usize = 16;

/// Bytes in front of the first escape with which something packed may begin: `x\x9c`, `PK\x03\x04`, `BZh91AY&SY`.
const FRONTS: [usize; 4] = [0, 1, 2, 10];

/// A way to write characters.
pub(super) struct Notation {
    /// The byte that every escape starts with.
    pub(super) marker: u8,
    /// Reads the escape at the start of a text.
    pub(super) read: fn(&[u8]) -> Option<Escape>,
    /// The first byte that a stretch can't hold.
    pub(super) first_end: fn(&[u8]) -> Option<usize>,
    /// The last byte that a stretch can't hold.
    pub(super) last_end: fn(&[u8]) -> Option<usize>,
}

impl Notation {
    /// One whose stretches end with their line.
    pub(super) const fn on_a_line(marker: u8, read: fn(&[u8]) -> Option<Escape>) -> Self {
        Self {
            marker,
            read,
            first_end: |text| memchr::memchr2(b'\n', b'\r', text),
            last_end: |text| memchr::memrchr2(b'\n', b'\r', text),
        }
    }
}

/// One escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Escape {
    /// Bytes read.
    pub(super) length: usize,
    /// How much it speaks for a text that must be decoded to be understood.
    pub(super) weight: usize,
    bytes: [u8; 4],
    size: usize,
}

/// What an escape weighs that stands for `char` and that `rest` follows: nobody has to write a letter so, and the
/// digits of one that a long word follows are taken for a part of the word.
pub(super) fn weight(char: char, rest: &[u8]) -> usize {
    let letter = char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    if letter || is_glued(rest) { ENOUGH } else { 1 }
}

/// Whether a long word follows.
pub(super) fn is_glued(rest: &[u8]) -> bool {
    rest.get(..GLUED).is_some_and(|word| word.iter().all(|b| inside(*b)))
}

impl Escape {
    /// An escape of `length` bytes that stands for one byte.
    pub(super) const fn byte(byte: u8, length: usize, weight: usize) -> Self {
        Self { length, weight, bytes: [byte, 0, 0, 0], size: 1 }
    }

    /// An escape of `length` bytes that stands for up to four.
    pub(super) fn bytes(plain: &[u8], length: usize, weight: usize) -> Self {
        let mut bytes = [0; 4];
        bytes[..plain.len()].copy_from_slice(plain);
        Self { length, weight, bytes, size: plain.len() }
    }

    /// `length` bytes that stand for nothing.
    pub(super) const fn nothing(length: usize, weight: usize) -> Self {
        Self { length, weight, bytes: [0; 4], size: 0 }
    }

    /// An escape of `length` bytes that stands for a character.
    pub(super) fn char(char: char, length: usize, weight: usize) -> Self {
        let mut bytes = [0; 4];
        let size = char.encode_utf8(&mut bytes).len();
        Self { length, weight, bytes, size }
    }
}

/// Finds and decodes the stretches written in `notation`. Its escapes start at some of `starts`, which are all markers
/// or all that may start one.
pub(super) fn find(
    notation: &Notation,
    starts: impl Iterator<Item = usize>,
    view: &View<'_>,
    found: &mut Found,
) {
    let text = view.text();
    let mut done = 0;
    for start in starts {
        if start < done {
            continue;
        }
        let Some((escapes, weight)) = notation.chain(text, start) else { continue };
        let floor = done;
        done = escapes.end;
        if weight >= ENOUGH {
            let stretch = notation.widen(text, escapes, floor);
            done = stretch.end;
            if view.owns(stretch) {
                let packed = notation.packed(text, escapes.start, Span::new(floor, stretch.end));
                notation.decode(text, packed.unwrap_or(stretch), found);
            }
        }
    }
}

/// Whether there is anything for [`find`].
pub(super) fn any(notation: &Notation, starts: impl Iterator<Item = usize>, text: &[u8]) -> bool {
    let mut done = 0;
    starts.into_iter().any(|start| {
        let chain = (start >= done).then(|| notation.chain(text, start)).flatten();
        done = chain.map_or(done, |(escapes, _)| escapes.end);
        chain.is_some_and(|(_, weight)| weight >= ENOUGH)
    })
}

/// The same for a notation of which nothing is marked.
pub(super) fn search(notation: &Notation, view: &View<'_>, found: &mut Found) {
    find(notation, memchr::memchr_iter(notation.marker, view.text()), view, found);
}

impl Notation {
    /// The escapes from `start` on that stand close together, and what they weigh.
    fn chain(&self, text: &[u8], start: usize) -> Option<(Span, usize)> {
        let escape = (self.read)(&text[start..])?;
        let mut chain = Span::new(start, start + escape.length);
        let mut weight = escape.weight;
        loop {
            let limit = text.len().min(chain.end + REACH);
            let Some((at, escape)) = self.next(text, chain.end, limit) else {
                break;
            };
            if (self.first_end)(&text[chain.end..at]).is_some() {
                break;
            }
            chain.end = at + escape.length;
            weight += escape.weight;
        }
        Some((chain, weight))
    }

    /// The first escape that starts in `from..limit`.
    fn next(&self, text: &[u8], mut from: usize, limit: usize) -> Option<(usize, Escape)> {
        while let Some(found) = memchr::memchr(self.marker, &text[from..limit]) {
            let at = from + found;
            if let Some(escape) = (self.read)(&text[at..]) {
                return Some((at, escape));
            }
            from = at + 1;
        }
        None
    }

    /// Takes in the plain text around `escapes`, down to `floor`.
    fn widen(&self, text: &[u8], escapes: Span, floor: usize) -> Span {
        let before = &text[floor.max(escapes.start.saturating_sub(WORD))..escapes.start];
        let stop = memchr::memrchr(self.marker, before).map_or(0, |at| at + 1);
        let stop = (self.last_end)(&before[stop..]).map_or(stop, |at| stop + at + 1);
        let near = stop.max(before.len().saturating_sub(REACH));
        let word = before[stop..near].iter().rev().take_while(|b| inside(**b));
        let start = escapes.start - (before.len() - near) - word.count();

        let after = &text[escapes.end..text.len().min(escapes.end + WORD)];
        let stop = memchr::memchr(self.marker, after).unwrap_or(after.len());
        let stop = (self.first_end)(&after[..stop]).unwrap_or(stop);
        let near = stop.min(REACH);
        let word = after[near..stop].iter().take_while(|b| inside(**b));
        Span::new(start, escapes.end + near + word.count())
    }

    /// From where on the escapes stand for something packed, which begins with the first or just before it.
    fn packed(&self, text: &[u8], first: usize, within: Span) -> Option<Span> {
        FRONTS.iter().find_map(|front| {
            let start = first.checked_sub(*front).filter(|start| *start >= within.start)?;
            let mut head = Found::new(usize::MAX);
            let short = Span::new(start, within.end.min(start + HEAD * 4));
            let opens = |bytes: &[u8]| bytes.first_chunk().is_some_and(|head| packed::opens(*head));
            let bytes = self.bytes(text, Span::new(start, within.end.min(start + 16)), &mut head);
            let begins = opens(bytes.0.bytes())
                && packed::begins(self.bytes(text, short, &mut head).0.bytes());
            begins.then_some(Span::new(start, within.end))
        })
    }

    /// Decodes a stretch, as far as there is room.
    fn decode(&self, text: &[u8], stretch: Span, found: &mut Found) {
        let (draft, end) = self.bytes(text, stretch, found);
        if readable(draft.bytes()) || packed::begins(draft.bytes()) {
            found.push(draft, Span::new(stretch.start, end));
        }
    }

    /// What a stretch stands for, and how far it was read.
    fn bytes(&self, text: &[u8], stretch: Span, found: &mut Found) -> (Draft, usize) {
        let mut draft = Draft::of(stretch.len());
        let mut at = stretch.start;
        while at < stretch.end && found.allow(draft.cost() + 1) > draft.cost() {
            let next = self.next(text, at, stretch.end);
            let plain = next.map_or(stretch.end, |(start, _)| start);
            draft.copy(text, at..plain);
            at = plain;
            if let Some((_, escape)) = next {
                if escape.size > 0 {
                    draft
                        .units(at, (escape.size, escape.length))
                        .extend_from_slice(&escape.bytes[..escape.size]);
                }
                at += escape.length;
            }
        }
        (draft, at)
    }
}

/// Whether a byte goes on a word of plain text.
const fn inside(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'.')
}
