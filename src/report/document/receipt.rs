//! What was scanned and what was not.
//!
//! In: a [`Report`]. Out: a [`Scan`], its receipt.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::place::path;
use crate::report::Report;
use crate::source::{SkipReason, Skipped};
use crate::verdict::finding::Reason;

/// What was scanned and what was not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Scan<'a> {
    /// Which command ran.
    pub mode: Cow<'a, str>,
    /// What it was asked to scan.
    pub target: Cow<'a, str>,
    /// Whether everything was read.
    pub complete: bool,
    /// Blobs read to their end.
    pub blobs: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Commits read.
    pub commits: u64,
    /// When it began: RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub started_at: Cow<'a, str>,
    /// How long it took.
    pub duration_ms: u64,
    /// Inputs that were not scanned.
    pub skipped: Vec<Skip<'a>>,
    /// Matches that are not reported, by reason.
    pub suppressed: Suppressed,
    /// Files and folders that exclusions leave out, and files of which they leave out what was found.
    #[serde(default, skip_serializing_if = "is_none")]
    pub excluded: u64,
    /// What concerns the whole scan.
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    pub warnings: Cow<'a, [String]>,
}

/// An input that was not scanned.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Skip<'a> {
    /// Path or object id.
    pub what: Cow<'a, str>,
    /// The same in full where it is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what_base64: Option<String>,
    /// Why, in a word.
    pub reason: Cow<'a, str>,
    /// What is known besides.
    pub detail: Cow<'a, str>,
}

/// How many matches each reason has kept from being reported.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Suppressed {
    /// The baseline accepts them.
    pub baseline: usize,
    /// A comment allows them.
    pub inline: usize,
    /// The configuration allows them.
    pub config: usize,
    /// They are published dummies.
    pub example: usize,
}

impl Skip<'_> {
    /// Whether it could not be read, which is an error.
    pub(in crate::report) fn is_fault(&self) -> bool {
        use SkipReason::{Corrupt, Missing, Unreadable};
        [Unreadable, Missing, Corrupt].iter().any(|reason| reason.name() == self.reason)
    }
}

/// Whether there is nothing to count.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// The receipt of a report.
pub(super) fn scan<'a>(report: Report<'a>) -> Scan<'a> {
    let receipt = report.receipt;
    let skip = |skipped: &'a Skipped| {
        let (what, what_base64) = path(Some(&skipped.what));
        let reason = skipped.reason.name().into();
        Skip { what, what_base64, reason, detail: (&*skipped.detail).into() }
    };
    Scan {
        mode: receipt.mode.name().into(),
        target: (&*receipt.target).into(),
        complete: receipt.is_complete(),
        blobs: receipt.blobs,
        bytes: receipt.bytes,
        commits: receipt.commits,
        started_at: (&*receipt.started_at).into(),
        duration_ms: receipt.duration_ms,
        skipped: receipt.skipped.iter().map(skip).collect(),
        suppressed: Suppressed {
            baseline: report.suppressed(Reason::Baseline),
            inline: report.suppressed(Reason::Inline),
            config: report.suppressed(Reason::Config),
            example: report.suppressed(Reason::Example),
        },
        excluded: receipt.excluded,
        warnings: (&*receipt.warnings).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_those_that_are_no_limit_by_design() {
        use SkipReason::{
            Budget, Corrupt, Damaged, Encrypted, Missing, Packed, Shallow, Special, TooDeep,
            Unreadable,
        };
        for reason in [
            Unreadable, Special, Missing, Corrupt, Packed, Encrypted, Damaged, Budget, TooDeep,
            Shallow,
        ] {
            let name = reason.name().into();
            let skip = Skip { what: "".into(), what_base64: None, reason: name, detail: "".into() };
            assert_eq!(skip.is_fault(), !reason.by_design(), "{}", reason.name());
        }
    }
}
