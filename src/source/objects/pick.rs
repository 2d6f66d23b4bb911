//! Reading what an earlier scan has not seen.
//!
//! In: a store, and the objects that are known. Out: every other one, once. Where nearly all of
//! a pack is known, only what the few others are made from is toured.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::Store;
use crate::source::ObjectId;
use crate::source::ledger::Seen;
use crate::source::pack::{Fault, Tour, Type, Walk, Yield, check, tour, tour_of};

/// Objects that a thread takes at a time.
const BATCH: usize = 16;
/// All of a pack is toured if more than one object of so many is to be read.
const FEW: usize = 128;

impl Store {
    /// Keeps of `seen`, which is sorted, what is still there.
    #[must_use]
    pub fn still(&self, seen: Vec<Seen>) -> Vec<Seen> {
        let mut there = vec![false; seen.len()];
        for pack in &self.packs {
            both(pack.index().ids(), &seen, |_, at| there[at] = true);
        }
        both(self.loose.iter().copied(), &seen, |_, at| there[at] = true);
        if there.iter().all(|there| *there) {
            return seen;
        }
        seen.into_iter().zip(there).filter_map(|(seen, there)| there.then_some(seen)).collect()
    }

    /// All objects but those `asked` for, which are sorted, as if they had been seen.
    #[must_use]
    pub fn all_but(&self, asked: &[Seen]) -> Vec<Seen> {
        let packed = self.packs.iter().flat_map(|pack| pack.index().ids());
        let all = packed.chain(self.loose.iter().copied());
        let others = all.filter(|id| asked.binary_search_by_key(id, |seen| seen.id).is_err());
        // Of what is passed over nobody asks the type.
        let mut rest: Vec<Seen> =
            others.map(|id| Seen { id, kind: Type::Blob, bytes: 0 }).collect();
        rest.sort_unstable_by_key(|seen| seen.id);
        rest.dedup_by_key(|seen| seen.id);
        rest
    }

    /// Marks the rows of packs that are `seen`.
    pub(super) fn hide(&self, seen: &[Seen], hidden: &mut [Vec<bool>]) {
        for (pack, hidden) in self.packs.iter().zip(hidden) {
            hidden.resize(usize::try_from(pack.index().count()).unwrap_or(usize::MAX), false);
            both(pack.index().ids(), seen, |row, _| hidden[row] = true);
        }
    }
}

/// Visits what a tour accepts, with a small one where that is next to nothing.
pub(super) fn few<W: Walk>(whole: &Tour<'_, W>) -> (Yield<W>, Result<(), Fault>) {
    let pack = whole.pack;
    let rows: Vec<u32> = (0..pack.index().count()).filter(|row| (whole.accept)(*row)).collect();
    if rows.is_empty() {
        return ((Vec::new(), Vec::new()), check(pack));
    }
    if rows.len() > usize::try_from(pack.index().count()).unwrap_or(0) / FEW {
        return tour(whole);
    }
    tour_of(whole, &rows)
}

/// Visits each of `todo` in some thread; brings home what the threads collected, and what failed.
pub(super) fn spread<T: Sync, F: Send, W: Walk>(
    todo: &[T],
    threads: usize,
    walk: &W,
    visit: impl Fn(&T, &mut W::Worker) -> Result<(), F> + Sync,
) -> (Vec<W::Worker>, Vec<F>) {
    let cursor = AtomicUsize::new(0);
    let run = || {
        let mut worker = walk.worker();
        let mut failed = Vec::new();
        while let Some(rest) = todo.get(cursor.fetch_add(BATCH, Ordering::Relaxed)..) {
            if rest.is_empty() || walk.stopped() {
                break;
            }
            let taken = rest.iter().take(BATCH);
            failed.extend(taken.filter_map(|one| visit(one, &mut worker).err()));
        }
        (worker, failed)
    };
    let threads = threads.clamp(1, todo.len().div_ceil(BATCH).max(1));
    let found: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().map(join).collect()
    });
    let (workers, failed): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    (workers, failed.into_iter().flatten().collect())
}

/// Calls `found` with the positions of all that is in both of two sorted lists.
fn both(ids: impl Iterator<Item = ObjectId>, seen: &[Seen], mut found: impl FnMut(usize, usize)) {
    let mut at = 0;
    for (row, id) in ids.enumerate() {
        while seen.get(at).is_some_and(|seen| seen.id < id) {
            at += 1;
        }
        if seen.get(at).is_some_and(|seen| seen.id == id) {
            found(row, at);
        }
    }
}
