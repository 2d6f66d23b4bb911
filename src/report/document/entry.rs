//! A finding as it is saved.
//!
//! In: a [`Finding`], its rules and what may be shown. Out: an [`Entry`].

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

use super::place::{Commit, Other, Where, commit, other, place};
use crate::detect::rules::RuleSet;
use crate::detect::spec::Confidence;
use crate::report::Style;
use crate::verdict::finding::{Finding, Verdict};

/// A finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// Its stable identity.
    pub fingerprint: String,
    /// The rule that found it.
    pub rule_id: Cow<'a, str>,
    /// What the credential is called.
    pub rule_name: Cow<'a, str>,
    /// Who issues it.
    pub provider: Cow<'a, str>,
    /// What it opens.
    pub description: Cow<'a, str>,
    /// How bad its leak is: `critical`, `high`, `medium` or `low`; empty where a saved report does not say.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub severity: Cow<'a, str>,
    /// How sure it is.
    #[serde(serialize_with = "confidence")]
    pub confidence: Confidence,
    /// The same from 0 to 1.
    pub score: f32,
    /// Why.
    pub evidence: Vec<String>,
    /// `new`, `expired`, or the reason why it is not reported.
    pub status: Cow<'a, str>,
    /// The label or reason that goes with the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Cow<'a, str>>,
    /// What a person said it is, where the baseline accepts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Cow<'a, str>>,
    /// The first place.
    #[serde(flatten)]
    pub place: Where<'a>,
    /// The line it stands on, masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Cow<'a, str>>,
    /// What may be shown of it.
    pub redacted: String,
    /// All of it, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The other places.
    pub occurrences: Vec<Other<'a>>,
    /// Whether `HEAD` still holds it; only in history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_head: Option<bool>,
    /// The refs that reach it.
    pub refs: Cow<'a, [String]>,
    /// What became of it; only in history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle<'a>>,
    /// Where to revoke it.
    pub revoke_url: Option<Cow<'a, str>>,
    /// The vendor's page about it.
    pub docs_url: Option<Cow<'a, str>>,
}

/// What became of a finding, in history.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Lifecycle<'a> {
    /// The last commit that held it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_commit: Option<Commit<'a>>,
    /// The commit that removed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Commit<'a>>,
    /// From its introduction until it was removed, or until HEAD was committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposed_days: Option<i64>,
    /// Whether a remote-tracking ref reaches it.
    pub pushed: bool,
    /// The name that stands there since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<MovedTo<'a>>,
}

/// The name that stands in for a removed value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MovedTo<'a> {
    /// An environment variable, a property, a variable of Terraform's.
    pub name: Cow<'a, str>,
    /// Whether HEAD's tree still uses the name.
    pub used: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn confidence<S: Serializer>(confidence: &Confidence, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(confidence.name())
}

impl<'a> Lifecycle<'a> {
    /// What is known of a finding of history; nothing is of others.
    pub(crate) fn of(finding: &'a Finding) -> Option<Self> {
        let fate = finding.fate()?;
        Some(Self {
            last_commit: fate.last.as_deref().map(commit),
            removed: fate.removed.as_deref().map(commit),
            exposed_days: finding.exposed(),
            pushed: finding.pushed(),
            moved_to: finding
                .moved
                .as_ref()
                .map(|to| MovedTo { name: (&*to.name).into(), used: to.used }),
        })
    }
}

impl Entry<'_> {
    /// Whether it fails the scan.
    #[must_use]
    pub fn is_open(&self) -> bool {
        [Verdict::Open, Verdict::Expired].iter().any(|verdict| verdict.name() == self.status)
    }

    /// The secret as far as it may be shown.
    pub(in crate::report) fn shown(&self) -> &str {
        self.secret.as_deref().unwrap_or(&self.redacted)
    }
}

/// What a report says of a finding.
pub(in crate::report) fn entry<'a>(
    finding: &'a Finding,
    rules: &'a RuleSet,
    style: Style<'_>,
) -> Entry<'a> {
    let rule = rules.rules()[usize::from(finding.rule)].spec();
    let address = |url: &'a Option<Cow<'static, str>>| url.as_deref().map(Cow::Borrowed);
    Entry {
        fingerprint: finding.fingerprint.to_string(),
        rule_id: (&*rule.id).into(),
        rule_name: (&*rule.name).into(),
        provider: (&*rule.provider).into(),
        description: (&*rule.description).into(),
        severity: rule.severity_of(finding.secret.reveal()).name().into(),
        confidence: finding.confidence,
        score: (finding.score * 100.0).round() / 100.0,
        evidence: finding.evidence.iter().map(ToString::to_string).collect(),
        status: finding.verdict.name().into(),
        note: finding.note.as_deref().map(Cow::Borrowed),
        label: finding.label.map(|label| label.name().into()),
        place: place(&finding.place, rules),
        snippet: None,
        redacted: style.redacted(&finding.secret, rule),
        secret: style.secret(&finding.secret),
        occurrences: finding.occurrences.iter().map(|place| other(place, rules)).collect(),
        in_head: finding.place.in_head,
        refs: (&*finding.place.refs).into(),
        lifecycle: Lifecycle::of(finding),
        revoke_url: address(&rule.revoke_url),
        docs_url: address(&rule.docs_url),
    }
}
