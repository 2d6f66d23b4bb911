//! What the user is told.
//!
//! In: a [`Report`]: sorted findings and the receipt of what was and was not scanned; or a [`Document`], a saved one.
//! Formats read either as an [`Account`]. Out: bytes in one of [`Format::ALL`]. A secret's text is written only where
//! [`Secrets::Shown`] says so, and only in a format that [`Format::reveals`] it.

pub mod account;
mod codequality;
mod csv;
pub mod document;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod plain;
mod quiet;
mod rdjson;
mod sarif;
mod screen;
mod words;

use std::io;

pub use account::Account;
pub use document::Document;
pub use markdown::summary;
pub use screen::{masked, screen};
pub use words::{count, escaped, reason, shell};

use crate::detect::rules::RuleSet;
use crate::detect::spec::RuleSpec;
use crate::source::Skipped;
use crate::text::Secret;
use crate::verdict::finding::{Finding, Reason, Verdict};

/// Everything a scan has to say.
#[derive(Clone, Copy, Debug)]
pub struct Report<'r> {
    /// The rules, for names and addresses.
    pub rules: &'r RuleSet,
    /// What was scanned.
    pub receipt: &'r Receipt,
    /// All findings, suppressed ones too, sorted.
    pub findings: &'r [Finding],
}

/// What was scanned and what was not.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Which command ran.
    pub mode: Mode,
    /// What it was asked to scan.
    pub target: String,
    /// Blobs read to their end.
    pub blobs: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Commits read.
    pub commits: u64,
    /// Files and folders left out because the user excludes them, and files with findings that are so.
    pub excluded: u64,
    /// When it began: RFC 3339, UTC.
    pub started_at: String,
    /// How long it took.
    pub duration_ms: u64,
    /// Inputs that were not scanned, sorted.
    pub skipped: Vec<Skipped>,
    /// Warnings that concern the whole scan.
    pub warnings: Vec<String>,
}

/// What kind of scan a report is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Files on disk.
    Scan,
    /// Index against HEAD.
    Staged,
    /// Objects of a repository.
    History,
    /// Standard input.
    Stdin,
    /// One of git's hooks.
    Hook,
}

impl Mode {
    /// The word used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Staged => "staged",
            Self::History => "history",
            Self::Stdin => "stdin",
            Self::Hook => "hook",
        }
    }
}

impl Receipt {
    /// Whether everything that was asked for was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.skipped.is_empty()
    }
}

/// A report's outcome as an exit status, `product` meaning: 0 clean, 1 new findings, 2 an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// All was scanned, nothing new was found.
    Clean,
    /// Something new was found.
    Found,
    /// Nothing new was found, but something could not be scanned.
    Incomplete,
    /// The user interrupted the scan.
    Interrupted,
}

impl ExitStatus {
    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Found => 1,
            Self::Incomplete => 2,
            Self::Interrupted => 130,
        }
    }
}

impl<'r> Report<'r> {
    /// The findings that fail the scan.
    pub fn open(self) -> impl Iterator<Item = &'r Finding> {
        self.findings.iter().filter(|finding| finding.verdict.is_open())
    }

    /// How many matches a reason has kept from being reported.
    #[must_use]
    pub fn suppressed(&self, reason: Reason) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::Suppressed(reason))
            .map(|finding| 1 + finding.occurrences.len())
            .sum()
    }

    /// The exit status. Limits by design count as errors where all must be complete.
    #[must_use]
    pub fn status(&self, require_complete: bool) -> ExitStatus {
        match self.open().next() {
            Some(_) => ExitStatus::Found,
            None => self.completeness(require_complete),
        }
    }

    /// The exit status, findings apart.
    #[must_use]
    pub fn completeness(&self, require_complete: bool) -> ExitStatus {
        let failed = |s: &Skipped| require_complete || !s.reason.by_design();
        let failed = self.receipt.skipped.iter().any(failed);
        if failed { ExitStatus::Incomplete } else { ExitStatus::Clean }
    }
}

/// What a report shows.
#[derive(Clone, Copy, Debug)]
pub struct Style<'a> {
    /// How secrets are written.
    pub secrets: Secrets,
    /// How much is said besides the findings.
    pub detail: Detail,
    /// Include suppressed findings.
    pub show_suppressed: bool,
    /// Columns that a line for people may fill.
    pub width: usize,
    /// What a path is put behind to be the address of its file, where the terminal makes links of addresses.
    pub links: Option<&'a str>,
}

/// How a secret is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// In full.
    Shown,
    /// No more than their vendor begins all such secrets with.
    Masked,
    /// At most this many leading characters.
    Redacted(usize),
}

/// How much a report for people says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Findings only.
    Findings,
    /// The receipt too.
    Summary,
    /// All of the receipt, however long.
    Everything,
}

impl Style<'_> {
    /// A secret in full, if this style shows it so.
    fn secret(self, secret: &Secret) -> Option<String> {
        (self.secrets == Secrets::Shown)
            .then(|| String::from_utf8_lossy(secret.reveal()).into_owned())
    }

    /// A secret of the rule as this style shows it where it is redacted.
    fn redacted(self, secret: &Secret, rule: &RuleSpec) -> String {
        match self.secrets {
            Secrets::Shown => secret.redacted(0),
            Secrets::Masked => secret.masked(&rule.keywords),
            Secrets::Redacted(keep) => secret.redacted(keep),
        }
    }
}

/// Writes a whole report in one format.
trait Reporter {
    /// Writes `account` to `out`.
    ///
    /// # Errors
    /// Those of `out`.
    fn write(
        &self,
        account: &Account<'_>,
        style: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()>;
}

/// The formats a report can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// For people, grouped by file.
    Human,
    /// One JSON object, version 1.
    Json,
    /// One JSON object a line: findings, then the receipt.
    Jsonl,
    /// SARIF 2.1.0, within the limits of GitHub's code scanning.
    Sarif,
    /// GitLab's secret detection report.
    Gitlab,
    /// GitLab's code quality report.
    Codequality,
    /// `JUnit` XML.
    Junit,
    /// Commands that make GitHub Actions annotate lines.
    Github,
    /// reviewdog's diagnostics.
    Rdjson,
    /// A table for spreadsheets.
    Csv,
    /// A page for comments and summaries.
    Markdown,
    /// One self-contained page.
    Html,
}

impl Format {
    /// Every format, for the command line, the docs and the tests.
    pub const ALL: &'static [Self] = &[
        Self::Human,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Gitlab,
        Self::Codequality,
        Self::Junit,
        Self::Github,
        Self::Rdjson,
        Self::Csv,
        Self::Markdown,
        Self::Html,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Gitlab => "gitlab",
            Self::Codequality => "codequality",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Rdjson => "rdjson",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// Whether it holds secrets where they are asked for. Formats made to be uploaded never do.
    #[doc(hidden)]
    #[must_use]
    pub const fn reveals(self) -> bool {
        matches!(self, Self::Human | Self::Json | Self::Jsonl | Self::Csv)
    }

    /// Whether it shows the line that a finding stands on.
    #[doc(hidden)]
    #[must_use]
    pub const fn quotes(self) -> bool {
        matches!(self, Self::Html)
    }

    /// Writes `document` to `out`.
    ///
    /// # Errors
    /// Those of `out`.
    #[doc(hidden)]
    pub fn write(
        self,
        document: &Document<'_>,
        style: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        self.tell(&Account::saved(document), style, out)
    }

    /// Writes `account` to `out`.
    ///
    /// # Errors
    /// Those of `out`.
    #[doc(hidden)]
    pub fn tell(
        self,
        account: &Account<'_>,
        style: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let reporter: &dyn Reporter = match self {
            Self::Human if style.detail == Detail::Findings => &quiet::Quiet,
            Self::Human => &human::Human,
            Self::Json => &json::Json,
            Self::Jsonl => &json::Lines,
            Self::Sarif => &sarif::Sarif,
            Self::Gitlab => &gitlab::Gitlab,
            Self::Codequality => &codequality::Codequality,
            Self::Junit => &junit::Junit,
            Self::Github => &github::Github,
            Self::Rdjson => &rdjson::Rdjson,
            Self::Csv => &csv::Csv,
            Self::Markdown => &markdown::Markdown,
            Self::Html => &html::Html,
        };
        reporter.write(account, style, out)
    }
}
