//! Text written in base64: standard or URL-safe, padded or not, on one line or wrapped over many.
//!
//! In: a view. Out: what its long runs of base64 characters stand for, where that is text.

use std::iter;

use super::map::Draft;
use super::readable::readable;
use super::words::{self, MIN};
use super::{Found, View, hex};
use crate::text::Span;

/// Shortest line that is taken for a part of a wrapped value. Tokens listed one to a line are
/// shorter, and must not be joined.
const WRAP: usize = 48;

/// Widest indentation of a wrapped line.
const INDENT: usize = 64;

/// Characters that are looked at to tell text from noise, before all are decoded.
const PEEK: usize = 88;

/// How many separators inside a word are tried as the end of something glued to the value.
const GLUED: usize = 8;

/// Finds and decodes base64.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for word in view.words() {
        if word.start >= done && word.start < view.chunk.own.end {
            for piece in pieces(text, unescaped(text, *word)) {
                if piece.end > done {
                    done = done.max(values(view, piece, found));
                }
            }
        }
    }
}

/// Drops the letter of a `\n` or `\t` that stands before the word.
fn unescaped(text: &[u8], word: Span) -> Span {
    let escaped = word.start > 0
        && text[word.start - 1] == b'\\'
        && matches!(text[word.start], b'n' | b'r' | b't');
    Span::new(word.start + usize::from(escaped), word.end)
}

/// The parts of a word that keep to one alphabet: `+/` is standard base64, `-_` URL-safe.
fn pieces(text: &[u8], word: Span) -> impl Iterator<Item = Span> {
    let bytes = &text[word.range()];
    let standard = memchr::memchr2(b'+', b'/', bytes).is_some();
    let safe = memchr::memchr2(b'-', b'_', bytes).is_some();
    let splits: &'static [&'static [u8]] = match (standard, safe) {
        (true, true) => &[b"-_", b"+/"],
        _ => &[b""],
    };
    splits.iter().flat_map(move |separators| {
        let mut at = word.start;
        bytes
            .split(|b| separators.contains(b))
            .map(move |part| {
                let piece = Span::new(at, at + part.len());
                at = piece.end + 1;
                piece
            })
            .filter(|piece| piece.len() >= MIN)
    })
}

/// Decodes the value that starts in `piece`, if there is one. Returns where the search goes on.
fn values(view: &View<'_>, piece: Span, found: &mut Found) -> usize {
    let text = view.text();
    let mut done = 0;
    // Of a value whose start is out of sight, nobody knows which characters make a group.
    let cut = view.cuts(piece.start);
    let shifts = if cut { 1..4 } else { 0..0 };
    let shifts = shifts.map(|n| piece.start + n);
    let glued = glued(text, piece).filter(|_| !cut);
    for start in iter::once(piece.start).chain(shifts).chain(glued) {
        let first = Span::new(start, piece.end);
        if first.len() < MIN - 3 || !promising(&text[first.range()]) {
            continue;
        }
        let lines = lines(text, first);
        let end = lines.last().map_or(piece.end, |l| l.end);
        done = done.max(end);
        if view.owns(Span::new(start, end)) {
            decode(text, &lines, found);
        }
        if !cut {
            break;
        }
    }
    done
}

/// Where a value may start that has a path or a name glued to its front.
fn glued(text: &[u8], piece: Span) -> impl Iterator<Item = usize> {
    text[piece.range()]
        .iter()
        .take(128)
        .enumerate()
        .filter(|(_, b)| !b.is_ascii_alphanumeric())
        .map(move |(at, _)| piece.start + at + 1)
        .filter(move |start| start + MIN <= piece.end)
        .take(GLUED)
}

/// Whether the first groups of a run decode to text, and hex digits are not all there is.
fn promising(run: &[u8]) -> bool {
    [MIN - 3, PEEK].iter().all(|&length| {
        let (groups, _) = run[..run.len().min(length)].as_chunks::<4>();
        let mut head = [0; PEEK / 4 * 3];
        let (triples, _) = head.as_chunks_mut::<3>();
        for (bytes, group) in triples.iter_mut().zip(groups) {
            *bytes = triple(*group);
        }
        readable(&head[..groups.len() * 3])
    }) && !hex::only(run)
}

/// The lines of the value whose first line is `first`.
///
/// The lines between the first and the last are equally long and hold nothing else.
fn lines(text: &[u8], first: Span) -> Vec<Span> {
    let mut lines = vec![first];
    let mut last = first;
    let mut width = first.len();
    while last.len() >= WRAP && last.len() >= width {
        let Some(start) = next_line(text, last.end) else {
            break;
        };
        let line = Span::new(start, start + words::length(&text[start..]));
        let whole = matches!(
            text.get(line.end),
            None | Some(b'\n' | b'\r' | b'\\' | b'"' | b'\'' | b'`' | b'=')
        );
        if line.is_empty() || !whole || (lines.len() > 1 && line.len() > width) {
            break;
        }
        // The first line may be shorter, having the value's name before it.
        width = width.max(line.len());
        lines.push(line);
        last = line;
    }
    lines
}

/// Where the next line's text starts, if a line ends at `at`; `\n` may be written as an escape.
fn next_line(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    let rest = rest
        .strip_prefix(b"\r\n")
        .or_else(|| rest.strip_prefix(b"\n"))
        .or_else(|| rest.strip_prefix(br"\r\n"))
        .or_else(|| rest.strip_prefix(br"\n"))?;
    let indent = rest.iter().take(INDENT);
    let indent = indent.take_while(|b| matches!(b, b' ' | b'\t')).count();
    Some(text.len() - rest.len() + indent)
}

/// Decodes a value, as far as there is room, and keeps it if it is text.
fn decode(text: &[u8], lines: &[Span], found: &mut Found) {
    let Some(first) = lines.first() else { return };
    let wanted: usize = lines.iter().map(|l| l.len() / 4 * 3 + 3).sum();
    let room = found.allow(wanted);
    let mut groups = Groups::default();
    let mut end = first.start;
    for line in lines {
        let left = room.saturating_sub(groups.draft.bytes().len()) / 3 * 4;
        if left == 0 {
            break;
        }
        end = line.end.min(line.start + left);
        groups.read(text, Span::new(line.start, end));
    }
    end = groups.close(text, end);
    if readable(groups.draft.bytes()) {
        found.push(groups.draft, Span::new(first.start, end));
    }
}

/// Reads groups of four characters, some of which may be cut by a line's end.
#[derive(Default)]
struct Groups {
    draft: Draft,
    /// Characters of a group that is not whole yet.
    open: [u8; 4],
    length: usize,
    /// Where the first of them stands.
    start: usize,
}

impl Groups {
    /// Reads the characters of a line.
    fn read(&mut self, text: &[u8], line: Span) {
        let mut at = line.start;
        while self.length > 0 && at < line.end {
            self.add(text[at], at);
            at += 1;
        }
        let (groups, rest) = text[at..line.end].as_chunks::<4>();
        if !groups.is_empty() {
            let bytes = self.draft.units(at, (3, 4));
            bytes.extend(groups.iter().flat_map(|&group| triple(group)));
        }
        let at = line.end - rest.len();
        for (n, &byte) in rest.iter().enumerate() {
            self.add(byte, at + n);
        }
    }

    /// Adds one character to the open group, and writes the group once it is whole.
    fn add(&mut self, byte: u8, at: usize) {
        if self.length == 0 {
            self.start = at;
        }
        self.open[self.length] = byte;
        self.length += 1;
        if self.length == 4 {
            self.write(3, at + 1);
        }
    }

    /// Writes the first `size` bytes of the open group, which ends at `end`.
    fn write(&mut self, size: usize, end: usize) {
        let read = end - self.start;
        let bytes = triple(self.open);
        self.draft.units(self.start, (size, read)).extend_from_slice(&bytes[..size]);
        self.length = 0;
    }

    /// Writes what a last group of two or three characters stands for. Returns where the value,
    /// padding included, ends.
    fn close(&mut self, text: &[u8], end: usize) -> usize {
        let (missing, size) = match self.length {
            2 => (2, 1),
            3 => (1, 2),
            // A single character holds no whole byte.
            length => return end - length,
        };
        let padding = text[end..].iter().take(missing);
        let padded = end + padding.take_while(|&&b| b == b'=').count();
        self.open[self.length..].fill(b'A');
        self.write(size, padded);
        padded
    }
}

/// The three bytes that four characters stand for.
fn triple(group: [u8; 4]) -> [u8; 3] {
    let bits = group.iter().fold(0, |bits, &b| bits << 6 | u32::from(SEXTET[usize::from(b)]));
    let [_, a, b, c] = bits.to_be_bytes();
    [a, b, c]
}

/// The six bits that each character stands for, in either alphabet.
const SEXTET: [u8; 256] = {
    let standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [0; 256];
    let mut value = 0u8;
    while value < 64 {
        table[standard[value as usize] as usize] = value;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};
