//! Positioned reads from a pack.
//!
//! In: ranges of a file that many threads read at once. Out: their bytes. A pack is read almost in
//! order, so a [`Window`] keeps the stretch around the last read and asks the system rarely.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

/// Bytes that a window holds.
const WINDOW: usize = 256 << 10;

/// A file that is read at given offsets.
#[derive(Debug)]
pub(super) struct Positioned {
    #[cfg(unix)]
    file: File,
    #[cfg(not(unix))]
    file: std::sync::Mutex<File>,
    len: u64,
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
        })
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
        use std::io::{Read, Seek, SeekFrom};
        let mut file = self.file.lock().expect("no reader panics");
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(out)
    }
}

/// One thread's view of a file.
pub(super) struct Window<'f> {
    file: &'f Positioned,
    /// What was read ahead of need.
    ahead: Stretch,
    /// The last range that was read on its own.
    lone: Stretch,
    /// End of the last range that was not at hand.
    last: u64,
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

    fn fill(&mut self, file: &Positioned, start: u64, len: usize) -> io::Result<()> {
        self.len = 0;
        if start.checked_add(len as u64).is_none_or(|end| end > file.len()) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if self.memory.len() < len {
            self.memory.resize(len, 0);
        }
        file.read(&mut self.memory[..len], start)?;
        (self.start, self.len) = (start, len);
        Ok(())
    }
}

impl<'f> Window<'f> {
    pub(super) fn new(file: &'f Positioned) -> Self {
        Self { file, ahead: Stretch::default(), lone: Stretch::default(), last: 0 }
    }

    /// The bytes of `range`, which must lie in the file and fit into memory.
    pub(super) fn get(&mut self, range: Range<u64>) -> io::Result<&[u8]> {
        let too_long = |_| io::Error::other("longer than memory");
        let len = usize::try_from(range.end.saturating_sub(range.start)).map_err(too_long)?;
        if let Some(found) = self.ahead.find(range.start, len) {
            return Ok(&self.ahead.memory[found]);
        }
        if self.lone.find(range.start, len).is_none() {
            // A jump is read alone; reading ahead starts once two reads follow each other.
            let follows = range.start >= self.last && range.start - self.last < WINDOW as u64;
            self.last = range.end;
            if follows && len <= WINDOW {
                let left = self.file.len().saturating_sub(range.start);
                let ahead = usize::try_from(left).map_or(WINDOW, |left| left.min(WINDOW));
                self.ahead.fill(self.file, range.start, ahead.max(len))?;
                return Ok(&self.ahead.memory[..len]);
            }
            self.lone.fill(self.file, range.start, len)?;
        }
        let found = self.lone.find(range.start, len);
        Ok(&self.lone.memory[found.ok_or(io::ErrorKind::UnexpectedEof)?])
    }

    /// Gives the memory of an unusually long range back.
    pub(super) fn shrink(&mut self) {
        if self.lone.memory.len() > 16 * WINDOW {
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
    use std::io::{Read, Write};

    #[test]
    fn every_order_of_reads_gives_the_same_bytes() {
        let bytes: Vec<u8> = (0..=250).cycle().step_by(31).take(3 * WINDOW).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let file = Positioned::open(file.path()).unwrap();
        let mut window = Window::new(&file);
        let end = bytes.len();
        for range in [
            0..10,
            5..300,
            WINDOW - 3..WINDOW + 3,
            10..20,
            end - 5..end,
            end - 50..end - 5,
            0..end,
            7..7,
            WINDOW..2 * WINDOW + 9,
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
        Tail::new(&file, range).read_to_end(&mut tail).unwrap();
        assert_eq!(tail, &bytes[100..end - 1]);
    }
}
