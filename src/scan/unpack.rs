//! What is packed in a blob: read like a blob of its own.
//!
//! In: a container and a reader over it. Out: a scan of each of its parts, and a note of each that could not be read.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io::{self, Read};

use super::Scanner;
use crate::decode::container::{self, Fault, Format, Meter, Sink};
use crate::source::{Before, Origin, Skipped, SourceError, Visitor, inside};

/// Bytes of an earlier version's parts that are compared with. What is not among them counts as new.
const EARLIER: u64 = 64 << 20;

/// Parts of one file that the receipt names one by one, since an archive may have a million that cannot be read.
const FAULTS: u64 = 1000;

/// A blob, or a part of one.
pub(super) struct Part<'p> {
    pub(super) origin: Origin,
    pub(super) before: Option<&'p Before<'p>>,
    /// How it was unpacked, outermost first.
    pub(super) via: Vec<&'static str>,
    /// Containers around it.
    pub(super) depth: usize,
    /// Whether it is what is left of a container that has been opened.
    pub(super) is_opened: bool,
    pub(super) meter: &'p Meter,
}

impl Part<'_> {
    /// Whether it is to be opened, being a container.
    pub(super) const fn opens(&self, format: Format) -> bool {
        !matches!(format, Format::Closed(_)) && !self.is_opened && !self.is_too_deep()
    }

    /// Whether no container is opened that stands here.
    pub(super) const fn is_too_deep(&self) -> bool {
        !Meter::allows(self.depth) && !self.is_opened
    }

    /// What an error in reading it means.
    pub(super) fn explain(&self, cause: &io::Error) -> Option<Fault> {
        self.meter.explain(cause)
    }
}

impl Scanner<'_> {
    /// Scans what is packed in `part`.
    pub(super) fn open(&self, part: &Part<'_>, format: Format, reader: &mut dyn Read) {
        let mut opening =
            Opening { scanner: self, part, format, whole: true, earlier: OnceCell::new() };
        container::walk(format, reader, part.meter, &mut opening);
        let whole = opening.whole;
        self.tally(part, part.meter.raw(), whole);
    }
}

/// Scans the parts of a container.
struct Opening<'o, 's> {
    scanner: &'o Scanner<'s>,
    part: &'o Part<'o>,
    format: Format,
    whole: bool,
    /// What earlier versions of the container held, once a part has asked: they are unpacked once for all parts.
    earlier: OnceCell<Vec<Earlier>>,
}

impl Opening<'_, '_> {
    /// The part of this kind in each earlier version of the container.
    fn earlier(&self, which: Which<'_>, before: &Before<'_>) -> Result<Vec<Vec<u8>>, SourceError> {
        if self.earlier.get().is_none() {
            let versions = before()?.iter().map(|old| unpack(old, self.format)).collect();
            let _ = self.earlier.set(versions);
        }
        let versions = self.earlier.get().into_iter().flatten();
        Ok(versions.map(|earlier| earlier.part(which)).collect())
    }

    fn origin(&self, name: Option<&[u8]>) -> Origin {
        let origin = self.part.origin.clone();
        let inner = match (origin.inner, name) {
            (Some(outer), Some(name)) => Some(inside(outer, Some(&name.into()))),
            (None, Some(name)) => Some(name.into()),
            (outer, None) => outer,
        };
        Origin { inner, ..origin }
    }

    /// Scans a part of this kind.
    fn scan(&self, which: Which<'_>, reader: &mut dyn Read) {
        let before = self.part.before;
        let earlier =
            || before.map_or_else(|| Ok(Vec::new()), |before| self.earlier(which, before));
        let (name, is_opened) = match which {
            Which::Part(name) => (name, false),
            Which::Rest => (None, true),
        };
        let own = if is_opened { &[][..] } else { &[self.format.name()] };
        let part = Part {
            origin: self.origin(name),
            before: before.map(|_| &earlier as &Before<'_>),
            via: [&self.part.via[..], own].concat(),
            depth: self.part.depth + 1,
            is_opened,
            meter: self.part.meter,
        };
        self.scanner.stream(&part, reader);
    }
}

/// A part of a container.
#[derive(Clone, Copy)]
enum Which<'p> {
    /// The part of this name, or one without a name.
    Part(Option<&'p [u8]>),
    /// What is left when the parts are taken out.
    Rest,
}

impl Sink for Opening<'_, '_> {
    fn part(&mut self, name: Option<&[u8]>, reader: &mut dyn Read) {
        self.scan(Which::Part(name), reader);
    }

    fn plain(&mut self, reader: &mut dyn Read) {
        self.scan(Which::Rest, reader);
    }

    fn fault(&mut self, name: Option<&[u8]>, fault: Fault) {
        self.whole = false;
        let Fault { reason, detail } = fault;
        let known = self.part.meter.fault();
        if known < FAULTS || !reason.by_design() {
            self.scanner.skip(Skipped { what: self.origin(name).label(), reason, detail });
        } else if known == FAULTS {
            let detail = format!("{FAULTS} of its parts are told of; more were not read");
            self.scanner.skip(Skipped { what: self.part.origin.label(), reason, detail });
        }
    }

    fn stopped(&self) -> bool {
        self.scanner.stopped()
    }
}

/// The parts of an earlier version of a container. A version that was none is its own rest.
fn unpack(old: &[u8], format: Format) -> Earlier {
    let mut earlier = Earlier { parts: BTreeMap::new(), rest: Vec::new(), room: EARLIER };
    if container::detect(old) == Some(format) {
        let meter = Meter::default();
        container::walk(format, &mut meter.file(&mut &old[..]), &meter, &mut earlier);
    } else {
        earlier.plain(&mut &old[..]);
    }
    earlier
}

/// Parts by their name and what is left without them, as far as there is room.
struct Earlier {
    parts: BTreeMap<Option<Vec<u8>>, Vec<u8>>,
    rest: Vec<u8>,
    room: u64,
}

impl Earlier {
    fn part(&self, which: Which<'_>) -> Vec<u8> {
        match which {
            Which::Part(name) => {
                self.parts.get(&name.map(<[u8]>::to_vec)).cloned().unwrap_or_default()
            }
            Which::Rest => self.rest.clone(),
        }
    }
}

/// Reads on into `bytes` as far as there is room. What a damaged version held is compared with as far as it can be
/// read.
fn fill(bytes: &mut Vec<u8>, room: &mut u64, reader: &mut dyn Read) {
    let before = bytes.len();
    let _ = reader.take(*room).read_to_end(bytes);
    *room = room.saturating_sub((bytes.len() - before) as u64);
}

impl Sink for Earlier {
    fn part(&mut self, name: Option<&[u8]>, reader: &mut dyn Read) {
        let bytes = self.parts.entry(name.map(<[u8]>::to_vec)).or_default();
        fill(bytes, &mut self.room, reader);
    }

    fn plain(&mut self, reader: &mut dyn Read) {
        fill(&mut self.rest, &mut self.room, reader);
    }

    fn fault(&mut self, _: Option<&[u8]>, _: Fault) {}

    fn stopped(&self) -> bool {
        self.room == 0
    }
}
