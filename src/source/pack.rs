//! Reading packs: every object once, in about the order in which they lie on disk.
//!
//! In: a pack and its index, both hostile input. Out: each object's bytes together with what it was
//! made from, handed to a [`Walk`] from many threads; a [`Fault`] for every entry that does not
//! decode. Packs are read with positioned reads, never mapped: a file that shrinks under a map
//! kills the process.

mod chains;
mod copies;
mod delta;
mod entry;
mod file;
mod index;
mod inflate;
mod layout;
mod lookup;
mod memory;
mod stream;
mod walk;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use file::Positioned;
use layout::Layout;

use crate::source::{Format, ObjectId, SkipReason, Skipped};

pub use copies::Copy;
pub use delta::{Delta, Step};
pub use entry::Type;
pub use index::Index;
pub(crate) use inflate::Inflater;
pub use memory::Budget;
pub(crate) use stream::Announced;
pub use walk::{Body, Derived, Node, Walk};
pub(crate) use walk::{Tour, Yield, check, tour, tour_of};

/// Why an entry or a whole pack cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In a word.
    pub reason: SkipReason,
    /// In a sentence.
    pub detail: Cow<'static, str>,
}

impl Fault {
    /// Data that is not as the format says.
    pub(crate) fn corrupt(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: SkipReason::Corrupt, detail: detail.into() }
    }

    /// Data that would take more memory or steps than allowed.
    pub(crate) fn budget(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: SkipReason::TooDeep, detail: detail.into() }
    }

    /// A file that the system does not let us read.
    pub(crate) fn unreadable(cause: &std::io::Error) -> Self {
        let reason = match cause.kind() {
            std::io::ErrorKind::NotFound => SkipReason::Missing,
            std::io::ErrorKind::UnexpectedEof => SkipReason::Corrupt,
            _ => SkipReason::Unreadable,
        };
        Self { reason, detail: cause.to_string().into() }
    }

    /// The note for the receipt about `what`.
    pub(crate) fn about(self, what: impl Into<bstr::BString>) -> Skipped {
        Skipped { what: what.into(), reason: self.reason, detail: self.detail.into_owned() }
    }
}

/// A pack and its index, which is held in memory.
#[derive(Debug)]
pub struct Pack {
    path: PathBuf,
    index: Index,
    /// What the last tour opened, for the next one.
    kept: Mutex<Option<Arc<Opened>>>,
}

/// A pack that tours go through.
#[derive(Debug)]
struct Opened {
    file: Positioned,
    layout: Layout,
}

impl Pack {
    /// Reads the index at `path`; the pack itself, beside it, is opened when it is walked.
    ///
    /// # Errors
    /// A [`Fault`] where the index cannot be read or does not parse.
    pub fn open(path: &Path, format: Format) -> Result<Self, Fault> {
        let bytes = std::fs::read(path).map_err(|cause| Fault::unreadable(&cause))?;
        let (path, index) = (path.with_extension("pack"), Index::parse(bytes, format)?);
        Ok(Self { path, index, kept: Mutex::default() })
    }

    /// The pack's bytes and layout. An audit goes through a pack twice, so they are kept as far as `budget` has room.
    fn opened(&self, budget: &Budget, threads: usize) -> io::Result<Arc<Opened>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = &*kept {
            return Ok(Arc::clone(opened));
        }
        let file = Positioned::hold(&self.path, budget.held())?;
        let layout = Layout::read(&file, &self.index, threads);
        let keeps = budget.keeps(file.len());
        let opened = Arc::new(Opened { file, layout });
        if keeps {
            *kept = Some(Arc::clone(&opened));
        }
        Ok(opened)
    }

    /// Lets go of what is kept for another tour.
    pub(crate) fn close(&self, budget: &Budget) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(opened) = kept {
            budget.gives_back(opened.file.len());
        }
    }

    /// Where the pack is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the checksum at its end.
    const fn trailer(&self) -> u64 {
        self.index.format().width() as u64
    }

    /// Its index.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// Reads one object and says what it is; `None` where the pack does not hold it.
    ///
    /// # Errors
    /// A [`Fault`] where the object, or one that it is made from, cannot be read.
    pub fn read(&self, id: ObjectId) -> Result<Option<(Type, Vec<u8>)>, Fault> {
        match self.index.find(id) {
            Some(row) => lookup::read(self, row).map(Some),
            None => Ok(None),
        }
    }
}
