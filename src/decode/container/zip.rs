//! Zip archives.
//!
//! In: a reader over an archive. Out: its entries, one part each, by name, in the order they lie in it.
//!
//! The headers before the entries are followed, not the directory at the end: so an archive can be read from a pipe,
//! one that is cut off can be read as far as it goes, and an entry that the directory leaves out hides nothing.

use std::io::{self, BufRead, Read};

use super::ahead::Ahead;
use super::sum::Summed;
use super::{Fault, Format, Meter, Sink, packed};
use crate::source::SkipReason;

const ENTRY: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// What begins the directory, its end, or what stands between.
const DIRECTORY: [[u8; 4]; 4] = [*b"PK\x01\x02", END, *b"PK\x06\x06", *b"PK\x06\x08"];

/// Length of an entry's header, names apart.
const HEADER: usize = 30;
/// A size that stands elsewhere.
const ELSEWHERE: u32 = u32::MAX;
/// Behind the directory: its end, and how long that is without a comment.
const END: [u8; 4] = *b"PK\x05\x06";
const END_LENGTH: usize = 22;
/// Longest name of a file that is looked for behind a program.
const NAME: u16 = 1024;
/// What ends the block of signatures that an apk has between entries and directory.
const SIGNATURES: &[u8] = b"APK Sig Block 42";

/// What an entry's header says.
struct Entry {
    name: Vec<u8>,
    method: u16,
    encrypted: bool,
    /// How many bytes it takes; `None` where only its own end tells.
    size: Option<u64>,
    /// The checksum of what it unpacks to; 0 where it stands behind it.
    sum: u32,
    /// Whether its checksum and sizes stand behind it.
    described: bool,
}

/// Where entries begin in the bytes of something else, as far as their headers tell.
pub(super) fn entries(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    memchr::memmem::find_iter(bytes, &ENTRY).filter(|at| is_header(&bytes[*at..]))
}

/// Whether `bytes` begin with the header of an entry that any program writes: made by version 1 to 6.3, of a known
/// method, and with a name that is text.
fn is_header(bytes: &[u8]) -> bool {
    let Some(head) = bytes.first_chunk::<HEADER>() else { return false };
    let short = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let length = short(26);
    let name = bytes.get(HEADER..HEADER + usize::from(length));
    (10..=63).contains(&short(4))
        && matches!(short(8), 0 | 8 | 9 | 12 | 14 | 93 | 95 | 99)
        && (1..=NAME).contains(&length)
        && name.is_some_and(|name| !name.iter().any(u8::is_ascii_control))
}

/// Whether `tail`, with which a file ends, ends with the end of an archive.
pub(super) fn ends(tail: &[u8]) -> bool {
    let from = tail.len().saturating_sub(END_LENGTH + usize::from(u16::MAX));
    let is_end = |at: usize| {
        let comment = tail.get(at + END_LENGTH - 2..).and_then(<[u8]>::first_chunk::<2>);
        let length = comment.map(|length| usize::from(u16::from_le_bytes(*length)));
        length.is_some_and(|length| at + END_LENGTH + length == tail.len())
    };
    memchr::memmem::find_iter(&tail[from..], &END).any(|at| is_end(from + at))
}

/// Hands out the entries of an archive.
pub(super) fn walk(ahead: &mut Ahead<'_>, meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    while !sink.stopped() {
        let Some(&signature) = ahead.peek(4)?.first_chunk::<4>() else {
            let told = "the archive ends before its directory";
            sink.fault(None, Fault::new(SkipReason::Damaged, told));
            return Ok(());
        };
        if DIRECTORY.contains(&signature) {
            // The directory and what follows, comments too, are handed out as they stand.
            return Ok(());
        }
        if signature == ENTRY {
            meter.enter()?;
            let entry = Entry::read(ahead)?;
            entry.hand_out(ahead, meter, sink)?;
        } else {
            gap(ahead, sink)?;
        }
    }
    Ok(())
}

/// Hands out bytes that no header describes, up to the next one.
fn gap(ahead: &mut Ahead<'_>, sink: &mut dyn Sink) -> io::Result<()> {
    let mut gap = Gap { ahead, last: [0; SIGNATURES.len()], first: true };
    sink.part(None, &mut gap);
    io::copy(&mut gap, &mut io::sink())?;
    if gap.last != SIGNATURES {
        let told = "bytes between the entries belong to none; they are searched as they stand";
        sink.fault(None, Fault::new(SkipReason::Damaged, told));
    }
    Ok(())
}

impl Entry {
    /// Reads a header.
    fn read(ahead: &mut Ahead<'_>) -> io::Result<Self> {
        let mut head = [0; HEADER];
        ahead.read_exact(&mut head)?;
        let short = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let long =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let mut name = vec![0; usize::from(short(26))];
        ahead.read_exact(&mut name)?;
        let mut extra = vec![0; usize::from(short(28))];
        ahead.read_exact(&mut extra)?;
        let flags = short(6);
        let size = match long(18) {
            0 if flags & 8 != 0 => None,
            ELSEWHERE => wide_size(&extra),
            size => Some(u64::from(size)),
        };
        let (encrypted, described) = (flags & 1 != 0, flags & 8 != 0);
        Ok(Self { name, method: short(8), encrypted, size, sum: long(14), described })
    }

    /// Hands the entry out and moves on behind it.
    fn hand_out(
        &self,
        ahead: &mut Ahead<'_>,
        meter: &Meter,
        sink: &mut dyn Sink,
    ) -> io::Result<()> {
        let name = Some(&self.name[..]);
        let format = self.format();
        let mut sum = None;
        let mut take = |reader: &mut dyn Read| {
            let mut summed = Summed::new(reader);
            sink.part(name, &mut summed);
            sum = summed.sum();
        };
        if let (Some(size), &Ok(format)) = (self.size, &format) {
            let mut bytes = ahead.take(size);
            if size > 0 {
                part(format, &mut bytes, meter, take);
            }
            pass(&mut bytes)?;
        } else if let Ok(Some(Format::Zlib)) = format {
            // It ends by itself.
            let mut plain = sirocco::inflate::Reader::new(sirocco::Format::Deflate, &mut *ahead);
            let mut reader = meter.unpacking(&mut plain);
            take(&mut reader);
            if sink.stopped() {
                return Ok(());
            }
            io::copy(&mut reader, &mut io::sink())?;
        } else {
            let told = "only its end could tell how long the entry is";
            sink.fault(name, format.err().unwrap_or(Fault::new(SkipReason::Packed, told)));
            pass(&mut ahead.take(self.size.unwrap_or(0)))?;
        }
        let behind = if self.described { descriptor(ahead)? } else { 0 };
        let told = if self.sum == 0 { behind } else { self.sum };
        if told != 0 && sum.is_some_and(|sum| sum != told) {
            let told = "its checksum is another one; it is searched as it stands";
            sink.fault(name, Fault::new(SkipReason::Damaged, told));
        }
        Ok(())
    }

    /// How the entry is compressed, if at all.
    fn format(&self) -> Result<Option<Format>, Fault> {
        if self.encrypted {
            return Err(Fault::new(SkipReason::Encrypted, "the entry is encrypted"));
        }
        match self.method {
            0 => Ok(None),
            // Without the two bytes in front and the checksum behind.
            8 => Ok(Some(Format::Zlib)),
            12 => Ok(Some(Format::Bzip2)),
            93 => Ok(Some(Format::Zstd)),
            95 => Ok(Some(Format::Xz)),
            method => {
                let told = format!("the entry is compressed by method {method}");
                Err(Fault::new(SkipReason::Packed, told))
            }
        }
    }
}

/// Gives `take` a reader over what `bytes` stand for.
fn part(
    format: Option<Format>,
    bytes: &mut io::Take<&mut Ahead<'_>>,
    meter: &Meter,
    mut take: impl FnMut(&mut dyn Read),
) {
    match format {
        None => take(bytes),
        Some(Format::Zlib) => {
            let mut plain = sirocco::inflate::Reader::new(sirocco::Format::Deflate, bytes);
            take(&mut meter.unpacking(&mut plain));
        }
        Some(format) => take(&mut meter.unpacking(&mut packed::open(format, bytes))),
    }
}

/// Passes over what is left.
fn pass(bytes: &mut io::Take<&mut Ahead<'_>>) -> io::Result<()> {
    io::copy(bytes, &mut io::sink())?;
    if bytes.limit() > 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends in an entry"));
    }
    Ok(())
}

/// Passes over the checksum and sizes that stand behind an entry, in their shorter or longer form. Gives the checksum;
/// 0 where there is none.
fn descriptor(ahead: &mut Ahead<'_>) -> io::Result<u32> {
    let known = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| bytes.starts_with(b"PK"));
    let next = ahead.peek(28)?;
    let marked = if next.starts_with(&DESCRIPTOR) { 4 } else { 0 };
    let length = [12, 20].map(|length| marked + length);
    let length = length.into_iter().find(|&length| known(next.get(length..))).unwrap_or(0);
    let sum = next[..length].get(marked..).and_then(<[u8]>::first_chunk);
    let sum = sum.map_or(0, |sum| u32::from_le_bytes(*sum));
    ahead.consume(length);
    Ok(sum)
}

/// The size of an entry of 4 GiB and more.
fn wide_size(mut extra: &[u8]) -> Option<u64> {
    while let Some((&[a, b, c, d], rest)) = extra.split_first_chunk::<4>() {
        let (field, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([c, d])))?;
        if u16::from_le_bytes([a, b]) == 1 {
            return Some(u64::from_le_bytes(*field.get(8..)?.first_chunk()?));
        }
        extra = rest;
    }
    None
}

/// The bytes up to the next header.
struct Gap<'g, 'r> {
    ahead: &'g mut Ahead<'r>,
    last: [u8; SIGNATURES.len()],
    first: bool,
}

impl Read for Gap<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // At least one byte is passed, or the search would not move.
        let from = usize::from(std::mem::take(&mut self.first));
        let ready = self.ahead.peek(64)?;
        let begins = |at: &usize| {
            let head = ready[*at..].first_chunk::<4>();
            head.is_some_and(|head| *head == ENTRY || DIRECTORY.contains(head))
        };
        let next = memchr::memchr_iter(b'P', ready.get(from..).unwrap_or_default());
        let until = next.map(|at| at + from).find(begins);
        // A header may begin in the last three bytes, unless the input ends there.
        let until = until.unwrap_or(if ready.len() < 64 { ready.len() } else { ready.len() - 3 });
        let count = until.min(out.len());
        out[..count].copy_from_slice(&ready[..count]);
        for &byte in &ready[count.saturating_sub(SIGNATURES.len())..count] {
            self.last.rotate_left(1);
            self.last[SIGNATURES.len() - 1] = byte;
        }
        self.ahead.consume(count);
        Ok(count)
    }
}
