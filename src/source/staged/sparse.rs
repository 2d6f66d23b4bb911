//! A sparse index, which keeps folders that are not checked out as one entry each, or a split one.
//!
//! In: its file. Out: the same index in memory, with all files, as libgit2 knows it.

use std::path::Path;

use bstr::BString;
use git2::{IndexEntry, IndexTime, ObjectType, Oid, Repository};

use crate::source::SourceError;
use crate::source::git::reading;
use crate::source::index::{Entry, Index};

/// More files than this in folders that are not checked out are not listed.
const MOST: usize = 1 << 24;

/// Reads the index at `path`; `None` where its form is not known.
pub(super) fn read(
    path: &Path,
    repository: &Repository,
) -> Result<Option<git2::Index>, SourceError> {
    let read =
        Index::open(path).map_err(|cause| SourceError::Io { path: path.to_path_buf(), cause })?;
    let Some(read) = read else { return Ok(None) };
    if read.entries.iter().any(|entry| entry.stage() != 0) {
        let path = path.display();
        let why = "a sparse or split index with conflicts; resolve them, or make it whole with \
                   `git sparse-checkout disable` or `git update-index --no-split-index`";
        return Err(SourceError::Broken(format!("{path}: {why}")));
    }
    let mut index = git2::Index::new_ext(repository.object_format()).map_err(reading("index"))?;
    for entry in &read.entries {
        if entry.is_folder() {
            unfold(entry, repository, &mut index)?;
        } else {
            let file = made(entry.mode, Oid::from_bytes(&entry.id), entry.path.clone(), entry);
            add(&mut index, &file.map_err(reading("index"))?)?;
        }
    }
    Ok(Some(index))
}

/// Adds all files of a folder.
fn unfold(
    folder: &Entry,
    repository: &Repository,
    index: &mut git2::Index,
) -> Result<(), SourceError> {
    let top = Oid::from_bytes(&folder.id).map_err(reading("index"))?;
    let mut todo = vec![(folder.path.clone(), top)];
    let mut count = 0;
    while let Some((path, id)) = todo.pop() {
        let tree = repository.find_tree(id).map_err(reading(format!("tree {id}")))?;
        for entry in &tree {
            count += 1;
            if count > MOST {
                let text = "index: too many files in folders that are not checked out";
                return Err(SourceError::Broken(text.into()));
            }
            let mut inner = path.clone();
            inner.extend_from_slice(entry.name_bytes());
            if entry.kind() == Some(ObjectType::Tree) {
                inner.push(b'/');
                todo.push((inner, entry.id()));
            } else {
                let mode = u32::try_from(entry.filemode_raw()).unwrap_or(0);
                let file = made(mode, Ok(entry.id()), inner, folder).map_err(reading("index"))?;
                add(index, &file)?;
            }
        }
    }
    Ok(())
}

fn made(
    mode: u32,
    id: Result<Oid, git2::Error>,
    path: BString,
    like: &Entry,
) -> Result<IndexEntry, git2::Error> {
    let never = IndexTime::new(0, 0);
    Ok(IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: id?,
        flags: like.flags & 0xf000,
        flags_extended: like.extended,
        path: path.into(),
    })
}

fn add(index: &mut git2::Index, entry: &IndexEntry) -> Result<(), SourceError> {
    let path = String::from_utf8_lossy(&entry.path).into_owned();
    index.add(entry).map_err(reading(path))
}
