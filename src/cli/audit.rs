//! `leakstop audit`: a review of what was found, one value after the other.
//!
//! In: the cases of a repository, and keys or labels. Out: labels in the baseline, each on disk before the next value is
//! shown, so that a review goes on where it was left. Secrets are shown on a key press only, and never without one.

mod context;
mod review;
mod screen;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write};

use anyhow::{Result, bail};
use jiff::Zoned;
use jiff::civil::Date;

use super::args::{AuditArgs, LabelName};
use super::cases::Cases;
use super::dossier::path;
use super::ledger::Ledger;
use super::settings::Place;
use crate::detect::spec::{Confidence, Severity};
use crate::report::{ExitStatus, count, escaped};
use crate::text::Secret;
use crate::verdict::baseline::{Label, Note};
use crate::verdict::finding::{Reason, Verdict};

impl LabelName {
    /// What the baseline calls it. A real credential that is known is accepted: what for, the reason says.
    pub(super) const fn label(self) -> Label {
        match self {
            Self::Real => Label::Accepted,
            Self::False => Label::FalsePositive,
            Self::Test => Label::Test,
            Self::Rotated => Label::Rotated,
        }
    }
}

/// One value, with the cases that hold it and that nobody has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    /// Numbers of its cases, the worst first.
    cases: Vec<usize>,
}

/// Runs the command.
pub(super) fn run(args: &AuditArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    let asks = args.label.is_none() && !args.fail_on_unaudited;
    if asks && !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        bail!(
            "audit asks at a terminal, and there is none; label without one with --label LABEL \
             --reason TEXT, or ask with --fail-on-unaudited whether anything is left"
        );
    }
    let common = args.cases.common();
    let cases = Cases::gather(&args.cases, &common, &place)?;
    if let Some(warning) = cases.warning() {
        writeln!(io::stderr(), "leakstop: {}", escaped(&warning))?;
    }
    let groups = groups(&cases);
    if args.fail_on_unaudited {
        return left(&cases, &groups);
    }
    let ledger = Ledger::open(&cases, args.cases.baseline.as_deref(), &place)?;
    match args.label {
        Some(label) => say(args, label, &cases, &groups, ledger),
        None => screen::review(&cases, groups, ledger, &place),
    }
}

/// What nobody has looked at, by value, the worst first.
fn groups(cases: &Cases<'_>) -> Vec<Group> {
    let session = &cases.session;
    let known = |at: &usize| {
        matches!(
            cases.all[*at].finding.verdict,
            Verdict::Open | Verdict::Expired | Verdict::Suppressed(Reason::Baseline)
        )
    };
    let all: Vec<usize> = (0..cases.all.len()).filter(known).collect();
    let found: Vec<_> = all.iter().map(|&at| session.as_found(&cases.all[at].finding)).collect();
    let audited = match &session.settings.baseline {
        Some(baseline) => baseline.audited(&found, Zoned::now().date()),
        None => vec![false; all.len()],
    };
    let mut left: Vec<usize> =
        all.iter().zip(audited).filter(|(_, audited)| !audited).map(|(&at, _)| at).collect();
    left.sort_by(|&a, &b| worth(cases, a).cmp(&worth(cases, b)).reverse().then(a.cmp(&b)));
    let mut groups: Vec<Group> = Vec::new();
    let mut known: BTreeMap<&Secret, usize> = BTreeMap::new();
    for at in left {
        let number = *known.entry(&cases.all[at].finding.secret).or_insert(groups.len());
        match groups.get_mut(number) {
            Some(group) => group.cases.push(at),
            None => groups.push(Group { cases: vec![at] }),
        }
    }
    groups
}

/// How bad a case is, to be compared with others.
fn worth(cases: &Cases<'_>, at: usize) -> (Severity, Confidence, bool, bool, u32) {
    let case = &cases.all[at];
    let score = f64::from(case.finding.score.clamp(0.0, 1.0)) * 1000.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 0 and 1000"
    )]
    let score = score as u32;
    let severity = cases.severity(case);
    (severity, case.finding.confidence, case.finding.pushed(), !case.here.is_empty(), score)
}

/// A day, as the baseline writes it; nothing for an empty text.
fn day(text: &str) -> Result<Option<Date>> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<Date>() {
        Ok(day) if day < Zoned::now().date() => {
            bail!("{text} is past: the entry would count for nothing; name a day to come")
        }
        Ok(day) if day.to_string() == text => Ok(Some(day)),
        _ => bail!("{text:?} is no day; write 2030-12-31"),
    }
}

/// Lists what nobody has looked at.
fn left(cases: &Cases<'_>, groups: &[Group]) -> Result<ExitStatus> {
    let shown = cases.shown();
    let mut out = io::stdout().lock();
    for group in groups {
        for &at in &group.cases {
            let finding = &shown[at].finding;
            let print = finding.fingerprint.to_string();
            let (id, path) = (&cases.spec(&shown[at]).id, escaped(&path(&finding.place)));
            writeln!(out, "{} {id} {path}", &print[..8])?;
        }
    }
    match groups.len() {
        0 => writeln!(out, "Somebody has looked at everything.")?,
        1 => writeln!(out, "Nobody has looked at 1 value; run `leakstop audit`.")?,
        n => writeln!(out, "Nobody has looked at {n} values; run `leakstop audit`.")?,
    }
    Ok(if groups.is_empty() { cases.completeness() } else { ExitStatus::Found })
}

/// Labels without asking.
fn say(
    args: &AuditArgs,
    label: LabelName,
    cases: &Cases<'_>,
    groups: &[Group],
    mut ledger: Ledger<'_>,
) -> Result<ExitStatus> {
    let mut chosen: Vec<usize> = Vec::new();
    for digits in &args.fingerprints {
        chosen.extend(cases.copies(cases.named(digits)?));
    }
    if args.fingerprints.is_empty() {
        chosen.extend(groups.iter().flat_map(|group| &group.cases));
    }
    chosen.sort_unstable();
    chosen.dedup();
    let reason = args.reason.clone().filter(|reason| !reason.trim().is_empty());
    if reason.is_none() {
        bail!("--reason is empty; say why, for whoever reads the baseline");
    }
    let note = Note {
        label: label.label(),
        reason,
        owner: args.owner.clone(),
        expires: day(args.expires.as_deref().unwrap_or_default())?,
    };
    if !chosen.is_empty() {
        ledger.say(&chosen, &note)?;
    }
    let path = ledger.path().display();
    let count = count(chosen.len(), "finding", "findings");
    writeln!(io::stdout(), "{path}: {count} labelled {}", note.label.name())?;
    Ok(ExitStatus::Clean)
}
