//! Tokens that end in a CRC-32 of the rest.
//!
//! In: a token with its prefix. Out: `Proven` when the checksum is right. When it is wrong:
//! `Rejected`, or `Unproven` where the construction is not certain.

use data_encoding::{BASE64_NOPAD, HEXLOWER, HEXUPPER};

use super::checksum::{base62, ends_in_base62, outcome, sealed};
use super::{Outcome, Subject};
use crate::detect::sample::Draw;

/// npm and Vercel: base62 over what stands between prefix and checksum.
pub(super) fn base62_body(subject: &Subject<'_>) -> Outcome {
    outcome(ends_in_base62(body(subject.secret)))
}

/// Matrix (Synapse): base62 over everything before the last `_`, prefix included.
pub(super) fn matrix(subject: &Subject<'_>) -> Outcome {
    let holds = split_at_last(subject.secret, b'_')
        .is_some_and(|(under, sum)| base62(under).as_slice() == sum);
    outcome(holds)
}

/// Cloudflare: eight hex digits over the body.
pub(super) fn cloudflare(subject: &Subject<'_>) -> Outcome {
    let holds =
        body(subject.secret).split_last_chunk::<8>().is_some_and(|(under, sum)| hex(under) == sum);
    outcome(holds)
}

/// Zuplo: eight hex digits over what stands between the two `_`.
pub(super) fn zuplo(subject: &Subject<'_>) -> Outcome {
    let holds =
        split_at_last(body(subject.secret), b'_').is_some_and(|(under, sum)| hex(under) == sum);
    outcome(holds)
}

/// Grafana service accounts: four little-endian bytes in hex, over all before the last `_`.
pub(super) fn grafana(subject: &Subject<'_>) -> Outcome {
    let holds = split_at_last(subject.secret, b'_').is_some_and(|(under, sum)| {
        let crc = crc32fast::hash(under).to_le_bytes();
        HEXLOWER.encode(&crc).as_bytes() == sum
    });
    outcome(holds)
}

/// Confluent: four little-endian bytes in base64, over the body.
pub(super) fn confluent(subject: &Subject<'_>) -> Outcome {
    let holds =
        subject.secret.strip_prefix(b"cflt").and_then(<[u8]>::split_last_chunk::<6>).is_some_and(
            |(under, sum)| {
                let crc = crc32fast::hash(under).to_le_bytes();
                BASE64_NOPAD.encode(&crc).as_bytes() == sum
            },
        );
    outcome(holds)
}

/// Atlassian `ATATT`: eight upper-case hex digits over everything before them.
pub(super) fn atlassian(subject: &Subject<'_>) -> Outcome {
    outcome(ends_in_upper_hex(subject.secret))
}

/// Atlassian `ATCTT` and `ATBB`: as [`atlassian`], but nobody has seen it hold on a genuine token,
/// so a wrong checksum says nothing.
pub(super) fn atlassian_maybe(subject: &Subject<'_>) -> Outcome {
    if ends_in_upper_hex(subject.secret) { outcome(true) } else { Outcome::Unproven(Vec::new()) }
}

fn ends_in_upper_hex(secret: &[u8]) -> bool {
    secret.split_last_chunk::<8>().is_some_and(|(under, sum)| {
        let crc = crc32fast::hash(under).to_be_bytes();
        HEXUPPER.encode(&crc).as_bytes() == sum
    })
}

fn hex(under: &[u8]) -> Vec<u8> {
    HEXLOWER.encode(&crc32fast::hash(under).to_be_bytes()).into_bytes()
}

/// What follows the prefix, which ends with the first `_`.
fn body(secret: &[u8]) -> &[u8] {
    memchr::memchr(b'_', secret).map_or(&[], |at| &secret[at + 1..])
}

fn split_at_last(secret: &[u8], mark: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memrchr(mark, secret)?;
    Some((&secret[..at], &secret[at + 1..]))
}

/// Counterpart of [`base62_body`].
pub(super) fn mint_base62_body(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (under, _) = body(form).split_last_chunk::<6>()?;
    Some(sealed(form, &base62(under)))
}

/// Counterpart of [`matrix`].
pub(super) fn mint_matrix(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (under, _) = split_at_last(form, b'_')?;
    Some(sealed(form, &base62(under)))
}

/// Counterpart of [`cloudflare`].
pub(super) fn mint_cloudflare(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (under, _) = body(form).split_last_chunk::<8>()?;
    Some(sealed(form, &hex(under)))
}

/// Counterpart of [`zuplo`].
pub(super) fn mint_zuplo(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (under, _) = split_at_last(body(form), b'_')?;
    Some(sealed(form, &hex(under)))
}

/// Counterpart of [`grafana`].
pub(super) fn mint_grafana(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (under, _) = split_at_last(form, b'_')?;
    let sum = HEXLOWER.encode(&crc32fast::hash(under).to_le_bytes());
    Some(sealed(form, sum.as_bytes()))
}

/// Counterpart of [`confluent`].
pub(super) fn mint_confluent(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (under, _) = form.strip_prefix(b"cflt")?.split_last_chunk::<6>()?;
    let sum = BASE64_NOPAD.encode(&crc32fast::hash(under).to_le_bytes());
    Some(sealed(form, sum.as_bytes()))
}

/// Counterpart of [`atlassian`].
pub(super) fn mint_atlassian(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (under, _) = form.split_last_chunk::<8>()?;
    let sum = HEXUPPER.encode(&crc32fast::hash(under).to_be_bytes());
    Some(sealed(form, sum.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::trial::{assert_refutes_changes, outcome_of};
    use super::*;

    #[test]
    fn npm() {
        let token = ["npm_", "pWzByrKZZtKddQktqN", "MilCRXvsxF9l2Tinir"].concat();
        assert_refutes_changes(base62_body, &token, 4);
    }

    #[test]
    fn vercel() {
        let token = ["vcp_", "0rKpbPNp9CqOJNzX7eAo6UtD8zKr", "LdIxYE2mq4h41S4imfVkVL0IAIgj"];
        assert_refutes_changes(base62_body, &token.concat(), 4);
    }

    #[test]
    fn matrix_covers_its_prefix() {
        let token = ["syt_", "YWxpY2U", "_G2NMdLkU8smhnGyYvnbg", "_4ImNWv"].concat();
        assert_refutes_changes(matrix, &token, 0);
    }

    #[test]
    fn cloudflare_user_token() {
        let token = ["cfut_", "GQubJaUc8RQPfE335k9dCdK5wpQP", "qdSm4CZ2QeYka9665170"];
        assert_refutes_changes(cloudflare, &token.concat(), 5);
    }

    #[test]
    fn zuplo_key() {
        let token = ["zpka_", "3321a9ab2a35e12c", "6f0c3b1deb317014", "_caae4259"];
        assert_refutes_changes(zuplo, &token.concat(), 5);
    }

    #[test]
    fn grafana_service_account() {
        let token = ["glsa_", "4r62KjRfwCWnSAj2MMH7", "rTiAKcXIhPit", "_b2b88540"];
        assert_refutes_changes(grafana, &token.concat(), 0);
    }

    #[test]
    fn confluent_secret() {
        let token = ["cflt", "XY8mDhYdjR0NoXxqtTrAF4oojJe2", "Gy+h3XhW9+k43WLTzzLqIM2UZUtycvTg"];
        assert_refutes_changes(confluent, &token.concat(), 0);
    }

    #[test]
    fn atlassian_cloud() {
        let token = [
            "ATATT",
            "3xFfGF0PDeUH34kZ0JbqQYySIhqZykY9eY7OMsWxHiNs8PsunktgtxNx3IaX",
            "QVUI8MHQJZfaYqN_MsPCkqXBWg2-UfjdtfWxsQZmDv_zD-57MebbmTq6qWXc",
            "5oLnakEuVhrBgvtdCGnO6TwiHiI_bPxO7R-qnEh3Yyf6LcHoB7Lf8yJWlO=693DF3B4",
        ];
        assert_refutes_changes(atlassian, &token.concat(), 0);
        let changed = token.concat().replace("693DF3B4", "693DF3B5");
        assert_eq!(outcome_of(atlassian_maybe, &changed), Outcome::Unproven(Vec::new()));
    }

    #[test]
    fn fragments_do_not_panic() {
        for check in [base62_body, matrix, cloudflare, zuplo, grafana, confluent, atlassian] {
            for text in ["", "_", "__", "a_b", "cflt", "npm_0"] {
                assert_eq!(outcome_of(check, text), Outcome::Rejected, "{text}");
            }
        }
    }
}
