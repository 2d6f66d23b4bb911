//! Backslash escapes, as in string literals and JSON.
//!
//! In: a view. Out: its stretches with several `\x67`, `\u0067`, `\U00000067`, `\u{67}`, `\147`, `\"`, `\/`, `\n`
//! … close together on one line, decoded: JSON inside JSON, URLs as PHP writes them, strings that
//! someone hid.

use super::marks::Sign;
use super::notation::{self, Escape, Notation};
use super::{Found, View, hex};

const BACKSLASH: Notation = Notation::on_a_line(b'\\', read);

/// Finds and decodes backslash-escaped stretches.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let starts = view.marks().of(Sign::Escape);
    notation::find(&BACKSLASH, starts, view, found);
}

fn read(text: &[u8]) -> Option<Escape> {
    match *text {
        // No weight: Windows paths and regexes are full of them.
        [_, b'\\', ..] => Some(Escape::byte(b'\\', 2, 0)),
        [_, b'n', ..] => Some(Escape::byte(b'\n', 2, 1)),
        [_, b'r', ..] => Some(Escape::byte(b'\r', 2, 1)),
        [_, b't', ..] => Some(Escape::byte(b'\t', 2, 1)),
        [_, same @ (b'"' | b'\'' | b'/'), ..] => Some(Escape::byte(same, 2, 1)),
        [_, b'x', high, low, ..] if hex::only(&[high, low]) => {
            let byte = hex::byte([high, low]);
            Some(Escape::byte(byte, 4, notation::weight(byte.into(), &text[4..])))
        }
        [_, b'x' | b'u', b'{', ref rest @ ..] => braced(rest),
        [_, b'u', ref rest @ ..] => utf16(rest),
        [_, b'U', ref rest @ ..] => {
            let digits = rest.first_chunk::<8>().filter(|digits| hex::only(*digits))?;
            Some(scalar(number(digits), 10, &rest[8..]))
        }
        [_, b'0'..=b'7', ..] => octal(&text[1..]),
        _ => None,
    }
}

/// Reads the digits of `\147`, of `\60`, and of `\0147`, which shells write.
fn octal(digits: &[u8]) -> Option<Escape> {
    let count = digits.iter().take(4).take_while(|b| matches!(b, b'0'..=b'7')).count();
    let value =
        |count: usize| digits[..count].iter().fold(0u32, |sum, b| sum << 3 | u32::from(b - b'0'));
    let printable = |count: usize| matches!(value(count), 0x20..=0x7e);
    let count = match count {
        4 if digits[0] == b'0' && printable(4) => 4,
        3 | 4 if digits[0] <= b'3' => 3,
        2.. if printable(2) => 2,
        _ => return None,
    };
    let byte = u8::try_from(value(count)).ok()?;
    // `\20` is more often the place of a group in a regex.
    let weight = if count == 2 { 1 } else { notation::weight(byte.into(), &digits[count..]) };
    Some(Escape::byte(byte, 1 + count, weight))
}

/// Reads the digits and the brace of `\u{67}`.
fn braced(rest: &[u8]) -> Option<Escape> {
    let end = rest.iter().take(7).position(|&b| b == b'}')?;
    let digits = &rest[..end];
    if digits.is_empty() || !hex::only(digits) {
        return None;
    }
    Some(scalar(number(digits), 4 + end, &rest[end + 1..]))
}

/// The character of this number, written in `length` bytes that `rest` follows.
fn scalar(number: u32, length: usize, rest: &[u8]) -> Escape {
    let char = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
    Escape::char(char, length, notation::weight(char, rest))
}

/// Reads the digits of `\u0067`, and the second half of a surrogate pair.
fn utf16(rest: &[u8]) -> Option<Escape> {
    let first = unit(rest)?;
    if let Some(char) = char::from_u32(first) {
        return Some(scalar(char.into(), 6, &rest[4..]));
    }
    let second = rest[4..].strip_prefix(br"\u").and_then(unit);
    Some(match second {
        Some(second @ 0xdc00..=0xdfff) if first < 0xdc00 => {
            let scalar = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            let char = char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER);
            Escape::char(char, 12, 1)
        }
        _ => Escape::char(char::REPLACEMENT_CHARACTER, 6, 1),
    })
}

/// Reads four hex digits.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.first_chunk::<4>()?;
    hex::only(digits).then(|| number(digits))
}

/// The number that up to eight hex digits stand for.
fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, &d| sum << 4 | u32::from(hex::byte([b'0', d])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Chunk;

    fn decoded(text: &str) -> Vec<String> {
        let chunk = Chunk::whole(text.as_bytes());
        let mut found = Found::new(1 << 20);
        find(&View::new(&chunk), &mut found);
        found.list.iter().map(|d| String::from_utf8_lossy(&d.bytes).into()).collect()
    }

    #[test]
    fn json_in_json_is_read() {
        let text = r#"{"body": "{\"password\": \"x\\y\"}"}"#;
        assert_eq!(decoded(text), [r#"{"body": "{"password": "x\y"}"}"#]);
    }

    #[test]
    fn urls_with_escaped_slashes_are_read() {
        let text = "before\n\"https:\\/\\/host\\/path\\/end\"\nafter";
        assert_eq!(decoded(text), ["\"https://host/path/end\""]);
    }

    #[test]
    fn surrogates_become_characters() {
        let text = r"\u006b\ud83d\udd11\ud83d\u006b\u{6b}\u{110000}";
        assert_eq!(decoded(text), ["k🔑\u{fffd}kk\u{fffd}"]);
    }

    #[test]
    fn a_few_escapes_are_not_worth_it() {
        assert!(decoded(r#"printf("%d\t%s\n");"#).is_empty());
        assert!(decoded(r"C:\\Users\\me\\files\\more\\things").is_empty());
        assert!(decoded("\"a\\n\"\n\"b\\n\"\n\"c\\n\"\n\"d\\n\"\n\"e\\n\"").is_empty());
        assert!(decoded(r"\d+\.\d+\.\d+\s\w\q\x\u\u{}\u{1234567}\9").is_empty());
    }

    #[test]
    fn distant_escapes_do_not_add_up() {
        let far = format!("\\n{}", "x".repeat(300)).repeat(8);
        assert!(decoded(&far).is_empty());
    }
}
