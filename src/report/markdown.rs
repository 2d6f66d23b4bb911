//! A page for comments, wikis and the summary of a CI job.
//!
//! In: an [`Account`]. Out: GitHub's Markdown. What comes from the repository stands in code spans or is escaped, so
//! that it makes no links, images, mentions or tables.

use std::fmt::Write as _;
use std::io;

use super::account::Account;
use super::document::{Entry, short};
use super::words::{self, bytes, count, grouped, steers, time};
use super::{Reporter, Style};

/// Writes the page.
pub(super) struct Markdown;

/// Skipped inputs listed before the rest is counted.
const SKIPS: usize = 20;

impl Reporter for Markdown {
    fn write(
        &self,
        account: &Account<'_>,
        _: Style<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        out.write_all(head(account).as_bytes())?;
        if account.count() > 0 {
            out.write_all(TABLE.as_bytes())?;
        }
        for entry in account.findings() {
            out.write_all(row(&entry).as_bytes())?;
        }
        out.write_all(tail(account).as_bytes())
    }
}

/// The head of the table.
const TABLE: &str =
    "| severity | what | where | sure | since | do now |\n|---|---|---|---|---|---|\n";

/// The page, of at most about `most` bytes: of too many findings the worst are kept, and it says so.
#[must_use]
pub fn summary(account: &Account<'_>, most: usize) -> String {
    let mut page = head(account);
    let tail = tail(account);
    let room = most.saturating_sub(page.len() + tail.len() + 200);
    let listed = account.worst();
    let total = listed.len();
    if total > 0 {
        page.push_str(TABLE);
    }
    let start = page.len();
    for (index, (_, entry)) in listed.enumerate() {
        let row = row(&entry);
        if page.len() - start + row.len() > room {
            let more = count(total - index, "finding is", "findings are");
            let _ = write!(page, "\n{more} left out here, for want of room.\n");
            break;
        }
        page.push_str(&row);
    }
    page.push_str(&tail);
    page
}

fn head(account: &Account<'_>) -> String {
    let scan = account.scan();
    let open = account.open_count();
    let mut page = match open {
        0 if scan.complete => "## leakstop: no new secrets\n\n".to_owned(),
        0 => "## leakstop: no new secrets in what was read\n\n".to_owned(),
        n => format!("## leakstop: {}\n\n", count(n, "new secret", "new secrets")),
    };
    let number = |n, one, many| count(usize::try_from(n).unwrap_or(usize::MAX), one, many);
    let commits = match scan.commits {
        0 => String::new(),
        n => {
            format!(" of {}", count(usize::try_from(n).unwrap_or(usize::MAX), "commit", "commits"))
        }
    };
    let _ = writeln!(
        page,
        "Scanned {}: {}{commits}, {}, in {}.\n",
        code(&scan.target),
        number(scan.blobs, "blob", "blobs"),
        bytes(scan.bytes),
        time(scan.duration_ms)
    );
    if open > 0 {
        page.push_str(
            "**Revoke or replace first**: deleting the line does not take a secret back.\n\n",
        );
    }
    page
}

fn row(entry: &Entry<'_>) -> String {
    let place = &entry.place;
    let spot = format!("{}:{}", place.label(), place.start_line);
    let since = place.commit.as_ref().map_or_else(String::new, |commit| {
        format!("{} in {}", text(words::day(&commit.date)), code(short(&commit.id)))
    });
    let removed = entry.lifecycle.as_ref().and_then(|life| life.removed.as_ref());
    let gone = match removed {
        Some(commit) => format!("<br>removed {}", text(words::day(&commit.date))),
        None if entry.in_head == Some(false) => "<br>not in HEAD".to_owned(),
        None => String::new(),
    };
    let also = match entry.occurrences.len() {
        0 => String::new(),
        more => format!("<br>and {}", count(more, "other place", "other places")),
    };
    let status = match &*entry.status {
        "new" => String::new(),
        status => format!("<br>{}", text(status)),
    };
    let action = match &entry.revoke_url {
        Some(url) => format!("[revoke]({})", address(url)),
        None => match &entry.docs_url {
            Some(url) => format!("change it where it is used ([how]({}))", address(url)),
            None => "change it where it is used".to_owned(),
        },
    };
    format!(
        "| {} | {} {}<br>{} {} | {}{also} | {}: {}{status} | {since}{gone} | {action} |\n",
        text(words::severity(entry)),
        text(&entry.rule_name),
        code(&entry.redacted),
        text(&entry.description),
        code(&entry.rule_id),
        code(&spot),
        entry.confidence.name(),
        text(&words::reasons(entry)),
    )
}

fn tail(account: &Account<'_>) -> String {
    let scan = account.scan();
    let mut page = String::new();
    if let Some(counts) = words::left_out(scan) {
        let _ = writeln!(page, "\nLeft out: {counts}.");
    }
    for warning in &*scan.warnings {
        let _ = writeln!(page, "\nWarning: {}", text(warning));
    }
    if !scan.skipped.is_empty() {
        let inputs = count(scan.skipped.len(), "input", "inputs");
        let _ = writeln!(page, "\n### Not scanned: {inputs}\n");
        for skip in scan.skipped.iter().take(SKIPS) {
            let (what, reason) = (code(&skip.what), text(&skip.reason));
            let _ = writeln!(page, "- {what}: {reason} ({})", text(&skip.detail));
        }
        if scan.skipped.len() > SKIPS {
            let _ = writeln!(page, "- and {} more", grouped((scan.skipped.len() - SKIPS) as u64));
        }
    }
    page
}

/// Text in a code span that a table may hold. Tags stand in none as they are: not every reader of Markdown leaves them.
fn code(raw: &str) -> String {
    if raw.contains('<') {
        return format!("<code>{}</code>", text(raw));
    }
    let raw: String = raw.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect();
    let runs = raw.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(runs + 1);
    let pad = if runs > 0 || raw.trim().is_empty() { " " } else { "" };
    // A bar ends a cell even in a code span, unless it is escaped.
    format!("{fence}{pad}{}{pad}{fence}", raw.replace('|', "\\|"))
}

/// Text with everything escaped that Markdown or HTML could read as more than text.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A mention tells a person, an autolink leads somewhere.
            '@' => out.push_str("&#64;"),
            ':' if raw.contains("://") => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c if steers(c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// An address in a link's brackets.
fn address(url: &str) -> String {
    percent_encoding::utf8_percent_encode(url, LINK).to_string()
}

/// What would end a link, a cell or the line.
const LINK: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'(')
    .add(b')')
    .add(b'<')
    .add(b'>')
    .add(b'|')
    .add(b'\\')
    .add(b'`');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(code("a|b\n"), "`a\\|b\u{fffd}`");
        assert_eq!(text("<b>@me [x](y) https://z"), "&lt;b&gt;&#64;me \\[x\\](y) https&#58;//z");
        assert_eq!(address("https://a/b(c)|d"), "https://a/b%28c%29%7Cd");
    }
}
