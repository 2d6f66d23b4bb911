//! What is told of a leak from the commit that brought it to the one that took it away.

use serde_json::Value;

use crate::support::TestRepo;
use crate::support::secrets::{github, line};

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
fn a_name_that_nothing_uses_any_more_is_told_as_such() {
    let repo = story();
    repo.write("app.py", "run(GITHUB_TOKENS)\n");
    commit(&repo, 21, "Run without");
    let findings = repo.json(&["history"]).exits(1).findings();
    let moved = serde_json::json!({"name": "GITHUB_TOKEN", "used": false});
    assert_eq!(of(&findings, "app.py")["moved_to"], moved);
    let told = repo.run(["history"]).exits(1).out();
    assert!(told.contains("removed 2026-01-04T12:00:00+00:00 in"), "{told}");
    assert!(told.contains("GITHUB_TOKEN, which nothing in HEAD uses"), "{told}");
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
