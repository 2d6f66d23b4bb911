//! One entry of a baseline.
//!
//! In: what a file says of one value. Out: the [`Entry`] that all operations work on, and the
//! [`Note`] that a person attached to it.

use bstr::{BStr, BString, ByteSlice};
use jiff::civil::Date;
use serde_json::{Map, Value};

/// What a person says a value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// No credential at all.
    FalsePositive,
    /// A dummy in a test or an example.
    Test,
    /// A credential that has been revoked.
    Rotated,
    /// Known and accepted; what `create` and `update` write.
    #[default]
    Accepted,
}

impl Label {
    /// Every label.
    pub const ALL: [Self; 4] = [Self::FalsePositive, Self::Test, Self::Rotated, Self::Accepted];

    /// The word used in files, reports and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FalsePositive => "false-positive",
            Self::Test => "test",
            Self::Rotated => "rotated",
            Self::Accepted => "accepted",
        }
    }

    /// The label called `name`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.name() == name)
    }
}

/// What a person attached to an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// What the value is.
    pub label: Label,
    /// Why it is accepted.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it is accepted.
    pub expires: Option<Date>,
}

impl Note {
    /// Whether the last day has passed.
    #[must_use]
    pub fn expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

/// One accepted value at one path.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// Rule id, or detect-secrets' type.
    pub(super) rule: String,
    /// Where the value stands.
    pub(super) path: BString,
    /// The value's digest in lower-case hex: HMAC-SHA256, or SHA-1 in detect-secrets' format.
    pub(super) digest: String,
    /// What a person says of it.
    pub(super) note: Note,
    /// Line number; detect-secrets' format only.
    pub(super) line: Option<usize>,
    /// What else the file says: unknown keys, and in detect-secrets' format the object as it was.
    pub(super) rest: Map<String, Value>,
}

/// What tells entries apart.
pub(super) type Key<'e> = (&'e BStr, &'e str, &'e str);

impl Entry {
    /// What tells this entry from others, in the order in which files are sorted.
    pub(super) fn key(&self) -> Key<'_> {
        (self.path.as_bstr(), &self.rule, &self.digest)
    }

    /// The entry in words, for messages.
    pub(super) fn describe(&self) -> String {
        let head = self.digest.get(..8).unwrap_or(&self.digest);
        format!("{} in {:?} ({head}…)", self.rule, self.path)
    }
}
