//! What the command line adds to the settings of a scan: its flags, and the environment.
//!
//! In: [`Common`], the folder the program was started in, and paths as a user gives them. Out: [`Wishes`], [`Place`],
//! and the files that are meant.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bstr::BString;

use super::args::{Common, Level};
use crate::detect::spec::Confidence;
use crate::engine::settings::Wishes;
pub(crate) use crate::engine::settings::{BASELINE, Place, sound};

impl Place {
    /// The place around the current folder.
    ///
    /// # Errors
    /// A current folder that is gone.
    pub(crate) fn here() -> Result<Self> {
        let folder = std::env::current_dir().context("the current folder cannot be read")?;
        Ok(Self::at(folder))
    }

    /// The place around `folder`, as git's variables see it.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self::new(folder, super::environment())
    }
}

/// The file that is meant by `path`: seen from the current folder or, where nothing of that name lies there, from the
/// root of the repository, as reports name it.
pub(crate) fn meant(path: &Path) -> PathBuf {
    // A link that leads nowhere is there all the same.
    let lies = |path: &Path| fs::symlink_metadata(path).is_ok();
    if path.is_absolute() || lies(path) {
        return path.to_path_buf();
    }
    let root = Place::here().ok().and_then(|place| place.root);
    root.map(|root| root.join(path)).filter(|path| lies(path)).unwrap_or_else(|| path.to_path_buf())
}

/// The file that is meant by `path`, and the end of the path that leads into it, if it is one to what is packed there:
/// `outer.zip!inner/file`.
pub(crate) fn packed(path: &Path) -> (PathBuf, Option<BString>) {
    let whole = meant(path);
    let Some(text) = path.to_str().filter(|_| !whole.exists()) else { return (whole, None) };
    let inside = text.match_indices('!').find_map(|(at, _)| {
        let file = Some(meant(Path::new(&text[..at]))).filter(|file| file.is_file())?;
        Some((file, text[at + 1..].into()))
    });
    inside.map_or((whole, None), |(file, inner)| (file, Some(inner)))
}

impl Common {
    /// What the flags ask of a scan.
    pub(crate) fn wishes(&self) -> Wishes {
        Wishes {
            config: self.config.clone(),
            baseline: self.baseline.clone(),
            no_baseline: self.no_baseline,
            no_repo_config: self.no_repo_config,
            least: self.min_confidence.map(Confidence::from),
            rules: self.rules.iter().map(|id| id.trim().to_owned()).collect(),
            exclude: self.exclude.clone(),
        }
    }
}

impl From<Level> for Confidence {
    fn from(level: Level) -> Self {
        match level {
            Level::Certain => Self::Certain,
            Level::Likely => Self::Likely,
            Level::Possible => Self::Possible,
        }
    }
}
