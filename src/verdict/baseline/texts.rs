//! The text that detect-secrets hashes for a find, which is often not the value.
//!
//! In: a find with its line. Out: for each type of secret the texts that may have been hashed,
//! likeliest first; none if the type would not be reported. Observed on version 1.5.0.

use bstr::ByteSlice;

use super::Found;
use super::kinds::{GITLAB_STARTS, HEADERS};

/// Longest stretch taken from a find's line besides the value.
const REACH: usize = 4096;

pub(super) fn whole(found: &Found<'_>) -> Vec<Vec<u8>> {
    vec![found.secret.to_vec()]
}

pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// A key id, or the 40 characters that go with it.
pub(super) fn aws(found: &Found<'_>) -> Vec<Vec<u8>> {
    match found.secret.len() {
        20 | 40 => whole(found),
        _ => Vec::new(),
    }
}

pub(super) fn twilio(found: &Found<'_>) -> Vec<Vec<u8>> {
    match found.secret {
        [b'A', b'C', rest @ ..] | [b'S', b'K', rest @ ..] if rest.len() == 32 => whole(found),
        _ => Vec::new(),
    }
}

/// The value with up to one delimiter on each side.
pub(super) fn delimited(found: &Found<'_>) -> Vec<Vec<u8>> {
    const DELIMITERS: &[u8] = b" \t\"=:";
    let side = |byte: Option<&u8>| byte.filter(|b| DELIMITERS.contains(b)).copied();
    let (before, after) = around(found).unwrap_or_default();
    let (left, right) = (side(before.last()), side(after.first()));
    let quotes = (Some(b'"'), Some(b'"'));
    let first = if rewritten(found.path) { quotes } else { (left, right) };
    let pairs = [first, quotes, (left, right), (left, None), (None, right), (None, None)];
    let text = |(left, right): (Option<u8>, Option<u8>)| {
        let sides = left.into_iter().chain(found.secret.iter().copied());
        sides.chain(right).collect()
    };
    pairs.into_iter().map(text).collect()
}

/// From `AccountKey=` on.
pub(super) fn azure(found: &Found<'_>) -> Vec<Vec<u8>> {
    const NAME: &[u8] = b"AccountKey=";
    let Some(at) = found.secret.find(NAME) else {
        return vec![[NAME, found.secret].concat()];
    };
    let text = &found.secret[at..];
    let end = text.find_byteset(b";\"' \t\r\n").unwrap_or(text.len());
    vec![text[..end].to_vec()]
}

/// The password of a URL, whether the find is the URL, its user and password, or the password.
pub(super) fn password(found: &Found<'_>) -> Vec<Vec<u8>> {
    let (before, after) = around(found).unwrap_or_default();
    let user = if let Some(at) = found.secret.find("://") {
        let rest = &found.secret[at + 3..];
        rest.find_byte(b'@').map(|end| &rest[..end])
    } else {
        let open = after.starts_with(b"@");
        if open && before.ends_with(b":") {
            return whole(found);
        }
        (open && before.ends_with(b"://")).then_some(found.secret)
    };
    user.and_then(|user| user.split_once_str(":"))
        .map(|(_, password)| password)
        .filter(|password| !password.is_empty())
        .map(|password| vec![password.to_vec()])
        .unwrap_or_default()
}

pub(super) fn cloudant(found: &Found<'_>) -> Vec<Vec<u8>> {
    let inner = password(found);
    if inner.is_empty() { whole(found) } else { inner }
}

/// A token as it is, a webhook with its scheme.
pub(super) fn slack(found: &Found<'_>) -> Vec<Vec<u8>> {
    if found.secret.starts_with(b"hooks.") {
        return vec![[b"https://", found.secret].concat()];
    }
    whole(found)
}

/// Only what stands before the `_`.
pub(super) fn github(found: &Found<'_>) -> Vec<Vec<u8>> {
    match found.secret {
        [start @ .., rest] if start.get(3) == Some(&b'_') && rest.is_ascii_alphanumeric() => {
            vec![start[..3].to_vec()]
        }
        _ => Vec::new(),
    }
}

/// Only what stands before the `-` for some kinds, the whole token for others.
pub(super) fn gitlab(found: &Found<'_>) -> Vec<Vec<u8>> {
    let Some((start, rest)) = found.secret.split_once_str("-") else {
        return whole(found);
    };
    if GITLAB_STARTS.iter().any(|s| s.as_bytes() == start) {
        return vec![start.to_vec()];
    }
    if start == b"glcbt" {
        let part = rest.find_byte(b'_').filter(|&at| at <= 5);
        return part.map(|at| vec![rest[..=at].to_vec()]).unwrap_or_default();
    }
    whole(found)
}

/// Header, payload and both dots, without the signature.
pub(super) fn jwt(found: &Found<'_>) -> Vec<Vec<u8>> {
    let dots: Vec<usize> = found.secret.find_iter(".").take(2).collect();
    match dots[..] {
        [_, second] if found.secret.starts_with(b"eyJ") => vec![found.secret[..=second].to_vec()],
        _ => Vec::new(),
    }
}

/// From `npm_` to the end of the line, if the line is one of an `.npmrc`.
pub(super) fn npm(found: &Found<'_>) -> Vec<Vec<u8>> {
    let after = match around(found) {
        Some((before, _)) if !before.contains_str("_auth") => return Vec::new(),
        Some((_, after)) => after.trim_ascii_end(),
        None => b"",
    };
    let mut ends = [[after, b""].concat(), [after, b"\""].concat()];
    if rewritten(found.path) && !after.ends_with(b"\"") {
        ends.reverse();
    }
    ends.iter().map(|end| [found.secret, end].concat()).collect()
}

/// Up to twenty characters after the mark in the middle.
pub(super) fn openai(found: &Found<'_>) -> Vec<Vec<u8>> {
    let mark: String = ["T3Blbk", "FJ"].concat();
    let Some(at) = found.secret.find(&mark) else {
        return Vec::new();
    };
    let end = found.secret.len().min(at + mark.len() + 20);
    vec![found.secret[..end].to_vec(), found.secret.to_vec()]
}

/// The words of the header, in the find or on its line.
pub(super) fn header(found: &Found<'_>) -> Vec<Vec<u8>> {
    let head = |text: &[u8]| text[..text.len().min(REACH)].to_vec();
    let (secret, context) = (head(found.secret), head(found.context));
    let stands = |words: &&&str| secret.contains_str(words) || context.contains_str(words);
    let found = HEADERS.iter().filter(stands);
    found.map(|words| words.as_bytes().to_vec()).collect()
}

/// The first 24 characters after the prefix.
pub(super) fn stripe(found: &Found<'_>) -> Vec<Vec<u8>> {
    match found.secret.get(..32) {
        Some(text) if text.starts_with(b"sk_live_") || text.starts_with(b"rk_live_") => {
            vec![text.to_vec()]
        }
        _ => Vec::new(),
    }
}

/// What stands before and after the value on its line.
fn around<'a>(found: &Found<'a>) -> Option<(&'a [u8], &'a [u8])> {
    if found.secret.is_empty() {
        return None;
    }
    let at = found.context.find(found.secret)?;
    let before = &found.context[..at];
    let before = &before[before.rfind_byteset(b"\r\n").map_or(0, |at| at + 1)..];
    let after = &found.context[at + found.secret.len()..];
    let after = &after[..after.find_byteset(b"\r\n").unwrap_or(after.len())];
    let before = &before[before.len().saturating_sub(REACH)..];
    Some((before, &after[..after.len().min(REACH)]))
}

/// The text between the quotes that the value stands in, or would stand in after rewriting.
pub(super) fn quoted<'a>(found: &Found<'a>) -> Option<&'a [u8]> {
    let (before, after) = around(found)?;
    if let Some(open) = before.rfind_byteset(b"\"'`")
        && let Some(close) = after.find_byte(before[open])
    {
        return widened(found, before.len() - open - 1, close);
    }
    if !rewritten(found.path) {
        return None;
    }
    let mark = before.rfind(": ").map(|at| at + 2);
    let start = mark.or_else(|| Some(before.find_byte(b'=')? + 1))?;
    let left = before[start..].trim_ascii_start().len();
    widened(found, left, after.trim_ascii_end().len())
}

/// The value with `left` bytes before it and `right` bytes after it.
fn widened<'a>(found: &Found<'a>, left: usize, right: usize) -> Option<&'a [u8]> {
    let at = found.context.find(found.secret)?;
    let end = at + found.secret.len() + right;
    found.context.get(at.checked_sub(left)?..end)
}

/// The stretches of the line that hold the value and may count as one, the value itself first.
pub(super) fn stretches<'a>(found: &Found<'a>) -> Vec<&'a [u8]> {
    const ENDS: &[u8] = b"\"'` \t,;()[]{}<>";
    let mut out = vec![found.secret];
    let Some((before, after)) = around(found) else {
        return out;
    };
    let word = after.find_byteset(ENDS).unwrap_or(after.len());
    let string = after.find_byteset(b"\"'`").unwrap_or(after.len());
    let blank =
        before.rfind_byteset(b"\"'` \t=:,;([{<").map_or(before.len(), |at| before.len() - at - 1);
    let assigned = [": ", "= ", "="].iter().filter_map(|mark| {
        let at = before.rfind(mark)?;
        Some(before.len() - at - mark.len())
    });
    let rest = after.trim_ascii_end().len();
    let mut sides = vec![(0, word), (0, string), (blank, 0), (blank, word)];
    sides.extend(assigned.flat_map(|left| [(left, word), (left, rest)]));
    out.extend(quoted(found));
    out.extend(sides.into_iter().filter_map(|(l, r)| widened(found, l, r)));
    out.sort_unstable();
    out.dedup();
    out
}

/// A value that holds a quote: up to the quote, and the backslash that stands before it, or that is put there when YAML
/// and INI are read.
pub(super) fn cut_at_quote(found: &Found<'_>) -> Option<Vec<u8>> {
    let text = match found.secret.find_byteset(b"\"'") {
        Some(at) => found.secret[..at].strip_suffix(b"\\").unwrap_or(&found.secret[..at]),
        None if around(found)?.1.starts_with(b"\"") => found.secret,
        None => return None,
    };
    (!text.is_empty()).then(|| [text, b"\\"].concat())
}

/// Whether unquoted values of a file count as quoted: YAML, and what reads as INI.
fn rewritten(path: &[u8]) -> bool {
    const ENDS: [&str; 7] = [".yaml", ".yml", ".eyaml", ".ini", ".cfg", ".properties", ".env"];
    ENDS.iter().any(|end| path.ends_with(end.as_bytes()))
}

/// Whether the value is assigned to a name that counts as a secret's.
pub(super) fn named(found: &Found<'_>) -> bool {
    const STEMS: [&str; 8] =
        ["passwd", "password", "pwd", "secret", "contrase", "dbpass", "databasepass", "keypass"];
    const OWNERS: [&str; 9] =
        ["api", "auth", "service", "account", "db", "database", "priv", "private", "client"];
    let Some((before, _)) = around(found) else {
        return false;
    };
    let name = before.to_ascii_lowercase().replace("_", "");
    STEMS.iter().any(|stem| name.contains_str(stem))
        || OWNERS.iter().any(|owner| name.contains_str(format!("{owner}key")))
}

/// Shannon entropy in bits per byte.
pub(super) fn shannon(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in text {
        counts[usize::from(byte)] += 1;
    }
    let total = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    let used = counts.iter().filter(|&&count| count > 0);
    used.map(|&count| f64::from(count) / total).map(|p| -p * p.log2()).sum()
}

/// Shannon entropy, less for strings of digits only, which are often plain numbers.
pub(super) fn hex_entropy(text: &[u8]) -> f64 {
    let bits = shannon(text);
    if text.len() > 1 && text.iter().all(u8::is_ascii_digit) {
        let len = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
        bits - 1.2 / len.log2()
    } else {
        bits
    }
}
