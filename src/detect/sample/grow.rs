//! Texts that a pattern matches, drawn at random.
//!
//! In: a pattern's syntax tree. Out: a [`Text`]: bytes, where the secret lies, and from which alphabet
//! each of them was drawn.

use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind, Repetition};

use super::draw::Draw;
use crate::text::Span;

/// How long a text is, of the lengths that its pattern allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As short as can be.
    Least,
    /// Any length up to `SPREAD` more than the least, now and then the longest.
    Any,
    /// As long as can be.
    Most,
}

/// How much longer than need be a repetition gets at random.
const SPREAD: usize = 48;
/// A text that is longer gets no more than it needs, whatever the pattern allows.
const LONGEST: usize = 4096;
/// An alphabet of more characters is no token's: it stands for any text.
const WIDE: usize = 72;
/// What stands in a gap between a word and the secret after it.
const GAPS: &[&[u8]] = &[b" = \"", b": ", b"=", b" ", b"\n"];
/// Marks of a text that is no token, besides letters and digits.
const MARKS: &[u8] = b"!#+-.^_~";

/// What was drawn.
#[derive(Clone, Debug, Default)]
pub(in crate::detect) struct Text {
    pub(in crate::detect) bytes: Vec<u8>,
    /// The group `secret`.
    pub(super) secret: Option<Span>,
    /// For each byte, the number of the alphabet it was drawn from; `None` if it is fixed.
    pub(super) free: Vec<Option<usize>>,
    pub(super) alphabets: Vec<Vec<u8>>,
}

/// Draws a text that `tree` matches, apart from what it asks of the text around.
pub(in crate::detect) fn grow(tree: &Hir, size: Size, draw: &mut Draw) -> Text {
    let upper = draw.coin();
    let mut grower = Grower { draw, size, upper, inside: false, text: Text::default() };
    grower.visit(tree);
    grower.text
}

struct Grower<'d> {
    draw: &'d mut Draw,
    size: Size,
    /// How letters are written that may be written either way.
    upper: bool,
    /// In the group `secret`.
    inside: bool,
    text: Text,
}

impl Grower<'_> {
    fn visit(&mut self, tree: &Hir) {
        match tree.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.fixed(&literal.0),
            HirKind::Class(class) => {
                let alphabet = alphabet(class);
                self.character(&alphabet);
            }
            HirKind::Repetition(repetition) => self.repeat(repetition),
            HirKind::Capture(group) if group.name.as_deref() == Some("secret") => {
                let start = self.text.bytes.len();
                self.inside = true;
                self.visit(&group.sub);
                self.inside = false;
                self.text.secret = Some(Span::new(start, self.text.bytes.len()));
            }
            HirKind::Capture(group) => self.visit(&group.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.visit(part)),
            HirKind::Alternation(forms) => {
                // A character of an alphabet is as likely as any other.
                let weight = |form: &Hir| match form.kind() {
                    HirKind::Class(class) => alphabet(class).len().min(WIDE),
                    _ => 1,
                };
                let sum: usize = forms.iter().map(weight).sum();
                let mut left = self.draw.below(sum);
                let form = forms.iter().find(|form| {
                    let taken = left < weight(form);
                    left = left.saturating_sub(weight(form));
                    taken
                });
                if let Some(form) = form {
                    self.visit(form);
                }
            }
        }
    }

    fn push(&mut self, byte: u8, alphabet: Option<usize>) {
        self.text.bytes.push(byte);
        self.text.free.push(alphabet);
    }

    fn fixed(&mut self, bytes: &[u8]) {
        self.text.bytes.extend_from_slice(bytes);
        self.text.free.resize(self.text.bytes.len(), None);
    }

    /// One character of an alphabet, which is the one the pattern names or what is sensible of it.
    fn character(&mut self, alphabet: &[u8]) {
        if alphabet.is_empty() {
            // `[a&&b]`: without it the text is no instance, and that is told.
            return;
        }
        if let [upper, lower] = alphabet
            && upper.eq_ignore_ascii_case(lower)
        {
            return self.push(if self.upper { *upper } else { *lower }, None);
        }
        let known = self.text.alphabets.iter().position(|known| known == alphabet);
        let number = known.unwrap_or_else(|| {
            self.text.alphabets.push(alphabet.to_vec());
            self.text.alphabets.len() - 1
        });
        let sensible = sensible(alphabet);
        let byte = self.draw.pick(&sensible);
        self.push(byte, Some(number));
    }

    fn repeat(&mut self, repetition: &Repetition) {
        let least = repetition.min as usize;
        let most = repetition.max.map_or(usize::MAX, |max| max as usize);
        let class = match repetition.sub.kind() {
            HirKind::Class(class) => Some(alphabet(class)),
            _ => None,
        };
        let blank = |alphabet: &Vec<u8>| alphabet.iter().all(u8::is_ascii_whitespace);
        let count = match (self.inside, self.size) {
            (true, _) if class.as_ref().is_some_and(blank) => least,
            // Lines of a block.
            (true, _) if class.is_none() && most == usize::MAX => least + self.draw.below(2),
            (true, Size::Least) => least,
            (true, Size::Most) => most.min(LONGEST).max(least),
            (true, Size::Any) if self.draw.below(16) == 0 => most.min(LONGEST).max(least),
            (true, Size::Any) => least + self.draw.below((most - least).min(SPREAD) + 1),
            (false, _) => match &class {
                Some(alphabet) if alphabet.len() > WIDE => {
                    return self.gap(alphabet, least, most);
                }
                Some(alphabet) if least == 0 && !repetition.greedy && alphabet.contains(&b'_') => {
                    return self.rest(most);
                }
                // The sign of an assignment.
                Some(alphabet) if most == 1 && alphabet.contains(&b'=') => 1,
                None if least == 0 && most == 1 => self.draw.below(2),
                _ => least,
            },
        };
        for done in 0..count {
            if done >= least && self.text.bytes.len() > LONGEST {
                break;
            }
            self.visit(&repetition.sub);
        }
    }

    /// The rest of a name.
    fn rest(&mut self, most: usize) {
        let rest: &[u8] = self.draw.pick(&[b"", b"", b"_api", b"api", b"_key", b"_secret"]);
        if rest.len() <= most {
            self.fixed(rest);
        }
    }

    /// A stretch before or after the secret that may hold nearly anything.
    fn gap(&mut self, alphabet: &[u8], least: usize, most: usize) {
        let fits = |gap: &&&[u8]| gap.len() <= most && gap.iter().all(|b| alphabet.contains(b));
        let gaps: Vec<&[u8]> = GAPS.iter().filter(fits).copied().collect();
        let gap = if gaps.is_empty() { b"" } else { self.draw.pick(&gaps) };
        for _ in gap.len()..least {
            self.character(alphabet);
        }
        self.fixed(gap);
    }
}

/// The bytes of a class.
fn alphabet(class: &Class) -> Vec<u8> {
    let bytes = |class: &ClassBytes| -> Vec<u8> {
        class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect()
    };
    match class {
        Class::Bytes(class) => bytes(class),
        Class::Unicode(class) => class.to_byte_class().as_ref().map(bytes).unwrap_or_default(),
    }
}

/// Of an alphabet, what a text would be made of: all of a token's, no control characters of a wide one.
fn sensible(alphabet: &[u8]) -> Vec<u8> {
    let keep = |test: &dyn Fn(u8) -> bool| -> Vec<u8> {
        alphabet.iter().copied().filter(|&byte| test(byte)).collect()
    };
    let plain = if alphabet.len() > WIDE {
        keep(&|byte| byte.is_ascii_alphanumeric() || MARKS.contains(&byte))
    } else {
        keep(&|byte| byte == b' ' || byte.is_ascii_graphic())
    };
    // Of blanks, the plain one.
    let blank = alphabet.contains(&b' ') && !plain.iter().any(u8::is_ascii_graphic);
    match plain.is_empty() {
        _ if blank => vec![b' '],
        true => alphabet.to_vec(),
        false => plain,
    }
}
