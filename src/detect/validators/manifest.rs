//! Values of Kubernetes `Secret` manifests.
//!
//! In: the block below `data` or `stringData`, in YAML or JSON; the whole match tells which. Out: whether
//! one of its values is a literal secret, with the names of those that are as a fact.

use data_encoding::BASE64;

use super::dummy::{is_dummy, is_template};
use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::generic::{self, words};
use crate::detect::placeholder;
use crate::detect::sample::Draw;

/// Names beyond these are not told.
const NAMES: usize = 8;

/// Last words of names whose values are no secret: what is signed, and who and where one is.
const PUBLIC: &[&str] = &[
    "args",
    "audience",
    "authority",
    "bucket",
    "bucketnames",
    "ca",
    "cert",
    "certificate",
    "cluster",
    "command",
    "context",
    "crt",
    "description",
    "domain",
    "endpoint",
    "expiration",
    "host",
    "hostname",
    "id",
    "issuer",
    "kind",
    "name",
    "namespace",
    "port",
    "pub",
    "region",
    "server",
    "type",
    "uri",
    "url",
    "user",
    "username",
    "version",
];

/// Looks through the entries of the block.
pub(super) fn check(subject: &Subject<'_>) -> Outcome {
    let has = |needle: &[u8]| memchr::memmem::find(subject.whole, needle).is_some();
    // SOPS and its like encrypt value by value and leave the names readable.
    if !has(b"Secret") || has(b"ENC[") {
        return Outcome::Rejected;
    }
    let plain = has(b"stringData");
    let mut names: Vec<String> = Vec::new();
    let mut name: &[u8] = b"";
    for line in subject.secret.split(|&b| b == b'\n' || b == b',') {
        let (own, value) = entry(line);
        if let Some(own) = own {
            name = own;
        }
        let told = String::from_utf8_lossy(name).into_owned();
        if plain && is_policy(line, name, value) {
            continue;
        }
        if is_secret(value, plain, is_public(name)) && !names.contains(&told) {
            names.push(told);
        }
    }
    if names.is_empty() {
        return Outcome::Rejected;
    }
    names.truncate(NAMES);
    Outcome::Unproven(vec![
        Evidence::Structure("Kubernetes Secret".into()),
        Evidence::Fact("keys", names.join(",")),
    ])
}

/// Splits `name: value` or, as settings in a block text have it, `name=value`, both without their
/// quotes. Other lines of a block text have no name.
fn entry(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"- ").unwrap_or(line);
    let is_name = |name: &[u8]| {
        !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
    };
    if let Some(sign) = memchr::memchr2(b':', b'=', line) {
        let name = unquote(&line[..sign]);
        let value = unquote(&line[sign + 1..]);
        // The name of a block text may be a template.
        if is_name(name) || matches!(value, b"|" | b"|-" | b">" | b">-") {
            return (Some(name), value);
        }
    }
    (None, line)
}

/// Whether a line of JSON in a block text holds a word or begins a list, as policies do: `"level": "strict"`.
fn is_policy(line: &[u8], name: &[u8], value: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(b"\"")
        && (value.starts_with(b"[") || value.iter().all(u8::is_ascii_lowercase))
        && !generic::is_credential(name)
}

/// Whether a value of this name is public, unless it holds a login.
fn is_public(name: &[u8]) -> bool {
    let words = words(name);
    let last = words.iter().rev().find(|w| *w != "data" && !w.bytes().all(|b| b.is_ascii_digit()));
    let authority = || words.iter().any(|word| word == "ca");
    last.is_some_and(|last| PUBLIC.contains(&last.as_str()) || last == "pem" && authority())
}

fn unquote(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    match text {
        [b'"' | b'\'', inner @ .., b'"' | b'\''] => inner,
        _ => text,
    }
}

/// Whether a value is a literal that may open something. A public one does if it holds a login, as
/// the URL of a database does.
fn is_secret(value: &[u8], plain: bool, public: bool) -> bool {
    if value.len() < 4 || value[0] == b'#' || is_stand_in(value) || is_place(value) {
        return false;
    }
    let opens = |text: &[u8]| !public || memchr::memchr(b'@', text).is_some();
    if plain && value.len() >= 6 && opens(value) {
        return true;
    }
    let decoded = BASE64.decode(value).unwrap_or_default();
    decoded.len() >= 4 && !is_stand_in(&decoded) && opens(&decoded)
}

/// Whether a value says where something is: a file, a host and its port.
fn is_place(value: &[u8]) -> bool {
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"._-/".contains(b);
    let program = |b: &u8| b.is_ascii_lowercase() || *b == b'/';
    let file = value[0] == b'/'
        && (value.contains(&b'.') && value.iter().all(part) || value.iter().all(program));
    let colon = memchr::memrchr(b':', value);
    file || colon.is_some_and(|at| {
        let digits = &value[at + 1..];
        (2..=5).contains(&digits.len())
            && digits.iter().all(u8::is_ascii_digit)
            && value[..at].iter().all(|b| b.is_ascii_lowercase() || *b == b'.')
    })
}

fn is_stand_in(value: &[u8]) -> bool {
    // A block of PEM that holds nothing.
    value.starts_with(b"-----BEGIN ") && value.len() < 100
        || value.starts_with(b"-----BEGIN PUBLIC KEY-----")
        || is_template(value)
        || is_dummy(value)
        || placeholder::reason(value).is_some()
}

/// Counterpart of [`check`]: what stands before, in and after the block, in the notation of `form`.
pub(super) fn mint(draw: &mut Draw, form: &[u8]) -> Option<[Vec<u8>; 3]> {
    let value = BASE64.encode(draw.word(18).as_bytes());
    let parts = if form.contains(&b'{') {
        let entry = format!("\"password\": \"{value}\"");
        ["\"kind\": \"Secret\", \"data\": {".to_owned(), entry, "}".to_owned()]
    } else {
        let before = "kind: Secret\nmetadata:\n  name: db\ndata:\n".to_owned();
        [before, format!("  password: {value}\n"), String::new()]
    };
    Some(parts.map(String::into_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(kind: &str, block: &str) -> Outcome {
        let whole = format!("kind: Secret\n{kind}:\n{block}");
        check(&Subject { secret: block.as_bytes(), whole: whole.as_bytes() })
    }

    fn keys(outcome: &Outcome) -> Option<&str> {
        match outcome {
            Outcome::Unproven(evidence) => evidence.iter().find_map(|e| match e {
                Evidence::Fact("keys", keys) => Some(keys.as_str()),
                _ => None,
            }),
            _ => None,
        }
    }

    #[test]
    fn names_of_literal_values_are_told() {
        let encoded = BASE64.encode(b"hunter2");
        let user = BASE64.encode(b"app");
        let block = format!("  user: {user}\n  password: {encoded}\n  other: \"{encoded}\"\n");
        assert_eq!(keys(&judged("data", &block)), Some("password,other"));
        let block = format!("  pw: '{}'\n", ["k8!", "mentir"].concat());
        assert_eq!(keys(&judged("stringData", &block)), Some("pw"));
        assert_eq!(keys(&judged("stringData", "  pw: mento123\n")), Some("pw"));
    }

    #[test]
    fn policies_are_none() {
        let policy = "  ca.pem: ca-data-pem\n  policy.json: |\n    {\n      \"level\": \"strict\",\n      \"names\": [ \"ca:flux\" ]\n";
        assert!(matches!(judged("stringData", policy), Outcome::Rejected));
        for name in ["password", "db_pwd", "apikey"] {
            let secret = policy.replace("level", name);
            assert_eq!(keys(&judged("stringData", &secret)), Some(name));
        }
    }

    #[test]
    fn public_values_are_none() {
        let certificate = format!("  tls.crt: {}\n", BASE64.encode(b"hush hush"));
        assert_eq!(judged("data", &certificate), Outcome::Rejected);
        let public =
            BASE64.encode(format!("-----BEGIN PUBLIC KEY-----\n{}", "A".repeat(96)).as_bytes());
        assert_eq!(judged("data", &format!("  cosign: {public}\n")), Outcome::Rejected);
        let empty = BASE64.encode(b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----");
        assert_eq!(judged("data", &format!("  tls.key: {empty}\n")), Outcome::Rejected);
        for block in [
            "  clientID: lokistack\n",
            "  x: |\n    exec:\n      command: /bin/sh\n      args: [\"-c\", \"hello world!\"]\n",
            "  endpoint: http://store.internal:9000\n",
            "  description: The token that nodes join with\n",
            "  x.yml: |\n    rule_files:\n      - /etc/config/rules.yml\n    targets:\n      - store.internal:9090\n",
            "  cloud: |-\n    [Global]\n    endpoint=https://{API endpoint}\n    secret-key={Key}\n",
            "  %[3]s: |\n    certificate-authority-data: Q0FEQVRB\n  - name: joes\n    token: token\n",
        ] {
            assert_eq!(judged("stringData", block), Outcome::Rejected, "{block}");
        }
        let url = ["  url: postgres://app:", "k8mentir", "@db/shop\n"].concat();
        let login = judged("stringData", &url);
        assert_eq!(keys(&login), Some("url"));
        let settings = judged("stringData", "  x: |\n    user-id=joe\n    password=k8mentir!\n");
        assert_eq!(keys(&settings), Some("password"));
    }

    #[test]
    fn templates_dummies_and_encrypted_values_are_none() {
        let dummy = format!("  pw: {}\n", BASE64.encode(b"changeme"));
        for (kind, block) in [
            ("data", dummy.as_str()),
            ("data", "  pw: {{ .Values.pw | b64enc }}\n"),
            ("stringData", "  pw: ${PW}\n"),
            ("data", "  pw: ENC[AES256_GCM,data:abc]\nsops: {}\n"),
            ("data", "  pw: not base64\n"),
        ] {
            assert_eq!(judged(kind, block), Outcome::Rejected, "{block}");
        }
    }
}
