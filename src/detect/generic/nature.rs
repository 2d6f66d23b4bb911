//! What a value is by its form: a template, a time, a version, a part of a sentence.
//!
//! In: a value. Out: whether it can be a credential at all, whatever name it is given to.

use super::known;
use crate::detect::bytes::begins;
use crate::detect::placeholder;

/// Shortest password that is one.
pub(super) const SHORTEST: usize = 4;

/// Whether `value` may be a credential: it is no template, placeholder or control text.
pub(super) fn is_literal(value: &[u8]) -> bool {
    value.len() >= SHORTEST
        && value.iter().all(|&b| b >= b' ' && b != 0x7f)
        && !begins(value, ELSEWHERE)
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
        && !is_switch(value)
        && !is_pictogram(value)
        && !is_date(value)
        && !is_alphabet(value)
        && placeholder::reason(value).is_none()
}

/// Beginnings of what names a package, or is a ciphertext, a public key or another option.
const ELSEWHERE: &[&[u8]] = &[
    b"npm:",
    b"file:",
    b"workspace:",
    b"encrypted:",
    b"encrypted-",
    b"ssh-rsa",
    b"ssh-ed25519",
    b"ecdsa-sha2-",
    b"x509/",
    b"--",
    // What colours a terminal's text.
    b"\\e[",
    b"\\033[",
    b"\\x1b[",
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

/// Whether a value is a version (`v0.8.1`), the versions that do (`^3.0.0 || ^4.0.0`, `@scope/name@^2.4.1`), an image by
/// its digest (`plum:1.10@sha256:93a6…`), or ends in a version or port: `jjwt-api:0.12.5`, `127.0.0.1:9000`.
fn is_version(value: &[u8]) -> bool {
    if marks(value, b"@sha256:").next().is_some() {
        return true;
    }
    let at = memchr::memrchr(b'@', value).filter(|&at| at > 0 && value[0] == b'@');
    let range = &value[at.map_or(0, |at| at + 1)..];
    if range.first().is_some_and(|b| b"^~v".contains(b))
        && range[1..].iter().all(|b| b.is_ascii_digit() || b".^~<>=| x*".contains(b))
        && memchr::memchr(b'.', range).is_some()
    {
        return true;
    }
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
    let braced = |at: usize| {
        matches!(value[at..], [b'{', b'0'..=b'9'] | [b'{', b'0'..=b'9', b'}' | b':', ..])
    };
    if memchr::memchr_iter(b'{', value).any(braced) {
        return true;
    }
    marks(value, b"%[").any(|at| {
        let rest = &value[at + 2..];
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        digits > 0 && rest.get(digits) == Some(&b']')
    })
}

/// Whether a value is an address, a version or an object identifier: `1.3.6.1.5`, `2001:db8::48`.
fn is_dotted(value: &[u8]) -> bool {
    if memchr::memchr(b':', value).is_some() {
        let text = std::str::from_utf8(value).unwrap_or_default();
        return text.parse::<core::net::Ipv6Addr>().is_ok();
    }
    let value = value.strip_suffix(br"\x00").unwrap_or(value);
    memchr::memchr_iter(b'.', value).count() > 2
        && value.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

/// Whether a value is what stands before a field of a form (`Passwort:`), or a variable between marks (`$pwd2:`).
fn is_label(value: &[u8]) -> bool {
    value.ends_with(b":") && (value.starts_with(b"$") || !value.iter().any(u8::is_ascii_digit))
}

/// Whether a value is an alphabet, from which others are made: `bcdfghjkmnpqrstvwxyz`.
fn is_alphabet(value: &[u8]) -> bool {
    value.len() >= 10 && value.is_sorted_by(|a, b| a < b)
}

/// Whether a value is only what joins two literals to a variable between them: `` `+expected+` ``, ` + key + `.
fn is_joint(value: &[u8]) -> bool {
    if value.starts_with(b" + ") && value.ends_with(b" + ") {
        return true;
    }
    let quote = |b: u8| matches!(b, b'"' | b'\'' | b'`');
    match value {
        [open, b'+', inner @ .., b'+', close] => {
            let part = |b: &u8| b.is_ascii_alphanumeric() || b"_.()[]".contains(b);
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

/// Three letters for each month.
const MONTHS: &[u8] = b"janfebmaraprmayjunjulaugsepoctnovdec";

/// Whether a value begins as a time does, `2016-09-08T21:47:36Z` or `2016-09-08 21:47`, or is one without marks as
/// directories and signatures have it: `20380119031407Z`, `20101008T000000Z`; or as people write it: `Apr 14, 1983`.
fn is_date(value: &[u8]) -> bool {
    let fits = |form: &[u8]| {
        value.len() >= form.len()
            && value.iter().zip(form).all(|(b, form)| match form {
                b'd' => b.is_ascii_digit(),
                b'T' => matches!(b, b'T' | b' '),
                mark => b == mark,
            })
    };
    let written = || {
        let month = value.get(..3).is_some_and(|month| {
            MONTHS.as_chunks().0.iter().any(|known: &[u8; 3]| month.eq_ignore_ascii_case(known))
        });
        let day = value[3..].trim_ascii_start();
        let digits = day.iter().take_while(|b| b.is_ascii_digit()).count();
        month
            && day.len() < value.len() - 3
            && (1..=2).contains(&digits)
            && day.get(digits) == Some(&b',')
    };
    match value.len() {
        12.. if written() => true,
        15 => fits(b"ddddddddddddddZ"),
        16 => fits(b"ddddddddTddddddZ") || fits(b"dddd-dd-ddTdd:dd"),
        _ => fits(b"dddd-dd-ddTdd:dd"),
    }
}

/// Whether a value is a switch of a program: `noconfig=1`, `otp_slop=180`, `ttl = 86400`.
fn is_switch(value: &[u8]) -> bool {
    let Some(equals) = memchr::memchr(b'=', value) else { return false };
    let (name, number) = (&value[..equals], &value[equals + 1..]);
    let (name, number, most) = match (name, number) {
        ([name @ .., b' '], [b' ', number @ ..]) => (name, number, 9),
        (name, number) => (name, number, 3),
    };
    (1..=most).contains(&number.len())
        && number.iter().all(u8::is_ascii_digit)
        && name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
}

/// Whether a value is only where something begins: a block of PEM, the next argument of a query, a vendor's tokens
/// (`fboa_`).
fn is_marker(value: &[u8]) -> bool {
    let head = |head: &[u8]| head.len() < 8 && head.iter().all(u8::is_ascii_lowercase);
    value.strip_suffix(b"_").is_some_and(head)
        || value.starts_with(b"-----BEGIN ") && value.len() < 64
        || matches!(value.first(), Some(b'&' | b'?')) && value.ends_with(b"=")
}

/// Whether a value is a name that may be left out: `otp?`.
fn is_optional(value: &[u8]) -> bool {
    let name = |name: &[u8]| name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    value.strip_suffix(b"?").is_some_and(name)
}

/// Whether a value is the number of a pictogram, or of a sign in a font of them: `1f3ab`, `EB6B`.
fn is_pictogram(value: &[u8]) -> bool {
    let ([b'1', b'f', rest @ ..] | [b'e' | b'E' | b'f' | b'F', rest @ ..]) = value else {
        return false;
    };
    rest.len() == 3 && rest.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_literals() {
        for value in ["abc", "changeme", "${DB_PASSWORD}", "a\u{0}bcd", "xxxxxxxx"] {
            assert!(!is_literal(value.as_bytes()), "{value}");
        }
        for value in [
            "npm:^7.0.2",
            r"\x06\xa9\x21\x40",
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
            "0x{0:8X",
            "required|min_length[10]",
            r"\u0003",
            r"\u0161patn\u00e9",
            "{salt}eb753fb0c370582b4ee01b30f304b9fc",
            "Zapomn\u{11b}li jste heslo?",
            "noconfig=1",
            "`+expected+`",
            "SeqNum={0",
            r"\u003c\u003e\u0026",
            "tkn_lft:idt",
            "required|min:8",
            "file:{name}",
            "otp?",
            "1f3ab",
            "EB6B",
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
            "plum=7714",
            "s\u{e9}same7",
        ] {
            assert!(is_literal(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn versions_and_times_are_no_literals() {
        for value in [
            "jjwt-api:0.12.5",
            "127.0.0.1:9000",
            "2001:db8::48:4558:6175",
            "v0.8.1",
            "^3.0.0 || ^4.0.0",
            "@svgr/core@^2.4.1",
            "1.10@sha256:93a633d4f2b76a1c",
            "20101008T000000Z",
            "20380119031407Z",
            "2025-01-02 03:08:05",
            "1.3.6.1.5.5",
        ] {
            assert!(!is_literal(value.as_bytes()), "{value}");
        }
        for value in ["pa:55.w", "^3.0.0-plum", "@x7@^Lq9.4", "20101008T000000P"] {
            assert!(is_literal(value.as_bytes()), "{value}");
        }
    }
}
