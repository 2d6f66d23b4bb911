//! The scan of one blob.
//!
//! In: its windows and what was found in each. Out: [`Sighting`]s, each with its place and verdict.

use super::Scanner;
use super::frames::{self, Frame};
use super::lines::Lines;
use super::novelty::Novelty;
use super::pairs::{self, Half};
use super::search::{self, Hit};
use super::unpack::Part;
use crate::decode::charset::{self, Charset};
use crate::decode::container::{self, Format};
use crate::decode::notebook::Cells;
use crate::decode::{Budget, Chunk, Map};
use crate::detect::evidence::Evidence;
use crate::detect::{Detector, pair, resolve};
use crate::source::Origin;
use crate::text::{Cursor, Position, Secret, Span};
use crate::verdict::finding::{Place, Reason, Sighting, Verdict};
use crate::verdict::inline;

/// Bytes of a line that are searched for an inline comment on either side of a match.
const LINE: usize = 4 << 10;
/// Bytes of text for each match, at which it is cheaper to search the lines of all matches for inline comments
/// than to see first whether there is any in the text.
const SPARSE: usize = 512;

/// A stretch of a blob as it was read.
pub(super) struct Window<'w> {
    pub(super) raw: &'w [u8],
    pub(super) own: Span,
    pub(super) head: bool,
    pub(super) tail: bool,
}

/// The scan of one blob.
pub(super) struct BlobScan<'b, 's> {
    pub(super) scanner: &'b Scanner<'s>,
    pub(super) origin: &'b Origin,
    /// How the blob was unpacked, outermost first.
    via: &'b [&'static str],
    pub(super) novelty: Option<Novelty<'b>>,
    charset: Option<Charset>,
    /// What it is, where that cannot be opened.
    pub(super) container: Option<Format>,
    /// Where the window's first byte stands in a notebook.
    cells: Option<Cells>,
    /// Where the window's first byte stands.
    position: Position,
    /// Bytes of text before it.
    offset: usize,
    pub(super) budget: Budget,
    pub(super) bytes: u64,
    pub(super) sightings: Vec<Sighting>,
    /// Sightings that wait for their other half.
    pub(super) halves: Vec<Half>,
}

impl<'b, 's> BlobScan<'b, 's> {
    pub(super) fn new(scanner: &'b Scanner<'s>, part: &'b Part<'_>) -> Self {
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
            cells: None,
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
    /// Looks at what the first window begins with.
    fn open(&mut self, raw: &[u8]) -> Charset {
        self.container = container::detect(raw);
        let charset = charset::detect(raw);
        self.begin(raw, charset);
        charset
    }

    /// Notes what a text begins with, which is no container and of this charset.
    pub(super) fn begin(&mut self, raw: &[u8], charset: Charset) {
        self.cells = Cells::open(raw);
        if raw.starts_with(b"\xef\xbb\xbf") {
            // The byte order mark will be counted as a character, but it is none of the first line's.
            self.position.column = 0;
        }
        self.charset = Some(charset);
    }

    /// Searches one window.
    pub(super) fn window(&mut self, window: &Window<'_>) {
        let charset = self.charset(window.raw);
        let lent = self.budget.lend();
        let searched = search(self.scanner.detector, charset, window, lent.clone());
        self.take_in(searched, &lent, window);
    }

    /// Searches windows that follow each other, each in a thread. Nearly all blobs have one.
    pub(super) fn windows(&mut self, frames: &[Frame]) {
        let [first, _, ..] = frames else {
            return frames.iter().for_each(|one| self.window(&one.window()));
        };
        let (charset, detector) = (self.charset(first.window().raw), self.scanner.detector);
        let lent = self.budget.lend();
        let search = |frame| search(detector, charset, &Frame::window(frame), lent.clone());
        let searched = frames::each(frames, self.scanner.reading.threads, search);
        for (index, searched) in searched.into_iter().enumerate() {
            if let Some(before) = index.checked_sub(1) {
                let (leaving, next) = frames[before].leaving();
                self.leave(leaving, next);
            }
            self.take_in(searched, &lent, &frames[index].window());
        }
    }

    /// What the text is written in, as its first window tells.
    fn charset(&mut self, raw: &[u8]) -> Charset {
        self.charset.unwrap_or_else(|| self.open(raw))
    }

    /// Takes in what was found in a window with what was lent to it.
    fn take_in<'w>(&mut self, mut searched: Searched<'w>, lent: &Budget, window: &Window<'w>) {
        if !self.budget.take_back(lent, &searched.budget) {
            let charset = self.charset(window.raw);
            let lent = self.budget.lend();
            searched = search(self.scanner.detector, charset, window, lent.clone());
            let paid = self.budget.take_back(&lent, &searched.budget);
            debug_assert!(paid, "all that is left was lent");
        }
        if window.tail && !window.head && self.via.is_empty() && self.container.is_none() {
            self.container = container::ended(window.raw);
        }
        self.bytes += window.own.len() as u64;
        self.settle(&searched.chunk, searched.hits);
    }

    /// Keeps of what was found in a window what is to be reported.
    pub(super) fn settle(&mut self, chunk: &Chunk<'_>, mut hits: Vec<Hit>) {
        if hits.is_empty() {
            return;
        }
        self.unwrap(chunk, &mut hits);
        let set = self.scanner.detector.rules();
        let rules = set.rules();
        search::defer(&mut hits, rules);
        pair::claim(&mut hits, set, |hit| &hit.found);
        resolve(&mut hits, |hit| &hit.found, |rule| rules[usize::from(rule)].spec().rank);
        self.judge(chunk, hits);
        if self.halves.len() > pairs::MANY {
            self.pair();
        }
    }

    /// Moves the position over bytes that leave the window; `next` follows them.
    pub(super) fn leave(&mut self, raw: &[u8], next: u8) {
        let charset = self.charset.expect("a window was searched before it is left");
        let text = charset.text(raw);
        self.position = self.position.advance(&text, Some(next));
        if let Some(cells) = &mut self.cells {
            cells.advance(&text);
        }
        self.offset += text.len();
    }

    /// Turns matches into sightings, leaving out what was not asked for or is not new.
    fn judge(&mut self, chunk: &Chunk<'_>, hits: Vec<Hit>) {
        let mut cursor = Cursor::new(&chunk.bytes, self.position);
        let mut around = Lines::new(&chunk.bytes);
        let mut cells = self.cells.clone().map(|cells| (cells, 0));
        let sparse = hits.len() * SPARSE < chunk.bytes.len();
        let comments = sparse || inline::any(&chunk.bytes);
        if let Some(novelty) = &mut self.novelty {
            novelty.turn();
        }
        for Hit { found, secret, via, limited } in hits {
            let place = found.outer;
            let lines = around.of(found.whole);
            let old = self.novelty.as_mut().is_some_and(|n| n.is_old(&chunk.bytes, lines, place));
            let set = self.scanner.detector.rules();
            let rule = set.rules()[usize::from(found.rule)].spec();
            // An old identifier may be the other half of a new secret.
            if old && rule.pair.is_empty() && !set.pairs().helps(found.rule) {
                continue;
            }
            let near = near(lines, found.whole);
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
            let mut evidence = found.evidence;
            evidence.extend(cells.as_mut().and_then(|cells| cell(cells, chunk, place.start)));
            let sighting = Sighting {
                rule: found.rule,
                secret,
                confidence: found.confidence,
                score: found.score,
                evidence,
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
                limited,
                generic: found.shape.is_some(),
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

/// What was found in a window.
struct Searched<'w> {
    chunk: Chunk<'w>,
    hits: Vec<Hit>,
    /// What is left of what was lent to it.
    budget: Budget,
}

/// Searches a window, whatever stands in the others.
fn search<'w>(
    detector: &Detector,
    charset: Charset,
    window: &Window<'w>,
    mut budget: Budget,
) -> Searched<'w> {
    let text = charset.text(window.raw);
    let length = |raw: &[u8]| match charset {
        Charset::Utf8OrBytes => raw.len(),
        _ => charset.text(raw).len(),
    };
    let own = length(&window.raw[..window.own.start])..length(&window.raw[..window.own.end]);
    let (head, tail) = (window.head, window.tail);
    let chunk = Chunk { bytes: text, own, head, tail, via: Vec::new(), map: Map::default() };
    let hits = search::all(detector, &chunk, &mut budget);
    Searched { chunk, hits, budget }
}

/// The lines of a match, but no more of them than a comment is looked for in.
fn near(lines: Span, whole: Span) -> Span {
    Span::new(
        lines.start.max(whole.start.saturating_sub(LINE)),
        lines.end.min(whole.end.saturating_add(LINE)),
    )
}

/// The cell of a notebook that a match at `start` stands in; `cells` have been read up to the match before.
fn cell((cells, at): &mut (Cells, usize), chunk: &Chunk<'_>, start: usize) -> Option<Evidence> {
    let from = std::mem::replace(at, start.max(*at));
    cells.advance(&chunk.bytes[from..*at]);
    cells.place().map(|told| Evidence::Fact("notebook", told))
}
