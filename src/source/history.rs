//! Everything that a repository's object store holds.
//!
//! In: a [`Store`]. Out: every blob, commit and tag once, whatever refers to it: branches, tags,
//! stashes, notes, reflogs or nothing at all. Paths and commits are found later, for what was found.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use bstr::ByteSlice;

use super::attribution::refs::{self, Tip};
use super::commit;
use super::git::Repository;
use super::ledger::Seen;
use super::objects::Store;
use super::pack::{Body, Node, Type, Walk};
use super::{
    Blob, Content, Follower, Kind, Object, ObjectId, Origin, SkipReason, Skipped, SourceError,
};

/// The source for a scan of all history.
#[derive(Debug)]
pub struct History<'s> {
    /// Where the objects are.
    pub store: &'s Store,
    /// How many threads read them.
    pub threads: usize,
    /// Objects that are known from an earlier scan and are not read again, sorted.
    pub seen: &'s [Seen],
}

/// What was handed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Blobs.
    pub blobs: u64,
    /// Commits.
    pub commits: u64,
    /// Annotated tags.
    pub tags: u64,
}

impl History<'_> {
    /// Hands every object that holds text to `visitor`, and notes where the history is cut off.
    ///
    /// # Errors
    /// [`SourceError`] where the repository's shallow boundary cannot be read.
    pub fn run(&self, repo: &Repository, visitor: &impl Follower) -> Result<Tally, SourceError> {
        for skipped in cut_off(repo.commondir())? {
            visitor.skip(skipped);
        }
        let tally = self.texts(visitor);
        for skipped in self.absent(repo) {
            visitor.skip(skipped);
        }
        Ok(tally)
    }

    /// Hands the objects out alone.
    pub fn texts(&self, visitor: &impl Follower) -> Tally {
        let walk = Texts { visitor, counts: [const { AtomicU64::new(0) }; 3] };
        for skipped in self.store.each_but(self.seen, self.threads, &walk).skipped {
            visitor.skip(skipped);
        }
        let [blobs, commits, tags] = walk.counts.map(AtomicU64::into_inner);
        Tally { blobs, commits, tags }
    }

    /// Refs whose objects are not there; what folders name and is not there, attribution tells.
    fn absent(&self, repo: &Repository) -> Vec<Skipped> {
        let mut skipped = Vec::new();
        let missing = |what, detail| Skipped { what, reason: SkipReason::Missing, detail };
        let _ = refs::head(repo, &mut skipped);
        let tips = refs::list(repo, &HashMap::new(), &mut skipped);
        for Tip { name, chain } in tips {
            let gone = chain.into_iter().find(|id| !self.store.contains(*id));
            skipped.extend(gone.map(|id| missing(name, format!("a ref to {id}, which is gone"))));
        }
        skipped
    }
}

/// Hands objects on as blobs.
struct Texts<'v, V> {
    visitor: &'v V,
    counts: [AtomicU64; 3],
}

impl<V: Follower> Walk for Texts<'_, V> {
    type Worker = ();
    type Note = Option<V::Note>;

    fn worker(&self) {}

    fn wants(&self, kind: Type) -> bool {
        kind.text().is_some()
    }

    fn enter(&self, (): &mut (), node: Node<'_, Self::Note>) -> Self::Note {
        let kind = node.kind.text()?;
        let count = match kind {
            Kind::Blob => 0,
            Kind::Commit => 1,
            _ => 2,
        };
        self.counts[count].fetch_add(1, Ordering::Relaxed);
        let content = match node.body {
            Body::Bytes(bytes) => Content::Bytes(bytes),
            Body::Stream(reader) => Content::Stream(reader),
        };
        let origin = Origin { object: Some(Object { id: node.id, kind }), ..Origin::default() };
        self.visitor.follow(Blob { origin, content, before: None }, node.derived, node.base)
    }

    fn stopped(&self) -> bool {
        self.visitor.stopped()
    }
}

/// Where the history of the repository at `folder` is cut off: the boundaries of a shallow clone.
///
/// # Errors
/// [`SourceError::Io`] where git's note of it cannot be read.
pub fn cut_off(folder: &Path) -> Result<Vec<Skipped>, SourceError> {
    let boundaries = shallow(folder)?
        .into_iter()
        .map(|id| (id, "a shallow clone's history ends at this commit"));
    let skipped = boundaries.map(|(id, detail)| Skipped {
        what: id.to_string().into(),
        reason: SkipReason::Shallow,
        detail: detail.to_owned(),
    });
    Ok(skipped.collect())
}

/// Whether the repository at `folder` has grafts.
pub(super) fn is_grafted(folder: &Path) -> bool {
    ids(&folder.join("info/grafts")).is_ok_and(|ids| !ids.is_empty())
}

/// The commits at which the history of a shallow clone ends.
pub(super) fn shallow(folder: &Path) -> Result<Vec<ObjectId>, SourceError> {
    ids(&folder.join("shallow"))
}

/// The ids at the starts of a file's lines; none where there is no file.
fn ids(path: &Path) -> Result<Vec<ObjectId>, SourceError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => {
            let path = path.to_path_buf();
            return Err(SourceError::Io { path, cause });
        }
    };
    let words = text.lines().filter_map(|line| line.fields().next());
    Ok(words.filter_map(commit::id).collect())
}
