//! `.env` files and their examples.
//!
//! In: the files' text. Out: a check that tells names, never values.

use std::collections::BTreeMap;
use std::path::Path;

use super::Check;
use super::guard::Repository;
use super::leaks::Leaks;
use crate::detect::placeholder;
use crate::text::Secret;

/// Names of example files, the first one first.
const EXAMPLES: &[&str] =
    &[".env.example", ".env.sample", ".env.template", ".env.dist", "env.example"];
/// Values this short are settings, and may be the same in both.
const SHORT: usize = 8;

/// Whether a file's name is that of variables that are not to be shared.
pub(super) fn is_private(name: &str) -> bool {
    let env = name == ".env"
        || name.starts_with(".env.")
        || name.rsplit_once('.').is_some_and(|(_, end)| end == "env");
    let shared = ["example", "sample", "template", "dist", "defaults", "schema", "test"];
    env && !name.split('.').any(|part| shared.contains(&part))
}

/// The names in a file, with their values.
pub(in crate::cli) fn variables(text: &str) -> BTreeMap<String, Secret> {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("export ").trim_start());
    let given = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let plain = |name: &str| {
        let part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'.';
        !name.is_empty() && name.bytes().all(part)
    };
    given
        .map(|(name, value)| (name.trim(), value.trim().trim_matches(['"', '\''])))
        .filter(|(name, _)| plain(name))
        .map(|(name, value)| (name.to_owned(), Secret::new(value.as_bytes())))
        .collect()
}

/// Whether there is an example that has the names of `.env` and none of its values.
pub(super) fn check(root: &Path, repository: &Repository, leaks: &Leaks<'_>) -> Check {
    let read = |name: &str| std::fs::read_to_string(root.join(name)).ok();
    let own = read(".env").map(|text| variables(&text));
    let example = EXAMPLES.iter().find_map(|name| Some((*name, variables(&read(name)?))));
    let mut problems = Vec::new();
    let mut fixes = Vec::new();
    match (&own, &example) {
        (None, None) => {}
        (Some(own), None) => {
            problems.push("there is a .env and no .env.example".to_owned());
            let lines: Vec<String> = own.keys().map(|name| format!("{name}=")).collect();
            fixes.push(format!("in .env.example, a line each: {}", lines.join("  ")));
        }
        (own, Some((name, example))) => {
            if let Some(own) = own {
                compare(own, example, name, &mut problems);
                let missing = own.keys().filter(|variable| !example.contains_key(*variable));
                fixes.extend(missing.map(|variable| format!("in {name}: {variable}=")));
            }
            for (variable, value) in example {
                if !is_empty(value) && leaks.is_secret_at(name, value) {
                    problems.push(format!("{variable} in {name} has a value that is a secret"));
                    fixes.push(format!("in {name}: {variable}="));
                }
            }
            if !repository.tracks(name) {
                problems.push(format!("{name} is not tracked, so nobody else has it"));
                fixes.push(format!("git add {name}"));
            }
        }
    }
    Check::new(
        "example",
        ".env.example has the names of .env, and placeholders only",
        problems,
        fixes,
    )
}

fn is_empty(value: &Secret) -> bool {
    value.reveal().is_empty() || placeholder::reason(value.reveal()).is_some()
}

/// Tells which names differ, and which values do not.
fn compare(
    own: &BTreeMap<String, Secret>,
    example: &BTreeMap<String, Secret>,
    name: &str,
    problems: &mut Vec<String>,
) {
    let only = |a: &BTreeMap<String, Secret>, b: &BTreeMap<String, Secret>| {
        let only: Vec<&str> =
            a.keys().filter(|name| !b.contains_key(*name)).map(String::as_str).collect();
        only.join(", ")
    };
    let (missing, more) = (only(own, example), only(example, own));
    if !missing.is_empty() {
        problems.push(format!("in .env but not in {name}: {missing}"));
    }
    if !more.is_empty() {
        problems.push(format!("in {name} but not in .env: {more}"));
    }
    for (variable, value) in example {
        let same = own.get(variable) == Some(value) && value.reveal().len() >= SHORT;
        if same && !is_empty(value) {
            problems.push(format!("{variable} has the same value in .env and {name}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_told_from_private_files() {
        for name in [".env", ".env.local", ".env.production", "prod.env"] {
            assert!(is_private(name), "{name}");
        }
        for name in [".env.example", ".env.sample", "example.env", ".environment", "env.rs"] {
            assert!(!is_private(name), "{name}");
        }
    }

    #[test]
    fn names_are_read_as_shells_read_them() {
        let text = "# A=1\nexport ONE=\"x y\"\n TWO = 2\n\nTHREE='3'\nnot a line\n";
        let variables = variables(text);
        let names: Vec<&str> = variables.keys().map(String::as_str).collect();
        assert_eq!(names, ["ONE", "THREE", "TWO"]);
        assert_eq!(variables["ONE"].reveal(), b"x y");
    }
}
