//! Doors for the fuzz targets to what only the command line parses. No part of the public interface.

use std::path::Path;

use super::{hook, migrate};
use crate::engine::config::Config;

/// Reads the text of a configuration, and makes its rules.
pub fn config(text: &str) {
    if let Ok(config) = Config::parse(Path::new("fuzzed"), text) {
        let _ = config.rules(&[]);
    }
}

/// Reads what git gives to hooks: lines on standard input, or a commit message.
///
/// # Panics
/// Where a message would be made longer.
pub fn hook(bytes: &[u8]) {
    for line in bytes.split(|&byte| byte == b'\n') {
        let _ = (hook::pushed(line), hook::received(line));
    }
    assert!(bytes.starts_with(hook::until_scissors(bytes)));
}

/// Reads a file of another scanner.
pub fn migrate(name: &str, text: &str) {
    migrate::probe(name, text);
}
