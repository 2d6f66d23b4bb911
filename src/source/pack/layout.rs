//! What a pack's entries are made from.
//!
//! In: a pack file and its index. Out: a [`Layout`]: entries in pack order, which of them are whole
//! objects, and for each the list of entries that are deltas against it.

use std::ops::Range;

use super::Fault;
use super::entry::{Form, Header, Type};
use super::file::{Positioned, Window};
use super::index::Index;

/// A position in pack order; [`NONE`] where there is none.
pub(super) type Place = u32;

/// No place: the end of a list of children.
pub(super) const NONE: Place = u32::MAX;

/// The entries of a pack in the order in which they lie there.
#[derive(Debug)]
pub(super) struct Layout {
    /// For each place, the row of the index.
    pub(super) rows: Vec<u32>,
    offsets: Vec<u64>,
    ends: Ends,
    /// The whole objects, in order.
    pub(super) roots: Vec<(Place, Type)>,
    /// For each place, what it is a delta of, or [`NONE`].
    bases: Vec<Place>,
    /// For each place, its first delta.
    children: Vec<Place>,
    /// For each place, the next delta with the same base.
    siblings: Vec<Place>,
    /// Entries that cannot be reached from a whole object, and why.
    pub(super) lost: Vec<(Place, Fault)>,
}

/// Where entries end.
#[derive(Debug)]
pub(super) enum Ends {
    /// Where the next one starts, and the last one there.
    Next(u64),
    /// Each at its own place, since those between them are left out.
    At(Vec<u64>),
}

/// What an entry is made from, as far as its header tells.
pub(super) enum Stem {
    Root(Type),
    Base(Place),
    Lost(Fault),
}

impl Layout {
    /// Reads all headers, with `threads` threads.
    pub(super) fn read(file: &Positioned, index: &Index, threads: usize) -> Self {
        let (mut layout, astray) = Self::order(file, index);
        let stems = layout.stems(file, index, threads);
        layout.link(stems);
        layout.lost.extend(astray);
        layout
    }

    /// The bytes of the entry at `place`.
    pub(super) fn range(&self, place: Place) -> Range<u64> {
        let at = usize_of(place);
        let end = match &self.ends {
            Ends::Next(last) => self.offsets.get(at + 1).unwrap_or(last),
            Ends::At(ends) => &ends[at],
        };
        self.offsets[at]..*end
    }

    /// The first delta against the entry at `place`, or [`NONE`].
    pub(super) fn first_child(&self, place: Place) -> Place {
        self.children[usize_of(place)]
    }

    /// The delta after `place` against the same base, or [`NONE`].
    pub(super) fn next_sibling(&self, place: Place) -> Place {
        self.siblings[usize_of(place)]
    }

    /// Sorts the entries by offset. Those outside the file come back on their own: they get a
    /// place after all others, so that every row has one.
    fn order(file: &Positioned, index: &Index) -> (Self, Vec<(Place, Fault)>) {
        let end = file.len().saturating_sub(index.format().width() as u64);
        let mut entries: Vec<(u64, u32)> =
            (0..index.count()).map(|row| (index.offset(row).unwrap_or(u64::MAX), row)).collect();
        entries.sort_unstable();
        let inside = entries.partition_point(|entry| entry.0 < end);
        let count = index.count();
        let astray = (0..count)
            .skip(inside)
            .map(|place| (place, Fault::corrupt("its entry is not in the pack")))
            .collect();
        let rows = entries.iter().map(|entry| entry.1).collect();
        let offsets = entries[..inside].iter().map(|entry| entry.0).collect();
        (Self::at(rows, offsets, Ends::Next(end)), astray)
    }

    /// Entries at `offsets`, of which it is not yet known what they are made from.
    pub(super) fn at(rows: Vec<u32>, offsets: Vec<u64>, ends: Ends) -> Self {
        let none = vec![NONE; offsets.len()];
        Self {
            rows,
            offsets,
            ends,
            roots: Vec::new(),
            bases: Vec::new(),
            children: none.clone(),
            siblings: none,
            lost: Vec::new(),
        }
    }

    /// Reads every header, splitting the pack among threads.
    fn stems(&self, file: &Positioned, index: &Index, threads: usize) -> Vec<Stem> {
        let count = self.offsets.len();
        let share = count.div_ceil(threads.max(1)).max(4096);
        let places: Vec<Range<usize>> =
            (0..count).step_by(share).map(|start| start..count.min(start + share)).collect();
        let places_of_rows = std::sync::OnceLock::new();
        let reader = Headers { layout: self, file, index, places_of_rows: &places_of_rows };
        std::thread::scope(|scope| {
            let workers: Vec<_> =
                places.into_iter().map(|places| scope.spawn(|| reader.read(places))).collect();
            workers
                .into_iter()
                .flat_map(|worker| worker.join().expect("reading headers does not panic"))
                .collect()
        })
    }

    /// Builds the lists of children from what each entry is made from.
    pub(super) fn link(&mut self, stems: Vec<Stem>) {
        let mut bases = vec![NONE; stems.len()];
        for (place, stem) in (0..).zip(stems) {
            match stem {
                Stem::Root(kind) => self.roots.push((place, kind)),
                Stem::Base(base) => bases[usize_of(place)] = base,
                Stem::Lost(fault) => self.lost.push((place, fault)),
            }
        }
        let mut inner = vec![false; bases.len()];
        for &base in bases.iter().filter(|&&base| base != NONE) {
            inner[usize_of(base)] = true;
        }
        // Lists are built from their ends. Leaves stand first, so that a base is no longer needed
        // when the deep branches are entered.
        for wanted in [true, false] {
            for (at, &base) in bases.iter().enumerate().rev() {
                if base != NONE && inner[at] == wanted {
                    self.siblings[at] = self.children[usize_of(base)];
                    self.children[usize_of(base)] = place_of(at);
                }
            }
        }
        self.find_lost(&bases);
        self.bases = bases;
    }

    /// For each place whether it leads to an entry that is wanted: the others need not be read.
    pub(super) fn leading(&self, wanted: impl Fn(u32) -> bool) -> Vec<bool> {
        let mut leads = vec![false; self.bases.len()];
        for at in 0..leads.len() {
            let mut place = if wanted(self.rows[at]) { place_of(at) } else { NONE };
            while place != NONE && !leads[usize_of(place)] {
                leads[usize_of(place)] = true;
                place = self.bases[usize_of(place)];
            }
        }
        leads
    }

    /// Notes every entry that no whole object leads to.
    fn find_lost(&mut self, bases: &[Place]) {
        let mut reached = vec![false; bases.len()];
        let mut todo: Vec<Place> = self.roots.iter().map(|root| root.0).collect();
        let known = self.lost.iter().map(|lost| lost.0);
        known.for_each(|place| reached[usize_of(place)] = true);
        while let Some(place) = todo.pop() {
            reached[usize_of(place)] = true;
            let mut child = self.first_child(place);
            while child != NONE {
                todo.push(child);
                child = self.next_sibling(child);
            }
        }
        let unreached = (0..).zip(reached).filter(|(_, reached)| !reached);
        self.lost.extend(
            unreached.map(|(place, _)| (place, Fault::corrupt("its delta has no readable base"))),
        );
    }
}

/// Reads headers; shared by threads.
#[derive(Clone, Copy)]
struct Headers<'l> {
    layout: &'l Layout,
    file: &'l Positioned,
    index: &'l Index,
    /// From index rows to places; made when the first delta names its base by id.
    places_of_rows: &'l std::sync::OnceLock<Vec<Place>>,
}

impl Headers<'_> {
    fn read(&self, places: Range<usize>) -> Vec<Stem> {
        let mut window = Window::new(self.file);
        places.map(|at| self.stem(&mut window, place_of(at)).unwrap_or_else(Stem::Lost)).collect()
    }

    fn stem(&self, window: &mut Window<'_>, place: Place) -> Result<Stem, Fault> {
        let mut range = self.layout.range(place);
        range.end = range.end.min(range.start + Header::LONGEST as u64);
        let bytes = window.get(range.clone()).map_err(|cause| Fault::unreadable(&cause))?;
        match Header::parse(bytes, self.index.format())?.form {
            Form::Whole(kind) => Ok(Stem::Root(kind)),
            Form::Offset(distance) => {
                let base = range.start.checked_sub(distance);
                base.and_then(|base| self.layout.offsets.binary_search(&base).ok())
                    .map(|at| Stem::Base(place_of(at)))
                    .ok_or_else(|| Fault::corrupt("its delta's base is no entry of the pack"))
            }
            Form::Reference(id) => {
                let row = self.index.find(id);
                row.map(|row| self.places_of_rows()[usize_of(row)])
                    .filter(|&base| usize_of(base) < self.layout.offsets.len())
                    .map(Stem::Base)
                    .ok_or_else(|| Fault::corrupt("its delta's base is not in the pack"))
            }
        }
    }

    fn places_of_rows(&self) -> &[Place] {
        self.places_of_rows.get_or_init(|| {
            let mut places = vec![NONE; self.layout.rows.len()];
            for (place, &row) in (0..).zip(&self.layout.rows) {
                places[usize_of(row)] = place;
            }
            places
        })
    }
}

/// A place or row as an index.
pub(super) fn usize_of(place: u32) -> usize {
    usize::try_from(place).expect("no platform here has pointers under 32 bits")
}

/// An index as a place.
pub(super) fn place_of(at: usize) -> Place {
    Place::try_from(at).expect("an index counts its rows in 32 bits")
}
