//! Where reports go: several at once, whole files or none, saved ones again, GitHub's files; completions and manual.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::secrets::{github, line};
use crate::support::{LEAKSTOP, TestRepo};

/// A folder with a secret in `f`.
fn leaky() -> TestRepo {
    let repo = TestRepo::plain();
    repo.write("f", line(1));
    repo
}

/// What lies at the top.
fn names(repo: &TestRepo) -> Vec<String> {
    let entries = std::fs::read_dir(repo.root()).expect("ours");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("ours").file_name();
    let mut names: Vec<String> =
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn one_scan_feeds_several_tools() {
    let repo = leaky();
    let ran = repo.run([
        "scan",
        "f",
        "--report",
        "sarif=a.sarif",
        "--report",
        "html=b.html",
        "--report",
        "json=c.json",
    ]);
    let ran = ran.exits(1);
    assert!(ran.out().contains("1 new secret"), "{}", ran.out());
    assert_eq!(names(&repo), ["a.sarif", "b.html", "c.json", "f"]);
    let sarif: Value = serde_json::from_str(&repo.read("a.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    assert!(repo.read("b.html").starts_with("<!doctype html>"));
    for name in ["a.sarif", "b.html", "c.json"] {
        assert!(!repo.read(name).contains(&github(1)), "{name}");
        let mode = repo.path(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o444, 0o444, "{name}: {mode:o}");
    }
    // The page shows the line, without the secret.
    assert!(repo.read("b.html").contains("\"snippet\":\""));
}

#[test]
fn a_place_that_cannot_be_written_is_named_before_the_scan() {
    let repo = leaky();
    repo.write("sub/x", "");
    repo.write("old.json", "old");
    for (args, told) in [
        (&["--report", "sarif=no/such/a.sarif"][..], "no/such/a.sarif"),
        (&["--report", "html=sub"], "it is a folder"),
        (&["--output", "old.json", "--report", "json=old.json"], "two reports"),
        (&["--report", "sarif"], "FORMAT=FILE"),
        (&["--report", "sarf=x"], "did you mean sarif?"),
        (&["--report", "sarif=a", "--show-secrets"], "made to be passed on"),
        (&["--format", "html", "--show-secrets"], "made to be passed on"),
    ] {
        let ran = repo.run(["scan", "f"].iter().chain(args)).exits(2);
        assert!(ran.err().contains(told), "{args:?}: {}", ran.err());
        assert_eq!(ran.out(), "", "{args:?}");
        assert_eq!(names(&repo), ["f", "old.json", "sub"], "{args:?}");
    }
    assert_eq!(repo.read("old.json"), "old");
}

#[test]
fn secrets_in_a_file_are_for_their_owner() {
    let repo = leaky();
    repo.run(["scan", "f", "--show-secrets", "--report", "json=c.json"]).exits(1);
    assert!(repo.read("c.json").contains(&github(1)));
    let mode = repo.path("c.json").metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn saved_reports_are_rendered_again() {
    let repo = leaky();
    repo.run(["scan", "f", "--format", "json", "--output", "r.json"]).exits(1);
    for format in ["human", "sarif", "gitlab", "junit", "csv", "markdown", "html", "jsonl"] {
        let again = repo.run(["report", "r.json", "--format", format]).exits(0).out();
        assert!(again.contains("github-pat-classic"), "{format}: {again}");
    }
    let saved: Value = serde_json::from_str(&repo.read("r.json")).unwrap();
    let again = repo.run(["report", "r.json", "--format", "json"]).exits(0);
    assert_eq!(again.report(), saved);
    let piped = repo.leakstop(["report", "-", "--format", "json"]).input(repo.read("r.json"));
    assert_eq!(piped.run().exits(0).report(), saved);
}

#[test]
fn what_is_no_report_is_refused_with_its_line() {
    let repo = leaky();
    repo.run(["scan", "f", "--format", "json", "--output", "r.json"]).exits(1);
    repo.run(["scan", "f", "--format", "jsonl", "--output", "r.jsonl"]).exits(1);
    let good = repo.read("r.json");
    let cut = good.lines().take(20).map(|line| format!("{line}\n")).collect::<Vec<_>>().concat();
    let wrong = good.replace("\"start_line\": 1", "\"start_line\": \"one\"");
    let later = good.replacen("\"version\": 1", "\"version\": 2", 1);
    let unknown = good.replace("\"confidence\": \"certain\"", "\"confidence\": \"sure\"");
    for (text, told) in [
        (cut.as_str(), "bad.json:21:"),
        (wrong.as_str(), "expected usize"),
        (later.as_str(), "version 2"),
        (unknown.as_str(), "unknown variant `sure`"),
        ("", "bad.json:1:0"),
        ("[]", "bad.json:1:"),
        ("{\"version\": 1}", "missing field"),
        (&repo.read("r.jsonl"), "JSON lines"),
        ("\u{fffd}", "bad.json:1:"),
        (&"{\"a\":".repeat(100_000), "EOF while parsing"),
    ] {
        repo.write("bad.json", text);
        let ran = repo.run(["report", "bad.json", "--report", "html=out.html"]).exits(2);
        assert!(ran.err().contains(told), "{told}: {}", ran.err());
        assert!(ran.err().lines().count() <= 2 && ran.out().is_empty(), "{}", ran.err());
        assert!(!repo.path("out.html").exists());
    }
    let ran = repo.run(["report", "nowhere.json"]).exits(2);
    assert!(ran.err().contains("nowhere.json"), "{}", ran.err());
    let ran = repo.run(["report", "r.json", "--format", "pdf"]).exits(2);
    assert!(ran.err().contains("possible values: human, json"), "{}", ran.err());
}

#[test]
fn github_actions_gets_annotations_and_a_summary() {
    let repo = leaky();
    repo.write("summary.md", "before\n");
    let run = |args: &[&str]| {
        let program = repo.leakstop(["scan", "f"]).args(args).env("GITHUB_ACTIONS", "true");
        program.env("GITHUB_STEP_SUMMARY", repo.path("summary.md")).run().exits(1)
    };
    let out = run(&[]).out();
    assert!(out.contains("\n::error file=f,line=1,"), "{out}");
    assert!(out.contains("1 new secret"), "{out}");
    let summary = repo.read("summary.md");
    assert!(summary.starts_with("before\n## leakstop: 1 new secret\n"), "{summary}");
    // Who asks for a format gets that and nothing else.
    for args in [&["--format", "human"][..], &["--format", "json"], &["--output", "r"]] {
        assert!(!run(args).out().contains("::error"), "{args:?}");
    }
    assert!(run(&["--format", "github"]).out().starts_with("::error "));
    assert_eq!(repo.read("summary.md").matches("## leakstop").count(), 2);
    // Elsewhere nobody is annotated.
    assert!(!repo.run(["scan", "f"]).exits(1).out().contains("::error"));
    assert_eq!(repo.read("summary.md").matches("## leakstop").count(), 2);
    assert!(!repo.read("summary.md").contains(&github(1)));
}

#[test]
fn a_path_is_no_command_of_the_runner() {
    let repo = TestRepo::plain();
    repo.write("::add-mask::x", line(1));
    repo.write("##[error]x", line(2));
    for args in [&["scan"][..], &["scan", "--quiet"]] {
        let out = repo.run(args).exits(1).out();
        assert!(!out.contains("##[") && !out.lines().any(|l| l.trim_start().starts_with("::")));
    }
}

#[test]
fn quiet_is_a_line_for_each_finding() {
    let repo = leaky();
    let out = repo.run(["scan", "--quiet"]).exits(1).out();
    assert_eq!(out.lines().count(), 1, "{out}");
    assert!(out.starts_with("f:1:") && out.contains("certain github-pat-classic"), "{out}");
}

#[test]
fn shells_complete_and_the_manual_is_whole() {
    let repo = TestRepo::plain();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = repo.run(["completions", shell]).exits(0).out();
        assert!(script.contains("staged") && script.contains("show-secrets"), "{shell}");
    }
    let script = repo.run(["completions", "bash"]).exits(0).stdout;
    repo.write("leakstop.bash", script);
    repo.program("bash").args(["-n", "leakstop.bash"]).run().exits(0);
    let page = repo.run(["man"]).exits(0).out();
    assert!(page.starts_with(".ie") || page.starts_with(".TH"), "{page}");
    for command in
        ["scan", "history", "hook", "hook pre-push", "baseline create", "rules test", "report"]
    {
        assert!(page.contains(&format!("LEAKSTOP {}", command.to_uppercase())), "{command}");
    }
    assert!(page.contains(r"\fBleakstop\fR [\fB\-C\fR \fIDIR\fR]"), "{page}");
    assert!(!page.contains("(1)"), "a page that is not there: {page}");
    assert!(!page.contains(r" \fR]"), "an option has lost its value: {page}");
    let wrong = repo.run(["completions", "tcsh"]).exits(2);
    assert!(wrong.err().contains("possible values"), "{}", wrong.err());
}

#[test]
fn standard_output_may_be_named() {
    let repo = leaky();
    for name in ["-", "/dev/stdout"] {
        let script = format!("(echo first; '{LEAKSTOP}' scan -q -o {name}; echo last) > out");
        repo.program("sh").args(["-c", &script]).run().exits(0);
        let out = repo.read("out");
        assert!(out.starts_with("first\nf:1:") && out.ends_with("last\n"), "{out}");
    }
    let second = repo.run(["scan", "--report", "json=-"]).exits(2);
    assert!(second.err().contains("needs a file"), "{}", second.err());
    assert_eq!(names(&repo), ["f", "out"]);
}

#[test]
fn whoever_stops_reading_a_list_is_told_nothing() {
    let repo = leaky();
    let script = format!("'{LEAKSTOP}' rules list --format json | head -1");
    let ran = repo.program("sh").args(["-c", &script]).run().exits(0);
    assert_eq!(ran.err(), "");
}
