//! Files that hold other files: archives and compressed streams.
//!
//! In: a blob's head, then a reader over the blob. Out: the parts it holds, one after the other, as readers. Nothing
//! is written to disk, and nothing is held as a whole but containers whose parts refer to each other, up to a limit, so
//! memory does not grow with the container. A [`Meter`] bounds what a small file may unpack to. What cannot be opened
//! becomes a [`Fault`]; the bytes around it are handed out as they stand.

mod ahead;
mod ar;
mod class;
mod cpio;
mod feed;
mod mail;
mod meter;
mod packed;
mod pdf;
mod pyc;
mod rpm;
mod sevenz;
mod sqlite;
mod stub;
mod sum;
mod tape;
mod zip;

use std::io::{self, BufRead, Read};

use self::ahead::Ahead;
pub use self::meter::Meter;
use crate::source::SkipReason;

/// How a container is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One gzip stream, or several in a row.
    Gzip,
    /// One zlib stream.
    Zlib,
    /// One bzip2 stream, or several in a row.
    Bzip2,
    /// One xz stream, or several in a row.
    Xz,
    /// Zstandard frames.
    Zstd,
    /// LZ4 frames.
    Lz4,
    /// A zip archive: jar, war, whl, apk, docx, xlsx, pptx, odt, epub and more are such.
    Zip,
    /// A tar archive.
    Tar,
    /// An ar archive: a Debian package or a static library.
    Ar,
    /// A cpio archive.
    Cpio,
    /// An RPM package.
    Rpm,
    /// A 7z archive.
    SevenZip,
    /// A PDF document.
    Pdf,
    /// A `SQLite` database.
    Sqlite,
    /// The log that is written ahead of a `SQLite` database.
    Wal,
    /// A compiled Java class.
    Class,
    /// Compiled Python.
    Pyc,
    /// A mail with attachments, or a box of mails.
    Mail,
    /// A program or a script with an archive behind it.
    SelfExtracting,
    /// A format that is known by name only.
    Closed(&'static str),
}

impl Format {
    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::Ar => "ar",
            Self::Cpio => "cpio",
            Self::Rpm => "rpm",
            Self::SevenZip => "7z",
            Self::Pdf => "pdf",
            Self::Sqlite => "sqlite",
            Self::Wal => "sqlite-wal",
            Self::Class => "class",
            Self::Pyc => "pyc",
            Self::Mail => "mail",
            Self::SelfExtracting => "self-extracting",
            Self::Closed(name) => name,
        }
    }
}

/// Magic numbers and what they stand for.
const MAGIC: &[(&[u8], Format)] = &[
    (b"PK\x03\x04", Format::Zip),
    (b"\x1f\x8b\x08", Format::Gzip),
    (b"\xfd7zXZ\0", Format::Xz),
    (b"\x28\xb5\x2f\xfd", Format::Zstd),
    (b"\x04\x22\x4d\x18", Format::Lz4),
    (b"7z\xbc\xaf\x27\x1c", Format::SevenZip),
    (b"%PDF-", Format::Pdf),
    (b"SQLite format 3\0", Format::Sqlite),
    (b"\x37\x7f\x06\x82", Format::Wal),
    (b"\x37\x7f\x06\x83", Format::Wal),
    (b"!<arch>\n", Format::Ar),
    (b"070701", Format::Cpio),
    (b"070702", Format::Cpio),
    (b"070707", Format::Cpio),
    (b"\xed\xab\xee\xdb", Format::Rpm),
    (b"Rar!\x1a\x07", Format::Closed("rar")),
    (b"MSCF\0\0\0\0", Format::Closed("cab")),
    (b"LZIP\x01", Format::Closed("lzip")),
    (b"\x1f\x9d\x90", Format::Closed("compress")),
];

/// The container that `head` begins, if it is one. As much of it as there is should be given: what is behind a program
/// is looked for in it.
#[must_use]
pub fn detect(head: &[u8]) -> Option<Format> {
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|&(_, format)| format);
    known.or_else(|| match head {
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..] => {
            Some(Format::Bzip2)
        }
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] if packed::is_zlib(head) => Some(Format::Zlib),
        [0xca, 0xfe, 0xba, 0xbe, ..] if class::is_class(head) => Some(Format::Class),
        [_, _, b'\r', b'\n', ..] if pyc::is_pyc(head) => Some(Format::Pyc),
        [b'A'..=b'Z' | b'a'..=b'z', ..] if mail::is_mail(head) => Some(Format::Mail),
        _ if stub::is_stub(head) => Some(Format::SelfExtracting),
        _ => tape::is_header(head).then_some(Format::Tar),
    })
}

/// The container whose end is at the end of `tail`, though nobody saw where it begins.
#[must_use]
pub fn ended(tail: &[u8]) -> Option<Format> {
    zip::ends(tail).then_some(Format::Closed("zip"))
}

/// Takes the parts of a container.
pub trait Sink {
    /// Takes one part; reads as much of it as it likes. `None` names what is part of the container itself: all that
    /// a compressed stream stands for, or bytes that belong to no entry.
    fn part(&mut self, name: Option<&[u8]>, reader: &mut dyn Read);
    /// Takes what is left of the container when its parts are taken out, or all of it where it cannot be opened. It may
    /// begin like the container, and is none.
    fn plain(&mut self, reader: &mut dyn Read);
    /// Takes note of a part, or of the container, that could not be read to its end.
    fn fault(&mut self, name: Option<&[u8]>, fault: Fault);
    /// Whether the user asked to stop.
    fn stopped(&self) -> bool;
}

/// Why a part of a container was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Why, in a word or two.
    pub reason: SkipReason,
    /// What is known besides.
    pub detail: String,
}

impl Fault {
    fn new(reason: SkipReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

/// Hands the parts of the container that `reader` begins with to `sink`, then what follows it.
pub fn walk(format: Format, reader: &mut dyn Read, meter: &Meter, sink: &mut dyn Sink) {
    let mut ahead = Ahead::new(reader);
    let ahead = &mut ahead;
    let outcome = match format {
        Format::Zip => zip::walk(ahead, meter, sink),
        Format::Tar => tape::walk(ahead, meter, sink),
        Format::Ar => ar::walk(ahead, meter, sink),
        Format::Cpio => cpio::walk(ahead, meter, sink),
        Format::Rpm => rpm::walk(ahead, sink),
        Format::SevenZip => held(ahead, meter, sink, sevenz::walk),
        Format::Pdf => held(ahead, meter, sink, pdf::walk),
        Format::Sqlite => held(ahead, meter, sink, sqlite::walk),
        Format::Wal => held(ahead, meter, sink, sqlite::walk_log),
        Format::Class => held(ahead, meter, sink, class::walk),
        Format::Pyc => held(ahead, meter, sink, pyc::walk),
        Format::Mail => held(ahead, meter, sink, mail::walk),
        Format::SelfExtracting => stub::walk(ahead, meter, sink),
        Format::Closed(name) => {
            sink.fault(
                None,
                Fault::new(SkipReason::Packed, format!("{name} is searched as it stands")),
            );
            Ok(())
        }
        Format::Gzip | Format::Zlib | Format::Bzip2 | Format::Xz | Format::Zstd | Format::Lz4 => {
            packed::walk(format, ahead, meter, sink);
            Ok(())
        }
    };
    if let Err(cause) = outcome
        && let Some(fault) = meter.explain(&cause)
    {
        sink.fault(None, fault);
    }
    let more = |ahead: &mut Ahead<'_>| ahead.fill_buf().is_ok_and(|rest| !rest.is_empty());
    if !sink.stopped() && !meter.is_spent() && more(ahead) {
        sink.part(None, ahead);
    }
}

/// Reads a container whose parts refer to each other, as a whole. One that is too long is handed out as it stands.
fn held(
    ahead: &mut Ahead<'_>,
    meter: &Meter,
    sink: &mut dyn Sink,
    walk: fn(&[u8], &Meter, &mut dyn Sink) -> io::Result<()>,
) -> io::Result<()> {
    let held = meter.hold(ahead)?;
    if ahead.fill_buf()?.is_empty() {
        return walk(&held, meter, sink);
    }
    let told = format!("longer than {} MiB, so it is searched as it stands", held.len() >> 20);
    sink.fault(None, Fault::new(SkipReason::Budget, told));
    sink.plain(&mut held.chain(ahead));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_known_by_their_first_bytes() {
        assert_eq!(detect(b"PK\x03\x04rest"), Some(Format::Zip));
        assert_eq!(detect(b"\x1f\x8b\x08\0"), Some(Format::Gzip));
        assert_eq!(detect(b"BZh91AY&SY"), Some(Format::Bzip2));
        assert_eq!(detect(b"BZhello"), None);
        assert_eq!(detect(b"x^2 + y^2 = z^2, as everybody knows"), None);
        assert_eq!(detect(&[0; 1024]), None);
        assert_eq!(detect(b"plain text"), None);
        assert_eq!(detect(b""), None);
    }
}
