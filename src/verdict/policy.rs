//! All that may keep a match from being reported, but for the baseline.
//!
//! In: a match's rule, confidence, path and line. Out: a [`Verdict`], or nothing for matches that were not
//! asked for. Nothing is lost without being counted: a suppressed match keeps its reason.

use globset::{Glob, GlobSet, GlobSetBuilder};
use regex::bytes::Regex;
use serde::Deserialize;

use super::finding::{Reason, Sighting, Verdict};
use crate::detect::rules::RuleSet;
use crate::detect::spec::{Confidence, Engine};
use crate::detect::{Match, OPERATING_POINT, POSSIBLE};

/// An exception that the configuration makes, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Globs of paths. Empty: all.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Regexes, one of which the secret must match. Empty: all.
    #[serde(default)]
    pub values: Vec<String>,
    /// Rule ids. Empty: all.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Why; it is asked for.
    pub reason: String,
}

/// Why a policy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A glob or regex of an exception does not parse.
    #[error("allow \"{reason}\": {cause}")]
    Pattern {
        /// The exception's reason, to find it by.
        reason: String,
        /// What is wrong.
        cause: String,
    },
    /// An exception that would allow everything.
    #[error("allow \"{0}\": name paths, values or rules; without any it would allow everything")]
    Everything(String),
}

#[derive(Debug)]
struct Exception {
    paths: Option<GlobSet>,
    values: Vec<Regex>,
    rules: Vec<String>,
}

/// Judges matches.
#[derive(Debug)]
pub struct Policy {
    least: Confidence,
    exceptions: Vec<Exception>,
    baseline: Option<Vec<u8>>,
}

impl Policy {
    /// A policy that reports matches of `least` confidence and up. `baseline` is the path of the baseline file
    /// below the root: its digests are no secrets.
    ///
    /// # Errors
    /// An exception that does not parse or that allows everything.
    pub fn new(
        least: Confidence,
        allowances: &[Allowance],
        baseline: Option<Vec<u8>>,
    ) -> Result<Self, PolicyError> {
        let exceptions = allowances.iter().map(exception).collect::<Result<_, _>>()?;
        Ok(Self { least, exceptions, baseline })
    }

    /// Settles a match whose path is now known, or known to be none. `false`: it was not asked for.
    pub fn settle(&self, sighting: &mut Sighting, rules: &RuleSet) -> bool {
        let path = sighting.place.path.as_deref().map(|path| &path[..]);
        let limited = |rule: u16| rules.rules()[usize::from(rule)].admits(path);
        if let Some(found) = sighting.limited.take().filter(|found| limited(found.rule)) {
            let Match { rule, confidence, score, evidence, shape, .. } = *found;
            (sighting.rule, sighting.confidence, sighting.score) = (rule, confidence, score);
            (sighting.evidence, sighting.shape) = (evidence, shape);
        }
        let rule = &rules.rules()[usize::from(sighting.rule)];
        if !rule.admits(path) {
            return false;
        }
        if !matches!(rule.spec().engine, Engine::Pattern | Engine::Family | Engine::Whole)
            && path.is_some()
            && path == self.baseline.as_deref()
        {
            return false;
        }
        if let Some(shape) = sighting.shape {
            let Some(score) = shape.score_at(path).filter(|&score| score >= POSSIBLE) else {
                return false;
            };
            sighting.score = score;
            sighting.confidence =
                if score >= OPERATING_POINT { Confidence::Likely } else { Confidence::Possible };
        }
        if sighting.confidence < self.least {
            return false;
        }
        if sighting.verdict == Verdict::Open
            && self.exceptions.iter().any(|e| e.covers(sighting, path, &rule.spec().id))
        {
            sighting.verdict = Verdict::Suppressed(Reason::Config);
        }
        true
    }
}

impl Exception {
    fn covers(&self, sighting: &Sighting, path: Option<&[u8]>, rule: &str) -> bool {
        let paths = match (&self.paths, path) {
            (None, _) => true,
            (Some(globs), Some(path)) => globs.is_match(bstr::BStr::new(path).to_string()),
            (Some(_), None) => false,
        };
        let secret = sighting.secret.reveal();
        paths
            && (self.values.is_empty() || self.values.iter().any(|value| value.is_match(secret)))
            && (self.rules.is_empty() || self.rules.iter().any(|id| id == rule))
    }
}

fn exception(allowance: &Allowance) -> Result<Exception, PolicyError> {
    let Allowance { paths, values, rules, reason } = allowance;
    if paths.is_empty() && values.is_empty() && rules.is_empty() {
        return Err(PolicyError::Everything(reason.clone()));
    }
    let fault = |cause: String| PolicyError::Pattern { reason: reason.clone(), cause };
    let mut globs = GlobSetBuilder::new();
    for path in paths {
        globs.add(Glob::new(path).map_err(|e| fault(e.to_string()))?);
    }
    let globs = globs.build().map_err(|e| fault(e.to_string()))?;
    let values = values
        .iter()
        .map(|value| {
            // The last line says what is wrong; those before show the pattern, which may hold a secret.
            let told = |e: regex::Error| e.to_string().lines().last().unwrap_or_default().into();
            Regex::new(&format!("(?-u){value}")).map_err(|e| fault(told(e)))
        })
        .collect::<Result<_, _>>()?;
    Ok(Exception { paths: (!paths.is_empty()).then_some(globs), values, rules: rules.clone() })
}
