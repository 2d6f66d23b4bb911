//! A repository's refs.
//!
//! In: a repository. Out: each ref's full name and the object it points at, sorted by name; a note
//! for each ref that is broken.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};

use crate::source::{ObjectId, SkipReason, Skipped, SourceError, commit};

/// A ref.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tip {
    /// Its full name.
    pub(super) name: BString,
    /// What it points at, and if that is a tag, what this points at, and so on.
    pub(super) chain: Vec<ObjectId>,
}

/// All refs, and HEAD where it is on no branch; `tags` tells what annotated tags point at.
pub(super) fn list(
    repo: &git2::Repository,
    tags: &HashMap<ObjectId, ObjectId>,
    skipped: &mut Vec<Skipped>,
) -> Result<Vec<Tip>, SourceError> {
    let failed = |cause| SourceError::Git { what: "the list of refs".to_owned(), cause };
    let mut tips = Vec::new();
    for reference in repo.references().map_err(failed)? {
        let reference = reference.map_err(failed)?;
        let name = BString::from(reference.name_bytes());
        let target = reference.resolve().map(|direct| direct.target());
        match target {
            Ok(Some(id)) => tips.push(tip(name, id.into(), tags)),
            Ok(None) => skipped.push(broken(name, "it points at no object")),
            Err(cause) => skipped.push(broken(name, cause.message())),
        }
    }
    if repo.head_detached().map_err(failed)?
        && let Some(head) = commit::head(repo)?
    {
        tips.push(tip("HEAD".into(), head.id().into(), tags));
    }
    tips.sort();
    Ok(tips)
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
