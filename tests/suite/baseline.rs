//! Baselines through the library: accept finds, let the tree change, and look again.

mod native;
mod stored;
mod types;

use bstr::{BStr, ByteSlice};
use jiff::civil::{Date, date};
use leakstop::verdict::baseline::{Baseline, Found, Gone, Label, Standing};

/// A day on which the tests take place.
const TODAY: Date = date(2030, 6, 15);

/// A find whose line is not at hand.
fn found<'a>(rule: &'a str, path: &'a str, secret: &'a str, line: usize) -> Found<'a> {
    Found { rule, path: BStr::new(path), secret: secret.as_bytes(), line, context: b"" }
}

/// A find with its line.
fn beside<'a>(find: Found<'a>, context: &'a str) -> Found<'a> {
    Found { context: context.as_bytes(), ..find }
}

/// The standing of each find, with every path that is not found gone.
fn settle(baseline: &Baseline, finds: &[Found<'_>]) -> Vec<Standing> {
    let gone = |path: &[u8]| finds.iter().all(|f| f.path != path);
    baseline.settle(finds, Gone::entries(&gone), TODAY)
}

fn parse(text: &str) -> Baseline {
    Baseline::parse(text.as_bytes()).expect("the test's own baseline")
}

fn rendered(baseline: &Baseline) -> String {
    baseline.render().to_str().expect("JSON is text").to_owned()
}

fn fault(text: &str) -> String {
    Baseline::parse(text.as_bytes()).expect_err("a broken baseline").to_string()
}

fn known() -> Standing {
    Standing::Known { label: Label::Accepted, reason: None }
}

fn everywhere(_: &[u8]) -> bool {
    true
}
