//! What a range of commits introduces.
//!
//! In: revisions as git writes them (`main..HEAD`, `^v1`, `a...b`) and a date. Out: for each commit
//! every blob that none of its parents has at that path, merge resolutions included, and the
//! commit's own text. Replacement refs are not followed, for a push does not follow them either.

mod changes;

use std::collections::BTreeSet;

use git2::{Odb, Oid, Repository};

use self::changes::{Change, Changes};
use super::commit;
use super::git::{load, unread};
use super::history::{Tally, cut_off};
use super::{Blob, Content, Kind, Object, Origin, SourceError, Visitor};

/// The source for a scan of some commits.
pub struct Range<'r> {
    /// Where the commits are.
    pub repo: &'r Repository,
    /// What to scan, as for `git log`; all refs and HEAD where there is none.
    pub revisions: Vec<String>,
    /// Only commits committed at or after this time, in seconds since 1970.
    pub since: Option<i64>,
}

impl Range<'_> {
    /// Hands to `visitor` what the commits introduce.
    ///
    /// # Errors
    /// [`SourceError::Git`] where a revision cannot be resolved or the history cannot be walked.
    pub fn run(&self, visitor: &dyn Visitor) -> Result<Tally, SourceError> {
        let odb = self.repo.odb();
        let mut tour = Tour {
            repo: self.repo,
            odb: odb.map_err(|cause| failed("objects", cause))?,
            visitor,
            tally: Tally::default(),
        };
        let (commits, tags) = self.commits()?;
        for tag in tags {
            tour.text(tag, Kind::Tag);
        }
        let ends = cut_off(self.repo.commondir())?;
        for id in commits {
            if visitor.stopped() {
                break;
            }
            if let Some(end) = ends.iter().find(|end| end.what == id.to_string().as_str()) {
                visitor.skip(end.clone());
            }
            tour.commit(id);
        }
        Ok(tour.tally)
    }

    /// The commits of the range, newest first, and the annotated tags that were named.
    ///
    /// # Errors
    /// [`SourceError::Git`] where a revision cannot be resolved or the history cannot be walked.
    pub fn commits(&self) -> Result<(Vec<Oid>, BTreeSet<Oid>), SourceError> {
        let mut tags = BTreeSet::new();
        let mut walk = self.repo.revwalk().map_err(|cause| failed("history", cause))?;
        if self.revisions.is_empty() {
            walk.push_glob("*").map_err(|cause| failed("refs", cause))?;
            if let Some(head) = commit::head(self.repo)? {
                walk.push(head.id()).map_err(|cause| failed("HEAD", cause))?;
            }
        }
        for revision in &self.revisions {
            self.add(revision, &mut walk, &mut tags).map_err(|cause| failed(revision, cause))?;
        }
        let mut commits = Vec::new();
        for id in walk {
            let id = id.map_err(|cause| failed("history", cause))?;
            if self.recent(id) {
                commits.push(id);
            }
        }
        Ok((commits, tags))
    }

    /// Adds one revision or range to the walk.
    fn add(
        &self,
        revision: &str,
        walk: &mut git2::Revwalk<'_>,
        tags: &mut BTreeSet<Oid>,
    ) -> Result<(), git2::Error> {
        fn or_head(name: &str) -> &str {
            if name.is_empty() { "HEAD" } else { name }
        }
        if let Some((left, right)) = revision.split_once("...") {
            let left = self.resolve(or_head(left), tags)?;
            let right = self.resolve(or_head(right), tags)?;
            walk.push(left)?;
            walk.push(right)?;
            match self.repo.merge_bases(left, right) {
                Ok(bases) => bases.iter().try_for_each(|base| walk.hide(*base))?,
                // Histories that share nothing have no base.
                Err(cause) if cause.code() == git2::ErrorCode::NotFound => {}
                Err(cause) => return Err(cause),
            }
            return Ok(());
        }
        if let Some((left, right)) = revision.split_once("..") {
            walk.hide(self.resolve(or_head(left), &mut BTreeSet::new())?)?;
            return walk.push(self.resolve(or_head(right), tags)?);
        }
        match revision.strip_prefix('^') {
            Some(hidden) => walk.hide(self.resolve(hidden, &mut BTreeSet::new())?),
            None => walk.push(self.resolve(revision, tags)?),
        }
    }

    /// The commit that a name stands for; notes the annotated tags on the way.
    fn resolve(&self, name: &str, tags: &mut BTreeSet<Oid>) -> Result<Oid, git2::Error> {
        let mut object = self.repo.revparse_single(name)?;
        while let Some(tag) = object.as_tag() {
            tags.insert(tag.id());
            let target = tag.target()?;
            object = target;
        }
        Ok(object.peel_to_commit()?.id())
    }

    /// Whether a commit is new enough. One that cannot be read is kept, to be told about.
    fn recent(&self, id: Oid) -> bool {
        let Some(since) = self.since else {
            return true;
        };
        let commit = self.repo.find_commit(id);
        commit.map_or(true, |commit| commit.time().seconds() >= since)
    }
}

fn failed(what: &str, cause: git2::Error) -> SourceError {
    SourceError::Git { what: what.to_owned(), cause }
}

/// A walk under way.
struct Tour<'t> {
    repo: &'t Repository,
    odb: Odb<'t>,
    visitor: &'t dyn Visitor,
    tally: Tally,
}

impl Tour<'_> {
    /// Hands out a commit's text and what it introduces.
    fn commit(&mut self, id: Oid) {
        self.text(id, Kind::Commit);
        let commit = match self.repo.find_commit(id) {
            Ok(commit) => commit,
            Err(cause) => return self.visitor.skip(unread(id, &cause)),
        };
        let mut before = Vec::new();
        for parent in commit.parent_ids() {
            match self.repo.find_commit(parent) {
                Ok(parent) => before.push(parent.tree_id()),
                Err(cause) => self.visitor.skip(unread(parent, &cause)),
            }
        }
        let changes = Changes::new(self.repo, commit.tree_id(), before);
        for change in changes {
            match change {
                Ok(change) => self.blob(id, &change),
                Err(skipped) => self.visitor.skip(skipped),
            }
            if self.visitor.stopped() {
                return;
            }
        }
    }

    /// Hands out the text of a commit or tag.
    fn text(&mut self, id: Oid, kind: Kind) {
        let origin = Origin {
            path: None,
            inner: None,
            object: Some(Object { id: id.into(), kind }),
            commit: (kind == Kind::Commit).then(|| id.into()),
        };
        match load(&self.odb, id) {
            Ok(object) => self.visitor.blob(Blob {
                origin,
                content: Content::Bytes(object.data()),
                before: None,
            }),
            Err(skipped) => return self.visitor.skip(skipped),
        }
        match kind {
            Kind::Commit => self.tally.commits += 1,
            Kind::Tag => self.tally.tags += 1,
            Kind::Blob => {}
        }
    }

    fn blob(&mut self, commit: Oid, change: &Change) {
        let object = match load(&self.odb, change.blob) {
            Ok(object) => object,
            Err(skipped) => return self.visitor.skip(skipped),
        };
        let before = || {
            let mut versions = Vec::with_capacity(change.before.len());
            for &id in &change.before {
                let object = load(&self.odb, id).map_err(|skipped| {
                    SourceError::Broken(format!("object {id}: {}", skipped.detail))
                })?;
                versions.push(object.data().to_vec());
            }
            Ok(versions)
        };
        self.visitor.blob(Blob {
            origin: Origin {
                path: Some(change.path.clone()),
                inner: None,
                object: Some(Object { id: change.blob.into(), kind: Kind::Blob }),
                commit: Some(commit.into()),
            },
            content: Content::Bytes(object.data()),
            before: (!change.before.is_empty()).then_some(&before),
        });
        self.tally.blobs += 1;
    }
}
