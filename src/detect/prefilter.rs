//! One pass that finds where any rule's keyword stands, without regard to ASCII case.
//!
//! In: a text. Out: every hit of every keyword, overlapping ones too, in the order of their starts.
//!
//! Nearly all of a scan's time is spent here, on text that holds no keyword. So the pass looks only
//! whether four bytes could begin a keyword, in a bitmap that fits the first-level cache, and compares
//! keywords only where one could. A DFA over the same keywords runs at a third of the speed
//! (`cargo bench`), because its table does not fit, and takes milliseconds to build at every start.

/// Finds keywords.
#[derive(Debug)]
pub struct Prefilter {
    /// One bit for each value of `slot`: whether a keyword may begin with such bytes.
    bits: Box<[u64; 1024]>,
    /// For each slot the first link of its chain, plus one; zero for none.
    heads: Box<[u16]>,
    links: Vec<Link>,
    keywords: Vec<Box<[u8]>>,
}

/// One keyword that begins with bytes of a slot.
#[derive(Clone, Copy, Debug)]
struct Link {
    keyword: u16,
    next: u16,
}

/// Where a keyword stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which one, as an index into the list given to [`Prefilter::new`].
    pub keyword: usize,
    /// Offset of its first byte.
    pub at: usize,
}

/// Bytes that are looked up at once. Keywords are at least one byte shorter.
const GRAM: usize = 4;

/// Sets the bit that tells ASCII letters' cases apart, in four bytes at once. Other bytes are changed
/// too, which may let two look alike; the comparison that follows tells them apart.
const FOLD: u32 = 0x2020_2020;

/// The slot of four bytes: a multiplicative hash to 16 bits.
const fn slot(gram: u32) -> usize {
    ((gram | FOLD).wrapping_mul(0x9E37_79B1) >> 16) as usize
}

impl Prefilter {
    /// Lays out the tables for `keywords`: lower case, three bytes or more, at most 65,534.
    #[must_use]
    pub fn new<'k>(keywords: impl IntoIterator<Item = &'k str>) -> Self {
        let mut filter = Self {
            bits: Box::new([0; 1024]),
            heads: vec![0; 1 << 16].into_boxed_slice(),
            links: Vec::new(),
            keywords: keywords.into_iter().map(|k| k.as_bytes().into()).collect(),
        };
        for index in 0..filter.keywords.len() {
            let first = &filter.keywords[index];
            debug_assert!(first.len() >= GRAM - 1, "checked when rules are resolved");
            let mut gram = [0; GRAM];
            let known = first.len().min(GRAM);
            gram[..known].copy_from_slice(&first[..known]);
            if known == GRAM {
                filter.link(slot(u32::from_le_bytes(gram)), index);
                continue;
            }
            // Any byte may follow a keyword of three. Bit 5 is set in all of them anyway.
            for last in (0..=u8::MAX).filter(|b| b & 0x20 != 0) {
                gram[GRAM - 1] = last;
                filter.link(slot(u32::from_le_bytes(gram)), index);
            }
        }
        filter
    }

    fn link(&mut self, slot: usize, keyword: usize) {
        let keyword = u16::try_from(keyword).expect("fewer keywords than 65,535");
        let next = self.heads[slot];
        let mut at = next;
        while at != 0 {
            let link = self.links[usize::from(at) - 1];
            if link.keyword == keyword {
                return;
            }
            at = link.next;
        }
        self.links.push(Link { keyword, next });
        self.heads[slot] = u16::try_from(self.links.len()).expect("fewer links than 65,535");
        self.bits[slot >> 6] |= 1 << (slot & 63);
    }

    /// Calls `found` for every hit that starts in `text`.
    pub fn each(&self, text: &[u8], mut found: impl FnMut(Hit)) {
        for (at, gram) in text.windows(GRAM).enumerate() {
            let gram = u32::from_le_bytes([gram[0], gram[1], gram[2], gram[3]]);
            let slot = slot(gram);
            if self.bits[slot >> 6] & (1 << (slot & 63)) != 0 {
                self.verify(text, at, slot, &mut found);
            }
        }
        // A keyword of three may be the last thing there is.
        if let Some(at) = text.len().checked_sub(GRAM - 1) {
            let gram = u32::from_le_bytes([text[at], text[at + 1], text[at + 2], 0]);
            self.verify(text, at, slot(gram), &mut found);
        }
    }

    #[cold]
    fn verify(&self, text: &[u8], at: usize, slot: usize, found: &mut impl FnMut(Hit)) {
        let mut link = self.heads[slot];
        while link != 0 {
            let Link { keyword, next } = self.links[usize::from(link) - 1];
            let keyword = usize::from(keyword);
            let bytes = &self.keywords[keyword];
            let here = text.get(at..at + bytes.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(bytes)) {
                found(Hit { keyword, at });
            }
            link = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEYWORDS: &[&str] = &["abc", "abcd", "bcd", "hf_", "pass", "password", "token", "s.x"];

    fn reference(text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for at in 0..text.len() {
            for (keyword, word) in KEYWORDS.iter().enumerate() {
                let here = text.get(at..at + word.len());
                if here.is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes())) {
                    hits.push(Hit { keyword, at });
                }
            }
        }
        hits
    }

    fn found(text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        Prefilter::new(KEYWORDS.iter().copied()).each(text, |hit| hits.push(hit));
        hits.sort_by_key(|hit| (hit.at, hit.keyword));
        hits
    }

    #[test]
    fn three_bytes_are_found_at_the_very_end() {
        assert_eq!(found(b"x HF_"), [Hit { keyword: 3, at: 2 }]);
        assert_eq!(found(b"ab"), []);
        assert_eq!(found(b"abc"), [Hit { keyword: 0, at: 0 }]);
    }

    proptest! {
        #[test]
        fn nothing_is_missed_or_made_up(parts in prop::collection::vec(0_usize..14, 0..60)) {
            let pieces = ["abc", "d", "ABCD", "hf_", "PassWord", "tok", "en", "s.", "x", "\0", "\u{e9}", "_", "-", "P"];
            let text: String = parts.iter().map(|&p| pieces[p]).collect();
            prop_assert_eq!(found(text.as_bytes()), reference(text.as_bytes()));
        }
    }
}
