//! GitLab's secret detection report, schema 15.2.1.
//!
//! In: an [`Account`]. Out: one vulnerability a finding. GitLab tells findings apart by rule and place, so ids are
//! [`words::identity`]; the plaintext field of the schema is left out.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::account::Account;
use super::document::Entry;
use super::plain::Each;
use super::words::{self, Identities, hex};
use super::{Reporter, Style};

/// Writes the report.
pub(super) struct Gitlab;

/// The schema that GitLab is told to check against.
const SCHEMA: &str = "15.2.1";
/// Skipped inputs that are listed.
const MESSAGES: usize = 100;
/// Characters of a name that the schema allows.
const NAME: usize = 255;

impl Reporter for Gitlab {
    fn write(
        &self,
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let vulnerabilities = Each(|| {
            let mut identities = Identities::default();
            account.findings().filter_map(move |entry| {
                let identity = identities.next(&entry);
                entry.is_open().then(|| vulnerability(&entry, &identity))
            })
        });
        let page = Page { version: SCHEMA, scan: scan(account), vulnerabilities };
        super::plain::pretty(out, &page)?;
        writeln!(out)
    }
}

#[derive(Serialize)]
struct Page<V> {
    version: &'static str,
    scan: Value,
    vulnerabilities: V,
}

fn scan(account: &Account<'_>) -> Value {
    let scan = account.scan();
    let tool = json!({
        "id": "leakstop",
        "name": "leakstop",
        "version": account.tool().version,
        "vendor": { "name": "leakstop" },
    });
    let start = scan.started_at.parse::<jiff::Timestamp>().unwrap_or_default();
    let length = i64::try_from(scan.duration_ms).unwrap_or_default();
    let end = start.checked_add(jiff::SignedDuration::from_millis(length)).unwrap_or(start);
    let faults = account.faults().next().is_some();
    let mut messages: Vec<Value> = Vec::new();
    for skip in scan.skipped.iter().take(MESSAGES) {
        let text = format!("not scanned: {}: {} ({})", skip.what, skip.reason, skip.detail);
        messages
            .push(json!({ "level": if skip.is_fault() { "warn" } else { "info" }, "value": text }));
    }
    let more = scan.skipped.len().saturating_sub(MESSAGES);
    if more > 0 {
        messages.push(
            json!({ "level": "warn", "value": format!("not scanned: {more} further inputs") }),
        );
    }
    for warning in scan.warnings.iter().filter(|warning| !warning.is_empty()) {
        messages.push(json!({ "level": "warn", "value": warning }));
    }
    json!({
        "analyzer": tool,
        "scanner": tool,
        "type": "secret_detection",
        "start_time": moment(start),
        "end_time": moment(end),
        "status": if faults { "failure" } else { "success" },
        "messages": messages,
    })
}

/// A time as the schema asks for it: UTC, without saying so.
fn moment(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn vulnerability(entry: &Entry<'_>, identity: &[u8; 16]) -> Value {
    let place = &entry.place;
    let commit = match &place.commit {
        // A commit that was introduced nowhere is unknown, which GitLab writes as zeros.
        None => json!({ "sha": "0000000" }),
        Some(commit) => json!({
            "sha": commit.id,
            "author": commit.author,
            "date": commit.date,
            "message": commit.summary,
        }),
    };
    let severity = match words::severity(entry) {
        "critical" => "Critical",
        "high" => "High",
        "medium" => "Medium",
        _ => "Low",
    };
    let links: Vec<Value> = [&entry.revoke_url, &entry.docs_url]
        .into_iter()
        .flatten()
        .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
        .map(|url| json!({ "url": url }))
        .collect();
    json!({
        "id": uuid(identity),
        "name": entry.rule_name.chars().take(NAME).collect::<String>(),
        "description": format!("{} in {}. {}", words::message(entry), words::escaped(&place.label()), entry.description),
        "severity": severity,
        "solution": words::advice(entry),
        "identifiers": [{
            "type": "leakstop_rule_id",
            "name": format!("Leakstop rule ID {}", entry.rule_id),
            "value": entry.rule_id,
        }],
        "links": links,
        "location": {
            "file": if place.path.is_empty() { place.label() } else { place.file().into() },
            "start_line": place.start_line.max(1),
            "end_line": place.end_line.max(place.start_line).max(1),
            "commit": commit,
        },
    })
}

/// An identity in the form of a UUID, version 8: made by the program's own rules.
fn uuid(identity: &[u8; 16]) -> String {
    let mut bytes = *identity;
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex(&bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}
