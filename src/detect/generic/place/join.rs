//! What joins a name to a value.
//!
//! In: a text and a name in it. Out: the [`Joint`], and where the value may begin.

use super::{Joint, call, declare, label, line, markup, prose};
use crate::detect::bytes::Set;
use crate::text::Span;

/// What joins a name to a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Join {
    pub(super) joint: Joint,
    /// Where the value may begin.
    pub(super) value: usize,
    /// The quote that opens before the name and does not close after it.
    pub(super) open: Option<u8>,
}

/// How a name stands there.
#[derive(Clone, Copy)]
struct Stand {
    before: Option<u8>,
    /// A quote or bracket closes after it.
    closed: bool,
    /// A parenthesis closes after it, as in `string(password) ==`.
    call: bool,
    /// Blanks after all that.
    gap: usize,
    /// Where those end.
    at: usize,
}

impl Stand {
    fn of(text: &[u8], name: Span) -> Self {
        let before = name.start.checked_sub(1).map(|i| text[i]);
        let mut at = name.end + closers(&text[name.end..]);
        let closed = at > name.end;
        // Lisp's marks of a variable that all see: `*api-key*`, and what is bold: `**Password**`.
        at += prose::bold(text, name, at);
        at += brackets(&text[at..]);
        let call = text.get(at) == Some(&b')');
        at += usize::from(call);
        let gap = blanks(text, at);
        Self { before, closed, call, gap, at: at + gap }
    }

    fn dashed(self) -> bool {
        self.before == Some(b'-')
    }
}

/// Whether the byte after `name` may join it to a value. Nearly all words are followed by something else.
pub(in crate::detect::generic) fn may_follow(text: &[u8], name: Span) -> bool {
    static JOINS: Set = Set::of(b" \t=:\"'`]\\(,!?|+&<>[)\n\r*{\xef");
    text.get(name.end).is_some_and(|&byte| JOINS.has(byte))
}

/// What joins `name` to a value, if anything does.
pub(super) fn after(text: &[u8], name: Span) -> Option<Join> {
    if !may_follow(text, name) {
        return None;
    }
    if let Some(value) = markup::element(text, name) {
        return Some(Join { joint: Joint::Element, value, open: None });
    }
    if let Some(value) = markup::sibling(text, name) {
        return Some(Join { joint: Joint::Sibling, value: fold(text, value), open: None });
    }
    let stand = Stand::of(text, name);
    let rest = &text[stand.at..];
    // `v-if="type == 'password'" :icon="…"`: another attribute.
    if stand.closed && stand.gap > 0 && matches!(rest, [b':', b'a'..=b'z', ..]) {
        return None;
    }
    let known = operator(rest).or_else(|| typed(rest, stand));
    let (joint, value) = match known.or_else(|| declare::after(text, name, rest)) {
        Some((joint, length)) => {
            let joint = refine(text, name, stand, joint)?;
            let at = fold(text, stand.at + length);
            let at = match joint {
                Joint::Colon => {
                    let at = at + prose::bold(text, name, at);
                    let at = at + blanks(text, at);
                    let at = at + declare::node(&text[at..]);
                    at + declare::unless_set(text, name, at)
                }
                Joint::Flag => at + declare::unless_given(&text[at.min(text.len())..]),
                _ => at,
            };
            if joint == Joint::Comma && !call::is_pair(text, name, at)
                || stand.dashed() && stand.closed && !argument(&text[at.min(text.len())..])
            {
                return None;
            }
            match prose::also(text, at).filter(|_| joint == Joint::Colon) {
                Some(value) => (Joint::Is, value),
                None => (joint, at + prose::scheme(&text[at.min(text.len())..])),
            }
        }
        None => apart(text, name, stand)?,
    };
    let quote = |b: &u8| !stand.closed && matches!(b, b'"' | b'\'' | b'`');
    Some(Join { joint, value, open: stand.before.filter(quote) })
}

/// What an operator means where the name stands.
fn refine(text: &[u8], name: Span, stand: Stand, joint: Joint) -> Option<Joint> {
    let before = stand.before;
    Some(match joint {
        Joint::Compare => Joint::Compare,
        Joint::Call if (stand.call || stand.closed) && matches!(text[stand.at], b'.' | b')') => {
            joint
        }
        // What is taken instead of what is looked up.
        Joint::Equals if matches!(text[stand.at], b'|' | b'?' | b'o' | b'.') => joint,
        _ if stand.call => return None,
        Joint::Comma if !stand.closed && call::matches(text, name) => Joint::Compare,
        Joint::Equals if matches!(before, Some(b'?' | b'&')) => Joint::Query,
        Joint::Equals if stand.dashed() => Joint::Flag,
        Joint::Colon if line::passes(text, name) => Joint::Flag,
        Joint::Equals if stand.gap == 0 && line::sets_variable(text, name) => Joint::Variable,
        Joint::Comma if stand.dashed() && stand.closed => Joint::Flag,
        // So Erlang's preprocessor is told.
        Joint::Comma if text[..name.start].ends_with(b"-define(") => Joint::Equals,
        Joint::Comma
            if !stand.closed
                && !matches!(before, Some(b':' | b'{'))
                && !call::sets_constant(text, name) =>
        {
            return None;
        }
        // `-Password ("…" | ConvertTo-SecureString -AsPlainText)`.
        Joint::Call if stand.dashed() && matches!(text[stand.at..], [_, b'"' | b'\'', ..]) => {
            Joint::Flag
        }
        Joint::Call if stand.closed || stand.gap > 0 => return None,
        Joint::Call if call::compares(&text[name.range()]) => Joint::Compare,
        joint => joint,
    })
}

/// What joins a name to what stands apart from it by blanks alone.
fn apart(text: &[u8], name: Span, stand: Stand) -> Option<(Joint, usize)> {
    let Stand { gap, at, .. } = stand;
    let next = text.get(at).filter(|b| !b.is_ascii_whitespace() && gap > 0 && !stand.call)?;
    if stand.dashed() && !stand.closed {
        return Some((Joint::Flag, secret_source(text, at)));
    }
    let literal = matches!(next, b'"' | b'\'' | b'`' | b'\\') || text[at..].starts_with(b"@\"");
    if literal {
        return line::spaced(text, name).map(|joint| (joint, at));
    }
    if line::sets(text, name, at) {
        return Some((Joint::Space, at));
    }
    let sql = prose::by(text, name, at).map(|value| (Joint::Sql, value));
    sql.or_else(|| prose::says(text, name, at).map(|value| (Joint::Is, value)))
        .or_else(|| prose::gives(text, name, at).map(|value| (Joint::Is, value)))
        .or_else(|| prose::dashed(text, name, at).map(|value| (Joint::Is, value)))
        .or_else(|| (gap <= 2 && line::alone(text, name, at)).then_some((Joint::Space, at)))
}

/// Whether a flag's argument begins here, and not another flag.
fn argument(rest: &[u8]) -> bool {
    matches!(rest, [b'"' | b'\'', next, ..] if *next != b'-')
}

/// Length of the quotes, brackets and escapes that end a name.
fn closers(rest: &[u8]) -> usize {
    rest.iter().take(6).take_while(|b| matches!(b, b'"' | b'\'' | b'`' | b']' | b'\\')).count()
}

/// Length of `[]` or `[32]`, as arrays are declared.
fn brackets(rest: &[u8]) -> usize {
    if rest.first() != Some(&b'[') {
        return 0;
    }
    let digits = rest[1..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    if rest.get(digits + 1) == Some(&b']') { digits + 2 } else { 0 }
}

pub(super) fn blanks(text: &[u8], at: usize) -> usize {
    text[at.min(text.len())..].iter().take(40).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// Where the value begins after a joint that ends at `at`: past blanks, and on the next line if
/// there is a literal. A bare word on the next line does not belong to the assignment above it.
pub(super) fn fold(text: &[u8], at: usize) -> usize {
    let at = at + blanks(text, at);
    let fold =
        text[at.min(text.len())..].iter().take(80).take_while(|b| b.is_ascii_whitespace()).count();
    if matches!(text.get(at + fold), Some(b'"' | b'\'')) { at + fold } else { at }
}

/// Past `pass:`, which tells OpenSSL that the password follows.
fn secret_source(text: &[u8], at: usize) -> usize {
    if text[at..].starts_with(b"pass:") { at + 5 } else { at }
}

/// The operator at the head of `rest` and its length; a type annotation is part of it.
fn operator(rest: &[u8]) -> Option<(Joint, usize)> {
    const FIXED: &[(&[u8], Joint)] = &[
        (b"===", Joint::Compare),
        (b"!==", Joint::Compare),
        (b"==", Joint::Compare),
        (b"!=", Joint::Compare),
        (b"=~", Joint::Compare),
        (b"=>", Joint::Colon),
        (b"=", Joint::Equals),
        (b":=", Joint::Equals),
        (b"?=", Joint::Equals),
        (b"+=", Joint::Equals),
        (b"||=", Joint::Equals),
        (b"??=", Joint::Equals),
        (b"<-", Joint::Equals),
        (b"<<-", Joint::Equals),
        (b"<>", Joint::Compare),
        (b"-eq ", Joint::Compare),
        (b"-ne ", Joint::Compare),
        (b"eq ", Joint::Compare),
        (b"ne ", Joint::Compare),
        (b",", Joint::Comma),
        (b"(", Joint::Call),
        ("：".as_bytes(), Joint::Colon),
    ];
    let first = *rest.first()?;
    let fixed = FIXED.iter().find(|(text, _)| text[0] == first && rest.starts_with(text));
    if let Some((text, joint)) = fixed {
        return Some((*joint, text.len()));
    }
    let optional = usize::from(matches!(rest.first(), Some(b'?' | b'!')));
    if rest.get(optional) == Some(&b':') {
        let rest = &rest[optional..];
        // `Name::part`: a scope.
        if rest[1..].starts_with(b":") && rest.get(2).is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        let (joint, length) =
            annotation(rest).map_or((Joint::Colon, 1), |length| (Joint::Equals, length));
        return Some((joint, length + optional));
    }
    None
}

/// Length of `: Type =` at the head of `rest`.
fn annotation(rest: &[u8]) -> Option<usize> {
    let end = rest.iter().take(48).position(|&b| b == b'=' || b == b'\n')?;
    let kind = &rest[1..end];
    // `: key=` is a value that ends in padding, not a type.
    let apart = kind.ends_with(b" ")
        || kind.ends_with(b" :")
        || matches!(rest.get(end + 1), Some(b'"' | b'\'' | b'`'));
    if !apart || matches!(kind.trim_ascii_start().first(), Some(b'"' | b'\'')) {
        return None;
    }
    let types = |b: &u8| b.is_ascii_alphanumeric() || b" _<>&'[]?|.:*".contains(b);
    if !kind.ends_with(b" ") && !kind.ends_with(b":") && kind.trim_ascii_start().contains(&b' ') {
        // `Authorization: Digest username="…"`.
        return None;
    }
    let plain = kind.iter().any(u8::is_ascii_alphabetic) && kind.iter().all(types);
    (plain && rest[end] == b'=' && rest.get(end + 1) != Some(&b'=')).then_some(end + 1)
}

/// Length of `Type =` at the head of `rest`, as Go and SQL declare, where a literal follows.
fn typed(rest: &[u8], stand: Stand) -> Option<(Joint, usize)> {
    let end = rest.iter().take(32).position(|&b| b == b'=' || b == b'\n')?;
    // `name="token" kind="…"`, `pass kind='…'`: attributes and arguments of their own.
    let apart = matches!(rest[..end].last(), Some(b' ' | b'\t' | b':'));
    let kind = rest[..end].trim_ascii_end();
    let kind = kind.strip_suffix(b":").map_or(kind, <[u8]>::trim_ascii_end);
    let kind = kind.strip_prefix(b"As ").unwrap_or(kind);
    let types = |b: &u8| label::is_part(*b) || b"[]*()".contains(b);
    let literal = matches!(rest.get(end + 1 + blanks(rest, end + 1)), Some(b'"' | b'\'' | b'`'));
    let plain = stand.gap > 0
        && !stand.closed
        && apart
        && rest[end] == b'='
        && kind.iter().any(u8::is_ascii_alphabetic)
        && kind.iter().all(types);
    (plain && literal).then_some((Joint::Equals, end + 1))
}
