//! Credentials of Amazon Web Services.
//!
//! In: key ids, secrets and tokens. Out: the account number where an id holds it, proof where the text
//! decodes to what AWS puts there, rejection of look-alikes such as hashes and paths.

use data_encoding::{BASE32_NOPAD, BASE64, BASE64_NOPAD};

use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// AWS's documentation writes this into every credential it shows.
fn is_example(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"EXAMPLE").is_some()
}

/// Length of an access key id, its four-letter type included.
const ID: usize = 20;

/// Reads the account number out of an access key id.
pub(super) fn access_key_id(subject: &Subject<'_>) -> Outcome {
    if is_example(subject.secret) {
        return Outcome::Example;
    }
    Outcome::Unproven(account(subject.secret).into_iter().map(account_fact).collect())
}

fn account_fact(account: String) -> Evidence {
    Evidence::Fact("account", account)
}

/// The account number, which ids hold since about 2019: the ones whose first bit is set.
fn account(id: &[u8]) -> Option<String> {
    let bytes = BASE32_NOPAD.decode(id.get(4..ID)?).ok()?;
    let [b0, b1, b2, b3, b4, b5] = *bytes.first_chunk::<6>()?;
    if b0 & 0x80 == 0 {
        return None;
    }
    let number = (u64::from_be_bytes([0, 0, b0, b1, b2, b3, b4, b5]) & 0x7fff_ffff_ff80) >> 7;
    (number < 1_000_000_000_000).then(|| format!("{number:012}"))
}

/// The first key id of a long-term or temporary credential in `text`.
fn find_id(text: &[u8]) -> Option<&[u8]> {
    text.windows(ID).find(|w| {
        (w.starts_with(b"AKIA") || w.starts_with(b"ASIA"))
            && w[4..].iter().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'))
    })
}

/// Tells a secret key from the hashes and paths that have its length and alphabet.
pub(super) fn secret_key(subject: &Subject<'_>) -> Outcome {
    let secret = subject.secret;
    if is_example(secret) {
        return Outcome::Example;
    }
    let has = |kind: fn(&u8) -> bool| secret.iter().any(kind);
    let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    if !mixed || secret.iter().all(u8::is_ascii_hexdigit) || is_path(secret) {
        return Outcome::Rejected;
    }
    if !has(u8::is_ascii_digit) {
        return Outcome::Doubtful(vec![Evidence::Context("no digit".into())]);
    }
    Outcome::Unproven(Vec::new())
}

/// Three slashes or more with nothing but words between them.
fn is_path(text: &[u8]) -> bool {
    let word = |segment: &[u8]| {
        segment.iter().all(u8::is_ascii_digit)
            || segment.iter().skip(1).all(u8::is_ascii_lowercase)
            || segment.iter().all(u8::is_ascii_alphabetic) && segment.len() > 12
    };
    let segments = || text.split(|&b| b == b'/');
    segments().count() > 3 && segments().filter(|s| !word(s)).count() <= 1
}

/// Proves that a session token decodes; the rule has seen the marker.
pub(super) fn session_token(subject: &Subject<'_>) -> Outcome {
    if is_example(subject.secret) {
        return Outcome::Example;
    }
    if BASE64.decode(subject.secret).is_ok() || BASE64_NOPAD.decode(subject.secret).is_ok() {
        return Outcome::Proven(vec![Evidence::Structure("session token marker".into())]);
    }
    // Cut off or folded: still one by its marker.
    Outcome::Unproven(Vec::new())
}

/// Proves an SES password: a version byte of 4 and a hash of 32 bytes.
pub(super) fn ses_password(subject: &Subject<'_>) -> Outcome {
    match BASE64.decode(subject.secret).as_deref() {
        Ok([4, hash @ ..]) if hash.len() == 32 => {
            Outcome::Unproven(vec![Evidence::Structure("version byte and hash".into())])
        }
        _ => Outcome::Rejected,
    }
}

/// Proves a Bedrock key of either kind by the text it decodes to.
pub(super) fn bedrock_key(subject: &Subject<'_>) -> Outcome {
    const LONG: &[u8] = b"ABSK";
    const SHORT: &[u8] = b"bedrock-api-key-";
    let (body, start): (&[u8], &[u8]) = if let Some(body) = subject.secret.strip_prefix(LONG) {
        (body, b"BedrockAPIKey-")
    } else if let Some(body) = subject.secret.strip_prefix(SHORT) {
        (body, b"bedrock.amazonaws.com/?Action=CallWithBearerToken")
    } else {
        return Outcome::Rejected;
    };
    let Some(text) = decode_leading(body) else {
        return Outcome::Rejected;
    };
    if !text.starts_with(start) {
        return Outcome::Rejected;
    }
    let named = named_account(&text).or_else(|| account(find_id(&text)?));
    let mut evidence = vec![Evidence::Structure("decodes to a Bedrock key".into())];
    evidence.extend(named.map(account_fact));
    Outcome::Proven(evidence)
}

/// Decodes base64 up to the last whole group of four, so that a missing end does no harm.
fn decode_leading(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().rposition(|&b| b != b'=')? + 1;
    BASE64.decode(&text[..end - end % 4]).ok()
}

/// The account number in the name of a long-term key, `…-at-123456789012:…`.
fn named_account(text: &[u8]) -> Option<String> {
    let name = text.split(|&b| b == b':').next()?;
    let number = name.last_chunk::<12>()?;
    let marked = name[..name.len() - number.len()].ends_with(b"-at-");
    (marked && number.iter().all(u8::is_ascii_digit))
        .then(|| String::from_utf8_lossy(number).into_owned())
}

/// Counterpart of [`ses_password`].
pub(super) fn mint_ses_password(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    Some(BASE64.encode(&[&[4], &draw.bytes(32)[..]].concat()).into_bytes())
}

/// Counterpart of [`bedrock_key`].
pub(super) fn mint_bedrock_key(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let account = 100_000_000_000 + draw.below(1 << 36);
    let (prefix, text) = if form.starts_with(b"ABSK") {
        ("ABSK", format!("BedrockAPIKey-k-at-{account}:{}", draw.word(32)))
    } else {
        let query = draw.word(64);
        let url = "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Signature=";
        ("bedrock-api-key-", [url, &query].concat())
    };
    Some([prefix, &BASE64.encode(text.as_bytes())].concat().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [&str; 3] = ["q7Zx2Lw9Kd4Vt1", "Rb8/Nm3Yp6+Hs5", "Gf0JcTuEaQoi"];

    fn run(check: super::super::Check, secret: &str, whole: &str) -> Outcome {
        check(&Subject { secret: secret.as_bytes(), whole: whole.as_bytes() })
    }

    fn id(kind: &str, body: &str) -> String {
        [kind, body].concat()
    }

    #[test]
    fn accounts_are_read_from_ids() {
        let vectors = [
            (id("AKIA", "RZPUZDIKPZXCBHLK"), Some("123456789012")),
            (id("ASIA", "QAAAAAAVA3RBX4HP"), Some("000000000042")),
            (id("AKIA", "IAAAAAAVA3RBX4HP"), None),
            (id("AKIA", "77777777A3RBX4HP"), None),
            (id("AKIA", "RZPUZ"), None),
        ];
        for (id, number) in vectors {
            assert_eq!(account(id.as_bytes()).as_deref(), number, "{id}");
        }
    }

    #[test]
    fn hashes_and_paths_are_no_secrets() {
        for other in [
            "3f786850e387550fdab836ed7e6dc881de23001b",
            "3F786850E387550FDab836ED7E6DC881DE23001B",
            "src/main/java/com/Example/app/core/Files",
            "ALLUPPERCASEWITHDIGITS0123456789ABCDEFGH",
        ] {
            assert_eq!(run(secret_key, other, other), Outcome::Rejected, "{other}");
        }
        let secret = SECRET.concat();
        assert_eq!(run(secret_key, &secret, &secret), Outcome::Unproven(Vec::new()));
        let wordy = "kTbQxLwMdVtNrGbHnFmYpJhSsZgDfRjCcTuEaQoi";
        assert!(matches!(run(secret_key, wordy, wordy), Outcome::Doubtful(_)));
    }

    #[test]
    fn documentation_says_that_it_is() {
        let secret = ["q7Zx2Lw9Kd4Vt1", "Rb8/Nm3Yp6+Hs5", "GfEXAMPLEKEY"].concat();
        assert_eq!(run(secret_key, &secret, &secret), Outcome::Example);
        assert_eq!(run(access_key_id, &id("AKIA", "QZPUZDIKPEXAMPLE"), ""), Outcome::Example);
        assert_eq!(run(session_token, "IQoJEXAMPLE", ""), Outcome::Example);
    }

    #[test]
    fn ses_passwords_hold_a_version_byte() {
        // The chain of HMACs over AWS's documentation key, for us-east-1.
        let password = ["BLBM/9hSUELfq8", "Gw+rU1YcBjkOxGbh", "T2XG763xVLGWL9"].concat();
        assert!(matches!(run(ses_password, &password, ""), Outcome::Unproven(_)));
        let altered = password.replacen("BL", "FL", 1);
        assert_eq!(run(ses_password, &altered, ""), Outcome::Rejected);
        assert_eq!(run(ses_password, &password[..40], ""), Outcome::Rejected);
    }

    #[test]
    fn bedrock_keys_decode() {
        let body = BASE64.encode(b"BedrockAPIKey-k3x9-at-123456789012:s0mEr4nd0mSecretB0dy");
        let Outcome::Proven(evidence) = run(bedrock_key, &["ABSK", &body].concat(), "") else {
            panic!("not proven");
        };
        assert!(evidence.contains(&Evidence::Fact("account", "123456789012".to_owned())));
        let other = BASE64.encode(b"SomethingElse-k3x9:s0mEr4nd0mSecretB0dy");
        assert_eq!(run(bedrock_key, &["ABSK", &other].concat(), ""), Outcome::Rejected);
        assert_eq!(run(bedrock_key, "ABSK=", ""), Outcome::Rejected);
        assert_eq!(run(bedrock_key, &body, ""), Outcome::Rejected);
    }

    #[test]
    fn short_bedrock_keys_name_the_account_of_their_id() {
        let url = format!(
            "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Credential={}",
            id("ASIA", "QAAAAAAVA3RBX4HP")
        );
        let key = ["bedrock-api-key-", &BASE64.encode(url.as_bytes())].concat();
        let Outcome::Proven(evidence) = run(bedrock_key, &key, "") else {
            panic!("not proven");
        };
        assert!(evidence.contains(&Evidence::Fact("account", "000000000042".to_owned())));
    }

    #[test]
    fn session_tokens_decode() {
        let token = BASE64.encode(b"\x21\x0a\x09origin_ec and then some more bytes");
        assert!(matches!(run(session_token, &token, ""), Outcome::Proven(_)));
        assert!(matches!(run(session_token, &token[..13], ""), Outcome::Unproven(_)));
    }
}
