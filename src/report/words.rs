//! What several formats say of a finding, in the same words.
//!
//! In: an [`Entry`]. Out: sentences, and texts from outside made harmless.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::account::Account;
use super::document::{Entry, Scan, Suppressed};
use crate::detect::spec::Confidence;

/// Text from outside with control characters escaped, and what CI runners would take for a command of the job's.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // GitHub runs lines that begin with `::`, and what follows `##[`; Azure what follows `##vso[`. Where a text is
        // wrapped any word may begin a line.
        let colons = c == ':' && last.is_whitespace() && chars.peek() == Some(&':');
        let command = colons || c == '#' && last == '#';
        if steers(c) {
            let _ = write!(out, "{}", c.escape_default());
        } else if command {
            let _ = write!(out, "{}", c.escape_unicode());
        } else {
            out.push(c);
        }
        last = c;
    }
    out
}

/// A word for a shell.
#[must_use]
pub fn shell(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "/._:-".contains(c);
    let word = escaped(word);
    if word.chars().all(safe) { word } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Whether a character steers a terminal, or turns around, parts or hides what is shown: controls, marks of direction,
/// ends of lines and paragraphs.
pub(super) fn steers(sign: char) -> bool {
    let hidden = matches!(
        sign,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    );
    sign.is_control() || hidden
}

/// What a scan has left out on purpose, and why: `2 in the baseline, 1 excluded path`.
pub(super) fn left_out(scan: &Scan<'_>) -> Option<String> {
    let Suppressed { baseline, inline, config, example } = scan.suppressed;
    let paths = if scan.excluded == 1 { "excluded path" } else { "excluded paths" };
    let excluded = usize::try_from(scan.excluded).unwrap_or(usize::MAX);
    let counts = [
        (baseline, "in the baseline"),
        (inline, "allowed by a comment"),
        (config, "allowed by the configuration"),
        (example, "published examples"),
        (excluded, paths),
    ];
    let told = counts.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
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

/// A number of bytes as people say it.
pub(super) fn bytes(count: u64) -> String {
    indicatif::BinaryBytes(count).to_string()
}

/// A time as people say it.
pub(super) fn time(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

/// A number of things.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number as u64), if number == 1 { one } else { many })
}

/// The day of a date as RFC 3339 writes it; what is none as it is.
pub(super) fn day(date: &str) -> &str {
    let is_day = |day: &str| day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    date.get(..10).filter(|day| is_day(day)).unwrap_or(date)
}

/// How bad the leak of a finding is; of a saved report that does not say, as bad as it is sure.
pub(super) fn severity<'e>(entry: &'e Entry<'_>) -> &'e str {
    use Confidence::{Certain, Likely, Possible};
    match &*entry.severity {
        "" => match entry.confidence {
            Certain | Likely => "high",
            Possible => "medium",
        },
        severity => severity,
    }
}

/// Severities, the worst first.
pub(super) const SEVERITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// What sorts findings by severity, then by confidence, the worst first.
pub(super) fn urgency(entry: &Entry<'_>) -> Urgency {
    let after = SEVERITIES.iter().take_while(|known| **known != severity(entry)).map(|_| 1).sum();
    (after, Reverse(entry.confidence))
}

/// What findings are sorted by.
pub(super) type Urgency = (u8, Reverse<Confidence>);

/// One reason to believe in a finding, in plain words.
#[must_use]
pub fn reason(evidence: &str) -> String {
    match evidence.split_once(':') {
        None if evidence == "format" => "only such credentials have this form".into(),
        None if evidence == "checksum" => "its checksum is right".into(),
        Some(("structure", what)) => format!("it holds what it should ({what})"),
        Some(("keyword", word)) => format!("it stands by \u{201c}{word}\u{201d}"),
        Some(("entropy", bits)) => format!("it looks random ({bits} bits a byte)"),
        Some(("context", what)) => what.into(),
        Some((name, value)) => format!("{name} {value}"),
        None => evidence.into(),
    }
}

/// Why a finding is believed.
pub(super) fn reasons(entry: &Entry<'_>) -> String {
    let reasons: Vec<String> = entry.evidence.iter().map(|evidence| reason(evidence)).collect();
    reasons.join("; ")
}

/// What it is and as much of it as may be shown.
pub(super) fn message(entry: &Entry<'_>) -> String {
    format!("{} ({})", entry.rule_name, entry.redacted)
}

/// What to do about a finding.
pub(super) fn remedy(entry: &Entry<'_>) -> String {
    match (&entry.revoke_url, &entry.docs_url) {
        (Some(url), _) => format!("revoke or replace it at {url}"),
        (None, Some(url)) => format!("change it where it is used; see {url}"),
        (None, None) => "change it where it is used".into(),
    }
}

/// The same for formats that say it in a sentence of its own.
pub(super) fn advice(entry: &Entry<'_>) -> String {
    let remedy = remedy(entry);
    let (first, rest) = remedy.split_at(1);
    format!("{}{rest}. Deleting the line does not take a secret back.", first.to_uppercase())
}

/// An identity to show to others: it tells findings apart, but is no digest of the secret that guesses could be
/// compared with, for only eight bits of it depend on that. `number` counts findings that are alike up to there.
pub(super) fn identity(entry: &Entry<'_>, number: usize) -> [u8; 16] {
    let hint = entry.fingerprint.get(..2).unwrap_or_default();
    digest(["leakstop-place-1", &entry.rule_id, &entry.place.path, hint, &number.to_string()])
}

/// The first 128 bits of SHA-256 over texts, each with its length.
pub(super) fn digest<'t>(parts: impl IntoIterator<Item = &'t str>) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut first = [0; 16];
    first.copy_from_slice(&hash.finalize()[..16]);
    first
}

/// Gives the findings of a report their identities, one after the other.
#[derive(Default)]
pub(super) struct Identities(HashMap<[u8; 16], usize>);

impl Identities {
    /// The identity of the next finding.
    pub(super) fn next(&mut self, entry: &Entry<'_>) -> [u8; 16] {
        let number = self.0.entry(identity(entry, 0)).or_insert(0);
        *number += 1;
        identity(entry, *number)
    }

    /// Those of all that are told, in their order.
    pub(super) fn all(account: &Account<'_>) -> Vec<[u8; 16]> {
        let mut identities = Self::default();
        account.findings().map(|entry| identities.next(&entry)).collect()
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
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
    fn nothing_from_outside_is_a_command_of_the_runner() {
        assert_eq!(escaped("::error::x"), "\\u{3a}:error::x");
        assert_eq!(escaped(" \t::stop-commands::x"), " \\t\\u{3a}:stop-commands::x");
        assert_eq!(escaped("a##[error]##vso[x]"), "a#\\u{23}[error]#\\u{23}vso[x]");
        assert_eq!(escaped("a::b #c:"), "a::b #c:");
        assert_eq!(escaped(":a"), ":a");
        assert_eq!(escaped("in x: ::set-output"), "in x: \\u{3a}:set-output");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1234), "1,234");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
