//! Whether a name means a credential, or only contains such a word.
//!
//! In: a name as it stands in a file (`db_password`, `X-Api-Key`, `passwordResetUrl`). Out: its
//! [`Class`], or nothing.

use crate::detect::kind::listed;
use crate::detect::placeholder::is_wordy;

/// What kind of value a name asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// People choose it: entropy says little.
    Password,
    /// A machine made it.
    Secret,
    /// The name holds such a word, but says something else besides.
    Weak,
    /// A key of some kind: of a map, a cipher, an account.
    Key,
}

/// Single words that mean a password, wherever they end a word.
const PASSWORDS: &str = "\
    password passwd passwrd passphrase passcode passwort kennwort contrasena contraseña senha \
    pwd pswd passw mdp motdepasse wachtwoord haslo hasło losenord lösenord parola пароль пароля \
    salasana adgangskode jelszo jelszó heslo sifre şifre lozinka parool 密码 密碼 口令 パスワード \
    비밀번호 암호";
/// Whole words that mean a password.
const SHORT_PASSWORDS: &str = "pass psw pw clave";
/// Words that end like one and mean something else.
const PASSES: &str = "\
    askpass bypass compass trespass surpass overpass underpass phpass onepass multipass subpass \
    prepass renderpass lowpass highpass bandpass allpass encompass";
/// What makes a `pass` a round of work.
const ROUNDS: &str = "\
    one multi render compute shadow depth sub pre post first second third last next final single \
    two optimization analysis lowering compiler backward forward geometry blur light type priority \
    test tests tests did must should can";
/// Words that mean a machine-made secret, wherever they end a word.
const SECRETS: &str = "\
    secret secrets token apikey secretkey accesskey privatekey authkey credential credentials \
    creds authorization geheimnis schlüssel schluessel секрет токен 密钥 秘钥 令牌 トークン 토큰 jwt";
/// What makes a `key` a secret one.
const KEYS: &str = "\
    api access private secret auth encryption encrypt enc sign signing signature master account \
    storage service subscription shared session admin deploy hmac aes crypto cipher jwt consumer \
    integration app application license client server host write security cookie mac certificate \
    org verification recaptcha maps vapid webhook bot feed ingest instrumentation \
    stripe merchant partner vault recovery des rsa ssh tls ssl ec ecdsa psk wep wpa";
/// What follows the word when the value is about a credential but none.
const TAILS: &str = "\
    url uri path file filename dir directory folder name names type types length len size min \
    max count limit limits expiry expires expire expiration expired ttl timeout lifetime \
    duration age format field fields label hint prompt placeholder message msg error errors err \
    regex regexp pattern policy policies rule rules hash hashes hasher hashers digest algorithm algo alg \
    header headers prefix suffix id ids ref refs version enabled disabled required valid invalid \
    validator strength manager provider store storage resolver service client factory builder \
    handler helper class kind scope scopes status state endpoint address host port page form \
    input button title text description desc doc docs help usage info link icon index idx \
    position pos start end stream list array map set table column count counts bits bytes issuer \
    audience method mode grant template selector arn region reset change changed update updated \
    recovery forgot authentication authenticator env var variable attribute attr property prop \
    param parameter arg argument option config settings test tests spec example examples usages \
    data key keys ring chain pair ping at by in of for from to with is was and or checksum salt \
    iv nonce budget holder char chars separator";
/// What comes before the word when it is about something else.
const HEADS: &str = "\
    is has have no use uses using with without forgot forgotten reset change show hide enable \
    disable require requires invalid wrong missing check verify validate need needs allow min \
    max num public site anon count csrf xsrf authenticity forgery page continuation cancellation pagination sync prompt completion primary foreign sort partition cache hash hashed \
    encrypted get delete remove create generate list";

/// The same, but only right before the word.
const NEAR: &str = "\
    image video lex parse parser syntax eof bos eos pad unk mask sep cls special design theme \
    color colour stop start end next";

/// What may follow the word and changes nothing: which one it is, and how it is written.
const PLAIN: &str = "\
    dev prod production staging stage qa uat live local value val string str default old new base64 \
    b64 hex plain raw confirmation confirm again repeat root admin user db current primary secondary \
    main a b x my encoded decoded cleartext plaintext ro rw sys system";

/// What `name` asks for, if it asks for a credential.
pub(super) fn class(name: &[u8]) -> Option<Class> {
    let words = words(name);
    let (at, class) = credential(&words)?;
    let near = at.checked_sub(1).is_some_and(|before| listed(NEAR, &words[before]));
    if near || words[..at].iter().any(|w| listed(HEADS, w)) {
        return None;
    }
    let tail = &words[at + 1..];
    if tail.iter().any(|w| listed(TAILS, w)) {
        return None;
    }
    let plain = |w: &String| w.bytes().all(|b| b.is_ascii_digit()) || listed(PLAIN, w);
    Some(if tail.iter().all(plain) { class } else { Class::Weak })
}

/// Index of the last word that means a credential, and what it means.
fn credential(words: &[String]) -> Option<(usize, Class)> {
    (0..words.len()).rev().find_map(|at| {
        let word = words[at].as_str();
        let ends = |list: &str| list.split_ascii_whitespace().any(|end| word.ends_with(end));
        let before = at.checked_sub(1).map_or("", |i| words[i].as_str());
        let once = word == "pass" && listed(ROUNDS, before);
        if (ends(PASSWORDS) || listed(SHORT_PASSWORDS, word)) && !once {
            return Some((at, Class::Password));
        }
        if word.ends_with("pass") && !once && !listed(PASSES, word) {
            return Some((at, Class::Password));
        }
        if ends(SECRETS) {
            return Some((at, Class::Secret));
        }
        if word == "code" && before.ends_with("auth") || word == "verifier" && before == "oauth" {
            return Some((at, Class::Secret));
        }
        if word == "key" && listed(KEYS, before) || word == "auth" && at + 1 == words.len() {
            return Some((at, Class::Secret));
        }
        if word.ends_with("key") && at + 1 == words.len() {
            return Some((at, Class::Key));
        }
        None
    })
}

/// Whether a name that ends in `word` holds something about a credential, and not one.
pub(in crate::detect) fn elsewhere(word: &str) -> bool {
    listed(TAILS, word)
}

/// Splits `snake_case`, `kebab-case`, `camelCase`, `dotted.names` and `CAPITALS` into lower-case words.
pub(in crate::detect) fn words(name: &[u8]) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let name = String::from_utf8_lossy(name);
    let mut previous = '_';
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        let next_lower = characters.peek().is_some_and(|n| n.is_lowercase());
        let turn = c.is_uppercase()
            && (previous.is_lowercase() || previous.is_uppercase() && next_lower)
            || c.is_ascii_digit() != previous.is_ascii_digit()
                && previous.is_alphanumeric()
                && !word.is_empty();
        if (turn || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
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

/// Whether a value may be a key that opens something, and is no name or path in a map.
pub(super) fn is_key(value: &[u8]) -> bool {
    let count = |test: fn(&u8) -> bool| value.iter().filter(|b| test(b)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    (16..=512).contains(&value.len())
        && digits > 0
        && letters > 0
        && (digits + letters) * 4 >= value.len() * 3
        && !value.iter().any(|b| b" ,:;<>()".contains(b))
        && !is_wordy(value)
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
        for name in
            ["password", "dbPassword", "DB_PASS", "mypasswd", "userPwd1", "passwort", "пароль"]
        {
            assert_eq!(class(name.as_bytes()), Some(Class::Password), "{name}");
        }
        for name in
            ["clientSecret", "X-Api-Key", "auth_token", "SECRET_KEY", "encryptionKey", "token"]
        {
            assert_eq!(class(name.as_bytes()), Some(Class::Secret), "{name}");
        }
    }

    #[test]
    fn keys_of_any_kind_ask_for_more() {
        for name in ["key", "otherKey", "prev_key"] {
            assert_eq!(class(name.as_bytes()), Some(Class::Key), "{name}");
        }
        assert!(is_key(b"q8Zx7Lk2fV9wTnB4mR1s"));
        for value in ["user:42", "textColor", "a.rather.long.path.2", "1234567890123456"] {
            assert!(!is_key(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn names_that_only_contain_one() {
        for name in [
            "password_reset_url",
            "token_type",
            "secretKeyRef",
            "passwordHash",
            "author",
            "bypass",
            "primary_key",
            "public_key",
            "max_tokens",
            "resetPassword",
            "csrf_token",
            "compass",
            "secretName",
            "tokenizer",
        ] {
            assert_eq!(class(name.as_bytes()), None, "{name}");
        }
    }
}
