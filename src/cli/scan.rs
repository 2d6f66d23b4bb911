//! `leakstop scan`, `staged` and `stdin`.
//!
//! In: their arguments. Out: an exit status.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::args::{ScanArgs, StagedArgs, StdinArgs};
use super::session::{Session, Task, gone_from};
use super::settings::{BASELINE, Place};
use crate::engine::files::{self, Files};
use crate::engine::history::everything;
use crate::report::{ExitStatus, Mode};
use crate::scan::Reading;
use crate::source::git;
use crate::source::staged::Staged;
use crate::source::stdin;
use crate::source::worktree::{Worktree, packed};
use crate::verdict::finding::{Reason, Verdict};

/// Scans files and folders; of a bare repository its history too, for no file of it can be read as such.
pub(super) fn files(args: &ScanArgs) -> Result<ExitStatus> {
    let pipe = Path::new("-");
    if args.paths.iter().any(|path| path == pipe) && !pipe.exists() {
        bail!("-: there is no such file; `leakstop stdin` reads what is piped in");
    }
    let place = around(&args.paths)?;
    let bare: Vec<&PathBuf> = args.paths.iter().filter(|path| git::is_bare(path)).collect();
    let task = Task::new(&args.common, &place, Mode::Scan, shown(&args.paths))?;
    let session = &task.session;
    let worktree = worktree(args, session)?;
    let mut outcome =
        session.read(Reading::default(), |scanner| worktree.read(scanner).map(|()| 0))?;
    let mut findings = session.judge(&mut outcome, &gone_from(worktree.root));
    if !bare.is_empty() && args.paths.len() == 1 && is_meant(bare[0], &place) {
        let (history, more) = everything(session, Reading::default().into())?;
        outcome.join(history);
        findings.extend(more);
    } else {
        outcome.found.skipped.extend(bare.into_iter().map(|path| packed(git::as_bytes(path))));
    }
    task.report(outcome, findings)
}

/// Whether the repository at `path` is the one that git's variables name, if they name any.
fn is_meant(path: &Path, place: &Place) -> bool {
    let named = place.environment.dir.as_ref();
    named.is_none_or(|dir| dir.canonicalize().ok() == path.canonicalize().ok())
}

/// The repository around what is to be scanned: that of the first path.
pub(super) fn around(paths: &[PathBuf]) -> Result<Place> {
    let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
    Ok(Place::at(files::around(first)?))
}

/// Targets as the receipt names them.
pub(super) fn shown(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ")
}

/// The walk that `args` ask for.
pub(super) fn worktree(args: &ScanArgs, session: &Session<'_>) -> Result<Worktree> {
    let ScanArgs { paths, no_ignore, recurse_submodules, .. } = args;
    let files = Files { paths, no_ignore: *no_ignore, submodules: *recurse_submodules };
    Ok(files.walk(session)?)
}

/// Scans the index against HEAD.
pub(super) fn staged(args: &StagedArgs, mode: Mode) -> Result<ExitStatus> {
    let place = Place::here()?;
    let root = place.repository()?.to_path_buf();
    let task = Task::new(&args.common, &place, mode, "index".into())?;
    let session = &task.session;
    let source = Staged {
        folder: place.folder.clone(),
        environment: place.environment.clone(),
        all_if_unchanged: mode == Mode::Hook && super::for_all_files(&place.environment),
    };
    let reading = Reading { whole_file: args.whole_file, ..Reading::default() };
    let mut outcome = session.read(reading, |scanner| source.read(scanner).map(|()| 0))?;
    let findings = session.judge(&mut outcome, &gone_from(root.clone()));
    let accepted = Verdict::Suppressed(Reason::Baseline);
    if args.common.baseline.is_none()
        && findings.iter().any(|finding| finding.verdict == accepted)
        && !source.holds(Path::new(BASELINE), &std::fs::read(root.join(BASELINE))?)?
    {
        outcome.warnings.push(UNSTAGED.to_owned());
    }
    task.report(outcome, findings)
}

/// The commit passes here, and fails wherever its own baseline is asked.
const UNSTAGED: &str =
    "the baseline that accepts something here is not staged as it is: git add .secrets.baseline";

/// Scans standard input.
pub(super) fn stdin(args: &StdinArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    let task = Task::new(&args.common, &place, Mode::Stdin, "standard input".into())?;
    let session = &task.session;
    let name = args.path.as_deref().map(git::as_bytes);
    let mut outcome = session.read(Reading::default(), |scanner| {
        stdin::read(&mut std::io::stdin().lock(), name, scanner);
        Ok(0)
    })?;
    let root = place.root.clone().unwrap_or_else(|| place.folder.clone());
    let findings = session.judge(&mut outcome, &gone_from(root));
    task.report(outcome, findings)
}
