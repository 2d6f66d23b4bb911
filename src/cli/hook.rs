//! `leakstop hook`: git's own interfaces to hooks.
//!
//! In: arguments and standard input as git gives them. Out: an exit status. Nothing but 0 lets git go on.

use std::ffi::OsString;
use std::io::{BufRead as _, Read as _};

use anyhow::{Context, Result, bail};
use bstr::{BString, ByteSlice};

use super::args::{Common, HookCommand, MessageArgs, PushArgs};

use super::session::{Task, gone_from};
use super::settings::Place;
use crate::engine::history::describe;
use crate::report::{ExitStatus, Mode};
use crate::scan::Reading;
use crate::source::range::Range;
use crate::source::{
    Blob, Content, Kind, Object, ObjectId, Origin, SourceError, Visitor as _, git,
};

/// A line of standard input may not be longer.
const LONGEST: u64 = 1 << 20;

/// Runs the hook.
pub(super) fn run(command: HookCommand) -> Result<ExitStatus> {
    match command {
        // Git notes what it merges only after this second hook: all that the branch gets counts as new, also what
        // the merged commits have brought.
        HookCommand::PreCommit(args) | HookCommand::PreMergeCommit(args) => {
            super::scan::staged(&args, Mode::Hook)
        }
        HookCommand::PrePush(args) => push(&args),
        HookCommand::CommitMsg(args) => message(&args),
        HookCommand::PreReceive(common) => receive(&common),
        HookCommand::Agent(sought) => super::agent::run(&sought),
    }
}

/// A ref that a push sets.
pub(super) struct Update {
    name: BString,
    /// What it is set to; `None` where it is deleted.
    new: Option<String>,
    /// What the other side has there; `None` for a new ref.
    old: Option<String>,
}

/// An id; `None` for the one of zeros that stands for nothing.
fn id(hex: &[u8]) -> Result<Option<String>> {
    if !ObjectId::is_written(hex) {
        bail!("standard input: {} is no object id; git is to run this hook", hex.as_bstr());
    }
    let zero = hex.iter().all(|&digit| digit == b'0');
    Ok((!zero).then(|| String::from_utf8_lossy(hex).into_owned()))
}

/// The lines that git writes, each taken apart by `parse`.
fn lines(parse: fn(&[u8]) -> Result<Update>) -> Result<Vec<Update>> {
    let mut updates = Vec::new();
    let mut stdin = std::io::stdin().lock();
    loop {
        let mut line = Vec::new();
        let read = stdin.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        if read.context("standard input")? == 0 {
            return Ok(updates);
        }
        updates.push(parse(line.trim_end_with(|c| c == '\n' || c == '\r'))?);
    }
}

fn malformed() -> anyhow::Error {
    anyhow::anyhow!("standard input: not what git writes to this hook")
}

/// `LOCALREF LOCALOID REMOTEREF REMOTEOID`; the first may hold blanks.
pub(super) fn pushed(line: &[u8]) -> Result<Update> {
    let mut words = line.rsplitn(4, |&byte| byte == b' ');
    let (Some(old), Some(name), Some(new), Some(_)) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(malformed());
    };
    Ok(Update { name: name.into(), new: id(new)?, old: id(old)? })
}

/// `OLDOID NEWOID REF`.
pub(super) fn received(line: &[u8]) -> Result<Update> {
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let (Some(old), Some(new), Some(name)) = (words.next(), words.next(), words.next()) else {
        return Err(malformed());
    };
    Ok(Update { name: name.into(), new: id(new)?, old: id(old)? })
}

fn push(args: &PushArgs) -> Result<ExitStatus> {
    let remote = args.remote.clone().map(OsString::into_encoded_bytes).unwrap_or_default();
    let (updates, remote) = match framework()? {
        Some(update) => {
            let named = super::variable("PRE_COMMIT_REMOTE_NAME");
            (vec![update], named.map_or(remote, String::into_bytes))
        }
        None => (lines(pushed)?, remote),
    };
    // A remote without a name is given by its URL twice, and has no refs here.
    let url = args.url.as_ref().is_some_and(|url| url.as_encoded_bytes() == remote);
    let named = !url && remote.find_byteset(b":\\*?[").is_none() && !remote.is_empty();
    let url = args.url.as_ref().map(|url| url.to_string_lossy());
    let remotes = |repository: &git::Repository| {
        let name = std::str::from_utf8(&remote).ok().filter(|_| named)?;
        tracking(repository, name, url.as_deref())
    };
    judge(&args.common, &updates, &remotes)
}

/// How the refs begin that tell what the remote of this name has, if they do: not where another remote's begin so too,
/// or where it is pushed to another repository than the one that they were fetched from.
fn tracking(repository: &git::Repository, name: &str, url: Option<&str>) -> Option<String> {
    let prefix = format!("{name}/");
    let others = repository.remotes().ok()?;
    if others.iter().flatten().flatten().any(|other| other.starts_with(&prefix)) {
        return None;
    }
    let remote = repository.find_remote(name).ok()?;
    // One is reached by several protocols: what counts is the end, `owner/name`.
    let end = |url: &str| -> Vec<String> {
        let url = url.trim_end_matches('/').trim_end_matches(".git");
        url.rsplit(['/', ':', '\\']).take(2).map(str::to_owned).collect()
    };
    let fetched = remote.url().ok();
    let same = url.is_none_or(|url| fetched.is_some_and(|fetched| end(fetched) == end(url)));
    same.then(|| format!("refs/remotes/{prefix}"))
}

/// What the pre-commit framework tells of a push: it hands on no standard input.
fn framework() -> Result<Option<Update>> {
    if super::variable("PRE_COMMIT").is_none() {
        return Ok(None);
    }
    let to = super::variable("PRE_COMMIT_TO_REF");
    let Some(new) = to.or_else(|| super::variable("PRE_COMMIT_LOCAL_BRANCH")) else {
        bail!("pre-commit does not tell what is pushed; use it at its pre-push stage");
    };
    let name = super::variable("PRE_COMMIT_REMOTE_BRANCH").unwrap_or_default();
    let old = super::variable("PRE_COMMIT_FROM_REF");
    Ok(Some(Update { name: name.into(), new: Some(new), old }))
}

fn receive(common: &Common) -> Result<ExitStatus> {
    // Whatever any ref holds has been taken in before.
    judge(common, &lines(received)?, &|_| Some("refs/".to_owned()))
}

/// Scans what `updates` bring. `known` tells how the refs begin whose history the other side has.
fn judge(
    common: &Common,
    updates: &[Update],
    known: &dyn Fn(&git::Repository) -> Option<String>,
) -> Result<ExitStatus> {
    let place = Place::here()?;
    place.repository()?;
    let repository = git::open(&place.folder, &place.environment)?;
    let known = known(&repository);
    let mut range = Range { repo: &repository, revisions: Vec::new(), since: None, known };
    for update in updates {
        range.revisions.extend(update.new.clone());
        // What someone else has pushed in the meantime is not known here.
        let there = update.old.as_ref().filter(|old| is_commit(&repository, old));
        range.revisions.extend(there.map(|old| format!("^{old}")));
    }
    let set = updates.iter().filter(|update| update.new.is_some()).count();
    let target = format!("{set} pushed {}", if set == 1 { "ref" } else { "refs" });
    let task = Task::new(common, &place, Mode::Hook, target)?;
    let session = &task.session;
    let nothing = set == 0;
    let read = |scanner: &crate::scan::Scanner<'_>| {
        for update in updates {
            name(update, &repository, scanner);
        }
        if nothing { Ok(0) } else { range.run(scanner).map(|tally| tally.commits) }
    };
    let mut outcome = session.read(Reading::default(), read)?;
    describe(&repository, &mut outcome)?;
    let findings = session.judge_commits(&mut outcome, &|path| git::is_gone(&repository, path));
    task.report(outcome, findings)
}

fn is_commit(repository: &git::Repository, name: &str) -> bool {
    repository.revparse_single(name).is_ok_and(|object| object.peel_to_commit().is_ok())
}

/// Hands out the name that a ref gets.
fn name(update: &Update, repository: &git::Repository, scanner: &crate::scan::Scanner<'_>) {
    let id = update.new.as_ref().and_then(|new| repository.revparse_single(new).ok());
    if let Some(object) = id {
        let object = Some(Object { id: object.id().into(), kind: Kind::Ref });
        let origin = Origin { object, ..Origin::default() };
        scanner.blob(Blob { origin, content: Content::Bytes(&update.name), before: None });
    }
}

fn message(args: &MessageArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    let path = &args.file;
    let text =
        std::fs::read(path).map_err(|cause| SourceError::Io { path: path.clone(), cause })?;
    // Where no editor runs git cuts nothing off, whatever the message holds.
    let edited = super::variable("GIT_EDITOR").is_none_or(|editor| editor != ":");
    let kept = if edited { until_scissors(&text) } else { &text };
    let task = Task::new(&args.common, &place, Mode::Hook, "commit message".into())?;
    let session = &task.session;
    let mut outcome = session.read(Reading::default(), |scanner| {
        let origin = Origin { path: Some("commit message".into()), ..Origin::default() };
        scanner.blob(Blob { origin, content: Content::Bytes(kept), before: None });
        Ok(0)
    })?;
    let root = place.root.clone().unwrap_or_else(|| place.folder.clone());
    let findings = session.judge(&mut outcome, &gone_from(root));
    task.report(outcome, findings)
}

/// A message without what `git commit --verbose` shows below it: the whole diff. Comments are kept,
/// for it depends on settings whether git drops them. Git's own scissors stand above another comment; git may keep what
/// is below others.
pub(super) fn until_scissors(text: &[u8]) -> &[u8] {
    const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";
    let mut end = 0;
    for line in text.lines_with_terminator() {
        let bare = line.trim_end_with(|c| c == '\n' || c == '\r');
        let below = &text[end + line.len()..];
        // Before it stands the comment sign, which may be any.
        let sign = bare.strip_suffix(SCISSORS).filter(|sign| (1..=8).contains(&sign.len()));
        if sign.is_some_and(|sign| below.starts_with(sign)) {
            return &text[..end];
        }
        end += line.len();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_from_the_right() {
        let (one, zero) = ("1".repeat(40), "0".repeat(40));
        let line = format!("HEAD@{{1 second ago}} {one} refs/heads/x {zero}");
        let update = pushed(line.as_bytes()).unwrap();
        assert_eq!(
            (update.new, update.old, update.name),
            (Some(one.clone()), None, "refs/heads/x".into())
        );
        let line = format!("{zero} {one} refs/heads/a b");
        assert_eq!(received(line.as_bytes()).unwrap().name, "refs/heads/a b");
        for line in ["", "a b c", "a b c d", &format!("x {one} y 12")] {
            assert!(pushed(line.as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn the_diff_below_a_message_is_cut_off() {
        let cut = format!("{}{} >8 {}\n", "# ", "-".repeat(24), "-".repeat(24));
        let text = format!("subject\n# kept\n{cut}# Do not touch.\nrest");
        assert_eq!(until_scissors(text.as_bytes()), b"subject\n# kept\n");
        let text = format!("subject\n{cut}a line that git keeps\n");
        assert_eq!(until_scissors(text.as_bytes()), text.as_bytes());
        assert_eq!(until_scissors(b"a\n-- >8 --\n"), b"a\n-- >8 --\n");
    }
}
