//! One self-contained page: summary, timeline, charts, a table to search, and a panel for each leak.
//!
//! In: an [`Account`]. Out: HTML that loads nothing. Style and script are the only ones that the page's own policy
//! lets run, by their digests; the data is JSON in which nothing ends the element it stands in. What repeats in many
//! findings (rules, lists of refs) is written once.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::account::Account;
use super::document::{Commit, Entry, Lifecycle, Where};
use super::plain::Each;
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

/// What the script reads. The tables come last, since they are made on the way.
struct Data<'d> {
    account: &'d Account<'d>,
}

impl<'d> Serialize for Data<'d> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let tables = RefCell::new(Tables::default());
        let findings = Each(|| {
            let told = |entry: Cow<'d, _>| Told { at: tables.borrow_mut().add(&entry), entry };
            self.account.findings().map(told)
        });
        let mut page = to.serialize_struct("Data", 5)?;
        page.serialize_field("tool", self.account.tool())?;
        page.serialize_field("scan", self.account.scan())?;
        page.serialize_field("findings", &findings)?;
        let tables = tables.borrow();
        page.serialize_field("rules", &tables.rules)?;
        page.serialize_field("refs", &tables.refs)?;
        page.end()
    }
}

/// What many findings share.
#[derive(Default)]
struct Tables {
    rules: Vec<Rule>,
    known: HashMap<String, usize>,
    refs: Vec<Refs>,
    lists: HashMap<Vec<String>, usize>,
}

impl Tables {
    /// Where the rule and the refs of a finding stand.
    fn add(&mut self, entry: &Entry<'_>) -> (usize, usize) {
        let rule = self.known.get(&*entry.rule_id).copied().unwrap_or_else(|| {
            self.rules.push(rule(entry));
            self.known.insert(entry.rule_id.to_string(), self.rules.len() - 1);
            self.rules.len() - 1
        });
        let refs = self.lists.get(&*entry.refs).copied().unwrap_or_else(|| {
            self.refs.push(Refs::of(&entry.refs));
            self.lists.insert(entry.refs.to_vec(), self.refs.len() - 1);
            self.refs.len() - 1
        });
        (rule, refs)
    }
}

/// A finding, and where in the tables its rule and refs stand.
struct Told<'d> {
    entry: Cow<'d, Entry<'d>>,
    at: (usize, usize),
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let label = self.entry.place.label();
        row(&self.entry, &label, self.at).serialize(to)
    }
}

/// The refs that reach a finding.
#[derive(Serialize)]
struct Refs {
    first: Vec<String>,
    more: usize,
}

impl Refs {
    fn of(names: &[String]) -> Self {
        let place = |name: &&str| KNOWN.iter().position(|start| name.starts_with(start));
        let mut first: Vec<&str> = names.iter().map(String::as_str).collect();
        first.sort_by_key(|name| place(name).unwrap_or(KNOWN.len()));
        first.truncate(NAMED);
        let first: Vec<String> = first.into_iter().map(str::to_owned).collect();
        Self { more: names.len() - first.len(), first }
    }
}

#[derive(Serialize)]
struct Rule {
    id: String,
    name: String,
    provider: String,
    description: String,
    revoke: Option<String>,
    docs: Option<String>,
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
    decoded: &'d [Cow<'d, str>],
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
    fn write(&self, account: &Account<'_>, _: Style<'_>, out: &mut dyn Write) -> io::Result<()> {
        let open = account.open_count();
        let verdict = match open {
            0 if account.scan().complete => "No new secrets".to_owned(),
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
                "verdict" => text(&verdict),
                "target" => text(&account.scan().target),
                "data" => {
                    super::plain::line(&mut Inert(out), &Data { account })?;
                    String::new()
                }
                _ => unreachable!("the template has no other mark"),
            };
            out.write_all(text.as_bytes())?;
            rest = after;
        }
        out.write_all(rest.as_bytes())
    }
}

fn rule(entry: &Entry<'_>) -> Rule {
    // What leads elsewhere than to a page is no link.
    let address = |url: &Option<Cow<'_, str>>| {
        let page = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
        url.as_deref().filter(page).map(str::to_owned)
    };
    Rule {
        id: entry.rule_id.to_string(),
        name: entry.rule_name.to_string(),
        provider: entry.provider.to_string(),
        description: entry.description.to_string(),
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

/// Writes JSON in which nothing ends the element it stands in.
struct Inert<'w>(&'w mut dyn Write);

impl Write for Inert<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let opens = |byte: &u8| matches!(byte, b'<' | b'>' | b'&');
        for part in bytes.split_inclusive(opens) {
            let last = part.last().filter(|byte| opens(byte));
            self.0.write_all(&part[..part.len() - usize::from(last.is_some())])?;
            if let Some(byte) = last {
                write!(self.0, "\\u{byte:04x}")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Text for an element.
fn text(raw: &str) -> String {
    raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
