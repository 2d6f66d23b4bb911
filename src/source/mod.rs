//! Where bytes come from.
//!
//! In: a folder, an index, an object store or a pipe. Out: [`Blob`]s handed to a [`Visitor`], from
//! many threads at once, and a [`Skipped`] for every input that could not be read. Sources decide
//! nothing about content.

pub mod attribution;
pub mod commit;
pub mod git;
pub mod history;
mod id;
mod index;
pub mod ledger;
pub mod lfs;
pub mod modules;
pub mod names;
pub mod objects;
pub mod pack;
pub mod paths;
#[doc(hidden)]
pub mod probe;
pub mod range;
mod reftable;
mod repository;
pub mod staged;
pub mod stdin;
pub mod worktree;

use std::io;
use std::path::PathBuf;

use bstr::BString;

pub use id::{Format, ObjectId};

/// One version's bytes and where they were seen.
pub struct Blob<'a> {
    /// Where the bytes were seen.
    pub origin: Origin,
    /// The bytes.
    pub content: Content<'a>,
    /// The versions that the same change replaces; `None` where all of the blob counts as new.
    pub before: Option<&'a Before<'a>>,
}

/// Loads the versions of a file that a change replaces, one for each parent that has one.
///
/// It is called only when something was found, since most blobs hold nothing.
pub type Before<'a> = dyn Fn() -> Result<Vec<Vec<u8>>, SourceError> + 'a;

/// A blob's bytes: at hand, or to be read piece by piece.
pub enum Content<'a> {
    /// All of it.
    Bytes(&'a [u8]),
    /// A reader over a file that may be larger than memory.
    Stream(&'a mut dyn io::Read),
}

/// Where bytes were seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Path below the repository root or the scanned folder, `/`-separated; `None` where it is not
    /// known (yet) or where there is no file.
    pub path: Option<BString>,
    /// Where in that file, if it holds others: names of entries, `!` between them.
    pub inner: Option<BString>,
    /// The git object the bytes are, or are packed in, if they are one.
    pub object: Option<Object>,
    /// The commit that introduces them, if known.
    pub commit: Option<ObjectId>,
}

impl Origin {
    /// The path as reports show it: `outer.zip!inner/file`.
    #[must_use]
    pub fn shown(&self) -> Option<BString> {
        match (&self.path, self.object) {
            (Some(path), _) => Some(inside(path.clone(), self.inner.as_ref())),
            // It is not known yet.
            (None, Some(_)) => None,
            (None, None) => self.inner.as_ref().map(|inner| inside("stdin".into(), Some(inner))),
        }
    }

    /// What the receipt calls it.
    #[must_use]
    pub fn label(&self) -> BString {
        let file = match (&self.path, self.object) {
            (Some(path), _) => path.clone(),
            (None, Some(object)) => object.id.to_string().into(),
            (None, None) => "standard input".into(),
        };
        inside(file, self.inner.as_ref())
    }
}

/// The path of what stands `inner` a file.
#[must_use]
pub fn inside(mut file: BString, inner: Option<&BString>) -> BString {
    if let Some(inner) = inner {
        file.push(b'!');
        file.extend_from_slice(inner);
    }
    file
}

/// The path of the file that `path` leads into.
#[must_use]
pub fn outermost(path: &[u8]) -> &[u8] {
    memchr::memchr(b'!', path).map_or(path, |end| &path[..end])
}

/// A git object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object {
    /// Its id.
    pub id: ObjectId,
    /// Its kind.
    pub kind: Kind,
}

/// What of a git object is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A file's content.
    Blob,
    /// A commit's header and message.
    Commit,
    /// An annotated tag's header and message.
    Tag,
    /// The name of an entry of a tree.
    Tree,
    /// The name of a ref; the object is what it points at.
    Ref,
    /// An entry of a ref's log; the object is what the ref pointed at from then on.
    Reflog,
}

impl Kind {
    /// The word used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Commit => "commit",
            Self::Tag => "tag",
            Self::Tree => "tree",
            Self::Ref => "ref",
            Self::Reflog => "reflog",
        }
    }
}

/// What a report says about a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommitFacts {
    /// When it was committed, in seconds since 1970. First, so that commits sort by age: one that was taken over from
    /// another branch, or written anew, keeps the time at which it was written.
    pub committed: i64,
    /// When it was written.
    pub seconds: i64,
    /// Its id.
    pub id: ObjectId,
    /// Who wrote it: `Name <mail>`.
    pub author: String,
    /// When, in the author's time zone, as RFC 3339 says; as the commit says where that is no date.
    pub date: String,
    /// First line of the message.
    pub summary: String,
}

/// An input that was not scanned, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Path or object id.
    pub what: BString,
    /// Why, in a word or two.
    pub reason: SkipReason,
    /// The error's text or what is known besides.
    pub detail: String,
}

/// Why an input was not scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// It could not be opened or read.
    Unreadable,
    /// It is no regular file: a FIFO, socket or device.
    Special,
    /// The object is not in the store.
    Missing,
    /// The object does not decode.
    Corrupt,
    /// It is packed in a way that is not known: its bytes were searched as they stand.
    Packed,
    /// It is encrypted.
    Encrypted,
    /// The container is not as its format asks: what could be read of it was.
    Damaged,
    /// Unpacking stopped at a limit.
    Budget,
    /// Decoding stopped at the depth or byte budget.
    TooDeep,
    /// The history is cut off here: a shallow clone's boundary.
    Shallow,
}

impl SkipReason {
    /// The word used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Special => "special-file",
            Self::Missing => "missing",
            Self::Corrupt => "corrupt",
            Self::Packed => "packed",
            Self::Encrypted => "encrypted",
            Self::Damaged => "damaged",
            Self::Budget => "budget",
            Self::TooDeep => "too-deep",
            Self::Shallow => "shallow",
        }
    }

    /// Whether this is a limit by design, an error only under `--require-complete`.
    #[must_use]
    pub const fn by_design(self) -> bool {
        match self {
            Self::Unreadable | Self::Missing | Self::Corrupt => false,
            Self::Special
            | Self::Packed
            | Self::Encrypted
            | Self::Damaged
            | Self::Budget
            | Self::TooDeep
            | Self::Shallow => true,
        }
    }
}

/// What takes the blobs. Called from many threads.
pub trait Visitor: Sync {
    /// Takes one blob.
    fn blob(&self, blob: Blob<'_>);
    /// Takes note of an input that could not be scanned.
    fn skip(&self, skipped: Skipped);
    /// Takes note of a file or folder that the user excludes.
    fn exclude(&self) {}
    /// Whether the user asked to stop.
    fn stopped(&self) -> bool;
}

/// A visitor that keeps notes on versions, so that of one made from another it need read only what changed.
pub trait Follower: Visitor {
    /// What is noted about a version.
    type Note;

    /// Takes one blob, which `derived` may tell how it was made from one that was taken before; notes what there
    /// is to note if it is a `base` of others.
    fn follow(
        &self,
        blob: Blob<'_>,
        derived: Option<pack::Derived<'_, Option<Self::Note>>>,
        base: bool,
    ) -> Option<Self::Note>;
}

/// Why a source could not start at all.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no repository here.
    #[error("{}: not in a git repository; run inside one or pass -C DIR", .0.display())]
    NotARepository(PathBuf),
    /// A path named by the user does not exist or cannot be read.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Git data that cannot be read.
    #[error("{what}: {}", cause.message())]
    Git {
        /// What was being read.
        what: String,
        /// What libgit2 says.
        cause: git2::Error,
    },
    /// Git data that is not as it should be.
    #[error("{0}")]
    Broken(String),
}
