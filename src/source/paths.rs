//! Lists of paths, as settings and rules write them.
//!
//! In: globs, and regular expressions behind `re:`. Out: whether a path is one of them.

use bstr::ByteSlice;
use globset::{Glob, GlobSet, GlobSetBuilder};
use regex::bytes::{RegexSet, RegexSetBuilder};

use super::git::as_path;

/// What a regular expression is told from a glob by.
const REGEX: &str = "re:";

/// A list of paths.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    globs: GlobSet,
    regexes: RegexSet,
}

/// An entry of a list that is neither.
#[derive(Debug, thiserror::Error)]
#[error("{pattern}: {cause}")]
pub struct PathsError {
    /// The entry.
    pub pattern: String,
    /// What is wrong with it.
    pub cause: String,
}

impl Paths {
    /// Reads a list. A glob is that of a whole path, or of a folder and all below it, and may be written as a shell
    /// completes it: `./vendor/`. A regular expression may match anywhere in a path.
    ///
    /// # Errors
    /// The first entry that does not parse, or entries that are too large together.
    pub fn new<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Result<Self, PathsError> {
        let (mut globs, mut regexes) = (GlobSetBuilder::new(), Vec::new());
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let fault = |cause: String| PathsError { pattern: pattern.to_owned(), cause };
            if let Some(regex) = pattern.strip_prefix(REGEX) {
                // By itself first: the set does not tell which one is wrong.
                let alone = set(&[regex]).map_err(|e| fault(reason(&e)));
                regexes.push(alone.map(|_| regex.to_owned())?);
            } else {
                let glob = pattern.strip_prefix("./").unwrap_or(pattern);
                let glob = glob.trim_start_matches('/').trim_end_matches('/');
                globs.add(Glob::new(glob).map_err(|e| fault(e.kind().to_string()))?);
            }
        }
        let together = |cause: String| PathsError { pattern: "paths".to_owned(), cause };
        Ok(Self {
            globs: globs.build().map_err(|e| together(e.to_string()))?,
            regexes: set(&regexes).map_err(|e| together(reason(&e)))?,
        })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.globs.is_empty() && self.regexes.is_empty()
    }

    /// Whether `path`, `/`-separated, or a folder that it is in, is one of them.
    #[must_use]
    pub fn is_match(&self, path: &[u8]) -> bool {
        let glob = |end: usize| self.globs.is_match(as_path(path[..end].as_bstr()));
        self.regexes.is_match(path)
            || !self.globs.is_empty()
                && memchr::memchr_iter(b'/', path).chain([path.len()]).any(glob)
    }
}

/// Regexes as other tools read them: `\w` and the like stand for ASCII.
fn set<S: AsRef<str>>(patterns: &[S]) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(patterns).unicode(false).build()
}

/// What is wrong with a regex; the lines before the last quote it.
fn reason(fault: &regex::Error) -> String {
    fault.to_string().lines().last().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_whole_and_regexes_part_of_a_path() {
        let paths = Paths::new(["docs/**", "*.lock", r"re:(?i)\.min\.js$"]).unwrap();
        let folders = Paths::new(["./src/", "/vendor"]).unwrap();
        assert!(folders.is_match(b"src") && folders.is_match(b"vendor/a/b"));
        for path in ["docs/a/b", "Cargo.lock", "a/Cargo.lock", "a/x.MIN.js"] {
            assert!(paths.is_match(path.as_bytes()), "{path}");
        }
        for path in ["a/docs/b", "lock", "x.min.js.map"] {
            assert!(!paths.is_match(path.as_bytes()), "{path}");
        }
        assert!(Paths::default().is_empty() && !Paths::default().is_match(b"a"));
        assert!(Paths::new(["re:^\\xff"]).unwrap().is_match(b"\xff"));
    }

    #[test]
    fn wrong_entries_are_named() {
        for wrong in ["re:a(", "a[", "re:(?=a)"] {
            let told = Paths::new(["good", wrong]).unwrap_err().to_string();
            assert!(told.starts_with(&format!("{wrong}: ")), "{told}");
        }
    }
}
