//! A finding's identity, stable over edits.
//!
//! In: rule id, secret, path. Out: a [`Fingerprint`]. Moved lines, other commits and a reworded rule do not
//! change it; another file, value or rule does.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::text::Secret;

/// The first 128 bits of SHA-256 over a version tag, rule id, path and secret, each with its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of a secret that `rule` found at `path`.
    #[must_use]
    pub fn of(rule: &str, secret: &Secret, path: Option<&[u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in [b"leakstop-1", rule.as_bytes(), path.unwrap_or_default(), secret.reveal()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut first = [0; 16];
        first.copy_from_slice(&hash.finalize()[..16]);
        Self(first)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts_and_none_runs_into_the_next() {
        let of = |rule, secret: &[u8], path: &[u8]| {
            Fingerprint::of(rule, &Secret::new(secret), Some(path)).to_string()
        };
        assert_eq!(of("a", b"s", b"p"), of("a", b"s", b"p"));
        assert_ne!(of("a", b"s", b"p"), of("a", b"s", b"q"));
        assert_ne!(of("ab", b"s", b"c"), of("a", b"s", b"bc"));
        assert_eq!(of("a", b"s", b"p").len(), 32);
    }
}
