//! A report as it is saved: version 1 of the JSON form, which every other format is a rendering of.
//!
//! In: a [`Report`], or the text of a saved one. Out: a [`Document`], from structs of its own, so that a change
//! inside leakstop does not change it. Fields may be added, never renamed or removed. It holds secrets only where
//! [`Secrets::Shown`] asks for them.

mod entry;
mod place;
mod receipt;

use std::borrow::Cow;

use bstr::ByteSlice;
use serde::{Deserialize, Serialize};

pub(super) use self::entry::entry;
pub use self::entry::{Entry, Lifecycle, MovedTo};
pub(crate) use self::place::commit;
pub(super) use self::place::short;
pub use self::place::{Commit, Object, Other, Pair, Where};
pub use self::receipt::{Scan, Skip, Suppressed};
use super::{Report, Secrets, Style};
use crate::verdict::finding::Finding;

/// The version of the form that is written and read.
const VERSION: u32 = 1;

/// A whole report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Document<'a> {
    /// Version of this form.
    pub version: u32,
    /// What made it.
    pub tool: Tool<'a>,
    /// The receipt.
    pub scan: Scan<'a>,
    /// The findings, sorted by path and place.
    pub findings: Vec<Entry<'a>>,
}

/// What made a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tool<'a> {
    /// `leakstop`.
    pub name: Cow<'a, str>,
    /// Its version.
    pub version: Cow<'a, str>,
    /// Changes with any rule.
    pub rules_hash: Cow<'a, str>,
}

/// Why a text is no saved report.
#[doc(hidden)]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// It is no JSON, or not of this form.
    #[error("{0}")]
    Form(#[from] serde_json::Error),
    /// It is of another version.
    #[error(
        "version {0} of the report is not known to this leakstop, which reads version {VERSION}"
    )]
    Version(u32),
    /// It has a finding a line.
    #[error("this is a report in JSON lines; save one with --format json to render it")]
    Lines,
}

impl<'a> Document<'a> {
    /// What a report says, with secrets and suppressed findings only where `style` shows them.
    #[doc(hidden)]
    #[must_use]
    pub fn new(report: Report<'a>, style: Style<'_>) -> Self {
        let shown = |finding: &&Finding| style.show_suppressed || finding.verdict.is_open();
        let findings = report.findings.iter().filter(shown);
        let findings = findings.map(|finding| entry::entry(finding, report.rules, style)).collect();
        Self { findings, ..Self::head(report) }
    }

    /// What a report says, but for its findings.
    #[doc(hidden)]
    #[must_use]
    pub fn head(report: Report<'a>) -> Self {
        Self {
            version: VERSION,
            tool: Tool {
                name: "leakstop".into(),
                version: env!("CARGO_PKG_VERSION").into(),
                rules_hash: report.rules.digest().into(),
            },
            scan: receipt::scan(report),
            findings: Vec::new(),
        }
    }

    /// Reads a saved report, leaving out what `style` does not show.
    ///
    /// # Errors
    /// What is wrong with the text, and where.
    #[doc(hidden)]
    pub fn read(text: &[u8], style: Style<'_>) -> Result<Document<'static>, DocumentError> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        #[derive(Deserialize)]
        struct Line {
            #[serde(rename = "type")]
            _kind: String,
        }
        let mut document: Document<'static> = match serde_json::from_slice(text) {
            Ok(document) => document,
            Err(fault) => {
                if let Ok(Head { version }) = serde_json::from_slice(text)
                    && version != VERSION
                {
                    return Err(DocumentError::Version(version));
                }
                let first = text.lines().next().unwrap_or_default();
                let lines = serde_json::from_slice::<Line>(first).is_ok();
                return Err(if lines { DocumentError::Lines } else { fault.into() });
            }
        };
        if document.version != VERSION {
            return Err(DocumentError::Version(document.version));
        }
        document.findings.retain(|entry| style.show_suppressed || entry.is_open());
        if style.secrets != Secrets::Shown {
            document.findings.iter_mut().for_each(|entry| entry.secret = None);
        }
        Ok(document)
    }

    /// The findings that fail the scan.
    pub fn open(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.findings.iter().filter(|entry| entry.is_open())
    }
}
