//! A line on the terminal that shows a long scan is alive.
//!
//! In: a scanner's counters. Out: a spinner on standard error, if that is a terminal and the scan takes long.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, ProgressBar, ProgressStyle};

use crate::scan::Scanner;
use crate::source::Visitor as _;

/// Scans shorter than this show nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// Time between two looks at the counters.
const TICK: Duration = Duration::from_millis(100);

/// Runs `work` while showing how far `scanner` is.
pub(super) fn show<T>(wanted: bool, scanner: &Scanner<'_>, work: impl FnOnce() -> T) -> T {
    if !wanted || !std::io::stderr().is_terminal() {
        return work();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| spin(scanner, &done));
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}

fn spin(scanner: &Scanner<'_>, done: &AtomicBool) {
    let start = Instant::now();
    let bar = ProgressBar::hidden();
    bar.set_style(
        ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("a fixed template"),
    );
    while !done.load(Ordering::Relaxed) && !scanner.stopped() {
        std::thread::sleep(TICK);
        if start.elapsed() > PATIENCE {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            let (blobs, bytes) = (scanner.blobs(), BinaryBytes(scanner.bytes()));
            bar.set_message(format!("{blobs} blobs, {bytes}"));
            bar.tick();
        }
    }
    bar.finish_and_clear();
}
