//! The index and the work tree.

use super::{found, made};

#[test]
fn partial_staging() {
    let repo = made(r#"new; echo "$S" > f; git add f; echo clean > f"#);
    found(&repo, [&[], &["f:1"], &["blob"], &[]]);
}

#[test]
fn intent_to_add() {
    let repo = made(r#"new; echo "$S" > f; git add -N f"#);
    found(&repo, [&["f:1"], &[], &[], &[]]);
}

#[test]
fn an_unborn_branch() {
    let repo = made(r#"git init -q -b main .; echo "$S" > f; git add f"#);
    for (mode, place) in [("scan", "f:1"), ("staged", "f:1"), ("history", "blob")] {
        assert_eq!(super::places(&repo.json(&[mode])), [place], "{mode}");
    }
    // A name that means nothing is an error, never an empty range.
    repo.json(&["history", "HEAD"]).exits(2);
}

#[test]
fn a_detached_head() {
    let repo = made(r#"new; git checkout -q --detach; echo "$S" > f; git add f; git commit -qm f"#);
    found(&repo, [&["f:1"], &[], &["f:1 in f"], &["f:1 in f"]]);
    assert_eq!(super::refs(&repo), ["HEAD"]);
    let since = repo.json(&["history", "--since", "2000-01-01"]);
    assert_eq!(super::places(&since), ["f:1 in f"]);
}

#[test]
fn a_conflict() {
    let repo = made(
        r#"new; git checkout -qb t; echo t > base; git commit -qam t; git checkout -q main
        echo "$S" > base; git commit -qam m; git merge t || true"#,
    );
    // The file that is to be mended, with its marks, is an object as well.
    found(&repo, [&["base:2"], &["base:1"], &["blob", "base:1 in m"], &["base:1 in m"]]);
}

#[test]
fn skipped_files_and_sparse_indexes() {
    let sparse = r#"new; mkdir a b; echo "$S" > a/f; echo x > b/f; git add .; git commit -qm f
        git sparse-checkout set --cone --sparse-index b"#;
    let repo = made(sparse);
    found(&repo, [&[], &[], &["a/f:1 in f"], &["a/f:1 in f"]]);
    // What is staged beside folders that are not checked out.
    let repo = made(&format!("{sparse}; echo \"$S\" > b/g; git add b/g"));
    assert_eq!(super::places(&repo.json(&["staged"])), ["b/g:1"]);
    for version in ["2", "3", "4"] {
        repo.git(["update-index", "--index-version", version]);
        assert_eq!(super::places(&repo.json(&["staged"])), ["b/g:1"], "version {version}");
    }
    // A folder that is not checked out may still be staged anew.
    let repo = made(&format!(
        "{sparse}; git rm -rq --cached --sparse a
        git read-tree --prefix=c/ $(git rev-parse HEAD:a)"
    ));
    assert_eq!(super::places(&repo.json(&["staged", "--whole-file"])), ["c/f:1"]);
}

#[test]
fn ignored_but_tracked_and_not_watched() {
    let repo = made(
        r#"new; echo f > .gitignore; echo "$S" > f; git add -f f .gitignore; git commit -qm f"#,
    );
    found(&repo, [&["f:1"], &[], &["f:1 in f"], &["f:1 in f"]]);
    for mark in ["--assume-unchanged", "--skip-worktree"] {
        let repo = made(&format!(
            r#"new; echo "$S" > f; git add f; git update-index {mark} f; echo clean > f"#
        ));
        found(&repo, [&[], &["f:1"], &["blob"], &[]]);
    }
}

#[test]
fn what_is_tracked_is_known_where_libgit2_reads_nothing() {
    let body = r#"echo f > .gitignore; echo "$S" > f; git add -f f .gitignore; git commit -qm f"#;
    for new in ["new --object-format=sha256", "new --ref-format=reftable"] {
        let repo = made(&format!("{new}; {body}"));
        assert_eq!(super::places(&repo.json(&["scan"])), ["f:1"], "{new}");
    }
    let repo = made(&format!("new; {body}; git worktree add -q ../linked -b linked"));
    let linked = repo.leakstop(["scan", "--format", "json"]).within(repo.path("../linked")).run();
    assert_eq!(super::places(&linked), ["f:1"]);
    // Where it is not known, that is told.
    let repo = made(&format!("new; {body}; git update-index --split-index; rm .git/sharedindex.*"));
    let ran = repo.json(&["scan"]).exits(2);
    assert!(ran.skipped()[0].ends_with(".git/index: unreadable"), "{:?}", ran.skipped());
}

#[test]
fn a_split_index_is_read_with_what_it_shares() {
    let base = "for i in $(seq 150); do echo $i > f$i; done; git add .; git commit -qm f";
    let split = "git update-index --split-index";
    for (new, version) in [("new", 2), ("new", 4), ("new --object-format=sha256", 2)] {
        let head =
            format!("{new}; git update-index --index-version {version} || true; {base}; {split}");
        for (change, staged) in [
            // New, changed, and in the place of another one.
            (r#"echo "$S" > a; git add a"#, &["a:1"][..]),
            (r#"echo "$S" > f7; git add f7"#, &["f7:1"]),
            (r#"git mv f9 g; echo "$S" >> g; git add g; git rm -q f8"#, &["g:2"]),
            (
                r#"echo "$S" > f150; git add f150; git rm -q f1 f2; echo x > z; git add z"#,
                &["f150:1"],
            ),
            (r#"echo "$S" > a; git add a; git rm -q --cached a"#, &[]),
            (r#"git commit -qm n --allow-empty; echo "$S" > f70; git add f70"#, &["f70:1"]),
        ] {
            let repo = made(&format!("{head}; {change}"));
            let ran = repo.json(&["staged"]);
            assert_eq!(super::places(&ran), staged, "{new} {version}: {change}: {}", ran.err());
            assert_eq!(ran.skipped(), [""; 0]);
        }
        let ignored = r#"echo f3 > .gitignore; git add .gitignore; echo "$S" > f3; git add f3"#;
        let repo = made(&format!("{head}; {ignored}"));
        assert_eq!(super::places(&repo.json(&["scan"])), ["f3:1"], "{new}");
    }
}
