//! The command line: exit codes, streams, and that no secret leaves by either.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use crate::support::secrets::{github, line, password};
use crate::support::{TestRepo, text};

/// A folder with a secret in `f`.
fn leaky() -> TestRepo {
    let repo = TestRepo::plain();
    repo.write("f", line(1));
    repo
}

/// Every format the program knows, as it says itself.
fn formats(repo: &TestRepo) -> Vec<String> {
    let help = repo.run(["scan", "--format", "none-such"]).exits(2).err();
    let (_, list) = help.split_once("possible values: ").expect("the error lists them");
    let (list, _) = list.split_once(']').expect("the list ends");
    list.split(", ").map(|name| name.trim().to_owned()).collect()
}

#[test]
fn exit_codes_tell_what_happened() {
    let clean = TestRepo::plain();
    clean.run(["scan"]).exits(0);
    let repo = leaky();
    repo.run(["scan"]).exits(1);
    repo.run(["scan", "--exit-zero"]).exits(0);
    repo.run(["scan", "--exit-zero", "nowhere"]).exits(2);
    for args in [
        &["scan", "--no-such-flag"][..],
        &["no-such-command"],
        &[],
        &["scan", "--min-confidence", "sure"],
        &["scan", "--threads", "many"],
        &["scan", "--quiet", "--verbose"],
        &["scan", "--baseline", "b", "--no-baseline"],
        &["-C", "nowhere", "scan"],
        &["hook", "no-such-hook"],
    ] {
        let ran = repo.run(args).exits(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{args:?}");
    }
    for args in [&["--help"][..], &["--version"], &["help", "scan"], &["scan", "--help"]] {
        let ran = repo.run(args).exits(0);
        assert!(!ran.stdout.is_empty() && ran.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn the_report_is_all_that_goes_to_standard_output() {
    let repo = leaky();
    let ran = repo.json(&["scan"]).exits(1);
    assert_eq!(ran.err(), "");
    ran.report();
    let quiet = repo.run(["scan", "--quiet"]).exits(1);
    assert!(quiet.out().contains("github-pat-classic") && !quiet.out().contains("Scanned"));
    repo.remove("f");
    let quiet = repo.run(["scan", "--quiet"]).exits(0);
    assert_eq!((quiet.out(), quiet.err()), (String::new(), String::new()));
}

#[test]
fn another_folder_can_be_named() {
    let repo = leaky();
    let ran = repo.leakstop(["-C", "work", "scan", "--format", "json"]).within(repo.path(".."));
    assert_eq!(ran.run().exits(1).paths(), ["f"]);
    let ran = repo.leakstop(["scan", "-C", "work", "--format", "json", "f"]);
    assert_eq!(ran.within(repo.path("..")).run().exits(1).paths(), ["f"]);
}

#[test]
fn piped_text_is_scanned() {
    let repo = TestRepo::plain();
    let stdin = |args: &[&str], input: &str| {
        repo.leakstop(["stdin", "--format", "json"]).args(args).input(input).run()
    };
    let ran = stdin(&[], &line(1)).exits(1);
    assert_eq!(ran.places(), [":1 github-pat-classic"]);
    assert_eq!(ran.report()["scan"]["mode"], "stdin");
    assert_eq!(stdin(&["--path", "a/b.py"], &line(1)).exits(1).paths(), ["a/b.py"]);
    stdin(&[], "").exits(0);
    let human = repo.leakstop(["stdin"]).input(line(1)).run().exits(1).out();
    assert!(human.starts_with("standard input\n"), "{human}");
}

#[test]
fn the_name_of_piped_text_tells_its_kind() {
    let repo = TestRepo::plain();
    let found = |name: &str, value: &str| {
        let args = ["stdin", "--format", "json", "--path", name];
        let input = format!("password = {value}\n");
        repo.leakstop(args).input(&*input).run().findings().len()
    };
    // A bare word is a value in a settings file and a variable in source code.
    assert_eq!(found("app.properties", &password(1)), 1);
    assert_eq!(found("app.py", "stored_value2"), 0);
    // A checksum is no credential.
    assert_eq!(found("app.lock", &password(1)), 0);
}

#[test]
fn the_report_may_go_to_a_file() {
    let repo = leaky();
    let ran = repo.json(&["scan", "f", "--output", "report.json"]).exits(1);
    assert_eq!((ran.out(), ran.err()), (String::new(), String::new()));
    let report: serde_json::Value = serde_json::from_str(&repo.read("report.json")).unwrap();
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
    let args = ["scan", "f", "--color", "always", "--output", "report.txt"];
    repo.run(args).exits(1);
    assert!(!repo.read("report.txt").contains('\u{1b}'));
    let wrong = repo.run(["scan", "--output", "no/such/folder"]).exits(2);
    assert!(wrong.err().contains("no/such/folder"), "{}", wrong.err());
}

#[test]
fn lines_are_findings_then_the_receipt() {
    let repo = leaky();
    repo.write("g", line(2));
    let out = repo.run(["scan", "--format", "jsonl"]).exits(1).out();
    let lines: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<String> = lines.iter().map(|line| text(line, "type")).collect();
    assert_eq!(kinds, ["finding", "finding", "scan"]);
    assert_eq!(lines[2]["version"], 1);
    let whole = repo.json(&["scan"]).report();
    assert_eq!(lines[1]["fingerprint"], whole["findings"][1]["fingerprint"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let repo = TestRepo::plain();
    for seed in 0..500 {
        repo.write(format!("f{seed}"), line(seed));
    }
    for format in ["human", "json", "jsonl"] {
        let mut child = repo
            .leakstop(["scan", "--format", format])
            .command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(told, "", "{format}");
        // Nobody has read it, but there are secrets all the same.
        assert_eq!(ended.status.code(), Some(1), "{format}");
    }
}

#[test]
fn colours_are_for_those_who_ask() {
    let repo = leaky();
    let colourful = |args: &[&str]| repo.run([&["scan"], args].concat()).out().contains('\u{1b}');
    assert!(!colourful(&[]));
    assert!(!colourful(&["--color", "never"]));
    assert!(colourful(&["--color", "always"]));
    assert!(!colourful(&["--color", "always", "--format", "json"]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let repo = TestRepo::plain();
    repo.write("f", "clean\n");
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    // Where nothing is found there is nothing to annotate, so nothing is written.
    for format in formats(&repo).iter().filter(|format| *format != "github") {
        let mut command = repo.leakstop(["scan", "--format", format]).command();
        let ended = command.stdout(full()).stderr(Stdio::null()).status().unwrap();
        assert_eq!(ended.code(), Some(2), "{format}");
        repo.run(["scan", "--format", format, "--output", "/dev/full"]).exits(2);
    }
}

#[test]
fn variables_of_another_repository_are_left_to_git() {
    // As in a hook: git has set these, and the user runs in the folder they speak of.
    let repo = TestRepo::new();
    repo.stage("f", line(1));
    for args in [["scan"], ["staged"], ["history"]] {
        let program = repo.leakstop(args).args(["--format", "json"]);
        let program = program.env("GIT_DIR", repo.path(".git")).env("GIT_PREFIX", "");
        let ran = program.env("GIT_INDEX_FILE", repo.path(".git/index")).run().exits(1);
        assert_eq!(ran.findings().len(), 1, "{args:?}");
    }
}

#[test]
fn arguments_may_be_any_bytes() {
    let repo = TestRepo::plain();
    let name = OsStr::from_bytes(b"na\xffme");
    repo.write(name, line(1));
    let scan = [OsStr::new("scan"), name, OsStr::new("--format=json")];
    assert_eq!(repo.run(scan).exits(1).findings().len(), 1);
    let missing = [OsStr::new("scan"), OsStr::from_bytes(b"no\xffthing\x1b[31m")];
    let ran = repo.run(missing).exits(2);
    assert!(!ran.err().contains('\u{1b}'), "{}", ran.err());
    repo.write(".leakstop.toml", "\"\\u001b[31m\" = 1\n");
    let ran = repo.run(["scan"]).exits(2);
    assert!(!ran.err().contains('\u{1b}'), "{}", ran.err());
}

/// Everything that would give a secret away.
fn spellings(secret: &str) -> Vec<String> {
    let url = data_encoding::BASE64URL_NOPAD.encode(secret.as_bytes());
    vec![
        secret.to_owned(),
        secret[secret.len() / 2..].to_owned(),
        data_encoding::BASE64_NOPAD.encode(secret.as_bytes()),
        url,
        data_encoding::HEXLOWER.encode(secret.as_bytes()),
        secret.chars().rev().collect(),
    ]
}

#[test]
fn no_format_shows_a_secret() {
    let repo = TestRepo::new();
    let (token, word) = (github(1), password(2));
    let encoded = data_encoding::BASE64.encode(format!("x {token} x").as_bytes());
    let content = format!(
        "password = \"{word}\"\n{}{encoded}\nhttps://bob:{word}@example.com/ # {token}\n",
        line(1)
    );
    repo.write("f", &content);
    repo.stage("g", &content);
    for format in formats(&repo) {
        for command in ["scan", "staged"] {
            for extra in [&[][..], &["--show-suppressed", "--verbose"], &["--redact", "999"]] {
                let args = [&[command, "--format", &format], extra].concat();
                let ran = repo.run(&args).exits(1);
                for secret in [&token, &word] {
                    for spelling in spellings(secret) {
                        assert!(!ran.tells(&spelling), "{args:?} shows {spelling}");
                    }
                }
                assert!(!ran.tells(&encoded), "{args:?}");
            }
        }
        let shown = repo.run(["scan", "--show-secrets", "--format", &format]);
        if ["human", "json", "jsonl", "csv"].contains(&&*format) {
            let shown = shown.exits(1).out();
            assert!(shown.contains(&token), "{format} hides what was asked for: {shown}");
        } else {
            assert!(shown.exits(2).err().contains("made to be passed on"), "{format}");
        }
    }
}

#[test]
fn errors_show_no_secret() {
    let token = github(1);
    let repo = TestRepo::new();
    for (name, content) in [
        (".leakstop.toml", format!("token = \"{token}\"\n")),
        (".leakstop.toml", format!("exclude = \"{token}\"\n")),
        (".leakstop.toml", format!("{token}\n")),
        (".leakstop.toml", format!("min_confidence = \"{token}\"\n")),
        (".leakstop.toml", format!("[[allow]]\nreason = \"x\"\nvalues = [\"{token}(\"]\n")),
        (".secrets.baseline", format!("{{\"token\": \"{token}\"")),
        (".secrets.baseline", format!("{{\"results\": \"{token}\"}}")),
        (".secrets.baseline", format!("{{\"entries\": [\"{token}\"]}}")),
    ] {
        repo.write(name, &content);
        let ran = repo.run(["scan"]).exits(2);
        assert!(!ran.tells(&token[4..]), "{content}: {}", ran.err());
        assert_eq!(ran.err().lines().count(), 1, "{}", ran.err());
        repo.remove(name);
    }
}

#[test]
fn secrets_are_shown_to_those_who_ask() {
    let repo = leaky();
    assert!(repo.json(&["scan"]).findings()[0].get("secret").is_none());
    let shown = repo.json(&["scan", "--show-secrets"]).exits(1).findings();
    assert_eq!(text(&shown[0], "secret"), github(1));
    assert_eq!(text(&repo.json(&["scan", "--redact", "0"]).findings()[0], "redacted"), "****");
    let most = text(&repo.json(&["scan", "--redact", "40"]).findings()[0], "redacted");
    assert_eq!(most, format!("{}****", &github(1)[..10]));
}

#[test]
fn a_secret_with_control_characters_does_not_drive_the_terminal() {
    let repo = TestRepo::plain();
    repo.write("f", format!("password = \"{}\u{1b}[31m{}\"\n", password(1), password(2)));
    let ran = repo.run(["scan", "--show-secrets", "--min-confidence", "possible"]);
    assert!(!ran.out().contains('\u{1b}'), "{}", ran.out());
}

#[test]
fn rules_are_listed_and_shown() {
    let repo = TestRepo::plain();
    let list = repo.run(["rules", "list"]).exits(0).out();
    assert!(list.lines().any(|line| line.starts_with("github-pat-classic ")), "{list}");
    let shown = repo.run(["rules", "show", "github-pat-classic"]).exits(0).out();
    assert!(shown.contains("GitHub"), "{shown}");
    let wrong = repo.run(["rules", "show", "no-such-rule"]).exits(2);
    assert!(wrong.err().contains("no-such-rule"), "{}", wrong.err());
}

#[test]
fn nothing_is_written_in_the_repository() {
    let repo = TestRepo::new();
    repo.stage("f", line(1));
    let listing =
        || repo.program("find").args([".", "-printf", "%p %s %T@\n"]).run().exits(0).out();
    let before = listing();
    repo.run(["scan"]).exits(1);
    repo.run(["staged"]).exits(1);
    repo.run(["history"]).exits(1);
    repo.run(["hook", "pre-commit"]).exits(1);
    assert_eq!(before, listing());
}

#[test]
fn names_of_files_and_branches_show_no_secret() {
    let token = github(1);
    let repo = TestRepo::new();
    repo.write(format!("dir/{token}.txt"), format!("{}k = {token}\n", line(2)));
    repo.program("mkfifo").args([format!("pipe-{token}")]).run().exits(0);
    repo.git(["add", "dir"]);
    repo.git(["commit", "-q", "-m", &format!("use {token} for now")]);
    repo.git(["branch", &format!("fix-{token}")]);
    repo.stage("dir/x", line(3));
    for format in formats(&repo) {
        for command in ["scan", "staged", "history"] {
            let ran = repo.run([command, "--verbose", "--format", &format]).exits(1);
            assert!(!ran.tells(&token), "{command} {format}: {}{}", ran.out(), ran.err());
        }
    }
}

#[test]
fn arguments_that_are_wrong_are_told_without_the_token_in_them() {
    let repo = TestRepo::new();
    let token = github(3);
    for arguments in [vec![&*token], vec!["scan", "--format", &token], vec!["scan", "--x", &token]]
    {
        let ran = repo.run(&arguments).exits(2);
        assert!(!ran.tells(&token) && ran.err().contains("error: "), "{}", ran.err());
    }
}

#[test]
fn an_allowance_of_empty_text_would_allow_everything() {
    let repo = TestRepo::new();
    repo.write(".leakstop.toml", "[[allow]]\nvalues = [\"\"]\nreason = \"none\"\n");
    let ran = repo.run(["scan"]).exits(2);
    assert!(ran.err().contains("everything"), "{}", ran.err());
}

#[test]
fn a_place_to_explain_can_be_copied_into_a_shell() {
    let repo = TestRepo::new();
    repo.write("a b.py", line(1));
    repo.write("-c.py", line(2));
    let told = repo.run(["scan", "a b.py"]).exits(1).out();
    assert!(told.contains("leakstop explain 'a b.py:1'"), "{told}");
    let told = repo.run(["scan", "./-c.py"]).exits(1).out();
    assert!(told.contains("leakstop explain ./-c.py:1"), "{told}");
}
