//! Where the index and what it is compared with may lie, and what is said where they cannot be read.

use super::{finds, is_clean, staged};
use crate::support::secrets::line;
use crate::support::{TestRepo, left_out};

#[test]
fn replacements_hide_nothing() {
    let repo = TestRepo::new();
    repo.stage("f", line(1));
    let secret = repo.git(["hash-object", "f"]);
    let clean = repo.git(["hash-object", "-w", "base"]);
    repo.git(["replace", &secret, &clean]);
    finds(&repo, &["f:1"]);
}

#[test]
fn a_missing_object_is_an_error() {
    let repo = TestRepo::new();
    repo.stage("f", line(1));
    let id = repo.git(["rev-parse", ":f"]);
    repo.remove(&format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    let ran = staged(&repo).exits(2);
    assert_eq!(ran.skipped(), ["f: missing"]);
    repo.stage("g", line(2));
    assert_eq!(staged(&repo).exits(1).skipped(), ["f: missing"]);
}

#[test]
fn subfolders_and_other_folders_work() {
    let repo = TestRepo::new();
    repo.stage("deep/er/f", line(1));
    let expected = ["deep/er/f:1 github-pat-classic"];
    let json = ["staged", "--format", "json"];
    let within = repo.leakstop(json).within(repo.path("deep/er")).run();
    assert_eq!(within.exits(1).places(), expected);
    let outside = repo.leakstop(["-C", "work"]).args(json).within(repo.path("..")).run();
    assert_eq!(outside.exits(1).places(), expected);
}

#[test]
fn another_index_is_read_where_the_variable_names_one() {
    let repo = TestRepo::new();
    repo.write("dir/f", line(1));
    repo.program("git").args(["read-tree", "HEAD"]).env("GIT_INDEX_FILE", ".git/other").run();
    repo.program("git").args(["add", "."]).env("GIT_INDEX_FILE", ".git/other").run().exits(0);
    is_clean(&repo);
    let json = ["staged", "--format", "json"];
    let expected = ["dir/f:1 github-pat-classic"];
    let ran = repo.leakstop(json).env("GIT_INDEX_FILE", ".git/other").run();
    assert_eq!(ran.exits(1).places(), expected);
    let below = repo.leakstop(json).within(repo.path("dir"));
    let ran = below.env("GIT_INDEX_FILE", "../.git/other").run();
    assert_eq!(ran.exits(1).places(), expected);
    let ran = repo.leakstop(json).env("GIT_INDEX_FILE", repo.path(".git/other")).run();
    assert_eq!(ran.exits(1).places(), expected);
}

#[test]
fn linked_work_trees_have_their_own_index() {
    let repo = TestRepo::new();
    repo.git(["worktree", "add", "-q", "../linked", "-b", "linked"]);
    repo.write("../linked/f", line(1));
    repo.git(["-C", "../linked", "add", "f"]);
    is_clean(&repo);
    let ran = repo.leakstop(["staged", "--format", "json"]).within(repo.path("../linked")).run();
    assert_eq!(ran.exits(1).places(), ["f:1 github-pat-classic"]);
}

#[test]
fn sparse_checkouts_are_read_or_refused() {
    let repo = TestRepo::new();
    repo.write("a/f", "clean\n");
    repo.write("b/f", "clean\n");
    repo.commit("folders");
    repo.stage("a/f", line(1));
    repo.git(["update-index", "--skip-worktree", "a/f"]);
    repo.remove("a/f");
    finds(&repo, &["a/f:1"]);
    // A sparse index may be beyond us, but must not pass for an empty one.
    let repo = TestRepo::new();
    repo.write("a/f", "clean\n");
    repo.write("b/f", "clean\n");
    repo.commit("folders");
    repo.git(["sparse-checkout", "set", "--cone", "--sparse-index", "b"]);
    repo.stage("b/f", line(1));
    assert_ne!(staged(&repo).code, 0);
}

#[test]
fn repositories_beyond_us_are_refused() {
    for (option, value) in [("--object-format", "sha256"), ("--ref-format", "reftable")] {
        let repo = TestRepo::plain();
        let init = repo.program("git").args(["init", "-q", &format!("{option}={value}")]).run();
        if init.code != 0 {
            left_out("this git does not know all formats");
            continue;
        }
        repo.stage("f", line(1));
        let ran = staged(&repo);
        assert!(ran.code == 1 || ran.code == 2, "{value}: {}{}", ran.out(), ran.err());
    }
}

#[test]
fn outside_a_repository_there_is_no_index() {
    let folder = TestRepo::plain();
    let ran = staged(&folder).exits(2);
    assert_eq!(ran.err().lines().count(), 1, "{}", ran.err());
    assert!(ran.err().contains("not in a git repository"), "{}", ran.err());
}

#[test]
fn settings_come_from_the_work_tree_and_apply() {
    let repo = TestRepo::new();
    repo.stage("vendor/f", line(1));
    repo.stage("g", format!("{} # leakstop:allow\n", line(2).trim_end()));
    finds(&repo, &["vendor/f:1"]);
    repo.write(".leakstop.toml", "exclude = [\"vendor/**\"]\n");
    is_clean(&repo);
    assert_eq!(staged(&repo).suppressed("inline"), 1);
    let ran = repo.json(&["staged", "--no-repo-config"]).exits(1);
    assert_eq!(ran.paths(), ["vendor/f"]);
}

#[test]
fn a_broken_index_or_head_is_an_error() {
    let repo = TestRepo::new();
    repo.stage("f", line(1));
    let index = std::fs::read(repo.path(".git/index")).unwrap();
    repo.write(".git/index", &index[..index.len() / 2]);
    let ran = staged(&repo).exits(2);
    assert!(!ran.err().is_empty());
    repo.write(".git/index", index);
    repo.write(".git/refs/heads/main", "1".repeat(40) + "\n");
    staged(&repo).exits(2);
}
