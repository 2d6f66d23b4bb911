//! What stands where a credential would stand, but is none: templates, dummies, masks.
//!
//! In: a value. Out: why it is no credential, or nothing. Rules and heuristics share this grammar.

mod language;

use super::automaton::{Automaton, Hit, states};
use super::bytes::begins;

/// Words that say of a value that it is to be replaced. They count only in values that read as
/// words: a random token may hold any of them by chance.
const WORDS: &[&str] = &[
    "changeme",
    "change_me",
    "change-me",
    "change_this",
    "changethis",
    "change-this",
    "example",
    "placeholder",
    "replace",
    "redacted",
    "removed",
    "your_",
    "your-",
    "your ",
    "yourtoken",
    "yourkey",
    "yourpass",
    "yoursecret",
    "yourapi",
    "insert",
    "todo",
    "fixme",
    "dummy",
    "sample",
    "xxxx",
    "...",
    "***",
    "•••",
    "---",
    "___",
    "undefined",
    "not_set",
    "not-set",
    "notset",
    "none",
    "null",
    "secret_here",
    "key_here",
    "token_here",
    "-here",
    "_here",
    "goes here",
    "goes-here",
    "my_password",
    "mypassword",
    "my-password",
    "my_secret",
    "my-secret",
    "mysecret",
    "my_token",
    "my-token",
    "mytoken",
    "my_key",
    "my-key",
    "my_api",
    "my-api",
    "myapi",
    "some_",
    "some-",
    "foobar",
    "foo_",
    "<",
    "fake",
    "deadbeef",
    "snakeoil",
    ".signature",
    "0123456789",
    "abcdefgh",
    "qwerty",
    "qwertz",
    "azerty",
    "zxcvbn",
    "йцукен",
    "asdf",
    "beispiel",
    "ejemplo",
    "exemple",
    "esempio",
    "exemplo",
    "contoh",
    "voorbeeld",
    "пример",
    "示例",
    "例",
];

static FOUND: Automaton<{ states(WORDS) }> = Automaton::new(WORDS);

/// Why `value` is no credential, or `None` if it may be one.
#[must_use]
pub fn reason(value: &[u8]) -> Option<&'static str> {
    if value.is_empty() {
        return Some("empty");
    }
    plain(value).or_else(|| encoded(value))
}

fn plain(value: &[u8]) -> Option<&'static str> {
    template(value)
        .or_else(|| filler(value))
        .or_else(|| wording(value))
        .or_else(|| language::reason(value))
}

/// Why what stands in base64 is no credential: a text, or the password behind a user's name.
fn encoded(value: &[u8]) -> Option<&'static str> {
    if !value.len().is_multiple_of(4) || !(8..=128).contains(&value.len()) {
        return None;
    }
    let text = data_encoding::BASE64.decode(value).ok()?;
    // `echo` ends what it writes.
    let text = text.trim_ascii_end();
    if !text.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
        return None;
    }
    // JSON may look like a template.
    if text.starts_with(b"{") || text.starts_with(b"[") {
        return None;
    }
    let password = memchr::memchr(b':', text).map_or(text, |colon| &text[colon + 1..]);
    plain(password)
}

/// How a reference to where the real value is kept begins.
const STARTS: &[&[u8]] = &[
    b"${",
    b"$(",
    b"{{",
    b"<%",
    b"%(",
    b"%24(",
    b"%24{",
    b"%24%7B",
    b"\\u003c",
    b"u003c",
    b"#{",
    b"@{",
    b"@@",
    b"!vault",
    b"vault:",
    b"op://",
    b"arn:aws:secretsmanager",
    b"arn:aws:ssm",
    b"ENC[",
    b"{cipher}",
    b"secretref:",
    b"env:",
    b"ref+",
    b"process.env",
    b"os.environ",
    b"os.getenv",
    b"System.getenv",
    b"ENV[",
    b"getenv(",
    b"env(",
    b"projects/",
    b"$ANSIBLE_VAULT",
    b"keyvault",
    b"@Microsoft.KeyVault",
    b"gcp:///",
    b"awssm://",
    b"awsps://",
    b"gcpsm://",
    b"akv://",
    b"azurekv",
    b"1password://",
    b"keeper://",
    b"doppler://",
    b"infisical://",
    b"bws://",
    b"berglas://",
    b"sm://",
    b"ssm://",
    b"bao:",
    b"file:///",
    b"{{resolve",
    b"!Ref",
    b"!Sub",
    b"!GetAtt",
    b"!ImportValue",
    b"var.",
    b"local.",
    b"data.",
    b"module.",
];

/// Template syntax and references to where the real value is kept.
#[must_use]
pub fn template(value: &[u8]) -> Option<&'static str> {
    let (first, last) = (*value.first()?, *value.last()?);
    if begins(value, STARTS) {
        return Some("reference");
    }
    // An option may stand before it: `-p$PASSWORD`.
    let bare = value.strip_prefix(b"-p").unwrap_or(value);
    if let Some(name) = bare.strip_prefix(b"$") {
        // `$NAME`, a path that begins with one, or what a program looks up: `$avp(name)`.
        let end = name.iter().position(|&b| !is_name(b)).unwrap_or(name.len());
        if end > 0 && matches!(name[end..], [] | [b'/', ..] | [b'(', .., b')']) {
            return Some("variable");
        }
    }
    // `$ARG2$`, as Nagios writes them.
    let macros = |name: &[u8]| name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if matches!(value, [b'$', name @ .., b'$'] if name.len() > 2 && macros(name)) {
        return Some("variable");
    }
    if first == b'%' && (last == b'%' && value.len() > 2 || is_format(&value[1..])) {
        return Some("variable");
    }
    if first == b'<' && last == b'>' {
        return Some("angle brackets");
    }
    if first == b'[' && last == b']' {
        return Some("brackets");
    }
    let letters = |word: &[u8]| word.iter().all(u8::is_ascii_alphabetic);
    if matches!(value, [b'_', b'_', word @ .., b'_', b'_'] if letters(word)) {
        return Some("underscores");
    }
    if encloses(value) || calls(value) {
        return Some("template");
    }
    if is_method(value) {
        return Some("call");
    }
    let brackets = memchr::memchr(b'[', value).is_some();
    if brackets && [&b"[0-9"[..], b"[a-z", b"[A-Z", b"[^"].iter().any(|c| is_pattern(value, c)) {
        return Some("pattern");
    }
    if first == b'{' && last == b'}' && !value.contains(&b'"') {
        // Not an object that is written out.
        return Some("template");
    }
    None
}

/// Whether `rest` is what follows the `%` of a format of C: `04X`.
fn is_format(rest: &[u8]) -> bool {
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    matches!(rest[digits..], [b'd' | b's' | b'u' | b'v' | b'x' | b'X'])
}

/// Whether a part of a value is to be filled in: `${…}`, `{{…}}` or `#{…}`.
fn encloses(value: &[u8]) -> bool {
    let within = |open: &[u8], close: &[u8]| {
        memchr::memmem::find(value, open)
            .is_some_and(|at| memchr::memmem::find(&value[at + open.len()..], close).is_some())
    };
    // Hardly any value holds a brace, and to prepare a search costs more than to see that.
    memchr::memchr(b'{', value).is_some()
        && (within(b"${", b"}") || within(b"{{", b"}}") || within(b"#{", b"}"))
}

/// Whether a value calls a method without arguments: `user.getPassword()`.
fn is_method(value: &[u8]) -> bool {
    let Some(path) = value.strip_suffix(b"()") else { return false };
    let name = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_alphabetic);
    memchr::memchr(b'.', path).is_some() && path.split(|&b| b == b'.').all(name)
}

/// Whether a set of characters that begins so is one: random marks may make a `[^`, which another bracket or
/// a count then hardly follows.
fn is_pattern(value: &[u8], class: &[u8]) -> bool {
    memchr::memmem::find_iter(value, class).any(|at| {
        let rest = &value[at + class.len()..];
        let after = memchr::memchr(b']', rest).map(|end| rest.get(end + 1));
        class != b"[^"
            || rest.starts_with(b"]")
            || after.is_some_and(|next| next.is_none_or(|b| b"+*?{)|$".contains(b)))
    })
}

/// Whether `$(NAME)` or `$(command argument)` stands in a value; random marks may make a `$(` and a `)`.
fn calls(value: &[u8]) -> bool {
    let plain = |b: &u8| is_name(*b) || b" .-/:'\"".contains(b);
    memchr::memchr_iter(b'$', value).any(|at| {
        let Some(inner) = value[at + 1..].strip_prefix(b"(") else { return false };
        let end = inner.iter().position(|b| !plain(b));
        end.is_some_and(|end| end > 1 && inner[end] == b')')
    })
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Runs, repeats and sequences.
fn filler(value: &[u8]) -> Option<&'static str> {
    let letters = value.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    if letters == 0 {
        return Some("no letter or digit");
    }
    // A bit for each byte.
    let mut seen = [0_u64; 4];
    for byte in value {
        let byte = byte.to_ascii_lowercase();
        seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    let distinct: u32 = seen.iter().map(|bits| bits.count_ones()).sum();
    if distinct <= 2 && value.len() >= 4 || value.len() >= 16 && distinct <= 4 {
        return Some("repeats");
    }
    if longest_run(value) * 2 >= value.len().max(8) {
        return Some("repeats");
    }
    if is_cut(value) {
        return Some("cut short");
    }
    if value.starts_with(b"++++++++") {
        return Some("masked");
    }
    if matches!(value, [b'*', b'*', word @ .., b'*', b'*'] if word.iter().all(u8::is_ascii_uppercase))
    {
        return Some("masked");
    }
    if value.len() >= 6 && sequence_share(value) * 4 >= (value.len() - 1) * 3 {
        return Some("sequence");
    }
    None
}

/// Whether dots or stars stand for the rest of a key or for its middle: `AAAAB3Nza...9yXw==`, `AKq8Z.../...w7`,
/// `ghp_***123`.
fn is_cut(value: &[u8]) -> bool {
    let gap = |mark: &[u8]| memchr::memmem::find(value, mark);
    let Some(at) = gap(b"...").or_else(|| gap(b"***")) else { return false };
    let key = |b: &u8| b.is_ascii_alphanumeric() || b"+/=_-".contains(b);
    at >= 4 && value[..at].iter().all(key) && value[at..].iter().all(|b| *b == value[at] || key(b))
}

/// Length of the longest run of one byte.
fn longest_run(value: &[u8]) -> usize {
    value.chunk_by(u8::eq_ignore_ascii_case).map(<[u8]>::len).max().unwrap_or(0)
}

/// How many bytes are the successor or predecessor of the byte before them (`abcd`, `4321`).
fn sequence_share(value: &[u8]) -> usize {
    value.windows(2).filter(|w| w[0].abs_diff(w[1]) == 1).count()
}

/// A word that marks the value as one to be replaced, in a value that reads as words.
fn wording(value: &[u8]) -> Option<&'static str> {
    if value.starts_with(b"-----BEGIN ") {
        // The dashes of an armoured block are no rule to fill in.
        return None;
    }
    let telling = |found: &Hit| {
        let word = WORDS[found.word];
        if word == "<" {
            return (is_wordy(value) && is_gap(&value[found.end..])).then_some(word);
        }
        // So Amazon's manuals end what they make up.
        let made_up = word == "example"
            && (&value[found.start..found.end] == b"EXAMPLE" || found.end == value.len())
            // Somebody has written over the middle of a token.
            || &value[found.start..found.end] == b"REDACTED";
        if made_up {
            return Some(word);
        }
        // In a long random token a short word is chance; a word that fills a third of the value is not.
        let chance = ["---", "___", "asdf", "fake", "foo_", "none", "null", "todo"].contains(&word);
        let share = if chance { 2 } else { 3 };
        let alone = !chance || is_apart(value, found.start, found.end);
        ((found.end - found.start) * share >= value.len() || is_wordy(value) && alone)
            .then_some(word)
    };
    FOUND.find(value).find_map(|found| telling(&found))
}

/// Whether what follows a `<` is a name, and a `>` if anything.
fn is_gap(rest: &[u8]) -> bool {
    let name = |b: &u8| b.is_ascii_alphanumeric() || b" _-.".contains(b) || !b.is_ascii();
    let end = rest.iter().position(|b| !name(b));
    end.is_none_or(|end| end > 0 && rest[end] == b'>')
}

/// Whether nothing of its kind touches a stretch on one side at least: a word no letter, dashes no letter or
/// digit.
fn is_apart(value: &[u8], start: usize, end: usize) -> bool {
    let touches = match value[start] {
        b'-' | b'_' => u8::is_ascii_alphanumeric,
        _ => u8::is_ascii_alphabetic,
    };
    !value[..start].last().is_some_and(touches) || !value.get(end).is_some_and(touches)
}

/// Whether a value reads as words: letters of one case in runs, few digits.
#[must_use]
pub fn is_wordy(value: &[u8]) -> bool {
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let turns = value
        .windows(2)
        .filter(|w| {
            w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()
                || w[0].is_ascii_digit() != w[1].is_ascii_digit()
        })
        .count();
    digits * 4 <= value.len() && turns * 5 <= value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_a_placeholder_is_one() {
        let encoded = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
        for text in ["changeme", "bob:changeme", "<your-password>"] {
            assert!(reason(encoded(text).as_bytes()).is_some(), "{text}");
        }
        for text in ["tX7qLm2Kv9", "bob:tX7qLm2Kv9", "{\"alg\":\"x\"}"] {
            assert!(reason(encoded(text).as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn placeholders_are_told_from_credentials() {
        for value in [
            "",
            "changeme",
            "your-api-key-here",
            "<token>",
            "${DB_PASSWORD}",
            "@{service.env.value}",
            "{{ .Values.x }}",
            "xxxxxxxxxxxxxxxx",
            "********",
            "$PASSWORD",
            "%PASSWORD%",
            "process.env.KEY",
            "abcdefghijkl",
            "12345678",
            "aaaaaaaaab",
            "REPLACE_ME",
            "[REDACTED]",
            "arn:aws:secretsmanager:eu-west-1:1:secret:x",
            "ENC[AES256_GCM,data:x]",
            "prefix-${HOST}-x",
            "key-[0-9a-f]{32}",
            "pre-$(cat pw.txt)",
            "key-[^/]+",
            "user-<your name>",
            "user.getPassword()",
            "%24(password)",
            "u003cyour-token",
            "AAAAB3Nza7q...9yXw==",
            "q8Zx7L...9yXw4",
            "Bear***456",
            "++++++++ # (1675 bytes)",
            "-p$PW",
            "$avp(html)",
            "%04X",
            "q8Zx...123",
            "q8Zx...9yXw4=",
            "q8Zx7Lk2fV9wTnB4EXAMPLEmR1sq8Zx7Lk2f",
            "q8Zx7Lk2fV9wTnB4mR1sq8Zx7Lk2example",
            "unused",
        ] {
            assert!(reason(value.as_bytes()).is_some(), "{value}");
        }
        for value in [
            "hunter2",
            "S3cr3t!pw",
            "8f14e45fceea167a5a36dedd4bea2543",
            "p@ss{w}ord9",
            "Tr0ub4dor&3",
            "kh#yb31furyey=tk$(7y4h%uoi2&(qak4)",
            "kh#yb[^furyey=tk$7y4h%uo]i2&(qak4)",
            "kh#ybfur<yey=tk$7yh%uoi&(qak>",
            "x7.q()",
        ] {
            assert_eq!(reason(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn a_short_word_inside_a_random_token_is_chance() {
        assert_eq!(reason(b"q8Zx7Lk2fakeV9wTnB4mR1sYcD6h"), None);
        assert_eq!(reason(b"sahzfcoubmqwzyfakei1xdaorm"), None);
        assert_eq!(reason(b"glx---dgqjkPLRxjL-VHwC"), None);
        assert_eq!(reason(b"acme-fakecredential"), Some("fake"));
    }
}
