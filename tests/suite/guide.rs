//! The sessions of `docs/fixing.md`: every command is run, and prints what the page says.
//!
//! In: the page. Out: a failure where a command prints something else; with `UPDATE_DOCS=1` the page anew.

use std::path::Path;

use crate::lifecycle::story;
use crate::support::secrets::{github, slack};
use crate::support::{TestRepo, variable};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixing.md");

/// The repository that the page tells of.
fn repository() -> TestRepo {
    let repo = story();
    let client = format!("import sys\n\nSLACK_TOKEN = \"{}\"\nrun(SLACK_TOKEN)\n", slack(7));
    repo.write("deploy/client.py", client);
    repo.write(".env", format!("GITHUB_TOKEN={}\n", github(9)));
    repo.write(".env.example", "GITHUB_TOKEN=\n");
    repo.write(".gitignore", ".env\n");
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
    let ran = repo.run(&words[1..]);
    assert!([0, 1, 2].contains(&ran.code), "{command}");
    for secret in [github(1), github(2), github(3), github(9), slack(7)] {
        assert!(!ran.tells(&secret), "{command}");
    }
    let told = [ran.out(), ran.err()].concat();
    told.replace(repo.root().to_str().expect("a plain name"), "/home/ada/app")
}

#[test]
fn the_sessions_are_what_the_commands_print() {
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let repo = repository();
    let mut fresh = String::new();
    let mut console = false;
    let mut commands = 0;
    for line in page.lines() {
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
    assert!(commands >= 10, "only {commands} commands");
    if variable("UPDATE_DOCS").is_some() {
        std::fs::write(Path::new(PAGE), fresh).expect("the page can be written");
    } else {
        assert!(fresh == page, "docs/fixing.md is not fresh; UPDATE_DOCS=1 writes it:\n{fresh}");
    }
}
