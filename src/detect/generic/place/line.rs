//! How a name stands on its line.
//!
//! In: a text and offsets in it. Out: what stands before a name and after a value.

use super::{Joint, Line};
use crate::text::Span;

/// What may stand before a name that leads its line.
const LEADS: &[&[u8]] = &[
    b"",
    b"export",
    b"set",
    b"setx",
    b"set -x",
    b"set -gx",
    b"ENV",
    b"ARG",
    b"-",
    b"- name:",
    b"env",
    b"$env:",
    b"Environment=",
    b"local",
    b"readonly",
    b"declare",
    b"declare -x",
    b"let",
    b"const",
    b"var",
    b"val",
    b"final",
    b"static",
    b"$",
    b"set $",
    b"@",
    b"my $",
    b"our $",
    b"-e",
    b"--env",
    b"--build-arg",
    b"- -",
    b"*",
    b"[",
    b"{",
];
/// What begins a comment.
const COMMENTS: &[&[u8]] = &[
    b"//", b"#", b"--", b";", b"/*", b"*", b"<!--", b"%", b"REM ", b"rem ", b"dnl ", b"'",
    b"\"\"\"",
];

/// The part of the line that stands before `start`.
fn lead(text: &[u8], start: usize) -> &[u8] {
    let line = memchr::memrchr2(b'\n', b'\r', &text[..start]).map_or(0, |at| at + 1);
    &text[line..start]
}

/// How the name at `start` stands on its line.
pub(super) fn before(text: &[u8], start: usize) -> Line {
    let whole = lead(text, start);
    let mut lead = whole.trim_ascii();
    let mut comment = false;
    for _ in 0..3 {
        let Some(mark) = COMMENTS.iter().find(|mark| lead.starts_with(mark)) else { break };
        // A list's mark or a comment's: a quote that the name stands in is neither.
        comment |= **mark != b"*"[..] && **mark != b"'"[..] || lead.len() > 1;
        lead = lead[mark.len()..].trim_ascii_start();
    }
    comment |= memchr::memchr2_iter(b'/', b'#', whole).any(|at| opens_comment(whole, at));
    let lead = lead.strip_suffix(b"\"").or_else(|| lead.strip_suffix(b"'")).unwrap_or(lead);
    let lead = lead.trim_ascii_end();
    let lead = lead.strip_prefix(b"> ").unwrap_or(lead);
    Line { leads: LEADS.contains(&lead), ends: false, comment }
}

/// Whether a mark between blanks that begins a comment stands at `at`.
fn opens_comment(line: &[u8], at: usize) -> bool {
    let (before, mark) = line.split_at(at);
    let after = |marks: &[&[u8]]| marks.iter().any(|m| mark.starts_with(m));
    match before.last() {
        Some(b' ') => after(&[b"// ", b"# ", b"/* "]),
        Some(b'\t') => after(&[b"// ", b"# "]),
        _ => false,
    }
}

/// Whether a value that ends at `end` is the last thing on its line.
pub(super) fn ends(text: &[u8], end: usize, quoted: bool) -> bool {
    let rest = &text[(end + usize::from(quoted)).min(text.len())..];
    let rest =
        &rest[..memchr::memchr2(b'\n', b'\r', &rest[..rest.len().min(80)]).unwrap_or(rest.len())];
    let closing = |b: &u8| b.is_ascii_whitespace() || b"\"'`,;)}]\\".contains(b);
    let rest = &rest[rest.iter().position(|b| !closing(b)).unwrap_or(rest.len())..];
    rest.is_empty() || [&b"#"[..], b"//", b"--", b"/*", b"<!--"].iter().any(|m| rest.starts_with(m))
}

/// Words before a name that is given what follows.
const DEFINES: &[&[u8]] = &[
    b"setq",
    b"set",
    b"def",
    b"defvar",
    b"defparameter",
    b"defconst",
    b"let",
    b"proxy_set_header",
    b"fastcgi_param",
    b"SetEnv",
];

/// Whether a user in quotes stands before the name: `user "bob" password "…"`, `` user `bob`, password `…` ``.
fn logs_in(lead: &[u8]) -> bool {
    let lead = lead.strip_suffix(b",").unwrap_or(lead);
    let Some((&quote @ (b'"' | b'`'), user)) = lead.split_last() else { return false };
    let Some(open) = memchr::memrchr(quote, user) else { return false };
    let named = lead[..open].trim_ascii_end();
    [&b"user"[..], b"username", b"user name", b"login"].iter().any(|word| named.ends_with(word))
}

/// Parts of a router's settings.
const SECTIONS: &[&[u8]] = &[
    b"interfaces",
    b"protocols",
    b"service",
    b"system",
    b"vpn",
    b"container",
    b"vrf",
    b"pki",
    b"security",
    b"snmp",
    b"access",
    b"high-availability",
    b"routing-instances",
];

/// Whether a line sets something of a router: `set protocols bgp neighbor 10.0.0.1`.
fn configures(lead: &[u8]) -> bool {
    let mut words = lead.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.next() == Some(b"set") && words.next().is_some_and(|word| SECTIONS.contains(&word))
}

/// What blanks alone mean between a name and a literal, if they may join the two.
pub(super) fn spaced(text: &[u8], name: Span) -> Option<Joint> {
    let lead = lead(text, name.start).trim_ascii_end();
    let word = lead.strip_suffix(b"(").or_else(|| lead.strip_suffix(b" *")).unwrap_or(lead);
    let word = word.rsplit(|b| b.is_ascii_whitespace() || *b == b'(').next().unwrap_or_default();
    if text[name.range()].eq_ignore_ascii_case(b"password") && makes_user(lead, word) {
        return Some(Joint::Sql);
    }
    let defines = DEFINES.contains(&word)
        || logs_in(lead)
        || lead.ends_with(b" :")
        || lead.ends_with(b"{:")
        || word == b"define" && !lead.starts_with(b"#")
        || lead.ends_with(b"#define")
        || configures(lead);
    let prose = [&b"the"[..], b"with", b"and", b"is", b"using", b"a", b"use", b"/", b"default"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w));
    if defines || before(text, name.start).leads {
        Some(Joint::Space)
    } else {
        prose.then_some(Joint::Is)
    }
}

/// Whether a query that makes or changes a user stands before its password.
pub(super) fn makes_user(lead: &[u8], word: &[u8]) -> bool {
    let query = || {
        let near = lead[lead.len().saturating_sub(200)..].to_ascii_uppercase();
        let holds = |words: &[&str]| {
            words.iter().any(|word| memchr::memmem::find(&near, word.as_bytes()).is_some())
        };
        holds(&["CREATE ", "ALTER ", "GRANT "]) && holds(&[" ROLE ", " USER ", " LOGIN ", " TO "])
    };
    [&b"login"[..], b"encrypted", b"unencrypted"].iter().any(|w| word.eq_ignore_ascii_case(w))
        || query()
}

/// Whether a command that sets a variable to one word stands before the name: `setenv PASSWORD …`.
pub(super) fn sets(text: &[u8], name: Span, value: usize) -> bool {
    let lead = lead(text, name.start);
    let known = [&b"setenv"[..], b"SetEnv", b"ENV", b"set", b"setx"].contains(&lead.trim_ascii());
    known && lead.ends_with(b" ") && is_last(&text[value..])
}

/// Whether the word at the head of `rest` is the last of its line.
pub(super) fn is_last(rest: &[u8]) -> bool {
    let line = rest[..memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())].trim_ascii();
    !line.is_empty() && !line.iter().any(u8::is_ascii_whitespace)
}

/// Whether the name and one bare word at `value` are all of their line.
pub(super) fn alone(text: &[u8], name: Span, value: usize) -> bool {
    if !lead(text, name.start).trim_ascii().is_empty() {
        return false;
    }
    is_last(&text[value..])
}

/// Whether `NAME=` is an environment variable of a command: `-e NAME=…`.
pub(super) fn sets_variable(text: &[u8], name: Span) -> bool {
    let lead = lead(text, name.start).trim_ascii_end();
    let word = lead.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    [&b"-e"[..], b"--env", b"--build-arg", b"-E", b"config:add", b"config:set"].contains(&word)
        && text[..name.start].last().is_some_and(u8::is_ascii_whitespace)
}

/// Whether the name is the `pass:` of an argument that tells OpenSSL a password: `-passin pass:…`.
pub(super) fn passes(text: &[u8], name: Span) -> bool {
    let lead = lead(text, name.start);
    let word = lead.trim_ascii_end().rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    &text[name.range()] == b"pass"
        && lead.ends_with(b" ")
        && [&b"-pass"[..], b"-passin", b"-passout", b"-password"].contains(&word)
}
