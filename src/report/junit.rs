//! `JUnit` XML, which GitLab, Jenkins and others show as tests.
//!
//! In: an [`Account`]. Out: a failed case a finding, an error for each input that could not be read, a skipped case
//! for each that a limit left out. A report without any of them holds a case that has passed: Jenkins takes a report
//! without results for a fault.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use super::account::Account;
use super::document::{Entry, Skip};
use super::{Reporter, Style, words};

/// Writes the report.
pub(super) struct Junit;

impl Reporter for Junit {
    fn write(
        &self,
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let scan = account.scan();
        let failures = account.open_count();
        let errors = account.faults().count();
        let skipped = scan.skipped.len() - errors;
        let tests = (failures + scan.skipped.len()).max(1);
        let time = format!("{}.{:03}", scan.duration_ms / 1000, scan.duration_ms % 1000);
        let counts = format!(
            "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{time}\""
        );
        let zero = format!(
            "tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{time}\""
        );
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"leakstop\" {zero}>")?;
        writeln!(out, "  <testsuite name=\"leakstop {}\" {counts}>", xml(&scan.mode))?;
        let mut names = HashMap::new();
        for entry in account.open() {
            failure(&entry, &mut names, out)?;
        }
        for skip in &scan.skipped {
            unread(skip, &mut names, out)?;
        }
        if failures + scan.skipped.len() == 0 {
            let case = "<testcase classname=\"leakstop\" name=\"no new secrets\"";
            writeln!(out, "    {case} time=\"{time}\"/>")?;
        }
        writeln!(out, "  </testsuite>\n</testsuites>")
    }
}

/// Digests of the names of cases, and how often each was used: of two alike GitLab drops one.
type Names = HashMap<[u8; 16], usize>;

/// A name that no other case of its class has.
fn unique(class: &str, name: String, names: &mut Names) -> String {
    let times = names.entry(words::digest([class, &name])).or_insert(0);
    *times += 1;
    if *times == 1 { name } else { format!("{name} ({times})") }
}

fn failure(entry: &Entry<'_>, names: &mut Names, out: &mut dyn io::Write) -> io::Result<()> {
    let place = &entry.place;
    let label = place.label();
    let name = unique(&label, format!("{} line {}", entry.rule_id, place.start_line), names);
    let file = match place.file() {
        "" => String::new(),
        file => format!(" file=\"{}\"", xml(file)),
    };
    let message = words::message(entry);
    let text = format!(
        "{label}:{}:{} {message}\n{}\nWhy: {}\n{}",
        place.start_line,
        place.start_column,
        entry.description,
        words::reasons(entry),
        words::advice(entry),
    );
    writeln!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\"{file} time=\"0\">\
         <failure type=\"{}\" message=\"{}\">{}</failure></testcase>",
        xml(&label),
        xml(&name),
        xml(&entry.rule_id),
        xml(&message),
        xml(&text),
    )
}

fn unread(skip: &Skip<'_>, names: &mut Names, out: &mut dyn io::Write) -> io::Result<()> {
    let name = unique(&skip.what, format!("not scanned: {}", skip.reason), names);
    let text = format!("{}: {} ({})", skip.what, skip.reason, skip.detail);
    let child = if skip.is_fault() {
        let (kind, text) = (xml(&skip.reason), xml(&text));
        format!("<error type=\"{kind}\" message=\"{text}\">{text}</error>")
    } else {
        format!("<skipped message=\"{}\"/>", xml(&text))
    };
    writeln!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"0\">{child}</testcase>",
        xml(&skip.what),
        xml(&name),
    )
}

/// Text for an element or attribute. XML 1.0 has no way to write most control characters: they are escaped as
/// Rust writes them.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if words::steers(c) => {
                let _ = write!(out, "{}", c.escape_default());
            }
            c => out.push(c),
        }
    }
    out
}
