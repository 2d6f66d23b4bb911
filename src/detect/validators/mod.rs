//! Offline proofs: checksums, encodings and structures that tell a real credential from a look-alike.
//!
//! In: a [`Subject`], the bytes a rule matched. Out: an [`Outcome`]. A validator is a pure function:
//! no clock, no network, no state. One file per vendor or scheme; [`ALL`] names them for rules.

use super::evidence::Evidence;

/// What a validator looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The bytes of the rule's `secret` group.
    pub secret: &'a [u8],
    /// The whole match.
    pub whole: &'a [u8],
}

/// What a validator says of a match.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Not this credential: the match is dropped.
    Rejected,
    /// A published dummy or shipped default: counted, not reported.
    Example,
    /// It may be one, but something speaks against it: `possible` at most.
    Doubtful(Vec<Evidence>),
    /// Neither proved nor refuted: the rule's own confidence stands.
    Unproven(Vec<Evidence>),
    /// A checksum or structure proves it: `certain`.
    Proven(Vec<Evidence>),
}

/// A validator.
pub type Check = fn(&Subject<'_>) -> Outcome;

/// Every validator by the name that rules use.
pub const ALL: &[(&str, Check)] = &[];

/// The validator called `name`.
#[must_use]
pub fn by_name(name: &str) -> Option<Check> {
    ALL.iter().find(|(n, _)| *n == name).map(|&(_, check)| check)
}
