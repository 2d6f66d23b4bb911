//! Cpio archives, as in RPM packages and the first file system of Linux.
//!
//! In: a reader over an archive. Out: its files, one part each, by name.

use std::io::{self, BufRead, Read};

use super::ahead::Ahead;
use super::{Meter, Sink};

/// The name that ends an archive.
const TRAILER: &[u8] = b"TRAILER!!!";
/// Longest name.
const NAME: u64 = 64 << 10;

/// What an entry's header says.
struct Entry {
    /// Bytes of the name, the NUL at its end included.
    name: u64,
    size: u64,
    /// What name and bytes are filled up to multiples of, the header included.
    align: u64,
    header: u64,
}

/// Hands out the files of an archive.
pub(super) fn walk(ahead: &mut Ahead<'_>, meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    while !sink.stopped() {
        let Some(entry) = Entry::read(ahead)? else {
            return Err(io::Error::other("no header of an entry"));
        };
        meter.enter()?;
        let mut name = Vec::new();
        ahead.take(entry.name.min(NAME)).read_to_end(&mut name)?;
        pass(ahead, entry.name.saturating_sub(NAME) + entry.padding(entry.header + entry.name))?;
        let name = name.split(|b| *b == 0).next().unwrap_or_default();
        if name == TRAILER {
            break;
        }
        let mut bytes = ahead.take(entry.size);
        if entry.size > 0 {
            sink.part(Some(name), &mut bytes);
        }
        io::copy(&mut bytes, &mut io::sink())?;
        let left = bytes.limit();
        pass(ahead, left + entry.padding(entry.size))?;
    }
    // The last block is filled up.
    while ahead.peek(4)?.starts_with(&[0]) {
        ahead.consume(1);
    }
    Ok(())
}

impl Entry {
    fn read(ahead: &mut Ahead<'_>) -> io::Result<Option<Self>> {
        let ready = ahead.peek(110)?;
        let field = |at: usize, length: usize, base: u32| {
            let digits = std::str::from_utf8(ready.get(at..at + length)?).ok()?;
            u64::from_str_radix(digits, base).ok()
        };
        let entry = match ready.get(..6) {
            Some(b"070701" | b"070702") => field(94, 8, 16)
                .zip(field(54, 8, 16))
                .map(|(name, size)| Self { name, size, align: 4, header: 110 }),
            Some(b"070707") => field(59, 6, 8).zip(field(65, 11, 8)).map(|(name, size)| Self {
                name,
                size,
                align: 1,
                header: 76,
            }),
            _ => None,
        };
        if let Some(entry) = &entry {
            ahead.consume(usize::try_from(entry.header).unwrap_or_default());
        }
        Ok(entry)
    }

    /// Bytes that fill up what is `length` long.
    const fn padding(&self, length: u64) -> u64 {
        length.next_multiple_of(self.align) - length
    }
}

/// Passes over bytes.
fn pass(ahead: &mut Ahead<'_>, count: u64) -> io::Result<()> {
    let passed = io::copy(&mut ahead.take(count), &mut io::sink())?;
    if passed < count { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}
