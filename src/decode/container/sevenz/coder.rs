//! How the folders of a 7z archive are packed.
//!
//! In: a folder and its bytes. Out: a reader over what they stand for.

use std::io::{BufReader, Read};

use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::delta::DeltaReader;
use lzma_rust2::{Lzma2Reader, LzmaReader};

use super::super::packed::{self, MEMORY};
use super::header::{Coder, Folder};
use crate::decode::container::{Fault, Format};
use crate::source::SkipReason;

/// A reader over what the bytes of a folder stand for.
pub(super) fn open<'p>(folder: &Folder, packed: &'p [u8]) -> Result<Box<dyn Read + 'p>, Fault> {
    let Some(order) = folder.order() else {
        return Err(unknown("several streams that are mixed"));
    };
    let mut reader: Box<dyn Read + 'p> = Box::new(packed);
    for (coder, size) in order {
        reader = undo(coder, size, reader)?;
    }
    Ok(reader)
}

fn undo<'p>(
    coder: &Coder,
    size: u64,
    reader: Box<dyn Read + 'p>,
) -> Result<Box<dyn Read + 'p>, Fault> {
    let damaged = || Fault::new(SkipReason::Damaged, "a coder without its settings");
    let too_big = |_| Fault::new(SkipReason::Budget, "unpacking it takes too much memory");
    let first = coder.settings.first().copied();
    Ok(match coder.id[..] {
        [0] => reader,
        [0x21] => {
            let dictionary = dictionary(first.ok_or_else(damaged)?).ok_or_else(damaged)?;
            let plain = Lzma2Reader::new_mem_limit(reader, dictionary, MEMORY, None);
            Box::new(plain.map_err(too_big)?)
        }
        [3, 1, 1] => {
            let &[settings, ref size_of @ ..] = &coder.settings[..] else { return Err(damaged()) };
            let dictionary = size_of.first_chunk().copied().map(u32::from_le_bytes);
            let dictionary = dictionary.ok_or_else(damaged)?;
            if dictionary / 1024 > MEMORY {
                return Err(Fault::new(SkipReason::Budget, "unpacking it takes too much memory"));
            }
            let plain = LzmaReader::new_with_props(reader, size, settings, dictionary, None);
            Box::new(plain.map_err(too_big)?)
        }
        [3] => Box::new(DeltaReader::new(reader, usize::from(first.unwrap_or(0)) + 1)),
        [4] | [3, 3, 1, 3] => Box::new(BcjReader::new_x86(reader, 0)),
        [5] | [3, 3, 2, 5] => Box::new(BcjReader::new_ppc(reader, 0)),
        [6] | [3, 3, 4, 1] => Box::new(BcjReader::new_ia64(reader, 0)),
        [7] | [3, 3, 5, 1] => Box::new(BcjReader::new_arm(reader, 0)),
        [8] | [3, 3, 7, 1] => Box::new(BcjReader::new_arm_thumb(reader, 0)),
        [9] | [3, 3, 8, 5] => Box::new(BcjReader::new_sparc(reader, 0)),
        [10] => Box::new(BcjReader::new_arm64(reader, 0)),
        [4, 1, 8] => {
            let format = sirocco::Format::Deflate;
            Box::new(sirocco::inflate::Reader::new(format, BufReader::new(reader)))
        }
        [4, 2, 2] => packed::open(Format::Bzip2, BufReader::new(reader)),
        [4, 0xf7, 0x11, 1] => packed::open(Format::Zstd, BufReader::new(reader)),
        [4, 0xf7, 0x11, 4] => packed::open(Format::Lz4, BufReader::new(reader)),
        [6, 0xf1, 7, 1] => {
            return Err(Fault::new(SkipReason::Encrypted, "the archive is encrypted"));
        }
        ref id => {
            let id = data_encoding::HEXLOWER.encode(id);
            return Err(unknown(&format!("method {id}")));
        }
    })
}

fn unknown(how: &str) -> Fault {
    Fault::new(SkipReason::Packed, format!("compressed by {how}"))
}

/// Bytes of the dictionary that a setting of LZMA2 asks for.
const fn dictionary(setting: u8) -> Option<u32> {
    match setting {
        0..40 => Some((2 | (setting as u32 & 1)) << (setting / 2 + 11)),
        40 => Some(u32::MAX),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_have_their_sizes() {
        assert_eq!(dictionary(0), Some(4096));
        assert_eq!(dictionary(1), Some(6144));
        assert_eq!(dictionary(18), Some(2 << 20));
        assert_eq!(dictionary(39), Some(3 << 30));
        assert_eq!(dictionary(41), None);
    }
}
