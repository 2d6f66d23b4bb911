//! A repository's object store: packs, loose objects, alternates and quarantines.
//!
//! In: a repository or its object folders. Out: every object once, however many copies there are,
//! or single objects by id. What cannot be read in any copy comes back as [`Skipped`].

mod folders;
mod limit;
mod loose;
mod pick;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use self::loose::Loose;
use super::git::Repository;
use super::ledger::Seen;
use super::pack::{Body, Budget, Fault, Node, Pack, Tour, Type, Walk, tour};
use super::{Format, ObjectId, Skipped, SourceError};

/// All objects of a repository.
#[derive(Debug)]
pub struct Store {
    folders: Vec<PathBuf>,
    packs: Vec<Pack>,
    /// Loose objects, sorted; one may be in several folders.
    loose: Vec<ObjectId>,
    /// What could not even be opened.
    skipped: Vec<Skipped>,
    budget: Budget,
    format: Format,
    /// For each pack the rows whose object comes earlier, once that was asked.
    shadowed: OnceLock<Vec<Vec<bool>>>,
}

/// What reading a store brings home.
#[derive(Debug)]
pub struct Survey<T> {
    /// What the threads collected.
    pub workers: Vec<T>,
    /// What could not be read, sorted.
    pub skipped: Vec<Skipped>,
}

/// Objects that could not be read so far: another copy may be better.
type Failed = BTreeMap<ObjectId, Fault>;

impl Store {
    /// Opens a repository's objects; `quarantine` are further folders, such as those that hold what
    /// is being pushed.
    ///
    /// # Errors
    /// [`SourceError`] where an object folder is not there.
    pub fn open(repo: &Repository, quarantine: &[PathBuf]) -> Result<Self, SourceError> {
        let mut folders = vec![repo.commondir().join("objects")];
        folders.extend_from_slice(quarantine);
        Self::at(&folders, repo.object_format().into())
    }

    /// Opens object folders and their alternates.
    ///
    /// # Errors
    /// [`SourceError`] where one of `folders` is not there.
    pub fn at(folders: &[PathBuf], format: Format) -> Result<Self, SourceError> {
        let (folders, skipped) = folders::gather(folders)?;
        let mut store = Self {
            folders,
            packs: Vec::new(),
            loose: Vec::new(),
            skipped,
            budget: Budget::new(limit::OBJECTS),
            format,
            shadowed: OnceLock::new(),
        };
        for folder in store.folders.clone() {
            loose::list(&folder, format, &mut store.loose, &mut store.skipped);
            store.open_packs(&folder.join("pack"));
        }
        store.loose.sort_unstable();
        store.loose.dedup();
        // The largest first, for it holds most; by path for the same order everywhere.
        store.packs.sort_by(|a, b| {
            let by_count = b.index().count().cmp(&a.index().count());
            by_count.then_with(|| a.path().cmp(b.path()))
        });
        Ok(store)
    }

    /// Limits the memory for objects to about `bytes` (and an eighth of it for each thread).
    #[must_use]
    pub fn with_budget(mut self, bytes: usize) -> Self {
        self.budget = Budget::new(bytes);
        self
    }

    /// How long its ids are.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Visits every object of a wanted type once, with `threads` threads.
    pub fn each<W: Walk>(&self, threads: usize, walk: &W) -> Survey<W::Worker> {
        self.each_but(&[], threads, walk)
    }

    /// Visits every object of a wanted type once that is not among those `seen`, which are sorted.
    pub fn each_but<W: Walk>(&self, seen: &[Seen], threads: usize, walk: &W) -> Survey<W::Worker> {
        let mut shadowed = self.shadowed.get_or_init(|| self.find_shadowed()).clone();
        if !seen.is_empty() {
            self.hide(seen, &mut shadowed);
        }
        let mut failed = Failed::new();
        let mut workers = Vec::new();
        let mut skipped = self.skipped.clone();
        for (pack, shadowed) in self.packs.iter().zip(&shadowed) {
            let accept = |row: u32| {
                let row_at = usize::try_from(row).unwrap_or(usize::MAX);
                shadowed.get(row_at) != Some(&true) || failed.contains_key(&pack.index().id(row))
            };
            let whole = Tour { pack, walk, accept: &accept, budget: &self.budget, threads };
            let (found, whole) = if seen.is_empty() { tour(&whole) } else { pick::few(&whole) };
            workers.extend(found.0);
            if let Err(fault) = whole {
                skipped.push(fault.about(folders::bytes(pack.path())));
            }
            failed.retain(|&id, _| pack.index().find(id).is_none());
            failed.extend(found.1);
        }
        let known = |id: ObjectId| seen.binary_search_by_key(&id, |seen| seen.id).is_ok();
        let packed = |id: ObjectId| self.packs.iter().any(|pack| pack.index().find(id).is_some());
        let todo: Vec<ObjectId> = self
            .loose
            .iter()
            .copied()
            .filter(|&id| failed.contains_key(&id) || !(packed(id) || known(id)))
            .collect();
        let visit = |id: &ObjectId, worker: &mut W::Worker| {
            self.visit_loose(*id, walk, worker).map_err(|fault| (*id, fault))
        };
        let (found, faults) = pick::spread(&todo, threads, walk, visit);
        for id in todo {
            failed.remove(&id);
        }
        workers.extend(found);
        failed.extend(faults);
        skipped.extend(failed.into_iter().map(|(id, fault)| fault.about(id.to_string())));
        skipped.sort();
        Survey { workers, skipped }
    }

    /// Lets go of the packs that are kept in memory for another visit.
    pub fn close(&self) {
        self.packs.iter().for_each(|pack| pack.close(&self.budget));
    }

    /// Whether there is an object of this id, readable or not.
    #[must_use]
    pub fn contains(&self, id: ObjectId) -> bool {
        let packed = self.packs.iter().any(|pack| pack.index().find(id).is_some());
        packed || self.loose.binary_search(&id).is_ok()
    }

    /// Whether a pack was fetched by a partial clone, which leaves out what can be fetched later.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.packs.iter().any(|pack| pack.path().with_extension("promisor").exists())
    }

    /// Reads one object; `None` where there is none of this id.
    ///
    /// # Errors
    /// [`SourceError`] where no copy of it can be read.
    pub fn read(&self, id: ObjectId) -> Result<Option<(Type, Vec<u8>)>, SourceError> {
        let mut broken = None;
        for pack in &self.packs {
            match pack.read(id) {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(fault) => broken = Some(fault),
            }
        }
        match self.read_loose(id) {
            Ok(None) => {}
            Ok(found) => return Ok(found),
            Err(fault) => broken = Some(fault),
        }
        match broken {
            Some(fault) => Err(SourceError::Broken(format!("object {id}: {}", fault.detail))),
            None => Ok(None),
        }
    }

    fn read_loose(&self, id: ObjectId) -> Result<Option<(Type, Vec<u8>)>, Fault> {
        let Some(loose) = self.open_loose(id)? else {
            return Ok(None);
        };
        if self.budget.streams(loose.size, false) {
            return Err(Fault::budget("too large for memory"));
        }
        Ok(Some((loose.kind, loose.bytes()?)))
    }

    /// Opens a loose object in the first folder where it has a head.
    fn open_loose(&self, id: ObjectId) -> Result<Option<Loose>, Fault> {
        let mut broken = None;
        for folder in &self.folders {
            match Loose::open(folder, id, self.format) {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(fault) => broken = Some(fault),
            }
        }
        broken.map_or(Ok(None), Err)
    }

    fn open_packs(&mut self, folder: &Path) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return,
            Err(cause) => {
                let fault = Fault::unreadable(&cause);
                return self.skipped.push(fault.about(folders::bytes(folder)));
            }
        };
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(cause) => {
                    let fault = Fault::unreadable(&cause);
                    self.skipped.push(fault.about(folders::bytes(folder)));
                    continue;
                }
            };
            self.open_pack(&path);
        }
    }

    /// Takes a pack in by its index. A pack without one is no part of the store for git, but it
    /// holds objects all the same.
    fn open_pack(&mut self, path: &Path) {
        let ends = |end| path.extension().is_some_and(|found| found == end);
        if ends("idx") {
            match Pack::open(path, self.format) {
                Ok(pack) => self.packs.push(pack),
                Err(fault) => self.skipped.push(fault.about(folders::bytes(path))),
            }
        } else if ends("pack") && !path.with_extension("idx").exists() {
            let fault = Fault {
                reason: super::SkipReason::Unreadable,
                detail: "a pack without an index; git index-pack makes one".into(),
            };
            self.skipped.push(fault.about(folders::bytes(path)));
        }
    }

    /// For each pack the rows whose object comes earlier: in another pack or row.
    fn find_shadowed(&self) -> Vec<Vec<bool>> {
        let indexes = self.packs.iter().map(Pack::index);
        let mut shadowed: Vec<Vec<bool>> = indexes
            .clone()
            .map(|index| {
                let mut last = None;
                let repeats = |id| last.replace(id) == Some(id);
                index.ids().map(repeats).collect()
            })
            .collect();
        if self.packs.len() < 2 {
            // Mostly none is, and then nobody needs to look.
            shadowed.iter_mut().filter(|rows| !rows.contains(&true)).for_each(Vec::clear);
            return shadowed;
        }
        let mut rows: Vec<(ObjectId, usize, usize)> = indexes
            .enumerate()
            .flat_map(|(at, index)| (0..).zip(index.ids()).map(move |(row, id)| (id, at, row)))
            .collect();
        // Made of sorted runs, which this sort merges.
        rows.sort();
        for pair in rows.windows(2) {
            if pair[0].0 == pair[1].0 {
                shadowed[pair[1].1][pair[1].2] = true;
            }
        }
        shadowed
    }

    /// Visits one loose object, in the first folder where it can be read.
    fn visit_loose<W: Walk>(
        &self,
        id: ObjectId,
        walk: &W,
        worker: &mut W::Worker,
    ) -> Result<(), Fault> {
        let mut broken = Fault {
            reason: super::SkipReason::Missing,
            detail: "it was there a moment ago".into(),
        };
        for folder in &self.folders {
            match Loose::open(folder, id, self.format) {
                Ok(None) => {}
                Ok(Some(loose)) if !walk.wants(loose.kind) => return Ok(()),
                Ok(Some(loose)) => match hand_out(id, loose, &self.budget, walk, worker) {
                    Ok(()) => return Ok(()),
                    Err(fault) => broken = fault,
                },
                Err(fault) => broken = fault,
            }
        }
        Err(broken)
    }
}

fn hand_out<W: Walk>(
    id: ObjectId,
    mut loose: Loose,
    budget: &Budget,
    walk: &W,
    worker: &mut W::Worker,
) -> Result<(), Fault> {
    let kind = loose.kind;
    if !budget.streams(loose.size, true) {
        let bytes = loose.bytes()?;
        walk.enter(worker, Node::whole(id, kind, Body::Bytes(&bytes)));
        return Ok(());
    }
    if kind != Type::Blob {
        return Err(Fault::budget("too large for memory"));
    }
    walk.enter(worker, Node::whole(id, kind, Body::Stream(&mut loose.body)));
    loose.body.finish()
}
