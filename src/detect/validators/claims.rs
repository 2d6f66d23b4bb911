//! JSON Web Tokens whose claims tell who issued them, and encrypted ones.
//!
//! In: a token. Out: what [`jwt`](super::jwt) says of it, if its claims are the issuer's.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::jwt::{self, Object};
use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// Ten years in seconds, give or take the leap days.
const DECADE: std::ops::RangeInclusive<i64> = 315_300_000..=315_800_000;

/// Argo CD.
pub(super) fn argocd(subject: &Subject<'_>) -> Outcome {
    issued(subject, |claims| text(claims, "iss") == Some("argocd"))
}

/// Temporal Cloud.
pub(super) fn temporal(subject: &Subject<'_>) -> Outcome {
    issued(subject, |claims| {
        let named = |value: &Value| value.as_str() == Some("temporal.io");
        claims.get("aud").is_some_and(|aud| match aud {
            Value::Array(list) => list.iter().any(named),
            other => named(other),
        })
    })
}

/// 1Password Connect.
pub(super) fn connect(subject: &Subject<'_>) -> Outcome {
    issued(subject, |claims| claims.contains_key("1password.com/vts"))
}

/// Home Assistant: issued by a number of 128 bits, for ten years.
pub(super) fn home_assistant(subject: &Subject<'_>) -> Outcome {
    issued(subject, |claims| {
        let second = |name: &str| claims.get(name).and_then(Value::as_i64);
        let lifetime = second("exp").zip(second("iat")).map(|(exp, iat)| exp.saturating_sub(iat));
        let hex = |issuer: &str| {
            issuer.len() == 32 && issuer.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        text(claims, "iss").is_some_and(hex) && lifetime.is_some_and(|s| DECADE.contains(&s))
    })
}

/// An encrypted token: five parts, of which the header names the encryption.
pub(super) fn encrypted(subject: &Subject<'_>) -> Outcome {
    let mut parts = subject.secret.split(|&b| b == b'.');
    let Some(header) = parts.next().and_then(jwt::object) else {
        return Outcome::Rejected;
    };
    let (Some(alg), Some(enc)) = (text(&header, "alg"), text(&header, "enc")) else {
        return Outcome::Rejected;
    };
    if parts.count() != 4 {
        return Outcome::Rejected;
    }
    let facts = [("alg", alg), ("enc", enc)].into_iter().filter_map(|(n, v)| jwt::fact(n, v));
    Outcome::Unproven(std::iter::once(Evidence::Structure("JWE".into())).chain(facts).collect())
}

/// What is said of any sound token, if its claims pass `test`.
fn issued(subject: &Subject<'_>, test: fn(&Object) -> bool) -> Outcome {
    if !jwt::parts(subject.secret).is_some_and(|(_, claims, _)| test(&claims)) {
        return Outcome::Rejected;
    }
    match jwt::token(subject) {
        Outcome::Unproven(evidence) => Outcome::Proven(evidence),
        other => other,
    }
}

fn text<'a>(claims: &'a Object, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// Counterpart of [`argocd`].
pub(super) fn mint_argocd(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let claims = format!(r#"{{"iss":"argocd","sub":"{}"}}"#, draw.word(8));
    Some(jwt::sign(draw, jwt::HEADER, &claims))
}

/// Counterpart of [`temporal`].
pub(super) fn mint_temporal(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let claims = format!(r#"{{"account_id":"{}","aud":["temporal.io"]}}"#, draw.word(5));
    Some(jwt::sign(draw, jwt::HEADER, &claims))
}

/// Counterpart of [`connect`].
pub(super) fn mint_connect(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let header = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, draw.word(26));
    Some(jwt::sign(draw, &header, r#"{"1password.com/vts":[{"u":"vault"}]}"#))
}

/// Counterpart of [`home_assistant`].
pub(super) fn mint_home_assistant(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let issued = 1_800_000_000 + draw.below(1 << 24);
    let expires = issued + 315_360_000;
    let claims = format!(r#"{{"iss":"{}","iat":{issued},"exp":{expires}}}"#, draw.hex(32));
    Some(jwt::sign(draw, jwt::HEADER, &claims))
}

/// Counterpart of [`encrypted`].
pub(super) fn mint_encrypted(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let parts = [br#"{"alg":"dir","enc":"A256GCM"}"#.to_vec(), Vec::new()];
    let sizes = [12, 40, 16].map(|size| draw.bytes(size));
    let parts = parts.into_iter().chain(sizes);
    let parts: Vec<String> = parts.map(|part| BASE64URL_NOPAD.encode(&part)).collect();
    Some(parts.join(".").into_bytes())
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::super::Check;
    use super::super::trial::outcome_of;
    use super::*;

    fn jwt(payload: &str) -> String {
        let parts = [r#"{"alg":"HS256"}"#, payload, "a signature of some length"];
        parts.map(|part| BASE64URL_NOPAD.encode(part.as_bytes())).join(".")
    }

    #[test]
    fn issuers_are_told_by_their_claims() {
        let hass =
            |exp: i64| format!(r#"{{"iss":"{}","iat":1900000000,"exp":{exp}}}"#, "7b10".repeat(8));
        let cases: [(Check, String, String); 5] = [
            (argocd, r#"{"iss":"argocd"}"#.into(), r#"{"iss":"dex"}"#.into()),
            (temporal, r#"{"aud":["temporal.io"]}"#.into(), r#"{"aud":["acme.io"]}"#.into()),
            (temporal, r#"{"aud":"temporal.io"}"#.into(), r#"{"sub":"temporal.io"}"#.into()),
            (connect, r#"{"1password.com/vts":[]}"#.into(), r#"{"sub":"x"}"#.into()),
            (home_assistant, hass(2_215_360_000), hass(1_900_003_600)),
        ];
        for (check, good, bad) in cases {
            assert!(matches!(outcome_of(check, &jwt(&good)), Outcome::Proven(_)), "{good}");
            assert_eq!(outcome_of(check, &jwt(&bad)), Outcome::Rejected, "{bad}");
        }
        assert_eq!(outcome_of(argocd, "no token"), Outcome::Rejected);
    }

    #[test]
    fn a_lifetime_too_long_for_a_number_is_refused() {
        let payload =
            format!(r#"{{"iss":"{}","iat":{},"exp":{}}}"#, "7b10".repeat(8), i64::MIN, i64::MAX);
        assert_eq!(outcome_of(home_assistant, &jwt(&payload)), Outcome::Rejected);
    }

    #[test]
    fn expired_tokens_stay_doubtful() {
        let token = jwt(r#"{"iss":"argocd","exp":1527453944}"#);
        assert!(matches!(outcome_of(argocd, &token), Outcome::Doubtful(_)));
    }

    #[test]
    fn encrypted_tokens_have_five_parts() {
        let header = BASE64URL_NOPAD.encode(br#"{"alg":"dir","enc":"A128GCM"}"#);
        let token = header.clone() + "..aXY.Y2lwaGVydGV4dA.dGFn";
        assert!(matches!(outcome_of(encrypted, &token), Outcome::Unproven(_)));
        assert_eq!(outcome_of(encrypted, &(header + ".a.b")), Outcome::Rejected);
        let plain = BASE64URL_NOPAD.encode(br#"{"alg":"dir"}"#) + ".a.b.c.d";
        assert_eq!(outcome_of(encrypted, &plain), Outcome::Rejected);
    }
}
