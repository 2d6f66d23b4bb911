//! A rule's pattern as a few steps over bytes.
//!
//! In: a regex. Out: a [`Program`], which has no steps where the regex needs more than there are. `build.rs` includes
//! this file and lays out the programs of the built-in rules, so that a scan makes no automaton for a rule whose
//! keyword is a common word: that would cost more than the scan. `lower` writes them and `walk` runs them, with the
//! regex's own meaning: the leftmost match, and of several there the one that comes first in the pattern.

use std::borrow::Cow;

use super::lower::Pool;

/// A set of bytes, a bit for each.
pub type Set = [u64; 4];

/// No bound; no set; no step.
pub const NONE: u16 = u16::MAX;

/// One step. Texts, sets and steps are meant by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// These bytes of the pool: where they start, how many they are.
    Text(u16, u16),
    /// The same in any case.
    Fold(u16, u16),
    /// One byte of a set.
    One(u16),
    /// `least` to `most` bytes of a set, as many as possible.
    Many {
        /// The set.
        set: u16,
        /// Fewest.
        least: u16,
        /// Most, or [`NONE`].
        most: u16,
        /// What may come next, or [`NONE`] for anything, even the end.
        then: u16,
    },
    /// The same, as few as possible.
    Few {
        /// The set.
        set: u16,
        /// Fewest.
        least: u16,
        /// Most, or [`NONE`].
        most: u16,
        /// What may come next, or [`NONE`] for anything, even the end.
        then: u16,
    },
    /// The bytes of a set that follow, `least` to `most`. There is one place where it may end: all of them are
    /// taken.
    All {
        /// The set.
        set: u16,
        /// Fewest.
        least: u16,
        /// Most, or [`NONE`].
        most: u16,
        /// What comes next.
        then: u16,
    },
    /// Goes on at the first of two steps, or, if that comes to nothing, at the other.
    Either {
        /// The step that is tried first.
        first: u16,
        /// What that one may begin with, or [`NONE`].
        begins: u16,
        /// The other.
        other: u16,
        /// What that one may begin with, or [`NONE`].
        or: u16,
    },
    /// Goes on at another step.
    Jump(u16),
    /// The start of the text.
    Start,
    /// The end of the text.
    End,
    /// The start of a line.
    LineStart,
    /// The end of a line.
    LineEnd,
    /// The edge of a word.
    Border,
    /// The group `secret` begins.
    Open,
    /// It ends.
    Close,
    /// The pattern matches.
    Done,
}

/// The steps of a pattern, and what they speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The steps; none where the regex is needed.
    pub ops: Cow<'static, [Op]>,
    /// Sets of bytes.
    pub sets: Cow<'static, [Set]>,
    /// Bytes of all texts.
    pub text: Cow<'static, [u8]>,
    /// What a match may begin with, or [`NONE`].
    pub begins: u16,
    /// What a match may hold.
    pub holds: u16,
    /// What the group `secret` may hold.
    pub body: u16,
    /// How long it is at least; 0 if there are matches without it.
    pub least: u16,
    /// Whether a match begins with the group `secret`.
    pub leads: bool,
}

impl Program {
    /// The program of a regex.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let mut pool = Pool::default();
        let (ops, [begins, holds, body, least], leads) = pool.steps(pattern);
        let (sets, text) = pool.parts();
        let (ops, sets, text) = (ops.into(), sets.into(), text.into());
        Self { ops, sets, text, begins, holds, body, least, leads }
    }
}
