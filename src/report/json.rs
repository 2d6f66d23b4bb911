//! JSON, version 1: one object, or one object a line.
//!
//! In: an [`Account`], which is the documented schema. Out: its JSON.

use std::io;

use serde::Serialize;

use super::account::Account;
use super::document::{Entry, Scan, Tool};
use super::plain::Each;
use super::{Reporter, Style};

/// Writes one JSON object.
pub(super) struct Json;

/// Writes one JSON object a line.
pub(super) struct Lines;

impl Reporter for Json {
    fn write(
        &self,
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let (version, tool, scan) = (account.version(), account.tool(), account.scan());
        let findings = Each(|| account.findings());
        super::plain::pretty(out, &Form { version, tool, scan, findings })?;
        writeln!(out)
    }
}

/// A [`Document`](super::Document) whose findings are made one after the other.
#[derive(Serialize)]
struct Form<'a, F> {
    version: u32,
    tool: &'a Tool<'a>,
    scan: &'a Scan<'a>,
    findings: F,
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
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        for entry in account.findings() {
            super::plain::line(out, &Line::Finding(&entry))?;
            writeln!(out)?;
        }
        let (version, tool, scan) = (account.version(), account.tool(), account.scan());
        super::plain::line(out, &Line::Scan { version, tool, scan })?;
        writeln!(out)
    }
}
