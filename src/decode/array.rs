//! Lists of literals that a program joins with nothing between them: `["abc", "def"].join("")`, `"".join(["abc", "def"])`.
//!
//! In: a view. Out: each such list written as one literal, as [`joined`] does it.

use super::marks::Sign;
use super::{Found, View, joined};
use crate::text::Span;

/// Bytes that a list may take.
const LONGEST: usize = 8192;
/// What stands behind the last literal of a list, and what it is joined with: nothing.
const BEHIND: [&[u8]; 3] = [b"].join(\"\")", b"].join('')", b"].join(``)"];
/// What stands between the empty literal that a list is joined with and its first one.
const BEFORE: [&[u8]; 2] = [b".join([", b".join(("];

/// Whether a text begins with the last quote of such a list, or with the first of the empty quotes before one.
pub(super) fn joins(text: &[u8]) -> bool {
    match text {
        [_, b']', ..] => BEHIND.iter().any(|behind| text[1..].starts_with(behind)),
        [quote, other, b'.', ..] if quote == other => opens(text),
        _ => false,
    }
}

fn opens(text: &[u8]) -> bool {
    BEFORE.iter().any(|before| text[2..].starts_with(before))
}

/// Finds lists of literals that are joined.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    for at in view.marks().of(Sign::Array) {
        let open = if text[at + 1] == b']' {
            let floor = at.saturating_sub(LONGEST);
            memchr::memrchr(b'[', &text[floor..at]).map(|open| floor + open)
        } else {
            Some(at + 2 + BEFORE[0].len() - 1)
        };
        let parts = open.map(|open| parts(text, open + 1)).unwrap_or_default();
        if parts.len() > 1 {
            joined::join(view, &parts, found);
        }
    }
}

/// The insides of the literals that a list begins with at `from`.
fn parts(text: &[u8], from: usize) -> Vec<Span> {
    let end = text.len().min(from + LONGEST);
    let blank = |from: usize| {
        from + text[from..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    };
    let (mut parts, mut at) = (Vec::new(), blank(from));
    while let Some(&quote @ (b'"' | b'\'' | b'`')) = text[..end].get(at) {
        let Some(close) = joined::literal(text, at + 1, quote) else { break };
        parts.push(Span::new(at + 1, close));
        at = blank((close + 1).min(end));
        if text[..end].get(at) != Some(&b',') {
            break;
        }
        at = blank(at + 1);
    }
    parts
}
