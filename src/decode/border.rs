//! Where a text can be cut so that decoding the pieces finds what decoding the whole does.
//!
//! In: a stretch that two texts share. Out: the part of it from which, and into which, no encoded value reaches in
//! either of them. All encodings end at a line's end, but base64, which goes on in the next line where a long line
//! of it ends; and UTF-16, so texts with a NUL are not cut.

use super::base64::{INDENT, WRAP, goes_on};
use super::words;
use crate::text::Span;

/// The largest part of `stretch`, without NUL, that starts and ends at such borders. Where the stretch starts or
/// ends both texts, as `ends` tells, that is a border too.
#[must_use]
pub fn inside(stretch: &[u8], ends: (bool, bool)) -> Option<Span> {
    let border = |newline: usize| parts(stretch, newline + 1).then_some(newline + 1);
    let start = if ends.0 { 0 } else { memchr::memchr_iter(b'\n', stretch).find_map(border)? };
    let end = if ends.1 {
        stretch.len()
    } else {
        memchr::memrchr_iter(b'\n', stretch).find_map(border)?
    };
    (start < end).then(|| Span::new(start, end))
}

/// Whether no value goes on over the line's end before `at`. What the stretch does not show may be anything.
fn parts(stretch: &[u8], at: usize) -> bool {
    !(may_go_on(&stretch[..at - 1]) && may_follow(&stretch[at..]))
}

/// Whether what ends with `lines` may be a line of base64 that goes on in the next.
fn may_go_on(lines: &[u8]) -> bool {
    let line = lines.strip_suffix(b"\r").unwrap_or(lines);
    let last = &line[line.len().saturating_sub(WRAP)..];
    words::length(last) == last.len()
}

/// Whether the line that `lines` begin with may go on a value.
fn may_follow(lines: &[u8]) -> bool {
    let indent = lines.iter().take(INDENT).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let run = words::length(&lines[indent..]);
    let next = lines.get(indent + run);
    next.is_none() || run > 0 && goes_on(next.copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(stretch: &str, ends: (bool, bool)) -> Option<&str> {
        inside(stretch.as_bytes(), ends).map(|span| &stretch[span.range()])
    }

    #[test]
    fn lines_are_cut_off() {
        let free = (false, false);
        assert_eq!(inner("b; c\nd; e\nf; g\n h", free), Some("d; e\nf; g\n"));
        assert_eq!(inner("b; c\nd; e\nf; g", (true, false)), Some("b; c\nd; e\n"));
        assert_eq!(inner("b; c\nd; e\nf; g", (false, true)), Some("d; e\nf; g"));
        assert_eq!(inner("b; c", (true, true)), Some("b; c"));
        assert_eq!(inner("b; c\nd; e", free), None);
    }

    #[test]
    fn a_wrapped_value_stays_whole() {
        let line = "A1".repeat(24);
        let text = format!("x; y\n{line}\n{line}\n\tA1\nx; y\nx; z\n.");
        assert_eq!(inner(&text, (false, false)), Some(&text[5..text.len() - 1]));
        // Nobody knows what stands before the first line, or after the last.
        let text = format!("{line}\n{line}\nx; y\nz; x\n{line}\nA1");
        assert_eq!(inner(&text, (false, false)), Some("x; y\nz; x\n"));
    }
}
