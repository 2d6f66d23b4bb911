//! Whether a name that holds a vendor's word means a credential of that vendor.
//!
//! In: a match of a family's pattern. Out: the match with what its name adds, or nothing. The vendor's
//! word must stand as a word, the name must say that it holds a credential, and must not say that it
//! holds something about one.

use super::evidence::Evidence;
use super::generic::{self, elsewhere, words};
use super::reach::Reach;
use super::spec::{Confidence, RuleSpec};
use super::{Match, OPERATING_POINT, edge};
use crate::text::Span;

/// Bytes of a name that are read before the vendor's word.
const HEAD: usize = 40;
/// Bytes before that which the generic judge is shown.
const LEAD: usize = 64;
/// Bytes from the start of a value on that it is shown.
const TAIL: usize = 448;
/// Bytes on either side of a match that [`weigh`] looks at.
pub(super) const AROUND: Reach = Reach { before: HEAD + LEAD, after: TAIL };

/// Words that end a name of a credential.
const ENDS: &[&str] = &[
    "key",
    "keys",
    "token",
    "tokens",
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "apikey",
    "credential",
    "credentials",
];
/// Words that say so only when they stand alone.
const WHOLE: &[&str] = &[
    "access",
    "api",
    "appid",
    "auth",
    "authorization",
    "bearer",
    "cred",
    "creds",
    "dsn",
    "jwt",
    "licence",
    "license",
    "pass",
    "pat",
    "pw",
    "signature",
];
/// Words that say of any name that it holds something about data.
const ABOUT: &[&str] = &[
    "checksum",
    "digest",
    "etag",
    "fingerprint",
    "integrity",
    "iv",
    "nonce",
    "salt",
    "sha",
    "thumbprint",
    "timestamp",
];
/// Words that say of a name without a credential's own form that it holds something else.
const OTHER: &[&str] = &[
    "commit",
    "csrf",
    "foreign",
    "hash",
    "hashed",
    "hashes",
    "md",
    "primary",
    "public",
    "publishable",
    "revision",
    "site",
    "sitekey",
    "xsrf",
];
/// What may directly follow a vendor's word in lower case, besides words of a credential.
const TAILS: &[&str] = &[
    "account", "admin", "api", "app", "bot", "client", "cloud", "com", "dev", "hq", "http", "io",
    "live", "prod", "private", "rest", "sandbox", "sdk", "server", "sign", "test", "user", "web",
];

/// What the text around a family's match adds to it; nothing if it is no credential of the vendor.
/// `whole` begins with the vendor's word.
pub(super) fn weigh(text: &[u8], spec: &RuleSpec, mut found: Match, whole: Span) -> Option<Match> {
    let keyword = keyword(text, spec, whole.start)?;
    let word = Span::new(whole.start, whole.start + keyword.len());
    let secret = found.secret;
    if secret.start < word.end || !stands(text, word, secret.start) {
        return None;
    }
    if !holds(text, secret, whole) || !means(text, word, secret.start) {
        return None;
    }
    if !found.example && found.confidence == Confidence::Likely && !mixed(&text[secret.range()]) {
        found.confidence = Confidence::Possible;
        found.score = super::UNSURE;
    }
    if found.confidence == Confidence::Possible {
        raise(text, word, &mut found);
    }
    found.evidence.insert(0, Evidence::Keyword(keyword.to_string()));
    Some(found)
}

/// Whether what a name with a vendor's word holds may be a credential: neither is it something about
/// data, nor is it the name of something itself. `whole` begins with the vendor's word.
pub(super) fn holds(text: &[u8], secret: Span, whole: Span) -> bool {
    let name = text.get(whole.start..secret.start).map(words).unwrap_or_default();
    !name.iter().any(|w| ABOUT.contains(&w.as_str())) && !is_identifier(&text[secret.range()])
}

/// Whether a value reads as `LargeClusterShapeV2`, mixed case that falls into words, or as
/// `CONFIG.APP_TEST_ID2`. The capitals of a random value hardly leave room for words, and its letters make none.
pub(super) fn is_identifier(value: &[u8]) -> bool {
    let count = |kind: fn(&u8) -> bool| value.iter().filter(|b| kind(b)).count();
    let digits = count(u8::is_ascii_digit);
    let (capitals, marks) = (count(u8::is_ascii_uppercase), count(|b| *b == b'_'));
    let dots = count(|b| *b == b'.');
    if marks >= 2 && digits <= 4 && dots <= 1 && capitals + digits + marks + dots == value.len() {
        return true;
    }
    let letters = count(u8::is_ascii_alphabetic);
    let cases = capitals > 0 && capitals < letters;
    if value.len() < 24 || digits > 4 || !cases || letters + digits != value.len() {
        return false;
    }
    let parts = words(value).iter().filter(|w| !w.bytes().all(|b| b.is_ascii_digit())).count();
    parts >= 3 && letters >= 4 * parts && generic::is_spoken(value)
}

/// The rule's longest keyword that stands at `at`.
pub(super) fn keyword<'s>(text: &[u8], spec: &'s RuleSpec, at: usize) -> Option<&'s str> {
    let stands = |k: &&str| {
        let here = text[at..].get(..k.len());
        here.is_some_and(|here| here.eq_ignore_ascii_case(k.as_bytes()))
    };
    spec.keywords.iter().map(AsRef::as_ref).filter(stands).max_by_key(|k| k.len())
}

/// Whether the vendor's word at `at` may be one that [`stands`], whatever follows its name.
pub(super) fn may_stand(text: &[u8], spec: &RuleSpec, at: usize) -> bool {
    keyword(text, spec, at)
        .is_some_and(|word| stands(text, Span::new(at, at + word.len()), text.len()))
}

/// Whether the vendor's word is not a piece of a longer one.
fn stands(text: &[u8], word: Span, end: usize) -> bool {
    let here = &text[word.range()];
    let (Some(&first), Some(&last)) = (here.first(), here.last()) else { return false };
    let before = &text[..word.start];
    let open = before.last().is_none_or(|&b| {
        !first.is_ascii_alphanumeric()
            || !b.is_ascii_alphanumeric()
            || b.is_ascii_lowercase() && first.is_ascii_uppercase()
            || edge::ends_in_escape(before)
    });
    let rest = &text[word.end..end];
    let close = rest.first().is_none_or(|&b| {
        !last.is_ascii_alphabetic()
            || !b.is_ascii_alphabetic()
            || last.is_ascii_lowercase() && b.is_ascii_uppercase()
            || ENDS.iter().chain(WHOLE).chain(TAILS).any(|tail| {
                rest.get(..tail.len()).is_some_and(|r| r.eq_ignore_ascii_case(tail.as_bytes()))
            })
    });
    open && close
}

/// Whether the name around the vendor's word says that a credential follows.
fn means(text: &[u8], word: Span, end: usize) -> bool {
    let head = text[..word.start].iter().rev().take(HEAD);
    let head = head.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    let before = words(&text[word.start - head..word.start]);
    let vendor = words(&text[word.range()]);
    let after = words(&text[word.end..end]);
    let other = |w: &String| ABOUT.contains(&w.as_str()) || OTHER.contains(&w.as_str());
    if before.iter().chain(&after).any(other) {
        return false;
    }
    let last = after.iter().rev().find(|w| !w.bytes().all(|b| b.is_ascii_digit()));
    if last.is_some_and(|w| !means_one(w) && elsewhere(w)) {
        return false;
    }
    // Beside a vendor's word only: `oauth:` also begins a value.
    before.iter().chain(&vendor).chain(&after).any(|w| means_one(w) || w == "oauth")
}

/// Whether a word means a credential.
fn means_one(word: &str) -> bool {
    WHOLE.contains(&word) || ENDS.iter().any(|end| word.ends_with(end))
}

/// Whether the words of a whole name say that it holds a credential.
pub(super) fn says(name: &[String]) -> bool {
    let last = name.iter().rev().find(|w| !w.bytes().all(|b| b.is_ascii_digit()));
    let other = |w: &String| ABOUT.contains(&w.as_str()) || OTHER.contains(&w.as_str());
    !name.iter().any(other)
        && last.is_some_and(|w| means_one(w) || !elsewhere(w))
        && name.iter().any(|w| means_one(w))
}

/// Whether a value has a digit, as nearly all random ones have and no words.
fn mixed(secret: &[u8]) -> bool {
    secret.iter().any(u8::is_ascii_digit)
}

/// Takes over what the judge of names and values thinks of the same assignment, if that is more.
fn raise(text: &[u8], word: Span, found: &mut Match) {
    let secret = found.secret;
    let lead = &text[word.start..secret.start];
    let Some(hit) = lead.iter().rposition(u8::is_ascii_alphanumeric) else { return };
    let start = word.start.saturating_sub(AROUND.before);
    let end = text.len().min(secret.start + AROUND.after);
    let shifted = |value: Span| Span::new(value.start + start, value.end + start);
    let name = generic::name(&text[start..end], word.start + hit - start);
    let candidate = generic::read(&text[start..end], name)
        .into_iter()
        .find(|candidate| shifted(candidate.value) == secret);
    let Some(candidate) = candidate else { return };
    let score = candidate.shape.score_at(None).unwrap_or(0.0);
    if score >= OPERATING_POINT {
        found.confidence = Confidence::Likely;
        found.score = score;
        found.shape = Some(Box::new(candidate.shape));
        found.evidence = candidate.evidence(&text[start..end]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_words() {
        for value in ["LargeClusterShapeVersion2", "APP_TEST_ID2", "createEventBusWithContext2"] {
            assert!(is_identifier(value.as_bytes()), "{value}");
        }
        // Random, though few capitals part them.
        for parts in
            [["2fjeujGsEKCNFhz", "UkoroUgsel3Jymk"], ["ClifDmuLNYjgcdf32", "ateamfespyYkyDB"]]
        {
            assert!(!is_identifier(parts.concat().as_bytes()), "{parts:?}");
        }
    }
}
