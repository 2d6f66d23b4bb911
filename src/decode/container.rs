//! Files that hold other files: archives and compressed streams.
//!
//! In: a blob's head, then a reader over the blob. Out: the parts it holds, one after the other, as readers. Nothing
//! is written to disk and no part is held as a whole, so memory does not grow with the container. A [`Meter`] bounds
//! what a small file may unpack to. What cannot be opened becomes a [`Fault`]; the bytes around it are handed out as
//! they stand.

mod ahead;
mod meter;
mod packed;
mod tape;
mod zip;

use std::io::{BufRead, Read};

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
    (b"7z\xbc\xaf\x27\x1c", Format::Closed("7z")),
    (b"Rar!\x1a\x07", Format::Closed("rar")),
    (b"MSCF\0\0\0\0", Format::Closed("cab")),
    (b"%PDF-", Format::Closed("pdf")),
];

/// The container that `head` begins, if it is one.
#[must_use]
pub fn detect(head: &[u8]) -> Option<Format> {
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|&(_, format)| format);
    known.or_else(|| match head {
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..] => {
            Some(Format::Bzip2)
        }
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] if packed::is_zlib(head) => Some(Format::Zlib),
        _ => tape::is_header(head).then_some(Format::Tar),
    })
}

/// Takes the parts of a container.
pub trait Sink {
    /// Takes one part; reads as much of it as it likes. `None` names what is part of the container itself: all that
    /// a compressed stream stands for, or bytes that belong to no entry.
    fn part(&mut self, name: Option<&[u8]>, reader: &mut dyn Read);
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
    let outcome = match format {
        Format::Zip => zip::walk(&mut ahead, meter, sink),
        Format::Tar => tape::walk(&mut ahead, meter, sink),
        Format::Closed(name) => {
            Err(Fault::new(SkipReason::Packed, format!("{name} is searched as it stands")))
        }
        _ => {
            packed::walk(format, &mut ahead, meter, sink);
            Ok(())
        }
    };
    if let Err(fault) = outcome {
        sink.fault(None, fault);
    }
    let more = |ahead: &mut Ahead<'_>| ahead.fill_buf().is_ok_and(|rest| !rest.is_empty());
    if !sink.stopped() && !meter.is_spent() && more(&mut ahead) {
        sink.part(None, &mut ahead);
    }
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
