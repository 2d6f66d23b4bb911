//! Every place where git keeps content, built by a short script, and what each mode finds there.

mod content;
mod formats;
mod hostile;
mod index;
mod modules;
mod objects;
mod shapes;
mod traced;

use serde_json::Value;

use crate::support::secrets::{github, line};
use crate::support::{Ran, TestRepo, text};

/// The page that says which test shows what.
const PAGE: &str = include_str!("../../docs/security.md");

#[test]
fn the_page_names_tests_that_exist() {
    let table = PAGE.lines().skip_while(|line| !line.starts_with("| # ")).skip(2);
    let rows: Vec<&str> = table.take_while(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 42, "each situation has a row");
    for (at, row) in rows.iter().enumerate() {
        assert!(row.starts_with(&format!("| {} |", at + 1)), "{row}");
        let names: Vec<&str> = row.split('`').filter(|name| name.contains("::")).collect();
        assert!(!names.is_empty() || row.contains("tests/suite/"), "{row}");
        for name in names {
            let (file, test) = name.split_once("::").expect("it is in a file");
            let path = format!("{}/tests/suite/situations/{file}.rs", env!("CARGO_MANIFEST_DIR"));
            let source = std::fs::read_to_string(path).expect("the file is there");
            assert!(source.contains(&format!("#[test]\nfn {test}(")), "{name}");
        }
    }
}

/// What all scripts may use: `new` makes a repository with one commit, `$S` is a line with a secret
/// and `$T` the secret alone.
const PRELUDE: &str = r#"
set -e
new() { git init -q -b main "$@" . && echo base > base && git add base && git commit -qm base; }
export GIT_ALLOW_PROTOCOL=file
"#;

/// A folder in which `script` has run.
#[track_caller]
fn made(script: &str) -> TestRepo {
    let repo = TestRepo::plain();
    let script = [PRELUDE, script].concat();
    let bash = repo.program("bash").args(["-c", &script]);
    bash.env("S", line(1).trim_end()).env("T", github(1)).run().exits(0);
    repo
}

/// Where a finding is: path and line, or the kind of the object; then the commit's summary.
fn place(finding: &Value) -> String {
    let path = text(finding, "path");
    let place = if path.is_empty() {
        text(&finding["object"], "kind")
    } else {
        format!("{path}:{}", finding["start_line"])
    };
    match finding["commit"]["summary"].as_str() {
        Some(summary) => format!("{place} in {summary}"),
        None => place,
    }
}

/// Where secrets are, and that nothing shows them.
#[track_caller]
fn places(ran: &Ran) -> Vec<String> {
    assert!(!ran.tells(&github(1)), "{}", ran.out());
    let places: Vec<String> = ran.findings().iter().map(place).collect();
    assert_eq!(ran.code, i32::from(!places.is_empty()), "{}{}", ran.out(), ran.err());
    places
}

/// What `scan`, `staged`, `history` and `history HEAD` find.
#[track_caller]
fn found(repo: &TestRepo, expected: [&[&str]; 4]) {
    let modes = [&["scan"][..], &["staged"], &["history"], &["history", "HEAD"]];
    for (mode, expected) in modes.into_iter().zip(expected) {
        let ran = repo.json(mode);
        assert_eq!(places(&ran), expected, "{mode:?}: {}", ran.err());
        assert_eq!(ran.skipped(), [""; 0], "{mode:?}");
    }
}

/// What `history` finds; nothing else finds anything.
#[track_caller]
fn only_history(repo: &TestRepo, expected: &[&str]) {
    found(repo, [&[], &[], expected, &[]]);
}

/// The refs that hold the first finding of a scan of everything.
#[track_caller]
fn refs(repo: &TestRepo) -> Vec<String> {
    let findings = repo.json(&["history"]).findings();
    let refs = findings[0]["refs"].as_array().expect("a list");
    refs.iter().map(|name| name.as_str().expect("text").to_owned()).collect()
}
