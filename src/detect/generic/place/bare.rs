//! Words without quotes.
//!
//! In: a text, a name and what joins it. Out: the bare word that is its value.

use super::join::{Join, blanks};
use super::{Joint, Line, VALUE, call, expression, line};
use crate::text::Span;

/// The bare word that `join` gives to `name`, and what joins them when the value is looked at too.
pub(super) fn read(text: &[u8], name: Span, join: Join, stand: Line) -> Option<(Joint, Span)> {
    let at = join.value;
    let joint = join.joint;
    match joint {
        Joint::Comma | Joint::Call | Joint::Compare | Joint::Position => return None,
        Joint::Colon if stand.leads && block(text, at).is_some() => {
            return block(text, at).map(|value| (joint, value));
        }
        _ => (),
    }
    if let Some(value) = behind_user(text, name, at) {
        return Some((Joint::Position, value));
    }
    let setting =
        stand.leads && join.open.is_none() && matches!(joint, Joint::Equals | Joint::Colon);
    let span = if setting { setting_word(text, at)? } else { word(text, at)? };
    let given = text[..at].trim_ascii_end();
    if expression::is_one(&text[span.range()])
        || expression::goes_on(&text[span.end..], joint)
        || given.ends_with(b"=>") && expression::is_name(&text[span.range()])
    {
        return None;
    }
    if joint == Joint::Is && !telling(&text[span.range()])
        || setting && begins_sentence(text, name, span)
        || is_member(text, name, span)
        || joint == Joint::Equals && is_variable(text, name, span)
    {
        return None;
    }
    // The point that ends the sentence.
    let point = joint == Joint::Is && text[span.range()].ends_with(b".");
    let span = Span::new(span.start, span.end - usize::from(point));
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
        // What a test says of itself: `"PASS: %s\n"`.
        (Joint::Colon, Some(_)) if &text[name.range()] == b"PASS" => return None,
        _ => joint,
    };
    Some((joint, span))
}

/// The password of a user who stands before it: `login: bob / …`, `auth = bob:…`. Without blanks it may be a path, so
/// it has to look like no part of one.
fn behind_user(text: &[u8], name: Span, at: usize) -> Option<Span> {
    if !call::takes_pair(&text[name.range()]) {
        return None;
    }
    let part = |b: &&u8| b.is_ascii_alphanumeric() || b"._@+-".contains(b);
    let user = text.get(at..)?.iter().take(64).take_while(part).count();
    let slash = at + user + blanks(text, at + user);
    let value = word(text, slash + 1 + blanks(text, slash + 1))?;
    let apart = slash > at + user && value.start > slash + 1;
    let inside = &text[value.range()];
    let mark = text.get(slash)?;
    let pair = user > 1 && matches!(mark, b'/' | b':') && line::ends(text, value.end, false);
    let sure = is_mixed(inside) || *mark == b'/' && apart;
    (pair && telling(inside) && sure).then_some(value)
}

/// Whether a word has small letters, capitals and digits, and none of the marks of a path.
fn is_mixed(word: &[u8]) -> bool {
    let any = |of: fn(&u8) -> bool| word.iter().any(of);
    let path = any(|b| matches!(b, b'/' | b'.' | b':' | b'_' | b'-'));
    any(u8::is_ascii_lowercase) && any(u8::is_ascii_uppercase) && any(u8::is_ascii_digit) && !path
}

/// Whether a setting's value is the first of many words, as translations are: `RetypePassword=Znovu heslo pro SYSDBA`.
/// A command may follow what is set for it alone, which is named in capitals.
fn begins_sentence(text: &[u8], name: Span, value: Span) -> bool {
    let letters = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_alphabetic);
    let rest = &text[value.end..text.len().min(value.end + 48)];
    let line = &rest[..memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())];
    let mut words = line.split(|&b| b == b' ');
    text[name.range()].iter().any(u8::is_ascii_lowercase)
        && letters(&text[value.range()])
        && words.next() == Some(b"")
        && words.take(2).filter(|word| letters(word)).count() == 2
}

/// Whether a map of a program is given something of a package: `"tls.key": pki.LeafKey,`.
fn is_member(text: &[u8], name: Span, value: Span) -> bool {
    let word = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_alphabetic);
    let inside = &text[value.range()];
    text[name.end..].starts_with(b"\":")
        && text.get(value.end) == Some(&b',')
        && memchr::memchr(b'.', inside).is_some()
        && inside.split(|&b| b == b'.').all(word)
}

/// Words before the name of a variable that is declared.
const DECLARES: &[&[u8]] = &[
    b"char",
    b"string",
    b"String",
    b"std::string",
    b"QString",
    b"CString",
    b"NSString",
    b"object",
    b"auto",
    b"const",
    b"var",
    b"let",
    b"val",
    b"mut",
    b"final",
    b"static",
];

/// Whether a program declares a variable that it gives another one to: `const char* password = STAPSK;`.
fn is_variable(text: &[u8], name: Span, value: Span) -> bool {
    let before = text[..name.start].trim_ascii_end();
    let before = before.strip_suffix(b"*").unwrap_or(before).trim_ascii_end();
    text.get(value.end) == Some(&b';')
        && text[name.end..].starts_with(b" = ")
        && DECLARES.iter().any(|word| before.ends_with(word))
        && expression::is_name(&text[value.range()])
}

/// A setting's value: all of the line but a comment, if it is one word.
fn setting_word(text: &[u8], at: usize) -> Option<Span> {
    let span = until(text, at, |b| b.is_ascii_whitespace() || b == 0)?;
    let value = &text[span.range()];
    // In a notebook each line is a literal.
    let end = memchr::memmem::find(value, b"\\n\"").unwrap_or(value.len());
    let value = &value[..end];
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

/// Bytes that are looked at one by one: hardly any word is longer.
const SHORT: usize = 64;

/// Bytes up to the first that ends a word, if they are no more than a value may have.
#[expect(clippy::needless_bitwise_bool, reason = "what branches is not done many at a time")]
fn run(rest: &[u8]) -> Option<usize> {
    let stop = |b: &u8| STOPS[usize::from(*b)];
    if let Some(length) = rest.iter().take(SHORT).position(stop) {
        return Some(length);
    }
    // Marks are told from others many at a time, for the sake of what is one long word.
    let holds = |part: &[u8]| {
        part.iter().fold(false, |any, &b| {
            any | (b <= b' ')
                | (b == b'"')
                | (b == b'\'')
                | (b == b'`')
                | (b == b',')
                | (b == b';')
                | (b == b'&')
                | (b == b')')
                | (b == b'}')
                | (b == b']')
                | (b == b'<')
                | (b == b'>')
                | (b == b'|')
        })
    };
    let mut length = SHORT.min(rest.len());
    for part in rest[length..].chunks(SHORT) {
        let end = if holds(part) { part.iter().position(stop) } else { None };
        length += end.unwrap_or(part.len());
        if end.is_some() || length > VALUE {
            break;
        }
    }
    (length <= VALUE).then_some(length)
}

/// A word that ends at a blank or at what closes a string, an argument or a map.
fn word(text: &[u8], at: usize) -> Option<Span> {
    let span = Span::new(at, at + run(text.get(at..)?)?);
    let value = &text[span.range()];
    // `\n` inside a string ends a line of what it holds.
    let end = memchr::memchr_iter(b'\\', value)
        .find(|&i| matches!(value.get(i + 1), None | Some(b'n' | b'r' | b't')))
        .unwrap_or(value.len());
    let opened = value[..end].iter().position(|b| matches!(b, b'(' | b'['));
    let name = |b: &u8| b.is_ascii_alphanumeric() || b"_.:?".contains(b);
    if opened.is_some_and(|open| open > 0 && value[..open].iter().all(name)) {
        // `getpwuid(0)`, `argv[3]`, `a?b:m(5)`: what closes has ended the word.
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
pub(super) fn telling(value: &[u8]) -> bool {
    value.len() >= 5
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
}

/// From `start` to the first byte that `stop` names, or to the end of the text.
pub(super) fn until(text: &[u8], start: usize, stop: impl Fn(u8) -> bool) -> Option<Span> {
    let rest = text.get(start..)?;
    let length = rest.iter().take(VALUE + 1).position(|&b| stop(b)).unwrap_or(rest.len());
    (length <= VALUE).then_some(Span::new(start, start + length))
}
