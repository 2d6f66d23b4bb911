//! What `explain` tells of a finding.
//!
//! In: a fingerprint. Out: the finding's dossier on standard output, for people or as JSON.

use std::io::{self, Write};

use anyhow::Result;

use super::args::{CaseArgs, ExplainArgs, ExplainFormat, Level};
use super::cases::Cases;
use super::dossier::{Dossier, Spot};
use super::scan::worktree;
use super::settings::Place;
use super::uses::{Uses, traces};
use crate::report::document::Commit;
use crate::report::escaped;
use crate::source::git;

pub(super) fn explain(
    args: &ExplainArgs,
    fingerprint: &str,
    mut out: &mut dyn Write,
) -> Result<()> {
    let cases = CaseArgs {
        baseline: args.baseline.clone(),
        source: args.telling.source.clone(),
        no_ignore: args.no_ignore,
        no_progress: true,
        stop: args.stop.clone(),
        ..CaseArgs::default()
    };
    with_dossier(&cases, fingerprint, |_, dossier| match args.telling.format {
        ExplainFormat::Human => Ok(human(dossier, out)?),
        ExplainFormat::Json => {
            serde_json::to_writer_pretty(&mut out, dossier)?;
            Ok(writeln!(out)?)
        }
    })
}

/// Puts a finding's dossier together for `tell`.
pub(super) fn with_dossier(
    args: &CaseArgs,
    fingerprint: &str,
    tell: impl FnOnce(&Cases<'_>, &Dossier<'_>) -> Result<()>,
) -> Result<()> {
    let place = Place::here()?;
    let common = args.common();
    let wider = CaseArgs { min_confidence: Some(Level::Possible), ..args.clone() }.common();
    let mut cases = Cases::gather(args, &common, &place)?;
    if args.min_confidence.is_none() && cases.named(fingerprint).is_err() {
        // A finding that is not reported by default; all of those take twice as long to place in a large history.
        cases = Cases::gather(args, &wider, &place)?;
    }
    let case = cases.named(fingerprint)?;
    let same = |other: &super::cases::Case| other.finding.fingerprint == case.finding.fingerprint;
    let at = cases.all.iter().position(same).expect("it is one of them");
    let shown = cases.shown();
    let uses = if git::is_bare(place.top()) {
        Uses::new()
    } else {
        traces(&cases.session, &worktree(&args.tree(&common, &place), &cases.session)?)?.0
    };
    tell(&cases, &Dossier::new(&cases, &shown, at, &uses))
}

/// Lists this long are cut.
const LISTED: usize = 8;

/// The first few of a list.
fn few<'t>(list: impl ExactSizeIterator<Item = &'t String>) -> String {
    let more = list.len().saturating_sub(LISTED);
    let first: Vec<String> = list.take(LISTED).map(|text| escaped(text)).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    first.join(", ") + &more
}

fn human(dossier: &Dossier<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Dossier { rule_name, redacted, severity, confidence, score, .. } = dossier;
    writeln!(out, "{rule_name}  {}  {severity}, {confidence} ({score})", escaped(redacted))?;
    let mut row = |name: &str, value: &str| -> io::Result<()> {
        if value.is_empty() { Ok(()) } else { writeln!(out, "  {name:<9} {value}") }
    };
    row("finding", &format!("{} in {}", dossier.fingerprint, escaped(&dossier.path)))?;
    row("rule", &format!("{} ({})", dossier.rule_id, escaped(dossier.provider)))?;
    row("opens", &escaped(dossier.description))?;
    row("why", &escaped(&dossier.because.join("; ")))?;
    row("within", &dossier.decoded.iter().rev().copied().collect::<Vec<_>>().join(" in "))?;
    let note = [dossier.label, dossier.note].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let note = if note.is_empty() { note } else { format!(" ({})", escaped(&note)) };
    row("status", &format!("{}{note}", dossier.status))?;
    row("on disk", &places(&dossier.on_disk))?;
    if let Some(commit) = &dossier.introduced {
        row("since", &told(commit))?;
    }
    if let Some(life) = &dossier.lifecycle {
        match (&life.removed, dossier.in_head) {
            (Some(commit), _) => row("removed", &told(commit))?,
            (None, Some(true)) => row("removed", "no: HEAD still holds it")?,
            (None, _) => row("removed", "HEAD does not hold it, other commits do")?,
        }
        if let Some(commit) = life.last_commit.as_ref().filter(|_| life.removed.is_some()) {
            row("last in", &told(commit))?;
        }
        if let Some(days) = life.exposed_days {
            row("open for", &format!("{days} {}", if days == 1 { "day" } else { "days" }))?;
        }
        if let Some(moved) = &life.moved_to {
            let used = if moved.used { "which HEAD uses" } else { "which nothing in HEAD uses" };
            row("moved to", &format!("{}, {used}", escaped(&moved.name)))?;
        }
    }
    row("refs", &few(dossier.refs.iter()))?;
    let pushed = if dossier.pushed() {
        "yes: it is burnt, whatever is deleted"
    } else {
        "not as far as this repository knows"
    };
    row("pushed", pushed)?;
    let copies: Vec<String> = dossier
        .copies
        .iter()
        .map(|copy| format!("{} ({})", copy.path, copy.fingerprint.get(..8).unwrap_or_default()))
        .collect();
    row("copies", &few(copies.iter()))?;
    row("named", &few(dossier.names.iter()))?;
    row("rotate", dossier.revoke_url.or(dossier.docs_url).unwrap_or_default())?;
    for (number, step) in (1..).zip(&dossier.steps) {
        row(&format!("  {number}."), &escaped(step))?;
    }
    Ok(())
}

fn places(spots: &[Spot]) -> String {
    let told: Vec<String> =
        spots.iter().map(|spot| format!("{}:{}", spot.path, spot.line)).collect();
    few(told.iter())
}

fn told(commit: &Commit<'_>) -> String {
    let Commit { id, author, date, summary } = commit;
    let id = id.get(..12).unwrap_or(id);
    format!("{} by {} in {id}: {}", escaped(date), escaped(author), escaped(summary))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use clap::Parser as _;

    use super::super::args::{Cli, Command};
    use super::super::session::Interrupted;
    use super::*;

    #[test]
    fn a_search_that_is_stopped_has_no_answer() {
        let Command::Explain(mut args) =
            Cli::parse_from(["leakstop", "explain", "01234567"]).command
        else {
            panic!("explain was asked for")
        };
        args.stop = Some(Arc::new(AtomicBool::new(true)));
        let mut out = Vec::new();
        let fault = explain(&args, "01234567", &mut out).expect_err("it was stopped");
        assert!(fault.is::<Interrupted>(), "{fault:#}");
        assert!(out.is_empty());
    }
}
