//! What each target starts from: small inputs that are well-formed, made from parts at run time.

use crate::packing::{self, STREAMS, Zipped};
use crate::secrets::{aws, github, line, password, slack};

/// The seeds of a target.
#[must_use]
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "zip" => zips(),
        "tar" => vec![archive(), packing::tar(&[("x", b"")])],
        "containers" => {
            let inner = [zips(), streams(), vec![archive()]].concat();
            let outer = inner.iter().map(|file| packing::gzip(file));
            let zipped = inner.iter().map(|file| packing::zip(&[("in", file)], Zipped::Deflated));
            outer.chain(zipped).chain(inner.clone()).collect()
        }
        "decode" | "detect" => [texts(), encoded()].concat(),
        "seams" | "validators" => texts().iter().map(|text| [&[0, 1, 9, 9][..], text].concat()).collect(),
        "follow" => texts().iter().map(|text| versions(text)).collect(),
        "prefilter" => [texts(), vec![(0..=255).collect(), vec![1, 1, 7, 0, 2, 0, 4, 0]]].concat(),
        "delta" => vec![[&[10, 9][..], b"\x91\x02\x04\x02xy\x90\x03"].concat(), vec![1, 1, 1, b'x']],
        "tree" => trees(),
        "commit" => vec![COMMIT.as_bytes().to_vec(), TAG.as_bytes().to_vec()],
        "index" => indexes(),
        "loose" => ["blob 3\0abc", "tree 0\0", "commit 9\0tree 0000", "tag 1\0x"]
            .iter()
            .map(|text| [b"\0", text.as_bytes()].concat())
            .collect(),
        "pack" => packs(),
        "pack_index" => vec![crate::git::sample_index(), vec![0; 1024 + 40]],
        "baseline" => BASELINES.iter().map(|text| text.as_bytes().to_vec()).collect(),
        "config" => CONFIGS.iter().map(|text| text.as_bytes().to_vec()).collect(),
        "rules" => vec![include_bytes!("../../rules/crates.toml").to_vec(), RULE.as_bytes().to_vec()],
        "allow" => COMMENTS.iter().map(|text| [b"\0\x04", text.as_bytes()].concat()).collect(),
        "hook" => hooks(),
        name => streams_of(name),
    }
}

/// Bytes of an AWS pair, tokens and passwords as they stand in files.
fn texts() -> Vec<Vec<u8>> {
    let (id, secret) = aws(1);
    let texts = [
        line(1),
        format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n"),
        format!("{{\"slack\": \"{}\", \"n\": [1, 2]}}\n", slack(2)),
        format!("password: '{}'  # leakstop:allow\n", password(3)),
        format!("curl -H \"Authorization: Bearer {}\" https://u:{}@h/x?a=b%3Dc\n", github(4), password(5)),
        format!("<add key=\"DbPassword\" value=\"{}\"/>&#x41;\n", password(6)),
        ["-----BEGIN RSA ", "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA ", "PRIVATE KEY-----\n"].concat(),
        format!("x = \"{}\" +\n    \"{}\"\n", &github(7)[..20], &github(7)[20..]),
        ["eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxIn0.", "c2lnbmF0dXJlc2lnbmF0dXJl"].concat(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

/// The same in other notations.
fn encoded() -> Vec<Vec<u8>> {
    let plain = line(8);
    let bytes = plain.as_bytes();
    let each = |write: fn(u8) -> String| bytes.iter().map(|&byte| write(byte)).collect::<String>();
    let base64 = data_encoding::BASE64.encode(bytes);
    let texts = [
        format!("k: {base64}\n"),
        format!("k: {}\n", data_encoding::BASE64.encode(base64.as_bytes())),
        format!("k: {}\n", data_encoding::BASE64.encode(&packing::gzip(bytes))),
        format!("k: {}\n", data_encoding::BASE32.encode(bytes)),
        format!("k: {}\n", data_encoding::HEXLOWER.encode(bytes)),
        each(|byte| format!("%{byte:02x}")),
        each(|byte| format!("\\x{byte:02x}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("\\u{{{byte:x}}}")),
        each(|byte| format!("U+{byte:04X} ")),
        each(|byte| format!("\\{byte:03o}")),
        each(|byte| format!("&#x{byte:x};")),
        each(|byte| format!("={byte:02X}")),
        format!("[{}]", each(|byte| format!("{byte}, "))),
        format!("{{{}}}", each(|byte| format!("0x{byte:02x}, "))),
        each(|byte| format!("{}\u{200b}", char::from(byte))),
        each(|byte| format!("{}\0", char::from(byte))),
        "<~87cURD]i,\"Ebo80~>".to_owned(),
        "<?xml version=\"1.0\"?><w:t>pass</w:t><w:t>word=x</w:t>".to_owned(),
        format!("a = 'x' + \"y\" .. ('z' 'w') & \"v\"\\\n \"u\"; {base64}"),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

fn streams_of(name: &str) -> Vec<Vec<u8>> {
    let packs = STREAMS.iter().filter(|row| row.0 == name);
    packs.flat_map(|row| contents().map(|text| (row.1)(&text))).collect()
}

fn streams() -> Vec<Vec<u8>> {
    STREAMS.iter().map(|row| (row.1)(line(9).as_bytes())).collect()
}

/// Contents that take a packer through different states: short, repeated, random, empty.
fn contents() -> impl Iterator<Item = Vec<u8>> {
    let again = b"a word, a word and another word; ".repeat(40);
    let ramp = (0..=255).cycle().take(700).collect();
    [line(10).into_bytes(), again, ramp, packing::noise(900), vec![b'x'; 3000], Vec::new()].into_iter()
}

fn zips() -> Vec<Vec<u8>> {
    let text = line(11);
    let files = [("a/", &b""[..]), ("a/b", text.as_bytes()), ("c", b"x")];
    let how = [Zipped::Stored, Zipped::Deflated, Zipped::Streamed, Zipped::Encrypted];
    how.iter().map(|&how| packing::zip(&files, how)).chain(packed_entries()).collect()
}

/// Entries packed in the ways that are not deflate.
fn packed_entries() -> impl Iterator<Item = Vec<u8>> {
    [(12_u8, 2), (93, 4), (95, 3)].into_iter().map(|(method, row)| {
        let mut file = packing::zip(&[("p", &STREAMS[row].1(line(12).as_bytes()))], Zipped::Stored);
        file[8] = method;
        file
    })
}

fn archive() -> Vec<u8> {
    packing::tar(&[("a", b"x"), ("a/b", line(13).as_bytes()), ("c", b"")])
}

/// A base, and what makes two versions of it.
fn versions(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text").to_le_bytes();
    let copy = [&[1][..], &[0, 0, 0xff, 0x0f]].concat();
    [&length[..], text, &[1], &copy, &[8], b"x = ", &[1], &copy, &[0x15], text].concat()
}

fn trees() -> Vec<Vec<u8>> {
    let entry = |mode: &str, name: &str| [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[7; 20]].concat();
    let base = [entry("100644", "a"), entry("40000", "b"), entry("160000", "c")].concat();
    let head = [u8::try_from(base.len()).expect("short"), 0];
    let script = [&crate::git::length(base.len())[..], &crate::git::length(base.len()), &[0x90, head[0]]];
    vec![[&head[..], &base, &script.concat()].concat(), [&[0, 0][..], &base].concat()]
}

fn indexes() -> Vec<Vec<u8>> {
    let entry = |mode: u32, path: &str| {
        let mut bytes = [vec![0; 24], mode.to_be_bytes().to_vec(), vec![0; 12], vec![7; 20]].concat();
        bytes.extend(u16::try_from(path.len()).expect("short").to_be_bytes());
        bytes.extend(path.bytes());
        bytes.resize(bytes.len() / 8 * 8 + 8, 0);
        bytes
    };
    let entries = [entry(0o100_644, "a"), entry(0o040_000, "b/c/")].concat();
    let head = |version: u8| [0, 0, 0, version, 0, 0, 0, 2];
    vec![[&head(2)[..], &entries, b"sdir\0\0\0\0"].concat(), [&head(4)[..], &entries].concat()]
}

fn packs() -> Vec<Vec<u8>> {
    let entry = |how: u8, kind: u8, body: &[u8], base: &[u8]| {
        let length = u16::try_from(body.len()).expect("short").to_le_bytes();
        [&[how, kind], &length[..], body, base].concat()
    };
    let base = entry(0, 3, b"0123456789", b"");
    let delta = b"\x0a\x09\x91\x02\x04\x02xy\x90\x03";
    vec![
        [&base[..], &entry(0, 6, delta, &[0])].concat(),
        [&base[..], &entry(0, 7, delta, &[0])].concat(),
        [&entry(0, 1, COMMIT.as_bytes(), b"")[..], &entry(0, 2, b"", b""), &entry(0, 4, TAG.as_bytes(), b"")].concat(),
        entry(3, 3, b"nonsense", &[9, 9]),
    ]
}

fn hooks() -> Vec<Vec<u8>> {
    let (one, zero) = ("1".repeat(40), "0".repeat(40));
    vec![
        format!("refs/heads/x {one} refs/heads/y {zero}\n").into(),
        format!("{zero} {one} refs/heads/a b\r\n").into(),
        format!("subject\n\n# {} >8 {}\ndiff\n", "-".repeat(24), "-".repeat(24)).into(),
    ]
}

const COMMIT: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent 1111111111111111111111111111111111111111
author A U Thor <a@example.com> 1700000000 +0130
committer C <c@example.com> 1700000100 -0800

Subject

Body
";

const TAG: &str = "object 4b825dc642cb6eb9a060e54bf8d69288fbee4904
type commit
tag v1
tagger C <c@example.com> 1700000100 -0800

Message
";

const COMMENTS: &[&str] = &[
    "x\n\"v\" # leakstop:allow[github-pat-classic,x] why this is fine",
    "# pragma: allowlist nextline secret\nx: y",
    "x /* gitleaks:allow */ // secretlint-disable-line @secretlint/x -- why",
    "<!-- ggignore --> leakstop:allow: reason -->",
];

const CONFIGS: &[&str] = &[
    "min_confidence = \"likely\"\nexclude = [\"vendor/**\"]\ndisable = [\"generic-password\"]\n",
    "[[allow]]\npaths = [\"a/*\"]\nvalues = [\"^x.*$\"]\nrules = [\"github-pat-classic\"]\nreason = \"why\"\n",
    "[[rule]]\nid = \"corp\"\nname = \"Corp\"\ndescription = \"d\"\nkeywords = [\"corp_\"]\npattern = '(?<secret>corp_[a-z]{8})'\n",
];

const RULE: &str = "[provider]
name = \"Corp\"

[[rules]]
id = \"corp\"
name = \"Corp\"
description = \"d\"
keywords = [\"corp_\"]
pattern = '(?i)x{0,9}(?<secret>corp_[a-z]{8})\\b'
entropy = 2.5
match = [[\"corp_\", \"abcdefgh\"]]
no_match = [[\"corp\"]]
";

const BASELINES: &[&str] = &[
    r#"{"tool": "leakstop", "version": 1, "salt": "AAAAAAAAAAAAAAAAAAAAAA==", "entries": []}"#,
    r#"{
  "version": "1.5.0",
  "plugins_used": [{"name": "AWSKeyDetector"}, {"name": "Base64HighEntropyString", "limit": 4.5}],
  "filters_used": [{"path": "detect_secrets.filters.allowlist.is_line_allowlisted"}],
  "results": {
    "a.py": [
      {
        "type": "Secret Keyword",
        "filename": "a.py",
        "hashed_secret": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "is_verified": false,
        "line_number": 3,
        "is_secret": false
      }
    ]
  },
  "generated_at": "2026-01-01T00:00:00Z"
}
"#,
];
