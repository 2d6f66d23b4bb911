//! What stands in a stretch of a blob, and in all that is decoded from it.
//!
//! In: a [`Chunk`]. Out: [`Hit`]s: those of the stretch itself in the order of their keywords, then those of
//! decoded values in the order of their places. The order does not tell how they were found.

use std::collections::{HashMap, HashSet};

use crate::decode::{self, Budget, Chunk};
use crate::detect::rules::Rule;
use crate::detect::spot::Spot;
use crate::detect::{Detector, Match};
use crate::text::{Secret, Span};

/// A match and what must be kept of its chunk.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) found: Match,
    pub(super) secret: Secret,
    pub(super) via: Vec<&'static str>,
    /// What a rule that is limited to paths makes of the same bytes at these.
    pub(super) limited: Option<Box<Match>>,
}

impl Hit {
    pub(super) fn new(chunk: &Chunk<'_>, found: Match) -> Self {
        let secret = Secret::new(&chunk.bytes[found.secret.range()]);
        Self { found, secret, via: chunk.via.clone(), limited: None }
    }

    /// The same hit where the text it stands in has moved.
    pub(super) fn moved(mut self, from: usize, to: usize) -> Self {
        let shift = |span: Span| Span::new(span.start - from + to, span.end - from + to);
        self.found.outer = shift(self.found.outer);
        self.found.whole = shift(self.found.whole);
        if self.via.is_empty() {
            self.found.secret = shift(self.found.secret);
        }
        self
    }
}

/// Leaves to the path what a rule limited to some finds and another one too: the one must not hide the other.
pub(super) fn defer(hits: &mut Vec<Hit>, rules: &[Rule]) {
    let limited = |hit: &Hit| !rules[usize::from(hit.found.rule)].spec().paths.is_empty();
    if !hits.iter().any(limited) {
        return;
    }
    let (some, rest): (Vec<Hit>, Vec<Hit>) = hits.drain(..).partition(limited);
    *hits = rest;
    // By their places, for there may be as many of the one as of the other.
    let mut places: HashSet<Span> = hits.iter().map(|hit| hit.found.outer).collect();
    let mut last: HashMap<Span, Match> = HashMap::new();
    for hit in some {
        if places.insert(hit.found.outer) {
            hits.push(hit);
        } else {
            last.insert(hit.found.outer, hit.found);
        }
    }
    for hit in hits.iter_mut().filter(|_| !last.is_empty()) {
        if let Some(found) = last.get(&hit.found.outer) {
            hit.limited = Some(Box::new(found.clone()));
        }
    }
}

/// All that is found in a chunk.
pub(super) fn all(detector: &Detector, chunk: &Chunk<'_>, budget: &mut Budget) -> Vec<Hit> {
    let mut hits = Vec::new();
    take(detector, chunk, &mut hits);
    let mut inner = Vec::new();
    decoded(detector, decode::inner(chunk, budget), budget, &mut inner);
    sort(&mut inner);
    hits.append(&mut inner);
    hits
}

/// Adds what is found in a chunk as it stands.
fn take(detector: &Detector, chunk: &Chunk<'_>, hits: &mut Vec<Hit>) {
    let mut found = Vec::new();
    detector.detect(chunk, &mut found);
    hits.extend(found.into_iter().map(|found| Hit::new(chunk, found)));
}

/// Adds what is found at one spot of a chunk.
pub(super) fn at(
    detector: &Detector,
    chunk: &Chunk<'_>,
    spot: &mut Spot,
    hits: &mut Vec<((usize, u16), Hit)>,
) {
    let mut found = Vec::new();
    detector.weigh(chunk, spot, &mut found);
    hits.extend(found.into_iter().map(|found| (spot.key(), Hit::new(chunk, found))));
}

/// Adds what is found in decoded values, and in what is decoded from them, at any depth.
pub(super) fn decoded(
    detector: &Detector,
    values: Vec<Chunk<'_>>,
    budget: &mut Budget,
    hits: &mut Vec<Hit>,
) {
    let mut waiting = values;
    while let Some(inner) = waiting.pop() {
        take(detector, &inner, hits);
        waiting.extend(decode::inner(&inner, budget));
    }
}

/// Brings what was found in decoded values into the order of their places.
pub(super) fn sort(hits: &mut [Hit]) {
    hits.sort_by(|a, b| {
        let key = |hit: &Hit| (hit.found.outer, hit.found.whole, hit.found.rule, hit.found.secret);
        key(a).cmp(&key(b)).then_with(|| a.via.cmp(&b.via))
    });
}
