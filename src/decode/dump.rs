//! Dumps: `00000010: 7061 7373 776f 7264  password`, as xxd, hexdump, od and Wireshark print them, and plain `70 61 73 73`.
//!
//! In: a view. Out: the bytes that rows of grouped hex digits stand for, where they are text, without the place in
//! front and the characters behind.

use super::map::Draft;
use super::marks::Sign;
use super::readable::readable;
use super::{Found, View, hex, packed};
use crate::text::Span;

/// Bytes that one row must have for it to be a dump: all such rows have marks.
const MIN: usize = 16;
/// Farthest that the first digits of a row stand from its line's start.
const FRONT: usize = 96;
/// Most blanks before the place, and between it and the digits.
const GAP: usize = 8;
/// Memory that a group takes.
const MARK: usize = 64;

/// How the rows of a dump are written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Layout {
    /// A place stands in front.
    placed: bool,
    /// Digits of a group.
    size: usize,
    /// Groups are numbers of two bytes, the lower one first.
    swapped: bool,
}

/// A row: the groups of its digits.
struct Row {
    layout: Layout,
    groups: Vec<Span>,
}

/// Finds and decodes dumps.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for mark in view.marks().of(Sign::Dump) {
        if mark < done {
            continue;
        }
        if let Some(first) = first(text, mark, done) {
            done = first.groups.last().map_or(mark, |group| group.end);
            dump(view, first, found, &mut done);
        }
    }
}

/// The row that the digits at `mark` belong to.
fn first(text: &[u8], mark: usize, floor: usize) -> Option<Row> {
    let from = floor.max(mark.saturating_sub(FRONT));
    let line = memchr::memrchr(b'\n', &text[from..mark]).map_or(from, |end| from + end + 1);
    let placed = row(text, line).filter(|row| row.layout.placed);
    placed.or_else(|| {
        let mut at = mark;
        while at >= from + 3 && pair(text, at - 3) && text[at - 1] == b' ' {
            at -= 3;
        }
        let glued = at > 0 && text[at - 1].is_ascii_alphanumeric();
        groups(text, at, false, false).filter(|_| !glued)
    })
}

/// Whether two digits stand at `at`.
fn pair(text: &[u8], at: usize) -> bool {
    text.get(at..at + 2).is_some_and(hex::only)
}

/// The row that stands on the line at `line`.
fn row(text: &[u8], line: usize) -> Option<Row> {
    let start = blanks(text, line)?;
    let place = digits(text, start);
    let end = start + place;
    let colon = text.get(end) == Some(&b':');
    let data = blanks(text, end + usize::from(colon))?;
    let wide = data - end > 1;
    match place {
        4..=16 if colon || place > 5 || place == 4 && wide => groups(text, data, true, !colon),
        _ => groups(text, start, false, false),
    }
}

/// Where a few blanks end.
fn blanks(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?.iter().take(GAP + 1);
    let count = rest.take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    (count <= GAP).then_some(from + count)
}

/// How many hex digits stand at `from`.
fn digits(text: &[u8], from: usize) -> usize {
    text[from..].iter().take(17).take_while(|byte| byte.is_ascii_hexdigit()).count()
}

/// The groups of a row whose first one stands at `from`.
fn groups(text: &[u8], from: usize, placed: bool, bare: bool) -> Option<Row> {
    let size = digits(text, from);
    if !matches!(size, 2 | 4 | 8) || !placed && size > 4 {
        return None;
    }
    let mut groups = vec![Span::new(from, from + size)];
    let mut at = from + size;
    while text.get(at) == Some(&b' ') {
        // The second half of a row may stand apart; what stands apart else is the row's text.
        let half = size == 2 && groups.len() == 8 && text.get(at + 1) == Some(&b' ');
        let start = at + 1 + usize::from(half);
        let length = digits(text, start.min(text.len()));
        if length == 0 || length > size || !length.is_multiple_of(2) {
            break;
        }
        groups.push(Span::new(start, start + length));
        at = start + length;
    }
    // A word of text that looks like digits.
    if text.get(at).is_some_and(u8::is_ascii_alphanumeric) {
        groups.pop();
    }
    (!groups.is_empty())
        .then_some(Row { layout: Layout { placed, size, swapped: bare && size == 4 }, groups })
}

/// Decodes the dump whose first row is given.
fn dump(view: &View<'_>, first: Row, found: &mut Found, done: &mut usize) {
    let text = view.text();
    let layout = first.layout;
    let start = first.groups[0].start;
    let (mut draft, mut widest, mut next) = (Draft::default(), 0, Some(first));
    'rows: while let Some(row) = next {
        let before = draft.bytes().len();
        for group in &row.groups {
            // Where there is no room left, no later row has any either.
            if found.allow(draft.cost() + MARK) <= draft.cost() {
                break 'rows;
            }
            add(text, *group, layout, &mut draft);
            *done = group.end;
        }
        widest = widest.max(draft.bytes().len() - before);
        let rest = &text[*done..text.len().min(*done + FRONT)];
        let line = memchr::memchr(b'\n', rest).map(|end| *done + end + 1);
        next = line.and_then(|line| row_of(text, line, layout));
    }
    let source = Span::new(start, *done);
    let is_text = readable(draft.bytes()) || packed::begins(draft.bytes());
    if widest >= MIN && is_text && view.owns(source) {
        found.push(draft, source);
    }
}

/// The row on a line, if it is laid out as those before.
fn row_of(text: &[u8], line: usize, layout: Layout) -> Option<Row> {
    row(text, line).filter(|row| row.layout == layout)
}

/// Adds the bytes of a group.
fn add(text: &[u8], group: Span, layout: Layout, draft: &mut Draft) {
    let (pairs, _) = text[group.range()].as_chunks::<2>();
    match *pairs {
        [low, high] if layout.swapped => {
            draft.units(group.start, (2, 4)).extend([hex::byte(high), hex::byte(low)]);
        }
        _ => draft.units(group.start, (1, 2)).extend(pairs.iter().map(|pair| hex::byte(*pair))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Chunk;

    #[test]
    fn what_there_is_no_room_for_is_left_out() {
        let row = |text: &str| {
            format!("{}\n", text.bytes().map(|b| format!("{b:02x} ")).collect::<Vec<_>>().concat())
        };
        let text = row("password = hunter").repeat(3) + "x\n" + &row("another password");
        for room in [0, 1, 64, 65, 80, 200, 2000, 20_000] {
            let mut found = Found::new(room);
            find(&View::new(&Chunk::whole(text.as_bytes())), &mut found);
            let whole = found.list.len() == 2;
            assert_eq!(whole, room == 20_000, "{room}");
            assert!(whole || found.cut, "{room}");
        }
    }
}
