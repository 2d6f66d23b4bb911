//! The pre-commit hook as git itself runs it.

mod install;
mod message;
mod push;

use crate::support::secrets::{github, line};
use crate::support::{LEAKSTOP, Ran, TestRepo};

/// A repository whose commits go through leakstop.
fn guarded(repo: TestRepo) -> TestRepo {
    repo.hook("pre-commit", &format!("#!/bin/sh\nexec '{LEAKSTOP}' hook pre-commit\n"));
    repo
}

fn commit(repo: &TestRepo, args: &[&str]) -> Ran {
    repo.program("git").args(["commit", "-q", "-m", "x"]).args(args).run()
}

fn head(repo: &TestRepo) -> String {
    repo.git(["rev-parse", "HEAD"])
}

/// The commit is refused, with the report shown and the secret not.
#[track_caller]
fn is_refused(repo: &TestRepo, args: &[&str], place: &str, secret: &str) {
    let before = repo.program("git").args(["rev-parse", "HEAD"]).run().out();
    let ran = commit(repo, args).exits(1);
    assert!(ran.err().contains(place) && ran.err().contains("github-pat-classic"), "{}", ran.err());
    assert!(!ran.tells(secret), "{}", ran.err());
    let after = repo.program("git").args(["rev-parse", "HEAD"]).run().out();
    assert_eq!(before, after, "the commit went through");
}

/// The commit goes through.
#[track_caller]
fn is_accepted(repo: &TestRepo, args: &[&str]) {
    let before = repo.program("git").args(["rev-parse", "HEAD"]).run().out();
    commit(repo, args).exits(0);
    assert_ne!(before.trim(), head(repo));
}

#[test]
fn a_commit_is_refused_until_the_secret_is_gone() {
    let repo = guarded(TestRepo::new());
    repo.stage("f", line(1));
    is_refused(&repo, &[], "f", &github(1));
    repo.stage("f", "token = read()\n");
    is_accepted(&repo, &[]);
}

#[test]
fn the_first_commit_is_watched() {
    let repo = guarded(TestRepo::unborn());
    repo.stage("f", line(1));
    is_refused(&repo, &[], "f", &github(1));
    repo.stage("f", "clean\n");
    is_accepted(&repo, &[]);
}

#[test]
fn commit_all_is_judged_by_its_own_index() {
    let repo = guarded(TestRepo::new());
    repo.write("base", line(1));
    assert_eq!(repo.git(["diff", "--cached", "--name-only"]), "");
    is_refused(&repo, &["-a"], "base", &github(1));
    repo.write("base", "clean\n");
    is_accepted(&repo, &["-a"]);
}

#[test]
fn commit_of_paths_is_judged_by_its_own_index() {
    let repo = guarded(TestRepo::new());
    repo.write("other", "other\n");
    repo.git(["add", "other"]);
    is_accepted(&repo, &[]);
    // Staged, but not what is being committed.
    repo.stage("other", line(1));
    repo.write("base", "changed\n");
    is_accepted(&repo, &["base"]);
    // Not staged, but what is being committed.
    repo.stage("other", "other\nagain\n");
    repo.write("base", line(2));
    is_refused(&repo, &["base"], "base", &github(2));
    is_refused(&repo, &["-i", "base"], "base", &github(2));
}

#[test]
fn an_amended_commit_is_watched() {
    let repo = guarded(TestRepo::new());
    repo.stage("f", line(1));
    is_refused(&repo, &["--amend"], "f", &github(1));
    repo.stage("f", "clean\n");
    is_accepted(&repo, &["--amend"]);
    repo.write("f", line(2));
    is_refused(&repo, &["--amend", "-a"], "f", &github(2));
}

#[test]
fn what_was_committed_before_holds_no_commit_up() {
    let repo = TestRepo::new();
    repo.write("f", line(1));
    repo.commit("leaked long ago");
    let repo = guarded(repo);
    repo.stage("f", format!("{}more\n", line(1)));
    is_accepted(&repo, &[]);
    is_accepted(&repo, &["--allow-empty"]);
}

#[test]
fn started_in_a_subfolder() {
    let repo = guarded(TestRepo::new());
    repo.stage("dir/f", line(1));
    let within = repo.program("git").args(["commit", "-q", "-m", "x"]).within(repo.path("dir"));
    let ran = within.run().exits(1);
    assert!(ran.err().contains("dir/f"), "{}", ran.err());
}

#[test]
fn linked_work_trees_are_watched() {
    let repo = guarded(TestRepo::new());
    repo.git(["worktree", "add", "-q", "../linked", "-b", "linked"]);
    let linked = repo.path("../linked");
    let commit = |args: &[&str]| {
        repo.program("git").args(["commit", "-q", "-m", "x"]).args(args).within(&linked).run()
    };
    repo.write("../linked/f", line(1));
    repo.git(["-C", "../linked", "add", "f"]);
    assert!(commit(&[]).exits(1).err().contains("github-pat-classic"));
    repo.write("../linked/f", "clean\n");
    repo.git(["-C", "../linked", "add", "f"]);
    commit(&[]).exits(0);
    repo.write("../linked/base", line(2));
    assert!(commit(&["-a"]).exits(1).err().contains("github-pat-classic"));
}

#[test]
fn submodules_are_watched() {
    let repo = TestRepo::new();
    let inner = TestRepo::new();
    let from = inner.root().to_str().unwrap();
    repo.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "sub"]);
    repo.commit("sub");
    let hook = format!("#!/bin/sh\nexec '{LEAKSTOP}' hook pre-commit\n");
    repo.write(".git/modules/sub/hooks/pre-commit", hook);
    repo.program("chmod").args(["+x", ".git/modules/sub/hooks/pre-commit"]).run().exits(0);
    repo.write("sub/base", line(1));
    let commit =
        repo.program("git").args(["commit", "-q", "-a", "-m", "x"]).within(repo.path("sub"));
    assert!(commit.run().exits(1).err().contains("github-pat-classic"));
}

#[test]
fn a_merge_by_hand_is_watched() {
    let repo = TestRepo::new();
    repo.git(["checkout", "-qb", "topic"]);
    repo.write("topic", line(1));
    repo.commit("leaked on a branch");
    repo.git(["checkout", "-q", "main"]);
    repo.write("main", "main\n");
    repo.commit("main");
    let repo = guarded(repo);
    repo.git(["merge", "-q", "--no-commit", "--no-ff", "topic"]);
    repo.stage("evil", line(2));
    is_refused(&repo, &[], "evil", &github(2));
    repo.git(["rm", "-q", "-f", "evil"]);
    is_accepted(&repo, &[]);
}

#[test]
fn a_broken_configuration_refuses_the_commit() {
    let repo = guarded(TestRepo::new());
    repo.stage("f", "clean\n");
    for (name, content) in [(".leakstop.toml", "no = such key"), (".secrets.baseline", "{")] {
        repo.write(name, content);
        let ran = commit(&repo, &[]);
        assert_eq!(ran.code, 1, "{name}: {}", ran.err());
        assert!(ran.err().contains(name), "{}", ran.err());
        repo.remove(name);
    }
    is_accepted(&repo, &[]);
}
