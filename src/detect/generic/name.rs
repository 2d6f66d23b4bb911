//! Whether a name means a credential, or only contains such a word.
//!
//! In: a name as it stands in a file (`db_password`, `X-Api-Key`, `passwordResetUrl`). Out: its
//! [`Class`], or nothing.

use super::value::ends;
use super::vocabulary::{LISTED, List, Word};

/// Which word of a name means a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// `password` and the like, in many languages: people choose it, entropy says little.
    Password,
    /// `pass`, `pw`.
    Pass,
    /// `secret`.
    Secret,
    /// `token`.
    Token,
    /// `…key`.
    Key,
    /// `credential`.
    Credential,
    /// `auth`, `authorization`.
    Auth,
    /// A key of some kind: of a map, a cipher, an account.
    Plain,
}

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature of its own")]
pub(super) struct Meaning {
    /// Its last word that means a credential.
    pub(super) class: Class,
    /// Words before it.
    pub(super) before: usize,
    /// Words after it, numbers and the like left out.
    pub(super) after: usize,
    /// A word before it says that it is about something else, or does something with it.
    pub(super) head: bool,
    /// A word after it says so.
    pub(super) tail: bool,
    /// A word says that the value is made up.
    pub(super) test: bool,
    /// A word says whose it is.
    pub(super) owner: bool,
}

impl Meaning {
    /// What is said where the name is not needed.
    pub(super) const PASSWORD: Self = Self {
        class: Class::Password,
        before: 0,
        after: 0,
        head: false,
        tail: false,
        test: false,
        owner: false,
    };
}

/// What `name` says of a credential, if it speaks of one.
pub(super) fn meaning(name: &[u8]) -> Option<Meaning> {
    // So Symfony, Laravel and ASP.NET call what a form sends to show that it is theirs.
    if name == b"_token" || name.ends_with(b"RequestVerificationToken") {
        return None;
    }
    let (text, ends) = joined(name);
    let mut start = 0;
    let word = |end: usize| {
        let text = &text[std::mem::replace(&mut start, end)..end];
        Word { text, lists: LISTED.of(text.as_bytes()) }
    };
    let words: Vec<Word<'_>> = ends.into_iter().map(word).collect();
    let (at, class) = credential(&words)?;
    let (heads, tails) = (&words[..at], &words[at + 1..]);
    if tails.last().is_some_and(|word| word.is(List::Ends)) {
        return None;
    }
    let any = |words: &[Word<'_>], list| words.iter().any(|word| word.is(list));
    Some(Meaning {
        class,
        before: heads.len(),
        after: tails.iter().filter(|word| !word.is_number() && !word.is(List::Plain)).count(),
        head: any(heads, List::Heads) || heads.last().is_some_and(|word| word.is(List::Near)),
        tail: any(tails, List::Tails),
        test: any(&words, List::Tests),
        owner: any(&words, List::Owners),
    })
}

/// Whether `name` is of what names a credential, and opens nothing: `SecretID`, `signing_key_id`. That of an access key
/// is told by its form, and a UUID may be what logs in with a role. With `clientToken` a request is told from another,
/// with `sonar.projectKey` and Mixpanel's token a project, with a CAPTCHA's key a page.
pub(super) fn is_identifier(name: &[u8], uuid: bool) -> bool {
    if uuid && [&b"lientToken"[..], b"lient-token"].iter().any(|end| name.ends_with(end))
        || name.ends_with(b"sonar.projectKey")
        || [&b"captchakey"[..], b"captcha_key", b"captcha-key"].iter().any(|end| ends(name, end))
        || name.eq_ignore_ascii_case(b"mixpanel_token")
        || name.eq_ignore_ascii_case(b"mixpanel_project_token")
    {
        return true;
    }
    let Some(rest) = name.len().checked_sub(2).map(|at| name.split_at(at)) else { return false };
    if !rest.1.eq_ignore_ascii_case(b"id") {
        return false;
    }
    let words = words(name);
    let before: Vec<&str> = words.iter().rev().skip(1).map(String::as_str).collect();
    words.last().is_some_and(|last| last == "id")
        && match before[..] {
            ["key", "access", ..] | ["accesskey", ..] => false,
            ["secret", ..] => !uuid,
            _ => true,
        }
}

/// How a credential is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Encrypted: `encryptedMetadataKey`, `wrapped_signing_key`.
    Sealed,
    /// As a digest: `hashed_password`, `saltedPassword`.
    Hashed,
}

/// How `name` says that a credential is kept, if not as it is.
pub(super) fn kept(name: &[u8]) -> Option<Kept> {
    const SEALED: &[&str] = &["encrypted", "encryptedkey", "wrapped", "sealed", "enciphered"];
    const HASHED: &[&str] = &["hashed", "salted"];
    // Hardly any name has a word in the past, and to split one costs more than to see that.
    name.windows(2).find(|pair| pair.eq_ignore_ascii_case(b"ed"))?;
    let words = words(name);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if any(SEALED) { Some(Kept::Sealed) } else { any(HASHED).then_some(Kept::Hashed) }
}

/// Whether a call of this name looks a credential up by the name it is given: `loadSecrets("…")`.
pub(super) fn looks_up(name: &[u8]) -> bool {
    const VERBS: &[&[u8]] =
        &[b"load", b"fetch", b"find", b"lookup", b"resolve", b"query", b"select"];
    VERBS.iter().any(|verb| {
        let next = name.get(verb.len());
        starts(name, verb) && next.is_some_and(|b| b.is_ascii_uppercase() || *b == b'_')
    })
}

/// Index of the last word that means a credential, and what it means.
fn credential(words: &[Word<'_>]) -> Option<(usize, Class)> {
    let public = words.iter().any(|word| word.is(List::Public));
    (0..words.len()).rev().find_map(|at| {
        let word = words[at];
        // How a key is written changes nothing, and a base is what keys are made from.
        let last = match words[at + 1..] {
            [] => true,
            [next] => matches!(next.text, "base64" | "b64" | "hex" | "base"),
            _ => false,
        };
        let before = at.checked_sub(1).map_or(Word { text: "", lists: 0 }, |i| words[i]);
        let ending = Word { lists: LISTED.of_ends(word.text.as_bytes()), ..word };
        let password = ending.is(List::Passwords);
        let once = word.text == "pass" && before.is(List::Rounds);
        // A form's token is for everybody; the secret that such tokens are made with is not.
        let made_with = ending.is(List::Secrets) && matches!(before.text, "csrf" | "xsrf");
        let open = (public || before.is(List::Open)) && !password && !made_with;
        let shown = word.text.ends_with("publickey")
            || word.text == "key"
                && matches!(
                    before.text,
                    "identity"
                        | "tenant"
                        | "row"
                        | "external"
                        | "sender"
                        | "gateway"
                        | "company"
                        | "component"
                );
        let class = if once || open || shown || word.is(List::Passes) {
            return None;
        } else if password || word.text == "passe" && matches!(before.text, "de" | "palavra") {
            Class::Password
        } else if word.is(List::Shorts) || word.text.ends_with("pass") {
            Class::Pass
        } else if ending.is(List::Tokens) {
            Class::Token
        } else if ending.is(List::Credentials) {
            Class::Credential
        } else if ending.is(List::Secrets) {
            Class::Secret
        } else if ending.is(List::KeyWords) || word.is(List::KeyNouns) && before.is(List::Keys) {
            Class::Key
        } else if word.text == "code" && before.text.ends_with("auth")
            || word.text == "verifier" && before.text == "oauth"
            || word.text == "authorization"
            || word.text == "auth" && last
        {
            Class::Auth
        } else if word.text.ends_with("key") && last {
            Class::Plain
        } else {
            return None;
        };
        Some((at, class))
    })
}

/// Whether a name that ends in `word` holds something about a credential, and not one.
pub(in crate::detect) fn elsewhere(word: &str) -> bool {
    LISTED.of(word.as_bytes()) >> List::Tails as u32 & 1 != 0
}

/// Splits `snake_case`, `kebab-case`, `camelCase`, `dotted.names` and `CAPITALS` into lower-case words.
pub(in crate::detect) fn words(name: &[u8]) -> Vec<String> {
    let (text, ends) = joined(name);
    let mut start = 0;
    ends.into_iter().map(|end| text[std::mem::replace(&mut start, end)..end].to_owned()).collect()
}

/// The same words without anything between them, and where each one ends.
pub(in crate::detect) fn joined(name: &[u8]) -> (String, Vec<usize>) {
    if name.is_ascii() {
        // Nearly all are, and need no decoding.
        split(name.len(), name.iter().map(|&byte| char::from(byte)))
    } else {
        split(name.len(), String::from_utf8_lossy(name).chars())
    }
}

/// What a character is in a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Small,
    Capital,
    Digit,
    /// A letter that is neither, or a digit of another alphabet.
    Letter,
    Mark,
}

impl Part {
    fn of(c: char) -> Self {
        match c {
            'a'..='z' => Self::Small,
            'A'..='Z' => Self::Capital,
            '0'..='9' => Self::Digit,
            '\0'..='\x7f' => Self::Mark,
            _ if c.is_lowercase() => Self::Small,
            _ if c.is_uppercase() => Self::Capital,
            _ if c.is_alphanumeric() => Self::Letter,
            _ => Self::Mark,
        }
    }
}

fn split(
    length: usize,
    mut characters: impl Iterator<Item = char> + Clone,
) -> (String, Vec<usize>) {
    use Part::{Capital, Digit, Mark, Small};
    let mut text = String::with_capacity(length);
    let mut ends: Vec<usize> = Vec::with_capacity(8);
    let (mut before, mut last) = (Mark, 0);
    while let Some(c) = characters.next() {
        let part = Part::of(c);
        let parts = match (before, part) {
            (Small, Capital) | (_, Mark) => true,
            (Capital, Capital) => characters.clone().next().is_some_and(|c| Part::of(c) == Small),
            (Mark, _) => false,
            _ => (before == Digit) != (part == Digit),
        };
        if parts && text.len() > last {
            last = text.len();
            ends.push(last);
        }
        if c.is_ascii() && part != Mark {
            text.push(c.to_ascii_lowercase());
        } else if part != Mark {
            text.extend(c.to_lowercase());
        }
        before = part;
    }
    if text.len() > last {
        ends.push(text.len());
    }
    (text, ends)
}

/// Whether `text` begins with a word that often ends the name of a credential.
pub(super) fn is_late(text: &[u8]) -> bool {
    starts(text, b"key") || starts(text, b"auth")
}

fn starts(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word))
}

/// Whether a word of the name before `at`, where `key` or `auth` stands, calls up the same rule.
pub(super) fn repeats(name: &[u8], at: usize) -> bool {
    const WHOLE: &[&[u8]] = &[b"secret", b"token", b"credential", b"creds"];
    const BEFORE_KEY: &[&[u8]] = &[
        b"api",
        b"access",
        b"private",
        b"auth",
        b"encryption",
        b"signing",
        b"master",
        b"account",
        b"storage",
        b"shared",
        b"session",
        b"deploy",
        b"hmac",
        b"aes",
        b"jwt",
        b"cookie",
        b"app",
    ];
    if at == 0 {
        return false;
    }
    let before = name[..at].to_ascii_lowercase();
    let near = before.strip_suffix(b"_").or_else(|| before.strip_suffix(b"-")).unwrap_or(&before);
    WHOLE.iter().any(|word| memchr::memmem::find(&before, word).is_some())
        || starts(&name[at..], b"key") && BEFORE_KEY.iter().any(|word| near.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_spelling() {
        for name in ["dbRootPassword", "DB_ROOT_PASSWORD", "db-root-password", "db.rootPassword"] {
            assert_eq!(words(name.as_bytes()), ["db", "root", "password"], "{name}");
        }
        assert_eq!(words(b"AWSSecretKey2"), ["aws", "secret", "key", "2"]);
    }

    #[test]
    fn names_that_mean_a_credential() {
        let plain = |name: &str, class| {
            let meaning = meaning(name.as_bytes()).unwrap();
            assert!(meaning.class == class && !meaning.head && !meaning.tail, "{name}");
        };
        for name in ["password", "dbPassword", "mypasswd", "userPwd1", "passwort", "пароль"] {
            plain(name, Class::Password);
        }
        plain("DB_PASS", Class::Pass);
        plain("clientSecret", Class::Secret);
        plain("auth_token", Class::Token);
        for name in ["X-Api-Key", "SECRET_KEY", "encryptionKey", "hmac_key"] {
            plain(name, Class::Key);
        }
    }

    #[test]
    fn identifiers_open_nothing() {
        for name in ["SecretID", "signing_key_id", "passTypeId", "token-id"] {
            assert!(is_identifier(name.as_bytes(), false), "{name}");
        }
        assert!(!is_identifier(b"secret_id", true) && !is_identifier(b"client_token", true));
        assert!(is_identifier(b"sonar.projectKey", false));
        assert!(is_identifier(b"MIXPANEL_TOKEN", false));
        assert!(is_identifier(b"recaptchaKey", false) && is_identifier(b"RECAPTCHA_KEY", false));
        assert!(is_identifier(b"--client-token", true) && !is_identifier(b"clientToken", false));
        for name in ["AccessKeyId", "paid", "rapid_token", "id"] {
            assert_eq!(is_identifier(name.as_bytes(), false), name == "id", "{name}");
        }
    }

    #[test]
    fn names_of_what_is_kept() {
        assert_eq!(kept(b"mockEncryptedPrivateKey"), Some(Kept::Sealed));
        assert_eq!(kept(b"ENCRYPTED_METADATA_KEY"), Some(Kept::Sealed));
        assert_eq!(kept(b"encryptedkey"), Some(Kept::Sealed));
        assert_eq!(kept(b"hashed_password"), Some(Kept::Hashed));
        for name in ["encryptionKey", "shared_secret", "unencrypted", "password"] {
            assert_eq!(kept(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn calls_that_look_up() {
        assert!(looks_up(b"loadSecrets") && looks_up(b"find_token"));
        assert!(!looks_up(b"setToken") && !looks_up(b"loader"));
    }

    #[test]
    fn names_that_only_contain_one() {
        assert!(elsewhere("timeout") && !elsewhere("password"));
        for name in ["password_file", "token_path", "password_id"] {
            assert!(meaning(name.as_bytes()).unwrap().tail, "{name}");
        }
        for name in ["max_tokens", "resetPassword", "primary_key", "anon_key"] {
            assert!(meaning(name.as_bytes()).unwrap().head, "{name}");
        }
        for name in ["key", "otherKey", "prev_key"] {
            assert_eq!(meaning(name.as_bytes()).unwrap().class, Class::Plain, "{name}");
        }
        for name in [
            "author",
            "credentialName",
            "bypass",
            "compass",
            "multi_pass",
            "tokenizer",
            "keyboard",
            "publicKey",
            "nextToken",
            "nextForwardToken",
            "existingSecret",
            "LockToken",
            "resumptionToken",
            "NamePass",
            "namepass",
            "NOPASSWD",
            "addFormatToken",
            "addRegexToken",
            "PolicyUpdateToken",
            "workUnitToken",
            "csrf_token",
            "Sec-WebSocket-Key",
            "minipass",
            "kpasswd",
            "token_prefix",
            "fastcgi_pass",
            "SERVERPUBLICKEY",
            "sonar.formkey",
            "pniIdentityKey",
            "rowkey",
            "passwordOption",
            "rbd_secret_uuid",
            "prekeyKey",
            "LAST_PREKEY",
            "externalKey",
            "csrfmiddlewaretoken",
        ] {
            assert_eq!(meaning(name.as_bytes()), None, "{name}");
        }
    }
}
