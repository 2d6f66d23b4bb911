//! Tokens of Atlassian's Data Center products: base64 of a number, a colon and a secret.
//!
//! In: a token, with or without its prefix. Out: `Proven` with the number, or `Rejected`.

use data_encoding::BASE64;

use super::payload::base64;
use super::{Evidence, Outcome, Subject};
use crate::detect::sample::Draw;

/// Bytes of the secret in a Data Center token.
const SECRET: usize = 20;

/// Bitbucket, Jira and Confluence Data Center: up to twelve digits, a colon, twenty bytes. A prefix
/// that ends in a dash may stand in front.
pub(super) fn token(subject: &Subject<'_>) -> Outcome {
    let body = match memchr::memrchr(b'-', subject.secret) {
        Some(dash) => &subject.secret[dash + 1..],
        None => subject.secret,
    };
    let Some(bytes) = base64(body) else {
        return Outcome::Rejected;
    };
    let number = bytes.len().checked_sub(SECRET).and_then(|end| bytes[..end].strip_suffix(b":"));
    match number {
        Some(digits)
            if (1..=12).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) =>
        {
            let id = String::from_utf8_lossy(digits).into_owned();
            Outcome::Proven(vec![
                Evidence::Structure("number:secret".into()),
                Evidence::Fact("id", id),
            ])
        }
        _ => Outcome::Rejected,
    }
}

/// Counterpart of [`token`].
pub(super) fn mint(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let prefix: &[u8] = if form.starts_with(b"BBDC-") { b"BBDC-" } else { b"" };
    let number = draw.text(b"0123456789", 12);
    let bytes = [&number[..], b":", &draw.bytes(SECRET)].concat();
    Some([prefix, BASE64.encode(&bytes).as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{facts, outcome_of};
    use super::*;

    fn pack(text: &str) -> String {
        data_encoding::BASE64.encode(text.as_bytes())
    }

    #[test]
    fn number_and_secret() {
        let body = ["MTIzNDU2Nzg5MDEyOlb3", "uecTod8HX1pZjizlpYmZl9DG"].concat();
        for text in [body.clone(), ["BBDC", "-", &body].concat()] {
            let outcome = outcome_of(token, &text);
            assert_eq!(facts(&outcome), ["id:123456789012"]);
        }
        for text in ["1234567890:tooshort", "no number but 20 or more bytes:"] {
            assert_eq!(outcome_of(token, &pack(text)), Outcome::Rejected);
        }
    }
}
