//! Files that git-lfs keeps outside of git's objects.
//!
//! In: a repository's `lfs/objects` and the blobs that point there. Out: each such file as a blob that goes by its
//! pointer, so that paths and commits are those of the pointer; a note where pointed at is what is not there.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use bstr::ByteSlice;
use data_encoding::HEXLOWER;

use super::objects::Store;
use super::pack::{Body, Node, Type, Walk};
use super::{
    Blob, Content, Kind, Object, ObjectId, Origin, SkipReason, Skipped, Visitor, attribution, git,
};

/// No pointer is longer.
const LONGEST: usize = 1024;
/// What a pointer begins with.
const VERSIONS: [&[u8]; 2] =
    [b"version https://git-lfs.github.com/spec/v1", b"version https://hawser.github.com/spec/v1"];

/// Hands out the files of the repository whose work trees share `common`.
pub fn hand_out(common: &Path, store: &Store, threads: usize, visitor: &dyn Visitor) {
    let mut pointers: BTreeMap<ObjectId, ObjectId> = BTreeMap::new();
    for (file, pointer) in store.each(threads, &Pointers).workers.into_iter().flatten() {
        let known = pointers.entry(file).or_insert(pointer);
        *known = pointer.min(*known);
    }
    let folder = common.join("lfs/objects");
    let mut skipped = Vec::new();
    let mut files = attribution::refs::files(&folder, &mut skipped);
    files.sort();
    for note in skipped {
        visitor.skip(note);
    }
    for path in files {
        if visitor.stopped() {
            return;
        }
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let Some(id) = hash(name) else { continue };
        let pointer = pointers.remove(&id);
        file(&path, pointer, common, visitor);
    }
    if !pointers.is_empty() {
        let count = pointers.len();
        let files = if count == 1 { "1 file".into() } else { format!("{count} files") };
        visitor.skip(Skipped {
            what: "lfs/objects".into(),
            reason: SkipReason::Missing,
            detail: format!("{files} not here, not scanned; `git lfs fetch --all` gets them"),
        });
    }
}

/// Hands out one file, by the blob that points at it or by its own name.
fn file(path: &Path, pointer: Option<ObjectId>, common: &Path, visitor: &dyn Visitor) {
    let name = git::as_bytes(path.strip_prefix(common).unwrap_or(path));
    match File::open(path) {
        Ok(mut file) => {
            let object = pointer.map(|id| Object { id, kind: Kind::Blob });
            let path = object.is_none().then(|| [b".git/", &name[..]].concat().into());
            let origin = Origin { path, object, ..Origin::default() };
            visitor.blob(Blob { origin, content: Content::Stream(&mut file), before: None });
        }
        Err(cause) => {
            let detail = cause.to_string();
            visitor.skip(Skipped { what: name, reason: SkipReason::Unreadable, detail });
        }
    }
}

/// The files that blobs point at.
struct Pointers;

impl Walk for Pointers {
    type Worker = Vec<(ObjectId, ObjectId)>;
    type Note = ();

    fn worker(&self) -> Self::Worker {
        Vec::new()
    }

    fn wants(&self, kind: Type) -> bool {
        kind == Type::Blob
    }

    fn enter(&self, found: &mut Self::Worker, node: Node<'_, ()>) {
        if let Body::Bytes(bytes) = node.body {
            found.extend(target(bytes).map(|file| (file, node.id)));
        }
    }

    fn stopped(&self) -> bool {
        false
    }
}

/// The file that a pointer names.
fn target(bytes: &[u8]) -> Option<ObjectId> {
    if bytes.len() > LONGEST || !VERSIONS.iter().any(|version| bytes.starts_with(version)) {
        return None;
    }
    hash(bytes.lines().find_map(|line| line.strip_prefix(b"oid sha256:"))?)
}

fn hash(hex: &[u8]) -> Option<ObjectId> {
    let mut id = [0; 32];
    let written = (hex.len() == 64).then(|| HEXLOWER.decode_mut(hex, &mut id))?;
    written.is_ok().then(|| ObjectId::new(&id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_read_strictly() {
        let oid = "ab".repeat(32);
        let pointer = |version: &str, oid: &str| format!("{version}\noid sha256:{oid}\nsize 3\n");
        let version = "version https://git-lfs.github.com/spec/v1";
        let read = target(pointer(version, &oid).as_bytes());
        assert_eq!(read.map(|id| id.to_string()), Some(oid.clone()));
        for text in [
            pointer("version https://example.com/v1", &oid),
            pointer(version, &oid[1..]),
            pointer(version, &"AB".repeat(32)),
            pointer(version, &oid) + &"x".repeat(LONGEST),
        ] {
            assert_eq!(target(text.as_bytes()), None, "{text}");
        }
    }
}
