//! Credentials made up at run time, so that none stands in the source.
//!
//! In: a seed. Out: text that a provider could have issued: right alphabet, right length, right checksum.

use leakstop::detect::sample::Draw;

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `length` characters of `alphabet`.
pub(crate) fn random(seed: u64, alphabet: &[u8], length: usize) -> String {
    let text = Draw::seeded(seed).text(alphabet, length);
    String::from_utf8(text).expect("the alphabets are ASCII")
}

/// A GitHub personal access token: 30 random characters and their CRC-32 in base 62.
pub(crate) fn github(seed: u64) -> String {
    let body = random(seed, BASE62, 30);
    let mut sum = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(sum % 62) as usize];
        sum /= 62;
    }
    ["ghp", "_", &body, std::str::from_utf8(&digits).expect("ASCII")].concat()
}

/// A password with a bit of everything in it.
pub(crate) fn password(seed: u64) -> String {
    [&random(seed, b"abcdefghkmnpqrstuvwxyz", 5), "7!", &random(seed + 1, BASE62, 9), "#Q4x"]
        .concat()
}

/// An AWS access key id and its secret.
pub(crate) fn aws(seed: u64) -> (String, String) {
    let id = ["AK", "IA", "Q", &random(seed, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 15)].concat();
    let secret = [&random(seed + 1, BASE62, 19), "+7a/", &random(seed + 2, BASE62, 17)].concat();
    (id, secret)
}

/// A Slack bot token.
pub(crate) fn slack(seed: u64) -> String {
    let digits = |n: u64, length| ["1", &random(seed + n, b"0123456789", length)].concat();
    ["xo", "xb-", &digits(1, 11), "-", &digits(2, 12), "-", &random(seed + 3, BASE62, 24)].concat()
}

/// AWS's documentation key pair, which is published and no secret.
pub(crate) fn published_example() -> (String, String) {
    let id = ["AK", "IA", "IOSFODNN7", "EXAMPLE"].concat();
    (id, ["wJalrXUtnFEMI", "/K7MDENG/bPxRfiCY", "EXAMPLEKEY"].concat())
}

/// A line that holds a GitHub token.
pub(crate) fn line(seed: u64) -> String {
    format!("token = \"{}\"\n", github(seed))
}
