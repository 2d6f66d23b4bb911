//! Passwords in the configuration of Cisco devices.
//!
//! In: what follows `password`, `secret`, `key` or `community`. Out: whether it is one; the reversible
//! type 7 is undone first.

use super::{Outcome, Subject, login};
use crate::detect::sample::Draw;

/// The text that type 7 combines passwords with: obfuscation, published long ago.
const PAD: &[u8] = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

/// Judges a type 7 password by what it stands for.
pub(super) fn type7(subject: &Subject<'_>) -> Outcome {
    login::undone(subject, undo(subject.secret), "reversible type 7")
}

/// Undoes type 7: two decimal digits of offset into the pad, then hex.
fn undo(text: &[u8]) -> Option<Vec<u8>> {
    let (offset, hex) = text.split_at_checked(2)?;
    let offset: usize = std::str::from_utf8(offset).ok()?.parse().ok()?;
    let bytes = data_encoding::HEXUPPER_PERMISSIVE.decode(hex).ok()?;
    let pad = PAD.iter().cycle().skip(offset);
    (offset < PAD.len() && !bytes.is_empty())
        .then(|| bytes.iter().zip(pad).map(|(byte, pad)| byte ^ pad).collect())
}

/// Counterpart of [`type7`].
pub(super) fn mint(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let length = 8 + draw.below(12);
    let (plain, offset) = (draw.word(length), draw.below(PAD.len()));
    let pad = PAD.iter().cycle().skip(offset);
    let bytes: Vec<u8> = plain.bytes().zip(pad).map(|(byte, pad)| byte ^ pad).collect();
    Some(format!("{offset:02}{}", data_encoding::HEXUPPER.encode(&bytes)).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::trial::outcome_of;
    use super::*;

    fn disguise(plain: &str, offset: usize) -> String {
        let pad = PAD.iter().cycle().skip(offset);
        let bytes: Vec<u8> = plain.bytes().zip(pad).map(|(byte, pad)| byte ^ pad).collect();
        format!("{offset:02}{}", data_encoding::HEXUPPER.encode(&bytes))
    }

    #[test]
    fn the_vector_is_undone() {
        let text = ["08321F4D1B1C115A", "37130D093A2721"].concat();
        assert_eq!(undo(text.as_bytes()).as_deref(), Some(&b"s3cret-Example"[..]));
        assert_eq!(disguise("s3cret-Example", 8), text);
    }

    #[test]
    fn dummies_are_seen_through() {
        assert!(matches!(outcome_of(type7, &disguise("Rv4-kettle", 51)), Outcome::Proven(_)));
        assert_eq!(outcome_of(type7, &disguise("cisco", 3)), Outcome::Rejected);
        assert_eq!(outcome_of(type7, &disguise("password", 0)), Outcome::Rejected);
    }

    #[test]
    fn other_text_is_rejected() {
        for text in ["", "7", "08", "0832F", "99AABBCC", "zz3456", "00FFFFFFFF", "-1AABB"] {
            assert_eq!(outcome_of(type7, text), Outcome::Rejected, "{text}");
        }
    }
}
