//! Texts that come close to a credential and are none.
//!
//! In: a [`Sampler`]. Out: [`Miss`]es: what was done to an instance, and the text.

use super::draw::{BASE62, Draw};
use super::grow::Size;
use super::instance::{Instance, Sampler};
use crate::detect::evidence::Evidence;
use crate::detect::spec::Edge;
use crate::detect::validators::{Outcome, Subject};

/// An alphabet of more characters has no wrong ones to speak of.
const WIDE: usize = 72;

/// A text in which the rule must find nothing.
#[derive(Clone, Debug)]
pub struct Miss {
    /// What makes it none.
    pub what: &'static str,
    /// The text.
    pub text: Vec<u8>,
}

/// One way to spoil an instance.
type Spoil = fn(&Sampler<'_>, &mut Draw) -> Option<Miss>;

/// All ways.
const SPOILS: &[Spoil] = &[short, strange, joined_before, joined_after, forged, bare];

/// Every near miss that there is of a rule's form, one of each kind.
pub fn misses(sampler: &Sampler<'_>, draw: &mut Draw) -> Vec<Miss> {
    SPOILS.iter().filter_map(|spoil| spoil(sampler, draw)).collect()
}

/// An instance with other bytes where its secret was, unless they are one too.
fn with(sampler: &Sampler<'_>, of: &Instance, secret: &[u8], what: &'static str) -> Option<Miss> {
    let (before, after) = (&of.text[..of.secret.start], &of.text[of.secret.end..]);
    // The letter of an escape may be read as the secret's first.
    let escape = matches!(before, [.., b'\\', _]);
    let mark = |at: &usize| !secret[*at].is_ascii_alphanumeric();
    let begins = (0..secret.len()).filter(mark).any(|at| sampler.is_form(&secret[..at]));
    if escape || begins || sampler.is_form(secret) {
        return None;
    }
    Some(Miss { what, text: [before, secret, after].concat() })
}

/// The bytes of a secret that were drawn from an alphabet of a token.
fn drawn(of: &Instance) -> Vec<usize> {
    let token = |number: usize| of.alphabets[number].len() <= WIDE;
    let free = of.free.iter().enumerate();
    free.filter(|(_, alphabet)| alphabet.is_some_and(token)).map(|(at, _)| at).collect()
}

/// One character less than the least.
fn short(sampler: &Sampler<'_>, draw: &mut Draw) -> Option<Miss> {
    let of = sampler.instance(Size::Least, draw)?;
    let places = drawn(&of);
    let mut secret = of.text[of.secret.range()].to_vec();
    secret.remove(*places.get(draw.below(places.len()))?);
    with(sampler, &of, &secret, "one character short")
}

/// A character that the alphabet has not, amid those it has.
fn strange(sampler: &Sampler<'_>, draw: &mut Draw) -> Option<Miss> {
    let of = sampler.instance(Size::Least, draw)?;
    let places = drawn(&of);
    let at = *places.get(places.len() / 4 + draw.below(places.len().div_ceil(2)))?;
    let alphabet = &of.alphabets[of.free[at]?];
    let others: Vec<u8> = BASE62.iter().copied().filter(|b| !alphabet.contains(b)).collect();
    let other = if others.is_empty() { b'!' } else { draw.pick(&others) };
    let mut secret = of.text[of.secret.range()].to_vec();
    secret[at] = other;
    with(sampler, &of, &secret, "a character of another alphabet")
}

/// Whether a secret is one word to the edge its rule asks for: a mark would end it, and a longer text be
/// two.
fn is_word(sampler: &Sampler<'_>, of: &Instance) -> bool {
    let marks = |b: &u8| !b.is_ascii_alphanumeric() && *b != b'_';
    let secret = &of.text[of.secret.range()];
    let ends = secret.last().is_some_and(u8::is_ascii_alphanumeric);
    sampler.rule.spec().edge != Edge::None
        && (ends && !secret.contains(&b'=') || !secret.iter().any(marks))
}

/// The end of a longer word.
fn joined_before(sampler: &Sampler<'_>, draw: &mut Draw) -> Option<Miss> {
    let of = sampler.instance(Size::Most, draw)?;
    let secret = [b"q", &of.text[of.secret.range()]].concat();
    with(sampler, &of, &secret, "a letter before it").filter(|_| is_word(sampler, &of))
}

/// The beginning of a longer word.
fn joined_after(sampler: &Sampler<'_>, draw: &mut Draw) -> Option<Miss> {
    let of = sampler.instance(Size::Most, draw)?;
    let secret = [&of.text[of.secret.range()], b"q"].concat();
    with(sampler, &of, &secret, "a letter after it").filter(|_| is_word(sampler, &of))
}

/// A checksum that is not that of the rest.
fn forged(sampler: &Sampler<'_>, draw: &mut Draw) -> Option<Miss> {
    let mut of = sampler.instance(Size::Any, draw)?;
    let Outcome::Proven(evidence) = &of.outcome else { return None };
    if !evidence.contains(&Evidence::Checksum) {
        return None;
    }
    let last = of.secret.end - 1;
    let at = (0..of.secret.len()).map(|back| last - back);
    let places: Vec<usize> = at.filter(|&at| of.text[at].is_ascii_alphanumeric()).take(4).collect();
    let at = draw.pick(&places);
    let like: fn(&u8) -> bool = match of.text[at] {
        b'0'..=b'9' => u8::is_ascii_digit,
        b'A'..=b'Z' => u8::is_ascii_uppercase,
        _ => u8::is_ascii_lowercase,
    };
    let like: Vec<u8> = BASE62.iter().copied().filter(|b| like(b) && *b != of.text[at]).collect();
    of.text[at] = draw.pick(&like);
    let secret = &of.text[of.secret.range()];
    let validator = sampler.rule.validator()?;
    let open = || (validator.check)(&Subject { secret, whole: secret }) != Outcome::Rejected;
    if !validator.firm && open() {
        return None;
    }
    Some(Miss { what: "a wrong checksum", text: of.text })
}

/// The secret without what told that it is one.
fn bare(sampler: &Sampler<'_>, draw: &mut Draw) -> Option<Miss> {
    let of = sampler.instance(Size::Any, draw)?;
    let text = [b"x = \"", &of.text[of.secret.range()], b"\"\n"].concat();
    (!sampler.matches(&text)).then_some(Miss { what: "nothing that tells what it is", text })
}
