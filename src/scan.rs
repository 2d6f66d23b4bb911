//! Joins the stages: bytes from a source are decoded, searched and judged.
//!
//! In: blobs, from many threads. Out: [`Sighting`]s and the counts of the receipt. A blob is read in windows
//! that share [`CONTEXT`] bytes with their neighbours, so that memory does not grow with the file and a
//! window's seam loses nothing.

use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::decode::charset::{self, Charset};
use crate::decode::container::{self, Format, Meter};
use crate::decode::{self, Budget, Chunk, Map};
use crate::detect::{CONTEXT, Detector, Match, pair, resolve};
use crate::source::{Blob, Content, Origin, SkipReason, Skipped, Visitor};
use crate::text::{Cursor, Position, Secret, Span};
use crate::verdict::finding::{Place, Reason, Sighting, Verdict};
use crate::verdict::inline;
use crate::verdict::policy::Policy;

mod lines;
mod novelty;
mod pairs;
mod unpack;

use lines::Lines;
use novelty::Novelty;
use pairs::Half;
use unpack::Part;

/// Bytes of a window that are new to it.
const WINDOW: usize = 4 << 20;
/// Bytes of a line that are searched for an inline comment on either side of a match.
const LINE: usize = 4 << 10;

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
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Report all of a changed file, not only what the change introduces.
    pub whole_file: bool,
    /// Paths come later, by attribution.
    pub paths_later: bool,
    /// Keep the lines that a match stands on, for baselines that hash them.
    pub keep_lines: bool,
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

    /// Reads a blob of any size in windows, or what is packed in it.
    fn stream(&self, part: &Part<'_>, reader: &mut dyn Read) {
        let free = self.buffers.lock().expect(UNPOISONED).pop();
        // Zeroed by the system where it is first touched: a small blob touches a page or two.
        let mut buffer = free.unwrap_or_else(|| vec![0; WINDOW + 2 * CONTEXT]);
        let (filled, outcome) = fill(reader, &mut buffer, 0);
        let format = container::detect(&buffer[..filled]);
        if let Some(format) = format.filter(|&format| part.opens(format)) {
            let rest = Rest { outcome: Some(outcome), reader };
            self.open(part, format, &mut buffer[..filled].chain(rest));
        } else {
            let mut scan = BlobScan::new(self, part);
            let outcome = self.windows(reader, (&mut buffer, filled, outcome), &mut scan);
            self.close(scan, part, outcome);
        }
        self.buffers.lock().expect(UNPOISONED).push(buffer);
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
            None => {}
            Some(Format::Closed(name)) => {
                skip(SkipReason::Packed, format!("{name} is searched as it stands, not opened"));
            }
            Some(_) => skip(SkipReason::TooDeep, "in too many containers to be opened".into()),
        }
        if budget.exceeded() {
            skip(SkipReason::TooDeep, "decoded up to the depth and byte budget".into());
        }
        if let Some(cause) = novelty.and_then(Novelty::fault) {
            skip(SkipReason::Missing, format!("earlier version: {cause}; all of it counts as new"));
        }
    }

    /// Counts a blob, but not what is packed in one.
    fn tally(&self, part: &Part<'_>, bytes: u64, whole: bool) {
        if part.depth == 0 {
            self.blobs.fetch_add(u64::from(whole), Ordering::Relaxed);
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// Searches the windows of a blob, the first of which has been filled.
    fn windows(
        &self,
        reader: &mut dyn Read,
        (buffer, mut filled, mut outcome): (&mut [u8], usize, std::io::Result<()>),
        scan: &mut BlobScan<'_, '_>,
    ) -> std::io::Result<()> {
        let mut own = 0;
        let mut head = true;
        loop {
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
            (filled, outcome) = fill(reader, buffer, filled);
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
    fn blob(&self, blob: Blob<'_>) {
        let meter = Meter::default();
        let Blob { origin, content, before } = blob;
        let part = Part { origin, before, via: Vec::new(), depth: 0, meter: &meter };
        match content {
            Content::Bytes(raw) => {
                let format = container::detect(raw);
                if let Some(format) = format.filter(|&format| part.opens(format)) {
                    return self.open(&part, format, &mut meter.file(&mut &raw[..]));
                }
                let mut scan = BlobScan::new(self, &part);
                let own = Span::new(0, raw.len());
                scan.window(&Window { raw, own, head: true, tail: true });
                self.close(scan, &part, Ok(()));
            }
            Content::Stream(reader) => self.stream(&part, &mut meter.file(reader)),
        }
    }

    fn skip(&self, skipped: Skipped) {
        self.found.lock().expect(UNPOISONED).skipped.push(skipped);
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
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

/// A stretch of a blob as it was read.
struct Window<'w> {
    raw: &'w [u8],
    own: Span,
    head: bool,
    tail: bool,
}

/// The scan of one blob.
struct BlobScan<'b, 's> {
    scanner: &'b Scanner<'s>,
    origin: &'b Origin,
    /// How the blob was unpacked, outermost first.
    via: &'b [&'static str],
    novelty: Option<Novelty<'b>>,
    charset: Option<Charset>,
    /// What it is, where that cannot be opened.
    container: Option<Format>,
    /// Where the window's first byte stands.
    position: Position,
    /// Bytes of text before it.
    offset: usize,
    budget: Budget,
    bytes: u64,
    sightings: Vec<Sighting>,
    /// Sightings that wait for their other half.
    halves: Vec<Half>,
}

/// A match and what must be kept of its chunk.
struct Hit {
    found: Match,
    secret: Secret,
    via: Vec<&'static str>,
}

impl<'b, 's> BlobScan<'b, 's> {
    fn new(scanner: &'b Scanner<'s>, part: &'b Part<'_>) -> Self {
        let novelty = match part.before {
            Some(before) if !scanner.reading.whole_file => Some(Novelty::new(before)),
            _ => None,
        };
        Self {
            scanner,
            origin: &part.origin,
            via: &part.via,
            novelty,
            charset: None,
            container: None,
            position: Position::START,
            offset: 0,
            budget: Budget::default(),
            bytes: 0,
            sightings: Vec::new(),
            halves: Vec::new(),
        }
    }
}

impl BlobScan<'_, '_> {
    /// Searches one window.
    fn window(&mut self, window: &Window<'_>) {
        self.bytes += window.own.len() as u64;
        if window.head {
            self.container = container::detect(window.raw);
        }
        let charset = *self.charset.get_or_insert_with(|| charset::detect(window.raw));
        if window.head && window.raw.starts_with(b"\xef\xbb\xbf") {
            // The byte order mark will be counted as a character, but it is none of the first line's.
            self.position.column = 0;
        }
        let bytes = charset.text(window.raw);
        let length = |raw: &[u8]| match charset {
            Charset::Utf8OrBytes => raw.len(),
            _ => charset.text(raw).len(),
        };
        let own = length(&window.raw[..window.own.start])..length(&window.raw[..window.own.end]);
        let (head, tail) = (window.head, window.tail);
        let chunk = Chunk { bytes, own, head, tail, via: Vec::new(), map: Map::default() };
        let mut hits = Vec::new();
        self.search(&chunk, &mut hits);
        self.unwrap(&chunk, &mut hits);
        if hits.is_empty() {
            return;
        }
        let set = self.scanner.detector.rules();
        let rules = set.rules();
        pair::claim(&mut hits, set, |hit| &hit.found);
        resolve(&mut hits, |hit| &hit.found, |rule| rules[usize::from(rule)].spec().rank);
        self.judge(&chunk, hits);
        if self.halves.len() > pairs::MANY {
            self.pair();
        }
    }

    /// Moves the position over bytes that leave the window; `next` follows them.
    fn leave(&mut self, raw: &[u8], next: u8) {
        let charset = self.charset.expect("a window was searched before it is left");
        let text = charset.text(raw);
        self.position = self.position.advance(&text, Some(next));
        self.offset += text.len();
    }

    /// Collects the matches of a chunk and of everything decoded from it.
    fn search(&mut self, chunk: &Chunk<'_>, hits: &mut Vec<Hit>) {
        let mut found = Vec::new();
        let mut take = |chunk: &Chunk<'_>| {
            self.scanner.detector.detect(chunk, &mut found);
            hits.extend(found.drain(..).map(|found| Hit {
                secret: Secret::new(&chunk.bytes[found.secret.range()]),
                via: chunk.via.clone(),
                found,
            }));
        };
        take(chunk);
        let mut waiting = decode::inner(chunk, &mut self.budget);
        while let Some(inner) = waiting.pop() {
            take(&inner);
            waiting.extend(decode::inner(&inner, &mut self.budget));
        }
    }

    /// Turns matches into sightings, leaving out what was not asked for or is not new.
    fn judge(&mut self, chunk: &Chunk<'_>, hits: Vec<Hit>) {
        let mut cursor = Cursor::new(&chunk.bytes, self.position);
        let mut around = Lines::new(&chunk.bytes);
        let comments = inline::any(&chunk.bytes);
        if let Some(novelty) = &mut self.novelty {
            novelty.turn();
        }
        for Hit { found, secret, via } in hits {
            let place = found.outer;
            let lines = around.of(found.whole);
            let old = self.novelty.as_mut().is_some_and(|n| n.is_old(&chunk.bytes, lines, place));
            let set = self.scanner.detector.rules();
            let rule = set.rules()[usize::from(found.rule)].spec();
            // An old identifier may be the other half of a new secret.
            if old && rule.pair.is_empty() {
                continue;
            }
            let near = Span::new(
                lines.start.max(found.whole.start.saturating_sub(LINE)),
                lines.end.min(found.whole.end.saturating_add(LINE)),
            );
            let kept = if self.scanner.reading.keep_lines { near } else { Span::new(0, 0) };
            let start = cursor.at(place.start);
            let next = chunk.bytes.get(place.end).copied();
            let end = start.advance(&chunk.bytes[place.range()], next);
            let verdict = if found.example {
                Verdict::Suppressed(Reason::Example)
            } else if comments && self.is_allowed(&chunk.bytes, near, lines.start, &rule.id) {
                Verdict::Suppressed(Reason::Inline)
            } else {
                Verdict::Open
            };
            let sighting = Sighting {
                rule: found.rule,
                secret,
                confidence: found.confidence,
                score: found.score,
                evidence: found.evidence,
                place: Place {
                    path: self.origin.shown(),
                    inner: self.origin.inner.clone(),
                    object: self.origin.object,
                    introduced: self.origin.commit,
                    start,
                    end,
                    via: [self.via, &via].concat(),
                    ..Place::default()
                },
                verdict,
                shape: found.shape,
                lines: Secret::new(&chunk.bytes[kept.range()]),
            };
            if set.pairs().concerns(sighting.rule) {
                let span = Span::new(place.start + self.offset, place.end + self.offset);
                self.halves.push(Half { span, old, sighting });
            } else {
                self.keep(sighting);
            }
        }
    }

    /// Whether a comment beside the match allows it.
    fn is_allowed(&self, text: &[u8], near: Span, line_start: usize, rule: &str) -> bool {
        let previous = text[..line_start].strip_suffix(b"\n").map(|before| {
            let before = before.strip_suffix(b"\r").unwrap_or(before);
            let near = &before[before.len().saturating_sub(LINE)..];
            &near[memchr::memrchr(b'\n', near).map_or(0, |at| at + 1)..]
        });
        let path = self.origin.path.as_deref().map(|path| &path[..]);
        inline::allowance(&text[near.range()], previous, rule, path).is_some()
    }
}
