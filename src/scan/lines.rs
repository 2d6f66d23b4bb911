//! The lines that matches stand on.
//!
//! In: a text and its matches, in order. Out: the lines each one touches. All of a file may be one line, so the ends
//! of a line are looked for once, not once for each match on it.

use crate::text::{Span, lines_around};

/// Finds lines, and remembers the last one.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    last: Span,
}

impl<'t> Lines<'t> {
    pub(super) const fn new(text: &'t [u8]) -> Self {
        Self { text, last: Span::new(0, 0) }
    }

    /// The bytes of the line (or lines) that `span` touches, without the line end.
    pub(super) fn of(&mut self, span: Span) -> Span {
        if !span.is_empty() && self.last.start <= span.start && span.end <= self.last.end {
            return self.last;
        }
        let lines = lines_around(self.text, span);
        // A match that spans several lines would lend them all to its neighbours.
        if memchr::memchr2(b'\n', b'\r', &self.text[span.range()]).is_none() {
            self.last = lines;
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_span_has_its_own_lines_in_any_order() {
        let text = b"one two\nthree four\r\nfive\n\nsix";
        let mut lines = Lines::new(text);
        let spans =
            (0..text.len()).flat_map(|start| (start..=text.len()).map(move |end| (start, end)));
        for (start, end) in spans.clone().chain(spans.rev()) {
            let span = Span::new(start, end);
            assert_eq!(lines.of(span), lines_around(text, span), "{span:?}");
        }
    }
}
