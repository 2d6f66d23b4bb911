//! Headers of pack entries.
//!
//! In: the first bytes of an entry. Out: a [`Header`]: what the entry is, how long its inflated
//! bytes are, and where its compressed bytes start.

use super::Fault;
use crate::source::{Format, Kind, ObjectId};

/// Types of git objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// A commit.
    Commit,
    /// A folder.
    Tree,
    /// A file's content.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Type {
    /// The word git uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }

    /// The type that git calls `name`.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        [Self::Commit, Self::Tree, Self::Blob, Self::Tag]
            .into_iter()
            .find(|kind| kind.name().as_bytes() == name)
    }

    /// The kind of text such an object holds.
    #[must_use]
    pub const fn text(self) -> Option<Kind> {
        match self {
            Self::Commit => Some(Kind::Commit),
            Self::Blob => Some(Kind::Blob),
            Self::Tag => Some(Kind::Tag),
            Self::Tree => None,
        }
    }
}

/// What a pack entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A whole object.
    Whole(Type),
    /// What changed since the entry that starts so many bytes before this one.
    Offset(u64),
    /// What changed since the object of this id.
    Reference(ObjectId),
}

/// The start of a pack entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// What the entry holds.
    pub(super) form: Form,
    /// Length of the inflated bytes.
    pub(super) size: u64,
    /// Length of the header.
    pub(super) len: usize,
}

impl Header {
    /// No header is longer: ten bytes of size, thirty-two of id.
    pub(super) const LONGEST: usize = 42;

    /// Reads the header that `bytes` start with.
    pub(super) fn parse(bytes: &[u8], format: Format) -> Result<Self, Fault> {
        let mut rest = Bytes { bytes, at: 0 };
        let first = rest.next()?;
        let size = size(first, &mut rest)?;
        let form = match first >> 4 & 7 {
            1 => Form::Whole(Type::Commit),
            2 => Form::Whole(Type::Tree),
            3 => Form::Whole(Type::Blob),
            4 => Form::Whole(Type::Tag),
            6 => Form::Offset(distance(&mut rest)?),
            7 => Form::Reference(rest.id(format)?),
            _ => return Err(Fault::corrupt("an entry of a type that does not exist")),
        };
        let len = rest.at;
        Ok(Self { form, size, len })
    }
}

/// Takes bytes from the front.
struct Bytes<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bytes<'_> {
    fn next(&mut self) -> Result<u8, Fault> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte.ok_or_else(|| Fault::corrupt("an entry's header is cut off"))
    }

    fn id(&mut self, format: Format) -> Result<ObjectId, Fault> {
        let id = self.bytes.get(self.at..self.at + format.width());
        self.at += format.width();
        id.map(ObjectId::new).ok_or_else(|| Fault::corrupt("an entry's header is cut off"))
    }
}

/// The length: four bits of the first byte, then seven of each byte, lowest first.
fn size(first: u8, rest: &mut Bytes<'_>) -> Result<u64, Fault> {
    let mut size = u64::from(first & 0x0f);
    let mut more = first & 0x80 != 0;
    let mut shift = 4;
    while more {
        let byte = rest.next()?;
        let part = u64::from(byte & 0x7f);
        if shift > 63 || part << shift >> shift != part {
            return Err(Fault::corrupt("an entry's length does not fit 64 bits"));
        }
        size |= part << shift;
        shift += 7;
        more = byte & 0x80 != 0;
    }
    Ok(size)
}

/// The way back to the base: seven bits a byte, highest first, each further byte adding one.
fn distance(rest: &mut Bytes<'_>) -> Result<u64, Fault> {
    let mut byte = rest.next()?;
    let mut distance = u64::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = rest.next()?;
        distance = distance
            .checked_add(1)
            .and_then(|far| far.checked_mul(128))
            .ok_or_else(|| Fault::corrupt("an entry's base offset does not fit 64 bits"))?
            | u64::from(byte & 0x7f);
    }
    if distance == 0 {
        return Err(Fault::corrupt("an entry is its own base"));
    }
    Ok(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Header, Fault> {
        Header::parse(bytes, Format::Sha1)
    }

    #[test]
    fn sizes_are_read_lowest_bits_first() {
        let header = parse(&[0xb5, 0x0a, 0x78]).unwrap();
        assert_eq!(header.form, Form::Whole(Type::Blob));
        assert_eq!((header.size, header.len), (0xa5, 2));
    }

    #[test]
    fn distances_have_no_redundant_form() {
        let header = parse(&[0x60, 0x80, 0x00]).unwrap();
        assert_eq!(header.form, Form::Offset(128));
        let header = parse(&[0x60, 0x81, 0x00]).unwrap();
        assert_eq!(header.form, Form::Offset(256));
    }

    #[test]
    fn references_carry_an_id() {
        let mut bytes = vec![0x71];
        bytes.extend([9; 20]);
        let header = parse(&bytes).unwrap();
        assert_eq!(header.form, Form::Reference(ObjectId::new(&[9; 20])));
        assert_eq!((header.size, header.len), (1, 21));
        assert!(parse(&bytes[..20]).is_err());
        assert!(Header::parse(&bytes, Format::Sha256).is_err());
        bytes.extend([9; 12]);
        assert_eq!(Header::parse(&bytes, Format::Sha256).unwrap().len, 33);
    }

    #[test]
    fn hostile_headers_are_refused() {
        let endless_size = [0xff; 40];
        let mut endless_distance = vec![0x60];
        endless_distance.extend([0xff; 40]);
        for bytes in [
            &[][..],
            &[0x80],
            &[0x00],
            &[0x50],
            &[0x60, 0x00],
            &[0x60, 0x80],
            &endless_size,
            &endless_distance,
        ] {
            assert!(parse(bytes).is_err(), "{bytes:x?}");
        }
    }

    #[test]
    fn the_largest_size_fits() {
        let mut bytes = vec![0xbf];
        bytes.extend([0xff; 8]);
        bytes.push(0x0f);
        assert_eq!(parse(&bytes).unwrap().size, u64::MAX);
        bytes[9] = 0x1f;
        assert!(parse(&bytes).is_err());
    }
}
