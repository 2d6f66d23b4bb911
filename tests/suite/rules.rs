//! Every rule against its own examples, through the whole detector.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use leakstop::decode::Chunk;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::{self, Confidence, Engine, RuleEntry, Severity};
use leakstop::detect::{Detector, Match, pair, resolve};

/// The rule files, by name.
fn files() -> Vec<(String, Vec<RuleEntry>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is part of the package")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("readable");
            let name = path.file_name().expect("it is a file").to_string_lossy().into_owned();
            let (_, rules) = spec::parse(&text).expect("the build has checked it");
            (name, rules)
        })
        .collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

/// What the detector finds in `text`: rule ids, after the most specific has won. Of generic credentials those
/// that are reported by default.
fn found(detector: &Detector, text: &str) -> Vec<String> {
    let mut matches: Vec<Match> = Vec::new();
    detector.detect(&Chunk::whole(text.as_bytes()), &mut matches);
    pair::claim(&mut matches, detector.rules(), |m| m);
    let rules = detector.rules().rules();
    resolve(&mut matches, |m| m, |rule| rules[usize::from(rule)].spec().rank);
    matches
        .iter()
        .filter(|m| {
            let generic = rules[usize::from(m.rule)].spec().engine == Engine::Assignment;
            !m.example && (!generic || m.confidence >= Confidence::Likely)
        })
        .map(|m| rules[usize::from(m.rule)].spec().id.to_string())
        .collect()
}

#[test]
fn every_rule_finds_its_examples_and_no_near_miss() {
    let all = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let detector = Detector::new(all, Confidence::Possible);
    let mut faults = String::new();
    for (file, rules) in files() {
        for rule in rules {
            let whole = |parts: &[String]| parts.concat();
            for (number, parts) in rule.matches.iter().enumerate() {
                let ids = found(&detector, &whole(parts));
                if !ids.contains(&rule.id) {
                    let _ = writeln!(faults, "{file}: {}: match {number}: found {ids:?}", rule.id);
                }
            }
            for (number, parts) in rule.no_matches.iter().enumerate() {
                let ids = found(&detector, &whole(parts));
                if ids.contains(&rule.id) {
                    let _ = writeln!(faults, "{file}: {}: no_match {number}: found", rule.id);
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// What stands around and between words.
fn surroundings(parts: &[String]) -> String {
    let mut shape = String::new();
    for c in parts.concat().trim_end_matches('=').chars() {
        let c = if c.is_alphanumeric() || "_-+/.~".contains(c) { 'a' } else { c };
        if c != 'a' || !shape.ends_with('a') {
            shape.push(c);
        }
    }
    shape
}

#[test]
fn every_rule_has_two_near_misses_and_examples_in_two_surroundings() {
    let mut faults = String::new();
    for (file, rules) in files() {
        for rule in rules {
            let around: BTreeSet<_> = rule.matches.iter().map(|m| surroundings(m)).collect();
            if around.len() < 2 || rule.no_matches.len() < 2 {
                let _ = writeln!(faults, "{file}: {}: {around:?}", rule.id);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// What is wrong with a link: it is to open one page, for anyone, without being followed around.
fn fault(link: &str) -> Option<&'static str> {
    let Some(rest) = link.strip_prefix("https://") else { return Some("it is not https") };
    let (host, path) = rest.split_once(['/', '#']).unwrap_or((rest, ""));
    let label =
        |l: &str| !l.is_empty() && l.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let tracks = ["utm_", "ref=", "source=", "campaign", "clid="].iter().any(|w| path.contains(w));
    if !host.contains('.') || !host.split('.').all(label) {
        Some("its host is none")
    } else if path.bytes().any(|b| !b.is_ascii_graphic() || b"<>{}\"'`".contains(&b)) {
        Some("no path holds that")
    } else {
        tracks.then_some("it tells where one came from")
    }
}

#[test]
fn every_rule_tells_where_or_how_to_revoke() {
    let words = "Change Delete Make Move Regenerate Remove Replace Restart Revoke Rotate Run There";
    let orders: Vec<&str> = words.split(' ').collect();
    let mut faults = String::new();
    for rule in RuleSet::new(&Selection::default()).expect("built-in rules are good").rules() {
        let spec = rule.spec();
        for (what, link) in [("revoke_url", &spec.revoke_url), ("docs_url", &spec.docs_url)] {
            if let Some(why) = link.as_deref().and_then(fault) {
                let _ = writeln!(faults, "{}: {what}: {why}", spec.id);
            }
        }
        if spec.docs_url.is_none() {
            let _ = writeln!(faults, "{}: docs_url: none", spec.id);
        }
        let how = |(_, rest): (&str, &str)| orders.iter().any(|o| rest.starts_with(o));
        if spec.revoke_url.is_none() && !spec.description.split_once(". ").is_some_and(how) {
            let _ = writeln!(faults, "{}: no revoke_url, and no word on how to", spec.id);
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// The least and the most severity that what a rule says of itself allows.
fn allowed(rule: &spec::RuleSpec) -> (Severity, Severity) {
    let says = |words: &[&str]| words.iter().any(|word| rule.description.contains(word));
    let (id, least, most) = (&*rule.id, Severity::ALL[0], Severity::ALL[3]);
    let sealed = says(&["pass phrase", "passphrase"]);
    if !rule.pair.is_empty() || rule.description.starts_with("Names ") {
        (least, Severity::Low)
    } else if says(&["has closed", "is nothing left", "retired in", " closed in "]) {
        (least, if id == "hubspot-api-key-legacy" { most } else { Severity::Low })
    } else if id.contains("-test-")
        || id.starts_with("testpypi")
        || id.ends_with("-hook")
        || rule.description.starts_with("Posts to a ")
        || says(&["lives an hour", "lives about", " hours"])
    {
        (least, Severity::Medium)
    } else if says(&["Spends from", "Spends the coins", "Takes payments", "moves money", "Trades"])
        && !sealed
    {
        (Severity::Critical, most)
    } else if says(&["Logs in to the", "Opens whatever trusts"]) && !says(&["stays locked"]) {
        (Severity::High, most)
    } else {
        (least, most)
    }
}

#[test]
fn severities_agree_with_what_is_opened() {
    let all = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let mut faults = String::new();
    for spec in all.rules().iter().map(leakstop::detect::rules::Rule::spec) {
        let (least, most) = allowed(spec);
        if spec.severity < least || spec.severity > most {
            let _ = writeln!(faults, "{}: {:?}: {}", spec.id, spec.severity, spec.description);
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    let count = |one| all.rules().iter().filter(|rule| rule.spec().severity == one).count();
    assert!(Severity::ALL.into_iter().all(|one| count(one) > 50), "each has its rules");
}

#[test]
fn keys_for_tests_are_never_critical() {
    let all = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    for (id, live, test) in [
        ("paystack-secret-key", "sk_live_", "sk_test_"),
        ("mercury-api-token", "mercury_production_", "mercury_sandbox_"),
        ("braintree-access-token", "access_token$production$", "access_token$sandbox$"),
    ] {
        let spec = all.named(id).expect("a built-in rule").spec();
        let severity =
            |head: &str| spec.severity_of([head, "0123456789abcdef"].concat().as_bytes());
        assert_eq!(severity(live), Severity::Critical, "{id}");
        assert_eq!(severity(test), Severity::Medium, "{id}");
    }
    // The word is chance where the format knows no keys for tests.
    let spec = all.named("npm-access-token").expect("a built-in rule").spec();
    assert_eq!(spec.severity_of(b"npm_test"), Severity::Critical);
}

#[test]
fn generic_placeholders_stay_silent_at_default_confidence() {
    let all = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let detector = Detector::new(all, Confidence::Likely);
    for text in [
        "password = \"changeme\"",
        "api_key: ${API_KEY}",
        "token = \"<your-token>\"",
        "SECRET_KEY={{ .Values.secretKey }}",
        "const token = process.env.TOKEN",
        "password = getpass.getpass()",
        "secret_name = \"my-secret-name\"",
    ] {
        let mut matches = Vec::new();
        detector.detect(&Chunk::whole(text.as_bytes()), &mut matches);
        matches.retain(|m| m.confidence >= Confidence::Likely);
        assert!(matches.is_empty(), "{text}: {matches:?}");
    }
}

#[test]
fn published_dummies_are_none_under_a_generic_name() {
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules compile");
    let detector = Detector::new(rules, Confidence::Likely);
    let text = |end: &str| {
        ["api_secret = \"", "zuf+tfteSlswRu7BJ86w", "ekitnifILbZam1KYY3", end, "\"\n"].concat()
    };
    assert_eq!(found(&detector, &text("TG")), Vec::<String>::new());
    assert_eq!(found(&detector, &text("TH")), ["generic-secret"]);
}
