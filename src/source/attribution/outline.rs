//! The entries of trees, read with the help of the tree they are a delta of.
//!
//! In: a tree's bytes, and the [`Outline`] of its base. Out: its own outline: where entries start,
//! and which of them matter. Most of a tree is copied from its base, and what was found there need
//! not be looked for again.

use crate::source::pack::{Delta, Step};

/// Where a tree's entries start, and which matter.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Offsets of all entries, and of the end; empty for what is no tree.
    starts: Vec<usize>,
    /// The entries that matter, with their offsets.
    marks: Vec<(usize, Mark)>,
}

/// An entry that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Whether it is a folder; else it is a wanted object.
    pub(super) folder: bool,
    /// Its name's number.
    pub(super) name: u32,
    /// The number of the folder or wanted object.
    pub(super) to: u32,
}

/// An entry of a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'t> {
    pub(super) mode: &'t [u8],
    pub(super) name: &'t [u8],
    pub(super) id: &'t [u8],
}

/// Decides which entries matter.
pub(super) type Look<'l> = dyn FnMut(Entry<'_>) -> Option<Mark> + 'l;

impl Outline {
    /// The entries that matter, in order.
    pub(super) fn marks(&self) -> impl Iterator<Item = Mark> + '_ {
        self.marks.iter().map(|mark| mark.1)
    }

    /// Reads a tree, which was made from `base` if there is one, and whose ids have `width` bytes; says whether it
    /// is well-formed.
    pub(super) fn read(
        bytes: &[u8],
        base: Option<(&Self, Delta<'_>)>,
        width: usize,
        look: &mut Look<'_>,
    ) -> (Self, bool) {
        let mut reader = Reader { bytes, width, at: 0, outline: Self::default(), look };
        let copied = base.is_none_or(|(base, delta)| reader.follow(base, delta).is_some());
        let whole = copied && reader.parse_until(bytes.len()).is_some();
        reader.outline.starts.push(reader.at);
        (reader.outline, whole)
    }
}

/// A door for the fuzz targets: reads a tree, and again with the help of its base if there is one.
///
/// # Panics
/// Where the two differ.
pub(super) fn probe(bytes: &[u8], base: Option<(&[u8], Delta<'_>)>) {
    const WIDTH: usize = 20;
    let mut look = |entry: Entry<'_>| {
        let first = entry.name.first().copied().unwrap_or(0);
        (first % 2 == 0).then(|| Mark { folder: true, name: first.into(), to: entry.id[0].into() })
    };
    let (plain, fine) = Outline::read(bytes, None, WIDTH, &mut look);
    let Some((base, delta)) = base else { return };
    let (base, whole) = Outline::read(base, None, WIDTH, &mut look);
    let (quick, also) = Outline::read(bytes, Some((&base, delta)), WIDTH, &mut look);
    if whole {
        assert_eq!(fine, also);
        assert!(!fine || (plain.starts, plain.marks) == (quick.starts, quick.marks));
    }
}

/// Goes through a tree from its start.
struct Reader<'r, 'l> {
    bytes: &'r [u8],
    /// Bytes of an id.
    width: usize,
    /// Where the next entry starts.
    at: usize,
    outline: Outline,
    look: &'r mut Look<'l>,
}

impl Reader<'_, '_> {
    /// Takes over what the instructions copy, and parses the rest.
    fn follow(&mut self, base: &Outline, delta: Delta<'_>) -> Option<()> {
        let mut made = 0;
        for step in delta.steps() {
            match step.ok()? {
                Step::Insert(bytes) => made += bytes.len(),
                Step::Copy { from, len } => {
                    self.parse_until(made)?;
                    self.copy(base, from, made..made + len)?;
                    made += len;
                }
            }
        }
        Some(())
    }

    /// Takes over the entries that lie wholly in `range`, which is a copy of the base `from` on.
    fn copy(&mut self, base: &Outline, from: usize, range: std::ops::Range<usize>) -> Option<()> {
        while self.at < range.end {
            let start = from + (self.at - range.start);
            let Ok(first) = base.starts.binary_search(&start) else {
                // The copy begins amid an entry of the base.
                self.parse()?;
                continue;
            };
            let end = from + range.len();
            let last = first + base.starts[first..].partition_point(|&start| start <= end) - 1;
            let at = self.at;
            let moved = |offset: usize| offset - start + at;
            self.outline.starts.extend(base.starts[first..last].iter().map(|&at| moved(at)));
            let from = base.marks.partition_point(|mark| mark.0 < start);
            let inside = base.marks[from..].iter().take_while(|mark| mark.0 < base.starts[last]);
            self.outline.marks.extend(inside.map(|&(at, mark)| (moved(at), mark)));
            self.at = moved(base.starts[last]);
            return Some(());
        }
        Some(())
    }

    /// Parses entries until one starts at `end` or behind it.
    fn parse_until(&mut self, end: usize) -> Option<()> {
        while self.at < end {
            self.parse()?;
        }
        Some(())
    }

    fn parse(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let space = rest.iter().take(8).position(|&byte| byte == b' ')?;
        let (mode, named) = (&rest[..space], &rest[space + 1..]);
        let end = memchr::memchr(0, named)?;
        let id = named[end + 1..].get(..self.width)?;
        let mark = (self.look)(Entry { mode, name: &named[..end], id });
        self.outline.marks.extend(mark.map(|mark| (self.at, mark)));
        self.outline.starts.push(self.at);
        self.at += space + 1 + end + 1 + id.len();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: &str, name: &str, id: u8) -> Vec<u8> {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[id; 20]].concat()
    }

    /// Marks folders by the first bytes of name and id.
    fn look(entry: Entry<'_>) -> Option<Mark> {
        let first = entry.name.first().copied().unwrap_or(0);
        let mark = Mark { folder: true, name: first.into(), to: entry.id[0].into() };
        (entry.mode == b"40000").then_some(mark)
    }

    fn base() -> Vec<u8> {
        (b'a'..=b'j')
            .flat_map(|name| {
                let mode = if name % 2 == 0 { "40000" } else { "100644" };
                entry(mode, &char::from(name).to_string(), name)
            })
            .collect()
    }

    #[test]
    fn every_pair_of_copies_reads_like_the_whole() {
        let base = base();
        let (outline, whole) = Outline::read(&base, None, 20, &mut look);
        assert!(whole);
        assert_eq!(outline.marks.len(), 5);
        // Two copies, with the head of an entry between them, at all offsets.
        for cut in 0..base.len() {
            for from in [0, 1, cut, cut / 2, base.len() - 30] {
                let len = base.len() - from;
                let insert = entry("40000", "x", 9);
                let insert = &insert[..insert.len() - cut % 3 * 4];
                let made = [&base[..cut], insert, &base[from..]].concat();
                let mut script = Vec::new();
                for len in [base.len(), made.len()] {
                    let low = u8::try_from(len & 0x7f).unwrap() | 0x80;
                    script.extend([low, u8::try_from(len >> 7).unwrap()]);
                }
                let copy = |from: usize, len: usize| {
                    let [from, len] = [from, len].map(|n| u16::try_from(n).unwrap().to_le_bytes());
                    [0xb3, from[0], from[1], len[0], len[1]]
                };
                if cut > 0 {
                    script.extend(copy(0, cut));
                }
                script.push(u8::try_from(insert.len()).unwrap());
                script.extend(insert);
                script.extend(copy(from, len));
                let delta = Delta::parse(&script).unwrap();
                let mut check = vec![0; made.len()];
                delta.apply(&base, &mut check).unwrap();
                assert_eq!(check, made);
                let (plain, fine) = Outline::read(&made, None, 20, &mut look);
                let (quick, also) = Outline::read(&made, Some((&outline, delta)), 20, &mut look);
                assert_eq!(fine, also, "{cut} {from}");
                if fine {
                    assert_eq!((plain.starts, plain.marks), (quick.starts, quick.marks));
                }
            }
        }
    }

    #[test]
    fn malformed_trees_are_noticed() {
        let whole = entry("40000", "a", 1);
        for end in 1..whole.len() {
            assert!(!Outline::read(&whole[..end], None, 20, &mut look).1, "{end}");
        }
        assert!(Outline::read(b"", None, 20, &mut look).1);
        assert!(!Outline::read(&entry("123456789", "a", 1), None, 20, &mut look).1);
    }
}
