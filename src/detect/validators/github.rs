//! GitHub tokens.
//!
//! In: a token with its prefix. Out: `Proven` by the checksum, or by the JWT that the stateless form
//! of an installation token holds.

use super::checksum::{base62, ends_in_base62, outcome, sealed};
use super::jwt::sign;
use super::payload::{claims, fact, time};
use super::{Evidence, Outcome, Subject};
use crate::detect::sample::Draw;

/// `ghp_`, `gho_`, `ghu_`, `ghs_` and `ghr_` tokens, which end in a base62 CRC-32.
///
/// GitHub reserves the right to make them longer, so a length that is not issued today is judged by
/// the checksum if it holds and left open if it does not.
pub(super) fn token(subject: &Subject<'_>) -> Outcome {
    let body = &subject.secret[subject.secret.len().min(4)..];
    let holds = ends_in_base62(body);
    if holds || matches!(body.len(), 36 | 76) {
        outcome(holds)
    } else {
        Outcome::Unproven(Vec::new())
    }
}

/// `ghs_`, the app's id, `_` and a JWT.
pub(super) fn stateless(subject: &Subject<'_>) -> Outcome {
    let mut parts = subject.secret.splitn(3, |&b| b == b'_');
    let (Some(b"ghs"), Some(app), Some(jwt)) = (parts.next(), parts.next(), parts.next()) else {
        return Outcome::Rejected;
    };
    let Some(claims) = claims(jwt) else {
        return Outcome::Rejected;
    };
    let app = String::from_utf8_lossy(app).into_owned();
    let mut evidence = vec![Evidence::Structure("jwt".into()), Evidence::Fact("app", app)];
    evidence.extend(fact("issuer", claims.get("iss")));
    evidence.extend(time("expires", claims.get("exp")));
    Outcome::Proven(evidence)
}

/// Counterpart of [`token`].
pub(super) fn mint(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (under, _) = form.get(4..)?.split_last_chunk::<6>()?;
    Some(sealed(form, &base62(under)))
}

/// Counterpart of [`stateless`].
pub(super) fn mint_stateless(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let claims = format!(r#"{{"iss":"github","exp":{}}}"#, 1_900_000_000 + draw.below(1 << 28));
    let app = 100 + draw.below(1 << 20);
    let jwt = sign(draw, r#"{"alg":"RS256","typ":"JWT"}"#, &claims);
    Some([format!("ghs_{app}_").as_bytes(), &jwt].concat())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{assert_refutes_changes, facts, outcome_of};
    use super::*;

    #[test]
    fn checksum_is_padded() {
        for (prefix, head, tail) in [
            ("ghp_", "FMQWA1Yy4I7ftQ6HI8", "MH3SNbfGnpT42BKCDP"),
            ("gho_", "nIx2lUXlZ67uPLdUKr", "Bu6o86oowEHF0vEuXv"),
        ] {
            assert_refutes_changes(token, &[prefix, head, tail].concat(), 4);
        }
    }

    #[test]
    fn refresh_token() {
        let pieces = [
            "ghr_",
            "wEiPV6ImsA7PVYWmH8Y8Yj7M4QzdgH1Jn00XnuJ",
            "NJnO3wtQEFX919SllBOKEqyr5KF65xS4Skdry",
        ];
        assert_refutes_changes(token, &pieces.concat(), 4);
    }

    #[test]
    fn longer_tokens_are_left_open() {
        let body = "nIx2lUXlZ67uPLdUKrBu6o86oowEHFnIx2lUXlZ67uPL";
        let open = format!("ghp_{body}");
        assert_eq!(outcome_of(token, &open), Outcome::Unproven(Vec::new()));
        let sum = super::super::checksum::base62(body.as_bytes());
        let sealed = open + std::str::from_utf8(&sum).unwrap();
        assert!(matches!(outcome_of(token, &sealed), Outcome::Proven(_)));
    }

    #[test]
    fn stateless_form_tells_its_app() {
        let encode = |json: &str| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
        let header = encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        let payload = encode(r#"{"iss":"github","exp":1893456000}"#);
        let jwt = [header.as_str(), &payload, "c2ln_bmF0-dXJl"].join(".");
        let outcome = outcome_of(stateless, &["ghs_", "81234_", &jwt].concat());
        assert!(matches!(outcome, Outcome::Proven(_)));
        assert_eq!(facts(&outcome), ["app:81234", "issuer:github", "expires:2030-01-01T00:00:00Z"]);
        for text in ["ghs_81234_a.b.c", "ghs_81234", ""] {
            assert_eq!(outcome_of(stateless, text), Outcome::Rejected, "{text}");
        }
    }
}
