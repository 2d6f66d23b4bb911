//! Stellar secret seeds.
//!
//! In: base32 text. Out: proof by version byte and CRC-16.

use data_encoding::BASE32;

use super::checksum::outcome;
use super::{Outcome, Subject};
use crate::detect::sample::Draw;

/// Version byte of a secret seed.
const SEED: u8 = 0x90;

/// Verifies version and checksum.
pub(super) fn seed(subject: &Subject<'_>) -> Outcome {
    let bytes = BASE32.decode(subject.secret).unwrap_or_default();
    let sound = bytes.len() == 35 && bytes[0] == SEED && bytes[33..] == crc16(&bytes[..33]);
    outcome(sound)
}

/// CRC-16/XMODEM, least significant byte first.
pub(in crate::detect) fn crc16(bytes: &[u8]) -> [u8; 2] {
    let mut sum = 0u16;
    for byte in bytes {
        sum ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            let carry = sum >> 15;
            sum = (sum << 1) ^ (carry * 0x1021);
        }
    }
    sum.to_le_bytes()
}

/// Counterpart of [`seed`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let body = [&[SEED], &draw.bytes(32)[..]].concat();
    Some(BASE32.encode(&[&body[..], &crc16(&body)].concat()).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::trial::outcome_of;
    use super::*;

    #[test]
    fn the_check_value_of_the_algorithm() {
        assert_eq!(crc16(b"123456789"), [0xC3, 0x31]);
    }

    #[test]
    fn the_vector_verifies_and_no_change_of_it() {
        let text = ["SDJWYMZPAUCFQU5QNFE3IQEQDI3R", "ZGJIQLIB6BNZV4LBXXGHYJL3ZL4P"].concat();
        assert!(matches!(outcome_of(seed, &text), Outcome::Proven(_)));
        for at in 0..text.len() {
            let mut changed = text.clone();
            let other = if &text[at..=at] == "Q" { "R" } else { "Q" };
            changed.replace_range(at..=at, other);
            assert_eq!(outcome_of(seed, &changed), Outcome::Rejected, "byte {at}");
        }
        assert_eq!(outcome_of(seed, &text[..48]), Outcome::Rejected);
    }

    #[test]
    fn public_accounts_are_no_seeds() {
        let mut bytes = vec![0x30; 33];
        bytes.extend(crc16(&bytes));
        assert_eq!(outcome_of(seed, &BASE32.encode(&bytes)), Outcome::Rejected);
        bytes.truncate(33);
        bytes[0] = SEED;
        bytes.extend(crc16(&bytes));
        assert!(matches!(outcome_of(seed, &BASE32.encode(&bytes)), Outcome::Proven(_)));
    }
}
