//! `leakstop baseline`: findings are accepted, the tree changes, and only what is new fails, all through the program.

use sha1::{Digest, Sha1};

use crate::support::secrets::{github, line, password};
use crate::support::{Ran, TestRepo};

const FILE: &str = ".secrets.baseline";

/// A repository with an accepted secret in `f`.
fn accepted() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("f", format!("one\n{}two\n", line(1)));
    repo.run(["baseline", "create"]).exits(0);
    repo
}

fn scan(repo: &TestRepo) -> Ran {
    repo.json(&["scan"])
}

/// Changes the text of the baseline.
fn edit(repo: &TestRepo, change: impl Fn(&str) -> String) {
    let text = repo.read(FILE);
    let changed = change(&text);
    assert_ne!(text, changed, "the edit changes nothing");
    repo.write(FILE, changed);
}

/// Puts a field into every entry.
fn annotate(repo: &TestRepo, field: &str) {
    edit(repo, |text| text.replace("\"digest\":", &format!("{field}, \"digest\":")));
}

#[cfg(unix)]
#[test]
fn a_baseline_that_leads_nowhere_is_told() {
    let repo = TestRepo::plain();
    repo.write("a", line(1));
    std::os::unix::fs::symlink("nowhere", repo.path(FILE)).expect("a link");
    let told = repo.run(["scan"]).exits(2).err();
    assert!(told.contains(".secrets.baseline: no such file"), "{told}");
    repo.run(["scan", "--no-baseline"]).exits(1);
}

#[test]
fn what_was_accepted_is_not_new() {
    let repo = TestRepo::new();
    repo.write("f", line(1));
    scan(&repo).exits(1);
    let created = repo.run(["baseline", "create"]).exits(0);
    assert!(created.out().contains("1 entries") || created.out().contains("1 entry"));
    let ran = scan(&repo).exits(0);
    assert_eq!(ran.suppressed("baseline"), 1);
    assert!(!repo.read(FILE).contains(&github(1)[4..]));
    repo.json(&["scan", "--no-baseline"]).exits(1);
    repo.json(&["scan", "--no-repo-config"]).exits(1);
    repo.git(["add", "-A"]);
    repo.json(&["staged"]).exits(0);
    let shown = repo.json(&["scan", "--show-suppressed"]).exits(0).findings();
    assert_eq!(shown[0]["status"], "baseline");
    let again = repo.run(["baseline", "create"]).exits(2);
    assert!(again.err().contains(FILE), "{}", again.err());
}

#[test]
fn moving_lines_changes_nothing() {
    let repo = accepted();
    let before = repo.read(FILE);
    repo.write("f", format!("one\nmore\nand more\n    key = {} # again\ntwo\n", github(1)));
    scan(&repo).exits(0);
    repo.run(["baseline", "diff"]).exits(0);
    repo.run(["baseline", "update"]).exits(0);
    assert_eq!(repo.read(FILE), before);
    repo.write("f", format!("one\ntoken = \"{}\" # {}\n", github(2), github(1)));
    assert_eq!(scan(&repo).exits(1).findings().len(), 1);
}

#[test]
fn a_renamed_file_keeps_its_entries() {
    let repo = accepted();
    std::fs::rename(repo.path("f"), repo.path("renamed")).unwrap();
    scan(&repo).exits(0);
    let diff = repo.run(["baseline", "diff"]).exits(1).out();
    assert!(diff.contains("> renamed") && diff.contains("was f"), "{diff}");
    repo.run(["baseline", "update"]).exits(0);
    repo.run(["baseline", "diff"]).exits(0);
    assert!(repo.read(FILE).contains("\"renamed\""));
    repo.write("f", line(1));
    assert_eq!(scan(&repo).exits(1).paths(), ["f"]);
}

#[test]
fn a_copy_elsewhere_is_new() {
    let repo = accepted();
    repo.write("copy", line(1));
    assert_eq!(scan(&repo).exits(1).paths(), ["copy"]);
    // With two candidates for the moved one, both are.
    repo.write("other", line(1));
    repo.remove("f");
    assert_eq!(scan(&repo).exits(1).paths(), ["copy", "other"]);
}

#[test]
fn expired_entries_accept_nothing() {
    let repo = accepted();
    annotate(&repo, "\"expires\": \"2999-12-31\"");
    scan(&repo).exits(0);
    edit(&repo, |text| text.replace("2999", "2001"));
    let found = scan(&repo).exits(1).findings();
    assert_eq!(found[0]["status"], "expired");
    let stats = repo.run(["baseline", "stats"]).exits(0).out();
    assert!(stats.contains("1 expired"), "{stats}");
}

#[test]
fn labels_reasons_and_unknown_keys_stay() {
    let repo = accepted();
    annotate(&repo, "\"reason\": \"for the tests\", \"ticket\": 17");
    edit(&repo, |text| text.replace("\"accepted\"", "\"test\""));
    repo.write("g", line(2));
    repo.run(["baseline", "update"]).exits(0);
    scan(&repo).exits(0);
    let text = repo.read(FILE);
    for kept in ["\"test\"", "\"for the tests\"", "\"ticket\""] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    let shown = repo.json(&["scan", "--show-suppressed"]).exits(0).findings();
    assert_eq!(shown[0]["note"], "for the tests");
    let stats = repo.run(["baseline", "stats"]).exits(0).out();
    assert!(
        stats.contains("2 entries in 2 files (native)") && stats.contains("1  test"),
        "{stats}"
    );
}

#[test]
fn what_is_gone_can_be_dropped() {
    let repo = accepted();
    repo.write("g", line(2));
    repo.run(["baseline", "update"]).exits(0);
    repo.write("g", "clean\n");
    scan(&repo).exits(0);
    let diff = repo.run(["baseline", "diff"]).exits(1).out();
    assert!(diff.contains("- g"), "{diff}");
    // Only what was looked at can be missed.
    assert!(repo.run(["baseline", "prune", "f"]).exits(0).out().contains("dropped 0"));
    assert!(repo.run(["baseline", "prune"]).exits(0).out().contains("dropped 1"));
    repo.run(["baseline", "diff"]).exits(0);
    repo.write("g", line(2));
    scan(&repo).exits(1);
}

#[test]
fn update_looks_at_the_named_paths_only() {
    let repo = accepted();
    repo.write("dir/g", line(2));
    repo.write("h", line(3));
    repo.run(["baseline", "update", "dir"]).exits(0);
    assert_eq!(scan(&repo).exits(1).paths(), ["h"]);
}

#[test]
fn hooks_and_scans_never_write_the_baseline() {
    let repo = accepted();
    annotate(&repo, "\"owner\": \"ada\"");
    let before = repo.read(FILE);
    repo.stage("f", "clean\n");
    repo.run(["hook", "pre-commit"]).exits(0);
    scan(&repo).exits(0);
    repo.run(["baseline", "stats"]).exits(0);
    repo.run(["baseline", "diff"]).exits(1);
    assert_eq!(repo.read(FILE), before);
}

#[test]
fn a_broken_baseline_is_an_error() {
    let repo = accepted();
    let good = repo.read(FILE);
    let half = good.len() / 2;
    for broken in [
        "",
        "{",
        "[]",
        "{}",
        "null",
        &good[..half],
        &good.replace("\"digest\"", "\"digst\""),
        &format!("<<<<<<< ours\n{good}=======\n{good}>>>>>>> theirs\n"),
        &good.replace("\"version\": 1", "\"version\": 2"),
    ] {
        repo.write(FILE, broken);
        for args in [&["scan"][..], &["staged"], &["baseline", "update"], &["baseline", "stats"]] {
            let ran = repo.run(args).exits(2);
            assert!(ran.err().contains(FILE), "{broken}: {}", ran.err());
            assert_eq!(ran.out(), "", "{args:?}");
        }
        assert_eq!(repo.read(FILE), broken);
    }
    repo.remove(FILE);
    let named = repo.run(["scan", "--baseline", FILE]).exits(2);
    assert!(named.err().contains("leakstop baseline create"), "{}", named.err());
}

#[test]
fn nothing_is_dropped_where_something_cannot_be_read() {
    let repo = accepted();
    repo.remove("f");
    let before = repo.read(FILE);
    repo.run(["baseline", "prune", ".", "/proc/self/mem"]).exits(2);
    repo.run(["baseline", "update", ".", "/proc/self/mem"]).exits(2);
    assert_eq!(repo.read(FILE), before);
}

#[test]
fn another_file_can_be_named() {
    let repo = TestRepo::new();
    repo.write("f", line(1));
    repo.run(["baseline", "create", "--baseline", "ci/accepted.json"]).exits(2);
    repo.write("ci/x", "");
    repo.run(["baseline", "create", "--baseline", "ci/accepted.json"]).exits(0);
    scan(&repo).exits(1);
    repo.json(&["scan", "--baseline", "ci/accepted.json"]).exits(0);
    repo.json(&["scan", "--no-repo-config", "--baseline", "ci/accepted.json"]).exits(0);
}

#[test]
fn two_branches_that_accept_merge_without_conflict() {
    let repo = accepted();
    let driver = format!("'{}' baseline merge %O %A %B", crate::support::LEAKSTOP);
    repo.git(["config", "merge.leakstop.driver", &driver]);
    repo.write(".gitattributes", format!("{FILE} merge=leakstop\n"));
    repo.commit("accept");
    repo.git(["checkout", "-qb", "topic"]);
    repo.write("g", line(2));
    repo.run(["baseline", "update"]).exits(0);
    repo.commit("topic");
    repo.git(["checkout", "-q", "main"]);
    repo.write("h", line(3));
    repo.run(["baseline", "update"]).exits(0);
    repo.commit("main");
    repo.git(["merge", "-q", "--no-edit", "topic"]);
    scan(&repo).exits(0);
    let stats = repo.run(["baseline", "stats"]).exits(0).out();
    assert!(stats.starts_with("3 entries"), "{stats}");
    for name in ["a", "b"] {
        repo.write(name, repo.read(FILE));
    }
    repo.write("broken", "{");
    repo.run(["baseline", "merge", "a", "b", "broken"]).exits(2);
    assert_eq!(repo.read("b"), repo.read(FILE));
}

/// A repository whose detect-secrets baseline accepts the password in `conf.py`.
fn inherited() -> TestRepo {
    accepts(&password(1), &password(1))
}

/// The same, where the password stands there as it is `written` and that program takes it for `read`.
fn accepts(written: &str, read: &str) -> TestRepo {
    let repo = TestRepo::new();
    repo.write("conf.py", format!("x = 1\npassword = \"{written}\"\n"));
    let digest = data_encoding::HEXLOWER.encode(&Sha1::digest(read.as_bytes()));
    let baseline = serde_json::json!({
        "version": "1.5.0",
        "plugins_used": [{"name": "KeywordDetector", "keyword_exclude": ""}],
        "filters_used": [{"path": "detect_secrets.filters.allowlist.is_line_allowlisted"}],
        "results": {"conf.py": [{
            "type": "Secret Keyword", "filename": "conf.py", "hashed_secret": digest,
            "is_verified": false, "line_number": 2, "is_secret": false,
        }]},
        "generated_at": "2024-01-02T03:04:05Z",
    });
    repo.write(FILE, format!("{baseline:#}\n"));
    repo
}

#[test]
fn detect_secrets_reads_a_password_up_to_the_quote_in_it() {
    let written = format!("{}\\\"{}", password(1), password(2));
    accepts(&written, &format!("{}\\", password(1))).run(["scan"]).exits(0);
    accepts(&written, &password(1)).run(["scan"]).exits(1);
}

#[test]
fn a_detect_secrets_baseline_is_honoured_and_stays_one() {
    let repo = inherited();
    let ran = scan(&repo).exits(0);
    assert_eq!(ran.suppressed("baseline"), 1);
    let before = repo.read(FILE);
    repo.run(["baseline", "update"]).exits(0);
    assert_eq!(repo.read(FILE), before, "nothing has changed");
    repo.write("g", line(2));
    assert_eq!(scan(&repo).exits(1).paths(), ["g"]);
    repo.run(["baseline", "update"]).exits(0);
    scan(&repo).exits(0);
    let after: serde_json::Value = serde_json::from_str(&repo.read(FILE)).unwrap();
    assert_eq!(after["version"], "1.5.0");
    assert_eq!(after["results"]["conf.py"][0]["is_secret"], false);
    assert_eq!(after["results"]["g"][0]["line_number"], 1);
    let stats = repo.run(["baseline", "stats"]).exits(0).out();
    assert!(stats.contains("(detect-secrets)"), "{stats}");
}

#[test]
fn formats_convert_into_each_other() {
    let repo = inherited();
    repo.write("g", line(2));
    repo.run(["baseline", "update"]).exits(0);
    let count = || repo.run(["baseline", "stats"]).exits(0).out();
    repo.run(["baseline", "convert", "--to", "native"]).exits(0);
    assert!(count().starts_with("2 entries in 2 files (native)"), "{}", count());
    scan(&repo).exits(0);
    assert!(repo.read(FILE).contains("false-positive"), "{}", repo.read(FILE));
    repo.run(["baseline", "convert", "--to", "detect-secrets"]).exits(0);
    assert!(count().contains("(detect-secrets)"), "{}", count());
    scan(&repo).exits(0);
    let same = repo.run(["baseline", "convert", "--to", "detect-secrets"]).exits(0);
    assert!(same.out().contains("already"), "{}", same.out());
}

#[test]
fn two_repositories_do_not_correlate() {
    let digests = |repo: &TestRepo| {
        let value: serde_json::Value = serde_json::from_str(&repo.read(FILE)).unwrap();
        value["entries"][0]["digest"].as_str().unwrap().to_owned()
    };
    assert_ne!(digests(&accepted()), digests(&accepted()));
}

#[test]
fn update_writes_the_first_baseline_too() {
    let repo = TestRepo::new();
    repo.write("f", line(1));
    let named = repo.run(["baseline", "update", "--baseline", "typo"]).exits(2);
    assert!(named.err().contains("no such file"), "{}", named.err());
    assert!(repo.run(["baseline", "update"]).exits(0).out().contains(": 1 entry"));
    scan(&repo).exits(0);
}

#[test]
fn entries_elsewhere_are_not_missed() {
    let repo = accepted();
    repo.write("dir/g", line(2));
    repo.run(["baseline", "update"]).exits(0);
    assert_eq!(repo.run(["baseline", "diff", "dir"]).exits(0).out(), "");
}

#[test]
fn the_history_of_a_renamed_file_stays_accepted() {
    let repo = accepted();
    repo.commit("accepted");
    repo.git(["mv", "f", "g"]);
    repo.commit("renamed");
    repo.json(&["scan"]).exits(0);
    repo.json(&["history"]).exits(0);
    repo.write("h", line(1));
    repo.commit("copied");
    assert_eq!(repo.json(&["history"]).exits(1).findings().len(), 2);
}

#[test]
fn what_is_in_no_file_is_accepted_with_the_history() {
    let repo = TestRepo::new();
    repo.stage("f", "x\n");
    repo.git(["commit", "-qm", &format!("use {}", github(1))]);
    repo.json(&["history"]).exits(1);
    assert!(repo.run(["baseline", "create", "--history"]).exits(0).out().contains(": 1 entry"));
    repo.json(&["history"]).exits(0);
    repo.run(["baseline", "diff", "--history"]).exits(0);
    assert!(repo.run(["baseline", "prune", "--history"]).exits(0).out().contains("dropped 0"));
}

#[test]
fn what_a_narrower_look_leaves_out_is_not_dropped() {
    let repo = accepted();
    repo.write("s/x", format!("password = \"{}\"\n", password(1)));
    repo.run(["baseline", "update"]).exits(0);
    repo.commit("accepted");
    let kept = |args: &[&str]| {
        let told = repo.run([&["baseline", "prune"], args].concat()).exits(0).out();
        assert!(told.contains("dropped 0"), "{args:?}: {told}");
    };
    kept(&["--rules", "github-pat-classic"]);
    kept(&["--exclude", "s/**"]);
    kept(&["--min-confidence", "certain"]);
    repo.git(["sparse-checkout", "set", "--no-cone", "/f", "/.secrets.baseline"]);
    assert!(!repo.path("s/x").exists());
    kept(&[]);
    repo.git(["sparse-checkout", "disable"]);
    repo.json(&["scan"]).exits(0);
    let from = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--depth", "1", &from, "../cut"]);
    let cut = repo.leakstop(["baseline", "prune", "--history"]).within(repo.path("../cut")).run();
    assert!(cut.exits(2).err().contains("--unshallow"));
}

#[test]
fn what_was_accepted_elsewhere_is_not_dropped_unseen() {
    let repo = accepted();
    repo.write(".gitignore", ".env\n");
    repo.write(".env", line(2));
    repo.run(["baseline", "update", "--no-ignore"]).exits(0);
    assert!(repo.run(["baseline", "prune"]).exits(0).out().contains("dropped 0"));
    repo.remove("f");
    let told = repo.run(["baseline", "prune"]).exits(0).out();
    assert!(told.contains("- f") && told.contains("dropped 1"), "{told}");
    assert!(told.contains("prune --history"), "{told}");
}
