//! One table of a stack.
//!
//! In: a file's bytes, hostile input. Out: its refs and log entries, deletions among them; a [`Fault`] where it is not
//! as git's `reftable` page describes. Indexes and the blocks that lead from objects to refs are passed over, for all
//! of a table is read.

use bstr::{BString, ByteSlice};

use crate::source::pack::{Fault, Inflater};
use crate::source::{Format, ObjectId};

/// Bytes of the header, in both versions; the second adds the name of the hash.
const HEADERS: [usize; 2] = [24, 28];
/// Bytes of the footer that follow its copy of the header.
const FOOTER: usize = 44;
/// No more bytes of log entries are inflated.
const LARGEST: usize = 256 << 20;

/// What a ref is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) enum Target {
    /// An object.
    Object(ObjectId),
    /// Another ref.
    Ref(BString),
}

/// An entry of a ref's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::source) struct Entry {
    /// What the ref was set to.
    pub(in crate::source) new: ObjectId,
    /// Who, when, and after a tab why, as in the files of logs.
    pub(in crate::source) text: BString,
}

/// A table; a value of `None` takes away what tables before it say.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Refs by name.
    pub(super) refs: Vec<(BString, Option<Target>)>,
    /// Log entries by the ref's name and the number of the update.
    pub(super) logs: Vec<((BString, u64), Option<Entry>)>,
}

/// What is the same in all of a table.
struct Frame<'t> {
    bytes: &'t [u8],
    /// Where the footer starts.
    end: usize,
    header: usize,
    block: usize,
    format: Format,
    /// Where the footer says that logs start.
    logs: usize,
}

impl Table {
    /// Reads a table.
    pub(super) fn parse(bytes: &[u8], format: Format) -> Result<Self, Fault> {
        let frame = Frame::parse(bytes, format)?;
        let mut table = Self::default();
        let after = frame.refs(&mut table.refs)?;
        let logs = if after == 0 { 0 } else { frame.logs };
        if frame.logs != 0 && frame.logs < after {
            return Err(Fault::corrupt("logs that start among the refs"));
        }
        if logs > 0 || after == 0 {
            frame.log_blocks(logs, &mut table.logs)?;
        }
        Ok(table)
    }
}

impl<'t> Frame<'t> {
    fn parse(bytes: &'t [u8], format: Format) -> Result<Self, Fault> {
        let cut = || Fault::corrupt("a table that is cut off");
        let mut rest = Rest { bytes };
        if rest.take(4)? != b"REFT" {
            return Err(Fault::corrupt("no table of refs"));
        }
        let version = rest.take(1)?[0];
        let block = rest.number(3)?;
        rest.wide()?;
        rest.wide()?;
        let named = match version {
            1 => Format::Sha1,
            2 => match rest.take(4)? {
                b"sha1" => Format::Sha1,
                b"s256" => Format::Sha256,
                _ => return Err(Fault::corrupt("a hash this program does not know")),
            },
            _ => return Err(Fault::corrupt("a version this program does not know")),
        };
        if named != format {
            return Err(Fault::corrupt("ids of another length than the repository's"));
        }
        let header = HEADERS[usize::from(version - 1)];
        let end = bytes.len().checked_sub(header + FOOTER).filter(|end| *end >= header);
        let end = end.ok_or_else(cut)?;
        let (body, sum) = bytes[end..].split_at(header + FOOTER - 4);
        if body[..header] != bytes[..header] || crc32fast::hash(body).to_be_bytes()[..] != *sum {
            return Err(Fault::corrupt("a table whose end does not fit its start"));
        }
        let at = Rest { bytes: &body[header + 24..] }.wide()?;
        let logs = usize::try_from(at).ok().filter(|at| *at < end).ok_or_else(cut)?;
        Ok(Self { bytes, end, header, block, format, logs })
    }

    /// Where in the block at `at` its type stands: behind the header in the first.
    const fn head(&self, at: usize) -> usize {
        if at == 0 { self.header } else { at }
    }

    /// The type of the block at `at`; `None` at the end.
    fn kind(&self, at: usize) -> Option<u8> {
        let head = self.head(at);
        (head < self.end).then(|| self.bytes[head])
    }

    /// Reads the blocks of refs, and says where they end.
    fn refs(&self, refs: &mut Vec<(BString, Option<Target>)>) -> Result<usize, Fault> {
        let mut at = 0;
        while self.kind(at) == Some(b'r') {
            let head = self.head(at);
            let len = Rest { bytes: &self.bytes[head + 1..self.end] }.number(3)?;
            let block = self.bytes[..self.end].get(head + 4..at + len);
            let block = block.ok_or_else(|| Fault::corrupt("a block that is cut off"))?;
            self.each(block, |rest, name, kind| {
                rest.varying()?;
                refs.push((name.into(), self.target(rest, kind)?));
                Ok(())
            })?;
            let next = at + len;
            // Blocks of one length are filled up with zeros; others follow each other.
            let filled = self.block > len && self.bytes[..self.end].get(next) == Some(&0);
            at = if filled { at + self.block } else { next };
        }
        match self.kind(at) {
            None | Some(b'i' | b'o' | b'g') => Ok(at),
            Some(_) => Err(Fault::corrupt("a block of a kind that does not exist")),
        }
    }

    fn target(&self, rest: &mut Rest<'_>, kind: u8) -> Result<Option<Target>, Fault> {
        let width = self.format.width();
        Ok(match kind {
            0 => None,
            1 => Some(Target::Object(ObjectId::new(rest.take(width)?))),
            // What a tag leads to follows.
            2 => Some(Target::Object(ObjectId::new(&rest.take(2 * width)?[..width]))),
            3 => Some(Target::Ref(rest.text()?.into())),
            _ => return Err(Fault::corrupt("a ref of a kind that does not exist")),
        })
    }

    /// Reads the blocks of log entries from `at` on.
    fn log_blocks(
        &self,
        mut at: usize,
        logs: &mut Vec<((BString, u64), Option<Entry>)>,
    ) -> Result<(), Fault> {
        let mut inflater = Inflater::new();
        let mut left = LARGEST;
        while self.kind(at) == Some(b'g') {
            let head = self.head(at);
            let len = Rest { bytes: &self.bytes[head + 1..self.end] }.number(3)?;
            let len = len.checked_sub(head + 4 - at);
            let len = len.ok_or_else(|| Fault::corrupt("a block shorter than its head"))?;
            left =
                left.checked_sub(len).ok_or_else(|| Fault::budget("logs too large for memory"))?;
            let mut block = vec![0; len];
            let raw = &self.bytes[head + 4..self.end];
            let used = inflater.piece(raw, &mut block, true)?;
            let used = used.ok_or_else(|| Fault::corrupt("a block longer than it says"))?;
            self.each(&block, |rest, key, kind| {
                let (name, update) = key
                    .split_last_chunk::<8>()
                    .and_then(|(name, update)| Some((name.strip_suffix(b"\0")?, update)))
                    .ok_or_else(|| Fault::corrupt("a log entry without a number"))?;
                let key = (name.into(), u64::MAX - u64::from_be_bytes(*update));
                logs.push((key, self.entry(rest, kind)?));
                Ok(())
            })?;
            at = head + 4 + used;
        }
        match self.kind(at) {
            None | Some(b'i') => Ok(()),
            Some(_) => Err(Fault::corrupt("a block of a kind that does not exist")),
        }
    }

    fn entry(&self, rest: &mut Rest<'_>, kind: u8) -> Result<Option<Entry>, Fault> {
        if kind == 0 {
            return Ok(None);
        }
        let width = self.format.width();
        let new = ObjectId::new(&rest.take(2 * width)?[width..]);
        let (name, mail) = (rest.text()?, rest.text()?);
        let time = rest.varying()?;
        let zone = i16::from_be_bytes(*rest.take(2)?.first_chunk().expect("two bytes"));
        let why = rest.text()?;
        let (name, mail, why) = (name.as_bstr(), mail.as_bstr(), why.trim_end().as_bstr());
        Ok(Some(Entry { new, text: format_text(name, mail, &format!("{time} {zone:+05}"), why) }))
    }

    /// Takes the records of a block one by one; each is given the name or key and the kind.
    fn each(
        &self,
        block: &[u8],
        mut take: impl FnMut(&mut Rest<'_>, &[u8], u8) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let cut = || Fault::corrupt("a block that is cut off");
        let (rest, count) = block.split_last_chunk::<2>().ok_or_else(cut)?;
        let restarts = 3 * usize::from(u16::from_be_bytes(*count));
        let records = rest.len().checked_sub(restarts).ok_or_else(cut)?;
        let mut rest = Rest { bytes: &rest[..records] };
        let mut name: Vec<u8> = Vec::new();
        while !rest.bytes.is_empty() {
            let kept = rest.small()?;
            let suffix = rest.small()?;
            if kept > name.len() {
                return Err(Fault::corrupt("a name that begins like a longer one before it"));
            }
            name.truncate(kept);
            name.extend_from_slice(rest.take(suffix >> 3)?);
            take(&mut rest, &name, u8::try_from(suffix & 7).expect("three bits"))?;
        }
        Ok(())
    }
}

/// A log entry as git writes it into a file.
fn format_text(name: &bstr::BStr, mail: &bstr::BStr, time: &str, why: &bstr::BStr) -> BString {
    let parts: [&[u8]; 7] = [name, b" <", mail, b"> ", time.as_bytes(), b"\t", why];
    parts.concat().into()
}

/// What is still to be read.
struct Rest<'b> {
    bytes: &'b [u8],
}

impl<'b> Rest<'b> {
    fn take(&mut self, len: usize) -> Result<&'b [u8], Fault> {
        let split = self.bytes.split_at_checked(len);
        let (taken, rest) = split.ok_or_else(|| Fault::corrupt("a record that is cut off"))?;
        self.bytes = rest;
        Ok(taken)
    }

    /// A big-endian number of a few bytes.
    fn number(&mut self, len: usize) -> Result<usize, Fault> {
        Ok(self.take(len)?.iter().fold(0, |all, &byte| all << 8 | usize::from(byte)))
    }

    fn wide(&mut self) -> Result<u64, Fault> {
        Ok(u64::from_be_bytes(*self.take(8)?.first_chunk().expect("eight bytes")))
    }

    /// A number of varying length, as packs have for offsets.
    fn varying(&mut self) -> Result<u64, Fault> {
        let mut byte = self.take(1)?[0];
        let mut value = u64::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            value = value
                .checked_add(1)
                .and_then(|value| value.checked_mul(128))
                .ok_or_else(|| Fault::corrupt("a number that does not fit 64 bits"))?
                | u64::from(byte & 0x7f);
        }
        Ok(value)
    }

    /// Such a number that is a length.
    fn small(&mut self) -> Result<usize, Fault> {
        let value = self.varying()?;
        usize::try_from(value).map_err(|_| Fault::corrupt("a record longer than memory"))
    }

    fn text(&mut self) -> Result<&'b [u8], Fault> {
        let len = self.small()?;
        self.take(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn varying(mut value: u64) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(value & 0x7f).unwrap()];
        while value >> 7 != 0 {
            value = (value >> 7) - 1;
            bytes.insert(0, 0x80 | u8::try_from(value & 0x7f).unwrap());
        }
        bytes
    }

    fn record(kept: u64, suffix: &[u8], kind: u64, value: &[u8]) -> Vec<u8> {
        let lengths = [varying(kept), varying((suffix.len() as u64) << 3 | kind)].concat();
        [&lengths[..], suffix, value].concat()
    }

    fn word(len: usize) -> [u8; 3] {
        u32::try_from(len).unwrap().to_be_bytes()[1..].try_into().unwrap()
    }

    /// A table of these records, with the log block at its end if there is one.
    fn table(refs: &[u8], logs: &[u8]) -> Vec<u8> {
        let end = b"\0\0\0\0\x01";
        let mut bytes = b"REFT\x01\0\x10\0".to_vec();
        bytes.extend([0; 16]);
        let header = bytes.clone();
        if !refs.is_empty() {
            bytes.push(b'r');
            bytes.extend(word(header.len() + 4 + refs.len() + end.len()));
            bytes.extend([refs, end].concat());
        }
        let at = if refs.is_empty() || logs.is_empty() { 0 } else { bytes.len() as u64 };
        if !logs.is_empty() {
            let before = if refs.is_empty() { header.len() } else { 0 };
            bytes.push(b'g');
            bytes.extend(word(before + 4 + logs.len() + end.len()));
            let level = sirocco::deflate::Level::DEFAULT;
            bytes.extend(sirocco::compress(sirocco::Format::Zlib, level, &[logs, end].concat()));
        }
        let mut footer = [&header[..], &[0; 24], &at.to_be_bytes(), &[0; 8]].concat();
        footer.extend(crc32fast::hash(&footer).to_be_bytes());
        [bytes, footer].concat()
    }

    fn refs() -> Vec<u8> {
        let head = [&varying(0)[..], &varying(15), b"refs/heads/main"].concat();
        let one = [&varying(0)[..], &[1; 20]].concat();
        let two = [&varying(300)[..], &[2; 20], &[9; 20]].concat();
        [
            record(0, b"HEAD", 3, &head),
            record(0, b"refs/heads/main", 1, &one),
            record(11, b"old", 0, &varying(1)),
            record(5, b"tags/v1", 2, &two),
        ]
        .concat()
    }

    fn logs() -> Vec<u8> {
        let text = |text: &str| [varying(text.len() as u64), text.into()].concat();
        let value = [
            &[1; 20][..],
            &[2; 20],
            &text("A B"),
            &text("a@b"),
            &varying(1_700_000_000),
            &(-330i16).to_be_bytes(),
            &text("commit: x\n"),
        ]
        .concat();
        let key = |update: u64| [b"HEAD\0", &(u64::MAX - update).to_be_bytes()[..]].concat();
        [record(0, &key(7), 1, &value), record(0, &key(3), 0, b"")].concat()
    }

    fn parse(bytes: &[u8]) -> Result<Table, Fault> {
        Table::parse(bytes, Format::Sha1)
    }

    #[test]
    fn refs_and_logs_are_read() {
        let read = parse(&table(&refs(), &logs())).unwrap();
        let names: Vec<String> = read.refs.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(names, ["HEAD", "refs/heads/main", "refs/heads/old", "refs/tags/v1"]);
        assert_eq!(read.refs[0].1, Some(Target::Ref("refs/heads/main".into())));
        assert_eq!(read.refs[1].1, Some(Target::Object(ObjectId::new(&[1; 20]))));
        assert_eq!(read.refs[2].1, None);
        assert_eq!(read.refs[3].1, Some(Target::Object(ObjectId::new(&[2; 20]))));
        let entry = read.logs[0].1.clone().unwrap();
        assert_eq!(read.logs[0].0, ("HEAD".into(), 7));
        assert_eq!(entry.text, "A B <a@b> 1700000000 -0330\tcommit: x");
        assert_eq!(entry.new, ObjectId::new(&[2; 20]));
        assert_eq!(read.logs[1], (("HEAD".into(), 3), None));
        // Either may be missing.
        assert_eq!(parse(&table(&refs(), b"")).unwrap().logs.len(), 0);
        assert_eq!(parse(&table(b"", &logs())).unwrap().logs.len(), 2);
        assert!(parse(&table(b"", b"")).unwrap().refs.is_empty());
        assert!(Table::parse(&table(&refs(), b""), Format::Sha256).is_err());
    }

    /// A table whose end fits its start again.
    fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
        let end = bytes.len() - 4;
        let start = end - FOOTER + 4 - HEADERS[0];
        bytes.copy_within(..HEADERS[0], start);
        let sum = crc32fast::hash(&bytes[start..end]).to_be_bytes();
        bytes[end..].copy_from_slice(&sum);
        bytes
    }

    #[test]
    fn cuts_and_damage_are_refused_or_change_what_is_read() {
        let whole = table(&refs(), &logs());
        for end in 0..whole.len() {
            assert!(parse(&whole[..end]).is_err(), "{end}");
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                // Whatever it says, it is read to its end or refused.
                let _ = parse(&sealed(damaged));
            }
        }
    }

    #[test]
    fn what_lies_about_its_length_is_refused() {
        let long = record(0, b"x", 1, &varying(0));
        let ahead = record(5, b"x", 0, &varying(0));
        let huge = [varying(0), varying(u64::MAX >> 1)].concat();
        let endless = vec![0xff; 40];
        let unknown = record(0, b"x", 5, &varying(0));
        for records in [long, ahead, huge, endless, unknown] {
            assert!(parse(&table(&records, b"")).is_err(), "{records:x?}");
        }
        let keyless = record(0, b"HEAD", 0, b"");
        assert!(parse(&table(b"", &keyless)).is_err());
    }
}
