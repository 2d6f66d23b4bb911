//! What a value is for the name it is given to: a login, a key, a path, an echo.
//!
//! In: a value and its name. Out: whether it can be what the name says, and numbers for the model.

use data_encoding::BASE64_NOPAD;

use super::nature::{SHORTEST, is_literal, marks};
use crate::detect::bytes::begins;
use crate::detect::lists::{Lists, slots};
use crate::detect::placeholder::is_wordy;

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

/// Whether a value is base64 of a word that stands in the place of a password and says so, or of a user's name and a
/// word for one: `test`, `user:password`.
pub(super) fn is_dull(value: &[u8]) -> bool {
    if !value.len().is_multiple_of(4) || !(8..=64).contains(&value.len()) {
        return false;
    }
    let Ok(login) = data_encoding::BASE64.decode(value) else { return false };
    // `echo` ends what it writes.
    let login = login.trim_ascii_end();
    if let Some(colon) = memchr::memchr(b':', login) {
        let password = login[colon + 1..].to_ascii_lowercase();
        return [&b"password"[..], b"passwd", b"pass"].contains(&&password[..]);
    }
    let greets = login.eq_ignore_ascii_case(b"hello world");
    value.ends_with(b"=") && (greets || WORD.of_folded(login) != 0)
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

/// Whether a value begins with a word of its name and says which one it is: `account_key: account-ec256`.
pub(super) fn is_which(value: &[u8], name: &[u8]) -> bool {
    let mut parts = value.split(|&b| b == b'-');
    let first = parts.next().unwrap_or_default();
    let short = |part: &[u8]| {
        word_and_number(part).is_some_and(|letters| part.len() <= 5 && part.len() - letters <= 3)
    };
    first.len() > 3
        && first.len() < value.len()
        && first.iter().all(u8::is_ascii_lowercase)
        && name.get(..first.len()).is_some_and(|start| start.eq_ignore_ascii_case(first))
        && parts.all(short)
}

/// Whether a value is what a resource is called, by words and numbers of a digit: `asr1`, `bv_st1`, `dsa1_region1`.
pub(super) fn is_resource(value: &[u8]) -> bool {
    let part = |part: &[u8]| {
        word_and_number(part).is_some_and(|letters| letters > 1 && part.len() - letters <= 1)
    };
    value.len() < 24
        && value.last().is_some_and(u8::is_ascii_digit)
        && value.split(|&b| b == b'_' || b == b'-').all(part)
}

/// Whether a value is small letters and a number of any length: `cachedvol112233`.
pub(super) fn is_serial(value: &[u8]) -> bool {
    word_and_number(value).is_some_and(|letters| letters > 2 && letters < value.len())
}

/// How many small letters a value begins with, if nothing follows them but digits.
fn word_and_number(value: &[u8]) -> Option<usize> {
    let letters = value.iter().take_while(|b| b.is_ascii_lowercase()).count();
    value[letters..].iter().all(u8::is_ascii_digit).then_some(letters)
}

/// Whether a value is a time in seconds, of this century: `1705312200`.
pub(super) fn is_stamp(value: &[u8]) -> bool {
    matches!(value, [b'1', b'0'..=b'9', ..])
        && value.len() == 10
        && value.iter().all(u8::is_ascii_digit)
}

/// Whether a value is what a coin or a stock is called: `OETH`.
pub(super) fn is_ticker(value: &[u8]) -> bool {
    value.len() <= 5 && value.iter().all(u8::is_ascii_uppercase)
}

/// Whether a value is a short word and a number: `mqttv311`.
pub(super) fn is_numbered_word(value: &[u8]) -> bool {
    value.len() < 12 && word_and_number(value).is_some_and(|letters| letters > 1)
}

/// Whether a value is a number with what it counts: a time (`720h`, `90 minutes`) or thousands (`1.7k`).
pub(super) fn is_measure(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    (1..=6).contains(&digits)
        && [
            &b"k"[..],
            b"K",
            b"M",
            b"kB",
            b"KB",
            b"MB",
            b"ms",
            b"s",
            b"m",
            b"h",
            b"d",
            b"w",
            b"min",
            b"seconds",
            b"minutes",
            b"hours",
            b"days",
        ]
        .contains(&value[digits..].trim_ascii_start())
}

/// Whether a value is what a language model is called, which programs list beside the variable that its key stands in:
/// `gpt-4o`.
pub(super) fn is_model(value: &[u8]) -> bool {
    const FAMILIES: &[&[u8]] =
        &[b"gpt-", b"claude-", b"gemini-", b"deepseek-", b"mistral-", b"llama-", b"grok-", b"qwen"];
    value.len() < 40 && begins(value, FAMILIES)
}

/// Whether a value may be a key that opens something, and is no name or path in a map.
pub(super) fn is_key(value: &[u8]) -> bool {
    let body = value.strip_prefix(b"0x").unwrap_or(value);
    let hex = body.iter().all(u8::is_ascii_hexdigit) && !body.iter().all(u8::is_ascii_digit);
    let numbered = value.len().saturating_sub(36);
    let unnumbered = &value[if numbered <= 4 { numbered } else { 0 }..];
    if hex || is_uuid(unnumbered) {
        // A key of a map or a hash ten times as often; stores put a number or two before it.
        return false;
    }
    let count = |test: fn(&u8) -> bool| value.iter().filter(|b| test(b)).count();
    let (digits, letters) = (count(u8::is_ascii_digit), count(u8::is_ascii_alphabetic));
    (16..=512).contains(&value.len())
        && digits > 0
        && (digits + letters) * 4 >= value.len() * 3
        && !value.iter().any(|b| b" ,:;<>()".contains(b))
        && !value.ends_with(b"/")
        && !is_time(value)
        && !is_path(value)
        && !is_wordy(value)
}

/// Whether words and numbers follow each other: `655216118709.global.overview`.
fn is_path(value: &[u8]) -> bool {
    value
        .split(|b| b"._/-@".contains(b))
        .all(|part| part.iter().all(u8::is_ascii_digit) || part.iter().all(u8::is_ascii_alphabetic))
        || matches!(value, [_, _, b'/', ..]) && value.split(|&b| b == b'/').all(is_hex)
}

fn is_hex(part: &[u8]) -> bool {
    part.iter().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
}

/// Whether a value is what Amazon calls a region, or how one logs in to Oracle as its owner: what stands beside a login
/// in a call.
pub(super) fn is_beside(value: &[u8]) -> bool {
    let region = |value: &[u8]| {
        let parts: Vec<&[u8]> = value.split(|&b| b == b'-').collect();
        let letters = |part: &&[u8]| part.len() > 1 && part.iter().all(u8::is_ascii_lowercase);
        matches!(parts[..], [country, .., way, [number]]
            if country.len() == 2 && letters(&country) && letters(&way) && number.is_ascii_digit())
    };
    begins(value, &[b"as sysdba", b"as sysoper", b"as sysasm"]) || region(value)
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
    let count = |byte: u8| memchr::memchr_iter(byte, value).count();
    let path =
        value.starts_with(b"/") && count(b'/') > 1 && !value.iter().any(|b| b"+=".contains(b));
    let format = value.iter().any(|b| b"%{:/".contains(b))
        && [&b"%s"[..], b"%d", b"%v", b"{}", b"{0}", b"%@", b"://", b"/*"]
            .into_iter()
            .any(|mark| marks(value, mark).next().is_some());
    path || format
        || count(b'*') * 2 > value.len()
        || WORD.of_folded(value) != 0
        || begins(value, STARTS)
        || memchr::memrchr(b'.', value)
            .is_some_and(|dot| ENDS.iter().any(|end| value[dot..].eq_ignore_ascii_case(end)))
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
            "2e/65/efe2a145dda7ee51d1741299f848e5bf752e",
        ] {
            assert!(!is_key(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn words_with_numbers_and_dull_logins() {
        assert!(
            is_counted(b"connector-1") && is_counted(b"variable-2") && is_counted(b"0001_initial")
        );
        assert!(!is_counted(b"x7-1") && !is_counted(b"hunter2") && !is_counted(b"plum-1984"));
        let login = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
        assert!(
            is_which(b"account-ec256", b"account_key")
                && !is_which(b"account-q8Zx7", b"account_key")
        );
        assert!(is_stamp(b"1705312200") && is_ticker(b"OETH") && !is_ticker(b"OETHXY"));
        assert!(is_measure(b"1.7k") && !is_measure(b"10Kay"));
        assert!(is_model(b"gpt-4o") && !is_model(b"gptq8Zx7Lk2"));
        assert!(is_measure(b"720h") && !is_measure(b"720x") && !is_measure(b"hunter2"));
        assert!(
            is_dull(login("username:password").as_bytes()) && is_dull(login("test").as_bytes())
        );
        assert!(!is_dull(login("hunt").as_bytes()));
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
