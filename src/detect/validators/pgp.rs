//! `OpenPGP` private key blocks.
//!
//! In: an armoured block. Out: whether its CRC-24 is right, its first packet is a secret key, and a pass
//! phrase protects it.

use data_encoding::BASE64;

use super::armor::{Body, inner, wrap};
use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// Reads the block.
pub(super) fn check(subject: &Subject<'_>) -> Outcome {
    let Some((text, closed)) = inner(subject.secret, "-----") else {
        return Outcome::Rejected;
    };
    let body = Body::read(text);
    let Some(packet) = secret_key(&body.bytes) else {
        return Outcome::Rejected;
    };
    if !body.varied() || !(closed || body.substantial()) {
        return Outcome::Rejected;
    }
    let mut evidence = vec![Evidence::Structure("secret key packet".into())];
    match body.crc {
        Some(crc) if crc == crc24(&body.bytes) => evidence.push(Evidence::Checksum),
        // Retyped or pasted in part. RFC 9580 section 6.1.1 forbids to refuse a block for that.
        Some(_) => evidence.push(Evidence::Context("wrong checksum".into())),
        None => {}
    }
    match protection(packet) {
        Some(0) if evidence.contains(&Evidence::Checksum) => Outcome::Proven(evidence),
        Some(0) | None => Outcome::Unproven(evidence),
        Some(_) => {
            evidence.push(Evidence::Fact("protection", "pass phrase".to_owned()));
            Outcome::Doubtful(evidence)
        }
    }
}

/// CRC-24 as `OpenPGP` defines it.
fn crc24(bytes: &[u8]) -> [u8; 3] {
    let mut crc: u32 = 0x00B7_04CE;
    for &byte in bytes {
        crc ^= u32::from(byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4CFB;
            }
        }
    }
    let [_, high, middle, low] = crc.to_be_bytes();
    [high, middle, low]
}

/// The content of the first packet, if that is a secret key (tag 5).
fn secret_key(bytes: &[u8]) -> Option<&[u8]> {
    let (&tag, rest) = bytes.split_first()?;
    let header = match tag {
        0x94 => 1,
        0x95 => 2,
        0x96 => 4,
        0xC5 => match rest.first()? {
            0..192 => 1,
            192..224 => 2,
            255 => 5,
            _ => return None,
        },
        _ => return None,
    };
    rest.get(header..).filter(|packet| packet.len() > 16)
}

/// The octet that says how the secret part of a version 4 key is protected; 0 is not at all.
fn protection(packet: &[u8]) -> Option<u8> {
    let (head, rest) = packet.split_first_chunk::<6>()?;
    if head[0] != 4 {
        return None;
    }
    let rest = match head[5] {
        1..=3 => numbers(rest, 2)?,
        16 => numbers(rest, 3)?,
        17 => numbers(rest, 4)?,
        // The curve's identifier, a point, and for ECDH the key derivation's parameters.
        18 => sized(numbers(sized(rest)?, 1)?)?,
        19 | 22 => numbers(sized(rest)?, 1)?,
        25 | 27 => rest.get(32..)?,
        26 => rest.get(56..)?,
        28 => rest.get(57..)?,
        _ => return None,
    };
    rest.first().copied()
}

/// Skips `count` multiprecision integers: a length in bits, then the bytes.
fn numbers(mut input: &[u8], count: usize) -> Option<&[u8]> {
    for _ in 0..count {
        let (bits, rest) = input.split_first_chunk::<2>()?;
        input = rest.get(usize::from(u16::from_be_bytes(*bits)).div_ceil(8)..)?;
    }
    Some(input)
}

/// Skips a field that its first octet gives the length of.
fn sized(input: &[u8]) -> Option<&[u8]> {
    let (&length, rest) = input.split_first()?;
    rest.get(usize::from(length)..)
}

/// Counterpart of [`check`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    // Version, time, EdDSA, its curve, a point of 263 bits; then no protection, and the secret part.
    let public = [&[4, 0x60, 0, 0, 0, 22, 9], &draw.bytes(9)[..], &[1, 7], &draw.bytes(33)];
    let packet = [&public.concat()[..], &[0], &draw.bytes(160)].concat();
    let bytes = [&[0x95, 0, u8::try_from(packet.len()).ok()?], &packet[..]].concat();
    let sum = BASE64.encode(&crc24(&bytes));
    let block = wrap("PGP PRIVATE KEY BLOCK", &BASE64.encode(&bytes), "\n");
    let block = block.replace("-----\n", "-----\n\n");
    Some(block.replace("-----END", &format!("={sum}\n-----END")).into_bytes())
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;

    /// An Ed25519 key (algorithm 27) with the given protection.
    fn key(protection: u8) -> Vec<u8> {
        let mut packet = vec![0xC5, 74, 4, 1, 2, 3, 4, 27];
        packet.extend((0..32u8).map(|n| n.wrapping_mul(57)));
        packet.push(protection);
        packet.extend((0..35u8).map(|n| n.wrapping_mul(91) ^ 7));
        packet
    }

    fn judged(bytes: &[u8], crc: [u8; 3]) -> Outcome {
        let text = format!(
            "-----{} PGP X-----\nVersion: 1\n\n{}\n={}\n-----{} PGP X-----",
            "BEGIN",
            BASE64.encode(bytes),
            BASE64.encode(&crc),
            "END"
        );
        check(&Subject { secret: text.as_bytes(), whole: text.as_bytes() })
    }

    #[test]
    fn the_published_check_value() {
        assert_eq!(crc24(b"123456789"), [0x21, 0xCF, 0x02]);
    }

    #[test]
    fn open_and_protected_keys() {
        let open = key(0);
        assert!(matches!(judged(&open, crc24(&open)), Outcome::Proven(_)));
        let closed = key(254);
        assert!(matches!(judged(&closed, crc24(&closed)), Outcome::Doubtful(_)));
    }

    #[test]
    fn a_wrong_checksum_proves_nothing() {
        assert!(matches!(judged(&key(0), [1, 2, 3]), Outcome::Unproven(_)));
    }

    #[test]
    fn public_keys_are_none() {
        let mut public = key(0);
        public[0] = 0xC6;
        assert_eq!(judged(&public, crc24(&public)), Outcome::Rejected);
    }
}
