//! One pass that finds where any rule's keyword stands, without regard to ASCII case.
//!
//! In: a text. Out: every hit of every keyword, overlapping ones too.
//!
//! Nearly all of a scan's time is spent here, on text that holds no keyword. So the pass looks only
//! whether four bytes could be a keyword's rarest, in a bitmap that fits the first-level cache, and compares
//! keywords only where they could. A DFA over the same keywords runs at a third of the speed
//! (`cargo bench`), because its table does not fit, and takes milliseconds to build at every start.

/// Finds keywords.
#[derive(Debug)]
pub struct Prefilter {
    /// One bit for each value of [`slot`]: whether a keyword may have such bytes.
    bits: Box<[u64; SLOTS / 64]>,
    /// For each slot the first link of its chain, plus one; zero for none.
    heads: Box<[u16]>,
    links: Vec<Link>,
    keywords: Vec<Box<[u8]>>,
}

/// One keyword that has the bytes of a slot.
#[derive(Clone, Copy, Debug)]
struct Link {
    /// Its first eight bytes, folded and masked: they tell nearly always that it does not stand here.
    head: u64,
    mask: u64,
    keyword: u16,
    /// Where in the keyword the slot's bytes stand.
    offset: u16,
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

/// Bytes that are looked up at once. Keywords are at most one byte shorter.
const GRAM: usize = 4;

/// Slots of the table: 32 KiB of bits. A smaller table costs more false alarms than a larger one costs
/// cache misses.
const SLOTS: usize = 1 << 18;

/// Sets the bit that tells ASCII letters' cases apart, in four bytes at once. Other bytes are changed
/// too, which may let two look alike; the comparison that follows tells them apart.
const FOLD: u32 = 0x2020_2020;
/// The same for eight bytes.
const FOLD_EIGHT: u64 = 0x2020_2020_2020_2020;

/// The slot of four bytes: a multiplicative hash.
const fn slot(gram: u32) -> usize {
    ((gram | FOLD).wrapping_mul(0x9E37_79B1) >> (32 - SLOTS.ilog2())) as usize
}

impl Prefilter {
    /// Lays out the tables for `keywords`: lower case, three bytes or more.
    ///
    /// # Panics
    /// With more than 65,534 keywords.
    #[must_use]
    pub fn new<'k>(keywords: impl IntoIterator<Item = &'k str>) -> Self {
        let mut filter = Self {
            bits: vec![0; SLOTS / 64].into_boxed_slice().try_into().expect("it has this length"),
            heads: vec![0; SLOTS].into_boxed_slice(),
            links: Vec::new(),
            keywords: keywords.into_iter().map(|k| k.as_bytes().into()).collect(),
        };
        for index in 0..filter.keywords.len() {
            let word = &filter.keywords[index];
            debug_assert!(word.len() >= GRAM - 1, "checked when rules are resolved");
            if word.len() >= GRAM {
                let offset = rarest(word);
                let gram = [word[offset], word[offset + 1], word[offset + 2], word[offset + 3]];
                filter.link(slot(u32::from_le_bytes(gram)), index, offset);
                continue;
            }
            // Any ASCII byte may follow a keyword of three; what is no ASCII is no part of a token. Folded, there
            // are 64.
            let [a, b, c] = [word[0], word[1], word[2]];
            for last in (0..0x80).filter(|b| b & 0x20 != 0) {
                filter.link(slot(u32::from_le_bytes([a, b, c, last])), index, 0);
            }
        }
        filter
    }

    fn link(&mut self, slot: usize, keyword: usize, offset: usize) {
        let small = |number| u16::try_from(number).expect("fewer than 65,535 keywords and links");
        let (keyword, offset) = (small(keyword), small(offset));
        let next = self.heads[slot];
        if self.chain(slot).any(|link| link.keyword == keyword) {
            return;
        }
        let (head, mask) = head(&self.keywords[usize::from(keyword)]);
        self.links.push(Link { head, mask, keyword, offset, next });
        self.heads[slot] = small(self.links.len());
        self.bits[slot >> 6] |= 1 << (slot & 63);
    }

    fn chain(&self, slot: usize) -> impl Iterator<Item = Link> {
        let mut next = self.heads[slot];
        std::iter::from_fn(move || {
            let link = *self.links.get(usize::from(next).checked_sub(1)?)?;
            next = link.next;
            Some(link)
        })
    }

    /// Calls `found` for every hit that starts in `text`, in no fixed order. A keyword of three bytes
    /// counts only before an ASCII byte or the end.
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

    #[inline(never)]
    fn verify(&self, text: &[u8], at: usize, slot: usize, found: &mut impl FnMut(Hit)) {
        for link in self.chain(slot) {
            let Some(at) = at.checked_sub(usize::from(link.offset)) else { continue };
            if let Some(eight) = text[at..].first_chunk::<8>()
                && (u64::from_le_bytes(*eight) | FOLD_EIGHT) & link.mask != link.head
            {
                continue;
            }
            let keyword = usize::from(link.keyword);
            let bytes = &self.keywords[keyword];
            if text[at..].get(..bytes.len()).is_some_and(|here| here.eq_ignore_ascii_case(bytes)) {
                found(Hit { keyword, at });
            }
        }
    }
}

/// A keyword's first eight bytes, folded, and the mask of those it has.
fn head(word: &[u8]) -> (u64, u64) {
    let known = word.len().min(8);
    let (mut bytes, mut mask) = ([0; 8], [0; 8]);
    bytes[..known].copy_from_slice(&word[..known]);
    mask[..known].fill(u8::MAX);
    let mask = u64::from_le_bytes(mask);
    ((u64::from_le_bytes(bytes) | FOLD_EIGHT) & mask, mask)
}

/// Offset of the four bytes of a keyword that are the least common in text, as far as the frequency
/// of their letters tells: `rcet` of `commercetools` rather than `comm`.
fn rarest(word: &[u8]) -> usize {
    /// From the most to the least common in source code.
    const COMMON: &[u8] = b" etrnaiosl-dc*\"pmu,_/f:h.g=by%'x()v1w0k";
    /// Four letters of words that code is full of, though their letters are not the commonest.
    const FREQUENT: &[&[u8; GRAM]] = &[
        b"back", b"base", b"blob", b"bool", b"chan", b"char", b"chec", b"ckou", b"clie", b"code",
        b"comm", b"comp", b"conf", b"cons", b"cont", b"crea", b"does", b"down", b"expr", b"fail",
        b"figu", b"file", b"form", b"from", b"func", b"hash", b"heck", b"help", b"host", b"http",
        b"ific", b"impo", b"json", b"kout", b"line", b"llow", b"load", b"look", b"make", b"mand",
        b"merg", b"mman", b"nabl", b"name", b"pack", b"pars", b"path", b"publ", b"push", b"redi",
        b"serv", b"sign", b"spec", b"type", b"vers", b"void", b"when", b"wher", b"whic", b"work",
        b"writ",
    ];
    let weight = |byte: &u8| COMMON.iter().position(|c| c == byte).unwrap_or(COMMON.len());
    let frequent = |gram: &[u8]| FREQUENT.iter().any(|known| known[..] == *gram);
    let (mut best, mut rarest) = (0, 0);
    for (offset, gram) in word.windows(GRAM).enumerate() {
        let sum = gram.iter().map(weight).sum::<usize>();
        if sum > best && !frequent(gram) {
            (best, rarest) = (sum, offset);
        }
    }
    rarest
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
