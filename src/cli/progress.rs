//! A line on the terminal that shows a long scan is alive.
//!
//! In: a scanner's counters. Out: a spinner on standard error, if that is a terminal and the scan takes long.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, ProgressBar, ProgressStyle};

use crate::engine::session::Watch;
use crate::scan::Scanner;
use crate::source::Visitor as _;

/// Scans shorter than this show nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// Time between two looks at the counters.
const TICK: Duration = Duration::from_millis(100);

/// What shows how far a scanner is, where it is `wanted` and somebody can see it.
pub(super) fn watch(wanted: bool) -> Option<Watch> {
    (wanted && std::io::stderr().is_terminal()).then_some(spin as Watch)
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
