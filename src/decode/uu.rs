//! Files written by uuencode, in either alphabet: `begin 644 name`, lines of letters that stand for 45 bytes each, `end`.
//!
//! In: a view. Out: what such lines stand for.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::map::Draft;
use super::readable::readable;
use super::{Found, View, packed};
use crate::text::Span;

static BEGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("begin "));
/// Most bytes of a line.
const LINE: usize = 45;
/// Memory that a line takes.
const MARK: usize = 64;

/// Finds and decodes uuencoded files.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for at in BEGIN.find_iter(text) {
        let Some(start) = opens(text, at).filter(|_| at >= done) else { continue };
        let mut draft = Draft::default();
        done = start;
        while found.allow(draft.cost() + LINE + MARK) > draft.cost()
            && let Some(end) = line(text, done, &mut draft)
        {
            done = end;
        }
        let source = Span::new(at, done);
        let is_text = readable(draft.bytes()) || packed::begins(draft.bytes());
        if is_text && view.owns(source) {
            found.push(draft, source);
        }
    }
}

/// Whether such a file may begin in a text.
pub(super) fn signs(text: &[u8]) -> bool {
    BEGIN.find_iter(text).any(|at| begins(text, at))
}

/// Whether a line starts with a `begin` and a mode.
fn begins(text: &[u8], at: usize) -> bool {
    let mode = text.get(at + 6..at + 10).unwrap_or_default();
    matches!(mode, [b'0'..=b'7', b'0'..=b'7', b'0'..=b'7', b' '])
        && (at == 0 || text[at - 1] == b'\n')
}

/// Where the first line begins behind a `begin`, its mode and its name.
fn opens(text: &[u8], at: usize) -> Option<usize> {
    if !begins(text, at) {
        return None;
    }
    let name = &text[at..text.len().min(at + 300)];
    memchr::memchr(b'\n', name).map(|end| at + end + 1)
}

/// Reads a line; gives where the next one begins.
fn line(text: &[u8], from: usize, draft: &mut Draft) -> Option<usize> {
    let rest = text.get(from..)?;
    let length = usize::from(value(*rest.first()?)?);
    if length == 0 || length > LINE {
        return None;
    }
    let body = rest.get(1..1 + length.div_ceil(3) * 4)?;
    let (groups, _) = body.as_chunks::<4>();
    for (index, group) in groups.iter().enumerate() {
        let bits =
            group.iter().try_fold(0, |bits, byte| Some(bits << 6 | u32::from(value(*byte)?)))?;
        let [_, bytes @ ..] = bits.to_be_bytes();
        let size = (length - 3 * index).min(3);
        draft.units(from + 1 + 4 * index, (size, 4)).extend_from_slice(&bytes[..size]);
    }
    let end = memchr::memchr(b'\n', &rest[..rest.len().min(body.len() + 4)])?;
    Some(from + end + 1)
}

/// What a letter stands for.
const fn value(byte: u8) -> Option<u8> {
    match byte {
        b' '..=b'_' => Some(byte - b' '),
        b'`' => Some(0),
        _ => None,
    }
}
