//! What in a chunk is a credential, and why.
//!
//! In: a [`Chunk`]. Out: [`Match`]es: rule, place, confidence, evidence.
//!
//! One pass finds where a rule's keyword stands ([`prefilter`]); each rule then looks only at a bounded
//! stretch `[k − before, k + after]` around a hit at `k`. So what a rule says is a pure function of those
//! bytes: a file, its chunks and a delta's inserts give the same results by construction.

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
pub mod lower;
pub mod pair;
pub mod placeholder;
pub mod prefilter;
pub mod program;
pub mod rules;
pub mod sample;
pub mod spec;
pub mod trace;
pub mod validators;

mod automaton;
mod edge;
mod entropy;
mod issuer;
mod vendor;
mod walk;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::decode::Chunk;
use crate::text::Span;
use evidence::Evidence;
use generic::Shape;
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
    pub shape: Option<Shape>,
}

/// Runs a [`RuleSet`] over chunks.
#[derive(Debug)]
pub struct Detector {
    rules: RuleSet,
    thorough: Option<u16>,
    whole: Vec<u16>,
}

impl Detector {
    /// A detector for `rules`. It looks at every quoted string only where findings of `least`
    /// confidence include what entropy alone suggests.
    ///
    /// # Panics
    /// Never: a rule set has fewer rules than 65,536.
    #[must_use]
    pub fn new(rules: RuleSet, least: Confidence) -> Self {
        let entropy = rules.rules().iter().position(|r| r.spec().engine == Engine::Entropy);
        let thorough = entropy
            .filter(|_| least == Confidence::Possible)
            .map(|number| u16::try_from(number).expect("fewer rules than 65,536"));
        let whole = (0_u16..)
            .zip(rules.rules())
            .filter(|(_, rule)| rule.spec().engine == Engine::Whole)
            .map(|(number, _)| number)
            .collect();
        Self { rules, thorough, whole }
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Adds to `found` what matches in `chunk` from a keyword in its own range.
    pub fn detect(&self, chunk: &Chunk<'_>, found: &mut Vec<Match>) {
        /// No keyword is longer.
        const KEYWORD: usize = 64;
        let (own, known) = (&chunk.own, found.len());
        let text = &chunk.bytes[own.start..chunk.bytes.len().min(own.end + KEYWORD)];
        self.rules.prefilter().each(text, |hit| {
            let at = own.start + hit.at;
            if at < own.end {
                for &number in self.rules.called_by(hit.keyword) {
                    self.apply(number, chunk, at, &mut |tried| found.extend(tried));
                }
            }
        });
        if chunk.bytes.len() <= SMALL {
            for &number in &self.whole {
                self.file(number, chunk, found);
            }
        }
        for index in known..found.len() {
            let Match { rule, secret, .. } = found[index];
            if self.rules.rules()[usize::from(rule)].spec().beside.is_some() {
                pair::beside(&self.rules, chunk, (rule, secret), found);
            }
        }
        if let Some(number) = self.thorough {
            entropy::quoted(chunk, |span, bits| {
                let mut random = place(number, chunk, span, span);
                random.evidence = vec![Evidence::Entropy(bits)];
                found.push(random);
            });
        }
    }

    /// Runs one rule on all of a small file.
    fn file(&self, number: u16, chunk: &Chunk<'_>, found: &mut Vec<Match>) {
        let rule = &self.rules.rules()[usize::from(number)];
        if let Some((whole, Some(secret))) = rule.first(&chunk.bytes) {
            found.extend(judge(rule, number, chunk, whole, secret));
        }
    }

    /// Runs one rule on the bytes around a keyword hit, and hands over what comes of each try.
    fn apply(
        &self,
        number: u16,
        chunk: &Chunk<'_>,
        at: usize,
        take: &mut impl FnMut(Result<Match, Stop>),
    ) {
        let rule = &self.rules.rules()[usize::from(number)];
        let spec = rule.spec();
        let (start, window) = self.window(number, chunk, at);
        if spec.engine == Engine::Assignment {
            if generic::repeats(window, at - start) {
                return;
            }
            let mut found = generic::read(window, at - start)
                .into_iter()
                .filter_map(|candidate| {
                    let matched = assigned(number, chunk, start, &candidate)?;
                    Some(issuer::tell(&self.rules, &chunk.bytes, matched.secret, matched))
                })
                .peekable();
            if found.peek().is_none() {
                take(self.issued(chunk, at).ok_or(Stop::Unlike));
            }
            found.for_each(|found| take(Ok(found)));
            return;
        }
        if rule.leads() && !edge::opens(&chunk.bytes, at, spec.edge) {
            // Amid a longer token. Runs of encoded text are full of such hits.
            take(Err(Stop::Edge));
            return;
        }
        for (whole, secret) in rule.around(window, at - start) {
            let Some(secret) = secret else { continue };
            if whole.end + start <= at {
                continue;
            }
            let shift = |span: Span| Span::new(start + span.start, start + span.end);
            let (whole, secret) = (shift(whole), shift(secret));
            let judged = judge(rule, number, chunk, whole, secret);
            take(judged.and_then(|judged| match spec.engine {
                Engine::Family => {
                    vendor::weigh(&chunk.bytes, spec, judged, whole).ok_or(Stop::Name)
                }
                _ if spec.anonymous => Ok(issuer::tell(&self.rules, &chunk.bytes, secret, judged)),
                _ if spec.body.is_empty() => Ok(judged),
                // A proof outweighs what the name or the letters of the value say.
                _ if judged.confidence < Confidence::Certain
                    && !vendor::holds(&chunk.bytes, secret, whole) =>
                {
                    Err(Stop::Name)
                }
                _ => Ok(named(&chunk.bytes, spec, at, judged)),
            }));
        }
    }

    /// Where a rule's window around a hit begins, and its bytes.
    fn window<'c>(&self, number: u16, chunk: &'c Chunk<'_>, at: usize) -> (usize, &'c [u8]) {
        let spec = self.rules.rules()[usize::from(number)].spec();
        let start = at.saturating_sub(spec.before);
        (start, &chunk.bytes[start..chunk.bytes.len().min(at + spec.after)])
    }

    /// What only a vendor's word near by tells to be a credential.
    fn issued(&self, chunk: &Chunk<'_>, at: usize) -> Option<Match> {
        let (rule, value, evidence) = issuer::read(&self.rules, &chunk.bytes, at)?;
        let (confidence, score) = (Confidence::Likely, 0.9);
        Some(Match { confidence, score, evidence, ..place(rule, chunk, value, value) })
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
fn judge(
    rule: &Rule,
    number: u16,
    chunk: &Chunk<'_>,
    whole: Span,
    secret: Span,
) -> Result<Match, Stop> {
    let spec = rule.spec();
    let bytes = &chunk.bytes[secret.range()];
    if bytes.is_empty() || !edge::holds(&chunk.bytes, secret, spec.edge) {
        return Err(Stop::Edge);
    }
    let subject = Subject { secret: bytes, whole: &chunk.bytes[whole.range()] };
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
    Ok(Match { confidence, score, evidence, example, ..place(number, chunk, whole, secret) })
}

/// A generic credential as a match; nothing if it is hopeless in any file.
fn assigned(
    number: u16,
    chunk: &Chunk<'_>,
    start: usize,
    candidate: &generic::Candidate,
) -> Option<Match> {
    let shift = |span: Span| Span::new(span.start + start, span.end + start);
    let score = candidate.shape.score_at(None).filter(|&score| score >= HOPELESS)?;
    let confidence =
        if score >= OPERATING_POINT { Confidence::Likely } else { Confidence::Possible };
    let (whole, value) = (shift(candidate.whole), shift(candidate.value));
    let evidence = candidate.evidence(&chunk.bytes[start..]);
    let shape = Some(candidate.shape);
    Some(Match { confidence, score, evidence, shape, ..place(number, chunk, whole, value) })
}

/// A match of which no more is known than where it stands, and whether what stands there is a
/// published dummy: a generic name may hold one of any vendor.
fn place(rule: u16, chunk: &Chunk<'_>, whole: Span, secret: Span) -> Match {
    Match {
        rule,
        secret,
        outer: chunk.map.source(secret),
        whole: chunk.map.source(whole),
        confidence: Confidence::Possible,
        score: UNSURE,
        evidence: Vec::new(),
        example: example::is_known(&chunk.bytes[secret.range()], "generic"),
        shape: None,
    }
}

/// Keeps one match for each stretch of bytes: the surest, then the most specific, the longest, the
/// leftmost. `specific` tells a rule's rank.
pub fn resolve<T>(found: &mut Vec<T>, of: impl Fn(&T) -> &Match, specific: impl Fn(u16) -> i32) {
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
