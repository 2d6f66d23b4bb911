//! What becomes of a match: a finding, or something the users of a repository have accepted.
//!
//! In: matches with their rule, path and lines. Out: [`finding::Finding`]s, each with a verdict.

pub mod baseline;
pub mod finding;
pub mod fingerprint;
pub mod inline;
pub mod policy;
