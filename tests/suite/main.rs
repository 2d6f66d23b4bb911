//! The test suite: one binary, a module for each concern.

mod baseline;
mod decode;
mod docs;
mod history;
mod layers;
mod rules;
