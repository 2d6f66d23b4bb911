//! `leakstop rotate`: what has still to be rotated, as a list to work off.
//!
//! In: the cases of a repository. Out: each live secret once, by provider, with where it is used and where it is
//! rotated. Ticking one off labels all its findings `rotated` in the baseline.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

use super::args::{RotateArgs, RotateFormat};
use super::cases::{Case, Cases};
use super::dossier::{Spot, path, spot};
use super::incident::{code, plain};
use super::ledger::Ledger;
use super::settings::Place;
use crate::report::{ExitStatus, count};
use crate::text::Secret;
use crate::verdict::baseline::{Label, Note};

/// A secret that somebody has to rotate. Fields of the JSON form may be added, never renamed or removed.
#[derive(Serialize)]
struct Item<'a> {
    provider: &'a str,
    rule_id: &'a str,
    rule_name: &'a str,
    redacted: String,
    severity: &'static str,
    confidence: &'static str,
    /// Names it to `--done`.
    fingerprint: String,
    /// Where it stands in files on disk.
    on_disk: Vec<Spot>,
    /// Paths that hold it in the history only.
    in_history: BTreeSet<String>,
    /// The names that stand for it, as environment variables.
    names: BTreeSet<String>,
    pushed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposed_days: Option<i64>,
    rotate_url: Option<&'a str>,
    docs_url: Option<&'a str>,
}

/// The JSON form, version 1.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    secrets: Vec<Item<'a>>,
}

/// Runs the command.
pub(super) fn run(args: &RotateArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    let common = args.cases.common();
    let cases = Cases::gather(&args.cases, &common, &place)?;
    if !args.done.is_empty() {
        return tick_off(args, &cases, &place);
    }
    let shown = cases.shown();
    let secrets = items(&cases, &shown);
    let mut out = io::BufWriter::new(anstream::stdout());
    match args.format {
        RotateFormat::Markdown => markdown(&secrets, &mut out)?,
        RotateFormat::Csv => csv(&secrets, &mut out)?,
        RotateFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &Document { version: 1, secrets })?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(cases.completeness())
}

/// Labels the findings of secrets as rotated.
fn tick_off(args: &RotateArgs, cases: &Cases<'_>, place: &Place) -> Result<ExitStatus> {
    let mut done = BTreeSet::new();
    for digits in &args.done {
        done.extend(cases.copies(cases.named(digits)?));
    }
    let mut ledger = Ledger::open(cases, args.cases.baseline.as_deref(), place)?;
    let note = Note { label: Label::Rotated, reason: Some(args.reason.clone()), ..Note::default() };
    let done: Vec<usize> = done.into_iter().collect();
    ledger.say(&done, &note)?;
    let path = ledger.path().display();
    writeln!(
        io::stdout(),
        "{path}: {} labelled rotated",
        count(done.len(), "finding", "findings")
    )?;
    Ok(ExitStatus::Clean)
}

/// Each live secret, by provider, the surest first.
fn items<'a>(cases: &'a Cases<'_>, shown: &[Case]) -> Vec<Item<'a>> {
    let mut values: BTreeMap<&Secret, Vec<usize>> = BTreeMap::new();
    for (at, case) in cases.all.iter().enumerate().filter(|(_, case)| case.is_live()) {
        values.entry(&case.finding.secret).or_default().push(at);
    }
    let mut items: Vec<Item<'a>> =
        values.into_iter().map(|(secret, all)| item(cases, shown, secret, &all)).collect();
    items.sort_by(|a, b| {
        let key = |item: &Item<'a>| (item.provider, item.on_disk.is_empty(), item.rule_id);
        key(a).cmp(&key(b)).then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    items
}

fn item<'a>(cases: &'a Cases<'_>, shown: &[Case], secret: &Secret, all: &[usize]) -> Item<'a> {
    let best = |&&at: &&usize| {
        let finding = &cases.all[at].finding;
        (finding.confidence, std::cmp::Reverse(finding.fingerprint))
    };
    let first = *all.iter().max_by_key(best).expect("a value has a case");
    let spec = cases.spec(&cases.all[first]);
    let finding = &cases.all[first].finding;
    let history = all.iter().filter(|&&at| shown[at].here.is_empty());
    Item {
        provider: &spec.provider,
        rule_id: &spec.id,
        rule_name: &spec.name,
        redacted: secret.masked(&spec.keywords),
        severity: cases.severity(&cases.all[first]).name(),
        confidence: finding.confidence.name(),
        fingerprint: finding.fingerprint.to_string(),
        on_disk: all.iter().flat_map(|&at| shown[at].here.iter().map(spot)).collect(),
        in_history: history.map(|&at| path(&shown[at].finding.place)).collect(),
        names: cases.names(all),
        pushed: all.iter().any(|&at| cases.all[at].finding.pushed()),
        exposed_days: all.iter().filter_map(|&at| cases.all[at].finding.exposed()).max(),
        rotate_url: spec.revoke_url.as_deref(),
        docs_url: spec.docs_url.as_deref(),
    }
}

fn markdown(items: &[Item<'_>], out: &mut dyn Write) -> io::Result<()> {
    let plural = if items.len() == 1 { "secret" } else { "secrets" };
    writeln!(out, "# {} {plural} to rotate", items.len())?;
    for group in items.chunk_by(|a, b| a.provider == b.provider) {
        writeln!(out, "\n## {}\n", plain(group[0].provider))?;
        for item in group {
            one(item, out)?;
        }
    }
    if !items.is_empty() {
        writeln!(out, "\nTick off with {}.", code("leakstop rotate --done FINGERPRINT"))?;
    }
    Ok(())
}

fn one(item: &Item<'_>, out: &mut dyn Write) -> io::Result<()> {
    let print = &item.fingerprint[..8];
    let pushed = if item.pushed { ", **pushed**" } else { "" };
    let days = item.exposed_days.map_or(String::new(), |days| format!(", open for {days} days"));
    let (name, redacted) = (plain(item.rule_name), code(&item.redacted));
    writeln!(
        out,
        "- [ ] {name} {redacted} ({}, {}{pushed}{days}), {}",
        item.severity,
        item.confidence,
        code(print)
    )?;
    match (item.rotate_url, item.docs_url) {
        (Some(url), _) => writeln!(out, "  - Rotate: {url}")?,
        (None, Some(url)) => writeln!(out, "  - Change it where it is used; see {url}")?,
        (None, None) => {}
    }
    for spot in &item.on_disk {
        let environment = spot.environment.map_or(String::new(), |name| format!(" ({name})"));
        writeln!(out, "  - In {}{environment}", code(&format!("{}:{}", spot.path, spot.line)))?;
    }
    for path in &item.in_history {
        writeln!(out, "  - In the history of {}", code(path))?;
    }
    if !item.names.is_empty() {
        let names: Vec<String> = item.names.iter().map(|name| code(name)).collect();
        writeln!(out, "  - Called {}", names.join(", "))?;
    }
    Ok(())
}

fn csv(items: &[Item<'_>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "provider,rule,redacted,severity,confidence,pushed,exposed_days,on_disk,in_history,names,rotate_url,fingerprint"
    )?;
    for item in items {
        let spots: Vec<String> =
            item.on_disk.iter().map(|spot| format!("{}:{}", spot.path, spot.line)).collect();
        let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(" ");
        let fields = [
            item.provider.to_owned(),
            item.rule_id.to_owned(),
            item.redacted.clone(),
            item.severity.to_owned(),
            item.confidence.to_owned(),
            item.pushed.to_string(),
            item.exposed_days.map_or(String::new(), |days| days.to_string()),
            spots.join(" "),
            list(&item.in_history),
            list(&item.names),
            item.rotate_url.unwrap_or_default().to_owned(),
            item.fingerprint.clone(),
        ];
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        writeln!(out, "{}", fields.join(","))?;
    }
    Ok(())
}

/// A field of a table. What a spreadsheet would take for a formula is made text.
fn quoted(field: &str) -> String {
    let field = crate::report::escaped(field);
    let formula = field.starts_with(['=', '+', '-', '@']);
    let field = if formula { format!("'{field}") } else { field };
    if field.contains([',', '"', '\'', ' ']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_text_in_every_spreadsheet() {
        assert_eq!(quoted("a.py:3"), "a.py:3");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("a\nb"), "a\\nb");
    }
}
