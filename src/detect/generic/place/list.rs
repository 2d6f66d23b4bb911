//! Lists and maps on the right-hand side.
//!
//! In: a text and where the right-hand side begins. Out: the literals of a list, or the entry
//! `value` of a map.

use super::{Form, literal, markup};
use crate::text::Span;

/// Most items that are read.
const ITEMS: usize = 16;

/// How a list begins, up to its first item.
const OPENERS: &[&[u8]] = &[
    b"[",
    b"{",
    b"(",
    b"[]string{",
    b"array(",
    b"Array(",
    b"List.of(",
    b"Set.of(",
    b"listOf(",
    b"setOf(",
    b"Arrays.asList(",
    b"List(",
    b"Seq(",
    b"Set(",
    b"new String[]{",
    b"new String[] {",
    b"new[] {",
    b"new[]{",
    b"new string[] {",
    b"vec![",
    b"&[",
];

fn opener(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    if !matches!(
        rest.first()?,
        b'[' | b'{' | b'(' | b'&' | b'n' | b'v' | b'l' | b's' | b'a' | b'A' | b'L' | b'S'
    ) {
        return None;
    }
    OPENERS.iter().rev().find(|o| rest.starts_with(o)).map(|o| at + o.len())
}

fn space(text: &[u8], at: usize) -> usize {
    at + text[at.min(text.len())..].iter().take(80).take_while(|b| b.is_ascii_whitespace()).count()
}

/// The entry of a map that is called `value`: `{ value: "…" }`.
pub(super) fn entry(text: &[u8], at: usize) -> Option<(Span, Form)> {
    if text.get(at) != Some(&b'{') {
        return None;
    }
    let map = &text[at + 1..text.len().min(at + 80)];
    let map = &map[..memchr::memchr(b'}', map).unwrap_or(map.len())];
    let value = at + 1 + markup::entry(map)?;
    literal::read(text, space(text, value))
}

/// The literals of the list at `at`.
pub(super) fn items(text: &[u8], at: usize) -> Vec<(Span, Form)> {
    let mut items = Vec::new();
    let Some(mut at) = opener(text, at) else { return items };
    while items.len() < ITEMS {
        let Some((value, form)) = literal::read(text, space(text, at)) else { break };
        let next = space(text, value.end + 1);
        if text.get(next) == Some(&b':') || text.get(next..next + 2) == Some(b"=>") {
            // A key of a map.
            return Vec::new();
        }
        items.push((value, form));
        at = next + 1;
        if text.get(next) != Some(&b',') {
            break;
        }
    }
    // Parts of one value are no values.
    if joined(text, at) { Vec::new() } else { items }
}

/// Whether the list that closes before `at`, or a little after it, is put together to one text.
fn joined(text: &[u8], at: usize) -> bool {
    let rest = &text[at.min(text.len())..text.len().min(at + 160)];
    let rest = &rest[..memchr::memchr(b';', rest).unwrap_or(rest.len())];
    memchr::memchr_iter(b'.', rest)
        .any(|at| [&b".concat("[..], b".join("].iter().any(|call| rest[at..].starts_with(call)))
}
