//! Text written in base64: standard or URL-safe, padded or not, on one line or wrapped over many.
//!
//! In: a view. Out: what its long runs of base64 characters stand for, where that is text.

use std::iter;

use super::map::Draft;
use super::marks::Word;
use super::readable::{printable, readable};
use super::words::{self, MIN};
use super::{Found, View, deflate, hex, packed};
use crate::text::Span;

/// Shortest line that is taken for a part of a wrapped value. Tokens listed one to a line are
/// shorter, and must not be joined.
pub(super) const WRAP: usize = 48;

/// Widest indentation of a wrapped line.
pub(super) const INDENT: usize = 64;

/// Characters that are looked at to tell text from noise, before all are decoded.
const PEEK: usize = 88;

/// Groups at the front that tell most noise from text.
const FRONT: usize = 5;

/// Shortest first line of what may be deflated without a header.
const DEFLATED: usize = 40;

/// Longest name or path that may be glued to a value's front.
const GLUE: usize = 128;

/// How many separators inside a word are tried as its end.
const GLUED: usize = 4;

/// Finds and decodes base64.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for &Word { span, parted } in view.words() {
        if span.start < done || span.start >= view.chunk.own.end {
            continue;
        }
        let word = unescaped(text, span);
        // Most are names without a separator, and no text.
        if !parted && !view.cuts(word.start) && !promising(&text[word.range()]) {
            continue;
        }
        for piece in pieces(text, word) {
            if piece.end > done {
                done = done.max(values(view, piece, found));
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
    let first = split(bytes, if standard { *b"-_" } else { *b"+/" });
    let second = (standard && safe).then(|| split(bytes, *b"+/"));
    let parts = first.chain(second.into_iter().flatten());
    parts.map(move |part| Span::new(word.start + part.start, word.start + part.end))
}

/// The parts of `bytes` between two kinds of separators, as far as they are long enough.
fn split(bytes: &[u8], [a, b]: [u8; 2]) -> impl Iterator<Item = Span> {
    let ends = memchr::memchr2_iter(a, b, bytes).chain(iter::once(bytes.len()));
    let parts = ends.scan(0, |start, end| {
        let part = Span::new(*start, end);
        *start = end + 1;
        Some(part)
    });
    parts.filter(|part| part.len() >= MIN)
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
    let front = &text[piece.start..piece.end.min(piece.start + GLUE)];
    // A piece holds separators of one kind only.
    memchr::memchr2_iter(b'/', b'+', front)
        .chain(memchr::memchr2_iter(b'_', b'-', front))
        .map(move |at| piece.start + at + 1)
        .filter(move |start| start + MIN <= piece.end)
        .take(GLUED)
}

/// Whether the first groups of a run decode to text, or to what may be unpacked, and hex digits are not all there is.
/// This is asked of each long name: what the first groups tell comes first.
fn promising(run: &[u8]) -> bool {
    let (groups, _) = run.as_chunks::<4>();
    let Some(front) = groups.first_chunk::<FRONT>() else { return false };
    let first = triple(front[0]);
    let text = opens(first) && glance(&front.map(triple));
    let packed = packed::opens(first);
    let deflated = run.len() >= DEFLATED && deflate::begins(&first) != Some(false);
    if !text && !packed && !deflated {
        return false;
    }
    let mut head = [0; PEEK / 4 * 3];
    let groups = &groups[..groups.len().min(PEEK / 4)];
    for (bytes, &group) in head.as_chunks_mut::<3>().0.iter_mut().zip(groups) {
        *bytes = triple(group);
    }
    let head = &head[..3 * groups.len()];
    (text && readable(head)
        || packed && packed::begins(head)
        || deflated && deflate::begins(head).unwrap_or(false))
        && !hex::only(run)
}

/// Whether a text may begin so: with ASCII, a character of UTF-8 or a mark of UTF-16.
const fn opens(first: [u8; 3]) -> bool {
    match first {
        [0xc2..=0xf4, 0x80..=0xbf, _] | [0xff, 0xfe, _] | [0xfe, 0xff, _] => true,
        [a, b, c] => plain(a) as u8 + plain(b) as u8 + plain(c) as u8 >= 2,
    }
}

/// Whether a byte is one that ASCII or UTF-16 has.
const fn plain(byte: u8) -> bool {
    printable(byte) || byte == 0
}

/// Tells most noise from its first groups: they would have to be ASCII, UTF-16 or UTF-8.
fn glance(front: &[[u8; 3]; FRONT]) -> bool {
    let head = front.as_flattened();
    let valid = || str::from_utf8(head).map_or_else(|e| e.valid_up_to(), str::len);
    head.iter().filter(|byte| plain(**byte)).count() + 2 >= head.len() || valid() >= 12
}

/// The lines of the value whose first line is `first`.
///
/// The lines between the first and the last are equally long and hold nothing else.
pub(super) fn lines(text: &[u8], first: Span) -> Vec<Span> {
    let mut lines = vec![first];
    let mut last = first;
    let mut width = first.len();
    while last.len() >= WRAP && last.len() >= width {
        let Some(start) = next_line(text, last.end) else {
            break;
        };
        let line = Span::new(start, start + words::length(&text[start..]));
        if line.is_empty()
            || !goes_on(text.get(line.end).copied())
            || (lines.len() > 1 && line.len() > width)
        {
            break;
        }
        // The first line may be shorter, having the value's name before it.
        width = width.max(line.len());
        lines.push(line);
        last = line;
    }
    lines
}

/// Whether a run of base64 that `next` follows may be all of a line, and go on a value.
pub(super) const fn goes_on(next: Option<u8>) -> bool {
    matches!(next, None | Some(b'\n' | b'\r' | b'\\' | b'"' | b'\'' | b'`' | b'='))
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
    let bytes = groups.draft.bytes();
    let deflated = || first.len() >= DEFLATED && deflate::text(bytes, PEEK).is_some();
    if readable(bytes) || packed::begins(bytes) || deflated() {
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
pub(super) fn triple(group: [u8; 4]) -> [u8; 3] {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Chunk;

    fn decoded(text: &[u8]) -> Vec<(String, Span)> {
        let chunk = Chunk::whole(text);
        let mut found = Found::new(1 << 20);
        find(&View::new(&chunk), &mut found);
        let show = |d: &super::super::Decoded| (String::from_utf8_lossy(&d.bytes).into(), d.source);
        found.list.iter().map(show).collect()
    }

    fn encode(text: &str) -> String {
        data_encoding::BASE64.encode(text.as_bytes())
    }

    const TEXT: &str = "user=admin password=correct-horse";

    #[test]
    fn padding_belongs_to_the_value() {
        for length in 18..=TEXT.len() {
            let plain = &TEXT[..length];
            let padded = encode(plain);
            let bare = padded.trim_end_matches('=');
            let expect = |value: &str| vec![(plain.to_owned(), Span::new(1, 1 + value.len()))];
            assert_eq!(decoded(format!("'{padded}'").as_bytes()), expect(&padded));
            assert_eq!(decoded(format!("'{bare}'").as_bytes()), expect(bare));
        }
    }

    #[test]
    fn text_need_not_be_ascii() {
        let plain = "пароль: совершенно секретно";
        assert_eq!(decoded(encode(plain).as_bytes())[0].0, plain);
        for mark in ["", "\u{feff}"] {
            let wide: Vec<u8> =
                format!("{mark}{TEXT}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(decoded(data_encoding::BASE64.encode(&wide).as_bytes()).len(), 1);
        }
    }

    #[test]
    fn what_is_glued_to_the_front_is_left_out() {
        for front in ["data/", "key_", "a-b/", r"\n"] {
            let text = format!("{front}{}", encode(TEXT));
            let found = decoded(text.as_bytes());
            assert!(found.iter().any(|(plain, _)| plain == TEXT), "{front}");
        }
    }

    #[test]
    fn escaped_line_ends_join_lines() {
        let value = encode(&TEXT.repeat(6));
        let lines: Vec<&str> =
            value.as_bytes().chunks(70).map(|l| str::from_utf8(l).unwrap()).collect();
        for joint in ["\n", "\r\n", "\n\t  ", r"\n", r"\r\n"] {
            let found = decoded(lines.join(joint).as_bytes());
            assert_eq!(found.len(), 1, "{joint:?}");
            assert_eq!(found[0].0, TEXT.repeat(6), "{joint:?}");
        }
    }

    #[test]
    fn short_lines_are_values_of_their_own() {
        let value = encode("a-token-of-its-own-0123456");
        let found = decoded(format!("{value}\n{value}").as_bytes());
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn names_digests_and_hex_are_left_alone() {
        assert!(decoded(b"/usr/share/some-long/Path_of_many/Names0123456789").is_empty());
        assert!(decoded("61".repeat(40).as_bytes()).is_empty());
        let noise: Vec<u8> = (0..200u8).map(|i| i.wrapping_mul(167).wrapping_add(89)).collect();
        assert!(decoded(data_encoding::BASE64.encode(&noise).as_bytes()).is_empty());
    }

    #[test]
    fn a_value_cut_in_front_is_read_at_any_alignment() {
        let value = encode(&TEXT.repeat(3));
        for cut in 0..4 {
            let mut chunk = Chunk::whole(&value.as_bytes()[8 + cut..]);
            chunk.head = false;
            let mut found = Found::new(1 << 20);
            find(&View::new(&chunk), &mut found);
            let tail = &TEXT.as_bytes()[20..];
            assert!(found.list.iter().any(|d| d.bytes.ends_with(tail)), "{cut}");
        }
    }
}
