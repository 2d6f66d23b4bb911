//! A split index, which keeps most entries in a second file, and what has changed since in its own.
//!
//! In: the body of the extension `link`, the index's own entries, and the bytes of the shared file. Out: all entries. The
//! extension holds the shared file's hash and two sets of its entries, by their number: what is deleted, and what the
//! first of the index's own entries stand for. Sources: `index-format` and `bitmap-format` in git's documentation.

use super::{Entry, Index, Rest};

/// What the extension says.
pub(super) struct Link {
    /// The shared file's hash; zeros where there is none.
    pub(super) shared: Vec<u8>,
    deleted: Vec<bool>,
    replaced: Vec<bool>,
}

impl Link {
    /// Reads an extension whose hash has `id` bytes.
    pub(super) fn parse(body: &[u8], id: usize) -> Option<Self> {
        let mut rest = Rest { bytes: body };
        let shared = rest.take(id)?.to_vec();
        if rest.bytes.is_empty() {
            return Some(Self { shared, deleted: Vec::new(), replaced: Vec::new() });
        }
        let (deleted, replaced) = (bitmap(&mut rest)?, bitmap(&mut rest)?);
        rest.bytes.is_empty().then_some(Self { shared, deleted, replaced })
    }

    /// All entries, in git's order; `None` where the sets do not fit.
    pub(super) fn merge(&self, shared: Index, own: Index) -> Option<Index> {
        let is_in = |set: &[bool], at: usize| set.get(at).copied().unwrap_or(false);
        let known = |set: &[bool]| set.iter().skip(shared.entries.len()).all(|bit| !bit);
        if !known(&self.deleted) || !known(&self.replaced) {
            return None;
        }
        let mut own = own.entries.into_iter();
        let mut entries: Vec<Entry> = Vec::with_capacity(shared.entries.len());
        for (at, entry) in shared.entries.into_iter().enumerate() {
            // Those that stand for one of the shared file have no path of their own.
            let new = if is_in(&self.replaced, at) {
                Entry { path: entry.path, ..own.next()? }
            } else {
                entry
            };
            if !is_in(&self.deleted, at) {
                entries.push(new);
            }
        }
        entries.extend(own);
        entries.sort_by(|a, b| (&a.path, a.stage()).cmp(&(&b.path, b.stage())));
        Some(Index { entries })
    }
}

/// Most entries that are believed: their file would be of 4 GiB.
const MOST: usize = 1 << 26;
/// Bits of a word.
const WORD: usize = 64;

/// Reads a set as EWAH writes it: its size in bits, its words, and the place of the last word that counts others. Such a
/// word has a bit, for how many words all bits are that one, and how many words as they are follow it.
fn bitmap(rest: &mut Rest<'_>) -> Option<Vec<bool>> {
    let bits = usize::try_from(rest.number()?).ok().filter(|bits| *bits <= MOST)?;
    let words = usize::try_from(rest.number()?).ok()?;
    let words: Vec<u64> = rest
        .take(words.checked_mul(8)?)?
        .as_chunks()
        .0
        .iter()
        .map(|word| u64::from_be_bytes(*word))
        .collect();
    rest.number()?;
    let mut set = Vec::new();
    let mut words = words.into_iter();
    while let Some(counts) = words.next() {
        let run = usize::try_from(counts >> 1 & 0xffff_ffff).ok()?.checked_mul(WORD)?;
        let literal = usize::try_from(counts >> 33).ok()?;
        let run = run.min(bits.saturating_sub(set.len()));
        set.resize(set.len() + run, counts & 1 == 1);
        for _ in 0..literal {
            let word = words.next()?;
            if set.len() < bits {
                set.extend((0..WORD).map(|bit| word >> bit & 1 == 1));
            }
        }
    }
    set.resize(bits, false);
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_as_git_writes_them() {
        // 130 bits: one word of ones, then a word as it is.
        let counts = 1_u64 | 1 << 1 | 1 << 33;
        let bytes = [
            &130_u32.to_be_bytes()[..],
            &2_u32.to_be_bytes(),
            &counts.to_be_bytes(),
            &5_u64.to_be_bytes(),
            &0_u32.to_be_bytes(),
        ]
        .concat();
        let set = bitmap(&mut Rest { bytes: &bytes }).unwrap();
        assert_eq!(set.len(), 130);
        assert!(set[..65].iter().all(|bit| *bit) && !set[65] && set[66] && !set[67] && !set[129]);
        for end in 0..bytes.len() {
            assert!(bitmap(&mut Rest { bytes: &bytes[..end] }).is_none(), "{end}");
        }
        let long = [&u32::MAX.to_be_bytes()[..], &[0; 8]].concat();
        assert!(bitmap(&mut Rest { bytes: &long }).is_none());
    }
}
