//! Tar archives.
//!
//! In: a reader over an archive. Out: its files, one part each, by name.

use std::io::{self, BufRead};

use tar::{Archive, Header};

use super::ahead::Ahead;
use super::{Fault, Meter, Sink};

/// Bytes of a header, and what all lengths are a multiple of.
const BLOCK: usize = 512;

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
pub(super) fn walk(ahead: &mut Ahead<'_>, meter: &Meter, sink: &mut dyn Sink) -> Result<(), Fault> {
    let outcome = loop {
        if let Err(cause) = files(&mut Archive::new(&mut *ahead), meter, sink) {
            break Err(cause);
        }
        // Two archives in a row are one to those who unpack them so.
        match next(ahead) {
            Ok(true) if !sink.stopped() => {}
            outcome => break outcome.map(|_| ()),
        }
    };
    outcome.or_else(|cause| meter.explain(&cause).map_or(Ok(()), Err))
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

fn files(
    archive: &mut Archive<&mut Ahead<'_>>,
    meter: &Meter,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    for entry in archive.entries()? {
        let mut entry = entry?;
        meter.enter()?;
        if sink.stopped() {
            break;
        }
        if entry.size() > 0 {
            let name = entry.path_bytes().into_owned();
            sink.part(Some(&name), &mut entry);
        }
    }
    Ok(())
}
