//! Ciphertexts, which open nothing without the key that is kept elsewhere.
//!
//! In: a value. Out: whether it is one.

use super::nature::marks;
use crate::detect::bytes::begins;

/// How what only a service or an account can open begins: AWS KMS, Windows' DPAPI, ejson.
const SEALED: &[&[u8]] = &[b"AQICAH", b"AQAAANCMnd8BFdERjHoAwE/Cl+sB", b"EJ[1:"];
/// Shortest of these.
const SHORTEST: usize = 80;
/// Shortest value of a `SealedSecret`: the length of a key of 2048 bits, the key, and a byte with its code.
const SEALED_SECRET: usize = (2 + 256 + 17) * 4 / 3;

/// Whether a value of a Kubernetes `SealedSecret`: it begins with the length of the key that opens it, 256 or 512.
fn is_sealed_secret(value: &[u8]) -> bool {
    matches!(value, [b'A', b'g' | b'Q', b'A'..=b'D', ..])
        && value.len() >= SEALED_SECRET
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
}

/// Whether a value is base64 of JSON that SOPS has encrypted, or of its front: `{"data": "ENC[AES256_GCM,…`.
fn is_sops(value: &[u8]) -> bool {
    let [b'e', b'w' | b'y', ..] = value else { return false };
    let front = &value[..value.len().min(SHORTEST) / 4 * 4];
    data_encoding::BASE64
        .decode(front)
        .is_ok_and(|json| marks(&json, b"\"ENC[AES256_GCM,").next().is_some())
}

/// Whether a value is a ciphertext: of one of the [`SEALED`], of a `SealedSecret`, with its type, vector and code
/// (`2.bm8=|Y2lw=|bWFj=`), with its version (`v2:{bm8=}`), or with its vector (`q8Zx7Lk2fV9wTnB4||bWFj…`).
pub(super) fn is_sealed(value: &[u8]) -> bool {
    let of_service = begins(value, SEALED);
    if of_service && value.len() >= SHORTEST || is_sealed_secret(value) || is_sops(value) {
        return true;
    }
    let base64 = |part: &[u8]| {
        part.len() >= 4 && part.iter().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
    };
    if let Some(at) = marks(value, b"||").next() {
        return at >= 16
            && value.len() >= at + 18
            && base64(&value[..at])
            && base64(&value[at + 2..]);
    }
    // As ManageIQ writes it.
    if let Some(inside) = value.strip_prefix(b"v2:{") {
        return base64(inside.strip_suffix(b"}").unwrap_or(inside));
    }
    let [b'0'..=b'9', b'.', rest @ ..] = value else { return false };
    rest.ends_with(b"=") && rest.split(|&b| b == b'|').all(base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ciphertexts_are_known_by_their_forms() {
        let long = |start: &str, length: usize| format!("{start}{}", "q8Zx7Lk2".repeat(length / 8));
        for value in [
            "2.bm9uY2U=|Y2lwaGVy|bWFj=",
            "q8Zx7Lk2fV9wTnB4||mR1sq8Zx7Lk2fV9wTnB4mR1s",
            "v2:{q8Zx7Lk2fV9wTnB4mR1sqA==}",
            &long("AQICAH", 160),
            &long("AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAA", 120),
            &long("EJ[1:", 120),
            &long("AgBy", 720),
            &long("AQDx", 368),
            &data_encoding::BASE64.encode(br#"{ "data": "ENC[AES256_GCM,data:q8Zx7Lk2fV9w"#),
        ] {
            assert!(is_sealed(value.as_bytes()), "{value}");
        }
        for value in [
            "2.bm9uY2U",
            "q8Zx||mR1s",
            "AQICAHq8Zx7Lk2",
            &long("AgBy", 120),
            &long("AgZy", 720),
            &long("Ag-y", 720),
        ] {
            assert!(!is_sealed(value.as_bytes()), "{value}");
        }
    }
}
