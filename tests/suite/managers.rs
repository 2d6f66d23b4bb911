//! Hook managers as they are: each drives leakstop on commits and pushes.
//!
//! A manager is the program that `LEAKSTOP_TEST_…` names, or the one on `PATH`. Where there is none, these tests say
//! so and pass; with `CI=true` they fail, for `.ci/run` installs all of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::support::secrets::{github, line};
use crate::support::{LEAKSTOP, Program, Ran, TestRepo, left_out, variable};

/// The manager that `variable` or `PATH` has.
fn manager(key: &str, name: &str) -> Option<PathBuf> {
    let named = variable(&format!("LEAKSTOP_TEST_{key}")).map(PathBuf::from);
    let path = variable("PATH").unwrap_or_default();
    let on_path = || std::env::split_paths(&path).map(|f| f.join(name)).find(|p| p.is_file());
    let found = named.filter(|named| named.is_file()).or_else(on_path);
    if found.is_none() {
        let ci = variable("CI").is_some_and(|value| value == "true");
        assert!(!ci, "{name} is missing; .ci/run installs it");
        left_out(&format!("no {name} on PATH; name one in LEAKSTOP_TEST_{key}"));
    }
    found
}

/// A repository whose hooks a manager keeps, with a bare one beside it.
struct Project {
    repo: TestRepo,
    manager: PathBuf,
}

impl Project {
    fn new(manager: &Path) -> Self {
        let repo = TestRepo::new();
        repo.git(["init", "-q", "--bare", "../origin.git"]);
        repo.git(["remote", "add", "origin", "../origin.git"]);
        Self { repo, manager: manager.to_owned() }
    }

    /// Puts the program under test and the manager on `PATH`.
    fn equip(&self, program: Program) -> Program {
        let folder = |path: &Path| path.parent().expect("a program lies in a folder").to_owned();
        let own = [folder(Path::new(LEAKSTOP)), folder(&self.manager)];
        let path = variable("PATH").unwrap_or_default();
        let all = own.into_iter().chain(std::env::split_paths(&path));
        let path: OsString = std::env::join_paths(all).expect("no folder has a colon in its name");
        let program = program.env("PATH", path);
        let home = |name: &str| self.repo.path(format!("../{name}"));
        program.env("PRE_COMMIT_HOME", home("pre-commit")).env("PREK_HOME", home("prek"))
    }

    fn git(&self, args: &[&str]) -> Ran {
        self.equip(self.repo.program("git")).args(args).run()
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.equip(self.repo.program(&self.manager)).args(args).run().exits(0)
    }

    /// Writes the settings, and starts without a finding.
    fn settle(&self, name: &str, content: &str) {
        self.repo.write(name, content);
        self.repo.commit("settings");
    }

    /// What every manager must do for a commit.
    fn commits_are_watched(&self) {
        let repo = &self.repo;
        repo.stage("f", line(1));
        self.is_refused(&["commit", "-m", "x"], "f");
        repo.stage("f", "clean\n");
        self.git(&["commit", "-m", "clean"]).exits(0);
        repo.write("f", line(1));
        self.is_refused(&["commit", "-a", "-m", "x"], "f");
        self.is_refused(&["commit", "-m", "x", "f"], "f");
        repo.write("f", "clean again\n");
        // What is not staged is not judged, and stays.
        repo.stage("g", "clean\n");
        repo.write("base", line(2));
        self.git(&["commit", "-m", "clean"]).exits(0);
        assert_eq!(repo.read("base"), line(2));
        repo.git(["checkout", "-q", "base", "f"]);
    }

    /// What every manager must do for a push of one branch, new or known.
    fn pushes_are_watched(&self) {
        let repo = &self.repo;
        self.git(&["push", "origin", "main"]).exits(0);
        repo.git(["checkout", "-qb", "topic"]);
        repo.write("leak", line(1));
        repo.commit("leak");
        repo.git(["rm", "-q", "leak"]);
        repo.commit("gone again");
        repo.git(["checkout", "-q", "main"]);
        self.is_refused(&["push", "origin", "topic"], "leak");
        self.git(&["push", "origin", "topic~2:refs/heads/fine"]).exits(0);
        repo.git(["merge", "-q", "--ff-only", "topic"]);
        self.is_refused(&["push", "origin", "main"], "leak");
        // All of the history is new.
        repo.git(["init", "-q", "--bare", "../fresh.git"]);
        repo.git(["remote", "add", "fresh", "../fresh.git"]);
        self.is_refused(&["push", "fresh", "main"], "leak");
        self.git(&["push", "fresh", "main~2:refs/heads/fine"]).exits(0);
        repo.git(["reset", "-q", "--hard", "main~2"]);
    }

    #[track_caller]
    fn is_refused(&self, args: &[&str], place: &str) {
        let ran = self.git(args);
        assert_ne!(ran.code, 0, "it went through: {args:?}: {ran:?}");
        assert!(ran.tells(place) && ran.tells("github-pat-classic"), "{ran:?}");
        assert!(!ran.tells(&github(1)), "{ran:?}");
    }
}

/// Settings of the pre-commit framework, which prek reads too, for hooks of this repository.
fn framework(manager: &Path) -> Project {
    let project = Project::new(manager);
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let repo = &project.repo;
    repo.program("git").args(["init", "-q", "../hooks"]).run().exits(0);
    repo.write("../hooks/.pre-commit-hooks.yaml", std::fs::read(hooks).expect("it is there"));
    let within = |args: &[&str]| repo.program("git").args(["-C", "../hooks"]).args(args).run();
    within(&["add", "."]).exits(0);
    within(&["commit", "-q", "-m", "hooks"]).exits(0);
    let revision = within(&["rev-parse", "HEAD"]).out();
    let source = repo.path("../hooks").canonicalize().expect("it was made");
    let config = format!(
        "repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: leakstop-system\n  \
         - id: leakstop-push-system\n  - id: leakstop-msg-system\n",
        source.display(),
        revision.trim()
    );
    project.settle(".pre-commit-config.yaml", &config);
    for stage in ["pre-commit", "pre-push", "commit-msg", "pre-merge-commit"] {
        project.run(&["install", "-t", stage]);
    }
    project
}

/// What the framework's way with pushes lets pass, and leakstop's own hook does not.
fn known_holes(project: &Project, all_refs: bool) {
    let repo = &project.repo;
    repo.git(["branch", "-q", "a"]);
    repo.git(["checkout", "-qb", "b"]);
    repo.write("hole", line(1));
    repo.commit("leak");
    repo.git(["checkout", "-q", "main"]);
    repo.git(["commit", "-q", "--no-verify", "--allow-empty", "-m", "new"]);
    repo.git(["branch", "-qf", "a"]);
    // It looks at one ref of several only.
    let both = project.git(&["push", "--dry-run", "origin", "a", "b"]);
    assert_eq!(both.code != 0, all_refs, "the guide says otherwise: {both:?}");
    // A tag of a commit that the other side has.
    project.git(&["push", "-q", "origin", "main"]).exits(0);
    repo.git(["tag", "-a", "said", "-m", &format!("t {}", github(1))]);
    let tag = project.git(&["push", "--dry-run", "origin", "said"]);
    assert_eq!(tag.code != 0, all_refs, "the guide says otherwise: {tag:?}");
}

/// What the framework does, be it the first or the second implementation.
fn the_framework(name: &str, program: &str) {
    let Some(manager) = manager(name, program) else { return };
    let project = framework(&manager);
    project.commits_are_watched();
    project.pushes_are_watched();
    let message = github(1);
    let ran = project.git(&["commit", "--allow-empty", "-m", &message]);
    assert!(ran.code != 0 && ran.tells("github-pat-classic") && !ran.tells(&message), "{ran:?}");
    known_holes(&project, false);
    let refused = project.repo.run(["install"]).exits(2);
    assert!(refused.err().contains(".pre-commit-config.yaml"), "{}", refused.err());
    project.git(&["commit", "--allow-empty", "-m", "clean"]).exits(0);
}

/// What becomes of our hook where a framework is installed after it.
fn a_framework_that_comes_later(name: &str, program: &str) {
    let Some(manager) = manager(name, program) else { return };
    let project = Project::new(&manager);
    let repo = &project.repo;
    repo.run(["install"]).exits(0);
    let config = "repos:\n- repo: local\n  hooks:\n  - id: other\n    name: other\n    \
                  entry: 'true'\n    language: system\n    always_run: true\n";
    project.settle(".pre-commit-config.yaml", config);
    project.run(&["install"]);
    assert!(repo.path(".git/hooks/pre-commit.legacy").exists());
    assert!(repo.run(["install"]).exits(0).err().contains("runs leakstop first"));
    project.commits_are_watched();
    repo.run(["install", "--uninstall"]).exits(0);
    repo.stage("leak", line(1));
    project.git(&["commit", "-m", "x"]).exits(0);
}

#[test]
fn pre_commit() {
    the_framework("PRE_COMMIT", "pre-commit");
    a_framework_that_comes_later("PRE_COMMIT", "pre-commit");
}

#[test]
fn prek() {
    the_framework("PREK", "prek");
    a_framework_that_comes_later("PREK", "prek");
}

#[test]
fn lefthook() {
    let Some(manager) = manager("LEFTHOOK", "lefthook") else { return };
    let project = Project::new(&manager);
    let config = "pre-commit:\n  jobs:\n    - run: leakstop hook pre-commit\npre-push:\n  jobs:\n    \
                  - run: leakstop hook pre-push {1} {2}\n      use_stdin: true\n";
    project.settle("lefthook.yml", config);
    project.run(&["install"]);
    project.commits_are_watched();
    project.pushes_are_watched();
    known_holes(&project, true);
}

#[test]
fn husky() {
    // It is a script for node.
    let Some(script) = manager("HUSKY", "husky") else { return };
    let project = Project::new(&script);
    project.repo.program("node").args([&script]).run().exits(0);
    assert_eq!(project.repo.git(["config", "core.hooksPath"]), ".husky/_");
    let refused = project.repo.run(["install"]).exits(2);
    assert!(refused.err().contains(".husky/pre-commit"), "{}", refused.err());
    project.repo.write(".husky/pre-commit", "leakstop hook pre-commit\n");
    project.settle(".husky/pre-push", "leakstop hook pre-push \"$@\"\n");
    project.commits_are_watched();
    project.pushes_are_watched();
    known_holes(&project, true);
}

#[test]
fn leakstop_by_itself() {
    let project = Project::new(Path::new(LEAKSTOP));
    project.run(&["install"]);
    project.commits_are_watched();
    project.pushes_are_watched();
    known_holes(&project, true);
}
