//! Published dummy credentials: documentation keys, RFC vectors, emulator defaults.
//!
//! In: a secret and its rule. Out: whether it is one of `rules/examples.tsv`, which holds digests only,
//! so that no token stands in the source.

use sha2::{Digest, Sha256};

/// How a row compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// All of the secret.
    Exact,
    /// Its first bytes.
    Prefix,
    /// Its last bytes, for rules of the same vendor only.
    Suffix,
    /// The DER that a PEM block holds.
    Der,
}

mod table {
    use super::How;
    include!(concat!(env!("OUT_DIR"), "/examples.rs"));
}
use table::EXAMPLES;

/// Whether `secret`, matched by `rule`, is a published dummy.
#[must_use]
pub fn is_known(secret: &[u8], rule: &str) -> bool {
    let der = pem_body(secret);
    let vendor = |format: &str| format.split('-').next() == rule.split('-').next();
    // Rows that look at the same bytes stand together: they are digested once.
    EXAMPLES.chunk_by(|a, b| (a.0, a.2) == (b.0, b.2)).any(|rows| {
        let (length, _, how, _) = rows[0];
        let part = match how {
            How::Exact if secret.len() == length => secret,
            How::Prefix if secret.len() >= length => &secret[..length],
            How::Suffix
                if secret.len() >= length && rows.iter().any(|&(.., format)| vendor(format)) =>
            {
                &secret[secret.len() - length..]
            }
            How::Der => match &der {
                Some(der) => der,
                None => return false,
            },
            _ => return false,
        };
        let digest = Sha256::digest(part);
        let counts = |format: &str| how != How::Suffix || vendor(format);
        rows.iter().any(|(_, known, _, format)| digest[..] == known[..] && counts(format))
    })
}

/// The DER inside a PEM block, whatever its lines are indented or escaped with.
fn pem_body(secret: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(secret).ok()?;
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (_, rest) = rest.split_once("-----")?;
    let body = rest.split("-----END").next()?.replace("\\r", "").replace("\\n", "");
    let body: Vec<u8> =
        body.bytes().filter(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)).collect();
    data_encoding::BASE64.decode(&body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_keys_are_known_for_their_vendor_only() {
        let secret = ["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
        assert!(is_known(secret.as_bytes(), "aws-secret-access-key"));
        assert!(is_known(b"anythingEXAMPLEKEY", "aws-secret-access-key"));
        assert!(!is_known(b"anythingEXAMPLEKEY", "generic-secret"));
        assert!(!is_known(b"minioadmim", "minio-access-key"));
        assert!(is_known(b"minioadmin", "minio-access-key"));
    }
}
