//! The name around a word.
//!
//! In: a text and the offset of a word. Out: the whole name that holds the word.

use super::NAME;
use crate::text::Span;

pub(super) const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

/// The name around `hit`, if it has a reasonable length.
pub(in crate::detect::generic) fn around(text: &[u8], hit: usize) -> Option<Span> {
    let left = text[..hit].iter().rev().take(NAME).take_while(|&&b| is_part(b)).count();
    let right = text[hit..].iter().take(NAME).take_while(|&&b| is_part(b)).count();
    let mut span = Span::new(hit - left, hit + right);
    // A letter after a backslash is an escape: `"\npassword=…"`.
    if left > 0
        && matches!(text[span.start], b'n' | b't' | b'r')
        && text[..span.start].ends_with(b"\\")
        && !text[..span.start].ends_with(b"\\\\")
    {
        span.start += 1;
    }
    // A colon of full width is one.
    while memchr::memchr("：".as_bytes()[0], &text[span.range()]).is_some()
        && let Some(colon) = memchr::memmem::find(&text[span.range()], "：".as_bytes())
    {
        match span.start + colon {
            at if at > hit => span.end = at,
            at => span.start = at + "：".len(),
        }
    }
    while span.start < hit && matches!(text[span.start], b'-' | b'.') {
        span.start += 1;
    }
    while span.end > hit && matches!(text[span.end - 1], b'-' | b'.') {
        span.end -= 1;
    }
    (right < NAME && left < NAME).then_some(span)
}
