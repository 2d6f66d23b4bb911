//! What the users of a repository have looked at and accepted: `.secrets.baseline`.
//!
//! In: the file's bytes, and what a scan [`Found`]. Out: the [`Standing`] of each find, and the file
//! again after an update, a merge or a conversion.
//!
//! Two formats are read and written, and told apart by their keys. `native` keeps one entry a line
//! with a keyed digest of the value, so that nothing about a value can be learned from the file
//! without knowing the value. `detect_secrets` is the format of that program, version 1.x, which
//! names a value by its plain SHA-1. Both are held as a list of entries and a `Form`, and share
//! every operation but reading, writing and the digests.

mod audit;
mod convert;
mod detect_secrets;
mod edit;
mod entry;
mod error;
mod file;
mod filters;
mod kinds;
mod layout;
mod merge;
mod native;
mod settle;
mod texts;

use std::path::Path;

use bstr::BStr;

pub use convert::{Conversion, Unmatched};
pub use edit::{Diff, Row, Stats};
pub use entry::{Label, Note};
pub use error::{BaselineError, Fault};
pub use settle::Standing;

use detect_secrets::DetectSecrets;
use entry::Entry;
use native::Native;

/// Replaces a file that is no baseline as baselines are: in one step, and through a link only within its repository.
///
/// # Errors
/// When the file cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), BaselineError> {
    file::write(path, bytes).map_err(|fault| fault.at(path))
}

/// A find, as the baseline sees it.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// Id of the rule that found it.
    pub rule: &'a str,
    /// Path below the repository root, `/`-separated.
    pub path: &'a BStr,
    /// The value.
    pub secret: &'a [u8],
    /// Line it begins on, from 1; 0 if unknown.
    pub line: usize,
    /// The line or lines it stands on, or a few KiB of them if they are long; may be empty.
    ///
    /// detect-secrets hashes more than the value for some types, and excludes lines by pattern.
    pub context: &'a [u8],
}

/// Which paths are no longer there. A value that an entry names there may have moved to where it is found.
#[derive(Clone, Copy)]
pub struct Gone<'g> {
    /// Whether nothing is left at the path of an entry.
    pub entry: &'g dyn Fn(&[u8]) -> bool,
    /// Whether nothing is left at the path of a find. The history holds a file under every name that it ever had;
    /// elsewhere, what is found is there.
    pub find: &'g dyn Fn(&[u8]) -> bool,
}

impl<'g> Gone<'g> {
    /// Finds are where they were found; entries, where it is said.
    #[must_use]
    pub const fn entries(entry: &'g dyn Fn(&[u8]) -> bool) -> Self {
        Self { entry, find: &|_| false }
    }

    /// Nothing is gone.
    const fn nothing() -> Self {
        Self::entries(&|_| false)
    }
}

/// A baseline file's content.
#[derive(Clone, Debug)]
pub struct Baseline {
    form: Form,
    entries: Vec<Entry>,
    /// The bytes it was read from, which are written again as long as nothing changes.
    original: Option<Vec<u8>>,
}

/// What a file holds besides its entries.
#[derive(Clone, Debug)]
enum Form {
    Native(Native),
    DetectSecrets(DetectSecrets),
}

/// The two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Our own.
    Native,
    /// That of detect-secrets 1.x.
    DetectSecrets,
}

impl Format {
    /// The word used in reports and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::DetectSecrets => "detect-secrets",
        }
    }
}

impl Baseline {
    /// An empty baseline in the native format, with a salt of its own.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn new() -> Result<Self, Fault> {
        Ok(Self { form: Form::Native(Native::new()?), entries: Vec::new(), original: None })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When the file is missing, unreadable or no baseline. A broken file is never taken for an
    /// empty one.
    pub fn load(path: &Path) -> Result<Self, BaselineError> {
        file::read(path).and_then(|bytes| Self::parse(&bytes)).map_err(|fault| fault.at(path))
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    /// When they are no baseline of either format.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let root = layout::read(bytes)?;
        let native = root.get("tool").is_some_and(|tool| tool == "leakstop");
        let (form, entries) = if native || root.contains_key("entries") {
            let (native, entries) = native::read(root)?;
            (Form::Native(native), entries)
        } else if root.contains_key("results") || root.contains_key("plugins_used") {
            let (other, entries) = detect_secrets::read(root)?;
            (Form::DetectSecrets(other), entries)
        } else {
            return Err(Fault::Unknown);
        };
        Ok(Self { form, entries, original: Some(bytes.to_vec()) })
    }

    /// The file's bytes: those it was read from if nothing has changed since.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        if let Some(bytes) = &self.original
            && Self::parse(bytes).is_ok_and(|old| old.same(self))
        {
            return bytes.clone();
        }
        match &self.form {
            Form::Native(native) => native.render(&self.entries),
            Form::DetectSecrets(other) => other.render(&self.entries),
        }
    }

    /// Writes the file in one step: a reader sees the old content or the new, never a part.
    ///
    /// A symbolic link stays one and its target is written, if that lies in the same repository.
    ///
    /// # Errors
    /// When the file cannot be written, or is a link that leads out of the repository.
    pub fn save(&self, path: &Path) -> Result<(), BaselineError> {
        file::write(path, &self.render()).map_err(|fault| fault.at(path))
    }

    /// Which of the two formats it has.
    #[must_use]
    pub const fn format(&self) -> Format {
        match self.form {
            Form::Native(_) => Format::Native,
            Form::DetectSecrets(_) => Format::DetectSecrets,
        }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What a user should know about this file: entries that hide more than one value, and patterns
    /// or filters that are not honoured.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        match &self.form {
            Form::Native(_) => Vec::new(),
            Form::DetectSecrets(other) => other.warnings(&self.entries),
        }
    }

    /// Whether both say the same, whatever their layout.
    fn same(&self, other: &Self) -> bool {
        self.entries == other.entries
            && match (&self.form, &other.form) {
                (Form::Native(a), Form::Native(b)) => a == b,
                (Form::DetectSecrets(a), Form::DetectSecrets(b)) => a.root == b.root,
                _ => false,
            }
    }
}
