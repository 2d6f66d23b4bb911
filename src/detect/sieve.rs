//! The pass over a text that finds the keywords of a [`Prefilter`].
//!
//! In: a text. Out: every hit of every keyword. The places of a block are noted whose four bytes have their bit set in
//! the first table, those are sifted by the second one, and what is left is compared. Eight places are hashed at once
//! by vector instructions, where the processor has them.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x16, u8x32, u32x8};

use super::prefilter::{
    Anchor, FACTOR, FOLD, GRAM, Hit, Prefilter, SHIFT, SIEVE, SLOTS, second, slot,
};

/// Places that are noted before they are sifted.
const BLOCK: usize = 1 << 10;

/// Which bytes of sixteen are the grams at the first eight places, four in each half.
#[expect(clippy::cast_possible_truncation, reason = "they are below 16")]
const WINDOWS: [u8; 32] = {
    let mut table = [0; 32];
    let mut at = 0;
    while at < table.len() {
        table[at] = (at / GRAM + at % GRAM) as u8;
        at += 1;
    }
    table
};

impl Prefilter {
    /// Calls `found` for every hit that starts in `text`, in no fixed order. A keyword of three bytes
    /// counts only before an ASCII byte or the end.
    ///
    /// # Panics
    /// Never: the tables have the lengths they are laid out with.
    pub fn each(&self, text: &[u8], mut found: impl FnMut(Hit)) {
        dispatch!(Level::new(), simd => self.blocks(simd, text, &mut found));
        // A keyword of three may be the last thing there is.
        if let Some(at) = text.len().checked_sub(GRAM - 1) {
            self.compare(text, at, &mut found);
        }
    }

    /// The same but for what ends with the text, block by block.
    #[expect(clippy::inline_always, reason = "only so is it compiled for each level")]
    #[inline(always)]
    fn blocks<S: Simd>(&self, simd: S, text: &[u8], found: &mut impl FnMut(Hit)) {
        let bits = self.bits.first_chunk().expect("it has this length");
        let sieve = self.sieve.first_chunk().expect("it has this length");
        let mut places = [0; BLOCK];
        for base in (0..text.len()).step_by(BLOCK) {
            let block = &text[base..text.len().min(base + BLOCK + GRAM - 1)];
            let (noted, from) = eights(simd, bits, block, &mut places);
            let noted = plainly(bits, block, from, (&mut places, noted));
            let left = sift(sieve, block, &mut places, noted);
            for &place in &places[..left] {
                self.compare(text, base + usize::from(place), found);
            }
        }
    }

    /// Looks which keywords have an anchor at `at` and stand there.
    #[expect(clippy::inline_always, reason = "counting bits is one instruction where there is one")]
    #[inline(always)]
    fn compare(&self, text: &[u8], at: usize, found: &mut impl FnMut(Hit)) {
        let gram = match text[at..] {
            [a, b, c, d, ..] => u32::from_le_bytes([a, b, c, d]),
            [a, b, c] => u32::from_le_bytes([a, b, c, 0]),
            _ => return,
        };
        let slot = slot(gram);
        let (word, bit) = (self.bits[slot >> 6], 1_u64 << (slot & 63));
        if word & bit == 0 {
            return;
        }
        let below = (word & (bit - 1)).count_ones() as usize;
        let mut next = usize::from(self.ranks[slot >> 6]) + below;
        while let Some(anchor) = self.anchors.get(next) {
            let (start, keyword) = (at.wrapping_sub(usize::from(anchor.offset)), anchor.keyword);
            let here = text.get(start..).unwrap_or_default();
            if self.stands(here, anchor) {
                found(Hit { keyword: usize::from(keyword), at: start });
            }
            if anchor.more == 0 {
                return;
            }
            next = usize::from(anchor.more);
        }
    }

    /// Whether `text` begins with an anchor's keyword.
    fn stands(&self, text: &[u8], anchor: &Anchor) -> bool {
        let Some((eight, rest)) = text.split_first_chunk() else {
            return self.begins(text, anchor.keyword, 0);
        };
        let eight = u64::from_le_bytes(*eight);
        (eight | anchor.fold) & anchor.mask == anchor.head
            && (anchor.mask != u64::MAX || self.begins(rest, anchor.keyword, 8))
    }

    /// Whether `text` begins with a keyword from its byte `from` on.
    #[inline(never)]
    fn begins(&self, text: &[u8], keyword: u16, from: usize) -> bool {
        let word = &self.word(usize::from(keyword))[from..];
        text.get(..word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word))
    }
}

/// Notes the places in `block` whose slot has its bit set, as far as they are hashed eight at a time; how many are
/// noted, and how many were looked at.
///
/// Bits are looked up one by one: there is no instruction for that which is faster.
#[expect(clippy::inline_always, reason = "only so is it compiled for each level")]
#[expect(clippy::cast_possible_truncation, reason = "blocks are short")]
#[inline(always)]
fn eights<S: Simd>(
    simd: S,
    bits: &[u64; SLOTS / 64],
    block: &[u8],
    places: &mut [u16; BLOCK],
) -> (usize, usize) {
    let windows = u8x32::from_slice(simd, &WINDOWS);
    let (fold, factor) = (u32x8::splat(simd, FOLD), u32x8::splat(simd, FACTOR));
    let (mut noted, mut place) = (0, 0);
    // The front half of sixteen bytes holds the first bytes of eight grams.
    while let Some(sixteen) = block.get(place..).and_then(|rest| rest.first_chunk::<16>()) {
        let bytes = u8x32::block_splat(u8x16::from_slice(simd, sixteen));
        let grams: u32x8<S> = bytes.swizzle_dyn_within_blocks(windows).bitcast();
        let hashes = (grams | fold) * factor;
        let words: [u32; 8] = (hashes >> (SHIFT + 6)).into();
        let inside: [u32; 8] = (hashes >> SHIFT).into();
        for (word, bit) in words.into_iter().zip(inside) {
            // Written in any case and kept if counted: a branch would be mispredicted at every place.
            places[noted % BLOCK] = place as u16;
            noted += (bits[word as usize % bits.len()] >> (bit & 63) & 1) as usize;
            place += 1;
        }
    }
    (noted, place)
}

/// The same from a place on, one by one.
#[expect(clippy::cast_possible_truncation, reason = "blocks are short")]
fn plainly(
    bits: &[u64; SLOTS / 64],
    block: &[u8],
    from: usize,
    (places, mut noted): (&mut [u16; BLOCK], usize),
) -> usize {
    for (place, gram) in block.windows(GRAM).enumerate().skip(from) {
        let slot = slot(u32::from_le_bytes([gram[0], gram[1], gram[2], gram[3]]));
        places[noted % BLOCK] = place as u16;
        noted += usize::from(bits[slot >> 6] >> (slot & 63) & 1 != 0);
    }
    noted
}

/// Keeps of the places noted those whose bit in the second table is set too.
fn sift(sieve: &[u64; SIEVE / 64], block: &[u8], places: &mut [u16; BLOCK], noted: usize) -> usize {
    let mut left = 0;
    for index in 0..noted.min(BLOCK) {
        let place = places[index];
        let Some(&gram) = block[usize::from(place)..].first_chunk() else { break };
        let bit = second(u32::from_le_bytes(gram));
        places[left % BLOCK] = place;
        left += usize::from(sieve[bit >> 6] >> (bit & 63) & 1 != 0);
    }
    left
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::*;
    use crate::detect::rules::{RuleSet, Selection};

    const KEYWORDS: &[&str] = &["abc", "abcd", "bcd", "hf_", "pass", "password", "token", "s.x"];

    fn reference(text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for at in 0..text.len() {
            for (keyword, word) in KEYWORDS.iter().enumerate() {
                let here = text.get(at..at + word.len());
                let next = text.get(at + word.len());
                let token = word.len() >= GRAM || next.is_none_or(u8::is_ascii);
                if token && here.is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes())) {
                    hits.push(Hit { keyword, at });
                }
            }
        }
        hits
    }

    fn found(text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        let keywords: Vec<_> = KEYWORDS.iter().map(|word| (*word, word.len() % 2)).collect();
        Prefilter::new(&keywords).each(text, |hit| hits.push(hit));
        hits.sort_by_key(|hit| (hit.at, hit.keyword));
        hits
    }

    #[test]
    fn three_bytes_are_found_at_the_very_end() {
        assert_eq!(found(b"x HF_"), [Hit { keyword: 3, at: 2 }]);
        assert_eq!(found(b"ab"), []);
        assert_eq!(found(b"abc"), [Hit { keyword: 0, at: 0 }]);
    }

    /// All hits of the built-in keywords, found by an automaton.
    fn automaton(finder: &AhoCorasick, text: &[u8]) -> Vec<(usize, usize)> {
        let hits = finder.find_overlapping_iter(text);
        let token = |end: usize| text.get(end).is_none_or(u8::is_ascii);
        let hits = hits.filter(|hit| hit.len() >= GRAM || token(hit.end()));
        hits.map(|hit| (hit.start(), hit.pattern().as_usize())).collect()
    }

    /// A keyword in any case, cut and changed anywhere, or other bytes.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let changed = (any::<prop::sample::Index>(), any::<u16>(), any::<[usize; 3]>(), 0..12_u8);
        let mangled = changed.prop_map(|(which, case, [cut, place, byte], how)| {
            let mut word = BUILTIN.0.word(which.index(BUILTIN.1.patterns_len())).to_vec();
            for (index, letter) in word.iter_mut().enumerate() {
                if case >> (index % 16) & 1 != 0 {
                    letter.make_ascii_uppercase();
                }
            }
            let place = place % word.len();
            match how {
                0 => word[place] ^= 1 << (byte % 8),
                1 => word.truncate(cut % word.len()),
                2 => drop(word.drain(..place)),
                _ => {}
            }
            word
        });
        prop_oneof![
            6 => mangled,
            2 => prop::collection::vec(any::<u8>(), 0..6),
            1 => prop::collection::vec(Just(b'a'), 0..40),
            1 => (BLOCK - 40..BLOCK + 8).prop_map(|length| vec![b'.'; length]),
        ]
    }

    /// The built-in tables and an automaton of their keywords.
    static BUILTIN: LazyLock<(Prefilter, AhoCorasick)> = LazyLock::new(|| {
        let rules = RuleSet::new(&Selection::default()).unwrap();
        let prefilter = rules.prefilter().clone();
        let words: Vec<&[u8]> =
            (1..prefilter.starts.len()).map(|i| prefilter.word(i - 1)).collect();
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(words).unwrap();
        (prefilter, finder)
    });

    proptest! {
        #[test]
        fn constant_tables_find_what_an_automaton_finds(parts in prop::collection::vec(piece(), 0..12)) {
            let text = parts.concat();
            let mut found = Vec::new();
            BUILTIN.0.each(&text, |hit| found.push((hit.at, hit.keyword)));
            found.sort_unstable();
            let mut known = automaton(&BUILTIN.1, &text);
            known.sort_unstable();
            prop_assert_eq!(found, known);
        }

        #[test]
        fn nothing_is_missed_or_made_up(parts in prop::collection::vec(0_usize..14, 0..60)) {
            let pieces = ["abc", "d", "ABCD", "hf_", "PassWord", "tok", "en", "s.", "x", "\0", "\u{e9}", "_", "-", "P"];
            let text: String = parts.iter().map(|&p| pieces[p]).collect();
            prop_assert_eq!(found(text.as_bytes()), reference(text.as_bytes()));
        }
    }
}
