//! A scan from its settings to its report, whoever asks for it: the command line, a program, an editor.
//!
//! In: settings and a place. Out: judged findings with the receipt of what was read. [`Scanner`] is the public face;
//! the command line goes through [`session::Session`], as the scanner does.

pub(crate) mod config;
mod error;
pub(crate) mod files;
pub(crate) mod history;
mod scanner;
pub(crate) mod session;
pub(crate) mod settings;

pub use error::Error;
pub use scanner::{Builder, Report, Scanner, Scope};
