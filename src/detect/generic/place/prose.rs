//! Sentences and queries that say what a password is.
//!
//! In: a text and where a name ends. Out: where the value begins.

use super::join::blanks;
use super::{Joint, VALUE, bare, call, label, line};
use crate::text::Span;

/// Where the value begins after a verb at `at`: `is …`, `was: …`, `to "…"`.
pub(super) fn says(text: &[u8], name: Span, at: usize) -> Option<usize> {
    const VERBS: &[&[u8]] = &[
        b"is ",
        b"is: ",
        b"was ",
        b"is set to ",
        b"will be ",
        b"lautet ",
        b"ist ",
        b"est ",
        b"es ",
    ];
    const BEFORE_QUOTES: &[&[u8]] = &[b"to ", b"as ", b"of ", b"set to ", b"are "];
    const BOTH: &[&[u8]] = &[b"are ", b"are: "];
    // `pass` is a verb itself.
    if !matches!(text.get(at)?, b'i' | b'w' | b't' | b'a' | b's' | b'o' | b'l' | b'e' | b'f')
        || text[name.range()].to_ascii_lowercase().ends_with(b"pass")
    {
        return None;
    }
    let at = at + whose(&text[at..]);
    let rest = &text[at..];
    if let Some(colon) = rest.strip_prefix(b": ") {
        return Some(text.len() - colon.len());
    }
    let after = |verb: &[u8]| at + verb.len() + blanks(text, at + verb.len());
    if let Some(verb) = VERBS.iter().rev().find(|verb| rest.starts_with(verb)) {
        return Some(after(verb));
    }
    let both = BOTH.iter().rev().find(|verb| rest.starts_with(verb));
    if let Some(verb) = both.filter(|_| is_both(text, name)) {
        return Some(after(verb));
    }
    let verb = BEFORE_QUOTES.iter().find(|verb| rest.starts_with(verb))?;
    matches!(text.get(after(verb)), Some(b'"' | b'\'' | b'`')).then_some(after(verb))
}

/// Whether a sentence names a user beside the password, or both in one word: `username and password`, `credentials`.
fn is_both(text: &[u8], name: Span) -> bool {
    call::takes_pair(&text[name.range()]) || is_after_user(text, name)
}

fn is_after_user(text: &[u8], name: Span) -> bool {
    const USERS: &[&[u8]] = &[b"user", b"username", b"name", b"login"];
    let before = &text[name.start.saturating_sub(16)..name.start].to_ascii_lowercase();
    let before = [&b" and "[..], b"/", b" / "].iter().find_map(|mark| before.strip_suffix(*mark));
    before.is_some_and(|before| USERS.iter().any(|user| before.ends_with(user)))
}

/// The password of a user before it, where a text tells both: `username and password are **bob/…**`. What a setting
/// for both is given may be a path.
pub(super) fn login(text: &[u8], name: Span, joint: Joint, at: usize) -> Option<Span> {
    if !matches!(joint, Joint::Is | Joint::Colon) {
        return None;
    }
    let mark = |b: &&u8| b"*`\"'_ ".contains(b);
    let marks = |at: usize| text[at.min(text.len())..].iter().take(4).take_while(mark).count();
    let user = at + marks(at);
    let end = user + text.get(user..)?.iter().take(64).take_while(|b| label::is_part(**b)).count();
    let sign = end + marks(end);
    if end <= user + 1 || !matches!(text.get(sign), Some(b'/' | b':')) {
        return None;
    }
    let told = joint == Joint::Is && is_both(text, name) || is_after_user(text, name);
    let start = sign + 1 + marks(sign + 1);
    let value = |b: &&u8| !b.is_ascii_whitespace() && !b"`\"'*,;)<>".contains(b);
    let rest = text.get(start..).filter(|_| told)?;
    let value = &rest[..rest.iter().take(VALUE).take_while(value).count()];
    let value = value.strip_suffix(b".").unwrap_or(value);
    bare::telling(value).then(|| Span::new(start, start + value.len()))
}

/// Length of the marks at `at` that end what they set off the name by: `**Password**`, `<b>Password:</b>`.
pub(super) fn bold(text: &[u8], name: Span, at: usize) -> usize {
    const TAGS: &[&[u8]] = &[b"</b>", b"</strong>", b"</em>", b"</i>", b"</code>"];
    let rest = &text[at.min(text.len())..];
    match text[..name.start].last() {
        Some(b'*') => {
            let stars = text[..name.start].iter().rev().take(3).take_while(|b| **b == b'*').count();
            if rest.starts_with(&b"***"[..stars]) { stars } else { 0 }
        }
        Some(b'>') => TAGS.iter().find(|tag| rest.starts_with(tag)).map_or(0, |tag| tag.len()),
        _ => 0,
    }
}

/// Where the value begins that a dash tells, on a line of its own: `- Password - …`.
pub(super) fn dashed(text: &[u8], name: Span, at: usize) -> Option<usize> {
    const DASHES: &[&[u8]] =
        &[b"- ", b"-> ", b"\xe2\x80\x93 ", b"\xe2\x80\x94 ", b"&mdash; ", b"&ndash; "];
    let dash = DASHES.iter().find(|dash| text[at..].starts_with(dash))?;
    let value = at + dash.len();
    let password = text[name.range()].to_ascii_lowercase().ends_with(b"password");
    (password && line::before(text, name.start).leads && line::is_last(&text[value..]))
        .then_some(value)
}

/// Length of the words that say what a password is for, if a verb or a colon follows them: `for the admin user `.
fn whose(rest: &[u8]) -> usize {
    const WORDS: usize = 4;
    let mut at = match rest {
        [b'f', b'o', b'r', b' ', ..] => 4,
        [b'o', b'f' | b'n', b' ', ..] => 3,
        _ => return 0,
    };
    for _ in 0..WORDS {
        let part = |b: &&u8| label::is_part(**b) || matches!(b, b'@' | b'\'' | b'"' | b'`');
        let word = rest[at..].iter().take(32).take_while(part).count();
        at += word;
        if word == 0 {
            break;
        }
        match &rest[at..] {
            [b':', b' ', ..] => return at,
            [b' ', b'i', b's', b' ' | b':', ..] => return at + 1,
            [b' ', ..] => at += 1,
            _ => break,
        }
    }
    0
}

/// Where a word begins that a sentence ends with, after a name that it gives it to: `log in as bob with password …`.
pub(super) fn gives(text: &[u8], name: Span, at: usize) -> Option<usize> {
    const BEFORE: &[&[u8]] = &[b"with ", b"and ", b"using ", b"use "];
    let before = text[..name.start].strip_suffix(b"the ").unwrap_or(&text[..name.start]);
    let before = before[before.len().saturating_sub(6)..].to_ascii_lowercase();
    if !BEFORE.iter().any(|word| before.ends_with(word)) {
        return None;
    }
    let rest = &text[at..text.len().min(at + VALUE)];
    let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
    let point = matches!(rest[..end].last()?, b'.' | b',' | b';' | b')');
    let last = matches!(text.get(at + end + blanks(text, at + end)), None | Some(b'\n' | b'\r'));
    // What is long and mixed is no word of the sentence, wherever it stands.
    let random = end >= 20
        && rest[..end].iter().all(u8::is_ascii_alphanumeric)
        && [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase]
            .iter()
            .all(|of| rest[..end].iter().any(of));
    (point || last || random).then_some(at)
}

/// Where a literal begins after a word that follows a colon: `password: also 'x'`.
pub(super) fn also(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let word = [&b"also "[..], b"is "].into_iter().find(|word| rest.starts_with(word))?;
    matches!(rest.get(word.len()), Some(b'"' | b'\'' | b'`')).then_some(at + word.len())
}

/// Where the value begins of a query that ends in `IDENTIFIED BY`.
pub(super) fn by(text: &[u8], name: Span, at: usize) -> Option<usize> {
    if !text[name.range()].eq_ignore_ascii_case(b"identified") {
        return None;
    }
    let word = text[at..].first_chunk::<3>()?;
    let value = at + 3 + blanks(text, at + 3);
    // In lower case it may be a sentence.
    let query = &text[name.range()] == b"IDENTIFIED" || line::makes_user(&text[..name.start], b"");
    (query && word.eq_ignore_ascii_case(b"by ")).then_some(value)
}

/// Length of what an `Authorization` header names before the credential: `Bearer `.
pub(super) fn scheme(value: &[u8]) -> usize {
    const SCHEMES: &[&[u8]] =
        &[b"bearer", b"basic", b"token", b"apikey", b"api-key", b"bot", b"splunk", b"geniekey"];
    let Some(end) = value.iter().take(10).position(|&b| b == b' ') else { return 0 };
    let known = SCHEMES.iter().any(|scheme| value[..end].eq_ignore_ascii_case(scheme));
    let length = end + blanks(value, end);
    // `Basic authentication` is a sentence.
    let rest = &value[length..];
    let sentence = rest
        .iter()
        .take(40)
        .position(|&b| b == b' ')
        .is_some_and(|blank| rest[..blank].iter().all(u8::is_ascii_alphabetic));
    if known && !sentence { length } else { 0 }
}
