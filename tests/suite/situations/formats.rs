//! Repositories with SHA-256 ids, and those that keep refs in tables: the same is found there.

use super::{found, made, places, refs};
use crate::support::secrets::{github, line};
use crate::support::{LEAKSTOP, TestRepo, text};

/// What makes `git init` choose each format.
const FORMATS: [&str; 3] = [
    "export GIT_DEFAULT_HASH=sha256;",
    "export GIT_DEFAULT_REF_FORMAT=reftable;",
    "export GIT_DEFAULT_HASH=sha256 GIT_DEFAULT_REF_FORMAT=reftable;",
];

/// The same script in each format.
fn each(script: &str) -> impl Iterator<Item = TestRepo> {
    FORMATS.into_iter().map(move |format| made(&format!("{format} {script}")))
}

#[test]
fn what_is_staged() {
    for repo in each(r#"new; echo "$S" > f; git add f; echo clean > f"#) {
        found(&repo, [&[], &["f:1"], &["blob"], &[]]);
    }
    for repo in each(r#"git init -q -b main .; echo "$S" > f; git add f"#) {
        assert_eq!(places(&repo.json(&["staged"])), ["f:1"]);
    }
    // A sparse index, a conflict, an index of another name.
    for repo in each(
        r#"new; mkdir a b; echo x > a/f; echo x > b/f; git add .; git commit -qm f
        git sparse-checkout set --cone --sparse-index b; echo "$S" > b/g; git add b/g"#,
    ) {
        assert_eq!(places(&repo.json(&["staged"])), ["b/g:1"]);
    }
    for repo in each(
        r#"new; git checkout -qb t; echo t > base; git commit -qam t; git checkout -q main
        echo "$S" > base; git commit -qam m; git merge t || true"#,
    ) {
        assert_eq!(places(&repo.json(&["staged"])), ["base:1"]);
    }
}

#[test]
fn what_history_holds() {
    let leak = r#"echo "$S" > f; git add f; git commit -qm f; git rm -q f; git commit -qm rm"#;
    for repo in each(&format!("new; {leak}")) {
        for _ in 0..2 {
            found(&repo, [&[], &[], &["f:1 in f"], &["f:1 in f"]]);
            assert_eq!(refs(&repo), ["refs/heads/main"]);
            repo.git(["gc", "-q"]);
        }
    }
    for repo in each(
        r#"new; git checkout -qb t; echo t > t; git add t; git commit -qm t; git checkout -q main
        echo m > m; git add m; git commit -qm m; git merge -q --no-commit --no-ff t
        echo "$S" > new; git add new; git commit -qm merge"#,
    ) {
        found(&repo, [&["new:1"], &[], &["new:1 in merge"], &["new:1 in merge"]]);
    }
    for repo in each(
        r#"new; git checkout -q --detach; echo "$S" > f; git add f; git commit -qm f
        git tag -a v1 -m v1; git checkout -q main"#,
    ) {
        assert_eq!(places(&repo.json(&["history"])), ["f:1 in f"]);
        assert_eq!(refs(&repo), ["refs/tags/v1"]);
        for name in ["v1", "tags/v1", "refs/tags/v1", "main..v1", "v1^0", "^main", "v1...main"] {
            let expected: &[&str] = if name == "^main" { &[] } else { &["f:1 in f"] };
            assert_eq!(places(&repo.json(&["history", name])), expected, "{name}");
        }
        repo.json(&["history", "v2"]).exits(2);
        repo.json(&["history", "v1~5"]).exits(2);
    }
}

#[test]
fn what_is_in_no_file() {
    for repo in each(r#"new; git commit -q --allow-empty --author "A $T <x@y>" -m f"#) {
        found(&repo, [&[], &[], &["commit in f"], &["commit in f"]]);
    }
    for repo in each(r#"new; git branch "b/$T""#) {
        assert_eq!(places(&repo.json(&["history"])), ["ref"]);
    }
    for repo in each(
        r#"new; git update-ref -m "pull https://x:$T@example.com/r" --create-reflog \
            refs/heads/b HEAD"#,
    ) {
        assert_eq!(places(&repo.json(&["history"])), ["reflog"]);
        assert_eq!(refs(&repo), ["refs/heads/b"]);
    }
    for repo in each(r#"new; mkdir "$T"; echo x > "$T/f"; git add .; git commit -qm f"#) {
        assert_eq!(places(&repo.json(&["history"])), ["tree in f"]);
    }
    for repo in each(r#"new; git notes add -m "n $S"; git stash list"#) {
        assert_eq!(places(&repo.json(&["history"])).len(), 1);
        assert_eq!(refs(&repo), ["refs/notes/commits"]);
    }
}

#[test]
fn other_work_trees() {
    for repo in each(
        r#"new; git worktree add -q ../wt -b wt; cd ../wt; echo "$S" > f; git add f
        git commit -qm f; echo "$S" > g; git add g"#,
    ) {
        let run = |args: &[&str]| {
            let ran = repo.leakstop(args).args(["--format", "json"]);
            places(&ran.within(repo.path("../wt")).run())
        };
        assert_eq!(run(&["staged"]), ["g:1"]);
        assert_eq!(run(&["history"]), ["f:1 in f"]);
        assert_eq!(run(&["history", "HEAD"]), ["f:1 in f"]);
        assert_eq!(places(&repo.json(&["history", "HEAD"])), [""; 0]);
        assert_eq!(places(&repo.json(&["history", "wt"])), ["f:1 in f"]);
    }
}

#[test]
fn hooks_on_both_sides() {
    for repo in each("new; git init -q --bare ../origin.git; git remote add o ../origin.git") {
        repo.git(["push", "-q", "o", "main"]);
        repo.leakstop(["install"]).run().exits(0);
        repo.stage("f", line(1));
        for args in [&["commit", "-qm", "x"][..], &["commit", "-qam", "x"]] {
            let ran = repo.program("git").args(args).run().exits(1);
            assert!(ran.err().contains("github-pat-classic"), "{}", ran.err());
        }
        repo.git(["commit", "-q", "--no-verify", "-m", "x"]);
        let push = |args: &[&str]| repo.program("git").args(["push", "-q"]).args(args).run();
        let ran = push(&["o", "main"]);
        assert!(ran.code != 0 && ran.tells("github-pat-classic"), "{ran:?}");
        push(&["o", "main~1:refs/heads/fine"]).exits(0);
        let script = format!("#!/bin/sh\nexec '{LEAKSTOP}' hook pre-receive\n");
        repo.write("../origin.git/hooks/pre-receive", script);
        repo.program("chmod").args(["+x", "../origin.git/hooks/pre-receive"]).run().exits(0);
        let ran = push(&["--no-verify", "o", "main"]);
        assert!(ran.code != 0 && ran.tells("github-pat-classic"), "{ran:?}");
        push(&["--no-verify", "o", "main~1:refs/heads/more", ":fine"]).exits(0);
        assert!(!ran.tells(&github(1)));
    }
}

#[test]
fn accepted_findings_stay_accepted() {
    for repo in each(r#"new; echo "$S" > f; git add f; git commit -qm f"#) {
        repo.leakstop(["baseline", "create", "--history"]).run().exits(0);
        for args in [&["scan"][..], &["history"], &["history", "HEAD"]] {
            repo.json(args).exits(0);
        }
    }
}

#[test]
fn damaged_tables_are_told() {
    let damages = [
        "echo x >> \"$t\"",
        ": > \"$t\"",
        "rm -f \"$t\"",
        "rm -f .git/reftable/tables.list",
        "printf 'REFT' > \"$t\"",
        "echo ../../outside.ref >> .git/reftable/tables.list",
    ];
    for damage in damages {
        let repo = made(&format!(
            r#"export GIT_DEFAULT_REF_FORMAT=reftable; new; echo "$S" > f; git add f
            git commit -qm f; git rm -q f; git commit -qm rm
            t=.git/reftable/$(tail -n1 .git/reftable/tables.list); chmod u+w "$t"; {damage}"#
        ));
        let ran = repo.json(&["history"]).exits(1);
        assert!(!ran.skipped().is_empty(), "{damage}: what no ref tells is still found");
        repo.json(&["history", "--rules", "slack-bot-token"]).exits(2);
        assert_ne!(repo.json(&["history", "--since", "2000-01-01"]).code, 0, "{damage}");
        assert_ne!(repo.json(&["staged", "--rules", "slack-bot-token"]).code, 1, "{damage}");
    }
}

#[test]
fn a_format_that_is_neither_is_refused() {
    for (key, value) in [("objectFormat", "sha512"), ("refStorage", "sqlite"), ("future", "1")] {
        let repo = made(r#"new; echo "$S" > f; git add f; git commit -qm f"#);
        repo.git(["config", "core.repositoryformatversion", "1"]);
        repo.git(["config", &format!("extensions.{key}"), value]);
        for mode in [&["staged"][..], &["history"], &["history", "HEAD"]] {
            let ran = repo.json(mode).exits(2);
            assert!(!ran.err().is_empty(), "{key}: {mode:?}");
        }
        assert_eq!(places(&repo.json(&["scan"])), ["f:1"]);
    }
}

#[test]
fn ids_are_written_in_full() {
    let repo = made(&format!("{} new; git commit -q --allow-empty -m \"m $S\"", FORMATS[0]));
    let ran = repo.json(&["history"]).exits(1);
    let finding = &ran.findings()[0];
    assert_eq!(text(&finding["object"], "id"), repo.git(["rev-parse", "HEAD"]));
    assert_eq!(text(&finding["commit"], "id").len(), 64);
}
