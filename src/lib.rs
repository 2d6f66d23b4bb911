//! leakstop finds secrets in working trees, staged changes and git history.
//!
//! Data moves one way, and a stage imports only stages before it:
//!
//! [`source`] reads blobs → [`decode`] makes them readable → [`detect`] finds credentials in them →

pub mod decode;
pub mod detect;
pub mod source;
pub mod text;
pub mod verdict;
