//! Passwords that documentation and tests write where a real one would stand.
//!
//! In: a password without a format of its own, from a URL, header or connection string. Out: whether it
//! is a template, or made of nothing but words such as `my`, `db` and `password`.

/// Words that dummies are made of.
const WORDS: &[&str] = &[
    "a",
    "abc",
    "access",
    "account",
    "admin",
    "amqp",
    "anoncvs",
    "anonymous",
    "any",
    "api",
    "app",
    "auth",
    "aws",
    "bad",
    "bar",
    "basic",
    "baz",
    "change",
    "changeit",
    "changeme",
    "cisco",
    "client",
    "correct",
    "cred",
    "credential",
    "credentials",
    "data",
    "database",
    "db",
    "default",
    "demo",
    "dummy",
    "elastic",
    "email",
    "empty",
    "enter",
    "example",
    "fake",
    "false",
    "fixme",
    "foo",
    "git",
    "github",
    "gitlab",
    "guest",
    "here",
    "hidden",
    "host",
    "http",
    "in",
    "insert",
    "invalid",
    "is",
    "it",
    "jenkins",
    "key",
    "let",
    "letmein",
    "local",
    "localhost",
    "login",
    "mail",
    "maria",
    "mariadb",
    "masked",
    "me",
    "mongo",
    "mongodb",
    "mssql",
    "my",
    "mysql",
    "name",
    "new",
    "nil",
    "none",
    "null",
    "oauth",
    "old",
    "omitted",
    "or",
    "pa",
    "pass",
    "passcode",
    "passphrase",
    "passw",
    "passwd",
    "password",
    "passwort",
    "passwrd",
    "pawrd",
    "pgsql",
    "placeholder",
    "postgres",
    "postgresql",
    "private",
    "proxy",
    "pserver",
    "psw",
    "public",
    "pw",
    "pwd",
    "quux",
    "qux",
    "rabbit",
    "rabbitmq",
    "random",
    "redacted",
    "redis",
    "removed",
    "replace",
    "root",
    "sa",
    "sample",
    "secret",
    "secure",
    "server",
    "simple",
    "site",
    "smtp",
    "some",
    "sql",
    "ss",
    "ssword",
    "string",
    "strong",
    "super",
    "test",
    "tester",
    "testing",
    "text",
    "the",
    "this",
    "to",
    "todo",
    "token",
    "true",
    "undefined",
    "url",
    "user",
    "userid",
    "username",
    "value",
    "very",
    "with",
    "wrong",
    "x",
    "xyz",
    "xyzzy",
    "you",
    "your",
];

/// Longest value that is looked at; a longer one is no dummy of this kind.
const LONGEST: usize = 48;

/// Whether `password` is made of [`WORDS`], separators and at most four digits.
pub(super) fn is_dummy(password: &[u8]) -> bool {
    if password.len() > LONGEST {
        return false;
    }
    let plain = spell_out(password);
    let digits = plain.iter().filter(|b| b.is_ascii_digit()).count();
    let letters: Vec<u8> = plain.iter().filter(|b| b.is_ascii_alphabetic()).copied().collect();
    if plain.iter().any(|b| !b.is_ascii()) {
        return false;
    }
    if letters.is_empty() {
        return digits < 6 || is_count(&plain);
    }
    digits <= 4 && made_of_words(&letters)
}

/// A variable, a mask or a marked gap instead of a literal.
pub(super) fn is_template(password: &[u8]) -> bool {
    let has = |needle: &[u8]| memchr::memmem::find(password, needle).is_some();
    let name = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'{' | b'(');
    let first = password.first().copied().unwrap_or(b'*');
    let last = password.last().copied().unwrap_or(b'*');
    let pair = (first, last);
    has(b"${")
        || has(b"$(")
        || has(b"{{")
        || has(b"#{")
        || has(b"***")
        || has(b"...")
        || has(b"xxxx")
        || has(b"XXXX")
        || has("…".as_bytes())
        || has("•".as_bytes())
        || (first == b'$' && password.get(1).is_some_and(name))
        || matches!(pair, (b'{', b'}') | (b'<', b'>') | (b'[', b']') | (b'%', b'%') | (b'(', b')'))
        || (first == b'%' && password.len() <= 3)
        || password.starts_with(b"%(")
        || is_batch(password)
        || !password.iter().any(u8::is_ascii_alphanumeric) && password.is_ascii()
}

/// `%NAME`, and no percent-encoding: capitals, then at most a mark.
fn is_batch(password: &[u8]) -> bool {
    let name = password.strip_prefix(b"%").unwrap_or_default();
    let letters = name.iter().take_while(|b| b.is_ascii_uppercase() || **b == b'_').count();
    letters >= 4 && name[letters..].len() <= 1
}

/// Lower case, with `@` and `$` inside a word read as the letters they stand for.
fn spell_out(password: &[u8]) -> Vec<u8> {
    let letters = password.iter().map(|byte| match byte {
        b'@' => b'a',
        b'$' => b's',
        byte => byte.to_ascii_lowercase(),
    });
    letters.collect()
}

/// `12345678`, `111111`.
fn is_count(digits: &[u8]) -> bool {
    let steps: Vec<i16> = digits.windows(2).map(|w| i16::from(w[1]) - i16::from(w[0])).collect();
    steps.iter().all(|&step| step == steps[0] || step == -9)
}

/// Whether `letters` falls into words without a rest.
fn made_of_words(letters: &[u8]) -> bool {
    let mut reached = [false; LONGEST + 1];
    reached[0] = true;
    for at in 0..letters.len() {
        if !reached[at] {
            continue;
        }
        for word in WORDS {
            if letters[at..].starts_with(word.as_bytes()) {
                reached[at + word.len()] = true;
            }
        }
    }
    reached[letters.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dummies() {
        for text in [
            "password",
            "pass",
            "p@ss",
            "P@$$word",
            "my-secret-pw",
            "MY_GITHUB_TOKEN",
            "POSTGRES_PASSWORD",
            "password123",
            "letmein123",
            "foo",
            "x-oauth-basic",
            "123456",
            "111111",
            "80",
            "***",
        ] {
            assert!(is_dummy(text.as_bytes()) || text == "{text}");
        }
    }

    #[test]
    fn templates() {
        for text in [
            "%s", "%(pw)s", "%PORT", "$PW", "${pw}", "a#{b}", "{pw}", "<pw>", "***", "a...",
            "xxxxx",
        ] {
            assert!(is_template(text.as_bytes()), "{text}");
        }
        for text in ["vh$$k5dv", "a{3}b", "50%off!", "$2y9k", "%5DFOOB", "%AB4kq"] {
            assert!(!is_template(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn passwords() {
        for text in ["hunter2", "Tr0ub4dor&3", "zhpal", "830417", "passwordQ7x", "pässword"] {
            assert!(!is_dummy(text.as_bytes()), "{text}");
        }
    }
}
