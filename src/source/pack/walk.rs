//! The tour through a pack: every wanted object, each base before its deltas.
//!
//! In: a pack. Out: calls of a [`Walk`]. Trees of deltas are taken in pack order from a shared
//! cursor; a thread walks its tree depth-first with a stack of its own and keeps an object's bytes
//! only until its last delta has been applied.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::delta::Delta;
use super::entry::{Header, Type};
use super::file::{Positioned, Tail, Window};
use super::inflate::Inflater;
use super::layout::{Layout, NONE, Place, usize_of};
use super::memory::{Budget, Buffer, Memory};
use super::stream::Announced;
use super::{Fault, Pack};
use crate::source::ObjectId;

/// Trees that a thread takes at a time, at most; neighbours share a window of the file.
const BATCH: usize = 32;
/// Bytes read to see an entry's header: for most entries that is all there is to read.
const HEAD: u64 = 64 << 10;

/// What visiting an object gives: the object, if deltas need it.
type Visited<W> = Result<Option<Frame<<W as Walk>::Note>>, Fault>;

/// What takes the objects of a store.
///
/// Objects come with what they were made from, so that a reader which needs only what changed can
/// keep notes on a base and look only at the bytes that a delta inserts.
pub trait Walk: Sync {
    /// What one thread collects.
    type Worker: Send;
    /// What is kept of an object while its deltas are visited.
    type Note;

    /// Starts a thread's work.
    fn worker(&self) -> Self::Worker;
    /// Whether objects of this type are to be read.
    fn wants(&self, kind: Type) -> bool;
    /// Takes one object, and notes what its deltas should know of it.
    fn enter(&self, worker: &mut Self::Worker, node: Node<'_, Self::Note>) -> Self::Note;
    /// Whether to give up.
    fn stopped(&self) -> bool;
}

/// An object on a tour.
pub struct Node<'a, N> {
    /// Its id.
    pub id: ObjectId,
    /// Its type.
    pub kind: Type,
    /// Its bytes.
    pub body: Body<'a>,
    /// What it was made from, where the base was visited too.
    pub derived: Option<Derived<'a, N>>,
    /// Whether others are made from it: without, nobody asks for the note.
    pub base: bool,
}

impl<'a, N> Node<'a, N> {
    /// An object that was not made from another.
    pub(crate) const fn whole(id: ObjectId, kind: Type, body: Body<'a>) -> Self {
        Self { id, kind, body, derived: None, base: false }
    }
}

/// An object's bytes.
pub enum Body<'a> {
    /// All of them.
    Bytes(&'a [u8]),
    /// A reader, for an object that is too large for memory.
    Stream(&'a mut dyn std::io::Read),
}

/// How an object was made from another.
pub struct Derived<'a, N> {
    /// What was noted about the base.
    pub base: &'a N,
    /// What to copy from it and what to insert.
    pub delta: Delta<'a>,
}

/// One tour: which objects, with what.
pub(crate) struct Tour<'t, W: Walk> {
    pub(crate) pack: &'t Pack,
    pub(crate) walk: &'t W,
    /// Whether the object in a row of the index is to be handed out.
    pub(crate) accept: &'t (dyn Fn(u32) -> bool + Sync),
    pub(crate) budget: &'t Budget,
    pub(crate) threads: usize,
}

/// What a tour brings home: the threads' collections and the objects that could not be read.
pub(crate) type Yield<W> = (Vec<<W as Walk>::Worker>, Vec<(ObjectId, Fault)>);

/// Walks through a pack.
///
/// # Errors
/// A [`Fault`] where the pack as a whole cannot be read or is not the one that the index describes;
/// what can be read is visited all the same.
pub(crate) fn tour<W: Walk>(tour: &Tour<'_, W>) -> (Yield<W>, Result<(), Fault>) {
    match tour.pack.opened(tour.budget, tour.threads) {
        Ok(opened) => over(tour, &opened.file, &opened.layout),
        Err(cause) => ((Vec::new(), Vec::new()), Err(Fault::unreadable(&cause))),
    }
}

/// Walks through the few entries that `rows` are made from; no other row is accepted.
///
/// # Errors
/// As [`tour`].
pub(crate) fn tour_of<W: Walk>(tour: &Tour<'_, W>, rows: &[u32]) -> (Yield<W>, Result<(), Fault>) {
    match Positioned::open(&tour.pack.path) {
        Ok(file) => over(tour, &file, &Layout::of(&file, tour.pack.index(), rows)),
        Err(cause) => ((Vec::new(), Vec::new()), Err(Fault::unreadable(&cause))),
    }
}

/// Walks through a layout of a pack.
fn over<W: Walk>(
    tour: &Tour<'_, W>,
    file: &Positioned,
    layout: &Layout,
) -> (Yield<W>, Result<(), Fault>) {
    let whole = check_frame(file, tour.pack);
    let leads = layout.leading(tour.accept);
    let wanted: Vec<_> = layout
        .roots
        .iter()
        .copied()
        .filter(|root| leads[usize_of(root.0)] && tour.walk.wants(root.1))
        .collect();
    let cursor = AtomicUsize::new(0);
    let batch = BATCH.min(wanted.len() / (4 * tour.threads.max(1))).max(1);
    let threads = tour.threads.clamp(1, wanted.len().div_ceil(batch).max(1));
    let run = || {
        let mut walker = Walker::new(tour, (layout, &leads), file);
        walker.run(&wanted, batch, &cursor);
        (walker.worker, walker.failed)
    };
    let (mut workers, mut failed) = (Vec::new(), lost(tour, layout));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        for thread in threads {
            let (worker, faults) = thread.join().unwrap_or_else(|panic| {
                std::panic::resume_unwind(panic);
            });
            workers.push(worker);
            failed.extend(faults);
        }
    });
    ((workers, failed), whole)
}

/// Whether a pack is the one that its index describes, by its head and checksum.
///
/// # Errors
/// A [`Fault`] where it is not.
pub(crate) fn check(pack: &Pack) -> Result<(), Fault> {
    let file = Positioned::open(&pack.path).map_err(|cause| Fault::unreadable(&cause))?;
    check_frame(&file, pack)
}

/// Objects whose entries no tour gets to. Their type is unknown, so any tour misses them.
fn lost<W: Walk>(tour: &Tour<'_, W>, layout: &Layout) -> Vec<(ObjectId, Fault)> {
    let rows = layout.lost.iter().map(|(place, fault)| (layout.rows[usize_of(*place)], fault));
    rows.filter(|(row, _)| (tour.accept)(*row))
        .map(|(row, fault)| (tour.pack.index().id(row), fault.clone()))
        .collect()
}

/// Compares a pack's head and checksum with its index.
fn check_frame(file: &Positioned, pack: &Pack) -> Result<(), Fault> {
    let read = |out: &mut [u8], at| file.read(out, at).map_err(|cause| Fault::unreadable(&cause));
    let mut head = [0; 12];
    read(&mut head, 0)?;
    let count = pack.index().count().to_be_bytes();
    if &head[..4] != b"PACK" || !matches!(head[4..8], [0, 0, 0, 2 | 3]) || head[8..] != count {
        return Err(Fault::corrupt("the pack's head does not match its index"));
    }
    let mut checksum = vec![0; pack.index().format().width()];
    read(&mut checksum, file.len().saturating_sub(pack.trailer()))?;
    if checksum != pack.index().pack_checksum() {
        return Err(Fault::corrupt("the pack is not the one its index describes"));
    }
    Ok(())
}

/// An object whose deltas are being visited.
struct Frame<N> {
    buffer: Buffer,
    note: Option<N>,
    /// The next delta to visit.
    next: Place,
}

/// One thread on a tour.
struct Walker<'t, W: Walk> {
    tour: &'t Tour<'t, W>,
    layout: &'t Layout,
    /// For each place whether it, or what is made from it, is to be handed out.
    leads: &'t [bool],
    file: &'t Positioned,
    window: Window<'t>,
    inflater: Inflater,
    memory: Memory<'t>,
    worker: W::Worker,
    failed: Vec<(ObjectId, Fault)>,
}

impl<'t, W: Walk> Walker<'t, W> {
    fn new(
        tour: &'t Tour<'t, W>,
        (layout, leads): (&'t Layout, &'t [bool]),
        file: &'t Positioned,
    ) -> Self {
        Self {
            tour,
            layout,
            leads,
            file,
            window: Window::new(file),
            inflater: Inflater::new(),
            memory: Memory::new(tour.budget),
            worker: tour.walk.worker(),
            failed: Vec::new(),
        }
    }

    fn run(&mut self, roots: &[(Place, Type)], batch: usize, cursor: &AtomicUsize) {
        loop {
            let start = cursor.fetch_add(batch, Ordering::Relaxed);
            let Some(rest) = roots.get(start..) else {
                return;
            };
            if rest.is_empty() {
                return;
            }
            for &(place, kind) in rest.iter().take(batch) {
                self.tree(place, kind);
                self.window.shrink();
                if self.tour.walk.stopped() {
                    return;
                }
            }
        }
    }

    /// Visits a whole object and all that is made from it.
    fn tree(&mut self, root: Place, kind: Type) {
        let mut stack = Vec::new();
        match self.root(root, kind) {
            Ok(Some(frame)) => stack.push(frame),
            Ok(None) => {}
            Err(fault) => self.fail(root, &fault),
        }
        while let Some(top) = stack.last_mut() {
            let place = top.next;
            if place == NONE || self.tour.walk.stopped() {
                let frame = stack.pop().expect("a frame was on top");
                self.memory.release(frame.buffer);
                continue;
            }
            top.next = self.layout.next_sibling(place);
            let entered =
                if self.leads[usize_of(place)] { self.delta(place, kind, top) } else { Ok(None) };
            if top.next == NONE {
                // Its last delta is applied: let the bytes go before descending.
                let frame = stack.pop().expect("a frame was on top");
                self.memory.release(frame.buffer);
            }
            match entered {
                Ok(Some(frame)) => stack.push(frame),
                Ok(None) => {}
                Err(fault) => self.fail(place, &fault),
            }
        }
    }

    /// Reads and visits a whole object.
    fn root(&mut self, place: Place, kind: Type) -> Visited<W> {
        let header = self.header(place)?;
        let leaf = self.layout.first_child(place) == NONE;
        if kind == Type::Blob && self.tour.budget.streams(header.size, leaf) {
            return self.stream(place, &header);
        }
        let mut buffer = self.memory.reserve(header.size)?;
        if let Err(fault) = self.inflate(place, header.len, &mut buffer) {
            self.memory.release(buffer);
            return Err(fault);
        }
        let note = self.enter(place, kind, Body::Bytes(buffer.bytes()), None);
        Ok(self.keep(place, buffer, note))
    }

    /// Makes an object from the one in `base`, and visits it.
    fn delta(&mut self, place: Place, kind: Type, base: &Frame<W::Note>) -> Visited<W> {
        let header = self.header(place)?;
        let mut script = self.memory.reserve(header.size)?;
        let visited = match self.inflate(place, header.len, &mut script) {
            Ok(()) => self.apply(place, kind, base, script.bytes()),
            Err(fault) => Err(fault),
        };
        self.memory.release(script);
        visited
    }

    fn apply(
        &mut self,
        place: Place,
        kind: Type,
        base: &Frame<W::Note>,
        script: &[u8],
    ) -> Visited<W> {
        let delta = Delta::parse(script)?;
        let mut buffer = self.memory.reserve(delta.len())?;
        if let Err(fault) = delta.apply(base.buffer.bytes(), buffer.bytes_mut()) {
            self.memory.release(buffer);
            return Err(fault);
        }
        let derived = base.note.as_ref().map(|base| Derived { base, delta });
        let note = self.enter(place, kind, Body::Bytes(buffer.bytes()), derived);
        Ok(self.keep(place, buffer, note))
    }

    /// Hands an object out that is too large for memory. Deltas against it cannot be made.
    fn stream(&mut self, place: Place, header: &Header) -> Visited<W> {
        let mut range = self.layout.range(place);
        range.start += header.len as u64;
        let mut reader = Announced::inflating(Tail::new(self.file, range), header.size);
        self.enter(place, Type::Blob, Body::Stream(&mut reader), None);
        reader.finish()?;
        let mut child = self.layout.first_child(place);
        while child != NONE {
            self.fail(child, &Fault::budget("its delta's base is too large for memory"));
            child = self.layout.next_sibling(child);
        }
        Ok(None)
    }

    /// Hands an object out, unless it is not wanted from this pack.
    fn enter<'a>(
        &mut self,
        place: Place,
        kind: Type,
        body: Body<'a>,
        derived: Option<Derived<'a, W::Note>>,
    ) -> Option<W::Note> {
        let row = self.layout.rows[usize_of(place)];
        if !(self.tour.accept)(row) {
            return None;
        }
        let id = self.tour.pack.index().id(row);
        let base = self.layout.first_child(place) != NONE;
        let node = Node { id, kind, body, derived, base };
        Some(self.tour.walk.enter(&mut self.worker, node))
    }

    /// Keeps an object's bytes if deltas need them.
    fn keep(
        &mut self,
        place: Place,
        buffer: Buffer,
        note: Option<W::Note>,
    ) -> Option<Frame<W::Note>> {
        let next = self.layout.first_child(place);
        if next == NONE {
            self.memory.release(buffer);
            return None;
        }
        Some(Frame { buffer, note, next })
    }

    fn header(&mut self, place: Place) -> Result<Header, Fault> {
        let range = self.layout.range(place);
        let bytes = self
            .window
            .get(range.start..range.end.min(range.start + HEAD))
            .map_err(|cause| Fault::unreadable(&cause))?;
        Header::parse(bytes, self.tour.pack.index().format())
    }

    /// Inflates the entry at `place`, whose header has `skip` bytes, and checks its CRC.
    fn inflate(&mut self, place: Place, skip: usize, out: &mut Buffer) -> Result<(), Fault> {
        let range = self.layout.range(place);
        if range.end - range.start > self.tour.budget.large() as u64 {
            return Err(Fault::budget("its compressed bytes are too large for memory"));
        }
        let raw = self.window.get(range).map_err(|cause| Fault::unreadable(&cause))?;
        let row = self.layout.rows[usize_of(place)];
        let crc = self.tour.pack.index().crc(row);
        if crc.is_some_and(|crc| crc != crc32fast::hash(raw)) {
            return Err(Fault::corrupt("its bytes do not match the index's checksum"));
        }
        let zlib = raw.get(skip..).ok_or_else(|| Fault::corrupt("an entry's header is cut off"))?;
        self.inflater.whole(zlib, out.bytes_mut())
    }

    /// Notes that the object at `place` and all that are made from it cannot be read.
    fn fail(&mut self, place: Place, fault: &Fault) {
        let mut todo = vec![place];
        while let Some(place) = todo.pop() {
            let row = self.layout.rows[usize_of(place)];
            if (self.tour.accept)(row) {
                let id = self.tour.pack.index().id(row);
                self.failed.push((id, fault.clone()));
            }
            let mut child = self.layout.first_child(place);
            while child != NONE {
                todo.push(child);
                child = self.layout.next_sibling(child);
            }
        }
    }
}
