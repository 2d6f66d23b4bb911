//! Tells text from noise.
//!
//! In: bytes that decoding a run of letters and digits has given. Out: whether a person could have
//! written them. Random keys, digests and media decode to bytes that could not.

/// Bytes at the front that must be text by themselves.
pub(super) const HEAD: usize = 64;

/// Whether `bytes` are text, from the start and as a whole: ASCII, UTF-8 or UTF-16.
pub(super) fn readable(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    (utf8(head) && utf8(bytes)) || (utf16(head) && utf16(bytes))
}

/// Whether a byte is an ASCII character that text is made of.
pub(super) const fn printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// Whether `part` is at least 90 % of `whole`.
const fn most(part: usize, whole: usize) -> bool {
    whole > 0 && part >= whole - whole / 10
}

/// Whether nearly all bytes belong to printable characters.
fn utf8(bytes: &[u8]) -> bool {
    let plain = bytes.iter().filter(|&&b| printable(b)).count();
    if most(plain, bytes.len()) {
        return true;
    }
    // Few bytes of random data in a row are UTF-8.
    let mut parts = bytes.utf8_chunks().peekable();
    let early = parts.peek().map_or(0, |c| c.valid().len());
    if !most(early, bytes.len().min(HEAD / 4)) {
        return false;
    }
    let wide: usize = parts
        .flat_map(|c| c.valid().chars())
        .filter(|c| !c.is_ascii() && !c.is_control())
        .map(char::len_utf8)
        .sum();
    most(plain + wide, bytes.len())
}

/// Whether nearly every second byte is NUL and the others are printable.
fn utf16(bytes: &[u8]) -> bool {
    let (pairs, _) = bytes.as_chunks::<2>();
    let little = pairs.iter().filter(|p| printable(p[0]) && p[1] == 0);
    let big = pairs.iter().filter(|p| p[0] == 0 && printable(p[1]));
    most(little.count().max(big.count()), pairs.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_readable() {
        assert!(readable(b"user=admin\npass=hunter2\n"));
        assert!(readable("пароль: совершенно секретно".as_bytes()));
        assert!(readable(b"p\0a\0s\0s\0w\0o\0r\0d\0=\0x\0"));
        assert!(readable(b"\0p\0a\0s\0s\0w\0o\0r\0d\0=\0x"));
    }

    #[test]
    fn noise_is_not() {
        assert!(!readable(b""));
        assert!(!readable(&[0; 64]));
        assert!(!readable(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"));
        let noise: Vec<u8> = (0..64u8).map(|i| i.wrapping_mul(167).wrapping_add(89)).collect();
        assert!(!readable(&noise));
    }

    #[test]
    fn a_readable_tail_does_not_save_a_binary_head() {
        let mut bytes = vec![0x80; 64];
        bytes.resize(4096, b'a');
        assert!(!readable(&bytes));
    }
}
