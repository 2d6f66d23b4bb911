//! Audits the whole history of a repository, with its settings and its baseline, and writes SARIF.
//!
//! ```sh
//! cargo run --release --example scan_repo -- path/to/repository > leaks.sarif
//! ```

use std::io::{self, Write as _};

use leakstop::{Format, Scanner, Scope};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".into());

    let scanner = Scanner::builder().repository(&folder).build()?;
    let report = scanner.scan_repo(&folder, Scope::History)?;

    let document = report.document();
    let mut told = io::stderr().lock();
    writeln!(told, "{} commits, {} new findings", document.scan.commits, document.findings.len())?;
    for skip in &document.scan.skipped {
        writeln!(told, "not scanned: {} ({})", skip.what, skip.reason)?;
    }
    report.write(Format::Sarif, &mut io::stdout().lock())?;
    Ok(())
}
