//! Credentials in two halves: an identifier that may be shown, and the secret that belongs with it; and rules that
//! count only where another one finds something.
//!
//! In: the rules, and where in a chunk identifiers were found. Out: which rules belong together, and the bare
//! secrets that nothing but an identifier near them tells. Which identifier goes with which secret, and what stands
//! near what, is settled where all of a blob has been read.

use std::ops::Deref;

use regex::bytes::Regex;

use super::reach::Reach;
use super::rules::RuleSet;
use super::spec::{Confidence, Edge, Engine, Near, RuleSpec};
use super::{Match, UNSURE, edge, judge};
use crate::decode::Chunk;
use crate::text::Span;

/// Bytes on either side of an identifier in which a bare secret is looked for.
const REACH: usize = 200;
/// Bytes that are looked at on either side of an identifier: a bare secret, and what stands beside that.
pub(super) const AROUND: Reach = Reach { before: REACH + edge::BEFORE, after: REACH + edge::AFTER };

/// Which rules find the two halves of one credential.
#[derive(Debug)]
pub struct Pairs {
    /// For each rule of identifiers, those of their secrets.
    secrets: Vec<Vec<u16>>,
    /// Whether a rule finds secrets that have an identifier.
    named: Vec<bool>,
    /// For each rule, what must be found near by.
    near: Vec<Vec<Demand>>,
    /// Whether a rule asks for another in this way.
    helps: Vec<bool>,
}

/// What a rule asks for near by.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// The rule that must find something.
    pub rule: u16,
    /// Lines it may be off.
    pub lines: usize,
    /// Columns it may be off.
    pub columns: usize,
}

impl Pairs {
    /// So many rules, of which these identifiers and secrets are paired.
    pub(super) fn known(rules: usize, paired: &[(u16, u16)]) -> Self {
        let (mut secrets, mut named) = (vec![Vec::new(); rules], vec![false; rules]);
        for &(identifier, secret) in paired {
            secrets[usize::from(identifier)].push(secret);
            named[usize::from(secret)] = true;
        }
        Self { secrets, named, near: vec![Vec::new(); rules], helps: vec![false; rules] }
    }

    /// Looks up what each of `specs` is paired with. One that is not among them is left out.
    pub(super) fn new(specs: &[impl Deref<Target = RuleSpec>]) -> Self {
        let number = |id: &str| {
            let at = specs.iter().position(|spec| spec.id == id)?;
            Some(u16::try_from(at).expect("fewer rules than 65,536"))
        };
        let pairs = |(at, spec): (u16, &RuleSpec)| {
            let secrets: Vec<u16> = spec.pair.iter().filter_map(|id| number(id)).collect();
            secrets.into_iter().map(move |secret| (at, secret))
        };
        let numbered = (0_u16..).zip(specs.iter().map(|spec| &**spec));
        let paired: Vec<(u16, u16)> = numbered.flat_map(pairs).collect();
        let mut known = Self::known(specs.len(), &paired);
        let demand = |near: &Near| {
            let [lines, columns] = [near.lines, near.columns].map(|n| n.unwrap_or(usize::MAX));
            Some(Demand { rule: number(&near.rule)?, lines, columns })
        };
        known.near =
            specs.iter().map(|spec| spec.near.iter().filter_map(demand).collect()).collect();
        for demand in known.near.iter().flatten() {
            known.helps[usize::from(demand.rule)] = true;
        }
        known
    }

    /// What a rule asks for near by.
    #[must_use]
    pub fn near(&self, rule: u16) -> &[Demand] {
        &self.near[usize::from(rule)]
    }

    /// Whether another rule counts only where this one finds something.
    #[must_use]
    pub fn helps(&self, rule: u16) -> bool {
        self.helps[usize::from(rule)]
    }

    /// Whether `identifier` names secrets of the rule `secret`.
    #[must_use]
    pub fn names(&self, identifier: u16, secret: u16) -> bool {
        self.secrets[usize::from(identifier)].contains(&secret)
    }

    /// Whether the rule's finds are a half of something, be it identifier or secret, or ask or stand for something
    /// near by.
    #[must_use]
    pub fn concerns(&self, rule: u16) -> bool {
        let at = usize::from(rule);
        self.named[at]
            || self.helps[at]
            || !self.secrets[at].is_empty()
            || !self.near[at].is_empty()
    }
}

/// Adds the bare secrets nearest to an identifier, one before it and one after. Only what is `shown` is looked at.
pub(super) fn beside(
    rules: &RuleSet,
    chunk: &Chunk<'_>,
    shown: Span,
    (identifier, id): (u16, Span),
    found: &mut Vec<Match>,
) {
    let identifier = usize::from(identifier);
    let form = rules.rules()[identifier].beside();
    let (Some(form), Some(&number)) = (form, rules.pairs().secrets[identifier].first()) else {
        return;
    };
    let rule = &rules.rules()[usize::from(number)];
    let text = &chunk.bytes[shown.range()];
    let id = Span::new(id.start - shown.start, id.end - shown.start);
    let look = |from: usize, to: usize| {
        bare(form, text, Span::new(from, to)).filter_map(move |secret| {
            let whole = Span::new(secret.start.min(id.start), secret.end.max(id.end));
            let judged = judge(rule, number, text, whole, secret).ok()?;
            Some(weigh(form, judged, &text[secret.range()]).within(chunk, shown.start))
        })
    };
    found.extend(look(id.start.saturating_sub(REACH), id.start).last());
    found.extend(look(id.end, text.len().min(id.end + REACH)).next());
}

/// The bare secret that all of a decoded value is, where the rule `identifier` found something near it.
#[must_use]
pub fn alone(rules: &RuleSet, value: &Chunk<'_>, identifier: u16) -> Option<Match> {
    let identifier = usize::from(identifier);
    let form = rules.rules()[identifier].beside()?;
    let number = *rules.pairs().secrets[identifier].first()?;
    let text = value.bytes.trim_ascii();
    let start = value.bytes.len() - value.bytes.trim_ascii_start().len();
    let secret = Span::new(start, start + text.len());
    if form.find(text)?.len() != text.len() {
        return None;
    }
    let rule = &rules.rules()[usize::from(number)];
    let found = judge(rule, number, &value.bytes, secret, secret).ok()?.within(value, 0);
    Some(weigh(form, found, text))
}

/// A bare secret as it was judged, doubted where it may be something else.
fn weigh(form: &Regex, mut found: Match, bare: &[u8]) -> Match {
    if !found.example && !is_random(form, bare) {
        (found.confidence, found.score) = (Confidence::Possible, UNSURE);
    }
    found
}

/// Where a bare secret may stand in a stretch of the text.
fn bare<'t>(form: &'t Regex, text: &'t [u8], within: Span) -> impl Iterator<Item = Span> + 't {
    let mut at = within.start;
    std::iter::from_fn(move || {
        loop {
            let found = form.find(text.get(at..within.end)?)?;
            let span = Span::new(at + found.start(), at + found.end());
            // The letter of an escape such as `\n` is none of the secret's.
            let escape = span.start > 0 && text[span.start - 1] == b'\\';
            at = if escape { span.start + 1 } else { span.end.max(span.start + 1) };
            if !escape && !span.is_empty() && stands(text, span) {
                return Some(span);
            }
        }
    })
}

/// Whether nothing touches a bare secret that could carry it on.
fn stands(text: &[u8], span: Span) -> bool {
    let before = span.start.checked_sub(1).map(|at| text[at]);
    let dash = Some(b'-');
    before != dash && text.get(span.end).copied() != dash && edge::holds(text, span, Edge::Base64)
}

/// Whether a bare value is neither a word nor a hash. Only a form of hex digits itself admits what looks like one.
fn is_random(form: &Regex, bare: &[u8]) -> bool {
    let hash = bare.iter().all(u8::is_ascii_hexdigit);
    bare.iter().any(u8::is_ascii_digit) && (!hash || !form.is_match(&vec![b'z'; bare.len()]))
}

/// Takes identifiers out of what is believed for its name or place alone: called `secret`, they are none.
pub fn claim<T>(found: &mut Vec<T>, rules: &RuleSet, of: impl Fn(&T) -> &Match) {
    let spec = |m: &Match| rules.rules()[usize::from(m.rule)].spec();
    let mut claimed: Vec<Span> =
        found.iter().map(&of).filter(|m| !spec(m).pair.is_empty()).map(|m| m.outer).collect();
    claimed.sort();
    found.retain(|item| {
        let m = of(item);
        let unnamed =
            spec(m).anonymous || matches!(spec(m).engine, Engine::Assignment | Engine::Entropy);
        !unnamed || claimed.binary_search(&m.outer).is_err()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_values_stand_free() {
        let form = Regex::new("[a-z]{3}").unwrap();
        let found = |text: &str| {
            let spans = bare(&form, text.as_bytes(), Span::new(0, text.len()));
            spans.map(|span| text[span.range()].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("abc,def"), ["abc", "def"]);
        assert_eq!(found(r"x\nabc\n=def"), ["abc", "def"]);
        assert_eq!(found("abcdef -abc abc- abc= abc/ a_bc"), [""; 0]);
        let empty = Regex::new("a*").unwrap();
        assert_eq!(bare(&empty, b"b a b", Span::new(0, 5)).count(), 1);
    }

    #[test]
    fn words_and_hashes_are_not_random() {
        let (any, hex) = (Regex::new("[0-9a-z]{8}").unwrap(), Regex::new("[0-9a-f]{8}").unwrap());
        assert!(is_random(&any, b"k3z8q2w9"));
        assert!(!is_random(&any, b"lanterns"));
        assert!(!is_random(&any, b"0badcafe"));
        assert!(is_random(&hex, b"0badcafe"));
    }
}
