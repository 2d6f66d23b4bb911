//! Scans what comes in on standard input, and says what stands where.
//!
//! ```sh
//! cargo run --example scan_text -- settings.py < settings.py
//! ```

use std::io::{self, Read as _, Write as _};

use leakstop::{Confidence, Scanner};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1);
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;

    // One is enough for a whole program: it is cheap to clone, and threads may share it.
    let scanner = Scanner::builder().min_confidence(Confidence::Likely).build()?;
    let report = scanner.scan_bytes(&text, name.as_deref());

    let mut out = io::stdout().lock();
    for finding in report.findings() {
        let place = &finding.place;
        writeln!(
            out,
            "{}:{}: {} {}",
            place.start_line, place.start_column, finding.rule_name, finding.redacted
        )?;
    }
    writeln!(out, "{}", if report.is_clean() { "clean" } else { "not clean" })?;
    Ok(())
}
