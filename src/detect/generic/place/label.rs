//! The name around a word.
//!
//! In: a text and the offset of a word. Out: the whole name that holds the word.

use super::NAME;
use crate::detect::bytes::Set;
use crate::text::Span;

/// What names are made of.
static PARTS: Set = Set::words(b"_-.").and_foreign();

pub(super) fn is_part(byte: u8) -> bool {
    PARTS.has(byte)
}

/// The name around `hit`, if it has a reasonable length.
pub(in crate::detect::generic) fn around(text: &[u8], hit: usize) -> Option<Span> {
    let left = PARTS.tail(&text[..hit], NAME);
    let right = PARTS.head(&text[hit..], NAME);
    let mut span = Span::new(hit - left, hit + right);
    // A letter after a backslash is an escape: `"\npassword=…"`.
    if left > 0
        && matches!(text[span.start], b'n' | b't' | b'r')
        && text[..span.start].ends_with(b"\\")
        && !text[..span.start].ends_with(b"\\\\")
    {
        span.start += 1;
    }
    // A colon of full width is one. Nearly all names are ASCII.
    while !text[span.range()].is_ascii()
        && memchr::memchr("：".as_bytes()[0], &text[span.range()]).is_some()
        && let Some(colon) = memchr::memmem::find(&text[span.range()], "：".as_bytes())
    {
        match span.start + colon {
            at if at > hit => span.end = at,
            at => span.start = at + "：".len(),
        }
    }
    if let Some(phrase) = phrase(text, hit) {
        span = Span::new(span.start.min(phrase.start), span.end.max(phrase.end));
    }
    while span.start < hit && matches!(text[span.start], b'-' | b'.') {
        span.start += 1;
    }
    while span.end > hit && matches!(text[span.end - 1], b'-' | b'.') {
        span.end -= 1;
    }
    (right < NAME && left < NAME).then_some(span)
}

/// Names of several words, and where in them the one stands that calls up the rule.
const PHRASES: &[(&str, usize)] = &[
    ("mot de passe", 7),
    ("mật khẩu", 0),
    ("mat khau", 0),
    ("kata sandi", 0),
    ("كلمة المرور", 0),
    ("كلمة السر", 0),
];

/// The name of several words around `hit`.
fn phrase(text: &[u8], hit: usize) -> Option<Span> {
    if !matches!(text[hit], b'p' | b'P' | b'm' | b'M' | b'k' | b'K' | 0xd9) {
        return None;
    }
    PHRASES.iter().find_map(|(phrase, word)| {
        let start = hit.checked_sub(*word)?;
        let here = text.get(start..start + phrase.len())?;
        here.eq_ignore_ascii_case(phrase.as_bytes()).then(|| Span::new(start, start + phrase.len()))
    })
}
