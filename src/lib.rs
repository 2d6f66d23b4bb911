//! leakstop finds secrets in working trees, staged changes and git history.
//!
//! Data moves one way, and a stage imports only stages before it:
//!
//! [`source`] reads blobs → [`decode`] makes them readable → [`detect`] finds credentials in them →
//! [`verdict`] decides what is new → [`report`] tells. [`remedy`] knows what stands in for a leak. [`scan`] joins the stages; [`cli`] alone knows the
//! command line and the environment; every stage may use [`text`], and [`whole`] to write files.

pub mod cli;
pub mod decode;
pub mod detect;
pub mod remedy;
pub mod report;
pub mod scan;
pub mod source;
pub mod text;
pub mod verdict;
pub mod whole;
