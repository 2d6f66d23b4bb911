//! Rule ids are part of what users write down: in baselines, comments, configurations. So every change of the set since
//! the last release is named in the changelog.
//!
//! In: the built-in rules, `tests/suite/released-rules.txt`, which holds the ids of the last release, and the
//! changelog's Unreleased section. Out: a failure that lists the ids to name there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use leakstop::detect::rules::{RuleSet, Selection};

use crate::support::variable;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn released() -> PathBuf {
    root().join("tests/suite/released-rules.txt")
}

/// The ids of a list, a line each; comments aside.
fn ids(text: &str) -> BTreeSet<&str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The text below the heading `Unreleased`.
fn unreleased(changelog: &str) -> &str {
    let (_, rest) = changelog.split_once("## [Unreleased]").expect("the changelog has the section");
    rest.split("\n## ").next().unwrap_or_default()
}

/// Whether the text names the id in backticks, by itself or by a beginning such as `acme-*`.
fn names(text: &str, id: &str) -> bool {
    text.split('`').skip(1).step_by(2).any(|quoted| match quoted.strip_suffix('*') {
        Some(start) => start.len() > 2 && id.starts_with(start),
        None => quoted == id,
    })
}

/// The ids that came or went since the release and that the text does not name. Before the first release none did.
fn unnamed(released: &BTreeSet<&str>, now: &BTreeSet<&str>, text: &str) -> Vec<String> {
    if released.is_empty() {
        return Vec::new();
    }
    let gone = released.difference(now).map(|id| (id, "gone"));
    let came = now.difference(released).map(|id| (id, "new"));
    gone.chain(came)
        .filter(|(id, _)| !names(text, id))
        .map(|(id, what)| format!("{id} ({what})"))
        .collect()
}

#[test]
fn changed_rule_ids_are_in_the_changelog() {
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let now: BTreeSet<&str> = rules.rules().iter().map(|rule| &*rule.spec().id).collect();
    if variable("UPDATE_RELEASED").is_some() {
        let head =
            "# Rule ids of the last release. Written at each release, see CONTRIBUTING.md.\n";
        let list = now.iter().fold(head.to_owned(), |list, id| list + id + "\n");
        std::fs::write(released(), list).expect("our own file");
    }
    let list = std::fs::read_to_string(released()).expect("the list is there");
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).expect("it is there");
    let unnamed = unnamed(&ids(&list), &now, unreleased(&changelog));
    assert!(
        unnamed.is_empty(),
        "name these in CHANGELOG.md below Unreleased, each as `id` or many as `start-*`: {unnamed:?}"
    );
}

#[test]
fn changes_that_nobody_names_are_noticed() {
    let changelog =
        "## [Unreleased]\n- Rules `b-new` and `many-*`; `gone` left.\n\n## [0.1.0]\n- `old`\n";
    let text = unreleased(changelog);
    let set = |list: &[&'static str]| list.iter().copied().collect::<BTreeSet<_>>();
    let before = set(&["a", "gone"]);
    let of = |now: &[&'static str]| unnamed(&before, &set(now), text);
    assert_eq!(of(&["a", "b-new", "many-1", "many-2"]), Vec::<String>::new());
    assert_eq!(of(&["a", "old"]), ["old (new)"]);
    assert_eq!(of(&["gone"]), ["a (gone)"]);
    assert!(unnamed(&set(&[]), &before, "").is_empty());
    assert_eq!(ids("# comment\n\na\nb\n"), set(&["a", "b"]));
}
