//! Calls: arguments that stand for a credential by their place.
//!
//! In: a text and a call's name or an argument. Out: the argument that is the credential.

use super::{Form, Joint, VALUE, literal};
use crate::detect::generic::{last, name::words, value::ends};
use crate::text::Span;
use bstr::ByteSlice as _;

/// Names of calls that take a user and a password.
const LOGINS: &[&str] = &[
    "login",
    "logon",
    "signin",
    "auth",
    "authenticate",
    "authorize",
    "connect",
    "credential",
    "credentials",
    "authentication",
    "basic",
    "basicauth",
];

/// What a call does with credentials if it takes none.
const KEEPS: &[&str] = &["read", "write", "load", "refresh", "delete", "to"];

/// What a call logs in with, before the user: `login($t, 'bob')`.
const CLIENTS: &[&[u8]] = &[
    b"t", b"page", b"driver", b"browser", b"client", b"session", b"request", b"req", b"ctx",
    b"context", b"app", b"agent", b"tester", b"self", b"this", b"server",
];

/// Whether an argument is a client, a page or the like, in a variable.
fn is_client(argument: &[u8]) -> bool {
    let name = argument.trim_ascii().trim_start_with(|c| "$&@*".contains(c));
    let name = name.strip_prefix(b"self.").or(name.strip_prefix(b"this.")).unwrap_or(name);
    CLIENTS.iter().any(|client| name.eq_ignore_ascii_case(client))
}

/// Whether a call of this name may take a credential by position.
pub(super) fn takes_login(name: &[u8]) -> bool {
    let last = last(name);
    // Hardly any call ends so, and to split a name costs more than to see that.
    if !LOGINS.iter().chain(&["in", "token"]).any(|end| ends(last, end.as_bytes())) {
        return false;
    }
    let words = words(last);
    let Some(word) = words.last() else { return false };
    // What keeps credentials, or makes them, is called with other things.
    if words.len() > 1 && words.iter().any(|word| KEEPS.contains(&word.as_str())) {
        return false;
    }
    LOGINS.contains(&word.as_str())
        || word == "in" && words.iter().rev().nth(1).is_some_and(|w| w == "sign" || w == "log")
        || word == "token" && words.len() > 2 && words.iter().any(|w| w == "password")
}

/// How many arguments stand before the password in a call of this name, in small letters: the server and the user, the
/// identity that Go asks for and the user, or the realm, host and user of Scala's `Credentials`.
fn before_password(text: &[u8], name: &[u8], at: usize) -> usize {
    if name.ends_with(b"connect") || name.ends_with(b"plainauth") {
        2
    } else if name.ends_with(b"credentials") && takes_four(text, at) {
        3
    } else {
        1
    }
}

/// Whether the arguments at `at` are four literals.
fn takes_four(text: &[u8], at: usize) -> bool {
    let mut rest = at;
    for _ in 0..4 {
        let Some((value, _)) = literal::read(text, rest) else { return false };
        let end = (value.end + 1).min(text.len());
        let blank = text[end..].iter().take(60);
        rest = end + blank.take_while(|b| b.is_ascii_whitespace() || **b == b',').count();
    }
    text.get(rest) == Some(&b')')
}

/// The argument of the call at `at` that is a password: the one after the user's.
pub(super) fn argument(text: &[u8], name: Span, at: usize) -> Option<(Joint, Span, Form)> {
    let mut at = at;
    let called = text[name.range()].to_ascii_lowercase();
    let connects = called.ends_with(b"connect");
    let mut first = None;
    let mut wanted = before_password(text, &called, at);
    for index in 0..4 {
        at += text[at..].iter().take(60).take_while(|b| b.is_ascii_whitespace()).count();
        // A port stands between the server and the user.
        let port = text[at..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
        wanted +=
            usize::from(connects && index == 1 && text.get(at + port) == Some(&b',') && port > 1);
        let literal = literal::read(text, at);
        if index == wanted {
            let (value, form) = literal?;
            let server = memchr::memmem::find(&text[value.range()], b"://").is_some();
            let is_password = !server && !names_password(text, value.end);
            return is_password.then_some((Joint::Position, value, form));
        }
        let end = literal.map_or(at, |(value, _)| value.end + 1);
        let rest = &text[end.min(text.len())..];
        let stop = rest.iter().take(100).position(|b| b",();{}\n".contains(b))?;
        if index == 0 && wanted == 1 && literal.is_none() && is_client(&rest[..stop]) {
            // What follows is the user; the password comes behind it, if at all.
            wanted = 2;
        }
        if index == 0 {
            first = literal;
            // The server stands before the user.
            let server = literal.is_some_and(|(value, _)| {
                memchr::memmem::find(&text[value.range()], b"://").is_some()
            });
            wanted += usize::from(server && wanted == 1);
        }
        match rest[stop] {
            b',' => at = end + stop + 1,
            b')' if index == 0 && !connects => {
                let (value, form) = first?;
                return Some((Joint::Call, value, form));
            }
            _ => return None,
        }
    }
    None
}

/// Whether a later argument of the call is the password by its name: `connect(host, "pg8000", password=pw)`.
fn names_password(text: &[u8], at: usize) -> bool {
    let rest = &text[at..text.len().min(at + 160)];
    let rest = &rest[..memchr::memchr(b')', rest).unwrap_or(rest.len())];
    [&b"password="[..], b"passwd="].iter().any(|name| memchr::memmem::find(rest, name).is_some())
}

/// Whether what looks like a call is one of the constants of a type, with all that is said of it:
/// `PASSWORD("pw", "the password", true)`.
pub(super) fn is_constant(text: &[u8], name: &[u8], value: Span) -> bool {
    let after = text.get(value.end + 1..).unwrap_or_default().trim_ascii_start();
    !name.iter().any(u8::is_ascii_lowercase) && after.starts_with(b",")
}

/// Whether a call of this name compares: `password.equals(`.
pub(super) fn compares(name: &[u8]) -> bool {
    [&b".equals"[..], b".equalsIgnoreCase", b".eq", b".contentEquals", b".compareTo", b".eql"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Whether `name` is the first argument of a call that compares or copies: `strcmp(password, "…")`.
pub(super) fn matches(text: &[u8], name: Span) -> bool {
    const CALLS: &[&[u8]] = &[
        b"strcmp(",
        b"strncmp(",
        b"strcasecmp(",
        b"stricmp(",
        b"memcmp(",
        b"hash_equals(",
        b"compare_digest(",
        b"equals(",
        b"Equals(",
        b"assertEqual(",
        b"assert_eq!(",
        b"streq(",
        b"strcpy(",
        b"strncpy(",
        b"strlcpy(",
        b"strcpy_s(",
    ];
    let before = text[..name.start].trim_ascii_end();
    CALLS.iter().any(|call| before.ends_with(call))
}

/// The literal that is compared with `name` before it: `"…" == password`, `"…".equals(password)`.
pub(super) fn turned(text: &[u8], name: Span) -> Option<Span> {
    const MARKS: &[&[u8]] =
        &[b".equals(", b".Equals(", b".equalsIgnoreCase(", b" === ", b" == ", b" != ", b" !== "];
    if !matches!(text.get(name.end), None | Some(b')' | b' ' | b';' | b'\n' | b':')) {
        return None;
    }
    let before = &text[..name.start];
    literal_before(MARKS.iter().find_map(|mark| before.strip_suffix(*mark))?)
}

/// The literal that is set before its key: `set("…", forKey: "password")`, `setValue:@"…" forHTTPHeaderField:@"X-Key"`.
pub(super) fn keyed(text: &[u8], name: Span) -> Option<Span> {
    const KEYS: &[&[u8]] = &[b"forKey:", b"forHTTPHeaderField:"];
    let before = text[..name.start].strip_suffix(b"\"")?;
    let before = before.strip_suffix(b"@").unwrap_or(before).trim_ascii_end();
    let before = KEYS.iter().find_map(|key| before.strip_suffix(*key))?.trim_ascii_end();
    let value = literal_before(before.strip_suffix(b",").unwrap_or(before))?;
    let scheme = super::prose::scheme(&text[value.range()]);
    Some(Span::new(value.start + scheme, value.end))
}

/// The literal without escapes that `before` ends with.
fn literal_before(before: &[u8]) -> Option<Span> {
    let (&quote, before) = before.split_last().filter(|(b, _)| matches!(b, b'"' | b'\''))?;
    let start = before.len().saturating_sub(VALUE);
    let open = start + memchr::memrchr2(quote, b'\n', &before[start..])?;
    let plain = before[open] == quote && !before[open + 1..].contains(&b'\\');
    plain.then(|| Span::new(open + 1, before.len()))
}

/// Whether a call that takes a name, a value and more begins before the name: `flag.String("password", "…", "what for")`.
fn takes_more(before: &[u8]) -> bool {
    const CALLS: &[&[u8]] = &[b"String(", b"StringVar(", b"EnvironmentVariable("];
    let near = &before[before.len().saturating_sub(64)..];
    let Some(open) = memchr::memrchr(b'(', near) else { return false };
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"&_., *".contains(b);
    CALLS.iter().any(|call| near[..=open].ends_with(call)) && near[open + 1..].iter().all(plain)
}

/// Whether a call that takes a section, a name and a value begins before the name: `config.set("db", "password", "…")`.
fn is_second(before: &[u8]) -> bool {
    const CALLS: &[&[u8]] = &[b"set(", b"Set(", b"setValue(", b"modparam(", b"put(", b"add("];
    let before = &before[before.len().saturating_sub(64)..];
    let Some(before) = before.trim_ascii_end().strip_suffix(b",") else { return false };
    let Some(open) = memchr::memrchr(b'(', before) else { return false };
    let section = |b: &u8| b.is_ascii_alphanumeric() || b"\"'_.$-".contains(b);
    CALLS.iter().any(|call| before[..=open].ends_with(call))
        && before[open + 1..].iter().all(section)
}

/// Whether `name` is a constant, and the first argument of a call that gives it a value:
/// `put(Context.SECURITY_CREDENTIALS, "…")`.
pub(super) fn sets_constant(text: &[u8], name: Span) -> bool {
    const CALLS: &[&[u8]] = &[
        b"put",
        b"set",
        b"add",
        b"env",
        b"Property",
        b"property",
        b"Header",
        b"header",
        b"Value",
        b"Parameter",
        b"Param",
        b"param",
        b"Single",
        b"Env",
        b"Option",
        b"option",
        b"Config",
        b"Attribute",
        b"String",
        b"Absent",
    ];
    let Some(before) = text[..name.start].strip_suffix(b"(") else { return false };
    let constant = last(&text[name.range()]);
    constant.len() > 3
        && constant.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && CALLS.iter().any(|call| before.ends_with(call))
}

/// Whether `name` and what stands at `value` are the two arguments of a call, and not two items
/// of a list.
pub(super) fn is_pair(text: &[u8], name: Span, value: usize) -> bool {
    let before = &text[..name.start];
    if before.ends_with(b"-") {
        return true;
    }
    let (before, symbol) = match before {
        // Parts of a setting's name: `"client:secret", "…"`.
        [lead @ .., b':'] if let Some(before) = path(lead) => (before, false),
        [lead @ .., b'"' | b'\''] if let Some(before) = selector(lead) => (before, false),
        [before @ .., b':'] => (before, true),
        // A field may be looked up: `type('#password', '…')`.
        [before @ .., b'"' | b'\''] | [before @ .., b'"' | b'\'', b'#'] => (before, false),
        [.., b'{'] => (before, true),
        [.., b'('] if sets_constant(text, name) => (before, false),
        _ => return false,
    };
    let more = !symbol && takes_more(before);
    let third = !symbol && is_second(before);
    let before = before.trim_ascii_end();
    let tuple = before.ends_with(b"{");
    let opens = before.ends_with(b"(") || symbol && before.ends_with(b",") || symbol && tuple;
    let Some((value, _)) = literal::read(text, value) else { return false };
    let after = text.get(value.end + 1..).unwrap_or_default();
    let after = after.strip_prefix(b">>").unwrap_or(after).trim_ascii_start();
    let end = if tuple { b"}" } else { b")" };
    // Ruby calls without parentheses.
    let bare = before.ends_with(b"ENV.fetch");
    bare || (opens || third) && after.starts_with(end) || more && after.starts_with(b",")
}

/// What stands before a selector of a style sheet, which `lead` ends within: `'input[type=`.
fn selector(lead: &[u8]) -> Option<&[u8]> {
    let lead = [&b"[type="[..], b"[name="].iter().find_map(|by| lead.strip_suffix(*by))?;
    let word = |b: &&u8| b.is_ascii_alphanumeric() || b" #.>_-".contains(b);
    let length = lead.iter().rev().take(VALUE).take_while(word).count();
    let before = &lead[..lead.len() - length];
    [b"\"", b"'", b"`"].iter().find_map(|quote| before.strip_suffix(*quote))
}

/// What stands before the quote of a name in parts with colons between them, which `lead` ends with.
fn path(lead: &[u8]) -> Option<&[u8]> {
    let part = |b: &&u8| b.is_ascii_alphanumeric() || b"_:.-".contains(b);
    let length = lead.iter().rev().take(VALUE).take_while(part).count();
    let before = &lead[..lead.len() - length];
    before.strip_suffix(b"\"").filter(|_| length > 0)
}

/// Whether a pair under this name is a user and a password.
pub(super) fn takes_pair(name: &[u8]) -> bool {
    [&b"auth"[..], b"AUTH", b"Auth", b"credentials", b"Credentials", b"login", b"Login", b"creds"]
        .iter()
        .any(|end| name.ends_with(end))
}
