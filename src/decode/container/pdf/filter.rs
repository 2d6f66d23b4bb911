//! How the streams of a PDF are packed.
//!
//! In: the names of filters and a stream's bytes. Out: a reader over its contents.

use std::io::{self, BufRead, BufReader, Read};

use weezl::BitOrder;
use weezl::decode::Decoder;

use super::dictionary::Dictionary;
use crate::decode::container::feed::Feed;

/// Longest row that a predictor works on.
const ROW: usize = 1 << 20;

/// One filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    kind: Kind,
    /// Bytes of a row and of a pixel, where each byte is written as the difference to others.
    predictor: Option<(usize, usize)>,
    /// Whether the codes of LZW grow a code early.
    early: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Flate,
    Lzw,
    Hex,
    Ascii85,
    RunLength,
    /// A picture's: it holds no text.
    Picture,
    Unknown,
}

impl Filter {
    /// The filter of this name.
    pub(super) fn new(name: &[u8], parameters: Dictionary<'_>) -> Self {
        let kind = match name {
            b"FlateDecode" | b"Fl" => Kind::Flate,
            b"LZWDecode" | b"LZW" => Kind::Lzw,
            b"ASCIIHexDecode" | b"AHx" => Kind::Hex,
            b"ASCII85Decode" | b"A85" => Kind::Ascii85,
            b"RunLengthDecode" | b"RL" => Kind::RunLength,
            b"DCTDecode" | b"DCT" | b"JPXDecode" | b"CCITTFaxDecode" | b"CCF" | b"JBIG2Decode" => {
                Kind::Picture
            }
            _ => Kind::Unknown,
        };
        let number = |name: &[u8], default| parameters.number(name).unwrap_or(default);
        let predictor = (number(b"Predictor", 1) >= 10).then(|| {
            let bits = number(b"Colors", 1).saturating_mul(number(b"BitsPerComponent", 8));
            let row = number(b"Columns", 1).saturating_mul(bits).div_ceil(8);
            (row.clamp(1, ROW), bits.div_ceil(8).clamp(1, ROW))
        });
        Self { kind, predictor, early: number(b"EarlyChange", 1) == 1 }
    }

    /// Whether only a picture is packed so.
    pub(super) fn is_picture(self) -> bool {
        self.kind == Kind::Picture
    }
}

/// A reader over what `body` stands for; `None` if a filter is not known.
pub(super) fn open<'b>(filters: &[Filter], body: &'b [u8]) -> Option<Box<dyn Read + 'b>> {
    let mut reader: Box<dyn BufRead + 'b> = Box::new(body);
    for filter in filters {
        let plain: Box<dyn Read + 'b> = match filter.kind {
            Kind::Flate => Box::new(sirocco::inflate::Reader::new(sirocco::Format::Zlib, reader)),
            Kind::Lzw => Box::new(lzw(reader, filter.early)),
            Kind::Hex => Box::new(letters(reader, hex)),
            Kind::Ascii85 => Box::new(letters(reader, ascii85)),
            Kind::RunLength => Box::new(runs(reader)),
            Kind::Picture | Kind::Unknown => return None,
        };
        reader = match filter.predictor {
            Some((row, pixel)) => {
                Box::new(BufReader::new(predicted(BufReader::new(plain), row, pixel)))
            }
            None => Box::new(BufReader::new(plain)),
        };
    }
    Some(reader)
}

/// Undoes LZW.
fn lzw<'b>(mut reader: Box<dyn BufRead + 'b>, early: bool) -> impl Read + 'b {
    let mut decoder = if early {
        Decoder::with_tiff_size_switch(BitOrder::Msb, 8)
    } else {
        Decoder::new(BitOrder::Msb, 8)
    };
    let mut done = false;
    Feed::new(move |out: &mut Vec<u8>| {
        if done {
            return false;
        }
        let Ok(ready) = reader.fill_buf() else { return false };
        out.resize(16 << 10, 0);
        let result = decoder.decode_bytes(ready, out);
        reader.consume(result.consumed_in);
        out.truncate(result.consumed_out);
        let stuck = result.consumed_in == 0 && result.consumed_out == 0;
        done = result.status.is_err() || decoder.has_ended() || stuck;
        true
    })
}

/// Undoes an alphabet: `read` writes what a run of its letters stands for, and keeps what is open.
fn letters<'b>(
    mut reader: Box<dyn BufRead + 'b>,
    read: fn(Option<u8>, &mut Vec<u8>, &mut Vec<u8>) -> bool,
) -> impl Read + 'b {
    let (mut open, mut done) = (Vec::new(), false);
    Feed::new(move |out: &mut Vec<u8>| {
        if done {
            return false;
        }
        let ready = reader.fill_buf().unwrap_or_default();
        let count = ready.len().min(16 << 10);
        done = count == 0 || ready[..count].iter().any(|byte| !read(Some(*byte), &mut open, out));
        reader.consume(count);
        if done {
            read(None, &mut open, out);
        }
        true
    })
}

/// Reads a hex digit; `None` ends the text. False at the mark that does.
fn hex(byte: Option<u8>, open: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match byte {
        Some(b'>') => return false,
        Some(byte) => open.extend(digit(byte)),
        None if open.len() == 1 => open.push(0),
        None => {}
    }
    if let [high, low] = open[..] {
        out.push(high << 4 | low);
        open.clear();
    }
    true
}

/// Reads a letter of ascii85; `None` ends the text. False at the mark that does.
fn ascii85(byte: Option<u8>, open: &mut Vec<u8>, out: &mut Vec<u8>) -> bool {
    let mut size = 4;
    match byte {
        Some(b'~') => return false,
        Some(b'z') if open.is_empty() => out.extend_from_slice(&[0; 4]),
        Some(byte @ b'!'..=b'u') => open.push(byte - b'!'),
        None if open.len() > 1 => {
            size = open.len() - 1;
            open.resize(5, 84);
        }
        Some(_) | None => {}
    }
    if open.len() == 5 {
        let value = open
            .iter()
            .fold(0u32, |sum, digit| sum.wrapping_mul(85).wrapping_add(u32::from(*digit)));
        out.extend_from_slice(&value.to_be_bytes()[..size]);
        open.clear();
    }
    true
}

/// Undoes runs: a count, then bytes, or one byte that is repeated.
fn runs<'b>(mut reader: Box<dyn BufRead + 'b>) -> impl Read + 'b {
    Feed::new(move |out: &mut Vec<u8>| {
        let mut head = [0; 1];
        if reader.read_exact(&mut head).is_err() || head[0] == 128 {
            return false;
        }
        let [count] = head;
        if count < 128 {
            let took = (&mut reader).take(u64::from(count) + 1).read_to_end(out);
            took.is_ok_and(|took| took > 0)
        } else {
            let repeated = reader.read_exact(&mut head).is_ok();
            out.resize(if repeated { 257 - usize::from(count) } else { 0 }, head[0]);
            repeated
        }
    })
}

/// Undoes the differences that PNG's predictors make.
fn predicted<R: Read>(mut reader: R, row: usize, pixel: usize) -> impl Read {
    let mut before = vec![0u8; row];
    Feed::new(move |out: &mut Vec<u8>| {
        let mut kind = [0; 1];
        if reader.read_exact(&mut kind).is_err() {
            return false;
        }
        out.resize(row, 0);
        let Ok(count) = fill(&mut reader, out) else { return false };
        out.truncate(count);
        for at in 0..count {
            let left = if at >= pixel { out[at - pixel] } else { 0 };
            let corner = if at >= pixel { before[at - pixel] } else { 0 };
            let above = before[at];
            let guess = match kind[0] {
                1 => left,
                2 => above,
                3 => u8::midpoint(left, above),
                4 => paeth(left, above, corner),
                _ => 0,
            };
            out[at] = out[at].wrapping_add(guess);
        }
        before[..count].copy_from_slice(out);
        count > 0
    })
}

/// Reads until `out` is full or the input ends.
fn fill(reader: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < out.len() {
        match reader.read(&mut out[count..])? {
            0 => break,
            more => count += more,
        }
    }
    Ok(count)
}

/// The neighbour that is nearest to left + above - corner.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let guess = a + b - c;
    let near = |value: i16| (guess - value).abs();
    if near(a) <= near(b) && near(a) <= near(c) {
        left
    } else if near(b) <= near(c) {
        above
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(name: &[u8], parameters: &[u8], body: &[u8]) -> Vec<u8> {
        let filter = Filter::new(name, Dictionary(parameters));
        let mut out = Vec::new();
        open(&[filter], body)
            .expect("a filter that is known")
            .read_to_end(&mut out)
            .expect("good bytes");
        out
    }

    #[test]
    fn alphabets_are_undone() {
        assert_eq!(plain(b"ASCIIHexDecode", b"", b"68 65\n6C6c 7>"), b"hellp");
        assert_eq!(plain(b"ASCII85Decode", b"", b"BOu!r\nDZ~>"), b"hello");
        assert_eq!(plain(b"RunLengthDecode", b"", b"\x01he\xffl\x00o\x80x"), b"hello");
    }

    #[test]
    fn codes_of_growing_length_are_undone() {
        let text: Vec<u8> = (0..9000u32).map(|n| (n * n / 7 % 61) as u8 + b' ').collect();
        let early = weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(&text);
        assert_eq!(plain(b"LZWDecode", b"", &early.expect("memory takes everything")), text);
        let late = weezl::encode::Encoder::new(BitOrder::Msb, 8).encode(&text);
        let late = late.expect("memory takes everything");
        assert_eq!(plain(b"LZWDecode", b"<</EarlyChange 0>>", &late), text);
    }

    #[test]
    fn differences_are_undone() {
        let packed = b"\x02abcd\x02\x01\x01\x01\x01\x01a\x01\x01\x01\x00ab";
        let filter = predicted(&packed[..], 4, 1);
        let mut out = Vec::new();
        io::BufReader::new(filter).read_to_end(&mut out).expect("good bytes");
        assert_eq!(out, b"abcdbcdeabcdab");
    }
}
