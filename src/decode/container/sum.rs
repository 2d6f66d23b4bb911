//! A checksum over what is read.
//!
//! In: a reader. Out: the same bytes, and their CRC-32 once they have been read to their end.

use std::io::{self, Read};

/// Sums what passes through it.
pub(super) struct Summed<'r> {
    reader: &'r mut dyn Read,
    hasher: crc32fast::Hasher,
    ended: bool,
}

impl<'r> Summed<'r> {
    pub(super) fn new(reader: &'r mut dyn Read) -> Self {
        Self { reader, hasher: crc32fast::Hasher::new(), ended: false }
    }

    /// The sum; `None` where the end was not reached.
    pub(super) fn sum(self) -> Option<u32> {
        self.ended.then(|| self.hasher.finalize())
    }
}

impl Read for Summed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(out)?;
        self.ended |= count == 0 && !out.is_empty();
        self.hasher.update(&out[..count]);
        Ok(count)
    }
}
