//! The commands of the guides: each is run. In a session (```` ```console ````) it prints what the page says; in a list
//! of commands (```` ```sh ````) it does not go wrong.
//!
//! In: the pages. Out: a failure where a command prints something else; with `UPDATE_DOCS=1` the page anew.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::lifecycle::story;
use crate::support::secrets::{github, slack};
use crate::support::{LEAKSTOP, TestRepo, variable};

/// A page with sessions, how many commands it has at least, and the repository that it tells of.
type Page = (&'static str, usize, fn() -> TestRepo);

const SESSIONS: &[Page] = &[
    ("README.md", 1, first),
    ("docs/fixing.md", 10, repository),
    ("docs/agents.md", 1, repository),
];

/// Pages with lists of commands, and how many each has at least.
const LISTS: &[(&str, usize)] = &[
    ("README.md", 6),
    ("docs/baseline.md", 6),
    ("docs/config.md", 2),
    ("docs/findings.md", 3),
    ("docs/formats.md", 2),
    ("docs/history.md", 7),
    ("docs/migration.md", 3),
    ("docs/pre-commit.md", 2),
];

fn path(page: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(page)
}

/// The repository that the README tells of.
fn first() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("README.md", "# A client\n\nIt reads what is new, and prints it.\n");
    let client = format!("import github\n\nclient = Github(\"{}\")\n", github(4));
    repo.write("src/client.py", format!("{client}print(client.get_user().login)\n"));
    repo.write("src/__init__.py", "");
    repo
}

/// The repository that the other pages tell of.
fn repository() -> TestRepo {
    let repo = story();
    let client = format!("import sys\n\nSLACK_TOKEN = \"{}\"\nrun(SLACK_TOKEN)\n", slack(7));
    repo.write("deploy/client.py", client);
    repo.write(".env", format!("GITHUB_TOKEN={}\n", github(9)));
    repo.write(".env.example", "GITHUB_TOKEN=\n");
    repo.write(".gitignore", ".env\n");
    let event = serde_json::json!({
        "cwd": repo.root(), "hook_event_name": "PreToolUse", "tool_name": "Write",
        "tool_input": { "file_path": "deploy/run.py", "content": format!("token = \"{}\"\n", github(8)) },
    });
    repo.write(".git/event.json", event.to_string());
    repo
}

/// A command's words; quotes hold some together.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// What a command prints, with the folder called as on anybody's machine.
fn printed(repo: &TestRepo, command: &str) -> String {
    let words = words(command);
    assert_eq!(words[0], "leakstop", "{command}");
    let ran = match words.iter().position(|word| word == "<") {
        // Events of agents lie where no scan of the files sees them.
        Some(at) => {
            let input = repo.read(&format!(".git/{}", words[at + 1]));
            repo.leakstop(&words[1..at]).input(input).run()
        }
        None => repo.run(&words[1..]),
    };
    assert!([0, 1, 2].contains(&ran.code), "{command}");
    for secret in [github(1), github(2), github(3), github(4), github(8), github(9), slack(7)] {
        assert!(!ran.tells(&secret), "{command}");
    }
    let told = [ran.out(), ran.err()].concat();
    let told = timed(&told);
    told.replace(repo.root().to_str().expect("a plain name"), "/home/ada/app")
}

/// A text in which each scan took as long.
fn timed(told: &str) -> String {
    let lines = told.split_inclusive('\n').map(|line| match line.rsplit_once(", in ") {
        Some((rest, time)) if line.contains("Scanned ") && time.ends_with("s.\n") => {
            format!("{rest}, in 42 ms.\n")
        }
        _ => line.to_owned(),
    });
    lines.collect()
}

#[test]
fn the_sessions_are_what_the_commands_print() {
    for &(page, least, repository) in SESSIONS {
        let text = std::fs::read_to_string(path(page)).expect("the page is there");
        let repo = repository();
        let mut fresh = String::new();
        let mut console = false;
        let mut commands = 0;
        for line in text.lines() {
            if line.starts_with("```") {
                console = line == "```console";
            }
            let command = line.strip_prefix("$ ").filter(|_| console);
            if !console || line.starts_with("```") || command.is_some() {
                fresh.push_str(line);
                fresh.push('\n');
            }
            if let Some(command) = command {
                commands += 1;
                let told = printed(&repo, command);
                // A fence inside one ends it.
                fresh.push_str(&told.replace("\n```", "\n'''"));
            }
        }
        assert!(commands >= least, "{page}: only {commands} commands");
        if variable("UPDATE_DOCS").is_some() {
            std::fs::write(path(page), fresh).expect("the page can be written");
        } else {
            assert!(fresh == text, "{page} is not fresh; UPDATE_DOCS=1 writes it:\n{fresh}");
        }
    }
}

/// The commands of leakstop alone in the lists of a page. What other programs read of them is not run.
fn listed(text: &str) -> Vec<&str> {
    let fences = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = fences.flat_map(str::lines).filter(|line| line.starts_with("leakstop "));
    lines.filter(|line| !line.contains("\"$@\"")).collect()
}

#[test]
fn the_listed_commands_go_right() {
    let folder = Path::new(LEAKSTOP).parent().expect("it lies in a folder").to_path_buf();
    let places = std::env::split_paths(&variable("PATH").unwrap_or_default()).collect::<Vec<_>>();
    let places: OsString =
        std::env::join_paths([folder].into_iter().chain(places)).expect("plain names");
    let mut wrong = Vec::new();
    for &(page, least) in LISTS {
        let text = std::fs::read_to_string(path(page)).expect("the page is there");
        let repo = repository();
        if page == "docs/migration.md" {
            repo.write(".gitleaks.toml", GITLEAKS);
        } else {
            repo.write(".leakstop.toml", RULE);
        }
        let listed = listed(&text);
        assert!(listed.len() >= least, "{page}: only {listed:?}");
        for command in listed {
            let ran = repo.program("sh").env("PATH", &places).args(["-c", command]).run();
            if ![0, 1].contains(&ran.code) {
                wrong.push(format!("{page}: {command}: {}{}", ran.code, ran.err()));
            }
            assert!(!ran.tells(&github(3)) && !ran.tells(&slack(7)), "{command}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Settings of gitleaks, which a repository comes with.
const GITLEAKS: &str = "[[rules]]\nid = \"acme\"\nregex = '''acme_[a-z]{20}'''\n";

/// A rule of the repository's own, which the page of settings has tried.
const RULE: &str = "[[rule]]\nid = \"acme-deploy-token\"\nname = \"ACME deploy token\"\ndescription = \
                    \"Deploys.\"\nkeywords = [\"acme_\"]\npattern = '(?<secret>acme_[0-9a-f]{32})'\n";
