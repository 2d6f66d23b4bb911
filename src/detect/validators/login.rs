//! User names and passwords outside of URLs: Basic headers, registry logins, connection strings.
//!
//! In: base64 of `user:password`, or a password that a settings string assigns. Out: whether it is a
//! literal password, with the user as a fact.

use bstr::ByteSlice;
use data_encoding::{BASE64, BASE64_NOPAD};

use super::dummy::{is_dummy, is_template};
use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;
use crate::detect::generic::{self, words};
use crate::detect::sample::Draw;

/// Decodes `user:password`.
pub(super) fn basic(subject: &Subject<'_>) -> Outcome {
    let Some(pair) = decode(subject.secret).and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Outcome::Rejected;
    };
    let Some((user, password)) = pair.split_once(':') else {
        return Outcome::Rejected;
    };
    if pair.chars().any(char::is_control) {
        return Outcome::Rejected;
    }
    if is_dummy(password.as_bytes()) || is_reference(password.as_bytes()) {
        return Outcome::Rejected;
    }
    let mut evidence = vec![Evidence::Structure("user:password".into())];
    if user == password || password.len() < 4 {
        evidence.push(Evidence::Context("weak password".into()));
        return Outcome::Doubtful(evidence);
    }
    Outcome::Unproven(evidence)
}

/// Judges a password that stands as it is.
pub(super) fn password(subject: &Subject<'_>) -> Outcome {
    let password = subject.secret;
    if is_dummy(password)
        || is_reference(password)
        || is_element(password)
        || is_call(password)
        || is_member(password.strip_suffix(b")").unwrap_or(password))
        || is_interpolated(subject)
    {
        return Outcome::Rejected;
    }
    if password.len() < 4 {
        return Outcome::Doubtful(vec![Evidence::Context("short password".into())]);
    }
    Outcome::Unproven(Vec::new())
}

/// Judges the password of a `.netrc` entry. Anonymous servers take any.
pub(super) fn netrc(subject: &Subject<'_>) -> Outcome {
    let mut words = subject.whole.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let user = words.find(|word| *word == b"login").and_then(|_| words.next());
    if matches!(user, Some(b"anonymous" | b"ftp")) {
        return Outcome::Rejected;
    }
    // `the default login password set, …` is a sentence.
    if subject.secret.ends_with(b",")
        && subject.secret.iter().filter(|b| b.is_ascii_digit()).count() == 0
    {
        return Outcome::Rejected;
    }
    password(subject)
}

/// What begins an argument that is no password.
const SOURCES: &[&[u8]] = &[b"file:", b"fileb:", b"./", b"http:", b"https:"];

/// Judges what is written in a disguise of `kind` by the password it stands for, if it can be undone.
pub(super) fn undone(subject: &Subject<'_>, plain: Option<Vec<u8>>, kind: &'static str) -> Outcome {
    let printable = |plain: &Vec<u8>| plain.iter().all(|b| (0x20..0x7F).contains(b));
    let Some(plain) = plain.filter(printable) else { return Outcome::Rejected };
    match argument(&Subject { secret: &plain, whole: subject.whole }) {
        Outcome::Unproven(_) => Outcome::Proven(vec![Evidence::Structure(kind.into())]),
        other => other,
    }
}

/// Judges a password that a command, a query or an answer file gives. Manuals are full of them, so
/// what may be a gap or a plain word is not taken at its word.
pub(super) fn argument(subject: &Subject<'_>) -> Outcome {
    let text = subject.secret;
    let mark = |b: &u8| b"$%!@:?<[{(`-/\\*\"'".contains(b);
    let gap = text.first().is_none_or(mark) && !text.iter().skip(1).any(u8::is_ascii_punctuation)
        || !text.iter().any(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || !b.is_ascii())
        || text.starts_with(b"$")
        || text.starts_with(b"`")
        || generic::is_algorithm(text)
        // What commands read the value from, and addresses, whose passwords have rules of their own.
        || SOURCES.iter().any(|source| text.starts_with(source))
        || names_user(subject);
    match password(subject) {
        Outcome::Unproven(_) if gap => Outcome::Rejected,
        Outcome::Unproven(_) if is_hash(text) || is_public(subject) => {
            Outcome::Doubtful(vec![Evidence::Context("hash of a password".into())])
        }
        Outcome::Unproven(_)
            if text.iter().all(|b| b.is_ascii_alphabetic() || b" _-".contains(b))
                && !is_random(text) =>
        {
            Outcome::Doubtful(vec![Evidence::Context("plain words".into())])
        }
        other => other,
    }
}

/// Whether letters change between small ones and capitals too often for names and words.
fn is_random(text: &[u8]) -> bool {
    text.len() >= 8 && words(text).len() * 3 > text.len()
}

/// Judges the password of a settings or build file, which ends the match. Without quotes it may as well be code
/// or prose, and it is one only if it could be neither.
pub(super) fn setting(subject: &Subject<'_>) -> Outcome {
    let text = subject.secret;
    let before = &subject.whole[..subject.whole.len().saturating_sub(text.len())];
    let quoted = matches!(before.last(), Some(b'"' | b'\''));
    let digits = text.iter().any(u8::is_ascii_digit);
    // The rest of a longer name, a literal that a variable is joined to, the end of a call that takes the name, a
    // program that tells the password.
    if before.last().is_some_and(u8::is_ascii_alphanumeric)
        || !digits && text.starts_with(b"+")
        || text.starts_with(b")")
        || text.starts_with(b"exec:")
        || text.ends_with(b".password")
        || is_property(text)
        || generic::is_type(text)
    {
        return Outcome::Rejected;
    }
    let code = matches!(text.first(), Some(b'.' | b'?' | b':'))
        || matches!(text.last(), Some(b';' | b',' | b':' | b'.'))
        || text.iter().any(|b| b"[]()".contains(b))
        || !digits && text.contains(&b'.');
    let foreign = text.iter().filter(|b| !b.is_ascii()).count() * 2 > text.len();
    match argument(subject) {
        Outcome::Unproven(_) if !quoted && (code || foreign) => Outcome::Rejected,
        Outcome::Unproven(_) if !quoted && !digits => {
            Outcome::Doubtful(vec![Evidence::Context("without quotes".into())])
        }
        other => other,
    }
}

/// Whether it is the name of a setting, in three parts of letters or more, or one that names a credential:
/// `nifi.ssl.keystorePassword`, `ldap.bind_password`.
fn is_property(text: &[u8]) -> bool {
    let mut parts = text.split(|&b| b == b'.');
    let letters = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_alphabetic);
    is_member(text) || parts.clone().count() > 2 && parts.all(letters)
}

/// Whether it is a credential's name below another name: `self._param.password`.
fn is_member(text: &[u8]) -> bool {
    let small = |b: &u8| b.is_ascii_lowercase() || b"._".contains(b);
    text.contains(&b'.') && text.iter().all(small) && generic::is_credential(text)
}

/// Whether a server stores it in place of a password: what it opens has to be guessed first.
fn is_hash(text: &[u8]) -> bool {
    let scheme = |name: &[u8]| text.get(..name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name));
    let sum = text.strip_prefix(b"md5").unwrap_or_default();
    [&b"{ssha"[..], b"{sha", b"{md5", b"{smd5", b"{crypt"].into_iter().any(scheme)
        || sum.len() == 32 && sum.iter().all(u8::is_ascii_hexdigit)
}

/// Whether it is the key that `MariaDB` checks a user's signature with: `VIA ed25519 USING '…'`.
fn is_public(subject: &Subject<'_>) -> bool {
    let before = subject.whole.strip_suffix(subject.secret).unwrap_or_default();
    subject.secret.len() == 43 && memchr::memmem::find(before, b"ed25519").is_some()
}

/// Whether the password is the user's name, as in `guest:guest`.
fn names_user(subject: &Subject<'_>) -> bool {
    memchr::memmem::find(subject.whole, &[subject.secret, b":", subject.secret].concat()).is_some()
}

/// Decodes base64 whose value is a password, as `.npmrc` has it.
pub(super) fn encoded(subject: &Subject<'_>) -> Outcome {
    match decode(subject.secret) {
        Some(bytes) if bytes.iter().all(|b| (0x20..0x7F).contains(b)) => {
            password(&Subject { secret: &bytes, whole: subject.whole })
        }
        _ => Outcome::Rejected,
    }
}

/// Base64 with or without its padding.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    BASE64.decode(text).or_else(|_| BASE64_NOPAD.decode(text)).ok()
}

/// A variable, a template or a mask.
fn is_reference(value: &[u8]) -> bool {
    // Behind a named argument stands a comma: `password=PG_PASS, dbname=…`.
    let name = value.strip_suffix(b",").unwrap_or(value);
    let constant = name.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    constant && [&b"_PASSWORD"[..], b"_PASS", b"_PWD"].iter().any(|end| name.ends_with(end))
        || is_template(value)
        || crate::detect::placeholder::reason(value).is_some()
}

/// Whether a program puts a variable there: `Password={config.password};`. ODBC writes passwords in braces too.
fn is_interpolated(subject: &Subject<'_>) -> bool {
    let before = subject.whole.strip_suffix(subject.secret);
    let path =
        subject.secret.iter().take_while(|&&b| b.is_ascii_alphanumeric() || b"_.".contains(&b));
    let path = &subject.secret[..path.count()];
    before.is_some_and(|before| before.ends_with(b"{"))
        && (path.contains(&b'.') || !path.iter().any(u8::is_ascii_digit))
        && (path.len() == subject.secret.len() || subject.secret[path.len()] == b'}')
}

/// Whether a program calls a function for it: `encodeURIComponent(password)`.
fn is_call(value: &[u8]) -> bool {
    let call = value.strip_suffix(b")").and_then(|rest| rest.rsplit_once_str("("));
    let letters = |name: &[u8]| !name.is_empty() && name.iter().all(u8::is_ascii_alphabetic);
    call.is_some_and(|(name, argument)| name.len() > 2 && letters(name) && letters(argument))
}

/// Whether a program takes a value from a list: `argv[1]`.
fn is_element(value: &[u8]) -> bool {
    let list = value.strip_suffix(b"]").and_then(|rest| rest.rsplit_once_str("["));
    list.is_some_and(|(name, number)| {
        number.iter().all(u8::is_ascii_digit)
            && name.first().is_some_and(u8::is_ascii_alphabetic)
            && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
    })
}

/// Counterpart of [`basic`].
pub(super) fn mint_basic(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    let pair = format!("{}:{}", draw.word(6), draw.word(14));
    Some(BASE64.encode(pair.as_bytes()).into_bytes())
}

/// Counterpart of [`encoded`].
pub(super) fn mint_encoded(draw: &mut Draw, _: &[u8]) -> Option<Vec<u8>> {
    Some(BASE64.encode(draw.word(14).as_bytes()).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(check: super::super::Check, text: &str) -> Outcome {
        check(&Subject { secret: text.as_bytes(), whole: text.as_bytes() })
    }

    fn header(pair: &str) -> Outcome {
        judged(basic, &BASE64.encode(pair.as_bytes()))
    }

    #[test]
    fn headers_decode_to_a_pair() {
        assert!(matches!(header("deploy:hunter2"), Outcome::Unproven(_)));
        assert!(matches!(header(":k8Fq!x"), Outcome::Unproven(_)));
        assert!(matches!(header("joe:joe"), Outcome::Doubtful(_)));
        for pair in ["user:pass", "user:${PW}", "no colon", "a:\u{1}bcdef", "x:"] {
            assert_eq!(header(pair), Outcome::Rejected, "{pair}");
        }
        assert_eq!(judged(basic, "authentication"), Outcome::Rejected);
    }

    #[test]
    fn what_a_program_puts_there_is_none() {
        for text in ["argv[1]", "encodeURIComponent(password)", "${DB_PW}"] {
            assert_eq!(judged(password, text), Outcome::Rejected, "{text}");
        }
        let braced = |secret: &str| {
            let whole = format!("Password={{{secret}");
            password(&Subject { secret: secret.as_bytes(), whole: whole.as_bytes() })
        };
        assert_eq!(braced("test.config.pw7}"), Outcome::Rejected);
        assert_eq!(braced("oktaPassword}"), Outcome::Rejected);
        assert_eq!(braced("I2HfrVrw0}"), Outcome::Unproven(Vec::new()));
    }

    #[test]
    fn arguments_that_read_as_gaps_or_words() {
        for text in [
            "$1",
            "%1",
            "$pw9!",
            "PASSWORD",
            "MY_PW",
            ":pw",
            "`cat",
            "password",
            "pass",
            "file://pw7.json",
        ] {
            assert_eq!(judged(argument, text), Outcome::Rejected, "{text}");
        }
        let named = Subject { secret: b"neo4j", whole: b"curl -u neo4j:neo4j" };
        assert_eq!(argument(&named), Outcome::Rejected);
        let hash = ["md5", "adf74603a5772843", "f53e812f03d4c1b7"].concat();
        for text in ["wonderland", "MyNorthernHarbour", "{SSHA}tabyipcHzhwE", &hash] {
            assert!(matches!(judged(argument, text), Outcome::Doubtful(_)), "{text}");
        }
        for text in ["bookmark.password", ").enable(this.x9)", "argv[1]"] {
            assert_eq!(judged(setting, text), Outcome::Rejected, "{text}");
        }
        let sentence = Subject { secret: b"set,", whole: b"default login x password set," };
        assert_eq!(netrc(&sentence), Outcome::Rejected);
        let text = Subject {
            secret: "映射服务器缺少密码".as_bytes(),
            whole: "bind_pw=映射服务器缺少密码".as_bytes(),
        };
        assert_eq!(setting(&text), Outcome::Rejected);
        for text in ["hunter2", "!Kettle-42", "Zx9-plum", "Zx[9]-plum", "FvIjBLIZde"] {
            assert!(matches!(judged(argument, text), Outcome::Unproven(_)), "{text}");
        }
    }

    #[test]
    fn encoded_passwords_are_looked_into() {
        let text = BASE64.encode(b"hunter2!");
        assert!(matches!(judged(encoded, &text), Outcome::Unproven(_)));
        assert_eq!(judged(encoded, &BASE64.encode(b"password")), Outcome::Rejected);
        assert_eq!(judged(encoded, &BASE64.encode(&[7; 9])), Outcome::Rejected);
    }
}
