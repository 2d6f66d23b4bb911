//! For people: findings grouped by file, what each opens and where to revoke it, then the receipt.
//!
//! In: a [`Report`]. Out: text with ANSI styles, which the stream it is written to keeps or strips. Whatever comes
//! from the scanned repository is escaped, so that no path or commit message drives the terminal.

use std::fmt::Write as _;
use std::io;

use anstyle::{AnsiColor, Style as Paint};

use super::{Detail, Report, Reporter, Style};
use crate::detect::spec::Confidence;
use crate::source::Skipped;
use crate::verdict::finding::{Finding, Moved, Place, Reason, Verdict};

/// Writes for people.
pub(super) struct Human;

const BOLD: Paint = Paint::new().bold();
const DIM: Paint = Paint::new().dimmed();
const RED: Paint = AnsiColor::Red.on_default().bold();
const YELLOW: Paint = AnsiColor::Yellow.on_default().bold();
const GREEN: Paint = AnsiColor::Green.on_default().bold();
const CYAN: Paint = AnsiColor::Cyan.on_default();

/// Places listed for one finding before the rest is counted.
const PLACES: usize = 5;
/// Skipped inputs listed before the rest is counted.
const SKIPS: usize = 10;

/// Text from outside with control characters escaped.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Bidirectional overrides reorder what is shown; they are escaped like controls.
        let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || hidden {
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Where a finding stands, as a heading.
fn heading(place: &Place) -> String {
    match (&place.path, &place.object) {
        (Some(path), _) => escaped(&path.to_string()),
        (None, Some(object)) => format!("{} {}", object.kind.name(), short(&object.id.to_string())),
        (None, None) => "standard input".into(),
    }
}

fn short(id: &str) -> &str {
    &id[..id.len().min(12)]
}

impl Reporter for Human {
    fn write(&self, report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
        let shown: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| style.show_suppressed || finding.verdict.is_open())
            .collect();
        for group in shown.chunk_by(|a, b| heading(&a.place) == heading(&b.place)) {
            writeln!(out, "{BOLD}{}{BOLD:#}", heading(&group[0].place))?;
            for finding in group {
                one(finding, report, style, out)?;
            }
            writeln!(out)?;
        }
        if style.detail == Detail::Findings { Ok(()) } else { summary(report, style, out) }
    }
}

/// One finding.
fn one(
    finding: &Finding,
    report: &Report<'_>,
    style: Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let rule = report.rules.rules()[usize::from(finding.rule)].spec();
    let sure = match finding.confidence {
        Confidence::Certain => RED,
        Confidence::Likely => YELLOW,
        Confidence::Possible => DIM,
    };
    let place = format!("{}:{}", finding.place.start.line, finding.place.start.column);
    let secret = escaped(&style.secret(&finding.secret));
    let status = match finding.verdict {
        Verdict::Open => String::new(),
        other => format!(" [{}]", other.name()),
    };
    writeln!(
        out,
        "  {place:<9} {RED}{}{RED:#}  {secret}  {sure}{}{sure:#}{status}  {DIM}{}{DIM:#}",
        rule.name,
        finding.confidence.name(),
        rule.id,
    )?;
    let evidence: Vec<String> =
        finding.evidence.iter().map(|evidence| escaped(&evidence.to_string())).collect();
    writeln!(out, "            {DIM}why{DIM:#}     {}", evidence.join(", "))?;
    if !finding.place.via.is_empty() {
        // The last decoded is the innermost.
        let via: Vec<&str> = finding.place.via.iter().rev().copied().collect();
        writeln!(out, "            {DIM}within{DIM:#}  {}", via.join(" in "))?;
    }
    partner(finding, out)?;
    history(finding, out)?;
    writeln!(out, "            {DIM}opens{DIM:#}   {}", rule.description)?;
    if let Some(url) = &rule.revoke_url {
        writeln!(out, "            {DIM}revoke{DIM:#}  {CYAN}{url}{CYAN:#}")?;
    } else if let Some(url) = &rule.docs_url {
        writeln!(
            out,
            "            {DIM}revoke{DIM:#}  change it where it is used; see {CYAN}{url}{CYAN:#}"
        )?;
    }
    if let Some(note) = &finding.note {
        writeln!(out, "            {DIM}note{DIM:#}    {}", escaped(note))?;
    }
    occurrences(finding, out)
}

/// The identifier that a secret belongs with.
fn partner(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(partner) = &finding.place.partner else { return Ok(()) };
    let value = escaped(&partner.value.to_string());
    let facts = match &partner.facts[..] {
        [] => String::new(),
        facts => format!(" ({})", escaped(&facts.join(", "))),
    };
    writeln!(out, "            {DIM}with{DIM:#}    {value} on line {}{facts}", partner.start.line)
}

/// Since when and where a finding lies in history.
fn history(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let place = &finding.place;
    if let Some(commit) = &place.commit {
        let id = commit.id.to_string();
        let (author, summary) = (escaped(&commit.author), escaped(&commit.summary));
        writeln!(
            out,
            "            {DIM}since{DIM:#}   {} by {author} in {} {DIM}{summary}{DIM:#}",
            commit.date,
            short(&id),
        )?;
    }
    if let Some(in_head) = place.in_head {
        let fate = finding.fate();
        let removed = fate.and_then(|fate| fate.removed.as_ref());
        let head = match (in_head, removed) {
            (true, _) => "still in HEAD".to_owned(),
            (false, None) if place.path.is_none() => "in no file".to_owned(),
            (false, None) => "not in HEAD".to_owned(),
            (false, Some(commit)) => {
                let id = commit.id.to_string();
                format!("removed {} in {}", escaped(&commit.date), short(&id))
            }
        };
        let head = match finding.exposed() {
            Some(1) => head + " after 1 day",
            Some(days) => format!("{head} after {days} days"),
            None => head,
        };
        let refs = match &place.refs[..] {
            [] => "no ref reaches it: not pushed with a branch or tag".to_owned(),
            refs => {
                let named: Vec<String> = refs.iter().take(3).map(|name| escaped(name)).collect();
                let more = refs.len().saturating_sub(3);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("reached by {}{more}", named.join(", "))
            }
        };
        let pushed = if finding.pushed() { "; pushed" } else { "" };
        writeln!(out, "            {DIM}lies{DIM:#}    {head}; {refs}{pushed}")?;
    }
    if let Some(Moved { name, used }) = &finding.moved {
        let use_ = if *used { "which HEAD uses" } else { "which nothing in HEAD uses" };
        writeln!(out, "            {DIM}now{DIM:#}     {}, {use_}", escaped(name))?;
    }
    Ok(())
}

fn occurrences(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    for place in finding.occurrences.iter().take(PLACES) {
        let commit = place.commit.as_ref().map(|c| format!(" in {}", short(&c.id.to_string())));
        let object = place.object.filter(|_| commit.is_none() && place.path.is_none());
        let object = object.map(|o| format!(" in {} {}", o.kind.name(), short(&o.id.to_string())));
        let at = commit.or(object).unwrap_or_default();
        writeln!(out, "            {DIM}also{DIM:#}    line {}{at}", place.start.line)?;
    }
    match finding.occurrences.len().saturating_sub(PLACES) {
        0 => Ok(()),
        more => writeln!(out, "            {DIM}also{DIM:#}    in {more} more places"),
    }
}

/// The verdict and the receipt.
fn summary(report: &Report<'_>, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let receipt = &report.receipt;
    let open = report.open().count();
    match open {
        0 if receipt.is_complete() => write!(out, "{GREEN}No new secrets.{GREEN:#}")?,
        0 => write!(out, "{YELLOW}No new secrets in what was read.{YELLOW:#}")?,
        1 => write!(out, "{RED}1 new secret.{RED:#}")?,
        n => write!(out, "{RED}{n} new secrets.{RED:#}")?,
    }
    let commits = match receipt.commits {
        0 => String::new(),
        n => format!(" of {} {}", grouped(n), if n == 1 { "commit" } else { "commits" }),
    };
    let blobs = if receipt.blobs == 1 { "blob" } else { "blobs" };
    writeln!(
        out,
        " Scanned {} {blobs}{commits}, {}, in {}.",
        grouped(receipt.blobs),
        bytes(receipt.bytes),
        time(receipt.duration_ms)
    )?;
    let counts: Vec<String> = [
        (Reason::Baseline, "in the baseline"),
        (Reason::Inline, "allowed by a comment"),
        (Reason::Config, "allowed by the configuration"),
        (Reason::Example, "published examples"),
    ]
    .into_iter()
    .map(|(reason, text)| (report.suppressed(reason), text))
    .filter(|(count, _)| *count > 0)
    .map(|(count, text)| format!("{count} {text}"))
    .collect();
    if !counts.is_empty() {
        writeln!(out, "Left out: {}.", counts.join(", "))?;
    }
    for warning in &receipt.warnings {
        writeln!(out, "{YELLOW}warning:{YELLOW:#} {}", escaped(warning))?;
    }
    skips(&receipt.skipped, style, out)?;
    if open > 0 {
        writeln!(
            out,
            "{BOLD}Revoke or rotate first{BOLD:#}: deleting the line does not take a secret back. \
             Accept what is none with a `leakstop:allow` comment or `leakstop baseline update`."
        )?;
    }
    Ok(())
}

fn skips(skipped: &[Skipped], style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    if skipped.is_empty() {
        return Ok(());
    }
    writeln!(out, "{YELLOW}Not scanned: {}{YELLOW:#}", skipped.len())?;
    let everything = style.detail == Detail::Everything;
    let listed = if everything { skipped.len() } else { SKIPS };
    for skip in skipped.iter().take(listed) {
        let what = escaped(&skip.what.to_string());
        writeln!(out, "  {what}: {} ({})", skip.reason.name(), escaped(&skip.detail))?;
    }
    match skipped.len().saturating_sub(listed) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more (--verbose lists all)"),
    }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}

fn time(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_drives_the_terminal() {
        assert_eq!(escaped("a\u{1b}[31mb\nc\u{202e}"), "a\\u{1b}[31mb\\nc\\u{202e}");
        assert_eq!(escaped("ünïcode"), "ünïcode");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1234), "1,234");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
