//! Tokens that have no structure but a prefix that a name in a program may have too.
//!
//! In: prefix and body. Out: rejection of bodies that read as names, or hold text where a credential
//! holds ciphertext.

use data_encoding::BASE64;

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

/// Rejects base64 of records: three bytes in five are text. Of ciphertext it is three in eight.
pub(super) fn cipher(subject: &Subject<'_>) -> Outcome {
    let whole = subject.secret.len() / 4 * 4;
    let Ok(bytes) = BASE64.decode(&subject.secret[..whole]) else {
        return Outcome::Unproven(Vec::new());
    };
    let text = bytes.iter().filter(|b| (b' '..=b'~').contains(*b)).count();
    if text * 5 >= bytes.len() * 3 { Outcome::Rejected } else { Outcome::Unproven(Vec::new()) }
}

/// Rejects groups of four letters that read as words: a random group of four has fewer vowels than any
/// four words of a sentence.
pub(super) fn groups(subject: &Subject<'_>) -> Outcome {
    let vowel = |b: &u8| b"aeiou".contains(b);
    let groups: Vec<&[u8]> = subject.secret.split(|&b| b == b' ' || b == b'-').collect();
    let spoken = groups.iter().filter(|group| group.iter().any(vowel)).count();
    if groups.len() > 1 && spoken == groups.len() && groups.iter().all(|g| reads(g)) {
        Outcome::Rejected
    } else {
        Outcome::Unproven(Vec::new())
    }
}

/// Whether no three consonants follow each other.
fn reads(word: &[u8]) -> bool {
    !word.windows(3).any(|three| three.iter().all(|b| !b"aeiouy".contains(b)))
}

#[cfg(test)]
mod tests {
    use super::super::trial::outcome_of;
    use super::*;

    #[test]
    fn words_are_no_groups() {
        assert_eq!(outcome_of(groups, "this will take more"), Outcome::Rejected);
        let random = ["kxqt", "vbzo", "wpfd", "qlha"].join(" ");
        assert_eq!(outcome_of(groups, &random), Outcome::Unproven(Vec::new()));
    }

    #[test]
    fn names_are_no_tokens() {
        for text in ["rnd_nextNumberOfTheGenerator", "chpt_introduction", "v2_of_this", ""] {
            assert_eq!(outcome_of(random, text), Outcome::Rejected, "{text}");
        }
        let token = ["rnd_", "Kq8Zt2wLk9xVm4Ry7PnJh6Fd3Sc5"].concat();
        assert_eq!(outcome_of(random, &token), Outcome::Unproven(Vec::new()));
    }

    #[test]
    fn records_are_no_ciphertext() {
        let record = b"\x08\x02\x12\x10\x0a\x0aThermostat\x12\x04full\x12\x0e\x0a\x08Doorbell";
        assert_eq!(outcome_of(cipher, &BASE64.encode(record)), Outcome::Rejected);
        let noise: Vec<u8> = (0..96_u32).map(|n| (n * n * 37 + n * 101).to_le_bytes()[0]).collect();
        assert_eq!(outcome_of(cipher, &BASE64.encode(&noise)), Outcome::Unproven(Vec::new()));
    }
}
