//! Supabase project keys of the older kind, which are JWTs.
//!
//! In: a JWT. Out: `Proven` for the `service_role`, which passes every access rule. `anon`, which is made to
//! be public, names the project. The tokens of others are rejected.

use super::payload::{claims, fact, time};
use super::{Evidence, Outcome, Subject};
use crate::detect::sample::Draw;

/// A `service_role` key.
pub(super) fn service_role(subject: &Subject<'_>) -> Outcome {
    let Some(claims) = claims(subject.secret) else {
        return Outcome::Rejected;
    };
    let text = |name: &str| claims.get(name).and_then(|value| value.as_str());
    match (text("iss"), text("role")) {
        (Some("supabase"), Some("service_role")) => {
            let mut evidence = vec![Evidence::Structure("service_role".into())];
            evidence.extend(fact("project", claims.get("ref")));
            evidence.extend(time("expires", claims.get("exp")));
            Outcome::Proven(evidence)
        }
        // What the command line starts on the developer's own machine.
        (Some("supabase-demo"), Some("service_role")) => Outcome::Example,
        _ => Outcome::Rejected,
    }
}

/// An `anon` key.
pub(super) fn anon(subject: &Subject<'_>) -> Outcome {
    let Some(claims) = claims(subject.secret) else {
        return Outcome::Rejected;
    };
    let text = |name: &str| claims.get(name).and_then(|value| value.as_str());
    match (text("iss"), text("role")) {
        (Some("supabase"), Some("anon")) => {
            Outcome::Unproven(fact("project", claims.get("ref")).into_iter().collect())
        }
        _ => Outcome::Rejected,
    }
}

/// Counterpart of [`service_role`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    Some(sign(draw, "service_role"))
}

/// Counterpart of [`anon`].
pub(super) fn mint_anon(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    Some(sign(draw, "anon"))
}

fn sign(draw: &mut Draw, role: &str) -> Vec<u8> {
    let claims = format!(r#"{{"iss":"supabase","ref":"{}","role":"{role}"}}"#, draw.word(20));
    super::jwt::sign(draw, super::jwt::HEADER, &claims)
}

#[cfg(test)]
mod tests {
    use super::super::trial::{facts, outcome_of};
    use super::*;

    fn jwt(payload: &str) -> String {
        let encode = |json: &str| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
        let header = encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        [header, encode(payload), "c2lnbmF0dXJl".into()].join(".")
    }

    #[test]
    fn only_the_service_role() {
        let project = r#""ref":"qwmzkdpfhtlbnvcxsagj","exp":1893456000"#;
        let payload = format!(r#"{{"iss":"supabase",{project},"role":"service_role"}}"#);
        let outcome = outcome_of(service_role, &jwt(&payload));
        assert!(matches!(outcome, Outcome::Proven(_)));
        assert_eq!(
            facts(&outcome),
            ["project:qwmzkdpfhtlbnvcxsagj", "expires:2030-01-01T00:00:00Z"]
        );
        for payload in [
            r#"{"iss":"supabase","role":"anon"}"#,
            r#"{"iss":"elsewhere","role":"service_role"}"#,
            r#"{"role":"service_role"}"#,
            "[]",
        ] {
            assert_eq!(outcome_of(service_role, &jwt(payload)), Outcome::Rejected);
        }
        let anon_key = jwt(&payload.replace("service_role", "anon"));
        assert_eq!(facts(&outcome_of(anon, &anon_key)), ["project:qwmzkdpfhtlbnvcxsagj"]);
        assert_eq!(outcome_of(anon, &jwt(&payload)), Outcome::Rejected);
        let demo = r#"{"iss":"supabase-demo","role":"service_role","exp":1983812996}"#;
        assert_eq!(outcome_of(service_role, &jwt(demo)), Outcome::Example);
    }
}
