//! How far from its keyword a rule looks.
//!
//! In: a rule. Out: the stretch around a keyword hit that decides what the rule says there. The detector shows
//! a rule these bytes and no others, so two texts that agree on them agree on the result: what was said of one
//! version of a file holds for the next, wherever the stretch was copied as a whole.

use super::spec::{Engine, RuleSpec};
use super::{edge, generic, issuer, pair, vendor};
use crate::text::Span;

/// How much of its reach a rule used to say what it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Nothing: the pattern does not match, or the name that holds the word is not given a value.
    Idle,
    /// Nothing: the value that a name is given is no credential.
    Near,
    /// Something, or nothing although a vendor's word near by was looked for.
    Far,
}

/// Bytes that are looked at before a keyword hit, and from its start on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Before it.
    pub before: usize,
    /// From its start on.
    pub after: usize,
}

impl Reach {
    const fn new(before: usize, after: usize) -> Self {
        Self { before, after }
    }

    /// What decides a rule's result of this depth.
    #[must_use]
    pub fn of(rule: &RuleSpec, depth: Depth) -> Self {
        let own = Self::new(rule.before + edge::BEFORE, rule.after + edge::AFTER);
        let assigned = own.max(issuer::VALUE_REACH);
        let beside = rule.beside.as_ref().map_or(Self::default(), |_| pair::AROUND);
        match (rule.engine, depth) {
            (Engine::Assignment, Depth::Idle) => generic::NAME_REACH,
            (Engine::Assignment, Depth::Near) => assigned,
            (Engine::Assignment, Depth::Far) => assigned.and(issuer::AROUND).and(pair::AROUND),
            (_, Depth::Idle | Depth::Near) => own,
            (Engine::Family, Depth::Far) => own.and(vendor::AROUND).and(beside),
            _ if rule.anonymous => own.and(issuer::AROUND).and(pair::AROUND),
            _ => own.and(beside),
        }
    }

    /// The reach of one who looks this far, and from there as far as another.
    const fn and(self, other: Self) -> Self {
        Self { before: self.before + other.before, after: self.after + other.after }
    }

    /// The larger reach on either side.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { before: self.before.max(other.before), after: self.after.max(other.after) }
    }

    /// The stretch around `at` in a text of `length` bytes.
    #[must_use]
    pub fn around(self, at: usize, length: usize) -> Span {
        Span::new(at.saturating_sub(self.before), length.min(at.saturating_add(self.after)))
    }
}
