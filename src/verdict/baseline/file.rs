//! Baseline files on disk.
//!
//! In: a path, and on writing the bytes. Out: the bytes, or the file replaced in one step.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::error::Fault;

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
    let about = match fs::metadata(&target) {
        Ok(about) if !about.is_file() => return Err(Fault::Special),
        Ok(about) => Some(about),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
        Err(cause) => return Err(Fault::Io(cause)),
    };
    if about.as_ref().is_some_and(|a| a.len() == bytes.len() as u64)
        && read(&target).is_ok_and(|old| old == bytes)
    {
        return Ok(());
    }
    let folder = folder(&target);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".leakstop-");
    open_to_all(&mut builder);
    let mut file = builder.tempfile_in(&folder)?;
    file.write_all(bytes)?;
    if let Some(about) = about {
        file.as_file().set_permissions(about.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|e| Fault::Io(e.error))?;
    sync(&folder);
    Ok(())
}

/// A new file gets what the user's umask leaves, as any other file does.
#[cfg(unix)]
fn open_to_all(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn open_to_all(_: &mut tempfile::Builder<'_, '_>) {}

/// Makes the renaming durable. Some systems cannot do that for folders, and the content is safe
/// either way, so a failure is none of ours.
fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
}

/// The file to write: `path`, or what it links to, if that lies in the same repository.
///
/// A hostile repository could link its baseline to a file of the user's.
fn target(path: &Path) -> Result<PathBuf, Fault> {
    if !fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) {
        return Ok(path.to_owned());
    }
    let target = fs::canonicalize(path)?;
    let home = fs::canonicalize(folder(path))?;
    let top = home.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&home);
    let inside = target
        .strip_prefix(top)
        .is_ok_and(|below| below.components().all(|part| part.as_os_str() != ".git"));
    if inside { Ok(target) } else { Err(Fault::Outside(target)) }
}

/// The folder a path lies in.
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_replaces_the_content_and_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b");
        write(&path, b"one").unwrap();
        write(&path, b"two!").unwrap();
        assert_eq!(read(&path).unwrap(), b"two!");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn missing_files_and_folders_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(read(&dir.path().join("no")), Err(Fault::Missing)));
        assert!(matches!(read(dir.path()), Err(Fault::Special)));
        assert!(matches!(write(dir.path(), b""), Err(Fault::Special)));
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay_as_they_are() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write(&path, b"new").unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
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
