//! Text written in base32.
//!
//! In: a view. Out: what its long runs of capitals and the digits 2 to 7 stand for, where that is text; they may be
//! wrapped, as base64 is.

use super::map::Draft;
use super::marks::Word;
use super::readable::readable;
use super::{Found, View, base64, packed};
use crate::text::Span;

/// Fewest characters; a shorter run is a name or a key.
const MIN: usize = 32;
/// Bytes that are looked at to tell text from noise, before all are decoded.
const PEEK: usize = 80;

/// Finds and decodes base32.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for &Word { span: word, .. } in view.words() {
        if word.start < done || word.len() < MIN || !only(&text[word.range()]) {
            continue;
        }
        let mut lines = base64::lines(text, word);
        let count = lines.iter().take_while(|line| only(&text[line.range()])).count();
        lines.truncate(count);
        done = lines.last().map_or(word.end, |last| last.end);
        if view.owns(Span::new(word.start, done)) {
            // Of a value whose start is out of sight, nobody knows which characters make a group.
            let shifts = if view.cuts(word.start) { 8 } else { 1 };
            for shift in 0..shifts {
                decode(text, &lines, shift, found);
            }
        }
    }
}

/// Whether a word is written in this alphabet alone.
fn only(word: &[u8]) -> bool {
    word.iter().all(|b| value(*b).is_some())
}

fn decode(text: &[u8], lines: &[Span], shift: usize, found: &mut Found) {
    let length: usize = lines.iter().map(|line| line.len()).sum();
    let mut room = found.allow(length / 8 * 5);
    let mut draft = Draft::default();
    let (mut open, mut size) = ([b'A'; 8], 0);
    let (mut start, mut end) = (lines[0].start + shift, lines[0].start + shift);
    for at in lines.iter().flat_map(|line| line.range()).skip(shift) {
        if size == 0 {
            start = at;
        }
        open[size] = text[at];
        size += 1;
        if size == 8 {
            if room < 5 {
                size = 0;
                break;
            }
            room -= 5;
            end = at + 1;
            draft.units(start, (5, end - start)).extend_from_slice(&bytes(open));
            (open, size) = ([b'A'; 8], 0);
            if draft.bytes().len() / 5 * 5 == PEEK && !is_text(draft.bytes()) {
                return;
            }
        }
    }
    if size > 1 {
        let whole = size * 5 / 8;
        let last = lines.last().map_or(end, |line| line.end);
        let padding = text[last..].iter().take(8 - size).take_while(|b| **b == b'=');
        end = last + padding.count();
        draft.units(start, (whole, end - start)).extend_from_slice(&bytes(open)[..whole]);
    }
    if is_text(draft.bytes()) {
        found.push(draft, Span::new(lines[0].start + shift, end));
    }
}

/// Whether what was decoded is worth keeping.
fn is_text(bytes: &[u8]) -> bool {
    readable(bytes) || packed::begins(bytes)
}

/// The five bytes that eight characters stand for.
fn bytes(group: [u8; 8]) -> [u8; 5] {
    let bits = group.iter().fold(0, |bits, &b| bits << 5 | u64::from(value(b).unwrap_or(0)));
    let [_, _, _, out @ ..] = bits.to_be_bytes();
    out
}

const fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}
