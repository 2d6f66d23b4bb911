//! `--cache`: what an audit has read is remembered for the next one.
//!
//! In: a folder that the user names or has for such, never one of the repository. Out: the [`Ledger`] of the last
//! audit there, and at the end a new one. It holds ids, and paths of files in which something was found; secrets are
//! read again each time. Where it cannot be used or kept, the audit goes on without it, and says so.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::cli::args::Common;
use crate::cli::config::CONFIG;
use crate::cli::session::Session;
use crate::cli::variable;
use crate::source::ledger::{Key, Ledger, Useless};
use crate::whole::{self, Readers};

/// A larger file is none of ours.
const LARGEST: u64 = 4 << 30;

/// Where the ledger of a repository lies.
pub(super) struct Cache {
    path: PathBuf,
    key: Key,
}

impl Cache {
    /// The ledger in `folder`, or in the user's own folder for such files.
    ///
    /// # Errors
    /// A folder that is not known, or is a part of the repository.
    pub(super) fn new(
        folder: Option<&Path>,
        common: &Common,
        session: &Session<'_>,
        repository: &git2::Repository,
    ) -> Result<Self> {
        let folder = match folder {
            Some(folder) => std::path::absolute(folder)?,
            None => own().context("--cache: no folder for such files is known; name one")?,
        };
        let common_folder = real(repository.commondir());
        let tops = [Some(common_folder.clone()), repository.workdir().map(real)];
        if tops.iter().flatten().any(|top| real(&folder).starts_with(top)) {
            bail!("--cache: {} is in the repository, where nothing is written", folder.display());
        }
        let name = Sha256::digest(common_folder.as_os_str().as_encoded_bytes());
        let path = folder.join(format!("{}.seen", HEXLOWER.encode(&name[..16])));
        Ok(Self { path, key: key(common, session)? })
    }

    /// What the last audit has left; nothing where it has left none, or none of use.
    pub(super) fn read(&self) -> Ledger {
        let length = std::fs::metadata(&self.path).map_or(0, |facts| facts.len());
        let bytes = match std::fs::read(&self.path) {
            Ok(_) if length > LARGEST => return self.useless(&Useless::Damaged),
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ledger::default(),
            Err(cause) => return self.useless(&cause),
        };
        Ledger::read(&bytes, &self.key).unwrap_or_else(|cause| self.useless(&cause))
    }

    fn useless(&self, cause: &dyn std::fmt::Display) -> Ledger {
        note(&format!("{}: {cause}; all objects are read", self.path.display()));
        Ledger::default()
    }

    /// Leaves a ledger for the next audit. Another one that runs beside this one leaves its own, or this one does.
    pub(super) fn write(&self, ledger: &Ledger) {
        let write = || {
            std::fs::create_dir_all(whole::folder(&self.path))?;
            let bytes = ledger.write(&self.key);
            whole::write(&self.path, Readers::Owner, |file| file.write_all(&bytes))
        };
        if let Err(cause) = write() {
            note(&format!("{}: {cause}; nothing is remembered", self.path.display()));
        }
    }
}

/// Tells the user something that is no part of the report.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "leakstop: {}", crate::report::escaped(text));
}

/// All that decides what is found in an object.
fn key(common: &Common, session: &Session<'_>) -> Result<Key> {
    let path = match &common.config {
        Some(path) => path.clone(),
        None => session.place.top().join(CONFIG),
    };
    let config = match std::fs::read(&path) {
        Ok(config) => config,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(cause) => bail!("{}: {cause}", path.display()),
    };
    let level = format!("{:?}", common.min_confidence);
    let rules = session.settings.detector.rules().digest();
    let mut hash = Sha256::new();
    for part in [env!("CARGO_PKG_VERSION").as_bytes(), rules.as_bytes(), level.as_bytes(), &config]
    {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    Ok(hash.finalize().into())
}

/// The user's folder for files that may be deleted at any time.
fn own() -> Option<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = folder("XDG_CACHE_HOME").or_else(|| match std::env::consts::OS {
        "windows" => folder("LOCALAPPDATA"),
        "macos" => Some(folder("HOME")?.join("Library/Caches")),
        _ => Some(folder("HOME")?.join(".cache")),
    })?;
    Some(caches.join("leakstop"))
}

/// A folder's one name, as far as it exists.
fn real(folder: &Path) -> PathBuf {
    let mut rest = PathBuf::new();
    for top in folder.ancestors() {
        if let Ok(real) = top.canonicalize() {
            return real.join(rest);
        }
        rest = top.file_name().map_or_else(PathBuf::new, PathBuf::from).join(rest);
    }
    folder.to_path_buf()
}
