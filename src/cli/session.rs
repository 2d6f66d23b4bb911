//! A scan of the command line: its flags before, its report and exit status after.
//!
//! In: flags. Out: a [`Session`] that reads and judges; then a report on standard output or in files, and an
//! [`ExitStatus`].

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;

use super::args::Common;
use super::outputs::{self, Outputs};
use super::progress;
use super::settings::Place;
use crate::engine::session::THREADS;
pub(super) use crate::engine::session::{Outcome, Session, gone_from};
use crate::engine::settings::Settings;
use crate::report::{Account, Document, ExitStatus, Mode, Receipt, Report, Secrets, escaped};
use crate::verdict::finding::Finding;

/// Set by Ctrl-C.
pub(super) static STOP: AtomicBool = AtomicBool::new(false);

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

/// A scan as the flags ask for it.
pub(super) fn begin<'a>(
    common: &'a Common,
    place: &'a Place,
    mode: Mode,
    target: String,
) -> Result<Session<'a>> {
    // A second handler is refused; the first one serves.
    let _ = ctrlc::set_handler(interrupt);
    if common.threads > 0 {
        // The pool is made once; a second session of this process keeps the first one's.
        let threads = common.threads.min(THREADS);
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
    let settings = Arc::new(Settings::read(&common.wishes(), place.top())?);
    let mut session =
        Session::new(place, settings, common.stop.as_deref().unwrap_or(&STOP), (mode, target));
    session.threads = common.threads;
    session.watch = progress::watch(!common.no_progress && !common.report.quiet);
    Ok(session)
}

/// A scan that ends with a report.
pub(super) struct Task<'a> {
    pub(super) session: Session<'a>,
    common: &'a Common,
    outputs: Outputs,
}

impl<'a> Task<'a> {
    /// Reads the settings, once it is known that the report can be written.
    pub(super) fn new(
        common: &'a Common,
        place: &'a Place,
        mode: Mode,
        target: String,
    ) -> Result<Self> {
        let outputs = Outputs::new(&common.report, place.root.as_deref())?;
        let mut session = begin(common, place, mode, target)?;
        session.quotes = outputs.quotes();
        Ok(Self { session, common, outputs })
    }

    /// Writes the report and returns the exit status.
    pub(super) fn report(
        &self,
        outcome: Outcome,
        mut findings: Vec<Finding>,
    ) -> Result<ExitStatus> {
        let Self { session, common, outputs } = self;
        if session.stopped() {
            writeln!(io::stderr(), "{INTERRUPTED}")?;
            return Ok(ExitStatus::Interrupted);
        }
        let style = outputs::style(&common.report, common.redact);
        let shown = style.secrets == Secrets::Shown;
        let receipt = session.receipt(outcome, &mut findings, shown);
        let detector = &session.settings.detector;
        let report = Report { rules: detector.rules(), receipt: &receipt, findings: &findings };
        let head = Document::head(report);
        let quotes = outputs.quotes().then_some(detector);
        outputs.write(&Account::of(&head, report, style, quotes), style)?;
        let status = report.status(common.require_complete);
        if common.report.quiet && status == ExitStatus::Incomplete {
            left_unread(&receipt)?;
        }
        Ok(match status {
            ExitStatus::Found if common.exit_zero => report.completeness(common.require_complete),
            status => status,
        })
    }
}

/// Says what the short report has no place for: why the status is that of an error.
fn left_unread(receipt: &Receipt) -> io::Result<()> {
    let Some(first) = receipt.skipped.iter().min_by_key(|skipped| skipped.reason.by_design())
    else {
        return Ok(());
    };
    let told = escaped(&format!("{}: {} ({})", first.what, first.reason.name(), first.detail));
    let more = match receipt.skipped.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    writeln!(io::stderr(), "leakstop: not scanned: {told}{more}")
}
