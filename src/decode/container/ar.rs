//! Ar archives: Debian packages and static libraries.
//!
//! In: a reader over an archive. Out: its members, one part each, by name.

use std::io::{self, BufRead, Read};

use super::ahead::Ahead;
use super::{Meter, Sink};

/// What an archive begins with.
const MAGIC: usize = 8;
/// Length of a member's header.
const HEADER: usize = 60;
/// Longest table of names that is kept.
const NAMES: u64 = 1 << 20;

/// Hands out the members of an archive.
pub(super) fn walk(ahead: &mut Ahead<'_>, meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    ahead.peek(MAGIC)?;
    ahead.consume(MAGIC);
    let mut names = Vec::new();
    while !sink.stopped() {
        let ready = ahead.peek(HEADER)?;
        if ready.is_empty() {
            break;
        }
        let Some(header) = ready.first_chunk::<HEADER>().copied() else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let size = trim(&header[48..58]);
        let size = std::str::from_utf8(size).ok().and_then(|size| size.parse::<u64>().ok());
        let size = size.filter(|_| header.ends_with(b"`\n"));
        // What is no header is handed out as it stands.
        let Some(size) = size else { return Err(io::Error::other("no header of a member")) };
        ahead.consume(HEADER);
        meter.enter()?;
        member(ahead, &header[..16], size, &mut names, sink)?;
        if size % 2 == 1 && ahead.peek(1)?.first() == Some(&b'\n') {
            ahead.consume(1);
        }
    }
    Ok(())
}

fn member(
    ahead: &mut Ahead<'_>,
    short: &[u8],
    size: u64,
    names: &mut Vec<u8>,
    sink: &mut dyn Sink,
) -> io::Result<()> {
    let mut bytes = ahead.take(size);
    match trim(short) {
        b"//" => {
            let room = NAMES.saturating_sub(names.len() as u64);
            (&mut bytes).take(room).read_to_end(names)?;
        }
        // The table of symbols.
        b"/" | b"/SYM64/" => sink.part(None, &mut bytes),
        name => {
            let name = full(name, names, &mut bytes)?;
            sink.part(Some(&name), &mut bytes);
        }
    }
    io::copy(&mut bytes, &mut io::sink())?;
    if bytes.limit() > 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// A member's name, which may stand in the table of names or in front of its bytes.
fn full(name: &[u8], names: &[u8], bytes: &mut dyn Read) -> io::Result<Vec<u8>> {
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<usize>().ok();
    if let Some(length) = name.strip_prefix(b"#1/").and_then(number) {
        let mut name = Vec::new();
        bytes.take(length.min(4096) as u64).read_to_end(&mut name)?;
        let end = name.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
        name.truncate(end);
        return Ok(name);
    }
    let listed = name.strip_prefix(b"/").and_then(number).and_then(|at| names.get(at..));
    let name = listed.map_or(name, |rest| rest.split(|b| *b == b'\n').next().unwrap_or_default());
    Ok(name.strip_suffix(b"/").unwrap_or(name).to_vec())
}

/// A field without the blanks that fill it up.
fn trim(field: &[u8]) -> &[u8] {
    field.trim_ascii_end()
}
