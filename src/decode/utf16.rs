//! UTF-16 text inside binary data.
//!
//! In: a view. Out: its long runs of printable ASCII in UTF-16, either byte order, at even and odd
//! offsets. Files that are UTF-16 from end to end are the business of `charset`.

use super::map::Draft;
use super::readable::printable;
use super::{Found, View};
use crate::text::Span;

/// Shortest run, in bytes.
const MIN: usize = 24;

/// Distance from one window to the next. A run of `MIN` bytes covers one whole window wherever it
/// starts.
const STRIDE: usize = 16;
const WINDOW: usize = MIN - STRIDE;

/// Finds and decodes UTF-16 runs.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    // Most text has no NUL at all, and nothing can start more than a byte before the first.
    let Some(first) = view.marks().nul.then(|| memchr::memchr(0, text)).flatten() else {
        return;
    };
    let mut at = first.saturating_sub(1);
    let mut done = at;
    while let Some(window) = text.get(at..).and_then(|rest| rest.first_chunk::<WINDOW>()) {
        if let Some(parity) = parity(*window) {
            let chars = around(text, at + parity, done);
            if chars.len() + 1 >= MIN {
                done = chars.end;
                for run in runs(text, chars) {
                    decode(view, run, found);
                }
            }
        }
        at = done.max(at + STRIDE);
    }
}

/// Whether the characters of a window stand at its even (0) or odd (1) offsets, with NULs between.
fn parity(window: [u8; WINDOW]) -> Option<usize> {
    const ODD: u64 = 0xff00_ff00_ff00_ff00;
    let word = u64::from_le_bytes(window);
    let parity = match (word & ODD, word & !ODD) {
        (0, _) => 0,
        (_, 0) => 1,
        _ => return None,
    };
    let mut chars = window.iter().skip(parity).step_by(2);
    chars.all(|&b| printable(b)).then_some(parity)
}

/// From the first to the last of the characters that surround the one at `at`, with one NUL between
/// any two.
fn around(text: &[u8], at: usize, floor: usize) -> Span {
    let (mut start, mut last) = (at, at);
    while start >= floor + 2 && text[start - 1] == 0 && printable(text[start - 2]) {
        start -= 2;
    }
    while let Some(&[0, char]) = text.get(last + 1..last + 3)
        && printable(char)
    {
        last += 2;
    }
    Span::new(start, last + 1)
}

/// A run in one byte order: its source, and the distance from there to its first character.
type Run = (Span, usize);

/// The ways to read `chars`. A NUL before the first or after the last tells the byte order; where
/// neither stands, one of the characters is none, and either order may be the right one.
fn runs(text: &[u8], chars: Span) -> impl Iterator<Item = Run> {
    let before = chars.start > 0 && text[chars.start - 1] == 0;
    let after = text.get(chars.end) == Some(&0);
    let little = match (before, after) {
        (_, true) => Some(Span::new(chars.start, chars.end + 1)),
        (true, false) => None,
        (false, false) => Some(Span::new(chars.start, chars.end - 1)),
    };
    let big = match (before, after) {
        (_, true) => None,
        (true, false) => Some(Span::new(chars.start - 1, chars.end)),
        (false, false) => Some(Span::new(chars.start + 1, chars.end)),
    };
    little.map(|s| (s, 0)).into_iter().chain(big.map(|s| (s, 1)))
}

fn decode(view: &View<'_>, (source, first): Run, found: &mut Found) {
    if source.len() < MIN || !view.owns(source) {
        return;
    }
    let length = found.allow(source.len() / 2);
    let chars = view.text()[source.start + first..].iter().step_by(2);
    let mut draft = Draft::default();
    draft.units(source.start, (1, 2)).extend(chars.take(length));
    if length > 0 {
        found.push(draft, Span::new(source.start, source.start + 2 * length));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Chunk;

    const TEXT: &str = "codeword=hunter2";

    fn decoded(text: &[u8]) -> Vec<(Vec<u8>, Span)> {
        let chunk = Chunk::whole(text);
        let mut found = Found::new(1 << 20);
        find(&View::new(&chunk), &mut found);
        found.list.into_iter().map(|d| (d.bytes, d.source)).collect()
    }

    #[test]
    fn both_orders_are_read_at_any_offset() {
        for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            let value: Vec<u8> = TEXT.encode_utf16().flat_map(order).collect();
            for lead in 0..40 {
                let mut text = vec![0x81; lead];
                text.extend_from_slice(&value);
                let span = Span::new(lead, text.len());
                text.extend_from_slice(&[0x81; 5]);
                assert_eq!(decoded(&text), [(TEXT.into(), span)], "{lead}");
            }
        }
    }

    #[test]
    fn short_runs_zeros_and_text_are_left_alone() {
        assert!(decoded(&[0; 1000]).is_empty());
        assert!(decoded(b"a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0\x81\x81\x81").is_empty());
        assert!(decoded(TEXT.repeat(10).as_bytes()).is_empty());
    }

    #[test]
    fn where_the_order_is_unclear_both_are_given() {
        let value: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let text = [&value[..], b"xyz"].concat();
        let found = decoded(&text);
        assert!(found.contains(&(TEXT.into(), Span::new(0, value.len()))));
    }
}
