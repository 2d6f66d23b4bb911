//! Positioned reads from a pack.
//!
//! In: ranges of a file that many threads read at once. Out: their bytes. A tour jumps back and forth among the
//! entries of a tree of deltas, which lie all over the file: read in blocks, each block would be read tens of times.
//! So a file of moderate length is held in memory; of a longer one, each thread's [`Window`] keeps some blocks.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;

/// Bytes that are read at once.
const BLOCK: usize = 64 << 10;
/// Blocks that a window keeps.
const BLOCKS: usize = 256;

/// A file that is read at given offsets.
#[derive(Debug)]
pub(super) struct Positioned {
    #[cfg(unix)]
    file: File,
    #[cfg(not(unix))]
    file: std::sync::Mutex<File>,
    len: u64,
    /// All of it, or nothing.
    held: Vec<u8>,
}

impl Positioned {
    /// Opens a regular file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let facts = file.metadata()?;
        if !facts.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        Ok(Self {
            #[cfg(unix)]
            file,
            #[cfg(not(unix))]
            file: std::sync::Mutex::new(file),
            len: facts.len(),
            held: Vec::new(),
        })
    }

    /// Opens a regular file, and holds it in memory if it has at most `most` bytes.
    pub(super) fn hold(path: &Path, most: u64) -> io::Result<Self> {
        let mut opened = Self::open(path)?;
        if opened.len <= most {
            let len = usize::try_from(opened.len).map_err(io::Error::other)?;
            opened.held.try_reserve_exact(len).map_err(io::Error::other)?;
            File::open(path)?.take(opened.len).read_to_end(&mut opened.held)?;
            // One that shrank meanwhile fails where it ends.
            opened.len = opened.held.len() as u64;
        }
        Ok(opened)
    }

    /// A range, if it is held.
    fn held(&self, range: Range<u64>) -> Option<&[u8]> {
        let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
        self.held.get(range)
    }

    /// Length when it was opened.
    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// Fills `out` with what stands at `offset`.
    #[cfg(unix)]
    pub(super) fn read(&self, out: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, out, offset)
    }

    /// Fills `out` with what stands at `offset`.
    #[cfg(not(unix))]
    pub(super) fn read(&self, out: &mut [u8], offset: u64) -> io::Result<()> {
        use std::io::{Seek, SeekFrom};
        let mut file = self.file.lock().expect("no reader panics");
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(out)
    }
}

/// One thread's view of a file.
pub(super) struct Window<'f> {
    file: &'f Positioned,
    /// Blocks of the file, each where its number says.
    blocks: Vec<Stretch>,
    /// The last range that no block holds as a whole.
    lone: Stretch,
}

/// A stretch of a file in memory, which is zeroed only once.
#[derive(Default)]
struct Stretch {
    memory: Vec<u8>,
    start: u64,
    len: usize,
}

impl Stretch {
    /// Where in memory a range of the file lies, if it does.
    fn find(&self, start: u64, len: usize) -> Option<Range<usize>> {
        let at = usize::try_from(start.checked_sub(self.start)?).ok()?;
        let end = at.checked_add(len)?;
        (end <= self.len).then_some(at..end)
    }

    /// Empties it, to hold `len` bytes from `start` on.
    fn open(&mut self, start: u64, len: usize) -> &mut [u8] {
        (self.start, self.len) = (start, 0);
        if self.memory.len() < len {
            self.memory.resize(len, 0);
        }
        &mut self.memory[..len]
    }
}

impl<'f> Window<'f> {
    pub(super) fn new(file: &'f Positioned) -> Self {
        Self { file, blocks: Vec::new(), lone: Stretch::default() }
    }

    /// The bytes of `range`, which must lie in the file and fit into memory.
    pub(super) fn get(&mut self, range: Range<u64>) -> io::Result<&[u8]> {
        if let Some(held) = self.file.held(range.clone()) {
            return Ok(held);
        }
        let too_long = |_| io::Error::other("longer than memory");
        let len = usize::try_from(range.end.saturating_sub(range.start)).map_err(too_long)?;
        if range.end > self.file.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if range.start / BLOCK as u64 == range.end.saturating_sub(1) / BLOCK as u64 {
            return self.block(range.start).map(|bytes| &bytes[..len]);
        }
        if self.lone.find(range.start, len).is_none() {
            self.gather(range.start, len)?;
        }
        let found = self.lone.find(range.start, len);
        Ok(&self.lone.memory[found.ok_or(io::ErrorKind::UnexpectedEof)?])
    }

    /// The rest of the block that holds `start`, from there on.
    fn block(&mut self, start: u64) -> io::Result<&[u8]> {
        let number = start / BLOCK as u64;
        let slot = usize::try_from(number % BLOCKS as u64).expect("the number of a slot");
        if self.blocks.len() <= slot {
            self.blocks.resize_with(slot + 1, Stretch::default);
        }
        let block = &mut self.blocks[slot];
        let first = number * BLOCK as u64;
        if block.start != first || block.len == 0 {
            let left = self.file.len().saturating_sub(first);
            let len = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
            self.file.read(block.open(first, len), first)?;
            block.len = len;
        }
        let at = usize::try_from(start - first).expect("shorter than a block");
        Ok(block.memory.get(at..block.len).unwrap_or_default())
    }

    /// Puts together a range that no block holds as a whole.
    fn gather(&mut self, start: u64, len: usize) -> io::Result<()> {
        let mut lone = std::mem::take(&mut self.lone);
        let memory = lone.open(start, len);
        if len > 4 * BLOCK {
            self.file.read(memory, start)?;
        } else {
            let mut filled = 0;
            while filled < len {
                let part = self.block(start + filled as u64)?;
                let part = &part[..part.len().min(len - filled)];
                memory[filled..filled + part.len()].copy_from_slice(part);
                filled += part.len();
            }
        }
        lone.len = len;
        self.lone = lone;
        Ok(())
    }

    /// Gives the memory of an unusually long range back.
    pub(super) fn shrink(&mut self) {
        if self.lone.memory.len() > 64 * BLOCK {
            self.lone = Stretch::default();
        }
    }
}

/// Reads a file from an offset on, for ranges that do not fit into memory.
pub(super) struct Tail<'f> {
    file: &'f Positioned,
    range: Range<u64>,
}

impl<'f> Tail<'f> {
    pub(super) const fn new(file: &'f Positioned, range: Range<u64>) -> Self {
        Self { file, range }
    }
}

impl io::Read for Tail<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.range.end.saturating_sub(self.range.start);
        let len = usize::try_from(left).map_or(out.len(), |left| left.min(out.len()));
        self.file.read(&mut out[..len], self.range.start)?;
        self.range.start += len as u64;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn every_order_of_reads_gives_the_same_bytes() {
        let bytes: Vec<u8> = (0..=250).cycle().step_by(31).take(3 * BLOCK * 4).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        for most in [0, u64::MAX] {
            every_order(&Positioned::hold(file.path(), most).unwrap(), &bytes);
        }
    }

    fn every_order(file: &Positioned, bytes: &[u8]) {
        let mut window = Window::new(file);
        let end = bytes.len();
        for range in [
            0..10,
            5..300,
            BLOCK - 3..BLOCK + 3,
            10..20,
            end - 5..end,
            end - 50..end - 5,
            0..end,
            7..7,
            BLOCK..2 * BLOCK + 9,
            BLOCK + 1..7 * BLOCK + 9,
            BLOCK..2 * BLOCK,
            end..end,
        ] {
            let read = window.get(range.start as u64..range.end as u64).unwrap();
            assert_eq!(read, &bytes[range]);
            window.shrink();
        }
        assert!(window.get(end as u64 - 1..end as u64 + 1).is_err());
        assert!(window.get(u64::MAX - 1..u64::MAX).is_err());
        let mut tail = Vec::new();
        let range = 100..end as u64 - 1;
        Tail::new(file, range).read_to_end(&mut tail).unwrap();
        assert_eq!(tail, &bytes[100..end - 1]);
    }
}
