//! `PyPI` upload tokens: `pypi-` and a version-2 macaroon.
//!
//! In: a token. Out: `Proven` when the macaroon is whole, with the index, and the user, projects or
//! expiry that its caveats name.

use serde_json::Value;

use super::payload::{base64, fact, time};
use super::{Evidence, Outcome, Subject};
use crate::detect::sample::Draw;

const VERSION: u8 = 2;
const END: u8 = 0;
const LOCATION: u64 = 1;
const IDENTIFIER: u64 = 2;
const SIGNATURE: u64 = 6;

/// A macaroon of pypi.org or test.pypi.org.
pub(super) fn macaroon(subject: &Subject<'_>) -> Outcome {
    let bytes = subject.secret.strip_prefix(b"pypi-").and_then(base64);
    match bytes.and_then(|bytes| read(&bytes)) {
        Some(facts) => {
            let form = Evidence::Structure("macaroon".into());
            Outcome::Proven([vec![form], facts].concat())
        }
        None => Outcome::Rejected,
    }
}

/// Reads a whole macaroon, or nothing.
fn read(bytes: &[u8]) -> Option<Vec<Evidence>> {
    let mut rest = Fields(bytes.strip_prefix(&[VERSION])?);
    let location = rest.expect(LOCATION)?;
    rest.expect(IDENTIFIER)?;
    rest.end()?;
    let index = String::from_utf8_lossy(location).into_owned();
    let mut facts = vec![Evidence::Fact("index", index)];
    while rest.end().is_none() {
        facts.extend(restriction(rest.expect(IDENTIFIER)?));
        rest.end()?;
    }
    (rest.expect(SIGNATURE)?.len() == 32 && rest.0.is_empty()).then_some(facts)
}

/// What a caveat ties the token to: `[kind, argument, ...]`.
fn restriction(caveat: &[u8]) -> Option<Evidence> {
    let caveat: Value = serde_json::from_slice(caveat).ok()?;
    let argument = caveat.get(1);
    match caveat.get(0)?.as_u64()? {
        0 => time("expires", argument),
        1 => fact("project", argument?.get(0)),
        2 => fact("project_id", argument?.get(0)),
        3 => fact("user", argument),
        _ => None,
    }
}

/// The type, length, value fields of a macaroon; `0` alone ends a section.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Takes the end of a section, if it is next.
    fn end(&mut self) -> Option<()> {
        self.0 = self.0.strip_prefix(&[END])?;
        Some(())
    }

    /// Takes the field that is next, if it is of this kind.
    fn expect(&mut self, kind: u64) -> Option<&'a [u8]> {
        if self.number()? != kind {
            return None;
        }
        let length = usize::try_from(self.number()?).ok()?;
        let (value, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(value)
    }

    /// Takes a LEB128 number of at most five bytes: no field of a token needs more.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

/// Counterpart of [`macaroon`].
pub(super) fn mint(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let field = |kind: u8, value: &[u8]| -> Vec<u8> {
        let length = u8::try_from(value.len()).expect("the fields made here are short");
        [&[kind, length], value].concat()
    };
    let test = form.starts_with(b"pypi-AgEN");
    let index: &[u8] = if test { b"test.pypi.org" } else { b"pypi.org" };
    let caveat = format!("[3,\"{}\"]", draw.hex(32));
    let bytes = [
        vec![VERSION],
        field(1, index),
        field(2, draw.hex(36).as_bytes()),
        vec![END],
        field(2, caveat.as_bytes()),
        vec![END, END],
        field(6, &draw.bytes(32)),
    ];
    let body = data_encoding::BASE64URL_NOPAD.encode(&bytes.concat());
    Some(["pypi-", &body].concat().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{facts, outcome_of};
    use super::*;

    fn vector() -> String {
        [
            "pypi-",
            "AgEIcHlwaS5vcmcCJDAxMjM0NTY3LTg5YWItNGNkZS04ZjAxLTIz",
            "NDU2Nzg5YWJjZAACK1szLCAiZmVkY2JhOTgtNzY1NC00MzIxLThm",
            "ZWQtY2JhOTg3NjU0MzIxIl0AAAYgfarLUJ0l0ORBJTNxUiPkL5s6",
            "i35bc1cfu999_dyASVE",
        ]
        .concat()
    }

    #[test]
    fn tells_index_and_user() {
        let outcome = outcome_of(macaroon, &vector());
        assert!(matches!(outcome, Outcome::Proven(_)));
        assert_eq!(
            facts(&outcome),
            ["index:pypi.org", "user:fedcba98-7654-4321-8fed-cba987654321"]
        );
    }

    #[test]
    fn cut_anywhere_is_refuted() {
        let token = vector();
        for end in 0..token.len() {
            assert_eq!(outcome_of(macaroon, &token[..end]), Outcome::Rejected);
        }
        let longer = token + "AAAA";
        assert_eq!(outcome_of(macaroon, &longer), Outcome::Rejected);
    }

    #[test]
    fn caveats() {
        let told = |json: &str| restriction(json.as_bytes()).map(|e| e.to_string());
        assert_eq!(told(r#"[1, ["leaf"]]"#).unwrap(), "project:leaf");
        assert_eq!(told("[0, 1893456000, 0]").unwrap(), "expires:2030-01-01T00:00:00Z");
        assert_eq!(told(r#"{"permissions": "user"}"#), None);
        assert_eq!(told("[7]"), None);
        assert_eq!(told("not json"), None);
    }

    #[test]
    fn lengths_are_not_believed() {
        let forged =
            |bytes: &[u8]| format!("pypi-{}", data_encoding::BASE64URL_NOPAD.encode(bytes));
        for bytes in [
            &[2, 1, 0xff, 0xff, 0xff, 0xff, 0x7f, 0][..],
            &[2, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[2, 1, 0, 2, 0, 0],
        ] {
            assert_eq!(outcome_of(macaroon, &forged(bytes)), Outcome::Rejected);
        }
    }
}
