//! What the guides say can be checked by machine: command lines parse, the example configuration loads
//! and does what it says.
//!
//! In: the guides, the hook list, the built program. Out: a failure that names the line.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::report::Format;
use serde_json::Value;

/// The files whose command lines are tried.
const GUIDES: &[&str] = &[
    "README.md",
    "CONTRIBUTING.md",
    "docs/agents.md",
    "docs/baseline.md",
    "docs/ci.md",
    "docs/compared.md",
    "docs/config.md",
    "docs/findings.md",
    "docs/formats.md",
    "docs/history.md",
    "docs/library.md",
    "docs/migration.md",
    "docs/packages.md",
    "docs/pre-commit.md",
    "docs/security.md",
    ".pre-commit-hooks.yaml",
    ".ci/run",
];

/// Commands whose help lists every option.
const COMMANDS: &[&[&str]] = &[
    &[],
    &["scan"],
    &["staged"],
    &["history"],
    &["stdin"],
    &["hook", "pre-commit"],
    &["baseline", "create"],
    &["baseline", "update"],
    &["baseline", "convert"],
    &["rules", "list"],
    &["explain"],
    &["report"],
    &["incident"],
    &["doctor"],
    &["audit"],
    &["rotate"],
    &["fix"],
    &["migrate"],
];

fn guide(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

/// Runs the program in `folder`, with nothing of the caller's environment that could steer it.
#[expect(clippy::disallowed_methods, reason = "the program is what is tested")]
fn run(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_leakstop"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built for this test");
    // A program that refuses its arguments closes the pipe early.
    let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// The command lines of leakstop in a file, with their line numbers. In a guide they stand in backticks and
/// fences; in other files anywhere but in comments and descriptions.
fn invocations(text: &str, is_guide: bool) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in text.lines().enumerate() {
        fenced ^= is_guide && line.starts_with("```");
        let prose = ["#", "description:", "name:"].iter().any(|p| line.trim_start().starts_with(p));
        let stretches: Vec<&str> = match (is_guide, fenced) {
            (true, false) => line.split('`').skip(1).step_by(2).collect(),
            _ if prose => Vec::new(),
            _ => vec![line],
        };
        let commands = stretches.iter().flat_map(|text| text.split(['|', ';', '&', '#', '>', '<']));
        found.extend(commands.filter_map(arguments).map(|words| (number + 1, words)));
    }
    found
}

/// The arguments that a command gives to leakstop, if it runs it.
fn arguments(command: &str) -> Option<Vec<String>> {
    let starts = |at: usize| {
        command[..at].chars().next_back().is_none_or(|c| matches!(c, ' ' | '/' | '\'' | '"' | '\t'))
    };
    let (at, name) = command.match_indices("leakstop ").find(|(at, _)| starts(*at))?;
    let rest = command[at + name.len()..].trim();
    let words: Vec<String> = rest
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'', ',', '[', ']', '{', '}']).to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    let first = words.first()?;
    (first.starts_with('-') || first.bytes().all(|b| b.is_ascii_lowercase())).then_some(words)
}

#[test]
fn command_lines_in_the_guides_parse() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let mut faults = String::new();
    let mut tried = 0;
    for name in GUIDES {
        let is_guide = Path::new(name).extension().is_some_and(|ending| ending == "md");
        for (number, words) in invocations(&guide(name), is_guide) {
            let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
            // Help comes only after everything before it has parsed, and nothing is run.
            args.push("--help");
            // A folder that -C names is not here, but help does not go there.
            let output = run(folder.path(), &args, "");
            tried += 1;
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stderr);
                let first = said.lines().next().unwrap_or_default();
                let _ = writeln!(faults, "{name}:{number}: leakstop {}: {first}", words.join(" "));
            }
        }
    }
    assert!(tried > 20, "only {tried} command lines were found");
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn wrong_command_lines_are_noticed() {
    let text = "Run `leakstop scan --nonsense`.\n```sh\ngit x && leakstop frobnicate | jq .\n```\n";
    let found = invocations(text, true);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0], (1, vec!["scan".to_owned(), "--nonsense".to_owned()]));
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (_, words) in found {
        let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
        args.push("--help");
        assert!(!run(folder.path(), &args, "").status.success(), "{words:?}");
    }
}

#[test]
fn options_named_in_the_guides_exist() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let mut help = String::new();
    for command in COMMANDS {
        let args: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        help.push_str(&String::from_utf8_lossy(&run(folder.path(), &args, "").stdout));
    }
    let known: Vec<&str> = help
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter(|word| word.starts_with("--"))
        .collect();
    // Programs of the tests and benches have options, too.
    let others = ["CONTRIBUTING.md", "docs/security.md"];
    let pages = GUIDES.iter().filter(|name| name.ends_with(".md") && !others.contains(*name));
    let texts: Vec<String> = pages.map(|name| guide(name)).collect();
    let prose = texts.iter().flat_map(|text| text.split("```").step_by(2));
    let flags: Vec<&str> = prose
        .flat_map(|text| text.split('`').skip(1).step_by(2))
        .filter(|quoted| quoted.starts_with("--"))
        .filter_map(|quoted| quoted.split([' ', '=']).next())
        .collect();
    assert!(flags.len() > 5, "only {flags:?} were found");
    let missing: Vec<_> = flags.iter().filter(|flag| !known.contains(flag)).collect();
    assert!(missing.is_empty(), "no command has {missing:?}");
}

#[test]
fn formats_and_the_number_of_rules_are_right() {
    let readme = guide("README.md");
    let formats = guide("docs/formats.md");
    for format in Format::ALL {
        let name = format!("`{}`", format.name());
        assert!(formats.contains(&name), "the page of formats does not name {name}");
    }
    let claimed = readme.split("More than ").nth(1).and_then(|rest| rest.split(' ').next());
    let claimed: usize =
        claimed.and_then(|n| n.replace(',', "").parse().ok()).expect("More than N rules");
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let count = rules.rules().len();
    assert!((claimed..claimed + 200).contains(&count), "{claimed} claimed, {count} there");
}

#[test]
fn the_page_of_rules_is_fresh() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let output = run(folder.path(), &["rules", "list", "--format", "markdown"], "");
    assert!(output.status.success());
    let page = String::from_utf8(output.stdout).expect("text");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    if crate::support::variable("UPDATE_DOCS").is_some() {
        fs::write(path, &page).expect("our own file");
    }
    let stale = guide("docs/rules.md") != page;
    assert!(!stale, "docs/rules.md is stale: run UPDATE_DOCS=1 cargo test the_page_of_rules");
}

/// The examples of the page of formats: name, place of the text between its fences.
fn examples(page: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let marks = page.match_indices("<!-- example: ");
    let example = |(at, mark): (usize, &str)| {
        let name = page[at + mark.len()..].split(' ').next().expect("a name").to_owned();
        let open = at + page[at..].find("```").expect("a fence follows");
        let start = open + page[open..].find('\n').expect("a fence is a line") + 1;
        let end = start + page[start..].find("```\n").expect("a fence is closed");
        (name, start..end)
    };
    marks.map(example).collect()
}

#[test]
fn the_page_of_formats_is_fresh() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let old = guide("docs/formats.md");
    let first = examples(&old).into_iter().next().expect("the report is the first example").1;
    let report = old[first].to_owned();
    let mut page = old.clone();
    for (name, place) in examples(&old).into_iter().rev() {
        let mut args = vec!["report", "-"];
        if name == "quiet" {
            args.push("--quiet");
        } else {
            args.extend(["--format", &name]);
        }
        let output = run(folder.path(), &args, &report);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("text").replace("\r\n", "\n");
        page.replace_range(place, &text);
    }
    if crate::support::variable("UPDATE_DOCS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md"), &page)
            .expect("our own file");
    }
    let stale = guide("docs/formats.md") != page;
    assert!(!stale, "docs/formats.md is stale: run UPDATE_DOCS=1 cargo test the_page_of_formats");
    for format in Format::ALL {
        assert!(page.contains(&format!("\n## {}\n", format.name())), "{}", format.name());
    }
}

/// The guide's example of `.leakstop.toml`.
fn example() -> String {
    let page = guide("docs/config.md");
    let fences = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut examples = fences.filter(|text| text.contains("min_confidence"));
    let text = examples.next().expect("the page shows a configuration").to_owned();
    assert_eq!(examples.next(), None, "there should be one example");
    text
}

#[test]
fn the_example_configuration_does_what_it_says() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let config = folder.path().join("example.toml");
    fs::write(&config, example()).expect("the folder is writable");
    let parsed: toml::Table = example().parse().expect("the example is TOML");
    let rule = &parsed["rule"][0];
    let texts = |key: &str| {
        let parts = rule[key][0].as_array().expect("a list of parts");
        parts.iter().filter_map(toml::Value::as_str).collect::<String>()
    };
    for (key, found) in [("match", 1), ("no_match", 0)] {
        let args = ["stdin", "--config", "example.toml", "--format", "json"];
        let output = run(folder.path(), &args, &texts(key));
        let said = String::from_utf8_lossy(&output.stderr);
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|fault| panic!("{key}: {fault}: {said}"));
        let findings = report["findings"].as_array().expect("a list");
        assert_eq!(findings.len(), found, "{key}: {report:#}");
        assert_eq!(output.status.code(), i32::try_from(found).ok(), "{key}");
        assert!(findings.iter().all(|f| f["rule_id"].as_str() == rule["id"].as_str()), "{key}");
    }
}

#[test]
fn a_wrong_key_in_the_configuration_is_an_error() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    fs::write(folder.path().join("bad.toml"), "min_confidance = \"likely\"\n").expect("writable");
    let output = run(folder.path(), &["scan", "--config", "bad.toml"], "");
    assert_eq!(output.status.code(), Some(2));
}
