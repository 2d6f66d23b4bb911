//! Credentials without a vendor's format: passwords, keys and tokens that a program assigns or passes.
//!
//! In: a text and the offset of a word such as `passw` or `token`. Out: the value given to the name
//! that holds the word, with a score, if name and value together look like a credential. Three
//! questions are asked in turn: is this a place where a value is given (`place`), does the name
//! mean a credential (`name`), does the value look like one (`value`). What the file's path says is
//! asked last, since history knows it only later ([`Shape::score_in`]).

mod name;
mod place;
mod value;

use super::evidence::Evidence;
use super::kind::Kind;
use crate::text::Span;
use name::Class;
use place::Place;

pub(super) use name::{elsewhere, words};
pub use place::{Form, Joint, Line};

/// A value that looks like a credential, given to a name that means one.
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// What stands between name and value.
    pub joint: Joint,
    /// How the value is written.
    pub form: Form,
    /// Where the two stand on their line.
    pub line: Line,
    /// Whether it is a setting, whatever the file.
    pub setting: Setting,
    /// Score of name and value, 0 to 1, before the path is known.
    pub score: f32,
}

/// Whether an assignment with `=` that begins its line is a setting in files of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// It is not, or does not begin its line.
    No,
    /// `name=value`: it is, if the value is clearly no word.
    Likely,
    /// `NAME=value`, as environment variables are.
    Sure,
}

/// Score from which on a value is clearly no word.
const SURE: f32 = 0.8;

impl Joint {
    /// Whether a bare word that it joins to a name is a literal in files of all kinds.
    const fn means_literal(self) -> bool {
        matches!(
            self,
            Self::Flag
                | Self::Query
                | Self::Header
                | Self::Variable
                | Self::Sql
                | Self::Is
                | Self::Element
        )
    }
}

impl Shape {
    /// The score in a file of this kind; `None` where such a value is no literal, or noise.
    #[must_use]
    pub fn score_in(self, kind: Kind) -> Option<f32> {
        let sure = self.score >= SURE;
        let literal = self.form.quoted
            || self.joint.means_literal()
            || match kind {
                Kind::Noise => false,
                Kind::Config => true,
                Kind::Shell => self.joint == Joint::Equals,
                Kind::Code => self.setting == Setting::Sure && self.line.ends && sure,
                Kind::Prose | Kind::Unknown => match self.setting {
                    Setting::Sure => true,
                    Setting::Likely => sure,
                    Setting::No => false,
                },
            };
        (literal && kind != Kind::Noise).then_some(self.score)
    }
}

/// Reads the assignments around the keyword hit at `hit` that are worth reporting.
///
/// Only bytes of `text` are looked at; `text` is the window of the rule.
#[must_use]
pub fn read(text: &[u8], hit: usize) -> Vec<Candidate> {
    let places = place::find(text, hit);
    let Some(first) = places.first() else { return Vec::new() };
    let name = &text[first.name.range()];
    let Some(class) = class(name, first.joint) else { return Vec::new() };
    places.iter().filter_map(|place| candidate(text, name, class, place)).collect()
}

/// Whether a word before the one at `hit`, in the same name, has led here already.
#[must_use]
pub fn repeats(text: &[u8], hit: usize) -> bool {
    name::is_late(&text[hit..])
        && place::name(text, hit)
            .is_some_and(|name| name::repeats(&text[name.range()], hit.saturating_sub(name.start)))
}

/// What `name` asks for where it stands.
fn class(name: &[u8], joint: Joint) -> Option<Class> {
    match (joint, name) {
        // Which argument it is says more than what the call is named.
        (Joint::Position | Joint::Sql, _) => Some(Class::Password),
        (Joint::Item, [one @ .., b's' | b'S']) => name::class(one),
        _ => name::class(name),
    }
}

fn candidate(text: &[u8], name: &[u8], class: Class, place: &Place) -> Option<Candidate> {
    let value = &text[place.value.range()];
    if class == Class::Key && !name::is_key(value) {
        return None;
    }
    let judged = value::judge(value, name, class, place)?;
    let lower = String::from_utf8_lossy(name).to_lowercase();
    let form = if place.form.quoted { "quoted" } else { "bare" };
    let evidence = vec![
        Evidence::Keyword(lower),
        Evidence::Context(form.into()),
        Evidence::Entropy(judged.entropy),
    ];
    let shape = Shape {
        joint: place.joint,
        form: place.form,
        line: place.line,
        setting: setting(place, name),
        score: judged.score,
    };
    let whole = Span::new(place.name.start, place.value.end);
    Some(Candidate { value: place.value, whole, shape, evidence })
}

fn setting(place: &Place, name: &[u8]) -> Setting {
    let tight = place.value.start == place.name.end + 1;
    let upper = !name.iter().any(u8::is_ascii_lowercase);
    match place.joint {
        Joint::Equals if upper && tight => Setting::Sure,
        Joint::Equals if place.line.ends || place.line.leads && tight => Setting::Likely,
        Joint::Colon if place.line.ends => Setting::Likely,
        _ => Setting::No,
    }
}
