//! What a script types where a program asks for a password.
//!
//! In: a text and a name that ends a literal, `expect "Password:"`. Out: the literal that is sent next, without the key
//! that ends a line.

use super::{Form, literal};
use crate::text::Span;

/// Bytes between what is waited for and what is sent.
const GAP: usize = 100;
/// What sends a line.
const SENDS: &[&[u8]] =
    &[b"send", b"exp_send", b"sendline", b"send_line", b"sendLine", b"writeline", b"write"];

/// What is sent after the prompt that ends in `name`.
pub(super) fn answer(text: &[u8], name: Span) -> Option<(Span, Form)> {
    let rest = &text[name.end..text.len().min(name.end + GAP)];
    let mark = rest.iter().position(|b| !b": ?*$]\\".contains(b) && *b != b'[')?;
    if mark == 0
        || mark > 6
        || !matches!(rest[mark], b'"' | b'\'' | b'}')
        || !rest[..mark].contains(&b':')
    {
        return None;
    }
    let at = mark + 1 + rest[mark + 1..].iter().position(u8::is_ascii_alphabetic)?;
    if !rest[mark + 1..at].iter().all(|b| b.is_ascii_whitespace() || b");{}".contains(b)) {
        return None;
    }
    let word = |b: &u8| b.is_ascii_alphanumeric() || b"_.$".contains(b);
    let length = rest[at..].iter().take_while(|b| word(b)).count();
    let called = &rest[at..at + length];
    let last = called.rsplit(|&b| b == b'.').next().unwrap_or(called);
    if !SENDS.contains(&last) {
        return None;
    }
    let from = name.end + at + length;
    let gap = text[from..].iter().take(8).take_while(|b| b" (-s".contains(b)).count();
    let (value, form) = literal::read(text, from + gap)?;
    let inside = &text[value.range()];
    let end = [&b"\\r\\n"[..], b"\\r", b"\\n"].iter().find_map(|key| inside.strip_suffix(*key));
    let value = Span::new(value.start, value.start + end.unwrap_or(inside).len());
    // `send "$password\r"` is none.
    (!inside.contains(&b'$') && gap > 0).then_some((value, form))
}
