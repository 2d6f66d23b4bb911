//! Rules against credentials made up from their own form, through the whole detector.
//!
//! In: the built-in rules, and rules of a user. Out: a failure that names the rule and shows a made-up text.

use std::fmt::Write as _;

use leakstop::detect::Detector;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::sample::Trial;
use leakstop::detect::spec::{Confidence, Edge, Engine};
use rayon::prelude::*;

use crate::support::secrets::random;
use crate::support::{TestRepo, variable};

/// Samples of each rule. `LEAKSTOP_SAMPLES=1000` asks for more.
const SAMPLES: usize = 5;

#[test]
fn every_rule_finds_its_instances_and_no_near_miss() {
    let wanted = variable("LEAKSTOP_SAMPLES").and_then(|n| n.to_str()?.parse().ok());
    let count = wanted.unwrap_or(SAMPLES);
    let all = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let detector = Detector::new(all, Confidence::Possible);
    let rules = detector.rules().rules();
    let faults: Vec<String> = (0..rules.len())
        .into_par_iter()
        .map(|at| {
            let spec = rules[at].spec();
            let number = u16::try_from(at).expect("fewer rules than 65,536");
            let record = Trial::new(&detector).samples(number, count);
            let mut told = String::new();
            for fault in &record.faults {
                let _ = writeln!(told, "{}: {fault}", spec.id);
            }
            let patterned = matches!(spec.engine, Engine::Pattern | Engine::Family);
            // What a validator makes has no letters to change, nor has a block of any text.
            let plain = spec.validator.is_none() && spec.edge != Edge::None;
            let open = plain && record.misses == 0;
            if patterned && (record.instances == 0 || open) {
                let _ = writeln!(told, "{}: nothing tried", spec.id);
            }
            told
        })
        .collect();
    let faults = faults.concat();
    assert!(faults.is_empty(), "\n{faults}");
}

/// A rule file with one rule; `token` is an example in which it finds something.
fn file(pattern: &str, token: &str) -> String {
    format!(
        "[provider]\nname = \"Acme\"\n\n[[rule]]\nid = \"acme-token\"\nname = \"Acme token\"\n\
         description = \"Opens the acme shop.\"\nkeywords = [\"acme_\"]\npattern = '{pattern}'\n\
         match = [[\"t = {token}\"], [\"{token}\"]]\nno_match = [[\"acme_0\"], [\"acme_\"]]\n"
    )
}

fn token() -> String {
    ["acme", "_", &random(3, b"0123456789abcdefghijklmnopqrstuvwxyz", 32)].concat()
}

const GOOD: &str = "(?<secret>acme_[0-9a-z]{32})";

#[test]
fn good_rules_pass() {
    let repo = TestRepo::plain();
    repo.write("acme.toml", file(GOOD, &token()));
    let ran = repo.run(["rules", "check", "acme.toml", "--samples", "20"]).exits(0);
    assert!(ran.out().starts_with("1 rule, 20 made-up credentials, "), "{}", ran.out());
    assert!(ran.out().ends_with(": all good\n"), "{}", ran.out());
    assert_eq!(ran.err(), "");
}

#[test]
fn a_rule_that_fails_its_examples_is_told_without_them() {
    let repo = TestRepo::plain();
    let other = token().to_uppercase();
    repo.write("acme.toml", file(GOOD, &other));
    let ran = repo.run(["rules", "check", "acme.toml", "--samples", "5"]).exits(1);
    let told = "acme-token: match 1: not found: the pattern does not match it\n";
    assert!(ran.out().starts_with(told), "{}", ran.out());
    assert!(ran.out().ends_with("1 rule failed\n"), "{}", ran.out());
    assert!(!ran.tells(&other[5..]));
}

#[test]
fn what_a_rule_never_sees_is_told() {
    let repo = TestRepo::plain();
    let open = "(?<secret>acme_?[0-9a-z]{32})";
    repo.write("acme.toml", file(open, &token()));
    let ran = repo.run(["rules", "check", "acme.toml", "--samples", "5"]).exits(0);
    assert!(ran.err().contains("rule acme-token: keywords: none stands in"), "{}", ran.err());
    // The second has a class of which there is no byte.
    for pattern in ["(?<secret>acm[f-z]_[0-9a-z]{32})", "(?<secret>acme_[a&&b][0-9a-z]{32})"] {
        let bounded = "[[rule]]\nbefore = 9\nafter = 90";
        repo.write("acme.toml", file(pattern, &token()).replacen("[[rule]]", bounded, 1));
        let ran = repo.run(["rules", "check", "acme.toml", "--samples", "5"]).exits(1);
        assert!(ran.out().contains("acme-token: no instance: "), "{}", ran.out());
    }
}

#[test]
fn a_rule_that_another_hides_is_told() {
    let repo = TestRepo::plain();
    let body = random(4, b"0123456789abcdefghijklmnopqrstuvwxyz", 32);
    let hidden = file(GOOD, &token()).replacen("[[rule]]", "[[rule]]\nrank = -90", 1);
    let second = file(GOOD, &["acme_", &body].concat()).replace("acme-token", "acme-key");
    let (_, second) = second.split_once("[[rule]]").expect("it has one");
    repo.write("acme.toml", hidden + "\n[[rule]]" + second);
    let ran = repo.run(["rules", "check", "acme.toml", "--samples", "5"]).exits(1);
    assert!(ran.out().contains("acme-token: never reported"), "{}", ran.out());
    assert!(!ran.out().contains("acme-key:"), "{}", ran.out());
}

#[test]
fn bad_files_are_refused_with_all_that_is_wrong() {
    let repo = TestRepo::plain();
    let good = file(GOOD, &token());
    let (_, rule) = good.split_once("[[rule]]").expect("it has one");
    for (content, told) in [
        (good.replace("pattern", "patern"), "there is no key patern"),
        (format!("{good}\n[[rule]]{rule}"), "rule acme-token: id: used twice"),
        (good.replace("{32}", "{32"), "rule acme-token: pattern: "),
        (good.replace("<secret>", "<value>"), "name the group (?<secret>…)"),
        (good.replace("acme_\"]\n", "ac\"]\n"), "rule acme-token: keywords: "),
        ("exclude = [\"a[\"]\n".to_owned(), "exclude a["),
        ("colour = 1\n".to_owned(), "there is no key colour"),
    ] {
        repo.write("acme.toml", content);
        let ran = repo.run(["rules", "check", "acme.toml"]).exits(2);
        assert!(ran.err().contains(told), "{told}: {}", ran.err());
        assert!(!ran.tells(&token()[5..]));
    }
    repo.run(["rules", "check", "nothing.toml"]).exits(2);
}

#[test]
fn rules_of_the_configuration_are_tried_with_the_others() {
    let repo = TestRepo::plain();
    let (_, rule) = file(GOOD, &token())
        .split_once("[[rule]]")
        .map(|(a, b)| (a.len(), b.to_owned()))
        .expect("one");
    let few = rule.replace(", [\"acme_\"]]", "]");
    repo.write(".leakstop.toml", format!("[[rule]]{few}"));
    let ran =
        repo.run(["rules", "test", "acme-token", "npm-access-token", "--samples", "5"]).exits(0);
    assert!(ran.out().starts_with("2 rules, 10 made-up credentials, "), "{}", ran.out());
    let ran = repo.run(["rules", "check", "--samples", "5"]).exits(0);
    assert!(ran.err().contains("rule acme-token: no_match: give 2 texts or more"), "{}", ran.err());
    let ran = repo.run(["rules", "test", "acme-token", "--no-repo-config"]).exits(2);
    assert!(ran.err().contains("there is no rule acme-token"), "{}", ran.err());
}
