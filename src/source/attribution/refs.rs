//! A repository's refs.
//!
//! In: a repository. Out: each ref's full name and the object it points at, sorted by name; a note
//! for each ref that is broken.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};

use crate::source::git::Repository;
use crate::source::{ObjectId, SkipReason, Skipped, git};

/// Folders are not entered deeper.
const DEEPEST: usize = 64;

/// A ref.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::source) struct Tip {
    /// Its full name.
    pub(in crate::source) name: BString,
    /// What it points at, and if that is a tag, what this points at, and so on.
    pub(in crate::source) chain: Vec<ObjectId>,
}

/// Lists all refs, and HEAD if it is detached. `tags` leads on from annotated tags.
pub(in crate::source) fn list(
    repo: &Repository,
    tags: &HashMap<ObjectId, ObjectId>,
    skipped: &mut Vec<Skipped>,
) -> Vec<Tip> {
    let mut tips = Vec::new();
    if let Err(cause) = all(repo, tags, &mut tips, skipped) {
        // What was found is still to be told.
        let detail = format!("the list of refs: {}", cause.message());
        skipped.push(Skipped { what: "refs".into(), reason: SkipReason::Corrupt, detail });
    }
    skipped.extend_from_slice(repo.unread());
    if repo.keeps_files() {
        unlisted(repo, &tips, skipped);
    }
    if repo.is_detached() {
        tips.extend(head(repo, skipped).map(|id| tip("HEAD".into(), id, tags)));
    }
    tips.sort();
    tips
}

/// Notes files of refs that libgit2 passes over, since what they say is no ref.
fn unlisted(repo: &Repository, tips: &[Tip], skipped: &mut Vec<Skipped>) {
    let known: BTreeSet<&BString> =
        tips.iter().map(|tip| &tip.name).chain(skipped.iter().map(|s| &s.what)).collect();
    let common = repo.commondir();
    let mut notes = Vec::new();
    for file in files(&common.join("refs"), &mut notes) {
        let name = git::as_bytes(file.strip_prefix(common).unwrap_or(&file));
        if !name.ends_with(b".lock") && !known.contains(&name) && file.exists() {
            notes.push(broken(name, "what it says is no id and no ref"));
        }
    }
    skipped.extend(notes);
}

/// The regular files below a folder; links are not followed, for they may lead anywhere.
pub(in crate::source) fn files(top: &Path, skipped: &mut Vec<Skipped>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut todo = vec![(top.to_path_buf(), 0)];
    while let Some((folder, depth)) = todo.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => continue,
            Err(cause) => {
                let what = git::as_bytes(&folder);
                let detail = cause.to_string();
                skipped.push(Skipped { what, reason: SkipReason::Unreadable, detail });
                continue;
            }
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEEPEST => {
                    todo.push((entry.path(), depth + 1));
                }
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files
}

/// The commit at HEAD, if there is one; a note where it cannot be read.
pub(in crate::source) fn head(repo: &Repository, skipped: &mut Vec<Skipped>) -> Option<ObjectId> {
    match repo.head_commit() {
        Ok(head) => head.map(|head| head.id().into()),
        Err(cause) => {
            let (what, detail) = ("HEAD".into(), cause.to_string());
            skipped.push(Skipped { what, reason: SkipReason::Corrupt, detail });
            None
        }
    }
}

fn all(
    repo: &Repository,
    tags: &HashMap<ObjectId, ObjectId>,
    tips: &mut Vec<Tip>,
    skipped: &mut Vec<Skipped>,
) -> Result<(), git2::Error> {
    for (name, target) in repo.tips()? {
        match target {
            Ok(id) => tips.push(tip(name.clone(), *id, tags)),
            Err(why) => skipped.push(broken(name.clone(), why)),
        }
    }
    Ok(())
}

fn tip(name: BString, id: ObjectId, tags: &HashMap<ObjectId, ObjectId>) -> Tip {
    let mut chain = vec![id];
    let mut at = id;
    // Ids that lie could make a circle of tags.
    while let Some(&next) = tags.get(&at)
        && !chain.contains(&next)
        && chain.len() < 64
    {
        chain.push(next);
        at = next;
    }
    Tip { name, chain }
}

fn broken(name: BString, detail: &str) -> Skipped {
    Skipped {
        what: name,
        reason: SkipReason::Missing,
        detail: format!("a broken ref: {}", detail.as_bytes().as_bstr()),
    }
}
