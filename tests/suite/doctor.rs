//! The checks of a repository's habits, each failing and holding.

use serde_json::Value;

use crate::support::secrets::{github, password};
use crate::support::{TestRepo, text};

/// The checks by id.
fn checks(repo: &TestRepo) -> Value {
    let ran = repo.json(&["doctor"]);
    let report = ran.report();
    let list = report["checks"].as_array().expect("a list").clone();
    let failed = list.iter().any(|check| check["ok"] == false);
    assert_eq!(ran.code, i32::from(failed), "{report}");
    assert_eq!(report["ok"], !failed);
    list.into_iter()
        .map(|check| (text(&check, "id"), check))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn problems(checks: &Value, id: &str) -> String {
    let list = checks[id]["problems"].as_array().unwrap_or_else(|| panic!("no check {id}"));
    list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

/// A repository with nothing wrong.
fn healthy() -> TestRepo {
    let repo = TestRepo::new();
    repo.write(".gitignore", ".env\n.env.*\n!.env.example\n*.pem\n*.key\n*.p12\ncredentials.json\nservice-account*.json\nid_rsa\n*.tfstate\n*.tfvars\n");
    repo.write(".env.example", "STRIPE_KEY=\n");
    repo.write(".github/workflows/ci.yml", "run: leakstop history origin/main..HEAD\n");
    repo.commit("good habits");
    repo.run(["install"]).exits(0);
    repo
}

#[test]
fn a_healthy_repository_has_no_problems() {
    let repo = healthy();
    let all = checks(&repo);
    for (id, check) in all.as_object().expect("an object") {
        assert_eq!(check["ok"], true, "{id}: {check}");
    }
    let told = repo.run(["doctor"]).exits(0).out();
    assert!(told.ends_with("all well.\n"), "{told}");
    let pasted = repo.run(["doctor", "--format", "markdown"]).exits(0).out();
    assert!(pasted.lines().all(|line| line.starts_with("- [x] ")), "{pasted}");
}

#[test]
fn hooks_are_looked_up_where_git_runs_them() {
    let repo = healthy();
    let hook = repo.path(".git/hooks/pre-commit");
    let script = std::fs::read_to_string(&hook).expect("it was installed");
    std::fs::write(&hook, script.replace("leakstop=", "leakstop=/old")).expect("writable");
    assert!(problems(&checks(&repo), "hook").contains("not what this leakstop would install"));
    std::fs::write(&hook, script).expect("writable");
    repo.git(["config", "core.hooksPath", "elsewhere"]);
    let all = checks(&repo);
    assert!(problems(&all, "hook").contains("elsewhere/pre-commit"));
    assert!(problems(&all, "hooks-path").contains("is never run"));
    repo.git(["config", "--unset", "core.hooksPath"]);
    repo.hook("pre-commit", "#!/bin/sh\nmake lint\n");
    assert!(problems(&checks(&repo), "hook").contains("does not run leakstop"));
    repo.hook("pre-commit", "#!/bin/sh\nmake lint && leakstop hook pre-commit\n");
    assert_eq!(problems(&checks(&repo), "hook"), "");
}

#[test]
fn a_gate_and_ignored_files_are_asked_for() {
    let repo = TestRepo::new();
    let all = checks(&repo);
    assert!(problems(&all, "ci").contains("no files of a CI system"));
    assert!(problems(&all, "ignored").contains("credentials.json"));
    repo.write(".gitlab-ci.yml", "test: make\n");
    repo.write(".env", "A=1\n");
    repo.write("keys/server.pem", ["-----BEGIN ", "PRIVATE KEY-----\n"].concat());
    repo.write("keys/ca.pem", "-----BEGIN CERTIFICATE-----\n");
    repo.commit("bad habits");
    let all = checks(&repo);
    assert!(problems(&all, "ci").contains("files runs it: .gitlab-ci.yml"));
    assert_eq!(problems(&all, "tracked"), "git tracks .env\ngit tracks keys/server.pem");
}

#[test]
fn examples_have_the_names_and_none_of_the_values() {
    let repo = healthy();
    let secret = github(1);
    repo.write(".env", format!("STRIPE_KEY={}\nTOKEN={secret}\n", password(5)));
    let all = checks(&repo);
    assert_eq!(problems(&all, "example"), "in .env but not in .env.example: TOKEN");
    repo.write(".env.example", format!("STRIPE_KEY=<your key>\nTOKEN={secret}\nMORE=\n"));
    let ran = repo.run(["doctor"]).exits(1);
    assert!(!ran.tells(&secret) && !ran.tells(&password(5)));
    let told = problems(&checks(&repo), "example");
    assert!(told.contains("in .env.example but not in .env: MORE"), "{told}");
    assert!(told.contains("TOKEN has the same value in .env and .env.example"), "{told}");
    assert!(told.contains("TOKEN in .env.example has a value that is a secret"), "{told}");
    repo.remove(".env.example");
    let check = &checks(&repo)["example"];
    assert_eq!(check["problems"][0], "there is a .env and no .env.example");
    assert_eq!(check["fixes"][0], "in .env.example, a line each: STRIPE_KEY=  TOKEN=");
}

#[test]
fn secrets_where_references_belong_and_shared_ones_are_found() {
    let repo = healthy();
    let secret = github(1);
    repo.write("docker-compose.yml", format!("    GITHUB_TOKEN: {secret}\n"));
    repo.write("deploy/prod/app.toml", format!("CLIENT_TOKEN = \"{secret}\"\n"));
    repo.write("deploy/staging/app.toml", format!("CLIENT_TOKEN = \"{secret}\"\n"));
    repo.write("deploy/staging/own.toml", format!("CLIENT_TOKEN = \"{}\"\n", github(2)));
    let all = checks(&repo);
    assert!(
        problems(&all, "references")
            .starts_with("docker-compose.yml:1 holds one, in a compose file")
    );
    let shared = problems(&all, "environments");
    assert!(shared.contains("production and staging") && !shared.contains("own.toml"), "{shared}");
    assert!(problems(&all, "reused").contains("CLIENT_TOKEN and GITHUB_TOKEN"));
    assert_eq!(problems(&all, "new").lines().count(), 4);
    assert!(!repo.run(["doctor", "--format", "markdown"]).exits(1).tells(&secret));
}

#[test]
fn a_baseline_goes_stale() {
    let repo = healthy();
    for at in 1..=3 {
        repo.write(format!("{at}.py"), format!("token = \"{}\"\n", github(at)));
    }
    repo.run(["baseline", "create"]).exits(0);
    let all = checks(&repo);
    assert_eq!(problems(&all, "baseline-unaudited").lines().count(), 3);
    assert_eq!(problems(&all, "baseline-stale"), "");
    repo.run(["audit", "--label", "real", "--reason", "x", "--expires", "2999-01-01"]).exits(0);
    repo.write(".secrets.baseline", repo.read(".secrets.baseline").replace("2999", "2001"));
    repo.remove("1.py");
    let all = checks(&repo);
    assert_eq!(problems(&all, "baseline-expired"), "2.py:1 has expired\n3.py:1 has expired");
    assert!(problems(&all, "baseline-stale").contains("1.py is no longer found"));
}

#[test]
fn comments_that_allow_nothing_are_named() {
    let repo = healthy();
    repo.write(
        "a.py",
        format!("token = \"{}\"  # leakstop:allow\nx = 1  # leakstop:allow\n", github(1)),
    );
    repo.write("b.py", format!("# pragma: allowlist nextline secret\ntoken = \"{}\"\n", github(2)));
    repo.write("guide.md", "Write `# leakstop:allow` behind it.\n");
    repo.write("c.py", "text = \"write leakstop:allow behind it\"\n");
    assert_eq!(problems(&checks(&repo), "comments"), "a.py:2 allows nothing");
}

#[test]
fn a_shallow_clone_is_named() {
    let repo = healthy();
    repo.write("more", "more\n");
    repo.commit("more");
    let from = format!("file://{}", repo.root().display());
    repo.git(["clone", "-q", "--depth", "1", &from, "../shallow"]);
    let ran = repo.leakstop(["doctor", "--format", "json"]).within(repo.path("../shallow")).run();
    assert!(ran.exits(1).out().contains("this clone is shallow"));
    let outside = repo.leakstop(["doctor"]).within(repo.path("..")).run().exits(2);
    assert!(outside.err().contains("not in a git repository"), "{}", outside.err());
}
