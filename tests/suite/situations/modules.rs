//! Submodules, and files that git-lfs keeps.

use super::{made, places};
use crate::support::TestRepo;

/// A repository with the submodule `lib/sub`, which has one of its own, and a leak in the past of both.
const NESTED: &str = r#"
leak() { echo "$S" > $1; git add $1; git commit -qm "$1"; git rm -q $1; git commit -qm "rm $1"; }
git init -q -b main ../deep; (cd ../deep; leak deep)
git init -q -b main ../sub; (cd ../sub; leak gone
  git -c protocol.file.allow=always submodule --quiet add ../deep in; git commit -qm in)
new; git -c protocol.file.allow=always submodule --quiet add ../sub lib/sub
git -c protocol.file.allow=always submodule --quiet update --init --recursive
git commit -qm modules
"#;

#[test]
fn the_history_of_submodules_is_read_on_request() {
    let repo = made(NESTED);
    assert_eq!(places(&repo.json(&["history"])), [""; 0]);
    let all = repo.json(&["history", "--recurse-submodules"]);
    assert_eq!(places(&all), ["lib/sub/gone:1 in gone", "lib/sub/in/deep:1 in deep"]);
    assert_eq!(all.skipped(), [""; 0]);
    // From a linked work tree, none of them is checked out.
    repo.git(["worktree", "add", "-q", "../linked"]);
    let linked = repo.leakstop(["history", "--recurse-submodules", "--format", "json"]);
    let linked = linked.within(repo.path("../linked")).run();
    let found = places(&linked);
    assert!(found.iter().any(|place| place.contains("sub/gone:1 in gone")), "{found:?}");
    // One that is no longer checked out is still kept.
    repo.git(["submodule", "--quiet", "deinit", "-f", "lib/sub"]);
    let kept = repo.json(&["history", "--recurse-submodules"]);
    assert_eq!(
        places(&kept),
        [".git/modules/lib/sub/gone:1 in gone", ".git/modules/lib/sub/modules/in/deep:1 in deep"]
    );
    // What it holds in turn is told, if it is not here.
    repo.program("rm").args(["-rf", ".git/modules/lib/sub/modules"]).run().exits(0);
    let absent = repo.json(&["history", "--recurse-submodules"]).exits(1);
    assert_eq!(absent.skipped(), ["lib/sub/in: missing"]);
    // One that is not even that is told.
    repo.program("rm").args(["-rf", ".git/modules"]).run().exits(0);
    let absent = repo.json(&["history", "--recurse-submodules"]).exits(2);
    assert_eq!(absent.skipped(), ["lib/sub: missing"]);
    repo.json(&["history", "--recurse-submodules", "HEAD"]).exits(2);
}

#[test]
fn one_that_is_not_here_is_told_though_another_is_named_alike() {
    let repo = made(
        r"git init -q -b main ../sub; (cd ../sub; echo f > f; git add f; git commit -qm f)
        new; for name in mylib lib; do
            git -c protocol.file.allow=always submodule --quiet add ../sub $name
        done; git commit -qm m; git submodule --quiet deinit -f lib; rm -rf .git/modules/lib",
    );
    let ran = repo.json(&["history", "--recurse-submodules"]).exits(2);
    assert_eq!(ran.skipped(), ["lib: missing"]);
}

#[test]
fn what_is_accepted_of_a_submodule_stays_so() {
    let repo = made(NESTED);
    let ran = repo.leakstop(["history", "--recurse-submodules", "--exclude", "lib/**"]);
    assert_eq!(places(&ran.args(["--format", "json"]).run()), [""; 0]);
    repo.write(".leakstop.toml", "[[allow]]\nreason = \"rotated\"\npaths = [\"lib/sub/in/**\"]\n");
    let ran = repo.json(&["history", "--recurse-submodules"]);
    assert_eq!(places(&ran), ["lib/sub/gone:1 in gone"]);
}

#[test]
fn files_that_submodules_track_though_ignored() {
    let repo = made(
        r#"git init -q -b main ../sub; (cd ../sub; echo f > .gitignore; echo "$S" > f
        git add -f f .gitignore; git commit -qm f)
        new; git -c protocol.file.allow=always submodule --quiet add ../sub sub"#,
    );
    assert_eq!(places(&repo.json(&["scan", "--recurse-submodules"])), ["sub/f:1"]);
    assert_eq!(places(&repo.json(&["scan"])), [""; 0]);
}

#[test]
fn a_submodule_that_leads_out_is_told() {
    let outside = TestRepo::new();
    outside.write("f", crate::support::secrets::line(2));
    outside.commit("elsewhere");
    let at = outside.path(".git");
    let at = at.to_str().expect("text");
    for dot in [format!("echo 'gitdir: {at}' > sub/.git"), format!("ln -s {at} sub/.git")] {
        let repo = made(&format!(
            r"new; git init -q sub; git -C sub commit -q --allow-empty -m i; git add sub
            git commit -qm sub; rm -rf sub/.git; {dot}"
        ));
        let ran = repo.json(&["history", "--recurse-submodules"]).exits(2);
        assert_eq!(ran.skipped(), ["sub: unreadable"]);
    }
}

/// Puts the content of `f` into git-lfs' store, and a pointer in its place.
const STORED: &str = r"
lfs() {
  sum=$(sha256sum < $1 | cut -c1-64); size=$(wc -c < $1)
  folder=.git/lfs/objects/${sum:0:2}/${sum:2:2}; mkdir -p $folder; mv $1 $folder/$sum
  printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %s\n' $sum $size > $1
}
";

#[test]
fn files_of_git_lfs_are_read_on_request() {
    let script = format!(
        r#"{STORED} new; mkdir d; echo "$S" > d/big; lfs d/big; git add .; git commit -qm big
        git rm -rq d; git commit -qm rm"#
    );
    let repo = made(&script);
    assert_eq!(places(&repo.json(&["history"])), [""; 0]);
    let ran = repo.json(&["history", "--lfs"]);
    assert_eq!(places(&ran), ["d/big:1 in big"]);
    assert_eq!(ran.skipped(), [""; 0]);
    // What nothing points at is still there.
    let orphan = made(&format!(r#"{STORED} new; echo "$S" > f; lfs f; rm f"#));
    let place = &places(&orphan.json(&["history", "--lfs"]))[0];
    assert!(place.starts_with(".git/lfs/objects/") && place.ends_with(":1"), "{place}");
    // What is pointed at and is not there is told.
    repo.program("rm").args(["-rf", ".git/lfs"]).run().exits(0);
    assert_eq!(repo.json(&["history", "--lfs"]).exits(2).skipped(), ["lfs/objects: missing"]);
    repo.json(&["history"]).exits(0);
    repo.json(&["history", "--lfs", "HEAD"]).exits(2);
}
