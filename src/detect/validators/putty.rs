//! `PuTTY`'s private key files.
//!
//! In: the file from its first line to its MAC. Out: proof that it holds a key without a pass phrase,
//! or a doubt that names the cipher.

use super::armor::Body;
use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// Reads the `Encryption` line and the private lines.
pub(super) fn check(subject: &Subject<'_>) -> Outcome {
    let Some(cipher) = after(subject.secret, b"Encryption:").map(word) else {
        return Outcome::Rejected;
    };
    let Some(private) = after(subject.secret, b"Private-Lines:") else {
        return Outcome::Rejected;
    };
    let end = memchr::memmem::find(private, b"Private-MAC").unwrap_or(private.len());
    // The rest of the first line is a number, no base64.
    let body = Body::read(&[b":", &private[..end]].concat());
    if body.bytes.len() < 20 || !body.varied() {
        return Outcome::Rejected;
    }
    if cipher == b"none" {
        Outcome::Proven(vec![Evidence::Structure("key without a pass phrase".into())])
    } else {
        let cipher = String::from_utf8_lossy(cipher).into_owned();
        Outcome::Doubtful(vec![Evidence::Fact("cipher", cipher)])
    }
}

/// What follows `name`.
fn after<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    memchr::memmem::find(text, name).map(|at| &text[at + name.len()..])
}

/// The first word of `text`.
fn word(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let end =
        text.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'-').unwrap_or(text.len());
    &text[..end]
}

/// Counterpart of [`check`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let (public, private) = (draw.bytes(51), draw.bytes(36));
    let [public, private] = [public, private].map(|bytes| data_encoding::BASE64.encode(&bytes));
    Some(
        format!(
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: c\n\
             Public-Lines: 2\n{}\n{}\nPrivate-Lines: 1\n{private}\nPrivate-MAC: {}",
            &public[..64],
            &public[64..],
            draw.hex(64)
        )
        .into_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;

    fn judged(cipher: &str, end: &str) -> Outcome {
        let noise: Vec<u8> = (0..90u8).map(|n| n.wrapping_mul(73) ^ 0x1F).collect();
        let text = [
            "PuTTY-User-Key-File-3: ssh-ed25519",
            &format!("Encryption: {cipher}"),
            "Comment: me",
            "Public-Lines: 2",
            &BASE64.encode(&noise[..60]),
            "Private-Lines: 1",
            &BASE64.encode(&noise),
            "Private-MAC: 00ff",
        ]
        .join(end);
        check(&Subject { secret: text.as_bytes(), whole: text.as_bytes() })
    }

    #[test]
    fn the_encryption_line_decides() {
        assert!(matches!(judged("none", "\n"), Outcome::Proven(_)));
        assert!(matches!(judged("none", "\\r\\n"), Outcome::Proven(_)));
        assert_eq!(
            judged("aes256-cbc", "\r\n"),
            Outcome::Doubtful(vec![Evidence::Fact("cipher", "aes256-cbc".to_owned())])
        );
    }

    #[test]
    fn headers_without_a_body_are_no_key() {
        let text = b"PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPrivate-Lines: 8\n...";
        let subject = Subject { secret: text, whole: text };
        assert_eq!(check(&subject), Outcome::Rejected);
    }
}
