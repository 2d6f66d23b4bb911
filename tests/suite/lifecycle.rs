//! What is told of a leak from the commit that brought it to the one that took it away.

use serde_json::Value;

use crate::support::secrets::{github, line};
use crate::support::{TestRepo, text};

/// Commits on a day of January 2026.
fn commit(repo: &TestRepo, day: u32, message: &str) {
    let date = format!("2026-01-{day:02}T12:00:00+00:00");
    repo.git(["add", "-A"]);
    let args = ["commit", "-q", "--no-verify", "-m", message];
    let git = repo.program("git").args(args);
    git.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date).run().exits(0);
}

/// A repository in which one token was pushed and replaced, another was deleted, and a third is still there.
pub(crate) fn story() -> TestRepo {
    let repo = TestRepo::unborn();
    repo.write("app.py", format!("import os\ntoken = \"{}\"\nrun(token)\n", github(1)));
    repo.write("old.py", line(2));
    commit(&repo, 1, "Add the client");
    repo.git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.write("app.py", "import os\ntoken = os.environ[\"GITHUB_TOKEN\"]\nrun(token)\n");
    commit(&repo, 4, "Read the token from the environment");
    repo.remove("old.py");
    repo.write("new.py", line(3));
    commit(&repo, 9, "Replace the old script");
    repo.write("readme", "more\n");
    commit(&repo, 20, "Say more");
    repo
}

fn of<'f>(findings: &'f [Value], path: &str) -> &'f Value {
    let mut of = findings.iter().filter(|finding| finding["path"] == path);
    let one = of.next().unwrap_or_else(|| panic!("nothing in {path}"));
    assert!(of.next().is_none(), "{path} has more than one");
    &one["lifecycle"]
}

#[test]
fn a_history_tells_what_became_of_each_finding() {
    let repo = story();
    let findings = repo.json(&["history"]).exits(1).findings();
    let id = |name: &str| Value::from(repo.git(["rev-parse", name]));
    let app = of(&findings, "app.py");
    assert_eq!(app["removed"]["id"], id("HEAD~2"));
    assert_eq!(app["removed"]["summary"], "Read the token from the environment");
    assert_eq!(app["last_commit"]["id"], id("HEAD~3"));
    assert_eq!((&app["exposed_days"], &app["pushed"]), (&3.into(), &true.into()));
    assert_eq!(app["moved_to"], serde_json::json!({"name": "GITHUB_TOKEN", "used": true}));
    let old = of(&findings, "old.py");
    assert_eq!(old["removed"]["id"], id("HEAD~1"));
    assert_eq!((&old["exposed_days"], &old["pushed"]), (&8.into(), &true.into()));
    assert_eq!(old["moved_to"], Value::Null);
    let new = of(&findings, "new.py");
    assert_eq!((&new["removed"], &new["last_commit"]["id"]), (&Value::Null, &id("HEAD")));
    assert_eq!((&new["exposed_days"], &new["pushed"]), (&11.into(), &false.into()));
}

#[test]
fn what_was_written_earlier_and_committed_later_is_not_the_first() {
    let repo = TestRepo::unborn();
    repo.write("f", line(1));
    commit(&repo, 3, "first");
    repo.write("f", "none\n");
    commit(&repo, 4, "gone");
    repo.write("f", line(1));
    repo.git(["add", "-A"]);
    let git = repo.program("git").args(["commit", "-q", "-m", "again"]);
    let git = git.env("GIT_AUTHOR_DATE", "2026-01-01T12:00:00+00:00");
    git.env("GIT_COMMITTER_DATE", "2026-01-08T12:00:00+00:00").run().exits(0);
    let findings = repo.json(&["history"]).exits(1).findings();
    assert_eq!(findings[0]["commit"]["summary"], "first");
}

#[test]
fn a_name_that_nothing_uses_any_more_is_told_as_such() {
    let repo = story();
    repo.write("app.py", "run(GITHUB_TOKENS)\n");
    commit(&repo, 21, "Run without");
    let findings = repo.json(&["history"]).exits(1).findings();
    let moved = serde_json::json!({"name": "GITHUB_TOKEN", "used": false});
    assert_eq!(of(&findings, "app.py")["moved_to"], moved);
    let told = repo.run(["history"]).exits(1).out();
    assert!(told.contains("removed 2026-01-04 in"), "{told}");
    assert!(told.contains("GITHUB_TOKEN, which nothing in HEAD uses"), "{told}");
}

#[test]
fn what_is_stashed_with_untracked_files_is_not_removed_by_the_stash() {
    let repo = TestRepo::new();
    repo.write("new.py", line(1));
    repo.git(["stash", "push", "-q", "--include-untracked"]);
    let findings = repo.json(&["history"]).exits(1).findings();
    let stashed = of(&findings, "new.py");
    let summary = text(&stashed["last_commit"], "summary");
    assert!(stashed["removed"].is_null() && summary.starts_with("WIP on main"), "{stashed:#}");
}

#[test]
fn commits_that_are_quoted_show_no_secret() {
    let repo = TestRepo::unborn();
    repo.write("app.py", line(1));
    commit(&repo, 1, "Add");
    repo.remove("app.py");
    repo.write("b", "b\n");
    commit(&repo, 2, &format!("Remove {}", github(1)));
    for format in ["human", "json", "jsonl"] {
        let ran = repo.run(["history", "--format", format]).exits(1);
        assert!(!ran.tells(&github(1)), "{format}");
    }
}

fn print_of(repo: &TestRepo, path: &str) -> String {
    let findings = repo.json(&["history"]).exits(1).findings();
    let finding = findings.iter().find(|finding| finding["path"] == path).expect("it is found");
    text(finding, "fingerprint")
}

#[test]
fn a_finding_is_told_by_its_fingerprint_or_the_head_of_it() {
    let repo = story();
    repo.write("copy.py", line(1));
    let print = print_of(&repo, "app.py");
    let ran = repo.run(["explain", &print[..8]]).exits(0);
    let told = ran.out();
    for part in [
        &print,
        "its checksum is right",
        "removed   2026-01-04T12:00:00+00:00 by Ada Example",
        "open for  3 days",
        "GITHUB_TOKEN, which HEAD uses",
        "yes: it is burnt",
        "copies    copy.py",
        "https://github.com/settings/tokens",
        "    5.      Look for uses that are not yours in the log of GitHub since 2026-01-01.",
    ] {
        assert!(told.contains(part), "{part}:\n{told}");
    }
    let answer = repo.json(&["explain", &print]).exits(0).report();
    assert_eq!(answer["version"], 1);
    assert_eq!(answer["lifecycle"]["moved_to"]["name"], "GITHUB_TOKEN");
    assert_eq!(answer["on_disk"][0]["path"], "copy.py");
    assert_eq!(answer["uses"], serde_json::json!(["app.py", "copy.py"]));
    assert!(!ran.tells(&github(1)) && !answer.to_string().contains(&github(1)));
}

#[test]
fn an_unknown_fingerprint_names_the_nearest() {
    let repo = story();
    let mut print = print_of(&repo, "old.py");
    print.replace_range(9..10, if &print[9..10] == "0" { "1" } else { "0" });
    for command in ["explain", "incident"] {
        let ran = repo.run([command, &print]).exits(2);
        let near = ran.err().split("nearest: ").nth(1).unwrap_or_default().to_owned();
        assert!(near.contains("old.py"), "{command}: {}", ran.err());
    }
    let clean = TestRepo::new();
    let none = clean.run(["explain", "0123456789abcdef"]).exits(2);
    assert!(none.err().contains("nothing is found here"), "{}", none.err());
}

#[test]
fn a_runbook_has_the_facts_and_no_secret() {
    let repo = story();
    let url = ["https://ci:", "hunter2", "@git.example/acme.git"].concat();
    repo.git(["remote", "add", "origin", &url]);
    let print = print_of(&repo, "app.py");
    let ran = repo.run(["incident", &print]).exits(0);
    let book = ran.out();
    for part in [
        "# Leak of a GitHub personal access token",
        "**It was pushed. A pushed secret is burnt",
        "## Within 15 minutes",
        "- [ ] Make a new one at GitHub: https://github.com/settings/tokens",
        "- [ ] `app.py` refers to `GITHUB_TOKEN`",
        "## Within an hour",
        "`origin` (`https://git.example/acme.git`)",
        "  - `refs/remotes/origin/main`",
        "git filter-repo --replace-text",
        "   # as it is",
        "## Prevention",
    ] {
        assert!(book.contains(part), "{part}:\n{book}");
    }
    assert!(!ran.tells(&github(1)) && !ran.tells("hunter2"));
    assert_eq!(repo.run(["incident", &print[..10]]).exits(0).out(), book);
    let by_line = repo.run(["incident", "new.py:1"]).exits(0).out();
    assert!(by_line.contains(&print_of(&repo, "new.py")), "{by_line}");
    let unpushed = repo.run(["incident", &print_of(&repo, "new.py")]).exits(0).out();
    assert!(unpushed.contains("No remote-tracking ref reaches it."), "{unpushed}");
    assert!(unpushed.contains("`leakstop fix new.py:1 --to env`"), "{unpushed}");
}

#[test]
fn the_file_of_replacements_is_written_on_request_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = story();
    let encoded = data_encoding::BASE64.encode(format!("user:{}", github(1)).as_bytes());
    repo.write("auth", format!("authorization: {encoded}\n"));
    commit(&repo, 22, "Log in");
    let print = print_of(&repo, "app.py");
    let args = ["incident", &print, "--replace-text", "../replace.txt"];
    repo.run(args).exits(2);
    assert!(!repo.path("../replace.txt").exists(), "it holds a secret, which has to be asked for");
    let ran = repo.leakstop(args).args(["--show-secrets"]).run().exits(0);
    assert!(!ran.tells(&github(1)));
    let path = repo.path("../replace.txt");
    let mode = std::fs::metadata(&path).expect("it was written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).expect("it is text");
    assert!(text.lines().any(|line| line == format!("literal:{}==>***REMOVED***", github(1))));
    let forms: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("literal:")?.strip_suffix("==>***REMOVED***"))
        .collect();
    assert!(forms.iter().any(|form| encoded.contains(form)), "no form of {encoded}");
    let again = repo.leakstop(args).args(["--show-secrets"]).run().exits(2);
    assert!(again.err().contains("replace.txt"), "{}", again.err());
    let inside = ["incident", &print, "--replace-text", "replace.txt", "--show-secrets"];
    assert!(repo.run(inside).exits(2).err().contains("lies in the work tree"));
    assert!(!repo.path("replace.txt").exists());
}
