//! Submodules: repositories within the repository.
//!
//! In: a work tree and its repository. Out: the [`Module`]s that are checked out below it, their own submodules
//! included, and those that git keeps though they are not; a note for each that cannot be had. One that lies outside
//! of the repository is not followed there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};

use super::index::Index;
use super::{SkipReason, Skipped, git};

/// More submodules than this are not looked for.
const MOST: usize = 10_000;
/// Folders of names are not entered deeper.
const DEEPEST: usize = 32;

/// A submodule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// How paths in it begin, without a slash at the end.
    pub path: BString,
    /// Where it is checked out, if it is.
    pub work_tree: Option<PathBuf>,
    /// Its repository.
    pub folder: PathBuf,
}

impl Module {
    /// A path of its own, as one of the repository around it.
    #[must_use]
    pub fn inside(&self, path: &[u8]) -> BString {
        [&self.path[..], b"/", path].concat().into()
    }
}

/// Finds the submodules of the work tree at `root`.
#[must_use]
pub fn list(root: &Path) -> (Vec<Module>, Vec<Skipped>) {
    let Ok(top) = git::folder(root).canonicalize() else { return Default::default() };
    let common = common(&top);
    let mut search = Search { top: common.clone(), ..Search::default() };
    search.checked_out(root, &top, &BString::default());
    for folder in [common.join("modules"), top.join("modules")] {
        search.kept(&folder);
    }
    // One that is only kept has been found by now.
    let Search { modules, absent, mut skipped, .. } = search;
    let kept: BTreeSet<BString> = modules
        .iter()
        .filter(|module| module.work_tree.is_none())
        .map(|module| placed(&module.path))
        .collect();
    let here: BTreeSet<&BString> = modules.iter().map(|module| &module.path).collect();
    let absent: BTreeSet<BString> = absent.into_iter().collect();
    let missing = absent.into_iter().filter(|path| !kept.contains(path) && !here.contains(path));
    skipped.extend(missing.map(|what| Skipped {
        what,
        reason: SkipReason::Missing,
        detail: "a submodule that is not checked out; `git submodule update --init` gets it".into(),
    }));
    skipped.sort();
    (modules, skipped)
}

/// The path at which a submodule would be checked out that git keeps at `path`, unless it was named otherwise:
/// `.git/modules/a/modules/b` is that of `a/b`.
fn placed(path: &BString) -> BString {
    let parts: Vec<&[u8]> = path.split_str("/").collect();
    let parts = match parts[..] {
        [b".git", b"worktrees", _, ref rest @ ..] | [b".git", ref rest @ ..] => rest,
        ref all => all,
    };
    let parts: Vec<&[u8]> = parts.iter().copied().filter(|part| *part != b"modules").collect();
    bstr::join("/", parts).into()
}

/// The folder that all work trees of a repository share.
fn common(folder: &Path) -> PathBuf {
    let named = std::fs::read(folder.join("commondir")).unwrap_or_default();
    let named = folder.join(git::as_path(named.trim_end().as_bstr()));
    named.canonicalize().unwrap_or_else(|_| folder.to_path_buf())
}

#[derive(Default)]
struct Search {
    /// What no submodule's repository may lie outside of, but in its own work tree.
    top: PathBuf,
    seen: BTreeSet<PathBuf>,
    modules: Vec<Module>,
    /// Those that are not checked out.
    absent: Vec<BString>,
    skipped: Vec<Skipped>,
}

impl Search {
    /// Finds what is checked out below `root`, whose repository is at `folder`.
    fn checked_out(&mut self, root: &Path, folder: &Path, path: &BString) {
        let mut todo = vec![(root.to_path_buf(), folder.to_path_buf(), path.clone())];
        while let Some((root, folder, above)) = todo.pop() {
            for name in self.links(&folder) {
                let mut path = above.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(&name);
                if self.modules.len() >= MOST {
                    let detail = "too many submodules".to_owned();
                    return self.skip(path, SkipReason::TooDeep, detail);
                }
                let work_tree = root.join(git::as_path(name.as_bstr()));
                match self.repository(&root, &work_tree) {
                    Ok(Some(folder)) if self.seen.insert(folder.clone()) => {
                        todo.push((work_tree.clone(), folder.clone(), path.clone()));
                        let work_tree = Some(work_tree);
                        self.modules.push(Module { path, work_tree, folder });
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => self.absent.push(path),
                    Err(detail) => self.skip(path, SkipReason::Unreadable, detail.to_owned()),
                }
            }
        }
        self.modules.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Finds repositories that git keeps below `top`, by their names.
    fn kept(&mut self, top: &Path) {
        let mut todo = vec![(top.to_path_buf(), 0)];
        let mut found = Vec::new();
        while let Some((folder, depth)) = todo.pop() {
            if git::is_bare(&folder) {
                found.push(folder.clone());
            }
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let inner = entry.path();
                // A repository's own folders hold none, but for the modules of its modules.
                let enter = !git::is_bare(&folder) || entry.file_name() == "modules";
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) && enter && depth < DEEPEST {
                    todo.push((inner, depth + 1));
                }
            }
        }
        found.sort();
        for folder in found {
            let Ok(real) = folder.canonicalize() else { continue };
            if self.modules.len() < MOST && self.seen.insert(real.clone()) {
                let name = git::as_bytes(real.strip_prefix(&self.top).unwrap_or(&real));
                let path = BString::from([b".git/", &name[..]].concat());
                // What was checked out in it last, in turn.
                for link in self.links(&real) {
                    self.absent.push([&placed(&path)[..], b"/", &link].concat().into());
                }
                self.modules.push(Module { path, work_tree: None, folder: real });
            }
        }
    }

    /// The submodules that the index of a repository names.
    fn links(&mut self, folder: &Path) -> Vec<BString> {
        let path = folder.join("index");
        let detail = match Index::open(&path) {
            Ok(Some(index)) => return index.links().collect(),
            Ok(None) => "an index of unknown form; its submodules are not known".to_owned(),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
            Err(cause) => cause.to_string(),
        };
        self.skip(git::as_bytes(&path), SkipReason::Unreadable, detail);
        Vec::new()
    }

    /// The repository of what is checked out at `work_tree`; `None` where nothing is.
    fn repository(&self, root: &Path, work_tree: &Path) -> Result<Option<PathBuf>, &'static str> {
        const OUTSIDE: &str = "it leads out of the repository; scan it on its own";
        let Ok(dot) = work_tree.join(".git").symlink_metadata() else { return Ok(None) };
        let within = |path: &Path, top: &Path| {
            let top = top.canonicalize().ok();
            top.is_some_and(|top| path.starts_with(top))
        };
        let Ok(real) = work_tree.canonicalize() else { return Ok(None) };
        let folder = git::folder(work_tree).canonicalize();
        let folder = folder.map_err(|_| "its .git file leads nowhere")?;
        let inside = within(&folder, &self.top) || within(&folder, &real);
        if !within(&real, root) || dot.is_symlink() || !inside {
            return Err(OUTSIDE);
        }
        Ok(Some(folder))
    }

    fn skip(&mut self, what: BString, reason: SkipReason, detail: String) {
        self.skipped.push(Skipped { what, reason, detail });
    }
}
