//! A reader that can look ahead.
//!
//! In: a reader. Out: the same bytes, some of which can be looked at before they are read.

use std::io::{self, BufRead, Read};

/// Bytes that are read at once. What a decoder makes of the piece in which it finds an error is lost.
const PIECE: usize = 16 << 10;

/// Reads in pieces, and ahead.
pub(super) struct Ahead<'r> {
    reader: &'r mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
}

impl<'r> Ahead<'r> {
    pub(super) fn new(reader: &'r mut dyn Read) -> Self {
        Self { reader, buffer: Vec::new(), at: 0 }
    }

    /// The next `count` bytes or more; fewer only where the input ends.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.at < count {
            self.buffer.drain(..self.at);
            self.at = 0;
            if !self.more()? {
                break;
            }
        }
        Ok(&self.buffer[self.at..])
    }

    /// Reads a piece more; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        let filled = self.buffer.len();
        self.buffer.resize(filled + PIECE, 0);
        let read = loop {
            match self.reader.read(&mut self.buffer[filled..]) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome,
            }
        };
        self.buffer.truncate(filled + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

impl BufRead for Ahead<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.buffer.len());
    }
}

impl Read for Ahead<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(out.len());
        out[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_is_still_read() {
        let text: Vec<u8> = (0..=255).cycle().take(3 * PIECE + 5).collect();
        let mut reader = &text[..];
        let mut ahead = Ahead::new(&mut reader);
        assert_eq!(ahead.peek(4).unwrap()[..4], text[..4]);
        ahead.consume(3);
        assert_eq!(ahead.peek(2 * PIECE).unwrap()[..2 * PIECE], text[3..3 + 2 * PIECE]);
        let mut rest = Vec::new();
        ahead.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, &text[3..]);
        assert!(ahead.peek(1).unwrap().is_empty());
    }
}
