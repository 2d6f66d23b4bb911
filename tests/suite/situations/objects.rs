//! Objects that are hidden, elsewhere, missing, or of another kind than most.

use super::{found, made, only_history, places};
use crate::support::TestRepo;

const LEAK: &str = r#"echo "$S" > f; git add f; git commit -qm f;"#;
const GONE: &str = "git rm -q f; git commit -qm rm;";

#[test]
fn replacements_hide_nothing() {
    let repo = made(&format!(
        r"new; {LEAK} c=$(git rev-parse HEAD); {GONE}
        git replace $c $(git commit-tree -m clean -p HEAD~2 HEAD~2^{{tree}})"
    ));
    found(&repo, [&[], &[], &["f:1 in f"], &["f:1 in f"]]);
}

#[test]
fn grafts_hide_nothing() {
    let repo =
        made(&format!("new; git branch base; {LEAK} {GONE} git rev-parse HEAD > .git/info/grafts"));
    found(&repo, [&[], &[], &["f:1 in f"], &["f:1 in f"]]);
    let since = repo.json(&["history", "--since", "2000-01-01"]);
    assert_eq!(places(&since), ["f:1 in f"]);
    // Ranges leave out what they would without grafts.
    let range = repo.json(&["history", "base..HEAD"]);
    assert_eq!(range.report()["scan"]["commits"], 2);
}

#[test]
fn shallow_clones_are_told() {
    let repo = made(&format!(
        "new; {LEAK} echo x > x; git add x; git commit -qm x
        git clone -q --no-local --depth 1 . ../sh; git rm -q f; git commit -qm rm
        git clone -q --no-local --depth 1 . ../clean"
    ));
    for args in [&["history"][..], &["history", "HEAD"]] {
        let json = ["--format", "json"];
        let ran = repo.leakstop(["-C", "../sh"]).args(args).args(json).run();
        assert_eq!(places(&ran), ["f:1 in x"], "the whole tree of the boundary is new");
        assert_eq!(ran.skipped().len(), 1);
        let ran = repo.leakstop(["-C", "../clean"]).args(args).args(json).run().exits(0);
        assert!(ran.skipped()[0].ends_with(": shallow"), "{:?}", ran.skipped());
        assert_eq!(ran.report()["scan"]["complete"], false);
        let strict = repo.leakstop(["-C", "../clean"]).args(args).args(["--require-complete"]);
        strict.run().exits(2);
    }
}

#[test]
fn partial_clones_are_told() {
    let repo = made(&format!(
        "new; {LEAK} {GONE} git config uploadpack.allowFilter true
        git clone -q --no-local --filter=blob:none . ../pc
        git clone -q --no-local --filter=tree:0 --bare . ../trees"
    ));
    let run = |args: &[&str]| repo.leakstop(args).args(["--format", "json"]).run();
    let ran = run(&["-C", "../pc", "history"]).exits(2);
    assert_eq!(ran.skipped(), ["objects: missing"]);
    assert!(ran.out().contains("1 object not fetched"), "{}", ran.out());
    run(&["-C", "../pc", "history", "HEAD"]).exits(2);
    run(&["-C", "../trees", "history"]).exits(2);
    // Once all is there the clone is as good as any.
    let fetch = repo.program("git").args(["-C", "../pc", "rev-list", "--objects", "HEAD"]);
    let ids: Vec<String> = fetch.run().exits(0).out().lines().map(|l| l[..40].to_owned()).collect();
    for id in &ids {
        let git = repo.program("git").env("GIT_ALLOW_PROTOCOL", "file");
        git.args(["-C", "../pc", "cat-file", "-t", id]).run().exits(0);
    }
    assert_eq!(places(&run(&["-C", "../pc", "history"])), ["f:1 in f"]);
}

#[test]
fn alternates_are_followed_and_missed() {
    let repo = made(&format!(
        "new; {LEAK} {GONE} git clone -q -s . ../al; git clone -q -s . ../am
        echo /nowhere/objects > ../am/.git/objects/info/alternates"
    ));
    let run = |args: &[&str]| repo.leakstop(args).args(["--format", "json"]).run();
    assert_eq!(places(&run(&["-C", "../al", "history"])), ["f:1 in f"]);
    assert_eq!(places(&run(&["-C", "../al", "history", "HEAD"])), ["f:1 in f"]);
    let ran = run(&["-C", "../am", "history"]).exits(2);
    assert!(ran.skipped().contains(&"/nowhere/objects: missing".to_owned()), "{:?}", ran.skipped());
    run(&["-C", "../am", "history", "HEAD"]).exits(2);
    run(&["-C", "../am", "staged"]).exits(2);
}

/// The file of a loose object.
fn loose(repo: &TestRepo, name: &str) -> String {
    let id = repo.git(["rev-parse", name]);
    format!(".git/objects/{}/{}", &id[..2], &id[2..])
}

#[test]
fn corrupt_and_missing_objects_are_named_and_the_rest_is_read() {
    let names = ["HEAD:base", "HEAD^{tree}", "HEAD~1", "HEAD:clean"];
    for (missing, name) in [(true, names), (false, names)]
        .iter()
        .flat_map(|(missing, names)| names.iter().map(move |name| (*missing, *name)))
    {
        let repo = made(&format!("new; echo c > clean; git add clean; {LEAK}"));
        let id = repo.git(["rev-parse", name]);
        let file = loose(&repo, name);
        repo.remove(&file);
        if !missing {
            repo.write(&file, "bad");
        }
        let ran = repo.json(&["history"]).exits(1);
        let reason = if missing { "missing" } else { "corrupt" };
        let told = format!("{id}: {reason}");
        assert!(ran.skipped().contains(&told), "{name}: {told}: {:?}", ran.skipped());
        assert!(!ran.findings().is_empty(), "the rest is read");
        // Nothing else is left to be found: the loss alone is an error.
        repo.json(&["history", "--rules", "slack-bot-token"]).exits(2);
        assert!(matches!(repo.json(&["history", "HEAD"]).code, 1 | 2));
    }
}

#[test]
fn thousands_of_missing_objects_are_counted() {
    let repo = made(
        "new; for n in $(seq 1200); do echo $n > $n; done; git add .; git commit -qm many
        git clone -q --bare . ../bare; cd ../bare; git repack -q -a -d
        git rev-list --objects HEAD | grep -v ' [0-9]' | cut -c1-40 > keep
        git pack-objects -q objects/pack/pack < keep > name
        for p in objects/pack/pack-*; do case $p in *$(cat name)*) ;; *) rm -f $p;; esac; done",
    );
    let ran = repo.leakstop(["-C", "../bare", "history", "--format", "json"]).run().exits(2);
    assert_eq!(ran.skipped().len(), 1001);
    assert!(ran.out().contains("200 further objects"), "{}", ran.err());
}

#[test]
fn broken_refs_are_told() {
    let repo = made(&format!("new; {LEAK} {GONE} echo garbage > .git/refs/heads/broken"));
    let ran = repo.json(&["history"]).exits(1);
    assert!(!ran.skipped().is_empty());
    repo.json(&["history", "--rules", "slack-bot-token"]).exits(2);
}

#[test]
fn bare_repositories_are_history() {
    let repo = made(&format!("new; {LEAK} {GONE} git clone -q --bare . ../bare.git"));
    for args in [&["-C", "../bare.git", "scan"][..], &["-C", "../bare.git", "history"]] {
        let ran = repo.leakstop(args).args(["--format", "json"]).run();
        assert_eq!(places(&ran), ["f:1 in f"], "{args:?}");
    }
    assert_eq!(places(&repo.json(&["scan", "../bare.git"])), ["f:1 in f"]);
    repo.leakstop(["-C", "../bare.git", "staged"]).run().exits(2);
    // One that lies among other files is told, and not taken for the repository around it.
    let repo = made(&format!("new; {LEAK} {GONE} git clone -q --bare . inner.git"));
    let ran = repo.json(&["scan"]).exits(0);
    assert_eq!(ran.skipped(), ["inner.git: packed"]);
    repo.json(&["scan", "--require-complete"]).exits(2);
}

#[test]
fn linked_work_trees_share_history() {
    let repo = made(&format!(
        "new; git worktree add -q ../wt -b wt; cd ../wt; {LEAK} echo \"$S\" > g; git add g"
    ));
    let run = |args: &[&str]| {
        repo.leakstop(args).args(["--format", "json"]).within(repo.path("../wt")).run()
    };
    assert_eq!(places(&run(&["scan"])), ["f:1", "g:1"]);
    assert_eq!(places(&run(&["staged"])), ["g:1"]);
    assert_eq!(places(&run(&["history"])), ["f:1 in f"]);
    assert_eq!(places(&run(&["history", "HEAD"])), ["f:1 in f"]);
    found(&repo, [&[], &[], &["f:1 in f"], &[]]);
}

#[test]
fn submodules_are_no_objects_here() {
    let repo = made(
        r#"new; git init -q in; git -C in commit -q --allow-empty -m i; git add in 2>/dev/null
        printf '[submodule "in"]\n\tpath = in\n\turl = https://x:%s@example.com/r\n' "$T" \
            > .gitmodules; git add .gitmodules; git commit -qm gl"#,
    );
    let at = [".gitmodules:3"];
    let history = [".gitmodules:3 in gl"];
    found(&repo, [&at, &[], &history, &history]);
}

#[test]
fn links_are_text() {
    let repo = made(r#"new; ln -s "/x/$T" l; git add l; git commit -qm l"#);
    found(&repo, [&[], &[], &["l:1 in l"], &["l:1 in l"]]);
}

#[test]
fn paths_that_are_none() {
    let tree = |name: &str| {
        format!(
            r#"new; b=$(echo "$S" | git hash-object -w --stdin)
            t=$(printf '100644 {name}\0%b' "$(echo $b | sed 's/../\\x&/g')" |
                git hash-object -w -t tree --literally --stdin)
            git update-ref refs/heads/odd $(git commit-tree -m odd $t)"#
        )
    };
    for name in ["..", ".git", "../../up", "/etc/x"] {
        let repo = made(&tree(name));
        let expected = format!("{name}:1 in odd");
        assert_eq!(places(&repo.json(&["history"])), [&*expected]);
        assert_eq!(places(&repo.json(&["history", "odd"])), [&*expected]);
    }
}

#[test]
fn the_deepest_trees() {
    let repo = made(
        r#"new; b=$(echo "$S" | git hash-object -w --stdin)
        t=$(printf '100644 blob %s\tf\n' $b | git mktree); printf '%s' $t > top"#,
    );
    let mut tree = repo.read("top");
    repo.remove("top");
    for _ in 0..2100 {
        tree = repo
            .program("git")
            .args(["mktree"])
            .input(format!("040000 tree {tree}\td\n"))
            .run()
            .out();
        tree.truncate(40);
    }
    let commit = repo.git(["commit-tree", "-m", "deep", &tree]);
    repo.git(["update-ref", "refs/heads/deep", &commit]);
    for args in [&["history"][..], &["history", "deep"]] {
        let ran = repo.json(args);
        assert!(places(&ran)[0].starts_with("d/d/d/"), "{args:?}");
    }
}

#[test]
fn paths_that_differ_in_case_only() {
    let repo = made(
        r#"new; b=$(echo "$S" | git hash-object -w --stdin)
        git update-index --add --cacheinfo 100644,$b,File \
            --cacheinfo 100644,$(echo x | git hash-object -w --stdin),file; git commit -qm c"#,
    );
    only_history_and_head(&repo, "File:1 in c");
}

#[track_caller]
fn only_history_and_head(repo: &TestRepo, place: &str) {
    assert_eq!(places(&repo.json(&["history"])), [place]);
    assert_eq!(places(&repo.json(&["history", "HEAD"])), [place]);
}

#[test]
fn pruned_objects_leave_no_trace() {
    let repo = made(&format!("new; {LEAK} git reset -q --hard HEAD~1"));
    only_history(&repo, &["f:1 in f"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.git(["gc", "-q", "--prune=now"]);
    only_history(&repo, &[]);
}
