//! Where something stands in a Jupyter notebook.
//!
//! In: a notebook's text, piece by piece. Out: the number of the cell, and of its output, that a piece ends in. The
//! text itself is searched like any other; a line of it tells nobody which cell to clear.

/// Longest name of a list that is looked for.
const NAME: usize = 8;

/// A place in a notebook, which moves on with the text.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    /// Lists and objects around the place.
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// The last string, as far as it may be a name.
    name: Vec<u8>,
    in_cells: bool,
    in_outputs: bool,
    cell: usize,
    output: usize,
}

impl Cells {
    /// The start of a text, if that is a notebook.
    #[must_use]
    pub fn open(text: &[u8]) -> Option<Self> {
        let inside = text.trim_ascii_start().strip_prefix(b"{")?;
        let list = inside.trim_ascii_start().strip_prefix(b"\"cells\"")?;
        list.trim_ascii_start().starts_with(b":").then(Self::default)
    }

    /// Moves on over `text`.
    pub fn advance(&mut self, text: &[u8]) {
        for &byte in text {
            if self.in_string {
                self.string(byte);
            } else {
                self.structure(byte);
            }
        }
    }

    /// The place in words, where it is in a cell.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let cell = self.cell;
        match (self.in_cells && self.depth > 2, self.in_outputs && self.depth > 4) {
            (true, true) => Some(format!("cell {cell}, output {}", self.output)),
            (true, false) => Some(format!("cell {cell}")),
            _ => None,
        }
    }

    fn string(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
        if self.in_string && self.name.len() <= NAME {
            self.name.push(byte);
        }
    }

    fn structure(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.in_string = true;
                self.name.clear();
            }
            b'[' | b'{' => {
                self.depth += 1;
                match (byte, self.depth) {
                    (b'[', 2) if self.name == b"cells" => self.in_cells = true,
                    (b'[', 4) if self.in_cells && self.name == b"outputs" => {
                        (self.in_outputs, self.output) = (true, 0);
                    }
                    (b'{', 3) if self.in_cells => self.cell += 1,
                    (b'{', 5) if self.in_outputs => self.output += 1,
                    _ => {}
                }
            }
            b']' | b'}' => {
                self.in_outputs &= self.depth != 4;
                self.in_cells &= self.depth != 2;
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r##"{ "cells": [
 {"source": ["# ] here", "a"], "metadata": {}},
 {"source": ["b\"]"], "outputs": [{"text": ["c"]}, {"data": {"x": ["d"]}}]},
 {"source": ["e"], "outputs": []}
], "metadata": {"f": 1}}"##;

    fn place(what: &str) -> Option<String> {
        let mut cells = Cells::open(TEXT.as_bytes()).expect("a notebook");
        let at = TEXT.find(what).expect("a part of it");
        cells.advance(&TEXT.as_bytes()[..at]);
        cells.place()
    }

    #[test]
    fn cells_and_outputs_are_counted() {
        for (what, told) in [
            ("here", "cell 1"),
            ("b\\", "cell 2"),
            ("\"c\"", "cell 2, output 1"),
            ("\"d\"", "cell 2, output 2"),
            ("\"e\"", "cell 3"),
        ] {
            assert_eq!(place(what).as_deref(), Some(told), "{what}");
        }
        assert_eq!(place("\"f\""), None);
    }

    #[test]
    fn other_texts_are_no_notebooks() {
        assert!(Cells::open(b"{\"cell\": []}").is_none());
        assert!(Cells::open(b"[]").is_none());
        assert!(Cells::open(b"{\n \"cells\" : [").is_some());
    }
}
