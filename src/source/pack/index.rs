//! Pack indexes, versions 1 and 2.
//!
//! In: a `.idx` file's bytes. Out: an [`Index`], which tells ids, offsets and checksums. Everything
//! that a look-up relies on is checked once, on parsing.

use std::cmp::Ordering;

use super::Fault;
use crate::source::{Format, ObjectId};

const MAGIC: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];
const FANOUT: usize = 256 * 4;
/// Rows that are guessed when an id is looked for.
const GUESSES: u32 = 4;
/// Set in a 32-bit offset that stands for a row of the table of 64-bit offsets.
const LARGE: u32 = 1 << 31;

/// A pack's objects, sorted by id.
#[derive(Debug)]
pub struct Index {
    bytes: Vec<u8>,
    count: u32,
    tables: Tables,
    format: Format,
}

/// Where the tables of an index start.
#[derive(Clone, Copy, Debug)]
enum Tables {
    /// Rows of offset and id.
    One,
    /// Columns: ids, CRCs, offsets, large offsets.
    Two { crcs: usize, offsets: usize, large: usize },
}

impl Index {
    /// Takes a `.idx` file's bytes in.
    ///
    /// # Errors
    /// A [`Fault`] where the tables do not fit the file, or ids are out of order.
    pub fn parse(bytes: Vec<u8>, format: Format) -> Result<Self, Fault> {
        let tables_at = if bytes.starts_with(&MAGIC) {
            MAGIC.len()
        } else if bytes.starts_with(&MAGIC[..4]) {
            return Err(Fault::corrupt("an index version this program does not know"));
        } else {
            0
        };
        let count = fanout(&bytes, tables_at)?;
        let tables = if tables_at == 0 {
            layout_one(bytes.len(), count, format.width())
        } else {
            layout_two(bytes.len(), count, format.width())
        };
        let tables = tables.ok_or_else(|| Fault::corrupt("the index has the wrong size"))?;
        let index = Self { bytes, count, tables, format };
        index.check_order()?;
        Ok(index)
    }

    /// Number of objects.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Bytes that it takes.
    pub(crate) const fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The id in row `at`, which must be below [`Self::count`].
    #[must_use]
    pub fn id(&self, at: u32) -> ObjectId {
        ObjectId::new(self.bytes_of(at))
    }

    /// How long its ids are.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    fn bytes_of(&self, at: u32) -> &[u8] {
        let start = self.id_at(at);
        &self.bytes[start..start + self.format.width()]
    }

    /// All ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = ObjectId> + '_ {
        (0..self.count).map(|at| self.id(at))
    }

    /// The row of `id`.
    #[must_use]
    pub fn find(&self, id: ObjectId) -> Option<u32> {
        let sought = id.bytes();
        let first = usize::from(id.first::<1>()[0]);
        let mut low = if first == 0 { 0 } else { self.fan(first - 1) };
        let mut high = self.fan(first);
        // Ids are spread evenly, so what follows the first byte tells about where one stands. Ids that were made up
        // need not be: after a few guesses the rows left are halved.
        let next = |id: &[u8]| u64::from(word(id, 1));
        let (mut above, mut below, mut guesses) = (0_u64, 1_u64 << 32, GUESSES);
        while low < high {
            let rows = u64::from(high - low);
            let ahead = match guesses {
                0 => rows / 2,
                _ => rows * next(sought).saturating_sub(above) / below.saturating_sub(above).max(1),
            };
            let middle = low + u32::try_from(ahead).unwrap_or(0).min(high - low - 1);
            let there = self.bytes_of(middle);
            match there.cmp(sought) {
                Ordering::Less => (low, above) = (middle + 1, next(there)),
                Ordering::Equal => return Some(middle),
                Ordering::Greater => (high, below) = (middle, next(there) + 1),
            }
            guesses = guesses.saturating_sub(1);
        }
        None
    }

    /// Where the entry of row `at` starts in the pack; `None` where the table of large offsets has
    /// no such row.
    #[must_use]
    pub fn offset(&self, at: u32) -> Option<u64> {
        match self.tables {
            Tables::One => Some(u64::from(word(&self.bytes, self.id_at(at) - 4))),
            Tables::Two { offsets, large, .. } => {
                let short = word(&self.bytes, offsets + 4 * row(at));
                if short & LARGE == 0 {
                    return Some(u64::from(short));
                }
                let start = large + 8 * row(short & !LARGE);
                let end = self.bytes.len() - self.trailer();
                let wide = self.bytes[..end].get(start..)?.first_chunk()?;
                Some(u64::from_be_bytes(*wide))
            }
        }
    }

    /// The CRC-32 of the entry of row `at`, header included; version 1 has none.
    #[must_use]
    pub fn crc(&self, at: u32) -> Option<u32> {
        match self.tables {
            Tables::One => None,
            Tables::Two { crcs, .. } => Some(word(&self.bytes, crcs + 4 * row(at))),
        }
    }

    /// The checksum that stands at the end of the pack.
    #[must_use]
    pub fn pack_checksum(&self) -> &[u8] {
        let start = self.bytes.len() - self.trailer();
        &self.bytes[start..start + self.format.width()]
    }

    /// The pack's checksum and the index's own.
    const fn trailer(&self) -> usize {
        2 * self.format.width()
    }

    fn id_at(&self, at: u32) -> usize {
        match self.tables {
            Tables::One => FANOUT + row(at) * (4 + self.format.width()) + 4,
            Tables::Two { .. } => MAGIC.len() + FANOUT + row(at) * self.format.width(),
        }
    }

    /// How many ids start with a byte of at most `first`.
    fn fan(&self, first: usize) -> u32 {
        let start = match self.tables {
            Tables::One => 0,
            Tables::Two { .. } => MAGIC.len(),
        };
        word(&self.bytes, start + 4 * first)
    }

    /// Look-ups and the comparison of packs rely on sorted ids and a fan-out that agrees with them.
    fn check_order(&self) -> Result<(), Fault> {
        let mut last: &[u8] = &[];
        for at in 0..self.count {
            let id = self.bytes_of(at);
            let first = usize::from(id[0]);
            let from = if first == 0 { 0 } else { self.fan(first - 1) };
            if id < last || at < from || at >= self.fan(first) {
                return Err(Fault::corrupt("the index is not sorted"));
            }
            last = id;
        }
        Ok(())
    }
}

/// Checks that the fan-out table at `start` rises, and returns its last row, the object count.
fn fanout(bytes: &[u8], start: usize) -> Result<u32, Fault> {
    let table =
        bytes.get(start..start + FANOUT).ok_or_else(|| Fault::corrupt("the index is cut off"))?;
    let mut last = 0;
    for at in 0..256 {
        let count = word(table, 4 * at);
        if count < last {
            return Err(Fault::corrupt("the index has a falling fan-out"));
        }
        last = count;
    }
    // Positions are kept in 32 bits, with one value to spare.
    if last == u32::MAX {
        return Err(Fault::corrupt("the index has too many objects"));
    }
    Ok(last)
}

fn layout_one(len: usize, count: u32, width: usize) -> Option<Tables> {
    let rows = row(count).checked_mul(4 + width)?;
    (len == rows.checked_add(FANOUT + 2 * width)?).then_some(Tables::One)
}

fn layout_two(len: usize, count: u32, width: usize) -> Option<Tables> {
    let count = row(count);
    let crcs = count.checked_mul(width)?.checked_add(MAGIC.len() + FANOUT)?;
    let offsets = crcs.checked_add(count.checked_mul(4)?)?;
    let large = offsets.checked_add(count.checked_mul(4)?)?;
    let rest = len.checked_sub(large)?.checked_sub(2 * width)?;
    (rest % 8 == 0).then_some(Tables::Two { crcs, offsets, large })
}

/// The big-endian word at `start`.
fn word(bytes: &[u8], start: usize) -> u32 {
    let word = &bytes[start..start + 4];
    u32::from_be_bytes(word.try_into().expect("four bytes"))
}

/// A row as an index; tables larger than memory never get this far.
fn row(at: u32) -> usize {
    usize::try_from(at).expect("no platform here has pointers under 32 bits")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const TRAILER: usize = 40;

    fn parse(bytes: Vec<u8>) -> Result<Index, Fault> {
        Index::parse(bytes, Format::Sha1)
    }

    fn id(first: u8, last: u8) -> ObjectId {
        let mut id = [7; 20];
        (id[0], id[19]) = (first, last);
        ObjectId::new(&id)
    }

    fn fan(ids: &[ObjectId]) -> Vec<u8> {
        (0..=255u8)
            .flat_map(|first| {
                let count = ids.iter().filter(|id| id.bytes()[0] <= first).count();
                u32::try_from(count).unwrap().to_be_bytes()
            })
            .collect()
    }

    pub(in super::super) fn version_1(rows: &[(ObjectId, u32)]) -> Vec<u8> {
        let ids: Vec<_> = rows.iter().map(|row| row.0).collect();
        let mut bytes = fan(&ids);
        for (id, offset) in rows {
            bytes.extend(offset.to_be_bytes());
            bytes.extend(id.bytes());
        }
        bytes.extend([0; TRAILER]);
        bytes
    }

    fn version_2(rows: &[(ObjectId, u32)], large: &[u64]) -> Vec<u8> {
        let ids: Vec<_> = rows.iter().map(|row| row.0).collect();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(fan(&ids));
        bytes.extend(ids.iter().flat_map(|id| id.bytes().to_vec()));
        bytes.extend((0u32..).take(rows.len()).flat_map(u32::to_be_bytes));
        bytes.extend(rows.iter().flat_map(|row| row.1.to_be_bytes()));
        bytes.extend(large.iter().flat_map(|offset| offset.to_be_bytes()));
        bytes.extend([0; TRAILER]);
        bytes
    }

    #[test]
    fn both_versions_tell_ids_and_offsets() {
        let rows = [(id(0, 1), 12), (id(0, 9), 99), (id(200, 1), 50)];
        for bytes in [version_1(&rows), version_2(&rows, &[])] {
            let index = parse(bytes).unwrap();
            assert_eq!(index.count(), 3);
            for (at, row) in (0..).zip(rows) {
                assert_eq!(index.find(row.0), Some(at));
                assert_eq!(index.offset(at), Some(u64::from(row.1)));
            }
            assert_eq!(index.find(id(0, 5)), None);
            assert_eq!(index.find(id(201, 0)), None);
        }
    }

    #[test]
    fn every_id_is_found_and_no_other_however_they_are_spread() {
        let spread = |n: u32| n.wrapping_mul(0x9e37_79b1).to_be_bytes();
        let close = |n: u32| (n * n / 64).to_be_bytes();
        let steep = |n: u32| (u32::MAX - 2 * n).to_be_bytes();
        for key in [&spread as &dyn Fn(u32) -> [u8; 4], &close, &steep] {
            let id = |n: u32| {
                let bytes = [&[9][..], &key(n), &[0; 11], &(2 * n).to_be_bytes()].concat();
                ObjectId::new(&bytes)
            };
            let mut rows: Vec<_> = (0..999).map(|n| (id(n), n)).collect();
            rows.sort_unstable();
            let index = parse(version_1(&rows)).unwrap();
            for (at, row) in (0..).zip(&rows) {
                assert_eq!(index.find(row.0), Some(at));
                for change in [1, 0xff] {
                    let mut other = row.0.bytes().to_vec();
                    other[19] ^= change;
                    assert_eq!(index.find(ObjectId::new(&other)), None);
                    other[1] = other[1].wrapping_add(change);
                    assert_eq!(index.find(ObjectId::new(&other)), None);
                }
            }
        }
    }

    #[test]
    fn large_offsets_come_from_their_own_table() {
        let rows = [(id(1, 1), LARGE | 1), (id(2, 1), LARGE | 2)];
        let index = parse(version_2(&rows, &[5, 1 << 40])).unwrap();
        assert_eq!(index.offset(0), Some(1 << 40));
        assert_eq!(index.offset(1), None);
        assert_eq!(index.crc(1), Some(1));
    }

    #[test]
    fn every_truncation_is_refused() {
        let rows = [(id(0, 1), 12), (id(3, 9), 99)];
        for bytes in [version_1(&rows), version_2(&rows, &[1])] {
            for end in 0..bytes.len() {
                // Eight bytes less is a table of large offsets with one row less.
                if parse(bytes[..end].to_vec()).is_ok() {
                    assert_eq!(end, bytes.len() - 8);
                }
            }
        }
    }

    #[test]
    fn long_ids_are_read_where_they_are_expected() {
        let rows = [(ObjectId::new(&[3; 32]), 12), (ObjectId::new(&[9; 32]), 99)];
        let bytes = [version_2(&rows, &[5]), vec![0; 24]].concat();
        let index = Index::parse(bytes.clone(), Format::Sha256).unwrap();
        assert_eq!((index.find(rows[1].0), index.offset(1)), (Some(1), Some(99)));
        assert_eq!((index.id(0), index.pack_checksum().len()), (rows[0].0, 32));
        assert!(parse(bytes).is_err());
    }

    #[test]
    fn disorder_is_refused() {
        let unsorted = [(id(9, 1), 12), (id(3, 9), 99)];
        assert!(parse(version_1(&unsorted)).is_err());
        let mut lying = version_1(&[(id(9, 1), 12)]);
        lying[4 * 5..4 * 10].fill(0);
        lying[4 * 9 + 3] = 0;
        lying[4 * 10 + 3] = 1;
        assert!(parse(lying).is_err());
        let mut falling = version_1(&[]);
        falling[3] = 1;
        assert!(parse(falling).is_err());
    }
}
