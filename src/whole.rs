//! Files that are replaced in one step: whoever reads one meets the old content or the new, never a part.
//!
//! In: a path, who may read the file, and what fills it. Out: the file at its place, on disk. A fault on the way
//! leaves what was there before, and nothing beside it. Links are not followed: who writes decides what they lead to.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Those of the file that is replaced; of a new one those whom the user's umask leaves.
    Same,
    /// Only whoever runs leakstop.
    Owner,
}

/// Replaces a file, or creates it, in a folder that exists.
///
/// # Errors
/// What `fill_in` returns, and what the system refuses.
pub fn write(
    path: &Path,
    readers: Readers,
    fill_in: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let folder = folder(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".leakstop-");
    let mut old = None;
    if readers == Readers::Same {
        open_to_all(&mut builder);
        old = fs::metadata(path).ok();
    }
    let mut file = builder.tempfile_in(folder)?;
    fill_in(file.as_file_mut())?;
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|fault| fault.error)?;
    // Makes the renaming durable. Some systems cannot do that for folders, and the content is safe either way.
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
    Ok(())
}

/// The folder that a path lies in.
#[must_use]
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file gets what the user's umask leaves, as any other file does.
#[cfg(unix)]
fn open_to_all(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn open_to_all(_: &mut tempfile::Builder<'_, '_>) {}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b");
        for text in ["one", "two!"] {
            write(&path, Readers::Same, |file| file.write_all(text.as_bytes())).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_fault_leaves_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b");
        fs::write(&path, "old").unwrap();
        let full = |file: &mut File| {
            file.write_all(b"ne")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        };
        let fault = write(&path, Readers::Same, full).unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_stay_unless_secrets_come_in() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        for (readers, mode) in [(Readers::Same, 0o640), (Readers::Owner, 0o600)] {
            write(&path, readers, |file| file.write_all(b"new")).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
    }
}
