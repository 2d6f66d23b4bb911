//! Texts for people, told by those around them: translations, wherever they are kept.
//!
//! In: a text and a place. Out: whether its value is one of several that read as words.

use super::place::Place;

/// Bytes on either side of a place that are looked at.
const REACH: usize = 320;

/// Whether the value at `place` is a text among texts: `"save": "Enregistrer tout", "password": "Mot de passe"`.
/// A single word in small letters may be a password, and is a text only among many.
pub(super) fn holds(text: &[u8], place: &Place) -> bool {
    let value = &text[place.value.range()];
    let quote = place.value.start.checked_sub(1).map(|at| text[at]);
    let Some(quote) = quote.filter(|b| place.form.quoted && matches!(b, b'"' | b'\'')) else {
        return false;
    };
    if !value.iter().all(|b| is_letter(*b) || b" .,!?()-'".contains(b)) {
        return false;
    }
    let before = &text[place.name.start.saturating_sub(REACH)..place.name.start];
    let after = &text[place.value.end..text.len().min(place.value.end + REACH)];
    let mut near = Near::default();
    for side in [before, after] {
        near.count(side, quote);
    }
    let told = !value.is_ascii() || value[0].is_ascii_uppercase() || value.contains(&b' ');
    near.sentences > 0 && near.texts * 4 >= near.all * 3 && near.texts >= if told { 2 } else { 4 }
}

/// The literals that are given to something near a place.
#[derive(Debug, Default)]
struct Near {
    all: usize,
    /// Those that read as words: several, or one with a capital.
    texts: usize,
    /// Those of several words.
    sentences: usize,
}

impl Near {
    fn count(&mut self, text: &[u8], quote: u8) {
        let mut joined = false;
        for part in text.split(|b| *b == quote) {
            if joined {
                let sentence = is_sentence(part);
                self.all += 1;
                self.sentences += usize::from(sentence);
                self.texts += usize::from(sentence || is_title(part));
            }
            joined = matches!(part.trim_ascii(), b":" | b"=>" | b"=");
        }
    }
}

/// Whether words follow each other in `text`, with few other marks.
fn is_sentence(text: &[u8]) -> bool {
    let letters = text.iter().filter(|b| is_letter(**b)).count();
    let blanks = memchr::memchr_iter(b' ', text).count();
    blanks > 0 && (letters + blanks) * 8 >= text.len() * 7
}

/// Whether `text` is a word with a capital, or of another alphabet.
fn is_title(text: &[u8]) -> bool {
    let small = |b: &u8| b.is_ascii_lowercase() || !b.is_ascii() || b".:!?-".contains(b);
    text.split_first().is_some_and(|(first, rest)| {
        (first.is_ascii_uppercase() || !first.is_ascii())
            && rest.len() > 1
            && rest.iter().all(small)
    })
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || !byte.is_ascii()
}
