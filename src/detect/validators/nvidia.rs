//! NVIDIA NGC keys of the older form: base64 of an id, a colon and a UUID.
//!
//! In: a key. Out: proven if it decodes so, rejected otherwise.

use data_encoding::BASE64;

use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// Checks what an NGC key decodes to.
pub(super) fn ngc_key(subject: &Subject<'_>) -> Outcome {
    let Ok(text) = BASE64.decode(subject.secret) else {
        return Outcome::Rejected;
    };
    match text.split_first_chunk::<26>() {
        Some((id, [b':', uuid @ ..])) if id.iter().copied().all(is_base32) && is_uuid(uuid) => {
            Outcome::Proven(vec![Evidence::Structure("id and uuid".into())])
        }
        _ => Outcome::Rejected,
    }
}

fn is_base32(byte: u8) -> bool {
    matches!(byte.to_ascii_uppercase(), b'A'..=b'Z' | b'2'..=b'7')
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Counterpart of [`ngc_key`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let id = draw.text(b"abcdefghijklmnopqrstuvwxyz234567", 26);
    let uuid = [8, 4, 4, 4, 12].map(|length| draw.hex(length)).join("-");
    Some(BASE64.encode(&[&id[..], b":", uuid.as_bytes()].concat()).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Outcome {
        let key = BASE64.encode(text.as_bytes());
        ngc_key(&Subject { secret: key.as_bytes(), whole: key.as_bytes() })
    }

    #[test]
    fn an_id_and_a_uuid_prove() {
        let outcome = check("k3mq7ztx2vwc5nprb4jhd6lgsa:8e1f0c52-7b3a-4d96-a1f4-5c0e92d7b683");
        assert!(matches!(outcome, Outcome::Proven(_)));
    }

    #[test]
    fn other_text_is_rejected() {
        for other in [
            "k3mq7ztx2vwc5nprb4jhd6lgs1:8e1f0c52-7b3a-4d96-a1f4-5c0e92d7b683",
            "k3mq7ztx2vwc5nprb4jhd6lgsa:8e1f0c52-7b3a-4d96-a1f4-5c0e92d7b68",
            "k3mq7ztx2vwc5nprb4jhd6lgsa-8e1f0c52-7b3a-4d96-a1f4-5c0e92d7b683",
            "",
        ] {
            assert_eq!(check(other), Outcome::Rejected, "{other}");
        }
    }
}
