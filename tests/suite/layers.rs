//! The shape of the source: imports point one way, and the guides name files that exist.
//!
//! In: the text of `src` and of the guides. Out: a failure that lists every line that breaks a rule.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module of the crate and the modules it may use besides itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("whole", &[]),
    ("source", &["text"]),
    ("decode", &["text", "source"]),
    ("detect", &["text", "source", "decode"]),
    ("verdict", &["text", "whole", "source", "decode", "detect"]),
    ("remedy", &["text"]),
    ("report", &["text", "source", "decode", "detect", "verdict"]),
    ("scan", &["text", "source", "decode", "detect", "verdict"]),
    (
        "cli",
        &["text", "whole", "source", "decode", "detect", "verdict", "remedy", "report", "scan"],
    ),
];

/// What stands nowhere outside the modules named with it.
const KEPT_TO: &[(&str, &[&str])] = &[
    ("clap", &["cli"]),
    ("anyhow", &["cli"]),
    ("env::var", &["cli"]),
    ("env::args", &["cli"]),
    ("process::Command", &[]),
    ("process::exit", &["cli"]),
    ("process::abort", &[]),
    ("std::net", &[]),
    ("os::unix::net", &[]),
];

/// Folders of the repository whose paths the guides may name.
const FOLDERS: &[&str] =
    &[".ci", "benches", "docs", "examples", "fixtures", "rules", "src", "tests"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below `folder`, sorted.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut waiting = vec![folder.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is part of the package") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A file's place in the module tree, as `detect/validators/crc`.
fn module(file: &Path) -> String {
    let path = file.strip_prefix(root().join("src")).expect("it lies below src").with_extension("");
    let path = path.to_str().expect("our files have plain names").replace('\\', "/");
    path.strip_suffix("/mod").map_or(path.clone(), str::to_owned)
}

/// The text's lines with their numbers, without those that are comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The identifier that `text` begins with.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// The modules of the crate that a line names: after `crate::`, or after as many `super::` as lead to
/// the crate's root from `depth` modules down.
fn named(line: &str, depth: usize) -> Vec<&str> {
    let from_root = line
        .match_indices("crate::")
        .filter(|(at, _)| !line[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
    let mut names: Vec<&str> =
        from_root.map(|(at, prefix)| word(&line[at + prefix.len()..])).collect();
    let up = "super::".repeat(depth);
    names.extend(line.match_indices(&up).map(|(at, prefix)| word(&line[at + prefix.len()..])));
    names
}

/// What is wrong with one line of a file of the module `path`.
fn faults(path: &str, line: &str) -> Vec<String> {
    let stage = path.split('/').next().unwrap_or_default();
    let mut faults = Vec::new();
    if line.contains("crate::{") {
        faults.push("write one `use` for each module of the crate".to_owned());
    }
    if let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == stage) {
        for name in named(line, path.split('/').count()) {
            let is_stage = MAY_USE.iter().any(|(stage, _)| *stage == name);
            if is_stage && name != stage && !may_use.contains(&name) {
                faults.push(format!("{stage} may not use {name}"));
            }
        }
    } else if !matches!(stage, "lib" | "main") {
        faults.push(format!("{stage} has no row in MAY_USE"));
    }
    for (text, modules) in KEPT_TO {
        if line.contains(text) && !modules.contains(&stage) {
            faults.push(format!("`{text}` is kept to {modules:?}"));
        }
    }
    faults
}

#[test]
fn imports_point_left() {
    let mut found = String::new();
    for file in sources(&root().join("src")) {
        let path = module(&file);
        let text = fs::read_to_string(&file).expect("readable");
        for (number, line) in code(&text) {
            for fault in faults(&path, line) {
                let _ = writeln!(found, "src/{path}:{number}: {fault}: {}", line.trim());
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn wrong_imports_are_noticed() {
    for (path, line) in [
        ("source/git", "use crate::detect::Detector;"),
        ("decode", "use super::verdict::policy::Policy;"),
        ("detect/rules", "use super::super::report::Report;"),
        ("text", "fn f(blob: crate::source::Blob<'_>) {}"),
        ("report/json", "use crate::scan::Found;"),
        ("scan/novelty", "use crate::{detect, verdict};"),
        ("verdict/policy", "use clap::Parser;"),
        ("source/worktree", "let home = std::env::var_os(\"HOME\");"),
        ("cli/scan", "std::process::Command::new(\"git\");"),
        ("novel", "fn f() {}"),
    ] {
        assert!(!faults(path, line).is_empty(), "{path}: {line}");
    }
    for (path, line) in [
        ("report/json", "use crate::verdict::finding::Finding;"),
        ("detect/rules", "use super::spec::Engine;"),
        ("detect/validators/crc", "use super::super::evidence::Evidence;"),
        ("cli/args", "use clap::Parser;"),
    ] {
        assert_eq!(faults(path, line), Vec::<String>::new(), "{path}: {line}");
    }
}

/// Whether a path that a guide names exists. Of one with a placeholder (`rules/<provider>.toml`) or a
/// star, the folder before it must.
fn exists(path: &str) -> bool {
    let known = path.split('/').take_while(|part| !part.contains(['<', '*']));
    root().join(known.collect::<PathBuf>()).exists()
}

/// The paths of this repository that a guide names in backticks or links to.
fn paths(text: &str) -> Vec<&str> {
    let mut paths = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        paths.extend(line.split('`').skip(1).step_by(2).filter(|quoted| {
            let first = quoted.split('/').next().unwrap_or_default();
            quoted.contains('/') && !quoted.contains(' ') && FOLDERS.contains(&first)
        }));
        let links = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        paths.extend(links.filter(|link| !link.contains("://") && !link.starts_with('#')));
    }
    paths
}

#[test]
fn paths_named_in_the_guides_exist() {
    let mut found = String::new();
    for guide in ["README.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(guide)).expect("the guide is there");
        let paths = paths(&text);
        assert!(!paths.is_empty(), "{guide} names no path");
        for path in paths.iter().filter(|path| !exists(path)) {
            let _ = writeln!(found, "{guide}: {path}");
        }
    }
    assert!(found.is_empty(), "not there:\n{found}");
}

#[test]
fn missing_paths_are_noticed() {
    assert_eq!(
        paths("see `src/gone.rs` and [x](gone.md), not `a/b` or `main`"),
        ["src/gone.rs", "gone.md"]
    );
    assert!(!exists("src/gone.rs") && !exists("gone/<name>.rs"));
    assert!(exists("src/lib.rs") && exists("rules/<provider>.toml"));
}
