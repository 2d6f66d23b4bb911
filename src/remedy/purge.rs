//! What a history is searched for when a value is to be taken out of it.
//!
//! In: a value, and how it stands in the files. Out: lines of the file that `git filter-repo --replace-text` reads: the
//! value in every form in which a repository may hold it. They are secrets as much as the value is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use crate::text::Secret;

/// What is put in its place.
const REMOVED: &str = "***REMOVED***";
/// Shorter encoded forms would stand in a history by chance.
const SHORTEST: usize = 8;

/// A form that is searched for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form {
    /// What it is: `as it is`, `base64`.
    pub name: &'static str,
    /// The bytes.
    pub text: Secret,
}

/// Every form of `value`; `found` are the encoded texts that a scan read it from.
#[must_use]
pub fn forms(value: &Secret, found: &[Secret]) -> Vec<Form> {
    let bytes = value.reveal();
    let mut forms = vec![Form { name: "as it is", text: value.clone() }];
    forms.extend(found.iter().map(|text| Form { name: "as found", text: text.clone() }));
    let mut add = |name, text: &[u8]| {
        if text.len() >= SHORTEST {
            forms.push(Form { name, text: Secret::new(text) });
        }
    };
    for (name, encoding) in [
        ("base64", BASE64),
        ("base64", BASE64_NOPAD),
        ("base64, for URLs", BASE64URL),
        ("base64, for URLs", BASE64URL_NOPAD),
        ("hex", HEXLOWER),
        ("hex", HEXUPPER),
    ] {
        add(name, encoding.encode(bytes).as_bytes());
    }
    // In the middle of something encoded its first and last characters depend on what is beside it.
    for before in 1..=2 {
        let text = BASE64.encode(&[&[0; 2][..before], bytes].concat());
        let end = (before + bytes.len()) * 8 / 6;
        add("base64, inside", &text.as_bytes()[before + 1..end]);
        let text = BASE64URL.encode(&[&[0; 2][..before], bytes].concat());
        add("base64, inside", &text.as_bytes()[before + 1..end]);
    }
    let whole = BASE64_NOPAD.encode(bytes);
    add("base64, inside", &whole.as_bytes()[..bytes.len() * 8 / 6]);
    add("percent-encoded", percent(bytes).as_bytes());
    if let Ok(text) = std::str::from_utf8(bytes) {
        let json = serde_json::Value::from(text).to_string();
        add("in JSON", &json.as_bytes()[1..json.len() - 1]);
        let markup = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        add("in markup", markup.replace('"', "&quot;").as_bytes());
    }
    let mut seen = BTreeSet::new();
    forms.retain(|form| !form.text.reveal().is_empty() && seen.insert(form.text.clone()));
    // What holds another form goes first, or its rest would stay.
    forms.sort_by_key(|form| std::cmp::Reverse(form.text.reveal().len()));
    forms
}

/// Everything but what never needs it, as `%2F`.
fn percent(bytes: &[u8]) -> String {
    let mut out = String::new();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A line of the file. It holds the secret.
#[must_use]
pub fn line(form: &Form) -> Vec<u8> {
    let text = form.text.reveal();
    let plain =
        !text.contains(&b'\n') && !text.contains(&b'\r') && !text.windows(3).any(|w| w == b"==>");
    let mut line: Vec<u8> = Vec::new();
    if plain {
        line.extend_from_slice(b"literal:");
        line.extend_from_slice(text);
    } else {
        // Lines cannot be broken there, so the bytes are spelt out; any end of line stands for any other.
        line.extend_from_slice(b"regex:");
        for piece in text
            .split(|&byte| byte == b'\n')
            .map(|piece| piece.strip_suffix(b"\r").unwrap_or(piece))
        {
            if line.len() > b"regex:".len() {
                line.extend_from_slice(br"\r?\n");
            }
            for byte in piece {
                line.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
            }
        }
    }
    line.extend_from_slice(format!("==>{REMOVED}").as_bytes());
    line
}

/// The same line for people: which form it is, nothing of it.
#[must_use]
pub fn redacted(form: &Form) -> String {
    format!("literal:{}==>{REMOVED}   # {}", form.text.redacted(0), form.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_found_in_what_it_encodes() {
        let value = ["tok&en/", "\"S3cret+4711\""].concat();
        let forms = forms(&Secret::new(value.as_bytes()), &[]);
        let any = |text: &str| {
            forms
                .iter()
                .any(|form| memchr::memmem::find(text.as_bytes(), form.text.reveal()).is_some())
        };
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "x", "xy"] {
                let whole = format!("{before}{value}{after}");
                assert!(any(&BASE64.encode(whole.as_bytes())), "{before}|{after}");
                assert!(any(&BASE64URL_NOPAD.encode(whole.as_bytes())), "{before}|{after}");
                assert!(any(&HEXLOWER.encode(whole.as_bytes())));
            }
        }
        assert!(any(&percent(value.as_bytes())));
        assert!(any(&serde_json::Value::from(value.clone()).to_string()));
        assert!(any(&value));
        assert!(!any("tok&en/"));
    }

    #[test]
    fn what_the_format_cannot_quote_is_spelt_out() {
        let form = |text: &str| Form { name: "as it is", text: Secret::new(text.as_bytes()) };
        assert_eq!(line(&form("plain")), b"literal:plain==>***REMOVED***");
        assert_eq!(line(&form("a\r\nb")), br"regex:\x61\r?\n\x62==>***REMOVED***");
        assert_eq!(line(&form("a==>")), br"regex:\x61\x3d\x3d\x3e==>***REMOVED***");
        assert_eq!(
            redacted(&form("a-long-enough-secret")),
            "literal:****==>***REMOVED***   # as it is"
        );
    }
}
