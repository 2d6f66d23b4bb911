//! Google Cloud service-account keys.
//!
//! In: the private key in its JSON object. Out: proven if it decodes to PKCS#8; the account's address
//! if the match reaches it.

use data_encoding::BASE64;

use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// Checks the private key of a service account.
pub(super) fn service_account(subject: &Subject<'_>) -> Outcome {
    let mut evidence: Vec<Evidence> = address(subject.whole)
        .map(|address| Evidence::Fact("account", address))
        .into_iter()
        .collect();
    let Some(der) = body(subject.secret).and_then(|text| BASE64.decode(&text).ok()) else {
        return Outcome::Unproven(evidence);
    };
    // SEQUENCE with a two-byte length, then INTEGER 0: the version of PKCS#8.
    let [0x30, 0x82, high, low, 0x02, 0x01, 0x00, ..] = der[..] else {
        return Outcome::Rejected;
    };
    if usize::from(u16::from_be_bytes([high, low])) + 4 != der.len() {
        return Outcome::Rejected;
    }
    evidence.push(Evidence::Structure("pkcs8".into()));
    Outcome::Proven(evidence)
}

/// The base64 text between the two boundary lines, without line feeds, escaped or not.
fn body(pem: &[u8]) -> Option<Vec<u8>> {
    const DASHES: &[u8] = b"-----";
    let start = find(pem, b"KEY-----")? + b"KEY-----".len();
    let inner = &pem[start..];
    let inner = &inner[..find(inner, DASHES)?];
    let mut text = Vec::with_capacity(inner.len());
    let mut escaped = false;
    for &byte in inner {
        match byte {
            b'\\' => escaped = true,
            b'n' | b'r' if escaped => escaped = false,
            _ => {
                escaped = false;
                text.extend((!byte.is_ascii_whitespace()).then_some(byte));
            }
        }
    }
    Some(text)
}

/// The service account's address.
fn address(text: &[u8]) -> Option<String> {
    const HOST: &[u8] = b".iam.gserviceaccount.com";
    let end = find(text, HOST)? + HOST.len();
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || b"-.@".contains(b);
    let start = text[..end].iter().rposition(|b| !is_part(b)).map_or(0, |quote| quote + 1);
    Some(String::from_utf8_lossy(&text[start..end]).into_owned())
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, word)
}

/// Counterpart of [`service_account`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let length = 1190 + draw.below(40);
    let [high, low] = u16::try_from(length + 3).ok()?.to_be_bytes();
    let der = [&[0x30, 0x82, high, low, 0x02, 0x01, 0x00], &draw.bytes(length)[..]].concat();
    Some(super::armor::wrap("PRIVATE KEY", &BASE64.encode(&der), "\\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(der: &[u8], feed: &str) -> String {
        let text = BASE64.encode(der);
        let (one, two) = text.split_at(text.len() / 2);
        let label = ["PRIVATE", "KEY-----"].join(" ");
        [&format!("-----BEGIN {label}"), one, two, &format!("-----END {label}")].join(feed)
    }

    fn der(len: u8) -> Vec<u8> {
        let mut der = vec![0x30, 0x82, 0, len, 2, 1, 0];
        der.resize(usize::from(len) + 4, 0x5a);
        der
    }

    fn check(secret: &str, whole: &str) -> Outcome {
        service_account(&Subject { secret: secret.as_bytes(), whole: whole.as_bytes() })
    }

    #[test]
    fn keys_decode_however_lines_are_fed() {
        for feed in ["\n", "\\n", "\\\\n", "\r\n"] {
            let key = pem(&der(90), feed);
            let structure = Evidence::Structure("pkcs8".into());
            assert_eq!(check(&key, &key), Outcome::Proven(vec![structure]), "{feed:?}");
        }
    }

    #[test]
    fn the_address_is_a_fact() {
        let key = pem(&der(90), "\\n");
        let whole = format!(r#"{key}", "client_email": "bot@acme.iam.gserviceaccount.com""#);
        let Outcome::Proven(evidence) = check(&key, &whole) else { panic!("not proven") };
        let address = Evidence::Fact("account", "bot@acme.iam.gserviceaccount.com".to_owned());
        assert!(evidence.contains(&address));
    }

    #[test]
    fn other_contents_are_no_key() {
        let mut short = der(90);
        short.pop();
        assert_eq!(check(&pem(&short, "\\n"), ""), Outcome::Rejected);
        assert_eq!(check(&pem(b"hello, this is no key", "\\n"), ""), Outcome::Rejected);
        assert_eq!(check("-----BEGIN", ""), Outcome::Unproven(Vec::new()));
    }
}
