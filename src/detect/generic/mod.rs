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

pub(super) use name::{elsewhere, words};
pub use place::Joint;

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
    /// Whether the value stands in quotes.
    pub quoted: bool,
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

impl Shape {
    /// The score in a file of this kind; `None` where such a value is no literal, or noise.
    #[must_use]
    pub fn score_in(self, kind: Kind) -> Option<f32> {
        let bare_flag = matches!(self.joint, Joint::Flag | Joint::Query);
        let literal = self.quoted
            || match kind {
                Kind::Noise => false,
                Kind::Config => true,
                Kind::Shell => self.joint == Joint::Equals || bare_flag,
                Kind::Code => bare_flag,
                Kind::Prose | Kind::Unknown => match self.setting {
                    Setting::Sure => true,
                    Setting::Likely => bare_flag || self.score >= SURE,
                    Setting::No => bare_flag,
                },
            };
        (literal && kind != Kind::Noise).then_some(self.score)
    }
}

/// Reads the assignment around the keyword hit at `hit`, if there is one worth reporting.
///
/// Only bytes of `text` are looked at; `text` is the window of the rule.
#[must_use]
pub fn read(text: &[u8], hit: usize) -> Option<Candidate> {
    let place = place::find(text, hit)?;
    let name = &text[place.name.range()];
    let class = name::class(name)?;
    let value = &text[place.value.range()];
    let judged = value::judge(value, name, class, &place)?;
    let lower = String::from_utf8_lossy(name).to_lowercase();
    let mut evidence = vec![Evidence::Keyword(lower)];
    evidence.push(Evidence::Context(if place.quoted { "quoted".into() } else { "bare".into() }));
    evidence.push(Evidence::Entropy(judged.entropy));
    let shape = Shape {
        joint: place.joint,
        quoted: place.quoted,
        setting: setting(&place, name),
        score: judged.score,
    };
    let whole = Span::new(place.name.start, place.value.end);
    Some(Candidate { value: place.value, whole, shape, evidence })
}

fn setting(place: &place::Place, name: &[u8]) -> Setting {
    let tight = place.value.start == place.name.end + 1;
    if !place.leads || place.joint != Joint::Equals {
        Setting::No
    } else if !name.iter().any(u8::is_ascii_lowercase) {
        Setting::Sure
    } else if tight {
        Setting::Likely
    } else {
        Setting::No
    }
}
