//! All that may keep a match from being reported, but for the baseline.
//!
//! In: a match's rule, confidence, path and line. Out: a [`Verdict`], or nothing for matches that were not
//! asked for. Nothing is lost without being counted: a suppressed match keeps its reason.

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use super::finding::{Reason, Sighting, Verdict};
use crate::detect::rules::RuleSet;
use crate::detect::spec::{Confidence, Engine};
use crate::detect::{Match, OPERATING_POINT, POSSIBLE};
use crate::source::ObjectId;
use crate::source::paths::Paths;

/// An exception that the configuration makes, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Globs of paths, or `re:` and a regex. Empty: all.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Regexes, one of which the secret must match. Empty: all.
    #[serde(default)]
    pub values: Vec<String>,
    /// Regexes, one of which must match in the line or lines that the secret stands on. Empty: all.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Full ids of commits, one of which introduces the secret. Empty: all.
    #[serde(default)]
    pub commits: Vec<String>,
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
    #[error(
        "allow \"{0}\": name paths, values, lines, commits or rules; without any it would allow everything"
    )]
    Everything(String),
}

#[derive(Debug)]
struct Exception {
    paths: Option<Paths>,
    values: Vec<Regex>,
    lines: Vec<Regex>,
    commits: Vec<String>,
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

    /// Whether an exception asks for the lines that a secret stands on.
    #[must_use]
    pub fn reads_lines(&self) -> bool {
        self.exceptions.iter().any(|exception| !exception.lines.is_empty())
    }

    /// Settles a match whose path is now known, or known to be none. `false`: it was not asked for.
    pub fn settle(&self, sighting: &mut Sighting, rules: &RuleSet) -> bool {
        let path = sighting.place.path.as_deref().map(|path| &path[..]);
        let limited = |rule: u16| rules.rules()[usize::from(rule)].admits(path);
        if let Some(found) = sighting.limited.take().filter(|found| limited(found.rule)) {
            let Match { rule, confidence, score, evidence, shape, .. } = *found;
            (sighting.rule, sighting.confidence, sighting.score) = (rule, confidence, score);
            sighting.evidence = evidence;
            (sighting.generic, sighting.shape) = (shape.is_some(), shape);
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
        if let Some(shape) = sighting.shape.take() {
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
            (Some(paths), Some(path)) => paths.is_match(path),
            (Some(_), None) => false,
        };
        let matches = |regexes: &[Regex], text: &[u8]| {
            regexes.is_empty() || regexes.iter().any(|regex| regex.is_match(text))
        };
        paths
            && matches(&self.values, sighting.secret.reveal())
            && matches(&self.lines, sighting.lines.reveal())
            && (self.commits.is_empty() || self.introduces(sighting))
            && (self.rules.is_empty() || self.rules.iter().any(|id| id == rule))
    }
}

impl Exception {
    /// Whether one of its commits has brought the secret in.
    fn introduces(&self, sighting: &Sighting) -> bool {
        let place = &sighting.place;
        let commit = place.commit.as_ref().map(|facts| facts.id).or(place.introduced);
        commit.is_some_and(|id| self.commits.contains(&id.to_string()))
    }
}

fn exception(allowance: &Allowance) -> Result<Exception, PolicyError> {
    let Allowance { paths, values, lines, commits, rules, reason } = allowance;
    let empty = |list: &&Vec<String>| list.iter().any(String::is_empty);
    if [values, lines].iter().any(empty)
        || [paths, values, lines, commits, rules].iter().all(|list| list.is_empty())
    {
        return Err(PolicyError::Everything(reason.clone()));
    }
    let fault = |cause: String| PolicyError::Pattern { reason: reason.clone(), cause };
    // The last line says what is wrong; those before show the pattern, which may hold a secret.
    let told = |e: regex::Error| fault(e.to_string().lines().last().unwrap_or_default().into());
    let regexes = |list: &[String]| -> Result<Vec<Regex>, PolicyError> {
        list.iter()
            .map(|text| RegexBuilder::new(text).unicode(false).build().map_err(told))
            .collect()
    };
    let known = Paths::new(paths).map_err(|e| fault(e.to_string()))?;
    if let Some(wrong) = commits.iter().find(|id| !ObjectId::is_written(id.as_bytes())) {
        return Err(fault(format!("commits: {wrong} is no full commit id")));
    }
    Ok(Exception {
        paths: (!paths.is_empty()).then_some(known),
        values: regexes(values)?,
        lines: regexes(lines)?,
        commits: commits.iter().map(|id| id.to_ascii_lowercase()).collect(),
        rules: rules.clone(),
    })
}
