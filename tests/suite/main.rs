//! The test suite: one binary, a module for each concern.

mod decode;
mod hooks;
mod rules;
mod staged;
mod support;
