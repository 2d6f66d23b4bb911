//! Tokens that have no structure but a prefix that a name in a program may have too.
//!
//! In: prefix and body. Out: rejection of bodies that read as names.

use super::{Outcome, Subject};

/// Rejects a body without a digit. Of random bodies of twenty characters one in forty has none; of
/// names that begin as a token does, most.
pub(super) fn random(subject: &Subject<'_>) -> Outcome {
    let body = subject.secret.rsplit(|&b| b == b'_').next().unwrap_or_default();
    if body.iter().any(u8::is_ascii_digit) {
        Outcome::Unproven(Vec::new())
    } else {
        Outcome::Rejected
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::outcome_of;
    use super::*;

    #[test]
    fn names_are_no_tokens() {
        for text in ["rnd_nextNumberOfTheGenerator", "chpt_introduction", "v2_of_this", ""] {
            assert_eq!(outcome_of(random, text), Outcome::Rejected, "{text}");
        }
        let token = ["rnd_", "Kq8Zt2wLk9xVm4Ry7PnJh6Fd3Sc5"].concat();
        assert_eq!(outcome_of(random, &token), Outcome::Unproven(Vec::new()));
    }
}
