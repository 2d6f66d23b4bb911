//! What a push brings, on both sides.

use std::path::PathBuf;

use crate::support::secrets::{github, line};
use crate::support::{LEAKSTOP, Ran, TestRepo};

/// A repository with a bare one beside it as `origin`, to which `main` is pushed; then a hook.
fn guarded() -> TestRepo {
    let repo = TestRepo::new();
    repo.git(["init", "-q", "--bare", "../origin.git"]);
    repo.git(["remote", "add", "origin", "../origin.git"]);
    repo.git(["push", "-q", "origin", "main"]);
    repo.hook("pre-push", &format!("#!/bin/sh\nexec '{LEAKSTOP}' hook pre-push \"$@\"\n"));
    repo
}

fn push(repo: &TestRepo, args: &[&str]) -> Ran {
    repo.program("git").args(["push", "-q"]).args(args).run()
}

#[track_caller]
fn is_refused(repo: &TestRepo, args: &[&str], place: &str) {
    let ran = push(repo, args);
    assert_ne!(ran.code, 0, "it went through: {args:?}");
    let told = ran.out() + &ran.err();
    assert!(told.contains(place) && told.contains("github-pat-classic"), "{told}");
    assert!(!ran.tells(&github(1)));
}

#[track_caller]
fn is_accepted(repo: &TestRepo, args: &[&str]) {
    push(repo, args).exits(0);
}

fn leak(repo: &TestRepo, name: &str) {
    repo.write(name, line(1));
    repo.commit("leak");
}

#[test]
fn a_new_commit_is_scanned_whatever_is_checked_out() {
    let repo = guarded();
    repo.git(["checkout", "-qb", "topic"]);
    leak(&repo, "f");
    repo.git(["rm", "-q", "f"]);
    repo.commit("gone again");
    repo.git(["checkout", "-q", "main"]);
    is_refused(&repo, &["origin", "topic"], "f");
    is_refused(&repo, &["origin", "topic~1:refs/heads/x"], "f");
    is_accepted(&repo, &["origin", "main"]);
    is_accepted(&repo, &["origin", "topic~2:refs/heads/y"]);
    // What the remote has is not new.
    push(&repo, &["--no-verify", "origin", "topic"]).exits(0);
    is_accepted(&repo, &["origin", "topic:refs/heads/z"]);
}

#[test]
fn several_refs_new_and_deleted() {
    let repo = guarded();
    repo.git(["branch", "fine"]);
    repo.git(["checkout", "-qb", "topic"]);
    leak(&repo, "f");
    is_refused(&repo, &["origin", "fine", "topic"], "f");
    is_refused(&repo, &["origin", "--all"], "f");
    is_accepted(&repo, &["origin", "fine"]);
    is_accepted(&repo, &["origin", ":fine"]);
    push(&repo, &["--no-verify", "origin", "topic"]).exits(0);
    is_accepted(&repo, &["origin", ":topic"]);
    is_refused(&repo, &["origin", ":main", "HEAD~0:refs/heads/again"], "f");
}

#[test]
fn what_the_other_side_has_may_be_unknown() {
    let repo = guarded();
    repo.git(["clone", "-q", "../origin.git", "../other"]);
    repo.write("../other/theirs", "theirs\n");
    for args in [&["add", "."][..], &["commit", "-qm", "theirs"], &["push", "-q"]] {
        repo.program("git").args(["-C", "../other"]).args(args).run().exits(0);
    }
    leak(&repo, "f");
    is_refused(&repo, &["--force", "origin", "main"], "f");
}

#[test]
fn tags_and_what_only_they_hold() {
    let repo = guarded();
    repo.git(["tag", "-a", "said", "-m", &format!("t {}", github(1))]);
    is_refused(&repo, &["origin", "said"], "tag");
    let blob = repo.program("git").args(["hash-object", "-w", "--stdin"]).input(line(1)).run();
    repo.git(["tag", "blob", blob.out().trim()]);
    is_refused(&repo, &["origin", "blob"], "blob");
    let entry = format!("100644 blob {}\tf\n", blob.out().trim());
    let tree = repo.program("git").args(["mktree"]).input(entry).run();
    repo.git(["tag", "tree", tree.out().trim()]);
    is_refused(&repo, &["origin", "tree"], "blob");
    repo.git(["tag", "fine"]);
    is_accepted(&repo, &["origin", "fine"]);
}

#[test]
fn names_of_refs_are_pushed_too() {
    let repo = guarded();
    is_refused(&repo, &["origin", &format!("main:refs/heads/x/{}", github(1))], "ref");
}

#[test]
fn a_remote_without_a_name() {
    let repo = guarded();
    repo.git(["init", "-q", "--bare", "../fresh.git"]);
    is_accepted(&repo, &["../fresh.git", "main"]);
    leak(&repo, "f");
    is_refused(&repo, &["../fresh.git", "main"], "f");
}

#[test]
fn a_remote_that_is_pushed_elsewhere_or_named_like_another() {
    let repo = guarded();
    leak(&repo, "f");
    push(&repo, &["--no-verify", "origin", "main"]).exits(0);
    // It has it, by whatever way it is reached.
    is_accepted(&repo, &["origin", "main:refs/heads/again"]);
    repo.git(["init", "-q", "--bare", "../public.git"]);
    repo.git(["remote", "set-url", "--push", "origin", "../public.git"]);
    is_refused(&repo, &["origin", "main"], "f");
    repo.git(["remote", "add", "o", "../public.git"]);
    repo.git(["remote", "add", "o/x", "../origin.git"]);
    repo.git(["fetch", "-q", "o/x"]);
    is_refused(&repo, &["o", "main"], "f");
}

#[test]
fn an_accepted_file_may_be_pushed_by_another_name() {
    let repo = guarded();
    repo.write("f", line(1));
    repo.run(["baseline", "create"]).exits(0);
    repo.commit("accepted");
    repo.git(["mv", "f", "g"]);
    repo.commit("renamed");
    is_accepted(&repo, &["origin", "main~1:refs/heads/old"]);
    is_accepted(&repo, &["origin", "main"]);
}

#[test]
fn odd_lines_are_errors_and_no_lines_are_not() {
    let repo = guarded();
    let hook = |input: &str| repo.leakstop(["hook", "pre-push", "origin", "x"]).input(input).run();
    hook("").exits(0);
    for input in ["x\n", "a b c d\n", &format!("a {} b 12\n", "1".repeat(40))] {
        hook(input).exits(2);
    }
    // An id that is not there cannot be scanned.
    hook(&format!("a {} b {}\n", "1".repeat(40), "0".repeat(40))).exits(2);
}

#[test]
fn the_framework_tells_in_its_own_way() {
    let repo = guarded();
    repo.git(["checkout", "-qb", "topic"]);
    leak(&repo, "f");
    let (from, to) = (repo.git(["rev-parse", "main"]), repo.git(["rev-parse", "topic"]));
    let hook = || repo.leakstop(["hook", "pre-push", "--format", "json"]).env("PRE_COMMIT", "1");
    let named = |hook: crate::support::Program| {
        hook.env("PRE_COMMIT_REMOTE_NAME", "origin").env("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/t")
    };
    let range = named(hook()).env("PRE_COMMIT_FROM_REF", &from).env("PRE_COMMIT_TO_REF", &to);
    assert_eq!(range.run().exits(1).paths(), ["f"]);
    // All of the history is new: only the branch is told.
    let branch = named(hook()).env("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/topic");
    assert_eq!(branch.run().exits(1).paths(), ["f"]);
    let known = named(hook()).env("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main");
    known.run().exits(0);
    hook().run().exits(2);
}

/// A server that takes only what leakstop lets pass.
fn server() -> (TestRepo, PathBuf) {
    let repo = TestRepo::new();
    repo.git(["init", "-q", "--bare", "../server.git"]);
    repo.git(["remote", "add", "origin", "../server.git"]);
    repo.git(["push", "-q", "origin", "main"]);
    let hook = repo.path("../server.git/hooks/pre-receive");
    let script = format!("#!/bin/sh\nexec '{LEAKSTOP}' hook pre-receive\n");
    repo.write("../server.git/hooks/pre-receive", script);
    repo.program("chmod").args(["+x"]).args([&hook]).run().exits(0);
    (repo, hook)
}

#[test]
fn a_server_refuses_what_is_in_quarantine() {
    let (repo, _) = server();
    leak(&repo, "f");
    let before = repo.git(["-C", "../server.git", "rev-parse", "main"]);
    is_refused(&repo, &["origin", "main"], "f");
    is_refused(&repo, &["origin", "main:refs/heads/new"], "f");
    assert_eq!(repo.git(["-C", "../server.git", "rev-parse", "main"]), before);
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.write("g", "clean\n");
    repo.commit("clean");
    is_accepted(&repo, &["origin", "main", "main:refs/heads/new"]);
    is_accepted(&repo, &["origin", ":new"]);
    // Large pushes keep their pack.
    repo.git(["-C", "../server.git", "config", "receive.unpackLimit", "1"]);
    leak(&repo, "h");
    is_refused(&repo, &["origin", "main"], "h");
}
