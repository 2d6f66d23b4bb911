//! Recovery phrases of wallets: words of a fixed list, the last of which holds a checksum.
//!
//! In: words with blanks between them. Out: proof by the checksum of BIP-39.

use super::checksum::outcome;
use super::{Outcome, Subject};
use crate::detect::sample::Draw;

/// Verifies a phrase of English words. One of sixteen random phrases of twelve words passes.
pub(super) fn bip39(subject: &Subject<'_>) -> Outcome {
    let text = std::str::from_utf8(subject.secret).unwrap_or_default();
    outcome(bip39::Mnemonic::parse_in_normalized(bip39::Language::English, text).is_ok())
}

/// Counterpart of [`bip39`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let size = draw.pick(&[16, 20, 24, 28, 32]);
    let phrase = bip39::Mnemonic::from_entropy_in(bip39::Language::English, &draw.bytes(size));
    Some(phrase.ok()?.words().collect::<Vec<_>>().join(" ").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::trial::outcome_of;
    use super::*;

    #[test]
    fn the_last_word_must_fit() {
        // The vector of 128 zero bits.
        let phrase = |last: &str| format!("{}{last}", "abandon ".repeat(11));
        assert!(matches!(outcome_of(bip39, &phrase("about")), Outcome::Proven(_)));
        assert_eq!(outcome_of(bip39, &phrase("abandon")), Outcome::Rejected);
        assert_eq!(outcome_of(bip39, &phrase("nowhere")), Outcome::Rejected);
    }
}
