//! All leaks of a repository, to explain, review, rotate or mend them.
//!
//! In: settings and a place. Out: [`Cases`], one for each fingerprint: what the history tells of it, and where it stands
//! in the files on disk. Accepted and allowed ones are cases too; commands choose.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use anyhow::{Result, bail};

use super::args::{CaseArgs, Common, ScanArgs};
use super::scan::worktree;
use super::session::{Interrupted, Outcome, Session, begin, gone_from};
use super::settings::{Place as Folder, meant};
use crate::detect::rules::RuleSet;
use crate::detect::spec::{RuleSpec, Severity};
use crate::report::{ExitStatus, Mode, count, screen};
use crate::scan::Reading;
use crate::source::{Skipped, git};
use crate::verdict::baseline::Label;
use crate::verdict::finding::{Finding, Place};
use crate::verdict::fingerprint::Fingerprint;

/// The fewest digits that name a fingerprint.
const SHORTEST: usize = 8;

/// A leak: one rule, value and path.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// What is known of it; of the history, if it has one.
    pub(super) finding: Finding,
    /// Where it stands in the files on disk.
    pub(super) here: Vec<Place>,
}

/// All leaks.
pub(super) struct Cases<'a> {
    pub(super) session: Session<'a>,
    /// Sorted by path, then by fingerprint.
    pub(super) all: Vec<Case>,
    /// What could not be read.
    pub(super) unread: Vec<Skipped>,
}

impl CaseArgs {
    /// The settings of a scan.
    pub(super) fn common(&self) -> Common {
        Common {
            baseline: self.baseline.clone(),
            config: self.source.config.clone(),
            no_repo_config: self.source.no_repo_config,
            min_confidence: self.min_confidence,
            no_progress: self.no_progress,
            stop: self.stop.clone(),
            redact: None,
            ..Common::default()
        }
    }

    /// A scan of all files on disk.
    pub(super) fn tree(&self, common: &Common, place: &Folder) -> ScanArgs {
        let paths = vec![place.top().to_path_buf()];
        let (no_ignore, recurse_submodules) = (self.no_ignore, false);
        ScanArgs { paths, no_ignore, recurse_submodules, common: common.clone() }
    }
}

impl<'a> Cases<'a> {
    /// Reads the history, unless `args` leave it out, and the files on disk.
    pub(super) fn gather(args: &CaseArgs, common: &'a Common, place: &'a Folder) -> Result<Self> {
        let target = "all objects and files".to_owned();
        let session = begin(common, place, Mode::History, target)?;
        let reading = Reading { keep_lines: true, ..Reading::default() };
        let mut cases: BTreeMap<Fingerprint, Case> = BTreeMap::new();
        let mut unread = Vec::new();
        if place.root.is_some() && !args.no_history {
            let (outcome, findings) = crate::engine::history::everything(&session, reading.into())?;
            take(&mut cases, findings, false);
            close(&session, outcome, &mut unread)?;
        }
        if !git::is_bare(place.top()) {
            let worktree = worktree(&args.tree(common, place), &session)?;
            let mut outcome =
                session.read(reading, |scanner| worktree.read(scanner).map(|()| 0))?;
            let findings = session.judge(&mut outcome, &gone_from(worktree.root));
            take(&mut cases, findings, true);
            close(&session, outcome, &mut unread)?;
        }
        let mut all: Vec<Case> = cases.into_values().collect();
        all.sort_by(|a, b| {
            let key = |case: &Case| (case.finding.place.path.clone(), case.finding.fingerprint);
            key(a).cmp(&key(b))
        });
        unread.sort();
        unread.dedup();
        Ok(Self { session, all, unread })
    }

    /// The case whose fingerprint begins with `digits`, or that stands at a `PATH:LINE` on disk.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub(super) fn named(&self, digits: &str) -> Result<&Case> {
        if let Some((path, line)) = digits.rsplit_once(':') {
            return self.standing(path, line.parse().unwrap_or(0));
        }
        let digits = digits.to_ascii_lowercase();
        if digits.len() < SHORTEST || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            bail!(
                "{digits:?} is no fingerprint, of which the first {SHORTEST} of 32 hex digits do, and no \
                 PATH:LINE"
            );
        }
        let named = |case: &&Case| case.finding.fingerprint.to_string().starts_with(&digits);
        let mut found = self.all.iter().filter(named);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => bail!("{digits} begins several fingerprints; give more digits"),
            (None, _) => bail!("{}", self.unknown(&digits)),
        }
    }

    /// The case on a line of a file, which is called as seen from the current folder, or from the top, as reports do.
    fn standing(&self, path: &str, line: usize) -> Result<&Case> {
        let top = self.session.place.top();
        let full = std::path::absolute(meant(Path::new(path)))?;
        let below = git::as_bytes(full.strip_prefix(top).unwrap_or(Path::new(path)));
        let at = |place: &Place| {
            let same = place.path.as_ref().is_some_and(|at| *at == path.as_bytes() || *at == below);
            same && (place.start.line..=place.end.line).contains(&line)
        };
        let mut found = self.all.iter().filter(|case| case.here.iter().any(at));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => {
                bail!("{path}:{line}: several are found there; name one by its fingerprint")
            }
            (None, _) => bail!(
                "{path}:{line}: nothing is found there; `leakstop explain {path}:{line}` says why; \
                 files that git ignores are looked at with --no-ignore"
            ),
        }
    }

    /// What to say where no case has that fingerprint.
    fn unknown(&self, digits: &str) -> String {
        let mut near: Vec<(usize, String)> = self
            .shown()
            .iter()
            .map(|case| {
                let print = case.finding.fingerprint.to_string();
                let path = case.finding.place.path.as_ref().map(ToString::to_string);
                let path = path.unwrap_or_else(|| "no file".to_owned());
                let told = format!("{print} ({}, {path})", self.spec(case).id);
                (strsim::levenshtein(digits, &print[..digits.len().min(print.len())]), told)
            })
            .collect();
        near.sort();
        let near: Vec<String> = near.into_iter().take(3).map(|(_, told)| told).collect();
        let near = match &near[..] {
            [] => "nothing is found here".to_owned(),
            near => format!("the nearest: {}", near.join("; ")),
        };
        let unread = match self.unread.len() {
            0 => String::new(),
            some => {
                let inputs = count(some, "input", "inputs");
                format!(" {inputs} could not be read; `leakstop history` names them.")
            }
        };
        format!(
            "{digits}: no finding here has this fingerprint; it changes with rule, value and path. \
             {near}.{unread} Files that git ignores are looked at with --no-ignore."
        )
    }

    /// The same cases, with secrets masked in all that they quote; a case keeps its place in the list.
    pub(super) fn shown(&self) -> Vec<Case> {
        let mut findings: Vec<Finding> = Vec::new();
        for case in &self.all {
            let mut finding = case.finding.clone();
            finding.occurrences.extend(case.here.iter().cloned());
            findings.push(finding);
        }
        screen(&mut findings, &mut [], &self.session.settings.detector);
        let cases = findings.into_iter().zip(&self.all).map(|(mut finding, case)| {
            let here = finding.occurrences.split_off(case.finding.occurrences.len());
            Case { finding, here }
        });
        cases.collect()
    }

    /// The rules.
    pub(super) fn rules(&self) -> &RuleSet {
        self.session.settings.detector.rules()
    }

    /// The rule of a case.
    pub(super) fn spec(&self, case: &Case) -> &RuleSpec {
        self.rules().rules()[usize::from(case.finding.rule)].spec()
    }

    /// The secret of the case at `at`, as it may be shown.
    pub(super) fn masked(&self, at: usize) -> String {
        let case = &self.all[at];
        case.finding.secret.masked(&self.spec(case).keywords)
    }

    /// How bad a case is.
    pub(super) fn severity(&self, case: &Case) -> Severity {
        self.spec(case).severity_of(case.finding.secret.reveal())
    }

    /// The numbers of the cases with the same value, this one included.
    pub(super) fn copies(&self, of: &Case) -> Vec<usize> {
        let same = |case: &Case| case.finding.secret == of.finding.secret;
        (0..self.all.len()).filter(|&at| same(&self.all[at])).collect()
    }

    /// The exit status of a command that tells of all of them.
    pub(super) fn completeness(&self) -> ExitStatus {
        let failed = self.unread.iter().any(|skipped| !skipped.reason.by_design());
        if failed { ExitStatus::Incomplete } else { ExitStatus::Clean }
    }

    /// Says what could not be read, if anything.
    pub(super) fn warning(&self) -> Option<String> {
        let failed: Vec<&Skipped> = self.unread.iter().filter(|s| !s.reason.by_design()).collect();
        let first = failed.first()?;
        let (what, why) = (&first.what, &first.detail);
        let inputs = count(failed.len(), "input", "inputs");
        Some(format!("{inputs} could not be read; the first: {what}: {why}"))
    }
}

impl Case {
    /// Whether somebody has still to rotate it: it opens something as far as anybody knows.
    pub(super) fn is_live(&self) -> bool {
        use crate::verdict::finding::{Reason, Verdict};
        match self.finding.verdict {
            Verdict::Open | Verdict::Expired => true,
            Verdict::Suppressed(Reason::Baseline) => {
                matches!(self.finding.label, None | Some(Label::Accepted))
            }
            Verdict::Suppressed(_) => false,
        }
    }
}

/// Adds findings to the cases; those `here` are on disk.
fn take(cases: &mut BTreeMap<Fingerprint, Case>, findings: Vec<Finding>, here: bool) {
    for finding in findings {
        let places: Vec<Place> =
            if here { finding.places().cloned().collect() } else { Vec::new() };
        match cases.entry(finding.fingerprint) {
            Entry::Vacant(entry) => {
                entry.insert(Case { finding, here: places });
            }
            Entry::Occupied(mut entry) => {
                let case = entry.get_mut();
                let known = &mut case.finding;
                if here && case.here.is_empty() {
                    // What is there now is what counts.
                    (known.verdict, known.note, known.label) =
                        (finding.verdict, finding.note, finding.label);
                    known.lines = finding.lines;
                } else if !here {
                    known.occurrences.push(finding.place);
                    known.occurrences.extend(finding.occurrences);
                }
                known.verdict = known.verdict.min(finding.verdict);
                case.here.extend(places);
            }
        }
    }
}

/// Ends a reading.
fn close(session: &Session<'_>, outcome: Outcome, unread: &mut Vec<Skipped>) -> Result<()> {
    if session.stopped() {
        return Err(Interrupted.into());
    }
    unread.extend(outcome.found.skipped);
    Ok(())
}
