//! The tables of one pass that finds where any rule's keyword stands, without regard to ASCII case.
//!
//! In: keywords. Out: a [`Prefilter`], with which `sieve` finds every hit of every keyword, overlapping ones too.
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
    pub(super) head: u64,
    /// The bytes it has.
    pub(super) mask: u64,
    /// The bit that tells the cases apart, of those that are letters.
    pub(super) fold: u64,
    pub(super) keyword: u16,
    /// Where in the keyword the anchor stands.
    pub(super) offset: u16,
    /// Index of another anchor of the same slot, or zero: no first one of a slot is shared.
    pub(super) more: u16,
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
pub(super) const SIEVE: usize = 1 << 17;
/// Sets the bit that tells ASCII letters' cases apart, in four bytes at once. Other bytes are changed
/// too, which may let two look alike; the comparison that follows tells them apart.
pub(super) const FOLD: u32 = 0x2020_2020;
/// What a gram is multiplied with, and how many bits of the product are none of its slot's.
pub(super) const FACTOR: u32 = 0x9E37_79B1;
pub(super) const SHIFT: u32 = 32 - SLOTS.ilog2();

/// The slot of four bytes: a multiplicative hash.
#[must_use]
pub const fn slot(gram: u32) -> usize {
    ((gram | FOLD).wrapping_mul(FACTOR) >> SHIFT) as usize
}

/// Their bit in the second table.
pub(super) const fn second(gram: u32) -> usize {
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

    pub(super) fn word(&self, keyword: usize) -> &[u8] {
        &self.text[self.starts[keyword] as usize..self.starts[keyword + 1] as usize]
    }
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
