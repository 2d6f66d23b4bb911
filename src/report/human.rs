//! For people: findings grouped by file, how sure each is and why, what it opens and what to do; then the receipt.
//!
//! In: an [`Account`]. Out: text with ANSI styles and links, which the stream it is written to keeps or strips.
//! Whatever comes from the scanned repository is escaped, so that no path or commit message drives the terminal.

use std::borrow::Cow;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Paint};
use textwrap::{Options, WordSplitter, wrap};

use super::account::Account;
use super::document::{Entry, Skip, short};
use super::words::{self, bytes, count, escaped, grouped, shell, time};
use super::{Detail, Reporter, Style};
use crate::detect::spec::Confidence;

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
/// Columns before the text of a row.
const INDENT: usize = 16;
/// Text narrower than this is not worth wrapping.
const NARROWEST: usize = 40;

impl Reporter for Human {
    fn write(
        &self,
        account: &Account<'_>,
        style: Style<'_>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut tally = Tally::default();
        let mut last: Option<String> = None;
        for entry in account.findings() {
            let label = entry.place.label();
            if last.as_deref() != Some(&label) {
                if last.is_some() {
                    writeln!(out)?;
                }
                heading(&entry, style, out)?;
                last = Some(label.into_owned());
            }
            one(&entry, style, out)?;
            tally.add(entry);
        }
        if last.is_some() {
            writeln!(out)?;
        }
        summary(account, &tally, style, out)?;
        next(account, &tally, style, out)
    }
}

/// What fails the scan.
#[derive(Default)]
struct Tally<'a> {
    open: usize,
    /// How many are as bad as each of [`words::SEVERITIES`].
    severities: [usize; words::SEVERITIES.len()],
    first: Option<Cow<'a, Entry<'a>>>,
}

impl<'a> Tally<'a> {
    fn add(&mut self, entry: Cow<'a, Entry<'a>>) {
        if !entry.is_open() {
            return;
        }
        self.open += 1;
        let severity = words::severity(&entry);
        if let Some(at) = words::SEVERITIES.iter().position(|known| *known == severity) {
            self.severities[at] += 1;
        }
        self.first.get_or_insert(entry);
    }
}

/// Text that leads to an address where the terminal makes links.
fn linked(text: &str, address: &str, style: Style<'_>) -> String {
    match style.links {
        Some(_) => format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
        None => text.to_owned(),
    }
}

/// Where findings stand.
fn heading(entry: &Entry<'_>, style: Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    let label = escaped(&entry.place.label());
    let file = entry.place.file();
    let there = !file.is_empty() && entry.in_head != Some(false);
    let label = match style.links {
        Some(base) if there => {
            let address = percent_encoding::utf8_percent_encode(file, super::sarif::PATH);
            linked(&label, &format!("{base}{address}"), style)
        }
        _ => label,
    };
    writeln!(out, "{BOLD}{label}{BOLD:#}")
}

/// A row below a finding: a word, then text that is wrapped to the width.
fn row(name: &str, text: &str, style: Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    let width = style.width.saturating_sub(INDENT).max(NARROWEST);
    let options = Options::new(width).break_words(false).word_splitter(WordSplitter::NoHyphenation);
    for (index, line) in wrap(text, options).into_iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        writeln!(out, "        {DIM}{name:<7}{DIM:#} {}", addresses(&line, style))?;
    }
    Ok(())
}

/// A line with its addresses coloured, and linked where the terminal does that.
fn addresses(line: &str, style: Style<'_>) -> String {
    let painted = line.split(' ').map(|word| {
        let is_address = word.starts_with("https://") || word.starts_with("http://");
        if is_address {
            format!("{CYAN}{}{CYAN:#}", linked(word, word, style))
        } else {
            word.into()
        }
    });
    painted.collect::<Vec<String>>().join(" ")
}

/// What a finding is and how bad; whether there was room for its rule.
fn headline(entry: &Entry<'_>, style: Style<'_>, out: &mut dyn Write) -> io::Result<bool> {
    let spot = format!("{}:{}", entry.place.start_line, entry.place.start_column);
    let status =
        if entry.status == "new" { String::new() } else { format!("  [{}]", entry.status) };
    let severity = words::severity(entry);
    let paint = match severity {
        _ if !entry.is_open() => DIM,
        "critical" => RED,
        "high" => YELLOW,
        _ => BOLD,
    };
    let (name, secret) = (escaped(&entry.rule_name), escaped(entry.shown()));
    let (severity, status, id) = (escaped(severity), escaped(&status), escaped(&entry.rule_id));
    let line =
        format!("  {spot:<9} {paint}{name}{paint:#}  {secret}  {paint}{severity}{paint:#}{status}");
    let fits = textwrap::core::display_width(&line) + 2 + id.len() <= style.width;
    let beside = if fits { format!("  {DIM}{id}{DIM:#}") } else { String::new() };
    writeln!(out, "{line}{beside}")?;
    Ok(fits)
}

/// One finding.
fn one(entry: &Entry<'_>, style: Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    let place = &entry.place;
    let fits = headline(entry, style, out)?;
    let mut row = |name: &str, text: &str| row(name, &escaped(text), style, out);
    let sure = match entry.confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible, look at it",
    };
    row("sure", &format!("{sure}: {}", words::reasons(entry)))?;
    if !place.decoded.is_empty() {
        // The last decoded is the innermost.
        let via: Vec<&str> = place.decoded.iter().rev().map(|name| &**name).collect();
        row("within", &via.join(" in "))?;
    }
    if let Some(pair) = &place.pair {
        let facts = match &pair.evidence[..] {
            [] => String::new(),
            facts => format!(" ({})", facts.join(", ")),
        };
        row("with", &format!("{} on line {}{facts}", pair.value, pair.start_line))?;
    }
    if let Some(commit) = &place.commit {
        let (day, id) = (words::day(&commit.date), short(&commit.id));
        row("since", &format!("{day} by {} in {id}: {}", commit.author, commit.summary))?;
    }
    if let Some(lies) = reached(entry) {
        row("lies", &lies)?;
    }
    if let Some(to) = entry.lifecycle.as_ref().and_then(|life| life.moved_to.as_ref()) {
        let of = if to.used { "which HEAD uses" } else { "which nothing in HEAD uses" };
        row("now", &format!("{}, {of}", to.name))?;
    }
    row("opens", &entry.description)?;
    if let Some(note) = &entry.note {
        row("note", note)?;
    }
    occurrences(entry, &mut row)?;
    if !fits {
        row("rule", &entry.rule_id)?;
    }
    row("do now", &words::remedy(entry))
}

/// What became of a finding in history, and who can see it.
fn reached(entry: &Entry<'_>) -> Option<String> {
    let in_head = entry.in_head?;
    let life = entry.lifecycle.as_ref();
    let removed = life.and_then(|life| life.removed.as_ref());
    let head = match (in_head, removed) {
        (true, _) => "still in HEAD".to_owned(),
        (false, None) if entry.place.path.is_empty() => "in no file, but in history".to_owned(),
        (false, None) => "not in HEAD, but in history".to_owned(),
        (false, Some(commit)) => {
            format!("removed {} in {}, but in history", words::day(&commit.date), short(&commit.id))
        }
    };
    let open = life.and_then(|life| life.exposed_days);
    let open = open.map_or_else(String::new, |days| {
        format!(", open for {days} {}", if days == 1 { "day" } else { "days" })
    });
    let refs = match &entry.refs[..] {
        [] => "no ref reaches it: not pushed with a branch or tag".to_owned(),
        refs => {
            let named = refs.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
            match refs.len().saturating_sub(3) {
                0 => format!("reached by {named}"),
                more => format!("reached by {named} and {more} more"),
            }
        }
    };
    let pushed = if life.is_some_and(|life| life.pushed) { "; pushed" } else { "" };
    Some(format!("{head}{open}; {refs}{pushed}"))
}

fn occurrences(
    entry: &Entry<'_>,
    row: &mut dyn FnMut(&str, &str) -> io::Result<()>,
) -> io::Result<()> {
    for other in entry.occurrences.iter().take(PLACES) {
        let at = match (&other.commit, &other.place.object) {
            (Some(commit), _) => format!(" in {}", short(commit)),
            (None, Some(o)) if other.place.path.is_empty() => {
                format!(" in {} {}", o.kind, short(&o.id))
            }
            _ => String::new(),
        };
        row("also", &format!("line {}{at}", other.place.start_line))?;
    }
    match entry.occurrences.len().saturating_sub(PLACES) {
        0 => Ok(()),
        more => row("also", &format!("in {more} more places")),
    }
}

/// How many findings there are, as bad as they are.
fn verdict(tally: &Tally<'_>) -> String {
    let counts: Vec<String> = tally
        .severities
        .iter()
        .zip(words::SEVERITIES)
        .filter(|(count, _)| **count > 0)
        .map(|(count, severity)| format!("{} {severity}", grouped(*count as u64)))
        .collect();
    format!("{}: {}.", count(tally.open, "new secret", "new secrets"), counts.join(", "))
}

/// The verdict and the receipt.
fn summary(
    account: &Account<'_>,
    tally: &Tally<'_>,
    style: Style<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let scan = account.scan();
    match &tally.first {
        Some(_) => write!(out, "{RED}{}{RED:#}", verdict(tally))?,
        None if scan.complete => write!(out, "{GREEN}No new secrets.{GREEN:#}")?,
        None => write!(out, "{YELLOW}No new secrets in what was read.{YELLOW:#}")?,
    }
    let commits = match scan.commits {
        0 => String::new(),
        n => format!(" of {} {}", grouped(n), if n == 1 { "commit" } else { "commits" }),
    };
    let blobs = if scan.blobs == 1 { "blob" } else { "blobs" };
    writeln!(
        out,
        " Scanned {} {blobs}{commits}, {}, in {}.",
        grouped(scan.blobs),
        bytes(scan.bytes),
        time(scan.duration_ms)
    )?;
    if let Some(counts) = words::left_out(scan) {
        writeln!(out, "Left out: {counts}.")?;
    }
    for warning in &*scan.warnings {
        writeln!(out, "{YELLOW}warning:{YELLOW:#} {}", escaped(warning))?;
    }
    skips(&scan.skipped, style, out)
}

/// What a person does next.
fn next(
    account: &Account<'_>,
    tally: &Tally<'_>,
    style: Style<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(first) = &tally.first else { return Ok(()) };
    let scan = account.scan();
    let uncommitted = matches!(&*scan.mode, "staged" | "hook") && scan.commits == 0;
    let take = if uncommitted {
        "Nothing is committed yet: take the secret out, put it into a secret store or an ignored file, \
         stage that, commit again. Revoke it if it was ever shared."
    } else {
        "Revoke or replace first: deleting the line does not take a secret back. Then load it from a \
         secret store or the environment."
    };
    let none = if first.status == "expired" {
        "Its entry in the baseline has expired: label it anew with leakstop audit, or rotate it."
    } else if scan.mode == "history" {
        "Not a secret after all? Accept it: leakstop baseline update --history"
    } else {
        "Not a secret after all? Say why in a comment on its line (leakstop:allow), or accept it: leakstop \
         baseline update"
    };
    let mut steps = vec![take.to_owned(), none.to_owned()];
    if matches!(&*scan.mode, "scan") && !first.place.path.contains('!') {
        let place = format!("{}:{}", first.place.path, first.place.start_line);
        let dashed = if place.starts_with('-') { "./" } else { "" };
        steps.push(format!("More about one: leakstop explain {dashed}{}", shell(&place)));
    }
    writeln!(out, "\n{BOLD}What to do now{BOLD:#}")?;
    let width = style.width.max(NARROWEST);
    let options = Options::new(width)
        .initial_indent("  - ")
        .subsequent_indent("    ")
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    for step in steps {
        for line in wrap(&step, &options) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn skips(skipped: &[Skip<'_>], style: Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    if skipped.is_empty() {
        return Ok(());
    }
    writeln!(out, "{YELLOW}Not scanned: {}{YELLOW:#}", skipped.len())?;
    let everything = style.detail == Detail::Everything;
    let listed = if everything { skipped.len() } else { SKIPS };
    for skip in skipped.iter().take(listed) {
        let what = escaped(&skip.what);
        writeln!(out, "  {what}: {} ({})", escaped(&skip.reason), escaped(&skip.detail))?;
    }
    match skipped.len().saturating_sub(listed) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more (--verbose lists all)"),
    }
}
