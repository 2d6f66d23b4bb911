//! One version of a file, read by what is known of the version it was made from.
//!
//! In: its text, the copies it shares with its base, and the base's [`Note`]. Out: its own note, or nothing where
//! only the plain reader will do. [`super::follow`] says why this misses nothing.

use super::follow::{DECODED, Note};
use super::search;
use crate::decode::{self, AROUND, Budget, Chunk, JOINT, LITERAL, View, border};
use crate::detect::Detector;
use crate::detect::reach::Depth;
use crate::detect::spot::Spot;
use crate::source::pack::Copy;
use crate::text::Span;

/// A version and its base.
pub(super) struct Version<'v> {
    pub(super) detector: &'v Detector,
    pub(super) chunk: &'v Chunk<'v>,
    /// What the two share, in the order of this version.
    pub(super) copies: Vec<Copy>,
    /// Length of the base.
    pub(super) before: usize,
    /// What is known of the base.
    pub(super) note: &'v Note,
}

impl Version<'_> {
    /// Reads what changed. Spots are noted for a `base` of other versions only.
    pub(super) fn read(&self, base: bool) -> Option<(Note, Budget)> {
        let changes = self.changes();
        let text = self.text();
        if changes.iter().any(|change| memchr::memchr(0, &text[change.range()]).is_some()) {
            return None;
        }
        let mut note = Note::default();
        self.inherit(base, &mut note);
        for mut spot in self.fresh(&changes) {
            search::at(self.detector, self.chunk, &mut spot, &mut note.named);
            note.spots.extend(base.then_some(spot));
        }
        note.spots.sort_by_key(Spot::key);
        note.named.sort_by_key(|named| named.0);
        let mut budget = Budget::default();
        self.decode(&mut note, &mut budget);
        note.joints = self.joints(&changes);
        let view = View::new(self.chunk);
        note.odd = self.is_odd(&view, &changes);
        note.join(self.detector, &view, &mut budget);
        (note.cost <= DECODED && !budget.exceeded()).then_some((note, budget))
    }

    fn text(&self) -> &[u8] {
        &self.chunk.bytes
    }

    /// Whether a copy is the start of both versions.
    const fn opens(copy: &Copy) -> bool {
        copy.from == 0 && copy.to == 0
    }

    /// Whether a copy is the end of both versions.
    fn closes(&self, copy: &Copy) -> bool {
        copy.end() == self.text().len() && copy.from + copy.len == self.before
    }

    /// The stretches between copies. Where copies meet, and where only one of the versions starts or ends, they are
    /// empty.
    fn changes(&self) -> Vec<Span> {
        let mut changes = Vec::with_capacity(self.copies.len() + 1);
        let mut at = 0;
        for copy in &self.copies {
            if at > 0 || !Self::opens(copy) {
                changes.push(Span::new(at, copy.to));
            }
            at = copy.end();
        }
        if !self.copies.last().is_some_and(|copy| self.closes(copy)) {
            changes.push(Span::new(at, self.text().len()));
        }
        changes
    }

    /// The keywords that do not stand wholly inside a copy.
    fn fresh(&self, changes: &[Span]) -> Vec<Spot> {
        let mut fresh = Vec::new();
        let mut done = 0;
        for change in changes {
            let start = done.max((change.start + 1).saturating_sub(self.detector.longest()));
            if start < change.end {
                let found = self.detector.spots(self.text(), start..change.end);
                fresh.extend(found.into_iter().filter(|spot| !self.holds(spot)));
                done = change.end;
            }
        }
        fresh
    }

    /// Whether a spot's keyword stands wholly inside a copy.
    fn holds(&self, spot: &Spot) -> bool {
        let next = self.copies.partition_point(|copy| copy.to <= spot.at);
        let copy = next.checked_sub(1).map(|last| &self.copies[last]);
        copy.is_some_and(|copy| self.covers(copy, spot.at - copy.to, spot))
    }

    /// Whether a keyword that starts `at` bytes into a copy stands wholly inside it.
    fn covers(&self, copy: &Copy, at: usize, spot: &Spot) -> bool {
        at < copy.len && (at + self.detector.extent(spot) <= copy.len || self.closes(copy))
    }

    /// Takes over the base's spots, and what their rules said where they would say the same. The others are asked.
    fn inherit(&self, base: bool, note: &mut Note) {
        let known = self.note;
        for copy in &self.copies {
            let (opens, closes) = (Self::opens(copy), self.closes(copy));
            let first = known.spots.partition_point(|spot| spot.at < copy.from);
            for spot in &known.spots[first..] {
                let at = spot.at - copy.from;
                if at >= copy.len {
                    break;
                }
                if !self.covers(copy, at, spot) {
                    continue;
                }
                let mut moved = Spot { at: copy.to + at, ..*spot };
                let reach = self.detector.reach(spot);
                if (at < reach.before && !opens) || (copy.len - at < reach.after && !closes) {
                    search::at(self.detector, self.chunk, &mut moved, &mut note.named);
                } else if spot.depth == Depth::Far {
                    let first = known.named.partition_point(|named| named.0 < spot.key());
                    let same = known.named[first..].iter().take_while(|n| n.0 == spot.key());
                    note.named.extend(
                        same.map(|(_, hit)| (moved.key(), hit.clone().moved(copy.from, copy.to))),
                    );
                }
                note.spots.extend(base.then_some(moved));
            }
        }
    }

    /// Takes over what was decoded inside copies, and decodes the rest.
    fn decode(&self, note: &mut Note, budget: &mut Budget) {
        let full = budget.bytes;
        let mut done = 0;
        for copy in &self.copies {
            let stretch = &self.text()[copy.to..copy.end()];
            let ends = (Self::opens(copy), self.closes(copy));
            let Some(kept) = border::inside(stretch, ends) else { continue };
            self.decode_part(Span::new(done, copy.to + kept.start), note, budget);
            done = copy.to + kept.end;
            let kept = Span::new(copy.from + kept.start, copy.from + kept.end);
            let known = &self.note.decoded;
            let first = known.partition_point(|hit| hit.found.outer.start < kept.start);
            let inside = known[first..].iter().take_while(|hit| hit.found.outer.end <= kept.end);
            note.decoded.extend(inside.map(|hit| hit.clone().moved(copy.from, copy.to)));
        }
        self.decode_part(Span::new(done, self.text().len()), note, budget);
        search::sort(&mut note.decoded);
        // What is copied in another order may be copied more than once.
        let again = self.copies.windows(2).filter(|two| two[1].from < two[0].from + two[0].len);
        let times = 1 + again.count();
        note.cost = self.note.cost.saturating_mul(times).saturating_add(full - budget.bytes);
    }

    /// Decodes a part of the text, which no encoded value leaves.
    fn decode_part(&self, part: Span, note: &mut Note, budget: &mut Budget) {
        if part.is_empty() {
            return;
        }
        let piece = Chunk::whole(&self.text()[part.range()]);
        let mut hits = Vec::new();
        let encoded = decode::encoded(&View::new(&piece), budget);
        search::decoded(self.detector, encoded, budget, &mut hits);
        note.decoded.extend(hits.into_iter().map(|hit| hit.moved(0, part.start)));
    }

    /// Where literals may be joined: what is said of a quote in a copy is known, unless the copy starts or ends too
    /// near.
    fn joints(&self, changes: &[Span]) -> Vec<usize> {
        let known = &self.note.joints;
        let mut joints = Vec::new();
        for copy in &self.copies {
            let shown = if self.closes(copy) { copy.len } else { copy.len.saturating_sub(JOINT) };
            let from = copy.from + if Self::opens(copy) { 0 } else { LITERAL };
            let first = known.partition_point(|joint| *joint < from);
            let inside = known[first..].iter().take_while(|joint| **joint < copy.from + shown);
            joints.extend(inside.map(|joint| joint - copy.from + copy.to));
        }
        let mut done = 0;
        for change in changes {
            let start = done.max(change.start.saturating_sub(JOINT));
            let end = self.text().len().min(change.end + LITERAL);
            if start < end {
                joints.extend(decode::joints(self.text(), Span::new(start, end)));
                done = end;
            }
        }
        joints.sort_unstable();
        joints.dedup();
        joints
    }

    /// Whether there are signs of what reaches over lines: where the base has none, only what changed needs to be
    /// looked at.
    fn is_odd(&self, view: &View<'_>, changes: &[Span]) -> bool {
        let text = self.text();
        if self.note.odd {
            return decode::is_odd(view);
        }
        // A sign stands in a few bytes. Changes with no more between them are looked at as one.
        let mut near = changes.chunk_by(|a, b| b.start <= a.end + AROUND);
        near.any(|all| decode::is_odd_in(text, Span::new(all[0].start, all[all.len() - 1].end)))
    }
}
