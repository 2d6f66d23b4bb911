//! Object ids of both lengths.
//!
//! In: bytes or the hash of an object. Out: an [`ObjectId`], which has room for either, and the [`Format`] that says
//! how long a repository's ids are.

use std::cmp::Ordering;
use std::fmt;
use std::hash::Hash;

use sha1::{Digest as _, Sha1};
use sha2::Sha256;

/// How a repository names its objects; all of them alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// SHA-1, 20 bytes.
    #[default]
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
}

impl Format {
    /// How many bytes an id has.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// What other repositories do.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Sha1 => Self::Sha256,
            Self::Sha256 => Self::Sha1,
        }
    }

    /// A hash that starts with nothing.
    pub(super) fn hasher(self) -> Hasher {
        match self {
            Self::Sha1 => Hasher::Sha1(Sha1::new()),
            Self::Sha256 => Hasher::Sha256(Sha256::new()),
        }
    }
}

impl From<git2::ObjectFormat> for Format {
    fn from(format: git2::ObjectFormat) -> Self {
        match format {
            git2::ObjectFormat::Sha1 => Self::Sha1,
            git2::ObjectFormat::Sha256 => Self::Sha256,
        }
    }
}

/// The hash of an object under way.
#[derive(Clone)]
pub(super) enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    /// The id of what has been taken in so far.
    pub(super) fn id(&self) -> ObjectId {
        match self {
            Self::Sha1(hash) => ObjectId::new(&hash.clone().finalize()),
            Self::Sha256(hash) => ObjectId::new(&hash.clone().finalize()),
        }
    }
}

/// An object id.
///
/// One of SHA-1 ends in twelve zero bytes, and by them it is known: one of SHA-256 that ends so is yet to be found.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ObjectId([u8; 32]);

// Hundreds of thousands of ids are put in order, compared and looked up in any audit: these say the same as what could
// be derived, with less to do.

impl Ord for ObjectId {
    fn cmp(&self, other: &Self) -> Ordering {
        let first = |id: &Self| u64::from_be_bytes(*id.first());
        // Mostly the first bytes tell.
        first(self).cmp(&first(other)).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for ObjectId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for ObjectId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

impl ObjectId {
    /// Takes the 20 or 32 bytes of an id; of fewer, the others are zero, and more are not looked at.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let mut id = [0; 32];
        // Copied without a call where the length is known.
        if let Ok(short) = <&[u8; 20]>::try_from(bytes) {
            id[..20].copy_from_slice(short);
            return Self(id);
        }
        let len = bytes.len().min(id.len());
        id[..len].copy_from_slice(&bytes[..len]);
        Self(id)
    }

    /// Whether a text is a whole id in hexadecimal, of either length.
    #[must_use]
    pub fn is_written(hex: &[u8]) -> bool {
        matches!(hex.len(), 40 | 64) && hex.iter().all(u8::is_ascii_hexdigit)
    }

    /// Its 20 or 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let (short, rest) = self.0.split_at(Format::Sha1.width());
        if rest.iter().all(|&byte| byte == 0) { short } else { &self.0 }
    }

    /// The first bytes, which are spread evenly over all ids.
    pub(super) const fn first<const N: usize>(&self) -> &[u8; N] {
        self.0.first_chunk().expect("an id is longer")
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(self.bytes()))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<git2::Oid> for ObjectId {
    fn from(id: git2::Oid) -> Self {
        Self::new(id.as_bytes())
    }
}

impl From<ObjectId> for git2::Oid {
    fn from(id: ObjectId) -> Self {
        Self::from_bytes(id.bytes()).expect("an id of a length that libgit2 knows")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_are_told_apart() {
        for len in [20, 32] {
            let id = ObjectId::new(&vec![0xab; len]);
            assert_eq!((id.bytes().len(), id.to_string()), (len, "ab".repeat(len)));
            assert_eq!(ObjectId::from(git2::Oid::from(id)), id);
        }
        assert_eq!(ObjectId::default().to_string(), "0".repeat(40));
        assert_eq!(ObjectId::new(b"x").first::<1>(), b"x");
    }

    #[test]
    fn order_is_that_of_the_bytes() {
        let mut bytes = [[7; 32]; 5];
        (bytes[0][0], bytes[1][7], bytes[2][8], bytes[3][31]) = (6, 8, 6, 8);
        for (a, b) in bytes.iter().flat_map(|a| bytes.iter().map(move |b| (a, b))) {
            assert_eq!(ObjectId::new(a).cmp(&ObjectId::new(b)), a.cmp(b));
        }
    }

    #[test]
    fn hashes_are_those_of_git() {
        let empty = |format: Format| {
            let mut hash = format.hasher();
            hash.update(b"blob ");
            hash.update(b"0\0");
            hash.id().to_string()
        };
        assert!(empty(Format::Sha1).starts_with("e69de29bb2d1"));
        assert!(empty(Format::Sha256).starts_with("473a0f4c3be8"));
    }
}
