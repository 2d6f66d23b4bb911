//! Base64 of `user:password`, and of Atlassian's `number:secret`.
//!
//! In: base64 text. Out: `Proven` with the user, `Example` where the password is a dummy,
//! `Rejected` where it decodes to anything else.

use super::payload::base64;
use super::{Evidence, Outcome, Subject};

/// Passwords that documentation shows.
const DUMMIES: &[&str] =
    &["pass", "password", "passwd", "secret", "changeme", "token", "pwd", "passw0rd"];

/// Bytes of the secret in a Data Center token.
const SECRET: usize = 20;

/// Docker's `auth`, npm's `_auth`, HTTP Basic.
pub(super) fn credentials(subject: &Subject<'_>) -> Outcome {
    let text = base64(subject.secret).and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((user, password)) = text.as_deref().and_then(|text| text.split_once(':')) else {
        return Outcome::Rejected;
    };
    let printable = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
    if !printable(user) || !printable(password) {
        return Outcome::Rejected;
    }
    if DUMMIES.contains(&password.to_ascii_lowercase().as_str()) {
        return Outcome::Example;
    }
    let user = user.chars().take(80).collect();
    Outcome::Proven(vec![Evidence::Structure("user:password".into()), Evidence::Fact("user", user)])
}

/// Bitbucket, Jira and Confluence Data Center: up to twelve digits, a colon, twenty bytes. A prefix
/// that ends in a dash may stand in front.
pub(super) fn data_center(subject: &Subject<'_>) -> Outcome {
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

#[cfg(test)]
mod tests {
    use super::super::trial::{facts, outcome_of};
    use super::*;

    fn pack(text: &str) -> String {
        data_encoding::BASE64.encode(text.as_bytes())
    }

    #[test]
    fn user_is_told() {
        let outcome = outcome_of(credentials, &pack("robot:w9:Kq2"));
        assert_eq!(facts(&outcome), ["user:robot"]);
        assert_eq!(outcome_of(credentials, &pack("robot:Password")), Outcome::Example);
    }

    #[test]
    fn other_text_is_refuted() {
        for text in ["no colon in here", ":nobody", "nothing:", "line\n:feed", ""] {
            assert_eq!(outcome_of(credentials, &pack(text)), Outcome::Rejected);
        }
        assert_eq!(outcome_of(credentials, "%%%"), Outcome::Rejected);
    }

    #[test]
    fn data_center_token() {
        let body = ["MTIzNDU2Nzg5MDEyOlb3", "uecTod8HX1pZjizlpYmZl9DG"].concat();
        for token in [body.clone(), ["BBDC", "-", &body].concat()] {
            let outcome = outcome_of(data_center, &token);
            assert_eq!(facts(&outcome), ["id:123456789012"]);
        }
        for text in ["1234567890:tooshort", "no number but 20 or more bytes:"] {
            assert_eq!(outcome_of(data_center, &pack(text)), Outcome::Rejected);
        }
    }
}
