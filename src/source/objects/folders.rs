//! Folders that hold a repository's objects.
//!
//! In: the repository's own object folder and those of a quarantine. Out: these and every
//! alternate they name, each once; a note for every alternate that is not there.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice, ByteVec};

use crate::source::pack::Fault;
use crate::source::{SkipReason, Skipped, SourceError};

/// Follows alternates from `start`, whose folders must exist.
pub(super) fn gather(start: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<Skipped>), SourceError> {
    let mut folders = Vec::new();
    let mut skipped = Vec::new();
    let mut seen = BTreeSet::new();
    let mut todo = Vec::new();
    for path in start {
        let real = real(path).map_err(|cause| SourceError::Io { path: path.clone(), cause })?;
        todo.push(real);
    }
    todo.reverse();
    while let Some(folder) = todo.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        match alternates(&folder) {
            Ok(named) => {
                for path in named {
                    match real(&path) {
                        Ok(real) => todo.push(real),
                        Err(cause) => skipped.push(missing(&path, &cause)),
                    }
                }
            }
            Err(fault) => skipped.push(fault.about(bytes(&folder.join("info/alternates")))),
        }
        folders.push(folder);
    }
    Ok((folders, skipped))
}

/// The folder's one name, so that links and `..` do not make it look like two.
fn real(path: &Path) -> io::Result<PathBuf> {
    let path = path.canonicalize()?;
    if path.is_dir() { Ok(path) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

fn missing(path: &Path, cause: &io::Error) -> Skipped {
    Skipped {
        what: bytes(path),
        reason: SkipReason::Missing,
        detail: format!("an alternate object folder: {cause}"),
    }
}

/// A path's bytes, for the receipt.
pub(super) fn bytes(path: &Path) -> BString {
    Vec::from_path_lossy(path).into_owned().into()
}

/// The folders that `info/alternates` names; relative ones are below the folder itself.
fn alternates(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let text = match std::fs::read(folder.join("info/alternates")) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(Fault::unreadable(&cause)),
    };
    text.lines()
        .filter(|line| !line.is_empty() && line[0] != b'#')
        .map(|line| {
            let path = unquote(line).into_path_buf();
            path.map(|path| folder.join(path))
                .map_err(|_| Fault::corrupt("a path that is none on this system"))
        })
        .collect()
}

/// Undoes git's quoting of unusual paths; a line that is not quoted stands for itself.
fn unquote(line: &[u8]) -> Vec<u8> {
    let Some(inner) = line.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return line.to_vec();
    };
    let mut path = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let code = (byte == b'\\').then(|| escape(tail)).flatten();
        match code {
            Some((code, len)) => {
                path.push(code);
                rest = &tail[len..];
            }
            None => path.push(byte),
        }
    }
    path
}

/// The byte that an escape stands for, and how many bytes follow its backslash.
fn escape(tail: &[u8]) -> Option<(u8, usize)> {
    let simple = |code| Some((code, 1));
    match *tail.first()? {
        b'a' => simple(7),
        b'b' => simple(8),
        b't' => simple(b'\t'),
        b'n' => simple(b'\n'),
        b'v' => simple(11),
        b'f' => simple(12),
        b'r' => simple(b'\r'),
        code @ (b'"' | b'\\') => simple(code),
        b'0'..=b'3' => {
            let digits = std::str::from_utf8(tail.get(..3)?).ok()?;
            Some((u8::from_str_radix(digits, 8).ok()?, 3))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_paths_are_read_as_git_writes_them() {
        assert_eq!(unquote(b"/a b"), b"/a b");
        assert_eq!(unquote(br#""/a\nb\"\\\303\251\q""#), b"/a\nb\"\\\xc3\xa9\\q");
        assert_eq!(unquote(br#""\30""#), br"\30");
    }

    #[test]
    fn circles_end_and_missing_folders_are_told() {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str| root.path().join(name);
        for name in ["a", "b"] {
            std::fs::create_dir_all(folder(name).join("info")).unwrap();
        }
        let text = "# note\n../b\n../gone\n";
        std::fs::write(folder("a").join("info/alternates"), text).unwrap();
        std::fs::write(folder("b").join("info/alternates"), "../a\n").unwrap();
        let (folders, skipped) = gather(&[folder("a"), folder("a")]).unwrap();
        assert_eq!(folders.len(), 2);
        assert_eq!(skipped.len(), 1);
        assert_eq!(skipped[0].reason, SkipReason::Missing);
        assert!(gather(&[folder("c")]).is_err());
    }
}
