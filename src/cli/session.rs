//! One scan from start to exit status: read, gather, compare with the baseline, report.
//!
//! In: settings and a source. Out: a report on standard output or in a file, and an [`ExitStatus`].

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use bstr::{BStr, ByteSlice};
use jiff::{Timestamp, Zoned};

use super::args::Common;
use super::outputs::Outputs;
use super::progress;
use super::settings::{Place, Settings};
use crate::report::{Document, ExitStatus, Mode, Receipt, Report, Secrets, screen, snippets};
use crate::scan::{Found, Reading, Scanner};
use crate::source::ledger::Seen;
use crate::source::pack::Type;
use crate::source::{SourceError, outermost};
use crate::verdict::baseline::{self, Baseline, Standing};
use crate::verdict::finding::{Finding, Reason, Verdict, gather};

/// Set by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

/// More threads than this only get in each other's way.
const THREADS: usize = 64;
/// How long an interrupted scan may take to end by itself.
const GRACE: Duration = Duration::from_millis(700);

/// Asks the scan to stop, and ends the program where it does not listen: one that waits for input does not.
#[expect(clippy::exit, reason = "the thread that handles signals has no one to return to")]
fn interrupt() {
    STOP.store(true, Ordering::Relaxed);
    std::thread::sleep(GRACE);
    let _ = writeln!(io::stderr(), "{INTERRUPTED}");
    std::process::exit(ExitStatus::Interrupted.code().into());
}

const INTERRUPTED: &str = "leakstop: interrupted; nothing is known of what was not read";

/// The user has stopped a command that has nothing to show for it.
#[derive(Debug, thiserror::Error)]
#[error("interrupted; nothing is known of what was not read")]
pub(super) struct Interrupted;

/// A scan about to run.
pub(super) struct Session<'a> {
    common: &'a Common,
    pub(super) place: &'a Place,
    pub(super) settings: Settings,
    outputs: Outputs,
    mode: Mode,
    target: String,
    started: Instant,
    began: Timestamp,
}

/// What a session has found, before the baseline is asked.
pub(super) struct Outcome {
    pub(super) found: Found,
    blobs: u64,
    bytes: u64,
    pub(super) commits: u64,
}

impl Outcome {
    /// Counts what is known from an earlier scan as if it had been read again.
    pub(super) fn count(&mut self, seen: &[Seen]) {
        let texts = seen.iter().filter(|seen| seen.kind.text().is_some());
        for seen in texts {
            self.blobs += 1;
            self.bytes += seen.bytes;
            self.commits += u64::from(seen.kind == Type::Commit);
        }
    }

    /// Adds what another source has been read for.
    pub(super) fn join(&mut self, other: Self) {
        self.found.skipped.extend(other.found.skipped);
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.commits += other.commits;
    }
}

impl<'a> Session<'a> {
    /// Reads the settings.
    pub(super) fn new(
        common: &'a Common,
        place: &'a Place,
        mode: Mode,
        target: String,
    ) -> Result<Self> {
        let started = Instant::now();
        // A second handler is refused; the first one serves.
        let _ = ctrlc::set_handler(interrupt);
        if common.threads > 0 {
            // The pool is made once; a second session of this process keeps the first one's.
            let threads = common.threads.min(THREADS);
            let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        }
        let outputs = Outputs::new(&common.report, place.root.as_deref())?;
        let settings = Settings::new(common, place)?;
        let began = Timestamp::now();
        Ok(Self { common, place, settings, outputs, mode, target, started, began })
    }

    /// Runs the source; `read` returns the number of commits it has read.
    pub(super) fn read(
        &self,
        reading: Reading,
        read: impl FnOnce(&Scanner<'_>) -> Result<u64, SourceError>,
    ) -> Result<Outcome> {
        let Settings { detector, policy, baseline, .. } = &self.settings;
        let hashed =
            baseline.as_ref().is_some_and(|b| b.format() == baseline::Format::DetectSecrets);
        let asked = hashed || policy.reads_lines() || self.outputs.quotes();
        let reading = Reading { keep_lines: asked || reading.keep_lines, ..reading };
        let scanner = Scanner::new(detector, policy, &STOP, reading);
        let wanted = !self.common.no_progress && !self.common.report.quiet;
        let commits = progress::show(wanted, &scanner, || read(&scanner))?;
        let (blobs, bytes) = (scanner.blobs(), scanner.bytes());
        Ok(Outcome { found: scanner.finish(), blobs, bytes, commits })
    }

    /// How many threads to use.
    pub(super) fn threads(&self) -> usize {
        match self.common.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads.min(THREADS),
        }
    }

    /// Whether the user has interrupted the scan.
    #[expect(
        clippy::unused_self,
        reason = "there is one signal for the process, but callers ask the session"
    )]
    pub(super) fn stopped(&self) -> bool {
        STOP.load(Ordering::Relaxed)
    }

    /// Groups what was found and asks the baseline. `gone` tells whether a path no longer exists.
    pub(super) fn judge(
        &self,
        outcome: &mut Outcome,
        gone: &dyn Fn(&[u8]) -> bool,
    ) -> Vec<Finding> {
        let rules = self.settings.detector.rules().rules();
        let mut sightings = std::mem::take(&mut outcome.found.sightings);
        let exclude = &self.settings.exclude;
        sightings.retain(|s| !s.place.path.as_ref().is_some_and(|path| exclude.is_match(path)));
        let mut findings = gather(sightings, |rule| &rules[usize::from(rule)].spec().id);
        let Some(baseline) = &self.settings.baseline else { return findings };
        let open: Vec<usize> =
            (0..findings.len()).filter(|&i| findings[i].verdict == Verdict::Open).collect();
        let known: Vec<_> = open.iter().map(|&i| self.as_found(&findings[i])).collect();
        let standings = baseline.settle(&known, gone, Zoned::now().date());
        for (index, standing) in open.into_iter().zip(standings) {
            let finding = &mut findings[index];
            match standing {
                Standing::New => {}
                Standing::Known { reason, label } => {
                    finding.verdict = Verdict::Suppressed(Reason::Baseline);
                    finding.note = reason;
                    finding.label = Some(label);
                }
                Standing::Expired => {
                    finding.verdict = Verdict::Expired;
                    finding.note = Some("its baseline entry has expired".into());
                }
            }
        }
        findings
    }

    /// A finding as the baseline sees it.
    pub(super) fn as_found<'f>(&'f self, finding: &'f Finding) -> baseline::Found<'f> {
        let rule = self.settings.detector.rules().rules()[usize::from(finding.rule)].spec();
        baseline::Found {
            rule: &rule.id,
            path: finding.place.path.as_ref().map_or(BStr::new(b""), |path| path.as_bstr()),
            secret: finding.secret.reveal(),
            line: finding.place.start.line,
            context: finding.lines.reveal(),
        }
    }

    /// Writes the report and returns the exit status.
    pub(super) fn report(
        &self,
        outcome: Outcome,
        mut findings: Vec<Finding>,
    ) -> Result<ExitStatus> {
        let interrupted = STOP.load(Ordering::Relaxed);
        if interrupted {
            writeln!(io::stderr(), "{INTERRUPTED}")?;
            return Ok(ExitStatus::Interrupted);
        }
        let mut skipped: Vec<_> =
            outcome.found.skipped.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        skipped.sort();
        if self.settings.style.secrets != Secrets::Shown {
            screen(&mut findings, &mut skipped, &self.settings.detector);
        }
        let receipt = Receipt {
            mode: self.mode,
            target: self.target.clone(),
            blobs: outcome.blobs,
            bytes: outcome.bytes,
            commits: outcome.commits,
            started_at: self.began.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            duration_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            skipped,
            warnings: self.settings.baseline.as_ref().map_or(Vec::new(), Baseline::warnings),
        };
        let report = Report { rules: self.settings.detector.rules(), receipt, findings };
        let mut document = Document::new(&report, self.settings.style);
        if self.outputs.quotes() {
            snippets(&report, &mut document, &self.settings.detector);
        }
        self.outputs.write(&document, self.settings.style)?;
        let status = report.status(self.common.require_complete);
        Ok(match status {
            ExitStatus::Found if self.common.exit_zero => {
                report.completeness(self.common.require_complete)
            }
            status => status,
        })
    }
}

/// Whether `path`, below `root`, is no longer on disk.
pub(super) fn gone_from(root: PathBuf) -> impl Fn(&[u8]) -> bool {
    let gone = move |path: &[u8]| {
        let path = crate::source::git::as_path(BStr::new(path)).into_owned();
        std::fs::symlink_metadata(root.join(path)).is_err()
    };
    move |path| gone(path) && gone(outermost(path))
}
