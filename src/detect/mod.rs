//! What in a chunk is a credential, and why.
//!
//! In: a [`Chunk`]. Out: [`Match`]es: rule, place, confidence, evidence.
//!
//! One pass finds where a rule's keyword stands ([`prefilter`]); each rule is then shown only a bounded
//! stretch `[k − before, k + after]` around a hit at `k` ([`reach`]). So what a rule says is a pure function of
//! those bytes: a file, its chunks and the copies of a delta give the same results by construction.

pub mod anchor;
pub mod calls;
pub mod evidence;
pub mod example;
pub mod families;
pub mod form;
pub mod generic;
pub mod hash;
pub mod index;
pub mod kind;
pub mod lists;
pub mod lower;
pub mod pair;
pub mod placeholder;
pub mod prefilter;
pub mod program;
pub mod reach;
pub mod rules;
pub mod sample;
pub mod spec;
pub mod spot;
pub mod trace;
pub mod validators;

mod automaton;
mod bytes;
mod edge;
mod entropy;
mod issuer;
mod row;
mod sieve;
mod vendor;
mod walk;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::decode::Chunk;
use crate::text::Span;
use evidence::Evidence;
use generic::Shape;
use reach::{Depth, Reach};
use rules::{Rule, RuleSet};
use spec::{Confidence, Engine, RuleSpec};
use trace::Stop;
use validators::{Outcome, Subject};

/// Score at and above which a generic credential is `likely`: chosen on repositories that were held out of the
/// training, see `docs/model.md`.
pub const OPERATING_POINT: f32 = 0.45;

/// Score at and above which a generic credential is `possible`.
pub const POSSIBLE: f32 = 0.1;

/// Score of a generic credential, its path unknown, below which no path makes it `possible`.
const HOPELESS: f32 = 0.02;

/// Score of a match of which nothing is known but that it matched.
const UNSURE: f32 = 0.4;

/// Bytes of the longest file that is looked at as a whole.
const SMALL: usize = 512;

/// Bytes of context that a chunk must share with its neighbours on either side.
pub const CONTEXT: usize = 2 * spec::MAX_REACH;

/// A place in a chunk where a rule matched.
#[derive(Clone, Debug)]
pub struct Match {
    /// The rule's number in its [`RuleSet`].
    pub rule: u16,
    /// The secret, in the chunk's bytes.
    pub secret: Span,
    /// The same in the outermost chunk: the encoded text, if it was decoded.
    pub outer: Span,
    /// All that the rule matched, in the outermost chunk.
    pub whole: Span,
    /// How sure it is.
    pub confidence: Confidence,
    /// The same from 0 to 1.
    pub score: f32,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// A published dummy: counted, not reported.
    pub example: bool,
    /// For generic credentials, how it is written: the path has a say in it.
    pub shape: Option<Box<Shape>>,
}

/// Runs a [`RuleSet`] over chunks.
#[derive(Debug)]
pub struct Detector {
    rules: RuleSet,
    thorough: Option<u16>,
    whole: Vec<u16>,
    longest: usize,
    /// For each keyword, how far its rules look; made at the first call.
    reaches: OnceLock<Vec<[Reach; 3]>>,
}

impl Detector {
    /// A detector for `rules`. It looks at every quoted string only where findings of `least`
    /// confidence include what entropy alone suggests.
    ///
    /// # Panics
    /// Never: a rule set has fewer rules than 65,536.
    #[must_use]
    pub fn new(rules: RuleSet, least: Confidence) -> Self {
        let entropy = rules.rules().iter().position(|r| r.engine() == Engine::Entropy);
        let thorough = entropy
            .filter(|_| least == Confidence::Possible)
            .map(|number| u16::try_from(number).expect("fewer rules than 65,536"));
        let whole = (0_u16..)
            .zip(rules.rules())
            .filter(|(_, rule)| rule.engine() == Engine::Whole)
            .map(|(number, _)| number)
            .collect();
        let longest = rules.prefilter().longest();
        Self { rules, thorough, whole, longest, reaches: OnceLock::new() }
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Adds to `found` what matches in `chunk` from a keyword in its own range.
    pub fn detect(&self, chunk: &Chunk<'_>, found: &mut Vec<Match>) {
        for spot in &mut self.spots(&chunk.bytes, chunk.own.clone()) {
            self.weigh(chunk, spot, found);
        }
        self.detect_unnamed(chunk, found);
    }

    /// Whether all that is said of a text of so many bytes is said by rules around their keywords, and not by
    /// what looks at the text as a whole.
    #[must_use]
    pub const fn is_local(&self, length: usize) -> bool {
        self.thorough.is_none() && length > SMALL
    }

    /// Adds to `found` what matches without a keyword.
    pub fn detect_unnamed(&self, chunk: &Chunk<'_>, found: &mut Vec<Match>) {
        // What is decoded is no file.
        if chunk.bytes.len() <= SMALL && chunk.via.is_empty() {
            for &number in &self.whole {
                self.file(number, chunk, found);
            }
        }
        if let Some(number) = self.thorough {
            entropy::quoted(chunk, |span, bits| {
                let mut random = place(number, &chunk.bytes, span, span);
                random.evidence = vec![Evidence::Entropy(bits)];
                found.push(random.within(chunk, 0));
            });
        }
    }

    /// Runs one rule on all of a small file.
    fn file(&self, number: u16, chunk: &Chunk<'_>, found: &mut Vec<Match>) {
        let rule = &self.rules.rules()[usize::from(number)];
        if let Some((whole, Some(secret))) = rule.first(&chunk.bytes) {
            let judged = judge(rule, number, &chunk.bytes, whole, secret);
            found.extend(judged.ok().map(|judged| judged.within(chunk, 0)));
        }
    }

    /// Runs one rule on what it is shown of the text around a keyword hit at `at`, and hands over what comes of
    /// each try.
    fn apply(
        &self,
        number: u16,
        text: &[u8],
        at: usize,
        take: &mut impl FnMut(Result<Match, Stop>),
    ) -> Depth {
        let rule = &self.rules.rules()[usize::from(number)];
        let spec = rule.spec();
        if spec.engine == Engine::Assignment {
            return self.assign(number, text, at, take);
        }
        if rule.leads() && !edge::opens(text, at, spec.edge) {
            // Amid a longer token. Runs of encoded text are full of such hits.
            take(Err(Stop::Edge));
            return Depth::Idle;
        }
        if spec.engine == Engine::Family && !vendor::may_stand(text, spec, at) {
            // `toggle` is no `toggl`.
            take(Err(Stop::Name));
            return Depth::Idle;
        }
        let (start, window) = self.window(number, text, at);
        let mut depth = Depth::Idle;
        for (whole, secret) in rule.around(window, at - start) {
            let Some(secret) = secret else { continue };
            if whole.end + start <= at {
                continue;
            }
            let shift = |span: Span| Span::new(start + span.start, start + span.end);
            let (whole, secret) = (shift(whole), shift(secret));
            let judged = judge(rule, number, text, whole, secret);
            if judged.is_ok() {
                depth = Depth::Far;
            }
            take(judged.and_then(|judged| match spec.engine {
                Engine::Family => vendor::weigh(text, spec, judged, whole).ok_or(Stop::Name),
                _ if spec.anonymous => Ok(issuer::tell(&self.rules, text, secret, judged)),
                _ if spec.body.is_empty() => Ok(judged),
                // A proof outweighs what the name or the letters of the value say.
                _ if judged.confidence < Confidence::Certain
                    && !vendor::holds(text, secret, whole) =>
                {
                    Err(Stop::Name)
                }
                _ => Ok(named(text, spec, at, judged)),
            }));
        }
        depth
    }

    /// Reads the assignment to the name that holds the keyword hit at `at`, and judges it.
    fn assign(
        &self,
        number: u16,
        text: &[u8],
        at: usize,
        take: &mut impl FnMut(Result<Match, Stop>),
    ) -> Depth {
        let (start, window) = self.window(number, text, at);
        let name = generic::name(window, at - start);
        if name.is_some_and(|name| generic::repeats(window, name, at - start)) {
            return Depth::Idle;
        }
        if generic::is_idle(window, name) && !issuer::assigns(text, at) {
            take(Err(Stop::Unlike));
            return Depth::Idle;
        }
        let mut depth = Depth::Near;
        for candidate in generic::read(window, name) {
            let Some(found) = assigned(number, text, start, &candidate) else { continue };
            depth = Depth::Far;
            take(Ok(issuer::tell(&self.rules, text, found.secret, found)));
        }
        if depth == Depth::Near {
            let value = issuer::value(text, at);
            depth = if value.is_some() { Depth::Far } else { Depth::Near };
            take(value.and_then(|value| self.issued(text, value)).ok_or(Stop::Unlike));
        }
        depth
    }

    /// Where a rule's window around a hit begins, and its bytes.
    fn window<'t>(&self, number: u16, text: &'t [u8], at: usize) -> (usize, &'t [u8]) {
        let spec = self.rules.rules()[usize::from(number)].spec();
        let start = at.saturating_sub(spec.before);
        (start, &text[start..text.len().min(at + spec.after)])
    }

    /// What only a vendor's word near by tells to be a credential.
    fn issued(&self, text: &[u8], value: Span) -> Option<Match> {
        let (rule, evidence) = issuer::read(&self.rules, text, value)?;
        let (confidence, score) = (Confidence::Likely, 0.9);
        Some(Match { confidence, score, evidence, ..place(rule, text, value, value) })
    }
}

impl Match {
    /// The same in `chunk`, where it was found in the bytes from `start` on.
    fn within(mut self, chunk: &Chunk<'_>, start: usize) -> Self {
        let shift = |span: Span| Span::new(span.start + start, span.end + start);
        self.secret = shift(self.secret);
        self.outer = chunk.map.source(self.secret);
        self.whole = chunk.map.source(shift(self.whole));
        self
    }
}

/// The match, with the vendor's word that led to it among its evidence.
fn named(text: &[u8], spec: &RuleSpec, at: usize, mut found: Match) -> Match {
    if let Some(word) = vendor::keyword(text, spec, at) {
        found.evidence.insert(0, Evidence::Keyword(word.to_owned()));
    }
    found
}

/// What a regex match is worth: edges, entropy, validator, placeholders, examples.
fn judge(rule: &Rule, number: u16, text: &[u8], whole: Span, secret: Span) -> Result<Match, Stop> {
    let spec = rule.spec();
    let bytes = &text[secret.range()];
    if bytes.is_empty() || !edge::holds(text, secret, spec.edge) {
        return Err(Stop::Edge);
    }
    let subject = Subject { secret: bytes, whole: &text[whole.range()] };
    let outcome = match rule.validator() {
        Some(validator) => (validator.check)(&subject),
        None => Outcome::Unproven(Vec::new()),
    };
    let (mut confidence, evidence, example) = match outcome {
        Outcome::Rejected => return Err(Stop::Check),
        Outcome::Example => (spec.confidence, Vec::new(), true),
        Outcome::Proven(evidence) => (Confidence::Certain, evidence, false),
        Outcome::Unproven(evidence) => (spec.confidence, evidence, false),
        Outcome::Doubtful(evidence) => (Confidence::Possible, evidence, false),
    };
    let example = example || example::is_known(bytes, &spec.id);
    if example {
        confidence = spec.confidence;
    } else if confidence != Confidence::Certain {
        if spec.entropy > 0.0 && entropy::shannon(bytes) < spec.entropy {
            return Err(Stop::Entropy);
        }
        if let Some(reason) = placeholder::reason(bytes) {
            return Err(Stop::Placeholder(reason));
        }
    }
    let evidence = if evidence.is_empty() { vec![Evidence::Format] } else { evidence };
    let score = match confidence {
        Confidence::Certain => 0.99,
        Confidence::Likely => 0.9,
        Confidence::Possible => UNSURE,
    };
    Ok(Match { confidence, score, evidence, example, ..place(number, text, whole, secret) })
}

/// A generic credential as a match; nothing if it is hopeless in any file.
fn assigned(
    number: u16,
    text: &[u8],
    start: usize,
    candidate: &generic::Candidate,
) -> Option<Match> {
    let shift = |span: Span| Span::new(span.start + start, span.end + start);
    let score = candidate.shape.score_at(None).filter(|&score| score >= HOPELESS)?;
    let confidence =
        if score >= OPERATING_POINT { Confidence::Likely } else { Confidence::Possible };
    let (whole, value) = (shift(candidate.whole), shift(candidate.value));
    let evidence = candidate.evidence(&text[start..]);
    let shape = Some(Box::new(candidate.shape));
    Some(Match { confidence, score, evidence, shape, ..place(number, text, whole, value) })
}

/// A match of which no more is known than where it stands, and whether what stands there is a
/// published dummy: a generic name may hold one of any vendor.
fn place(rule: u16, text: &[u8], whole: Span, secret: Span) -> Match {
    Match {
        rule,
        secret,
        outer: secret,
        whole,
        confidence: Confidence::Possible,
        score: UNSURE,
        evidence: Vec::new(),
        example: example::is_known(&text[secret.range()], "generic"),
        shape: None,
    }
}

/// Keeps one match for each stretch of bytes: the surest, then the most specific, the longest, the
/// leftmost. `specific` tells a rule's rank.
pub fn resolve<T>(found: &mut Vec<T>, of: impl Fn(&T) -> &Match, specific: impl Fn(u16) -> i32) {
    let end = |span: Span| span.end.max(span.start + 1);
    if found.windows(2).all(|pair| end(of(&pair[0]).outer) <= of(&pair[1]).outer.start) {
        // Most stand apart, in their order.
        return;
    }
    found.sort_by_key(|item| {
        let m = of(item);
        let specific = specific(m.rule);
        (
            Reverse(m.confidence),
            Reverse(specific),
            Reverse(m.outer.len()),
            m.outer.start,
            m.rule,
            m.secret,
        )
    });
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    found.retain(|item| {
        let span = of(item).outer;
        let left = taken.range(..span.end.max(span.start + 1)).next_back();
        if left.is_some_and(|(_, &end)| end > span.start) {
            return false;
        }
        taken.insert(span.start, span.end.max(span.start + 1));
        true
    });
    found.sort_by_key(|item| of(item).outer);
}
