//! The review of findings: at a terminal, which tmux plays, and without one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::secrets::{github, slack};
use crate::support::{LEAKSTOP, TestRepo, left_out, variable};

/// How long a screen may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Terminals started so far: each has a socket of its own, since a server that was told to end may still hold its.
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// A terminal that a review runs in.
struct Terminal<'r> {
    repo: &'r TestRepo,
    socket: String,
}

impl<'r> Terminal<'r> {
    /// Starts `leakstop audit`; `None` where there is no tmux.
    fn start(repo: &'r TestRepo) -> Option<Self> {
        let path = variable("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|folder| folder.join("tmux").exists()) {
            let ci = variable("CI").is_some_and(|value| value == "true");
            assert!(!ci, "tmux is missing; .ci/run installs it");
            left_out("tmux is missing");
            return None;
        }
        let name = format!("../tmux.{}", STARTED.fetch_add(1, Ordering::Relaxed));
        let socket = repo.path(&name).to_str().expect("a plain name").to_owned();
        let terminal = Self { repo, socket };
        // The exit status is shown, and what was there before it.
        let command = format!("echo before; {LEAKSTOP} audit --no-progress; echo status $?; cat");
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "32", &command]);
        Some(terminal)
    }

    fn tmux(&self, args: &[&str]) -> String {
        let tmux = self.repo.program("tmux").env("TERM", "xterm").args(["-S", &self.socket]);
        tmux.args(args).run().exits(0).out()
    }

    fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    fn type_in(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// Waits for a text on the screen, and returns the screen.
    #[track_caller]
    fn shows(&self, text: &str) -> String {
        let started = Instant::now();
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            if screen.contains(text) {
                return screen;
            }
            assert!(started.elapsed() < PATIENCE, "no {text:?} on the screen:\n{screen}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let _ = self.repo.program("tmux").args(["-S", &self.socket, "kill-server"]).run();
    }
}

/// Three values: one twice, one in a test, one beside another on the next line.
fn repo() -> TestRepo {
    let repo = TestRepo::new();
    let (one, two, three) = (github(1), github(2), slack(3));
    repo.write("app.py", format!("first = \"{one}\"\nsecond = \"{two}\"\nend()\n"));
    repo.write("copy.py", format!("again = \"{one}\"\n"));
    repo.write("tests/fixture.py", format!("token = \"{three}\"\n"));
    repo.commit("leaks");
    repo
}

/// The labels in the baseline.
fn labels(repo: &TestRepo) -> Vec<(String, String, String)> {
    let text = repo.read(".secrets.baseline");
    let baseline: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let entries = baseline["entries"].as_array().expect("a list").clone();
    let text = |entry: &serde_json::Value, field: &str| {
        entry[field].as_str().unwrap_or_default().to_owned()
    };
    entries
        .iter()
        .map(|entry| (text(entry, "path"), text(entry, "label"), text(entry, "reason")))
        .collect()
}

fn row(path: &str, label: &str, reason: &str) -> (String, String, String) {
    (path.to_owned(), label.to_owned(), reason.to_owned())
}

#[test]
fn a_review_goes_value_by_value_and_shows_secrets_on_a_key_only() {
    let repo = repo();
    let Some(terminal) = Terminal::start(&repo) else { return };
    let screen = terminal.shows("1 of 3");
    assert!(screen.contains("****") && !screen.contains(&github(1)), "{screen}");
    assert!(!screen.contains(&github(2)), "a neighbour shows:\n{screen}");
    let first = if screen.contains("copy.py") { github(1) } else { github(2) };
    terminal.press(&["v"]);
    terminal.shows(&first);
    terminal.press(&["n"]);
    terminal.shows("v reveal");
    assert!(!terminal.shows("1 of 3").contains(&first), "it is hidden by the next key");
    terminal.press(&["t"]);
    terminal.shows("because");
    terminal.type_in("a demo");
    terminal.press(&["Enter"]);
    terminal.shows("until");
    terminal.type_in("2999-12-31");
    terminal.press(&["Enter"]);
    terminal.shows("2 of 3");
    let written = labels(&repo);
    assert!(written.iter().all(|(_, label, reason)| label == "test" && reason == "a demo"));
    terminal.press(&["u"]);
    terminal.shows("taken back");
    assert_eq!(labels(&repo), []);
    terminal.press(&["q"]);
    let end = terminal.shows("status 0");
    assert!(end.contains("before") && end.contains("0 of 3 values labelled"), "{end}");
}

#[test]
fn a_review_goes_on_where_it_was_left() {
    let repo = repo();
    {
        let Some(terminal) = Terminal::start(&repo) else { return };
        terminal.shows("1 of 3");
        terminal.press(&["f"]);
        terminal.shows("because");
        terminal.type_in("no key");
        terminal.press(&["Enter"]);
        terminal.shows("until");
        terminal.press(&["Enter"]);
        terminal.shows("2 of 3");
        terminal.press(&["C-c"]);
        terminal.shows("1 of 3 values labelled");
    }
    let terminal = Terminal::start(&repo).expect("it was there before");
    terminal.shows("1 of 2");
    terminal.press(&["s", "s"]);
    terminal.shows("That was the last one.");
    terminal.press(&["q"]);
    terminal.shows("status 0");
}

#[test]
fn what_others_write_meanwhile_is_kept() {
    let repo = repo();
    let Some(terminal) = Terminal::start(&repo) else { return };
    terminal.shows("1 of 3");
    repo.run(["baseline", "create", "--no-progress"]).exits(0);
    let before = labels(&repo).len();
    terminal.press(&["r"]);
    terminal.shows("because");
    terminal.type_in("known");
    terminal.press(&["Enter"]);
    terminal.shows("until");
    terminal.press(&["Enter"]);
    terminal.shows("2 of 3");
    let after = labels(&repo);
    assert_eq!(after.len(), before);
    assert!(after.iter().any(|(_, label, reason)| label == "accepted" && reason == "known"));
}

#[test]
fn a_baseline_that_cannot_be_written_is_told_and_nothing_counts() {
    let repo = repo();
    let Some(terminal) = Terminal::start(&repo) else { return };
    terminal.shows("1 of 3");
    std::fs::create_dir(repo.path(".secrets.baseline")).expect("the place is free");
    terminal.press(&["f"]);
    terminal.shows("because");
    terminal.type_in("x");
    terminal.press(&["Enter"]);
    terminal.shows("until");
    terminal.press(&["Enter"]);
    let screen = terminal.shows("not written");
    assert!(screen.contains("1 of 3   0 labelled"), "{screen}");
}

#[test]
fn without_a_terminal_it_asks_for_labels() {
    let repo = repo();
    let ran = repo.run(["audit"]).exits(2);
    assert!(ran.err().contains("--label"), "{}", ran.err());
    repo.run(["audit", "--label", "test"]).exits(2);
    let quoting = format!("it was {}", github(1));
    let ran = repo.run(["audit", "--label", "test", "--reason", &quoting]).exits(2);
    assert!(!ran.tells(&github(1)));
    assert!(!repo.path(".secrets.baseline").exists());
}

#[test]
fn labels_without_a_terminal_cover_the_whole_value() {
    let repo = repo();
    let findings = repo.json(&["scan"]).exits(1).findings();
    let copy = findings.iter().find(|finding| finding["path"] == "copy.py").expect("it is there");
    let print = copy["fingerprint"].as_str().expect("text")[..8].to_owned();
    let args = ["audit", &print, "--label", "rotated", "--reason", "on the 3rd", "--expires"];
    for wrong in ["someday", "2020-01-01"] {
        repo.leakstop(args).args([wrong]).run().exits(2);
    }
    repo.leakstop(args).args(["2999-01-01", "--owner", "kim"]).run().exits(0);
    let expected =
        [row("app.py", "rotated", "on the 3rd"), row("copy.py", "rotated", "on the 3rd")];
    assert_eq!(labels(&repo), expected);
    let left = repo.run(["audit", "--fail-on-unaudited"]).exits(1).out();
    assert!(left.contains("2 values") && !left.contains("copy.py"), "{left}");
    repo.run(["audit", "--label", "test", "--reason", "made up"]).exits(0);
    assert_eq!(labels(&repo).len(), 4);
    let none = repo.run(["audit", "--fail-on-unaudited"]).exits(0).out();
    assert!(none.contains("everything"), "{none}");
    repo.run(["scan"]).exits(0);
}

#[test]
fn entries_that_nobody_has_looked_at_are_left() {
    let repo = repo();
    repo.run(["baseline", "create"]).exits(0);
    repo.run(["scan"]).exits(0);
    let left = repo.run(["audit", "--fail-on-unaudited"]).exits(1);
    assert!(left.out().contains("3 values"), "{}", left.out());
    for secret in [github(1), github(2), slack(3)] {
        assert!(!left.tells(&secret));
    }
    repo.run(["audit", "--label", "real", "--reason", "rotation is planned"]).exits(0);
    repo.run(["audit", "--fail-on-unaudited"]).exits(0);
}
