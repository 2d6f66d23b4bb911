//! Literals that a program joins to one text: `"abc" + "def"`, `'a' . 'b'`, `"a" & "b"`, `("abc"⏎ "def")`, and
//! `x = "abc"; x += "def"`.
//!
//! In: a view. Out: each text that is made of two literals or more, written as one, with the plain text before it:
//! the name that it is given to stands there. What stands next to a joint has no blank, as no credential has, so that
//! the messages of a program cost nothing. The first literal may begin with other words (`"Bearer abc" + "def"`), and
//! the last one may go on with some: then what is joined must be long.

use super::map::Draft;
use super::marks::Sign;
use super::{Found, View};
use crate::text::Span;

/// Bytes of plain text that are taken in before the first literal.
const BEFORE: usize = 160;
/// The same behind the last one.
const BEHIND: usize = 64;
/// Longest literal, and most bytes between two.
const REACH: usize = 256;
/// Literals for which there is room at first.
const FEW: usize = 16;
/// Longest text that is put together: what goes on is the next one.
const LONGEST: usize = 4096;
/// Shortest text: nothing shorter is a credential.
const SHORTEST: usize = 8;
/// The same where other words stand in its literals.
const SHORTEST_WORD: usize = 16;

/// What joins two literals, the longest first.
const OPERATORS: &[&[u8]] = &[b"||", b"++", b"<>", b"..", b"+", b".", b"&", b"~", b"^", b"\\", b""];

/// Bytes from a quote on that tell whether a literal is joined to the one it closes.
pub const JOINT: usize = 2 * REACH + 4;
/// Bytes before a quote that tell whether it closes a literal.
pub const LITERAL: usize = REACH + 1;

/// The quotes in `part` of a text that close a literal to which one may be joined.
pub(super) fn joints(text: &[u8], part: Span) -> impl Iterator<Item = usize> + '_ {
    let quotes = memchr::memchr2_iter(b'"', b'\'', &text[part.range()]);
    quotes.map(move |quote| part.start + quote).filter(|quote| joins(text, *quote))
}

/// All of a text's.
pub(super) fn all<'v>(view: &'v View<'_>) -> impl Iterator<Item = usize> + 'v {
    view.marks().of(Sign::Joint)
}

/// Finds the texts that are made of several literals.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    join_at(all(view), view, found);
}

/// The same, where all [`joints`] are known.
pub(super) fn join_at(joints: impl Iterator<Item = usize>, view: &View<'_>, found: &mut Found) {
    let text = view.text();
    let mut done = 0;
    for at in joints {
        if at < done {
            continue;
        }
        let Some(next) = next(text, at) else { continue };
        let Some(first) = ending(text, at, done).filter(|first| may_join(text, first, &next))
        else {
            continue;
        };
        let parts = parts(text, first.span, next);
        let length: usize = parts.iter().map(|part| part.len()).sum();
        done = parts.last().map_or(at, |last| last.end) + 1;
        let whole = first.whole && quoted(text, done - 1);
        if parts.len() > 1 && length >= if whole { SHORTEST } else { SHORTEST_WORD } {
            join(view, &parts, found);
        }
    }
}

/// What stands before a joint.
struct First {
    /// The last word of the literal.
    span: Span,
    /// The literal is this word alone.
    whole: bool,
}

/// A literal that follows another one.
struct Next {
    /// Its first word. Where a quote is behind it, it is the whole inside.
    part: Span,
    /// An operator stands between the two, or a line's end.
    told: bool,
    /// Nothing stands between the two.
    bare: bool,
}

/// Whether a byte may follow the quote that closes a literal, where another one is joined to it.
const fn follows(byte: u8) -> bool {
    is_operator(byte) || matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';')
}

/// Whether an operator, or another literal, may begin with a byte.
const fn is_operator(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'+' | b'.' | b'&' | b'|' | b'~' | b'^' | b'<' | b'\\')
}

/// Whether the quote at `at` closes a literal to which one may be joined. What takes the fewest looks comes first: most
/// quotes follow a blank or open a literal, close one that ends in `\n`, or stand before a bracket or a word.
pub(super) fn joins(text: &[u8], at: usize) -> bool {
    at > 1
        && is_part(text[at - 1], text[at])
        && text[at - 2] != b'\\'
        && text.get(at + 1).is_some_and(|next| follows(*next))
        && may_go_on(&text[at + 1..text.len().min(at + 1 + REACH)])
        && ending(text, at, 0).is_some()
        && next(text, at).is_some()
}

/// Whether an operator, a literal, a comment or a name in a line of its own may follow a literal: what [`next`] looks at.
fn may_go_on(rest: &[u8]) -> bool {
    let at = behind_blanks(rest, 0);
    match rest.get(at) {
        Some(b'b' | b'r' | b'u' | b'f' | b'@' | b'L') if quoted(rest, at + 1) => true,
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$') => {
            rest[..at].contains(&b'\n') && may_give(rest, at)
        }
        Some(b';') => may_give(rest, behind_blanks(rest, at + 1)),
        Some(byte) => is_operator(*byte) || matches!(byte, b'/' | b'#'),
        None => false,
    }
}

/// Whether a name at `at` may be given more: what [`more`] looks at. A comment may stand before the operator.
fn may_give(rest: &[u8], at: usize) -> bool {
    let at = behind_blanks(rest, at + name(&rest[at..]));
    matches!(rest.get(at..), Some([b'/' | b'#', ..] | [b'+' | b'.', b'=', ..]))
}

/// Where the blanks end that stand at `at`.
fn behind_blanks(rest: &[u8], at: usize) -> usize {
    let blanks = rest[at..].iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'));
    at + blanks.count()
}

/// Length of the name that a text begins with.
fn name(rest: &[u8]) -> usize {
    let part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'.');
    rest.iter().take(64).take_while(part).count()
}

/// The literal that is joined to the one that closes at `close`.
fn next(text: &[u8], close: usize) -> Option<Next> {
    let quote = text[close];
    let rest = &text[close + 1..text.len().min(close + 1 + REACH)];
    if !follows(*rest.first()?) {
        return None;
    }
    let mut at = blank(rest, 0);
    let operator = match rest.get(at)? {
        // Two literals in a row, or a name that is given more.
        b'"' | b'\'' | b'`' => b"",
        b'b' | b'r' | b'u' | b'f' | b'@' | b'L' if quoted(rest, at + 1) => b"",
        b';' => return more(text, close, blank(rest, at + 1)),
        b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => {
            let ended = rest[..at].contains(&b'\n');
            return ended.then(|| more(text, close, at)).flatten();
        }
        _ => *OPERATORS.iter().find(|operator| rest[at..].starts_with(operator))?,
    };
    at += operator.len();
    at = blank(rest, at);
    if rest[at..].starts_with(b"_\n") || rest[at..].starts_with(b"_\r") {
        // Basic goes on in the next line.
        at = blank(rest, at + 1);
    }
    let prefixed = matches!(rest.get(at), Some(b'b' | b'r' | b'u' | b'f' | b'@' | b'L'));
    at += usize::from(prefixed && quoted(rest, at + 1));
    let other = *rest.get(at).filter(|_| quoted(rest, at))?;
    let told = !operator.is_empty() || memchr::memchr(b'\n', &rest[..at]).is_some();
    // Without an operator, only shells join literals of two kinds, and only without a blank.
    if operator.is_empty() && other != quote && (at > 0 || other == b'`') {
        return None;
    }
    let start = close + 1 + at + 1;
    Some(Next { part: opening(text, start, other)?, told, bare: at == 0 })
}

/// Whether a quote stands at `at`.
fn quoted(rest: &[u8], at: usize) -> bool {
    matches!(rest.get(at), Some(b'"' | b'\'' | b'`'))
}

/// Where the blanks and comments end that stand at `at`.
fn blank(rest: &[u8], mut at: usize) -> usize {
    loop {
        at = behind_blanks(rest, at);
        let comment = &rest[at..];
        let length = match comment {
            [b'/', b'*', ..] => memchr::memmem::find(comment, b"*/").map(|end| end + 2),
            [b'/', b'/', ..] | [b'#', ..] => memchr::memchr(b'\n', comment),
            _ => None,
        };
        match length {
            Some(length) => at += length,
            None => return at,
        }
    }
}

/// The literal that the name `at` bytes behind the quote is given more with: `x = "abc"`, then `x += "def"` or
/// `x .= "def"`.
fn more(text: &[u8], close: usize, at: usize) -> Option<Next> {
    let rest = &text[close + 1..text.len().min(close + 1 + REACH)];
    let at = blank(rest, at + name(&rest[at..]));
    let operator = rest.get(at..at + 2)?;
    if operator != b"+=" && operator != b".=" {
        return None;
    }
    let at = blank(rest, at + 2);
    let quote = *rest.get(at).filter(|_| quoted(rest, at))?;
    let start = close + 1 + at + 1;
    Some(Next { part: opening(text, start, quote)?, told: true, bare: false })
}

/// Where the literal ends whose inside starts at `start`.
pub(super) fn literal(text: &[u8], start: usize, quote: u8) -> Option<usize> {
    let end = opening(text, start, quote)?.end;
    (text[end] == quote).then_some(end)
}

/// The first word of the literal whose inside starts at `start`.
fn opening(text: &[u8], start: usize, quote: u8) -> Option<Span> {
    let inside = text[start..].iter().take(REACH).take_while(|b| is_part(**b, quote)).count();
    let end = start + inside;
    let behind = *text.get(end)?;
    let ended = behind == quote || inside > 0 && matches!(behind, b' ' | b'\\');
    ended.then_some(Span::new(start, end))
}

/// The last word of the literal that closes at `close`; it starts at `floor` or later.
fn ending(text: &[u8], close: usize, floor: usize) -> Option<First> {
    let quote = text[close];
    let from = floor.max(close.saturating_sub(REACH + 1));
    let inside = text[from..close].iter().rev().take_while(|b| is_part(**b, quote)).count();
    let start = close - inside;
    let before = *text[from..start].last()?;
    let whole = before == quote;
    (inside > 0 && (whole || before == b' '))
        .then_some(First { span: Span::new(start, close), whole })
}

/// Whether a byte may be a part of a credential in a literal of these quotes.
const fn is_part(byte: u8, quote: u8) -> bool {
    byte != quote && byte != b'\\' && byte > b' ' && byte != 0x7f
}

/// Whether two literals are one text. With blanks alone between them they may be two arguments of a command,
/// unless the first one is what a name is given.
fn may_join(text: &[u8], first: &First, next: &Next) -> bool {
    if !first.whole {
        return next.told;
    }
    let before = &text[..first.span.start - 1];
    let given = |before: &[u8]| [&b"= "[..], b"=("].iter().any(|joint| before.ends_with(joint));
    let (last, front) = before.split_last().unwrap_or((&0, b""));
    let prefixed = matches!(last, b'b' | b'r' | b'u' | b'f' | b'@' | b'L') && given(front);
    // A call with one argument; what is short may be a list of Lisp.
    let called = *last == b'(' && first.span.len() + next.part.len() >= SHORTEST_WORD;
    next.told || next.bare && *last == b'=' || given(before) || prefixed || called
}

/// The insides of all literals of a text.
fn parts(text: &[u8], first: Span, next_one: Next) -> Vec<Span> {
    let mut parts = Vec::with_capacity(FEW);
    parts.push(first);
    let mut length = first.len();
    let mut following = Some(next_one);
    while let Some(one) = following {
        length += one.part.len();
        if length > LONGEST {
            break;
        }
        following = if quoted(text, one.part.end) { next(text, one.part.end) } else { None };
        parts.push(one.part);
    }
    parts
}

/// Writes literals as one.
pub(super) fn join(view: &View<'_>, parts: &[Span], found: &mut Found) {
    let text = view.text();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return };
    let stretch = Span::new(
        behind_cut(text, first.start.saturating_sub(BEFORE), first.start),
        before_cut(text, last.end, text.len().min(last.end + BEHIND)),
    );
    if !view.owns(stretch) {
        return;
    }
    let length = stretch.len();
    if found.allow(length) < length {
        return;
    }
    let mut draft = Draft::of(length);
    draft.copy(text, stretch.start..first.end);
    for part in &parts[1..] {
        draft.copy(text, part.range());
    }
    // The quote that closed the first one closes them all.
    let mut rest = last.end;
    if quoted(&text[..stretch.end], rest) {
        draft.units(rest, (1, 1)).push(text[first.end]);
        rest += 1;
    }
    draft.copy(text, rest..stretch.end);
    found.push(draft, stretch);
}

/// Where whole words begin in `from..to`: one that a border cuts would be another one.
fn behind_cut(text: &[u8], from: usize, to: usize) -> usize {
    let blank = text[from..to].iter().position(u8::is_ascii_whitespace);
    if from == 0 { 0 } else { from + blank.unwrap_or((to - from).saturating_sub(1)) }
}

/// Where whole words end in `from..to`.
fn before_cut(text: &[u8], from: usize, to: usize) -> usize {
    let blank = text[from..to].iter().rposition(u8::is_ascii_whitespace);
    if to == text.len() { to } else { blank.map_or(to, |blank| from + blank) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Chunk;

    fn joined(text: &str) -> Vec<String> {
        let chunk = Chunk::whole(text.as_bytes());
        let mut found = Found::new(1 << 20);
        find(&View::new(&chunk), &mut found);
        let list = found.list.into_iter();
        list.map(|decoded| String::from_utf8(decoded.bytes).expect("ASCII")).collect()
    }

    #[test]
    fn literals_that_are_joined_are_one() {
        for text in [
            "x = \"abcd\" + \"efgh\";",
            "x = \"abcd\" . \"ef\" . \"gh\";",
            "x = \"abcd\" & _\n  \"efgh\";",
            "x = \"abcd\" \"efgh\";",
            "x = \"abcd\"\n    \"efgh\";",
            "x = \"abcd\" \\\n    \"efgh\";",
            "x = \"abcd\" ||\n    \"efgh\";",
            "x = \"abcd\" + b\"efgh\";",
            "x = \"abcd\" + 'efgh';",
            "x = \"abcd\"'efgh';",
            "x = \"abcd\" + `efgh`;",
            "x = \"abcd\" + /* and */ \"efgh\";",
            "x = \"abcd\" # and\n  \"efgh\";",
            "x = \"abcd\";\nx += \"efgh\";",
            "x = \"abcd\"\nx .= 'efgh';",
        ] {
            assert_eq!(joined(text), ["x = \"abcdefgh\";"], "{text}");
        }
        assert_eq!(joined("x = (\n  'abcd'\n  'efgh'\n)"), ["x = (\n  'abcdefgh'\n)"]);
    }

    #[test]
    fn a_long_word_is_joined_in_literals_of_several() {
        for (text, whole) in [
            ("x = \"A b0123456\" + \"789abcdef\";", "x = \"A b0123456789abcdef\";"),
            ("x = \"A \" + \"b0123456\" + \"789abcdef\";", "x = \"A \" + \"b0123456789abcdef\";"),
            ("x = \"01234567\" + \"89abcdef is\";", "x = \"0123456789abcdef is\";"),
            ("x = \"01234567\" + '89abcdef\\n';", "x = \"0123456789abcdef\\n';"),
            ("f(\"01234567\" \"89abcdef\");", "f(\"0123456789abcdef\");"),
            ("x = (\"A 01234567\"\n\"89abcdef\");", "x = (\"A 0123456789abcdef\");"),
            ("x = \"A 01234\" + \"5678\" + \"9abcdef is\";", "x = \"A 0123456789abcdef is\";"),
        ] {
            assert_eq!(joined(text), [whole], "{text}");
        }
    }

    #[test]
    fn no_word_is_cut() {
        let text =
            format!("{} x = \"abcd\" + \"efgh\"; {}", "wordy ".repeat(40), "wordy ".repeat(40));
        let whole = &joined(&text)[0];
        assert!(
            whole.split_whitespace().filter(|word| word.contains('w')).all(|word| word == "wordy"),
            "{whole}"
        );
    }

    #[test]
    fn literals_that_stand_apart_are_not() {
        for text in [
            "f(\"abcd\", \"efgh\")",
            "run \"abcd\" \"efgh\"",
            "--password=\"abcd\" \"efgh\"",
            "x = \"abcd\" + name + \"efgh\"",
            "x = \"a message \" + \"of words\"",
            "x = \"a message\" + \" of many words, none joined\"",
            "x = \"a message,\" + \"whose words want a blank\"",
            "run \"A 01234567\" \"89abcdef\"",
            "x = \"ab\" + \"cd\"",
            "{\"abcd\": \"efgh\"}",
            "x = 'abcd' \"efgh\"",
            "a 'abcd' `efgh`",
            "x = \"abcd\"\nf(\"efgh\")",
            "x = \"abcd\" y += \"efgh\"",
        ] {
            assert_eq!(joined(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_place_leads_back_to_the_literals() {
        let text = "x = \"abcd\" + \"efgh\";";
        let chunk = Chunk::whole(text.as_bytes());
        let mut found = Found::new(1 << 20);
        find(&View::new(&chunk), &mut found);
        let decoded = &found.list[0];
        let source = decoded.map.source(Span::new(5, 13));
        assert_eq!(&text[source.range()], "abcd\" + \"efgh");
    }

    #[test]
    fn the_budget_bounds_what_is_joined() {
        let text = "'abcd' + 'efgh', ".repeat(1000);
        let chunk = Chunk::whole(text.as_bytes());
        let mut found = Found::new(10_000);
        find(&View::new(&chunk), &mut found);
        assert!((1..100).contains(&found.list.len()), "{}", found.list.len());
    }
}
