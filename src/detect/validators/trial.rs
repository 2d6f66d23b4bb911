//! Feeds texts to validators in tests.

use super::{Check, Evidence, Outcome, Subject};

/// What `check` says of a match that is `text` and nothing more.
pub(super) fn outcome_of(check: Check, text: &str) -> Outcome {
    check(&Subject { secret: text.as_bytes(), whole: text.as_bytes() })
}

/// `check` must prove `token`, and reject it with any one character from `start` on changed.
pub(super) fn assert_refutes_changes(check: Check, token: &str, start: usize) {
    assert!(matches!(outcome_of(check, token), Outcome::Proven(_)), "not proven");
    for at in start..token.len() {
        let mut changed = token.to_owned();
        let other = if &token[at..=at] == "q" { "r" } else { "q" };
        changed.replace_range(at..=at, other);
        assert_eq!(outcome_of(check, &changed), Outcome::Rejected, "byte {at}");
    }
}

/// The facts in an outcome, as reports print them.
pub(super) fn facts(outcome: &Outcome) -> Vec<String> {
    let (Outcome::Proven(evidence) | Outcome::Unproven(evidence) | Outcome::Doubtful(evidence)) =
        outcome
    else {
        return Vec::new();
    };
    evidence.iter().filter(|e| matches!(e, Evidence::Fact(..))).map(ToString::to_string).collect()
}
