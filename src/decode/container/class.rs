//! Compiled Java classes.
//!
//! In: a class. Out: its strings, a line each, then its constants beside the fields that they are given to, and what is
//! left of it. In the file a string's length stands right before it, where it may look like a letter of it.

use std::io;

use super::feed::Feed;
use super::{Meter, Sink};

/// Versions of the format; a universal binary of macOS, which begins alike, has a small number there.
const VERSIONS: std::ops::Range<u16> = 45..200;

/// Whether `head` begins a class.
pub(super) fn is_class(head: &[u8]) -> bool {
    Bytes(head).at(6).is_some_and(|version| VERSIONS.contains(&version))
}

/// Hands out what a class holds.
pub(super) fn walk(class: &[u8], meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    let (pool, end) = pool(class);
    let mut lines = pool.iter();
    let (mut field, mut at) = (0, fields(class, end).unwrap_or(class.len()));
    let count = Bytes(class).at(at).unwrap_or(0);
    at += 2;
    let mut feed = Feed::new(|out: &mut Vec<u8>| {
        if let Some(constant) = lines.next() {
            if let Constant::Text(text) = constant {
                plain(text, out);
                out.push(b'\n');
            }
            return true;
        }
        if field == count {
            return false;
        }
        field += 1;
        let Some(next) = constant_field(class, &pool, at, out) else { return false };
        at = next;
        true
    });
    sink.part(None, &mut meter.unpacking(&mut feed));
    let outcome =
        if end.is_some() { Ok(()) } else { Err(io::Error::other("the constants break off")) };
    // Attributes may hold text of their own.
    if let Some(rest) = class.get(end.unwrap_or(0)..).filter(|rest| !rest.is_empty()) {
        sink.plain(&mut &rest[..]);
    }
    outcome
}

/// A constant, as far as it matters.
enum Constant<'c> {
    Text(&'c [u8]),
    /// A string, by the number of its text.
    String(u16),
    Other,
}

/// The constants, of which the first is no constant, and where they end.
fn pool(class: &[u8]) -> (Vec<Constant<'_>>, Option<usize>) {
    let bytes = Bytes(class);
    let mut pool = vec![Constant::Other];
    let count = usize::from(bytes.at(8).unwrap_or(0));
    let mut at = 10;
    while pool.len() < count {
        let (constant, length) = match class.get(at) {
            Some(1) => {
                let length = bytes.at(at + 1).map(usize::from);
                let text = length.and_then(|length| class.get(at + 3..at + 3 + length));
                let Some(text) = text else { return (pool, None) };
                (Constant::Text(text), 3 + text.len())
            }
            Some(8) => (bytes.at(at + 1).map_or(Constant::Other, Constant::String), 3),
            Some(7 | 16 | 19 | 20) => (Constant::Other, 3),
            Some(15) => (Constant::Other, 4),
            Some(3 | 4 | 9..=12 | 17 | 18) => (Constant::Other, 5),
            // These two count twice.
            Some(5 | 6) => {
                pool.push(Constant::Other);
                (Constant::Other, 9)
            }
            _ => return (pool, None),
        };
        pool.push(constant);
        at += length;
    }
    (pool, (at <= class.len()).then_some(at))
}

/// Where the number of fields stands, behind the constants that end at `end`.
fn fields(class: &[u8], end: Option<usize>) -> Option<usize> {
    let end = end?;
    let interfaces = usize::from(Bytes(class).at(end + 6)?);
    Some(end + 8 + 2 * interfaces)
}

/// Writes the field at `at` with the string it is given, if it is given one. Returns where the next one stands.
fn constant_field(
    class: &[u8],
    pool: &[Constant<'_>],
    mut at: usize,
    out: &mut Vec<u8>,
) -> Option<usize> {
    let bytes = Bytes(class);
    let text = |number: u16| match pool.get(usize::from(number)) {
        Some(Constant::Text(text)) => Some(*text),
        _ => None,
    };
    let name = bytes.at(at + 2)?;
    let attributes = bytes.at(at + 6)?;
    at += 8;
    for _ in 0..attributes {
        let kind = bytes.at(at)?;
        let length = class.get(at + 2..at + 6)?.first_chunk().copied().map(u32::from_be_bytes)?;
        if text(kind) == Some(b"ConstantValue")
            && let Some(Constant::String(value)) = pool.get(usize::from(bytes.at(at + 6)?))
            && let (Some(name), Some(value)) = (text(name), text(*value))
        {
            plain(name, out);
            out.extend_from_slice(b" = \"");
            plain(value, out);
            out.extend_from_slice(b"\"\n");
        }
        at = at.checked_add(6)?.checked_add(usize::try_from(length).ok()?)?;
    }
    Some(at)
}

/// Writes text in which NUL takes two bytes.
fn plain(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, b"\xc0\x80") {
        out.extend_from_slice(&rest[..at]);
        out.push(0);
        rest = &rest[at + 2..];
    }
    out.extend_from_slice(rest);
}

/// Bytes with numbers in them, high byte first.
struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn at(&self, at: usize) -> Option<u16> {
        self.0.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
    }
}
