//! Base58, the encoding of wallet keys: Bitcoin, Tezos, the XRP Ledger, Solana.
//!
//! In: base58 text. Out: proof by its checksum, the first four bytes of a double SHA-256; where there is
//! none, whether it has the length of a key.

use sha2::{Digest, Sha256};

use super::checksum::outcome;
use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The digits of the XRP Ledger.
const XRP: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// No key is longer; decoding takes quadratic time.
const LONGEST: usize = 128;

/// Verifies the checksum, whatever the version bytes.
pub(super) fn check(subject: &Subject<'_>) -> Outcome {
    outcome(decode(subject.secret, DIGITS).is_some())
}

/// Bitcoin wallet import format: version, 32 bytes, and 1 for a compressed public key.
pub(super) fn wif(subject: &Subject<'_>) -> Outcome {
    let bytes = decode(subject.secret, DIGITS).unwrap_or_default();
    let sound = match bytes.as_slice() {
        [0x80 | 0xEF, key @ ..] => key.len() == 32 || key.len() == 33 && key[32] == 1,
        _ => false,
    };
    outcome(sound)
}

/// A seed of the XRP Ledger: a version of one byte, or of three for Ed25519, and 16 bytes.
pub(super) fn xrp(subject: &Subject<'_>) -> Outcome {
    let bytes = decode(subject.secret, XRP).unwrap_or_default();
    outcome(
        matches!(bytes.as_slice(), [0x21, seed @ ..] | [0x01, 0xE1, 0x4B, seed @ ..] if seed.len() == 16),
    )
}

/// A Solana key pair: 64 bytes without a checksum.
pub(super) fn solana(subject: &Subject<'_>) -> Outcome {
    match digits(subject.secret, DIGITS) {
        Some(bytes) if bytes.len() == 64 => {
            Outcome::Unproven(vec![Evidence::Structure("64 bytes".into())])
        }
        _ => Outcome::Rejected,
    }
}

/// The bytes before the checksum, if it is right.
fn decode(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    let mut bytes = digits(text, alphabet)?;
    let body = bytes.len().checked_sub(4)?;
    let sum = Sha256::digest(Sha256::digest(&bytes[..body]));
    if bytes[body..] != sum[..4] {
        return None;
    }
    bytes.truncate(body);
    Some(bytes)
}

/// The number that `text` writes, with a zero byte for each leading zero digit.
fn digits(text: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    if text.len() > LONGEST {
        return None;
    }
    // Least significant byte first, until the end.
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for byte in text {
        let mut carry = alphabet.iter().position(|digit| digit == byte)?;
        for place in &mut bytes {
            carry += usize::from(*place) * 58;
            *place = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(carry.to_le_bytes()[0]);
        }
    }
    let zeros = text.iter().take_while(|&&b| b == alphabet[0]).count();
    bytes.resize(bytes.len() + zeros, 0);
    bytes.reverse();
    Some(bytes)
}

/// Writes bytes as base58.
fn encode(bytes: &[u8], alphabet: &[u8; 58]) -> Vec<u8> {
    // Least significant digit first, until the end.
    let mut text: Vec<usize> = Vec::new();
    for &byte in bytes {
        let mut carry = usize::from(byte);
        for place in &mut text {
            carry += *place << 8;
            *place = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            text.push(carry % 58);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|&&b| b == 0).count();
    text.resize(text.len() + zeros, 0);
    text.into_iter().rev().map(|digit| alphabet[digit]).collect()
}

fn sealed(body: &[u8], alphabet: &[u8; 58]) -> Vec<u8> {
    encode(&[body, &Sha256::digest(Sha256::digest(body))[..4]].concat(), alphabet)
}

/// Counterpart of [`check`].
pub(super) fn mint(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let bytes = digits(form, DIGITS)?;
    Some(sealed(&bytes[..bytes.len().checked_sub(4)?], DIGITS))
}

/// Counterpart of [`wif`].
pub(super) fn mint_wif(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let compressed: &[u8] = draw.pick(&[&b""[..], &[1]]);
    let key = [&[draw.pick(&[0x80, 0xEF])], &draw.bytes(32)[..], compressed].concat();
    Some(sealed(&key, DIGITS))
}

/// Counterpart of [`xrp`].
pub(super) fn mint_xrp(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let version: &[u8] = draw.pick(&[&[0x21][..], &[0x01, 0xE1, 0x4B]]);
    Some(sealed(&[version, &draw.bytes(16)].concat(), XRP))
}

/// Counterpart of [`solana`].
pub(super) fn mint_solana(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    Some(encode(&draw.bytes(64), DIGITS))
}

#[cfg(test)]
mod tests {
    use super::super::trial::{assert_refutes_changes, outcome_of};
    use super::*;

    fn plain() -> String {
        ["5JkVWnhTsK5sD9MgRTbYJ6MHM", "8dfwBsjDNRqTbWfKyKZauGJYZG"].concat()
    }

    fn compressed() -> String {
        ["L1LxrUhbb4pUcbtGzxPT8ScX9", "rgrrAzuKbactPKvAjavpX9gjWTQ"].concat()
    }

    #[test]
    fn both_forms_of_the_vector_hold_one_key() {
        assert_refutes_changes(wif, &plain(), 0);
        assert_refutes_changes(wif, &compressed(), 0);
        let (long, short) =
            (decode(compressed().as_bytes(), DIGITS), decode(plain().as_bytes(), DIGITS));
        assert_eq!(long.unwrap()[..33], short.unwrap()[..]);
    }

    #[test]
    fn leading_ones_are_zero_bytes() {
        assert_eq!(digits(b"11", DIGITS), Some(vec![0, 0]));
        assert_eq!(digits(b"12", DIGITS), Some(vec![0, 1]));
        assert_eq!(digits(b"5Q", DIGITS), Some(vec![255]));
        assert_eq!(digits(b"5R", DIGITS), Some(vec![1, 0]));
    }

    #[test]
    fn other_text_is_rejected() {
        for text in ["", "1", "0OIl", &"z".repeat(500)] {
            assert_eq!(outcome_of(check, text), Outcome::Rejected);
        }
    }

    #[test]
    fn a_sound_checksum_over_other_bytes_is_no_wif() {
        // An address of nothing: version 0 and twenty zero bytes.
        let address = ["1".repeat(21), "4oLvT2".to_owned()].concat();
        assert!(matches!(outcome_of(check, &address), Outcome::Proven(_)));
        assert_eq!(outcome_of(wif, &address), Outcome::Rejected);
    }
}
