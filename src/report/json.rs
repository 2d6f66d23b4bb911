//! JSON, version 1: one object, or one object a line.
//!
//! In: a [`Document`], which is the documented schema. Out: its JSON.

use std::io;

use serde::Serialize;

use super::document::{Document, Entry, Scan, Tool};
use super::{Reporter, Style};

/// Writes one JSON object.
pub(super) struct Json;

/// Writes one JSON object a line.
pub(super) struct Lines;

impl Reporter for Json {
    fn write(
        &self,
        document: &Document<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        super::plain::pretty(out, document)?;
        writeln!(out)
    }
}

/// One line of the line format.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Finding(&'a Entry<'a>),
    Scan {
        version: u32,
        tool: &'a Tool<'a>,
        #[serde(flatten)]
        scan: &'a Scan<'a>,
    },
}

impl Reporter for Lines {
    fn write(
        &self,
        document: &Document<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        for entry in &document.findings {
            super::plain::line(out, &Line::Finding(entry))?;
            writeln!(out)?;
        }
        let Document { version, tool, scan, .. } = document;
        super::plain::line(out, &Line::Scan { version: *version, tool, scan })?;
        writeln!(out)
    }
}
