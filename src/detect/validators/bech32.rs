//! Bech32, the encoding with a BCH checksum that age keys use.
//!
//! In: human part, `1`, data. Out: proof by checksum.

use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];

/// Verifies the checksum, whatever the human part.
pub(super) fn check(subject: &Subject<'_>) -> Outcome {
    if verifies(subject.secret) {
        Outcome::Proven(vec![Evidence::Checksum])
    } else {
        Outcome::Rejected
    }
}

fn verifies(text: &[u8]) -> bool {
    let mixed = text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase);
    let Some(at) = memchr::memrchr(b'1', text) else {
        return false;
    };
    if mixed || at == 0 || text.len() - at < 7 {
        return false;
    }
    let text = text.to_ascii_lowercase();
    let human = &text[..at];
    let high = human.iter().map(|b| b >> 5);
    let low = human.iter().map(|b| b & 31);
    let mut sum = 1;
    for value in high.chain([0]).chain(low) {
        sum = step(sum, value);
    }
    for &digit in &text[at + 1..] {
        match DIGITS.iter().position(|&d| d == digit).map(u8::try_from) {
            Some(Ok(value)) => sum = step(sum, value),
            _ => return false,
        }
    }
    sum == 1
}

/// One step of the checksum's polynomial division.
fn step(sum: u32, value: u8) -> u32 {
    let top = sum >> 25;
    let shifted = (sum & 0x01FF_FFFF) << 5 ^ u32::from(value);
    (0..5).filter(|bit| top >> bit & 1 == 1).fold(shifted, |sum, bit| sum ^ GENERATOR[bit])
}

/// Counterpart of [`check`].
pub(super) fn mint(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let at = memchr::memchr(b'1', form)?;
    let human = form[..at].to_ascii_lowercase();
    let data: Vec<usize> = (at + 7..form.len()).map(|_| draw.below(32)).collect();
    let low = |value: usize| u8::try_from(value).expect("below 32");
    let start = human.iter().map(|b| b >> 5).chain([0]).chain(human.iter().map(|b| b & 31));
    let all = start.chain(data.iter().map(|&value| low(value))).chain([0; 6]);
    let sum = all.fold(1, step) ^ 1;
    let seal = (0..6).map(|place| (sum >> (25 - 5 * place) & 31) as usize);
    let text: Vec<u8> = data.iter().copied().chain(seal).map(|value| DIGITS[value]).collect();
    let text = [&human[..], b"1", &text].concat();
    let upper = form[..at].iter().any(u8::is_ascii_uppercase);
    Some(if upper { text.to_ascii_uppercase() } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> String {
        ["AGE-SECRET-KEY-1", "WP0426AF6JY39D06L34J5GTXZ3Q9", "FUCMRF87449YQ07THA7RVSEQ89K7UL"]
            .concat()
    }

    #[test]
    fn the_vector_verifies_in_either_case() {
        assert!(verifies(key().as_bytes()));
        assert!(verifies(key().to_lowercase().as_bytes()));
    }

    #[test]
    fn any_change_breaks_it() {
        for (from, to) in
            [("AF6", "AF7"), ("7UL", "7UQ"), ("KEY", "KEZ"), ("WP0", "wp0"), ("3Q9", "3B9")]
        {
            assert!(!verifies(key().replacen(from, to, 1).as_bytes()), "{from}");
        }
        for text in ["", "1", "a1", "1qqqqqqqqq", "no digit"] {
            assert!(!verifies(text.as_bytes()));
        }
    }
}
