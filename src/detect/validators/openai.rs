//! API keys whose random part holds the word `OpenAI`, in base64, in its middle.
//!
//! In: a key. Out: proven if as many characters stand before the marker as after it.

use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;
use crate::detect::sample::draw::BASE62;

/// Base64 of `OpenAI`.
const MARKER: &[u8] = b"T3BlbkFJ";

/// Proves that the marker halves the random part of the key.
pub(super) fn halves(subject: &Subject<'_>) -> Outcome {
    if balanced(subject.secret) == Some(true) {
        return Outcome::Proven(vec![Evidence::Structure("marker between equal halves".into())]);
    }
    Outcome::Rejected
}

fn balanced(key: &[u8]) -> Option<bool> {
    let marker = key.windows(MARKER.len()).rposition(|w| w == MARKER)?;
    let half = key.len() - marker - MARKER.len();
    // A name may stand before the random part, set off by a dash.
    let dash = marker.checked_sub(half)?.checked_sub(1)?;
    Some(half >= 20 && key[dash] == b'-')
}

/// Counterpart of [`halves`].
pub(super) fn mint(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    if balanced(form) == Some(true) {
        return Some(form.to_vec());
    }
    let marker = form.windows(MARKER.len()).rposition(|w| w == MARKER)?;
    let end = &form[marker..];
    // `sk-`, the kind of key and a dash.
    let head = 4 + memchr::memchr(b'-', form.get(3..)?)?;
    let half = draw.text(BASE62, end.len() - MARKER.len());
    Some([&form[..head], &half, end].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str) -> bool {
        let key = key.as_bytes();
        let subject = Subject { secret: key, whole: key };
        matches!(halves(&subject), Outcome::Proven(_))
    }

    fn key(prefix: &str, before: usize, after: usize) -> String {
        let body = "k7Qz2-Wm9xR_4tLb8VnC3pJd6Hs1Gf5Ya0TuEeXoZiMqDwNvKrSjPhUgBlFcAy7Qz2Wm9xR4tLb";
        [prefix, &body[..before], "T3Blbk", "FJ", &body[..after]].concat()
    }

    #[test]
    fn equal_halves_prove() {
        assert!(check(&key("sk-", 20, 20)));
        assert!(check(&key("sk-proj-", 58, 58)));
        assert!(check(&key("sk-svcacct-", 74, 74)));
        assert!(check(&key("sk-service-billing-bot-", 20, 20)));
    }

    #[test]
    fn anything_else_does_not() {
        assert!(!check(&key("sk-proj-", 58, 57)));
        assert!(!check(&key("sk-proj-", 57, 58)));
        assert!(!check(&key("sk-", 4, 4)));
        assert!(!check(&key("", 20, 20)));
        assert!(!check("sk-proj-no-marker-at-all"));
    }
}
