//! SARIF 2.1.0, within what GitHub's code scanning takes.
//!
//! In: an [`Account`]. Out: one run. No secret, no line of the repository, and no digest that a guess could be
//! compared with: a result's fingerprint is [`words::identity`]. Of too many results the worst are kept, and a
//! notification says so.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::account::Account;
use super::document::Entry;
use super::words::{self, Identities, hex};
use super::{Reporter, Style};
use crate::detect::spec::Confidence;

/// Writes SARIF.
pub(super) struct Sarif;

/// What of a path is escaped in an address.
pub(super) const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Results of a run that GitHub keeps.
const RESULTS: usize = 5_000;
/// Notifications before the rest is counted.
const NOTES: usize = 100;
/// Characters that GitHub takes of a rule's texts, and of its name.
const TEXT: usize = 1_024;
const NAME: usize = 255;

impl Reporter for Sarif {
    fn write(
        &self,
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let identities = Identities::all(account);
        let cut = identities.len().saturating_sub(RESULTS);
        let kept: Vec<(Cow<'_, Entry<'_>>, [u8; 16])> = if cut > 0 {
            let worst = account.worst().take(RESULTS);
            worst.map(|(place, entry)| (entry, identities[place])).collect()
        } else {
            account.findings().zip(identities).collect()
        };
        let mut rules: BTreeMap<&str, (usize, &Entry<'_>)> = BTreeMap::new();
        for (entry, _) in &kept {
            rules.entry(&entry.rule_id).or_insert((0, entry));
        }
        for (index, rule) in rules.values_mut().enumerate() {
            rule.0 = index;
        }
        let results: Vec<Value> = kept
            .iter()
            .map(|(entry, identity)| result(entry, rules[&*entry.rule_id].0, identity))
            .collect();
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "leakstop",
                    "semanticVersion": account.tool().version,
                    "properties": { "rulesHash": account.tool().rules_hash },
                    "rules": rules.values().map(|(_, entry)| rule(entry)).collect::<Vec<_>>(),
                } },
                "automationDetails": { "id": format!("leakstop/{}/", account.scan().mode) },
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation(account, cut)],
                "results": results,
            }],
        });
        super::plain::pretty(out, &log)?;
        writeln!(out)
    }
}

/// How the scan went.
fn invocation(account: &Account<'_>, cut: usize) -> Value {
    let skipped = &account.scan().skipped;
    let mut notes: Vec<Value> = Vec::new();
    let mut note = |level: &str, text: String| {
        notes.push(json!({ "level": level, "message": { "text": text } }));
    };
    if cut > 0 {
        note(
            "error",
            format!("{cut} further results are left out; GitHub keeps {RESULTS} of a run"),
        );
    }
    for skip in skipped.iter().take(NOTES) {
        let level = if skip.is_fault() { "error" } else { "warning" };
        note(level, format!("not scanned: {}: {} ({})", skip.what, skip.reason, skip.detail));
    }
    if skipped.len() > NOTES {
        note("warning", format!("not scanned: {} further inputs", skipped.len() - NOTES));
    }
    for warning in &*account.scan().warnings {
        note("warning", warning.clone());
    }
    json!({
        "executionSuccessful": account.faults().next().is_none(),
        "toolExecutionNotifications": notes,
    })
}

/// A rule, as one of its findings tells.
fn rule(entry: &Entry<'_>) -> Value {
    let precision = match entry.confidence {
        Confidence::Certain => "very-high",
        Confidence::Likely => "high",
        Confidence::Possible => "medium",
    };
    let severity = match words::severity(entry) {
        "critical" => "9.5",
        "high" => "8.0",
        "medium" => "5.5",
        _ => "2.5",
    };
    let advice = words::advice(entry);
    let markdown = match &entry.docs_url {
        Some(url) => format!("{}\n\n{advice}\n\n[Documentation]({url})", entry.description),
        None => format!("{}\n\n{advice}", entry.description),
    };
    let mut rule = json!({
        "id": entry.rule_id,
        "name": cut(&entry.rule_name, NAME),
        "shortDescription": { "text": cut(&entry.rule_name, TEXT) },
        "fullDescription": { "text": cut(&entry.description, TEXT) },
        "help": { "text": advice, "markdown": markdown },
        "defaultConfiguration": { "level": level(entry) },
        "properties": {
            "tags": ["security", "secret"],
            "precision": precision,
            "security-severity": severity,
            "problem.severity": level(entry),
            "provider": entry.provider,
        },
    });
    if let Some(url) = entry.docs_url.as_ref().or(entry.revoke_url.as_ref()) {
        rule["helpUri"] = json!(url);
    }
    rule
}

fn level(entry: &Entry<'_>) -> &'static str {
    match (words::severity(entry), entry.confidence) {
        ("low", _) | (_, Confidence::Possible) => "warning",
        _ => "error",
    }
}

/// The head of a text, in characters; GitHub takes no empty one.
fn cut(text: &str, most: usize) -> String {
    if text.is_empty() { "-".into() } else { text.chars().take(most).collect() }
}

/// A finding.
fn result(entry: &Entry<'_>, index: usize, identity: &[u8; 16]) -> Value {
    let place = &entry.place;
    let label = place.label();
    let (end_line, end_column) = if place.end_line > place.start_line {
        (place.end_line, place.end_column.max(1))
    } else {
        (place.start_line, place.end_column.max(place.start_column + 1))
    };
    let mut text = format!("{} in {}", words::message(entry), words::escaped(&label));
    let mut properties = json!({
        "confidence": entry.confidence.name(),
        "score": (f64::from(entry.score) * 100.0).round() / 100.0,
        "evidence": entry.evidence,
        "status": entry.status,
    });
    if let Some(commit) = &place.commit {
        let _ = write!(text, ", added by commit {}", commit.id);
        properties["commit"] = json!(commit.id);
        properties["commitDate"] = json!(commit.date);
    }
    if entry.in_head == Some(false) {
        text.push_str(", not in HEAD but in history");
    }
    if let Some(in_head) = entry.in_head {
        properties["inHead"] = json!(in_head);
    }
    if place.file() != place.path {
        properties["inner"] = json!(place.path);
    }
    let uri = if place.path.is_empty() { &*label } else { place.file() };
    let mut result = json!({
        "ruleId": entry.rule_id,
        "ruleIndex": index,
        "level": level(entry),
        "message": { "text": format!("{text}. {}", words::advice(entry)) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": utf8_percent_encode(uri, PATH).to_string() },
            "region": {
                "startLine": place.start_line.max(1),
                "startColumn": place.start_column.max(1),
                "endLine": end_line.max(1),
                "endColumn": end_column,
            },
        } }],
        "partialFingerprints": { "primaryLocationLineHash": format!("{}:1", hex(&identity[..8])) },
        "rank": (f64::from(entry.score) * 100.0).round(),
        "properties": properties,
    });
    if !entry.is_open() {
        let kind = if entry.status == "inline" { "inSource" } else { "external" };
        let mut suppression = json!({ "kind": kind });
        if let Some(note) = &entry.note {
            suppression["justification"] = json!(note);
        }
        result["suppressions"] = json!([suppression]);
    }
    result
}
