//! Joins the stages: bytes from a source are decoded, searched and judged.
//!
//! In: blobs, from many threads. Out: [`Sighting`]s and the counts of the receipt. A blob is read in windows
//! that share [`CONTEXT`] bytes with their neighbours, so that memory does not grow with the file and a
//! window's seam loses nothing.

use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::decode::Chunk;
use crate::decode::charset::Charset;
use crate::detect::{CONTEXT, Detector};
use crate::source::pack::Derived;
use crate::source::{Blob, Content, Follower, Origin, SkipReason, Skipped, Visitor};
use crate::text::Span;
use crate::verdict::finding::Sighting;
use crate::verdict::policy::Policy;

mod blob;
mod follow;
mod lines;
mod novelty;
mod pairs;
mod search;
mod version;

use blob::{BlobScan, Window};
pub use follow::Note;
use novelty::Novelty;

/// Bytes of a window that are new to it.
const WINDOW: usize = 4 << 20;
/// Takes blobs in and collects what is found in them.
pub struct Scanner<'s> {
    detector: &'s Detector,
    policy: &'s Policy,
    stop: &'s AtomicBool,
    reading: Reading,
    buffers: Mutex<Vec<Vec<u8>>>,
    found: Mutex<Found>,
    blobs: AtomicU64,
    bytes: AtomicU64,
}

/// What a scan has collected.
#[derive(Debug, Default)]
pub struct Found {
    /// Matches, in no order.
    pub sightings: Vec<Sighting>,
    /// Inputs that were not scanned, in no order.
    pub skipped: Vec<Skipped>,
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
            blobs: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
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
        self.found.into_inner().expect(UNPOISONED)
    }

    /// Reads a blob of any size in windows.
    fn stream(&self, reader: &mut dyn Read, scan: &mut BlobScan<'_, '_>) -> std::io::Result<()> {
        let free = self.buffers.lock().expect(UNPOISONED).pop();
        // Zeroed by the system where it is first touched: a small blob touches a page or two.
        let mut buffer = free.unwrap_or_else(|| vec![0; WINDOW + 2 * CONTEXT]);
        let result = self.windows(reader, &mut buffer, scan);
        self.buffers.lock().expect(UNPOISONED).push(buffer);
        result
    }

    /// Takes home what the scan of a blob has found.
    fn close(&self, mut scan: BlobScan<'_, '_>, outcome: std::io::Result<()>) {
        scan.pair();
        let BlobScan { sightings, bytes, budget, novelty, container, origin, .. } = scan;
        self.blobs.fetch_add(u64::from(outcome.is_ok()), Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if !sightings.is_empty() {
            self.found.lock().expect(UNPOISONED).sightings.extend(sightings);
        }
        let skip = |reason, detail: String| {
            self.skip(Skipped { what: label(origin), reason, detail });
        };
        if let Err(cause) = outcome {
            skip(SkipReason::Unreadable, cause.to_string());
        }
        if let Some(format) = container {
            skip(SkipReason::Packed, format!("{format} is searched as it stands, not opened"));
        }
        if budget.exceeded() {
            skip(SkipReason::TooDeep, "decoded up to the depth and byte budget".into());
        }
        if let Some(cause) = novelty.and_then(Novelty::fault) {
            skip(SkipReason::Missing, format!("earlier version: {cause}; all of it counts as new"));
        }
    }

    fn windows(
        &self,
        reader: &mut dyn Read,
        buffer: &mut [u8],
        scan: &mut BlobScan<'_, '_>,
    ) -> std::io::Result<()> {
        let (mut filled, mut own) = (0, 0);
        let mut head = true;
        loop {
            let (end, outcome) = fill(reader, buffer, filled);
            filled = end;
            let tail = filled < buffer.len();
            let until = if tail { filled } else { filled - CONTEXT };
            scan.window(&Window { raw: &buffer[..filled], own: Span::new(own, until), head, tail });
            outcome?;
            if tail || self.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let keep = until - CONTEXT;
            scan.leave(&buffer[..keep], buffer[keep]);
            buffer.copy_within(keep..filled, 0);
            filled -= keep;
            own = CONTEXT;
            head = false;
        }
    }
}

const UNPOISONED: &str = "no thread panics while it holds the lock";

/// Fills `buffer` from `from` on; returns where the bytes end, and what went wrong if something did.
fn fill(reader: &mut dyn Read, buffer: &mut [u8], from: usize) -> (usize, std::io::Result<()>) {
    let mut filled = from;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return (filled, Err(e)),
        }
    }
    (filled, Ok(()))
}

impl Visitor for Scanner<'_> {
    fn blob(&self, mut blob: Blob<'_>) {
        let content = std::mem::replace(&mut blob.content, Content::Bytes(&[]));
        let mut scan = BlobScan::new(self, &blob);
        let outcome = match content {
            Content::Bytes(raw) => {
                let own = Span::new(0, raw.len());
                scan.window(&Window { raw, own, head: true, tail: true });
                Ok(())
            }
            Content::Stream(reader) => self.stream(reader, &mut scan),
        };
        self.close(scan, outcome);
    }

    fn skip(&self, skipped: Skipped) {
        self.found.lock().expect(UNPOISONED).skipped.push(skipped);
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
        let mut scan = BlobScan::new(self, &blob);
        if scan.open(raw) != Charset::Utf8OrBytes || !self.detector.is_local(raw.len()) {
            drop(scan);
            self.blob(blob);
            return None;
        }
        let chunk = Chunk::whole(raw);
        let before = if self.reading.plain_objects { None } else { derived };
        let (hits, note) = follow::read(self.detector, &chunk, before, base, &mut scan.budget);
        scan.bytes += raw.len() as u64;
        scan.settle(&chunk, hits);
        self.close(scan, Ok(()));
        note
    }
}

/// What an input is called in the receipt.
fn label(origin: &Origin) -> bstr::BString {
    match (&origin.path, &origin.object) {
        (Some(path), _) => path.clone(),
        (None, Some(object)) => object.id.to_string().into(),
        (None, None) => "standard input".into(),
    }
}
