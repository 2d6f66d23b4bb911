//! Git's index, where libgit2 cannot read it: sparse and split ones, those of SHA-256 repositories.
//!
//! In: the file. Out: its entries, in order. The format is that of git's own `index-format` page; extensions but those
//! of sparse and split ones are passed over, unless git says that they must be understood.

mod split;

use std::io;
use std::path::Path;

use bstr::{BString, ByteSlice};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use self::split::Link;

/// Bytes of an entry before its id: times, device, inode, mode, owner and size.
const FACTS: usize = 40;
/// The mode of a folder that a sparse index keeps as one entry.
const FOLDER: u32 = 0o040_000;
/// The mode of a submodule.
const LINK: u32 = 0o160_000;

/// An index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// Its entries.
    pub(super) entries: Vec<Entry>,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its mode.
    pub(super) mode: u32,
    /// Its object's id.
    pub(super) id: Vec<u8>,
    /// Stage and length of the name.
    pub(super) flags: u16,
    /// Whether it only stands for a file to come, and the like.
    pub(super) extended: u16,
    /// Its path; that of a folder ends in a slash.
    pub(super) path: BString,
}

impl Entry {
    /// Whether it is a folder that is not checked out.
    pub(super) const fn is_folder(&self) -> bool {
        self.mode == FOLDER
    }

    /// Whether it is a file that is not checked out.
    pub(super) const fn is_skipped(&self) -> bool {
        self.extended & 0x4000 != 0
    }

    /// 0, or the side of a conflict.
    pub(super) const fn stage(&self) -> u16 {
        self.flags >> 12 & 3
    }
}

impl Index {
    /// Reads the index at `path`, with the file beside it that it shares entries with, if it is split; `None` where it is
    /// malformed or must be understood otherwise.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        Self::whole(&std::fs::read(path)?, &|name| std::fs::read(path.with_file_name(name)))
    }

    /// Reads an index; `shared` reads a file beside it.
    pub(super) fn whole(
        bytes: &[u8],
        shared: &dyn Fn(&str) -> io::Result<Vec<u8>>,
    ) -> io::Result<Option<Self>> {
        let Some((own, link)) = Self::parse(bytes) else { return Ok(None) };
        let Some(link) = link else { return Ok(Some(own)) };
        if link.shared.iter().all(|byte| *byte == 0) {
            return Ok(link.merge(Self::default(), own));
        }
        let name = format!("sharedindex.{}", data_encoding::HEXLOWER.encode(&link.shared));
        // That it is missing is no reason to believe that there is no index.
        let bytes = shared(&name).map_err(|cause| io::Error::other(format!("{name}: {cause}")))?;
        let shared = Self::parse(&bytes);
        Ok(shared.and_then(|(shared, _)| link.merge(shared, own)))
    }

    /// Reads an index with ids of either length, and what it says of the entries that it shares.
    fn parse(bytes: &[u8]) -> Option<(Self, Option<Link>)> {
        Self::with_ids(bytes, 20).or_else(|| Self::with_ids(bytes, 32))
    }

    /// The paths of submodules.
    pub(super) fn links(self) -> impl Iterator<Item = BString> {
        let links = self.entries.into_iter().filter(|entry| entry.mode == LINK);
        links.map(|entry| entry.path)
    }

    fn with_ids(bytes: &[u8], id: usize) -> Option<(Self, Option<Link>)> {
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(id)?)?;
        if !is_sum(body, sum) {
            return None;
        }
        let mut rest = Rest { bytes: body.strip_prefix(b"DIRC")? };
        let version = rest.number()?;
        if !(2..=4).contains(&version) {
            return None;
        }
        let count = rest.number()?;
        let mut entries: Vec<Entry> = Vec::new();
        for _ in 0..count {
            let before = entries.last().map(|entry| &entry.path[..]).unwrap_or_default();
            let entry = rest.entry(version, id, before)?;
            entries.push(entry);
        }
        let mut link = None;
        while !rest.bytes.is_empty() {
            let name = rest.take(4)?;
            let len = usize::try_from(rest.number()?).ok()?;
            let extension = rest.take(len)?;
            match name {
                b"link" => link = Some(Link::parse(extension, id)?),
                // Upper case may be passed over.
                b"sdir" | [b'A'..=b'Z', ..] => {}
                _ => return None,
            }
        }
        Some((Self { entries }, link))
    }
}

/// Whether `sum` is the hash of `body`; nothing but zeros where git was told to leave it out (`index.skipHash`).
fn is_sum(body: &[u8], sum: &[u8]) -> bool {
    sum.iter().all(|&b| b == 0)
        || if sum.len() == 20 {
            Sha1::digest(body)[..] == *sum
        } else {
            Sha256::digest(body)[..] == *sum
        }
}

/// What is still to be read.
struct Rest<'b> {
    bytes: &'b [u8],
}

impl<'b> Rest<'b> {
    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(len)?;
        self.bytes = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(*self.take(4)?.first_chunk()?))
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(*self.take(2)?.first_chunk()?))
    }

    /// Reads an entry; `before` is the path of the one before.
    fn entry(&mut self, version: u32, id: usize, before: &[u8]) -> Option<Entry> {
        let start = self.bytes.len();
        let facts = self.take(FACTS)?;
        let mode = u32::from_be_bytes(*facts[24..].first_chunk()?);
        if !matches!(mode >> 12, 0o04 | 0o10 | 0o12 | 0o16) {
            return None;
        }
        let id = self.take(id)?.to_vec();
        let flags = self.short()?;
        let extended = if flags & 0x4000 == 0 { 0 } else { self.short()? };
        let mut path = BString::default();
        if version == 4 {
            let kept = before.len().checked_sub(self.varying()?)?;
            path.extend_from_slice(&before[..kept]);
        }
        let len = self.bytes.find_byte(0)?;
        path.extend_from_slice(self.take(len)?);
        // Entries are padded to eight bytes, with one zero at least.
        let used = start - self.bytes.len();
        self.take(if version == 4 { 1 } else { 8 - used % 8 })?;
        Some(Entry { mode, id, flags, extended, path })
    }

    /// A number of varying length, as packs have for offsets.
    fn varying(&mut self) -> Option<usize> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            value =
                value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mode: u32, path: &str, id: usize) -> Vec<u8> {
        let mut bytes = vec![0; 24];
        bytes.extend(mode.to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend(vec![7; id]);
        bytes.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
        bytes.extend(path.bytes());
        bytes.resize(bytes.len() / 8 * 8 + 8, 0);
        bytes
    }

    fn index(id: usize, extension: &[u8]) -> Vec<u8> {
        let entries = [entry(0o100_644, "a", id), entry(FOLDER, "long/folder/", id)].concat();
        let sum = vec![0; id];
        [b"DIRC\0\0\0\x02\0\0\0\x02", &entries[..], extension, b"\0\0\0\0", &sum].concat()
    }

    #[test]
    fn both_lengths_of_ids_are_read() {
        for id in [20, 32] {
            let (read, _) = Index::parse(&index(id, b"sdir")).unwrap();
            let paths: Vec<_> = read.entries.iter().map(|entry| entry.path.to_string()).collect();
            assert_eq!(paths, ["a", "long/folder/"]);
            assert_eq!(read.entries[1].id.len(), id);
            assert!(read.entries[1].is_folder());
            assert!(Index::parse(&index(id, b"link")).is_none());
            assert!(Index::parse(&index(id, b"what")).is_none());
        }
    }

    #[test]
    fn what_is_cut_off_is_none() {
        let whole = index(20, b"TREE");
        for end in 0..whole.len() {
            assert!(Index::parse(&whole[..end]).is_none(), "{end}");
        }
    }
}
