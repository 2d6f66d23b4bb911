//! Elements, attributes and entries in which the name is itself a value.
//!
//! In: a text and a name. Out: where the value stands that another attribute, element or entry
//! gives to the name: `<password>…</`, `name="password" value="…"`, `- name: PASSWORD` above `value: …`.

use super::bare::{self, until};
use super::join::blanks;
use super::{Form, label, literal};
use crate::detect::generic::name::{Class, meaning};
use crate::text::Span;

/// Where the text begins of the element that is called, or keyed, by the name.
pub(super) fn element(text: &[u8], name: Span) -> Option<usize> {
    let rest = &text[name.end..];
    let before = text[..name.start].last();
    match rest.first()? {
        // `<password>` and `<ns:password>`.
        b'>' if tagged(text, name) => Some(name.end + 1),
        b' ' if before == Some(&b'<') => {
            // `<Pass encoding="base64">`.
            let end = rest.iter().take(60).position(|&b| matches!(b, b'>' | b'\n' | b'/'))?;
            (rest[end] == b'>').then_some(name.end + end + 1)
        }
        b'"' | b'\'' => {
            // `<entry key="password">`, and `<Property Name="Password" Sensitive="1">`.
            let tag = attributes(&rest[1..])? + 1;
            let inner = nested(&rest[tag + 1..]);
            text[..name.start.saturating_sub(1)]
                .ends_with(b"=")
                .then_some(name.end + tag + 1 + inner)
        }
        b'<' if before == Some(&b'>') && rest.get(1) == Some(&b'/') => {
            // `<key>password</key><string>…`.
            let close = memchr::memchr(b'>', &rest[..rest.len().min(32)])? + 1;
            let gap = rest[close..].iter().take(80).take_while(|b| b.is_ascii_whitespace()).count();
            let next = &rest[close + gap..];
            let open = next.strip_prefix(b"<")?;
            let length = open.iter().take(12).position(|&b| b == b'>')?;
            let is = |words: &[&[u8]]| words.iter().any(|w| open[..length].eq_ignore_ascii_case(w));
            let start = name.end + close + gap + length + 2;
            // A table or list for people may say what is meant in words.
            let told = || {
                super::markup::text(text, start).is_some_and(|v| bare::telling(&text[v.range()]))
            };
            let known =
                is(&[b"string", b"value", b"val", b"data"]) || is(&[b"td", b"dd"]) && told();
            known.then_some(start)
        }
        _ => None,
    }
}

/// Where the tag ends in which further attributes may follow.
fn attributes(rest: &[u8]) -> Option<usize> {
    let end = rest
        .iter()
        .take(80)
        .position(|&b| b"<>/{}()\n".contains(&b))
        .filter(|&at| rest[at] == b'>')?;
    let inner = &rest[..end];
    let value = VALUES.iter().any(|word| {
        memchr::memmem::find(&inner.to_ascii_lowercase(), &[&b" "[..], word, b"="].concat())
            .is_some()
    });
    (end == 0 || inner.starts_with(b" ") && inner.contains(&b'=') && !value).then_some(end)
}

/// Length of the tag of a `<value>` at the head of an element: `<property name="password"><value>…`.
fn nested(rest: &[u8]) -> usize {
    let gap = rest.iter().take(80).take_while(|b| b.is_ascii_whitespace()).count();
    if rest[gap..].starts_with(b"<value>") { gap + b"<value>".len() } else { 0 }
}

/// Whether `name` stands right behind `<`, or behind a namespace's prefix.
fn tagged(text: &[u8], name: Span) -> bool {
    let before = &text[..name.start];
    let Some(before) = before.strip_suffix(b":") else { return before.ends_with(b"<") };
    let prefix = before.iter().rev().take(16).take_while(|b| b.is_ascii_alphanumeric()).count();
    prefix > 0 && before[..before.len() - prefix].ends_with(b"<")
}

/// An element's text, up to its closing tag.
pub(super) fn text(text: &[u8], start: usize) -> Option<Span> {
    const RAW: &[u8] = b"<![CDATA[";
    if text[start..].starts_with(RAW) {
        let span = until(text, start + RAW.len(), |b| b == b']' || b == b'\n')?;
        return text[span.end..].starts_with(b"]]>").then_some(span);
    }
    let span = until(text, start, |b| b == b'<')?;
    let value = &text[span.range()];
    let lead = value.len() - value.trim_ascii_start().len();
    let trimmed = Span::new(span.start + lead, span.start + lead + value.trim_ascii().len());
    text[span.end..].starts_with(b"</").then_some(trimmed)
}

/// What the attribute or entry is called that gives a value to the name beside it.
const VALUES: &[&[u8]] =
    &[b"value", b"val", b"default", b"content", b"stringvalue", b"data", b"defaultvalue"];

/// What makes one of these the name of a ciphertext: `encrypted_value`.
const SEALED: &[&[u8]] = &[b"encrypted_", b"encrypted-", b"cipher_", b"cipher-"];

/// Where the value begins that stands beside the name: in an attribute, or an entry of the same map.
pub(super) fn sibling(text: &[u8], name: Span) -> Option<usize> {
    let rest = &text[name.end..];
    let quoted = matches!(rest.first()?, b'"' | b'\'') && text[..name.start].last() == rest.first();
    let lead = &text[..name.start - usize::from(quoted)];
    if !quoted && !matches!(rest.first()?, b'\n' | b'\r' | b',') {
        return None;
    }
    let lead = lead[lead.len().saturating_sub(40)..].trim_ascii_end();
    if quoted && lead.ends_with(b"variable") {
        return declared(text, name.end + 1);
    }
    let lead = match lead.last()? {
        b':' | b'=' => &lead[..lead.len() - 1],
        _ => return None,
    };
    let lead = lead.trim_ascii_end();
    let lead = lead.strip_suffix(b"\"").or_else(|| lead.strip_suffix(b"'")).unwrap_or(lead);
    let keys =
        [&b"name"[..], b"key", b"id", b"type", b"Name", b"Key", b"field", b"option", b"path"];
    if !keys.iter().any(|key| lead.ends_with(key)) || is_given(lead) {
        return None;
    }
    let reach = &rest[usize::from(quoted)..rest.len().min(160)];
    let end = reach.iter().position(|b| b"<>{}()".contains(b)).unwrap_or(reach.len());
    entry(&reach[..end]).map(|at| name.end + usize::from(quoted) + at)
}

/// Whether what `lead` ends with is no `key` of an entry but a credential's name: `access_key`.
fn is_given(lead: &[u8]) -> bool {
    let length = lead.iter().rev().take_while(|b| label::is_part(**b)).count();
    let meaning = meaning(&lead[lead.len() - length..]);
    meaning.is_some_and(|meaning| meaning.class != Class::Plain)
}

/// Offset of the value of the entry in `map` that is called `value` or the like.
pub(super) fn entry(map: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < map.len() {
        let gap = map[at..].iter().take_while(|b| !b.is_ascii_alphabetic()).count();
        // A list's next item begins something else.
        if map[at..at + gap].trim_ascii_start() == b"- " {
            return None;
        }
        at += gap;
        let length = map[at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let word = &map[at..at + length];
        // `http://vault.default:8200` holds no `default`.
        let part = at > 0 && matches!(map[at - 1], b'.' | b'/');
        let sealed = SEALED.iter().any(|before| map[..at].ends_with(before));
        at += length;
        if !sealed && !part && VALUES.iter().any(|v| word.eq_ignore_ascii_case(v)) {
            let close = map[at..].iter().take(3).take_while(|b| b"\"'\\".contains(b)).count();
            let joint = at + close + blanks(map, at + close);
            let width = match map.get(joint) {
                Some(b'=') if map.get(joint + 1) == Some(&b'>') => 2,
                Some(b':' | b'=') => 1,
                _ => continue,
            };
            return Some(joint + width);
        }
        // So does what follows a blank line.
        let next = map[at..].strip_prefix(b":").unwrap_or(&map[at..]);
        if next.starts_with(b"\n\n") || length == 0 {
            return None;
        }
    }
    None
}

/// The value or default of a parameter whose block is indented below its name: `DbPassword:` above `Default: …`.
pub(super) fn block(text: &[u8], at: usize) -> Option<(Span, Form)> {
    let rest = &text[at.min(text.len())..text.len().min(at + 320)];
    let below = rest.strip_prefix(b"\n").or_else(|| rest.strip_prefix(b"\r\n"))?;
    let depth = |line: &[u8]| line.iter().take_while(|&&b| b == b' ').count();
    let indent = depth(below);
    let mut start = at + rest.len() - below.len();
    for line in below.split_inclusive(|&b| b == b'\n') {
        if indent == 0 || depth(line) < indent {
            return None;
        }
        let given = [&b"Default: "[..], b"default: ", b"value: "];
        if let Some(value) = given.iter().find_map(|word| line[indent..].strip_prefix(*word)) {
            let at = start + line.len() - value.len();
            let quoted = literal::read(text, at);
            let bare = || until(text, at, |b| b.is_ascii_whitespace());
            return quoted.or_else(|| bare().map(|value| (value, Form::default())));
        }
        start += line.len();
    }
    None
}

/// Where the default stands in the block of a declared variable.
fn declared(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at + blanks(text, at)..];
    let skipped = text.len() - rest.len();
    let body = &rest.strip_prefix(b"{")?;
    let body = &body[..body.len().min(320)];
    let body = &body[..memchr::memchr(b'}', body).unwrap_or(body.len())];
    let word = memchr::memmem::find(body, b"default")?;
    let joint = word + 7 + blanks(body, word + 7);
    (body.get(joint) == Some(&b'=')).then_some(skipped + 1 + joint + 1)
}
