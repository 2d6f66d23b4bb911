//! GitLab's code quality report, which the widget of a merge request shows on every tier.
//!
//! In: a [`Document`]. Out: a list of findings; what was not scanned has no place in it.

use std::io;

use serde_json::{Value, json};

use super::document::Document;
use super::words::{self, hex};
use super::{Reporter, Style};

/// Writes the report.
pub(super) struct Codequality;

impl Reporter for Codequality {
    fn write(
        &self,
        document: &Document<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let identities = words::identities(&document.findings);
        let open = document.findings.iter().zip(&identities).filter(|(entry, _)| entry.is_open());
        let list: Vec<Value> = open
            .map(|(entry, identity)| {
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
            })
            .collect();
        super::plain::pretty(out, &list)?;
        writeln!(out)
    }
}
