//! `leakstop scan`: which files are read, which are left out, and what is said of those that cannot be.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::support::secrets::{github, line, slack};
use crate::support::{LEAKSTOP, TestRepo, left_out, text};

#[test]
fn hidden_files_are_read_and_git_is_not_entered() {
    let repo = TestRepo::new();
    repo.write(".env", line(1));
    repo.write(".config/deep/.hidden", line(2));
    repo.write(".git/description", line(3));
    repo.write("nested/.git/config", line(4));
    assert_eq!(repo.json(&["scan"]).exits(1).paths(), [".config/deep/.hidden", ".env"]);
}

#[test]
fn ignored_files_are_left_out_unless_asked_for() {
    let repo = TestRepo::new();
    repo.write(".gitignore", "*.log\nbuild/\n");
    repo.write("dir/.gitignore", "local\n");
    repo.write("a.log", line(1));
    repo.write("build/out", line(2));
    repo.write("dir/local", line(3));
    repo.json(&["scan"]).exits(0);
    let all = repo.json(&["scan", "--no-ignore"]).exits(1);
    assert_eq!(all.paths(), ["a.log", "build/out", "dir/local"]);
}

#[test]
fn ignored_but_tracked_files_are_read() {
    let repo = TestRepo::new();
    repo.write(".gitignore", "*.log\nbuild/\n");
    repo.stage("a.log", line(1));
    repo.stage("build/out", line(2));
    assert_eq!(repo.json(&["scan"]).exits(1).paths(), ["a.log", "build/out"]);
    assert_eq!(repo.json(&["scan", "build"]).exits(1).paths(), ["build/out"]);
}

#[test]
fn an_ignored_file_that_is_named_is_read() {
    let repo = TestRepo::new();
    repo.write(".gitignore", "*.log\n");
    repo.write("a.log", line(1));
    assert_eq!(repo.json(&["scan", "a.log"]).exits(1).paths(), ["a.log"]);
}

#[test]
fn excluded_paths_are_left_out() {
    let repo = TestRepo::new();
    for (name, seed) in [("a.txt", 1), ("dir/b.txt", 2), ("dir/c.md", 3)] {
        repo.write(name, line(seed));
    }
    let paths = |args: &[&str]| repo.json(&[&["scan"], args].concat()).exits(1).paths();
    assert_eq!(paths(&["--exclude", "*.md"]), ["a.txt", "dir/b.txt"]);
    assert_eq!(paths(&["--exclude", "dir"]), ["a.txt"]);
    assert_eq!(paths(&["--exclude", "dir/**"]), ["a.txt"]);
    assert_eq!(paths(&["--exclude", "a.txt", "--exclude", "**/c.*"]), ["dir/b.txt"]);
    assert_eq!(paths(&["--exclude", "./dir/"]), ["a.txt"]);
    let told = repo.run(["scan", "--exclude", "**"]).exits(0);
    assert!(told.out().contains("Left out: 3 excluded paths."), "{}", told.out());
    let staged = TestRepo::new();
    staged.stage("a.txt", line(1));
    let ran = staged.json(&["staged", "--exclude", "a.txt"]).exits(0);
    assert_eq!(ran.report()["scan"]["excluded"], 1);
    let wrong = repo.json(&["scan", "--exclude", "a[z"]).exits(2);
    assert!(wrong.err().contains("a[z"), "{}", wrong.err());
}

#[test]
fn links_are_not_followed() {
    let outside = TestRepo::plain();
    outside.write("secret", line(1));
    let repo = TestRepo::new();
    symlink(outside.path("secret"), repo.path("file")).unwrap();
    symlink(outside.root(), repo.path("folder")).unwrap();
    symlink(".", repo.path("loop")).unwrap();
    symlink("nowhere", repo.path("dangling")).unwrap();
    let ran = repo.json(&["scan"]).exits(0);
    assert_eq!(ran.skipped(), Vec::<String>::new());
    // One that is named is what the user wants scanned.
    assert_eq!(repo.json(&["scan", "file"]).exits(1).paths(), ["file"]);
}

#[test]
fn a_pipe_is_skipped_and_named() {
    let repo = TestRepo::new();
    repo.program("mkfifo").args(["pipe"]).run().exits(0);
    let ran = repo.json(&["scan", "--no-ignore"]).exits(0);
    assert_eq!(ran.skipped(), ["pipe: special-file"]);
    assert_eq!(ran.report()["scan"]["complete"], false);
    repo.json(&["scan", "--require-complete"]).exits(2);
    repo.write("f", line(1));
    repo.json(&["scan", "--require-complete"]).exits(1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_that_is_named_is_read() {
    let repo = TestRepo::new();
    repo.write("f", line(1));
    let script = format!(
        "mkfifo pipe; cat f > pipe & '{LEAKSTOP}' scan pipe && exit 3; \
        cat f | '{LEAKSTOP}' scan /dev/stdin"
    );
    let ran = repo.program("sh").args(["-c", &script]).run().exits(1);
    assert_eq!(ran.out().matches("1 new secret").count(), 2, "{}", ran.out());
    let device = repo.run(["scan", "/dev/zero"]).exits(2);
    assert!(device.err().contains("/dev/zero: a device or socket"), "{}", device.err());
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_an_error_and_named() {
    let repo = TestRepo::new();
    // Nobody, not even root, can read a process's memory at address 0.
    let ran = repo.json(&["scan", "/proc/self/mem"]).exits(2);
    let skipped = ran.skipped();
    assert!(skipped.len() == 1 && skipped[0].ends_with("mem: unreadable"), "{skipped:?}");
    let human = repo.run(["scan", "/proc/self/mem"]).exits(2);
    assert!(human.out().contains("mem: unreadable"), "{}", human.out());
    repo.write("f", line(1));
    let both = repo.json(&["scan", "f", "/proc/self/mem"]).exits(1);
    assert_eq!((both.paths().len(), both.skipped().len()), (1, 1));
    repo.json(&["scan", "--exit-zero", "f", "/proc/self/mem"]).exits(2);
}

#[test]
fn a_folder_that_cannot_be_opened_is_an_error_and_named() {
    use std::os::unix::fs::PermissionsExt;
    let repo = TestRepo::new();
    repo.write("closed/f", "x\n");
    let mode = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(repo.path("closed"), mode(0o000)).unwrap();
    let open_all_the_same = std::fs::read_dir(repo.path("closed")).is_ok();
    let ran = repo.json(&["scan"]);
    std::fs::set_permissions(repo.path("closed"), mode(0o755)).unwrap();
    if open_all_the_same {
        left_out("the tests run as root, to whom no folder is closed");
        return;
    }
    assert!(ran.exits(2).skipped()[0].starts_with("closed"));
}

#[test]
fn a_path_that_is_not_there_is_an_error() {
    let repo = TestRepo::new();
    for args in [&["scan", "nowhere"][..], &["scan", "base", "nowhere/at/all"]] {
        let ran = repo.json(args).exits(2);
        assert_eq!(ran.err().lines().count(), 1, "{}", ran.err());
        assert!(ran.err().contains("nowhere"), "{}", ran.err());
    }
    let pipe = repo.run(["scan", "-"]).exits(2);
    assert!(pipe.err().contains("leakstop stdin"), "{}", pipe.err());
}

#[test]
fn folders_without_a_repository_are_scanned() {
    let folder = TestRepo::plain();
    folder.write("a/f", line(1));
    folder.write("g", line(2));
    assert_eq!(folder.json(&["scan"]).exits(1).paths(), ["a/f", "g"]);
    assert_eq!(folder.json(&["scan", "a"]).exits(1).paths(), ["f"]);
    assert_eq!(folder.json(&["scan", "a", "g"]).exits(1).paths(), ["a/f", "g"]);
    let empty = TestRepo::plain();
    empty.json(&["scan"]).exits(0);
}

#[test]
fn a_file_named_twice_is_reported_once() {
    let repo = TestRepo::new();
    repo.write("dir/f", line(1));
    for args in [&["scan", "dir", "dir/f"][..], &["scan", ".", "dir"]] {
        let found = repo.json(args).exits(1).findings();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["occurrences"].as_array().map(Vec::len), Some(0), "{args:?}");
    }
}

#[test]
fn paths_are_relative_to_the_top_wherever_one_stands() {
    let repo = TestRepo::new();
    repo.write("dir/f", line(1));
    let json = ["--format", "json"];
    for (folder, path) in [("dir", "."), ("dir", "f"), ("dir", ".."), (".", "dir/../dir/f")] {
        let ran = repo.leakstop(["scan", path]).args(json).within(repo.path(folder)).run();
        assert_eq!(ran.exits(1).paths(), ["dir/f"], "{path} in {folder}");
    }
    let ran = repo.leakstop(["scan"]).args([repo.path("dir")]).args(json).within("/").run();
    assert_eq!(ran.exits(1).paths(), ["dir/f"]);
}

#[test]
fn one_value_in_a_file_is_one_finding_and_its_places() {
    let repo = TestRepo::new();
    repo.write("f", format!("{}x\n{}{}", line(1), line(1), line(2)));
    repo.write("g", line(1));
    let found = repo.json(&["scan"]).exits(1).findings();
    assert_eq!(found.len(), 3);
    assert_eq!(found[0]["occurrences"][0]["start_line"], 3);
    assert_ne!(found[0]["fingerprint"], found[2]["fingerprint"]);
    assert_eq!(text(&found[2], "path"), "g");
}

#[test]
fn threads_change_nothing() {
    let repo = TestRepo::new();
    for seed in 0..200 {
        let content = format!("{}{}\nk = {}\n", line(seed), "x".repeat(999), slack(seed));
        repo.write(format!("d{}/f{seed}", seed % 7), content);
    }
    repo.program("mkfifo").args(["pipe", "a-pipe"]).run().exits(0);
    let settled = |threads| repo.json(&["scan", "--threads", threads]).exits(1).settled();
    let one = settled("1");
    assert_eq!(one, settled("8"));
    assert_eq!(one, settled("3"));
    assert_eq!(one.matches("github-pat-classic").count(), 200);
}

#[test]
fn paths_of_any_bytes_are_reported() {
    let repo = TestRepo::new();
    repo.write(OsStr::from_bytes(b"dir\xff/\x1b]0;x\x07"), line(1));
    repo.write("\u{202e}txt", line(2));
    repo.write("u\u{2028}v", line(3));
    let found = repo.json(&["scan"]).exits(1).findings();
    let exact = data_encoding::BASE64.encode(b"dir\xff/\x1b]0;x\x07");
    assert_eq!(text(&found[0], "path_base64"), exact);
    assert!(found[1].get("path_base64").is_none());
    for color in ["never", "always"] {
        let human = repo.run(["scan", "--color", color]).exits(1).out();
        assert!(!human.contains("\u{1b}]") && !human.contains('\u{7}'), "{human}");
        assert!(!human.contains('\u{2028}') && human.contains("u\\u{2028}v"), "{human}");
        assert!(!human.contains('\u{202e}') && human.contains("\\u{202e}txt"), "{human}");
    }
}

#[test]
fn a_bare_repository_is_a_folder_as_well() {
    let repo = TestRepo::new();
    repo.git(["clone", "-q", "--bare", ".", "../bare.git"]);
    repo.write("../bare.git/notes", line(1));
    let ran = repo.leakstop(["scan", "--format", "json"]).within(repo.path("../bare.git")).run();
    assert_eq!(ran.exits(1).paths(), ["notes"]);
}

#[test]
fn the_receipt_counts_what_was_read() {
    let repo = TestRepo::plain();
    repo.write("a", "12345");
    repo.write("b", "");
    let report = repo.json(&["scan"]).exits(0).report();
    assert_eq!(report["scan"]["blobs"], 2);
    assert_eq!(report["scan"]["bytes"], 5);
    assert_eq!(report["scan"]["complete"], true);
    assert_eq!(report["scan"]["mode"], "scan");
}

#[test]
fn findings_say_where_what_and_why() {
    let repo = TestRepo::new();
    repo.write("f", format!("x\n  é{}", line(1)));
    let found = repo.json(&["scan"]).exits(1).findings();
    let finding = &found[0];
    let fields = ["start_line", "end_line", "start_column", "end_column"];
    assert_eq!(fields.map(|f| finding[f].as_u64().unwrap()), [2, 2, 13, 53]);
    assert_eq!(finding["confidence"], "certain");
    assert_eq!(finding["evidence"], serde_json::json!(["checksum"]));
    assert_eq!(finding["status"], "new");
    assert_eq!(text(finding, "redacted"), format!("{}****", &github(1)[..4]));
    assert!(text(finding, "revoke_url").starts_with("https://"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_quiet_scan_says_why_it_failed() {
    let repo = TestRepo::new();
    repo.program("mkfifo").args(["pipe"]).run().exits(0);
    let ran = repo.run(["scan", "-q", "--require-complete"]).exits(2);
    assert!(ran.err().contains("not scanned: pipe: special-file"), "{}", ran.err());
    assert_eq!(repo.run(["scan", "-q"]).exits(0).err(), "");
}
