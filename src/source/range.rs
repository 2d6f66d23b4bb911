//! What a range of commits introduces.
//!
//! In: revisions as git writes them (`main..HEAD`, `^v1`, `a...b`) and a date. Out: for each commit
//! every blob that none of its parents has at that path, merge resolutions included, and the
//! commit's own text. Replacement refs are not followed, for a push does not follow them either.

mod changes;
mod recent;

use std::collections::BTreeSet;

use git2::{ObjectType, Odb, Oid};

use self::changes::{Change, Changes};
use super::commit::Links;
use super::git::{Repository, load, unread};
use super::history::{self, Tally};
use super::names::announce;
use super::{Blob, Content, Kind, Object, Origin, SourceError, Visitor};

/// The source for a scan of some commits.
pub struct Range<'r> {
    /// Where the commits are.
    pub repo: &'r Repository,
    /// What to scan, as for `git log`; all refs and HEAD where there is none.
    pub revisions: Vec<String>,
    /// Only commits committed at or after this time, in seconds since 1970.
    pub since: Option<i64>,
    /// Commits that refs reach whose names start so are left out.
    pub known: Option<String>,
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
            grafted: history::is_grafted(self.repo.commondir()),
        };
        for skipped in self.repo.unread() {
            visitor.skip(skipped.clone());
        }
        let Chosen { commits, tags, others } = self.choose()?;
        for tag in tags {
            tour.text(tag, Kind::Tag);
        }
        for other in others {
            tour.other(other);
        }
        let ends = history::cut_off(self.repo.commondir())?;
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

    /// The commits of the range, newest first, and what else was named.
    fn choose(&self) -> Result<Chosen, SourceError> {
        let mut ends = Ends::default();
        let commits = |prefix| self.repo.commits(prefix).map_err(|cause| failed("refs", cause));
        if self.revisions.is_empty() {
            ends.shown = commits("refs/")?;
            ends.shown.extend(self.repo.head_commit()?.map(|head| head.id()));
        }
        if let Some(prefix) = &self.known {
            ends.hidden = commits(prefix)?;
        }
        for revision in &self.revisions {
            self.add(revision, &mut ends).map_err(|cause| refused(revision, cause))?;
        }
        let commits = match self.since {
            Some(moment) if ends.hidden.is_empty() => self.recent_only(&ends, moment)?,
            _ => self.walked(&ends)?,
        };
        Ok(Chosen { commits, tags: ends.tags, others: ends.others })
    }

    /// The commits that a walk gives; those that are too old left out.
    fn walked(&self, ends: &Ends) -> Result<Vec<Oid>, SourceError> {
        let mut walk = self.repo.revwalk().map_err(|cause| failed("history", cause))?;
        ends.feed(&mut walk).map_err(|cause| failed("history", cause))?;
        let grafted = history::is_grafted(self.repo.commondir());
        let own = if grafted { Some(self.without_grafts(ends)?) } else { None };
        let ids: &mut dyn Iterator<Item = Result<Oid, git2::Error>> = match own {
            Some(ids) => &mut ids.into_iter().map(Ok),
            None => &mut walk,
        };
        let mut commits = Vec::new();
        for id in ids {
            let id = id.map_err(|cause| failed("history", cause))?;
            if self.recent(id) {
                commits.push(id);
            }
        }
        Ok(commits)
    }

    /// The commits that are new enough, without a look at most of the others.
    fn recent_only(&self, ends: &Ends, moment: i64) -> Result<Vec<Oid>, SourceError> {
        let odb = self.repo.odb().map_err(|cause| failed("objects", cause))?;
        let shallow = history::shallow(self.repo.commondir())?.into_iter().collect();
        Ok(recent::since(&odb, ends.shown.clone(), &shallow, moment))
    }

    /// The commits of the range as their own texts connect them. libgit2's walk follows grafts, and
    /// a push does not.
    fn without_grafts(&self, ends: &Ends) -> Result<Vec<Oid>, SourceError> {
        let (mut shown, mut todo) = (ends.shown.clone(), ends.hidden.clone());
        let odb = self.repo.odb().map_err(|cause| failed("objects", cause))?;
        let mut seen: BTreeSet<Oid> = BTreeSet::new();
        let mut order = Vec::new();
        while let Some(id) = todo.pop() {
            if seen.insert(id) {
                todo.extend(links(&odb, id).unwrap_or_default());
            }
        }
        while let Some(id) = shown.pop() {
            if seen.insert(id) {
                order.push(id);
                // One that cannot be read is told about when its changes are looked for.
                shown.extend(links(&odb, id).unwrap_or_default());
            }
        }
        Ok(order)
    }

    /// Adds one revision or range to the walk.
    fn add(&self, revision: &str, ends: &mut Ends) -> Result<(), git2::Error> {
        fn or_head(name: &str) -> &str {
            if name.is_empty() { "HEAD" } else { name }
        }
        if let Some((left, right)) = revision.split_once("...") {
            let left = self.show(or_head(left), ends)?;
            let right = self.show(or_head(right), ends)?;
            if let (Some(left), Some(right)) = (left, right) {
                match self.repo.merge_bases(left, right) {
                    Ok(bases) => ends.hidden.extend(bases.iter()),
                    // Histories that share nothing have no base.
                    Err(cause) if cause.code() == git2::ErrorCode::NotFound => {}
                    Err(cause) => return Err(cause),
                }
            }
        } else if let Some((left, right)) = revision.split_once("..") {
            ends.hidden.push(self.commit(or_head(left))?);
            self.show(or_head(right), ends)?;
        } else if let Some(hidden) = revision.strip_prefix('^') {
            ends.hidden.push(self.commit(hidden)?);
        } else {
            self.show(revision, ends)?;
        }
        Ok(())
    }

    fn commit(&self, name: &str) -> Result<Oid, git2::Error> {
        Ok(self.repo.revparse_single(name)?.peel_to_commit()?.id())
    }

    /// Adds what a name stands for, and the annotated tags on the way; returns it if it is a commit.
    fn show(&self, name: &str, ends: &mut Ends) -> Result<Option<Oid>, git2::Error> {
        let mut object = self.repo.revparse_single(name)?;
        while let Some(tag) = object.as_tag() {
            ends.tags.insert(tag.id());
            let target = tag.target()?;
            object = target;
        }
        let id = object.id();
        let is_commit = object.kind() == Some(ObjectType::Commit);
        if is_commit {
            ends.shown.push(id);
        } else {
            ends.others.push(id);
        }
        Ok(is_commit.then_some(id))
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

/// What is to be scanned.
struct Chosen {
    commits: Vec<Oid>,
    tags: BTreeSet<Oid>,
    /// Trees and blobs that were named, as a tag may do.
    others: Vec<Oid>,
}

/// Where a walk begins, and what it leaves out.
#[derive(Default)]
struct Ends {
    shown: Vec<Oid>,
    hidden: Vec<Oid>,
    tags: BTreeSet<Oid>,
    others: Vec<Oid>,
}

impl Ends {
    fn feed(&self, walk: &mut git2::Revwalk<'_>) -> Result<(), git2::Error> {
        self.shown.iter().try_for_each(|id| walk.push(*id))?;
        self.hidden.iter().try_for_each(|id| walk.hide(*id))
    }
}

/// The parents that a commit's text names; `None` where it cannot be read.
fn links(odb: &Odb<'_>, id: Oid) -> Option<Vec<Oid>> {
    let object = load(odb, id).ok()?;
    let links = Links::parse(object.data())?;
    Some(links.parents.into_iter().map(Oid::from).collect())
}

fn failed(what: &str, cause: git2::Error) -> SourceError {
    SourceError::Git { what: what.to_owned(), cause }
}

/// What to do about a revision that git does not know here.
fn refused(revision: &str, cause: git2::Error) -> SourceError {
    let hint = match cause.code() {
        git2::ErrorCode::NotFound => {
            "no such commit here; fetch it (a shallow clone ends early: git fetch --unshallow, fetch-depth: 0 in CI)"
        }
        git2::ErrorCode::InvalidSpec => "no revision; write A, A..B, A...B or ^A",
        _ => return failed(revision, cause),
    };
    SourceError::Broken(format!("{revision}: {hint}"))
}

/// A walk under way.
struct Tour<'t> {
    repo: &'t Repository,
    odb: Odb<'t>,
    visitor: &'t dyn Visitor,
    tally: Tally,
    /// Whether grafts are in place.
    grafted: bool,
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
        for parent in self.parents(id, &commit) {
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

    /// Hands out a blob, or all blobs of a tree, that no commit of the range need hold.
    fn other(&mut self, id: Oid) {
        if self.repo.find_tree(id).is_err() {
            return self.text(id, Kind::Blob);
        }
        for change in Changes::new(self.repo, id, Vec::new()) {
            match change {
                Ok(change) => self.text(change.blob, Kind::Blob),
                Err(skipped) => self.visitor.skip(skipped),
            }
        }
    }

    /// The parents that a commit's own text names: grafts, which libgit2 follows, change them.
    fn parents(&self, id: Oid, commit: &git2::Commit<'_>) -> Vec<Oid> {
        let known = || commit.parent_ids().collect();
        if !self.grafted {
            return known();
        }
        links(&self.odb, id).unwrap_or_else(known)
    }

    /// Hands out an object's text.
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
            _ => self.tally.blobs += 1,
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
        let origin = Origin {
            path: Some(change.path.clone()),
            inner: None,
            object: Some(Object { id: change.blob.into(), kind: Kind::Blob }),
            commit: Some(commit.into()),
        };
        if change.before.is_empty() {
            announce(&origin, self.visitor);
        }
        self.visitor.blob(Blob {
            origin,
            content: Content::Bytes(object.data()),
            before: (!change.before.is_empty()).then_some(&before),
        });
        self.tally.blobs += 1;
    }
}
