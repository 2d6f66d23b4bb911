//! The header of a 7z archive.
//!
//! In: its bytes. Out: the folders, how each is packed, and the names of the files in them.

use std::ops::Range;

/// Most files and folders.
const FILES: usize = 1_000_000;
const FOLDERS: usize = 50_000;
/// Most coders and streams of a folder.
const CODERS: usize = 16;

/// What an archive holds.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Whether this tells only where the header is packed.
    pub(super) is_packed: bool,
    /// Whether it was packed itself.
    pub(super) is_led_to: bool,
    /// Where the first folder's bytes begin.
    pub(super) packed: usize,
    pub(super) folders: Vec<Folder>,
    /// Names of the files that have contents.
    pub(super) names: Vec<Vec<u8>>,
}

/// Files that are packed together.
#[derive(Debug, Default)]
pub(super) struct Folder {
    coders: Vec<Coder>,
    /// Which coder's input is which other's output.
    bonds: Vec<(usize, usize)>,
    /// Lengths of what each coder gives out.
    lengths: Vec<u64>,
    /// Lengths of the packed streams.
    streams: Vec<u64>,
    /// How many of those there are.
    count: usize,
    /// Lengths of the files.
    pub(super) files: Vec<u64>,
}

/// One step of unpacking.
#[derive(Debug)]
pub(super) struct Coder {
    pub(super) id: Vec<u8>,
    pub(super) settings: Vec<u8>,
    inputs: usize,
    outputs: usize,
}

impl Folder {
    /// The folder's bytes, which begin at `start`; moves that on.
    pub(super) fn slice<'f>(&self, file: &'f [u8], start: &mut usize) -> &'f [u8] {
        let length = self.streams.iter().fold(0, |sum: u64, length| sum.saturating_add(*length));
        let end = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        let range: Range<usize> = (*start).min(file.len())..end.min(file.len());
        *start = end;
        &file[range]
    }

    /// Bytes that it unpacks to.
    pub(super) fn length(&self) -> u64 {
        let bound = |at: &usize| self.bonds.iter().any(|(_, output)| output == at);
        let last = (0..self.coders.len()).find(|at| !bound(at));
        last.and_then(|at| self.lengths.get(at).copied()).unwrap_or(0)
    }

    /// The coders, first the one that reads the packed bytes, with what each gives out; `None` if they make no chain.
    pub(super) fn order(&self) -> Option<Vec<(&Coder, u64)>> {
        let simple = |coder: &Coder| coder.inputs == 1 && coder.outputs == 1;
        if self.count != 1 || !self.coders.iter().all(simple) {
            return None;
        }
        let reads = |at: &usize| !self.bonds.iter().any(|(input, _)| input == at);
        let mut next = (0..self.coders.len()).find(reads);
        let mut order = Vec::new();
        while let Some(at) = next.filter(|_| order.len() < self.coders.len()) {
            order.push((self.coders.get(at)?, *self.lengths.get(at)?));
            next = self.bonds.iter().find(|(_, output)| *output == at).map(|(input, _)| *input);
        }
        (order.len() == self.coders.len()).then_some(order)
    }
}

impl Header {
    /// Reads a header.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let mut header = Self::default();
        match reader.byte()? {
            0x17 => {
                header.is_packed = true;
                header.streams(&mut reader)?;
            }
            0x01 => loop {
                match reader.byte()? {
                    0 => break,
                    2 => {
                        while reader.byte()? != 0 {
                            let length = reader.size()?;
                            reader.take(length)?;
                        }
                    }
                    3 => Self::default().streams(&mut reader)?,
                    4 => header.streams(&mut reader)?,
                    5 => header.files(&mut reader)?,
                    _ => return None,
                }
            },
            _ => return None,
        }
        Some(header)
    }

    /// Reads where the folders lie and how they are packed.
    fn streams(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let mut sizes = Vec::new();
        loop {
            match reader.byte()? {
                0 => break,
                6 => sizes = self.places(reader)?,
                7 => self.folders(reader)?,
                8 => self.contents(reader)?,
                _ => return None,
            }
        }
        let mut sizes = sizes.into_iter();
        for folder in &mut self.folders {
            folder.streams = sizes.by_ref().take(folder.count).collect();
            if folder.files.is_empty() {
                folder.files = vec![folder.length()];
            }
        }
        // Without a word about it, each folder holds one file; one that holds none says so.
        for folder in &mut self.folders {
            folder.files.retain(|size| *size != NONE);
        }
        Some(())
    }

    /// Reads where the packed streams begin and how long they are.
    fn places(&mut self, reader: &mut Reader<'_>) -> Option<Vec<u64>> {
        self.packed = reader.size()?.checked_add(super::FRONT)?;
        let count = reader.count()?;
        let mut sizes = Vec::new();
        loop {
            match reader.byte()? {
                0 => return Some(sizes),
                9 => {
                    for _ in 0..count {
                        sizes.push(reader.number()?);
                    }
                }
                10 => reader.digests(count)?,
                _ => return None,
            }
        }
    }

    /// Reads how each folder is packed.
    fn folders(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        if reader.byte()? != 11 {
            return None;
        }
        let count = reader.count()?;
        if reader.byte()? != 0 {
            return None;
        }
        if count > FOLDERS {
            return None;
        }
        for _ in 0..count {
            self.folders.push(folder(reader)?);
        }
        loop {
            match reader.byte()? {
                0 => return Some(()),
                12 => {
                    for folder in &mut self.folders {
                        for _ in 0..folder.coders.iter().map(|coder| coder.outputs).sum() {
                            folder.lengths.push(reader.number()?);
                        }
                    }
                }
                10 => reader.digests(count)?,
                _ => return None,
            }
        }
    }

    /// Reads how many files each folder holds, and how long they are.
    fn contents(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let mut counts = vec![1; self.folders.len()];
        let mut kind = reader.byte()?;
        if kind == 13 {
            for count in &mut counts {
                *count = reader.count()?;
            }
            if counts.iter().sum::<usize>() > FILES {
                return None;
            }
            kind = reader.byte()?;
        }
        // A million files take no bytes of a header that tells no lengths.
        if kind != 9 && counts.iter().any(|count| *count > 1) {
            return None;
        }
        for (folder, count) in self.folders.iter_mut().zip(&counts) {
            let mut left = folder.length();
            folder.files.clear();
            for _ in 1..*count {
                let size = reader.number()?;
                left = left.saturating_sub(size);
                folder.files.push(size);
            }
            folder.files.push(if *count == 0 { NONE } else { left });
        }
        if kind == 9 {
            kind = reader.byte()?;
        }
        // What is left are checksums; the end of them is the end of this.
        while kind != 0 {
            if kind != 10 {
                return None;
            }
            // Folders of one file have theirs already, maybe: the number differs by writer, so both are tried.
            let all: usize = counts.iter().sum();
            let many: usize = counts.iter().filter(|count| **count != 1).sum();
            let rest = reader.0;
            let fits = [all, many].into_iter().find(|count| {
                reader.0 = rest;
                reader.digests(*count).is_some() && reader.0.first() == Some(&0)
            });
            reader.0 = rest;
            reader.digests(fits?)?;
            kind = reader.byte()?;
        }
        Some(())
    }

    /// Reads the names of the files, and which of them are empty.
    fn files(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let count = reader.count()?;
        let (mut names, mut empty) = (Vec::new(), Vec::new());
        loop {
            let kind = reader.byte()?;
            if kind == 0 {
                break;
            }
            let length = reader.size()?;
            let mut inside = Reader(reader.take(length)?);
            match kind {
                14 => empty = inside.bits(count)?,
                17 if inside.byte()? == 0 => {
                    let units: Vec<u16> = inside
                        .0
                        .as_chunks::<2>()
                        .0
                        .iter()
                        .map(|two| u16::from_le_bytes(*two))
                        .collect();
                    names = units.split(|unit| *unit == 0).map(String::from_utf16_lossy).collect();
                }
                _ => {}
            }
        }
        let kept = names.into_iter().take(count).enumerate();
        let kept = kept.filter(|(at, _)| !empty.get(*at).is_some_and(|empty| *empty));
        self.names = kept.map(|(_, name)| name.into_bytes()).collect();
        Some(())
    }
}

/// Stands for no file, until all is known.
const NONE: u64 = u64::MAX;

fn folder(reader: &mut Reader<'_>) -> Option<Folder> {
    let mut folder = Folder::default();
    let count = reader.count().filter(|count| *count <= CODERS)?;
    let (mut inputs, mut outputs) = (0, 0);
    for _ in 0..count {
        let flags = reader.byte()?;
        let id = reader.take(usize::from(flags & 0xf))?.to_vec();
        let (mut own, mut out) = (1, 1);
        if flags & 0x10 != 0 {
            own = reader.count().filter(|count| *count <= CODERS)?;
            out = reader.count().filter(|count| *count <= CODERS)?;
        }
        let mut settings = Vec::new();
        if flags & 0x20 != 0 {
            let length = reader.size()?;
            settings = reader.take(length)?.to_vec();
        }
        inputs += own;
        outputs += out;
        folder.coders.push(Coder { id, settings, inputs: own, outputs: out });
    }
    let bonds = outputs.checked_sub(1)?;
    for _ in 0..bonds {
        folder.bonds.push((reader.size()?, reader.size()?));
    }
    folder.count = inputs.checked_sub(bonds)?;
    if folder.count > 1 {
        for _ in 0..folder.count {
            reader.size()?;
        }
    }
    Some(folder)
}

/// Reads the numbers of a header.
struct Reader<'h>(&'h [u8]);

impl<'h> Reader<'h> {
    fn take(&mut self, count: usize) -> Option<&'h [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    /// A number: the high bits of the first byte tell how many follow.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let count = first.leading_ones() as usize;
        let mut bytes = [0; 8];
        bytes[..count].copy_from_slice(self.take(count)?);
        let high = u64::from(first) & (0x7f >> count.min(7));
        let high = if count < 7 { high << (8 * count) } else { 0 };
        Some(u64::from_le_bytes(bytes) | high)
    }

    fn size(&mut self) -> Option<usize> {
        self.number().and_then(|number| usize::try_from(number).ok())
    }

    /// A number of things.
    fn count(&mut self) -> Option<usize> {
        self.size().filter(|count| *count <= FILES)
    }

    /// As many bits.
    fn bits(&mut self, count: usize) -> Option<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8))?;
        Some((0..count).map(|at| bytes[at / 8] & (0x80 >> (at % 8)) != 0).collect())
    }

    /// Passes over checksums.
    fn digests(&mut self, count: usize) -> Option<()> {
        let defined = if self.byte()? == 0 {
            self.bits(count)?.iter().filter(|bit| **bit).count()
        } else {
            count
        };
        self.take(defined.checked_mul(4)?).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_by_bytes() {
        let number = |bytes: &[u8]| Reader(bytes).number();
        assert_eq!(number(&[0x7f]), Some(0x7f));
        assert_eq!(number(&[0x81, 0x02]), Some(0x102));
        assert_eq!(number(&[0xc1, 0x02, 0x03]), Some(0x1_0302));
        assert_eq!(number(&[0xff, 1, 2, 3, 4, 5, 6, 7, 8]), Some(0x0807_0605_0403_0201));
        assert_eq!(number(&[0xfe, 1, 2, 3, 4, 5, 6, 7]), Some(0x07_0605_0403_0201));
        assert_eq!(number(&[0x81]), None);
    }
    #[test]
    fn files_have_lengths() {
        let folder = b"\x01\x04\x07\x0b\x01\0\x01\x01\0\x0c\x34\0";
        let header = |contents: &[u8]| Header::read(&[folder, contents, b"\0\0"].concat());
        let files = |header: Option<Header>| header.map(|header| header.folders[0].files.clone());
        assert_eq!(files(header(b"")), Some(vec![0x34]));
        assert_eq!(files(header(b"\x08\x0d\x02\x09\x10\0")), Some(vec![0x10, 0x24]));
        assert!(header(b"\x08\x0d\x02\0").is_none(), "how long is the first?");
    }
}
