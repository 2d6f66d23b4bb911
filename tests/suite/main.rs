//! The test suite: one binary, a module for each concern.

mod accept;
mod baseline;
mod cli;
mod containers;
mod content;
mod decode;
mod docs;
mod encodings;
mod explain;
mod families;
mod formats;
mod history;
mod hooks;
mod layers;
mod pairs;
mod precommit;
mod properties;
mod regressions;
mod released;
mod reports;
mod rules;
mod scan;
mod schema;
mod settings;
mod staged;
mod support;
