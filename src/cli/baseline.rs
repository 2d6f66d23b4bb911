//! `leakstop baseline`: keeps the list of accepted findings.
//!
//! In: present findings, the file as it is. Out: the file as it should be, written in one step, or what would change.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bstr::ByteSlice as _;
use jiff::Zoned;

use super::args::{
    BaselineArgs, BaselineCommand, BaselineFile, BaselineFormat, ConvertArgs, Level, ScanArgs,
};
use super::scan::{around, shown, worktree};
use super::session::{Interrupted, Outcome, Session, begin, gone_from};
use super::settings::{BASELINE, Place};
use crate::report::{ExitStatus, Mode, count};
use crate::scan::Reading;
use crate::source::{SkipReason, Skipped, git};
use crate::verdict::baseline::{Baseline, Format, Row};
use crate::verdict::finding::{Finding, Reason, Verdict};

pub(super) fn run(command: BaselineCommand) -> Result<ExitStatus> {
    match command {
        BaselineCommand::Create(args) => create(&args),
        BaselineCommand::Update(args) => update(&args),
        BaselineCommand::Prune(args) => prune(&args),
        BaselineCommand::Diff(args) => diff(&args),
        BaselineCommand::Stats(args) => stats(&args),
        BaselineCommand::Convert(args) => convert(&args),
        BaselineCommand::Merge { base, ours, theirs } => merge(&base, &ours, &theirs),
    }
}

/// The present findings, before or after the baseline was asked.
pub(super) struct Present<'a> {
    pub(super) session: Session<'a>,
    pub(super) findings: Vec<Finding>,
    outcome: Outcome,
}

impl<'a> Present<'a> {
    pub(super) fn scan(args: &'a BaselineArgs, place: &'a Place) -> Result<Self> {
        let ScanArgs { paths, common, .. } = &args.scan;
        let (mode, target) = if args.history {
            (Mode::History, "all objects".to_owned())
        } else {
            (Mode::Scan, shown(paths))
        };
        let session = begin(common, place, mode, target)?;
        let reading = Reading { keep_lines: true, ..Reading::default() };
        let (outcome, findings) = if args.history {
            crate::engine::history::everything(&session, reading.into())?
        } else {
            let worktree = worktree(&args.scan, &session)?;
            let mut outcome =
                session.read(reading, |scanner| worktree.read(scanner).map(|()| 0))?;
            let findings = session.judge(&mut outcome, &gone_from(worktree.root));
            (outcome, findings)
        };
        // What was not read would be taken for gone.
        if session.stopped() {
            return Err(Interrupted.into());
        }
        Ok(Self { session, findings, outcome })
    }

    /// What the baseline should hold, in files or not: everything but what is allowed elsewhere.
    fn found(&self) -> Vec<crate::verdict::baseline::Found<'_>> {
        let wanted = |verdict| {
            matches!(
                verdict,
                Verdict::Open | Verdict::Expired | Verdict::Suppressed(Reason::Baseline)
            )
        };
        let known = self.findings.iter().filter(|f| wanted(f.verdict));
        known.map(|f| self.session.as_found(f)).collect()
    }

    /// Refuses to go on where something could not be read: an entry must not be lost for that.
    pub(super) fn complete(&self) -> Result<()> {
        let failed: Vec<_> =
            self.outcome.found.skipped.iter().filter(|s| !s.reason.by_design()).collect();
        match failed.first() {
            None => Ok(()),
            Some(first) => bail!(
                "{} could not be read, so the baseline was left as it is; the first: {}: {}",
                count(failed.len(), "input", "inputs"),
                first.what,
                first.detail
            ),
        }
    }

    /// Whether a path lies in what was scanned.
    fn scope(&self, args: &BaselineArgs) -> impl Fn(&[u8]) -> bool + use<> {
        let root = self.session.place.root.clone().unwrap_or_default();
        let below: Vec<Vec<u8>> = args
            .scan
            .paths
            .iter()
            .filter_map(|path| path.canonicalize().ok())
            .map(|path| git::as_bytes(path.strip_prefix(&root).unwrap_or(Path::new(""))).into())
            .collect();
        let all = args.history;
        move |path| {
            all || below.iter().any(|b| {
                b.is_empty()
                    || path.strip_prefix(&b[..]).is_some_and(|r| r.is_empty() || r[0] == b'/')
            })
        }
    }
}

fn create(args: &BaselineArgs) -> Result<ExitStatus> {
    let place = around(&args.scan.paths)?;
    let path = file(args.scan.common.baseline.as_deref(), &place)?;
    if path.exists() {
        bail!("{}: there is one already; `leakstop baseline update` adds to it", path.display());
    }
    let mut args = args.clone();
    args.scan.common.baseline = None;
    args.scan.common.no_baseline = true;
    let present = Present::scan(&args, &place)?;
    present.complete()?;
    let mut baseline = Baseline::new()?;
    baseline.update(&present.found(), &|_| true, false);
    save(&baseline, &path)
}

fn update(args: &BaselineArgs) -> Result<ExitStatus> {
    let place = around(&args.scan.paths)?;
    let path = file(args.scan.common.baseline.as_deref(), &place)?;
    // Who has no baseline yet need not know another command; a name that was given may be misspelt.
    if args.scan.common.baseline.is_none() && !path.exists() {
        return create(args);
    }
    let mut baseline = Baseline::load(&path)?;
    let present = Present::scan(args, &place)?;
    present.complete()?;
    baseline.update(&present.found(), &present.scope(args), true);
    save(&baseline, &path)
}

fn prune(args: &BaselineArgs) -> Result<ExitStatus> {
    let place = around(&args.scan.paths)?;
    let path = file(args.scan.common.baseline.as_deref(), &place)?;
    let mut baseline = Baseline::load(&path)?;
    let args = &widened(args);
    let present = Present::scan(args, &place)?;
    present.complete()?;
    let shallow = |skipped: &Skipped| skipped.reason == SkipReason::Shallow;
    if present.outcome.found.skipped.iter().any(shallow) {
        bail!(
            "the history is cut off here, and may hold what is accepted: `git fetch --unshallow` gets it"
        );
    }
    let within = present.scope(args);
    let sparse = git::not_checked_out(place.top(), &place.environment);
    let scope = |path: &[u8]| within(path) && !sparse(path);
    let missed = |found: &[_]| -> Vec<Row> {
        let removed = baseline.diff(found).removed;
        removed.into_iter().filter(|row| scope(&row.path)).collect()
    };
    // A file that git ignores was accepted when it was named, and is read again by its name.
    let paths = missed(&present.found()).iter().filter_map(|row| on_disk(&place, row)).collect();
    let named = BaselineArgs { history: false, scan: ScanArgs { paths, ..args.scan.clone() } };
    let named =
        if named.scan.paths.is_empty() { None } else { Some(Present::scan(&named, &place)?) };
    let mut found = present.found();
    if let Some(named) = &named {
        named.complete()?;
        found.extend(named.found());
    }
    let gone = missed(&found);
    let dropped = baseline.prune(&found, &scope);
    let status = save(&baseline, &path)?;
    let mut out = io::stdout().lock();
    list(&mut out, '-', &gone)?;
    writeln!(out, "dropped {dropped}")?;
    if !args.history && gone.iter().any(|row| on_disk(&place, row).is_none()) {
        writeln!(
            out,
            "The history may hold what is in no file now: `prune --history` keeps what is found there."
        )?;
    }
    Ok(status)
}

/// A scan that finds whatever any other would report: an entry that one scan leaves out is not gone.
fn widened(args: &BaselineArgs) -> BaselineArgs {
    let mut args = args.clone();
    let common = &mut args.scan.common;
    common.rules.clear();
    common.exclude.clear();
    common.min_confidence = Some(Level::Possible);
    args
}

/// The file of an entry, if there is one.
fn on_disk(place: &Place, row: &Row) -> Option<PathBuf> {
    Some(place.top().join(git::as_path(row.path.as_bstr()))).filter(|path| path.is_file())
}

/// Lists entries, each behind a sign.
fn list(out: &mut dyn Write, sign: char, rows: &[Row]) -> io::Result<()> {
    for row in rows {
        let line = row.line.map_or(String::new(), |line| format!(":{line}"));
        let from = row.from.as_ref().map_or(String::new(), |from| format!(" (was {from})"));
        writeln!(out, "{sign} {}{line} {}{from}", row.path, row.rule)?;
    }
    Ok(())
}

fn diff(args: &BaselineArgs) -> Result<ExitStatus> {
    let place = around(&args.scan.paths)?;
    let path = file(args.scan.common.baseline.as_deref(), &place)?;
    let baseline = Baseline::load(&path)?;
    let present = Present::scan(args, &place)?;
    let mut diff = baseline.diff(&present.found());
    // Nothing is known of what was not looked at.
    let scope = present.scope(args);
    diff.removed.retain(|row| scope(&row.path));
    let mut out = io::stdout().lock();
    list(&mut out, '+', &diff.added)?;
    list(&mut out, '-', &diff.removed)?;
    list(&mut out, '>', &diff.moved)?;
    let changed = !(diff.added.is_empty() && diff.removed.is_empty() && diff.moved.is_empty());
    Ok(if changed { ExitStatus::Found } else { ExitStatus::Clean })
}

fn stats(args: &BaselineFile) -> Result<ExitStatus> {
    let place = Place::here()?;
    let path = file(args.baseline.as_deref(), &place)?;
    let baseline = Baseline::load(&path)?;
    let stats = baseline.stats(Zoned::now().date());
    let mut out = io::stdout().lock();
    let format = baseline.format().name();
    let (entries, files) =
        (count(stats.entries, "entry", "entries"), count(stats.files, "file", "files"));
    writeln!(out, "{entries} in {files} ({format})")?;
    if stats.expired > 0 {
        writeln!(out, "{} expired", stats.expired)?;
    }
    for (label, count) in &stats.labels {
        writeln!(out, "{count:>7}  {}", label.name())?;
    }
    for (rule, count) in &stats.rules {
        writeln!(out, "{count:>7}  {rule}")?;
    }
    Ok(ExitStatus::Clean)
}

fn convert(args: &ConvertArgs) -> Result<ExitStatus> {
    let wanted = match args.to {
        BaselineFormat::Native => Format::Native,
        BaselineFormat::DetectSecrets => Format::DetectSecrets,
    };
    let place = around(&args.scan.paths)?;
    let path = file(args.scan.common.baseline.as_deref(), &place)?;
    let baseline = Baseline::load(&path)?;
    if baseline.format() == wanted {
        writeln!(io::stdout(), "{}: is {} already", path.display(), wanted.name())?;
        return Ok(ExitStatus::Clean);
    }
    let scan = BaselineArgs { history: false, scan: args.scan.clone() };
    let present = Present::scan(&scan, &place)?;
    present.complete()?;
    let conversion = baseline.convert(&present.found())?;
    conversion.baseline.save(&path)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}: {} entries converted", path.display(), conversion.baseline.len())?;
    let unmatched: BTreeSet<_> = conversion.unmatched.iter().collect();
    for row in &unmatched {
        let line = row.line.map_or(String::new(), |line| format!(":{line}"));
        writeln!(out, "not found any more, left out: {}{line} {}", row.path, row.rule)?;
    }
    for lost in &conversion.lost {
        writeln!(out, "not kept: {lost}")?;
    }
    Ok(ExitStatus::Clean)
}

fn merge(base: &Path, ours: &Path, theirs: &Path) -> Result<ExitStatus> {
    // Git gives an empty file where the ancestor has none.
    let empty = std::fs::metadata(base).is_ok_and(|meta| meta.len() == 0);
    let ancestor = if empty { None } else { Some(Baseline::load(base)?) };
    let merged =
        Baseline::merge(ancestor.as_ref(), &Baseline::load(ours)?, &Baseline::load(theirs)?)?;
    merged.save(ours)?;
    Ok(ExitStatus::Clean)
}

/// The baseline's path: as named, or at the repository root.
fn file(named: Option<&Path>, place: &Place) -> Result<PathBuf> {
    match named {
        Some(path) => std::path::absolute(path).with_context(|| path.display().to_string()),
        None => Ok(place.root.as_deref().unwrap_or(&place.folder).join(BASELINE)),
    }
}

fn save(baseline: &Baseline, path: &Path) -> Result<ExitStatus> {
    baseline.save(path)?;
    let entries = if baseline.len() == 1 { "entry" } else { "entries" };
    writeln!(io::stdout(), "{}: {} {entries}", path.display(), baseline.len())?;
    Ok(ExitStatus::Clean)
}
