//! The hooks as the pre-commit framework runs them, with this repository as their source.
//!
//! The framework is the program that `LEAKSTOP_TEST_PRE_COMMIT` names, or the one on `PATH`. Where there is none,
//! these tests say so and pass.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::support::secrets::{github, line};
use crate::support::{LEAKSTOP, Program, Ran, TestRepo, left_out, variable};

/// Variables that a build with cargo needs to find its toolchain and its crates.
const BUILDING: [&str; 12] = [
    "HOME",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "CARGO_HTTP_PROXY",
    "CARGO_HTTP_CAINFO",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Where the framework is.
fn framework() -> Option<PathBuf> {
    if let Some(named) = variable("LEAKSTOP_TEST_PRE_COMMIT") {
        let named = PathBuf::from(named);
        assert!(named.is_file(), "LEAKSTOP_TEST_PRE_COMMIT names {}", named.display());
        return Some(named);
    }
    let path = variable("PATH")?;
    let found = std::env::split_paths(&path).map(|f| f.join("pre-commit")).find(|p| p.is_file());
    if found.is_none() {
        left_out("no pre-commit on PATH; name one in LEAKSTOP_TEST_PRE_COMMIT");
    }
    found
}

/// A project whose commits go through the framework.
struct Project {
    repo: TestRepo,
    framework: PathBuf,
    /// Keeps the hooks' source for as long as they are used.
    _source: Option<TestRepo>,
}

impl Project {
    /// A project that uses `hook` of the repository at `source`.
    fn new(framework: PathBuf, source: &Path, hook: &str) -> Self {
        let repo = TestRepo::new();
        let revision =
            repo.program("git").args(["rev-parse", "HEAD"]).within(source).run().exits(0);
        let config = format!(
            "repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: {hook}\n",
            source.display(),
            revision.out().trim(),
        );
        repo.write(".pre-commit-config.yaml", config);
        repo.commit("use leakstop");
        let project = Self { repo, framework, _source: None };
        project.run(&["install"]).exits(0);
        project
    }

    /// A project that uses the hook for an installed program.
    fn with_installed() -> Option<Self> {
        let framework = framework()?;
        let source = TestRepo::unborn();
        let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
        source.write(".pre-commit-hooks.yaml", std::fs::read(hooks).expect("it is in the package"));
        source.commit("hooks");
        let project = Self::new(framework, source.root(), "leakstop-system");
        Some(Self { _source: Some(source), ..project })
    }

    /// Puts the program under test on `PATH`, and the framework's files in the test's own folder.
    fn equip(&self, program: Program) -> Program {
        let own = Path::new(LEAKSTOP).parent().expect("a program lies in a folder").to_owned();
        let tools = self.framework.parent().expect("a program lies in a folder").to_owned();
        let path = variable("PATH").unwrap_or_default();
        let all = [own, tools].into_iter().chain(std::env::split_paths(&path));
        let path: OsString = std::env::join_paths(all).expect("no folder has a colon in its name");
        program.env("PATH", path).env("PRE_COMMIT_HOME", self.repo.path("../pre-commit"))
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.equip(self.repo.program(&self.framework)).args(args).run()
    }

    fn commit(&self, args: &[&str]) -> Ran {
        self.equip(self.repo.program("git")).args(["commit", "-m", "x"]).args(args).run()
    }
}

/// The framework says so, and shows the report without the secret.
#[track_caller]
fn is_blocked(ran: Ran, path: &str, secret: &str) {
    let ran = ran.exits(1);
    assert!(ran.tells("Failed") && ran.tells(path) && ran.tells("github-pat-classic"), "{ran:?}");
    assert!(!ran.tells(secret));
}

#[test]
fn an_installed_program_blocks_staged_secrets() {
    let Some(project) = Project::with_installed() else { return };
    let repo = &project.repo;
    repo.stage("f", line(1));
    is_blocked(project.commit(&[]), "f", &github(1));
    is_blocked(project.run(&["run"]), "f", &github(1));
    repo.stage("f", "clean\n");
    project.commit(&[]).exits(0);
}

#[test]
fn accepted_secrets_pass() {
    let Some(project) = Project::with_installed() else { return };
    let repo = &project.repo;
    repo.stage("f", line(1));
    repo.run(["baseline", "create"]).exits(0);
    // The framework takes unstaged changes away, but not untracked files.
    project.commit(&[]).exits(0);
    repo.git(["add", "-A"]);
    project.commit(&[]).exits(0);
    repo.stage("g", line(2));
    is_blocked(project.commit(&[]), "g", &github(2));
}

#[test]
fn unstaged_changes_are_not_judged_and_come_back() {
    let Some(project) = Project::with_installed() else { return };
    let repo = &project.repo;
    repo.stage("f", "clean\n");
    repo.write("base", line(1));
    repo.write("untracked", line(2));
    project.commit(&[]).exits(0);
    assert_eq!(repo.read("base"), line(1));
    repo.stage("f", line(3));
    is_blocked(project.commit(&[]), "f", &github(3));
    assert_eq!(repo.read("base"), line(1));
}

#[test]
fn commits_of_all_and_of_paths_are_judged_by_their_own_index() {
    let Some(project) = Project::with_installed() else { return };
    let repo = &project.repo;
    repo.write("base", line(1));
    is_blocked(project.commit(&["-a"]), "base", &github(1));
    is_blocked(project.commit(&["base"]), "base", &github(1));
    repo.write("base", "clean\n");
    project.commit(&["-a"]).exits(0);
}

#[test]
fn all_files_can_be_asked_for() {
    let Some(project) = Project::with_installed() else { return };
    let repo = &project.repo;
    project.run(&["run", "--all-files"]).exits(0);
    repo.stage("f", line(1));
    is_blocked(project.run(&["run", "--all-files"]), "f", &github(1));
}

#[test]
fn all_files_includes_those_committed_before() {
    let Some(project) = Project::with_installed() else { return };
    project.repo.write("f", line(1));
    project.repo.commit("leaked");
    is_blocked(project.run(&["run", "--all-files"]), "f", &github(1));
}

#[test]
fn the_framework_builds_this_repository() {
    let wanted = variable("LEAKSTOP_TEST_PRE_COMMIT").is_some()
        || variable("CI").is_some_and(|value| value == "true");
    if !wanted {
        left_out("it builds for minutes; set CI=true or LEAKSTOP_TEST_PRE_COMMIT");
        return;
    }
    let Some(framework) = framework() else { return };
    let source = TestRepo::plain();
    let here = env!("CARGO_MANIFEST_DIR");
    let clone = source.program("git").args(["clone", "-q", here, "clone"]).run();
    if clone.code != 0 {
        left_out("the package is no git checkout");
        return;
    }
    let project = Project::new(framework, &source.path("clone"), "leakstop");
    let equip = |program: Program| {
        let program = project.equip(program).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
        BUILDING.iter().fold(program, |program, name| match variable(name) {
            Some(value) => program.env(name, value),
            None => program,
        })
    };
    project.repo.stage("f", line(1));
    let run = || equip(project.repo.program(&project.framework)).patient().args(["run"]).run();
    is_blocked(run(), "f", &github(1));
    project.repo.stage("f", "clean\n");
    run().exits(0);
}
