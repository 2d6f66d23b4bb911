//! Runs a pattern's steps over a text.
//!
//! In: a [`Program`] and a text. Out: the match at a place, as its regex would find it. The work is bounded by the
//! length of the text, and the places to come back to are few. Where that is not enough it says so, and the regex is
//! asked.

use super::program::{NONE, Op, Program, Set};
use crate::text::Span;

/// Places to come back to.
const DEPTH: usize = 64;
/// Steps that are free, and steps for each byte of the text.
const STEPS: (usize, usize) = (4096, 16);

/// A match: all of it, and its secret if the group took part.
pub(super) type Found = (Span, Option<Span>);

/// The bounds are reached: only the regex can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent;

/// A place to come back to.
#[derive(Clone, Copy, Default)]
struct Place {
    step: u16,
    at: u32,
    /// For a run, the other end of where it may still stop.
    until: u32,
    resume: bool,
    secret: [u32; 2],
}

/// No place in a text.
const NOWHERE: u32 = u32::MAX;

struct Walk<'t> {
    program: &'t Program,
    text: &'t [u8],
    left: usize,
    places: Places,
}

/// The places to come back to, the last one first. Most walks keep few: those lie here, the others elsewhere.
#[derive(Default)]
struct Places {
    count: usize,
    few: [Place; 4],
    more: Vec<Place>,
}

impl Places {
    fn clear(&mut self) {
        self.count = 0;
        self.more.clear();
    }

    fn push(&mut self, place: Place) {
        match self.few.get_mut(self.count) {
            Some(free) => *free = place,
            None => self.more.push(place),
        }
        self.count += 1;
    }

    fn pop(&mut self) -> Option<Place> {
        self.count = self.count.checked_sub(1)?;
        self.more.pop().or_else(|| self.few.get(self.count).copied())
    }
}

/// Whether a text has as many bytes in a row as the shortest secret, all of them such as a secret has. Nearly all
/// texts around keywords have no such run, and few bytes tell: from the last byte of a run to the one before that is
/// none of it, no run begins.
pub(super) fn may_match(program: &Program, text: &[u8]) -> bool {
    let Some(body) = program.sets.get(usize::from(program.body)) else { return true };
    let (mut start, least) = (0, usize::from(program.least));
    while let Some(run) = text.get(start..start + least) {
        match run.iter().rposition(|&byte| !holds(body, byte)) {
            Some(other) => start += other + 1,
            None => return true,
        }
    }
    false
}

/// Whether a text begins with as many bytes as the shortest secret, all of them such as a secret has. The last are
/// looked at first: in a text that goes on in words, these tell.
pub(super) fn may_lead(program: &Program, text: &[u8]) -> bool {
    let Some(body) = program.sets.get(usize::from(program.body)) else { return true };
    let run = text.get(..usize::from(program.least));
    run.is_some_and(|run| run.iter().rev().all(|&byte| holds(body, byte)))
}

/// The matches of `text` that hold the byte at `hit`, or end before it and after all that no match holds.
pub(super) fn around(program: &Program, text: &[u8], hit: usize) -> Result<Vec<Found>, Spent> {
    let mut walk = Walk::new(program, text)?;
    // A byte that no match holds parts those before it from those after.
    let any = walk.set(program.holds);
    let apart = text[..hit].iter().rposition(|&byte| !holds(any, byte));
    let (mut found, mut at) = (Vec::new(), apart.map_or(0, |apart| apart + 1));
    let lines = program.ops.first() == Some(&Op::LineStart);
    while at <= hit {
        if lines && at > 0 && text[at - 1] != b'\n' {
            let Some(line) = memchr::memchr(b'\n', &text[at..hit]) else { break };
            at += line + 1;
        }
        let next = if walk.begins(program.begins, at) { walk.from(at)? } else { None };
        at = next.map_or(at + 1, |(whole, _)| whole.end);
        found.extend(next);
    }
    Ok(found)
}

/// The first match in `text`.
pub(super) fn first(program: &Program, text: &[u8]) -> Result<Option<Found>, Spent> {
    let mut walk = Walk::new(program, text)?;
    for at in 0..text.len() {
        if walk.begins(program.begins, at)
            && let Some(found) = walk.from(at)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The match that begins where `text` does.
pub(super) fn leading(program: &Program, text: &[u8]) -> Result<Option<Found>, Spent> {
    Walk::new(program, text)?.from(0)
}

impl<'t> Walk<'t> {
    fn new(program: &'t Program, text: &'t [u8]) -> Result<Self, Spent> {
        if program.ops.is_empty() || text.len() >= NOWHERE as usize {
            return Err(Spent);
        }
        let left = STEPS.0 + STEPS.1 * text.len();
        Ok(Self { program, text, left, places: Places::default() })
    }

    fn set(&self, set: u16) -> &'t Set {
        &self.program.sets[usize::from(set)]
    }

    /// Whether what begins with one of `set` may begin at `at`.
    fn begins(&self, set: u16, at: usize) -> bool {
        set == NONE || self.text.get(at).is_some_and(|&byte| holds(self.set(set), byte))
    }

    fn spend(&mut self, steps: usize) -> Result<(), Spent> {
        self.left = self.left.checked_sub(steps).ok_or(Spent)?;
        Ok(())
    }

    fn keep(&mut self, place: Place) -> Result<(), Spent> {
        if self.places.count >= DEPTH {
            return Err(Spent);
        }
        self.places.push(place);
        Ok(())
    }

    /// The match that begins at `start`.
    fn from(&mut self, start: usize) -> Result<Option<Found>, Spent> {
        self.places.clear();
        let (mut step, mut at, mut secret) = (0_u16, start, [NOWHERE; 2]);
        loop {
            self.spend(1)?;
            let next = match self.program.ops[usize::from(step)] {
                Op::Done => return Ok(Some((Span::new(start, at), taken(secret)))),
                op @ (Op::Many { .. } | Op::Few { .. }) => self.run(op, step, at, secret)?,
                Op::All { set, least, most, then } => {
                    let taken = self.take(set, most, at);
                    self.spend(taken / 4)?;
                    let ends = taken >= usize::from(least) && self.begins(then, at + taken);
                    ends.then_some((step + 1, at + taken))
                }
                Op::Either { first, begins, other, or } => {
                    let goes = |set| self.begins(set, at);
                    match (goes(begins), goes(or)) {
                        (true, false) => Some((first, at)),
                        (false, true) => Some((other, at)),
                        (false, false) => None,
                        (true, true) => {
                            let place = Place { step: other, at: short(at), secret, ..NEW };
                            self.keep(place)?;
                            Some((first, at))
                        }
                    }
                }
                Op::Jump(to) => Some((to, at)),
                op => {
                    match op {
                        Op::Open => secret = [short(at), NOWHERE],
                        Op::Close => secret[1] = short(at),
                        _ => {}
                    }
                    self.plain(op, at).map(|length| (step + 1, at + length))
                }
            };
            if let Some(next) = next {
                (step, at) = next;
                continue;
            }
            loop {
                let Some(place) = self.places.pop() else { return Ok(None) };
                (step, at, secret) = (place.step, place.at as usize, place.secret);
                if !place.resume {
                    break;
                }
                if let Some(next) = self.resume(&place)? {
                    (step, at) = next;
                    break;
                }
            }
        }
    }

    /// How many bytes a step takes that has one way to go on.
    fn plain(&self, op: Op, at: usize) -> Option<usize> {
        let word =
            |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let (before, here) = (at.checked_sub(1).map(|at| self.text[at]), self.text.get(at));
        let told = |start: u16, length: u16| {
            let told = &self.program.text[usize::from(start)..][..usize::from(length)];
            let here = self.text[at..].get(..told.len())?;
            Some((told, here))
        };
        match op {
            Op::Text(start, length) => {
                told(start, length).filter(|(told, here)| told == here).map(|(told, _)| told.len())
            }
            Op::Fold(start, length) => told(start, length)
                .filter(|(told, here)| told.eq_ignore_ascii_case(here))
                .map(|(told, _)| told.len()),
            Op::One(set) => here.filter(|&&byte| holds(self.set(set), byte)).map(|_| 1),
            Op::Start => before.is_none().then_some(0),
            Op::End => here.is_none().then_some(0),
            Op::LineStart => before.is_none_or(|byte| byte == b'\n').then_some(0),
            Op::LineEnd => here.is_none_or(|&byte| byte == b'\n').then_some(0),
            Op::Border => (word(before.as_ref()) != word(here)).then_some(0),
            _ => Some(0),
        }
    }

    /// How many bytes of a set follow, `most` at most.
    fn take(&self, set: u16, most: u16, at: usize) -> usize {
        let (set, rest) = (self.set(set), &self.text[at..]);
        let rest = if most == NONE { rest } else { &rest[..rest.len().min(usize::from(most))] };
        rest.iter().position(|&byte| !holds(set, byte)).unwrap_or(rest.len())
    }

    /// Begins a run at `at`: where it stops first. The places where it may stop as well are kept.
    fn run(
        &mut self,
        op: Op,
        step: u16,
        at: usize,
        secret: [u32; 2],
    ) -> Result<Option<(u16, usize)>, Spent> {
        let (Op::Many { set, least, most, .. } | Op::Few { set, least, most, .. }) = op else {
            return Ok(None);
        };
        let many = matches!(op, Op::Many { .. });
        let taken = self.take(set, if many { most } else { least }, at);
        self.spend(taken / 4)?;
        if taken < usize::from(least) {
            return Ok(None);
        }
        let until = match (many, most) {
            (true, _) => at + usize::from(least),
            (false, NONE) => self.text.len(),
            (false, most) => self.text.len().min(at + usize::from(most)),
        };
        let place =
            Place { step, at: short(at + taken), until: short(until), resume: true, secret };
        self.resume(&place)
    }

    /// Where a run that may stop at `place.at`, or from there on towards `place.until`, stops next.
    fn resume(&mut self, place: &Place) -> Result<Option<(u16, usize)>, Spent> {
        let (from, until) = (place.at as usize, place.until as usize);
        let stop = match self.program.ops[usize::from(place.step)] {
            Op::Many { then, .. } => {
                let stop = (until..=from).rev().find(|&at| self.begins(then, at));
                self.spend((from - stop.unwrap_or(until)) / 4)?;
                stop.map(|at| (at, at > until, at.wrapping_sub(1)))
            }
            Op::Few { set, then, .. } => {
                let (set, mut at) = (self.set(set), from);
                while !self.begins(then, at) && at < until && holds(set, self.text[at]) {
                    at += 1;
                }
                self.spend((at - from) / 4)?;
                let more = at < until && holds(set, self.text[at]);
                self.begins(then, at).then_some((at, more, at + 1))
            }
            _ => None,
        };
        let Some((at, more, next)) = stop else { return Ok(None) };
        if more {
            self.keep(Place { at: short(next), ..*place })?;
        }
        Ok(Some((place.step + 1, at)))
    }
}

fn holds(set: &Set, byte: u8) -> bool {
    set[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
}

/// A place of a step that has not begun.
const NEW: Place = Place { step: 0, at: 0, until: 0, resume: false, secret: [NOWHERE; 2] };

/// A place in a text, whose length has been checked.
#[expect(clippy::cast_possible_truncation, reason = "texts are shorter than NOWHERE")]
const fn short(at: usize) -> u32 {
    at as u32
}

fn taken([start, end]: [u32; 2]) -> Option<Span> {
    (start != NOWHERE && end != NOWHERE).then(|| Span::new(start as usize, end as usize))
}

#[cfg(test)]
mod tests {
    use regex::bytes::{Captures, Regex, RegexBuilder};

    use super::*;
    use crate::detect::rules::{RuleSet, Selection};
    use crate::detect::sample::grow::grow;
    use crate::detect::sample::{Draw, Size};
    use crate::detect::spec::RuleSpec;

    fn regex(pattern: &str) -> Regex {
        RegexBuilder::new(pattern).unicode(false).size_limit(8 << 20).build().unwrap()
    }

    fn spans(captures: &Captures<'_>) -> Found {
        let span = |m: regex::bytes::Match<'_>| Span::new(m.start(), m.end());
        (span(captures.get(0).unwrap()), captures.name("secret").map(span))
    }

    /// Two texts that a pattern matches amid others, changed here and there; and where the first began.
    fn text(pattern: &str, draw: &mut Draw) -> (Vec<u8>, usize) {
        let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
        let tree = parser.parse(pattern).unwrap();
        let mut one = || {
            let size = draw.pick(&[Size::Least, Size::Any, Size::Any, Size::Most]);
            (
                grow(&tree, size, draw).bytes,
                draw.pick(&["", "\n", " = \"", "\\n", "://a:b?k=", "x"]),
            )
        };
        let ((one, before), (two, between)) = (one(), one());
        let mut text =
            [before.as_bytes(), &one, between.as_bytes(), &two, b"\r\nx: \"y\"\n"].concat();
        let begin = if draw.coin() { before.len() } else { 0 };
        for _ in 0..draw.below(4) {
            let at = begin + draw.below(text.len() - begin);
            let byte = draw.pick(b"aAfFzZ059_-=+/.:;,&?@ \t\n\r\"'`<>()[]{}|\\$%#~\xe9");
            match draw.below(4) {
                0 => text[at] = byte,
                1 => drop(text.remove(at)),
                2 => text.insert(at, byte),
                _ => text[at] ^= 0x20,
            }
        }
        (text, begin)
    }

    /// What of `spec`'s pattern a walk and its regex find differently; how often a walk gave up.
    fn compare(spec: &RuleSpec, tries: usize) -> usize {
        let program = Program::new(&spec.pattern);
        let led = regex(&format!(r"\A(?:{})", spec.pattern));
        let anywhere = (spec.before > 0).then(|| regex(&spec.pattern));
        let mut spent = 0;
        for number in 0..tries {
            let mut draw = Draw::new(&spec.id, number);
            let (text, begin) = text(&spec.pattern, &mut draw);
            let told =
                |what: &str| format!("{} {number}: {what}: {}", spec.id, text.escape_ascii());
            match leading(&program, &text[begin..]) {
                Ok(found) => {
                    let known = led.captures(&text[begin..]).map(|c| spans(&c));
                    let may = may_match(&program, &text[begin..]);
                    assert!(may || known.is_none(), "{}", told("may match"));
                    assert_eq!(found, known, "{}", told("leading"));
                    let may = !program.leads || may_lead(&program, &text[begin..]);
                    assert!(may || known.is_none(), "{}", told("may lead"));
                }
                Err(Spent) => spent += 1,
            }
            let Some(anywhere) = &anywhere else { continue };
            let all: Vec<Found> = anywhere.captures_iter(&text).map(|c| spans(&c)).collect();
            assert!(may_match(&program, &text) || all.is_empty(), "{}", told("may match"));
            if let Ok(found) = first(&program, &text) {
                assert_eq!(found.as_ref(), all.first(), "{}", told("first"));
            }
            for hit in (0..text.len()).step_by(1 + text.len() / 8) {
                let holds = |(whole, _): &&Found| whole.range().contains(&hit);
                match around(&program, &text, hit) {
                    Ok(found) => {
                        let found: Vec<&Found> = found.iter().filter(holds).collect();
                        let known: Vec<&Found> = all.iter().filter(holds).collect();
                        assert_eq!(found, known, "{}", told("around"));
                    }
                    Err(Spent) => spent += 1,
                }
            }
        }
        spent
    }

    #[test]
    fn walks_find_what_regexes_find() {
        let all = RuleSet::new(&Selection::default()).unwrap();
        let mut spent = Vec::new();
        for rule in all.rules() {
            let spec = rule.spec();
            if !spec.pattern.is_empty() && compare(spec, 4) > 0 {
                spent.push(spec.id.to_string());
            }
        }
        assert_eq!(spent, Vec::<String>::new(), "these gave up");
    }
}
