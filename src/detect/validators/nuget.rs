//! `NuGet` gallery keys: 46 base32 digits, of which 20 hold `v4` and an id, and 26 a secret.
//!
//! In: a key. Out: `Proven` when the spare bits of both parts are clear. Newer generators may set
//! them, so set bits prove nothing.

use super::{Evidence, Outcome, Subject};

/// Digits of the first part; 12 bytes fill 19.2 of them.
const ID: usize = 20;

/// A scoped API key.
pub(super) fn key(subject: &Subject<'_>) -> Outcome {
    let lower = subject.secret.to_ascii_lowercase();
    let Some((id, secret)) = lower.split_at_checked(ID) else {
        return Outcome::Rejected;
    };
    // Four spare bits in the first part, two in the second.
    let clear = matches!(id, [.., b'a' | b'q']) && id.starts_with(b"oy2");
    let clear = clear && matches!(id[3], b'a'..=b'p');
    let clear =
        clear && matches!(secret, [.., b'a' | b'e' | b'i' | b'm' | b'q' | b'u' | b'y' | b'4']);
    if clear {
        Outcome::Proven(vec![Evidence::Structure("base32 of v4".into())])
    } else {
        Outcome::Unproven(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::outcome_of;
    use super::*;

    #[test]
    fn spare_bits() {
        let whole = ["oy2", "eqa52btkfrsc6dqkq", "hqebpvrvxdvpmk47gzauioa6vu"].concat();
        for key_text in [whole.clone(), whole.to_ascii_uppercase()] {
            assert!(matches!(outcome_of(key, &key_text), Outcome::Proven(_)));
        }
        for (at, digit) in [(3, "q"), (19, "b"), (45, "b")] {
            let mut changed = whole.clone();
            changed.replace_range(at..=at, digit);
            assert_eq!(outcome_of(key, &changed), Outcome::Unproven(Vec::new()));
        }
        assert_eq!(outcome_of(key, "oy2a"), Outcome::Rejected);
    }
}
