//! One self-contained page: summary, timeline, charts, a table to search, and a panel for each leak.
//!
//! In: a [`Document`]. Out: HTML that loads nothing. Style and script are the only ones that the page's own policy
//! lets run, by their digests; the data is JSON in which nothing ends the element it stands in. What repeats in many
//! findings (rules, lists of refs) is written once.

use std::collections::HashMap;
use std::io;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::document::{Commit, Document, Entry, Lifecycle, Scan, Tool, Where};
use super::{Reporter, Style, words};

/// Writes the page.
pub(super) struct Html;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str =
    concat!(include_str!("data.js"), include_str!("charts.js"), include_str!("list.js"));

/// Other places of a finding that are listed; the rest is counted.
const PLACES: usize = 50;
/// Refs that are named; the rest is counted. A host keeps thousands, one or two for each pull request.
const NAMED: usize = 12;
/// Which refs are named first.
const KNOWN: &[&str] = &["refs/heads/", "refs/remotes/", "refs/tags/", "refs/stash"];

/// What the script reads.
#[derive(Serialize)]
struct Data<'d> {
    tool: &'d Tool<'d>,
    scan: &'d Scan<'d>,
    rules: Vec<Rule<'d>>,
    refs: Vec<Refs<'d>>,
    findings: Vec<Row<'d>>,
}

/// The refs that reach a finding.
#[derive(Serialize)]
struct Refs<'d> {
    first: Vec<&'d str>,
    more: usize,
}

impl<'d> Refs<'d> {
    fn of(names: &'d [String]) -> Self {
        let place = |name: &&str| KNOWN.iter().position(|start| name.starts_with(start));
        let mut first: Vec<&str> = names.iter().map(String::as_str).collect();
        first.sort_by_key(|name| place(name).unwrap_or(KNOWN.len()));
        first.truncate(NAMED);
        Self { more: names.len() - first.len(), first }
    }
}

#[derive(Serialize)]
struct Rule<'d> {
    id: &'d str,
    name: &'d str,
    provider: &'d str,
    description: &'d str,
    revoke: Option<&'d str>,
    docs: Option<&'d str>,
}

#[derive(Serialize)]
struct Row<'d> {
    rule: usize,
    fingerprint: &'d str,
    severity: &'d str,
    confidence: &'static str,
    score: f32,
    reasons: Vec<String>,
    status: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'d str>,
    label: &'d str,
    line: usize,
    column: usize,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    decoded: &'d [std::borrow::Cow<'d, str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'d Commit<'d>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<String>,
    redacted: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<&'d str>,
    places: Vec<Place<'d>>,
    more: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_head: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    life: Option<&'d Lifecycle<'d>>,
    refs: usize,
}

#[derive(Serialize)]
struct Place<'d> {
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'d str>,
}

impl Reporter for Html {
    fn write(
        &self,
        document: &Document<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let labels: Vec<_> = document.findings.iter().map(|entry| entry.place.label()).collect();
        let mut json = Vec::new();
        super::plain::line(&mut json, &data(document, &labels))?;
        let data = String::from_utf8_lossy(&json);
        let open = document.open().count();
        let verdict = match open {
            0 if document.scan.complete => "No new secrets".to_owned(),
            0 => "No new secrets in what was read".to_owned(),
            n => words::count(n, "new secret", "new secrets"),
        };
        let mut rest = PAGE;
        // The template's own marks, in one pass: nothing that is put in is read again.
        while let Some((before, after)) = rest.split_once("{{") {
            let (mark, after) =
                after.split_once("}}").expect("marks of our own template are closed");
            out.write_all(before.as_bytes())?;
            let text = match mark {
                "style" => STYLE.to_owned(),
                "script" => SCRIPT.to_owned(),
                "style-digest" => digest(STYLE),
                "script-digest" => digest(SCRIPT),
                "data" => inert(&data),
                "verdict" => text(&verdict),
                "target" => text(&document.scan.target),
                _ => unreachable!("the template has no other mark"),
            };
            out.write_all(text.as_bytes())?;
            rest = after;
        }
        out.write_all(rest.as_bytes())
    }
}

fn data<'d>(document: &'d Document<'d>, labels: &'d [std::borrow::Cow<'d, str>]) -> Data<'d> {
    let (mut rules, mut known) = (Vec::new(), HashMap::new());
    let (mut refs, mut lists): (Vec<Refs<'_>>, HashMap<&[String], usize>) = Default::default();
    let mut findings = Vec::with_capacity(document.findings.len());
    for (entry, label) in document.findings.iter().zip(labels) {
        let rule = *known.entry(&*entry.rule_id).or_insert_with(|| {
            rules.push(rule(entry));
            rules.len() - 1
        });
        let list = *lists.entry(&entry.refs).or_insert_with(|| {
            refs.push(Refs::of(&entry.refs));
            refs.len() - 1
        });
        findings.push(row(entry, label, (rule, list)));
    }
    Data { tool: &document.tool, scan: &document.scan, rules, refs, findings }
}

fn rule<'d>(entry: &'d Entry<'d>) -> Rule<'d> {
    // What leads elsewhere than to a page is no link.
    let address = |url: &'d Option<std::borrow::Cow<'d, str>>| {
        url.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    };
    Rule {
        id: &entry.rule_id,
        name: &entry.rule_name,
        provider: &entry.provider,
        description: &entry.description,
        revoke: address(&entry.revoke_url),
        docs: address(&entry.docs_url),
    }
}

fn row<'d>(entry: &'d Entry<'d>, label: &'d str, (rule, refs): (usize, usize)) -> Row<'d> {
    let place = &entry.place;
    let pair = place.pair.as_ref().map(|pair| {
        let facts = match &pair.evidence[..] {
            [] => String::new(),
            facts => format!(" ({})", facts.join(", ")),
        };
        format!("{} on line {}{facts}", pair.value, pair.start_line)
    });
    let other = |place: &'d Where<'d>, commit: Option<&'d str>| Place {
        line: place.start_line,
        commit,
        object: place.object.as_ref().map(|object| &*object.id),
    };
    let others = entry.occurrences.iter().take(PLACES);
    Row {
        rule,
        fingerprint: &entry.fingerprint,
        severity: words::severity(entry),
        confidence: entry.confidence.name(),
        score: entry.score,
        reasons: entry.evidence.iter().map(|evidence| words::reason(evidence)).collect(),
        status: &entry.status,
        note: entry.note.as_deref(),
        label,
        line: place.start_line,
        column: place.start_column,
        decoded: &place.decoded,
        commit: place.commit.as_ref(),
        pair,
        redacted: &entry.redacted,
        snippet: entry.snippet.as_deref(),
        places: others.map(|o| other(&o.place, o.commit.as_deref())).collect(),
        more: entry.occurrences.len().saturating_sub(PLACES),
        in_head: entry.in_head,
        life: entry.lifecycle.as_ref(),
        refs,
    }
}

/// The digest by which a policy knows a script or style.
fn digest(text: &str) -> String {
    data_encoding::BASE64.encode(&Sha256::digest(text))
}

/// JSON in which nothing ends the element it stands in.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// Text for an element.
fn text(raw: &str) -> String {
    raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
