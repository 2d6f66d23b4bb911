//! One pass that finds where any rule's keyword stands, without regard to ASCII case.
//!
//! In: a text. Out: every hit of every keyword, overlapping ones too.
//!
//! Nearly all of a scan's time is spent here, on text that holds no keyword. So the pass looks only
//! whether four bytes could be a keyword's anchor, in a bitmap that fits the first-level cache, and notes
//! the place without a branch; the few places noted are sifted in a second bitmap, then compared. A DFA over
//! the same keywords runs at a third of the speed (`cargo bench`), because its table does not fit, and
//! takes milliseconds to build. `build.rs` includes this file and lays out the built-in keywords' tables.

use std::borrow::Cow;

/// Finds keywords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefilter {
    /// One bit for each value of [`slot`]: whether a keyword's anchor may have such bytes.
    pub(super) bits: Cow<'static, [u64]>,
    /// How many slots before each word of `bits` have an anchor.
    pub(super) ranks: Cow<'static, [u16]>,
    /// The same as `bits` for [`second`].
    pub(super) sieve: Cow<'static, [u64]>,
    /// What may stand at each slot that has its bit set, in the order of slots, then what shares
    /// slots with these.
    pub(super) anchors: Cow<'static, [Anchor]>,
    /// The keywords, one after the other.
    pub(super) text: Cow<'static, [u8]>,
    /// Where each starts in `text`, and where the last ends.
    pub(super) starts: Cow<'static, [u32]>,
}

/// A keyword's bytes that are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The keyword's first eight bytes; those it does not have are zero.
    head: u64,
    /// The bytes it has.
    mask: u64,
    /// The bit that tells the cases apart, of those that are letters.
    fold: u64,
    keyword: u16,
    /// Where in the keyword the anchor stands.
    offset: u16,
    /// Index of another anchor of the same slot, or zero: no first one of a slot is shared.
    more: u16,
}

/// Where a keyword stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which one, as an index into the list given to [`Prefilter::new`].
    pub keyword: usize,
    /// Offset of its first byte.
    pub at: usize,
}

/// Bytes that are looked up at once. Keywords are at most one byte shorter.
pub const GRAM: usize = 4;

/// Slots of the table: 32 KiB of bits. A smaller table costs more false alarms than a larger one costs
/// cache misses.
pub const SLOTS: usize = 1 << 18;
/// Bits of the second table. All rules have 8,000 grams; a table a quarter of this size lets a third of what is noted
/// through.
const SIEVE: usize = 1 << 17;
/// Places that are noted before they are sifted.
const BLOCK: usize = 1 << 10;

/// Sets the bit that tells ASCII letters' cases apart, in four bytes at once. Other bytes are changed
/// too, which may let two look alike; the comparison that follows tells them apart.
const FOLD: u32 = 0x2020_2020;
/// The same for eight bytes.
const FOLD_EIGHT: u64 = 0x2020_2020_2020_2020;

/// The slot of four bytes: a multiplicative hash.
#[must_use]
pub const fn slot(gram: u32) -> usize {
    folded_slot(gram | FOLD)
}

const fn folded_slot(gram: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> (32 - SLOTS.ilog2())) as usize
}

/// Their bit in the second table.
const fn second(gram: u32) -> usize {
    ((gram | FOLD).wrapping_mul(0x85EB_CA6B) >> (32 - SIEVE.ilog2())) as usize
}

impl Anchor {
    /// One from its fields, as the build writes them.
    #[must_use]
    pub const fn new([head, mask, fold]: [u64; 3], [keyword, offset, more]: [u16; 3]) -> Self {
        Self { head, mask, fold, keyword, offset, more }
    }

    /// Its fields.
    #[must_use]
    pub const fn fields(&self) -> ([u64; 3], [u16; 3]) {
        ([self.head, self.mask, self.fold], [self.keyword, self.offset, self.more])
    }
}

fn small(number: usize) -> u16 {
    u16::try_from(number).expect("fewer than 65,535 anchors")
}

impl Prefilter {
    /// Lays out the tables for `keywords`: lower case, three bytes or more, and for each where its least
    /// common four bytes stand.
    ///
    /// # Panics
    /// With more than 65,534 keywords.
    #[must_use]
    pub fn new(keywords: &[(&str, usize)]) -> Self {
        let mut starts = vec![0];
        let mut text = Vec::new();
        let mut grams: Vec<(usize, usize, u32, usize)> = Vec::new();
        for (keyword, &(word, offset)) in keywords.iter().enumerate() {
            let bytes = word.as_bytes();
            text.extend_from_slice(bytes);
            starts.push(u32::try_from(text.len()).expect("keywords are short and few"));
            let mut add = |gram, offset| grams.push((slot(gram), keyword, gram, offset));
            let offset = offset.min(bytes.len().saturating_sub(GRAM));
            if let Some(gram) = bytes[offset..].first_chunk() {
                add(u32::from_le_bytes(*gram), offset);
            } else if let &[a, b, c] = bytes {
                // Any ASCII byte may follow a keyword of three; what is no ASCII is no part of a token. Folded,
                // there are 64.
                for last in (0..0x80).filter(|last| last & 0x20 != 0) {
                    add(u32::from_le_bytes([a, b, c, last]), 0);
                }
            }
        }
        grams.sort_unstable();
        let mut sieve = vec![0; SIEVE / 64];
        for &(_, _, gram, _) in &grams {
            sieve[second(gram) >> 6] |= 1 << (second(gram) & 63);
        }
        grams.dedup_by_key(|&mut (slot, keyword, ..)| (slot, keyword));
        let mut bits = vec![0_u64; SLOTS / 64];
        for &(slot, ..) in &grams {
            bits[slot >> 6] |= 1 << (slot & 63);
        }
        let ranks = bits.iter().scan(0, |sum, word| {
            let rank = *sum;
            *sum += word.count_ones() as usize;
            Some(small(rank))
        });
        Self {
            ranks: ranks.collect(),
            bits: bits.into(),
            sieve: sieve.into(),
            anchors: anchors(keywords, &grams).into(),
            text: text.into(),
            starts: starts.into(),
        }
    }

    /// Each keyword and the offset of its anchor.
    pub fn offsets(&self) -> impl Iterator<Item = (&[u8], usize)> {
        self.anchors.iter().map(|a| (self.word(a.keyword.into()), usize::from(a.offset)))
    }

    /// How many keywords there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Bytes that tell whether a keyword stands somewhere: its own, and the one behind a keyword of three.
    #[must_use]
    pub fn extent(&self, keyword: usize) -> usize {
        self.word(keyword).len().max(GRAM)
    }

    /// The most that [`Self::extent`] says of any keyword.
    #[must_use]
    pub fn longest(&self) -> usize {
        (0..self.count()).map(|keyword| self.extent(keyword)).max().unwrap_or(GRAM)
    }

    fn word(&self, keyword: usize) -> &[u8] {
        &self.text[self.starts[keyword] as usize..self.starts[keyword + 1] as usize]
    }

    /// Calls `found` for every hit that starts in `text`, in no fixed order. A keyword of three bytes
    /// counts only before an ASCII byte or the end.
    ///
    /// # Panics
    /// Never: the tables have the lengths they are laid out with.
    pub fn each(&self, text: &[u8], mut found: impl FnMut(Hit)) {
        let bits = self.bits.first_chunk().expect("it has this length");
        let sieve = self.sieve.first_chunk().expect("it has this length");
        let mut places = [0; BLOCK];
        for base in (0..text.len()).step_by(BLOCK) {
            let block = &text[base..text.len().min(base + BLOCK + GRAM - 1)];
            let noted = note(bits, block, &mut places);
            let left = sift(sieve, block, &mut places, noted);
            for &place in &places[..left] {
                self.compare(text, base + usize::from(place), &mut found);
            }
        }
        // A keyword of three may be the last thing there is.
        if let Some(at) = text.len().checked_sub(GRAM - 1) {
            self.compare(text, at, &mut found);
        }
    }

    /// Looks which keywords have an anchor at `at` and stand there.
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

/// Notes the places in `block` whose slot has its bit set.
#[expect(clippy::cast_possible_truncation, reason = "the low half is meant; blocks are short")]
fn note(bits: &[u64; SLOTS / 64], block: &[u8], places: &mut [u16; BLOCK]) -> usize {
    let mut noted = 0;
    let mut take = |place: u16, folded: u32| {
        let slot = folded_slot(folded);
        // Written in any case and kept if counted: a branch would be mispredicted at every place.
        places[noted % BLOCK] = place;
        noted += usize::from(bits[slot >> 6] >> (slot & 63) & 1 != 0);
    };
    // Seven bytes hold four grams: they are loaded and folded at once.
    let (fours, _) = block.as_chunks::<GRAM>();
    let mut place = 0;
    for pair in fours.windows(2) {
        let [first, second] = [pair[0], pair[1]].map(|four| u64::from(u32::from_le_bytes(four)));
        let eight = first | second << 32 | FOLD_EIGHT;
        take(place, eight as u32);
        take(place + 1, (eight >> 8) as u32);
        take(place + 2, (eight >> 16) as u32);
        take(place + 3, (eight >> 24) as u32);
        place += 4;
    }
    for gram in block[usize::from(place)..].windows(GRAM) {
        take(place, u32::from_le_bytes([gram[0], gram[1], gram[2], gram[3]]) | FOLD);
        place += 1;
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

/// The anchors of `grams` (slot, keyword, bytes, offset), which are sorted: the first of each slot, then
/// the others.
fn anchors(keywords: &[(&str, usize)], grams: &[(usize, usize, u32, usize)]) -> Vec<Anchor> {
    let slots: Vec<_> = grams.chunk_by(|a, b| a.0 == b.0).collect();
    let (mut firsts, mut others) = (Vec::with_capacity(grams.len()), Vec::new());
    for shared in &slots {
        for (index, &(_, keyword, _, offset)) in shared.iter().enumerate() {
            let head = head(keywords[keyword].0.as_bytes());
            let left = shared.len() - 1 - index;
            let next = slots.len() + others.len() + usize::from(index > 0);
            let more = if left > 0 { small(next) } else { 0 };
            let anchor = Anchor::new(head, [small(keyword), small(offset), more]);
            if index == 0 { &mut firsts } else { &mut others }.push(anchor);
        }
    }
    firsts.extend(others);
    firsts
}

/// A keyword's first eight bytes, the mask of those it has, and the bits that its letters are folded with.
fn head(word: &[u8]) -> [u64; 3] {
    let (mut bytes, mut mask, mut fold) = ([0; 8], [0; 8], [0; 8]);
    for (at, &byte) in word.iter().take(8).enumerate() {
        mask[at] = u8::MAX;
        fold[at] = if byte.is_ascii_alphabetic() { 0x20 } else { 0 };
        bytes[at] = byte | fold[at];
    }
    [bytes, mask, fold].map(u64::from_le_bytes)
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
