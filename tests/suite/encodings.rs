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
fn dumps_in_groups_are_read() {
    let text = format!("a first line of the file\n{}", line(1));
    let pairs = |row: &[u8]| row.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    let shown = |row: &[u8]| String::from_utf8_lossy(row).replace('\n', ".");
    let rows = || text.as_bytes().chunks(16).enumerate();
    let fours = |row: &[u8], swap: bool| {
        let group = |pair: &[u8]| match *pair {
            [low, high] if swap => format!("{high:02x}{low:02x}"),
            _ => HEXLOWER.encode(pair),
        };
        row.chunks(2).map(group).collect::<Vec<_>>().join(" ")
    };
    let xxd = rows()
        .map(|(n, row)| format!("{:08x}: {:<39}  {}\n", 16 * n, fours(row, false), shown(row)));
    let canonical = rows().map(|(n, row)| {
        let halves: Vec<String> = row.chunks(8).map(|half| pairs(half).join(" ")).collect();
        format!("{:08x}  {:<49} |{}|\n", 16 * n, halves.join("  "), shown(row))
    });
    let words = rows().map(|(n, row)| format!("{:07x} {}\n", 16 * n, fours(row, true)));
    let octets = rows().map(|(n, row)| format!("{:07o} {}\n", 16 * n, pairs(row).join(" ")));
    let wireshark = rows()
        .map(|(n, row)| format!("{:04x}   {}   {}\n", 16 * n, pairs(row).join(" "), shown(row)));
    let plain = rows().map(|(_, row)| format!("{}\n", pairs(row).join(" ")));
    let dumps: [String; 6] = [
        xxd.collect(),
        canonical.collect(),
        words.collect(),
        octets.collect(),
        wireshark.collect(),
        plain.collect(),
    ];
    for dump in dumps {
        for before in ["", "that have been some four word line, is it as we do it\n", "    "] {
            let ran = scan(format!("{before}{dump}")).exits(1);
            assert_eq!(ran.findings()[0]["decoded"], serde_json::json!(["dump"]), "{before}{dump}");
        }
    }
    let one = format!("x = \"{}\"\n", pairs(github(1).as_bytes()).join(" "));
    assert_eq!(pointed(&one).1, ["dump"]);
}

#[test]
fn characters_that_a_program_joins_are_text() {
    let token = github(1);
    for (name, between) in [
        ("chr", " + "),
        ("chr", "+"),
        ("Chr", " & "),
        ("ChrW", " & _\n  "),
        ("CHAR", "||"),
        ("char", " || "),
    ] {
        let one = |byte: u8| format!("{name}({byte})");
        let chain = token.bytes().map(one).collect::<Vec<_>>().join(between);
        let ran = scan(format!("token = {chain}\n")).exits(1);
        assert_eq!(ran.findings()[0]["decoded"], serde_json::json!(["characters"]), "{chain}");
    }
    let codes = numbers(token.as_bytes(), decimal, ",");
    let ran = scan(format!("t = String.fromCharCode({codes})")).exits(1);
    assert_eq!(ran.findings()[0]["decoded"], serde_json::json!(["bytes"]));
    scan("a = b + chr(65) + chr(66) + c & chr(7)\n").exits(0);
}

#[test]
fn lists_of_literals_that_are_joined_are_one() {
    let token = github(1);
    let pieces: Vec<&str> =
        token.as_bytes().chunks(9).map(|piece| str::from_utf8(piece).expect("ASCII")).collect();
    for content in [
        format!("t = [\"{}\"].join(\"\")\n", pieces.join("\", \"")),
        format!("t = ['{}'].join('')\n", pieces.join("',\n  '")),
        format!("t = \"\".join([\"{}\"])\n", pieces.join("\", \"")),
        format!("t = ''.join(('{}'))\n", pieces.join("', '")),
    ] {
        let ran = scan(&content).exits(1);
        assert_eq!(ran.findings()[0]["decoded"], serde_json::json!(["joined"]), "{content}");
    }
    scan(format!("t = [\"{}\"].join(\", \")\n", pieces.join("\", \""))).exits(0);
    let letters: Vec<String> = token.chars().map(String::from).collect();
    let ran = scan(format!("t = [\"{}\"].join(\"\")\n", letters.join("\",\""))).exits(1);
    assert_eq!(ran.findings()[0]["decoded"], serde_json::json!(["bytes"]));
}

#[test]
fn utf7_is_read() {
    let token = github(1);
    let hidden = format!("x+AD0-{}+AF8-{}\n", &token[..3], &token[4..]);
    assert_eq!(pointed(&hidden).1, ["utf-7"]);
}

#[test]
fn uuencoded_files_are_read() {
    let text = format!("some text of a file\n{}and more of it\n", line(1));
    for zero in [b' ', b'`'] {
        let letter = |bits: u32| match (bits & 63) as u8 {
            0 => char::from(zero),
            value => char::from(value + b' '),
        };
        let mut out = String::from("begin 644 some.env\n");
        for row in text.as_bytes().chunks(45) {
            out.push(letter(u32::try_from(row.len()).expect("at most 45")));
            for group in row.chunks(3) {
                let mut whole = [0; 4];
                whole[1..=group.len()].copy_from_slice(group);
                let bits = u32::from_be_bytes(whole);
                out.extend([18, 12, 6, 0].map(|shift| letter(bits >> shift)));
            }
            out.push('\n');
        }
        let ran = scan(format!("mail\n\n{out}`\nend\n")).exits(1);
        assert_eq!(ran.findings()[0]["decoded"], serde_json::json!(["uuencode"]));
    }
    scan("begin 644 nothing\nend\n").exits(0);
}

#[test]
fn what_is_deflated_without_a_header_is_read() {
    let deflated = |text: &str| {
        let level = sirocco::deflate::Level::DEFAULT;
        let bytes = sirocco::compress(sirocco::Format::Deflate, level, text.as_bytes());
        BASE64.encode(&bytes)
    };
    for text in [line(1), format!("{}{}", random(4, b"abcdefgh \n", 700), line(1))] {
        let ran = scan(format!("SAMLRequest={}\n", deflated(&text))).exits(1);
        let via = &ran.findings()[0]["decoded"];
        assert_eq!(*via, serde_json::json!(["base64", "deflate"]), "{text}");
    }
}

/// Bytes that nobody can tell from random ones.
fn randomly(seed: u64, length: usize) -> Vec<u8> {
    leakstop::detect::sample::Draw::seeded(seed).bytes(length)
}

#[test]
fn noise_and_media_decode_to_nothing() {
    let heads: [&[u8]; 16] = [
        b"",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"wOFF\0\x01\0\0",
        b"wOF2\0\x01\0\0",
        b"\0\x01\0\0\0\x0e\0\x80",
        b"OTTO\0\x0c\0\x80",
        b"\0asm\x01\0\0\0",
        b"\x1f\x8b\x08\0",
        b"x\x9c",
        b"PK\x03\x04",
        b"\x04",
        b"\x05",
        b"ID3\x03",
    ];
    let repo = TestRepo::plain();
    for (seed, head) in (0..).zip(heads) {
        let bytes = [head, &randomly(seed, 30_000)].concat();
        let [plain, url] = [&BASE64, &data_encoding::BASE64URL_NOPAD].map(|e| e.encode(&bytes));
        let rows = |value: &str| {
            let lines = value.as_bytes().chunks(76);
            lines.map(|row| str::from_utf8(row).expect("ASCII")).collect::<Vec<_>>().join("\n")
        };
        // A bundle gives them to names, some of them such that a secret would have.
        let bundle = format!(
            "!function(){{var a=\"data:application/octet-stream;base64,{plain}\",k='{url}';\
             e.exports={{icon:\"url(data:image/png;base64,{plain})\",f:\"{}\"}}}}();\n",
            HEXLOWER.encode(&bytes[..15_000])
        );
        repo.write(format!("{seed}/bundle.js"), bundle);
        repo.write(format!("{seed}/media.txt"), rows(&plain));
        repo.write(format!("{seed}/dump.txt"), rows(&HEXLOWER.encode(&bytes)));
        repo.write(format!("{seed}/base32.txt"), data_encoding::BASE32.encode(&bytes));
        let list = numbers(&bytes[..10_000], hex, ", ");
        repo.write(format!("{seed}/bytes.c"), format!("char data[] = {{ {list} }};\n"));
        let spaced = numbers(
            &bytes[..10_000],
            |out, byte| {
                write!(out, "{byte:02x}").expect("a string takes everything");
            },
            " ",
        );
        repo.write(format!("{seed}/spaced.txt"), spaced);
        repo.write(format!("{seed}/raw.bin"), bytes);
    }
    let ran = repo.json(&["scan", "."]);
    assert!(ran.findings().is_empty(), "{}", ran.out());
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
