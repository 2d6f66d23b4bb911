//! Encodings that do not write each character in another alphabet, and those that hide in ordinary text.

use std::fmt::Write as _;

use data_encoding::{BASE64, HEXLOWER};

use crate::support::packing::{STREAMS, Zipped, gzip, noise, tar, zip};
use crate::support::secrets::{github, line, random};
use crate::support::{Ran, TestRepo};

fn scan(content: impl AsRef<[u8]>) -> Ran {
    let repo = TestRepo::plain();
    repo.write("f", content);
    repo.json(&["scan", "f"])
}

/// The bytes that `find` points at, which all stand on one line, and how they were decoded.
fn pointed(content: &str) -> (String, Vec<String>) {
    let ran = scan(content);
    let found = ran.clone().exits(1).findings();
    assert_eq!(found.len(), 1, "{content}: {}", ran.out());
    assert_eq!(found[0]["rule_id"], "github-pat-classic");
    let at = |field: &str| {
        usize::try_from(found[0][field].as_u64().expect("a number")).expect("a small one") - 1
    };
    let text = content.lines().nth(at("start_line")).expect("a line");
    let (start, end) = (at("start_column"), at("end_column"));
    let part = text.chars().skip(start).take(end - start).collect();
    let via = found[0]["decoded"].as_array().expect("a list");
    (part, via.iter().map(|name| name.as_str().expect("a name").to_owned()).collect())
}

/// `bytes` as numbers.
fn numbers(bytes: &[u8], write: fn(&mut String, u8), between: &str) -> String {
    let one = |byte: &u8| {
        let mut out = String::new();
        write(&mut out, *byte);
        out
    };
    bytes.iter().map(one).collect::<Vec<_>>().join(between)
}

fn hex(out: &mut String, byte: u8) {
    write!(out, "0x{byte:02x}").expect("a string takes everything");
}

fn decimal(out: &mut String, byte: u8) {
    write!(out, "{byte}").expect("a string takes everything");
}

#[test]
fn lists_of_bytes_are_text() {
    let token = github(1);
    for (write, between) in [(hex as fn(&mut String, u8), ", "), (hex, ","), (decimal, ", ")] {
        let list = numbers(token.as_bytes(), write, between);
        let content = format!("x = 1, 2\nchar key[] = {{ {list}, 0x00 }};\n");
        assert_eq!(pointed(&content), (list, vec!["bytes".to_owned()]));
    }
    let list = numbers(token.as_bytes(), decimal, ",\n  ");
    let ran = scan(format!("key = [\n  {list}\n]"));
    assert_eq!(ran.places(), ["f:2 github-pat-classic"]);
}

#[test]
fn lists_of_characters_are_text() {
    let token = github(1);
    for (before, after, between) in [
        ("'", "'", ", "),
        ("b'", "'", ","),
        ("(byte) ", "", ", "),
        ("\"", "\"", ", "),
        ("", "u8", ", "),
    ] {
        let one = |byte: u8| match before {
            "'" | "b'" => char::from(byte).to_string(),
            _ => format!("0x{byte:02X}"),
        };
        let list: Vec<String> =
            token.bytes().map(|byte| format!("{before}{}{after}", one(byte))).collect();
        let list = list.join(between);
        let content = format!("char key[] = {{{list}}};\n");
        let (part, via) = pointed(&content);
        assert_eq!(via, ["bytes"]);
        assert_eq!(part, list);
    }
}

#[test]
fn a_single_escape_hides_nothing() {
    let token = github(1);
    for (front, letter, via) in [
        ("x = \"", "\\x67", "escape"),
        ("x = \"", "\\u0067", "escape"),
        ("x = \"", "\\U00000067", "escape"),
        ("x = \"", "\\u{67}", "escape"),
        ("x = \"", "\\147", "escape"),
        ("x = \"", "\\0147", "escape"),
        ("x = \"", "&#103;", "entity"),
        ("u?t=", "%67", "percent"),
        ("\\x3d", "g", "escape"),
        ("\u{1b}[31m", "g", "colour"),
    ] {
        let content = format!("a\n{front}{letter}{}\n", &token[1..]);
        let (part, names) = pointed(&content);
        assert_eq!(names, [via], "{content}");
        assert_eq!(part, format!("{letter}{}", &token[1..]));
    }
}

#[test]
fn words_that_go_on_in_the_next_line_are_whole() {
    let token = github(1);
    let (head, tail) = token.split_at(20);
    for (text, end) in [
        (format!("RUN curl -H token:{head}\\\n{tail} x\n"), 2),
        (format!("key: \"{head}\\\n    {tail}\"\n"), 2),
        (format!("set T={head}^\r\n{tail}\r\n"), 2),
        (format!("x = (\"{head}\" # one\n  \"{tail}\")\n"), 2),
        (format!("x = \"{head}\";\nx += '{tail}';\n"), 2),
        (format!("x = \"{head}\" +\n\t`{tail}`\n"), 2),
    ] {
        let ran = scan(&text).exits(1);
        assert_eq!(ran.places(), ["f:1 github-pat-classic"], "{text}");
        assert_eq!(ran.findings()[0]["end_line"], end, "{text}");
    }
}

#[test]
fn wide_characters_are_read() {
    let text = format!("first\n{}", line(1));
    for order in [u32::to_le_bytes as fn(u32) -> [u8; 4], u32::to_be_bytes] {
        for mark in ["", "\u{feff}"] {
            let raw: Vec<u8> =
                format!("{mark}{text}").chars().flat_map(|char| order(char.into())).collect();
            let ran = scan(raw).exits(1);
            assert_eq!(ran.places(), ["f:2 github-pat-classic"]);
            assert_eq!(ran.findings()[0]["start_column"], 10);
        }
    }
}

#[test]
fn dumps_are_wrapped() {
    let text = format!("{}{}", random(4, b"abcdefgh \n", 100), line(1));
    for (encoded, width, via) in [
        (HEXLOWER.encode(text.as_bytes()), 60, "hex"),
        (data_encoding::BASE32.encode(text.as_bytes()), 76, "base32"),
    ] {
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(width).map(|l| str::from_utf8(l).expect("ASCII")).collect();
        let ran = scan(lines.join("\n")).exits(1);
        assert_eq!(ran.findings()[0]["decoded"], serde_json::json!([via]));
    }
}

#[test]
fn what_is_packed_may_be_written_in_any_way() {
    let text = format!("{}{}", random(4, b"abcdefgh \n", 300), line(1));
    let each = |bytes: &[u8], write: fn(&mut String, u8)| numbers(bytes, write, "");
    for (name, pack) in STREAMS {
        let packed = pack(text.as_bytes());
        for (via, value) in [
            ("base32", data_encoding::BASE32.encode(&packed)),
            ("bytes", numbers(&packed, hex, ",\n  ")),
            ("bytes", numbers(&packed, decimal, ", ")),
            ("escape", each(&packed, |out, byte| write!(out, "\\x{byte:02x}").expect("room"))),
            ("escape", packed.escape_ascii().to_string()),
            ("percent", each(&packed, |out, byte| write!(out, "%{byte:02X}").expect("room"))),
        ] {
            let ran = scan(format!("x\ndata = '{value}'\n"));
            let found = ran.findings();
            assert_eq!(found.len(), 1, "{name} in {via}: {value}");
            assert_eq!(found[0]["decoded"], serde_json::json!([via, name]));
        }
    }
}

#[test]
fn numbers_are_no_text() {
    let table: Vec<u8> = noise(4000);
    scan(numbers(&table, decimal, ", ")).exits(0);
    scan("1.0, 2.5, 100, 200, 300, 1e5, 0xfff, a0, 1").exits(0);
}

#[test]
fn invisible_characters_part_nothing() {
    let token = github(1);
    for mark in ["\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}"] {
        let hidden = [&token[..7], mark, &token[7..20], mark, &token[20..]].concat();
        let via = vec!["zero-width".to_owned()];
        assert_eq!(pointed(&format!("a\ntoken = {hidden} # x\n")), (hidden, via));
    }
}

#[test]
fn mails_are_read() {
    let token = github(1);
    let (head, tail) = token.split_at(20);
    let mail = format!("Dear all,\nthe =3D sign=20\ntoken=3D{head}=\n{tail} =E2=80=93 bye\n");
    let ran = scan(mail).exits(1);
    assert_eq!(ran.places(), ["f:3 github-pat-classic"]);
    assert_eq!(ran.findings()[0]["decoded"], serde_json::json!(["quoted-printable"]));
    assert_eq!(ran.findings()[0]["end_line"], 4);
}

#[test]
fn ascii85_is_read() {
    let encode = |text: &[u8]| {
        let mut out = String::new();
        for group in text.chunks(4) {
            let mut whole = [0; 4];
            whole[..group.len()].copy_from_slice(group);
            let mut value = u32::from_be_bytes(whole);
            let mut digits = [0u8; 5];
            for digit in digits.iter_mut().rev() {
                *digit = (value % 85) as u8 + b'!';
                value /= 85;
            }
            out += std::str::from_utf8(&digits[..=group.len()]).expect("ASCII");
        }
        out
    };
    for lead in ["", "a", "ab", "abc"] {
        let value = encode(format!("{lead} token = {}", github(1)).as_bytes());
        let (part, via) = pointed(&format!("x\ny = <~{value}~>\n"));
        assert_eq!(via, ["ascii85"]);
        assert!(value.contains(&part) && part.len() < 60, "{part}");
    }
}

#[test]
fn what_is_packed_and_then_encoded_is_read() {
    let text = format!("{}{}", random(4, b"abcdefgh \n", 300), line(1));
    for (name, pack) in STREAMS {
        for (letters, encode) in [
            ("base64", (|bytes| BASE64.encode(bytes)) as fn(&[u8]) -> String),
            ("hex", |bytes| HEXLOWER.encode(bytes)),
        ] {
            let value = encode(&pack(text.as_bytes()));
            let (part, via) = pointed(&format!("x\ndata: \"{value}\"\n"));
            assert_eq!(via, [letters, name], "{name}");
            assert_eq!(part, value, "{name} in {letters}");
        }
    }
    let archive = zip(&[("a", b"x"), ("b", text.as_bytes())], Zipped::Streamed);
    assert_eq!(pointed(&format!("x {}\n", BASE64.encode(&archive))).1, ["base64", "zip"]);
    let twice = BASE64.encode(&gzip(BASE64.encode(&gzip(text.as_bytes())).as_bytes()));
    assert_eq!(pointed(&twice).1, ["base64", "gzip", "base64", "gzip"]);
}

#[test]
fn runs_of_a_document_are_joined() {
    let token = github(1);
    let (head, tail) = token.split_at(9);
    for (space, open, close, end) in [
        (
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "<w:t>",
            "</w:t>",
            "</w:p>",
        ),
        ("urn:oasis:names:tc:opendocument:xmlns:text:1.0", "<text:span a='b'>", "</text:span>", ""),
    ] {
        let content = format!(
            "<?xml version='1.0'?><d xmlns:w='{space}'>{open}a token: {close}</w:r><w:r>\
             {open}{head}{close}<w:r>{open}{tail}{close}{end}{open}next{close}</d>"
        );
        let packed = zip(&[("word/document.xml", content.as_bytes())], Zipped::Deflated);
        let ran = scan(packed).exits(1);
        assert_eq!(ran.places(), ["f!word/document.xml:1 github-pat-classic"]);
        assert_eq!(ran.findings()[0]["decoded"], serde_json::json!(["zip", "runs"]));
    }
}

#[test]
fn images_of_containers_are_read() {
    let layer = tar(&[("etc/app.conf", line(1).as_bytes())]);
    let env = format!("{{\"config\":{{\"Env\":[\"PATH=/bin\",\"TOKEN={}\"]}}}}", github(2));
    let image = tar(&[
        ("blobs/sha256/1a", &gzip(&layer)),
        ("blobs/sha256/2b", env.as_bytes()),
        ("manifest.json", b"[]"),
    ]);
    let places = scan(image).exits(1).places();
    assert_eq!(
        places,
        [
            "f!blobs/sha256/1a!etc/app.conf:1 github-pat-classic",
            "f!blobs/sha256/2b:1 github-pat-classic"
        ]
    );
}

#[test]
fn a_bomb_in_base64_is_given_up() {
    let repo = TestRepo::plain();
    repo.write("f", BASE64.encode(&gzip(&vec![0; 200 << 20])));
    assert_eq!(repo.json(&["scan"]).exits(0).skipped(), ["f: too-deep"]);
}

#[test]
fn parts_of_a_signed_token_are_read() {
    let part = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    let claims = part(&format!("{{\"sub\": \"x\", \"token\": \"{}\"}}", github(1)));
    let content = format!("{}.{claims}.{}", part("{\"alg\":\"none\"}"), part("not a signature"));
    let rules: Vec<String> = scan(content).places();
    assert!(rules.contains(&"f:1 github-pat-classic".to_owned()), "{rules:?}");
}

#[test]
fn noise_and_media_decode_to_nothing() {
    let noise: Vec<u8> = noise(400_000);
    for head in [&b""[..], b"\x89PNG\r\n\x1a\n", b"\x1f\x8b\x08\0", b"x\x9c", b"PK\x03\x04"] {
        let bytes = [head, &noise].concat();
        for value in [BASE64.encode(&bytes), HEXLOWER.encode(&bytes)] {
            scan(format!("background: url(data:image/png;base64,{value})")).exits(0);
        }
        scan(data_encoding::BASE32.encode(&bytes)).exits(0);
    }
}

#[test]
fn versions_of_a_file_are_read_as_well() {
    let repo = TestRepo::new();
    let filler: String = (0..4000).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "line {n} of a long file that changes little");
        text
    });
    repo.stage("f", &filler);
    repo.commit("one");
    let list = numbers(github(1).as_bytes(), hex, ",\n  ");
    repo.stage("f", format!("{filler}key = {{\n  {list}\n}}\n"));
    repo.commit("two");
    let (head, tail) = ("to\u{200b}ken", github(2));
    let hidden = format!("{head} = {}\u{200b}{}\n", &tail[..9], &tail[9..]);
    repo.stage("f", format!("{hidden}{filler}key = {{\n  {list}\n}}\n"));
    repo.commit("three");
    repo.git(["gc", "-q"]);
    let values = repo.json(&["history"]).exits(1).findings().len();
    assert_eq!(values, 2);
}
