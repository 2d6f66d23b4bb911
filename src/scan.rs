//! Joins the stages: bytes from a source are decoded, searched and judged.
//!
//! In: blobs, from many threads. Out: [`Sighting`]s and the counts of the receipt. A blob is read in windows
//! that share bytes with their neighbours, so that memory does not grow with the file and a window's seam loses
//! nothing. The windows of a long one are searched by several threads (`frames`).

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::decode::Chunk;
use crate::decode::charset::{self, Charset};
use crate::decode::container::{self, Format, Meter};
use crate::detect::Detector;
use crate::source::pack::Derived;
use crate::source::{Blob, Content, Follower, Kind, Object, SkipReason, Skipped, Visitor};
use crate::text::Span;
use crate::verdict::finding::Sighting;
use crate::verdict::policy::Policy;

mod blob;
mod follow;
mod frames;
mod lines;
mod novelty;
mod pairs;
mod search;
mod unpack;
mod version;

use blob::{BlobScan, Window};
pub use follow::Note;
use frames::Frame;
use novelty::Novelty;
use unpack::Part;

/// Takes blobs in and collects what is found in them.
pub struct Scanner<'s> {
    detector: &'s Detector,
    policy: &'s Policy,
    stop: &'s AtomicBool,
    reading: Reading,
    buffers: Mutex<Vec<Vec<u8>>>,
    found: Mutex<Found>,
    read: Mutex<Vec<(Object, u64)>>,
    blobs: AtomicU64,
    bytes: AtomicU64,
    excluded: AtomicU64,
}

/// What a scan has collected.
#[derive(Debug, Default)]
pub struct Found {
    /// Matches, in no order.
    pub sightings: Vec<Sighting>,
    /// Inputs that were not scanned, in no order.
    pub skipped: Vec<Skipped>,
    /// Objects that were read as a whole and how many bytes of each, in no order; if that was asked for.
    pub read: Vec<(Object, u64)>,
    /// Files and folders that the user excludes.
    pub excluded: u64,
}

/// How a [`Scanner`] reads.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Report all of a changed file, not only what the change introduces.
    pub whole_file: bool,
    /// Paths come later, by attribution.
    pub paths_later: bool,
    /// Keep the lines that a match stands on, for baselines that hash them.
    pub keep_lines: bool,
    /// Read every version as a whole, whatever it was made from.
    pub plain_objects: bool,
    /// List the objects that were read.
    pub list: bool,
    /// How many threads search the windows of a long file; the one that reads it, if that is 0.
    pub threads: usize,
}

impl<'s> Scanner<'s> {
    /// A scanner that stops when `stop` is set.
    #[must_use]
    pub fn new(
        detector: &'s Detector,
        policy: &'s Policy,
        stop: &'s AtomicBool,
        reading: Reading,
    ) -> Self {
        Self {
            detector,
            policy,
            stop,
            reading,
            buffers: Mutex::default(),
            found: Mutex::default(),
            read: Mutex::default(),
            blobs: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            excluded: AtomicU64::new(0),
        }
    }

    /// Blobs scanned so far.
    #[must_use]
    pub fn blobs(&self) -> u64 {
        self.blobs.load(Ordering::Relaxed)
    }

    /// Bytes scanned so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// What was collected.
    ///
    /// # Panics
    /// Never: no thread panics while it holds the lock.
    #[must_use]
    pub fn finish(self) -> Found {
        let mut found = self.found.into_inner().expect(UNPOISONED);
        found.read = self.read.into_inner().expect(UNPOISONED);
        found.excluded = self.excluded.into_inner();
        found
    }

    /// Reads a blob of any size in windows, or what is packed in it.
    fn stream(&self, part: &Part<'_>, reader: &mut dyn Read) {
        let mut buffer = self.buffer();
        let (filled, outcome) = frames::fill(reader, &mut buffer, 0);
        let format = container::detect(&buffer[..filled]);
        if let Some(format) = format.filter(|&format| part.opens(format)) {
            let rest = Rest { outcome: Some(outcome), reader };
            self.open(part, format, &mut buffer[..filled].chain(rest));
            self.put_away(buffer);
        } else {
            let mut scan = BlobScan::new(self, part);
            let outcome = self.windows(reader, Frame::first(buffer, filled, outcome), &mut scan);
            self.close(scan, part, outcome);
        }
    }

    /// Reads a blob that is at hand, or what is packed in it.
    fn whole(&self, part: &Part<'_>, raw: &[u8]) {
        let format = container::detect(raw);
        if let Some(format) = format.filter(|&format| part.opens(format)) {
            return self.open(part, format, &mut part.meter.file(&mut &raw[..]));
        }
        let mut scan = BlobScan::new(self, part);
        let own = Span::new(0, raw.len());
        scan.window(&Window { raw, own, head: true, tail: true });
        self.close(scan, part, Ok(()));
    }

    /// Reads a blob so that a panic, in one of the crates that unpack or in this one, ends no more than the reading of
    /// this blob. What it says may quote the blob, so the receipt does not.
    fn contain<T>(&self, part: &Part<'_>, read: impl FnOnce() -> T) -> Option<T> {
        let outcome = catch_unwind(AssertUnwindSafe(read)).ok();
        if outcome.is_none() {
            let detail = "leakstop failed on it; please report that".to_owned();
            let what = part.origin.label();
            self.skip(Skipped { what, reason: SkipReason::Corrupt, detail });
        }
        outcome
    }

    /// Takes home what the scan of a blob has found.
    fn close(&self, mut scan: BlobScan<'_, '_>, part: &Part<'_>, outcome: std::io::Result<()>) {
        scan.pair();
        let BlobScan { sightings, bytes, budget, novelty, container, .. } = scan;
        self.tally(part, bytes, outcome.is_ok());
        if !sightings.is_empty() {
            self.found.lock().expect(UNPOISONED).sightings.extend(sightings);
        }
        let skip = |reason, detail: String| {
            self.skip(Skipped { what: part.origin.label(), reason, detail });
        };
        if let Err(cause) = outcome
            && let Some(fault) = part.explain(&cause)
        {
            skip(fault.reason, fault.detail);
        }
        match container {
            Some(Format::Closed(name)) => {
                skip(SkipReason::Packed, format!("{name} is searched as it stands, not opened"));
            }
            Some(_) if part.is_too_deep() => {
                skip(SkipReason::TooDeep, "in too many containers to be opened".into());
            }
            _ => {}
        }
        if budget.exceeded() {
            skip(SkipReason::TooDeep, "decoded up to the depth and byte budget".into());
        }
        if let Some(cause) = novelty.and_then(Novelty::fault) {
            skip(SkipReason::Missing, format!("earlier version: {cause}; all of it counts as new"));
        }
    }

    /// Counts a blob, but not what is packed in one. The texts of commits and tags, and names, are none; their bytes
    /// count.
    fn tally(&self, part: &Part<'_>, bytes: u64, whole: bool) {
        if part.depth == 0 {
            let is_blob = part.origin.object.is_none_or(|object| object.kind == Kind::Blob);
            self.blobs.fetch_add(u64::from(whole && is_blob), Ordering::Relaxed);
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
            if let Some(object) = part.origin.object.filter(|_| whole && self.reading.list) {
                self.read.lock().expect(UNPOISONED).push((object, bytes));
            }
        }
    }

    /// Searches the windows of a blob, the first of which has been read.
    fn windows(
        &self,
        reader: &mut dyn Read,
        first: Frame,
        scan: &mut BlobScan<'_, '_>,
    ) -> std::io::Result<()> {
        let mut frames = vec![first];
        loop {
            while let Some(last) = frames.last()
                && !last.is_last()
                && frames.len() < frames::ahead(self.reading.threads)
            {
                let next = last.next(self.buffer(), reader);
                frames.push(next);
            }
            scan.windows(&frames);
            let last = frames.pop().expect("there was one, and more were added");
            for frame in frames.drain(..) {
                self.put_away(frame.end().0);
            }
            if last.is_last() || self.stop.load(Ordering::Relaxed) {
                let (buffer, outcome) = last.end();
                self.put_away(buffer);
                return outcome;
            }
            let (leaving, next) = last.leaving();
            scan.leave(leaving, next);
            frames.push(last.next(self.buffer(), reader));
            self.put_away(last.end().0);
        }
    }

    /// A buffer for a window. Zeroed by the system where it is first touched: a small blob touches a page or two.
    fn buffer(&self) -> Vec<u8> {
        let free = self.buffers.lock().expect(UNPOISONED).pop();
        free.unwrap_or_else(|| vec![0; frames::ROOM])
    }

    fn put_away(&self, buffer: Vec<u8>) {
        self.buffers.lock().expect(UNPOISONED).push(buffer);
    }
}

const UNPOISONED: &str = "no thread panics while it holds the lock";

impl Visitor for Scanner<'_> {
    fn blob(&self, blob: Blob<'_>) {
        let meter = Meter::default();
        let Blob { origin, content, before } = blob;
        let part =
            Part { origin, before, via: Vec::new(), depth: 0, is_opened: false, meter: &meter };
        self.contain(&part, || match content {
            Content::Bytes(raw) => self.whole(&part, raw),
            Content::Stream(reader) => self.stream(&part, &mut meter.file(reader)),
        });
    }

    fn skip(&self, skipped: Skipped) {
        self.found.lock().expect(UNPOISONED).skipped.push(skipped);
    }

    fn exclude(&self) {
        self.excluded.fetch_add(1, Ordering::Relaxed);
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Follower for Scanner<'_> {
    type Note = Note;

    fn follow(
        &self,
        blob: Blob<'_>,
        derived: Option<Derived<'_, Option<Note>>>,
        base: bool,
    ) -> Option<Note> {
        let Content::Bytes(raw) = blob.content else {
            self.blob(blob);
            return None;
        };
        let plain =
            charset::detect(raw) == Charset::Utf8OrBytes && container::detect(raw).is_none();
        if !plain || !self.detector.is_local(raw.len()) {
            self.blob(blob);
            return None;
        }
        let meter = Meter::default();
        let Blob { origin, before: replaced, .. } = blob;
        let part = Part {
            origin,
            before: replaced,
            via: Vec::new(),
            depth: 0,
            is_opened: false,
            meter: &meter,
        };
        let note = self.contain(&part, || {
            let mut scan = BlobScan::new(self, &part);
            scan.begin(raw, Charset::Utf8OrBytes);
            let chunk = Chunk::whole(raw);
            let before = if self.reading.plain_objects { None } else { derived };
            let (hits, note) = follow::read(self.detector, &chunk, before, base, &mut scan.budget);
            scan.bytes += raw.len() as u64;
            scan.settle(&chunk, hits);
            self.close(scan, &part, Ok(()));
            note
        });
        note.flatten()
    }
}

/// What follows the part of an input that was read, the error that ended it first.
struct Rest<'r> {
    outcome: Option<std::io::Result<()>>,
    reader: &'r mut dyn Read,
}

impl Read for Rest<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.outcome.take().unwrap_or(Ok(()))?;
        self.reader.read(out)
    }
}
