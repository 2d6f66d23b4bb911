//! Passwords that Windows writes into files in a form that anyone can undo.
//!
//! In: the value of an attribute or element. Out: whether it can be such a password.

use data_encoding::{BASE64, BASE64_NOPAD};

use super::{Outcome, Subject, login};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// What setup appends to a password before it encodes it.
const SUFFIXES: [&str; 3] = ["AdministratorPassword", "DomainAdminPassword", "Password"];

/// Group Policy Preferences: AES blocks in base64, under a key that is published.
pub(super) fn cpassword(subject: &Subject<'_>) -> Outcome {
    let text = subject.secret.trim_ascii_end();
    let bytes = BASE64.decode(text).or_else(|_| BASE64_NOPAD.decode(text)).unwrap_or_default();
    if bytes.is_empty() || !bytes.len().is_multiple_of(16) {
        return Outcome::Rejected;
    }
    Outcome::Unproven(vec![Evidence::Structure("AES blocks".into())])
}

/// Answer files: plain text, or base64 of UTF-16 that ends in the element's name.
pub(super) fn answer(subject: &Subject<'_>) -> Outcome {
    let Some(plain) = decode(subject.secret) else {
        return login::argument(subject);
    };
    let stem = SUFFIXES.iter().find_map(|suffix| plain.strip_suffix(suffix)).unwrap_or(&plain);
    match login::argument(&Subject { secret: stem.as_bytes(), whole: subject.whole }) {
        Outcome::Unproven(_) => Outcome::Proven(vec![Evidence::Structure("encoded".into())]),
        other => other,
    }
}

/// The ASCII text that base64 of UTF-16, little-endian, stands for.
fn decode(text: &[u8]) -> Option<String> {
    let bytes = BASE64.decode(text).ok().filter(|bytes| !bytes.is_empty())?;
    let units = bytes.chunks(2).map(|unit| match unit {
        &[byte, 0] if (0x20..0x7F).contains(&byte) => Some(char::from(byte)),
        _ => None,
    });
    units.collect()
}

/// Counterpart of [`cpassword`].
pub(super) fn mint_cpassword(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let blocks = 1 + draw.below(4);
    Some(BASE64.encode(&draw.bytes(16 * blocks)).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::trial::outcome_of;
    use super::*;

    fn encode(text: &str) -> String {
        BASE64.encode(&text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
    }

    #[test]
    fn encoded_passwords_are_looked_into() {
        for suffix in SUFFIXES {
            let text = encode(&format!("Kettle-42{suffix}"));
            assert!(matches!(outcome_of(answer, &text), Outcome::Proven(_)), "{suffix}");
            let dummy = encode(&format!("Passw0rd{suffix}"));
            assert_eq!(outcome_of(answer, &dummy), Outcome::Rejected);
        }
        assert!(matches!(outcome_of(answer, "Kettle-42"), Outcome::Unproven(_)));
        assert_eq!(outcome_of(answer, "*SENSITIVE*DATA*DELETED*"), Outcome::Rejected);
    }

    #[test]
    fn cpasswords_are_whole_blocks() {
        let blocks: Vec<u8> = (0..32u8).map(|n| n.wrapping_mul(61) ^ 0x5C).collect();
        let padded = BASE64.encode(&blocks);
        assert!(matches!(outcome_of(cpassword, &padded), Outcome::Unproven(_)));
        let bare = BASE64_NOPAD.encode(&blocks);
        assert!(matches!(outcome_of(cpassword, &bare), Outcome::Unproven(_)));
        assert_eq!(outcome_of(cpassword, &BASE64.encode(&blocks[1..])), Outcome::Rejected);
        assert_eq!(outcome_of(cpassword, ""), Outcome::Rejected);
    }
}
