//! What a value is, besides its letters: a template, a hash, a path, an echo of its name.
//!
//! In: a value and the name it is given to. Out: whether it can be a credential at all, and numbers for the model.

use data_encoding::BASE64_NOPAD;

use super::known;
use crate::detect::lists::{Lists, slots};
use crate::detect::placeholder::{self, is_wordy};

/// Shortest password that is one.
const SHORTEST: usize = 4;

/// Whether `value` may be a credential: it is no template, placeholder or control text.
pub(super) fn is_literal(value: &[u8]) -> bool {
    value.len() >= SHORTEST
        && value.iter().all(|&b| b >= b' ' && b != 0x7f)
        && !ELSEWHERE.iter().any(|start| value.starts_with(start))
        && !is_bytes(value)
        && !known::is_known(value)
        && !is_joint(value)
        && !is_named(value)
        && !is_colour(value)
        && !is_sentence(value)
        && !is_word(value)
        && !is_cut(value)
        && !is_binary(value)
        && !is_rules(value)
        && !is_numbered(value)
        && !is_dotted(value)
        && !is_version(value)
        && !is_label(value)
        && !is_marker(value)
        && !is_optional(value)
        && !is_pictogram(value)
        && !is_date(value)
        && placeholder::reason(value).is_none()
}

/// Beginnings of what names a package, or is a ciphertext, a public key or another option.
const ELSEWHERE: &[&[u8]] = &[
    b"npm:",
    b"file:",
    b"workspace:",
    b"encrypted:",
    b"ssh-rsa ",
    b"ssh-ed25519 ",
    b"ecdsa-sha2-",
    b"--",
];

/// Where a mark of two bytes or more stands in a value. Values are short: to prepare a search would cost more than it.
pub(super) fn marks(value: &[u8], mark: &'static [u8]) -> impl Iterator<Item = usize> {
    memchr::memchr_iter(mark[0], value).filter(move |&at| value[at..].starts_with(mark))
}

/// Whether a value is made of bytes in escapes: most of it in hex (`\x06\xa9`), or several in octal (`\323\006`).
fn is_bytes(value: &[u8]) -> bool {
    let octal = |at: usize| matches!(value[at + 1..], [b'0'..=b'3', b'0'..=b'7', b'0'..=b'7', ..]);
    // Letters of other alphabets, and control characters: what is plain in such escapes is a value in disguise.
    let wide = |at: &usize| {
        !matches!(value[at + 2..], [b'0', b'0', b'2'..=b'7', ..]) && value.len() >= at + 6
    };
    marks(value, b"\\x").count() * 8 > value.len()
        || marks(value, b"\\u").count() * 6 == value.len()
        || marks(value, b"\\u").filter(wide).count() * 10 > value.len()
        || memchr::memchr_iter(b'\\', value).filter(|&at| octal(at)).count() > 1
}

/// Whether a value is a colour of a style sheet: `#22c55e`.
fn is_colour(value: &[u8]) -> bool {
    let [b'#', digits @ ..] = value else { return false };
    matches!(digits.len(), 3 | 6 | 8) && digits.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a value is a text in a language other than English: words of letters, some not of ASCII.
fn is_sentence(value: &[u8]) -> bool {
    !value.is_ascii() && value.contains(&b' ') && !value.iter().any(u8::is_ascii_digit)
}

/// Whether a value is a word of a language other than English as labels are written, with a capital at most in front:
/// letters, some not of ASCII.
fn is_word(value: &[u8]) -> bool {
    let word = |text: &str| {
        let (mut first, mut rest) = (text.chars(), text.chars().skip(1));
        !first.next().is_some_and(char::is_lowercase)
            && text.chars().all(char::is_alphabetic)
            && !rest.any(char::is_uppercase)
    };
    !value.is_ascii() && std::str::from_utf8(value).is_ok_and(word)
}

/// Whether the rest of a value is left out: `ya29.c.Kp8B...`.
fn is_cut(value: &[u8]) -> bool {
    value.ends_with(b"...") || value.ends_with("…".as_bytes())
}

/// Whether a value is no text in any encoding: bytes of something packed or encrypted.
fn is_binary(value: &[u8]) -> bool {
    !value.is_ascii()
        && value.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).take(3).count() > 2
}

/// Whether a value is a list of rules that an input must keep: `required|min_length[10]`.
fn is_rules(value: &[u8]) -> bool {
    let rule = |rule: &[u8]| {
        let name = rule.iter().take_while(|b| b.is_ascii_lowercase() || **b == b'_').count();
        let rest = &rule[name..];
        let number = rest.strip_prefix(b":").is_some_and(|n| n.iter().all(u8::is_ascii_digit));
        name > 2 && (rest.is_empty() || number || rest.starts_with(b"[") && rest.ends_with(b"]"))
    };
    memchr::memchr(b'|', value).is_some() && value.split(|&b| b == b'|').all(rule)
}

/// Whether a value ends in a version or port: `jjwt-api:0.12.5`, `127.0.0.1:9000`.
fn is_version(value: &[u8]) -> bool {
    let Some(colon) = memchr::memrchr(b':', value) else { return false };
    let (head, tail) = (&value[..colon], &value[colon + 1..]);
    let numbers = |text: &[u8]| text.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    let dots = |text: &[u8]| memchr::memchr_iter(b'.', text).count();
    let name = head.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(b));
    numbers(tail) && (name && dots(tail) > 0 || numbers(head) && dots(head) == 3)
}

/// Whether a value has places that are filled by their number: `P@ss%[2]s`, `SeqNum={0}`.
fn is_numbered(value: &[u8]) -> bool {
    // A bare word ends before the brace that closes.
    let braced =
        |at: usize| matches!(value[at..], [b'{', b'0'..=b'9'] | [b'{', b'0'..=b'9', b'}', ..]);
    if memchr::memchr_iter(b'{', value).any(braced) {
        return true;
    }
    marks(value, b"%[").any(|at| {
        let rest = &value[at + 2..];
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        digits > 0 && rest.get(digits) == Some(&b']')
    })
}

/// Whether a value is an address, a version or an object identifier: `1.3.6.1.5`.
fn is_dotted(value: &[u8]) -> bool {
    let value = value.strip_suffix(br"\x00").unwrap_or(value);
    memchr::memchr_iter(b'.', value).count() > 2
        && value.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

/// Whether a value is what stands before a field of a form (`Passwort:`), or a variable between marks (`$pwd2:`).
fn is_label(value: &[u8]) -> bool {
    value.ends_with(b":") && (value.starts_with(b"$") || !value.iter().any(u8::is_ascii_digit))
}

/// Whether a value is only what joins two literals to a variable between them: `` `+expected+` ``.
fn is_joint(value: &[u8]) -> bool {
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b'`');
    match value {
        [open, b'+', inner @ .., b'+', close] => {
            let part = |b: &u8| b.is_ascii_alphanumeric() || b"_.".contains(b);
            quote(*open) && quote(*close) && inner.trim_ascii().iter().all(part)
        }
        _ => false,
    }
}

/// Whether a value is a name within names, of letters only: `urn:token:access`, `tkn_lft:idt`.
fn is_named(value: &[u8]) -> bool {
    let part =
        |part: &[u8]| !part.is_empty() && part.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    memchr::memchr(b'_', value).is_some()
        && memchr::memchr(b':', value).is_some()
        && value.split(|&b| b == b':').all(part)
}

/// Whether a value begins as a time does, `2016-09-08T21:47:36Z` or `2016-09-08 21:47`, or is one as directories write it: `20380119031407Z`.
fn is_date(value: &[u8]) -> bool {
    if let [digits @ .., b'Z'] = value
        && digits.len() == 14
    {
        return digits.iter().all(u8::is_ascii_digit);
    }
    value.len() > 15
        && value.iter().zip(b"dddd-dd-ddTdd:dd").all(|(b, form)| match form {
            b'd' => b.is_ascii_digit(),
            b'T' => matches!(b, b'T' | b' '),
            mark => b == mark,
        })
}

/// Whether a value is only where something begins: a block of PEM, the next argument of a query.
fn is_marker(value: &[u8]) -> bool {
    value.starts_with(b"-----BEGIN ") && value.len() < 64
        || matches!(value.first(), Some(b'&' | b'?')) && value.ends_with(b"=")
}

/// Whether a value is a name that may be left out: `otp?`.
fn is_optional(value: &[u8]) -> bool {
    let name = |name: &[u8]| name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    value.strip_suffix(b"?").is_some_and(name)
}

/// Whether a value is the number of a pictogram: `1f3ab`.
fn is_pictogram(value: &[u8]) -> bool {
    matches!(value, [b'1', b'f', rest @ ..] if rest.len() == 3 && rest.iter().all(u8::is_ascii_hexdigit))
}

/// Whether `name` ends in the value, in whatever case: `[LCD_M1_PW1] = "lcd_m1_pw1"`.
pub(super) fn ends(name: &[u8], value: &[u8]) -> bool {
    let start = name.len().checked_sub(value.len());
    start.is_some_and(|start| name[start..].eq_ignore_ascii_case(value))
}

/// Whether what follows `Basic` holds a login whose password may be one.
pub(super) fn is_login(value: &[u8]) -> bool {
    let end = value.iter().rposition(|&b| b != b'=').map_or(0, |last| last + 1);
    let Ok(login) = BASE64_NOPAD.decode(&value[..end]) else { return false };
    let colon = memchr::memchr(b':', &login);
    // `user:ACCESS_KEY` says what is to stand there.
    let name = |password: &[u8]| password.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    colon.is_some_and(|at| {
        let password = &login[at + 1..];
        is_literal(password) && !name(password) && echo(password, b"password") < 80
    })
}

/// Whether a value is base64 of a user's name and a word for a password: `user:password`.
pub(super) fn is_dull(value: &[u8]) -> bool {
    if !value.len().is_multiple_of(4) || !(12..=64).contains(&value.len()) {
        return false;
    }
    let Ok(login) = data_encoding::BASE64.decode(value) else { return false };
    memchr::memchr(b':', &login).is_some_and(|colon| {
        let password = login[colon + 1..].to_ascii_lowercase();
        [&b"password"[..], b"passwd", b"pass"].contains(&&password[..])
    })
}

/// Whether a value is a word and which one it is: `connector-1`, `variable-2`, `0001_initial`.
pub(super) fn is_counted(value: &[u8]) -> bool {
    if let [number @ .., b'_'] = value.get(..5).unwrap_or_default()
        && number.iter().all(u8::is_ascii_digit)
    {
        return value.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_');
    }
    let digits = value.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let Some(name) = value[..value.len() - digits].strip_suffix(b"-") else { return false };
    (1..=2).contains(&digits) && name.len() > 2 && name.iter().all(u8::is_ascii_lowercase)
}

/// Whether a value is a short word and a number: `mqttv311`.
pub(super) fn is_numbered_word(value: &[u8]) -> bool {
    let letters = value.iter().take_while(|b| b.is_ascii_lowercase()).count();
    letters > 1 && value.len() < 12 && value[letters..].iter().all(u8::is_ascii_digit)
}

/// Whether a value is a time that something lasts: `720h`.
pub(super) fn is_duration(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    (1..=6).contains(&digits)
        && [&b"ms"[..], b"s", b"m", b"h", b"d", b"w", b"min", b"days", b"hours"]
            .contains(&&value[digits..])
}

/// Whether a value may be a key that opens something, and is no name or path in a map.
pub(super) fn is_key(value: &[u8]) -> bool {
    let body = value.strip_prefix(b"0x").unwrap_or(value);
    let hex = body.iter().all(u8::is_ascii_hexdigit) && !body.iter().all(u8::is_ascii_digit);
    if hex || is_uuid(value) {
        // A key of a map or a hash ten times as often.
        return false;
    }
    let count = |test: fn(&u8) -> bool| value.iter().filter(|b| test(b)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    (16..=512).contains(&value.len())
        && digits > 0
        && (digits + letters) * 4 >= value.len() * 3
        && !value.iter().any(|b| b" ,:;<>()".contains(b))
        && !is_time(value)
        && !is_path(value)
        && !is_wordy(value)
}

/// Whether words and numbers follow each other: `655216118709.global.overview`.
fn is_path(value: &[u8]) -> bool {
    value
        .split(|b| b"._/-@".contains(b))
        .all(|part| part.iter().all(u8::is_ascii_digit) || part.iter().all(u8::is_ascii_alphabetic))
}

/// Whether a time stands in a value: `20230329T085712Z-1`.
fn is_time(value: &[u8]) -> bool {
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    value.windows(15).any(|w| w[8] == b'T' && digits(&w[..8]) && digits(&w[9..]))
}

/// Whether it is words of letters joined by one kind of mark: `my-long-name`, `some_thing_else`, `a.b.c`.
pub(super) fn is_joined(value: &[u8]) -> bool {
    let parts = |mark: u8| {
        value.contains(&mark)
            && value
                .split(|&b| b == mark)
                .all(|part| part.len() < 16 && part.iter().all(u8::is_ascii_alphabetic))
    };
    parts(b'-') || parts(b'_') || parts(b'.') || parts(b'/') || parts(b':')
}

pub(super) fn is_uuid(value: &[u8]) -> bool {
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
static WORD: Lists<{ slots(&[WORDS]) }> = Lists::new(&[WORDS]);

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
    b"SCRAM-SHA-256$",
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
pub(super) fn is_other(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let count = |byte: u8| memchr::memchr_iter(byte, value).count();
    let path =
        value.starts_with(b"/") && count(b'/') > 1 && !value.iter().any(|b| b"+=".contains(b));
    let format = value.iter().any(|b| b"%{:/".contains(b))
        && [&b"%s"[..], b"%d", b"%v", b"{}", b"{0}", b"%@", b"://", b"/*"]
            .into_iter()
            .any(|mark| marks(value, mark).next().is_some());
    path || format
        || count(b'*') * 2 > value.len()
        || WORD.of(&lower) != 0
        || STARTS.iter().any(|start| value.starts_with(start))
        || ENDS.iter().any(|end| lower.ends_with(end))
}

/// How much of a value its name says already, in per cent: 100 for `password = "db_password"`.
pub(super) fn echo(value: &[u8], name: &[u8]) -> usize {
    if !shares(value, name) {
        return 0;
    }
    let plain = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|b| b.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect()
    };
    let (value, name) = (plain(value), plain(name));
    // For each letter of the name, how many before it and it end the value as far as it has been read.
    let mut common = vec![0; name.len()];
    let mut longest = 0;
    for letter in &value {
        let mut before = 0;
        for (length, other) in common.iter_mut().zip(&name) {
            let here = if letter == other { before + 1 } else { 0 };
            before = std::mem::replace(length, here);
            longest = longest.max(here);
        }
    }
    longest * 100 / value.len()
}

/// Whether value and name have four letters in a row in common; most have not, and then no more is asked.
fn shares(value: &[u8], name: &[u8]) -> bool {
    let letters = |text| <[u8]>::iter(text).filter(|b| b.is_ascii_alphabetic());
    let index = |b: &u8| usize::from(b.to_ascii_lowercase() - b'a');
    // For each letter a bit where the name has it.
    let mut places = [0_u128; 26];
    for (bit, letter) in letters(name).take(128).enumerate() {
        places[index(letter)] |= 1 << bit;
    }
    // Where the name has what the value has had last: three letters, two, one.
    let mut runs = [0_u128; SHORTEST - 1];
    letters(value).any(|letter| {
        let here = places[index(letter)];
        let all = runs[0] << 1 & here;
        runs = [runs[1] << 1 & here, runs[2] << 1 & here, here];
        all != 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_measured() {
        assert_eq!(echo(b"db_password", b"password"), 80);
        assert_eq!(echo(b"hunter2", b"password"), 0);
        assert_eq!(echo(b"pasPASSWpa-7", b"the_password"), 50);
        assert_eq!(echo(b"1234", b"password"), 0);
    }

    #[test]
    fn what_is_told_by_its_shape() {
        for value in ["required", "/etc/passwd/file", "%s", "https://x.y/z", "server.key"] {
            assert!(is_other(value.as_bytes()), "{value}");
        }
        for value in ["hunter2x", "S3cr3t!pw", "q8Zx7Lk2fV9wTnB4mR1s"] {
            assert!(!is_other(value.as_bytes()), "{value}");
        }
        assert!(is_joined(b"my-application-name") && !is_joined(b"x7-Kq2"));
    }

    #[test]
    fn a_plain_key_looks_random() {
        assert!(is_key(b"q8Zx7Lk2fV9wTnB4mR1s"));
        for value in [
            "user:42",
            "textColor",
            "a.rather.long.path.2",
            "20230329T085712Z-1",
            "6552161187.global.overview",
        ] {
            assert!(!is_key(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn placeholders_are_no_literals() {
        for value in ["abc", "changeme", "${DB_PASSWORD}", "a\u{0}bcd", "xxxxxxxx"] {
            assert!(!is_literal(value.as_bytes()), "{value}");
        }
        for value in [
            "npm:^7.0.2",
            r"\x06\xa9\x21\x40",
            "1.3.6.1.5.5",
            "Heslo:",
            "$pswd2:",
            "Lykilor\u{f0}",
            "ya29.c.Kp8B...",
            "&rscc=",
            "P@55W0rD!!%[3]s",
            r"o\207\251\3151",
            "{SSHA}YvMAkkd66cDecNoejo8j",
            "$2y$10$abcdefghijklmnopqrst",
            "ENC(dZSxRJoRDuI58eYkWIuH4Q==)",
            "#22c55e",
            "SeqNum={0}",
            "required|min_length[10]",
            r"\u0003",
            r"\u0161patn\u00e9",
            "{salt}eb753fb0c370582b4ee01b30f304b9fc",
            "Zapomn\u{11b}li jste heslo?",
            "jjwt-api:0.12.5",
            "127.0.0.1:9000",
            "`+expected+`",
            "SeqNum={0",
            r"\u003c\u003e\u0026",
            "tkn_lft:idt",
            "required|min:8",
            "20380119031407Z",
            "2025-01-02 03:08:05",
            "file:{name}",
        ] {
            assert!(!is_literal(value.as_bytes()), "{value}");
        }
        assert!(!is_literal(b"a7\xff\xc8q\x9a\xb2x\xf5"));
        for value in [
            "r86l",
            "pa|x7",
            "a{x}7",
            "#22c55e7",
            "sha1:x7Lq",
            r"a\207b",
            "pa:55.w",
            "s\u{e9}same7",
        ] {
            assert!(is_literal(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn words_with_numbers_and_dull_logins() {
        assert!(
            is_counted(b"connector-1") && is_counted(b"variable-2") && is_counted(b"0001_initial")
        );
        assert!(!is_counted(b"x7-1") && !is_counted(b"hunter2") && !is_counted(b"plum-1984"));
        let login = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
        assert!(is_duration(b"720h") && !is_duration(b"720x") && !is_duration(b"hunter2"));
        assert!(is_dull(login("username:password").as_bytes()));
        assert!(!is_dull(login("username:hunter2x").as_bytes()));
    }

    #[test]
    fn a_login_has_a_password() {
        let login = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
        assert!(is_login(login("joe:hunter2x").as_bytes()));
        for text in ["foo:bar", "user:password", "api:ACCESS_KEY", "joe:", "hunter2x"] {
            assert!(!is_login(login(text).as_bytes()), "{text}");
        }
        assert!(!is_login(b"hunter2x!"));
    }
}
