//! Instances and near misses of a rule, and the examples it gives, through the whole detector.
//!
//! In: a detector, a rule's number, how many samples. Out: a [`Record`]: how many were tried, and what
//! went wrong.

use std::fmt;

use super::draw::Draw;
use super::grow::Size;
use super::instance::{Instance, Sampler};
use super::miss::misses;
use crate::decode::Chunk;
use crate::detect::spec::{Engine, RuleEntry};
use crate::detect::{Detector, Match, pair, resolve};

/// Once so many samples of a rule went wrong, no more are tried.
const ENOUGH: usize = 3;

/// What went wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What was expected and what was seen.
    pub what: String,
    /// The text, if it is made up. An example that a rule gives may be a real credential.
    pub text: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.text.as_ref().map_or(Ok(()), |text| write!(f, ": {text}"))
    }
}

/// How a rule fared.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Instances that were looked for.
    pub instances: usize,
    /// Near misses that were looked at.
    pub misses: usize,
    /// What went wrong.
    pub faults: Vec<Fault>,
}

/// Tries rules.
#[derive(Debug)]
pub struct Trial<'d> {
    detector: &'d Detector,
}

impl<'d> Trial<'d> {
    /// With a detector that reports whatever is possible.
    #[must_use]
    pub const fn new(detector: &'d Detector) -> Self {
        Self { detector }
    }

    /// Tries `count` instances of a rule and as many near misses of each kind. A rule without a pattern
    /// has none.
    #[must_use]
    pub fn samples(&self, rule: u16, count: usize) -> Record {
        let mut record = Record::default();
        let known = &self.detector.rules().rules()[usize::from(rule)];
        let Some(sampler) = Sampler::new(known) else { return record };
        let mut found = 0;
        for number in 0..count {
            let mut draw = Draw::new(&known.spec().id, number);
            let Some(instance) = sampler.instance(Size::Any, &mut draw) else {
                let what =
                    "no instance: validator, keywords or edges refuse what the pattern matches";
                record.faults.push(Fault { what: what.to_owned(), text: None });
                break;
            };
            record.instances += 1;
            match self.find(rule, &instance) {
                Ok(own) => found += usize::from(own),
                Err(fault) => record.faults.push(fault),
            }
            for miss in misses(&sampler, &mut draw) {
                record.misses += 1;
                if self.all(&miss.text).iter().any(|m| m.rule == rule) {
                    let what = format!("found in spite of {}", miss.what);
                    record.faults.push(Fault { what, text: Some(shown(&miss.text)) });
                }
            }
            if record.faults.len() >= ENOUGH {
                break;
            }
        }
        if found == 0 && record.faults.is_empty() && count > ENOUGH {
            let what = "never reported: another rule always comes first".to_owned();
            record.faults.push(Fault { what, text: None });
        }
        record
    }

    /// Looks for a rule in the texts it gives itself.
    #[must_use]
    pub fn examples(&self, rule: u16, entry: &RuleEntry) -> Vec<Fault> {
        let finds =
            |text: &str| self.best(text.as_bytes()).iter().any(|m| m.rule == rule && !m.example);
        let fault = |what: String| Fault { what, text: None };
        let mut faults = Vec::new();
        for (number, parts) in entry.matches.iter().enumerate() {
            let text = parts.concat();
            if !finds(&text) {
                let why = self.reason(rule, text.as_bytes());
                faults.push(fault(format!("match {}: not found: {why}", number + 1)));
            }
        }
        for (number, parts) in entry.no_matches.iter().enumerate() {
            if finds(&parts.concat()) {
                faults.push(fault(format!("no_match {}: found", number + 1)));
            }
        }
        faults
    }

    /// Whether an instance is reported as its own rule's, or else as that of a rule which may come first.
    fn find(&self, rule: u16, instance: &Instance) -> Result<bool, Fault> {
        let fault = |what: String| Err(Fault { what, text: Some(shown(&instance.text)) });
        let found = self.all(&instance.text);
        let mine = |m: &&Match| m.rule == rule && m.secret == instance.secret;
        let Some(own) = found.iter().find(mine) else {
            if found.iter().any(|m| m.rule == rule) {
                return fault("found in part, or with more".to_owned());
            }
            return fault(format!("not found: {}", self.reason(rule, &instance.text)));
        };
        if own.example {
            return fault("taken for a published example".to_owned());
        }
        let over = |m: &&Match| {
            m.secret.start < instance.secret.end && instance.secret.start < m.secret.end
        };
        match self.best(&instance.text).iter().find(over) {
            Some(first) if first.rule == rule && first.secret == instance.secret => Ok(true),
            Some(first) if self.precedes(first, own) => Ok(false),
            _ => fault(format!("not reported: {}", self.reason(rule, &instance.text))),
        }
    }

    /// Whether one match comes before another by what rules say: it is surer, its rule is more specific,
    /// or both are credentials of one vendor that look alike.
    fn precedes(&self, first: &Match, other: &Match) -> bool {
        let [a, b] =
            [first, other].map(|m| self.detector.rules().rules()[usize::from(m.rule)].spec());
        first.confidence > other.confidence || a.rank > b.rank || a.provider == b.provider
    }

    /// Why a rule is not what `text` is found to hold.
    fn reason(&self, rule: u16, text: &[u8]) -> String {
        let rules = self.detector.rules().rules();
        let known = &rules[usize::from(rule)];
        let found = self.all(text);
        if found.iter().any(|m| m.rule == rule) {
            let best = self.best(text);
            let other = best.iter().map(|m| &*rules[usize::from(m.rule)].spec().id);
            let other: Vec<&str> = other.collect();
            return format!("{} comes first; give one a higher rank", other.join(", "));
        }
        let lower = text.to_ascii_lowercase();
        let stands = |word: &str| memchr::memmem::find(&lower, word.as_bytes()).is_some();
        if !known.spec().keywords.iter().any(|word| stands(word)) {
            return "none of the rule's keywords stands in it".to_owned();
        }
        if matches!(known.spec().engine, Engine::Assignment | Engine::Entropy) {
            return "name or value do not read as a credential".to_owned();
        }
        match Sampler::new(known) {
            Some(sampler) if !sampler.matches(text) => "the pattern does not match it".to_owned(),
            _ => "the pattern matches, but keyword, edges, entropy, validator or a placeholder say no"
                .to_owned(),
        }
    }

    /// All that is found in `text`.
    fn all(&self, text: &[u8]) -> Vec<Match> {
        let mut found = Vec::new();
        self.detector.detect(&Chunk::whole(text), &mut found);
        found
    }

    /// What is reported of `text`.
    fn best(&self, text: &[u8]) -> Vec<Match> {
        let rules = self.detector.rules().rules();
        let mut found = self.all(text);
        pair::claim(&mut found, self.detector.rules(), |m| m);
        resolve(&mut found, |m| m, |rule| rules[usize::from(rule)].spec().rank);
        found
    }
}

fn shown(text: &[u8]) -> String {
    text.escape_ascii().to_string()
}
