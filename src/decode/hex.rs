//! Text written as pairs of hex digits.
//!
//! In: a view. Out: what its long runs of hex digits stand for, where that is text; they may be wrapped, as dumps
//! are.

use super::marks::Word;
use super::readable::{HEAD, readable};
use super::{Found, View, base64, map::Draft, packed};
use crate::text::Span;

/// Fewest digits; a shorter run is an id or a checksum.
const MIN: usize = 32;

/// Finds and decodes runs of hex digits.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for &Word { span: word, .. } in view.words() {
        let mut from = word.start.max(done);
        while let Some(run) = next(text, Span::new(from.min(word.end), word.end)) {
            let lines = lines(text, run, word);
            let end = lines.last().map_or(run.end, |last| last.end);
            from = end;
            done = end;
            if view.owns(Span::new(run.start, end))
                && !(lines.len() > 1 && wrapped(text, &lines, found))
            {
                for line in lines {
                    decode(text, line, found);
                }
            }
        }
    }
}

/// The lines of a value whose first is `run`: a dump is wrapped after some whole bytes.
fn lines(text: &[u8], run: Span, word: Span) -> Vec<Span> {
    if run.end < word.end || !run.len().is_multiple_of(2) {
        return vec![run];
    }
    let mut lines = base64::lines(text, run);
    let whole = |line: &&Span| line.len().is_multiple_of(2) && only(&text[line.range()]);
    let count = lines.iter().take_while(whole).count();
    lines.truncate(count.max(1));
    lines
}

/// Decodes lines that are one value. False if they give no text.
fn wrapped(text: &[u8], lines: &[Span], found: &mut Found) -> bool {
    let Some(first) = lines.first() else { return false };
    let head: Vec<u8> = text[first.range()].as_chunks::<2>().0.iter().map(|&p| byte(p)).collect();
    let head = &head[..head.len().min(HEAD)];
    if !readable(head) && !packed::begins(head) {
        return false;
    }
    let mut room = found.allow(lines.iter().map(|line| line.len() / 2).sum());
    let (mut draft, mut end) = (Draft::default(), first.start);
    for line in lines {
        let (pairs, _) = text[line.range()].as_chunks::<2>();
        let pairs = &pairs[..pairs.len().min(room)];
        room -= pairs.len();
        draft.units(line.start, (1, 2)).extend(pairs.iter().map(|&p| byte(p)));
        end = line.start + 2 * pairs.len();
        if room == 0 {
            break;
        }
    }
    let text = readable(draft.bytes()) || packed::begins(draft.bytes());
    if text {
        found.push(draft, Span::new(first.start, end));
    }
    text
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
