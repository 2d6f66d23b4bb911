//! String literals.
//!
//! In: a text and where a literal may begin. Out: its inside, and how it is written.

use super::{Form, VALUE};
use crate::text::Span;

/// The inside of the literal at `start`: in quotes, with a prefix, in the brackets of Erlang's binaries, or as the
/// argument of a call that makes another type of it.
pub(super) fn read(text: &[u8], start: usize) -> Option<(Span, Form)> {
    let start = start + if text.get(start..)?.starts_with(b"<<\"") { 2 } else { 0 };
    let (length, mut form) = prefix(text.get(start..)?);
    let mut at = start + length;
    if let Some(length) = cast(&text[at..]) {
        form.wrapped = true;
        let (length, inner) = {
            at += length;
            prefix(&text[at..])
        };
        form.open |= inner.open;
        at += length;
    }
    let escapes = text[at..].iter().take(3).take_while(|&&b| b == b'\\').count();
    at += escapes;
    let quote = *text.get(at)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let triple = escapes == 0 && text[at..].starts_with(&[quote; 3]);
    // As reStructuredText writes code.
    let double = !triple && quote == b'`' && text[at..].starts_with(b"``");
    at += if triple { 3 } else { 1 + usize::from(double) };
    let body = &text[at..text.len().min(at + VALUE)];
    let length = if escapes > 0 { escaped_end(body, quote)? } else { end(body, quote)? };
    form.quoted = true;
    form.open |= quote == b'`' && memchr::memmem::find(&body[..length], b"${").is_some();
    Some((Span::new(at, at + length), form))
}

/// Length of a literal's prefix (`b""`, `r#""#`, `L""`, `@""`), and what it says.
fn prefix(rest: &[u8]) -> (usize, Form) {
    let marks = |b: &&u8| {
        matches!(
            b,
            b'b' | b'r' | b'u' | b'f' | b'B' | b'R' | b'U' | b'F' | b'L' | b'@' | b'$' | b'#'
        )
    };
    let length = rest.iter().take(3).take_while(marks).count();
    match rest.get(length) {
        Some(b'"' | b'\'') if length > 0 => {
            let open = rest[..length].iter().any(|b| matches!(b, b'f' | b'F' | b'$'));
            (length, Form { open, ..Form::default() })
        }
        _ => (0, Form::default()),
    }
}

/// Offset of the quote that ends a literal which begins at the head of `body`.
fn end(body: &[u8], quote: u8) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr3(quote, b'\\', b'\n', &body[from..])?;
        match body[at] {
            b'\\' => from = (at + 2).min(body.len()),
            b'\n' => return None,
            _ => return Some(at),
        }
    }
}

/// Offset of the backslash before the quote that ends a literal inside another one.
fn escaped_end(body: &[u8], quote: u8) -> Option<usize> {
    let at = memchr::memchr2(quote, b'\n', body)?;
    let inside = body[..at].iter().rposition(|&b| b != b'\\').map_or(0, |last| last + 1);
    (body[at] == quote && inside < at).then_some(inside)
}

/// Words that end the name of a call whose argument is the value itself.
const CASTS: &[&str] = &[
    "some",
    "string",
    "str",
    "secret",
    "secretstr",
    "secretstring",
    "bytes",
    "byte",
    "just",
    "ok",
    "encode",
    "b64encode",
    "b64decode",
    "decode",
    "decodehex",
    "unhexlify",
    "fromhex",
    "hex",
    "from",
    "of",
    "new",
    "value",
    "credentialvalue",
    "text",
    "sensitive",
    "password",
    "token",
    "key",
    "buffer",
    "frombase64string",
    "tosecurestring",
    "securestring",
    "md5",
    "sha1",
    "sha256",
    "crypt",
    "quote",
    "bstr",
    "literal",
    "utf8",
    "tocharsequence",
    "charsequence",
    "fromstring",
    "tobytes",
    "pack",
    "into",
    "box",
    "arc",
    "parsehex",
    "hexdecode",
    "bytestring",
    "urlencode",
    "quoteplus",
    "encodeutf",
    "wrap",
    "unsafe",
    "redacted",
    "byte[]",
    "none,",
    "binary",
    "var",
    "coalesce",
    "ifnull",
    "static",
    "base64",
    "hashpw",
    "bcrypt",
    "hash",
];

/// Length of a call's head up to its argument (`bytes(`, `[]byte(`, `new Secret(`), if the
/// argument is the value itself.
fn cast(rest: &[u8]) -> Option<usize> {
    if !matches!(rest.first()?, b'a'..=b'z' | b'A'..=b'Z' | b'[' | b'(' | b'&' | b'*') {
        return None;
    }
    let reach = &rest[..rest.len().min(64)];
    let open = reach.iter().position(|&b| {
        !(b.is_ascii_alphanumeric()
            || matches!(b, b'_' | b'.' | b':' | b'[' | b']' | b'&' | b'*' | b' '))
    })?;
    if reach[open] != b'(' {
        return None;
    }
    if open == 0 {
        // `(None, "…")`: a pair whose first part is empty.
        return reach.starts_with(b"(None, ").then_some(7);
    }
    let next = rest.get(open + 1)?;
    if !matches!(next, b'"' | b'\'' | b'`' | b'b' | b'@' | b'u' | b'r') {
        return None;
    }
    let name = &reach[..open];
    let words = super::super::name::words(name);
    let last = words.iter().rev().find(|w| !w.bytes().all(|b| b.is_ascii_digit()))?;
    let asks = words.iter().any(|w| ASKS.contains(&w.as_str()));
    (CASTS.contains(&last.as_str()) && !asks && !charset(&rest[open + 1..])).then_some(open + 1)
}

/// Words in the name of a call whose argument says where to get the value.
const ASKS: &[&str] = &[
    "get", "read", "fetch", "load", "find", "ask", "input", "prompt", "lookup", "env", "check",
    "is", "has", "select", "query", "by",
];

/// Whether a call's argument names an encoding: `.decode("utf-8")`.
fn charset(rest: &[u8]) -> bool {
    const NAMES: &[&[u8]] =
        &[b"utf", b"ascii", b"latin", b"iso", b"us-ascii", b"base64", b"hex", b"unicode", b"cp"];
    let argument = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let argument =
        &argument[..argument.iter().take(16).take_while(|b| !b"\"'".contains(b)).count()];
    argument.len() < 16
        && NAMES
            .iter()
            .any(|n| argument.len() >= n.len() && argument[..n.len()].eq_ignore_ascii_case(n))
}
