//! reviewdog's diagnostics, which it turns into comments of a review.
//!
//! In: an [`Account`]. Out: one result. Places are lines: reviewdog counts columns in bytes, and a report knows
//! characters.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::account::Account;
use super::document::Entry;
use super::plain::Each;
use super::{Reporter, Style, words};
use crate::detect::spec::Confidence;

/// Writes the result.
pub(super) struct Rdjson;

impl Reporter for Rdjson {
    fn write(
        &self,
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let diagnostics = Each(|| account.open().map(|entry| diagnostic(&entry)));
        let source = json!({ "name": "leakstop" });
        super::plain::pretty(out, &Output { source, severity: "ERROR", diagnostics })?;
        writeln!(out)
    }
}

#[derive(Serialize)]
struct Output<D> {
    source: Value,
    severity: &'static str,
    diagnostics: D,
}

fn diagnostic(entry: &Entry<'_>) -> Value {
    let place = &entry.place;
    let severity = match entry.confidence {
        Confidence::Possible => "WARNING",
        Confidence::Likely | Confidence::Certain => "ERROR",
    };
    let mut code = json!({ "value": entry.rule_id });
    if let Some(url) = entry.docs_url.as_ref().or(entry.revoke_url.as_ref()) {
        code["url"] = json!(url);
    }
    let path = if place.path.is_empty() { place.label() } else { place.file().into() };
    json!({
        "message": format!("{}. {}", words::message(entry), words::advice(entry)),
        "severity": severity,
        "code": code,
        "location": {
            "path": path,
            "range": {
                "start": { "line": place.start_line.max(1) },
                "end": { "line": place.end_line.max(place.start_line).max(1) },
            },
        },
    })
}
