//! Whether a literal looks like a credential rather than a word, path, identifier, message or dummy.
//!
//! In: a value and the name it is given to. Out: a score from 0 to 1, or nothing. Shannon entropy alone
//! separates badly, so it is one feature among several that a person can follow.

use super::name::Class;
use super::place::{Joint, Place};
use crate::detect::entropy::{Alphabet, shannon};
use crate::detect::kind::listed;
use crate::detect::placeholder;

/// A value's score and the entropy it rests on.
pub(super) struct Judged {
    pub(super) score: f32,
    pub(super) entropy: f32,
}

/// Scores `value`; `None` where it is certainly no credential.
pub(super) fn judge(value: &[u8], name: &[u8], class: Class, place: &Place) -> Option<Judged> {
    let least = if class == Class::Password { 4 } else { 8 };
    if value.len() < least || !value.iter().all(|&b| b >= b' ' && b != 0x7f) {
        return None;
    }
    // `t.pass("…")` is a verb, `setPass("…")` is not.
    if place.joint == Joint::Call && name.ends_with(b"pass") {
        return None;
    }
    if placeholder::reason(value).is_some() || is_other(value) || echoes(value, name) {
        return None;
    }
    let entropy = shannon(value);
    let mix = Mix::of(value);
    let mut score = match class {
        Class::Password => password(value, &mix),
        Class::Secret => secret(value, &mix, entropy),
        Class::Weak | Class::Key => secret(value, &mix, entropy) - 0.25,
    };
    if matches!(
        place.joint,
        Joint::Comma
            | Joint::Compare
            | Joint::Position
            | Joint::Is
            | Joint::Item
            | Joint::Sibling
            | Joint::Space
    ) {
        score -= 0.1;
    }
    if !place.form.quoted && mix.looks_like_code(value) {
        return None;
    }
    (score > 0.2).then_some(Judged { score: score.clamp(0.0, 0.95), entropy })
}

/// Counts of what a value is made of.
struct Mix {
    lower: usize,
    upper: usize,
    digits: usize,
    marks: usize,
    blanks: usize,
    /// Changes between letters, digits and marks, and from lower to upper case.
    turns: usize,
}

impl Mix {
    fn of(value: &[u8]) -> Self {
        let count = |test: fn(&u8) -> bool| value.iter().filter(|b| test(b)).count();
        let kind = |b: u8| match b {
            b'a'..=b'z' => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            _ => 3,
        };
        Self {
            lower: count(u8::is_ascii_lowercase),
            upper: count(u8::is_ascii_uppercase),
            digits: count(u8::is_ascii_digit),
            marks: count(u8::is_ascii_punctuation),
            blanks: count(|&b| b == b' '),
            turns: value.windows(2).filter(|w| kind(w[0]) != kind(w[1])).count(),
        }
    }

    /// A bare value that calls, indexes or dereferences something is an expression.
    fn looks_like_code(&self, value: &[u8]) -> bool {
        value.iter().any(|b| b"()[]{}\\".contains(b))
            || memchr::memmem::find(value, b"->").is_some()
            || memchr::memmem::find(value, b"::").is_some()
            || self.digits == 0
                && self.marks > 0
                && value.iter().all(|&b| b.is_ascii_alphabetic() || matches!(b, b'.' | b'_'))
    }
}

/// A password that people chose. Where a name asks for a password and the value is no dummy, letters alone are
/// one nine times in ten; digits and marks make it surer, words joined by marks and sentences less so.
fn password(value: &[u8], mix: &Mix) -> f32 {
    let letters = mix.lower + mix.upper;
    if mix.blanks > 1 {
        return 0.1;
    }
    if letters == 0 {
        // A PIN or any number.
        return 0.4;
    }
    let mut score: f32 = if value.len() < 5 { 0.4 } else { 0.7 };
    if mix.digits > 0 {
        score += 0.1;
    }
    if mix.marks > 0 {
        score += 0.1;
    }
    if is_kebab(value) {
        score -= 0.3;
    }
    if mix.upper > 0 && mix.lower > 0 && mix.turns > 2 {
        score += 0.05;
    }
    if mix.blanks > 0 {
        score -= 0.3;
    }
    score
}

/// A machine-made secret: it is random for its alphabet.
fn secret(value: &[u8], mix: &Mix, entropy: f32) -> f32 {
    if mix.blanks > 0 {
        return 0.1;
    }
    let alphabet = Alphabet::of(value);
    let over = entropy - alphabet.limit(value.len());
    let mut score: f32 = 0.55 + over.clamp(-0.6, 0.4) * 0.5;
    if alphabet == Alphabet::Decimal {
        return 0.3;
    }
    if mix.digits > 0 && mix.lower + mix.upper > 0 {
        score += 0.15;
    }
    if value.len() >= 16 {
        score += 0.1;
    }
    // Turns between character classes are what random strings have and names have not.
    let density = mix.turns * 10 / value.len();
    score += match density {
        0 => -0.35,
        1 => -0.2,
        2 => 0.0,
        _ => 0.1,
    };
    if is_uuid(value) {
        score = score.min(0.6);
    }
    if is_kebab(value) {
        score -= 0.3;
    }
    score
}

/// Words of letters joined by one kind of mark: `my-long-name`, `some_thing_else`, `a.b.c`.
fn is_kebab(value: &[u8]) -> bool {
    let parts = |mark: u8| {
        value.contains(&mark)
            && value
                .split(|&b| b == mark)
                .all(|part| part.len() < 16 && part.iter().all(u8::is_ascii_alphabetic))
    };
    parts(b'-') || parts(b'_') || parts(b'.') || parts(b'/') || parts(b':')
}

fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// What stands in the place of a password and says so: types, states, labels.
const WORDS: &str = "\
    true false null none nil undefined string boolean number integer required optional disabled \
    enabled password passwd secret token default unknown anonymous basic bearer empty hidden \
    visible prompt text admin test root user guest username email login input value plain \
    plaintext encrypted masked random generate generated autogenerated invalid valid incorrect \
    wrong correct missing nopassword nopass ignored ignore unused unset inherit keyring stdin \
    file environment vault private public always never credentials credential authentication \
    authorization identity session cookie header internal external manual automatic forgot \
    forgotten remember confirm confirmation change reset update create delete object array bytes \
    binary base64 unicode varchar field label title description description:";

/// Beginnings of what is no plain credential: hashes, keys for the public, addresses, colours.
const STARTS: &[&[u8]] = &[
    b"-----BEGIN",
    b"data:",
    b"ssh-",
    b"sha256:",
    b"sha1:",
    b"sha512:",
    b"md5:",
    b"#",
    b"$2a$",
    b"$2b$",
    b"$2y$",
    b"$1$",
    b"$5$",
    b"$6$",
    b"$8$",
    b"$apr1$",
    b"$argon2",
    b"$pbkdf2",
    b"$scrypt",
    b"$y$",
    b"pbkdf2",
    b"phpass:",
    b"argon2",
    b"bcrypt",
    b"scrypt",
    b"{SSHA",
    b"{SHA",
    b"{MD5}",
    b"{CRYPT}",
    b"{bcrypt}",
    b"./",
    b"../",
    b"~/",
    b"C:\\",
];

/// Endings of file and host names.
const ENDS: &[&[u8]] = &[
    b".json", b".yaml", b".yml", b".pem", b".key", b".txt", b".html", b".py", b".js", b".ts",
    b".php", b".com", b".org", b".net", b".go", b".md", b".conf", b".xml",
];

/// Something else that can be told by its shape: a word, path, address, hash, format, mask.
fn is_other(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let count = |byte: u8| memchr::memchr_iter(byte, value).count();
    let path =
        value.starts_with(b"/") && count(b'/') > 1 && !value.iter().any(|b| b"+=".contains(b));
    let format = [&b"%s"[..], b"%d", b"%v", b"{}", b"{0}", b"%@", b"://", b"/*"]
        .iter()
        .any(|mark| memchr::memmem::find(value, mark).is_some());
    path || format
        || count(b'*') * 2 > value.len()
        || std::str::from_utf8(&lower).is_ok_and(|word| listed(WORDS, word))
        || STARTS.iter().any(|start| value.starts_with(start))
        || ENDS.iter().any(|end| lower.ends_with(end))
}

/// Whether the value says no more than its name does (`password = "db_password"`).
fn echoes(value: &[u8], name: &[u8]) -> bool {
    let plain = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|b| b.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect()
    };
    let (value, name) = (plain(value), plain(name));
    if value.len() < 4 || name.is_empty() {
        return false;
    }
    memchr::memmem::find(&name, &value).is_some()
        || memchr::memmem::find(&value, &name).is_some() && name.len() * 2 > value.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::generic::place::{Form, Line};
    use crate::text::Span;

    fn score(value: &str, class: Class) -> f32 {
        let place = Place {
            name: Span::new(0, 0),
            joint: Joint::Equals,
            value: Span::new(0, 0),
            form: Form { quoted: true, ..Form::default() },
            line: Line::default(),
        };
        judge(value.as_bytes(), b"name", class, &place).map_or(0.0, |j| j.score)
    }

    #[test]
    fn passwords_that_people_choose() {
        for value in ["hunter2x", "S3cr3t!pw", "Pa$$w0rt", "qW3rt!zu", "Winter2024!"] {
            assert!(
                score(value, Class::Password) >= 0.7,
                "{value}: {}",
                score(value, Class::Password)
            );
        }
        for value in [
            "required",
            "please enter it",
            "user_password",
            "true",
            "/etc/passwd/file",
            "%s",
            "https://x.y/z",
        ] {
            assert!(
                score(value, Class::Password) < 0.7,
                "{value}: {}",
                score(value, Class::Password)
            );
        }
    }

    #[test]
    fn secrets_that_machines_make() {
        for value in [
            "8f14e45fceea167a5a36dedd4bea2543",
            "q8Zx7Lk2fV9wTnB4mR1s",
            "aB3dE6gH9kL2",
            "x7-Kq2_mP9vT4wZ8",
        ] {
            assert!(score(value, Class::Secret) >= 0.7, "{value}: {}", score(value, Class::Secret));
        }
        for value in [
            "my-application-name",
            "AccessTokenProvider",
            "some.dotted.name",
            "authorization_code",
            "client_credentials",
        ] {
            assert!(score(value, Class::Secret) < 0.7, "{value}: {}", score(value, Class::Secret));
        }
    }
}
