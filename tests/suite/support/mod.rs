//! What the end-to-end tests stand on: repositories made for one test, and the program run in a clean environment.
//!
//! In: file contents and arguments. Out: [`Ran`]: exit code, streams, and the report read as JSON.

pub(crate) mod documents;
pub(crate) mod packing;
pub(crate) mod secrets;

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The program under test.
pub(crate) const LEAKSTOP: &str = env!("CARGO_BIN_EXE_leakstop");

/// A program that has not ended by then hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// A variable of the environment that the tests run in.
#[expect(clippy::disallowed_methods, reason = "tests ask where git is, and what they may use")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Says why a test, or a part of one, is left out here.
#[expect(clippy::print_stderr, reason = "what is not tested must not look tested")]
pub(crate) fn left_out(why: &str) {
    eprintln!("left out: {why}");
}

/// The program of another project: in the folder that `LEAKSTOP_TEST_PEERS` names, or on `PATH`.
pub(crate) fn peer(name: &str) -> Option<PathBuf> {
    let named = variable("LEAKSTOP_TEST_PEERS").into_iter().chain(variable("PATH"));
    let mut folders = named.flat_map(|list| std::env::split_paths(&list).collect::<Vec<_>>());
    let found = folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()));
    if found.is_none() {
        left_out(&format!("no {name} in LEAKSTOP_TEST_PEERS or on PATH"));
        assert!(variable("CI").is_none(), "in CI nothing is left out");
    }
    found
}

/// A Python that has the modules named; none where they are not installed.
pub(crate) fn python(modules: &str) -> Option<PathBuf> {
    let program = variable("LEAKSTOP_TEST_PYTHON").map_or("python3".into(), PathBuf::from);
    let repo = TestRepo::plain();
    let found = repo.program("sh").args(["-c", "command -v \"$0\"", &*program.to_string_lossy()]);
    let there = found.run().code == 0
        && repo.program(&program).args(["-c", &format!("import {modules}")]).run().code == 0;
    if !there {
        let why = format!("{} has no {modules}", program.display());
        assert!(variable("CI").is_none(), "{why}; .ci/run installs it");
        left_out(&why);
    }
    there.then_some(program)
}

/// A folder of a test's own, with a git repository in it or without.
pub(crate) struct TestRepo {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl TestRepo {
    /// A folder without a repository.
    pub(crate) fn plain() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let base = folder.path().canonicalize().expect("it was just made");
        let root = base.join("work");
        std::fs::create_dir(&root).expect("the folder is empty");
        Self { folder, root }
    }

    /// A repository without a commit.
    pub(crate) fn unborn() -> Self {
        let repo = Self::plain();
        repo.git(["init", "-q", "-b", "main"]);
        repo
    }

    /// A repository with one commit, of a file `base`.
    pub(crate) fn new() -> Self {
        let repo = Self::unborn();
        repo.write("base", "base\n");
        repo.commit("base");
        repo
    }

    /// The top of the work tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the top.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file, with the folders it needs.
    pub(crate) fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("it lies below the top"))
            .expect("folders can be made");
        std::fs::write(path, content).expect("files can be written");
    }

    /// Reads a file as text.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file is there and is text")
    }

    /// Deletes a file.
    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).expect("the file is there");
    }

    /// Writes a file and stages it.
    pub(crate) fn stage(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        self.write(&name, content);
        let name = name.as_ref().as_os_str();
        self.git([OsStr::new("add"), OsStr::new("-f"), OsStr::new("--"), name]);
    }

    /// Commits everything there is, without hooks.
    pub(crate) fn commit(&self, message: &str) {
        self.git(["add", "-A"]);
        self.git(["commit", "-q", "--no-verify", "--allow-empty", "-m", message]);
    }

    /// Runs git, which must succeed; returns what it prints.
    #[track_caller]
    pub(crate) fn git<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> String {
        let ran = self.program("git").args(args).run();
        assert_eq!(ran.code, 0, "git: {}{}", ran.out(), ran.err());
        ran.out().trim_end().to_owned()
    }

    /// Puts a hook in place.
    pub(crate) fn hook(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let folder = self.git(["rev-parse", "--git-path", "hooks"]);
        let path = self.path(folder).join(name);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("writable");
        std::fs::write(&path, script).expect("writable");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("ours");
    }

    /// A program about to be run at the top of the work tree.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Program {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests run git and the program under test; only the program itself must start nothing"
        )]
        let mut command = Command::new(program);
        command
            .env_clear()
            .current_dir(&self.root)
            .env("PATH", variable("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0");
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "Ada Example")
                .env(format!("GIT_{role}_EMAIL"), "ada@example.com")
                .env(format!("GIT_{role}_DATE"), "2026-01-02T03:04:05+00:00");
        }
        Program { command, input: None, patience: PATIENCE }
    }

    /// The program under test, about to be run at the top with nothing in its environment but `PATH` and `HOME`.
    pub(crate) fn leakstop<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Program {
        let mut program = self.program(LEAKSTOP);
        let path = variable("PATH").unwrap_or_default();
        program.command.env_clear().env("PATH", path).env("HOME", self.folder.path());
        program.args(args)
    }

    /// Runs the program under test at the top.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Ran {
        self.leakstop(args).run()
    }

    /// Runs a command of the program under test and has the report as JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Ran {
        self.leakstop(args).args(["--format", "json"]).run()
    }
}

/// A program about to be run.
pub(crate) struct Program {
    command: Command,
    input: Option<Vec<u8>>,
    patience: Duration,
}

impl Program {
    /// Gives it the time that a build takes.
    pub(crate) fn patient(mut self) -> Self {
        self.patience = 6 * PATIENCE;
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Starts it in another folder.
    pub(crate) fn within(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Gives it something to read.
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    /// Starts it with its standard output going elsewhere; nobody waits for it here.
    pub(crate) fn command(self) -> Command {
        self.command
    }

    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn run(mut self) -> Ran {
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = loop {
            match self.command.spawn() {
                // It has just been copied, and a child of another test still holds the copy open.
                Err(cause) if cause.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                    thread::sleep(Duration::from_millis(20));
                }
                spawned => break spawned.expect("the program is there"),
            }
        };
        let stdin = child.stdin.take();
        let input = self.input.take();
        let feeder = thread::spawn(move || {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // A program that does not read all of it ends the pipe, which is no fault of the test's.
                let _ = stdin.write_all(&input);
            }
        });
        let stdout = drain(child.stdout.take().expect("it is piped"));
        let stderr = drain(child.stderr.take().expect("it is piped"));
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("it is our child") {
                break status;
            }
            if started.elapsed() > self.patience {
                child.kill().expect("it is our child");
                panic!("{:?} hangs", self.command);
            }
            thread::sleep(Duration::from_millis(3));
        };
        feeder.join().expect("it does not panic");
        let (stdout, stderr) = (stdout.join().expect("no panic"), stderr.join().expect("no panic"));
        // Whatever was run for whatever reason, it has not panicked.
        let told = String::from_utf8_lossy(&stderr);
        assert!(!told.contains("panicked at"), "{:?}: {told}", self.command);
        Ran { code: status.code().unwrap_or(-1), stdout, stderr }
    }
}

fn drain(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

/// What a program has left behind.
#[derive(Clone, Debug)]
pub(crate) struct Ran {
    /// Its exit code; -1 after a signal.
    pub(crate) code: i32,
    /// What it wrote to standard output.
    pub(crate) stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub(crate) stderr: Vec<u8>,
}

impl Ran {
    /// Standard output as text.
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Checks the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out(), self.err());
        self
    }

    /// The report.
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}\nstderr: {}", self.out(), self.err()))
    }

    /// The report with what differs from run to run set to nothing.
    #[track_caller]
    pub(crate) fn settled(&self) -> String {
        let mut report = self.report();
        report["scan"]["duration_ms"] = 0.into();
        report["scan"]["started_at"] = "".into();
        serde_json::to_string_pretty(&report).expect("it was JSON")
    }

    /// The report's findings.
    #[track_caller]
    pub(crate) fn findings(&self) -> Vec<Value> {
        self.report()["findings"].as_array().expect("a list").clone()
    }

    /// The findings as `path:line rule`.
    #[track_caller]
    pub(crate) fn places(&self) -> Vec<String> {
        let one =
            |f: &Value| format!("{}:{} {}", text(f, "path"), f["start_line"], text(f, "rule_id"));
        self.findings().iter().map(one).collect()
    }

    /// The paths that findings lie in, each once.
    #[track_caller]
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.findings().iter().map(|f| text(f, "path")).collect();
        paths.dedup();
        paths
    }

    /// What was not scanned, as `what: reason`.
    #[track_caller]
    pub(crate) fn skipped(&self) -> Vec<String> {
        let report = self.report();
        let skipped = report["scan"]["skipped"].as_array().expect("a list").clone();
        skipped.iter().map(|s| format!("{}: {}", text(s, "what"), text(s, "reason"))).collect()
    }

    /// How many matches were suppressed for a reason.
    #[track_caller]
    pub(crate) fn suppressed(&self, reason: &str) -> u64 {
        self.report()["scan"]["suppressed"][reason].as_u64().expect("a count")
    }

    /// Whether either stream holds `bytes`.
    pub(crate) fn tells(&self, bytes: &str) -> bool {
        self.out().contains(bytes) || self.err().contains(bytes)
    }
}

/// A field of an object, as text.
#[track_caller]
pub(crate) fn text(object: &Value, field: &str) -> String {
    object[field].as_str().unwrap_or_else(|| panic!("no text {field}: {object}")).to_owned()
}
