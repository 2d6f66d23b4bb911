//! Entries of other scanners in `.pre-commit-config.yaml`.
//!
//! In: the file's text. Out: the text with each of their repositories replaced by a hook that runs the installed
//! leakstop, everything else byte for byte as it was; nothing if there is none.

use super::node::Node;

/// Parts of the addresses of their hook repositories.
const THEIRS: &[&str] = &[
    "/gitleaks",
    "/betterleaks",
    "/detect-secrets",
    "/trufflehog",
    "/kingfisher",
    "/ripsecrets",
    "/ggshield",
    "/talisman",
    "/whispers",
];

/// The entry that takes their place, before it is indented.
const OURS: &[&str] = &[
    "- repo: local",
    "  hooks:",
    "    - id: leakstop",
    "      name: leakstop",
    "      entry: leakstop hook pre-commit",
    "      language: system",
    "      stages: [pre-commit, pre-merge-commit, manual]",
    "      pass_filenames: false",
    "      always_run: true",
    "      require_serial: true",
];

/// The file with our hook in it, and the addresses of what it replaces.
pub(super) struct Replaced {
    pub(super) text: String,
    pub(super) theirs: Vec<(usize, String)>,
    /// Their settings that ours does not take over.
    pub(super) lost: Vec<(usize, &'static str)>,
}

/// Replaces their entries.
pub(super) fn replace(text: &str) -> Option<Replaced> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut out = String::new();
    let mut theirs: Vec<(usize, String)> = Vec::new();
    let mut lost = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(address) = address(lines[at]).filter(|address| is_theirs(address)) else {
            out.push_str(lines[at]);
            at += 1;
            continue;
        };
        let indent = indent(lines[at]);
        if theirs.is_empty() && !text.contains("entry: leakstop") {
            for line in OURS {
                out.push_str(&" ".repeat(indent));
                out.push_str(line);
                out.push('\n');
            }
        }
        theirs.push((at + 1, address.to_owned()));
        let end = end(&lines, at, indent);
        let settings = (at..end).filter_map(|at| Some((at + 1, setting(lines[at])?)));
        lost.extend(settings);
        at = end;
    }
    let known = Node::yaml(text).is_ok() && Node::yaml(&out).is_ok();
    (known && !theirs.is_empty()).then_some(Replaced { text: out, theirs, lost })
}

/// The line after the entry that begins at `from`. Comments and blank lines before the next one stay.
fn end(lines: &[&str], from: usize, indent: usize) -> usize {
    let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let next = (from + 1..lines.len())
        .find(|&at| says(&lines[at]) && self::indent(lines[at]) <= indent)
        .unwrap_or(lines.len());
    (from + 1..next).rev().find(|&at| says(&lines[at])).map_or(from + 1, |last| last + 1)
}

/// The setting of a hook on this line that says what is scanned, or how.
fn setting(line: &str) -> Option<&'static str> {
    let line = line.trim_start().trim_start_matches("- ");
    // Where the baseline lies is the same.
    let same = line.contains("--baseline") && line.contains(".secrets.baseline");
    ["exclude", "files", "args"]
        .into_iter()
        .find(|name| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
        .filter(|name| *name != "args" || !same || line.contains("--exclude"))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The address of the hook repository whose entry begins on this line.
fn address(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix('-')?.trim_start().strip_prefix("repo:")?.trim();
    let rest = rest.split(" #").next().unwrap_or(rest).trim();
    Some(rest.trim_matches(|c| c == '"' || c == '\''))
}

fn is_theirs(address: &str) -> bool {
    let address = address.trim_end_matches('/').trim_end_matches(".git").to_lowercase();
    THEIRS.iter().any(|name| address.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "# our hooks
repos:
  - repo: https://example.com/psf/black   # formatter
    rev: '24'
    hooks: [{id: black}]

  # no secrets
  - repo: https://example.com/gitleaks/gitleaks
    rev: v8
    hooks:
      - id: gitleaks

  # types
  - repo: \"https://example.com/Yelp/detect-secrets.git\"
    rev: v1
    hooks:
      - id: detect-secrets
        args: ['--baseline', '.secrets.baseline']
        exclude: ^docs/
ci:
  skip: []
";

    #[test]
    fn their_entries_become_one_of_ours() {
        let Replaced { text, theirs, lost } = replace(CONFIG).unwrap();
        assert_eq!(lost, [(19, "exclude")]);
        assert_eq!(theirs.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [8, 14]);
        let ours = format!("  {}\n", OURS.join("\n  "));
        let (head, _) = CONFIG.split_once("  - repo: https://example.com/gitleaks").unwrap();
        assert_eq!(text, format!("{head}{ours}\n  # types\nci:\n  skip: []\n"));
        let root = Node::yaml(&text).unwrap();
        assert_eq!(root.list_of("repos").len(), 2);
        assert!(replace(&text).is_none());
    }

    #[test]
    fn files_that_cannot_be_read_stay() {
        assert!(replace("repos:\n- repo: x/gitleaks\n  a: [\n").is_none());
        assert!(replace("").is_none());
    }
}
