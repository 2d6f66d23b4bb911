//! Compressed streams.
//!
//! In: a reader over a gzip, zlib, bzip2, xz, zstd or LZ4 file. Out: one part without a name, what the file stands
//! for.

use std::io::{self, BufRead, Read};

use lzma_rust2::XzReader;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder, StreamingDecoder};
use sirocco::inflate::{Decoder, Reader};

use super::ahead::Ahead;
use super::{Format, Meter, Sink};

/// KiB of memory that an xz stream may ask for.
pub(super) const MEMORY: u32 = 256 << 10;

/// Hands out what a stream stands for.
pub(super) fn walk(format: Format, ahead: &mut Ahead<'_>, meter: &Meter, sink: &mut dyn Sink) {
    let mut plain = open(format, ahead);
    sink.part(None, &mut meter.unpacking(&mut plain));
}

/// A reader over what is packed in `ahead`.
pub(super) fn open<'a>(format: Format, ahead: impl BufRead + 'a) -> Box<dyn Read + 'a> {
    match format {
        Format::Gzip => Box::new(Members(Some(Reader::new(sirocco::Format::Gzip, ahead)))),
        Format::Zlib => Box::new(Reader::new(sirocco::Format::Zlib, ahead)),
        Format::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(ahead)),
        Format::Xz => Box::new(XzReader::new_mem_limit(ahead, true, MEMORY)),
        Format::Zstd => Box::new(Frames { ahead: Some(ahead), open: None, failed: None }),
        Format::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(ahead)),
        _ => Box::new(ahead),
    }
}

/// Whether `head` begins a zlib stream: its first two bytes are too common in text to tell.
pub(super) fn is_zlib(head: &[u8]) -> bool {
    let mut out = vec![0; 64 << 10];
    let head = &head[..head.len().min(4 << 10)];
    let outcome = Decoder::new(sirocco::Format::Zlib).decompress(head, &mut out, false);
    outcome.is_ok_and(|progress| progress.done || !progress.output.is_empty())
}

/// Gzip members, one after the other.
struct Members<R>(Option<Reader<R>>);

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(reader) = &mut self.0 {
            let count = reader.read(out)?;
            if count > 0 || out.is_empty() {
                return Ok(count);
            }
            let more = reader.get_mut().fill_buf()?.starts_with(b"\x1f");
            self.0 = self
                .0
                .take()
                .filter(|_| more)
                .map(|done| Reader::new(sirocco::Format::Gzip, done.into_inner()));
        }
        Ok(0)
    }
}

/// Zstandard frames, one after the other.
struct Frames<R: Read> {
    ahead: Option<R>,
    open: Option<StreamingDecoder<R, FrameDecoder>>,
    /// Why the open frame ends early, until what was read of it is handed out.
    failed: Option<io::Error>,
}

/// Ends a frame that broke off, so that the decoder gives out what it keeps back for the blocks that would follow.
fn close(decoder: &mut FrameDecoder) -> io::Result<()> {
    // The last block, which is empty, and a checksum that nobody looks at.
    let end = [1, 0, 0, 0, 0, 0, 0];
    let outcome = decoder.decode_blocks(&end[..], BlockDecodingStrategy::UptoBlocks(1));
    outcome.map(|_| ()).map_err(io::Error::other)
}

impl<R: BufRead> Frames<R> {
    /// Opens the next frame that holds data; false where there is none.
    fn next(&mut self) -> io::Result<bool> {
        while let Some(mut ahead) = self.ahead.take() {
            match ahead.fill_buf()? {
                [0x28, ..] => {
                    self.open = Some(StreamingDecoder::new(ahead).map_err(io::Error::other)?);
                    return Ok(true);
                }
                // A frame that holds nothing: its magic number, its length, bytes to be skipped.
                [0x50..=0x5f, ..] => {
                    let mut head = [0; 8];
                    ahead.read_exact(&mut head)?;
                    let [.., a, b, c, d] = head;
                    let length = u32::from_le_bytes([a, b, c, d]);
                    io::copy(&mut (&mut ahead).take(u64::from(length)), &mut io::sink())?;
                    self.ahead = Some(ahead);
                }
                _ => return Ok(false),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(mut frame) = self.open.take() {
                let count = match frame.read(out) {
                    Err(cause) if self.failed.is_none() => {
                        close(&mut frame.decoder)?;
                        self.failed = Some(cause);
                        frame.read(out)?
                    }
                    outcome => outcome?,
                };
                if count > 0 || out.is_empty() {
                    self.open = Some(frame);
                    return Ok(count);
                }
                self.ahead = Some(frame.into_inner());
            }
            if let Some(cause) = self.failed.take() {
                return Err(cause);
            }
            if !self.next()? {
                return Ok(0);
            }
        }
    }
}
