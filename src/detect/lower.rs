//! Writes a pattern as steps.
//!
//! In: a regex. Out: [`Steps`], and in a [`Pool`] the sets and texts they speak of. `build.rs` includes this file. What
//! a step may be followed by is worked out here, so that few places are kept to come back to.

use std::collections::HashMap;

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::program::{NONE, Op, Set};

/// Longer programs are left to the regex.
const LONGEST: usize = 4096;

/// What the programs of several rules share.
#[derive(Debug, Default)]
pub struct Pool {
    sets: Vec<Set>,
    numbers: HashMap<Set, u16>,
    text: Vec<u8>,
    texts: HashMap<Vec<u8>, u16>,
}

/// A program but for its pool: steps, `begins`, `holds`, `body`, `least`, `leads`.
pub type Steps = (Vec<Op>, [u16; 4], bool);

impl Pool {
    fn set(&mut self, set: Set) -> Option<u16> {
        if let Some(&number) = self.numbers.get(&set) {
            return Some(number);
        }
        let number = index(self.sets.len())?;
        self.sets.push(set);
        self.numbers.insert(set, number);
        Some(number)
    }

    fn text(&mut self, bytes: &[u8]) -> Option<u16> {
        if let Some(&start) = self.texts.get(bytes) {
            return Some(start);
        }
        let start = index(self.text.len())?;
        index(self.text.len() + bytes.len())?;
        self.text.extend_from_slice(bytes);
        self.texts.insert(bytes.to_vec(), start);
        Some(start)
    }

    /// The steps of a regex; none where it needs more, or matches what is empty.
    #[must_use]
    pub fn steps(&mut self, pattern: &str) -> Steps {
        let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
        let tree = parser.parse(pattern).ok();
        let leads = tree.as_ref().is_some_and(leads);
        let (body, least) = tree.as_ref().and_then(secret).unwrap_or_default();
        let (least, body) = match self.set(body) {
            Some(set) => (u16::try_from(least).unwrap_or(NONE), set),
            None => (0, 0),
        };
        let (ops, [begins, holds]) = tree.and_then(|tree| self.lower(&tree)).unwrap_or_default();
        (ops, [begins, holds, body, least], leads)
    }

    fn lower(&mut self, tree: &Hir) -> Option<(Vec<Op>, [u16; 2])> {
        if tree.properties().minimum_len().is_none_or(|least| least == 0) {
            return None;
        }
        let mut lower = Lower { ops: Vec::new(), pool: self };
        lower.part(tree)?;
        lower.push(Op::Done)?;
        let sets = [lower.look_ahead()?, lower.whole()?];
        Some((lower.ops, sets))
    }

    /// The sets and the texts.
    #[must_use]
    pub fn parts(self) -> (Vec<Set>, Vec<u8>) {
        (self.sets, self.text)
    }
}

/// Whether the group `secret` is the first thing in a pattern.
fn leads(tree: &Hir) -> bool {
    let first = match tree.kind() {
        HirKind::Concat(parts) => parts[0].kind(),
        whole => whole,
    };
    matches!(first, HirKind::Capture(group) if group.name.as_deref() == Some("secret"))
}

/// The bytes that the group `secret` may hold, and its least length, if no match is without the group. The parser
/// bounds how deep parts nest.
fn secret(part: &Hir) -> Option<(Set, usize)> {
    match part.kind() {
        HirKind::Capture(group) if group.name.as_deref() == Some("secret") => {
            Some((held(&group.sub)?, group.sub.properties().minimum_len()?))
        }
        HirKind::Capture(group) => secret(&group.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => secret(&repeated.sub),
        HirKind::Concat(parts) => parts.iter().find_map(secret),
        HirKind::Alternation(parts) => parts.iter().map(secret).reduce(|one, other| {
            let ((one, least), (other, less)) = (one?, other?);
            Some((union(one, other), least.min(less)))
        })?,
        _ => None,
    }
}

/// All bytes that a part may hold.
fn held(part: &Hir) -> Option<Set> {
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => Some([0; 4]),
        HirKind::Literal(literal) => Some(of(&literal.0)),
        HirKind::Class(class) => bytes(class),
        HirKind::Repetition(repeated) => held(&repeated.sub),
        HirKind::Capture(group) => held(&group.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(held).try_fold([0; 4], |all, one| Some(union(all, one?)))
        }
    }
}

fn union(one: Set, other: Set) -> Set {
    std::array::from_fn(|word| one[word] | other[word])
}

/// A small number, unless it is too large or means none.
fn index(number: usize) -> Option<u16> {
    u16::try_from(number).ok().filter(|&small| small != NONE)
}

/// Writes the steps of a pattern.
struct Lower<'p> {
    ops: Vec<Op>,
    pool: &'p mut Pool,
}

impl Lower<'_> {
    fn push(&mut self, op: Op) -> Option<()> {
        self.ops.push(op);
        (self.ops.len() <= LONGEST).then_some(())
    }

    fn here(&self) -> Option<u16> {
        index(self.ops.len())
    }

    /// Writes a part. The parser bounds how deep parts nest.
    fn part(&mut self, part: &Hir) -> Option<()> {
        match part.kind() {
            HirKind::Empty => Some(()),
            HirKind::Literal(literal) => self.text(&literal.0, Op::Text),
            HirKind::Class(class) => {
                let set = self.pool.set(bytes(class)?)?;
                self.push(Op::One(set))
            }
            HirKind::Look(look) => self.push(match look {
                Look::Start => Op::Start,
                Look::End => Op::End,
                Look::StartLF => Op::LineStart,
                Look::EndLF => Op::LineEnd,
                Look::WordAscii => Op::Border,
                _ => return None,
            }),
            HirKind::Capture(group) if group.name.as_deref() == Some("secret") => {
                self.push(Op::Open)?;
                self.part(&group.sub)?;
                self.push(Op::Close)
            }
            HirKind::Capture(group) => self.part(&group.sub),
            HirKind::Concat(parts) => self.sequence(parts),
            HirKind::Alternation(parts) => self.choice(parts),
            HirKind::Repetition(repeated) => self.repetition(repeated),
        }
    }

    fn text(&mut self, bytes: &[u8], op: fn(u16, u16) -> Op) -> Option<()> {
        let (start, length) = (self.pool.text(bytes)?, index(bytes.len())?);
        self.push(op(start, length))
    }

    /// Parts after each other. Letters of either case, and what stands between them, become one text.
    fn sequence(&mut self, parts: &[Hir]) -> Option<()> {
        let mut rest = parts;
        while let Some((first, after)) = rest.split_first() {
            let folded: Vec<Vec<u8>> = rest.iter().map_while(caseless).collect();
            let letters = folded.iter().any(|text| text.iter().any(u8::is_ascii_alphabetic));
            if letters && folded.len() > 1 {
                self.text(&folded.concat(), Op::Fold)?;
                rest = &rest[folded.len()..];
            } else {
                self.part(first)?;
                rest = after;
            }
        }
        Some(())
    }

    /// A fork whose ends are not known yet.
    fn fork(&mut self) -> Option<usize> {
        self.push(Op::Either { first: NONE, begins: NONE, other: NONE, or: NONE })?;
        Some(self.ops.len() - 1)
    }

    fn aim(&mut self, fork: usize, first: u16, other: u16) {
        self.ops[fork] = Op::Either { first, begins: NONE, other, or: NONE };
    }

    fn choice(&mut self, parts: &[Hir]) -> Option<()> {
        let mut ends = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            if number + 1 == parts.len() {
                self.part(part)?;
                break;
            }
            let fork = self.fork()?;
            let first = self.here()?;
            self.part(part)?;
            ends.push(self.ops.len());
            self.push(Op::Jump(NONE))?;
            let other = self.here()?;
            self.aim(fork, first, other);
        }
        let end = self.here()?;
        for jump in ends {
            self.ops[jump] = Op::Jump(end);
        }
        Some(())
    }

    fn repetition(&mut self, repeated: &Repetition) -> Option<()> {
        if let Some(set) = single(&repeated.sub) {
            let (set, least) = (self.pool.set(set)?, index(usize::try_from(repeated.min).ok()?)?);
            let most = match repeated.max {
                Some(most) => index(usize::try_from(most).ok()?)?,
                None => NONE,
            };
            return self.push(if repeated.greedy {
                Op::Many { set, least, most, then: NONE }
            } else {
                Op::Few { set, least, most, then: NONE }
            });
        }
        for _ in 0..repeated.min {
            self.part(&repeated.sub)?;
        }
        let mut forks = Vec::new();
        if let Some(most) = repeated.max {
            for _ in repeated.min..most {
                forks.push(self.fork()?);
                self.part(&repeated.sub)?;
            }
        } else {
            // Rounds that take nothing would never end.
            repeated.sub.properties().minimum_len().filter(|&least| least > 0)?;
            let fork = self.fork()?;
            self.part(&repeated.sub)?;
            self.push(Op::Jump(index(fork)?))?;
            forks.push(fork);
        }
        let end = self.here()?;
        for fork in forks {
            let round = index(fork + 1)?;
            let (first, other) = if repeated.greedy { (round, end) } else { (end, round) };
            self.aim(fork, first, other);
        }
        Some(())
    }

    /// Fills in what may come next; gives what a match may begin with.
    fn look_ahead(&mut self) -> Option<u16> {
        let mut begins: Vec<Option<Set>> = vec![Some([0; 4]); self.ops.len()];
        // Steps lead forward, but for the rounds of repetitions: it takes few passes.
        loop {
            let known = begins.clone();
            for at in (0..self.ops.len()).rev() {
                begins[at] = self.begin(at, &begins);
            }
            if begins == known {
                break;
            }
        }
        for at in 0..self.ops.len() {
            let mut set = |step: usize| begins[step].map_or(Some(NONE), |set| self.pool.set(set));
            match &mut self.ops[at] {
                Op::Many { then, .. } | Op::Few { then, .. } => *then = set(at + 1)?,
                Op::Either { first, begins, other, or } => {
                    *begins = set(usize::from(*first))?;
                    *or = set(usize::from(*other))?;
                }
                _ => {}
            }
            self.ops[at] = self.decided(self.ops[at]);
        }
        begins[0].map_or(Some(NONE), |set| self.pool.set(set))
    }

    /// The step, simpler if what may come next tells where it ends.
    fn decided(&self, op: Op) -> Op {
        let (Op::Many { set, least, most, then } | Op::Few { set, least, most, then }) = op else {
            return op;
        };
        let apart =
            |then: &Set| self.pool.sets[usize::from(set)].iter().zip(then).all(|(a, b)| a & b == 0);
        let then_set = self.pool.sets.get(usize::from(then));
        if least == most || then_set.is_some_and(apart) {
            return Op::All { set, least, most, then };
        }
        op
    }

    /// All bytes that any step takes.
    fn whole(&mut self) -> Option<u16> {
        let mut whole = [0; 4];
        for op in &self.ops {
            let taken = match *op {
                Op::Text(start, length) | Op::Fold(start, length) => {
                    let text = &self.pool.text[usize::from(start)..][..usize::from(length)];
                    of(&[text.to_ascii_lowercase(), text.to_ascii_uppercase()].concat())
                }
                Op::One(set) | Op::All { set, .. } | Op::Many { set, .. } | Op::Few { set, .. } => {
                    self.pool.sets[usize::from(set)]
                }
                _ => [0; 4],
            };
            whole = union(whole, taken);
        }
        self.pool.set(whole)
    }

    /// What the steps from `at` on may begin with; nothing if that is anything, even the end.
    fn begin(&self, at: usize, begins: &[Option<Set>]) -> Option<Set> {
        let either = |a: Option<Set>, b: Option<Set>| Some(union(a?, b?));
        match self.ops[at] {
            Op::Text(start, _) => Some(of(&[self.pool.text[usize::from(start)]])),
            Op::Fold(start, _) => {
                let byte = self.pool.text[usize::from(start)];
                Some(of(&[byte.to_ascii_lowercase(), byte.to_ascii_uppercase()]))
            }
            Op::One(set) => Some(self.pool.sets[usize::from(set)]),
            Op::All { set, least, .. }
            | Op::Many { set, least, .. }
            | Op::Few { set, least, .. } => {
                let own = Some(self.pool.sets[usize::from(set)]);
                if least > 0 { own } else { either(own, begins[at + 1]) }
            }
            Op::Either { first, other, .. } => {
                either(begins[usize::from(first)], begins[usize::from(other)])
            }
            Op::Jump(to) => begins[usize::from(to)],
            Op::Done => None,
            Op::Start
            | Op::End
            | Op::LineStart
            | Op::LineEnd
            | Op::Border
            | Op::Open
            | Op::Close => begins[at + 1],
        }
    }
}

/// The set of some bytes.
fn of(bytes: &[u8]) -> Set {
    let mut set = [0; 4];
    for &byte in bytes {
        set[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    set
}

fn bytes(class: &Class) -> Option<Set> {
    let class = match class {
        Class::Bytes(class) => class.clone(),
        Class::Unicode(class) => class.to_byte_class()?,
    };
    let all: Vec<u8> = class.ranges().iter().flat_map(|r| r.start()..=r.end()).collect();
    Some(of(&all))
}

/// The set of a part that is always one byte.
fn single(part: &Hir) -> Option<Set> {
    match part.kind() {
        HirKind::Class(class) => bytes(class),
        HirKind::Literal(literal) if literal.0.len() == 1 => Some(of(&literal.0)),
        _ => None,
    }
}

/// A letter of either case, or a text without letters: lower case.
fn caseless(part: &Hir) -> Option<Vec<u8>> {
    match part.kind() {
        HirKind::Literal(literal) => {
            let plain = literal.0.iter().all(|b| b.is_ascii() && !b.is_ascii_alphabetic());
            plain.then(|| literal.0.to_vec())
        }
        HirKind::Class(Class::Bytes(class)) => match class.ranges() {
            [upper, lower]
                if upper.start() == upper.end()
                    && lower.start() == lower.end()
                    && upper.start().is_ascii_uppercase()
                    && upper.start().to_ascii_lowercase() == lower.start() =>
            {
                Some(vec![lower.start()])
            }
            _ => None,
        },
        _ => None,
    }
}
