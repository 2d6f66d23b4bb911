//! PEM private keys: PKCS#1, PKCS#8, SEC 1 and DSA.
//!
//! In: a block from `BEGIN` to `END`, or as far as it goes. Out: proof that it holds a key, of what
//! kind, and whether a pass phrase protects it.

use data_encoding::{BASE64, BASE64_NOPAD};

use super::armor::{Body, inner};
use super::der::{self, Element};
use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// What a DER structure turned out to be.
struct Key {
    name: &'static str,
    protected: bool,
}

/// Reads the block and the key in it.
pub(super) fn check(subject: &Subject<'_>) -> Outcome {
    let Some((text, closed)) = inner(subject.secret, "-----") else {
        return Outcome::Rejected;
    };
    let body = Body::read(text);
    if memchr::memmem::find(text, b"Proc-Type").is_some()
        && memchr::memmem::find(text, b"ENCRYPTED").is_some()
    {
        return if closed || body.substantial() {
            protected("PEM cipher")
        } else {
            Outcome::Rejected
        };
    }
    if !body.varied() || body.bytes.first() != Some(&der::SEQUENCE) {
        return Outcome::Rejected;
    }
    let Some(claimed) = der::claimed(&body.bytes) else {
        return Outcome::Rejected;
    };
    if (32..=body.bytes.len()).contains(&claimed) {
        return judge(&body.bytes[..claimed]);
    }
    shortened(&body, claimed, closed)
}

/// Reads a block that was encoded in base64 as a whole.
pub(super) fn wrapped(subject: &Subject<'_>) -> Outcome {
    let text = subject.secret;
    let whole = &text[..text.len() - text.len() % 4];
    let Ok(block) = BASE64.decode(whole).or_else(|_| BASE64_NOPAD.decode(text)) else {
        return Outcome::Rejected;
    };
    let read = Subject { secret: &block, whole: &block };
    let label = &block[..block.len().min(64)];
    if memchr::memmem::find(label, b"PRIVATE KEY").is_none() {
        Outcome::Rejected
    } else if memchr::memmem::find(label, b"OPENSSH").is_some() {
        super::ssh::openssh(&read)
    } else if memchr::memmem::find(label, b"PGP").is_some() {
        super::pgp::check(&read)
    } else {
        check(&read)
    }
}

/// A key pasted whole.
fn judge(der: &[u8]) -> Outcome {
    match recognise(der) {
        Some(key) if key.protected => protected(key.name),
        Some(key) => Outcome::Proven(vec![Evidence::Structure(key.name.into())]),
        None => Outcome::Unproven(vec![Evidence::Structure("DER sequence".into())]),
    }
}

/// A key of which something is missing. One that has an end marker all the same was cut on purpose,
/// as documentation does.
fn shortened(body: &Body, claimed: usize, closed: bool) -> Outcome {
    let missing = vec![Evidence::Context("incomplete key".into())];
    let most = body.bytes.len() * 10 >= claimed * 9;
    if !(32..=64 * 1024).contains(&claimed) {
        Outcome::Rejected
    } else if most || (body.substantial() && !closed && !body.elided) {
        Outcome::Unproven(missing)
    } else if body.substantial() {
        Outcome::Doubtful(missing)
    } else {
        Outcome::Rejected
    }
}

fn protected(by: &'static str) -> Outcome {
    Outcome::Doubtful(vec![
        Evidence::Structure(by.into()),
        Evidence::Fact("protection", "pass phrase".to_owned()),
    ])
}

/// Tells the kinds of private keys apart by their first elements.
fn recognise(der: &[u8]) -> Option<Key> {
    let (outer, _) = der::element(der)?;
    let parts: Vec<Element<'_>> = der::elements(outer.content).take(9).collect();
    let tags: Vec<u8> = parts.iter().map(|p| p.tag).collect();
    let plain = |name| Some(Key { name, protected: false });
    match tags.as_slice() {
        [der::INTEGER, der::INTEGER, der::INTEGER, der::INTEGER, der::INTEGER, rest @ ..] => {
            match rest.len() {
                1 => plain("DSA key"),
                4 => plain("RSA key"),
                _ => None,
            }
        }
        [der::INTEGER, der::SEQUENCE, der::OCTETS, ..] => plain(algorithm(parts[1].content)),
        [der::INTEGER, der::OCTETS, ..] if parts[1].content.len() >= 16 => plain("EC key"),
        [der::SEQUENCE, der::OCTETS] => Some(Key { name: "encrypted PKCS#8 key", protected: true }),
        _ => None,
    }
}

/// Names the algorithm of a PKCS#8 key.
fn algorithm(identifier: &[u8]) -> &'static str {
    let oid = match der::elements(identifier).next() {
        Some(first) if first.tag == der::OID => first.content,
        _ => &[],
    };
    match oid {
        [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, ..] => "PKCS#8 RSA key",
        [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01] => "PKCS#8 EC key",
        [0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01] => "PKCS#8 DSA key",
        [0x2B, 0x65, 0x6E | 0x6F] => "PKCS#8 X25519 or X448 key",
        [0x2B, 0x65, 0x70 | 0x71] => "PKCS#8 Ed25519 or Ed448 key",
        _ => "PKCS#8 key",
    }
}

/// Counterpart of [`check`].
pub(super) fn mint(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let label = form.strip_prefix(b"-----BEGIN ")?;
    let label = &label[..memchr::memchr(b'-', label)?];
    let label = std::str::from_utf8(label).ok()?;
    let line = draw.pick(&["\n", "\r\n", "\\n", "\n    "]);
    let der = key(draw, label);
    Some(super::armor::wrap(label, &BASE64.encode(&der), line).into_bytes())
}

/// Counterpart of [`wrapped`].
pub(super) fn mint_wrapped(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let block = mint(draw, b"-----BEGIN PRIVATE KEY-----")?;
    Some(BASE64.encode(&block).into_bytes())
}

/// What a block of this label holds, all its numbers random.
fn key(draw: &mut Draw, label: &str) -> Vec<u8> {
    let zero = der::encode(der::INTEGER, &[0]);
    let octets = der::encode(der::OCTETS, &draw.bytes(48));
    let ed25519 = der::encode(der::SEQUENCE, &der::encode(der::OID, &[0x2B, 0x65, 0x70]));
    let mut numbers = |count| -> Vec<u8> {
        (0..count).flat_map(|_| der::encode(der::INTEGER, &draw.bytes(64))).collect()
    };
    let content = match label {
        "RSA PRIVATE KEY" => [zero, numbers(8)].concat(),
        "DSA PRIVATE KEY" => [zero, numbers(5)].concat(),
        "EC PRIVATE KEY" => [zero, octets].concat(),
        "ENCRYPTED PRIVATE KEY" => [ed25519, octets].concat(),
        _ => [zero, ed25519, octets].concat(),
    };
    der::encode(der::SEQUENCE, &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(label: &str, head: &str, der: &[u8], end: bool) -> String {
        let text = BASE64.encode(der);
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
            .collect();
        let last = format!("-----{} {label}-----", "END");
        format!(
            "-----{} {label}-----\n{head}{}\n{}",
            "BEGIN",
            lines.join("\n"),
            if end { &last } else { "" }
        )
    }

    fn judged(text: &str) -> Outcome {
        check(&Subject { secret: text.as_bytes(), whole: text.as_bytes() })
    }

    /// A sequence of integers of `sizes` bytes.
    fn integers(sizes: &[usize]) -> Vec<u8> {
        let mut content = Vec::new();
        for &size in sizes {
            content.extend([der::INTEGER, u8::try_from(size).expect("short")]);
            content.extend((1..=size).map(|n| u8::try_from(n * 37 % 127).expect("small")));
        }
        let length = u16::try_from(content.len()).expect("short").to_be_bytes();
        [&[der::SEQUENCE, 0x82, length[0], length[1]][..], &content].concat()
    }

    fn rsa() -> Vec<u8> {
        integers(&[1, 120, 3, 120, 60, 60, 60, 60, 60])
    }

    #[test]
    fn a_whole_key_is_proved() {
        let text = block("RSA PRIVATE KEY", "", &rsa(), true);
        assert_eq!(judged(&text), Outcome::Proven(vec![Evidence::Structure("RSA key".into())]));
        assert_eq!(judged(&text.replace('\n', "\\n")), judged(&text));
        let dsa = integers(&[1, 64, 20, 64, 64, 20]);
        assert!(matches!(judged(&block("DSA PRIVATE KEY", "", &dsa, true)), Outcome::Proven(_)));
    }

    #[test]
    fn wrapped_keys_are_unwrapped() {
        let judged = |text: &str| {
            let text = BASE64.encode(text.as_bytes());
            wrapped(&Subject { secret: text.as_bytes(), whole: text.as_bytes() })
        };
        let text = block("RSA PRIVATE KEY", "", &rsa(), true);
        assert!(matches!(judged(&text), Outcome::Proven(_)));
        assert_eq!(judged(&text.replace("PRIVATE", "PUBLIC")), Outcome::Rejected);
    }

    #[test]
    fn a_pass_phrase_makes_it_doubtful() {
        let head = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n";
        let text = block("RSA PRIVATE KEY", head, &[0xA7; 300], true);
        assert!(matches!(judged(&text), Outcome::Doubtful(_)));
    }

    #[test]
    fn a_key_cut_off_counts_if_four_lines_are_left() {
        let key = rsa();
        let cut = |length| block("RSA PRIVATE KEY", "", &key[..length], false);
        assert!(matches!(judged(&cut(240)), Outcome::Unproven(_)));
        assert_eq!(judged(&cut(90)), Outcome::Rejected);
        let closed = block("RSA PRIVATE KEY", "", &key[..240], true);
        assert!(matches!(judged(&closed), Outcome::Doubtful(_)));
    }

    #[test]
    fn what_is_no_key_is_rejected() {
        for head in ["...", "MIIE...", "<your key>", ""] {
            let text = block("PRIVATE KEY", head, b"", true);
            assert_eq!(judged(&text), Outcome::Rejected, "{head}");
        }
        let noise: Vec<u8> = (1..=255).collect();
        assert_eq!(judged(&block("PRIVATE KEY", "", &noise, true)), Outcome::Rejected);
    }
}
