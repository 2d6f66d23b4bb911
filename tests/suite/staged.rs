//! `leakstop staged`: what the next commit adds, in every state an index can be in.

mod places;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::support::secrets::{github, line};
use crate::support::{Ran, TestRepo, text};

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
    let body: String = (1..50).flat_map(|n| ["line ".into(), n.to_string(), "\n".into()]).collect();
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
fn the_name_of_an_added_file_is_read() {
    let repo = TestRepo::new();
    repo.stage(format!("d/n-{}", github(1)), "x\n");
    let found = repo.json(&["staged"]).exits(1).findings();
    assert_eq!((&found[0]["start_line"], &found[0]["start_column"]), (&1.into(), &5.into()));
    repo.commit("named");
    repo.json(&["staged"]).exits(0);
    repo.json(&["history", "HEAD~1..HEAD"]).exits(1);
    repo.stage(format!("d/n-{}", github(1)), "y\n");
    repo.json(&["staged"]).exits(0);
}

#[test]
fn a_baseline_that_is_not_staged_is_warned_of() {
    let repo = TestRepo::new();
    repo.stage("f", line(1));
    repo.run(["baseline", "create"]).exits(0);
    let warnings = || repo.json(&["staged"]).exits(0).report()["scan"]["warnings"].clone();
    assert!(warnings()[0].as_str().is_some_and(|told| told.contains("git add")), "{}", warnings());
    repo.git(["add", ".secrets.baseline"]);
    assert!(warnings().is_null(), "{}", warnings());
    repo.commit("accepted");
    repo.stage("f", format!("{}x\n", line(1)));
    assert!(warnings().is_null(), "{}", warnings());
}
