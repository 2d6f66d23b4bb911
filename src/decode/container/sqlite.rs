//! `SQLite` databases, and the logs written ahead of them.
//!
//! In: a database. Out: a part for each table, by name: `column: value` for each text and blob, a line each, with what
//! overflows to other pages joined; blobs that are containers, a part each; then the bytes that belong to no value,
//! where deleted rows still stand.

mod record;
mod schema;

use std::collections::BTreeMap;
use std::io;

use self::record::{Value, values};
use super::feed::Feed;
use super::{Meter, Sink, detect};

/// Length of a log's header, and of the header of a page in it.
const LOG: usize = 32;
const FRAME: usize = 24;
/// Longest value that is put together.
const LONGEST: usize = 16 << 20;
/// Most bytes of a table's blobs that are opened as containers; further ones are searched as they stand.
const BLOBS: usize = 64 << 20;

/// The pages of a database.
struct Pages<'d> {
    file: &'d [u8],
    size: usize,
    /// Bytes of a page that hold something.
    usable: usize,
    /// Where each page begins in a log; in a database they follow each other.
    log: Option<BTreeMap<u32, usize>>,
    encoding: u8,
}

/// Where a value's payload stands: on its page, then in a chain of others.
struct Cell {
    /// Bytes on the page.
    local: std::ops::Range<usize>,
    /// Bytes in all.
    total: usize,
    /// The first page of the chain; 0 for none.
    overflow: u32,
    /// The page to the left, where the cell parts two.
    child: u32,
}

/// Hands out what a database holds.
pub(super) fn walk(file: &[u8], meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    let Some(pages) = Pages::new(file) else {
        sink.plain(&mut &file[..]);
        return Err(io::Error::other("no size of a page"));
    };
    let mut seen = vec![false; file.len() / pages.size + 2];
    let mut whole = true;
    for table in schema::tables(&pages, &mut seen) {
        if sink.stopped() || meter.is_spent() {
            return Ok(());
        }
        meter.enter()?;
        let columns = table.columns();
        let mut rows = Rows { pages: &pages, seen: &mut seen, open: vec![table.root], whole: true };
        let told = (Some(&table.name[..]), &columns[..]);
        whole &= table_part(&pages, told, &mut || rows.next(), (meter, sink)) && rows.whole;
    }
    if meter.is_spent() {
        return Ok(());
    }
    let mut rest = file.to_vec();
    for (at, _) in seen.iter().enumerate().filter(|(_, seen)| **seen) {
        pages.blank(u32::try_from(at).unwrap_or(0), &mut rest);
    }
    sink.plain(&mut &rest[..]);
    if whole { Ok(()) } else { Err(io::Error::other("a page or a value breaks off")) }
}

/// Hands out the rows that a log holds, older ones too.
pub(super) fn walk_log(file: &[u8], meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    let size = file.get(8..12).and_then(|size| size.first_chunk().copied());
    let size = size.map(u32::from_be_bytes).filter(|size| size.is_power_of_two());
    let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size >= 512);
    let Some(size) = size else {
        sink.plain(&mut &file[..]);
        return Err(io::Error::other("no size of a page"));
    };
    // Only the database's first page tells how texts are written; nearly all are UTF-8.
    let mut pages = Pages { file, size, usable: size, log: None, encoding: 1 };
    let mut rest = file.to_vec();
    let starts = (LOG..file.len()).step_by(FRAME + size);
    let frames: Vec<(u32, usize)> = starts
        .filter_map(|at| Some((u32::from_be_bytes(*file.get(at..)?.first_chunk()?), at + FRAME)))
        .collect();
    // Pages that a value overflows to were written with it, or before.
    pages.log = Some(frames.iter().copied().collect());
    for (number, at) in frames {
        if sink.stopped() || meter.is_spent() {
            return Ok(());
        }
        let start = if number == 1 { 100 } else { 0 };
        let Some(page) = file.get(at..at + size) else { break };
        if !matches!(page.get(start), Some(0x0d | 0x0a | 0x02)) {
            continue;
        }
        if let Some(log) = &mut pages.log {
            log.insert(number, at);
        }
        let mut cells = pages.cells(number).map(|(cells, _)| cells);
        table_part(&pages, (None, &[]), &mut || cells.take(), (meter, sink));
        pages.blank(number, &mut rest);
    }
    sink.plain(&mut &rest[..]);
    Ok(())
}

/// Hands out the rows of a table of this name and these columns, then those of its values that are containers. False
/// if a value is not all there.
fn table_part(
    pages: &Pages<'_>,
    (name, columns): (Option<&[u8]>, &[Vec<u8>]),
    next: &mut dyn FnMut() -> Option<Vec<Cell>>,
    (meter, sink): (&Meter, &mut dyn Sink),
) -> bool {
    let mut blobs = Blobs { list: Vec::new(), room: BLOBS };
    let mut waiting = Vec::new().into_iter();
    let mut whole = true;
    let mut feed = Feed::new(|out: &mut Vec<u8>| {
        loop {
            if let Some(cell) = waiting.next() {
                whole &= pages.write(&cell, columns, out, &mut blobs);
                return true;
            }
            match next() {
                Some(cells) => waiting = cells.into_iter(),
                None => return false,
            }
        }
    });
    sink.part(name, &mut meter.unpacking(&mut feed));
    for (column, bytes) in blobs.list {
        let column = columns.get(column).map_or(&b"value"[..], |name| name);
        let inner = [name.unwrap_or_default(), b".", column].concat();
        sink.part(Some(&inner), &mut meter.unpacking(&mut &bytes[..]));
    }
    whole
}

/// Values that are containers, by the numbers of their columns.
struct Blobs {
    list: Vec<(usize, Vec<u8>)>,
    /// Bytes that may still be kept.
    room: usize,
}

impl Blobs {
    const fn fit(&self, bytes: &[u8]) -> bool {
        bytes.len() <= self.room
    }
}

/// The cells of a tree, page by page.
struct Rows<'r, 'd> {
    pages: &'r Pages<'d>,
    seen: &'r mut [bool],
    open: Vec<u32>,
    whole: bool,
}

impl Rows<'_, '_> {
    /// The cells of the next page that has any.
    fn next(&mut self) -> Option<Vec<Cell>> {
        loop {
            let number = self.open.pop()?;
            let Some(seen) = usize::try_from(number).ok().and_then(|at| self.seen.get_mut(at))
            else {
                self.whole = false;
                continue;
            };
            if std::mem::replace(seen, true) {
                continue;
            }
            let Some((cells, children)) = self.pages.cells(number) else {
                self.whole = false;
                continue;
            };
            self.open.extend(children.into_iter().rev());
            if !cells.is_empty() {
                return Some(cells);
            }
        }
    }
}

impl<'d> Pages<'d> {
    fn new(file: &'d [u8]) -> Option<Self> {
        let size = match u16::from_be_bytes(*file.get(16..)?.first_chunk()?) {
            1 => 65_536,
            size if size.is_power_of_two() && size >= 512 => usize::from(size),
            _ => return None,
        };
        let usable = size - usize::from(*file.get(20)?);
        let encoding = *file.get(59)?;
        (usable >= 480).then_some(Self { file, size, usable, log: None, encoding })
    }

    /// Where a page begins in the file.
    fn start(&self, number: u32) -> Option<usize> {
        match &self.log {
            Some(log) => log.get(&number).copied(),
            None => usize::try_from(number).ok()?.checked_sub(1)?.checked_mul(self.size),
        }
    }

    fn page(&self, number: u32) -> Option<&'d [u8]> {
        let start = self.start(number)?;
        self.file.get(start..start.checked_add(self.size)?)
    }

    /// The cells of a page of a tree, and the pages below it.
    fn cells(&self, number: u32) -> Option<(Vec<Cell>, Vec<u32>)> {
        let page = self.page(number)?;
        let start = if number == 1 { 100 } else { 0 };
        let kind = *page.get(start)?;
        let short = |at: usize| Some(u16::from_be_bytes(*page.get(at..)?.first_chunk()?));
        let long = |at: usize| Some(u32::from_be_bytes(*page.get(at..)?.first_chunk()?));
        let header = match kind {
            0x0d | 0x0a => 8,
            0x05 | 0x02 => 12,
            _ => return None,
        };
        let (mut cells, mut children) = (Vec::new(), Vec::new());
        for n in 0..usize::from(short(start + 3)?) {
            let Some(at) = short(start + header + 2 * n).map(usize::from) else { break };
            match self.cell(page, at, kind) {
                Some(cell) => {
                    if cell.child > 0 {
                        children.push(cell.child);
                    }
                    if cell.total > 0 {
                        cells.push(cell);
                    }
                }
                None => continue,
            }
        }
        if header == 12 {
            children.push(long(start + 8)?);
        }
        // Cells are moved into the file's bytes.
        let base = self.start(number)?;
        for cell in &mut cells {
            cell.local = base + cell.local.start..base + cell.local.end;
        }
        Some((cells, children))
    }

    /// The cell at `at` of a page.
    fn cell(&self, page: &[u8], mut at: usize, kind: u8) -> Option<Cell> {
        let mut child = 0;
        if matches!(kind, 0x05 | 0x02) {
            child = u32::from_be_bytes(*page.get(at..)?.first_chunk()?);
            at += 4;
        }
        if kind == 0x05 {
            return Some(Cell { local: 0..0, total: 0, overflow: 0, child });
        }
        let (total, length) = record::varint(page.get(at..)?)?;
        at += length;
        if kind == 0x0d {
            at += record::varint(page.get(at..)?)?.1;
        }
        let total = usize::try_from(total).ok()?;
        let most = if kind == 0x0d { self.usable - 35 } else { (self.usable - 12) * 64 / 255 - 23 };
        let local = if total <= most {
            total
        } else {
            let least = (self.usable - 12) * 32 / 255 - 23;
            let some = least + (total - least) % (self.usable - 4);
            if some <= most { some } else { least }
        };
        let overflow = match page.get(at + local..) {
            Some(rest) if local < total => u32::from_be_bytes(*rest.first_chunk()?),
            Some(_) => 0,
            None => return None,
        };
        Some(Cell { local: at..at + local, total, overflow, child })
    }

    /// A cell's payload up to a length, and whether that is all of it.
    fn payload(&self, cell: &Cell, longest: usize) -> (Vec<u8>, bool) {
        let wanted = cell.total.min(longest);
        let mut bytes = self.file[cell.local.clone()].to_vec();
        let mut next = cell.overflow;
        while bytes.len() < wanted {
            let Some(page) = self.page(next) else { return (bytes, false) };
            let Some(link) = page.first_chunk().copied().map(u32::from_be_bytes) else { break };
            let count = (self.usable - 4).min(wanted - bytes.len());
            bytes.extend_from_slice(&page[4..4 + count]);
            next = link;
        }
        (bytes, cell.total <= longest)
    }

    /// Writes the values of a row, and keeps those that are containers. False if some of it is missing.
    fn write(
        &self,
        cell: &Cell,
        columns: &[Vec<u8>],
        out: &mut Vec<u8>,
        blobs: &mut Blobs,
    ) -> bool {
        let (payload, whole) = self.payload(cell, LONGEST);
        for (column, value) in values(&payload, self.encoding) {
            let text = match value {
                Value::Text(text) => text,
                Value::Blob(bytes) if blobs.fit(bytes) && detect(bytes).is_some() => {
                    blobs.room -= bytes.len();
                    blobs.list.push((column, bytes.to_vec()));
                    continue;
                }
                Value::Blob(bytes) => bytes.into(),
            };
            if let Some(name) = columns.get(column) {
                out.extend_from_slice(name);
                out.extend_from_slice(b": ");
            }
            out.extend_from_slice(&text);
            out.push(b'\n');
        }
        whole
    }

    /// Takes the values of a page, and what of them stands elsewhere, out of `rest`.
    fn blank(&self, number: u32, rest: &mut [u8]) {
        let Some((cells, _)) = self.cells(number) else { return };
        for cell in cells {
            rest[cell.local.clone()].fill(0);
            let mut left = cell.total.min(LONGEST) - cell.local.len();
            let mut next = cell.overflow;
            while left > 0 {
                let Some(page) = self.page(next) else { break };
                let Some(start) = self.start(next) else { break };
                let count = (self.usable - 4).min(left);
                next = page.first_chunk().copied().map_or(0, u32::from_be_bytes);
                rest[start + 4..start + 4 + count].fill(0);
                left -= count;
            }
        }
    }
}
