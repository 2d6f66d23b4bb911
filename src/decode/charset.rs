//! The encoding a whole file is written in.
//!
//! In: a blob's first bytes, then its pieces. Out: pieces in which ASCII is ASCII, ready to search.

use std::borrow::Cow;

use super::readable::printable;

/// Bytes that are looked at.
const HEAD: usize = 4096;

/// How a file's characters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, Latin-1 or anything else in which ASCII characters are single bytes; or no text.
    Utf8OrBytes,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

/// Tells the encoding by a byte order mark or, without one, by where NULs stand in the first few
/// thousand bytes.
#[must_use]
pub fn detect(head: &[u8]) -> Charset {
    match head {
        // UTF-32 has the same mark with two NULs after it, which no UTF-16 text goes on with.
        [0xff, 0xfe, 0, 0, ..] => Charset::Utf8OrBytes,
        [0xff, 0xfe, ..] => Charset::Utf16Le,
        [0xfe, 0xff, ..] => Charset::Utf16Be,
        _ => unmarked(&head[..head.len().min(HEAD)]),
    }
}

/// Takes it for UTF-16 if at least half of the characters are ASCII, most of the rest have two
/// bytes that are not NUL, and no byte order but one fits.
fn unmarked(head: &[u8]) -> Charset {
    if memchr::memchr(0, head).is_none() {
        return Charset::Utf8OrBytes;
    }
    let (pairs, _) = head.as_chunks::<2>();
    let fits = |high: usize| {
        let ascii = |p: &&[u8; 2]| p[high] == 0 && printable(p[1 - high]);
        let wide = |p: &&[u8; 2]| p[0] != 0 && p[1] != 0;
        let ascii = pairs.iter().filter(ascii).count();
        let wide = pairs.iter().filter(wide).count();
        pairs.len() >= 4 && ascii * 2 >= pairs.len() && (ascii + wide) * 20 >= pairs.len() * 19
    };
    match (fits(1), fits(0)) {
        (true, false) => Charset::Utf16Le,
        (false, true) => Charset::Utf16Be,
        _ => Charset::Utf8OrBytes,
    }
}

impl Charset {
    /// A piece of a file as searchable text: UTF-16 becomes UTF-8, other bytes stay as they are.
    ///
    /// Pieces of UTF-16 must be cut at even offsets. A byte order mark at a piece's start is
    /// dropped; half a surrogate pair, and half a unit at the end, become U+FFFD.
    #[must_use]
    pub fn text<'r>(&self, raw: &'r [u8]) -> Cow<'r, [u8]> {
        match self {
            Self::Utf8OrBytes => Cow::Borrowed(raw),
            Self::Utf16Le => Cow::Owned(utf8(raw, u16::from_le_bytes)),
            Self::Utf16Be => Cow::Owned(utf8(raw, u16::from_be_bytes)),
        }
    }
}

fn utf8(raw: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let (pairs, rest) = raw.as_chunks::<2>();
    let units = pairs.iter().map(|&pair| unit(pair));
    let marked = units.clone().next() == Some(0xfeff);
    let mut text = Vec::with_capacity(pairs.len());
    let mut buffer = [0; 4];
    for char in char::decode_utf16(units.skip(usize::from(marked))) {
        let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(char.encode_utf8(&mut buffer).as_bytes());
    }
    if !rest.is_empty() {
        text.extend_from_slice("\u{fffd}".as_bytes());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn marks_decide() {
        assert_eq!(detect(b"\xff\xfeab"), Charset::Utf16Le);
        assert_eq!(detect(b"\xfe\xffab"), Charset::Utf16Be);
        assert_eq!(detect(b"\xef\xbb\xbfab"), Charset::Utf8OrBytes);
        assert_eq!(detect(b"\xff\xfe\0\0a\0\0\0"), Charset::Utf8OrBytes);
    }

    #[test]
    fn nuls_decide_where_there_is_no_mark() {
        for text in ["key = value\r\n", "имя = name, password = значение"] {
            assert_eq!(detect(&utf16(text, u16::to_le_bytes)), Charset::Utf16Le);
            assert_eq!(detect(&utf16(text, u16::to_be_bytes)), Charset::Utf16Be);
            assert_eq!(detect(text.as_bytes()), Charset::Utf8OrBytes);
        }
    }

    #[test]
    fn binary_data_is_bytes() {
        assert_eq!(detect(b""), Charset::Utf8OrBytes);
        assert_eq!(detect(&[0; 100]), Charset::Utf8OrBytes);
        assert_eq!(detect(b"a\0"), Charset::Utf8OrBytes);
        let counters: Vec<u8> = (0..200u16).flat_map(u16::to_le_bytes).collect();
        assert_eq!(detect(&counters), Charset::Utf8OrBytes);
    }

    #[test]
    fn utf16_becomes_utf8() {
        let text = "\u{feff}naïve 🔑 key";
        for (charset, bytes) in [
            (Charset::Utf16Le, u16::to_le_bytes as fn(u16) -> [u8; 2]),
            (Charset::Utf16Be, u16::to_be_bytes),
        ] {
            let raw = utf16(text, bytes);
            assert_eq!(&*charset.text(&raw), "naïve 🔑 key".as_bytes());
            // The cut falls between the halves of the key symbol.
            assert_eq!(&*charset.text(&raw[..16]), "naïve \u{fffd}".as_bytes(), "{charset:?}");
            assert_eq!(&*charset.text(&raw[..5]), "n\u{fffd}".as_bytes());
        }
    }

    #[test]
    fn other_bytes_stay() {
        let raw = b"\xff\0caf\xe9";
        assert!(matches!(Charset::Utf8OrBytes.text(raw), Cow::Borrowed(t) if t == raw));
    }
}
