//! What in a chunk is a credential, and why.

pub mod evidence;
pub mod spec;
pub mod validators;
