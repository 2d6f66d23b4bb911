//! PDF documents.
//!
//! In: a document. Out: each stream's contents, a part by the number of its object, and the text that it draws, joined;
//! then what stands between the streams. Streams are found where they lie, not by the tables at the end: so a document
//! that is cut off can be read as far as it goes, and an object that the tables leave out hides nothing.

mod dictionary;
mod filter;
mod font;
mod text;

use std::io::{self, Read};
use std::ops::Range;

use self::dictionary::Dictionary;
use self::font::Fonts;
use super::{Fault, Meter, Sink};
use crate::source::SkipReason;

/// Longest contents of a stream that are held; what is longer is searched, but its text is not joined.
const LONGEST: u64 = 16 << 20;
/// Most bytes of a dictionary that stand before a stream.
const BEFORE: usize = 64 << 10;

/// Most streams that are unpacked; what is behind them is searched as it stands.
const STREAMS: usize = 200_000;

/// A stream and the object that it is.
struct Stream<'d> {
    /// The object's number.
    number: u32,
    dictionary: Dictionary<'d>,
    /// Its bytes, as they are packed.
    body: Range<usize>,
}

/// Hands out what a document holds.
pub(super) fn walk(file: &[u8], meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    let streams = streams(file);
    let between = between(file, &streams);
    let encrypted = streams.iter().any(|stream| stream.dictionary.has(b"Encrypt"))
        || memchr::memmem::find(&between, b"/Encrypt").is_some();
    if encrypted {
        let told = "the document is encrypted; it is searched as it stands";
        sink.fault(None, Fault::new(SkipReason::Encrypted, told));
        sink.plain(&mut &file[..]);
        return Ok(());
    }
    let fonts = Fonts::new(file, &between, &streams, meter);
    let mut left = 0;
    for stream in &streams {
        if sink.stopped() || meter.is_spent() {
            return Ok(());
        }
        meter.enter()?;
        left += usize::from(!hand_out(stream, file, &fonts, (meter, sink)));
    }
    sink.plain(&mut &between[..]);
    if left > 0 {
        let told = format!("{left} streams break off or are packed by a filter that is not known");
        sink.fault(None, Fault::new(SkipReason::Damaged, told));
    }
    Ok(())
}

/// Hands out a stream's contents and text. False if it could not be read to its end.
fn hand_out(
    stream: &Stream<'_>,
    file: &[u8],
    fonts: &Fonts,
    (meter, sink): (&Meter, &mut dyn Sink),
) -> bool {
    let name = format!("object {}", stream.number).into_bytes();
    let name = Some(&name[..]);
    let body = &file[stream.body.clone()];
    let filters = stream.dictionary.filters();
    if filters.is_empty() || filters.iter().any(|filter| filter.is_picture()) {
        sink.part(name, &mut &body[..]);
        return true;
    }
    let Some(mut plain) = filter::open(&filters, body) else {
        sink.part(name, &mut &body[..]);
        return false;
    };
    let mut plain = meter.unpacking(&mut plain);
    let mut contents = Vec::new();
    let outcome = (&mut plain).take(LONGEST).read_to_end(&mut contents);
    if contents.len() as u64 == LONGEST || !text::draws(&contents) {
        sink.part(name, &mut contents.chain(&mut plain));
        return outcome.is_ok() || meter.is_spent();
    }
    let mut shown = Vec::new();
    for variant in 0..fonts.variants() {
        let (drawn, spans) = text::drawn(&contents, fonts, variant);
        shown = spans;
        if !drawn.is_empty() {
            sink.part(name, &mut meter.unpacking(&mut &drawn[..]));
        }
    }
    // Half a word between the signs of another language is none.
    for span in shown {
        contents[span].fill(b' ');
    }
    sink.part(name, &mut &contents[..]);
    outcome.is_ok() || meter.is_spent()
}

/// A stream's contents, as far as they may be held.
fn contents(stream: &Stream<'_>, file: &[u8], meter: &Meter) -> Vec<u8> {
    let mut contents = Vec::new();
    if let Some(mut plain) = filter::open(&stream.dictionary.filters(), &file[stream.body.clone()])
    {
        // Of one that breaks off, the front is read.
        let _ = meter.unpacking(&mut plain).take(LONGEST).read_to_end(&mut contents);
    }
    contents
}

/// All streams, in the order they lie in.
fn streams(file: &[u8]) -> Vec<Stream<'_>> {
    let mut streams = Vec::new();
    let mut done = 0;
    for at in memchr::memmem::find_iter(file, b"stream") {
        if at < done || streams.len() == STREAMS {
            continue;
        }
        let behind = &file[at + 6..];
        let gap = match behind {
            [b'\r', b'\n', ..] => 2,
            [b'\n' | b'\r', ..] => 1,
            _ => continue,
        };
        let from = done.max(at.saturating_sub(BEFORE));
        done = at + 6;
        let Some((number, dictionary)) = object(&file[from..at]) else { continue };
        let start = at + 6 + gap;
        let end = end(file, start, dictionary.number(b"Length"));
        done = end;
        streams.push(Stream { number, dictionary, body: start..end });
    }
    streams
}

/// The number and dictionary of the object that `before` ends with.
fn object(before: &[u8]) -> Option<(u32, Dictionary<'_>)> {
    let at = memchr::memmem::rfind(before, b" obj")?;
    let dictionary = before[at + 4..].trim_ascii();
    if !dictionary.starts_with(b"<<") {
        return None;
    }
    let head = before[..at].trim_ascii_end();
    let digits = |bytes: &[u8]| bytes.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let head = head[..head.len() - digits(head)].trim_ascii_end();
    let number = &head[head.len() - digits(head)..];
    let number = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some((number, Dictionary(dictionary)))
}

/// Where the stream ends that starts at `start`: where its length says, or at the next mark.
fn end(file: &[u8], start: usize, length: Option<usize>) -> usize {
    const MARK: &[u8] = b"endstream";
    if let Some(end) = length.and_then(|length| start.checked_add(length))
        && file.get(end..).is_some_and(|rest| {
            rest[..rest.len().min(2)].trim_ascii_start().len() <= 2
                && rest
                    .get(..rest.len().min(16))
                    .is_some_and(|near| near.trim_ascii_start().starts_with(MARK))
        })
    {
        return end;
    }
    let end = memchr::memmem::find(&file[start..], MARK).map_or(file.len(), |at| start + at);
    let body = &file[start..end];
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    start + body.strip_suffix(b"\r").unwrap_or(body).len()
}

/// What stands between the streams.
fn between(file: &[u8], streams: &[Stream<'_>]) -> Vec<u8> {
    let mut between = Vec::new();
    let mut at = 0;
    for stream in streams {
        between.extend_from_slice(&file[at..stream.body.start]);
        at = stream.body.end;
    }
    between.extend_from_slice(&file[at..]);
    between
}
