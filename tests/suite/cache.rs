//! `history --cache`: the same report, from less reading.
//!
//! A run without a cache is the oracle. What is known is proved not to be read again by damaging it.

use std::fs;
use std::path::PathBuf;

use crate::support::secrets::{github, password};
use crate::support::{Ran, TestRepo, packing};

const CACHE: &str = "--cache=../cache";
const ALL: &[&str] = &["history", "--format", "json", "--show-suppressed"];

fn cached(repo: &TestRepo) -> Ran {
    repo.leakstop(ALL).args([CACHE]).run()
}

/// Runs with the cache; the report must be as if there were none. Returns what was said besides.
#[track_caller]
fn same(repo: &TestRepo) -> String {
    let plain = repo.run(ALL);
    let ran = cached(repo);
    assert_eq!((ran.code, ran.settled()), (plain.code, plain.settled()));
    ran.err()
}

fn ledger(repo: &TestRepo) -> PathBuf {
    let mut files = fs::read_dir(repo.path("../cache")).expect("a folder");
    let file = files.next().expect("a file").expect("readable").path();
    assert!(files.next().is_none(), "one file for a repository, and no temporary ones");
    file
}

/// Text without a find, long enough for deltas.
fn text(seed: u32) -> String {
    (0..400).map(|n| format!("line {} of {}\n", n * n, n / 9 * seed)).collect::<Vec<_>>().concat()
}

fn leak(seed: u64) -> String {
    format!("token = \"{}\"\n", github(seed))
}

/// A history with finds in files, old files, messages, archives and what nothing reaches.
fn rich() -> TestRepo {
    let repo = TestRepo::new();
    for n in 0..30 {
        repo.write("docs/long.txt", text(n));
        repo.write(format!("src/{n}.txt"), text(n + 100));
        repo.commit(&format!("step {n}"));
    }
    repo.write("src/old.py", leak(1));
    repo.commit("a leak");
    repo.remove("src/old.py");
    repo.commit("not any more");
    repo.write("conf/now.py", text(3) + &leak(2) + &leak(3));
    repo.commit(&format!("a leak beside, and {}", leak(4)));
    repo.write(
        "lib.zip",
        packing::zip(&[("in/side.py", leak(5).as_bytes())], packing::Zipped::Deflated),
    );
    repo.write("allowed.py", leak(6).trim_end().to_owned() + " # leakstop:allow\n");
    repo.commit("more");
    repo.git(["tag", "-a", "v1", "-m", &format!("tagged {}", leak(7))]);
    repo.write("dangling", leak(8));
    repo.git(["hash-object", "-w", "dangling"]);
    repo.remove("dangling");
    repo
}

#[test]
fn versions_of_what_was_found_are_read_along_their_chain() {
    let repo = TestRepo::new();
    for n in 0..900 {
        repo.write(format!("many/{n}.txt"), format!("{n}\n"));
    }
    repo.commit("many");
    for n in 0..4 {
        repo.write("conf/now.py", text(3) + &leak(1) + &format!("# {n}\n"));
        repo.commit("one more");
    }
    // Deltas of each other, side by side, in a pack of which all else is known.
    repo.git(["repack", "-adfq"]);
    assert_eq!(same(&repo), "");
    assert_eq!(same(&repo), "");
    repo.write("conf/now.py", text(4) + &leak(2));
    repo.commit("another");
    repo.git(["repack", "-adfq"]);
    assert_eq!(same(&repo), "");
}

#[test]
fn of_versions_that_hold_the_same_one_is_read() {
    let repo = TestRepo::new();
    for n in 0..20 {
        repo.write("conf/now.py", text(n + 3) + &leak(1) + &leak(2));
        repo.commit("one more");
    }
    let versions: Vec<String> = repo
        .git(["rev-list", "HEAD", "--", "conf/now.py"])
        .lines()
        .map(|id| format!("{id}:conf/now.py"))
        .collect();
    let blob = |version: &String| repo.git(["rev-parse", version]).trim().to_owned();
    let first = blob(versions.last().expect("the first commit"));
    same(&repo);
    let known = cached(&repo).settled();
    // A later one is not read again: it can be damaged, and nobody notices.
    let loose = |id: &str| repo.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    let middle = loose(&blob(&versions[9]));
    let whole = fs::read(&middle).expect("a loose object");
    fs::remove_file(&middle).expect("it is there");
    fs::write(&middle, b"no object").expect("writable");
    assert_eq!(cached(&repo).settled(), known);
    fs::remove_file(&middle).expect("it is there");
    fs::write(&middle, whole).expect("writable");
    // The first one is.
    let first = loose(&first);
    let whole = fs::read(&first).expect("a loose object");
    fs::remove_file(&first).expect("it is there");
    fs::write(&first, b"no object").expect("writable");
    assert_ne!(cached(&repo).settled(), known);
    fs::write(&first, whole).expect("writable");
    assert_eq!(same(&repo), "");
    // Where another history begins with a later one, that is where its value comes from there.
    let tree = repo.git(["rev-parse", "HEAD~9^{tree}"]).trim().to_owned();
    let other = repo.git(["commit-tree", "-m", "another start", &tree]).trim().to_owned();
    repo.git(["branch", "other", &other]);
    assert_eq!(same(&repo), "");
    assert_eq!(same(&repo), "");
    // And where the one that was reported is gone, a later one is read.
    repo.git(["checkout", "-q", "other"]);
    repo.git(["branch", "-qD", "main"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.git(["gc", "-q", "--prune=now"]);
    same(&repo);
    assert_eq!(same(&repo), "");
}

#[test]
fn a_second_audit_says_the_same() {
    let repo = rich();
    assert_eq!(same(&repo), "");
    let first = fs::read(ledger(&repo)).expect("a file");
    assert_eq!(same(&repo), "");
    assert_eq!(fs::read(ledger(&repo)).expect("a file"), first, "nothing new, nothing written");
}

#[test]
fn what_was_added_is_found_and_what_was_known_is_kept() {
    let repo = rich();
    repo.git(["repack", "-adq"]);
    same(&repo);
    let steps: &[(&str, &dyn Fn())] = &[
        ("nothing found", &|| repo.write("clean.txt", "clean\n")),
        ("a new one", &|| repo.write("new.py", leak(20))),
        ("an old one elsewhere", &|| repo.write("again/old.py", leak(1))),
        ("changed around", &|| repo.write("conf/now.py", text(3) + "x\n" + &leak(2) + &leak(3))),
        ("one is gone from HEAD", &|| repo.remove("new.py")),
        ("an unreachable one comes to a branch", &|| repo.write("dangling.py", leak(8))),
    ];
    for (step, change) in steps {
        change();
        repo.commit(step);
        assert_eq!(same(&repo), "", "{step}");
    }
    repo.git(["branch", "side", "HEAD~3"]);
    repo.git(["checkout", "-q", "side"]);
    repo.write("side.py", leak(21));
    repo.commit("on the side");
    same(&repo);
    repo.git(["checkout", "-q", "main"]);
    repo.git(["merge", "-q", "--no-edit", "side"]);
    same(&repo);
    repo.git(["tag", "name", "HEAD~1"]);
    repo.git(["branch", "-qD", "side"]);
    same(&repo);
    // A merge of histories that share nothing, and a tag of a folder.
    repo.git(["tag", "folder", "HEAD:conf"]);
    same(&repo);
}

#[test]
fn many_new_objects_are_remembered_too() {
    let repo = rich();
    same(&repo);
    let first = fs::metadata(ledger(&repo)).expect("a file").len();
    for n in 0..40 {
        repo.write(format!("more/{n}.txt"), text(n + 500));
        repo.write("more/leak.py", text(n) + &leak(30 + u64::from(n) / 20));
        repo.commit(&format!("more {n}"));
    }
    same(&repo);
    assert!(fs::metadata(ledger(&repo)).expect("a file").len() > first);
    same(&repo);
    repo.write("again.py", leak(30));
    repo.commit("again");
    same(&repo);
}

#[test]
fn repacking_changes_nothing() {
    let repo = rich();
    same(&repo);
    repo.git(["repack", "-adq"]);
    assert_eq!(same(&repo), "");
    repo.write("new.py", leak(20));
    repo.commit("new");
    repo.git(["repack", "-dq"]);
    assert_eq!(same(&repo), "");
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.git(["gc", "-q", "--prune=now"]);
    same(&repo);
    assert_eq!(same(&repo), "");
    // What held nothing is gone now.
    repo.git(["update-ref", "-d", "refs/tags/v1"]);
    repo.git(["reset", "-q", "--hard", "HEAD~3"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.git(["gc", "-q", "--prune=now"]);
    assert!(same(&repo).contains("are gone since the last audit"));
    assert_eq!(same(&repo), "");
}

#[test]
fn a_commit_that_held_something_itself_may_be_gone() {
    let repo = TestRepo::new();
    repo.write("f", leak(1));
    repo.commit(&leak(2));
    same(&repo);
    repo.git(["commit", "-q", "--amend", "-m", "another"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.git(["gc", "-q", "--prune=now"]);
    assert!(same(&repo).contains("are gone since the last audit"));
}

#[test]
fn what_is_known_is_not_read_again() {
    let repo = rich();
    let id = repo.git(["rev-parse", "HEAD:docs/long.txt"]);
    let path = repo.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    let before = cached(&repo);
    fs::remove_file(&path).expect("a loose object");
    fs::write(&path, "no object").expect("writable");
    let after = cached(&repo);
    assert_eq!(after.settled(), before.settled());
    // It would have been told of.
    assert_eq!(repo.run(ALL).skipped(), [format!("{id}: corrupt")]);
}

#[test]
fn what_could_not_be_read_is_read_the_next_time() {
    let repo = rich();
    repo.write("later.py", leak(9));
    repo.commit("later");
    let id = repo.git(["rev-parse", "HEAD:later.py"]);
    let path = repo.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    let good = fs::read(&path).expect("a loose object");
    fs::remove_file(&path).expect("ours");
    fs::write(&path, "no object").expect("writable");
    assert_eq!(cached(&repo).exits(1).skipped(), [format!("{id}: corrupt")]);
    same(&repo);
    fs::write(&path, good).expect("writable");
    same(&repo);
    assert!(cached(&repo).paths().contains(&"later.py".to_owned()));
}

#[test]
fn a_damaged_file_is_told_and_made_anew() {
    let repo = rich();
    same(&repo);
    let good = fs::read(ledger(&repo)).expect("a file");
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 4;
    for bad in [&flipped[..], &good[..good.len() / 2], b"", b"leakstop-seen-1\n"] {
        fs::write(ledger(&repo), bad).expect("writable");
        assert!(same(&repo).contains("it is damaged; all objects are read"));
        // Its lists stand in the order in which threads met things, so its bytes may differ; it is whole again.
        assert_eq!(same(&repo), "");
    }
}

#[test]
fn other_rules_and_settings_read_everything() {
    let repo = TestRepo::new();
    let other = format!("k{}_", 'q').repeat(2);
    repo.write("conf.txt", format!("{other}0123456789abcdef\n"));
    repo.commit("a word of no rule yet");
    same(&repo);
    let rule = format!(
        "[[rule]]\nid = \"own\"\nname = \"Own\"\ndescription = \"d\"\nkeywords = [\"{other}\"]\n\
         pattern = '''{other}(?<secret>[0-9a-f]{{16}})'''\nconfidence = \"likely\"\n\
         match = [[\"{other}\", \"0123456789abcdef\"]]\nno_match = [[\"{other}\", \"x\"]]\n"
    );
    repo.write(".leakstop.toml", rule);
    assert!(same(&repo).contains("it is of other rules, settings or another version"));
    let possible = [CACHE, "--min-confidence", "possible"];
    let ran = repo.leakstop(ALL).args(possible).run();
    assert!(ran.err().contains("of other rules"), "{}", ran.err());
}

#[test]
fn no_secret_is_written_down() {
    let repo = rich();
    let named = github(40);
    repo.write(format!("dir-{named}/{}.txt", password(41)), text(1) + &leak(42));
    repo.commit("a secret as a name");
    repo.git(["update-ref", &format!("refs/heads/{}", github(43)), "HEAD"]);
    assert_eq!(same(&repo), "");
    let file = fs::read(ledger(&repo)).expect("a file");
    let holds = |secret: &str| memchr::memmem::find(&file, secret.as_bytes()).is_some();
    for seed in (1..=8).chain(40..=43) {
        assert!(!holds(&github(seed)), "{seed}");
    }
    assert!(!holds(&password(41)));
    same(&repo);
}

#[test]
fn the_repository_is_not_written_to() {
    let repo = rich();
    for folder in ["--cache=.", "--cache=.git/cache", "--cache=new/folder", "--cache=../work/x/.."]
    {
        let ran = repo.leakstop(ALL).args([folder]).run().exits(2);
        assert!(ran.err().contains("nothing is written"), "{folder}: {}", ran.err());
    }
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    assert!(!repo.path("new").exists() && !repo.path(".git/cache").exists());
}

#[test]
fn an_untrusted_repository_is_read_as_a_whole() {
    let repo = rich();
    let ran = repo.leakstop(ALL).args([CACHE, "--no-repo-config"]).run().exits(1);
    assert!(ran.err().contains("--cache is left aside"), "{}", ran.err());
    assert!(!repo.path("../cache").exists());
    let refused = repo.leakstop(ALL).args([CACHE, "HEAD"]).run().exits(2);
    assert!(refused.err().contains("cannot be used with"), "{}", refused.err());
}

#[test]
fn the_users_own_folder_is_the_default() {
    let repo = rich();
    let run = || repo.leakstop(ALL).args(["--cache"]);
    let own = repo.path("../elsewhere");
    run().env("XDG_CACHE_HOME", &own).run().exits(1);
    assert_eq!(fs::read_dir(own.join("leakstop")).expect("a folder").count(), 1);
    run().run().exits(1);
    if cfg!(target_os = "linux") {
        assert!(repo.path("../.cache/leakstop").exists());
    }
    // It is no part of a report where nothing can be kept.
    let blocked = repo.path("../file");
    fs::write(&blocked, "").expect("writable");
    let ran = run().env("XDG_CACHE_HOME", &blocked).run().exits(1);
    assert!(ran.err().contains("nothing is remembered"), "{}", ran.err());
}

#[test]
fn audits_at_the_same_time_do_not_disturb_each_other() {
    let repo = rich();
    let plain = repo.run(ALL).settled();
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| cached(&repo))).collect();
        for run in runs {
            let ran = run.join().expect("no panic");
            assert_eq!((ran.settled(), ran.err()), (plain.clone(), String::new()));
        }
    });
    assert_eq!(same(&repo), "");
}
