//! Rarer ways to give a value to a name.
//!
//! In: a text, a name, and what follows it. Out: what joins the two, and its length.

use super::join::blanks;
use super::{Form, Joint, literal};
use crate::text::Span;

/// What joins `name` to a value behind `rest`, where neither an operator nor a type does.
pub(super) fn after(text: &[u8], name: Span, rest: &[u8]) -> Option<(Joint, usize)> {
    match rest.first()? {
        b'{' => braces(rest),
        b'.' | b')' => typing(rest)
            .map(|length| (Joint::Call, length))
            .or_else(|| instead(text, name, rest).map(|length| (Joint::Equals, length))),
        b'|' | b'?' | b'o' => instead(text, name, rest).map(|length| (Joint::Equals, length)),
        b'P' | b'T' => clause(rest).map(|length| (Joint::Equals, length)),
        _ => None,
    }
}

/// What a method without arguments is called for, and the literal that is all it returns:
/// `getPassword(): string { return "…"; }`.
pub(super) fn returned(text: &[u8], name: Span) -> Option<(Span, Span, Form)> {
    let rest = &text[name.end..];
    let rest =
        [&b"()"[..], b"(self)", b"(&self)"].iter().find_map(|none| rest.strip_prefix(*none))?;
    let kind = |b: &&u8| b.is_ascii_alphanumeric() || b" _:.<>&'?-".contains(b);
    let rest = rest[rest.iter().take(40).take_while(kind).count()..].strip_prefix(b"{");
    let body = rest?.trim_ascii_start();
    let value = body.strip_prefix(b"return").map_or(body, <[u8]>::trim_ascii_start);
    let verb = match &text[name.range()] {
        [b'g', b'e', b't', next, ..] if next.is_ascii_uppercase() || *next == b'_' => 3,
        _ => 0,
    };
    let (value, form) = literal::read(text, text.len() - value.len())?;
    let after = text.get(value.end + 1..)?;
    let after = after.strip_prefix(b";").unwrap_or(after).trim_ascii_start();
    after.starts_with(b"}").then(|| (Span::new(name.start + verb, name.end), value, form))
}

fn opens(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'"' | b'\'' | b'`'))
}

/// `password{"…"}`, and `Password { get; set; } = "…"`.
fn braces(rest: &[u8]) -> Option<(Joint, usize)> {
    if opens(rest.get(1)) {
        return Some((Joint::Equals, 1));
    }
    let end = rest.iter().take(40).position(|&b| b == b'}')?;
    let accessors = rest[1..end].trim_ascii_start().starts_with(b"get;");
    let equals = end + 1 + blanks(rest, end + 1);
    (accessors && rest.get(equals) == Some(&b'=')).then_some((Joint::Equals, equals + 1))
}

/// What is typed into the field that was looked up: `find("password").send_keys("…")`,
/// `find(By.id("password")).sendKeys("…")`.
fn typing(rest: &[u8]) -> Option<usize> {
    const CALLS: &[&[u8]] = &[
        b".send_keys(",
        b".sendKeys(",
        b".type(",
        b".fill(",
        b".clearAndType(",
        b".setValue(",
        b".set(",
        b".typeText(",
        b".perform(typeText(",
        b".perform(replaceText(",
    ];
    let outer = usize::from(rest[0] == b')');
    let call = CALLS.iter().find(|call| rest[outer..].starts_with(call))?;
    let length = outer + call.len();
    opens(rest.get(length)).then_some(length)
}

/// What is taken where the environment has none: `process.env.PASSWORD || "…"`.
fn instead(text: &[u8], name: Span, rest: &[u8]) -> Option<usize> {
    const ORS: &[&[u8]] = &[
        b"|| ",
        b"?? ",
        b"?: ",
        b"or ",
        b".unwrap_or(",
        b".unwrap_or_else(|_| ",
        b".orElse(",
        b".getOrElse(",
    ];
    let or = ORS.iter().find(|or| rest.starts_with(or))?;
    let start = name.start.saturating_sub(24);
    let before = text[start..name.end].to_ascii_lowercase();
    let read = memchr::memmem::find(&before, b"env").is_some();
    (read && opens(rest.get(or.len()))).then_some(or.len())
}

/// `PIC X(20) VALUE '…'`, `TYPE string VALUE '…'`.
fn clause(rest: &[u8]) -> Option<usize> {
    if !rest.starts_with(b"PIC ") && !rest.starts_with(b"TYPE ") {
        return None;
    }
    let reach = rest[..rest.len().min(48)].to_ascii_uppercase();
    let value = memchr::memmem::find(&reach, b" VALUE ")? + 7;
    opens(rest.get(value)).then_some(value)
}

/// Length of what stands before an option's own value where the option is declared: `type=str, default=`.
pub(super) fn unless_given(rest: &[u8]) -> usize {
    const SAYS: &[u8] = b"default=";
    let reach = &rest[..rest.len().min(100)];
    let reach = &reach[..reach.iter().position(|b| b")\n".contains(b)).unwrap_or(reach.len())];
    let Some(at) = memchr::memmem::find(reach, SAYS) else { return 0 };
    let begins = at == 0 || matches!(reach[at - 1], b' ' | b',');
    if begins && opens(rest.get(at + SAYS.len())) { at + SAYS.len() } else { 0 }
}

/// Length of what is left of a shell's `:-` behind its colon, before what a variable is if it is not set:
/// `${PASSWORD:-…}`.
pub(super) fn unless_set(text: &[u8], name: Span, at: usize) -> usize {
    let opened = at == name.end + 1 && text[..name.start].ends_with(b"${");
    usize::from(opened && matches!(text.get(at), Some(b'-' | b'=')))
}

/// Length of the anchor or tag of a YAML value: `&pw `, `!!str `.
pub(super) fn node(rest: &[u8]) -> usize {
    let mark = match rest {
        [b'&', next, ..] if next.is_ascii_alphabetic() => 1,
        [b'!', b'!', ..] => 2,
        [b'!', b'u', ..] => 1,
        _ => return 0,
    };
    let word = rest[mark..].iter().take(32);
    let end = mark + word.take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b)).count();
    if rest.get(end) == Some(&b' ') { end + blanks(rest, end) } else { 0 }
}
