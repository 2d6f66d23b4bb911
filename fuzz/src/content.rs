//! What a file holds: containers, encodings and credentials.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use leakstop::decode::{self, Budget, Chunk};
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::Confidence;
use leakstop::detect::validators::{ALL, Subject};
use leakstop::detect::{CONTEXT, Detector};
use leakstop::scan::{Note, Reading, Scanner};
use leakstop::source::pack::{Delta, Derived};
use leakstop::source::{Blob, Content, Follower, Origin, Visitor};
use leakstop::text::Span;
use leakstop::verdict::policy::Policy;

use crate::Input;

/// Bytes of a file that one window of the scanner takes in.
const WINDOW: usize = 4 << 20;

/// Everything there is to find, however faint.
pub(crate) static THOROUGH: LazyLock<Detector> = LazyLock::new(|| detector(Confidence::Possible));
/// What is looked for unless more is asked for.
static USUAL: LazyLock<Detector> = LazyLock::new(|| detector(Confidence::Likely));

fn detector(least: Confidence) -> Detector {
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    Detector::new(rules, least)
}

/// All that is said of a blob, in a fixed order.
type Said = BTreeSet<String>;

/// Runs a scanner, and gives its answer with what it says of the input.
fn said<T>(detector: &Detector, run: impl FnOnce(&Scanner<'_>) -> T) -> (Said, T) {
    let policy = Policy::new(Confidence::Possible, &[], None).expect("there is nothing to parse");
    let stop = AtomicBool::new(false);
    let reading = Reading { paths_later: true, ..Reading::default() };
    let scanner = Scanner::new(detector, &policy, &stop, reading);
    let answer = run(&scanner);
    let found = scanner.finish();
    let one = |sighting: &leakstop::verdict::finding::Sighting| {
        format!("{:?} {sighting:?}", sighting.secret.reveal())
    };
    let mut said: Said = found.sightings.iter().map(one).collect();
    said.extend(found.skipped.iter().map(|skipped| format!("{skipped:?}")));
    (said, answer)
}

fn blob(content: Content<'_>) -> Blob<'_> {
    Blob { origin: Origin::default(), content, before: None }
}

/// A reader that gives a few bytes at a time.
struct Slowly<'b>(&'b [u8], usize);

impl Read for Slowly<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(out.len()).min(self.0.len());
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// A file as a whole and in pieces: it says the same, and every place lies in it.
pub fn detect(bytes: &[u8]) {
    let (whole, ()) = said(&THOROUGH, |scanner| scanner.blob(blob(Content::Bytes(bytes))));
    let size = 1 + bytes.len() % 97;
    let mut slowly = Slowly(bytes, size);
    let (pieces, ()) = said(&THOROUGH, |scanner| scanner.blob(blob(Content::Stream(&mut slowly))));
    assert_eq!(whole, pieces);
    cut(&THOROUGH, bytes);
}

/// A text looked at in two chunks that share their context gives what it gives in one.
fn cut(detector: &Detector, bytes: &[u8]) {
    if bytes.len() > CONTEXT || bytes.is_empty() {
        return;
    }
    let whole = matches(detector, bytes, 0..bytes.len());
    let middle = usize::from(bytes[0]) * bytes.len() / 256;
    let mut both = matches(detector, bytes, 0..middle);
    both.extend(matches(detector, bytes, middle..bytes.len()));
    assert_eq!(whole, both);
}

/// Rules, places and values found by keywords in a part of a text.
fn matches(
    detector: &Detector,
    bytes: &[u8],
    own: std::ops::Range<usize>,
) -> BTreeSet<(u16, Span, Span)> {
    let mut chunk = Chunk::whole(bytes);
    chunk.own = own;
    let mut found = Vec::new();
    for spot in &mut detector.spots(&chunk.bytes, chunk.own.clone()) {
        detector.weigh(&chunk, spot, &mut found);
    }
    for found in &found {
        assert!(found.secret.start <= found.secret.end && found.secret.end <= bytes.len());
        assert!(found.whole.start <= found.whole.end && found.whole.end <= bytes.len());
    }
    found.into_iter().map(|found| (found.rule, found.whole, found.secret)).collect()
}

/// A container of any kind, opened as deep as a scan does.
pub fn containers(bytes: &[u8]) {
    let mut slowly = Slowly(bytes, 1 + bytes.len() % 4093);
    said(&USUAL, |scanner| scanner.blob(blob(Content::Stream(&mut slowly))));
}

/// Views on views: places lie in the text, depth and memory are as budgeted.
pub fn decode(bytes: &[u8]) {
    let whole = Chunk::whole(bytes);
    let mut budget = Budget::new(3, 1 << 20);
    let mut left = budget.bytes;
    let mut waiting = decode::inner(&whole, &mut budget);
    while let Some(chunk) = waiting.pop() {
        // What is deflated without a header counts with the encoding around it.
        let depth = chunk.via.iter().filter(|name| **name != "deflate").count();
        assert!(depth <= 3 && chunk.via.len() <= 2 * depth, "{:?}", chunk.via);
        assert!(budget.bytes <= left);
        left = budget.bytes;
        let size = chunk.bytes.len();
        for span in [(0, size), (0, size.min(1)), (size / 2, size), (size / 3, size / 2)] {
            let outer = chunk.map.source(Span::new(span.0, span.1));
            assert!(outer.start <= outer.end && outer.end <= bytes.len(), "{outer:?}");
        }
        waiting.extend(decode::inner(&chunk, &mut budget));
        assert!(waiting.len() <= bytes.len() + (1 << 20));
    }
}

/// A text at the place where one window of a file hands over to the next.
pub fn seams(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (which, before) = (usize::from(input.byte()), usize::from(input.byte()));
    let text = input.0;
    let seam = WINDOW + which % 3 * CONTEXT;
    let mut shifted = vec![b'.'; seam - text.len().min(CONTEXT) * before / 256];
    shifted.iter_mut().skip(60).step_by(61).for_each(|end| *end = b'\n');
    shifted.push(b'\n');
    shifted.extend_from_slice(text);
    let (whole, ()) = said(&USUAL, |scanner| scanner.blob(blob(Content::Bytes(&shifted))));
    let mut stream = &shifted[..];
    let (windows, ()) = said(&USUAL, |scanner| scanner.blob(blob(Content::Stream(&mut stream))));
    assert_eq!(whole, windows);
}

/// Two versions made one from the other: what is said by following is what is said by reading all of each.
pub fn follow(bytes: &[u8]) {
    let mut input = Input(bytes);
    let length = input.short() % 4096;
    // What is shorter is read as a whole.
    let filler = "nothing of interest stands on this line\n".repeat(16);
    let mut base = filler.into_bytes();
    base.extend_from_slice(input.take(length));
    let (_, mut note) = read(&base, None);
    for _ in 0..2 {
        let (script, made) = change(&base, &mut input);
        let delta = Delta::parse(&script).expect("a good delta");
        let (by_delta, next) = read(&made, Some(Derived { base: &note, delta }));
        let (plain, _) = read(&made, None);
        assert_eq!(plain, by_delta);
        (base, note) = (made, next);
    }
}

fn read(text: &[u8], derived: Option<Derived<'_, Option<Note>>>) -> (Said, Option<Note>) {
    said(&USUAL, |scanner| scanner.follow(blob(Content::Bytes(text)), derived, true))
}

/// A delta as the input says, and what it makes.
fn change(base: &[u8], input: &mut Input<'_>) -> (Vec<u8>, Vec<u8>) {
    let (mut steps, mut made) = (Vec::new(), Vec::new());
    for _ in 0..=input.byte() % 8 {
        let op = input.byte();
        if op & 1 == 0 {
            let bytes = input.take(usize::from(op >> 1));
            made.extend_from_slice(bytes);
            if let Some(length) = u8::try_from(bytes.len()).ok().filter(|&length| length > 0) {
                steps.push(length);
                steps.extend_from_slice(bytes);
            }
        } else {
            let from = input.short() % base.len();
            let to = base.len().min(from + 1 + input.short() % 4096);
            made.extend_from_slice(&base[from..to]);
            steps.push(0xff);
            let number = |n: usize| u32::try_from(n).expect("short texts").to_le_bytes();
            steps.extend(number(from));
            steps.extend(&number(to - from)[..3]);
        }
    }
    if made.is_empty() {
        (steps, made) = (vec![1, b'.'], vec![b'.']);
    }
    let mut script = crate::git::length(base.len());
    script.extend(crate::git::length(made.len()));
    script.extend(steps);
    (script, made)
}

/// Every validator on a secret and what stands around it.
pub fn validators(bytes: &[u8]) {
    let mut input = Input(bytes);
    let row = &ALL[input.short() % ALL.len()];
    let (before, after) = (usize::from(input.byte() % 64), usize::from(input.byte() % 64));
    let whole = input.0;
    let start = before.min(whole.len());
    let end = whole.len().saturating_sub(after).max(start);
    let subject = Subject { secret: &whole[start..end], whole };
    assert_eq!((row.check)(&subject), (row.check)(&subject), "{}", row.name);
}
