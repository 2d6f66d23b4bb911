//! Commands that make GitHub Actions annotate lines of a run and of a pull request.
//!
//! In: an [`Account`]. Out: a line for each annotation that GitHub shows: it drops those past ten errors and ten
//! warnings of a step without a word, so the worst come first and the last one counts the rest.

use std::fmt::Write as _;
use std::io;

use super::account::Account;
use super::document::Entry;
use super::{Reporter, Style, words};
use crate::detect::spec::Confidence;

/// Writes the commands.
pub(super) struct Github;

/// Annotations of one kind that GitHub shows for a step.
const SHOWN: usize = 10;

impl Reporter for Github {
    fn write(
        &self,
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let places = SHOWN - 2;
        let (mut sure, mut possible) = (0, Vec::with_capacity(places));
        for (_, entry) in account.worst().take(account.open_count()) {
            if entry.confidence != Confidence::Possible {
                sure += 1;
                if sure <= SHOWN {
                    annotation("error", &entry, out)?;
                }
            } else if possible.len() < places {
                possible.push(entry);
            }
        }
        let mut notes = Vec::new();
        let faults = account.faults().count();
        if faults > 0 {
            let inputs = words::count(faults, "input", "inputs");
            notes.push(format!("{inputs} could not be read and may hold secrets"));
        }
        let more = account.open_count() - sure.min(SHOWN) - possible.len();
        if more > 0 {
            let secrets = words::count(more, "more secret", "more secrets");
            notes.push(format!("{secrets} in the log and the summary of this step"));
        }
        for entry in &possible {
            annotation("warning", entry, out)?;
        }
        for note in notes {
            writeln!(out, "::warning title=leakstop::{}", data(&note))?;
        }
        Ok(())
    }
}

fn annotation(kind: &str, entry: &Entry<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let place = &entry.place;
    let mut properties = String::new();
    if !place.path.is_empty() {
        properties = format!("file={},line={},", property(place.file()), place.start_line);
        // Columns count only within a line.
        if place.end_line > place.start_line {
            let _ = write!(properties, "endLine={},", place.end_line);
        } else if place.decoded.is_empty() && place.file() == place.path {
            let end = place.end_column.saturating_sub(1).max(place.start_column);
            let _ = write!(properties, "col={},endColumn={end},", place.start_column);
        }
    }
    let mut text = words::message(entry);
    if place.path.is_empty() || place.file() != place.path {
        let _ = write!(text, " in {}", place.label());
    }
    if let Some(commit) = &place.commit {
        let _ = write!(text, ", added by commit {}", super::document::short(&commit.id));
    }
    let text = format!("{text}. {}", words::advice(entry));
    writeln!(out, "::{kind} {properties}title={}::{}", property(&entry.rule_id), data(&text))
}

/// The text of a command.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    // What is left of control characters would reach the log as it is.
    text.chars().map(|c| if words::steers(c) { '\u{fffd}' } else { c }).collect()
}

/// A property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
