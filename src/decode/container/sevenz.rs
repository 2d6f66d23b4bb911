//! 7z archives.
//!
//! In: an archive. Out: its files, one part each, by name; then the bytes that the headers do not speak of. The crates that
//! read the format want to seek in the archive and hold what they unpack; the coders are those of the streams that
//! stand alone.

mod coder;
mod header;

use std::io::{self, Read};
use std::ops::Range;

use self::header::{Folder, Header};
use super::{Fault, Meter, Sink};
use crate::source::SkipReason;

/// Headers that are packed in each other.
const HEADERS: usize = 4;
/// Longest header.
const HEADER: u64 = 16 << 20;
/// What stands before everything else.
const FRONT: usize = 32;

/// Hands out the files of an archive.
pub(super) fn walk(file: &[u8], meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    let (header, place) = match open(file, meter) {
        Ok(opened) => opened,
        Err(fault) => {
            sink.fault(None, fault);
            sink.plain(&mut &file[..]);
            return Ok(());
        }
    };
    let mut names = header.names.iter();
    let mut start = header.packed;
    for folder in &header.folders {
        if sink.stopped() || meter.is_spent() {
            break;
        }
        let packed = folder.slice(file, &mut start);
        unpack(folder, packed, &mut names, (meter, sink))?;
    }
    // Where the header is packed, that stands between the files and what leads to it.
    let gap = file.get(start..place.start).filter(|_| !header.is_led_to).unwrap_or_default();
    let rest = [gap, &file[place.end..]].concat();
    if !rest.is_empty() {
        sink.plain(&mut &rest[..]);
    }
    Ok(())
}

/// Reads the header, which is mostly packed itself.
fn open(file: &[u8], meter: &Meter) -> Result<(Header, Range<usize>), Fault> {
    let damaged = || Fault::new(SkipReason::Damaged, "no header");
    let long = |at: usize| {
        let bytes = file.get(at..)?.first_chunk().copied();
        bytes.and_then(|bytes| usize::try_from(u64::from_le_bytes(bytes)).ok())
    };
    let start = long(12).and_then(|at| at.checked_add(FRONT));
    let range = start.and_then(|start| Some(start..start.checked_add(long(20)?)?));
    let range = range.filter(|range| file.get(range.clone()).is_some()).ok_or_else(damaged)?;
    let mut bytes = file[range.clone()].to_vec();
    if bytes.is_empty() {
        return Ok((Header::default(), range));
    }
    for led in 0..HEADERS {
        let mut header = Header::read(&bytes).ok_or_else(damaged)?;
        if !header.is_packed {
            header.is_led_to = led > 0;
            return Ok((header, range));
        }
        let mut start = header.packed;
        let folder = header.folders.first().ok_or_else(damaged)?;
        let mut plain = coder::open(folder, folder.slice(file, &mut start))?;
        let mut next = Vec::new();
        let mut plain = meter.unpacking(&mut plain).take(HEADER.min(folder.length()));
        plain.read_to_end(&mut next).map_err(|_| damaged())?;
        bytes = next;
    }
    Err(damaged())
}

/// Hands out the files of a folder, whose contents follow each other in one stream.
fn unpack<'n>(
    folder: &Folder,
    packed: &[u8],
    names: &mut impl Iterator<Item = &'n Vec<u8>>,
    (meter, sink): (&Meter, &mut dyn Sink),
) -> io::Result<()> {
    let mut plain = match coder::open(folder, packed) {
        Ok(plain) => plain,
        Err(fault) => {
            for _ in &folder.files {
                sink.fault(names.next().map(|name| &name[..]), fault.clone());
            }
            return Ok(());
        }
    };
    let mut plain = meter.unpacking(&mut plain);
    for (at, size) in folder.files.iter().enumerate() {
        let name = names.next().map(|name| &name[..]);
        meter.enter()?;
        if sink.stopped() || meter.is_spent() {
            break;
        }
        let mut bytes = (&mut plain).take(*size);
        sink.part(name, &mut bytes);
        let outcome = io::copy(&mut bytes, &mut io::sink());
        if outcome.is_err() || bytes.limit() > 0 {
            // The part has told of its own end; those that follow are lost.
            let left = folder.files.len() - at - 1;
            for name in names.take(left) {
                let told = "a file before it in the archive breaks off";
                sink.fault(Some(name), Fault::new(SkipReason::Damaged, told));
            }
            let cause = io::Error::other("a file breaks off");
            return Err(outcome.err().unwrap_or(cause));
        }
    }
    Ok(())
}
