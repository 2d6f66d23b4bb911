//! Which four bytes of a keyword are looked up: the least common ones.
//!
//! In: a keyword, and how common bytes are as `rules/grams.txt` tells it. Out: an offset. `build.rs` includes this
//! file and chooses for the built-in keywords; where a user's rules add keywords, letters alone tell.

use std::collections::HashMap;

use super::prefilter::{GRAM, slot};

/// From the most to the least common in source code.
const COMMON: &[u8] = b" etrnaiosl-dc*\"pmu,_/f:h.g=by%'x()v1w0k";

/// What a place costs that proves to be a keyword's four bytes but no keyword, in units of one that only shares
/// their slot.
const COMPARED: u32 = 3;

/// How common bytes are in source code.
#[derive(Debug, Default)]
pub struct Commonness {
    grams: HashMap<u32, u32>,
    slots: HashMap<usize, u32>,
}

impl Commonness {
    /// Reads the counts.
    ///
    /// # Errors
    /// The number of a line that is no level and grams.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut known = Self::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let fault = || format!("line {}: no level, tab and grams of {GRAM}", number + 1);
            let (level, grams) = line.split_once('\t').ok_or_else(fault)?;
            let level: Option<u32> = level.parse().ok();
            let level = level.filter(|level| *level < 20).ok_or_else(fault)?;
            let (grams, []) = grams.as_bytes().as_chunks::<GRAM>() else { return Err(fault()) };
            for gram in grams {
                let bytes = gram.map(|byte| if byte == b'S' { b' ' } else { byte | 0x20 });
                let gram = u32::from_le_bytes(bytes);
                known.grams.insert(gram, 1 << level);
                *known.slots.entry(slot(gram)).or_default() += 1 << level;
            }
        }
        Ok(known)
    }

    /// Offset of the four bytes of a keyword that cost least to look up.
    #[must_use]
    pub fn rarest(&self, word: &str) -> usize {
        let letters = |byte: &u8| COMMON.iter().position(|c| c == byte).unwrap_or(COMMON.len());
        let cost = |bytes: &[u8]| {
            let mut gram = [0; GRAM];
            gram.copy_from_slice(bytes);
            let gram = u32::from_le_bytes(gram.map(|byte| byte | 0x20));
            let of = |count: Option<&u32>| count.copied().unwrap_or(0);
            of(self.slots.get(&slot(gram))) + COMPARED * of(self.grams.get(&gram))
        };
        let windows = word.as_bytes().windows(GRAM).enumerate();
        let key = |bytes: &[u8]| {
            (cost(bytes), std::cmp::Reverse(bytes.iter().map(letters).sum::<usize>()))
        };
        windows.min_by_key(|(_, bytes)| key(bytes)).map_or(0, |(offset, _)| offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_letters_and_uncounted_bytes_are_chosen() {
        assert_eq!(Commonness::default().rarest("commonzqx"), 5);
        let known = Commonness::parse("# counts\n9\tnzqxonzq\n").unwrap();
        assert_eq!(known.rarest("commonzqx"), 3);
        assert_eq!(known.rarest("abc"), 0);
        for bad in ["9", "x\tabcd", "9\tabc", "40\tabcd"] {
            assert!(Commonness::parse(bad).unwrap_err().contains("line 1"), "{bad}");
        }
    }
}
