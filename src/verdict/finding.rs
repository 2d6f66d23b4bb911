//! What is reported: a credential, where it stands, how sure it is, what was decided about it.
//!
//! In: [`Sighting`]s, one for each place a worker saw. Out: [`Finding`]s, one for each rule, value and path,
//! with every other place as an occurrence.

use std::sync::Arc;

use bstr::BString;

use super::baseline::Label;
use super::fingerprint::Fingerprint;
use crate::detect::Match;
use crate::detect::evidence::Evidence;
use crate::detect::generic::Shape;
use crate::detect::spec::Confidence;
use crate::source::attribution::Fate;
use crate::source::{CommitFacts, Object, ObjectId};
use crate::text::{Position, Secret};

/// Seconds.
const DAY: i64 = 24 * 60 * 60;

/// Where a credential stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The commit that introduces it there, if known. First, so that places sort by age.
    pub commit: Option<Arc<CommitFacts>>,
    /// That commit's id, before the facts are looked up.
    pub introduced: Option<ObjectId>,
    /// Path below the root; `None` where there is no file.
    pub path: Option<BString>,
    /// The end of the path that leads into the file: names of entries, `!` between them.
    pub inner: Option<BString>,
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
    pub refs: Arc<[String]>,
    /// The identifier that stands near it and belongs with it.
    pub partner: Option<Arc<Partner>>,
    /// What became of it there; `None` outside history.
    pub fate: Option<Arc<Fate>>,
}

/// The half of a credential that is no secret and says what the other half opens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Partner {
    /// Number of the rule that found it.
    pub rule: u16,
    /// The identifier, to be shown in full.
    pub value: BString,
    /// What was read out of it: `account:…`.
    pub facts: Vec<String>,
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
    /// How it was decoded, outermost first.
    pub via: Vec<&'static str>,
}

/// The name that stands in for a removed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// An environment variable, a property, a variable of Terraform's.
    pub name: String,
    /// Whether HEAD's tree still uses the name.
    pub used: bool,
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
    /// Whether the model weighs it, as it does generic credentials.
    pub generic: bool,
    /// How such a one is written, until it is settled: the path has a say in it.
    pub shape: Option<Box<Shape>>,
    /// What a rule that is limited to paths makes of it at these.
    pub limited: Option<Box<Match>>,
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
    /// What a person said it is, if the baseline accepts it.
    pub label: Option<Label>,
    /// The name that it was moved to when it was removed.
    pub moved: Option<Moved>,
    /// The first place: the earliest commit, then the first line.
    pub place: Place,
    /// The other places.
    pub occurrences: Vec<Place>,
    /// The lines it stands on, where the baseline asks for them; else nothing.
    pub lines: Secret,
}

impl Finding {
    /// The finding that a value's first sighting makes.
    fn first(sighting: Sighting, rule_id: &str) -> Self {
        let path = sighting.place.path.as_deref().map(|path| &path[..]);
        Self {
            fingerprint: Fingerprint::of(rule_id, &sighting.secret, path),
            rule: sighting.rule,
            secret: sighting.secret,
            confidence: sighting.confidence,
            score: sighting.score,
            evidence: sighting.evidence,
            verdict: sighting.verdict,
            note: None,
            label: None,
            moved: None,
            place: sighting.place,
            lines: sighting.lines,
            occurrences: Vec::new(),
        }
    }

    /// All places, the first one first.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.place).chain(&self.occurrences)
    }

    /// What became of it at its path; `None` outside history.
    #[must_use]
    pub fn fate(&self) -> Option<&Arc<Fate>> {
        self.place.fate.as_ref()
    }

    /// For how many days it lay open, from its introduction until it was removed, or until HEAD was committed.
    #[must_use]
    pub fn exposed(&self) -> Option<i64> {
        let since = self.place.commit.as_ref()?.seconds;
        Some(self.fate()?.until.saturating_sub(since).max(0) / DAY)
    }

    /// Whether another repository is known to have it: a remote-tracking ref reaches one of its commits.
    #[must_use]
    pub fn pushed(&self) -> bool {
        let remote = |name: &String| name.starts_with("refs/remotes/");
        let mut last: Option<&Arc<[String]>> = None;
        // Places share their lists, which may be long.
        self.places().any(|place| {
            let new = last.is_none_or(|last| !Arc::ptr_eq(last, &place.refs));
            last = Some(&place.refs);
            new && place.refs.iter().any(remote)
        })
    }

    /// Whether a sighting is another place of the same.
    fn takes(&self, other: &Sighting) -> bool {
        self.rule == other.rule
            && self.secret == other.secret
            && self.place.path == other.place.path
            && self.verdict == other.verdict
    }
}

/// Sightings that become findings before their memory is given back.
const BLOCK: usize = 1 << 14;

/// Groups sightings into findings, sorted by path, place and rule. `rule_id` names a rule.
#[must_use]
pub fn gather<'r>(mut sightings: Vec<Sighting>, rule_id: impl Fn(u16) -> &'r str) -> Vec<Finding> {
    fn key(s: &Sighting) -> (u16, &Secret, Option<&BString>, Verdict) {
        (s.rule, &s.secret, s.place.path.as_ref(), s.verdict)
    }
    // A commit tells more than an object that none holds.
    fn order(place: &Place) -> (bool, &Place) {
        (place.commit.is_none(), place)
    }
    // Sorted where they are, and given back bit by bit: a scan may have found millions.
    sightings.sort_unstable_by(|a, b| {
        key(a).cmp(&key(b)).then_with(|| order(&a.place).cmp(&order(&b.place)))
    });
    sightings.dedup_by(|a, b| key(a) == key(b) && a.place == b.place);
    let starts = sightings.chunk_by(|a, b| key(a) == key(b)).count();
    let mut findings: Vec<Finding> = Vec::with_capacity(starts);
    while !sightings.is_empty() {
        // A block ends where a finding does.
        let mut from = sightings.len().saturating_sub(BLOCK);
        while from > 0 && key(&sightings[from - 1]) == key(&sightings[from]) {
            from -= 1;
        }
        let first = findings.len();
        for sighting in sightings.split_off(from) {
            match findings[first..].last_mut() {
                Some(last) if last.takes(&sighting) => last.occurrences.push(sighting.place),
                _ => {
                    let id = rule_id(sighting.rule);
                    findings.push(Finding::first(sighting, id));
                }
            }
        }
        sightings.shrink_to_fit();
    }
    findings.sort_unstable_by(|a, b| {
        let paths = a.place.path.cmp(&b.place.path);
        let key = |f: &Finding| (f.place.start, f.place.object, f.rule, f.fingerprint, f.verdict);
        paths.then_with(|| key(a).cmp(&key(b)))
    });
    findings
}
