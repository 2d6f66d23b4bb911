//! Shannon entropy, as the heuristics use it.
//!
//! In: bytes. Out: bits per byte, and which quoted strings look random for the alphabet they use.

use crate::decode::Chunk;
use crate::text::Span;

/// Shannon entropy of `bytes` in bits per byte: 0 for one repeated byte, at most 8.
#[must_use]
pub(super) fn shannon(bytes: &[u8]) -> f32 {
    entropy::shannon_entropy(bytes)
}

/// What a value is written in, the narrowest that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Digits only.
    Decimal,
    /// Hex digits of one case.
    Hex,
    /// Base64, base64url or base62.
    Base64,
    /// Anything else.
    Text,
}

impl Alphabet {
    /// The narrowest alphabet that holds all of `bytes`.
    #[must_use]
    pub(super) fn of(bytes: &[u8]) -> Self {
        let body = bytes.trim_ascii_end();
        let unpadded = body.strip_suffix(b"==").or_else(|| body.strip_suffix(b"=")).unwrap_or(body);
        if unpadded.iter().all(u8::is_ascii_digit) {
            Self::Decimal
        } else if unpadded.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            || unpadded.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'))
        {
            Self::Hex
        } else if unpadded
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_'))
        {
            Self::Base64
        } else {
            Self::Text
        }
    }

    /// The entropy above which a string of this alphabet is likely to be random: the limits that
    /// detect-secrets made customary (3.0 for hex, 4.5 for base64), with allowance for short strings, which
    /// cannot reach them: n bytes have at most log2(n) bits.
    #[must_use]
    pub(super) fn limit(self, length: usize) -> f32 {
        let ceiling = f32::from(u16::try_from(length).unwrap_or(u16::MAX)).max(2.0).log2();
        match self {
            Self::Decimal | Self::Hex => 3.0_f32.min(ceiling * 0.72),
            Self::Base64 => 4.5_f32.min(ceiling * 0.88),
            Self::Text => 4.2_f32.min(ceiling * 0.88),
        }
    }
}

/// Calls `found` with every quoted string of hex or base64 digits in the chunk's own range that looks
/// random, and its entropy.
pub(super) fn quoted(chunk: &Chunk<'_>, mut found: impl FnMut(Span, f32)) {
    const LENGTH: std::ops::RangeInclusive<usize> = 20..=256;
    let text = &chunk.bytes;
    let mut opened: Option<usize> = None;
    for at in memchr::memchr3_iter(b'"', b'\'', b'`', text) {
        let Some(start) = opened.replace(at).map(|quote| quote + 1) else {
            continue;
        };
        let value = &text[start..at];
        if text[at] != text[start - 1] || !LENGTH.contains(&value.len()) {
            continue;
        }
        if !chunk.own.contains(&start) {
            continue;
        }
        let alphabet = Alphabet::of(value);
        if !matches!(alphabet, Alphabet::Hex | Alphabet::Base64) {
            continue;
        }
        let bits = shannon(value);
        if bits > alphabet.limit(value.len()) && super::placeholder::reason(value).is_none() {
            found(Span::new(start, at), bits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabets_are_the_narrowest() {
        assert_eq!(Alphabet::of(b"0123"), Alphabet::Decimal);
        assert_eq!(Alphabet::of(b"00ff"), Alphabet::Hex);
        assert_eq!(Alphabet::of(b"00fF"), Alphabet::Base64);
        assert_eq!(Alphabet::of(b"a+b/="), Alphabet::Base64);
        assert_eq!(Alphabet::of(b"a b"), Alphabet::Text);
    }

    #[test]
    fn random_hex_passes_its_limit_and_a_word_does_not() {
        let random = b"8f14e45fceea167a5a36dedd4bea2543";
        assert!(shannon(random) > Alphabet::of(random).limit(random.len()));
        assert!(shannon(b"aaaaaaaabbbbbbbb") < Alphabet::Hex.limit(16));
    }
}
