//! `leakstop scan`, `staged` and `stdin`.
//!
//! In: their arguments. Out: an exit status.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::BString;

use super::args::{ScanArgs, StagedArgs, StdinArgs};
use super::session::{Session, gone_from};
use super::settings::Place;
use crate::report::{ExitStatus, Mode};
use crate::scan::Reading;
use crate::source::staged::Staged;
use crate::source::stdin;
use crate::source::worktree::{Worktree, packed};
use crate::source::{Skipped, git, modules};

/// Scans files and folders; of a bare repository its history too, for no file of it can be read as such.
pub(super) fn files(args: &ScanArgs) -> Result<ExitStatus> {
    let place = around(&args.paths)?;
    let bare: Vec<&PathBuf> = args.paths.iter().filter(|path| git::is_bare(path)).collect();
    let session = Session::new(&args.common, &place, Mode::Scan, shown(&args.paths))?;
    let worktree = worktree(args, &session)?;
    let mut outcome =
        session.read(Reading::default(), |scanner| worktree.read(scanner).map(|()| 0))?;
    let mut findings = session.judge(&mut outcome, &gone_from(worktree.root));
    if !bare.is_empty() && args.paths.len() == 1 && is_meant(bare[0], &place) {
        let (history, more) = super::history::everything(&session, Reading::default().into())?;
        outcome.join(history);
        findings.extend(more);
    } else {
        outcome.found.skipped.extend(bare.into_iter().map(|path| packed(git::as_bytes(path))));
    }
    session.report(outcome, findings)
}

/// Whether the repository at `path` is the one that git's variables name, if they name any.
fn is_meant(path: &Path, place: &Place) -> bool {
    let named = place.environment.dir.as_ref();
    named.is_none_or(|dir| dir.canonicalize().ok() == path.canonicalize().ok())
}

/// The repository around what is to be scanned: that of the first path.
pub(super) fn around(paths: &[PathBuf]) -> Result<Place> {
    let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
    let folder = if first.is_dir() { Some(first) } else { first.parent() };
    let folder = folder.filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().with_context(|| first.display().to_string())?;
    Ok(Place::at(folder))
}

/// Targets as the receipt names them.
pub(super) fn shown(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ")
}

/// The walk that `args` ask for.
pub(super) fn worktree(args: &ScanArgs, session: &Session<'_>) -> Result<Worktree> {
    let targets = args
        .paths
        .iter()
        .map(|path| absolute(path).with_context(|| path.display().to_string()))
        .collect::<Result<Vec<_>>>()?;
    let place = session.place;
    let root = match (&place.root, &targets[..]) {
        (Some(root), _) => root.clone(),
        (None, [only]) if only.is_dir() => only.clone(),
        (None, [_]) => place.folder.clone(),
        (None, _) => absolute(Path::new("."))?,
    };
    let tracked = match &place.root {
        Some(root) if !args.no_ignore => tracked(root, args.recurse_submodules, place),
        _ => Ok(Vec::new()),
    };
    Ok(Worktree {
        targets,
        root,
        honour_ignores: !args.no_ignore,
        exclude: session.settings.exclude.clone(),
        threads: session.threads(),
        tracked,
    })
}

/// What the repository at `root`, and its submodules if they are asked for, track.
fn tracked(
    root: &Path,
    submodules: bool,
    place: &Place,
) -> std::result::Result<Vec<BString>, Skipped> {
    let mut paths = git::tracked(root, &place.environment)?;
    if !submodules {
        return Ok(paths);
    }
    for module in modules::list(root).0 {
        let Some(work_tree) = &module.work_tree else { continue };
        let own = git::tracked(work_tree, &git::Environment::default())?;
        paths.extend(own.into_iter().map(|path| module.inside(&path)));
    }
    Ok(paths)
}

/// A path without `.` and links in its folders; its last part may be a link itself.
fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if !parent.as_os_str().is_empty() => {
            Ok(parent.canonicalize()?.join(name))
        }
        (_, Some(name)) if path.parent().is_some_and(|p| p.as_os_str().is_empty()) => {
            Ok(Path::new(".").canonicalize()?.join(name))
        }
        _ => path.canonicalize(),
    }
}

/// Scans the index against HEAD.
pub(super) fn staged(args: &StagedArgs, mode: Mode) -> Result<ExitStatus> {
    let place = Place::here()?;
    let root = place.repository()?.to_path_buf();
    let session = Session::new(&args.common, &place, mode, "index".into())?;
    let source = Staged {
        folder: place.folder.clone(),
        environment: place.environment.clone(),
        all_if_unchanged: mode == Mode::Hook && super::for_all_files(&place.environment),
    };
    let reading = Reading { whole_file: args.whole_file, ..Reading::default() };
    let mut outcome = session.read(reading, |scanner| source.read(scanner).map(|()| 0))?;
    let findings = session.judge(&mut outcome, &gone_from(root));
    session.report(outcome, findings)
}

/// Scans standard input.
pub(super) fn stdin(args: &StdinArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    let session = Session::new(&args.common, &place, Mode::Stdin, "standard input".into())?;
    let name = args.path.as_deref().map(git::as_bytes);
    let mut outcome = session.read(Reading::default(), |scanner| {
        stdin::read(&mut std::io::stdin().lock(), name, scanner);
        Ok(0)
    })?;
    let root = place.root.clone().unwrap_or_else(|| place.folder.clone());
    let findings = session.judge(&mut outcome, &gone_from(root));
    session.report(outcome, findings)
}
