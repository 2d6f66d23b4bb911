//! Keys that are nothing but random bytes of a known number, in base64.
//!
//! In: the text of a key. Out: rejection where it stands for another number of bytes, or for bytes
//! that nobody would draw at random.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, HEXLOWER_PERMISSIVE};

use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// A Fernet key: 32 bytes in base64url.
pub(super) fn fernet(subject: &Subject<'_>) -> Outcome {
    judge(BASE64URL.decode(subject.secret).ok(), &[32])
}

/// A Laravel application key: 32 bytes, or 16 for AES-128.
pub(super) fn laravel(subject: &Subject<'_>) -> Outcome {
    let text = subject.secret.strip_prefix(b"base64:").unwrap_or(subject.secret);
    judge(BASE64.decode(text).ok(), &[16, 32])
}

/// A Docker swarm unlock key: 32 bytes without padding, after its prefix.
pub(super) fn swarm(subject: &Subject<'_>) -> Outcome {
    let text = subject.secret.get(9..).unwrap_or_default();
    judge(BASE64_NOPAD.decode(text).ok(), &[32])
}

/// A share of a Vault unseal key: 33 bytes, or 32 where one share is all.
pub(super) fn unseal(subject: &Subject<'_>) -> Outcome {
    let text = subject.secret;
    let bytes = HEXLOWER_PERMISSIVE.decode(text).or_else(|_| BASE64.decode(text));
    judge(bytes.ok(), &[32, 33])
}

/// A `WireGuard` key: 32 bytes; private keys have five bits fixed.
pub(super) fn wireguard(subject: &Subject<'_>) -> Outcome {
    let Ok(bytes) = BASE64.decode(subject.secret) else {
        return Outcome::Rejected;
    };
    let outcome = judge(Some(bytes.clone()), &[32]);
    match (&outcome, bytes.as_slice()) {
        (Outcome::Unproven(_), [first, .., last])
            if first.trailing_zeros() >= 3 && last & 0xC0 == 0x40 =>
        {
            Outcome::Proven(vec![Evidence::Structure("clamped Curve25519 key".into())])
        }
        _ => outcome,
    }
}

/// The bytes of a Solana key pair, as numbers in a list.
pub(super) fn solana(subject: &Subject<'_>) -> Outcome {
    let text = String::from_utf8_lossy(subject.secret);
    let bytes: Option<Vec<u8>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    // Tables of a program's are of small numbers; one random key in 2^64 is. SHA-512 begins with the
    // bytes that are refused (FIPS 180-4, section 5.3.5).
    let key = |bytes: &Vec<u8>| {
        bytes.iter().any(|byte| *byte >= 128) && !bytes.starts_with(&[106, 9, 230, 103])
    };
    judge(bytes.filter(key), &[64])
}

/// Counterpart of [`solana`].
pub(super) fn mint_solana(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let numbers: Vec<String> = draw.bytes(64).iter().map(ToString::to_string).collect();
    Some(numbers.join(", ").into_bytes())
}

/// Judges decoded bytes by their number and variety.
fn judge(bytes: Option<Vec<u8>>, sizes: &[usize]) -> Outcome {
    match bytes {
        Some(bytes) if sizes.contains(&bytes.len()) && !is_drawn_up(&bytes) => {
            Outcome::Unproven(vec![Evidence::Structure(format!("{} bytes", bytes.len()).into())])
        }
        _ => Outcome::Rejected,
    }
}

/// Whether the bytes were typed or are a record of a program's: text, a repeated byte, a count, many zeros.
fn is_drawn_up(bytes: &[u8]) -> bool {
    let zeros = memchr::memchr_iter(0, bytes).count();
    let steps = bytes.windows(2).filter(|w| w[0].abs_diff(w[1]) <= 1).count();
    steps * 2 > bytes.len()
        || zeros * 4 > bytes.len()
        || bytes.iter().all(|b| b.is_ascii_alphabetic() || b" _-".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(check: super::super::Check, text: &str) -> Outcome {
        check(&Subject { secret: text.as_bytes(), whole: text.as_bytes() })
    }

    #[test]
    fn keys_of_the_specification() {
        let fernet_key = ["yQ6358OH7yIZY-6lgUo", "SDdBRSDqzxMjmmQtaQ3fL9VQ="].concat();
        assert!(matches!(judged(fernet, &fernet_key), Outcome::Unproven(_)));
        let wireguard_key = ["KGcXbcCryr2tvuKHx9OQ", "F91Jn5SkGcM42jOM/QHqS1E="].concat();
        assert!(matches!(judged(wireguard, &wireguard_key), Outcome::Proven(_)));
    }

    #[test]
    fn unclamped_wireguard_keys_may_be_preshared() {
        let mut bytes: Vec<u8> = (0..32u8).map(|n| n.wrapping_mul(61) ^ 0xA7).collect();
        bytes[0] |= 1;
        assert!(matches!(judged(wireguard, &BASE64.encode(&bytes)), Outcome::Unproven(_)));
    }

    #[test]
    fn tables_of_small_numbers_are_no_key() {
        let list = |bytes: &mut dyn Iterator<Item = u8>| {
            bytes.map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ")
        };
        let key = list(&mut (0..64u8).map(|n| n.wrapping_mul(61) ^ 0xA7));
        assert!(matches!(judged(solana, &key), Outcome::Unproven(_)));
        let order = list(&mut (0..64u8).map(|n| n.wrapping_mul(7) % 64));
        for text in [&order, &key[..key.len() - 5], &key.replace("167", "267")] {
            assert_eq!(judged(solana, text), Outcome::Rejected);
        }
    }

    #[test]
    fn other_sizes_and_typed_bytes_are_rejected() {
        assert_eq!(judged(laravel, &BASE64.encode(&[9; 32])), Outcome::Rejected);
        let curve =
            ["para", "\0\0\0\0", "\0\x03\0\0", "\0\x02ff", "\0\0\x72\x27", "q8Zx7Lk2fV9w"].concat();
        assert_eq!(judged(laravel, &BASE64.encode(&curve.as_bytes()[..32])), Outcome::Rejected);
        assert_eq!(
            judged(laravel, &BASE64.encode(b"ThisIsNotTheKeyThatYouAreSeeking")),
            Outcome::Rejected
        );
        let noise: Vec<u8> = (0..31u8).map(|n| n.wrapping_mul(61)).collect();
        assert_eq!(judged(laravel, &BASE64.encode(&noise)), Outcome::Rejected);
        assert_eq!(judged(unseal, &BASE64.encode(&noise)), Outcome::Rejected);
    }
}
