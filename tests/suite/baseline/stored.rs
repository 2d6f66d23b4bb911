//! The format of detect-secrets, whose files keep working as they are.

use std::sync::LazyLock;

use bstr::{BStr, ByteSlice};
use leakstop::verdict::baseline::{Baseline, Fault, Format, Found, Gone, Label, Note, Standing};

use proptest::prelude::*;

use super::types::{CASES, draw};
use super::{TODAY, beside, everywhere, fault, found, known, parse, rendered, settle};

/// The SHA-1 of `ghp`, which the program stores for every token that begins so.
const GITHUB: &str = "e175c6f5f2a92e8623bd 9a4820edb4e8c1b0fd10";

/// A dummy that the program would report, if something that counts is assigned it.
static VALUE: LazyLock<String> = LazyLock::new(|| ["gX7k", "qZr2", "Lw9d"].concat());

/// Its SHA-1.
const DIGEST: &str = "b96f3379a630df273179 6f8bfe136e2ca7ed4399";

/// A line that assigns it.
static LINE: LazyLock<String> = LazyLock::new(|| format!("password = \"{}\"", *VALUE));

/// A file as the program writes it, with one entry for each of `(path, type, digest, line)`.
fn file(entries: &[(&str, &str, &str, usize)]) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|(path, kind, digest, line)| {
            let digest = digest.replace(' ', "");
            format!(
                r#"    "{path}": [
      {{
        "type": "{kind}",
        "filename": "{path}",
        "hashed_secret": "{digest}",
        "is_verified": false,
        "line_number": {line}
      }}
    ]"#
            )
        })
        .collect();
    let results = match entries.join(",\n") {
        none if none.is_empty() => "{}".to_owned(),
        some => format!("{{\n{some}\n  }}"),
    };
    format!(
        r#"{{
  "version": "1.5.0",
  "plugins_used": [
    {{
      "name": "KeywordDetector",
      "keyword_exclude": ""
    }}
  ],
  "filters_used": [],
  "results": {results},
  "generated_at": "2020-01-01T00:00:00Z"
}}
"#
    )
}

proptest! {
    #[test]
    fn no_find_makes_it_panic(
        path in "[a-z]{0,3}(\\.yaml|\\.env|/x)?",
        rule in prop::sample::select(CASES.iter().map(|case| case.rule).collect::<Vec<_>>()),
        parts in prop::array::uniform3("[\"'=: @/\\\\é\r\n_.-]{0,4}[a-zA-Z]{0,6}[\"':/@_.-]{0,4}"),
    ) {
        let secret = parts[1].as_str();
        let context = parts.concat();
        let find = beside(found(rule, &path, secret, 1), &context);
        let mut baseline = parse(&file(&[]));
        baseline.update(&[find], &everywhere, false);
        prop_assert_eq!(settle(&baseline, &[find]), [known()]);
        prop_assert_eq!(settle(&parse(&rendered(&baseline)), &[find]), [known()]);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Baseline::parse(&bytes).is_err());
        let escaped = bytes.escape_bytes().to_string().replace(r"\x", r"\udc");
        let text = file(&[("a.py", "Secret Keyword", DIGEST, 1)]).replace("a.py", &escaped);
        if let Ok(baseline) = Baseline::parse(text.as_bytes()) {
            prop_assert_eq!(rendered(&baseline), text);
        }
    }
}

/// All but the time of writing.
fn timeless(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("generated_at"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_type_is_recognised_by_what_the_program_hashes() {
    for (row, case) in CASES.iter().enumerate() {
        let (secret, text) = (case.secret(row), case.text(row));
        let find = beside(found(case.rule, case.path, &secret, 1), &text);
        for (kind, digest) in case.stored {
            let baseline = parse(&file(&[(case.path, kind, digest, 1)]));
            assert_eq!(settle(&baseline, &[find]), [known()], "{} as {kind}", case.path);
            let elsewhere = parse(&file(&[("other.py", kind, digest, 1)]));
            assert_eq!(settle(&elsewhere, &[find]), [Standing::New], "{}", case.path);
            let other = parse(&file(&[(case.path, "Public IP (ipv4)", digest, 1)]));
            assert_eq!(settle(&other, &[find]), [Standing::New], "{}", case.path);
        }
    }
}

#[test]
fn another_value_of_a_type_is_new_unless_only_its_beginning_is_stored() {
    for (row, case) in CASES.iter().enumerate() {
        let (secret, text) = (case.secret(row + 1000), case.text(row + 1000));
        let find = beside(found(case.rule, case.path, &secret, 1), &text);
        for (kind, digest) in case.stored {
            let baseline = parse(&file(&[(case.path, kind, digest, 1)]));
            let hidden = settle(&baseline, &[find]) == [known()];
            let warned = baseline.warnings().len() == 1;
            assert_eq!(hidden, warned, "{} as {kind}", case.path);
        }
    }
}

#[test]
fn an_update_writes_what_the_program_would() {
    let plain = Baseline::new().unwrap();
    let empty = plain.convert(&[]).unwrap().baseline;
    assert_eq!(empty.format(), Format::DetectSecrets);
    for (row, case) in CASES.iter().enumerate() {
        let (secret, text) = (case.secret(row), case.text(row));
        let find = beside(found(case.rule, case.path, &secret, 1), &text);
        let mut baseline = empty.clone();
        baseline.update(&[find], &everywhere, false);
        let root: serde_json::Value = serde_json::from_slice(&baseline.render()).unwrap();
        let list = root["results"][case.path].as_array().unwrap();
        let entry = |e: &serde_json::Value| {
            let digest = e["hashed_secret"].as_str().unwrap().to_owned();
            (e["type"].as_str().unwrap().to_owned(), digest)
        };
        let mut written: Vec<_> = list.iter().map(entry).collect();
        written.sort();
        let stored =
            case.stored.iter().map(|(kind, digest)| (String::from(*kind), digest.replace(' ', "")));
        assert_eq!(written, stored.collect::<Vec<_>>(), "{}", case.path);
    }
}

#[test]
fn a_stored_beginning_hides_every_such_token_of_the_file_and_is_named() {
    let token =
        |seed| ["ghp", "_", &draw(b"abcdefghijklmnopqrstuvwxyz0123456789", 36, seed)].concat();
    let baseline = parse(&file(&[("a.py", "GitHub Token", GITHUB, 1)]));
    let (one, two) = (token(1), token(2));
    let finds = [
        found("github-pat-classic", "a.py", &one, 1),
        found("github-pat-classic", "a.py", &two, 2),
    ];
    assert_eq!(settle(&baseline, &finds), [known(), known()]);
    let warnings = baseline.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].starts_with("a.py: GitHub Token: "));
    assert!(warnings[0].contains("begins with ghp is"));
}

#[test]
fn labels_do_not_matter_but_are_passed_on() {
    let text = file(&[("a.py", "Secret Keyword", DIGEST, 1)]);
    let find = [found("generic-secret", "a.py", &VALUE, 1)];
    let labelled = |value: &str| {
        let line = format!("\"line_number\": 1,\n        \"is_secret\": {value}");
        parse(&text.replace("\"line_number\": 1", &line))
    };
    assert_eq!(settle(&labelled("true"), &find), [known()]);
    let label = Label::FalsePositive;
    let standing = Standing::Known { label, reason: None };
    assert_eq!(settle(&labelled("false"), &find), [standing]);
}

#[test]
fn renamed_files_are_new_here() {
    let baseline = parse(&file(&[("a.py", "Secret Keyword", DIGEST, 1)]));
    let moved = [found("generic-secret", "b.py", &VALUE, 1)];
    assert_eq!(settle(&baseline, &moved), [Standing::New]);
}

#[test]
fn paths_are_read_as_the_program_reads_them() {
    let find = |path| [found("generic-secret", path, &VALUE, 1)];
    for (stored, real) in
        [("./a.py", "a.py"), (r"src\\a.py", "src/a.py"), ("caf\\u00e9.py", "café.py")]
    {
        let baseline = parse(&file(&[(stored, "Secret Keyword", DIGEST, 1)]));
        assert_eq!(settle(&baseline, &find(real)), [known()], "{stored}");
    }
    let stray = parse(&file(&[(r"caf\udce9.py", "Secret Keyword", DIGEST, 1)]));
    let path = BStr::new(b"caf\xe9.py");
    let find = Found { path, ..find("")[0] };
    assert_eq!(settle(&stray, &[find]), [known()]);
    let mut moved = stray.clone();
    moved.update(&[Found { line: 7, ..find }], &everywhere, false);
    assert_eq!(rendered(&moved).matches(r#""caf\udce9.py""#).count(), 2);
}

#[test]
fn types_of_plugins_are_honoured_by_value() {
    let baseline = parse(&file(&[("a.py", "Acme Token", DIGEST, 1)]));
    let find = [found("generic-secret", "a.py", &VALUE, 1)];
    assert_eq!(settle(&baseline, &find), [known()]);
}

#[test]
fn an_update_that_changes_nothing_writes_the_same_bytes() {
    let find = found("generic-secret", "a.py", &VALUE, 1);
    let find = beside(find, &LINE);
    let tidy = file(&[("a.py", "Secret Keyword", DIGEST, 1)]);
    for text in [tidy.replace('\n', "\r\n"), tidy.replace("  ", "\t"), tidy] {
        let mut baseline = parse(&text);
        baseline.update(&[find], &everywhere, false);
        assert_eq!(rendered(&baseline), text);
    }
}

#[test]
fn an_update_keeps_the_layout_and_refreshes_line_and_time() {
    let text =
        file(&[("a.py", "Secret Keyword", DIGEST, 1), ("b.py", "Secret Keyword", DIGEST, 1)]);
    let text = text.replace(
        "\"is_verified\": false",
        "\"is_verified\": true,\n        \"x\": [\n          1\n        ]",
    );
    let mut baseline = parse(&text);
    let finds = ["a.py", "b.py", "c.py"].map(|path| {
        let number = if path == "b.py" { 9 } else { 1 };
        beside(found("generic-secret", path, &VALUE, number), &LINE)
    });
    baseline.update(&finds[..2], &everywhere, false);
    let last = text.rfind("\"line_number\": 1").unwrap();
    let want = format!("{}\"line_number\": 9{}", &text[..last], &text[last + 16..]);
    let updated = rendered(&baseline);
    assert_eq!(timeless(&updated), timeless(&want));
    assert!(!updated.contains("2020-01-01T00:00:00Z"));
    baseline.update(&finds, &everywhere, false);
    let fresh = file(&[("c.py", "Secret Keyword", DIGEST, 1)]);
    let entry = &fresh[fresh.find("    \"c.py\"").unwrap()..fresh.find("\n  },").unwrap()];
    assert!(rendered(&baseline).contains(entry));
}

#[test]
fn slim_files_stay_slim() {
    let text = file(&[("a.py", "Secret Keyword", DIGEST, 1)])
        .replace(",\n        \"line_number\": 1", "")
        .replace(",\n  \"generated_at\": \"2020-01-01T00:00:00Z\"", "");
    let mut baseline = parse(&text);
    let finds =
        [found("generic-secret", "a.py", &VALUE, 4), found("generic-secret", "b.py", &VALUE, 5)];
    assert_eq!(settle(&baseline, &finds[..1]), [known()]);
    baseline.update(&finds, &everywhere, false);
    let updated = rendered(&baseline);
    assert_eq!(updated.matches("hashed_secret").count(), 2);
    assert!(!updated.contains("generated_at") && !updated.contains("line_number"));
}

#[test]
fn files_of_other_versions_keep_theirs() {
    let find = [found("generic-secret", "src/a.py", &VALUE, 7)];
    let digest = DIGEST.replace(' ', "");
    let old = format!(
        r#"{{
  "exclude": {{
    "files": "^vendor/",
    "lines": null
  }},
  "generated_at": "2019-01-01T00:00:00Z",
  "plugins_used": [
    {{
      "base64_limit": 4.5,
      "name": "Base64HighEntropyString"
    }}
  ],
  "results": {{
    "src/a.py": [
      {{
        "hashed_secret": "{digest}",
        "is_verified": false,
        "line_number": 3,
        "type": "High Entropy String"
      }}
    ]
  }},
  "version": "0.12.0",
  "word_list": {{
    "file": null,
    "hash": null
  }}
}}
"#
    );
    let mut baseline = parse(&old);
    assert_eq!(settle(&baseline, &find), [known()]);
    let vendored = [found("generic-secret", "vendor/b.py", "another", 1)];
    assert!(matches!(settle(&baseline, &vendored)[0], Standing::Known { .. }));
    assert!(baseline.warnings().is_empty());
    baseline.update(&find, &everywhere, false);
    let want = old.replace("\"line_number\": 3", "\"line_number\": 7");
    assert_eq!(timeless(&rendered(&baseline)), timeless(&want));
    let newer = file(&[]).replace("1.5.0", "9.9.9");
    let mut newer = parse(&newer);
    newer.update(&find, &everywhere, false);
    assert!(rendered(&newer).contains("\"version\": \"9.9.9\""));
}

#[test]
fn excluded_finds_are_known_and_not_taken_in() {
    let filter = r#""filters_used": [{"path": "detect_secrets.filters.regex.should_exclude_line", "pattern": [" fake$"]}]"#;
    let mut baseline = parse(&file(&[]).replace("\"filters_used\": []", filter));
    let find = found("generic-secret", "a.py", &VALUE, 1);
    let finds = [beside(find, "x = y # fake"), beside(find, "x = y")];
    let standing = settle(&baseline, &finds);
    assert!(
        matches!(&standing[0], Standing::Known { reason: Some(r), .. } if r.contains("should_exclude_line"))
    );
    assert_eq!(standing[1], Standing::New);
    baseline.update(&finds[..1], &everywhere, false);
    assert!(baseline.is_empty());
}

#[test]
fn broken_files_say_what_is_wrong_and_where() {
    let good = file(&[("a.py", "Secret Keyword", DIGEST, 1)]);
    let broken = |from: &str, to: &str| fault(&good.replace(from, to));
    assert!(broken("  \"version\": \"1.5.0\",\n", "").starts_with("version: missing"));
    assert!(broken("\"results\"", "\"result\"").starts_with("results: missing"));
    let place = r#"results["a.py"][0].hashed_secret: "#;
    assert!(broken("\"hashed_secret\"", "\"hash\"").starts_with(place));
    assert!(broken(&DIGEST[..20], "zz").starts_with(place));
    assert!(broken("\"type\"", "\"kind\"").starts_with(r#"results["a.py"][0].type: "#));
}

#[test]
fn labels_are_written_where_the_program_writes_them() {
    let text = file(&[("a.py", "Secret Keyword", DIGEST, 1)]);
    let mut baseline = parse(&text);
    let note = Note { label: Label::Test, ..Note::default() };
    baseline.annotate(&found("generic-secret", "a.py", &VALUE, 1), &note);
    let line = "\"line_number\": 1,\n        \"is_secret\": false";
    let want = text.replace("\"line_number\": 1", line);
    assert_eq!(timeless(&rendered(&baseline)), timeless(&want));
}

#[test]
fn conversion_carries_over_what_is_found_and_lists_the_rest() {
    let text =
        file(&[("a.py", "Secret Keyword", DIGEST, 1), ("b.py", "Secret Keyword", DIGEST, 2)]);
    let line = "\"line_number\": 1,\n        \"is_secret\": false";
    let old = parse(&text.replacen("\"line_number\": 1", line, 1));
    let find = beside(found("generic-secret", "a.py", &VALUE, 1), &LINE);
    let other = found("generic-secret", "c.py", &VALUE, 1);
    let native = old.convert(&[find, other]).unwrap();
    let label = Label::FalsePositive;
    let accepted = Standing::Known { label, reason: None };
    assert_eq!(native.baseline.format(), Format::Native);
    assert_eq!(
        native.baseline.settle(&[find, other], Gone::entries(&|_| false), TODAY),
        [accepted.clone(), Standing::New]
    );
    assert_eq!(native.unmatched.len(), 1);
    assert_eq!(
        (native.unmatched[0].path.as_bstr(), native.unmatched[0].line),
        (BStr::new("b.py"), Some(2))
    );
    let back = native.baseline.convert(&[find]).unwrap();
    assert_eq!(back.baseline.format(), Format::DetectSecrets);
    assert_eq!(settle(&back.baseline, &[find]), [accepted]);
    assert!(back.unmatched.is_empty() && back.lost.is_empty());
}

#[test]
fn what_expires_does_not_become_accepted_for_ever() {
    let find = found("generic-secret", "a.py", &VALUE, 1);
    let mut native = Baseline::new().unwrap();
    let note =
        Note { reason: Some("until rotated".to_owned()), expires: Some(TODAY), ..Note::default() };
    native.annotate(&find, &note);
    let other = native.convert(&[find]).unwrap();
    assert!(other.baseline.is_empty());
    assert_eq!(other.unmatched.len(), 1);
    assert_eq!(other.lost.len(), 1);
}

#[test]
fn both_sides_of_a_merge_keep_their_entries() {
    let entry = |path| (path, "Secret Keyword", DIGEST, 1);
    let [base, ours, theirs] = [
        vec![entry("a.py")],
        vec![entry("a.py"), entry("b.py")],
        vec![entry("a.py"), entry("c.py")],
    ]
    .map(|entries| parse(&file(&entries)));
    let merged = Baseline::merge(Some(&base), &ours, &theirs).unwrap();
    let want = file(&[entry("a.py"), entry("b.py"), entry("c.py")]);
    assert_eq!(timeless(&rendered(&merged)), timeless(&want));
    let moved = parse(&rendered(&theirs).replace("\"line_number\": 1", "\"line_number\": 5"));
    let merged = Baseline::merge(Some(&base), &ours, &moved).unwrap();
    assert_eq!(rendered(&merged).matches("\"line_number\": 5").count(), 2);
    let fewer = parse(&rendered(&theirs).replace("KeywordDetector", "JwtTokenDetector"));
    let more = parse(&rendered(&ours).replace("KeywordDetector", "SlackDetector"));
    let refused = Baseline::merge(Some(&base), &fewer, &more);
    assert!(matches!(refused, Err(Fault::Conflict(what)) if what == ["\"plugins_used\""]));
    let native = Baseline::new().unwrap();
    let refused = Baseline::merge(None, &ours, &native);
    assert!(matches!(refused, Err(Fault::Formats)));
}
