//! leakstop finds secrets in texts, files, staged changes and git history.
//!
//! Make a [`Scanner`], which compiles the rules once; then give it bytes, paths or repositories. What it finds is told
//! with the secret redacted.
//!
//! ```no_run
//! use leakstop::{Scanner, Scope};
//!
//! let scanner = Scanner::builder().repository(".").build()?;
//! let report = scanner.scan_repo(".", Scope::Staged)?;
//! for finding in report.findings() {
//!     println!("{} in {}", finding.rule_name, finding.place.path);
//! }
//! # Ok::<(), leakstop::Error>(())
//! ```
//!
//! What is shown here is the interface; versions follow it. The modules of the crate are open to its own tests and
//! tools, hidden from this page, and may change at any time.
//!
//! Inside, data moves one way, and a stage imports only stages before it: `source` reads blobs → `decode` makes them
//! readable → `detect` finds credentials in them → `verdict` decides what is new → `report` tells. `remedy` knows what
//! stands in for a leak, `scan` joins the stages, `engine` runs a scan from settings to report; `cli` alone knows the
//! command line and the environment; every stage may use `text`, and `whole` to write files.

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod decode;
#[doc(hidden)]
pub mod detect;
mod engine;
#[doc(hidden)]
pub mod remedy;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod scan;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod verdict;
#[doc(hidden)]
pub mod whole;

pub use detect::spec::Confidence;
pub use engine::{Builder, Error, Report, Scanner, Scope};
#[doc(inline)]
pub use report::Format;
#[doc(inline)]
pub use report::document;

#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct Page;
