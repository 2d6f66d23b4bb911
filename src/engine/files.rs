//! Files and folders to scan, as they are named.
//!
//! In: paths and the place around them. Out: a [`Worktree`], the walk over them.

use std::path::{Path, PathBuf};

use bstr::BString;

use super::Error;
use super::session::Session;
use crate::source::worktree::Worktree;
use crate::source::{Skipped, git, modules};
use crate::whole;

/// What of the files on disk is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Files<'p> {
    pub(crate) paths: &'p [PathBuf],
    /// Files that git ignores too.
    pub(crate) no_ignore: bool,
    /// Files that a submodule tracks though it ignores them.
    pub(crate) submodules: bool,
}

impl Files<'_> {
    /// The walk over them.
    pub(crate) fn walk(&self, session: &Session<'_>) -> Result<Worktree, Error> {
        let each = |path: &PathBuf| absolute(path).map_err(Error::io(path));
        let targets = self.paths.iter().map(each).collect::<Result<Vec<_>, _>>()?;
        let place = session.place;
        let root = match (&place.root, &targets[..]) {
            (Some(root), _) => root.clone(),
            (None, [only]) if only.is_dir() => only.clone(),
            (None, [_]) => place.folder.clone(),
            (None, _) => absolute(Path::new(".")).map_err(Error::io(Path::new(".")))?,
        };
        let tracked = match &place.root {
            Some(root) if !self.no_ignore => self.tracked(root, &place.environment),
            _ => Ok(Vec::new()),
        };
        Ok(Worktree {
            targets,
            root,
            honour_ignores: !self.no_ignore,
            exclude: session.settings.exclude.clone(),
            threads: session.threads(),
            tracked,
        })
    }

    /// What the repository at `root`, and its submodules if they are asked for, track.
    fn tracked(
        &self,
        root: &Path,
        environment: &git::Environment,
    ) -> Result<Vec<BString>, Skipped> {
        let mut paths = git::tracked(root, environment)?;
        if !self.submodules {
            return Ok(paths);
        }
        for module in modules::list(root).0 {
            let Some(work_tree) = &module.work_tree else { continue };
            let own = git::tracked(work_tree, &git::Environment::default())?;
            paths.extend(own.into_iter().map(|path| module.inside(&path)));
        }
        Ok(paths)
    }
}

/// The folder that a scan of `path` starts in.
pub(crate) fn around(path: &Path) -> Result<PathBuf, Error> {
    let folder = if path.is_dir() { path } else { whole::folder(path) };
    folder.canonicalize().map_err(Error::io(path))
}

/// A path without `.` and links in its folders; its last part may be a link itself.
fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    match path.file_name() {
        Some(name) => Ok(whole::folder(path).canonicalize()?.join(name)),
        None => path.canonicalize(),
    }
}
