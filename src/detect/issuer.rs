//! Who issued a credential that is known by its name alone: a vendor's word near by, and a form that vendor uses.
//!
//! In: a text, and a value that is given to a name such as `api_key`. Out: the rule of the vendor whose word
//! stands in the name, on the same line, or on a line above that this one belongs to (`mistral:` over
//! `api_key: …`, `Mistral(` over `api_key="…"`), provided that the value has the form of its credentials.

use super::bytes::Set;
use super::evidence::Evidence;
use super::generic::{Feature, TOLD, joined, words};
use super::reach::Reach;
use super::rules::RuleSet;
use super::spec::Confidence;
use super::validators::{self, Outcome, Subject};
use super::{Match, UNSURE, entropy, placeholder, vendor};
use crate::text::Span;

/// Bytes of a name that are read.
const NAME: usize = 64;
/// Bytes between a name and its value.
const GAP: usize = 24;
/// Bytes of the line that are read on either side.
const LINE: usize = 160;
/// Bytes above the line that are read.
const ABOVE: usize = 768;
/// Shortest value that is judged by vendor and form alone.
const SHORTEST: usize = 16;
/// Longest value of this kind.
const VALUE: usize = 512;
/// Longest word between a name and its value: `Bearer `.
const SCHEME: usize = 7;

/// Bytes on either side of a value that tell whose it is: its name, their line, the lines above.
pub(super) const AROUND: Reach = Reach { before: SCHEME + GAP + NAME + 2 * ABOVE, after: LINE };
/// Bytes around a hit in a name in which its value is looked for.
pub(super) const VALUE_REACH: Reach =
    Reach { before: SCHEME + GAP + NAME, after: NAME + GAP + VALUE + 2 };

/// The same match, as one of the vendor's rule, if a vendor's word tells whose it is.
pub(super) fn tell(rules: &RuleSet, text: &[u8], secret: Span, found: Match) -> Match {
    // What a generic rule finds has a name that speaks of a credential.
    let named = if let Some(shape) = &found.shape {
        shape.features.get(Feature::NameTail) == 0 && shape.features.get(Feature::NameHead) == 0
    } else {
        let name = words(&text[name_before(text, secret.start).range()]);
        name.is_empty() || vendor::says(&name)
    };
    if !named {
        return found;
    }
    let Some((rule, word, outcome)) = issuer(rules, text, secret) else { return found };
    let mut evidence = vec![Evidence::Keyword(word)];
    let Match { mut confidence, mut score, mut shape, .. } = found;
    if let Outcome::Proven(proof) = outcome {
        (confidence, score) = (Confidence::Certain, 0.99);
        evidence.extend(proof);
    } else if is_identifier(rules, rule) {
        (confidence, score, shape) = (Confidence::Possible, UNSURE, None);
        evidence.extend(found.evidence);
    } else {
        evidence.extend(found.evidence);
        if confidence == Confidence::Possible && formal(rules, rule, text, secret) {
            (confidence, score) = (Confidence::Likely, score.max(TOLD));
            if let Some(shape) = &mut shape {
                shape.told = true;
            }
        }
    }
    Match { rule, confidence, score, evidence, shape, ..found }
}

/// Whether what a rule finds is no secret, but the name of one.
fn is_identifier(rules: &RuleSet, rule: u16) -> bool {
    !rules.rules()[usize::from(rule)].spec().pair.is_empty()
}

/// Whether the name says that it holds a credential, and the value is as random as the vendor's are.
fn formal(rules: &RuleSet, rule: u16, text: &[u8], value: Span) -> bool {
    let bytes = &text[value.range()];
    let spec = rules.rules()[usize::from(rule)].spec();
    bytes.iter().any(u8::is_ascii_digit)
        && placeholder::reason(bytes).is_none()
        && vendor::says(&words(&text[name_before(text, value.start).range()]))
        && (spec.entropy <= 0.0 || entropy::shannon(bytes) >= spec.entropy)
}

/// Whose `value` is, where only a vendor's word and its form tell it to be a credential: an identifier's
/// form, or one of few characters.
pub(super) fn read(rules: &RuleSet, text: &[u8], value: Span) -> Option<(u16, Vec<Evidence>)> {
    let (rule, word, outcome) = issuer(rules, text, value)?;
    if is_identifier(rules, rule) || !formal(rules, rule, text, value) {
        return None;
    }
    let mut evidence = vec![Evidence::Keyword(word)];
    match outcome {
        Outcome::Proven(proof) | Outcome::Unproven(proof) => evidence.extend(proof),
        _ => return None,
    }
    evidence.push(Evidence::Format);
    Some((rule, evidence))
}

/// The rule of the nearest vendor's word whose form the value has.
fn issuer(rules: &RuleSet, text: &[u8], value: Span) -> Option<(u16, String, Outcome)> {
    let index = rules.issuers();
    let fits = |named: Vec<(String, u16)>| {
        named.into_iter().find_map(|(word, number)| {
            let rule = &rules.rules()[usize::from(number)];
            if !rule.has_form(&text[value.range()]) {
                return None;
            }
            let subject = Subject { secret: &text[value.range()], whole: &text[value.range()] };
            let check = rule.spec().validator.as_deref().and_then(validators::by_name);
            match check.map_or(Outcome::Unproven(Vec::new()), |v| (v.check)(&subject)) {
                Outcome::Rejected | Outcome::Example | Outcome::Doubtful(_) => None,
                outcome => Some((number, word, outcome)),
            }
        })
    };
    let name = name_before(text, value.start);
    let begin = line_start(text, name.start, LINE);
    let rest = &text[value.end..text.len().min(value.end + LINE)];
    let rest = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let near = |text: &[u8], own| {
        if !text.iter().any(|b| b.is_ascii_alphanumeric() || !b.is_ascii()) {
            return None;
        }
        let (text, ends) = joined(text);
        fits(index.named(&text, &ends, own))
    };
    near(&text[name.range()], true)
        .or_else(|| near(&text[begin..name.start], false))
        .or_else(|| near(rest, false))
        .or_else(|| parents(text, name.start).find_map(|line| near(line, false)))
}

/// The name that a value at `start` is given to.
fn name_before(text: &[u8], start: usize) -> Span {
    static WORD: Set = Set::words(b"_-.");
    let mut end = start;
    let lead = &text[start.saturating_sub(GAP)..start];
    for scheme in [&b"Bearer "[..], b"Token ", b"Basic ", b"ApiKey "] {
        end -= if lead.ends_with(scheme) { scheme.len() } else { 0 };
    }
    let gap = text[..end].iter().rev().take(GAP).take_while(|b| !WORD.has(**b) && **b != b'\n');
    end -= gap.count();
    Span::new(end - WORD.tail(&text[..end], NAME), end)
}

fn line_start(text: &[u8], at: usize, most: usize) -> usize {
    let from = at.saturating_sub(most);
    memchr::memrchr(b'\n', &text[from..at]).map_or(from, |line| from + line + 1)
}

/// The lines above that are less indented, nearest first; and the head of an INI section.
fn parents(text: &[u8], at: usize) -> impl Iterator<Item = &[u8]> {
    let indent = |line: &[u8]| line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let begin = line_start(text, at, ABOVE);
    let mut least = indent(&text[begin..at]);
    let mut flat = least == 0;
    let mut above = &text[begin.saturating_sub(ABOVE)..begin];
    if flat && memchr::memchr(b'[', above).is_none() {
        // Nothing is less indented, and there is no section.
        above = &[];
    }
    let mut lines = upwards(above);
    std::iter::from_fn(move || {
        lines.find(|line| {
            let here = indent(line);
            let head = line.first() == Some(&b'[');
            let closer = here < least && here < line.trim_ascii_end().len();
            let section = flat && head;
            if closer {
                least = here;
            }
            flat &= !head;
            closer || section
        })
    })
}

/// The lines of `text` from the last one up.
fn upwards(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut left = Some(text);
    std::iter::from_fn(move || {
        let text = left?;
        let end = memchr::memrchr(b'\n', text);
        left = end.map(|end| &text[..end]);
        Some(&text[end.map_or(0, |end| end + 1)..])
    })
}

/// Where the rest of the name around `hit` ends, and the operator after it.
fn sign(text: &[u8], hit: usize) -> Span {
    static REST: Set = Set::words(b"_-");
    static GIVES: Set = Set::of(b" \t\"'`])(:=,>\\");
    let end = hit + REST.head(&text[hit..], NAME);
    Span::new(end, end + GIVES.head(&text[end..], GAP))
}

/// Whether anything that may give a value follows the name around `hit`.
pub(super) fn assigns(text: &[u8], hit: usize) -> bool {
    !sign(text, hit).is_empty()
}

/// The value given to the name around `hit`, if it may be a credential: a run without blanks, with a digit, and a
/// name that speaks of one. Nearly all names speak of something else.
pub(super) fn value(text: &[u8], hit: usize) -> Option<Span> {
    static BODY: Set = Set::words(b"-_.~+/=:|!#@");
    let gap = sign(text, hit);
    let start = gap.end;
    // A comma after an operator parts the items of a list.
    let gap = &text[gap.range()];
    if gap.is_empty() || gap.contains(&b',') && gap.iter().any(|b| b":=".contains(b)) {
        return None;
    }
    let length = BODY.head(&text[start..], VALUE + 1);
    let closed = text.get(start + length).is_none_or(|b| b" \t\r\n\"'`,;)]}<&\\".contains(b));
    if !closed || !(SHORTEST..=VALUE).contains(&length) {
        return None;
    }
    let value = &text[start..start + length];
    let plausible = value.iter().any(u8::is_ascii_digit)
        && !vendor::is_identifier(value)
        && vendor::says(&words(&text[name_before(text, start).range()]));
    plausible.then_some(Span::new(start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_their_value_begins() {
        for (text, name) in [
            ("a.mistral.api_key = \"", "a.mistral.api_key"),
            ("Authorization: Bearer ", "Authorization"),
            ("--api-key ", "--api-key"),
            ("f(api_key='", "api_key"),
        ] {
            let span = name_before(text.as_bytes(), text.len());
            assert_eq!(&text[span.range()], name);
        }
    }

    #[test]
    fn parents_are_less_indented() {
        let text = "a:\n  b: 1\n  c:\n    d: 2\n    e: ";
        let lines: Vec<&[u8]> = parents(text.as_bytes(), text.len()).collect();
        assert_eq!(lines, [&b"  c:"[..], b"a:"]);
        let text = "[db]\nx = 1\n[mail]\ny = 1\nkey = ";
        let first = parents(text.as_bytes(), text.len()).next();
        assert_eq!(first, Some(&b"[mail]"[..]));
    }
}
