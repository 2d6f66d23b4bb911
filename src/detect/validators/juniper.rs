//! Secrets in the configuration of Juniper devices.
//!
//! In: what stands in quotes behind `secret`, `key` or `ascii-text`. Out: whether it can be undone to a password: type 9
//! of Junos is a disguise without a key, published with the Perl module `Crypt::Juniper`.

use super::{Outcome, Subject, login};
use crate::detect::sample::Draw;

/// What marks the type.
const MARK: &[u8] = b"$9$";
/// The letters in which it is written. A letter's group tells how many letters of no meaning follow the first one.
const LETTERS: &[u8] = b"QzF3n6/9CAtpu0OB1IREhcSyrleKvMW8LXx7N-dVbwsY2g4oaJZGUDjiHkq.mPf5T";
/// Where the groups end.
const GROUPS: [usize; 3] = [15, 35, 55];
/// What the distances between the letters of a byte count, byte by byte in turn.
const WEIGHTS: [&[usize]; 7] =
    [&[1, 4, 32], &[1, 16, 32], &[1, 8, 32], &[1, 64], &[1, 32], &[1, 4, 16, 128], &[1, 32, 64]];

/// Judges a secret by what it stands for.
pub(super) fn type9(subject: &Subject<'_>) -> Outcome {
    login::undone(subject, undo(subject.secret), "reversible type 9")
}

fn place(letter: u8) -> Option<usize> {
    memchr::memchr(letter, LETTERS)
}

/// Letters of no meaning behind a first letter at `place`.
fn idle(place: usize) -> usize {
    GROUPS.iter().filter(|&&end| place < end).count()
}

/// Undoes type 9: each byte is a sum of weighted distances, from letter to letter in the order of [`LETTERS`].
fn undo(text: &[u8]) -> Option<Vec<u8>> {
    let (&first, rest) = text.strip_prefix(MARK)?.split_first()?;
    let mut last = place(first)?;
    let mut rest = rest.get(idle(last)..)?;
    let mut plain = Vec::new();
    while !rest.is_empty() {
        let weights = WEIGHTS[plain.len() % WEIGHTS.len()];
        let (letters, left) = rest.split_at_checked(weights.len())?;
        let mut sum = 0;
        for (&letter, weight) in letters.iter().zip(weights) {
            let here = place(letter)?;
            let distance = (here + 2 * LETTERS.len() - last - 1) % LETTERS.len();
            sum += distance * weight;
            last = here;
        }
        plain.push(u8::try_from(sum % 256).ok()?);
        rest = left;
    }
    (!plain.is_empty()).then_some(plain)
}

/// The inverse of [`undo`], with `first` and what has no meaning after it.
fn disguise(plain: &[u8], first: usize, filler: &[u8]) -> Vec<u8> {
    let mut text = [MARK, &[LETTERS[first]], &filler[..idle(first)]].concat();
    let mut last = first;
    for (index, &byte) in plain.iter().enumerate() {
        let weights = WEIGHTS[index % WEIGHTS.len()];
        let mut left = usize::from(byte);
        let mut distances = vec![0; weights.len()];
        for (distance, weight) in distances.iter_mut().zip(weights).rev() {
            (*distance, left) = (left / weight, left % weight);
        }
        for distance in distances {
            last = (last + distance + 1) % LETTERS.len();
            text.push(LETTERS[last]);
        }
    }
    text
}

/// Counterpart of [`type9`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let length = 8 + draw.below(8);
    let (plain, first) = (draw.word(length), draw.below(LETTERS.len()));
    let filler = draw.text(LETTERS, 3);
    Some(disguise(plain.as_bytes(), first, &filler))
}

#[cfg(test)]
mod tests {
    use super::super::trial::outcome_of;
    use super::*;

    #[test]
    fn the_vector_is_undone() {
        let text = ["$9$", "LbHX-wg4Z"].concat();
        assert_eq!(undo(text.as_bytes()).as_deref(), Some(&b"lc"[..]));
        assert_eq!(undo(b"$9$"), None);
        assert_eq!(undo(b"$9$LbHX-"), None);
        assert_eq!(undo(b"$9$LbHX-w!4Z"), None);
    }

    #[test]
    fn every_first_letter_is_undone() {
        for first in 0..LETTERS.len() {
            let text = disguise(b"Rv4-kettle", first, b"QzF");
            assert_eq!(undo(&text).as_deref(), Some(&b"Rv4-kettle"[..]));
        }
    }

    #[test]
    fn dummies_are_seen_through() {
        let judged = |plain: &[u8]| {
            outcome_of(type9, std::str::from_utf8(&disguise(plain, 7, b"QzF")).unwrap())
        };
        assert!(matches!(judged(b"Rv4-kettle"), Outcome::Proven(_)));
        assert_eq!(judged(b"password"), Outcome::Rejected);
        assert_eq!(judged(b"Rv4\x01kettle"), Outcome::Rejected);
    }
}
