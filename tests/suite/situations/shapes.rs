//! Shapes of history, and all that refers to it.

use super::{found, made, only_history, refs};
use crate::support::text;

#[test]
fn added_then_removed() {
    let repo = made(
        r#"new; echo "$S" > f; git add f; git commit -qm add; git rm -q f; git commit -qm rm"#,
    );
    found(&repo, [&[], &[], &["f:1 in add"], &["f:1 in add"]]);
}

#[test]
fn an_evil_merge() {
    let repo = made(
        r#"new; git checkout -qb t; echo t > t; git add t; git commit -qm t; git checkout -q main
        echo m > m; git add m; git commit -qm m; git merge -q --no-commit --no-ff t
        echo "$S" > new; git add new; git commit -qm merge"#,
    );
    found(&repo, [&["new:1"], &[], &["new:1 in merge"], &["new:1 in merge"]]);
}

#[test]
fn an_octopus_with_edits() {
    let repo = made(
        r#"new; for b in a b; do git checkout -qb $b main; echo $b > $b; git add $b
        git commit -qm $b; done; git checkout -q main; git merge -q --no-commit --no-ff a b
        echo "$S" > z; git add z; git commit -qm octo"#,
    );
    found(&repo, [&["z:1"], &[], &["z:1 in octo"], &["z:1 in octo"]]);
}

#[test]
fn a_rename_with_an_edit() {
    let repo = made(
        r#"new; seq 50 > a; git add a; git commit -qm a; git mv a b; echo "$S" >> b; git add b
        git commit -qm mv"#,
    );
    found(&repo, [&["b:51"], &[], &["b:51 in mv"], &["b:51 in mv"]]);
}

#[test]
fn a_commit_that_only_a_tag_holds() {
    let repo = made(
        r#"new; git checkout -q --detach; echo "$S" > f; git add f; git commit -qm f
        git tag v1; git checkout -q main"#,
    );
    only_history(&repo, &["f:1 in f"]);
    assert_eq!(refs(&repo), ["refs/tags/v1"]);
}

#[test]
fn tags_of_blobs_and_trees() {
    let repo = made(r#"new; git tag b1 $(echo "$S" | git hash-object -w --stdin)"#);
    only_history(&repo, &["blob"]);
    assert_eq!(refs(&repo), ["refs/tags/b1"]);
    let repo = made(
        r#"new; b=$(echo "$S" | git hash-object -w --stdin)
        git tag t1 $(printf '100644 blob %s\tf\n' $b | git mktree)"#,
    );
    only_history(&repo, &["blob"]);
    assert_eq!(refs(&repo), ["refs/tags/t1"]);
}

#[test]
fn refs_of_any_kind() {
    for name in ["refs/pull/1/head", "refs/hidden/x", "refs/remotes/o/b", "refs/replace-not/y"] {
        let repo = made(&format!(
            r#"new; git checkout -q --detach; echo "$S" > f; git add f; git commit -qm f
            git update-ref {name} HEAD; git checkout -q main"#
        ));
        only_history(&repo, &["f:1 in f"]);
        assert_eq!(refs(&repo), [name]);
    }
}

#[test]
fn messages_and_authors() {
    let repo = made(r#"new; git commit -q --allow-empty -m "m $S""#);
    let masked = "commit in m token = \"*";
    let ran = repo.json(&["history"]);
    assert!(super::places(&ran)[0].starts_with(masked), "{:?}", super::places(&ran));
    assert_eq!(super::places(&repo.json(&["history", "HEAD"])).len(), 1);
    let repo = made(r#"new; git tag -a v1 -m "t $S""#);
    only_history(&repo, &["tag"]);
    assert_eq!(refs(&repo), ["refs/tags/v1"]);
    assert_eq!(super::places(&repo.json(&["history", "v1"])), ["tag"]);
    let repo = made(r#"new; git commit -q --allow-empty --author "A $T <x@y>" -m f"#);
    found(&repo, [&[], &[], &["commit in f"], &["commit in f"]]);
    let repo = made(
        r#"new; GIT_COMMITTER_NAME="A $T" git commit -q --allow-empty -m f; rm -rf .git/logs"#,
    );
    found(&repo, [&[], &[], &["commit in f"], &["commit in f"]]);
}

#[test]
fn names_of_refs() {
    let repo = made(r#"new; git branch "b/$T"; rm -rf .git/logs"#);
    only_history(&repo, &["ref"]);
    let ran = repo.json(&["history"]);
    assert_eq!(text(&ran.findings()[0]["object"], "id"), repo.git(["rev-parse", "HEAD"]));
    assert_eq!(refs(&repo).len(), 1);
    repo.git(["pack-refs", "--all"]);
    only_history(&repo, &["ref"]);
}

#[test]
fn logs_of_refs() {
    let repo = made(
        r#"new; git update-ref -m "pull https://x:$T@example.com/r" refs/heads/b HEAD
        git update-ref --create-reflog -m "fetch $S" refs/heads/c HEAD"#,
    );
    only_history(&repo, &["reflog"]);
    assert_eq!(refs(&repo)[0], "refs/heads/b");
    let repo = made(
        r#"new; git worktree add -q ../linked -b linked
        cd ../linked; git commit -q --allow-empty -m x; git reset -q --hard HEAD~1
        GIT_REFLOG_ACTION="x $S" git reset -q --hard HEAD@{1}"#,
    );
    assert_eq!(super::places(&repo.json(&["history"])), ["reflog"]);
}

/// Whether the whole history tells a name by the tree it lies in, and a range of commits by the file that they add.
fn named(repo: &crate::support::TestRepo, tree: &str, file: &str) {
    assert_eq!(super::places(&repo.json(&["history"])), [tree]);
    assert_eq!(super::places(&repo.json(&["history", "HEAD"])), [file]);
}

#[test]
fn names_of_files_and_folders() {
    let repo = made(
        r#"new; echo x > "f-$T"; git add .; git commit -qm f; echo y > "f-$T"
        git commit -qam again; git rm -q "f-$T"; git commit -qm rm"#,
    );
    named(&repo, "tree in f", "f-****:1 in f");
    assert_eq!(refs(&repo), ["refs/heads/main"]);
    let repo = made(r#"new; mkdir "$T"; echo x > "$T/f"; git add .; git commit -qm f"#);
    named(&repo, "tree in f", "****/f:1 in f");
    // It has come with the folder, not with what the folder holds now, and however deep that is.
    let repo = made(
        r#"new; mkdir -p "$T/d"; echo x > "$T/d/f"; git add .; git commit -qm first
        echo y > "$T/a"; git add .
        GIT_AUTHOR_DATE=2026-02-03T04:05:06Z git commit -qm second"#,
    );
    assert_eq!(super::places(&repo.json(&["history"])), ["tree in first"]);
    assert_eq!(refs(&repo), ["refs/heads/main"]);
}

#[test]
fn notes() {
    let repo = made(r#"new; git notes add -m "n $S""#);
    let head = repo.git(["rev-parse", "HEAD"]);
    let place = format!("{head}:1 in Notes added by 'git notes add'");
    only_history(&repo, &[&place]);
    assert_eq!(refs(&repo), ["refs/notes/commits"]);
}

#[test]
fn stashes_of_any_age() {
    let repo = made(
        r#"new; echo "$S" > base; git stash -q; for n in 1 2 3; do echo $n > base
        git stash -q; done"#,
    );
    let ran = repo.json(&["history"]);
    assert!(super::places(&ran)[0].starts_with("base:1 in WIP on main"), "{}", ran.out());
    // Its index and its untracked files are commits of their own.
    let repo = made(r#"new; echo "$S" > u; git stash -q -u; echo x > base; git stash -q"#);
    let ran = repo.json(&["history"]);
    assert!(super::places(&ran)[0].starts_with("u:1 in untracked files"), "{}", ran.out());
}

#[test]
fn what_nothing_reaches() {
    let repo = made(
        r#"new; echo "$S" > f; git add f; git commit -qm f; git rm -q f
        git commit -q --amend --allow-empty -m f2"#,
    );
    only_history(&repo, &["f:1 in f"]);
    assert!(refs(&repo).is_empty());
    // In no log either, and packed.
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.git(["repack", "-q", "-a", "-d", "-k"]);
    only_history(&repo, &["f:1 in f"]);
    let repo = made(r#"new; echo "$S" | git hash-object -w --stdin; rm -f f"#);
    only_history(&repo, &["blob"]);
}

#[test]
fn one_blob_in_many_places() {
    let repo = made(
        r#"new; echo "$S" > a; git add a; git commit -qm a; cp a b; git add b; git commit -qm b"#,
    );
    found(&repo, [&["a:1", "b:1"], &[], &["a:1 in a", "b:1 in b"], &["a:1 in a", "b:1 in b"]]);
    assert_eq!(
        repo.json(&["history"]).report()["scan"]["blobs"],
        2,
        "each object once, and the first one"
    );
}
