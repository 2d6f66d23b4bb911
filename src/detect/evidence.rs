//! Why a finding is believed.
//!
//! In: what a rule, validator or heuristic saw. Out: short strings for reports, `kind` or
//! `kind:value`. Evidence never holds a secret or a part of one.

use std::borrow::Cow;
use std::fmt;

/// One reason to believe that a match is a credential, or a fact decoded from it.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// The shape alone is distinctive.
    Format,
    /// A checksum inside the credential is right.
    Checksum,
    /// It decodes to what it should: what was recognised.
    Structure(Cow<'static, str>),
    /// A word near by, or the name it is assigned to.
    Keyword(String),
    /// Shannon entropy in bits per byte.
    Entropy(f32),
    /// Something read out of it that is no secret: an account id, an expiry, a user.
    Fact(&'static str, String),
    /// What speaks for or against it where it stands.
    Context(Cow<'static, str>),
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => f.write_str("format"),
            Self::Checksum => f.write_str("checksum"),
            Self::Structure(what) => write!(f, "structure:{what}"),
            Self::Keyword(word) => write!(f, "keyword:{word}"),
            Self::Entropy(bits) => write!(f, "entropy:{bits:.1}"),
            Self::Fact(name, value) => write!(f, "{name}:{value}"),
            Self::Context(what) => write!(f, "context:{what}"),
        }
    }
}
