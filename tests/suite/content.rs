//! What is in a file: charsets, line ends, encodings inside encodings, files larger than a window.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use serde_json::Value;

use crate::support::secrets::{github, line, random};
use crate::support::{Ran, TestRepo};

/// Bytes of a file that one window takes in; what straddles a multiple of it must not be lost.
const WINDOW: usize = 4 << 20;
/// Bytes that neighbouring windows share.
const SHARED: usize = 64 << 10;

/// The report on one file.
fn scan(content: impl AsRef<[u8]>) -> Ran {
    let repo = TestRepo::plain();
    repo.write("f", content);
    repo.json(&["scan", "f"])
}

/// Where the only finding begins and ends, as `line:column-line:column`.
#[track_caller]
fn place(ran: &Ran) -> String {
    let found = ran.clone().exits(1).findings();
    assert_eq!(found.len(), 1, "{}", ran.out());
    let at = |field: &str| found[0][field].as_u64().expect("a number");
    let (from, to) = (at("start_line"), at("end_line"));
    format!("{from}:{}-{to}:{}", at("start_column"), at("end_column"))
}

/// How the only finding was decoded.
#[track_caller]
fn decoded(ran: &Ran) -> Vec<String> {
    let found = ran.clone().exits(1).findings();
    assert_eq!(found.len(), 1, "{}", ran.out());
    let names = found[0]["decoded"].as_array().expect("a list").clone();
    names.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn columns_count_characters_in_every_charset() {
    let text = format!("first\n\u{e9}\u{e8} \u{1f511}: {}", line(1));
    let expected = "2:16-2:56";
    assert_eq!(place(&scan(&text)), expected, "UTF-8");
    let narrow = text.replace('\u{1f511}', "k");
    let latin: Vec<u8> = narrow.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(place(&scan(latin)), expected, "Latin-1");
    for (name, unit) in [("LE", u16::to_le_bytes as fn(u16) -> [u8; 2]), ("BE", u16::to_be_bytes)] {
        assert_eq!(place(&scan(wide(&text, unit))), expected, "UTF-16{name}");
        let marked = wide(&format!("\u{feff}{text}"), unit);
        assert_eq!(place(&scan(marked)), expected, "UTF-16{name} with a mark");
    }
}

#[test]
fn literals_in_parts_are_read_as_one() {
    let token = github(7);
    let (head, tail) = token.split_at(14);
    let secret = random(8, b"ABCDEFGHJKabcdefghjk23456789", 20);
    for (open, middle, close, end) in [
        ("\"", "\" + \"", "\"\n", 0),
        ("'", "' . '", "';\n", 0),
        ("\"", "\" & \"", "\"\n", 0),
        ("(\"", "\"\n  \"", "\")\n", 1),
    ] {
        let content = |head: &str, tail: &str| {
            format!("# nothing\nclient_secret = {open}{head}{middle}{tail}{close}")
        };
        let ran = scan(content(head, tail));
        assert_eq!(decoded(&ran), ["joined"]);
        let found = ran.findings();
        assert_eq!(found[0]["rule_id"], "github-pat-classic", "{middle}");
        assert_eq!(found[0]["start_line"], 2);
        assert_eq!(found[0]["end_line"], 2 + end);
        assert!(!ran.tells(&token));
        let (head, tail) = secret.split_at(5);
        let ran = scan(content(head, tail));
        assert_eq!(ran.clone().findings()[0]["rule_id"], "generic-secret", "{middle}");
        assert_eq!(decoded(&ran), ["joined"]);
    }
}

#[test]
fn literals_that_hold_other_words_are_joined() {
    let token = github(7);
    let (head, tail) = token.split_at(14);
    for content in [
        format!("h = \"Bearer {head}\" + \"{tail}\"\n"),
        format!("log(\"it is \" + '{head}' + '{tail}')\n"),
        format!("h := \"Authorization: token {head}\" +\n\t\"{tail}\\r\\n\"\n"),
        format!("$h = 'token {head}' . '{tail} of ours';\n"),
        format!("f(\"{head}\" \"{tail}\");\n"),
    ] {
        let ran = scan(&content);
        assert_eq!(ran.findings()[0]["rule_id"], "github-pat-classic", "{content}");
        assert_eq!(decoded(&ran), ["joined"]);
        assert!(!ran.tells(&token));
    }
}

#[test]
fn a_mark_is_no_column() {
    let token = github(1);
    for (name, content) in [
        ("UTF-8", format!("\u{feff}{token}").into_bytes()),
        ("UTF-16LE", wide(&format!("\u{feff}{token}"), u16::to_le_bytes)),
        ("UTF-16BE", wide(&format!("\u{feff}{token}"), u16::to_be_bytes)),
    ] {
        assert_eq!(place(&scan(content)), "1:1-1:41", "{name}");
    }
}

#[test]
fn every_line_end_counts() {
    let token = github(1);
    for end in ["\n", "\r\n", "\r"] {
        let content = ["a", "b", "", &format!("k = {token}"), "c", ""].join(end);
        assert_eq!(place(&scan(content)), "4:5-4:45", "{end:?}");
    }
}

#[test]
fn encoded_secrets_are_found_where_they_stand() {
    let plain = format!("token = {} # for the build", github(1));
    let each = |sign: &str| {
        let hex = HEXLOWER.encode(plain.as_bytes());
        let pairs = hex.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair));
        pairs.flat_map(|pair| [sign.to_owned(), pair.into_owned()]).collect::<String>()
    };
    for (name, encoded) in [
        ("base64", BASE64.encode(plain.as_bytes())),
        ("base64", BASE64URL_NOPAD.encode(plain.as_bytes())),
        ("hex", HEXLOWER.encode(plain.as_bytes())),
        ("percent", each("%")),
        ("escape", each("\\x")),
    ] {
        let content = format!("one\ndata: \"{encoded}\"\n");
        let ran = scan(&content);
        assert_eq!(decoded(&ran), [name]);
        let found = &ran.findings()[0];
        assert_eq!(found["start_line"], 2, "{name}");
        let start = usize::try_from(found["start_column"].as_u64().unwrap()).unwrap();
        let end = usize::try_from(found["end_column"].as_u64().unwrap()).unwrap();
        assert!(8 <= start && start < end && end <= 8 + encoded.len(), "{name}: {start}-{end}");
        // The encoded text covers the token and little else.
        let share = encoded.len() * 40 / plain.len();
        assert!(end - start >= share && end - start <= share + 8, "{name}: {}", end - start);
        assert!(!ran.tells(&encoded) && !ran.tells(&github(1)), "{name}");
    }
}

#[test]
fn encodings_are_undone_inside_each_other() {
    let plain = format!("token = {}\n", github(1));
    let inner = BASE64.encode(plain.as_bytes());
    let middle = HEXLOWER.encode(format!("value: {inner}").as_bytes());
    let outer = BASE64.encode(format!("again: {middle}").as_bytes());
    assert_eq!(decoded(&scan(format!("x: {middle}\n"))), ["hex", "base64"]);
    assert_eq!(decoded(&scan(format!("x: {outer}\n"))), ["base64", "hex", "base64"]);
    let marked = wide(&format!("\u{feff}x: {inner}\n"), u16::to_le_bytes);
    assert_eq!(decoded(&scan(marked)), ["base64"]);
}

#[test]
fn a_token_at_any_offset_around_a_seam_is_found_once() {
    let seams = [WINDOW - SHARED, WINDOW, WINDOW + SHARED, WINDOW + 2 * SHARED, 2 * WINDOW];
    let mut lines = vec![b'.'; 2 * WINDOW + 4 * SHARED];
    lines.iter_mut().step_by(80).for_each(|end| *end = b'\n');
    for back in [0, 1, 4, 20, 39, 40, 41, 80] {
        let mut content = lines.clone();
        let mut expected = Vec::new();
        for (seam, seed) in seams.iter().zip(1..) {
            let (start, token) = (seam - back, github(seed));
            content[start - 1] = b' ';
            content[start..start + token.len()].copy_from_slice(token.as_bytes());
            content[start + token.len()] = b' ';
            expected.push(start);
        }
        let found = scan(&content).exits(1).findings();
        let starts: Vec<(u64, u64)> = expected
            .iter()
            .map(|&start| {
                let before = &content[..start];
                let line = before.split(|&b| b == b'\n').count();
                let end = before.iter().rposition(|&b| b == b'\n').expect("there are lines");
                (line as u64, (start - end) as u64)
            })
            .collect();
        let at = |f: &Value, field: &str| f[field].as_u64().expect("a number");
        let told: Vec<(u64, u64)> =
            found.iter().map(|f| (at(f, "start_line"), at(f, "start_column"))).collect();
        assert_eq!(told, starts, "{back}");
        assert!(found.iter().all(|f| f["occurrences"] == serde_json::json!([])), "{back}");
    }
}

#[test]
fn an_encoded_token_at_a_seam_is_found() {
    // One run of base64 from before the seam to beyond it; the token stands at different depths.
    let letters: &[u8] = b"abcdefghij klmnopqrst uvwxyz\n";
    let filler = random(7, letters, 300 << 10);
    for inside in [0, 10_000, 100_000, 150_001, 150_002, 200_003, 290_000] {
        let plain = format!("{} {} {}", &filler[..inside], github(1), &filler[inside..]);
        let run = BASE64.encode(plain.as_bytes());
        let lead = WINDOW - 200_000;
        let mut content = random(8, b"abc \n", lead).into_bytes();
        content.extend_from_slice(b"\ndata = \"");
        content.extend_from_slice(run.as_bytes());
        content.extend_from_slice(b"\"\n");
        let ran = scan(&content);
        assert_eq!(decoded(&ran), ["base64"], "{inside}");
    }
}

#[test]
fn wide_text_is_read_across_seams() {
    for before in [WINDOW / 2 - 20, WINDOW / 2 - 19, WINDOW / 2 + SHARED / 2 - 10] {
        let text = format!("{}\n{}", "x".repeat(before - 50), line(1));
        for unit in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            assert_eq!(place(&scan(wide(&text, unit))), "2:10-2:50", "{before}");
        }
    }
}

#[test]
fn one_line_of_twenty_megabytes_is_read() {
    let mut content = String::new();
    let filler = random(3, b"abcdefghij(){};,=.", 1 << 20);
    for seed in 0..20 {
        content += &filler;
        content += &[";var k=\"", &github(seed), "\";"].concat();
    }
    let repo = TestRepo::plain();
    repo.write("bundle.min.js", content);
    let report = |threads| {
        repo.json(&["scan", "--rules", "github-pat-classic", "--threads", threads]).exits(1)
    };
    let ran = report("1");
    assert_eq!(ran.findings().len(), 20);
    let last = &ran.findings()[19];
    assert_eq!(last["start_line"], 1);
    assert_eq!(last["start_column"], 19 * ((1 << 20) + 50) + (1 << 20) + 8 + 1);
    assert_eq!(report("3").settled(), ran.settled(), "several windows at a time");
}

#[test]
fn everything_may_be_read_from_a_pipe() {
    let repo = TestRepo::plain();
    let mut content = "x\n".repeat(WINDOW / 2 + 100);
    content += &line(1);
    let ran = repo.leakstop(["stdin", "--format", "json"]).input(content).run();
    assert_eq!(place(&ran), format!("{0}:10-{0}:50", WINDOW / 2 + 101));
}

#[test]
fn binaries_are_read() {
    let mut content: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    content.extend_from_slice(&[0, 0]);
    content.extend_from_slice(github(1).as_bytes());
    content.extend_from_slice(&[0, 0]);
    content.extend((0..=255).cycle().take(10_000));
    assert_eq!(scan(content).exits(1).places().len(), 1);
}
