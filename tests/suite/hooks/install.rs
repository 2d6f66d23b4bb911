//! Putting leakstop into hooks, and taking it out again.

use crate::support::secrets::line;
use crate::support::{LEAKSTOP, TestRepo};

fn install(repo: &TestRepo, args: &[&str]) -> crate::support::Ran {
    repo.leakstop(["install"]).args(args).run()
}

#[track_caller]
fn is_guarded(repo: &TestRepo, guarded: bool) {
    repo.stage("leak", line(1));
    let ran = repo.program("git").args(["commit", "-q", "-m", "x"]).run();
    assert_eq!(ran.code != 0, guarded, "{}{}", ran.out(), ran.err());
    if guarded {
        assert!(ran.err().contains("github-pat-classic"), "{}", ran.err());
        repo.git(["rm", "-q", "-f", "leak"]);
    } else {
        repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    }
}

#[test]
fn in_and_out() {
    let repo = TestRepo::new();
    for _ in 0..2 {
        install(&repo, &[]).exits(0);
        is_guarded(&repo, true);
        assert!(repo.path(".git/hooks/pre-push").exists());
    }
    install(&repo, &["--uninstall"]).exits(0);
    assert!(!repo.path(".git/hooks/pre-push").exists());
    is_guarded(&repo, false);
    install(&repo, &["--hook", "commit-msg"]).exits(0);
    is_guarded(&repo, false);
    let message = crate::support::secrets::github(3);
    let ran = repo.program("git").args(["commit", "-q", "--allow-empty", "-m", &message]).run();
    assert_ne!(ran.code, 0);
    assert!(!ran.tells(&message), "{}", ran.err());
}

#[test]
fn what_was_there_runs_first_and_comes_back() {
    let repo = TestRepo::new();
    let own = "#!/bin/sh\necho \"args $# $1\" >> trace\ncat >> trace\n";
    for hook in ["pre-commit", "pre-push"] {
        repo.hook(hook, own);
    }
    let help = install(&repo, &["--help"]).exits(0).out();
    assert!(help.contains("after those that are there"), "{help}");
    install(&repo, &[]).exits(0);
    install(&repo, &[]).exits(0);
    is_guarded(&repo, true);
    assert_eq!(repo.read("trace"), "args 0 \n");
    repo.git(["init", "-q", "--bare", "../origin.git"]);
    repo.git(["remote", "add", "origin", "../origin.git"]);
    repo.git(["push", "-q", "origin", "main"]);
    assert!(
        repo.read("trace").contains("args 2 origin\nrefs/heads/main "),
        "{}",
        repo.read("trace")
    );
    repo.write("f", line(1));
    repo.git(["add", "f"]);
    repo.git(["commit", "-q", "--no-verify", "-m", "leak"]);
    assert_ne!(repo.program("git").args(["push", "-q", "origin", "main"]).run().code, 0);
    // What refuses goes on refusing.
    repo.write(".git/hooks/pre-commit.legacy", "#!/bin/sh\nexit 3\n");
    let commit = ["commit", "-q", "--allow-empty", "-m", "x"];
    assert_ne!(repo.program("git").args(commit).run().code, 0);
    install(&repo, &["--uninstall"]).exits(0);
    assert_eq!(repo.read(".git/hooks/pre-push"), own);
    assert!(!repo.path(".git/hooks/pre-push.legacy").exists());
}

#[test]
fn wherever_git_looks_for_hooks() {
    let repo = TestRepo::new();
    repo.git(["config", "core.hooksPath", "own/hooks"]);
    install(&repo, &[]).exits(0);
    assert!(repo.path("own/hooks/pre-commit").exists());
    is_guarded(&repo, true);
    let repo = TestRepo::new();
    let outside = repo.root().parent().unwrap().join("everyone");
    repo.git(["config", "core.hooksPath", outside.to_str().unwrap()]);
    assert!(install(&repo, &[]).exits(0).err().contains("serves other repositories"));
    is_guarded(&repo, true);
    let repo = TestRepo::new();
    repo.git(["worktree", "add", "-q", "../linked", "-b", "linked"]);
    repo.leakstop(["install"]).within(repo.path("../linked")).run().exits(0);
    is_guarded(&repo, true);
    let repo = TestRepo::new();
    repo.git(["config", "core.hooksPath", ".husky/_"]);
    assert!(install(&repo, &[]).exits(2).err().contains(".husky/pre-commit"));
}

#[test]
fn hooks_that_are_switched_off_are_told() {
    let repo = TestRepo::new();
    install(&repo, &[]).exits(0);
    repo.git(["config", "core.hooksPath", "/dev/null"]);
    for args in [&[][..], &["--uninstall"]] {
        let told = install(&repo, args).exits(2).err();
        let said = "leakstop: core.hooksPath is /dev/null: hooks are switched off; \
                    `git config --unset core.hooksPath` switches them on\n";
        assert_eq!(told, said);
    }
    repo.git(["config", "--unset", "core.hooksPath"]);
    is_guarded(&repo, true);
    // Where the setting is that of all of the user's repositories, the command says so.
    repo.write("../.gitconfig", "[core]\nhooksPath = /dev/null\n");
    let told = install(&repo, &[]).exits(2).err();
    assert!(told.contains("`git config --global --unset core.hooksPath`"), "{told}");
}

#[test]
fn a_bare_repository_is_guarded_where_pushes_arrive() {
    let repo = TestRepo::new();
    repo.git(["init", "-q", "--bare", "../origin.git"]);
    let within = |args: &[&str]| {
        repo.leakstop(["install"]).args(args).within(repo.path("../origin.git")).run().exits(0)
    };
    within(&[]);
    for hook in ["pre-commit", "pre-push"] {
        assert!(!repo.path(format!("../origin.git/hooks/{hook}")).exists(), "{hook} never runs");
    }
    repo.git(["push", "-q", "../origin.git", "main"]);
    repo.stage("leak", line(1));
    repo.git(["commit", "-q", "-m", "leak"]);
    let push = ["push", "-q", "../origin.git", "main"];
    let ran = repo.program("git").args(push).run();
    assert!(ran.code != 0 && ran.err().contains("github-pat-classic"), "{}", ran.err());
    within(&["--uninstall"]);
    repo.git(push);
}

#[test]
fn hooks_of_the_configuration_are_told() {
    let repo = TestRepo::new();
    repo.git(["config", "hook.mine.command", "leakstop hook pre-commit"]);
    repo.git(["config", "--add", "hook.mine.event", "pre-commit"]);
    repo.git(["config", "--add", "hook.mine.event", "commit-msg"]);
    repo.git(["config", "hook.off.command", ""]);
    repo.git(["config", "hook.off.event", "pre-push"]);
    for args in [&[][..], &["--uninstall"]] {
        let told = install(&repo, args).exits(0).err();
        assert!(told.contains("hook.mine runs at pre-commit too"), "{told}");
        assert!(!told.contains("hook.off"), "{told}");
        assert_eq!(told.contains("at commit-msg"), !args.is_empty(), "{told}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let repo = TestRepo::new();
    repo.hook("pre-commit", "#!/bin/sh\n");
    repo.hook("pre-commit.legacy", "#!/bin/sh\n# old\n");
    assert!(install(&repo, &[]).exits(2).err().contains("in the way"));
    assert_eq!(repo.read(".git/hooks/pre-commit"), "#!/bin/sh\n");
    install(&TestRepo::plain(), &[]).exits(2);
}

#[test]
fn a_program_that_is_gone_lets_nothing_pass() {
    let repo = TestRepo::new();
    let copy = repo.path("../copy");
    std::fs::copy(LEAKSTOP, &copy).unwrap();
    repo.program(&copy).args(["install"]).run().exits(0);
    is_guarded(&repo, true);
    std::fs::remove_file(copy).unwrap();
    let commit = ["commit", "-q", "--allow-empty", "-m", "x"];
    let ran = repo.program("git").args(commit).run();
    assert!(ran.code != 0 || ran.err().is_empty(), "another leakstop may be on the path");
}

/// Scripts as the pre-commit framework and prek write them: moved aside, each fails every commit.
const MANAGED: [&str; 2] = [
    "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n\
     # ID: 138fd403232d2ddd5efb44317e38bf03\n",
    "#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n",
];

#[test]
fn a_framework_keeps_its_place() {
    for script in MANAGED {
        let repo = TestRepo::new();
        repo.hook("pre-commit", script);
        let told = install(&repo, &[]).exits(2).err();
        assert!(told.contains("put leakstop into .pre-commit-config.yaml"), "{told}");
        assert_eq!(repo.read(".git/hooks/pre-commit"), script);
        assert!(!repo.path(".git/hooks/pre-commit.legacy").exists());
        assert!(!repo.path(".git/hooks/pre-push").exists(), "nothing is done by halves");
        install(&repo, &["--hook", "pre-push"]).exits(0);
        assert!(repo.path(".git/hooks/pre-push").exists());
    }
}

#[test]
fn a_framework_that_was_moved_aside_can_be_put_back() {
    for script in MANAGED {
        let repo = TestRepo::new();
        install(&repo, &[]).exits(0);
        repo.hook("pre-commit.legacy", script);
        let told = install(&repo, &[]).exits(2).err();
        assert!(told.contains("`leakstop install --uninstall` puts it back"), "{told}");
        install(&repo, &["--uninstall"]).exits(0);
        assert_eq!(repo.read(".git/hooks/pre-commit"), script);
    }
}

#[test]
fn what_a_framework_moved_aside_is_known() {
    for script in MANAGED {
        let repo = TestRepo::new();
        install(&repo, &[]).exits(0);
        let ours = repo.read(".git/hooks/pre-commit");
        repo.hook("pre-commit", script);
        repo.hook("pre-commit.legacy", &ours.replace("leakstop=", "leakstop=/old"));
        let told = install(&repo, &[]).exits(0).err();
        assert!(told.contains("and runs leakstop first, from"), "{told}");
        assert_eq!(repo.read(".git/hooks/pre-commit.legacy"), ours);
        assert_eq!(repo.read(".git/hooks/pre-commit"), script);
        let told = install(&repo, &["--uninstall"]).exits(0).err();
        assert!(told.contains("pre-commit.legacy is gone"), "{told}");
        assert!(!repo.path(".git/hooks/pre-commit.legacy").exists());
        assert_eq!(repo.read(".git/hooks/pre-commit"), script);
    }
}

#[test]
fn what_was_moved_aside_by_others_is_not_run_twice() {
    let repo = TestRepo::new();
    install(&repo, &[]).exits(0);
    let ours = repo.read(".git/hooks/pre-commit");
    let own = "#!/bin/sh\nexit 0\n";
    for before in [Some(own), None] {
        repo.hook("pre-commit.legacy", &ours);
        match before {
            Some(script) => repo.hook("pre-commit", script),
            None => repo.remove(".git/hooks/pre-commit"),
        }
        install(&repo, &[]).exits(0);
        assert_eq!(repo.read(".git/hooks/pre-commit"), ours);
        let legacy = repo.path(".git/hooks/pre-commit.legacy");
        assert_eq!(std::fs::read_to_string(legacy).ok().as_deref(), before);
    }
    repo.hook("pre-commit.legacy", &ours);
    install(&repo, &["--uninstall"]).exits(0);
    assert!(!repo.path(".git/hooks/pre-commit").exists(), "ours was not what there was before");
}
