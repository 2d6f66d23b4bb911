//! One scan: read, gather, compare with the baseline, and tell.
//!
//! In: settings and a source. Out: judged findings, and with them a [`Receipt`].

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bstr::{BStr, BString, ByteSlice};
use jiff::{Timestamp, Zoned};

use super::settings::{Place, Settings};
use crate::report::{Mode, Receipt, masked, screen};
use crate::scan::{Found, Reading, Scanner};
use crate::source::ledger::Seen;
use crate::source::pack::Type;
use crate::source::{SourceError, outermost};
use crate::verdict::baseline::{self, Baseline, Standing};
use crate::verdict::finding::{Finding, Reason, Verdict, gather};

/// More threads than this only get in each other's way.
pub(crate) const THREADS: usize = 64;

/// Looks at a scanner's counters until the flag is set.
pub(crate) type Watch = fn(&Scanner<'_>, &AtomicBool);

/// A scan about to run.
pub(crate) struct Session<'a> {
    pub(crate) place: &'a Place,
    pub(crate) settings: Arc<Settings>,
    /// Set by whoever wants it to end.
    pub(crate) stop: &'a AtomicBool,
    /// Worker threads; 0 for as many as there are processors.
    pub(crate) threads: usize,
    /// Whether the lines are kept that a match stands on, for a report that quotes them.
    pub(crate) quotes: bool,
    /// What shows that it is alive.
    pub(crate) watch: Option<Watch>,
    mode: Mode,
    target: String,
    started: Instant,
    began: Timestamp,
}

/// What a session has found, before the baseline is asked.
pub(crate) struct Outcome {
    pub(crate) found: Found,
    blobs: u64,
    bytes: u64,
    pub(crate) commits: u64,
    /// What the report is to warn of.
    pub(crate) warnings: Vec<String>,
}

impl Outcome {
    /// Counts what is known from an earlier scan as if it had been read again.
    pub(crate) fn count(&mut self, seen: &[Seen]) {
        let texts = seen.iter().filter(|seen| seen.kind.text().is_some());
        for seen in texts {
            self.blobs += u64::from(seen.kind == Type::Blob);
            self.bytes += seen.bytes;
            self.commits += u64::from(seen.kind == Type::Commit);
        }
    }

    /// Adds what another source has been read for.
    pub(crate) fn join(&mut self, other: Self) {
        self.found.skipped.extend(other.found.skipped);
        self.found.excluded += other.found.excluded;
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.commits += other.commits;
    }
}

impl<'a> Session<'a> {
    /// A scan that has begun. `target` is what the receipt calls what is scanned.
    pub(crate) fn new(
        place: &'a Place,
        settings: Arc<Settings>,
        stop: &'a AtomicBool,
        (mode, target): (Mode, String),
    ) -> Self {
        let (started, began) = (Instant::now(), Timestamp::now());
        let (threads, quotes, watch) = (0, false, None);
        Self { place, settings, stop, threads, quotes, watch, mode, target, started, began }
    }

    /// Runs the source; `read` returns the number of commits it has read.
    pub(crate) fn read(
        &self,
        reading: Reading,
        read: impl FnOnce(&Scanner<'_>) -> Result<u64, SourceError>,
    ) -> Result<Outcome, SourceError> {
        let Settings { detector, policy, baseline, .. } = &*self.settings;
        let hashed =
            baseline.as_ref().is_some_and(|b| b.format() == baseline::Format::DetectSecrets);
        let asked = hashed || policy.reads_lines() || self.quotes;
        let keep_lines = asked || reading.keep_lines;
        let reading = Reading { keep_lines, threads: self.threads(), ..reading };
        let scanner = Scanner::new(detector, policy, self.stop, reading);
        let commits = self.watched(&scanner, || read(&scanner))?;
        let (blobs, bytes) = (scanner.blobs(), scanner.bytes());
        Ok(Outcome { found: scanner.finish(), blobs, bytes, commits, warnings: Vec::new() })
    }

    /// Runs `work` while somebody may watch `scanner`.
    fn watched<T>(&self, scanner: &Scanner<'_>, work: impl FnOnce() -> T) -> T {
        let Some(watch) = self.watch else { return work() };
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| watch(scanner, &done));
            let result = work();
            done.store(true, Ordering::Relaxed);
            result
        })
    }

    /// How many threads to use.
    pub(crate) fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads.min(THREADS),
        }
    }

    /// Whether the scan is to end.
    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Groups what was found and asks the baseline. `gone` tells whether a path no longer exists.
    pub(crate) fn judge(
        &self,
        outcome: &mut Outcome,
        gone: &dyn Fn(&[u8]) -> bool,
    ) -> Vec<Finding> {
        self.settle(outcome, gone, self.mode == Mode::History)
    }

    /// The same of what commits bring: they may hold a file by its former name.
    pub(crate) fn judge_commits(
        &self,
        outcome: &mut Outcome,
        gone: &dyn Fn(&[u8]) -> bool,
    ) -> Vec<Finding> {
        self.settle(outcome, gone, true)
    }

    fn settle(
        &self,
        outcome: &mut Outcome,
        gone: &dyn Fn(&[u8]) -> bool,
        commits: bool,
    ) -> Vec<Finding> {
        let rules = self.settings.detector.rules().rules();
        let mut sightings = std::mem::take(&mut outcome.found.sightings);
        let exclude = &self.settings.exclude;
        let excluded = |path: &&BString| exclude.is_match(path);
        let hidden: BTreeSet<BString> = sightings
            .iter()
            .filter_map(|s| s.place.path.as_ref())
            .filter(excluded)
            .cloned()
            .collect();
        outcome.found.excluded += hidden.len() as u64;
        sightings.retain(|s| !s.place.path.as_ref().is_some_and(|path| hidden.contains(path)));
        let mut findings = gather(sightings, |rule| &rules[usize::from(rule)].spec().id);
        let Some(baseline) = &self.settings.baseline else { return findings };
        let open: Vec<usize> =
            (0..findings.len()).filter(|&i| findings[i].verdict == Verdict::Open).collect();
        let known: Vec<_> = open.iter().map(|&i| self.as_found(&findings[i])).collect();
        let find = |path: &[u8]| commits && gone(path);
        let gone = baseline::Gone { entry: gone, find: &find };
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
    pub(crate) fn as_found<'f>(&'f self, finding: &'f Finding) -> baseline::Found<'f> {
        let rule = self.settings.detector.rules().rules()[usize::from(finding.rule)].spec();
        baseline::Found {
            rule: &rule.id,
            path: finding.place.path.as_ref().map_or(BStr::new(b""), |path| path.as_bstr()),
            secret: finding.secret.reveal(),
            line: finding.place.start.line,
            context: finding.lines.reveal(),
        }
    }

    /// The receipt of what was read. Secrets are masked in all that it and the findings quote, unless they may be
    /// `shown`.
    pub(crate) fn receipt(
        &self,
        outcome: Outcome,
        findings: &mut [Finding],
        shown: bool,
    ) -> Receipt {
        let mut skipped: Vec<_> =
            outcome.found.skipped.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        let detector = &self.settings.detector;
        let mut target = self.target.clone();
        if !shown {
            screen(findings, &mut skipped, detector);
            target = masked(target.as_bytes(), detector).to_string();
        }
        let baseline = self.settings.baseline.as_ref();
        let mut warnings = baseline.map_or(Vec::new(), Baseline::warnings);
        warnings.extend(outcome.warnings);
        Receipt {
            mode: self.mode,
            target,
            blobs: outcome.blobs,
            bytes: outcome.bytes,
            commits: outcome.commits,
            excluded: outcome.found.excluded,
            started_at: self.began.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            duration_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            skipped,
            warnings,
        }
    }
}

/// Whether `path`, below `root`, is no longer on disk.
pub(crate) fn gone_from(root: PathBuf) -> impl Fn(&[u8]) -> bool {
    let gone = move |path: &[u8]| {
        let path = crate::source::git::as_path(BStr::new(path)).into_owned();
        std::fs::symlink_metadata(root.join(path)).is_err()
    };
    move |path| gone(path) && gone(outermost(path))
}
