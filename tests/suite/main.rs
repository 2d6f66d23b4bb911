//! The test suite: one binary, a module for each concern.

mod content;
mod decode;
mod hooks;
mod rules;
mod scan;
mod staged;
mod support;
