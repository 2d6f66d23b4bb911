//! A table for spreadsheets, as RFC 4180 has it.
//!
//! In: an [`Account`]. Out: a head and a row for each finding. A cell that a spreadsheet would take for a formula
//! begins with an apostrophe.

use std::io;

use super::account::Account;
use super::document::Entry;
use super::{Reporter, Secrets, Style, words};

/// Writes the table.
pub(super) struct Csv;

/// The columns; `secret` stands in the place of `redacted` where secrets are shown.
const COLUMNS: [&str; 28] = [
    "fingerprint",
    "status",
    "severity",
    "confidence",
    "score",
    "rule_id",
    "rule_name",
    "provider",
    "path",
    "start_line",
    "start_column",
    "end_line",
    "end_column",
    "redacted",
    "evidence",
    "commit",
    "author",
    "date",
    "in_head",
    "removed",
    "exposed_days",
    "pushed",
    "refs",
    "places",
    "description",
    "revoke_url",
    "docs_url",
    "note",
];

impl Reporter for Csv {
    fn write(
        &self,
        account: &Account<'_>,
        style: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let mut table =
            ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
        let shown = style.secrets == Secrets::Shown;
        let name = |column| if shown && column == "redacted" { "secret" } else { column };
        table.write_record(COLUMNS.map(name))?;
        for entry in account.findings() {
            table.write_record(row(&entry).map(|cell| harmless(&cell)))?;
        }
        table.flush()
    }
}

fn row(entry: &Entry<'_>) -> [String; COLUMNS.len()] {
    let place = &entry.place;
    let commit = place.commit.as_ref();
    let life = entry.lifecycle.as_ref();
    let removed = life.and_then(|life| life.removed.as_ref());
    let text = |text: Option<&std::borrow::Cow<'_, str>>| text.map_or("", |t| &**t).to_owned();
    [
        entry.fingerprint.clone(),
        entry.status.to_string(),
        words::severity(entry).to_owned(),
        entry.confidence.name().to_owned(),
        entry.score.to_string(),
        entry.rule_id.to_string(),
        entry.rule_name.to_string(),
        entry.provider.to_string(),
        place.label().into_owned(),
        place.start_line.to_string(),
        place.start_column.to_string(),
        place.end_line.to_string(),
        place.end_column.to_string(),
        entry.shown().to_owned(),
        entry.evidence.join("; "),
        commit.map_or_else(String::new, |commit| commit.id.clone()),
        text(commit.map(|commit| &commit.author)),
        text(commit.map(|commit| &commit.date)),
        entry.in_head.map_or_else(String::new, |in_head| in_head.to_string()),
        text(removed.map(|commit| &commit.date)),
        life.and_then(|life| life.exposed_days).map_or_else(String::new, |days| days.to_string()),
        life.map_or_else(String::new, |life| life.pushed.to_string()),
        entry.refs.join(" "),
        (1 + entry.occurrences.len()).to_string(),
        entry.description.to_string(),
        text(entry.revoke_url.as_ref()),
        text(entry.docs_url.as_ref()),
        text(entry.note.as_ref()),
    ]
}

/// A cell that is no formula and holds no control characters.
fn harmless(cell: &str) -> String {
    let cell: String =
        cell.chars().map(|c| if words::steers(c) { '\u{fffd}' } else { c }).collect();
    let formula = cell.starts_with(['=', '+', '-', '@']);
    if formula { format!("'{cell}") } else { cell }
}
