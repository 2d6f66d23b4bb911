//! A version read by what its base holds gives what reading all of it gives, whatever a delta does to the text.

use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use leakstop::detect::Detector;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::Confidence;
use leakstop::scan::{Note, Reading, Scanner};
use leakstop::source::pack::{Delta, Derived};
use leakstop::source::{Blob, Content, Follower, Origin};
use leakstop::verdict::policy::Policy;
use proptest::prelude::*;

use crate::support::secrets::{aws, github, password, random, slack};

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    Detector::new(rules, Confidence::Likely)
});

/// All that is said of a version, sorted.
type Said = Vec<String>;

/// Reads a version, by the note on its base or as a whole.
fn read(text: &[u8], derived: Option<Derived<'_, Option<Note>>>) -> (Said, Option<Note>) {
    let policy = Policy::new(Confidence::Possible, &[], None).expect("there is nothing to parse");
    let stop = AtomicBool::new(false);
    let reading = Reading { paths_later: true, ..Reading::default() };
    let scanner = Scanner::new(&DETECTOR, &policy, &stop, reading);
    let content = Content::Bytes(text);
    let note =
        scanner.follow(Blob { origin: Origin::default(), content, before: None }, derived, true);
    let found = scanner.finish();
    let said = found.sightings.iter().map(|sighting| {
        let secret = String::from_utf8_lossy(sighting.secret.reveal()).into_owned();
        format!("{secret:?} {sighting:?}")
    });
    let mut said: Said = said.collect();
    said.extend(found.skipped.iter().map(|skipped| format!("{skipped:?}")));
    said.sort();
    (said, note)
}

/// Offsets in thousandths of a text's length as bytes.
fn scaled(parts: Vec<Part>, length: usize) -> Vec<Part> {
    let scale = |part| match part {
        Part::Copy(from, to) => Part::Copy(length * from / 1000, length * to / 1000),
        insert @ Part::Insert(_) => insert,
    };
    parts.into_iter().map(scale).collect()
}

/// What a delta is made of.
#[derive(Clone, Debug)]
enum Part {
    /// A stretch of the base, from one offset to another.
    Copy(usize, usize),
    Insert(Vec<u8>),
}

/// A delta and what it makes.
fn delta(base: &[u8], parts: &[Part]) -> (Vec<u8>, Vec<u8>) {
    let (mut steps, mut made) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Part::Insert(bytes) => {
                made.extend_from_slice(bytes);
                for piece in bytes.chunks(127) {
                    steps.push(u8::try_from(piece.len()).expect("at most 127"));
                    steps.extend_from_slice(piece);
                }
            }
            &Part::Copy(from, to) if from < to => {
                made.extend_from_slice(&base[from..to]);
                let [from, len] =
                    [from, to - from].map(|n| u32::try_from(n).expect("short texts").to_le_bytes());
                steps.push(0xff);
                steps.extend(from.iter().chain(&len[..3]));
            }
            Part::Copy(..) => {}
        }
    }
    let head = [base.len(), made.len()].map(|mut length| {
        let mut bytes = Vec::new();
        while length >= 0x80 {
            bytes.push(u8::try_from(length & 0x7f).expect("seven bits") | 0x80);
            length >>= 7;
        }
        bytes.push(u8::try_from(length).expect("seven bits"));
        bytes
    });
    ([head.concat(), steps].concat(), made)
}

/// A credential as it stands in a file, or something much like it.
fn credential(seed: u64, kind: u8) -> String {
    let value = random(seed, BASE62, 32);
    let hex = random(seed, b"0123456789abcdef", 32);
    let (id, secret) = aws(seed);
    let wrapped = |text: &str| {
        let text = data_encoding::BASE64.encode(text.as_bytes());
        let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
        lines.collect::<Vec<_>>().join("\n")
    };
    let filler = "a line of words that mean nothing; ".repeat(4);
    match kind {
        0 => format!("token = \"{}\"\n", github(seed)),
        1 => format!("db_password: '{}'\n", password(seed)),
        2 => format!("id={id}\n# between the two\naws_secret_access_key={secret}\n"),
        3 => format!("mistral:\n  # of the team\n  model: large\n  api_key: {value}\n"),
        4 => format!("curl -H \"Authorization: Bearer {value}\" https://api.corp.io\n"),
        5 => format!("{}\n", wrapped(&format!("{filler}\npassword = \"{}\"\n", password(seed)))),
        6 => format!("x = \"{}\"\n", data_encoding::BASE64.encode(slack(seed).as_bytes())),
        7 => format!("h={}\n", data_encoding::HEXLOWER.encode(github(seed).as_bytes())),
        8 => format!("{{\"body\": \"{{\\\"api_key\\\": \\\"{value}\\\", \\\"n\\\": 1}}\"}}\n"),
        9 => format!("https://h/?token%3D{}%26user%3dme%26x%3D1\n", github(seed)),
        10 => format!("{filler}; {filler}; secret_key = \"{value}\" {filler}; {filler}"),
        11 => format!("SEGMENT_WRITE_KEY={value}\nposthog(api_key=\"phc\", token=\"{hex}\")\n"),
        12 => format!("postgres://app:{}@db.internal:5432/main\n", &value[..14]),
        13 => format!("key = \"{value}\"  # leakstop:allow\n"),
        14 => format!("-----BEGIN RSA PRIVATE {}-----\n{}\n", "KEY", wrapped(&filler.repeat(9))),
        20 => {
            let text = format!("{filler}{}\n{filler}", github(seed));
            let level = sirocco::deflate::Level::DEFAULT;
            let bytes = sirocco::compress(sirocco::Format::Deflate, level, text.as_bytes());
            format!("r={}\n", data_encoding::BASE64.encode(&bytes))
        }
        21 => format!("t+AD0-ghp+AF8-{}\n", &github(seed)[4..]),
        15 => "password = getpass()\ntoken, secret = keys[0]\n".to_owned(),
        _ => over_lines(seed, kind),
    }
}

/// A credential in what reaches over lines, or may.
fn over_lines(seed: u64, kind: u8) -> String {
    let filler = "a line of words that mean nothing; ".repeat(4);
    match kind {
        16 => {
            let token = github(seed);
            format!("token = (\n  \"{}\"\n  \"{}\"\n)\n", &token[..9], &token[9..])
        }
        17 => {
            let rows = filler.clone() + &github(seed) + "\n" + &filler;
            let row = |row: &[u8]| {
                let pairs = row.iter().map(|byte| format!("{byte:02x}"));
                pairs.collect::<Vec<_>>().join(" ") + "\n"
            };
            rows.as_bytes().chunks(16).map(row).collect()
        }
        18 => {
            let one = |byte: u8| format!("chr({byte})");
            format!("t = {}\n", github(seed).bytes().map(one).collect::<Vec<_>>().join(" + "))
        }
        19 => {
            let token = github(seed);
            format!("t = [\"{}\", \"{}\"].join(\"\")\n", &token[..9], &token[9..])
        }
        22 => {
            let token = github(seed);
            format!("token={}\\\n    {}\n", &token[..9], &token[9..])
        }
        23 => {
            let one = |byte: u8| format!("{byte}, ");
            format!("t = [{}]\n", github(seed).bytes().map(one).collect::<String>())
        }
        24 => {
            let token = github(seed);
            format!(
                "t = {}\u{200b}{}\nu = {}\x1b[31m{}\n",
                &token[..9],
                &token[9..],
                &token[..5],
                &token[5..]
            )
        }
        25 => format!("Content-Transfer-Encoding: quoted-printable\n\ntoken=3D{}\n", github(seed)),
        26 => format!("<~{}~>\n", ascii85(format!("token = {}\n", github(seed)).as_bytes())),
        _ => format!("{}\n", slack(seed)),
    }
}

/// Whole groups of four bytes in ascii85.
fn ascii85(bytes: &[u8]) -> String {
    let mut out = String::new();
    for group in bytes.as_chunks::<4>().0 {
        let mut number = u32::from_be_bytes(*group);
        let mut digits = [0; 5];
        for digit in digits.iter_mut().rev() {
            *digit = b'!' + u8::try_from(number % 85).expect("below 85");
            number /= 85;
        }
        out.extend(digits.map(char::from));
    }
    out
}

/// Text of no interest, and words that rules and decoders look at.
fn filler() -> impl Strategy<Value = String> {
    let words = [
        "password",
        "token",
        "=",
        "\"",
        "'",
        ": ",
        "api_key",
        "mistral",
        "segment",
        "ghp_",
        "\\\"",
        "\\n",
        "%3D",
        "\n",
        "\r\n",
        "==",
        "é",
        "secret",
        "Bearer ",
        "AKIA",
        "    ",
        "leakstop:allow",
        "\\\n",
        "12, 7, ",
        "7,",
        "[",
        "~",
        "<",
        "begin 644 a\n",
        "A1b2C3d4E5f6G7h8A1b2C3d4E5f6G7h8A1b2C3d4E5f6G7h8A1b2C3d4",
        "key",
    ];
    prop_oneof![
        4 => "([a-z]{1,9} ){2,14}[a-z]{1,9};\n",
        2 => "    [a-z_]{3,12} = [a-z]{3,9}\\([a-z, ]{0,20}\\)\n",
        2 => prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => "[0-9A-Za-z+/]{48,76}\n",
    ]
}

/// A piece of a text.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let credential = (any::<u64>(), 0..=27_u8).prop_map(|(seed, kind)| credential(seed, kind));
    let quiet = prop::collection::vec("([a-z]{1,9} ){2,14}[a-z]{1,9};\n", 1..40);
    prop_oneof![
        5 => credential.prop_map(String::into_bytes),
        8 => filler().prop_map(String::into_bytes),
        2 => quiet.prop_map(|lines| lines.concat().into_bytes()),
        // Some texts are binary.
        1 => (0..200_u8).prop_map(|n| if n == 0 { vec![0] } else { vec![n] }),
    ]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(piece(), 10..80).prop_map(|pieces| pieces.concat())
}

/// Few edits of a text, as people make them: at each place something is put in, and something left out.
fn edits() -> impl Strategy<Value = Vec<Part>> {
    let edit = (0..1000_usize, prop_oneof![Just(0), 0..3_usize, 0..60_usize], piece(), 0..3_u8);
    prop::collection::vec(edit, 1..5).prop_map(|mut edits| {
        edits.sort_by_key(|edit| edit.0);
        let mut parts = Vec::new();
        let mut at = 0;
        for (place, gone, new, how) in edits {
            parts.push(Part::Copy(at, place.max(at)));
            match how {
                0 => parts.push(Part::Insert(new)),
                1 => parts.push(Part::Insert(new[..new.len().min(1)].to_vec())),
                _ => {}
            }
            at = (place + gone).max(at).min(1000);
        }
        parts.push(Part::Copy(at, 1000));
        parts
    })
}

/// Copies in any order, of any stretches.
fn jumble() -> impl Strategy<Value = Vec<Part>> {
    let copy = (0..1000_usize, 0..=1000_usize).prop_map(|(a, b)| Part::Copy(a.min(b), a.max(b)));
    let part = prop_oneof![3 => copy, 1 => piece().prop_map(Part::Insert)];
    prop::collection::vec(part, 0..6)
}

/// A base, and versions each made from any before it.
fn chain() -> impl Strategy<Value = (Vec<u8>, Vec<(prop::sample::Index, Vec<Part>)>)> {
    let parts = prop_oneof![3 => edits(), 1 => jumble()];
    let version = (any::<prop::sample::Index>(), parts);
    (text(), prop::collection::vec(version, 1..8))
}

/// How many chains are tried.
#[expect(clippy::disallowed_methods, reason = "how long a test runs is told by the environment")]
fn cases() -> u32 {
    std::env::var("LEAKSTOP_CASES").map_or(128, |number| number.parse().expect("a number"))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn versions_are_read_like_wholes((base, versions) in chain()) {
        let (_, note) = read(&base, None);
        let mut known = vec![(base, note)];
        for (from, parts) in versions {
            let (before, note) = &known[from.index(known.len())];
            let (script, made) = delta(before, &scaled(parts, before.len()));
            let delta = Delta::parse(&script).expect("a delta");
            let (followed, note) = read(&made, Some(Derived { base: note, delta }));
            prop_assert_eq!(followed, read(&made, None).0);
            known.push((made, note));
        }
    }
}

/// Lines of no interest: more of them than any rule looks over.
fn quiet() -> String {
    (0..1000).map(|n| ["line ", &n.to_string(), " of no interest;\n"].concat()).collect()
}

/// What is found before and after `old`, amid many lines, is made `new` by what git would write: the bytes between
/// their common start and end.
fn changed(old: &str, new: &str) -> [usize; 2] {
    let quiet = quiet();
    let base = [&quiet, old, &quiet].concat();
    let (said, note) = read(base.as_bytes(), None);
    let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let tail = old[same..].bytes().rev().zip(new[same..].bytes().rev());
    let tail = tail.take_while(|(a, b)| a == b).count();
    let (script, made) = delta(
        base.as_bytes(),
        &[
            Part::Copy(0, quiet.len() + same),
            Part::Insert(new[same..new.len() - tail].into()),
            Part::Copy(base.len() - quiet.len() - tail, base.len()),
        ],
    );
    assert_eq!(made, [&quiet, new, &quiet].concat().into_bytes());
    let derived = Derived { base: &note, delta: Delta::parse(&script).expect("a delta") };
    let followed = read(&made, Some(derived)).0;
    assert_eq!(followed, read(&made, None).0);
    [said.len(), followed.len()]
}

#[test]
fn what_a_change_does_to_a_credential_shows() {
    let token = github(7);
    let (head, rest) = token.split_at(20);
    let line = |text: &str| format!("x = \"{text}\"\n");
    // Put into a token, taken out of it, cut off.
    assert_eq!(changed(&line(&token), &line(&format!("{head}-{rest}"))), [1, 0]);
    assert_eq!(changed(&line(&format!("{head}-{rest}")), &line(&token)), [0, 1]);
    assert_eq!(changed(&line(&token), &line(head)), [1, 0]);
    // Its keyword comes, goes, and comes back in another case.
    assert_eq!(changed(&line(&token), &line(&token[1..])), [1, 0]);
    assert_eq!(changed(&line(&token[1..]), &line(&token)), [0, 1]);
    // Far from what changes it stays what it is.
    assert_eq!(changed(&format!("{}a\n", line(&token)), &format!("{}b\n", line(&token))), [1, 1]);
}

#[test]
fn what_a_change_does_to_its_context_shows() {
    let value = random(5, BASE62, 32);
    let named = |vendor: &str| format!("{vendor}:\n  # of the team\n  api_key: {value}\n");
    let filler = "  # a line between the two\n".repeat(9);
    let [with, without] = [named("mistral"), named("elsewhere")];
    assert_ne!(read(with.as_bytes(), None).0, read(without.as_bytes(), None).0);
    changed(&with, &without);
    changed(&without, &with);
    changed(&with, &with.replace("  # of the team\n", &filler.repeat(9)));
    let (id, secret) = aws(3);
    let pair = |between: &str| format!("id={id}\n{between}aws_secret_access_key={secret}\n");
    changed(&pair(""), &pair(&filler.repeat(20)));
    changed(&pair(&filler.repeat(20)), &pair(""));
    let allowed = |mark: &str| format!("x = \"{}\"  # {mark}\n", github(1));
    changed(&allowed("leakstop:allow"), &allowed("leakstop:al"));
    changed(&allowed("leakstop:al"), &allowed("leakstop:allow"));
}

#[test]
fn what_a_change_does_to_an_encoding_shows() {
    let lines = |text: &str| {
        let text = data_encoding::BASE64.encode(text.as_bytes());
        let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
        format!("data:\n{}\n", lines.collect::<Vec<_>>().join("\n"))
    };
    let filler = "words that mean nothing at all; ".repeat(9);
    let whole = lines(&format!("{filler}\npassword = \"{}\"\n{filler}", password(2)));
    // The first line of a wrapped value tells how the others are read.
    assert_eq!(changed(&whole, &whole.replacen("data:\n", "data: ", 1)), [1, 1]);
    // A letter less at the start may shift all that follows.
    changed(&whole, &[&whole[..6], &whole[7..]].concat());
    let broken = whole.replacen('\n', "\n!", 3);
    changed(&whole, &broken);
    changed(&broken, &whole);
    let escaped = format!("{{\\\"api_key\\\": \\\"{}\\\"}}\n", random(5, BASE62, 32));
    changed(&escaped, &escaped.replace('\\', ""));
    changed(&escaped.replace('\\', ""), &escaped);
    let joined = |between: &str| {
        let token = github(8);
        format!("token = (\n  \"{}\"{between}\"{}\"\n)\n", &token[..9], &token[9..])
    };
    assert_eq!(changed(&joined("\n  "), &joined(",\n  ")), [1, 0]);
    assert_eq!(changed(&joined(",\n  "), &joined("\n  ")), [0, 1]);
    let binary = format!("{whole}\0");
    assert_eq!(changed(&whole, &binary), [1, 1]);
    assert_eq!(changed(&binary, &whole), [1, 1]);
}

#[test]
fn what_a_change_does_to_joined_literals_shows() {
    let token = github(9);
    let (head, rest) = token.split_at(17);
    let joined = |between: &str| format!("token = (\n  \"{head}\"{between}\"{rest}\"\n)\n");
    let whole = joined("\n  ");
    // It is known from the base, wherever it stands in the copy.
    for far in [0, 1, 200, 500, 530, 1000] {
        let far = "y;\n".repeat(far / 3);
        let change = |what: &str| format!("{far}{what}{far}");
        let near = |what: &str| [&whole, &change(what)[..]].concat();
        assert_eq!(changed(&near("z = 1;\n"), &near("z = 2;\n")), [1, 1]);
        let near = |what: &str| [&change(what)[..], &whole].concat();
        assert_eq!(changed(&near("z = 1;\n"), &near("z = 2;\n")), [1, 1]);
    }
    // What stands between the two comes, goes and changes, up to as far as one looks.
    for gap in [1, 100, 240, 250, 260, 300] {
        let gap = " ".repeat(gap);
        for [old, new] in [["", "\n"], ["\n", ", x,\n"], [", x,\n", " + "], [" + ", ";\nz = "]] {
            let [old, new] = [old, new].map(|middle| joined(&format!("{middle}{gap}")));
            changed(&old, &new);
            changed(&new, &old);
        }
    }
    // Lists of numbers are read as wholes where one may be.
    let list = |first: &str| {
        let bytes = format!("password={}", password(4));
        let numbers: Vec<String> = bytes.bytes().skip(1).map(|byte| byte.to_string()).collect();
        format!("x = [{first}{}]\n", numbers.join(",\n  "))
    };
    changed(&list("112, "), &list("x"));
    changed(&list("x"), &list("112, "));
    changed(&list("112, "), &list("1, "));
}
