//! JSON, version 1: one object, or one object a line.
//!
//! In: a [`Report`]. Out: the documented schema, from structs of its own, so that a change inside leakstop does
//! not change it. Fields may be added, never renamed or removed.

use std::io;

use bstr::{BString, ByteSlice};
use serde::Serialize;

use super::{Report, Reporter, Secrets, Style};
use crate::detect::rules::RuleSet;
use crate::source::{CommitFacts, Skipped};
use crate::verdict::baseline::Label;
use crate::verdict::finding::{Finding, Partner, Place, Reason};

/// Writes one JSON object.
pub(super) struct Json;

/// Writes one JSON object a line.
pub(super) struct Lines;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    scan: Scan<'a>,
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
    rules_hash: String,
}

#[derive(Serialize)]
struct Scan<'a> {
    mode: &'static str,
    target: &'a str,
    complete: bool,
    blobs: u64,
    bytes: u64,
    commits: u64,
    duration_ms: u64,
    skipped: Vec<Skip<'a>>,
    suppressed: Suppressed,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Skip<'a> {
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_base64: Option<String>,
    reason: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
struct Suppressed {
    baseline: usize,
    inline: usize,
    config: usize,
    example: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    fingerprint: String,
    rule_id: &'a str,
    rule_name: &'a str,
    provider: &'a str,
    description: &'a str,
    confidence: &'static str,
    score: f32,
    evidence: Vec<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'static str>,
    #[serde(flatten)]
    place: Where<'a>,
    redacted: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    occurrences: Vec<Other<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_head: Option<bool>,
    refs: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    lifecycle: Option<Lifecycle<'a>>,
    revoke_url: Option<&'a str>,
    docs_url: Option<&'a str>,
}

/// What became of it, in history.
#[derive(Serialize)]
pub(crate) struct Lifecycle<'a> {
    /// The last commit that held it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_commit: Option<Commit<'a>>,
    /// The commit that removed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) removed: Option<Commit<'a>>,
    /// From its introduction until it was removed, or until HEAD was committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exposed_days: Option<i64>,
    /// Whether a remote-tracking ref reaches it.
    pub(crate) pushed: bool,
    /// The name that stands there since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) moved_to: Option<MovedTo<'a>>,
}

/// The name that took its place.
#[derive(Serialize)]
pub(crate) struct MovedTo<'a> {
    pub(crate) name: &'a str,
    /// Whether HEAD's tree still uses the name.
    pub(crate) used: bool,
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
            moved_to: finding.moved.as_ref().map(|to| MovedTo { name: &to.name, used: to.used }),
        })
    }
}

#[derive(Serialize)]
struct Where<'a> {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Object>,
    start_line: usize,
    end_line: usize,
    start_column: usize,
    end_column: usize,
    decoded: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<Commit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<Pair<'a>>,
}

/// The identifier that a secret belongs with, in the same file.
#[derive(Serialize)]
struct Pair<'a> {
    rule_id: &'a str,
    rule_name: &'a str,
    value: String,
    evidence: &'a [String],
    path: String,
    start_line: usize,
    end_line: usize,
    start_column: usize,
    end_column: usize,
    decoded: &'a [&'static str],
}

/// Another place: like the first, but for its commit, which is named only.
#[derive(Serialize)]
struct Other<'a> {
    #[serde(flatten)]
    place: Where<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
}

#[derive(Serialize)]
struct Object {
    id: String,
    kind: &'static str,
}

/// What is told of a commit.
#[derive(Serialize)]
pub(crate) struct Commit<'a> {
    pub(crate) id: String,
    pub(crate) author: &'a str,
    pub(crate) date: &'a str,
    pub(crate) summary: &'a str,
}

/// A path as text, and losslessly where the text is not lossless.
pub(super) fn path(path: Option<&BString>) -> (String, Option<String>) {
    let Some(path) = path else { return (String::new(), None) };
    match path.to_str() {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (path.to_string(), Some(data_encoding::BASE64.encode(path))),
    }
}

fn pair<'a>(partner: &'a Partner, path: &str, rules: &'a RuleSet) -> Pair<'a> {
    let rule = rules.rules()[usize::from(partner.rule)].spec();
    Pair {
        rule_id: &rule.id,
        rule_name: &rule.name,
        value: partner.value.to_string(),
        evidence: &partner.facts,
        path: path.to_owned(),
        start_line: partner.start.line,
        end_line: partner.end.line,
        start_column: partner.start.column,
        end_column: partner.end.column,
        decoded: &partner.via,
    }
}

fn place<'a>(place: &'a Place, rules: &'a RuleSet) -> Where<'a> {
    let (path, path_base64) = path(place.path.as_ref());
    Where {
        pair: place.partner.as_ref().map(|partner| pair(partner, &path, rules)),
        path,
        path_base64,
        object: place.object.map(|o| Object { id: o.id.to_string(), kind: o.kind.name() }),
        start_line: place.start.line,
        end_line: place.end.line,
        start_column: place.start.column,
        end_column: place.end.column,
        decoded: &place.via,
        commit: place.commit.as_deref().map(commit),
    }
}

/// What is told of a commit.
pub(crate) fn commit(facts: &CommitFacts) -> Commit<'_> {
    Commit {
        id: facts.id.to_string(),
        author: &facts.author,
        date: &facts.date,
        summary: &facts.summary,
    }
}

fn other<'a>(other: &'a Place, rules: &'a RuleSet) -> Other<'a> {
    let commit = other.commit.as_ref().map(|commit| commit.id.to_string());
    Other { place: Where { commit: None, ..place(other, rules) }, commit }
}

fn entry<'a>(finding: &'a Finding, rules: &'a RuleSet, style: Style) -> Entry<'a> {
    let rule = rules.rules()[usize::from(finding.rule)].spec();
    Entry {
        fingerprint: finding.fingerprint.to_string(),
        rule_id: &rule.id,
        rule_name: &rule.name,
        provider: &rule.provider,
        description: &rule.description,
        confidence: finding.confidence.name(),
        score: (finding.score * 100.0).round() / 100.0,
        evidence: finding.evidence.iter().map(ToString::to_string).collect(),
        status: finding.verdict.name(),
        note: finding.note.as_deref(),
        label: finding.label.map(Label::name),
        place: place(&finding.place, rules),
        redacted: style.redacted(&finding.secret),
        secret: (style.secrets == Secrets::Shown).then(|| style.secret(&finding.secret)),
        occurrences: finding.occurrences.iter().map(|place| other(place, rules)).collect(),
        in_head: finding.place.in_head,
        refs: &finding.place.refs,
        lifecycle: Lifecycle::of(finding),
        revoke_url: rule.revoke_url.as_deref(),
        docs_url: rule.docs_url.as_deref(),
    }
}

fn scan<'a>(report: &'a Report<'_>) -> Scan<'a> {
    let receipt = &report.receipt;
    let skip = |skipped: &'a Skipped| {
        let (what, what_base64) = path(Some(&skipped.what));
        Skip { what, what_base64, reason: skipped.reason.name(), detail: &skipped.detail }
    };
    Scan {
        mode: receipt.mode.name(),
        target: &receipt.target,
        complete: receipt.is_complete(),
        blobs: receipt.blobs,
        bytes: receipt.bytes,
        commits: receipt.commits,
        duration_ms: receipt.duration_ms,
        skipped: receipt.skipped.iter().map(skip).collect(),
        suppressed: Suppressed {
            baseline: report.suppressed(Reason::Baseline),
            inline: report.suppressed(Reason::Inline),
            config: report.suppressed(Reason::Config),
            example: report.suppressed(Reason::Example),
        },
        warnings: &receipt.warnings,
    }
}

fn tool(report: &Report<'_>) -> Tool {
    Tool { name: "leakstop", version: env!("CARGO_PKG_VERSION"), rules_hash: report.rules.digest() }
}

fn entries<'a>(report: &'a Report<'_>, style: Style) -> impl Iterator<Item = Entry<'a>> {
    report
        .findings
        .iter()
        .filter(move |finding| style.show_suppressed || finding.verdict.is_open())
        .map(move |finding| entry(finding, report.rules, style))
}

impl Reporter for Json {
    fn write(&self, report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
        let document = Document {
            version: 1,
            tool: tool(report),
            scan: scan(report),
            findings: entries(report, style).collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }
}

/// One line of the line format.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Finding(Box<Entry<'a>>),
    Scan {
        version: u32,
        tool: Tool,
        #[serde(flatten)]
        scan: Scan<'a>,
    },
}

impl Reporter for Lines {
    fn write(&self, report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
        for entry in entries(report, style) {
            serde_json::to_writer(&mut *out, &Line::Finding(Box::new(entry)))?;
            writeln!(out)?;
        }
        let last = Line::Scan { version: 1, tool: tool(report), scan: scan(report) };
        serde_json::to_writer(&mut *out, &last)?;
        writeln!(out)
    }
}
