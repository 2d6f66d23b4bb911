//! What the history names and the store does not hold.
//!
//! In: what a pass over all trees has found. Out: a note for each missing object, or one with their
//! number where that is how the repository was cloned.

use std::collections::BTreeSet;
use std::path::Path;

use crate::source::{ObjectId, SkipReason, Skipped};

/// More missing objects than this are counted, not named.
const NAMED: usize = 1000;

/// What is named and not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct Absent {
    /// Folders that a commit or another folder names.
    pub(in crate::source) folders: BTreeSet<ObjectId>,
    /// Files that a folder names.
    pub(in crate::source) files: BTreeSet<ObjectId>,
}

/// Tells what is missing. `partial` is a clone that leaves out what can be fetched later.
pub(super) fn tell(absent: &Absent, partial: bool, skipped: &mut Vec<Skipped>) {
    let Absent { folders, files } = absent;
    let count = folders.len() + files.len();
    let missing = |what: String, detail: String| Skipped {
        what: what.into(),
        reason: SkipReason::Missing,
        detail,
    };
    if partial {
        if count > 0 {
            let objects = if count == 1 { "1 object".into() } else { format!("{count} objects") };
            let detail = format!("partial clone: {objects} not fetched, not scanned");
            skipped.push(missing("objects".into(), detail));
        }
        return;
    }
    let folders = folders.iter().map(|id| (id, "a folder that a commit or another folder names"));
    let blobs = files.iter().map(|id| (id, "a file that a folder names"));
    let named = folders.chain(blobs).take(NAMED);
    skipped.extend(named.map(|(id, detail)| missing(id.to_string(), detail.to_owned())));
    if count > NAMED {
        let detail = format!("{} further objects that folders name", count - NAMED);
        skipped.push(missing("objects".into(), detail));
    }
}

/// Whether the configuration of the repository at `folder` says that it is a partial clone.
pub(super) fn is_promised(folder: &Path) -> bool {
    let promised = || {
        let config = git2::Config::open(&folder.join("config"))?;
        let mut entries = config.entries(Some(
            r"^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$",
        ))?;
        Ok::<_, git2::Error>(entries.next().is_some())
    };
    promised().unwrap_or(false)
}
