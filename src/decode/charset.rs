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
    /// UTF-32, low byte first.
    Utf32Le,
    /// UTF-32, high byte first.
    Utf32Be,
}

/// Tells the encoding by a byte order mark or, without one, by where NULs stand in the first few
/// thousand bytes.
#[must_use]
pub fn detect(head: &[u8]) -> Charset {
    match head {
        // The same mark as UTF-16's, but no text in that goes on with a NUL.
        [0xff, 0xfe, 0, 0, ..] => Charset::Utf32Le,
        [0, 0, 0xfe, 0xff, ..] => Charset::Utf32Be,
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
    if let Some(charset) = utf32(head) {
        return charset;
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

/// Takes it for UTF-32 if nearly all units are printable characters, and at least half are ASCII.
fn utf32(head: &[u8]) -> Option<Charset> {
    let (units, _) = head.as_chunks::<4>();
    let fits = |value: fn([u8; 4]) -> u32| {
        let chars = units.iter().filter_map(|unit| char::from_u32(value(*unit)));
        let (mut ascii, mut all) = (0, 0);
        for char in chars.filter(|char| !char.is_control() || char.is_ascii_whitespace()) {
            ascii += usize::from(char.is_ascii());
            all += 1;
        }
        units.len() >= 4 && ascii * 2 >= units.len() && all * 20 >= units.len() * 19
    };
    let little = fits(u32::from_le_bytes).then_some(Charset::Utf32Le);
    little.or_else(|| fits(u32::from_be_bytes).then_some(Charset::Utf32Be))
}

impl Charset {
    /// A piece of a file as searchable text: UTF-16 and UTF-32 become UTF-8, other bytes stay as they
    /// are.
    ///
    /// Pieces must be cut between units. A byte order mark at a piece's start is
    /// dropped; half a surrogate pair, and half a unit at the end, become U+FFFD.
    #[must_use]
    pub fn text<'r>(&self, raw: &'r [u8]) -> Cow<'r, [u8]> {
        match self {
            Self::Utf8OrBytes => Cow::Borrowed(raw),
            Self::Utf16Le => Cow::Owned(utf8(raw, u16::from_le_bytes)),
            Self::Utf16Be => Cow::Owned(utf8(raw, u16::from_be_bytes)),
            Self::Utf32Le => Cow::Owned(wide(raw, u32::from_le_bytes)),
            Self::Utf32Be => Cow::Owned(wide(raw, u32::from_be_bytes)),
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

fn wide(raw: &[u8], unit: fn([u8; 4]) -> u32) -> Vec<u8> {
    let (units, rest) = raw.as_chunks::<4>();
    let mut text = Vec::with_capacity(units.len());
    let mut buffer = [0; 4];
    let chars = units.iter().map(|&four| char::from_u32(unit(four)));
    for char in chars.map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)) {
        if char != '\u{feff}' || !text.is_empty() {
            text.extend_from_slice(char.encode_utf8(&mut buffer).as_bytes());
        }
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
        assert_eq!(detect(b"\xff\xfe\0\0a\0\0\0"), Charset::Utf32Le);
        assert_eq!(detect(b"\0\0\xfe\xff\0\0\0a"), Charset::Utf32Be);
    }

    #[test]
    fn nuls_decide_where_there_is_no_mark() {
        for text in ["key = value\r\n", "имя = name, password = значение"] {
            assert_eq!(detect(&utf16(text, u16::to_le_bytes)), Charset::Utf16Le);
            assert_eq!(detect(&utf16(text, u16::to_be_bytes)), Charset::Utf16Be);
            assert_eq!(detect(text.as_bytes()), Charset::Utf8OrBytes);
            for (charset, order) in [
                (Charset::Utf32Le, u32::to_le_bytes as fn(u32) -> [u8; 4]),
                (Charset::Utf32Be, u32::to_be_bytes),
            ] {
                let raw: Vec<u8> = text.chars().flat_map(|char| order(char.into())).collect();
                assert_eq!(detect(&raw), charset);
                assert_eq!(&*charset.text(&raw), text.as_bytes());
                let cut =
                    [text.chars().next().map(String::from).unwrap_or_default(), "\u{fffd}".into()];
                assert_eq!(&*charset.text(&raw[..6]), cut.concat().as_bytes());
            }
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
