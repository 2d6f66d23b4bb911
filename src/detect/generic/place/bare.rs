//! Words without quotes.
//!
//! In: a text, a name and what joins it. Out: the bare word that is its value.

use super::join::Join;
use super::{Joint, Line, VALUE};
use crate::text::Span;

/// The bare word that `join` gives to `name`, and what joins them when the value is looked at too.
pub(super) fn read(text: &[u8], name: Span, join: Join, line: Line) -> Option<(Joint, Span)> {
    let at = join.value;
    let joint = join.joint;
    match joint {
        Joint::Comma | Joint::Call | Joint::Compare | Joint::Position => return None,
        Joint::Colon if line.leads && block(text, at).is_some() => {
            return block(text, at).map(|value| (joint, value));
        }
        _ => (),
    }
    let setting =
        line.leads && join.open.is_none() && matches!(joint, Joint::Equals | Joint::Colon);
    let span = if setting { setting_word(text, at)? } else { word(text, at)? };
    let value = &text[span.range()];
    if calls(value) || other(value) || goes_on(&text[span.end..], joint) {
        return None;
    }
    if joint == Joint::Is && !telling(&text[span.range()]) {
        return None;
    }
    let next = text.get(span.end).copied();
    // All of a quoted string, or of one of its parts: `"password=…"`, `'X-Api-Key: …'`.
    let joint = match (joint, join.open) {
        (Joint::Equals, Some(quote)) if next == Some(quote) || next == Some(b'&') => Joint::Query,
        (Joint::Equals, None)
            if next == Some(b'&')
                && text.get(span.end + 1) != Some(&b'&')
                && name.end == at.saturating_sub(1) =>
        {
            Joint::Query
        }
        (Joint::Colon, Some(quote)) if next == Some(quote) => Joint::Header,
        _ => joint,
    };
    Some((joint, span))
}

/// A setting's value: all of the line but a comment, if it is one word.
fn setting_word(text: &[u8], at: usize) -> Option<Span> {
    let span = until(text, at, |b| b.is_ascii_whitespace() || b == 0)?;
    let value = &text[span.range()];
    let value = value.strip_suffix(b",").or_else(|| value.strip_suffix(b";")).unwrap_or(value);
    let rest = &text[span.end..];
    let line = &rest[..memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())];
    let rest = line.trim_ascii();
    // More words on the line: a sentence or a command, unless they are a comment.
    let comment = [&b"#"[..], b"//", b";", b"\\", b"--", b"<!--", b"^"];
    if !rest.is_empty() && !comment.iter().any(|mark| rest.starts_with(mark)) {
        // A flow map or a command: the word itself may still be one.
        return word(text, at);
    }
    Some(Span::new(at, at + value.len()))
}

/// What ends a word. A text may be one long word, which is then read once for every name in it.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let marks = b"\0\t\n\x0c\r \"'`,;&)}]<>|";
    let mut at = 0;
    while at < marks.len() {
        stops[marks[at] as usize] = true;
        at += 1;
    }
    stops
};

/// A word that ends at a blank or at what closes a string, an argument or a map.
fn word(text: &[u8], at: usize) -> Option<Span> {
    let span = until(text, at, |b| STOPS[usize::from(b)])?;
    let value = &text[span.range()];
    // `\n` inside a string ends a line of what it holds.
    let end = memchr::memchr_iter(b'\\', value)
        .find(|&i| matches!(value.get(i + 1), None | Some(b'n' | b'r' | b't')))
        .unwrap_or(value.len());
    let opened = value[..end].iter().position(|b| matches!(b, b'(' | b'['));
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"_.:".contains(b);
    if opened.is_some_and(|open| open > 0 && value[..open].iter().all(name)) {
        // `getpwuid(0)`, `argv[3]`: what closes has ended the word.
        return None;
    }
    (end > 0).then_some(Span::new(at, at + end))
}

/// The first line of a YAML block scalar: `|` or `>` and an indented line below.
fn block(text: &[u8], at: usize) -> Option<Span> {
    let rest = text.get(at..)?;
    if !matches!(rest.first(), Some(b'|' | b'>')) {
        return None;
    }
    let line = memchr::memchr(b'\n', &rest[..rest.len().min(6)])?;
    let below = at + line + 1;
    let indent = text[below..].iter().take(80).take_while(|&&b| b == b' ').count();
    let span = until(text, below + indent, |b| b.is_ascii_whitespace())?;
    (indent > 0 && !span.is_empty()).then_some(span)
}

/// Whether a bare word in a sentence can't be one of the sentence's own.
fn telling(value: &[u8]) -> bool {
    value.len() >= 5
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
}

/// Whether a bare word calls something, or is the head of what does.
fn calls(value: &[u8]) -> bool {
    let open = || memchr::memchr(b'(', value).filter(|&at| at > 0);
    match value.last() {
        Some(b'(' | b'[' | b'{') => true,
        Some(b')') => open().is_some_and(|at| value[at - 1].is_ascii_alphanumeric()),
        Some(b']') => memchr::memchr(b'[', value).is_some_and(|at| at > 0),
        _ => false,
    }
}

/// Whether a bare word is an expression, a number or an address.
fn other(value: &[u8]) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(value, part).is_some();
    let end = value.iter().rposition(|b| !b"uUlL".contains(b)).map_or(0, |last| last + 1);
    let number = value.strip_prefix(b"-").unwrap_or(value);
    let hex = number[..end.min(number.len())].strip_prefix(b"0x").unwrap_or_default();
    let numbers = |mark: u8| {
        value.contains(&mark)
            && value.split(|&b| b == mark).all(|part| part.iter().all(u8::is_ascii_digit))
    };
    (1..=16).contains(&hex.len()) && hex.iter().all(u8::is_ascii_hexdigit)
        || has(b"->")
        || has(b":\"")
        || has(b"<&")
        || value.starts_with(b"0x%")
        || value.starts_with(b"qr/")
        || value.ends_with(b"/tcp")
        || value.ends_with(b"/udp")
        || numbers(b'.')
        || is_number(value)
        || is_arity(value)
        || value.strip_suffix(b"=").is_some_and(|name| name.iter().all(u8::is_ascii_uppercase))
}

/// Whether a bare word names a function by its number of arguments: `translate_args/3`.
fn is_arity(value: &[u8]) -> bool {
    let [name @ .., b'/', number] = value else { return false };
    number.is_ascii_digit() && name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
}

/// Whether a bare word is a number with a point, an exponent or a type: `1e-99`, `1304_u32`.
fn is_number(value: &[u8]) -> bool {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let typed = text.split_once('_').is_some_and(|(number, kind)| {
        number.bytes().all(|b| b.is_ascii_digit())
            && kind.trim_start_matches(['i', 'u', 'f']).bytes().all(|b| b.is_ascii_digit())
            && kind.len() <= 4
    });
    typed || text.contains(['.', '-']) && text.parse::<f64>().is_ok()
}

/// Whether what follows a bare word makes it part of an expression, or the head of a block.
fn goes_on(rest: &[u8], joint: Joint) -> bool {
    let after = rest.trim_ascii_start();
    let gap = rest.len() - after.len();
    let same_line = gap > 0 && !rest[..gap].contains(&b'\n');
    let block =
        [&b"{"[..], b"+ ", b"* ", b"/ ", b"? ", b"- ", b"% ", b"== ", b"!= ", b"=> ", b"-> "];
    same_line && block.iter().any(|mark| after.starts_with(mark))
        || joint == Joint::Sql && after.first() == Some(&b'}')
}

/// From `start` to the first byte that `stop` names, or to the end of the text.
pub(super) fn until(text: &[u8], start: usize, stop: impl Fn(u8) -> bool) -> Option<Span> {
    let rest = text.get(start..)?;
    let length = rest.iter().take(VALUE + 1).position(|&b| stop(b)).unwrap_or(rest.len());
    (length <= VALUE).then_some(Span::new(start, start + length))
}
