//! RPM packages.
//!
//! In: a reader over a package. Out: its header, which holds the scripts that are run at installation, and what is
//! packed behind it, mostly a compressed cpio archive.

use std::io::{self, Read};

use super::Sink;
use super::ahead::Ahead;

/// Length of the lead, which says nothing more.
const LEAD: u64 = 96;
/// What a header begins with.
const MAGIC: [u8; 3] = [0x8e, 0xad, 0xe8];

/// Hands out the header; the payload is what follows it.
pub(super) fn walk(ahead: &mut Ahead<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    io::copy(&mut ahead.take(LEAD), &mut io::sink())?;
    let signature = header(ahead, sink)?;
    let padding = signature.next_multiple_of(8) - signature;
    io::copy(&mut ahead.take(padding), &mut io::sink())?;
    header(ahead, sink)?;
    Ok(())
}

/// Hands out a header and returns its length.
fn header(ahead: &mut Ahead<'_>, sink: &mut dyn Sink) -> io::Result<u64> {
    let mut head = [0; 16];
    ahead.read_exact(&mut head)?;
    if !head.starts_with(&MAGIC) {
        return Err(io::Error::other("no header"));
    }
    let [.., a, b, c, d, e, f, g, h] = head;
    let index = u64::from(u32::from_be_bytes([a, b, c, d])) * 16;
    let length = index + u64::from(u32::from_be_bytes([e, f, g, h]));
    let mut bytes = ahead.take(length);
    io::copy(&mut (&mut bytes).take(index), &mut io::sink())?;
    sink.part(Some(b"header"), &mut bytes);
    io::copy(&mut bytes, &mut io::sink())?;
    if bytes.limit() > 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(length + 16) }
}
