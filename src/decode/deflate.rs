//! Deflate without a header, as SAML requests and PHP's `gzdeflate` have it.
//!
//! In: bytes. Out: the text that they hold, if it is text.
//!
//! Nothing marks them but how they must begin: with a table of codes that leaves none over, or with letters in the codes
//! that stand for themselves. Random bytes do one time in some hundreds, and what comes of those is no text.

use std::io::{BufReader, Read as _};

use super::readable::{printable, readable};

/// Shortest text.
const SHORTEST: usize = 16;
/// Codes for lengths.
const ORDER: usize = 19;
/// Letters that are looked at where codes are fixed.
const LETTERS: usize = 4;

/// Bits of bytes, the lowest first.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn next(&mut self, count: usize) -> Option<usize> {
        let bits = (self.at..self.at + count).enumerate();
        let value = bits.map(|(index, at)| {
            let byte = *self.bytes.get(at / 8)?;
            Some(usize::from(byte >> (at % 8) & 1) << index)
        });
        let value = value.sum::<Option<usize>>();
        self.at += count;
        value
    }

    /// The same, the highest first.
    fn code(&mut self, count: usize) -> Option<usize> {
        (0..count).try_fold(0, |code, _| Some(code << 1 | self.next(1)?))
    }
}

/// The deflated text, up to a length.
pub(super) fn text(bytes: &[u8], longest: usize) -> Option<Vec<u8>> {
    if !begins(bytes).unwrap_or(false) {
        return None;
    }
    let reader = sirocco::inflate::Reader::new(sirocco::Format::Deflate, BufReader::new(bytes));
    let mut out = Vec::new();
    // Of a value that is cut off the front is read.
    let _ = reader.take(longest as u64).read_to_end(&mut out);
    (out.len() >= SHORTEST && readable(&out)).then_some(out)
}

/// Whether bytes may be deflated text. `None` if they are too few to tell.
pub(super) fn begins(bytes: &[u8]) -> Option<bool> {
    let mut bits = Bits { bytes, at: 1 };
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
            let count = bits.next(4)? + 4;
            let lengths = (0..count.min(ORDER)).map(|_| bits.next(3));
            let shares = lengths.map(|length| Some((1 << 7 >> length?) & 0x7f));
            // A length of 0 is no code, and all codes together are one whole.
            Some(letters <= 29 && distances <= 29 && shares.sum::<Option<usize>>()? == 1 << 7)
        }
        _ => Some(false),
    }
}
