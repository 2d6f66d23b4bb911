//! Whether a match ends where its token ends.
//!
//! In: a text, a span, the bytes a rule does not want beside it. Out: yes or no. A body that goes on in
//! its own alphabet is a piece of something longer.

use super::spec::Edge;
use crate::text::Span;

/// Bytes that are looked at before a token: an escape such as `\u003d`.
pub(super) const BEFORE: usize = 6;
/// Bytes that are looked at after it.
pub(super) const AFTER: usize = 1;

/// Whether `span` stands free on both sides.
pub(super) fn holds(text: &[u8], span: Span, edge: Edge) -> bool {
    opens(text, span.start, edge) && text.get(span.end).is_none_or(|&b| !continues(b, edge))
}

/// Whether a token may start at `at`.
pub(super) fn opens(text: &[u8], at: usize, edge: Edge) -> bool {
    let before = &text[..at];
    before.last().is_none_or(|&b| !continues(b, edge)) || ends_in_escape(before)
}

const fn continues(byte: u8, edge: Edge) -> bool {
    let word = byte.is_ascii_alphanumeric() || byte == b'_';
    match edge {
        Edge::None => false,
        Edge::Word => word,
        Edge::Base64url => word || byte == b'-',
        Edge::Base64 => word || matches!(byte, b'+' | b'/' | b'='),
    }
}

/// `\n`, `\t`, `\r`, `\"` or `%3D` before a token are no part of it, though they end in a letter or digit.
/// An equals sign is the sign of an assignment when nothing of base64 stands before it.
pub(super) fn ends_in_escape(before: &[u8]) -> bool {
    match before {
        [.., b'\\', b'n' | b't' | b'r' | b'b' | b'f' | b'0'] => true,
        [.., b'%', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
        [.., b'u', a, b, c, d] if before.len() > 5 && before[before.len() - 6] == b'\\' => {
            [a, b, c, d].iter().all(|b| b.is_ascii_hexdigit())
        }
        [.., b'='] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stand_free() {
        let check = |text: &str, edge| {
            let start = text.find("TOK").unwrap();
            holds(text.as_bytes(), Span::new(start, start + 3), edge)
        };
        assert!(check("TOK", Edge::Word));
        assert!(check("k=\"TOK\"", Edge::Word));
        assert!(check("a\\nTOK\\n", Edge::Word));
        assert!(check("t%3DTOK", Edge::Word));
        assert!(check("\\u003dTOK", Edge::Word));
        assert!(check("key=TOK", Edge::Base64));
        assert!(!check("aTOK", Edge::Word));
        assert!(!check("TOK1", Edge::Word));
        assert!(check("TOK-1", Edge::Word));
        assert!(!check("TOK-1", Edge::Base64url));
        assert!(!check("TOK/1", Edge::Base64));
        assert!(check("aTOK", Edge::None));
    }
}
