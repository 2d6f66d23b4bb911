//! Secrets of Entra ID applications: the last three characters are a checksum of the rest.
//!
//! In: a secret with `8Q~` at offset 3. Out: proven or rejected.

use super::{Outcome, Subject, marvin};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

const DIGITS: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// Checks the checksum of an application secret.
pub(super) fn client_secret(subject: &Subject<'_>) -> Outcome {
    let Some((body, sum)) = subject.secret.split_last_chunk::<3>() else {
        return Outcome::Rejected;
    };
    if leading_digits(marvin::checksum(*b"AadPwd00", body)) == *sum {
        return Outcome::Proven(vec![Evidence::Checksum]);
    }
    Outcome::Rejected
}

/// The first three of the six base-66 digits of `sum`.
fn leading_digits(sum: u32) -> [u8; 3] {
    let digit = |power: u32| DIGITS[(sum / 66_u32.pow(power) % 66) as usize];
    [digit(5), digit(4), digit(3)]
}

/// Counterpart of [`client_secret`].
pub(super) fn mint(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (body, _) = form.split_last_chunk::<3>()?;
    let sum = leading_digits(marvin::checksum(*b"AadPwd00", body));
    Some([body, &sum].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&str]) -> Outcome {
        let secret = pieces.concat();
        client_secret(&Subject { secret: secret.as_bytes(), whole: secret.as_bytes() })
    }

    #[test]
    fn a_right_checksum_proves() {
        let proven = Outcome::Proven(vec![Evidence::Checksum]);
        assert_eq!(check(&["2US", "8Q~", "PYSd6MfelG0oBGn", "N8EW7vemwbQGZNmQ", "csk"]), proven);
        assert_eq!(check(&["zzz", "8Q~", &"z".repeat(31), "blP"]), proven);
    }

    #[test]
    fn a_wrong_one_does_not() {
        let altered = check(&["2US", "8Q~", "PYSd6MfelG0oBGn", "N8EW7vemwbQGZNmR", "csk"]);
        assert_eq!(altered, Outcome::Rejected);
        assert_eq!(check(&["ab"]), Outcome::Rejected);
    }
}
