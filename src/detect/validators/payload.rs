//! JSON packed into base64, and what may be told from it.
//!
//! In: base64 or base64url text from a token, padded or not. Out: the JSON object, and facts read
//! from it that are short enough to report.

use data_encoding::{Encoding, Specification};
use serde_json::{Map, Value};
use std::sync::LazyLock;

use crate::detect::evidence::Evidence;

/// Longest text taken over into a fact, in characters.
const LONGEST_FACT: usize = 80;

/// Either alphabet, no padding: tokens are cut and joined by programs that differ in both.
static LENIENT: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    spec.translate.from.push_str("-_");
    spec.translate.to.push_str("+/");
    spec.check_trailing_bits = false;
    spec.encoding().expect("64 distinct symbols")
});

/// Decodes base64 in either alphabet, with or without padding.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().rposition(|&b| b != b'=').map_or(0, |at| at + 1);
    if text.len() - end > 2 {
        return None;
    }
    LENIENT.decode(&text[..end]).ok()
}

/// The JSON object that `text` encodes.
pub(super) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(&base64(text)?).ok()
}

/// The payload of a JWT, if its header names an algorithm.
pub(super) fn claims(jwt: &[u8]) -> Option<Map<String, Value>> {
    let mut parts = jwt.split(|&b| b == b'.');
    let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !object(header)?.get("alg")?.is_string() {
        return None;
    }
    object(payload)
}

/// A fact called `name`, when `value` is a number, a flag or a short text.
pub(super) fn fact(name: &'static str, value: Option<&Value>) -> Option<Evidence> {
    let text = match value? {
        Value::String(text) => text.chars().take(LONGEST_FACT).collect(),
        number @ (Value::Number(_) | Value::Bool(_)) => number.to_string(),
        _ => return None,
    };
    Some(Evidence::Fact(name, text))
}

/// A fact that is a time, from seconds since 1970.
pub(super) fn time(name: &'static str, seconds: Option<&Value>) -> Option<Evidence> {
    let seconds = seconds?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a saturated time is out of range and thus no fact"
    )]
    let seconds = seconds.as_i64().or(seconds.as_f64().map(|s| s as i64))?;
    let time = jiff::Timestamp::from_second(seconds).ok()?;
    Some(Evidence::Fact(name, time.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_alphabet_padded_or_not() {
        for text in ["-_8", "+/8", "+/8="] {
            assert_eq!(base64(text.as_bytes()), Some(vec![0xfb, 0xff]), "{text}");
        }
        for text in ["+/8===", "A", "a b="] {
            assert_eq!(base64(text.as_bytes()), None, "{text}");
        }
        assert_eq!(base64(b""), Some(Vec::new()));
    }

    #[test]
    fn claims_need_an_algorithm_and_three_parts() {
        let [header, payload] = [r#"{"alg":"HS256"}"#, r#"{"iss":"here"}"#]
            .map(|json| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes()));
        let parts = [header.as_str(), payload.as_str(), "c2ln"];
        assert_eq!(claims(parts.join(".").as_bytes()).unwrap()["iss"], "here");
        assert_eq!(claims(parts[..2].join(".").as_bytes()), None);
        let typeless = [&payload, &payload, "c2ln"].map(String::from).join(".");
        assert_eq!(claims(typeless.as_bytes()), None);
    }

    #[test]
    fn facts_are_short_and_times_in_range() {
        let long = Value::from("x".repeat(500));
        assert_eq!(
            fact("name", Some(&long)),
            Some(Evidence::Fact("name", "x".repeat(LONGEST_FACT)))
        );
        assert_eq!(fact("name", Some(&Value::Null)), None);
        let time_of = |seconds: f64| time("expires", Some(&Value::from(seconds)));
        assert_eq!(
            time_of(1_893_456_000.5),
            Some(Evidence::Fact("expires", "2030-01-01T00:00:00Z".into()))
        );
        assert_eq!(time_of(1e300), None);
    }
}
