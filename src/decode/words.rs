//! Long runs of the characters that base64 and hex are written in.
//!
//! In: text. Out: its runs of at least [`MIN`] letters, digits and `+/-_`. Names and paths in ordinary
//! text are such runs too, but mostly in small letters: those without a capital or a digit are left out. What
//! counts as a run depends on its own bytes and its neighbours, not on where it stands in the text.

use crate::text::Span;

/// Shortest run worth decoding.
pub(super) const MIN: usize = 24;

/// Distance from one block that is looked at to the next. A run of `MIN` bytes covers one whole block, wherever it
/// starts, and one more beside it.
const STRIDE: usize = 16;
const BLOCK: usize = MIN - STRIDE;

/// For each byte, whether it is a letter, a digit or one of `+/-_`.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    table
};

/// All runs, in order.
pub(super) fn find(text: &[u8]) -> Vec<Span> {
    let mut runs = Vec::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        if may_be_word(*block) && at >= done && goes_on(text, at) {
            let run = around(text, at, done);
            done = run.end;
            if run.len() >= MIN && is_lively(&text[run.range()]) {
                runs.push(run);
            }
        }
        at += STRIDE;
    }
    runs
}

/// Whether one of the blocks beside the one at `at` may belong to the same run: it has two that do if it is long.
fn goes_on(text: &[u8], at: usize) -> bool {
    let block = |from: usize| text.get(from..).and_then(|rest| rest.first_chunk::<BLOCK>());
    let before = at.checked_sub(BLOCK).and_then(block);
    before.is_some_and(|block| may_be_word(*block))
        || block(at + BLOCK).is_some_and(|block| may_be_word(*block))
}

/// Length of the run at the start of `text`.
pub(super) fn length(text: &[u8]) -> usize {
    text.iter().position(|&b| !WORD[usize::from(b)]).unwrap_or(text.len())
}

/// The run that holds `at`, if there is one; it starts at `floor` or later.
fn around(text: &[u8], at: usize, floor: usize) -> Span {
    let before = text[floor..at].iter().rev().take_while(|&&b| WORD[usize::from(b)]).count();
    Span::new(at - before, at + length(&text[at..]))
}

/// Whether a run has a capital or a digit.
fn is_lively(run: &[u8]) -> bool {
    run.iter().any(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Whether all bytes of a block may belong to a run.
///
/// True for some that don't (`,`, `.`, `:` and the like), never false for one that does: all eight are looked at
/// together for one below `+`, as blanks, quotes and brackets are.
const fn may_be_word(block: [u8; BLOCK]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let bytes = u64::from_le_bytes(block);
    bytes.wrapping_sub(0x2b2b_2b2b_2b2b_2b2b) & !bytes & HIGH == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, one byte at a time.
    fn plainly(text: &[u8]) -> Vec<Span> {
        let mut runs = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let run = length(&text[at..]);
            if run >= MIN {
                runs.push(Span::new(at, at + run));
            }
            at += run.max(1);
        }
        runs
    }

    #[test]
    fn where_a_run_stands_does_not_matter() {
        let run = "a-path/of-small/letters-and/one_Capital-only";
        for lead in 0..40 {
            let text = format!("{} {run} {}", ".".repeat(lead), run.to_lowercase());
            assert_eq!(find(text.as_bytes()), [Span::new(lead + 1, lead + 1 + run.len())]);
        }
    }

    #[test]
    fn runs_are_found_wherever_they_start() {
        for lead in 0..40 {
            for run in MIN - 2..MIN + 40 {
                let mut text = vec![b' '; lead];
                text.resize(lead + run, b'X');
                assert_eq!(find(&text), plainly(&text), "{lead} {run}");
                text.extend_from_slice(b",ABCDEFGHIJKLMNOPQRSTUVWXYZ0");
                assert_eq!(find(&text), plainly(&text), "{lead} {run}");
            }
        }
    }

    #[test]
    fn the_alphabet_is_what_it_says() {
        let alphabet: Vec<u8> = (0..=255).filter(|&b| WORD[usize::from(b)]).collect();
        assert_eq!(alphabet.len(), 66);
        for byte in alphabet {
            let mut block = [byte; BLOCK];
            block[7] = b'7';
            assert!(may_be_word(block));
        }
    }
}
