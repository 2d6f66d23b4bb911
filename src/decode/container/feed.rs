//! A reader over text that is made piece by piece.
//!
//! In: a function that writes the next piece. Out: a reader. So what a container's fields are written as is never held
//! as a whole.

use std::io::{self, Read};

/// Writes the next piece; false where there is none.
pub(super) struct Feed<F> {
    next: F,
    piece: Vec<u8>,
    at: usize,
}

impl<F: FnMut(&mut Vec<u8>) -> bool> Feed<F> {
    pub(super) const fn new(next: F) -> Self {
        Self { next, piece: Vec::new(), at: 0 }
    }
}

impl<F: FnMut(&mut Vec<u8>) -> bool> Read for Feed<F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            self.at = 0;
            self.piece.clear();
            if !(self.next)(&mut self.piece) {
                return Ok(0);
            }
        }
        let ready = &self.piece[self.at..];
        let count = ready.len().min(out.len());
        out[..count].copy_from_slice(&ready[..count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_each_other() {
        let mut left = 4;
        let mut feed = Feed::new(|out| {
            left -= 1;
            out.extend(vec![b'a'; left]);
            left > 0
        });
        let mut text = Vec::new();
        feed.read_to_end(&mut text).unwrap();
        assert_eq!(text, b"aaaaaa");
    }
}
