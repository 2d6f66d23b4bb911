//! Whether a value is given to a name here, and where it stands.
//!
//! In: a text and the offset of a word inside the name. Out: the name, what joins it to the value, the
//! value. This is a small lexer for what assignments have in common in all languages, not a parser.

use crate::text::Span;

/// What stands between a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// `=`, `:=`, `?=` and the like.
    Equals,
    /// `:` or `=>`.
    Colon,
    /// `==`, `!=`, `===`.
    Compare,
    /// A comma after a quoted name: `put("password", "…")`.
    Comma,
    /// A call: `setPassword("…")`.
    Call,
    /// `--password …`.
    Flag,
    /// `?password=…&`.
    Query,
    /// `<password>…</`.
    Element,
}

/// A name and the value given to it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: Span,
    pub(super) joint: Joint,
    pub(super) value: Span,
    pub(super) quoted: bool,
    pub(super) leads: bool,
}

/// Longest name that is read on either side of the word.
const NAME: usize = 64;
/// Longest value.
const VALUE: usize = 256;

/// The value given to the name around `hit`.
pub(super) fn find(text: &[u8], hit: usize) -> Option<Place> {
    let name = name_around(text, hit)?;
    let (joint, start) = join(text, name)?;
    let leads = leads_line(text, name.start);
    let (value, quoted) = match joint {
        Joint::Element => (element(text, start)?, true),
        _ => match quoted(text, start) {
            Some(value) => (value, true),
            None => (bare(text, start, joint, leads)?, false),
        },
    };
    let given = joint != Joint::Comma || is_pair(text, name, value);
    (given && !value.is_empty()).then_some(Place { name, joint, value, quoted, leads })
}

/// Whether name and value are the two arguments of a call, and not two items of a list.
fn is_pair(text: &[u8], name: Span, value: Span) -> bool {
    let before = text[..name.start].trim_ascii_end();
    let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before);
    let after = text.get(value.end + 1..).unwrap_or_default().trim_ascii_start();
    before.trim_ascii_end().ends_with(b"(") && after.starts_with(b")")
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

fn name_around(text: &[u8], hit: usize) -> Option<Span> {
    let left = text[..hit].iter().rev().take(NAME).take_while(|&&b| is_name(b)).count();
    let right = text[hit..].iter().take(NAME).take_while(|&&b| is_name(b)).count();
    let mut span = Span::new(hit - left, hit + right);
    while span.start < hit && matches!(text[span.start], b'-' | b'.') {
        span.start += 1;
    }
    while span.end > hit && matches!(text[span.end - 1], b'-' | b'.') {
        span.end -= 1;
    }
    (right < NAME && left < NAME).then_some(span)
}

/// What joins the name to a value, and where the value may begin.
fn join(text: &[u8], name: Span) -> Option<(Joint, usize)> {
    let before = name.start.checked_sub(1).map(|i| text[i]);
    let mut at = name.end;
    let mut closed = false;
    while at < text.len()
        && at < name.end + 4
        && matches!(text[at], b'"' | b'\'' | b'`' | b']' | b'\\')
    {
        closed = true;
        at += 1;
    }
    if before == Some(b'<') && text.get(at) == Some(&b'>') {
        return Some((Joint::Element, at + 1));
    }
    let gap = blanks(text, at);
    at += gap;
    let rest = &text[at.min(text.len())..];
    let (joint, length) = operator(rest)?;
    let joint = match joint {
        Joint::Equals if matches!(before, Some(b'?' | b'&')) => Joint::Query,
        Joint::Equals if before == Some(b'-') => Joint::Flag,
        Joint::Comma if !closed => return None,
        Joint::Call if closed || gap > 0 => return None,
        Joint::Flag if before != Some(b'-') || closed => return None,
        joint => joint,
    };
    at += length;
    at += blanks(text, at);
    // A literal on the next line belongs to the assignment above it; a bare word does not.
    let fold = text[at.min(text.len())..]
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'('))
        .count();
    if fold > 0 && fold < 40 && matches!(text.get(at + fold), Some(b'"' | b'\'')) {
        at += fold;
    }
    Some((joint, at))
}

fn blanks(text: &[u8], at: usize) -> usize {
    text[at.min(text.len())..].iter().take(24).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// The operator at the head of `rest` and its length; a type annotation is part of it.
fn operator(rest: &[u8]) -> Option<(Joint, usize)> {
    const FIXED: &[(&[u8], Joint)] = &[
        (b"===", Joint::Compare),
        (b"!==", Joint::Compare),
        (b"==", Joint::Compare),
        (b"!=", Joint::Compare),
        (b"=>", Joint::Colon),
        (b":=", Joint::Equals),
        (b"?=", Joint::Equals),
        (b"+=", Joint::Equals),
        (b"||=", Joint::Equals),
        (b"=~", Joint::Compare),
        (b"=", Joint::Equals),
        (b",", Joint::Comma),
        (b"(", Joint::Call),
    ];
    if let Some((text, joint)) = FIXED.iter().find(|(text, _)| rest.starts_with(text)) {
        return Some((*joint, text.len()));
    }
    if rest.first() == Some(&b':') {
        return Some(annotation(rest).map_or((Joint::Colon, 1), |length| (Joint::Equals, length)));
    }
    // `--password value`: the blanks before were the joint.
    rest.first().is_some_and(|b| !b.is_ascii_whitespace()).then_some((Joint::Flag, 0))
}

/// Length of `: Type =` at the head of `rest`.
fn annotation(rest: &[u8]) -> Option<usize> {
    let end = rest.iter().take(48).position(|&b| b == b'=')?;
    let kind = &rest[1..end];
    let types = |b: &u8| b.is_ascii_alphanumeric() || b" _<>&'[]?|.:*".contains(b);
    let plain = kind.iter().any(u8::is_ascii_alphabetic) && kind.iter().all(types);
    (plain && rest.get(end + 1) != Some(&b'=')).then_some(end + 1)
}

/// Whether only a declaration's words or list marks stand before the name on its line.
fn leads_line(text: &[u8], start: usize) -> bool {
    let line = memchr::memrchr2(b'\n', b'\r', &text[..start]).map_or(0, |at| at + 1);
    let lead = text[line..start].trim_ascii();
    let lead = lead.strip_suffix(b"\"").or_else(|| lead.strip_suffix(b"'")).unwrap_or(lead);
    matches!(
        lead,
        b"" | b"export"
            | b"set"
            | b"setx"
            | b"ENV"
            | b"ARG"
            | b"-"
            | b"- name:"
            | b"#"
            | b"//"
            | b";"
            | b"env"
            | b"$env:"
            | b"Environment="
    )
}

/// Length of what makes a literal another type and leaves it as it is: `Some(`, `String(`.
fn wrapper(text: &[u8]) -> usize {
    const WRAPPERS: &[&[u8]] = &[
        b"Some(",
        b"String(",
        b"new String(",
        b"SecretStr(",
        b"SecretString(",
        b"Secret(",
        b"bytes(",
        b"Just(",
    ];
    WRAPPERS.iter().find(|wrapper| text.starts_with(wrapper)).map_or(0, |wrapper| wrapper.len())
}

/// The inside of the string literal at `start`.
fn quoted(text: &[u8], start: usize) -> Option<Span> {
    let mut at = start;
    // String prefixes (b"", r"", L"", @"") change nothing here; f"" is left to the template check.
    while at < start + 2
        && matches!(
            text.get(at),
            Some(b'b' | b'r' | b'u' | b'f' | b'B' | b'R' | b'U' | b'L' | b'@' | b'$')
        )
    {
        at += 1;
    }
    at += wrapper(&text[at.min(text.len())..]);
    let escaped = text.get(at) == Some(&b'\\');
    at += usize::from(escaped);
    let quote = *text.get(at)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let triple = text.get(at..at + 3) == Some(&[quote; 3]);
    at += if triple { 3 } else { 1 };
    let body = &text[at..text.len().min(at + VALUE)];
    let mut skip = false;
    let length = body.iter().enumerate().position(|(i, &b)| {
        if skip {
            skip = false;
            return false;
        }
        if b == b'\\' {
            if escaped && body.get(i + 1) == Some(&quote) {
                return true;
            }
            skip = true;
            return false;
        }
        b == quote || b == b'\n'
    })?;
    (body[length] != b'\n').then_some(Span::new(at, at + length))
}

/// A bare word at `start`.
fn bare(text: &[u8], start: usize, joint: Joint, leads: bool) -> Option<Span> {
    if matches!(joint, Joint::Comma | Joint::Call | Joint::Compare) {
        return None;
    }
    let settings = leads && matches!(joint, Joint::Equals | Joint::Colon);
    let stop =
        |b: u8| b.is_ascii_whitespace() || !settings && b"\"'`,;&)}]<>|".contains(&b) || b == 0;
    let span = until(text, start, stop)?;
    let value = &text[span.range()];
    let trimmed = value.strip_suffix(b",").or_else(|| value.strip_suffix(b";")).unwrap_or(value);
    // More words on the line: a sentence or a command, not a setting, unless they are a comment.
    let rest = &text[span.end..];
    let line = &rest[..memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())];
    let rest = line.trim_ascii();
    if settings && !rest.is_empty() && !rest.starts_with(b"#") && !rest.starts_with(b"\\") {
        return None;
    }
    Some(Span::new(span.start, span.start + trimmed.len()))
}

/// An element's text, up to its closing tag.
fn element(text: &[u8], start: usize) -> Option<Span> {
    let span = until(text, start, |b| b == b'<')?;
    text[span.end..].starts_with(b"</").then_some(span)
}

/// From `start` to the first byte that `stop` names, or to the end of the text.
fn until(text: &[u8], start: usize, stop: impl Fn(u8) -> bool) -> Option<Span> {
    let rest = text.get(start..)?;
    let length = rest.iter().take(VALUE + 1).position(|&b| stop(b)).unwrap_or(rest.len());
    (length <= VALUE).then_some(Span::new(start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<&str> {
        let hit = text.to_lowercase().find("passw")?;
        find(text.as_bytes(), hit).map(|place| &text[place.value.range()])
    }

    #[test]
    fn assignments_of_many_languages() {
        for text in [
            "password = \"changeme\"",
            "password: 'changeme'",
            "'password' => 'changeme',",
            "\"password\": \"changeme\"",
            "let password: &str = \"changeme\";",
            "password := `changeme`",
            "config['password'] = 'changeme'",
            "define('DB_PASSWORD', 'changeme');",
            "password = Some(\"changeme\")",
            "map.put(\"password\", \"changeme\")",
            "setPassword(\"changeme\")",
            "<password>changeme</password>",
            "<add password=\"changeme\"/>",
            "PASSWORD=changeme\n",
            "export PASSWORD=changeme # note",
            "mysql --password=changeme -h x",
            "mysql --password changeme",
            "?user=x&password=changeme&z=1",
            "{\\\"password\\\": \\\"changeme\\\"}",
            "password =\n    \"changeme\"",
            "password = b'changeme'",
            "if password == \"changeme\":",
            "PASSWORD ?= changeme",
            "password=\"\"\"changeme\"\"\"",
        ] {
            assert_eq!(value(text), Some("changeme"), "{text}");
        }
    }

    #[test]
    fn items_of_a_list_are_no_pairs() {
        assert_eq!(value("[\"password\", \"changeme\"]"), None);
        assert_eq!(value("f(\"password\", \"changeme\", \"other\")"), None);
    }

    #[test]
    fn places_where_no_value_is_given() {
        for text in [
            "the password is",
            "password",
            "password;",
            "foo(password, other)",
            "password == other",
            "password: this is a sentence",
            "password\n= x",
        ] {
            let hit = text.find("passw").unwrap();
            assert!(find(text.as_bytes(), hit).is_none_or(|p| !p.quoted && !p.leads), "{text}");
        }
    }
}
