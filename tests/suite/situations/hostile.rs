//! Repositories that are not ours.

use super::{found, made, places};
use crate::support::{TestRepo, left_out};

#[test]
fn foreign_owners_hide_nothing() {
    let repo = made(
        r#"new; echo "$S" > f; git add f; git commit -qm f; echo "$S $S" > g; git add g; rm g"#,
    );
    let chown = repo.program("chown").args(["-R", "12345:12345", "."]).run();
    if chown.code != 0 {
        return left_out("only root gives files away");
    }
    let git = repo.program("git").args(["log"]).run();
    assert!(git.err().contains("dubious ownership"), "git itself refuses it");
    found(&repo, [&["f:1"], &["g:1"], &["blob", "f:1 in f"], &["f:1 in f"]]);
    // What writes, writes only where it has been told that it may.
    let ran = repo.run(["install"]).exits(2);
    assert!(ran.err().contains("safe.directory"), "{}", ran.err());
    assert!(!repo.path(".git/hooks/pre-commit").exists());
}

#[test]
fn nothing_outside_is_scanned() {
    let outside = TestRepo::plain();
    outside.write("secret", crate::support::secrets::line(2));
    let at = outside.root().to_str().expect("text");
    let repo = made(&format!(
        r#"new; git config core.worktree {at}; git config include.path {at}/secret
        ln -s {at} link; ln -s {at}/secret file; echo "$S" > f"#
    ));
    assert_eq!(places(&repo.json(&["scan"])), ["f:1"]);
    let before = std::fs::read(outside.path("secret")).expect("it is there");
    for args in [&["staged"][..], &["history"], &["history", "HEAD"]] {
        let ran = repo.json(args);
        assert!(ran.code != 1, "{args:?}: {}", ran.out());
    }
    assert_eq!(std::fs::read(outside.path("secret")).expect("it is there"), before);
}

#[test]
fn a_git_file_that_leads_nowhere_is_an_error() {
    let repo = made(r#"echo "$S" > f; echo 'gitdir: /nowhere' > .git"#);
    assert_eq!(places(&repo.json(&["scan"])), ["f:1"]);
    for args in [&["staged"][..], &["history"]] {
        repo.json(args).exits(2);
    }
}
