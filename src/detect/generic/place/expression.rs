//! Bare words that are a part of the program in which they stand, and no literals.
//!
//! In: a bare word, or what follows it. Out: whether it is a call, an element, a number, an address, a type or the
//! name of a function, or the beginning of more.

use super::Joint;

/// Whether a bare word is an expression, a number or an address.
pub(super) fn is_one(value: &[u8]) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(value, part).is_some();
    let next = value.strip_suffix(b"=");
    calls(value)
        || value.starts_with(b"(") && !value.ends_with(b")")
        || is_number(value)
        || is_arity(value)
        || is_element(value)
        || is_composite(value)
        || is_address(value)
        || value == b"iota"
        || is_atom(value)
        || value.starts_with(b"[") && memchr::memchr(b']', value).is_none()
        || [&b"->"[..], b":\"", b"<&", b"().", b"].", b"]]>"].iter().any(|part| has(part))
        || [&b"0x%"[..], b"qr/", b"%w[", b"%i[", b":$", b"self.", b"this.", b"cls."].iter().any(|start| value.starts_with(start))
        || [&b"/tcp"[..], b"/udp", b"/binary"].iter().any(|end| value.ends_with(end))
        // `PASSWORD= NEXT=`: nothing is given.
        || next.is_some_and(|name| name.iter().all(u8::is_ascii_uppercase))
}

/// Whether what follows a bare word makes it part of an expression, or the head of a block.
pub(super) fn goes_on(rest: &[u8], joint: Joint) -> bool {
    const MARKS: &[&[u8]] = &[
        b"{", b"(", b"+ ", b"* ", b"/ ", b"? ", b"- ", b"% ", b"== ", b"!= ", b"=> ", b"-> ", b"})",
    ];
    let after = rest.trim_ascii_start();
    let gap = &rest[..rest.len() - after.len()];
    let same_line = !gap.is_empty() && !gap.contains(&b'\n');
    same_line && MARKS.iter().any(|mark| after.starts_with(mark))
        || joint == Joint::Sql && matches!(after.first(), Some(b'}' | b'='))
}

/// Whether a bare word calls something, or is the head of what does.
fn calls(value: &[u8]) -> bool {
    let open = || memchr::memchr(b'(', value).filter(|&at| at > 0);
    match value.last() {
        Some(b'(' | b'[' | b'{') => true,
        Some(b')') => {
            open().is_some_and(|at| value[at - 1].is_ascii_alphanumeric() || value[at - 1] == b'_')
        }
        Some(b']') => memchr::memchr(b'[', value).is_some_and(|at| at > 0),
        _ => false,
    }
}

/// Whether a bare word may be the name of a variable: in `password => JWS0` it is one.
pub(super) fn is_name(value: &[u8]) -> bool {
    value.first().is_some_and(u8::is_ascii_alphabetic)
        && value.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Whether a bare word is a number that no password is: in hex, with points, an exponent or a type
/// (`-0x3f879678`, `127.0.0.1`, `1e-99`, `1304_u32`). Longer numbers in hex are keys.
fn is_number(value: &[u8]) -> bool {
    let text = std::str::from_utf8(value).unwrap_or_default();
    let all = |text: &str, test: fn(&u8) -> bool| text.bytes().all(|b| test(&b));
    let hex = text.strip_prefix('-').unwrap_or(text);
    let hex = hex.strip_prefix("0x").or_else(|| hex.strip_prefix("0X")).unwrap_or_default();
    let hex = hex.trim_end_matches(['u', 'U', 'l', 'L']);
    let typed = text.split_once('_').is_some_and(|(number, kind)| {
        let width = kind.trim_start_matches(['i', 'u', 'f']);
        kind.len() <= 4 && all(number, u8::is_ascii_digit) && all(width, u8::is_ascii_digit)
    });
    let long = text.strip_suffix('L').unwrap_or_default();
    let long = long.strip_prefix('-').unwrap_or(long);
    !long.is_empty() && all(long, u8::is_ascii_digit)
        || (1..=16).contains(&hex.len()) && all(hex, u8::is_ascii_hexdigit)
        || text.contains('.') && text.split('.').all(|part| all(part, u8::is_ascii_digit))
        || typed
        || text.contains(['.', '-']) && text.parse::<f64>().is_ok()
}

/// Whether a bare word is an element of a variable with a sigil: `$args[10`, up to where words end.
fn is_element(value: &[u8]) -> bool {
    let Some(name) = value.strip_prefix(b"$") else { return false };
    let end = name.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'_');
    end.is_some_and(|end| {
        end > 0
            && (name[end] == b'['
                || matches!(name[end..], [b'-'] | [b'-', b'>', ..])
                || name[end..].starts_with(b"{"))
    })
}

/// Whether a bare word is where a variable is, or what it points to: `&buffer;`, `**list`.
fn is_address(value: &[u8]) -> bool {
    let value = value.strip_suffix(b";").unwrap_or(value);
    let marks = value.iter().take_while(|b| b"&*".contains(b)).count();
    let name = &value[marks..];
    (1..=2).contains(&marks)
        && name.first().is_some_and(|b| b.is_ascii_lowercase() || *b == b'_')
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Whether a bare word makes a value of a type with a package, or bytes: `common.Hash{0x01`, up to where words end,
/// `[]byte{0x00}`.
fn is_composite(value: &[u8]) -> bool {
    let Some(open) = memchr::memchr(b'{', value) else { return false };
    let name = &value[..open];
    name == b"[]byte"
        || memchr::memchr(b'.', name).is_some()
            && name[0].is_ascii_alphabetic()
            && name.iter().all(|b| b.is_ascii_alphanumeric() || b"_.".contains(b))
}

/// Whether a bare word is an atom of Elixir or a symbol of Ruby: `:zta`.
fn is_atom(value: &[u8]) -> bool {
    let name = value.strip_prefix(b":").unwrap_or_default();
    !name.is_empty() && name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
}

/// Whether a bare word names a function by its number of arguments: `translate_args/3`.
fn is_arity(value: &[u8]) -> bool {
    let [name @ .., b'/', number] = value else { return false };
    number.is_ascii_digit() && name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_no_literals() {
        for value in [
            "getpwuid(0)",
            "__webpack_require__(334)",
            "[]byte{0x00}",
            "argv[3]",
            "0x316",
            "0XB3415C00L",
            "-0x3f879678",
            "0x9f1343901e600bf7L",
            "127.0.0.1",
            "1e-99",
            "1304_u32",
            "translate_args/3",
            "user->name",
            "Option<&[u8]>",
            "qr/x/",
            "464/tcp",
            "NEXT=",
            "(0x80",
            "$args[10",
            "$row{pw}",
            "common.Hash{0x01",
            "iota",
            ":zta",
            "[GH-5998",
            "&buffer;",
            "**list",
            "uuid.uuid4().hex",
            "inputs[1].value",
            "-6673992096916801742L",
        ] {
            assert!(is_one(value.as_bytes()), "{value}");
        }
        let key = format!("0x{}", "5f".repeat(32));
        for value in ["hunter2", "S3cr3t!pw", "q8Zx7Lk2/9", "c2VjcmV0", "12345678", &key] {
            assert!(!is_one(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn what_goes_on_is_no_word() {
        for rest in [" + 1", " {", " (x)", " == y"] {
            assert!(goes_on(rest.as_bytes(), Joint::Equals), "{rest}");
        }
        assert!(goes_on(b" }", Joint::Sql));
        for rest in ["", "\n{", " # a comment", " && make", " --flag", "}"] {
            assert!(!goes_on(rest.as_bytes(), Joint::Equals), "{rest}");
        }
    }
}
