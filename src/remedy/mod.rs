//! How a leak is mended: what to do about it, and the references that stand in for a value.
//!
//! In: text of files, and what is known of a leak. Out: the names that a text refers to, the name that a removed value
//! was moved to, advice, and the change that puts a reference in a value's place, with what it leaves to do. Nothing here reads or writes a file.

pub mod advice;
pub mod change;
mod constant;
pub mod environment;
pub mod form;
mod imports;
pub mod literal;
pub mod moved;
pub mod names;
mod naming;
pub mod patch;
pub mod purge;
mod rest;
pub mod steps;
