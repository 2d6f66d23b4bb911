//! Tokens that are, or hold, a JSON object in base64.
//!
//! In: a token. Out: `Proven` when the object has the members it must, with those that are no
//! secret; else `Rejected`.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};
use serde_json::Value;

use super::payload::{base64, fact, object, time};
use super::{Evidence, Outcome, Subject};
use crate::detect::sample::Draw;

/// What a packed object must have, and what of it may be told: JSON pointer and name.
struct Form {
    members: &'static [&'static str],
    told: &'static [(&'static str, &'static str)],
}

const GRAFANA_CLOUD: Form =
    Form { members: &["o", "n", "k"], told: &[("/o", "org"), ("/n", "name"), ("/m/r", "region")] };
const GRAFANA_KEY: Form =
    Form { members: &["k", "n", "id"], told: &[("/id", "org"), ("/n", "name")] };
const SENTRY_ORG: Form =
    Form { members: &["iat", "url", "org"], told: &[("/org", "org"), ("/url", "url")] };
const CLOUDFLARE_TUNNEL: Form =
    Form { members: &["a", "t", "s"], told: &[("/a", "account"), ("/t", "tunnel")] };
const MAPBOX: Form = Form { members: &["u", "a"], told: &[("/u", "user"), ("/a", "key_id")] };
const ONEPASSWORD: Form = Form {
    members: &["signInAddress", "email", "secretKey"],
    told: &[("/signInAddress", "address"), ("/email", "account")],
};
const TINYBIRD: Form =
    Form { members: &["u", "id"], told: &[("/id", "token_id"), ("/host", "host")] };
const MIRO: Form = Form { members: &["miro.origin"], told: &[("/miro.origin", "origin")] };

/// Grafana Cloud access-policy token: `glc_` and the object.
pub(super) fn grafana_cloud(subject: &Subject<'_>) -> Outcome {
    GRAFANA_CLOUD.judge(subject.secret.strip_prefix(b"glc_"))
}

/// Grafana API key: the object alone.
pub(super) fn grafana_key(subject: &Subject<'_>) -> Outcome {
    GRAFANA_KEY.judge(Some(subject.secret))
}

/// Sentry organisation token: `sntrys_`, the object, `_`, 32 bytes in base64.
pub(super) fn sentry_org(subject: &Subject<'_>) -> Outcome {
    let mut parts = subject.secret.splitn(3, |&b| b == b'_').skip(1);
    let (packed, seal) = (parts.next(), parts.next());
    if seal.and_then(base64).is_none_or(|bytes| bytes.len() != 32) {
        return Outcome::Rejected;
    }
    let mut outcome = SENTRY_ORG.judge(packed);
    if let Outcome::Proven(evidence) = &mut outcome {
        let object = packed.and_then(object);
        evidence.extend(time("issued", object.as_ref().and_then(|o| o.get("iat"))));
    }
    outcome
}

/// Cloudflare tunnel token: the object alone.
pub(super) fn cloudflare_tunnel(subject: &Subject<'_>) -> Outcome {
    CLOUDFLARE_TUNNEL.judge(Some(subject.secret))
}

/// Mapbox secret token: `sk`, the object and a signature, joined by dots.
pub(super) fn mapbox(subject: &Subject<'_>) -> Outcome {
    MAPBOX.judge(subject.secret.split(|&b| b == b'.').nth(1))
}

/// 1Password service account: `ops_` and the object.
pub(super) fn onepassword(subject: &Subject<'_>) -> Outcome {
    ONEPASSWORD.judge(subject.secret.strip_prefix(b"ops_"))
}

/// Tinybird: `p`, the object and a signature, joined by dots.
pub(super) fn tinybird(subject: &Subject<'_>) -> Outcome {
    TINYBIRD.judge(subject.secret.split(|&b| b == b'.').nth(1))
}

/// Miro: the object, `_` and a secret.
pub(super) fn miro(subject: &Subject<'_>) -> Outcome {
    MIRO.judge(subject.secret.split(|&b| b == b'_').next())
}

impl Form {
    fn judge(&self, packed: Option<&[u8]>) -> Outcome {
        let object = packed
            .and_then(object)
            .filter(|object| self.members.iter().all(|name| object.contains_key(*name)));
        let Some(object) = object.map(Value::Object) else {
            return Outcome::Rejected;
        };
        let told = self.told.iter();
        let facts = told.filter_map(|(pointer, name)| fact(name, object.pointer(pointer)));
        let form = Evidence::Structure("json".into());
        Outcome::Proven(std::iter::once(form).chain(facts).collect())
    }
}

/// `prefix`, a JSON object in base64, `end`.
fn join(prefix: &str, object: &str, end: &str) -> Option<Vec<u8>> {
    Some([prefix, &BASE64.encode(object.as_bytes()), end].concat().into_bytes())
}

/// The same in base64url without padding, with a signature after a dot.
fn sign(draw: &mut Draw, prefix: &str, object: &str, size: usize) -> Option<Vec<u8>> {
    let seal = BASE64URL_NOPAD.encode(&draw.bytes(size));
    let body = BASE64URL_NOPAD.encode(object.as_bytes());
    Some([prefix, &body, ".", &seal].concat().into_bytes())
}

/// Counterpart of [`grafana_cloud`].
pub(super) fn mint_grafana_cloud(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let object =
        format!(r#"{{"o":"1","n":"{}","k":"{}","m":{{"r":"us"}}}}"#, draw.word(9), draw.word(24));
    join("glc_", &object, "")
}

/// Counterpart of [`grafana_key`].
pub(super) fn mint_grafana_key(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    join("", &format!(r#"{{"k":"{}","n":"{}","id":1}}"#, draw.word(32), draw.word(5)), "")
}

/// Counterpart of [`sentry_org`].
pub(super) fn mint_sentry_org(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let object =
        format!(r#"{{"iat":1712345678.25,"url":"https://sentry.io","org":"{}"}}"#, draw.word(8));
    let seal = BASE64_NOPAD.encode(&draw.bytes(32));
    join("sntrys_", &object, &["_", &seal].concat())
}

/// Counterpart of [`cloudflare_tunnel`].
pub(super) fn mint_cloudflare_tunnel(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let object =
        format!(r#"{{"a":"{}","t":"{}","s":"{}"}}"#, draw.hex(32), draw.hex(32), draw.word(44));
    join("", &object, "")
}

/// Counterpart of [`mapbox`].
pub(super) fn mint_mapbox(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let object = format!(r#"{{"u":"{}","a":"{}"}}"#, draw.word(8), draw.word(25));
    sign(draw, "sk.", &object, 16)
}

/// Counterpart of [`onepassword`].
pub(super) fn mint_onepassword(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let object = format!(
        r#"{{"signInAddress":"my.1password.com","email":"{}@1passwordserviceaccounts.com",
        "muk":{{"k":"{}"}},"secretKey":"A3-{}","deviceUuid":"{}"}}"#,
        draw.word(13),
        draw.word(43),
        draw.word(31),
        draw.word(26)
    );
    join("ops_", &object, "")
}

/// Counterpart of [`tinybird`].
pub(super) fn mint_tinybird(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let object = format!(r#"{{"u":"{}","id":"{}"}}"#, draw.hex(32), draw.hex(32));
    sign(draw, "p.", &object, 32)
}

/// Counterpart of [`miro`].
pub(super) fn mint_miro(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    join("", r#"{"miro.origin":"eu01"}"#, &["_", &draw.word(27)].concat())
}

#[cfg(test)]
mod tests {
    use super::super::Check;
    use super::super::trial::{facts, outcome_of};
    use super::*;

    fn pack(json: &str) -> String {
        data_encoding::BASE64.encode(json.as_bytes())
    }

    #[test]
    fn members_are_told_and_secrets_are_not() {
        let seal = pack("0123456789abcdef0123456789abcdef");
        let cases: [(Check, String, &[&str]); 8] = [
            (
                grafana_cloud,
                "glc_".to_owned()
                    + &pack(r#"{"o":"77","n":"ci","k":"hidden","m":{"r":"eu"}}"#),
                &["org:77", "name:ci", "region:eu"],
            ),
            (
                grafana_key,
                pack(r#"{"k":"hidden","n":"ci","id":1}"#),
                &["org:1", "name:ci"],
            ),
            (
                sentry_org,
                ["sntrys_", &pack(r#"{"iat":1893456000.5,"url":"https://s.io","region_url":"x","org":"acme"}"#), "_", &seal].concat(),
                &["org:acme", "url:https://s.io", "issued:2030-01-01T00:00:00Z"],
            ),
            (
                cloudflare_tunnel,
                pack(r#"{"a":"acc","t":"tun","s":"hidden"}"#),
                &["account:acc", "tunnel:tun"],
            ),
            (
                mapbox,
                ["sk.", &pack(r#"{"u":"acme","a":"ck1"}"#), ".sig"].concat(),
                &["user:acme", "key_id:ck1"],
            ),
            (
                onepassword,
                "ops_".to_owned()
                    + &pack(r#"{"signInAddress":"acme.1password.com","email":"a@b","secretKey":"hidden"}"#),
                &["address:acme.1password.com", "account:a@b"],
            ),
            (
                tinybird,
                ["p.", &pack(r#"{"u":"hidden","id":"t1","host":"eu"}"#), ".sig"].concat(),
                &["token_id:t1", "host:eu"],
            ),
            (
                miro,
                pack(r#"{"miro.origin":"eu01"}"#) + "_hidden",
                &["origin:eu01"],
            ),
        ];
        for (check, token, expected) in cases {
            let outcome = outcome_of(check, &token);
            assert!(matches!(outcome, Outcome::Proven(_)), "{token}");
            assert_eq!(facts(&outcome), expected);
            assert_eq!(outcome_of(check, &token[..10]), Outcome::Rejected);
        }
    }

    #[test]
    fn a_missing_member_refutes() {
        let token = "glc_".to_owned() + &pack(r#"{"o":"77","n":"ci"}"#);
        assert_eq!(outcome_of(grafana_cloud, &token), Outcome::Rejected);
        let list = "glc_".to_owned() + &pack(r#"["o","n","k"]"#);
        assert_eq!(outcome_of(grafana_cloud, &list), Outcome::Rejected);
    }

    #[test]
    fn sentry_needs_its_seal() {
        let packed = pack(r#"{"iat":1.5,"url":"https://s.io","org":"acme"}"#);
        let token = format!("sntrys_{packed}_{}", pack("short"));
        assert_eq!(outcome_of(sentry_org, &token), Outcome::Rejected);
    }
}
