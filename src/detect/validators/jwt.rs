//! JSON Web Tokens and keys.
//!
//! In: three base64url parts joined by dots, or a JSON object with `kty`. Out: whether they decode to what
//! they should, with algorithm, issuer, role and expiry as facts.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value};

use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// Tokens that expired before this second (2026-01-01) were dead before this program was made. A
/// validator has no clock, so later ones count as alive.
const LONG_PAST: i64 = 1_767_225_600;

/// Claims worth telling, none of them secret.
const CLAIMS: [&str; 3] = ["iss", "aud", "role"];

/// Decodes header and payload.
pub(super) fn token(subject: &Subject<'_>) -> Outcome {
    let Some((header, payload, signed)) = parts(subject.secret) else {
        return Outcome::Rejected;
    };
    let Some(algorithm) = header.get("alg").and_then(Value::as_str) else {
        return Outcome::Rejected;
    };
    if payload.is_empty() {
        return Outcome::Rejected;
    }
    let mut evidence = vec![Evidence::Structure("JWT".into())];
    evidence.extend(fact("alg", algorithm));
    evidence.extend(facts(&payload));
    if algorithm.eq_ignore_ascii_case("none") || !signed {
        evidence.push(Evidence::Context("not signed".into()));
        return Outcome::Doubtful(evidence);
    }
    if payload.get("role").and_then(Value::as_str) == Some("anon") {
        evidence.push(Evidence::Context("made to be public".into()));
        return Outcome::Doubtful(evidence);
    }
    match payload.get("exp").and_then(Value::as_i64) {
        Some(expiry) if (0..LONG_PAST).contains(&expiry) => {
            evidence.push(Evidence::Context("expired".into()));
            Outcome::Doubtful(evidence)
        }
        _ => Outcome::Unproven(evidence),
    }
}

/// As [`token`], for tokens of Kubernetes service accounts only.
pub(super) fn kubernetes(subject: &Subject<'_>) -> Outcome {
    let Some((_, payload, _)) = parts(subject.secret) else {
        return Outcome::Rejected;
    };
    let legacy = payload.get("iss").and_then(Value::as_str) == Some("kubernetes/serviceaccount");
    let bound = payload.keys().any(|k| k.starts_with("kubernetes.io"));
    if !legacy && !bound {
        return Outcome::Rejected;
    }
    match token(subject) {
        Outcome::Unproven(mut evidence) => {
            let account = payload.get("sub").and_then(Value::as_str);
            evidence.extend(account.and_then(|account| fact("account", account)));
            Outcome::Proven(evidence)
        }
        other => other,
    }
}

/// Judges a JSON Web Key by its private part.
pub(super) fn key(subject: &Subject<'_>) -> Outcome {
    let Ok(Value::Object(key)) = serde_json::from_slice(subject.whole) else {
        return Outcome::Rejected;
    };
    let text = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
    let bytes = |name: &str| BASE64URL_NOPAD.decode(text(name).trim_end_matches('=').as_bytes());
    let (private, name) = match text("kty") {
        "oct" => (bytes("k"), "symmetric JWK"),
        "RSA" => (bytes("d"), "RSA JWK"),
        "EC" => (bytes("d"), "EC JWK"),
        "OKP" => (bytes("d"), "OKP JWK"),
        _ => return Outcome::Rejected,
    };
    match private {
        Ok(private) if private.len() >= 16 => {
            Outcome::Proven(vec![Evidence::Structure(name.into())])
        }
        _ => Outcome::Rejected,
    }
}

/// What a JSON object holds.
pub(super) type Object = Map<String, Value>;

/// Header, payload, and whether a signature follows.
pub(super) fn parts(token: &[u8]) -> Option<(Object, Object, bool)> {
    let mut parts = token.split(|&b| b == b'.');
    let header = object(parts.next()?)?;
    let payload = object(parts.next()?)?;
    let signed = parts.next().is_some_and(|signature| signature.len() >= 20);
    Some((header, payload, signed))
}

/// The JSON object in a part.
pub(super) fn object(part: &[u8]) -> Option<Object> {
    let bytes = BASE64URL_NOPAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn facts(payload: &Object) -> Vec<Evidence> {
    let mut facts: Vec<Evidence> =
        CLAIMS.iter().filter_map(|claim| fact(claim, payload.get(*claim)?.as_str()?)).collect();
    let expiry = payload.get("exp").and_then(Value::as_i64);
    facts.extend(expiry.map(|seconds| Evidence::Fact("exp", seconds.to_string())));
    facts
}

/// A fact, unless it is too long or odd to be what its name says.
pub(super) fn fact(name: &'static str, value: &str) -> Option<Evidence> {
    let plain = value.len() <= 120 && !value.chars().any(char::is_control);
    plain.then(|| Evidence::Fact(name, value.to_owned()))
}

/// A token with a signature that is none.
pub(super) fn sign(draw: &mut Draw, header: &str, claims: &str) -> Vec<u8> {
    let seal = draw.bytes(32);
    let parts = [header.as_bytes(), claims.as_bytes(), &seal];
    parts.map(|part| BASE64URL_NOPAD.encode(part)).join(".").into_bytes()
}

/// Header of the tokens that are made up here.
pub(super) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// Counterpart of [`token`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let claims = format!(r#"{{"sub":"{}","iat":1800000000}}"#, draw.word(16));
    Some(sign(draw, HEADER, &claims))
}

/// Counterpart of [`kubernetes`].
pub(super) fn mint_kubernetes(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let claims = format!(
        r#"{{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:default:{}"}}"#,
        draw.word(8)
    );
    Some(sign(draw, HEADER, &claims))
}

/// Counterpart of [`key`]: what stands before, in and after the private part.
pub(super) fn mint_key(draw: &mut Draw, _: &[u8]) -> Option<[Vec<u8>; 3]> {
    let private = BASE64URL_NOPAD.encode(&draw.bytes(32));
    let (kind, name) = draw.pick(&[("oct", "k"), ("EC", "d"), ("OKP", "d")]);
    let before = format!(r#"{{"kty":"{kind}","kid":"{}","{name}":""#, draw.word(8));
    Some([before.into_bytes(), private.into_bytes(), b"\"}".to_vec()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(header: &str, payload: &str, signature: &str) -> String {
        [header, payload].map(|part| BASE64URL_NOPAD.encode(part.as_bytes())).join(".")
            + "."
            + signature
    }

    fn judged(check: super::super::Check, text: &str) -> Outcome {
        check(&Subject { secret: text.as_bytes(), whole: text.as_bytes() })
    }

    const HEADER: &str = r#"{"alg":"HS256"}"#;
    const SIGNATURE: &str = "Zq3v8Hn2kLx0Rw5TtYb7CmEd";

    #[test]
    fn claims_become_facts() {
        let text = jwt(HEADER, r#"{"iss":"acme","exp":4102444800}"#, SIGNATURE);
        let Outcome::Unproven(evidence) = judged(token, &text) else {
            panic!("a sound token");
        };
        assert!(evidence.contains(&Evidence::Fact("iss", "acme".to_owned())));
        assert!(evidence.contains(&Evidence::Fact("exp", "4102444800".to_owned())));
    }

    #[test]
    fn unsigned_expired_and_public_tokens_are_doubtful() {
        for (header, payload, signature) in [
            (r#"{"alg":"none"}"#, r#"{"sub":"a"}"#, ""),
            (HEADER, r#"{"sub":"a"}"#, ""),
            (HEADER, r#"{"exp":1527453944}"#, SIGNATURE),
            (HEADER, r#"{"role":"anon"}"#, SIGNATURE),
        ] {
            let outcome = judged(token, &jwt(header, payload, signature));
            assert!(matches!(outcome, Outcome::Doubtful(_)), "{payload}");
        }
    }

    #[test]
    fn other_dotted_text_is_rejected() {
        for (header, payload) in
            [(r#"{"typ":"JWT"}"#, r#"{"sub":"a"}"#), (HEADER, "{}"), (HEADER, "no JSON")]
        {
            assert_eq!(judged(token, &jwt(header, payload, SIGNATURE)), Outcome::Rejected);
        }
    }

    #[test]
    fn service_accounts_are_told_by_their_claims() {
        let account = jwt(
            HEADER,
            r#"{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:a:b"}"#,
            SIGNATURE,
        );
        assert!(matches!(judged(kubernetes, &account), Outcome::Proven(_)));
        let other = jwt(HEADER, r#"{"iss":"acme"}"#, SIGNATURE);
        assert_eq!(judged(kubernetes, &other), Outcome::Rejected);
    }

    #[test]
    fn only_private_keys_are_keys() {
        let d = BASE64URL_NOPAD.encode(&[0x5B; 32]);
        let private = format!(r#"{{"kty":"EC","crv":"P-256","x":"AA","d":"{d}"}}"#);
        assert!(matches!(judged(key, &private), Outcome::Proven(_)));
        let public = format!(r#"{{"kty":"EC","crv":"P-256","x":"{d}"}}"#);
        assert_eq!(judged(key, &public), Outcome::Rejected);
        assert_eq!(judged(key, r#"{"kty":"oct","k":"AA"}"#), Outcome::Rejected);
    }
}
