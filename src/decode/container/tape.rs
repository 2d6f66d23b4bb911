//! Tar archives.
//!
//! In: a reader over an archive. Out: its files, one part each, by name.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use tar::{Archive, Header};

use super::ahead::Ahead;
use super::{Meter, Sink};

/// Bytes of a header, and what all lengths are a multiple of.
const BLOCK: usize = 512;

/// Bytes of headers, long names and other facts that may stand before a file.
const HEADERS: u64 = 1 << 20;

/// Whether `head` is the header of a tar archive's first entry: only its checksum tells.
pub(super) fn is_header(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else {
        return false;
    };
    // Nearly all text says no here.
    let mut digits = block[148..156].iter().take_while(|byte| **byte != 0);
    if !digits.all(|b| b.is_ascii_whitespace() || matches!(b, 0x0b | b'+' | b'0'..=b'7')) {
        return false;
    }
    let sum = || block[..148].iter().chain(&block[156..]).map(|&b| u32::from(b)).sum::<u32>();
    let stored = Header::from_byte_slice(block).cksum();
    block[0] != 0 && stored.is_ok_and(|stored| stored == sum() + 8 * u32::from(b' '))
}

/// Hands out the files of an archive.
pub(super) fn walk(ahead: &mut Ahead<'_>, meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    loop {
        files(ahead, meter, sink)?;
        // Two archives in a row are one to those who unpack them so.
        match next(ahead) {
            Ok(true) if !sink.stopped() => {}
            outcome => return outcome.map(|_| ()),
        }
    }
}

/// Passes over the zeros at an archive's end; tells whether another one follows.
fn next(ahead: &mut Ahead<'_>) -> io::Result<bool> {
    loop {
        let ready = ahead.peek(BLOCK)?;
        if ready.is_empty() || ready.iter().take(BLOCK).any(|&b| b != 0) {
            return Ok(is_header(ready));
        }
        ahead.consume(BLOCK);
    }
}

fn files(ahead: &mut Ahead<'_>, meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    let left = Cell::new(HEADERS);
    let mut archive = Archive::new(Rationed { ahead, left: &left });
    for entry in archive.entries()? {
        let mut entry = entry?;
        meter.enter()?;
        if sink.stopped() {
            break;
        }
        left.set(u64::MAX);
        if entry.size() > 0 {
            let name = entry.path_bytes().into_owned();
            if entry.header().entry_type().is_gnu_sparse() {
                // Its holes are bytes that take up none: it unpacks.
                hand_out(&name, &mut meter.unpacking(&mut entry), sink)?;
            } else {
                hand_out(&name, &mut entry, sink)?;
            }
        }
        left.set(HEADERS);
    }
    Ok(())
}

/// Hands a file out and moves on behind it.
fn hand_out(name: &[u8], file: &mut dyn Read, sink: &mut dyn Sink) -> io::Result<()> {
    sink.part(Some(name), file);
    if !sink.stopped() {
        io::copy(file, &mut io::sink())?;
    }
    Ok(())
}

/// An archive, of which so many bytes may be read and no more: the names in front of a file are kept in memory, and
/// may claim any length.
struct Rationed<'a, 'r> {
    ahead: &'a mut Ahead<'r>,
    left: &'a Cell<u64>,
}

impl Read for Rationed<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::other("what stands before a file is longer than 1 MiB"));
        }
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        let count = self.ahead.read(&mut out[..room])?;
        self.left.set(left - count as u64);
        Ok(count)
    }
}
