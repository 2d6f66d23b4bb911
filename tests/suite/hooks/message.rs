//! Commit messages, and merges that commit by themselves.

use crate::support::secrets::{github, line};
use crate::support::{LEAKSTOP, TestRepo};

fn guarded(hook: &str) -> TestRepo {
    let repo = TestRepo::new();
    repo.hook(hook, &format!("#!/bin/sh\nexec '{LEAKSTOP}' hook {hook} \"$@\"\n"));
    repo
}

#[test]
fn messages_are_scanned() {
    let repo = guarded("commit-msg");
    let commit = |message: &str| {
        let args = ["commit", "-q", "--allow-empty", "-m", message];
        repo.program("git").args(args).run()
    };
    commit("fine").exits(0);
    let ran = commit(&format!("subject\n\nthe key is {}", github(1)));
    assert_ne!(ran.code, 0);
    assert!(ran.err().contains("github-pat-classic") && !ran.tells(&github(1)), "{}", ran.err());
    // A line like git's own is no way around.
    let scissors = format!("# {} >8 {}", "-".repeat(24), "-".repeat(24));
    assert_ne!(commit(&format!("subject\n{scissors}\n{}", github(1))).code, 0);
    repo.run(["hook", "commit-msg", "nowhere"]).exits(2);
}

#[test]
fn the_diff_that_git_shows_below_a_message_is_none_of_it() {
    let repo = guarded("commit-msg");
    repo.stage("f", line(1));
    let edit = repo.program("git").args(["commit", "-q", "-v"]);
    edit.env("GIT_EDITOR", "sed -i 1s/^/subject/").run().exits(0);
    assert_eq!(repo.git(["log", "-1", "--format=%B"]).trim(), "subject");
}

#[test]
fn merges_that_commit_by_themselves_are_scanned() {
    let repo = guarded("pre-merge-commit");
    repo.git(["checkout", "-qb", "topic"]);
    repo.write("f", line(1));
    repo.commit("leak");
    repo.git(["checkout", "-q", "main"]);
    repo.write("g", "g\n");
    repo.commit("g");
    let ran = repo.program("git").args(["merge", "-q", "--no-edit", "topic"]).run();
    assert_ne!(ran.code, 0);
    assert!(ran.err().contains("github-pat-classic"), "{}", ran.err());
}
