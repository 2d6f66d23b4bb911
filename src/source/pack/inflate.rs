//! Inflating streams whose length is known beforehand.
//!
//! In: zlib streams. Out: exactly the bytes that were announced, or a [`Fault`].

use sirocco::Format;
use sirocco::inflate::Decoder;

use super::Fault;

/// Inflates one stream after another without allocating.
pub(crate) struct Inflater {
    decoder: Box<Decoder>,
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { decoder: Box::new(Decoder::new(Format::Zlib)) }
    }

    /// Inflates the one stream that `raw` is, to `out`, which has the announced length.
    pub(super) fn whole(&mut self, raw: &[u8], out: &mut [u8]) -> Result<(), Fault> {
        match self.piece(raw, out, true)? {
            Some(used) if used == raw.len() => Ok(()),
            Some(_) => Err(Fault::corrupt("bytes are left over after an entry")),
            None => {
                self.decoder.reset();
                Err(Fault::corrupt("an entry is longer than it says"))
            }
        }
    }

    /// Inflates a piece of a stream; says how many bytes of it were used once the stream is done.
    ///
    /// `out` must be the same memory for all pieces of a stream. Call [`Self::reset`] between
    /// streams unless the last one was done.
    pub(crate) fn piece(
        &mut self,
        raw: &[u8],
        out: &mut [u8],
        last: bool,
    ) -> Result<Option<usize>, Fault> {
        let announced = out.len() as u64;
        let progress = match self.decoder.decompress(raw, out, last) {
            Ok(progress) => progress,
            Err(cause) => {
                self.decoder.reset();
                return Err(Fault::corrupt(cause.to_string()));
            }
        };
        let (done, used) = (progress.done, progress.consumed);
        if done && self.decoder.total_out() != announced {
            self.decoder.reset();
            return Err(Fault::corrupt("an entry is shorter than it says"));
        }
        if !done && used < raw.len() {
            self.decoder.reset();
            return Err(Fault::corrupt("an entry is longer than it says"));
        }
        Ok(done.then_some(used))
    }

    /// Forgets a stream that was left half read.
    pub(super) fn reset(&mut self) {
        self.decoder.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sirocco::deflate::Level;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        sirocco::compress(Format::Zlib, Level::DEFAULT, bytes)
    }

    #[test]
    fn exactly_the_announced_length_is_taken() {
        let mut inflater = Inflater::new();
        let text = b"an entry, an entry, an entry";
        let raw = deflate(text);
        for len in 0..text.len() + 3 {
            let mut out = vec![0; len];
            let fine = inflater.whole(&raw, &mut out).is_ok();
            assert_eq!(fine, len == text.len(), "{len}");
        }
        let mut out = vec![0; text.len()];
        inflater.whole(&raw, &mut out).unwrap();
        assert_eq!(out, text);
        inflater.whole(&deflate(b""), &mut []).unwrap();
    }

    #[test]
    fn pieces_of_any_length_make_the_whole() {
        let mut inflater = Inflater::new();
        let text: Vec<u8> = (0..=250).cycle().step_by(31).take(3000).collect();
        let raw = deflate(&text);
        for len in [1, 2, 7, 100, raw.len()] {
            let mut out = vec![0; text.len()];
            let mut done = None;
            for piece in raw.chunks(len) {
                assert_eq!(done, None);
                done = inflater.piece(piece, &mut out, false).unwrap();
            }
            assert!(done.is_some());
            assert_eq!(out, text);
        }
    }

    #[test]
    fn damage_and_leftovers_are_refused_and_forgotten() {
        let mut inflater = Inflater::new();
        let text = vec![b'x'; 5000];
        let raw = deflate(&text);
        let mut out = vec![0; text.len()];
        for at in 0..raw.len() {
            let mut damaged = raw.clone();
            damaged[at] ^= 0x10;
            // Bits that pad the last block mean nothing.
            assert!(inflater.whole(&damaged, &mut out).is_err() || out == text, "{at}");
            assert!(inflater.whole(&raw[..at], &mut out).is_err(), "{at}");
            inflater.whole(&raw, &mut out).unwrap();
        }
        let longer = [&raw[..], b"!"].concat();
        assert!(inflater.whole(&longer, &mut out).is_err());
    }
}
