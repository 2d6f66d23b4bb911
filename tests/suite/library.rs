//! The library as programs use it: the same findings as the program's, from many threads, redacted; its interface.
//!
//! In: texts, repositories, and the source of the public items. Out: a failure where the library and the program
//! disagree, an example does not run, or an item is gone that the last release had.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use leakstop::{Format, Scanner, Scope};
use serde_json::Value;

use crate::lifecycle::story;
use crate::support::secrets::{github, slack};
use crate::support::{LEAKSTOP, TestRepo, left_out, variable};

/// Files of the interface, and the items they add; none: all that are public.
const INTERFACE: &[(&str, &[&str])] = &[
    ("src/engine/scanner.rs", &[]),
    ("src/engine/error.rs", &[]),
    ("src/report/document.rs", &[]),
    ("src/report/document/entry.rs", &[]),
    ("src/report/document/place.rs", &[]),
    ("src/report/document/receipt.rs", &[]),
    ("src/report/mod.rs", &["Format"]),
    ("src/detect/spec.rs", &["Confidence"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

const fn is_shared<T: Send + Sync + Clone + 'static>() {}
const _: () = is_shared::<Scanner>();
const _: () = is_shared::<leakstop::Report>();

/// A report's findings, and how complete it is, as JSON.
fn told(report: &leakstop::Report) -> Value {
    let mut out = Vec::new();
    report.write(Format::Json, &mut out).expect("memory takes everything");
    facts(&serde_json::from_slice(&out).expect("JSON"))
}

fn facts(report: &Value) -> Value {
    let scan = &report["scan"];
    let counts = ["mode", "complete", "blobs", "bytes", "commits", "skipped", "suppressed"];
    let counts: Vec<&Value> = counts.iter().map(|name| &scan[*name]).collect();
    serde_json::json!({ "findings": report["findings"], "scan": counts })
}

#[test]
fn the_library_finds_what_the_program_finds() {
    let repo = story();
    repo.write("more.py", format!("t = \"{}\"\n", slack(4)));
    repo.stage("new.py", format!("t = \"{}\"\n", github(5)));
    repo.write(".leakstop.toml", "exclude = [\"skip/**\"]\n");
    repo.write("skip/x.py", format!("t = \"{}\"\n", github(6)));
    let scanner = Scanner::builder().repository(repo.root()).build().expect("settings are right");
    for (scope, args) in [
        (Scope::WorkTree, &["scan"][..]),
        (Scope::Staged, &["staged"]),
        (Scope::History, &["history"]),
        (Scope::Commits(vec!["HEAD~2..HEAD~1".into()]), &["history", "HEAD~2..HEAD~1"]),
    ] {
        let report = scanner.scan_repo(repo.root(), scope.clone()).expect("it can be read");
        let program = repo.json(args).report();
        assert_eq!(told(&report), facts(&program), "{scope:?}");
        assert!(!program["findings"].as_array().expect("a list").is_empty(), "{scope:?}");
        assert!(!report.is_clean(), "{scope:?}");
    }
    let file = scanner.scan_path(repo.path("more.py")).expect("it is there");
    assert_eq!(told(&file), facts(&repo.json(&["scan", "more.py"]).report()));
    let accepted = repo.run(["baseline", "create"]);
    assert_eq!(accepted.code, 0, "{}", accepted.err());
    let scanner = Scanner::builder().repository(repo.root()).build().expect("settings are right");
    assert!(scanner.scan_repo(repo.root(), Scope::WorkTree).expect("readable").is_clean());
}

#[test]
fn threads_share_a_scanner() {
    let scanner = Scanner::builder().threads(1).build().expect("the built-in rules are right");
    let text = |number: u64| format!("a = 1\ntoken = \"{}\"\n", github(number));
    std::thread::scope(|scope| {
        for number in 0..8_u64 {
            let scanner = &scanner;
            scope.spawn(move || {
                for _ in 0..20 {
                    let text = text(number);
                    let report = scanner.scan_bytes(text.as_bytes(), Some("a.py"));
                    let found = report.findings();
                    assert_eq!(found.len(), 1);
                    assert_eq!((found[0].place.start_line, &*found[0].place.path), (2, "a.py"));
                    assert!(!format!("{report:?}").contains(&github(number)), "it shows");
                    assert!(found[0].secret.is_none() && found[0].redacted.starts_with("ghp_"));
                }
            });
        }
    });
    assert!(scanner.scan_bytes(b"a = 1\n", None).is_clean());
}

#[test]
fn wrong_wishes_are_errors() {
    let build = |builder: leakstop::Builder| builder.build().expect_err("it is wrong").to_string();
    assert!(build(Scanner::builder().rules(["github-pat-clasic"])).contains("github-pat-classic"));
    assert!(build(Scanner::builder().config("gone.toml")).contains("gone.toml"));
    assert!(build(Scanner::builder().exclude("re:(")).contains("exclude"));
    let scanner = Scanner::builder().build().expect("the built-in rules are right");
    let gone = scanner.scan_path("gone/gone.py").expect_err("it is not there").to_string();
    assert!(gone.contains("gone/gone.py"), "{gone}");
    let folder = TestRepo::plain();
    let none = scanner.scan_repo(folder.root(), Scope::Staged).expect_err("no repository");
    assert!(none.to_string().contains("not in a git repository"), "{none}");
}

/// The compiled example, which `cargo test` makes beside the program.
fn example(name: &str) -> Option<PathBuf> {
    let folder = Path::new(LEAKSTOP).parent().expect("it lies in a folder");
    let path = folder.join("examples").join(name);
    if !path.is_file() {
        left_out(&format!("the example {name} has not been built"));
        assert!(variable("CI").is_none(), "in CI nothing is left out");
        return None;
    }
    Some(path)
}

#[test]
fn the_examples_run() {
    let repo = story();
    if let Some(text) = example("scan_text") {
        let secret = github(7);
        let ran = repo.program(text).args(["a.py"]).input(format!("x\nt = \"{secret}\"\n")).run();
        let ran = ran.exits(0);
        assert!(ran.out().starts_with("2:6: GitHub personal access token"), "{}", ran.out());
        assert!(ran.out().ends_with("not clean\n") && !ran.tells(&secret), "{}", ran.out());
    }
    if let Some(history) = example("scan_repo") {
        let ran = repo.program(history).args([repo.root()]).run().exits(0);
        let log: Value = serde_json::from_slice(&ran.stdout).expect("SARIF");
        let program = repo.run(["history", "--format", "sarif"]);
        let theirs: Value = serde_json::from_slice(&program.stdout).expect("SARIF");
        assert_eq!(log["runs"][0]["results"], theirs["runs"][0]["results"]);
        assert!(ran.err().contains(" commits, "), "{}", ran.err());
    }
}

/// The public items of a file, each with the type it belongs to. Those that are hidden are none.
fn items(text: &str, only: &[&str]) -> Vec<String> {
    let mut items = Vec::new();
    let (mut owner, mut hidden, mut variants) = (String::new(), false, false);
    let mut secluded: Vec<String> = Vec::new();
    let mut lines = text.lines().take_while(|line| *line != "#[cfg(test)]");
    while let Some(line) = lines.next() {
        let bare = line.trim();
        hidden |= bare == "#[doc(hidden)]";
        if bare.starts_with("//") || bare.starts_with('#') || bare.is_empty() {
            continue;
        }
        if !line.starts_with([' ', '}', '{', ')']) {
            let name = bare.trim_end_matches(" {").rsplit(' ').next().unwrap_or_default();
            owner = name.split(['<', '(']).next().unwrap_or_default().to_owned();
            variants = bare.starts_with("pub enum");
            // What a hidden type has is hidden with it.
            secluded.extend(Some(owner.clone()).filter(|_| hidden));
        }
        let variant = variants && line.starts_with("    ") && !line.starts_with("     ");
        let public = bare.starts_with("pub ") || variant && bare != "}";
        let hidden_too = hidden || secluded.contains(&owner);
        if public && !hidden_too && (only.is_empty() || only.contains(&&*owner)) {
            let mut whole = bare.to_owned();
            while !whole.ends_with(['{', ';', ','])
                || whole.matches('(').count() > whole.matches(')').count()
            {
                whole.push(' ');
                whole.push_str(lines.next().expect("an item ends").trim());
            }
            // The one field of a type in brackets is not public.
            let whole = whole.split("(Box<").next().unwrap_or_default();
            let whole = whole.trim_end_matches([' ', '{', ',', ';']).replace("( ", "(");
            items.push(format!("{owner}: {}", whole.replace(", )", ")")));
        }
        hidden = false;
    }
    items
}

/// The interface, an item a line.
fn interface() -> BTreeSet<String> {
    let each = |(file, only): &(&str, &[&str])| {
        items(&std::fs::read_to_string(root().join(file)).expect("it is there"), only)
    };
    INTERFACE.iter().flat_map(each).collect()
}

#[test]
fn the_interface_is_as_it_was() {
    let list = interface().iter().fold(String::new(), |mut list, item| {
        let _ = writeln!(list, "{item}");
        list
    });
    insta::assert_snapshot!("interface", list);
    // What the crate shows is what the list is made from.
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).expect("it is there");
    let shown: Vec<&str> = lib.lines().filter(|line| line.starts_with("pub use")).collect();
    assert_eq!(
        shown,
        [
            "pub use detect::spec::Confidence;",
            "pub use engine::{Builder, Error, Report, Scanner, Scope};",
            "pub use report::Format;",
            "pub use report::document;"
        ]
    );
    let modules = lib.split("pub mod ").skip(1).count();
    assert_eq!(lib.matches("#[doc(hidden)]\npub mod ").count(), modules);
}

/// Whether `now` may lack what `then` had: another first number, or another second one before 1.0.
fn breaks(then: &str, now: &str) -> bool {
    let head = |version: &str| {
        let parts: Vec<&str> = version.split('.').collect();
        if parts[0] == "0" { parts[..2].join(".") } else { parts[0].to_owned() }
    };
    head(then) != head(now)
}

#[test]
fn what_the_last_release_had_is_there_or_the_version_says_so() {
    let path = root().join("tests/suite/released-interface.txt");
    let version = env!("CARGO_PKG_VERSION");
    if variable("UPDATE_RELEASED").is_some() {
        let items = interface().into_iter().collect::<Vec<_>>().join("\n");
        std::fs::write(&path, format!("{version}\n{items}\n")).expect("our own file");
    }
    let list = std::fs::read_to_string(&path).expect("the list is there");
    // Before the first release there is nothing to keep.
    let Some((then, items)) = list.split_once('\n') else { return };
    let now = interface();
    let gone: Vec<&str> = items.lines().filter(|item| !now.contains(*item)).collect();
    assert!(gone.is_empty() || breaks(then, version), "gone or changed since {then}: {gone:#?}");
}

#[test]
fn breaking_versions_are_told() {
    assert!(breaks("0.1.4", "0.2.0") && breaks("1.9.0", "2.0.0") && breaks("0.9.0", "1.0.0"));
    assert!(!breaks("0.1.0", "0.1.9") && !breaks("1.2.0", "1.9.0"));
    let text = "pub struct A {\n    pub a: u8,\n    b: u8,\n}\n\nimpl A {\n    #[doc(hidden)]\n    \
                pub fn c() {}\n    pub fn d(\n        e: u8,\n    ) -> u8 {\n    }\n}\n\npub enum \
                F {\n    G,\n}\n";
    let found = items(text, &[]);
    let wanted =
        ["A: pub struct A", "A: pub a: u8", "A: pub fn d(e: u8) -> u8", "F: pub enum F", "F: G"];
    assert_eq!(found, wanted);
    assert_eq!(items(text, &["F"]), wanted[3..]);
}
