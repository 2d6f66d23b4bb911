//! What the characters of a PDF's fonts stand for.
//!
//! In: the document. Out: for a font's name, tables from codes to text. Names are those that pages give; two pages may
//! give one name to two fonts, so there may be several tables, which are tried one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::Meter;
use super::dictionary::{Dictionary, is_regular, number, reference};
use super::{Stream, contents};

/// Most bytes of a font before the place where its table is named.
const FONT: usize = 4 << 10;
/// Most fonts of one name that are tried.
const VARIANTS: usize = 4;
/// Most fonts whose tables are read, most codes of all of them, and most names.
const TABLES: usize = 256;
const CODES: usize = 200_000;
const NAMES: usize = 50_000;

/// A font's table.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Bytes of a code.
    pub(super) width: usize,
    codes: BTreeMap<u32, Vec<u8>>,
}

/// What a document says of its fonts.
#[derive(Default)]
struct List {
    /// The objects that are the tables of fonts.
    tables: BTreeMap<u32, u32>,
    /// Names of objects, fonts among them.
    named: BTreeSet<(Vec<u8>, u32)>,
}

impl List {
    /// Reads what stands in a text.
    fn read(&mut self, text: &[u8]) {
        for (font, table) in fonts(text) {
            if self.tables.len() < TABLES {
                self.tables.entry(font).or_insert(table);
            }
        }
        let room = NAMES - self.named.len();
        self.named.extend(names(text).into_iter().take(room));
    }
}

/// All fonts with a table.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    names: BTreeMap<Vec<u8>, Vec<Rc<Table>>>,
}

impl Fonts {
    /// Reads the tables of a document.
    pub(super) fn new(file: &[u8], between: &[u8], streams: &[Stream<'_>], meter: &Meter) -> Self {
        let mut list = List::default();
        list.read(between);
        let packed = streams.iter().filter(|stream| {
            let kind = stream.dictionary.value(b"Type");
            kind.is_some_and(|kind| kind.starts_with(b"/ObjStm"))
        });
        for stream in packed {
            list.read(&objects(stream, &contents(stream, file, meter)));
        }
        let List { tables, named } = list;
        let mut room = CODES;
        let tables: BTreeMap<u32, Rc<Table>> = tables
            .into_iter()
            .filter_map(|(font, number)| {
                let stream = streams.iter().rev().find(|stream| stream.number == number)?;
                Some((font, Rc::new(Table::new(&contents(stream, file, meter), &mut room))))
            })
            .collect();
        let mut fonts = Self::default();
        for (name, font) in named {
            if let Some(table) = tables.get(&font) {
                let list = fonts.names.entry(name).or_default();
                if list.len() < VARIANTS {
                    list.push(Rc::clone(table));
                }
            }
        }
        fonts
    }

    /// How many ways there are to read a text.
    pub(super) fn variants(&self) -> usize {
        self.names.values().map(Vec::len).max().unwrap_or(1)
    }

    /// The table of the font of this name.
    pub(super) fn table(&self, name: &[u8], variant: usize) -> Option<&Table> {
        let list = self.names.get(name)?;
        list.get(variant.min(list.len() - 1)).map(|table| &**table)
    }
}

/// What an object stream holds, written as if it stood between the streams.
fn objects(stream: &Stream<'_>, contents: &[u8]) -> Vec<u8> {
    let first = stream.dictionary.number(b"First").unwrap_or(0).min(contents.len());
    let mut head = contents[..first].trim_ascii_start();
    let mut out = Vec::new();
    while let Some((object, rest)) = number(head) {
        let Some((at, rest)) = number(rest.trim_ascii_start()) else { break };
        head = rest.trim_ascii_start();
        let next = number(head).and_then(|(_, rest)| number(rest.trim_ascii_start()));
        let until = next.map_or(contents.len(), |(next, _)| first.saturating_add(next));
        if let Some(text) = contents.get(first.saturating_add(at)..until.min(contents.len())) {
            out.extend_from_slice(format!("\n{object} 0 obj ").as_bytes());
            out.extend_from_slice(text);
        }
    }
    out
}

/// The objects that have a table, and the objects that these are.
fn fonts(text: &[u8]) -> Vec<(u32, u32)> {
    let mut fonts = Vec::new();
    for at in memchr::memmem::find_iter(text, b"/ToUnicode").take(16 * TABLES) {
        let before = &text[at.saturating_sub(FONT)..at];
        let font = super::object(before).map(|(font, _)| font);
        let table = Dictionary(&text[at..]).reference(b"ToUnicode");
        fonts.extend(font.zip(table));
    }
    fonts
}

/// The names that are given to objects in lists of fonts.
fn names(text: &[u8]) -> Vec<(Vec<u8>, u32)> {
    let mut names = Vec::new();
    for at in memchr::memmem::find_iter(text, b"/Font") {
        let rest = &text[at + 5..];
        let Some(list) = rest.trim_ascii_start().strip_prefix(b"<<") else {
            continue;
        };
        read_names(list, &mut names);
    }
    // A list of fonts may be an object of its own.
    for at in memchr::memmem::find_iter(text, b" obj") {
        if let Some(list) = text[at + 4..].trim_ascii_start().strip_prefix(b"<<") {
            read_names(list, &mut names);
        }
    }
    names
}

/// Reads `/F1 12 0 R`, as often as it stands there.
fn read_names(mut list: &[u8], names: &mut Vec<(Vec<u8>, u32)>) {
    while let Some(rest) =
        list.trim_ascii_start().strip_prefix(b"/").filter(|_| names.len() < NAMES)
    {
        let length = rest.iter().take_while(|b| is_regular(**b)).count();
        let Some((font, rest)) = reference(rest[length..].trim_ascii_start()) else { break };
        let name = &list.trim_ascii_start()[1..=length];
        names.push((name.to_vec(), font));
        list = rest;
    }
}

impl Table {
    /// Reads a table.
    fn new(map: &[u8], room: &mut usize) -> Self {
        let mut table = Self { width: 2, codes: BTreeMap::new() };
        let space = after(map, b"begincodespacerange").and_then(|rest| string(rest));
        if let Some((low, _)) = space {
            table.width = low.len().clamp(1, 4);
        }
        for at in memchr::memmem::find_iter(map, b"beginbfchar") {
            let mut rest = &map[at + 11..];
            while let Some((code, more)) = string(rest) {
                let Some((text, more)) = string(more) else { break };
                rest = more;
                table.insert(value(&code), &text, room);
            }
        }
        for at in memchr::memmem::find_iter(map, b"beginbfrange") {
            let mut rest = &map[at + 12..];
            while let Some((low, more)) = string(rest) {
                let Some((high, more)) = string(more) else { break };
                let Some(more) = table.range((value(&low), value(&high)), more, room) else {
                    break;
                };
                rest = more;
            }
        }
        table
    }

    /// Reads what a range of codes stands for: the first one's text, which counts on, or a list.
    fn range<'m>(
        &mut self,
        (low, high): (u32, u32),
        rest: &'m [u8],
        room: &mut usize,
    ) -> Option<&'m [u8]> {
        let codes = low..=high.min(low.saturating_add(0xffff));
        if let Some(mut list) = rest.trim_ascii_start().strip_prefix(b"[") {
            for code in codes {
                let Some((text, more)) = string(list) else { break };
                list = more;
                self.insert(code, &text, room);
            }
            return Some(&list[memchr::memchr(b']', list)? + 1..]);
        }
        let (mut text, rest) = string(rest)?;
        for code in codes {
            self.insert(code, &text, room);
            if let Some(last) = text.last_mut() {
                *last = last.wrapping_add(1);
            }
        }
        Some(rest)
    }

    fn insert(&mut self, code: u32, utf16: &[u8], room: &mut usize) {
        if *room > 0 {
            *room -= 1;
            let units = utf16.as_chunks::<2>().0.iter().map(|two| u16::from_be_bytes(*two));
            let text: String =
                char::decode_utf16(units).map(|char| char.unwrap_or('\u{fffd}')).collect();
            self.codes.insert(code, text.into());
        }
    }

    /// Writes what codes stand for.
    pub(super) fn read(&self, codes: &[u8], out: &mut Vec<u8>) {
        for code in codes.chunks(self.width) {
            if let Some(text) = self.codes.get(&value(code)) {
                out.extend_from_slice(text);
            }
        }
    }
}

/// What follows a word.
fn after<'m>(map: &'m [u8], word: &[u8]) -> Option<&'m [u8]> {
    memchr::memmem::find(map, word).map(|at| &map[at + word.len()..])
}

/// The bytes of the string `<0041>` that comes next, and what follows it.
fn string(rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let rest = rest.trim_ascii_start().strip_prefix(b"<")?;
    let end = rest.iter().take(256).position(|b| *b == b'>')?;
    let digits: Vec<u8> = rest[..end].iter().copied().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.as_chunks::<2>().0.iter();
    let bytes = pairs.map(|pair| crate::decode::hex::byte(*pair)).collect();
    Some((bytes, &rest[end + 1..]))
}

/// The number that up to four bytes are.
fn value(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stand_for_text() {
        let map = b"1 begincodespacerange <0000><FFFF> endcodespacerange\n1 beginbfchar\n<0003> <0020>\nendbfchar\n\
            2 beginbfrange\n<0010><0012><0061>\n<0020> <0021> [<0078> <00790079>]\nendbfrange";
        let table = Table::new(map, &mut 100);
        let mut out = Vec::new();
        table.read(&[0, 0x10, 0, 0x11, 0, 0x12, 0, 3, 0, 0x20, 0, 0x21, 0, 0x99], &mut out);
        assert_eq!(out, b"abc xyy");
    }

    #[test]
    fn names_lead_to_fonts() {
        let text = b"<</Font<</F1 5 0 R /F2 6 0 R>> /XObject<</X 7 0 R>>>>";
        assert_eq!(names(text), [(b"F1".to_vec(), 5), (b"F2".to_vec(), 6)]);
        let text = b"5 0 obj <</Type/Font/ToUnicode 9 0 R>> endobj";
        assert_eq!(fonts(text), [(5, 9)]);
    }
}
