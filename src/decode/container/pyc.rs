//! Compiled Python.
//!
//! In: a `.pyc` file. Out: its strings, a line each. In the file a string's length stands right before it, where it
//! may look like a letter of it.

use std::io;

use super::feed::Feed;
use super::{Meter, Sink};

/// Objects inside each other; Python itself goes no deeper.
const DEPTH: usize = 2000;

/// How a version of Python writes code.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// Bytes before the first object.
    header: usize,
    /// Numbers in front of the objects of a code object.
    numbers: usize,
    /// Objects behind the number of the first line.
    tail: usize,
}

/// Objects in front of the number of the first line.
const OBJECTS: usize = 8;

/// The layout that goes with a file's first two bytes.
fn layout(head: &[u8]) -> Option<Layout> {
    let &[a, b, b'\r', b'\n', ..] = head else { return None };
    let (header, numbers, tail) = match u16::from_le_bytes([a, b]) {
        62_161..=62_211 => (8, 4, 1),
        3190..=3389 => (12, 5, 1),
        // The header grew with 3.7.
        3390..=3399 => (16, 5, 1),
        3400..=3449 => (16, 6, 1),
        3450..=3999 => (16, 5, 2),
        _ => return None,
    };
    Some(Layout { header, numbers, tail })
}

/// Whether `head` begins compiled Python.
pub(super) fn is_pyc(head: &[u8]) -> bool {
    layout(head).is_some_and(|layout| matches!(head.get(layout.header), Some(b'c' | 0xe3)))
}

/// Hands out the strings.
pub(super) fn walk(file: &[u8], meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    let Some(layout) = layout(file) else { return Ok(()) };
    let mut reader = Reader { file, at: layout.header, layout, open: vec![Frame::Items(1)] };
    let mut whole = true;
    let mut feed = Feed::new(|out: &mut Vec<u8>| {
        if reader.open.is_empty() {
            return false;
        }
        match reader.object() {
            Some(Some(text)) => {
                out.extend_from_slice(text);
                out.push(b'\n');
                true
            }
            Some(None) => true,
            None => {
                whole = false;
                false
            }
        }
    });
    sink.part(None, &mut meter.unpacking(&mut feed));
    let end = reader.at.min(file.len());
    if end < file.len() {
        sink.plain(&mut &file[end..]);
    }
    if whole { Ok(()) } else { Err(io::Error::other("the objects break off")) }
}

/// What is being read.
enum Frame {
    /// As many objects more.
    Items(u32),
    /// Objects, up to one that ends them.
    Pairs,
    /// As many objects more of a code object.
    Code(usize),
}

/// Reads objects one after the other, each before those it holds.
struct Reader<'f> {
    file: &'f [u8],
    at: usize,
    layout: Layout,
    open: Vec<Frame>,
}

impl<'f> Reader<'f> {
    /// The next object's text, if it is one; `None` where the file breaks off.
    fn object(&mut self) -> Option<Option<&'f [u8]>> {
        // The high bit says that others refer to it.
        let kind = self.take(1)?[0] & 0x7f;
        let mut text = None;
        match kind {
            b'0' => {
                if matches!(self.open.last(), Some(Frame::Pairs)) {
                    self.open.pop();
                }
                self.done()?;
            }
            b'N' | b'F' | b'T' | b'S' | b'.' => self.done()?,
            b'i' | b'r' | b'R' => self.pass(4)?,
            b'I' | b'g' => self.pass(8)?,
            b'y' => self.pass(16)?,
            b'l' => {
                let count = self.number()?.cast_signed().unsigned_abs();
                self.pass(usize::try_from(count).ok()?.checked_mul(2)?)?;
            }
            b'f' | b'x' => {
                for _ in 0..1 + u8::from(kind == b'x') {
                    let length = self.take(1)?[0];
                    self.take(length.into())?;
                }
                self.done()?;
            }
            b's' | b't' | b'u' | b'a' | b'A' => {
                let length = usize::try_from(self.number()?).ok()?;
                text = Some(self.take(length)?);
                self.done()?;
            }
            b'z' | b'Z' => {
                let length = self.take(1)?[0];
                text = Some(self.take(length.into())?);
                self.done()?;
            }
            b'(' | b'[' | b'<' | b'>' => {
                let count = self.number()?;
                self.enter(count)?;
            }
            b')' => {
                let count = self.take(1)?[0];
                self.enter(count.into())?;
            }
            b':' => self.enter(3)?,
            b'{' => self.push(Frame::Pairs)?,
            b'c' => {
                self.take(4 * self.layout.numbers)?;
                self.push(Frame::Code(OBJECTS + self.layout.tail))?;
            }
            _ => return None,
        }
        Some(text)
    }

    fn take(&mut self, count: usize) -> Option<&'f [u8]> {
        let bytes = self.file.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(bytes)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().copied().map(u32::from_le_bytes)
    }

    /// Passes over the bytes of an object without text.
    fn pass(&mut self, count: usize) -> Option<()> {
        self.take(count)?;
        self.done()
    }

    fn enter(&mut self, count: u32) -> Option<()> {
        if count == 0 { self.done() } else { self.push(Frame::Items(count)) }
    }

    fn push(&mut self, frame: Frame) -> Option<()> {
        (self.open.len() < DEPTH).then(|| self.open.push(frame))
    }

    /// An object ends, and with it maybe those it is the last of.
    fn done(&mut self) -> Option<()> {
        while let Some(frame) = self.open.last_mut() {
            match frame {
                Frame::Items(count) => {
                    *count -= 1;
                    if *count > 0 {
                        break;
                    }
                }
                Frame::Pairs => break,
                Frame::Code(count) => {
                    *count -= 1;
                    let left = *count;
                    if left == self.layout.tail {
                        self.take(4)?;
                    }
                    if left > 0 {
                        break;
                    }
                }
            }
            self.open.pop();
        }
        Some(())
    }
}
