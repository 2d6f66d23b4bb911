//! Baseline files on disk.
//!
//! In: a path, and on writing the bytes. Out: the bytes, or the file replaced in one step.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::error::Fault;
use crate::whole::{self, Readers};

/// No baseline is larger; a larger file is a mistake or an attack.
const LIMIT: u64 = 256 << 20;

/// Reads a regular file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    // Asked before opening, since opening a pipe would wait for its writer.
    let about = fs::metadata(path).map_err(missing)?;
    if !about.is_file() {
        return Err(Fault::Special);
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(missing)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(Fault::Large(LIMIT));
    }
    Ok(bytes)
}

fn missing(cause: io::Error) -> Fault {
    if cause.kind() == io::ErrorKind::NotFound { Fault::Missing } else { Fault::Io(cause) }
}

/// Replaces a file's content, or creates the file. Does nothing if it already has that content.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let target = target(path)?;
    match fs::metadata(&target) {
        Ok(about) if !about.is_file() => return Err(Fault::Special),
        Ok(about)
            if about.len() == bytes.len() as u64 && read(&target).is_ok_and(|old| old == bytes) =>
        {
            return Ok(());
        }
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(Fault::Io(cause)),
        _ => {}
    }
    Ok(whole::write(&target, Readers::Same, |file| file.write_all(bytes))?)
}

/// The file to write: `path`, or what it links to, if that lies in the same repository.
///
/// A hostile repository could link its baseline to a file of the user's.
fn target(path: &Path) -> Result<PathBuf, Fault> {
    if !fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) {
        return Ok(path.to_owned());
    }
    let target = fs::canonicalize(path)?;
    let home = fs::canonicalize(whole::folder(path))?;
    let top = home.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&home);
    let inside = target
        .strip_prefix(top)
        .is_ok_and(|below| below.components().all(|part| part.as_os_str() != ".git"));
    if inside { Ok(target) } else { Err(Fault::Outside(target)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_files_and_folders_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(read(&dir.path().join("no")), Err(Fault::Missing)));
        assert!(matches!(read(dir.path()), Err(Fault::Special)));
        assert!(matches!(write(dir.path(), b""), Err(Fault::Special)));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_may_not_lead_out() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("repo");
        fs::create_dir_all(home.join(".git")).unwrap();
        fs::create_dir_all(home.join("ci")).unwrap();
        for (link, to) in [("in", "ci/real"), ("out", "../real"), ("git", ".git/hook")] {
            fs::write(home.join(to), "old").unwrap();
            symlink(to, home.join(link)).unwrap();
        }
        write(&home.join("in"), b"new").unwrap();
        assert!(fs::symlink_metadata(home.join("in")).unwrap().is_symlink());
        assert_eq!(fs::read(home.join("ci/real")).unwrap(), b"new");
        for link in ["out", "git"] {
            let refused = write(&home.join(link), b"new");
            assert!(matches!(refused, Err(Fault::Outside(_))), "{link}");
            assert_eq!(fs::read(home.join(link)).unwrap(), b"old");
        }
    }
}
