//! Values that stand below or behind their names, in columns.
//!
//! In: a text and a name. Out: the values of its column: of `INSERT INTO … (user, password) VALUES ('bob', '…')`, of a
//! file with separators and a line of names, of a table in Markdown.

use super::join::blanks;
use super::{Form, Given, Joint, bare, literal};
use crate::detect::generic::known::is_sum;
use crate::text::Span;

/// Most rows that are read.
const ROWS: usize = 16;
/// Most columns that are read.
const COLUMNS: usize = 32;
/// Bytes before a name in which its table is looked for.
const BEFORE: usize = 250;
/// Bytes of the line above that are looked at.
const ABOVE: usize = 100;

/// The values of the column called `name`, if it is one.
pub(super) fn column(text: &[u8], name: Span) -> Vec<Given> {
    match text.get(name.end) {
        Some(
            b',' | b')' | b'`' | b'"' | b'\'' | b']' | b' ' | b'|' | b';' | b'\t' | b'\n' | b'\r',
        ) => {}
        _ => return Vec::new(),
    }
    let rows = inserted(text, name).or_else(|| lines(text, name)).unwrap_or_default();
    let beside = || beside(text, name).into_iter().collect();
    let rows = if rows.is_empty() { beside() } else { rows };
    rows.into_iter().map(|(value, form)| (Joint::Sibling, value, form)).collect()
}

/// The values that a query inserts.
fn inserted(text: &[u8], name: Span) -> Option<Vec<(Span, Form)>> {
    let quote = |b: &u8| b"`\"[]'".contains(b);
    let from = name.start.saturating_sub(BEFORE);
    let before = &text[from..name.start];
    let open = memchr::memrchr2(b'(', b')', before).filter(|&at| before[at] == b'(')?;
    let index = memchr::memchr_iter(b',', &before[open..]).count();
    let rest = &text[name.end..];
    let close = rest.iter().take(BEFORE).position(|&b| b == b')')?;
    // Names only, up to where they end.
    let names = |b: &u8| b.is_ascii_alphanumeric() || b"_, \n\r\t".contains(b) || quote(b);
    if !before[open + 1..].iter().all(names) || !rest[..close].iter().all(names) {
        return None;
    }
    let mut at = blank(text, name.end + close + 1);
    if !text.get(at..at + 6)?.eq_ignore_ascii_case(b"values") {
        return None;
    }
    let head = before[..open].to_ascii_lowercase();
    memchr::memmem::rfind(&head, b" into ")?;
    at = blank(text, at + 6);
    let mut found = Vec::new();
    while found.len() < ROWS && text.get(at) == Some(&b'(') {
        let (value, end) = item(text, at + 1, index)?;
        found.extend(value.filter(|(value, _)| !is_sum(&text[value.range()])));
        at = blank(text, end);
        if text.get(at) != Some(&b',') {
            break;
        }
        at = blank(text, at + 1);
    }
    Some(found)
}

/// The literal at place `index` of a row whose first item begins at `at`, and where the row ends.
fn item(text: &[u8], mut at: usize, index: usize) -> Option<(Option<(Span, Form)>, usize)> {
    let mut wanted = None;
    for column in 0..COLUMNS {
        at = blank(text, at);
        let literal = literal::read(text, at);
        let mut depth = 0_usize;
        at = literal.map_or(at, |(value, _)| value.end + 1);
        let rest = &text[at.min(text.len())..];
        let stop = rest.iter().take(BEFORE).position(|&b| {
            match b {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b',' | b')' => return depth == 0,
                _ => {}
            }
            false
        })?;
        if column == index {
            wanted = literal.filter(|_| rest[..stop].trim_ascii().is_empty());
        }
        at += stop + 1;
        if rest[stop] == b')' {
            return Some((wanted, at));
        }
    }
    None
}

fn blank(text: &[u8], at: usize) -> usize {
    let rest = &text[at.min(text.len())..];
    at + rest.iter().take(80).take_while(|b| b.is_ascii_whitespace()).count()
}

/// The values below a name in a line of names.
fn lines(text: &[u8], name: Span) -> Option<Vec<(Span, Form)>> {
    let start = name.start.saturating_sub(BEFORE);
    let start = start + memchr::memrchr(b'\n', &text[start..name.start]).map_or(0, |at| at + 1);
    let head = line(text, start);
    let separator = separator(text, name, head)?;
    if goes_on(text, start, separator) {
        return None;
    }
    let index = memchr::memchr_iter(separator, &text[start..name.start]).count();
    let count = cells(text, head, separator).count();
    if count < 2
        || !cells(text, head, separator)
            .enumerate()
            .all(|(at, cell)| is_name(&text[cell.range()], separator, at + 1 == count))
    {
        return None;
    }
    let mut found = Vec::new();
    let mut next = head.end + 1;
    for row in 0..=ROWS {
        if next >= text.len() {
            break;
        }
        let line = line(text, next);
        next = line.end + 1;
        if cells(text, line, separator).count() != count {
            break;
        }
        let cell = cells(text, line, separator).nth(index)?;
        let rule = separator == b'|' && text[cell.range()].iter().all(|b| b" :-".contains(b));
        match value(text, cell) {
            _ if rule && row == 0 => {}
            // Below the names of a table in Markdown there is a rule.
            _ if separator == b'|' && row == 0 => return None,
            Some(value) => found.push(value),
            None if cell.is_empty() => {}
            None => break,
        }
    }
    Some(found)
}

/// The value behind a name, in a table in Markdown of two columns: `| password | … |`.
fn beside(text: &[u8], name: Span) -> Option<(Span, Form)> {
    let gap = blanks(text, name.end);
    let before = text[name.start.saturating_sub(8)..name.start].trim_ascii_end();
    if text.get(name.end + gap) != Some(&b'|') || !matches!(before, [.., b'\n', b'|'] | [b'|']) {
        return None;
    }
    let start = name.end + gap + 1;
    let cell = line(text, start);
    let end = start + memchr::memchr(b'|', &text[cell.range()])?;
    let last = text[end + 1..cell.end].trim_ascii().is_empty();
    let found = value(text, Span::new(start, end)).filter(|_| last)?;
    bare::telling(&text[found.0.range()]).then_some(found)
}

/// Whether a row stands above the line that begins at `start`, which then is no head.
fn goes_on(text: &[u8], start: usize, separator: u8) -> bool {
    let Some(end) = start.checked_sub(1) else { return false };
    let above = &text[end.saturating_sub(ABOVE)..end];
    let above = &above[memchr::memrchr(b'\n', above).map_or(0, |at| at + 1)..];
    separator == b'\t' && memchr::memchr(separator, above).is_some()
}

/// The line that begins at `start`, without its end.
fn line(text: &[u8], start: usize) -> Span {
    let end = start + memchr::memchr(b'\n', &text[start..]).unwrap_or(text.len() - start);
    Span::new(start, end)
}

/// What parts the cells of a line of names, told by what stands on either side of one.
fn separator(text: &[u8], name: Span, head: Span) -> Option<u8> {
    let mark = |b: &&u8| !b" \"\r".contains(b);
    let before = text[head.start..name.start].iter().rev().find(mark);
    let after = text[name.end..head.end].iter().find(mark);
    [b',', b'\t', b';', b'|'].into_iter().find(|mark| match (before, after) {
        (Some(before), Some(after)) => before == mark && after == mark,
        (Some(one), None) | (None, Some(one)) => one == mark && *mark != b'|',
        (None, None) => false,
    })
}

/// The cells of a line.
fn cells(text: &[u8], line: Span, separator: u8) -> impl Iterator<Item = Span> {
    let mut at = line.start;
    text[line.range()].split(move |&b| b == separator).map(move |cell| {
        let start = at;
        at += cell.len() + 1;
        Span::new(start, start + cell.len())
    })
}

/// Whether a cell holds a column's name; in Markdown the first and last are empty.
fn is_name(cell: &[u8], separator: u8, last: bool) -> bool {
    let cell = cell.strip_suffix(b"\r").unwrap_or(cell);
    let inner = cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\"")).unwrap_or(cell);
    let inner = if separator == b'|' { inner.trim_ascii() } else { inner };
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"_-. /".contains(b) || *b >= 0x80;
    // A number is none, and nor is an empty cell, all of whose bytes are digits.
    (inner.len() <= 40 && inner.iter().all(part))
        && (separator == b'|'
            || !inner.iter().all(u8::is_ascii_digit) && !inner.starts_with(b" ")
            || last && inner.is_empty() && separator == b';')
}

/// The one word of a cell, without quotes.
fn value(text: &[u8], cell: Span) -> Option<(Span, Form)> {
    let inside = &text[cell.range()];
    let lead = inside.len() - inside.trim_ascii_start().len();
    let trimmed = Span::new(cell.start + lead, cell.start + lead + inside.trim_ascii().len());
    let inside = &text[trimmed.range()];
    let quoted = match inside {
        [open @ (b'"' | b'`' | b'\''), .., close] => open == close && inside.len() > 2,
        _ => false,
    };
    let value = if quoted { Span::new(trimmed.start + 1, trimmed.end - 1) } else { trimmed };
    let plain = !text[value.range()].iter().any(|b| b.is_ascii_whitespace() || b"\"`".contains(b));
    (plain && !value.is_empty()).then_some((value, Form { quoted, ..Form::default() }))
}
