//! How much of a text people would write: dictionary words, and letters that commonly follow each other.
//!
//! In: bytes. Out: the share that words cover, and the cost of its letters in bits. The tables are counts over
//! public source code, made by `training/words.py`; `build.rs` lays the words out as a hash table.

use crate::detect::hash::narrow;

mod table {
    #![expect(clippy::unreadable_literal, reason = "hashes")]
    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}
use table::{STARTS, WORDS};

/// Cost of a letter after two others, in sixteenths of a bit; letter 0 is the edge of a word.
static TRIGRAMS: &[u8; 27 * 27 * 27] = include_bytes!("tables/trigrams.bin");

/// Bytes of a value that are looked at: more would tell no more.
const LOOK: usize = 96;
/// Longest word of the table.
const LONGEST: usize = 16;
/// Words of three letters are chance amid others.
const SHORTEST: usize = 4;

/// What the letters of a value say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Letters.
    pub(super) letters: usize,
    /// Letters that belong to words.
    pub(super) covered: usize,
    /// Words.
    pub(super) words: usize,
    /// Letters of the longest word.
    pub(super) longest: usize,
    /// Mean cost of a letter, in sixteenths of a bit.
    pub(super) mean: usize,
    /// Highest mean cost of four letters in a row.
    pub(super) peak: usize,
}

/// Reads `value` as words.
pub(super) fn read(value: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let mut cost = 0;
    for run in value[..value.len().min(LOOK)].split(|b| !b.is_ascii_alphabetic()) {
        if run.is_empty() {
            continue;
        }
        let mut lower = [0; LOOK];
        let lower = &mut lower[..run.len()];
        for (to, from) in lower.iter_mut().zip(run) {
            *to = from.to_ascii_lowercase();
        }
        reading.letters += lower.len();
        cover(lower, &mut reading);
        cost += surprise(lower, &mut reading.peak);
    }
    reading.mean = cost / reading.letters.max(1);
    reading
}

/// Adds the words of a run of letters: those that cover most of it.
fn cover(run: &[u8], reading: &mut Reading) {
    if run.len() < SHORTEST - 1 {
        return;
    }
    // For each end: letters covered up to it, and the length of the word that ends there.
    let mut best = [(0_u8, 0_u8); LOOK + 1];
    for start in 0..=run.len() {
        if start > 0 && best[start].0 <= best[start - 1].0 {
            best[start] = (best[start - 1].0, 0);
        }
        for length in words(run, start) {
            let covered = best[start].0 + length;
            // Of words that cover as much the shortest counts, which begins last.
            let end = &mut best[start + usize::from(length)];
            if covered >= end.0 {
                *end = (covered, length);
            }
        }
    }
    reading.covered += usize::from(best[run.len()].0);
    let mut end = run.len();
    while end > 0 {
        let length = usize::from(best[end].1);
        if length > 0 {
            reading.words += 1;
            reading.longest = reading.longest.max(length);
        }
        end -= length.max(1);
    }
}

/// Sum of the costs of the letters of a run; raises `peak` to the highest mean of four.
fn surprise(run: &[u8], peak: &mut usize) -> usize {
    let (mut before, mut last, mut sum) = ([0_usize; 2], [0_usize; 4], 0);
    for (at, letter) in run.iter().enumerate() {
        let letter = usize::from(letter - b'a' + 1);
        let cost = usize::from(TRIGRAMS[(before[0] * 27 + before[1]) * 27 + letter]);
        before = [before[1], letter];
        last[at % 4] = cost;
        sum += cost;
        if at >= 3 {
            *peak = (*peak).max(last.iter().sum::<usize>() / 4);
        }
    }
    sum
}

/// The lengths of the words that begin at `start` in a run of letters. Of three letters only the whole run is one.
fn words(run: &[u8], start: usize) -> impl Iterator<Item = u8> {
    let rest = &run[start..];
    let begins = rest.first_chunk::<SHORTEST>().is_some_and(|first| {
        let bit = narrow(first) as usize % (STARTS.len() * 64);
        STARTS[bit / 64] >> (bit % 64) & 1 != 0
    });
    let least = match (begins, run.len()) {
        (true, _) => SHORTEST,
        (false, 3) => 3,
        _ => LONGEST + 1,
    };
    (least..=rest.len().min(LONGEST))
        .filter(|&length| is_word(&rest[..length]))
        .map(|length| u8::try_from(length).expect("words are short"))
}

/// Whether `lower` stands in the table of common words.
fn is_word(lower: &[u8]) -> bool {
    let hash = narrow(lower);
    let mut slot = hash as usize % WORDS.len();
    while WORDS[slot] != 0 {
        if WORDS[slot] == hash {
            return true;
        }
        slot = (slot + 1) % WORDS.len();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cover_names_and_not_noise() {
        let name = read(b"passwordResetRequest");
        assert_eq!(name.covered, name.letters, "{name:?}");
        let noise = read(b"qxvzkwjhgtbq");
        assert!(noise.covered * 3 < noise.letters, "{noise:?}");
        assert!(noise.mean > name.mean + 32, "{noise:?} {name:?}");
    }

    #[test]
    fn nothing_is_read_where_no_letter_stands() {
        assert_eq!(read(b"1234-5678"), Reading::default());
        assert_eq!(read(b""), Reading::default());
    }
}
