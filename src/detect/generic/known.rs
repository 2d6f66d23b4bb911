//! Values that are known for something else: the names of algorithms, what a system stores in place of a password,
//! keys for the public, adjectives.
//!
//! In: a value. Out: whether it is such a one, whatever it is given to.

use data_encoding::{BASE32_NOPAD, BASE64, BASE64URL_NOPAD};

use super::nature::marks;
use super::sealed::is_sealed;
use crate::detect::bytes::begins;
use crate::detect::lists::{Lists, slots};
use crate::detect::validators::stellar::crc16;

/// Whether a value is known for something that opens nothing.
pub(super) fn is_known(value: &[u8]) -> bool {
    is_digest(value)
        || is_sealed(value)
        || is_algorithm(value)
        || is_mechanism(value)
        || is_adjective(value)
        || is_reply(value)
        || is_file(value)
        || is_locale(value)
        || is_locked(value)
        || is_type(value)
        || is_nkey(value)
        || is_hollow(value)
        || is_identity(value)
        || is_object(value)
        || is_head(value)
        || is_open(value)
        || begins(value, PUBLIC)
}

/// How keys for the public of SSH begin in base64, what is signed by nobody, what is to be signed (`AWS4-`), names of
/// accounts, keys of projects of `PostHog`, and the marks that a translator's service puts in the place of a text.
const PUBLIC: &[&[u8]] = &[
    b"AAAAB3NzaC1",
    b"AAAAC3NzaC",
    b"AAAAE2VjZHNh",
    b"AAAAIHNzaC1",
    b"AAAAHHNzaC1",
    b"eyJhbGciOiJub25l",
    b"crwdns",
    b"b3BkYXRhMD",
    b"QVdTNC1",
    b"amzn1.account.",
    b"phc_",
];

/// How what a system stores in place of a password begins, in lower case: hashes, and what is encrypted.
const DIGESTS: &[&[u8]] = &[
    b"{sha",
    b"{ssha",
    b"{md",
    b"{smd5",
    b"{crypt",
    b"{bcrypt",
    b"{scrypt",
    b"{argon2",
    b"{pbkdf2",
    b"{ldap}",
    b"<enc-",
    b"$p$",
    b"$h$",
    b"$1$",
    b"$2$",
    b"$2a$",
    b"$2b$",
    b"$2y$",
    b"$5$",
    b"$6$",
    b"$7$",
    b"$y$",
    b"$apr1$",
    b"$argon2",
    b"$pbkdf2",
    b"$scrypt",
    b"$shiro",
    b"pbkdf2_sha",
    b"pbkdf2:",
    b"scrypt:",
    b"scram-sha",
    b"sha256:",
    b"sha512:",
    b"enc(",
    b"enc{",
    b"hmacsha",
    b"hmac-sha",
    b"pbkdf2with",
];

/// Whether a value is a digest of a password or a ciphertext, as its beginning tells.
fn is_digest(value: &[u8]) -> bool {
    salted(value)
        || stored(value)
        || value.first().is_some_and(|byte| b"{<$pPsSeEhH".contains(byte))
            && DIGESTS.iter().any(|start| {
                value.get(..start.len()).is_some_and(|here| here.eq_ignore_ascii_case(start))
            })
        || [&b"$2a$"[..], b"$2b$", b"$2y$"]
            .iter()
            .any(|start| marks(value, start).any(|at| value.len() >= at + 60))
}

/// Whether a value is a digest in hex behind its salt in braces: `{salt}eb75…`.
fn salted(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"{") else { return false };
    let close = rest.iter().take(32).position(|&b| b == b'}');
    let digest = close.map_or(&[][..], |close| &rest[close + 1..]);
    digest.len() >= 32 && is_hex(digest)
}

/// Whether a value is a digest as `PostgreSQL` stores it (`md5…`) or `MySQL` (`*2470…`), as a webhook is signed
/// (`sha256=883d…`), or behind the algorithm's name and a salt (`sha1:aae8550c0a44:9507…`).
fn stored(value: &[u8]) -> bool {
    if let Some(digest) = value.strip_prefix(b"*")
        && digest.len() == 40
    {
        return is_hex(digest);
    }
    if let Some(digest) = value.strip_prefix(b"md5")
        && digest.len() == 32
    {
        return is_hex(digest);
    }
    let mut parts = value.rsplit(|&b| matches!(b, b':' | b'$' | b'='));
    let digest = parts.next().unwrap_or_default();
    let name = parts.next_back().unwrap_or_default();
    is_sum(digest) && (name.starts_with(b"sha") || name.starts_with(b"md5"))
}

/// Whether a value is how OpenSSH calls the file with a key: `id_ed25519`.
fn is_identity(value: &[u8]) -> bool {
    matches!(
        value,
        b"id_rsa" | b"id_dsa" | b"id_ecdsa" | b"id_ed25519" | b"id_ecdsa_sk" | b"id_ed25519_sk"
    )
}

/// Whether a value begins as an object of JSON, whose fields have names of their own: `{"a":1}`. With its quotes in
/// escapes it may be all of a token.
fn is_object(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"{\"") else { return false };
    memchr::memchr(b'"', rest)
        .is_some_and(|end| rest[end + 1..].trim_ascii_start().starts_with(b":"))
}

/// Whether a value is a block of PEM in base64 that is too short to hold a key.
fn is_hollow(value: &[u8]) -> bool {
    value.len() < 140 && value.starts_with(b"LS0tLS1CRUdJTi")
}

/// Whether a value is the head of a token, without what it says: `{"alg":"RS256"}` in base64.
fn is_head(value: &[u8]) -> bool {
    let value = value.strip_suffix(b".").unwrap_or(value);
    if !matches!(value, [b'e', b'w' | b'y', ..]) || value.len() > 512 {
        return false;
    }
    // It may be cut short, too.
    let Ok(json) = BASE64URL_NOPAD.decode(&value[..value.len() / 4 * 4]) else { return false };
    let holds = |key| memchr::memmem::find(&json, key).is_some();
    holds(b"\"alg\"") && !holds(b"\"kty\"")
}

/// Whether a value begins as a key for the public, a certificate or a ciphertext does, in DER and base64: private keys
/// begin with the number of their version.
fn is_open(value: &[u8]) -> bool {
    let Some(start) = value.get(..32).filter(|start| start[0] == b'M') else { return false };
    let Ok(bytes) = BASE64.decode(start) else { return false };
    let Some((0x30, _, body)) = element(&bytes) else { return false };
    match element(body) {
        Some((0x30, _, [0x06, ..] | [0xa0, 0x03, 0x02, 0x01, ..])) => true,
        Some((0x02, length, _)) => length > 16,
        _ => false,
    }
}

/// Tag and length of the element of DER that `bytes` begin with, and the bytes behind them.
fn element(bytes: &[u8]) -> Option<(u8, usize, &[u8])> {
    match *bytes {
        [tag, 0x82, high, low, ref rest @ ..] => {
            Some((tag, usize::from(high) << 8 | usize::from(low), rest))
        }
        [tag, 0x81, length, ref rest @ ..] | [tag, length @ ..=0x7f, ref rest @ ..] => {
            Some((tag, length.into(), rest))
        }
        _ => None,
    }
}

fn is_hex(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a value has the form of a digest in hex.
pub(in crate::detect::generic) fn is_sum(value: &[u8]) -> bool {
    matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && is_hex(value)
}

/// Parts of the names of algorithms that name one alone.
const ALGORITHMS: &str = "\
    aes sha md rsa dsa ecdsa eddsa secp sect prime brainpoolp nistp curve hmac hs rs es ps chacha poly des \
    tripledes blake argon pbkdf bcrypt scrypt camellia aria twofish eap chap mschap mschapv blowfish rc crc \
    cast";
/// What goes with them, and numbers longer than a digit: sizes in bits, versions.
const MODES: &str = "\
    cbc gcm ctr ecb ccm cfb ofb siv xts kw ede oaep pkcs pss padding nopadding with and none r k v t b s id \
    bit cmac wrap mgf crypt cts ike special gtc ttls peap sim aka otp ecdhe dhe ecdh tls hkdf etm ssh edh in \
    16 20 32 64 128 160 163 192 224 233 239 256 283 320 384 409 448 512 521 571 1024 1305 2048 3072 4096 \
    25519";
/// Curves whose names are no more than a letter or two and a number.
const CURVES: &str = "ed25519 ed448 x25519 x448";
static NAMED: Lists<{ slots(&[ALGORITHMS, MODES, CURVES]) }> =
    Lists::new(&[ALGORITHMS, MODES, CURVES]);

/// Whether a value is the name of an algorithm or a curve: `secp256r1`, `aes-256-gcm`, `RSA-OAEP-256`.
pub(in crate::detect) fn is_algorithm(value: &[u8]) -> bool {
    if value.len() > 40 || !value.iter().any(u8::is_ascii_digit) {
        return false;
    }
    // Short words that may begin anything else too.
    let ike = value.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"ike:"));
    let curve = if ike { &value[4..] } else { value };
    if NAMED.of_folded(curve) >> 2 & 1 != 0 {
        return true;
    }
    let kind = |b: &u8| (b.is_ascii_alphabetic(), b.is_ascii_digit());
    let mut named = false;
    let known = value.chunk_by(|a, b| kind(a) == kind(b)).all(|part| match kind(&part[0]) {
        (true, _) => {
            let lists = NAMED.of_folded(part);
            named |= lists & 1 != 0;
            lists != 0
        }
        (_, true) => part.len() == 1 || NAMED.of(part) != 0,
        _ => part.len() == 1 && b"-_./+: ".contains(&part[0]),
    });
    named && known
}

/// Ways to log in, which stand where a credential might.
const MECHANISMS: &str = "\
    anonymous basic base16 base32 base58 base64 base64url bearer cas digest gssapi kerberos krb5 ldap ldaps \
    ntlm oauth oauth2 oidc openid pam plain radius saml saml2 sigv4 shibboleth spnego tacacs wpa-eap wpa-psk \
    wpa2-psk wpa3-sae x509";
static MECHANISM: Lists<{ slots(&[MECHANISMS]) }> = Lists::new(&[MECHANISMS]);

/// Whether a value names a way to log in: `gssapi`, `saml2`.
fn is_mechanism(value: &[u8]) -> bool {
    MECHANISM.of_folded(value) != 0
}

/// How words end that say how something is written or kept.
const ADJECTIVES: &[&[u8]] = &[
    b"-encoded",
    b"-decoded",
    b"-encrypted",
    b"-decrypted",
    b"-hashed",
    b"-based",
    b"-signed",
    b"-protected",
    b"-escaped",
    b"-formatted",
    b"-separated",
    b"-delimited",
    b"-generated",
    b"-byte",
    b"-bytes",
    b"-bit",
    b"-bits",
    b"-character",
    b"-characters",
    b"-digit",
    b"-digits",
    b"-stelligen",
    b"-stellige",
];

/// Whether a value is an adjective: `base64-encoded`, `32-byte`.
fn is_adjective(value: &[u8]) -> bool {
    let value = value.strip_suffix(b".").unwrap_or(value);
    let plain = |head: &[u8]| {
        head.len() < 12 && head.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    };
    let Some(dash) = memchr::memrchr(b'-', value) else { return false };
    ADJECTIVES.iter().any(|end| value[dash..].eq_ignore_ascii_case(end)) && plain(&value[..dash])
}

/// Whether a value is what a server answers: a number and a sentence.
fn is_reply(value: &[u8]) -> bool {
    let [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ', rest @ ..] = value else { return false };
    memchr::memchr_iter(b' ', rest).count() > 1
        && rest.iter().all(|b| b.is_ascii_alphabetic() || b" .,!'-".contains(b))
}

/// Endings of files that hold keys and certificates, and of archives.
const FILES: &[&[u8]] = &[
    b".zip",
    b".jar",
    b".pfx",
    b".p12",
    b".pem",
    b".jks",
    b".crt",
    b".cer",
    b".der",
    b".keystore",
    b".keytab",
    b".gpg",
    b".asc",
];

/// Whether a value is the name of such a file: `mycert.pfx`.
fn is_file(value: &[u8]) -> bool {
    let Some(dot) = memchr::memrchr(b'.', value) else { return false };
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"_-./".contains(b);
    FILES.iter().any(|end| value[dot..].eq_ignore_ascii_case(end)) && value[..dot].iter().all(part)
}

/// Whether a value is a language with its writing and country: `pau-Latn-PW`.
fn is_locale(value: &[u8]) -> bool {
    let small = |part: &[u8]| part.iter().all(u8::is_ascii_lowercase);
    let [language @ .., b'-', script, a, b, c, b'-', country, of] = value else { return false };
    matches!(language.len(), 2 | 3)
        && small(language)
        && small(&[*a, *b, *c])
        && [script, country, of].into_iter().all(u8::is_ascii_uppercase)
}

/// Whether a value stands where a password's digest would, of an account without one: locked on Solaris and BSD,
/// logged into by other ways.
fn is_locked(value: &[u8]) -> bool {
    matches!(value, b"*LK*" | b"*NP*" | b"*LOCKED*")
}

/// What databases call their types of texts and bytes, without a size.
const TYPES: &str = "\
    varchar varchar2 nvarchar nvarchar2 varbinary longvarchar longvarbinary tinytext mediumtext longtext tinyblob \
    mediumblob longblob bytea clob nclob citext";
static TYPE: Lists<{ slots(&[TYPES]) }> = Lists::new(&[TYPES]);

/// How the types of Pascal's frameworks end, which no dictionary knows.
const KINDS: &[&[u8]] = &[b"Utf8", b"Utf8Char", b"Int64", b"DynArray"];

/// Whether a value is the type of a database's column, or of a variable: `VARCHAR(1000)`, `RawUtf8`.
pub(in crate::detect) fn is_type(value: &[u8]) -> bool {
    // Behind a reference and the package it comes from: `&secstr::SecUtf8`.
    let value = value.strip_prefix(b"&").unwrap_or(value);
    let value = &value[memchr::memrchr(b':', value).map_or(0, |colon| colon + 1)..];
    let kind = KINDS.iter().find_map(|end| value.strip_suffix(*end));
    if kind.is_some_and(|rest| rest.len() < 12 && rest.iter().all(u8::is_ascii_alphanumeric)) {
        return value.first().is_some_and(u8::is_ascii_uppercase);
    }
    let name = value.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let size = match &value[name..] {
        [] => true,
        [b'(', size @ .., b')'] => size.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    size && TYPE.of_folded(&value[..name]) != 0
}

/// Whether a value is proved to be the public half of a key: base32 with a checksum, as NATS writes users (`U`) and
/// accounts (`A`), and Stellar its accounts (`G`). A seed begins with `S`.
fn is_nkey(value: &[u8]) -> bool {
    if value.len() != 56 || !b"ACGNOUX".contains(&value[0]) {
        return false;
    }
    let Ok(bytes) = BASE32_NOPAD.decode(value) else { return false };
    bytes.split_last_chunk::<2>().is_some_and(|(body, sum)| crc16(body) == *sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key of NATS of which `kind` is the first byte.
    fn nkey(kind: u8) -> String {
        let mut bytes = vec![kind << 3];
        bytes.extend(1..=32);
        bytes.extend(crc16(&bytes));
        BASE32_NOPAD.encode(&bytes)
    }

    #[test]
    fn types_of_columns_and_variables() {
        for name in ["LONGBLOB", "VARCHAR(1000)", "TRawUtf8DynArray", "Int64", "&secstr::SecUtf8"] {
            assert!(is_type(name.as_bytes()) && is_known(name.as_bytes()), "{name}");
        }
        assert!(!is_type(b"varchar(x)") && !is_type(b"kettleInt64x"));
    }

    #[test]
    fn values_that_open_nothing() {
        let sum = "5c0744940b5c369b".repeat(2);
        for value in [
            "secp256r1",
            "prime256v1",
            "faa95a81ae7d7373.zip",
            "$P$Br387rwferoKN7uwHZqNMu98q3U8RO.",
            "aes-256-gcm",
            "RSA-OAEP-256",
            "ike:ed25519",
            "IKE:Ed25519",
            "eap-md5",
            "gssapi",
            "saml2",
            "base64-encoded.",
            "32-byte",
            "230 Welcome you silly person",
            "mycert.pfx",
            "pau-Latn-PW",
            "id_ed25519",
            "{\"a\":1}{\"b\":2",
            "eyJhbGciOiJSUzI1NiIsImtpZCI6Imlr",
            "wpa-psk",
            "sigv4",
            "hmac-sha256:883d7702eb6b4806",
            "<enc-v1>6FvOrx1O9TKB",
            "ewogImFsZyI6ICJSUzI1NiIKfQ",
            "*LK*",
            "*LOCKED*",
            "{SSHA}YvMAkkd66cDecNoejo8j",
            "$2y$10$abcdefghijklmnopqrst",
            "ENC(dZSxRJoRDuI58eYkWIuH4Q==)",
            "crwdns12312:0crwdne12312:0",
            "QVdTNC1ITUFDLVNIQTI1NgoyMDE1",
            "b3BkYXRhMDFAAAAAAAAAABNhfrkP",
            "$shiro1$SHA-256$500000$q8Zx7Lk2",
            "$7$oeVDSaCZOSOMIVB0Yv2lBqldGvLt0pXW",
            "AAAAB3NzaC1yc2EAAAABIwAAAQEA",
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A",
            "MIIBCgKCAQEAn11L2YZ9h7onug2ILi1MWyHiMRsT",
            "MIIDQjCCAjUGByqGSM44BAEwggIoAoIBAQCPeTXZ",
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEq8Zx7Lk2fV9w",
            "MCowBQYDK2VwAyEAq8Zx7Lk2fV9wTnB4mR1s",
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
            "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9",
            "b3BkYXRhMDEq8Zx7Lk2fV9wTnB4mR1s",
            "{q8Zx7Lk2}5c0744940b5c369b5c0744940b5c369b",
            "PBKDF2WithHmacSHA256",
            "scram-sha-256",
            "conf/server.keystore",
        ]
        .into_iter()
        .chain([
            &*format!("md5{sum}"),
            &format!("sha1:aae8550c0a44:{sum}5c074494"),
            &nkey(20),
            &format!("LS0tLS1CRUdJTi{}", "BQUklWQVRF"),
        ]) {
            assert!(is_known(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn digests_of_databases_and_webhooks_are_known() {
        let sum = "5c0744940b5c369b".repeat(2);
        for value in [format!("sha256={sum}{sum}"), format!("*{sum}5c074494")] {
            assert!(is_known(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn passwords_and_keys_are_not_known() {
        for value in [
            "hunter2",
            "rsa1984",
            "ed2x9",
            "md5hash7",
            "plum-32-byte7",
            "2.qZx7|plum",
            "q8Zx7||plum",
            "230 plums",
            "q8Zx7Lk2fV9wTnB4mR1s",
            "plain7",
            "pau-Latn-7W",
            "ewq8Zx7Lk2",
            "id_ed25519x7",
            "{\"q8\"Zx7",
            "MFkwEwq8Zx7Lk2fV9wTnB4mR1sq8Zx7Lk2fV9wTnB4mR1s",
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj",
            "MHcCAQEEIq8Zx7Lk2fV9wTnB4mR1sq8Zx7Lk2fV9",
            "{q8Zx7Lk2}plum",
            "server.keystore7",
            "999 plums for you",
            "*q8x",
            "*Summer2024*",
            "sha1:x7Lq",
            &nkey(18),
            &nkey(20).replace('Q', "R"),
        ] {
            assert!(!is_known(value.as_bytes()), "{value}");
        }
    }
}
