//! Objects read piece by piece.
//!
//! In: a compressed stream and the length it should inflate to. Out: a reader that fails where the
//! length is another, and remembers it, since whoever reads may not tell.

use std::io::{self, BufReader, Read};

use sirocco::Format;
use sirocco::inflate;

use super::Fault;

/// A reader whose length was announced.
pub(crate) struct Announced<R> {
    inner: R,
    /// Bytes still to come.
    left: u64,
    fault: Option<Fault>,
    done: bool,
}

impl<R: Read> Announced<inflate::Reader<BufReader<R>>> {
    /// Inflates `raw` to `size` bytes.
    pub(crate) fn inflating(raw: R, size: u64) -> Self {
        let raw = BufReader::with_capacity(64 << 10, raw);
        Self::new(inflate::Reader::new(Format::Zlib, raw), size)
    }
}

impl<R: Read> Announced<R> {
    /// Reads `size` bytes from `inner`, which must then be at its end.
    pub(crate) const fn new(inner: R, size: u64) -> Self {
        Self { inner, left: size, fault: None, done: false }
    }

    /// Tells what went wrong. What was not read is not checked.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        self.fault.map_or(Ok(()), Err)
    }

    fn read_some(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        let len = self.inner.read(out).map_err(|cause| match cause.kind() {
            io::ErrorKind::InvalidData => Fault::corrupt(cause.to_string()),
            _ => Fault::unreadable(&cause),
        })?;
        if len == 0 && self.left > 0 {
            return Err(Fault::corrupt("an object is shorter than it says"));
        }
        self.left = self
            .left
            .checked_sub(len as u64)
            .ok_or_else(|| Fault::corrupt("an object is longer than it says"))?;
        Ok(len)
    }
}

impl<R: Read> Read for Announced<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() || self.done {
            return Ok(0);
        }
        match self.read_some(out) {
            Ok(len) => {
                self.done = len == 0;
                Ok(len)
            }
            Err(fault) => {
                self.done = true;
                let text = fault.detail.clone().into_owned();
                self.fault = Some(fault);
                Err(io::Error::new(io::ErrorKind::InvalidData, text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_announced_length_passes() {
        for size in 0..8 {
            let mut reader = Announced::new(&b"text"[..], size);
            let mut bytes = Vec::new();
            let fine = reader.read_to_end(&mut bytes).is_ok();
            assert_eq!(fine, size == 4);
            assert_eq!(reader.finish().is_ok(), size == 4);
        }
    }

    #[test]
    fn a_broken_stream_is_remembered() {
        let raw = sirocco::compress(Format::Zlib, sirocco::deflate::Level::DEFAULT, b"text");
        let mut reader = Announced::inflating(&raw[..raw.len() - 1], 4);
        assert!(io::copy(&mut reader, &mut io::sink()).is_err());
        assert!(reader.finish().is_err());
    }
}
