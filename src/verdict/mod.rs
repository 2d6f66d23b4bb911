//! What becomes of a match: a finding, or something the users of a repository have accepted.
//!
//! In: matches with their rule, path and lines. Out: verdicts.

pub mod baseline;
pub mod inline;
