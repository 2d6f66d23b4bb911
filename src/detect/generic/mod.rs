//! Credentials without a vendor's format: passwords, keys and tokens that a program assigns or passes.
//!
//! In: a text and the offset of a word such as `passw` or `token`. Out: the value given to the name
//! that holds the word, with all that is known of the two. Three questions are asked in turn: is this a place
//! where a value is given (`place`), does the name speak of a credential (`name`), is the value a literal
//! (`value`). How likely it is one is left to a trained model (`model`), which looks at small numbers a person
//! can follow (`features`). What the file's path says is asked last, since history knows it only later
//! ([`Shape::score_at`]).

mod features;
mod hash;
mod model;
mod name;
mod place;
mod surroundings;
mod value;
mod words;

use super::evidence::Evidence;
use super::kind::Kind;
use super::reach::Reach;
use crate::text::Span;
use name::{Class, Meaning};
use place::Place;

pub use features::{Feature, Features};
pub(super) use name::{elsewhere, words};
pub use place::{Form, Joint, Line};

/// A value that may be a credential, given to a name that may mean one.
#[derive(Debug)]
pub struct Candidate {
    /// Where the value stands.
    pub value: Span,
    /// From the start of the name to the end of the value.
    pub whole: Span,
    /// How it is written, for the judgement by path.
    pub shape: Shape,
    /// Why.
    pub evidence: Vec<Evidence>,
}

/// How a candidate is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// All that is known of it but the path.
    pub features: Features,
    /// A vendor's word near by, and a form of its credentials, tell that it is one.
    pub told: bool,
}

/// Score of what a vendor's word and its form tell, where the value alone tells less.
pub(super) const TOLD: f32 = 0.75;

impl Shape {
    /// The score in the file at `path`; `None` where what looks random is no credential.
    #[must_use]
    pub fn score_at(self, path: Option<&[u8]>) -> Option<f32> {
        let kind = Kind::of(path);
        let least = if self.told { TOLD } else { 0.0 };
        (kind != Kind::Noise).then(|| model::score(&self.features.at(path, kind)).max(least))
    }
}

/// Bytes around a keyword hit that tell whether its name is given a value at all.
pub(super) const NAME_REACH: Reach = place::NAME_REACH;

/// Whether the name around the keyword hit at `hit` is given no value; most are not.
#[must_use]
pub(super) fn is_idle(text: &[u8], hit: usize) -> bool {
    !place::may_join(text, hit)
}

/// Reads the assignments around the keyword hit at `hit`, whatever their score.
///
/// Only bytes of `text` are looked at; `text` is the window of the rule.
#[must_use]
pub fn read(text: &[u8], hit: usize) -> Vec<Candidate> {
    let places = place::find(text, hit);
    let Some(first) = places.first() else { return Vec::new() };
    let name = &text[first.name.range()];
    let Some(meaning) = meaning(name, first.joint) else { return Vec::new() };
    places.iter().filter_map(|place| candidate(text, place, &meaning)).collect()
}

/// Whether a word before the one at `hit`, in the same name, has led here already.
#[must_use]
pub fn repeats(text: &[u8], hit: usize) -> bool {
    name::is_late(&text[hit..])
        && place::name(text, hit)
            .is_some_and(|name| name::repeats(&text[name.range()], hit.saturating_sub(name.start)))
}

/// What `name` says where it stands.
fn meaning(name: &[u8], joint: Joint) -> Option<Meaning> {
    match (joint, name) {
        // Which argument it is says more than what the call is named.
        (Joint::Position | Joint::Sql, _) => Some(Meaning::PASSWORD),
        (Joint::Item, [one @ .., b's' | b'S']) => name::meaning(one),
        // What a look-up is called with is a name, and `t.pass("…")` is a verb.
        (Joint::Call, _) => name::meaning(name).filter(|meaning| {
            !meaning.head && (meaning.class != Class::Pass || meaning.before > 0)
        }),
        _ => name::meaning(name),
    }
}

fn candidate(text: &[u8], place: &Place, meaning: &Meaning) -> Option<Candidate> {
    let value = &text[place.value.range()];
    let plain = meaning.class == Class::Plain;
    if !value::is_literal(value) || plain && !value::is_key(value) {
        return None;
    }
    let features = Features::new(text, place, meaning);
    let name = String::from_utf8_lossy(&text[place.name.range()]).to_lowercase();
    let form = if place.form.quoted { "quoted" } else { "bare" };
    let entropy = f32::from(features.get(Feature::Entropy)) / 30.0;
    let evidence =
        vec![Evidence::Keyword(name), Evidence::Context(form.into()), Evidence::Entropy(entropy)];
    let whole = Span::new(place.name.start, place.value.end);
    Some(Candidate { value: place.value, whole, shape: Shape { features, told: false }, evidence })
}
