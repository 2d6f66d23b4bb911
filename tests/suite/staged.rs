//! `leakstop staged`: what the next commit adds, in every state an index can be in.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::secrets::{github, line};
use crate::support::{Ran, TestRepo, left_out, text};

fn staged(repo: &TestRepo) -> Ran {
    repo.json(&["staged"])
}

/// Nothing is found, and nothing went wrong.
#[track_caller]
fn is_clean(repo: &TestRepo) {
    let ran = staged(repo).exits(0);
    assert_eq!(ran.places(), Vec::<String>::new());
}

/// Secrets are found in just these places.
#[track_caller]
fn finds(repo: &TestRepo, places: &[&str]) {
    let expected: Vec<String> =
        places.iter().map(|place| format!("{place} github-pat-classic")).collect();
    assert_eq!(staged(repo).exits(1).places(), expected);
}

#[test]
fn the_index_counts_and_not_the_work_tree() {
    let repo = TestRepo::new();
    repo.stage("f", line(1));
    repo.write("f", "clean\n");
    finds(&repo, &["f:1"]);
    repo.stage("f", "clean\n");
    repo.write("f", line(1));
    is_clean(&repo);
}

#[test]
fn an_intent_to_add_stages_nothing() {
    let repo = TestRepo::new();
    repo.write("f", line(1));
    repo.git(["add", "-N", "f"]);
    is_clean(&repo);
    repo.git(["add", "f"]);
    finds(&repo, &["f:1"]);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let repo = TestRepo::unborn();
    is_clean(&repo);
    repo.stage("f", line(1));
    finds(&repo, &["f:1"]);
}

#[test]
fn a_detached_head_is_a_head() {
    let repo = TestRepo::new();
    repo.git(["checkout", "-q", "--detach"]);
    repo.stage("f", line(1));
    finds(&repo, &["f:1"]);
}

#[test]
fn only_changed_lines_are_new() {
    let repo = TestRepo::new();
    repo.write("f", format!("one\n{}two\n", line(1)));
    repo.commit("f");
    repo.stage("f", format!("zero\none\n{}three\n", line(1)));
    is_clean(&repo);
    let whole = repo.json(&["staged", "--whole-file"]).exits(1);
    assert_eq!(whole.places(), ["f:3 github-pat-classic"]);
    repo.stage("f", format!("one\n  {}two\n", line(1)));
    finds(&repo, &["f:2"]);
    repo.stage("f", format!("one\n{}{}two\n", line(1), line(2)));
    finds(&repo, &["f:3"]);
}

#[test]
fn line_ends_alone_make_no_secret_new() {
    let repo = TestRepo::new();
    repo.write("f", format!("one\n{}two\n", line(1)));
    repo.commit("f");
    repo.stage("f", format!("one\n{}two\n", line(1)).replace('\n', "\r\n"));
    is_clean(&repo);
}

#[test]
fn renames_introduce_nothing_by_themselves() {
    let repo = TestRepo::new();
    let body: String = (1..50).map(|n| format!("line {n}\n")).collect();
    repo.write("old", format!("{}{body}", line(1)));
    repo.commit("old");
    repo.git(["mv", "old", "new"]);
    is_clean(&repo);
    repo.stage("new", format!("{}{body}more\n", line(1)));
    is_clean(&repo);
    repo.stage("new", format!("{}{body}{}", line(1), line(2)));
    finds(&repo, &["new:51"]);
}

#[test]
fn a_copy_is_new() {
    let repo = TestRepo::new();
    repo.write("old", line(1));
    repo.commit("old");
    repo.stage("copy", line(1));
    finds(&repo, &["copy:1"]);
}

#[test]
fn a_deletion_is_clean() {
    let repo = TestRepo::new();
    repo.write("f", line(1));
    repo.commit("f");
    repo.git(["rm", "-q", "f"]);
    is_clean(&repo);
}

#[test]
fn a_change_of_mode_is_clean() {
    let repo = TestRepo::new();
    repo.write("f", line(1));
    repo.commit("f");
    repo.git(["update-index", "--chmod=+x", "f"]);
    is_clean(&repo);
}

#[test]
fn merges_bring_what_is_new_to_both_sides() {
    let repo = TestRepo::new();
    repo.write("shared", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    repo.commit("shared");
    repo.git(["checkout", "-qb", "topic"]);
    repo.write("topic", line(1));
    repo.write("shared", format!("1\n2\n3\n4\n5\n6\n7\n8\n9\n{}", line(2)));
    repo.commit("topic");
    repo.git(["checkout", "-q", "main"]);
    repo.write("shared", format!("{}1\n2\n3\n4\n5\n6\n7\n8\n9\n", line(3)));
    repo.commit("main");
    repo.git(["merge", "-q", "--no-commit", "--no-ff", "topic"]);
    // Both secrets of `shared` and all of `topic` stand in a parent already.
    is_clean(&repo);
    repo.stage("evil", line(4));
    let merged = repo.read("shared");
    repo.stage("shared", format!("{merged}{}", line(5)));
    finds(&repo, &["evil:1", "shared:12"]);
}

#[test]
fn conflicts_are_scanned_on_both_sides() {
    let repo = TestRepo::new();
    repo.git(["checkout", "-qb", "topic"]);
    repo.write("base", "topic\n");
    repo.commit("topic");
    repo.git(["checkout", "-q", "main"]);
    repo.write("base", line(1));
    repo.commit("main");
    assert_eq!(repo.program("git").args(["merge", "topic"]).run().code, 1);
    assert!(repo.git(["ls-files", "-u"]).lines().count() == 3);
    finds(&repo, &["base:1"]);
    // Resolved with our side, nothing is new; resolved with something else, that is.
    repo.stage("base", line(1));
    is_clean(&repo);
    repo.stage("base", format!("topic\n{}", line(2)));
    finds(&repo, &["base:2"]);
}

#[test]
fn binary_and_wide_text_is_read() {
    let repo = TestRepo::new();
    repo.stage("nul", format!("a\0\0\u{1}k = {}\0", github(1)));
    let wide: Vec<u8> =
        std::iter::once(0xfeff).chain(line(2).encode_utf16()).flat_map(u16::to_le_bytes).collect();
    repo.stage("wide", wide);
    finds(&repo, &["nul:1", "wide:1"]);
}

#[test]
fn attributes_hide_nothing() {
    let repo = TestRepo::new();
    repo.stage(".gitattributes", "* -diff\n*.x binary\n");
    repo.git(["config", "core.bigFileThreshold", "1"]);
    repo.stage("f", line(1));
    repo.stage("f.x", line(2));
    finds(&repo, &["f:1", "f.x:1"]);
}

#[test]
fn ignored_and_unwatched_files_count() {
    let repo = TestRepo::new();
    repo.write(".gitignore", "ignored\n");
    repo.write("unwatched", "clean\n");
    repo.commit("ignore");
    repo.stage("ignored", line(1));
    repo.stage("unwatched", line(2));
    repo.git(["update-index", "--assume-unchanged", "unwatched"]);
    repo.write("unwatched", "clean\n");
    finds(&repo, &["ignored:1", "unwatched:1"]);
}

#[test]
fn what_a_link_points_at_is_text() {
    let repo = TestRepo::new();
    repo.write("outside", "x\n");
    std::os::unix::fs::symlink(format!("/x/{}", github(1)), repo.path("link")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", repo.path("harmless")).unwrap();
    repo.git(["add", "-A"]);
    finds(&repo, &["link:1"]);
}

#[test]
fn a_file_that_becomes_a_link_is_a_change() {
    let repo = TestRepo::new();
    repo.remove("base");
    std::os::unix::fs::symlink(github(1), repo.path("base")).unwrap();
    repo.git(["add", "-A"]);
    finds(&repo, &["base:1"]);
}

#[test]
fn submodules_are_passed_over() {
    let repo = TestRepo::new();
    let id = repo.git(["rev-parse", "HEAD"]);
    repo.git(["update-index", "--add", "--cacheinfo", &format!("160000,{},sub", "1".repeat(40))]);
    is_clean(&repo);
    repo.git(["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    repo.stage("f", line(1));
    finds(&repo, &["f:1"]);
}

#[test]
fn paths_of_any_bytes_are_reported() {
    let repo = TestRepo::new();
    let names: [&[u8]; 5] = [b"\x1b[31mred", b"--", b":x", b"a\nb", b"\xff\xfe"];
    for (name, seed) in names.iter().zip(1..) {
        repo.stage(OsStr::from_bytes(&[b"./", *name].concat()), line(seed));
    }
    let found = staged(&repo).exits(1).findings();
    let told: Vec<Vec<u8>> = found
        .iter()
        .map(|finding| match finding["path_base64"].as_str() {
            Some(exact) => data_encoding::BASE64.decode(exact.as_bytes()).unwrap(),
            None => text(finding, "path").into_bytes(),
        })
        .collect();
    assert_eq!(told, names);
    let human = repo.run(["staged"]).exits(1).out();
    assert!(!human.contains('\u{1b}') && human.contains("\\u{1b}[31mred"), "{human}");
    assert!(human.contains("a\\nb"), "{human}");
}

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
fn old_lines_are_told_in_every_charset() {
    let repo = TestRepo::new();
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let latin = |text: &str| -> Vec<u8> { [text.as_bytes(), b"\xe9\xe8\n"].concat() };
    let encoded = data_encoding::BASE64.encode(format!("x {} x", github(3)).as_bytes());
    let lines = |end: &str| format!("one\n{}data = {encoded}\n{end}\n", line(1));
    for encode in [&wide as &dyn Fn(&str) -> Vec<u8>, &latin] {
        repo.write("f", encode(&lines("two")));
        repo.commit("f");
        repo.stage("f", encode(&lines("three")));
        is_clean(&repo);
        repo.stage("f", encode(&lines(&line(2))));
        finds(&repo, &["f:4"]);
        repo.git(["reset", "-q", "--hard"]);
    }
}

#[test]
fn in_one_long_line_what_was_there_is_old() {
    let repo = TestRepo::new();
    let filler = "var a=b(c);".repeat(20_000);
    let bundle =
        |start: &str, end: &str| format!("{start}{filler}k=\"{}\";{filler}{end}", github(1));
    repo.write("bundle.js", bundle("", ""));
    repo.commit("bundle");
    repo.stage("bundle.js", bundle("x();", "y();"));
    is_clean(&repo);
    repo.stage("bundle.js", bundle(&format!("k=\"{}\";", github(2)), ""));
    finds(&repo, &["bundle.js:1"]);
}

#[test]
fn many_changes_are_read_like_few() {
    let repo = TestRepo::new();
    for seed in 0..100 {
        repo.write(format!("f{seed:02}"), line(seed));
    }
    repo.git(["add", "-A"]);
    let found = staged(&repo).exits(1).findings();
    assert_eq!(found.len(), 100);
    let one = repo.json(&["staged", "--threads", "1"]).exits(1).settled();
    assert_eq!(one, repo.json(&["staged", "--threads", "8"]).exits(1).settled());
}

#[test]
fn a_key_of_several_lines_is_new_if_one_line_is() {
    let repo = TestRepo::new();
    let (id, secret) = crate::support::secrets::aws(1);
    let pair = |secret: &str| format!("[default]\nid = {id}\nother = 1\nkey = {secret}\n");
    repo.write("credentials", pair(""));
    repo.commit("half a pair");
    repo.stage("credentials", pair(&secret));
    let ran = staged(&repo).exits(1);
    assert_eq!(ran.places(), ["credentials:4 aws-secret-access-key"]);
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
