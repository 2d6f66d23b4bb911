//! Private keys of OpenSSH and ssh.com, told by what their body decodes to.
//!
//! In: an armoured block. Out: proof that it is a key without a pass phrase, or a doubt that names
//! the cipher which protects it.

use data_encoding::BASE64;

use super::armor::{Body, inner, wrap};
use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

const MAGIC: &[u8] = b"openssh-key-v1\0";
const SSH2_MAGIC: [u8; 4] = [0x3F, 0x6F, 0xF9, 0xEB];

/// Reads an OpenSSH key.
pub(super) fn openssh(subject: &Subject<'_>) -> Outcome {
    judge(subject, "-----", |bytes| bytes.strip_prefix(MAGIC).map(string))
}

/// Reads an ssh.com key: magic, total length, key type, cipher.
pub(super) fn ssh2(subject: &Subject<'_>) -> Outcome {
    judge(subject, "----", |bytes| {
        let rest = bytes.strip_prefix(&SSH2_MAGIC)?.get(4..)?;
        Some(string(rest).and_then(|(_, rest)| string(rest)))
    })
}

/// A length-prefixed string of the SSH protocol, and what follows it.
fn string(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = input.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

/// Finds the cipher with `cipher`: `None` where the magic is wrong, `Some(None)` where the rest is.
fn judge(
    subject: &Subject<'_>,
    dashes: &str,
    cipher: impl Fn(&[u8]) -> Option<Option<(&[u8], &[u8])>>,
) -> Outcome {
    let Some((text, closed)) = inner(subject.secret, dashes) else {
        return Outcome::Rejected;
    };
    let body = Body::read(text);
    let Some(Some((cipher, rest))) = cipher(&body.bytes) else {
        return Outcome::Rejected;
    };
    if cipher.is_empty() || cipher.len() > 64 || !cipher.iter().all(u8::is_ascii_graphic) {
        return Outcome::Rejected;
    }
    if cipher != b"none" {
        let cipher = String::from_utf8_lossy(cipher).into_owned();
        return Outcome::Doubtful(vec![Evidence::Fact("cipher", cipher)]);
    }
    let key = vec![Evidence::Structure("key without a pass phrase".into())];
    if !body.varied() || rest.len() < 32 {
        Outcome::Rejected
    } else if closed && !body.elided {
        Outcome::Proven(key)
    } else if body.substantial() {
        Outcome::Unproven(key)
    } else {
        Outcome::Rejected
    }
}

/// Counterpart of [`openssh`].
pub(super) fn mint_openssh(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    const CIPHER: &[u8] = b"\0\0\0\x04none\0\0\0\x04none\0\0\0\0";
    let bytes = [MAGIC, CIPHER, &draw.bytes(200)].concat();
    let line = draw.pick(&["\n", "\\n"]);
    Some(wrap("OPENSSH PRIVATE KEY", &BASE64.encode(&bytes), line).into_bytes())
}

/// Counterpart of [`ssh2`].
pub(super) fn mint_ssh2(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    const KIND: &[u8] = b"\0\0\x01\0\0\0\0\x03rsa\0\0\0\x04none";
    let bytes = [&SSH2_MAGIC, KIND, &draw.bytes(200)].concat();
    let block = wrap("SSH2 ENCRYPTED PRIVATE KEY", &BASE64.encode(&bytes), "\n");
    let block = block.replace("-----BEGIN", "---- BEGIN").replace("-----END", "---- END");
    Some(block.replace("-----", " ----").into_bytes())
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;

    fn wire(text: &[u8]) -> Vec<u8> {
        let length = u32::try_from(text.len()).expect("short");
        [&length.to_be_bytes()[..], text].concat()
    }

    fn noise() -> Vec<u8> {
        (0..200u8).map(|n| n.wrapping_mul(101) ^ 0x33).collect()
    }

    fn judged(check: super::super::Check, dashes: &str, bytes: &[u8]) -> Outcome {
        let text =
            format!("{dashes}BEGIN X{dashes}\n{}\n{dashes}END X{dashes}", BASE64.encode(bytes));
        check(&Subject { secret: text.as_bytes(), whole: text.as_bytes() })
    }

    fn key(cipher: &[u8]) -> Vec<u8> {
        [MAGIC, &wire(cipher), &noise()].concat()
    }

    #[test]
    fn the_cipher_decides() {
        let plain = judged(openssh, "-----", &key(b"none"));
        assert!(matches!(plain, Outcome::Proven(_)));
        assert_eq!(
            judged(openssh, "-----", &key(b"aes256-ctr")),
            Outcome::Doubtful(vec![Evidence::Fact("cipher", "aes256-ctr".to_owned())])
        );
        assert_eq!(judged(openssh, "-----", &noise()), Outcome::Rejected);
        assert_eq!(judged(openssh, "-----", MAGIC), Outcome::Rejected);
    }

    #[test]
    fn ssh2_keys_name_their_cipher_too() {
        let key = |cipher: &[u8]| {
            let kind = wire(b"if-modn{sign{rsa-pkcs1-sha1}}");
            [&SSH2_MAGIC[..], &[0; 4], &kind, &wire(cipher), &noise()].concat()
        };
        assert!(matches!(judged(ssh2, "----", &key(b"none")), Outcome::Proven(_)));
        assert!(matches!(judged(ssh2, "----", &key(b"3des-cbc")), Outcome::Doubtful(_)));
        assert_eq!(judged(ssh2, "----", &noise()), Outcome::Rejected);
    }
}
