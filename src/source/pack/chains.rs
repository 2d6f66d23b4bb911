//! The few entries of a pack that some rows are made from.
//!
//! In: rows of an index. Out: a [`Layout`] of their entries and of those that these are deltas of, down to whole
//! objects: as if the pack held no others. Only their headers are read, so what is asked for a few objects of a large
//! pack costs next to nothing, and versions of one file share the chain that they are made from.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::Fault;
use super::entry::{Form, Header, Type};
use super::file::{Positioned, Window};
use super::index::Index;
use super::layout::{Ends, Layout, NONE, Stem, place_of};

/// An entry on the way.
struct Link {
    offset: u64,
    end: u64,
    /// Its row, [`NONE`] as long as that is not known.
    row: u32,
    from: From,
}

/// What an entry is made from.
enum From {
    /// Nothing: it is a whole object.
    Nothing(Type),
    /// The entry that starts there.
    Base(u64),
    Unknown(Fault),
}

impl Layout {
    /// Reads the headers of the entries in `rows`, and of all that these are made from.
    pub(super) fn of(file: &Positioned, index: &Index, rows: &[u32]) -> Self {
        let end = file.len().saturating_sub(index.format().width() as u64);
        let mut links = links(file, (index, end), rows);
        links.sort_unstable_by_key(|link| link.offset);
        frame(&mut links, index);
        // Where no row says that an entry starts, there is none.
        links.retain(|link| link.row != NONE);
        for at in 1..links.len() {
            links[at - 1].end = links[at - 1].end.min(links[at].offset);
        }
        let offsets: Vec<u64> = links.iter().map(|link| link.offset).collect();
        let stem = |link: &Link| match &link.from {
            From::Nothing(kind) => Stem::Root(*kind),
            From::Base(base) => match offsets.binary_search(base) {
                Ok(at) => Stem::Base(place_of(at)),
                Err(_) => Stem::Lost(Fault::corrupt("its delta's base is no entry of the pack")),
            },
            From::Unknown(fault) => Stem::Lost(fault.clone()),
        };
        let stems = links.iter().map(stem).collect();
        // A row whose entry is not in the file, or is another row's too, gets a place behind all others.
        let there: HashSet<u32> = links.iter().map(|link| link.row).collect();
        let astray: Vec<u32> = rows.iter().copied().filter(|row| !there.contains(row)).collect();
        let lost = (place_of(links.len())..).zip(&astray);
        let lost = lost.map(|(place, _)| (place, Fault::corrupt("its entry is not in the pack")));
        let lost: Vec<_> = lost.collect();
        let rows = links.iter().map(|link| link.row).chain(astray.iter().copied()).collect();
        let mut layout =
            Self::at(rows, offsets, Ends::At(links.iter().map(|link| link.end).collect()));
        layout.link(stems);
        layout.lost.extend(lost);
        layout
    }
}

/// Follows each row to a whole object.
fn links(file: &Positioned, (index, end): (&Index, u64), rows: &[u32]) -> Vec<Link> {
    let mut window = Window::new(file);
    let mut known: HashMap<u64, Link> = HashMap::new();
    for &row in rows {
        let mut next = index.offset(row);
        // Each step comes to another entry, or to an end.
        while let Some(offset) = next.filter(|at| *at < end && !known.contains_key(at)) {
            let from = from(&mut window, index, offset..end).unwrap_or_else(From::Unknown);
            next = if let From::Base(base) = from { Some(base) } else { None };
            known.insert(offset, Link { offset, end, row: NONE, from });
        }
    }
    known.into_values().collect()
}

/// What the entry at the start of `range` is made from, by its header.
fn from(window: &mut Window<'_>, index: &Index, range: Range<u64>) -> Result<From, Fault> {
    let head = range.start..range.end.min(range.start + Header::LONGEST as u64);
    let bytes = window.get(head).map_err(|cause| Fault::unreadable(&cause))?;
    let base = match Header::parse(bytes, index.format())?.form {
        Form::Whole(kind) => return Ok(From::Nothing(kind)),
        Form::Offset(distance) => range.start.checked_sub(distance),
        Form::Reference(id) => index.find(id).and_then(|row| index.offset(row)),
    };
    base.map(From::Base).ok_or_else(|| Fault::corrupt("its delta's base is not in the pack"))
}

/// Finds the row of each entry, and where it ends at the latest: where the next one that is left out starts. `links`
/// are in order.
fn frame(links: &mut [Link], index: &Index) {
    for row in 0..index.count() {
        let Some(offset) = index.offset(row) else { continue };
        let next = links.partition_point(|link| link.offset <= offset);
        let Some(link) = next.checked_sub(1).map(|at| &mut links[at]) else { continue };
        if link.offset == offset {
            link.row = row;
        } else {
            link.end = link.end.min(offset);
        }
    }
}
