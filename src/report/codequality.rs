//! GitLab's code quality report, which the widget of a merge request shows on every tier.
//!
//! In: an [`Account`]. Out: a list of findings; what was not scanned has no place in it.

use std::io;

use serde_json::{Value, json};

use super::account::Account;
use super::document::Entry;
use super::plain::Each;
use super::words::{self, Identities, hex};
use super::{Reporter, Style};

/// Writes the report.
pub(super) struct Codequality;

impl Reporter for Codequality {
    fn write(
        &self,
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let list = Each(|| {
            let mut identities = Identities::default();
            account.findings().filter_map(move |entry| {
                let identity = identities.next(&entry);
                entry.is_open().then(|| issue(&entry, &identity))
            })
        });
        super::plain::pretty(out, &list)?;
        writeln!(out)
    }
}

fn issue(entry: &Entry<'_>, identity: &[u8; 16]) -> Value {
    let place = &entry.place;
    let severity = match words::severity(entry) {
        "critical" => "blocker",
        "high" => "critical",
        "medium" => "major",
        _ => "minor",
    };
    let path = if place.path.is_empty() { place.label() } else { place.file().into() };
    json!({
        "description": format!("{}: {}", words::message(entry), words::remedy(entry)),
        "check_name": entry.rule_id,
        "fingerprint": hex(identity),
        "severity": severity,
        "location": {
            "path": path,
            "lines": {
                "begin": place.start_line.max(1),
                "end": place.end_line.max(place.start_line).max(1),
            },
        },
    })
}
