//! Azure DevOps tokens of 52 characters: base32 with a CRC-32 strewn between the random bytes.
//!
//! In: a token. Out: proven or rejected by the checksum.

use data_encoding::BASE32_NOPAD;

use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// Where the checksum's bytes are, most significant first.
const CHECKSUM: [usize; 4] = [2, 7, 8, 22];

/// What the checksum is combined with, by who was given the token.
const MASKS: [(u32, &str); 2] = [(0xe0b9_692d, "user"), (0x1019_f92e, "application")];

/// Checks a token's checksum.
pub(super) fn token(subject: &Subject<'_>) -> Outcome {
    let Some(bytes) = decode(subject.secret) else {
        return Outcome::Rejected;
    };
    let sum = u32::from_be_bytes(CHECKSUM.map(|place| bytes[place]));
    let random: Vec<u8> = (0..bytes.len())
        .filter(|place| !CHECKSUM.contains(place))
        .map(|place| bytes[place])
        .collect();
    let crc = crc32fast::hash(&random);
    match MASKS.iter().find(|(mask, _)| crc ^ mask == sum) {
        Some((_, owner)) => {
            Outcome::Proven(vec![Evidence::Checksum, Evidence::Fact("owner", (*owner).to_owned())])
        }
        None => Outcome::Rejected,
    }
}

fn decode(text: &[u8]) -> Option<[u8; 32]> {
    let upper = text.to_ascii_uppercase();
    BASE32_NOPAD.decode(&upper).ok()?.try_into().ok()
}

/// Counterpart of [`token`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let random = draw.bytes(28);
    let (mask, _) = draw.pick(&MASKS);
    let sum = (crc32fast::hash(&random) ^ mask).to_be_bytes();
    let (mut random, mut sum) = (random.into_iter(), sum.into_iter());
    let bytes: Vec<u8> = (0..32)
        .filter_map(|at| if CHECKSUM.contains(&at) { sum.next() } else { random.next() })
        .collect();
    Some(BASE32_NOPAD.encode(&bytes).to_ascii_lowercase().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&str]) -> Outcome {
        let secret = pieces.concat();
        token(&Subject { secret: secret.as_bytes(), whole: secret.as_bytes() })
    }

    #[test]
    fn a_right_checksum_proves() {
        let outcome = check(&["ruo6f2lcc3hzph", "jdxyohtr4tmhrt57", "7vvkud5tzouwg", "cnsy5zefa"]);
        let owner = Evidence::Fact("owner", "user".to_owned());
        assert_eq!(outcome, Outcome::Proven(vec![Evidence::Checksum, owner]));
    }

    #[test]
    fn anything_else_is_rejected() {
        let altered = ["suo6f2lcc3hzph", "jdxyohtr4tmhrt57", "7vvkud5tzouwg", "cnsy5zefa"];
        assert_eq!(check(&altered), Outcome::Rejected);
        assert_eq!(check(&["ruo6f2lcc3hzph"]), Outcome::Rejected);
        // Spare bits that are not zero.
        let spare = ["ruo6f2lcc3hzph", "jdxyohtr4tmhrt57", "7vvkud5tzouwg", "cnsy5zefb"];
        assert_eq!(check(&spare), Outcome::Rejected);
        assert_eq!(check(&["0189", "!"]), Outcome::Rejected);
    }
}
