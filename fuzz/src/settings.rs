//! What users and git write: configuration, rules, baselines, allow comments, the lines that hooks are given.

use bstr::BStr;
use leakstop::cli::probe;
use leakstop::detect::rules::{self, Selection};
use leakstop::detect::spec;
use leakstop::verdict::baseline::{Baseline, Found, Gone, Note};
use leakstop::verdict::inline;

use crate::Input;

/// `.leakstop.toml`, with the rules in it.
pub fn config(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        probe::config(text);
    }
}

/// A file of rules.
pub fn rules(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok((provider, entries)) = spec::parse(text) else { return };
    for entry in entries {
        let _ = entry.resolve(&provider, None);
        if rules::check(&entry).is_ok() {
            let text = entry.matches.iter().chain(&entry.no_matches).flatten().cloned();
            let text = text.collect::<Vec<_>>().concat();
            let selection = Selection { added: vec![entry], ..Selection::default() };
            if let Ok(set) = rules::RuleSet::new(&selection) {
                let detector = leakstop::detect::Detector::new(set, spec::Confidence::Possible);
                let chunk = leakstop::decode::Chunk::whole(text.as_bytes());
                detector.detect(&chunk, &mut Vec::new());
            }
        }
    }
}

/// A baseline of either format: what was read is written so that it reads the same, and every operation ends.
pub fn baseline(bytes: &[u8]) {
    let Ok(read) = Baseline::parse(bytes) else { return };
    assert_eq!(read.render(), bytes, "what did not change is written as it was");
    let values: Vec<&[u8]> = bytes.split(|&byte| byte == b'"').filter(|v| !v.is_empty()).collect();
    let found: Vec<Found<'_>> = values
        .iter()
        .take(20)
        .enumerate()
        .map(|(line, value)| Found {
            rule: std::str::from_utf8(value).unwrap_or("generic-password"),
            path: BStr::new(values[values.len() - 1 - line]),
            secret: value,
            line,
            context: bytes,
        })
        .collect();
    let today = jiff::civil::date(2026, 1, 1);
    let standings = read.settle(
        &found,
        Gone { entry: &|path| path.len() % 2 == 0, find: &|path| path.len() % 3 == 0 },
        today,
    );
    assert_eq!(standings.len(), found.len());
    let _ = (read.diff(&found), read.stats(today), read.warnings());
    let same = Baseline::merge(Some(&read), &read, &read).expect("there is nothing to merge");
    assert_eq!(same.len(), read.len());
    let mut updated = read.clone();
    updated.update(&found, &|path| path.len() % 3 == 0, false);
    again(&updated);
    for find in &found {
        updated.annotate(find, &Note::default());
    }
    let _ = updated.prune(&found, &|_| true);
    again(&updated);
    if let Ok(other) = read.convert(&found) {
        again(&other.baseline);
    }
}

/// Reads what is written.
fn again(baseline: &Baseline) {
    let written = baseline.render();
    let read = Baseline::parse(&written).expect("we wrote it");
    assert_eq!(read.len(), baseline.len());
    assert_eq!(read.render(), written);
}

/// Allow comments.
pub fn allow(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (rule, above) = (input.byte(), usize::from(input.byte()));
    let rule = ["generic-password", "github-pat-classic", "x"][usize::from(rule) % 3];
    let previous = input.take(above);
    let lines = input.0;
    for path in [None, Some(&b"a.yaml"[..])] {
        let allowed = inline::allowance(lines, Some(previous), rule, path);
        if let Some(allowed) = allowed {
            assert!(inline::any(lines) || inline::any(previous));
            assert!(allowed.reason.is_none_or(|reason| reason.chars().count() <= 201));
        }
    }
    for (at, marker) in inline::comments(lines) {
        assert!(at < lines.len() && !marker.is_empty());
    }
}

/// The lines that git gives to hooks, and commit messages.
pub fn hook(bytes: &[u8]) {
    probe::hook(bytes);
}

/// Files that other scanners are set up with.
pub fn migrate(bytes: &[u8]) {
    let mut input = Input(bytes);
    let name = THEIRS[usize::from(input.byte()) % THEIRS.len()];
    if let Ok(text) = std::str::from_utf8(input.0) {
        probe::migrate(name, text);
    }
}

const THEIRS: &[&str] = &[
    ".gitleaks.toml",
    ".gitleaksignore",
    ".betterleaksignore",
    ".secretsignore",
    ".pre-commit-config.yaml",
    "gitleaks-report.json",
    "kingfisher.yaml",
];
