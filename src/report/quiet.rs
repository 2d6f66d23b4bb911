//! For people and `grep`: a finding a line, nothing else.
//!
//! In: an [`Account`]. Out: `path:line:column: name (masked) confidence rule`, escaped like the long form.

use std::io;

use super::account::Account;
use super::words::escaped;
use super::{Reporter, Style};

/// Writes one-liners.
pub(super) struct Quiet;

impl Reporter for Quiet {
    fn write(
        &self,
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        for entry in account.findings() {
            let place = &entry.place;
            let status = if entry.status == "new" { "" } else { &*entry.status };
            let line = format!(
                "{}:{}:{}: {} ({}) {} {} {status}",
                escaped(&place.label()),
                place.start_line,
                place.start_column,
                escaped(&entry.rule_name),
                escaped(entry.shown()),
                entry.confidence.name(),
                escaped(&entry.rule_id),
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
