//! Deflate without a header, as SAML requests and PHP's `gzdeflate` have it.
//!
//! In: bytes. Out: the text that they hold, if it is text.
//!
//! Nothing marks them but how they must begin: with a table of codes that leaves none over, or with letters in the codes
//! that stand for themselves. Random bytes do one time in some hundreds, and what comes of those is no text.

use std::io::{BufReader, Read as _};

use sirocco::Format;
use sirocco::inflate::{Decoder, Reader};

use super::readable::{HEAD, printable, readable};

/// Shortest text.
const SHORTEST: usize = 16;
/// Codes for lengths.
const ORDER: usize = 19;
/// Letters that are looked at where codes are fixed.
const LETTERS: usize = 4;

/// The bits of the first bytes, the lowest first: as many as a table's head may have.
struct Bits {
    left: u128,
    count: usize,
}

impl Bits {
    fn of(bytes: &[u8]) -> Self {
        let mut first = [0; size_of::<u128>()];
        let count = bytes.len().min(first.len());
        first[..count].copy_from_slice(&bytes[..count]);
        Self { left: u128::from_le_bytes(first), count: 8 * count }
    }

    /// The number that the next bits stand for, 32 at most.
    fn next(&mut self, count: usize) -> Option<usize> {
        self.count = self.count.checked_sub(count)?;
        let value = usize::try_from(self.left & ((1 << count) - 1)).ok();
        self.left >>= count;
        value
    }

    /// The same, the highest first.
    fn code(&mut self, count: usize) -> Option<usize> {
        (0..count).try_fold(0, |code, _| Some(code << 1 | self.next(1)?))
    }
}

/// The deflated text, up to a length.
pub(super) fn text(bytes: &[u8], longest: usize) -> Option<Vec<u8>> {
    if !begins(bytes).unwrap_or(false) || !readable(&front(bytes)) {
        return None;
    }
    let reader = Reader::new(Format::Deflate, BufReader::new(bytes));
    let mut out = Vec::new();
    // Of a value that is cut off the front is read.
    let _ = reader.take(longest as u64).read_to_end(&mut out);
    (out.len() >= SHORTEST && readable(&out)).then_some(out)
}

/// The front of what bytes stand for. A reader would make room for 256 KiB, which costs more than all else here.
fn front(bytes: &[u8]) -> Vec<u8> {
    let mut out = [0; HEAD];
    let outcome = Decoder::new(Format::Deflate).decompress(bytes, &mut out, false);
    outcome.map_or_else(|_| Vec::new(), |progress| progress.output.to_vec())
}

/// Whether bytes may be deflated text. `None` if they are too few to tell.
pub(super) fn begins(bytes: &[u8]) -> Option<bool> {
    let mut bits = Bits::of(bytes);
    // Whether the first block is the last one.
    bits.next(1)?;
    match bits.next(2)? {
        1 => {
            for _ in 0..LETTERS {
                // A letter's code is its number and 48.
                let letter = u8::try_from(bits.code(8)?.checked_sub(48)?).ok()?;
                if !printable(letter) {
                    return Some(false);
                }
            }
            Some(true)
        }
        2 => {
            let (letters, distances) = (bits.next(5)?, bits.next(5)?);
            if letters > 29 || distances > 29 {
                return Some(false);
            }
            let count = bits.next(4)? + 4;
            let lengths = (0..count.min(ORDER)).map(|_| bits.next(3));
            let shares = lengths.map(|length| Some((1 << 7 >> length?) & 0x7f));
            // A length of 0 is no code, and all codes together are one whole.
            Some(shares.sum::<Option<usize>>()? == 1 << 7)
        }
        _ => Some(false),
    }
}
