//! CRC-32 as vendors write it at the end of their tokens.
//!
//! In: the bytes under the checksum. Out: its digits in the vendor's base, or whether a token that
//! ends in them is right.

use super::Outcome;
use crate::detect::evidence::Evidence;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LOWER: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The six base62 digits (`0-9A-Za-z`) that end a token of GitHub, npm, Vercel or Matrix.
pub(super) fn base62(bytes: &[u8]) -> [u8; 6] {
    digits(crc32fast::hash(bytes), DIGITS)
}

/// A number in `N` base36 digits (`0-9a-z`), as GitLab writes checksums and lengths.
pub(super) fn base36<const N: usize>(number: u32) -> [u8; N] {
    digits(number, LOWER)
}

/// Whether the last six bytes of `body` are the base62 checksum of those before them.
pub(super) fn ends_in_base62(body: &[u8]) -> bool {
    body.split_last_chunk().is_some_and(|(under, sum)| base62(under) == *sum)
}

/// What a checksum proves or refutes.
pub(super) fn outcome(holds: bool) -> Outcome {
    if holds { Outcome::Proven(vec![Evidence::Checksum]) } else { Outcome::Rejected }
}

/// Writes `number` with the most significant digit first, `0` on the left. Higher digits than fit
/// are lost, which only a shorter `N` than the base needs can cause.
fn digits<const N: usize>(mut number: u32, alphabet: &[u8]) -> [u8; N] {
    let base = u32::try_from(alphabet.len()).expect("no alphabet is that long");
    let mut out = [alphabet[0]; N];
    for place in out.iter_mut().rev() {
        *place = alphabet[(number % base) as usize];
        number /= base;
    }
    out
}

/// `text` with its end overwritten by `sum`.
pub(super) fn sealed(text: &[u8], sum: &[u8]) -> Vec<u8> {
    [&text[..text.len().saturating_sub(sum.len())], sum].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pads_on_the_left() {
        assert_eq!(base36::<2>(34), *b"0y");
        assert_eq!(base36::<7>(u32::MAX), *b"1z141z3");
        assert_eq!(digits::<6>(u32::MAX, DIGITS), *b"4gfFC3");
        assert_eq!(digits::<6>(61, DIGITS), *b"00000z");
    }

    #[test]
    fn too_short_for_a_checksum() {
        assert!(!ends_in_base62(b"00000"));
        assert!(!ends_in_base62(b""));
    }
}
