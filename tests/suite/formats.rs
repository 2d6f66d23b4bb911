//! Every rule against credentials made up from its own form, through the whole detector.
//!
//! In: the built-in rules. Out: a failure that names the rule and shows a made-up text.

use std::fmt::Write as _;

use leakstop::detect::Detector;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::sample::Trial;
use leakstop::detect::spec::Confidence;

/// Samples of each rule; `LEAKSTOP_SAMPLES` asks for more.
const SAMPLES: usize = 25;

#[test]
fn every_rule_finds_its_instances_and_no_near_miss() {
    let wanted = std::env::var("LEAKSTOP_SAMPLES").ok().and_then(|n| n.parse().ok());
    let all = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let detector = Detector::new(all, Confidence::Possible);
    let trial = Trial::new(&detector);
    let mut faults = String::new();
    for (number, rule) in detector.rules().rules().iter().enumerate() {
        let number = u16::try_from(number).expect("fewer rules than 65,536");
        for fault in trial.samples(number, wanted.unwrap_or(SAMPLES)).faults {
            let _ = writeln!(faults, "{}: {fault}", rule.spec().id);
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}
