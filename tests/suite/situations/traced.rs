//! What the program asks of the system while it scans a repository full of traps.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::made;
use crate::support::{LEAKSTOP, TestRepo, left_out, variable};

/// Every command that a repository can name for git to run touches `$PWD/../sprung`.
const TRAPS: &str = r#"
new; echo "$S" > f; echo "$S" > late; git add f; git commit -qm f
git checkout -qb topic; echo t > t; git add t; git commit -qm t; git checkout -q main
echo more >> f; git add f; git notes add -m n; git stash -q; echo again >> f; git add f
git clone -q --bare . ../other.git
trap="touch $PWD/../sprung"
for hook in pre-commit post-checkout post-index-change pre-push reference-transaction \
    fsmonitor-watchman commit-msg post-commit pre-auto-gc; do
  printf '#!/bin/sh\n%s\n' "$trap" > .git/hooks/$hook; chmod +x .git/hooks/$hook
done
cp .git/hooks/pre-commit .git/trap
for key in core.fsmonitor core.pager core.editor core.sshCommand core.askPass core.gitProxy \
    core.alternateRefsCommand credential.helper diff.external diff.d.textconv diff.d.command \
    filter.d.clean filter.d.smudge filter.d.process merge.d.driver gpg.program pager.log \
    sequence.editor uploadpack.packObjectsHook remote.x.uploadpack alias.log interactive.diffFilter
do git config $key "$trap"; done
git config filter.d.required true
git config remote.x.url "ext::$trap"; git config remote.x.promisor true
git config remote.y.url ssh://192.0.2.1/x; git config remote.y.promisor true
git config remote.z.url https://192.0.2.1/x
git config include.path "$PWD/../included"; printf '[core]\nfsmonitor = %s\n' "$trap" > ../included
git config core.untrackedCache true; git config gc.auto 1; git config maintenance.auto true
echo '* diff=d filter=d merge=d' > .gitattributes
echo "$PWD/../other.git/objects" > .git/objects/info/alternates
mkfifo pipe; ln -s .. up; ln -s self self; ln -s /dev/zero zero
"#;

/// Whether there is `strace` and it may trace here.
fn strace(repo: &TestRepo) -> bool {
    let ran = variable("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join("strace").exists())
    });
    let works = ran && repo.program("strace").args(["-o", "/dev/null", "true"]).run().code == 0;
    if !works {
        let ci = variable("CI").is_some_and(|value| value == "true");
        assert!(!ci, "strace is missing, or may not trace; .ci/run installs it");
        left_out("strace is missing, or may not trace");
    }
    works
}

/// Each file's bytes, and when it was changed.
fn state(top: &Path) -> BTreeMap<PathBuf, (Option<Vec<u8>>, Option<std::time::SystemTime>)> {
    let mut all = BTreeMap::new();
    let mut todo = vec![top.to_path_buf()];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let facts = path.symlink_metadata().expect("it is there");
            if facts.is_dir() {
                todo.push(path.clone());
            }
            let bytes = facts.is_file().then(|| std::fs::read(&path).expect("readable"));
            all.insert(path, (bytes, facts.modified().ok()));
        }
    }
    all
}

/// The calls that a trace shows and that are against the promise.
fn broken<'t>(trace: &'t str, top: &str) -> Vec<&'t str> {
    let starts = ["execve(", "execveat(", "fork(", "vfork("];
    let talks = ["socket(", "connect(", "bind(", "sendto(", "socketpair("];
    let changes = [
        "unlink", "rename", "mkdir", "rmdir", "link(", "linkat(", "symlink", "truncate", "chmod",
        "fchmod", "chown", "utime", "creat(", "mknod", "setxattr",
    ];
    let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"];
    // The first call of all is the one that starts the program.
    let calls = trace.lines().skip(1).map(|line| line.split_once(' ').map_or(line, |call| call.1));
    let bad = |call: &&str| {
        let call = call.trim_start();
        let begins = |names: &[&str]| names.iter().any(|name| call.starts_with(name));
        let opens = call.starts_with("open") && writes.iter().any(|flag| call.contains(flag));
        begins(&starts) || begins(&talks) || opens && call.contains(top) || begins(&changes)
    };
    calls.filter(bad).collect()
}

#[test]
fn traps_that_git_falls_into() {
    // The repository is what it is meant to be.
    let repo = made(TRAPS);
    let sprung = repo.path("../sprung");
    assert!(!sprung.exists());
    repo.program("git").args(["status"]).run();
    assert!(sprung.exists(), "git runs what the repository names");
}

/// What an agent may ask of the server.
fn served() -> String {
    let call = |id: u32, method: &str, params: serde_json::Value| {
        let call =
            serde_json::json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        format!("{call}\n")
    };
    let path = serde_json::json!({ "name": "scan_path", "arguments": { "path": "." } });
    let calls = [
        call(0, "initialize", serde_json::json!({})),
        call(1, "tools/call", path),
        call(2, "tools/call", serde_json::json!({ "name": "scan_staged" })),
    ];
    calls.concat()
}

#[test]
fn nothing_is_started_asked_or_written() {
    let repo = made(TRAPS);
    if !strace(&repo) {
        return;
    }
    let top = repo.root().to_str().expect("text").to_owned();
    let log = repo.path("../trace");
    let before = state(repo.root());
    let head = repo.git(["--git-dir=../other.git", "rev-parse", "main"]);
    let zero = "0".repeat(40);
    let pushed = format!("refs/heads/main {head} refs/heads/main {zero}\n");
    let received = format!("{zero} {head} refs/heads/new\n");
    let served = served();
    let event = "{\"tool_name\":\"Write\",\"tool_input\":{\"file_path\":\"f\",\"content\":\"a\"}}";
    let modes: [(&[&str], &str, i32); 14] = [
        (&["scan"], "", 1),
        (&["scan", "--no-ignore", "f", ".git"], "", 1),
        (&["staged"], "", 0),
        (&["history"], "", 1),
        (&["history", "HEAD"], "", 1),
        (&["history", "--since", "2000-01-01", "--show-secrets", "--verbose"], "", 1),
        (&["hook", "pre-commit"], "", 0),
        (&["hook", "pre-merge-commit"], "", 0),
        (&["hook", "pre-push", "x", "y"], &pushed, 1),
        (&["hook", "pre-receive"], &received, 0),
        (&["hook", "commit-msg", ".git/HEAD"], "", 0),
        (&["explain", "f:1"], "", 1),
        (&["serve", "--stdio"], &served, 0),
        (&["hook", "agent"], event, 0),
    ];
    for (args, input, code) in modes {
        let traced = repo.program("strace").args(["-f", "-qq", "-s", "4096", "-o"]).args([&log]);
        let ran = traced.args([LEAKSTOP]).args(args).input(input).run();
        assert!(ran.code == code || args[0] == "explain", "{args:?}: {}{}", ran.out(), ran.err());
        let trace = std::fs::read(&log).expect("a trace");
        let trace = String::from_utf8_lossy(&trace);
        assert!(trace.lines().count() > 50, "{args:?}: the trace holds nothing");
        assert_eq!(broken(&trace, &top), [""; 0], "{args:?}");
        assert!(!repo.path("../sprung").exists(), "{args:?} started something");
        assert_eq!(state(repo.root()), before, "{args:?} changed something");
    }
}

#[test]
fn a_trace_of_what_is_forbidden_is_seen() {
    let trace = "1 execve(\"leakstop\")\n1 openat(AT_FDCWD, \"/r/f\", O_RDONLY)\n\
        2 execve(\"/bin/sh\")\n1 openat(AT_FDCWD, \"/r/f\", O_WRONLY|O_CREAT)\n\
        1 openat(AT_FDCWD, \"/dev/null\", O_RDWR)\n3 socket(AF_INET)\n1 unlink(\"/r/f\")\n";
    assert_eq!(broken(trace, "/r").len(), 4);
}
