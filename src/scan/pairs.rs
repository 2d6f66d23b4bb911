//! Joins the two halves of a credential: an identifier and the secret that belongs with it.
//!
//! In: the sightings of one blob that are halves, in any order, with their places. Out: the same, each secret with
//! the identifier it goes with, and without the identifiers that went with one. All of the blob has been read by
//! then, so it does not matter how it was cut into windows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Scanner;
use super::blob::BlobScan;
use super::search::Hit;
use crate::decode::{self, Chunk};
use crate::detect::evidence::Evidence;
use crate::detect::pair;
use crate::detect::rules::RuleSet;
use crate::detect::spec::Confidence;
use crate::text::{Secret, Span};
use crate::verdict::finding::{Partner, Sighting};

/// Halves that may wait for the end of their blob. Beyond that, memory counts more than a pair that the border of
/// two windows parts.
pub(super) const MANY: usize = 10_000;
/// Bytes between two halves that belong together, at most.
const REACH: usize = 2 << 10;
/// Lines from one half to the other, at most.
const LINES: usize = 10;
/// Bytes on either side of an encoded identifier in which encoded secrets are looked for.
const NEAR: usize = 400;
/// Score of a secret that only its identifier makes likely.
const SCORE: f32 = 0.8;

/// A sighting that may have another half.
pub(super) struct Half {
    /// Where it stands in the blob's text.
    pub span: Span,
    /// The change under scan does not introduce it: it counts as another's half only.
    pub old: bool,
    /// What was seen.
    pub sighting: Sighting,
}

impl BlobScan<'_, '_> {
    /// Takes in what was asked for.
    pub(super) fn keep(&mut self, mut sighting: Sighting) {
        let Scanner { policy, detector, reading, .. } = self.scanner;
        if reading.paths_later || policy.settle(&mut sighting, detector.rules()) {
            self.sightings.push(sighting);
        }
    }

    /// Joins the halves that belong together, now that all of the blob was read.
    pub(super) fn pair(&mut self) {
        let halves = std::mem::take(&mut self.halves);
        for sighting in join(halves, self.scanner.detector.rules()) {
            self.keep(sighting);
        }
    }

    /// Adds the bare secrets that are encoded each by itself, near an identifier that is encoded so too.
    /// Kubernetes keeps secrets in this form.
    pub(super) fn unwrap(&mut self, chunk: &Chunk<'_>, hits: &mut Vec<Hit>) {
        let rules = self.scanner.detector.rules();
        for index in 0..hits.len() {
            let Hit { found: identifier, via, .. } = &hits[index];
            let spec = rules.rules()[usize::from(identifier.rule)].spec();
            if via.is_empty() || spec.beside.is_none() {
                continue;
            }
            let (rule, id, via) = (identifier.rule, identifier.outer, via.clone());
            let (start, end) = (id.start.saturating_sub(NEAR), id.end + NEAR);
            let near = &chunk.bytes[start..end.min(chunk.bytes.len())];
            let near = Chunk { head: false, tail: false, ..Chunk::whole(near) };
            for value in decode::inner(&near, &mut self.budget) {
                let found = if value.via == via { pair::alone(rules, &value, rule) } else { None };
                let Some(mut found) = found else { continue };
                found.outer = Span::new(found.outer.start + start, found.outer.end + start);
                let whole = found.outer.start.min(id.start)..found.outer.end.max(id.end);
                found.whole = Span::new(whole.start, whole.end);
                let secret = Secret::new(&value.bytes[found.secret.range()]);
                hits.push(Hit { found, secret, via: value.via });
            }
        }
    }
}

/// Gives each secret its identifier, and leaves out the identifiers that are another's half, and what stands without
/// what its rule asks for near by.
pub(super) fn join(mut halves: Vec<Half>, rules: &RuleSet) -> Vec<Sighting> {
    halves.sort_by(|a, b| {
        let key = |half: &Half| (half.span, half.sighting.rule);
        key(a).cmp(&key(b)).then_with(|| a.sighting.secret.cmp(&b.sighting.secret))
    });
    let known = Spots::of(&halves, rules);
    halves.retain(|half| known.satisfy(&half.sighting, rules));
    let partners = partners(&halves, rules);
    let taken: BTreeSet<(u16, Secret)> = partners
        .iter()
        .flatten()
        .map(|&at| (halves[at].sighting.rule, halves[at].sighting.secret.clone()))
        .collect();
    let found: Vec<Option<Arc<Partner>>> =
        partners.iter().map(|at| at.map(|at| partner(&halves[at].sighting))).collect();
    let mut kept = Vec::with_capacity(halves.len());
    for (Half { mut sighting, old, .. }, partner) in halves.into_iter().zip(found) {
        let spec = rules.rules()[usize::from(sighting.rule)].spec();
        let identifier = !spec.pair.is_empty();
        if old && !identifier {
            continue;
        }
        if let Some(partner) = partner {
            // What the secret's own form or checks speak against stays doubtful.
            if spec.confidence == Confidence::Possible && sighting.confidence == spec.confidence {
                (sighting.confidence, sighting.score) = (Confidence::Likely, SCORE);
            }
            sighting.evidence.push(Evidence::Context("its identifier near by".into()));
            sighting.place.partner = Some(partner);
        } else if old
            || !spec.lone
            || identifier && taken.contains(&(sighting.rule, sighting.secret.clone()))
        {
            continue;
        }
        kept.push(sighting);
    }
    kept
}

/// Where the rules that others ask for have found something: line and column, sorted.
struct Spots(BTreeMap<u16, Vec<(usize, usize)>>);

impl Spots {
    fn of(halves: &[Half], rules: &RuleSet) -> Self {
        let mut spots: BTreeMap<u16, Vec<(usize, usize)>> = BTreeMap::new();
        for Half { sighting, .. } in halves {
            if rules.pairs().helps(sighting.rule) {
                let start = sighting.place.start;
                spots.entry(sighting.rule).or_default().push((start.line, start.column));
            }
        }
        for list in spots.values_mut() {
            list.sort_unstable();
        }
        Self(spots)
    }

    /// Whether all that the rule of a sighting asks for is there.
    fn satisfy(&self, sighting: &Sighting, rules: &RuleSet) -> bool {
        let start = sighting.place.start;
        rules.pairs().near(sighting.rule).iter().all(|demand| {
            let spots = self.0.get(&demand.rule).map_or(&[][..], Vec::as_slice);
            let first = start.line.saturating_sub(demand.lines);
            let last = start.line.saturating_add(demand.lines);
            spots[spots.partition_point(|&(line, _)| line < first)..]
                .iter()
                .take_while(|(line, _)| *line <= last)
                .any(|(_, column)| start.column.abs_diff(*column) <= demand.columns)
        })
    }
}

/// An identifier as its secret's report shows it.
fn partner(identifier: &Sighting) -> Arc<Partner> {
    let fact =
        |evidence: &Evidence| matches!(evidence, Evidence::Fact(..)).then(|| evidence.to_string());
    Arc::new(Partner {
        rule: identifier.rule,
        value: identifier.secret.reveal().into(),
        facts: identifier.evidence.iter().filter_map(fact).collect(),
        start: identifier.place.start,
        end: identifier.place.end,
        via: identifier.place.via.clone(),
    })
}

/// For each half, in order of their places, the number of the identifier it goes with.
///
/// A secret has one in front of it and one behind it to choose from. One on its own line wins, then one that no
/// secret of its rule has yet, then the one in front. So lists of pairs come out right in either order, whether
/// each half has a line of its own, each pair has, or all of them share one.
fn partners(halves: &[Half], rules: &RuleSet) -> Vec<Option<usize>> {
    let mut taken: BTreeSet<(usize, u16)> = BTreeSet::new();
    let mut partners = Vec::with_capacity(halves.len());
    for (at, half) in halves.iter().enumerate() {
        let secret = half.sighting.rule;
        let line = |half: &Half| half.sighting.place.start.line;
        let apart = |other: &Half| line(half).abs_diff(line(other));
        let fits = |&other: &usize| {
            let other = &halves[other];
            apart(other) <= LINES && rules.pairs().names(other.sighting.rule, secret)
        };
        let front = (0..at).rev();
        let front = front
            .take_while(|&other| half.span.start - halves[other].span.start <= REACH)
            .find(fits);
        let behind = (at + 1..halves.len())
            .take_while(|&other| halves[other].span.start - half.span.start <= REACH)
            .find(fits);
        let chosen = front
            .into_iter()
            .chain(behind)
            .min_by_key(|&other| (apart(&halves[other]) > 0, taken.contains(&(other, secret))));
        taken.extend(chosen.map(|other| (other, secret)));
        partners.push(chosen);
    }
    partners
}
