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

/// Rows that look at the same bytes. They stand together, behind all that look at fewer, and are digested once.
#[derive(Clone, Copy)]
struct Group {
    length: usize,
    how: How,
    /// The first of them.
    row: usize,
}

/// All groups, behind the last of them where the table ends, and how many there are.
static GROUPS: ([Group; EXAMPLES.len() + 1], usize) = {
    let end = Group { length: 0, how: How::Der, row: EXAMPLES.len() };
    let (mut groups, mut count, mut row) = ([end; EXAMPLES.len() + 1], 0, 0);
    while row < EXAMPLES.len() {
        let (length, _, how, _) = EXAMPLES[row];
        let new = row == 0
            || EXAMPLES[row - 1].0 != length
            || EXAMPLES[row - 1].2 as usize != how as usize;
        if new {
            groups[count] = Group { length, how, row };
            count += 1;
        }
        row += 1;
    }
    (groups, count)
};

/// Whether `secret`, matched by `rule`, is a published dummy, or one in base64, hex or escapes.
#[must_use]
pub fn is_known(secret: &[u8], rule: &str) -> bool {
    is_listed(secret, rule)
        || bare(secret).is_some_and(|key| is_listed(&key, rule))
        || plain(secret).is_some_and(|plain| {
            let known = bare(&plain).is_some_and(|key| is_listed(&key, rule));
            plain.len() >= 8 && (known || is_listed(&plain, rule))
        })
}

/// A key of 32 bytes in hex as the table has it.
fn bare(secret: &[u8]) -> Option<Vec<u8>> {
    let hex = secret.len() == 64 && secret.iter().all(u8::is_ascii_hexdigit);
    hex.then(|| [b"0x", &secret.to_ascii_lowercase()[..]].concat())
}

/// What stands in base64, hex or escapes: a generic name may hold that instead of the value itself.
fn plain(secret: &[u8]) -> Option<Vec<u8>> {
    if secret.starts_with(b"\\u00") || secret.starts_with(b"\\x") {
        let width = if secret[1] == b'u' { 6 } else { 4 };
        let digits = secret.chunks(width).flat_map(|escape| escape.iter().rev().take(2).rev());
        return data_encoding::HEXLOWER_PERMISSIVE
            .decode(&digits.copied().collect::<Vec<u8>>())
            .ok();
    }
    let bare = secret.trim_ascii_end();
    let bare = &bare[..bare.iter().rposition(|&b| b != b'=').map_or(0, |last| last + 1)];
    let hex = || data_encoding::HEXLOWER_PERMISSIVE.decode(bare).ok();
    let text = |bytes: &Vec<u8>| bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
    let base64 = || data_encoding::BASE64_NOPAD.decode(bare).ok().filter(text);
    hex().filter(text).or_else(base64)
}

fn is_listed(secret: &[u8], rule: &str) -> bool {
    let der = pem_body(secret);
    let vendor = |format: &str| format.split('-').next() == rule.split('-').next();
    let groups = GROUPS.0[..=GROUPS.1].windows(2);
    groups.take_while(|ends| ends[0].length <= secret.len()).any(|ends| {
        let Group { length, how, row } = ends[0];
        let rows = || &EXAMPLES[row..ends[1].row];
        let part = match how {
            How::Exact if secret.len() == length => secret,
            How::Prefix => &secret[..length],
            How::Suffix if rows().iter().any(|&(.., format)| vendor(format)) => {
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
        rows().iter().any(|(_, known, _, format)| digest[..] == known[..] && counts(format))
    })
}

/// The DER inside a PEM block, whatever its lines are indented or escaped with.
fn pem_body(secret: &[u8]) -> Option<Vec<u8>> {
    // Hardly any secret is a block, and to prepare a search costs more than to see that.
    memchr::memchr(b'-', secret)?;
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

    #[test]
    fn what_is_encoded_is_known_too() {
        let secret = ["Q3AM3UQ867", "SPQQA43P2F"].concat();
        let hex = data_encoding::HEXLOWER.encode(secret.as_bytes());
        let escapes = secret.bytes().map(|b| format!("\\u{b:04x}")).collect::<Vec<_>>().concat();
        let base64 = data_encoding::BASE64.encode(secret.as_bytes());
        let key = ["4f3edf983ac636a65a842ce7c78d9aa7", "06d3b113bce9c46f30d7d21715b23b1d"].concat();
        assert!(is_known(key.as_bytes(), "ethereum-private-key"), "without 0x");
        for text in [&secret, &hex, &escapes, &base64] {
            assert!(is_known(text.as_bytes(), "generic"), "{text}");
            assert!(!is_known(&text.as_bytes()[2..], "generic"), "{text}");
        }
    }
}
