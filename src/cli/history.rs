//! `leakstop history`.
//!
//! In: its arguments. Out: an exit status.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::args::HistoryArgs;
use super::session::{Session, Task};
use super::settings::Place;
use super::variable;
use crate::engine::history::cache::{Cache, note};
use crate::engine::history::{Effort, commits, everything, modules};
use crate::report::{ExitStatus, Mode};
use crate::scan::Reading;
use crate::source::git;

/// Runs the command.
pub(super) fn run(args: &HistoryArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    place.repository()?;
    if args.revisions.is_empty() && args.since.is_none() {
        return all(args, &place);
    }
    let target = match &args.since {
        None => args.revisions.join(" "),
        Some(date) => {
            [args.revisions.join(" "), format!("since {date}")].join(" ").trim().to_owned()
        }
    };
    let task = Task::new(&args.common, &place, Mode::History, target)?;
    let since = args.since.as_deref().map(moment).transpose()?;
    let (outcome, findings) = commits(&task.session, args.revisions.clone(), since)?;
    task.report(outcome, findings)
}

/// Audits every object.
fn all(args: &HistoryArgs, place: &Place) -> Result<ExitStatus> {
    let task = Task::new(&args.common, place, Mode::History, "all objects".to_owned())?;
    let session = &task.session;
    let reading = Reading { plain_objects: args.plain_objects, ..Reading::default() };
    let cache = cache(args, session)?;
    let effort = Effort { reading, lfs: args.lfs, memory: args.max_memory, cache: cache.as_ref() };
    let (mut outcome, mut findings) = everything(session, effort)?;
    if args.recurse_submodules {
        modules::add(session, effort, &mut outcome, &mut findings)?;
    }
    task.report(outcome, findings)
}

/// What remembers this audit, if that is asked for.
fn cache(args: &HistoryArgs, session: &Session<'_>) -> Result<Option<Cache>> {
    let Some(folder) = &args.cache else { return Ok(None) };
    if args.common.no_repo_config {
        note("--cache is left aside: with --no-repo-config all objects are read");
        return Ok(None);
    }
    let folder = match folder {
        Some(folder) => folder.clone(),
        None => own().context("--cache: no folder for such files is known; name one")?,
    };
    let repository = git::open(&session.place.folder, &session.place.environment)?;
    Ok(Some(Cache::new(&folder, &args.common.wishes(), session, &repository)?))
}

/// The user's folder for files that may be deleted at any time.
fn own() -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = folder("XDG_CACHE_HOME").or_else(|| match std::env::consts::OS {
        "windows" => folder("LOCALAPPDATA"),
        "macos" => Some(folder("HOME")?.join("Library/Caches")),
        _ => Some(folder("HOME")?.join(".cache")),
    })?;
    Some(caches.join("leakstop"))
}

/// A date or time as seconds since 1970; a date is its first second in the local time zone.
fn moment(text: &str) -> Result<i64> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp.as_second());
    }
    let date = text.parse::<Date>().ok();
    let zoned = date.and_then(|date| date.to_zoned(TimeZone::system()).ok());
    match zoned {
        Some(zoned) => Ok(zoned.timestamp().as_second()),
        None => bail!("--since {text}: write 2026-01-31 or 2026-01-31T12:00:00Z"),
    }
}
