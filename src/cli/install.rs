//! `leakstop install`: leakstop in a repository's hooks.
//!
//! In: which hooks. Out: a script in the folder that git runs hooks from. A hook that was there is
//! kept beside it and runs first; uninstalling puts it back.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::args::{HookName, InstallArgs};
use super::settings::Place;
use crate::report::ExitStatus;
use crate::source::git;

/// By this line a script of ours is known.
const MARK: &str = "# Written by `leakstop install`; `leakstop install --uninstall` takes it away.";

/// Runs the command.
pub(super) fn run(args: &InstallArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    place.repository()?;
    let repository = git::open_own(&place.folder, &place.environment)?;
    let folder = hooks(&repository)?;
    let hooks: Vec<HookName> = match (&args.hooks[..], args.uninstall) {
        ([], true) => HookName::ALL.to_vec(),
        ([], false) => vec![HookName::PreCommit, HookName::PrePush],
        (named, _) => named.to_vec(),
    };
    if folder.ends_with(".husky/_") && !args.uninstall {
        bail!(
            "{}: husky writes these files anew; put `leakstop hook pre-commit` into \
             .husky/pre-commit instead",
            folder.display()
        );
    }
    let inside = |top: Option<&Path>| top.is_some_and(|top| folder.starts_with(top));
    if !inside(repository.workdir()) && !inside(Some(repository.commondir())) {
        let folder = folder.display();
        writeln!(io::stderr(), "leakstop: {folder} serves other repositories too")?;
    }
    for hook in hooks {
        let done = if args.uninstall { remove(&folder, hook)? } else { put(&folder, hook)? };
        if let Some(done) = done {
            writeln!(io::stderr(), "leakstop: {done}")?;
        }
        for name in configured(&repository, hook)? {
            let hook = hook.name();
            let name = name.escape_debug();
            writeln!(
                io::stderr(),
                "leakstop: hook.{name} runs at {hook} too, with git 2.54 or later"
            )?;
        }
    }
    Ok(ExitStatus::Clean)
}

/// The folder that git runs hooks from: that of `core.hooksPath`, or the repository's own, which
/// linked work trees share.
pub(super) fn hooks(repository: &git2::Repository) -> Result<PathBuf> {
    let config = repository.config().context("config")?;
    let named = match config.get_path("core.hooksPath") {
        Ok(path) => Some(path).filter(|path| !path.as_os_str().is_empty()),
        Err(cause) if cause.code() == git2::ErrorCode::NotFound => None,
        Err(cause) => return Err(cause).context("core.hooksPath"),
    };
    Ok(match named {
        // A relative one counts from where git runs hooks: the top, or a bare repository.
        Some(path) => repository.workdir().unwrap_or(repository.path()).join(path),
        None => repository.commondir().join("hooks"),
    })
}

/// The names of hooks that settings add at `hook`; git before 2.54 does not know them.
fn configured(repository: &git2::Repository, hook: HookName) -> Result<Vec<String>> {
    let config = repository.config().context("config")?;
    let mut entries = config.entries(Some(r"^hook\..*\.event$")).context("config")?;
    let mut names = BTreeSet::new();
    while let Some(entry) = entries.next() {
        let entry = entry.context("config")?;
        if entry.value_bytes() == hook.name().as_bytes() {
            let key = String::from_utf8_lossy(entry.name_bytes());
            let name = key.strip_prefix("hook.").and_then(|key| key.strip_suffix(".event"));
            names.extend(name.map(str::to_owned));
        }
    }
    // An empty command takes a hook out.
    let runs = |name: &String| config.get_string(&format!("hook.{name}.command"));
    Ok(names
        .into_iter()
        .filter(|name| runs(name).is_ok_and(|command| !command.is_empty()))
        .collect())
}

/// What is in the place of one of git's hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing that git would run.
    Missing,
    /// What `install` writes today.
    Current,
    /// What `install` wrote once; the program lay elsewhere, or wrote another script.
    Old,
    /// Something of the user's that names leakstop.
    Named,
    /// Something that does not.
    Foreign,
}

/// What is in the place of `hook` in the folder that git runs hooks from.
pub(super) fn state(repository: &git2::Repository, hook: HookName) -> Result<(PathBuf, State)> {
    let path = hooks(repository)?.join(hook.name());
    let Ok(text) = std::fs::read(&path) else { return Ok((path, State::Missing)) };
    let text = String::from_utf8_lossy(&text);
    let state = if !runs(&path) {
        State::Missing
    } else if is_ours(&path) {
        if script(hook)? == text { State::Current } else { State::Old }
    } else if text.contains("leakstop") {
        State::Named
    } else {
        State::Foreign
    };
    Ok((path, state))
}

/// Whether git would run a file.
#[cfg(unix)]
fn runs(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn runs(path: &Path) -> bool {
    path.is_file()
}

/// Where a hook that was there before is kept.
fn kept(folder: &Path, hook: HookName) -> PathBuf {
    folder.join(format!("{}.legacy", hook.name()))
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn is_ours(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|text| {
        let text = String::from_utf8_lossy(&text);
        text.lines().any(|line| line == MARK)
    })
}

fn put(folder: &Path, hook: HookName) -> Result<Option<String>> {
    let (path, legacy) = (folder.join(hook.name()), kept(folder, hook));
    let failed = || path.display().to_string();
    std::fs::create_dir_all(folder).with_context(failed)?;
    let script = script(hook)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    file.write_all(script.as_bytes()).with_context(failed)?;
    executable(file.path()).with_context(failed)?;
    let foreign = exists(&path) && !is_ours(&path);
    if foreign {
        if exists(&legacy) {
            bail!("{}: it is in the way; move it or {} elsewhere", legacy.display(), hook.name());
        }
        std::fs::rename(&path, &legacy).with_context(failed)?;
    }
    file.persist(&path).with_context(failed)?;
    let after =
        if exists(&legacy) { format!(", after {}", legacy.display()) } else { String::new() };
    Ok(Some(format!("{} runs leakstop{after}", path.display())))
}

fn remove(folder: &Path, hook: HookName) -> Result<Option<String>> {
    let (path, legacy) = (folder.join(hook.name()), kept(folder, hook));
    if !is_ours(&path) {
        return Ok(None);
    }
    let failed = || path.display().to_string();
    if exists(&legacy) {
        std::fs::rename(&legacy, &path).with_context(failed)?;
        return Ok(Some(format!("{} is what it was before", path.display())));
    }
    std::fs::remove_file(&path).with_context(failed)?;
    Ok(Some(format!("{} is gone", path.display())))
}

#[cfg(unix)]
fn executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The script. Where leakstop is gone it fails: what is not scanned does not pass.
fn script(hook: HookName) -> Result<String> {
    let own = std::env::current_exe().context("where leakstop lies is not known")?;
    let Some(own) = own.to_str() else {
        bail!("{}: move leakstop to a folder with a plain name", own.display());
    };
    // Within single quotes only these mean something.
    let own = own.replace('\'', r"'\''");
    let name = hook.name();
    let (read, feed) = if hook.reads() {
        // What a command substitution loses at its end, the dot keeps.
        ("input=$(cat; echo .)\ninput=${input%.}\n", "printf %s \"$input\" | ")
    } else {
        ("", "")
    };
    Ok(format!(
        r#"#!/bin/sh
{MARK}
{read}legacy=$0.legacy
if [ -x "$legacy" ]; then
  {feed}"$legacy" "$@" || exit $?
fi
leakstop='{own}'
[ -x "$leakstop" ] || leakstop=$(command -v leakstop) || {{
  echo 'leakstop is not installed: nothing was scanned' >&2
  exit 1
}}
{feed}"$leakstop" hook {name} "$@"
"#
    ))
}
