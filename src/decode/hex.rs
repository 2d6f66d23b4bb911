//! Text written as pairs of hex digits.
//!
//! In: a view. Out: what its long runs of hex digits stand for, where that is text.

use super::readable::{HEAD, readable};
use super::{Found, View, map::Draft, packed};
use crate::text::Span;

/// Fewest digits; a shorter run is an id or a checksum.
const MIN: usize = 32;

/// Finds and decodes runs of hex digits.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    for word in view.words() {
        let mut from = word.start;
        while let Some(run) = next(view.text(), Span::new(from, word.end)) {
            from = run.end;
            if view.owns(run) {
                decode(view.text(), run, found);
            }
        }
    }
}

/// Whether a word is written in hex digits alone.
pub(super) fn only(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_hexdigit)
}

/// The first run of at least `MIN` digits inside `within`.
fn next(text: &[u8], within: Span) -> Option<Span> {
    let mut start = within.start;
    // A run that starts at `start` or later holds the byte probed, or starts behind it.
    while start + MIN <= within.end {
        let probed = &text[start..start + MIN];
        let Some(bad) = probed.iter().rposition(|b| !b.is_ascii_hexdigit()) else {
            let more =
                text[start + MIN..within.end].iter().take_while(|b| b.is_ascii_hexdigit()).count();
            return Some(Span::new(start, start + MIN + more));
        };
        start += bad + 1;
    }
    None
}

/// Decodes a run from its first digit or, where that gives no text, from its second.
fn decode(text: &[u8], run: Span, found: &mut Found) {
    for skip in 0..2 {
        let start = run.start + skip;
        let (pairs, _) = text[start..run.end].as_chunks::<2>();
        let head: Vec<u8> = pairs.iter().take(HEAD).map(|&p| byte(p)).collect();
        if !readable(&head) && !packed::begins(&head) {
            continue;
        }
        let pairs = &pairs[..found.allow(pairs.len())];
        let mut draft = Draft::default();
        draft.units(start, (1, 2)).extend(pairs.iter().map(|&p| byte(p)));
        if readable(draft.bytes()) || packed::begins(draft.bytes()) {
            found.push(draft, Span::new(start, start + 2 * pairs.len()));
            return;
        }
    }
}

/// The byte that two hex digits stand for.
pub(super) const fn byte(pair: [u8; 2]) -> u8 {
    digit(pair[0]) << 4 | digit(pair[1])
}

/// The value of a hex digit; any number for another byte.
const fn digit(byte: u8) -> u8 {
    // Letters have bit 6 set, and their low four bits count from 1.
    (byte & 0xf) + (byte >> 6) * 9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Chunk;

    fn decoded(text: &[u8]) -> Vec<(Vec<u8>, Span)> {
        let chunk = Chunk::whole(text);
        let mut found = Found::new(1 << 20);
        find(&View::new(&chunk), &mut found);
        found.list.into_iter().map(|d| (d.bytes, d.source)).collect()
    }

    const TEXT: &[u8] = b"codeword=hunter2-hunter2";

    #[test]
    fn both_cases_and_both_alignments_are_read() {
        let lower = data_encoding::HEXLOWER.encode(TEXT);
        let upper = data_encoding::HEXUPPER.encode(TEXT);
        for value in [lower, upper] {
            for front in ["0x", "key_0x", "a", "z/"] {
                let text = format!("{front}{value}");
                let span = Span::new(front.len(), text.len());
                assert_eq!(decoded(text.as_bytes()), [(TEXT.to_vec(), span)], "{front}");
            }
        }
    }

    #[test]
    fn digests_and_short_runs_are_left_alone() {
        assert!(decoded("0123456789abcdef".repeat(4).as_bytes()).is_empty());
        assert!(decoded("61".repeat(15).as_bytes()).is_empty());
        assert_eq!(decoded("61".repeat(16).as_bytes()).len(), 1);
    }

    #[test]
    fn digits_have_their_values() {
        assert_eq!(byte(*b"09"), 0x09);
        assert_eq!(byte(*b"aF"), 0xaf);
    }
}
