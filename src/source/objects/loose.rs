//! Loose objects: one compressed file each.
//!
//! In: an object's id and the folder it is in. Out: its type, its length and a reader of its
//! bytes that fails where they are not what the id says.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sirocco::inflate;

use super::folders;
use crate::source::id::Hasher;
use crate::source::pack::{Announced, Fault, Type};
use crate::source::{Format, ObjectId, Skipped};

/// `commit`, a space, twenty digits and a zero byte are fewer.
const HEAD: usize = 32;

/// A loose object whose head has been read.
pub(super) struct Loose {
    /// Its type.
    pub(super) kind: Type,
    /// Its announced length.
    pub(super) size: u64,
    /// Its bytes.
    pub(super) body: Announced<Hashed>,
}

/// Hashes what it reads, and compares the hash at the end.
pub(super) struct Hashed {
    inner: inflate::Reader<BufReader<File>>,
    hash: Hasher,
    id: ObjectId,
}

impl Read for Hashed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(out)?;
        self.hash.update(&out[..len]);
        if len == 0 && !out.is_empty() && self.hash.id() != self.id {
            let text = "an object whose bytes are not what its id says";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(len)
    }
}

impl Loose {
    /// Opens object `id` in `folder`; `None` where it is not there.
    pub(super) fn open(folder: &Path, id: ObjectId, format: Format) -> Result<Option<Self>, Fault> {
        let file = match File::open(path(folder, id)) {
            Ok(file) => file,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(Fault::unreadable(&cause)),
        };
        let facts = file.metadata().map_err(|cause| Fault::unreadable(&cause))?;
        if !facts.is_file() {
            return Err(Fault::corrupt("an object that is no regular file"));
        }
        let mut body = Hashed {
            inner: inflate::Reader::new(sirocco::Format::Zlib, BufReader::new(file)),
            hash: format.hasher(),
            id,
        };
        let (kind, size) = head(&mut body)?;
        let body = Announced::new(body, size);
        Ok(Some(Self { kind, size, body }))
    }

    /// Reads the object as a whole.
    pub(super) fn bytes(mut self) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let read = self.body.read_to_end(&mut bytes);
        self.body.finish()?;
        read.map_err(|cause| Fault::unreadable(&cause))?;
        Ok(bytes)
    }
}

fn path(folder: &Path, id: ObjectId) -> PathBuf {
    let name = id.to_string();
    folder.join(&name[..2]).join(&name[2..])
}

/// Reads type and length.
fn head(body: &mut Hashed) -> Result<(Type, u64), Fault> {
    let mut head = Vec::with_capacity(HEAD);
    let mut byte = [0];
    loop {
        body.read_exact(&mut byte)
            .map_err(|cause| Fault::corrupt(format!("a head that does not inflate: {cause}")))?;
        if byte == [0] {
            break;
        }
        head.extend(byte);
        if head.len() == HEAD {
            return Err(Fault::corrupt("an object without a head"));
        }
    }
    parse(&head).ok_or_else(|| Fault::corrupt("an object with a strange head"))
}

fn parse(head: &[u8]) -> Option<(Type, u64)> {
    let head = std::str::from_utf8(head).ok()?;
    let (kind, size) = head.split_once(' ')?;
    let plain = size.bytes().all(|byte| byte.is_ascii_digit());
    let size = size.parse().ok().filter(|_| plain)?;
    Some((Type::named(kind.as_bytes())?, size))
}

/// Finds the loose objects in `folder`; adds what cannot be listed to `skipped`.
pub(super) fn list(
    folder: &Path,
    format: Format,
    ids: &mut Vec<ObjectId>,
    skipped: &mut Vec<Skipped>,
) {
    for first in 0..=255u8 {
        let path = folder.join(format!("{first:02x}"));
        match std::fs::read_dir(&path) {
            Ok(entries) => {
                let mut strange = false;
                for entry in entries {
                    match entry {
                        Ok(entry) => {
                            let name = entry.file_name();
                            let name = name.as_encoded_bytes();
                            ids.extend(named(first, name, format));
                            strange |= named(first, name, format.other()).is_some();
                        }
                        Err(cause) => skipped.push(unlisted(&path, &cause)),
                    }
                }
                if strange {
                    let text = "objects whose ids are not as long as the repository's";
                    skipped.push(Fault::corrupt(text).about(folders::bytes(&path)));
                }
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => skipped.push(unlisted(&path, &cause)),
        }
    }
}

fn unlisted(path: &Path, cause: &io::Error) -> Skipped {
    Fault::unreadable(cause).about(folders::bytes(path))
}

/// The id that a file stands for; `None` for git's temporary files.
fn named(first: u8, name: &[u8], format: Format) -> Option<ObjectId> {
    let mut id = vec![first; format.width()];
    let rest = &mut id[1..];
    let digits = (name.len() == 2 * rest.len()).then(|| HEXLOWER.decode_mut(name, rest))?;
    digits.is_ok().then(|| ObjectId::new(&id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_strictly() {
        assert_eq!(parse(b"blob 12"), Some((Type::Blob, 12)));
        for head in ["blob", "blob ", "blob +1", "blob 1 ", "blub 1", "blob 99999999999999999999"] {
            assert_eq!(parse(head.as_bytes()), None, "{head}");
        }
    }

    #[test]
    fn only_hex_names_are_objects() {
        assert_eq!(
            named(0xab, "01".repeat(19).as_bytes(), Format::Sha1).unwrap().bytes()[..2],
            [0xab, 1]
        );
        assert!(named(0xab, "01".repeat(31).as_bytes(), Format::Sha256).is_some());
        assert_eq!(named(0xab, "01".repeat(31).as_bytes(), Format::Sha1), None);
        for name in ["tmp_obj_abcdef", "", &"0".repeat(36), &"0".repeat(40), &"AB".repeat(19)] {
            assert_eq!(named(0, name.as_bytes(), Format::Sha1), None, "{name}");
        }
    }
}
