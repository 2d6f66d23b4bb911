//! The test suite: one binary, a module for each concern.

mod decode;
mod history;
mod rules;
