//! `SendGrid` keys: two numbers in base64url.
//!
//! In: a key. Out: `Unproven` when both have the right size and their spare bits are clear, else
//! `Doubtful`.

use super::payload::base64;
use super::{Evidence, Outcome, Subject};
use crate::detect::sample::Draw;

/// `SG.`, 16 bytes, `.`, 32 bytes: their last characters have six spare bits, all clear.
pub(super) fn key(subject: &Subject<'_>) -> Outcome {
    let mut parts = subject.secret.split(|&b| b == b'.').skip(1);
    let sizes = [parts.next(), parts.next()].map(|part| {
        let part = part?;
        let bytes = base64(part)?;
        let again = data_encoding::BASE64URL_NOPAD.encode(&bytes);
        (again.as_bytes() == part).then_some(bytes.len())
    });
    if sizes == [Some(16), Some(32)] {
        Outcome::Unproven(vec![Evidence::Structure("16 and 32 bytes".into())])
    } else {
        Outcome::Doubtful(Vec::new())
    }
}

/// Counterpart of [`key`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let [id, secret] =
        [16, 32].map(|size| data_encoding::BASE64URL_NOPAD.encode(&draw.bytes(size)));
    Some(["SG", &id, &secret].join(".").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::trial::outcome_of;
    use super::*;

    #[test]
    fn spare_bits() {
        let encode = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
        let (id, secret) = (encode(&[0xa7; 16]), encode(&[0x9c; 32]));
        let fits = |id: &str, secret: &str| {
            let text = ["SG", id, secret].join(".");
            matches!(outcome_of(key, &text), Outcome::Unproven(_))
        };
        assert!(fits(&id, &secret));
        assert!(!fits(&id.replace("pw", "px"), &secret));
        assert!(!fits(&id, &secret[1..]));
        assert!(!fits("", ""));
    }
}
