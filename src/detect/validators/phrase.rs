//! Recovery phrases of wallets: words of a fixed list, the last of which holds a checksum.
//!
//! In: words with blanks between them. Out: proof by the checksum of BIP-39, or of Monero.

use super::checksum::outcome;
use super::{Outcome, Subject};
use crate::detect::sample::Draw;

/// Verifies a phrase of English words. One of sixteen random phrases of twelve words passes.
pub(super) fn bip39(subject: &Subject<'_>) -> Outcome {
    let text = std::str::from_utf8(subject.secret).unwrap_or_default();
    outcome(bip39::Mnemonic::parse_in_normalized(bip39::Language::English, text).is_ok())
}

/// Words of a Monero phrase before the one that repeats one of them.
const MONERO: usize = 24;
/// Letters that tell the English words of Monero apart.
const UNIQUE: usize = 3;

/// Verifies a Monero phrase: which of its words the last repeats is the CRC-32 of what tells them apart. That
/// holds whatever the words, so their list is not needed.
pub(super) fn monero(subject: &Subject<'_>) -> Outcome {
    let words: Vec<&[u8]> = subject.secret.split(|&b| b == b' ').collect();
    let sound = match words.split_last() {
        Some((last, words)) if words.len() == MONERO => repeated(words) == Some(*last),
        _ => false,
    };
    // One word over and over has every checksum.
    let distinct: std::collections::BTreeSet<_> = words.iter().collect();
    outcome(sound && distinct.len() > MONERO / 2)
}

/// The word that ends a phrase.
fn repeated<'w>(words: &[&'w [u8]]) -> Option<&'w [u8]> {
    let letters: Vec<u8> =
        words.iter().flat_map(|word| word.iter().take(UNIQUE)).copied().collect();
    words.get(crc32fast::hash(&letters) as usize % words.len()).copied()
}

/// Counterpart of [`monero`].
pub(super) fn mint_monero(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let words: Vec<Vec<u8>> = (0..MONERO)
        .map(|_| {
            let length = 4 + draw.below(5);
            draw.text(b"abcdefghijklmnopqrstuvwxyz", length)
        })
        .collect();
    let mut words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    words.push(repeated(&words)?);
    Some(words.join(&b' '))
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

    #[test]
    fn a_monero_phrase_repeats_the_word_its_checksum_names() {
        let mut draw = Draw::new("monero", 1);
        let phrase = String::from_utf8(mint_monero(&mut draw, b"").unwrap()).unwrap();
        assert!(matches!(outcome_of(monero, &phrase), Outcome::Proven(_)));
        let (words, last) = phrase.rsplit_once(' ').unwrap();
        let other = words.split(' ').find(|word| *word != last).unwrap();
        assert_eq!(outcome_of(monero, &format!("{words} {other}")), Outcome::Rejected);
        assert_eq!(outcome_of(monero, words), Outcome::Rejected);
        assert_eq!(outcome_of(monero, "abbey ".repeat(25).trim_end()), Outcome::Rejected);
    }
}
