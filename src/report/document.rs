//! A report as it is saved: version 1 of the JSON form, which every other format is a rendering of.
//!
//! In: a [`Report`], or the text of a saved one. Out: a [`Document`], from structs of its own, so that a change
//! inside leakstop does not change it. Fields may be added, never renamed or removed. It holds secrets only where
//! [`Secrets::Shown`] asks for them.

use std::borrow::Cow;

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize, Serializer};

use super::{Report, Secrets, Style};
use crate::detect::rules::RuleSet;
use crate::detect::spec::Confidence;
use crate::source::{CommitFacts, SkipReason, Skipped};
use crate::verdict::finding::{Finding, Partner, Place, Reason, Verdict};

/// The version of the form that is written and read.
const VERSION: u32 = 1;

/// A whole report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Document<'a> {
    /// Version of this form.
    pub version: u32,
    /// What made it.
    pub tool: Tool<'a>,
    /// The receipt.
    pub scan: Scan<'a>,
    /// The findings, sorted by path and place.
    pub findings: Vec<Entry<'a>>,
}

/// What made a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tool<'a> {
    /// `leakstop`.
    pub name: Cow<'a, str>,
    /// Its version.
    pub version: Cow<'a, str>,
    /// Changes with any rule.
    pub rules_hash: Cow<'a, str>,
}

/// What was scanned and what was not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Scan<'a> {
    /// Which command ran.
    pub mode: Cow<'a, str>,
    /// What it was asked to scan.
    pub target: Cow<'a, str>,
    /// Whether everything was read.
    pub complete: bool,
    /// Blobs read to their end.
    pub blobs: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Commits read.
    pub commits: u64,
    /// When it began: RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub started_at: Cow<'a, str>,
    /// How long it took.
    pub duration_ms: u64,
    /// Inputs that were not scanned.
    pub skipped: Vec<Skip<'a>>,
    /// Matches that are not reported, by reason.
    pub suppressed: Suppressed,
    /// What concerns the whole scan.
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    pub warnings: Cow<'a, [String]>,
}

/// An input that was not scanned.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Skip<'a> {
    /// Path or object id.
    pub what: Cow<'a, str>,
    /// The same in full where it is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what_base64: Option<String>,
    /// Why, in a word.
    pub reason: Cow<'a, str>,
    /// What is known besides.
    pub detail: Cow<'a, str>,
}

/// How many matches each reason has kept from being reported.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Suppressed {
    /// The baseline accepts them.
    pub baseline: usize,
    /// A comment allows them.
    pub inline: usize,
    /// The configuration allows them.
    pub config: usize,
    /// They are published dummies.
    pub example: usize,
}

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

/// Where a credential stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Where<'a> {
    /// Path below the root; empty where there is no file.
    pub path: Cow<'a, str>,
    /// The same in full where it is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_base64: Option<String>,
    /// The git object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object<'a>>,
    /// Line of the first character, from 1.
    pub start_line: usize,
    /// Line of the last character.
    pub end_line: usize,
    /// Column of the first character, from 1, in Unicode scalar values.
    pub start_column: usize,
    /// One past the column of the last character.
    pub end_column: usize,
    /// How it was decoded, outermost first.
    pub decoded: Vec<Cow<'a, str>>,
    /// The commit that introduces it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit<'a>>,
    /// The identifier that a secret belongs with, in the same file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair<'a>>,
}

/// The identifier that a secret belongs with, in the same file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pair<'a> {
    /// The rule that found it.
    pub rule_id: Cow<'a, str>,
    /// What it is called.
    pub rule_name: Cow<'a, str>,
    /// The identifier in full.
    pub value: String,
    /// What was read out of it.
    pub evidence: Cow<'a, [String]>,
    /// The file.
    pub path: String,
    /// Line of the first character.
    pub start_line: usize,
    /// Line of the last character.
    pub end_line: usize,
    /// Column of the first character.
    pub start_column: usize,
    /// One past the column of the last character.
    pub end_column: usize,
    /// How it was decoded, outermost first.
    pub decoded: Vec<Cow<'a, str>>,
}

/// Another place: like the first, but for its commit, which is named only.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Other<'a> {
    /// Where.
    #[serde(flatten)]
    pub place: Where<'a>,
    /// The id of the commit that introduces it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// A git object.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Object<'a> {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Cow<'a, str>,
}

/// A commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Commit<'a> {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: Cow<'a, str>,
    /// When.
    pub date: Cow<'a, str>,
    /// First line of the message.
    pub summary: Cow<'a, str>,
}

/// Why a text is no saved report.
#[doc(hidden)]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// It is no JSON, or not of this form.
    #[error("{0}")]
    Form(#[from] serde_json::Error),
    /// It is of another version.
    #[error(
        "version {0} of the report is not known to this leakstop, which reads version {VERSION}"
    )]
    Version(u32),
    /// It has a finding a line.
    #[error("this is a report in JSON lines; save one with --format json to render it")]
    Lines,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn confidence<S: Serializer>(confidence: &Confidence, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(confidence.name())
}

impl<'a> Document<'a> {
    /// What a report says, with secrets and suppressed findings only where `style` shows them.
    #[doc(hidden)]
    #[must_use]
    pub fn new(report: Report<'a>, style: Style<'_>) -> Self {
        let shown = |finding: &&Finding| style.show_suppressed || finding.verdict.is_open();
        let findings = report.findings.iter().filter(shown);
        Self {
            version: VERSION,
            tool: Tool {
                name: "leakstop".into(),
                version: env!("CARGO_PKG_VERSION").into(),
                rules_hash: report.rules.digest().into(),
            },
            scan: scan(report),
            findings: findings.map(|finding| entry(finding, report.rules, style)).collect(),
        }
    }

    /// Reads a saved report, leaving out what `style` does not show.
    ///
    /// # Errors
    /// What is wrong with the text, and where.
    #[doc(hidden)]
    pub fn read(text: &[u8], style: Style<'_>) -> Result<Document<'static>, DocumentError> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        #[derive(Deserialize)]
        struct Line {
            #[serde(rename = "type")]
            _kind: String,
        }
        let mut document: Document<'static> = match serde_json::from_slice(text) {
            Ok(document) => document,
            Err(fault) => {
                if let Ok(Head { version }) = serde_json::from_slice(text)
                    && version != VERSION
                {
                    return Err(DocumentError::Version(version));
                }
                let first = text.lines().next().unwrap_or_default();
                let lines = serde_json::from_slice::<Line>(first).is_ok();
                return Err(if lines { DocumentError::Lines } else { fault.into() });
            }
        };
        if document.version != VERSION {
            return Err(DocumentError::Version(document.version));
        }
        document.findings.retain(|entry| style.show_suppressed || entry.is_open());
        if style.secrets != Secrets::Shown {
            document.findings.iter_mut().for_each(|entry| entry.secret = None);
        }
        Ok(document)
    }

    /// The findings that fail the scan.
    pub fn open(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.findings.iter().filter(|entry| entry.is_open())
    }

    /// Inputs that could not be read, those apart that a limit by design leaves out.
    pub(super) fn faults(&self) -> impl Iterator<Item = &Skip<'a>> {
        self.scan.skipped.iter().filter(|skip| skip.is_fault())
    }
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

impl Skip<'_> {
    /// Whether it could not be read, which is an error.
    pub(super) fn is_fault(&self) -> bool {
        use SkipReason::{Corrupt, Missing, Unreadable};
        [Unreadable, Missing, Corrupt].iter().any(|reason| reason.name() == self.reason)
    }
}

impl Entry<'_> {
    /// Whether it fails the scan.
    #[must_use]
    pub fn is_open(&self) -> bool {
        [Verdict::Open, Verdict::Expired].iter().any(|verdict| verdict.name() == self.status)
    }

    /// The secret as far as it may be shown.
    pub(super) fn shown(&self) -> &str {
        self.secret.as_deref().unwrap_or(&self.redacted)
    }
}

impl Where<'_> {
    /// Where it is, in words: a path, an object of git, or standard input.
    pub(super) fn label(&self) -> Cow<'_, str> {
        match &self.object {
            _ if !self.path.is_empty() => Cow::Borrowed(&self.path),
            Some(object) => format!("{} {}", object.kind, short(&object.id)).into(),
            None => "standard input".into(),
        }
    }

    /// The file, without what leads into it; empty where there is none.
    pub(super) fn file(&self) -> &str {
        self.path.split('!').next().unwrap_or_default()
    }
}

/// The head of an object's id.
pub(super) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// A path as text, and losslessly where the text is not lossless.
fn path(path: Option<&BString>) -> (Cow<'_, str>, Option<String>) {
    let Some(path) = path else { return ("".into(), None) };
    match path.to_str() {
        Ok(text) => (text.into(), None),
        Err(_) => (path.to_string().into(), Some(data_encoding::BASE64.encode(path))),
    }
}

fn via(via: &[&'static str]) -> Vec<Cow<'static, str>> {
    via.iter().map(|&name| name.into()).collect()
}

fn pair<'a>(partner: &'a Partner, path: &str, rules: &'a RuleSet) -> Pair<'a> {
    let rule = rules.rules()[usize::from(partner.rule)].spec();
    Pair {
        rule_id: (&*rule.id).into(),
        rule_name: (&*rule.name).into(),
        value: partner.value.to_string(),
        evidence: (&*partner.facts).into(),
        path: path.to_owned(),
        start_line: partner.start.line,
        end_line: partner.end.line,
        start_column: partner.start.column,
        end_column: partner.end.column,
        decoded: via(&partner.via),
    }
}

fn place<'a>(place: &'a Place, rules: &'a RuleSet) -> Where<'a> {
    let (path, path_base64) = path(place.path.as_ref());
    Where {
        pair: place.partner.as_ref().map(|partner| pair(partner, &path, rules)),
        path,
        path_base64,
        object: place.object.map(|o| Object { id: o.id.to_string(), kind: o.kind.name().into() }),
        start_line: place.start.line,
        end_line: place.end.line,
        start_column: place.start.column,
        end_column: place.end.column,
        decoded: via(&place.via),
        commit: place.commit.as_deref().map(commit),
    }
}

/// What a report says of a commit.
pub(crate) fn commit(facts: &CommitFacts) -> Commit<'_> {
    Commit {
        id: facts.id.to_string(),
        author: (&*facts.author).into(),
        date: (&*facts.date).into(),
        summary: (&*facts.summary).into(),
    }
}

fn other<'a>(other: &'a Place, rules: &'a RuleSet) -> Other<'a> {
    let commit = other.commit.as_ref().map(|commit| commit.id.to_string());
    Other { place: Where { commit: None, ..place(other, rules) }, commit }
}

fn entry<'a>(finding: &'a Finding, rules: &'a RuleSet, style: Style<'_>) -> Entry<'a> {
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
        redacted: style.redacted(&finding.secret),
        secret: (style.secrets == Secrets::Shown).then(|| style.secret(&finding.secret)),
        occurrences: finding.occurrences.iter().map(|place| other(place, rules)).collect(),
        in_head: finding.place.in_head,
        refs: (&*finding.place.refs).into(),
        lifecycle: Lifecycle::of(finding),
        revoke_url: address(&rule.revoke_url),
        docs_url: address(&rule.docs_url),
    }
}

fn scan<'a>(report: Report<'a>) -> Scan<'a> {
    let receipt = report.receipt;
    let skip = |skipped: &'a Skipped| {
        let (what, what_base64) = path(Some(&skipped.what));
        let reason = skipped.reason.name().into();
        Skip { what, what_base64, reason, detail: (&*skipped.detail).into() }
    };
    Scan {
        mode: receipt.mode.name().into(),
        target: (&*receipt.target).into(),
        complete: receipt.is_complete(),
        blobs: receipt.blobs,
        bytes: receipt.bytes,
        commits: receipt.commits,
        started_at: (&*receipt.started_at).into(),
        duration_ms: receipt.duration_ms,
        skipped: receipt.skipped.iter().map(skip).collect(),
        suppressed: Suppressed {
            baseline: report.suppressed(Reason::Baseline),
            inline: report.suppressed(Reason::Inline),
            config: report.suppressed(Reason::Config),
            example: report.suppressed(Reason::Example),
        },
        warnings: (&*receipt.warnings).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_those_that_are_no_limit_by_design() {
        use SkipReason::{
            Budget, Corrupt, Damaged, Encrypted, Missing, Packed, Shallow, Special, TooDeep,
            Unreadable,
        };
        for reason in [
            Unreadable, Special, Missing, Corrupt, Packed, Encrypted, Damaged, Budget, TooDeep,
            Shallow,
        ] {
            let name = reason.name().into();
            let skip = Skip { what: "".into(), what_base64: None, reason: name, detail: "".into() };
            assert_eq!(skip.is_fault(), !reason.by_design(), "{}", reason.name());
        }
    }
}
