//! What once went wrong: repositories, files and users that the program did not expect.
//!
//! In: a repository made to do harm. Out: what the program makes of it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::support::TestRepo;
use crate::support::secrets::{github, line};

/// Writes an object as it is claimed to be; its id is that of the claim.
fn put(repo: &TestRepo, kind: &str, size: usize, body: &[u8]) -> String {
    use sha1::{Digest, Sha1};
    let whole = [format!("{kind} {size}\0").as_bytes(), body].concat();
    let id = data_encoding::HEXLOWER.encode(&Sha1::digest(&whole));
    let path = repo.path(".git/objects").join(&id[..2]);
    std::fs::create_dir_all(&path).expect("writable");
    let packed = sirocco::compress(sirocco::Format::Zlib, sirocco::deflate::Level::DEFAULT, &whole);
    std::fs::write(path.join(&id[2..]), packed).expect("writable");
    id
}

/// The same with the size it has.
fn honest(repo: &TestRepo, kind: &str, body: &[u8]) -> String {
    put(repo, kind, body.len(), body)
}

/// A commit of `tree`.
fn commit(repo: &TestRepo, tree: &str) -> String {
    let who = "A U Thor <a@example.com> 1700000000 +0000";
    let body = format!("tree {tree}\nauthor {who}\ncommitter {who}\n\nmessage\n");
    honest(repo, "commit", body.as_bytes())
}

/// An entry of a tree.
fn entry(mode: &str, name: &str, id: &str) -> Vec<u8> {
    let id = data_encoding::HEXLOWER.decode(id.as_bytes()).expect("an id");
    [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &id].concat()
}

fn remove_object(repo: &TestRepo, id: &str) {
    let path = repo.path(".git/objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(path).expect("a loose object");
}

#[test]
fn thousands_of_findings_on_one_line_are_told_apart() {
    let repo = TestRepo::plain();
    let count = 20_000;
    let text = (0..count).fold(String::new(), |mut text, n| {
        let _ = write!(text, "a=\"{}\";", github(n));
        text
    });
    repo.write("one.js", text);
    let found = repo.json(&["scan"]).exits(1).findings();
    assert_eq!(found.len() as u64, count);
    assert!(found.iter().all(|f| f["start_line"] == 1));
}

#[test]
fn old_findings_of_a_very_long_line_stay_old() {
    let repo = TestRepo::new();
    let many = |range: std::ops::Range<u64>| {
        range.fold(String::new(), |mut text, n| {
            let _ = write!(text, "a{n}=\"{}\";", github(n));
            text
        })
    };
    repo.write("one.js", many(0..3000));
    repo.commit("minified");
    let (front, back) = (many(0..1500), many(1500..3000));
    // New ones in the middle, and the halves in another order.
    repo.stage("one.js", [back, many(9000..9003), front].concat());
    let found = repo.json(&["staged"]).exits(1).findings();
    // Where the order changes, the bytes around a finding do too.
    assert!((3..=7).contains(&found.len()), "{}", found.len());
}

#[test]
fn an_allow_comment_counts_on_a_very_long_line_and_above_it() {
    let repo = TestRepo::plain();
    let far = " ".repeat(100_000);
    let mark = ["leakstop", ":allow"].concat();
    repo.write("same.js", format!("{far}a=\"{}\" // {mark}{far}", github(1)));
    repo.write("far.js", format!("// {mark}{far}a=\"{}\"", github(2)));
    let above = ["kingfisher", ":ignore"].concat();
    repo.write("above.js", format!("{far}{above}\n{far}a=\"{}\"", github(3)));
    assert_eq!(repo.json(&["scan"]).exits(1).paths(), ["far.js"]);
}

#[test]
fn an_object_that_claims_to_be_huge_is_refused_at_once() {
    let repo = TestRepo::new();
    let id = put(&repo, "blob", 10 << 30, b"short");
    repo.git(["update-index", "--add", "--cacheinfo", &format!("100644,{id},huge")]);
    let ran = repo.json(&["staged"]).exits(2);
    assert_eq!(ran.report()["scan"]["complete"], false);
    let tree = honest(&repo, "tree", &entry("100644", "huge", &id));
    let commit = commit(&repo, &tree);
    repo.json(&["history", &commit]).exits(2);
    repo.json(&["history"]).exits(2);
}

#[test]
fn a_tree_with_too_many_paths_ends_and_still_tells_the_secret() {
    let repo = TestRepo::new();
    let blob = honest(&repo, "blob", line(1).as_bytes());
    let mut tree = honest(&repo, "tree", &entry("100644", "a.py", &blob));
    // 3 to the power of 12: more than is looked at, yet a test that ends soon.
    for _ in 0..12 {
        let entries: Vec<u8> =
            ["a", "b", "c"].iter().flat_map(|name| entry("40000", name, &tree)).collect();
        tree = honest(&repo, "tree", &entries);
    }
    let commit = commit(&repo, &tree);
    repo.git(["update-ref", "refs/heads/bomb", &commit]);
    for revisions in [&["history"][..], &["history", "bomb"]] {
        let ran = repo.json(revisions).exits(1);
        assert_eq!(ran.report()["scan"]["complete"], false);
        assert!(!ran.findings().is_empty());
    }
}

#[test]
fn a_partial_clone_is_never_complete() {
    let repo = TestRepo::new();
    repo.git(["config", "remote.origin.promisor", "true"]);
    remove_object(&repo, &repo.git(["rev-parse", "HEAD:base"]));
    let ran = repo.json(&["history"]).exits(2);
    assert!(ran.out().contains("partial clone"), "{}", ran.out());
}

#[test]
fn a_branch_that_points_nowhere_is_told_though_nothing_was_found() {
    let repo = TestRepo::new();
    repo.write(".git/refs/heads/gone", "1".repeat(40) + "\n");
    let ran = repo.json(&["history"]).exits(2);
    assert_eq!(ran.skipped().len(), 1);
    repo.write("base", "more\n");
    repo.remove(".git/refs/heads/gone");
    repo.commit("more");
    repo.json(&["history"]).exits(0);
    remove_object(&repo, &repo.git(["rev-parse", "HEAD"]));
    repo.json(&["history"]).exits(2);
}

/// Something that breaks a repository.
type Break = fn(&TestRepo);

#[test]
fn findings_are_reported_though_refs_or_folders_are_broken() {
    let broken: [(&str, Break); 4] = [
        ("packed-refs", |repo| repo.write(".git/packed-refs", b"\xff\0garbage\n\xfe")),
        ("loop", |repo| {
            repo.write(".git/refs/heads/a", "ref: refs/heads/b\n");
            repo.write(".git/refs/heads/b", "ref: refs/heads/a\n");
            repo.write(".git/HEAD", "ref: refs/heads/a\n");
        }),
        ("tree", |repo| remove_object(repo, &repo.git(["rev-parse", "HEAD^{tree}"]))),
        ("commit", |repo| {
            let id = honest(repo, "commit", b"author nobody\n\nno tree\n");
            repo.write(".git/HEAD", id + "\n");
        }),
    ];
    for (name, damage) in broken {
        let repo = TestRepo::new();
        repo.write("a.py", line(1));
        repo.commit("a");
        damage(&repo);
        let ran = repo.json(&["history"]).exits(1);
        assert_eq!(ran.report()["scan"]["complete"], false, "{name}");
        assert_eq!(ran.findings().len(), 1, "{name}");
    }
}

#[test]
fn a_million_threads_are_not_started() {
    let repo = TestRepo::new();
    for mode in ["scan", "history", "staged"] {
        repo.json(&[mode, "--threads", "1000000"]).exits(0);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_a_scan_that_waits_for_input() {
    let repo = TestRepo::plain();
    let mut command = repo.leakstop(["stdin"]).command();
    let command = command.stdin(Stdio::piped()).stderr(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("it is piped");
    // When it has read this much, it listens to signals.
    input.write_all(&vec![b' '; 1 << 20]).expect("it reads");
    let kill = repo.program("kill").args(["-INT", &child.id().to_string()]).run();
    assert_eq!(kill.code, 0);
    assert_eq!(child.wait().expect("our child").code(), Some(130));
    drop(input);
    assert!(std::fs::read_dir(Path::new(repo.root())).expect("a folder").next().is_none());
}

#[test]
fn what_is_named_like_an_object_is_opened_where_no_repository_is() {
    let repo = TestRepo::new();
    let name = format!("fixtures/objects/ab/{}", "1".repeat(38));
    let text = line(1);
    let packed =
        sirocco::compress(sirocco::Format::Zlib, sirocco::deflate::Level::DEFAULT, text.as_bytes());
    repo.write(&name, packed);
    let ran = repo.leakstop(["scan"]).run().exits(1);
    assert!(ran.out().contains("github-pat-classic"), "{}", ran.out());
}

#[test]
fn an_interrupted_scan_changes_no_baseline() {
    let repo = TestRepo::new();
    repo.write("a.txt", line(1));
    repo.run(["baseline", "create"]).exits(0);
    let before = repo.read(".secrets.baseline");
    // Long enough to be interrupted: what is encoded costs most.
    let long = data_encoding::HEXLOWER.encode(&[7; 4096]).repeat(1536);
    for number in 0..8 {
        repo.write(format!("f{number:02}"), &long);
    }
    let mut command = repo.leakstop(["baseline", "update", "--threads", "1"]).command();
    let command = command.stderr(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    // It listens to signals before it reads the first file.
    std::thread::sleep(std::time::Duration::from_millis(700));
    let kill = repo.program("kill").args(["-INT", &child.id().to_string()]).run();
    assert_eq!(kill.code, 0);
    let status = child.wait().expect("our child").code();
    assert_eq!(status, Some(130));
    assert_eq!(repo.read(".secrets.baseline"), before);
}

#[test]
fn a_file_named_like_a_token_is_masked_as_what_is_scanned() {
    let repo = TestRepo::new();
    let name = format!("{}.py", github(2));
    repo.write(&name, line(1));
    for format in ["json", "jsonl", "markdown", "html", "human"] {
        let ran = repo.run(["scan", &name, "--format", format]).exits(1);
        assert!(!ran.tells(&github(2)), "{format}");
    }
}
