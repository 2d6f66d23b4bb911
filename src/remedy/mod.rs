//! How a leak is mended: the references that stand in for a value.
//!
//! In: text of files. Out: the names that a text refers to, the name that a removed value was moved to, and the change
//! that puts a reference in a value's place. Nothing here reads or writes a file.

pub mod moved;
pub mod names;
