//! What is reported: a credential, where it stands, how sure it is, what was decided about it.
//!
//! In: [`Sighting`]s, one for each place a worker saw. Out: [`Finding`]s, one for each rule, value and path,
//! with every other place as an occurrence.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::BString;

use super::fingerprint::Fingerprint;
use crate::detect::evidence::Evidence;
use crate::detect::generic::Shape;
use crate::detect::spec::Confidence;
use crate::source::{CommitFacts, Object, ObjectId};
use crate::text::{Position, Secret};

/// Where a credential stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The commit that introduces it there, if known. First, so that places sort by age.
    pub commit: Option<Arc<CommitFacts>>,
    /// That commit's id, before the facts are looked up.
    pub introduced: Option<ObjectId>,
    /// Path below the root; `None` where there is no file.
    pub path: Option<BString>,
    /// The git object, in history.
    pub object: Option<Object>,
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
    /// How it was decoded, outermost first.
    pub via: Vec<&'static str>,
    /// Whether the commit at `HEAD` still holds it there; `None` outside history.
    pub in_head: Option<bool>,
    /// Full names of the refs whose history holds it.
    pub refs: Vec<String>,
}

/// What was decided about a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is reported.
    Open,
    /// Its baseline entry has expired: it is reported, and says so.
    Expired,
    /// It is counted, not reported.
    Suppressed(Reason),
}

/// Why a match is not reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The baseline accepts it.
    Baseline,
    /// A comment beside it allows it.
    Inline,
    /// The configuration allows it.
    Config,
    /// It is a published dummy.
    Example,
}

impl Verdict {
    /// Whether it fails the scan.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Expired)
    }

    /// The status used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "new",
            Self::Expired => "expired",
            Self::Suppressed(Reason::Baseline) => "baseline",
            Self::Suppressed(Reason::Inline) => "inline",
            Self::Suppressed(Reason::Config) => "config",
            Self::Suppressed(Reason::Example) => "example",
        }
    }
}

/// One match in one place, judged but for the baseline.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// Number of the rule.
    pub rule: u16,
    /// The credential.
    pub secret: Secret,
    /// How sure it is.
    pub confidence: Confidence,
    /// The same from 0 to 1.
    pub score: f32,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// Where.
    pub place: Place,
    /// What was decided.
    pub verdict: Verdict,
    /// For generic credentials, how it is written.
    pub shape: Option<Shape>,
    /// The lines it stands on, where the baseline asks for them; else nothing.
    pub lines: Secret,
}

/// One rule, value and path, with all its places.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its stable identity.
    pub fingerprint: Fingerprint,
    /// Number of the rule.
    pub rule: u16,
    /// The credential.
    pub secret: Secret,
    /// How sure it is.
    pub confidence: Confidence,
    /// The same from 0 to 1.
    pub score: f32,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// What was decided.
    pub verdict: Verdict,
    /// The label or reason that goes with the verdict, if one was given.
    pub note: Option<String>,
    /// The first place: the earliest commit, then the first line.
    pub place: Place,
    /// The other places.
    pub occurrences: Vec<Place>,
    /// The lines it stands on, where the baseline asks for them; else nothing.
    pub lines: Secret,
}

/// Groups sightings into findings, sorted by path, place and rule. `rule_id` names a rule.
#[must_use]
pub fn gather<'r>(sightings: Vec<Sighting>, rule_id: impl Fn(u16) -> &'r str) -> Vec<Finding> {
    type Key = (u16, Secret, Option<BString>, Verdict);
    let mut groups: BTreeMap<Key, Vec<Sighting>> = BTreeMap::new();
    for sighting in sightings {
        let path = sighting.place.path.clone();
        let key = (sighting.rule, sighting.secret.clone(), path, sighting.verdict);
        groups.entry(key).or_default().push(sighting);
    }
    let mut findings: Vec<Finding> = groups
        .into_values()
        .filter_map(|mut group| {
            group.sort_by(|a, b| a.place.cmp(&b.place));
            group.dedup_by(|a, b| a.place == b.place);
            let mut group = group.into_iter();
            let first = group.next()?;
            let path = first.place.path.as_deref().map(|path| &path[..]);
            Some(Finding {
                fingerprint: Fingerprint::of(rule_id(first.rule), &first.secret, path),
                rule: first.rule,
                secret: first.secret,
                confidence: first.confidence,
                score: first.score,
                evidence: first.evidence,
                verdict: first.verdict,
                note: None,
                place: first.place,
                lines: first.lines,
                occurrences: group.map(|other| other.place).collect(),
            })
        })
        .collect();
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.place.path.clone(), f.place.start, f.place.object, f.rule);
        key(a).cmp(&key(b)).then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    findings
}
