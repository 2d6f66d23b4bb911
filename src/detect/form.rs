//! What a credential looks like, in words.
//!
//! In: a rule's pattern. Out: a phrase such as "`ghp_`, then 36 letters or digits", made from the parsed pattern, so
//! that it says what the rule does. Patterns that no phrase makes clearer give none.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind, Repetition};

/// A longer phrase is harder to read than the pattern.
const LONGEST: usize = 200;

/// A set of bytes that has a name.
struct Named {
    ranges: &'static [(u8, u8)],
    one: &'static str,
    many: &'static str,
}

const fn named(ranges: &'static [(u8, u8)], one: &'static str, many: &'static str) -> Named {
    Named { ranges, one, many }
}

/// The sets, the widest first.
const SETS: &[Named] = &[
    named(&[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')], "letter or digit", "letters or digits"),
    named(&[(b'A', b'Z'), (b'a', b'z')], "letter", "letters"),
    named(
        &[(b'0', b'9'), (b'a', b'z')],
        "lower-case letter or digit",
        "lower-case letters or digits",
    ),
    named(
        &[(b'0', b'9'), (b'A', b'Z')],
        "upper-case letter or digit",
        "upper-case letters or digits",
    ),
    named(&[(b'2', b'7'), (b'A', b'Z')], "base32 digit", "base32 digits"),
    named(&[(b'a', b'z')], "lower-case letter", "lower-case letters"),
    named(&[(b'A', b'Z')], "upper-case letter", "upper-case letters"),
    named(&[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')], "hex digit", "hex digits"),
    named(&[(b'0', b'9'), (b'a', b'f')], "lower-case hex digit", "lower-case hex digits"),
    named(&[(b'0', b'9'), (b'A', b'F')], "upper-case hex digit", "upper-case hex digits"),
    named(&[(b'0', b'9')], "digit", "digits"),
];

/// What the group `secret` of a pattern matches.
#[must_use]
pub fn words(pattern: &str) -> Option<String> {
    let tree = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).ok()?;
    let phrase = uuids(phrase(secret(&tree)?)?);
    (!phrase.is_empty() && phrase.len() <= LONGEST).then_some(phrase)
}

/// A phrase that calls what has the form of a UUID by its name.
fn uuids(mut phrase: String) -> String {
    for case in ["", "lower-case ", "upper-case "] {
        let groups = [8, 4, 4, 4, 12].map(|length| format!("{length} {case}hex digits"));
        let joined = groups.join(", then `-`, then ");
        let repeated = format!(
            "{}, then 3 times (`-`, then {}), then `-`, then {}",
            groups[0], groups[1], groups[4]
        );
        let name = counted(&format!("{case}UUID")).replace("an UUID", "a UUID");
        phrase = phrase.replace(&joined, &name).replace(&repeated, &name);
    }
    phrase
}

/// The group `secret`, wherever it stands.
fn secret(tree: &Hir) -> Option<&Hir> {
    let mut waiting = vec![tree];
    while let Some(part) = waiting.pop() {
        match part.kind() {
            HirKind::Capture(group) if group.name.as_deref() == Some("secret") => {
                return Some(&group.sub);
            }
            HirKind::Capture(group) => waiting.push(&group.sub),
            HirKind::Repetition(repeated) => waiting.push(&repeated.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => waiting.extend(parts),
            _ => {}
        }
    }
    None
}

/// A part of a pattern in words. The parser bounds how deep parts nest.
fn phrase(part: &Hir) -> Option<String> {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(String::new()),
        HirKind::Literal(literal) => literal_text(&literal.0),
        HirKind::Class(class) => set(class).map(|(one, _)| counted(&one)),
        HirKind::Capture(group) => phrase(&group.sub),
        HirKind::Repetition(repeated) => repetition(repeated),
        HirKind::Concat(parts) => {
            let mut phrases = parts.iter().map(phrase).collect::<Option<Vec<_>>>()?;
            phrases.retain(|phrase| !phrase.is_empty());
            Some(phrases.join(", then "))
        }
        HirKind::Alternation(parts) => {
            let phrases = parts.iter().map(phrase).collect::<Option<Vec<_>>>()?;
            let nested = phrases.iter().any(|phrase| phrase.contains(", then "));
            let joint = if nested { "; or " } else { " or " };
            // A choice within a sequence cannot be told from one around it.
            (!nested || phrases.len() < 5).then(|| phrases.join(joint))
        }
    }
}

fn literal_text(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    if text.contains('`') {
        return None;
    }
    Some(format!("`{}`", text.escape_debug()))
}

/// "36 digits", "20 to 40 letters", "perhaps `=`".
fn repetition(repeated: &Repetition) -> Option<String> {
    let many = if let HirKind::Class(class) = repeated.sub.kind() {
        set(class)?.1
    } else {
        let inner = phrase(&repeated.sub)?;
        if inner.contains(", then ") {
            format!("times ({inner})")
        } else {
            format!("times {inner}")
        }
    };
    Some(match (repeated.min, repeated.max) {
        (0, Some(1)) => format!("perhaps {}", phrase(&repeated.sub)?),
        (1, Some(1)) => phrase(&repeated.sub)?,
        (least, Some(most)) if least == most => format!("{least} {many}"),
        (0, Some(most)) => format!("up to {most} {many}"),
        (least, Some(most)) => format!("{least} to {most} {many}"),
        (least, None) => format!("{least} or more {many}"),
    })
}

/// A noun with its article.
fn counted(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// What a set of bytes is called, as one and as many.
fn set(class: &Class) -> Option<(String, String)> {
    let bytes = match class {
        Class::Bytes(bytes) => bytes.clone(),
        Class::Unicode(unicode) => unicode.to_byte_class()?,
    };
    if count(&bytes) > 128 {
        let mut others = bytes;
        others.negate();
        let listed = marks(&others)?;
        let (one, many) = ("character", "characters");
        return Some((format!("{one} other than {listed}"), format!("{many} other than {listed}")));
    }
    let holds = |ranges: &[(u8, u8)]| {
        ranges.iter().all(|&(first, last)| {
            bytes.ranges().iter().any(|r| r.start() <= first && last <= r.end())
        })
    };
    let Some(Named { ranges, one, many }) = SETS.iter().find(|named| holds(named.ranges)) else {
        let listed = marks(&bytes)?;
        return Some((format!("one of {listed}"), format!("of {listed}")));
    };
    let named = ClassBytes::new(
        ranges.iter().map(|&(first, last)| regex_syntax::hir::ClassBytesRange::new(first, last)),
    );
    let mut rest = bytes;
    rest.difference(&named);
    if rest.ranges().is_empty() {
        return Some(((*one).to_owned(), (*many).to_owned()));
    }
    let listed = marks(&rest)?;
    let (one, many) = (one.replace(" or ", ", "), many.replace(" or ", ", "));
    Some((format!("{one} or one of {listed}"), format!("{many} or {listed}")))
}

fn count(bytes: &ClassBytes) -> usize {
    bytes.ranges().iter().map(|r| usize::from(r.end() - r.start()) + 1).sum()
}

/// The bytes of a small set, written out.
fn marks(bytes: &ClassBytes) -> Option<String> {
    const MOST: usize = 16;
    if count(bytes) > MOST || bytes.ranges().iter().any(|r| r.end() > 0x7E) {
        return None;
    }
    let listed: String = bytes
        .ranges()
        .iter()
        .flat_map(|r| r.start()..=r.end())
        .map(|byte| match byte {
            b' ' => "␠".to_owned(),
            b'`' => "'backtick'".to_owned(),
            other => char::from(other).escape_debug().to_string(),
        })
        .collect();
    Some(format!("`{listed}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_in_words() {
        for (pattern, told) in [
            ("(?<secret>acme_[0-9A-Za-z]{36,251})", "`acme_`, then 36 to 251 letters or digits"),
            ("x(?<secret>[0-9a-f]{32})y", "32 lower-case hex digits"),
            ("(?<secret>[0-9A-Za-z_-]{20,})", "20 or more letters, digits or `-_`"),
            ("(?<secret>[a-z]-?[0-9])", "a lower-case letter, then perhaps `-`, then a digit"),
            ("(?<secret>(?:ab|cd)[A-Z2-7]{5})", "`ab` or `cd`, then 5 base32 digits"),
            ("(?<secret>[^\"]{4,9})", "4 to 9 characters other than `\\\"`"),
            (
                "(?<secret>x[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
                "`x`, then a lower-case UUID",
            ),
            (
                "(?<secret>(?:[0-9a-f]{4}-){3}end)",
                "3 times (4 lower-case hex digits, then `-`), then `end`",
            ),
        ] {
            assert_eq!(words(pattern).as_deref(), Some(told), "{pattern}");
        }
        assert_eq!(words("(?<secret>[\\x80-\\xff]{3})"), None);
        assert_eq!(words("no group"), None);
    }
}
