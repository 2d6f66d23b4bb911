#![no_main]

use std::sync::LazyLock;

use leakstop_fuzz::{Target, target};

static TARGET: LazyLock<Target> = LazyLock::new(|| target("containers"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET(bytes));
