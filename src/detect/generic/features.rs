//! What is known of a candidate, as small numbers a model can weigh and a person can follow.
//!
//! In: name, value and the text around them; later the path. Out: [`Features`], one byte each, so that the
//! same bytes give the same score on every machine.

use super::place::{Joint, Place};
use super::{name, surroundings, words};
use crate::detect::entropy::{Alphabet, shannon};
use crate::detect::kind::Kind;

/// Names the features and numbers them.
macro_rules! features {
    ($($name:ident),* $(,)?) => {
        /// One thing that is known of a candidate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Feature { $(#[doc = stringify!($name)] $name),* }

        impl Feature {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name used by the training script.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

features! {
    // The value.
    Length, Entropy, EntropyShare, Lower, Upper, Digits, Marks, Blanks, Foreign, Turns, TurnShare,
    Distinct, LongestLetters, LongestDigits, LongestSame, Sequence, Alphabet, Surprise, SurprisePeak,
    Covered, LongestWord, Words, Dots, Dashes, Underscores, Slashes, Colons, Dollars, Percents, Braces,
    Brackets, Angles, Escapes, Ats, Equals, Pluses, Commas, Stars, Uuid, HexLength, Joined, Identifier,
    Constant, Dummy, Echo, Other, Title, First, Last, Credentials,
    // The name.
    Class, NameLength, NameWords, NameBefore, NameAfter, NameHead, NameTail, NameTest, NameCaps,
    NameDots, NameOwner,
    // The place.
    Joint, Quoted, Wrapped, Open, Quote, Leads, Tight, Lead, Comment, Ends, After, Before, LineLength, User, Host, Test,
    Example, Others, Again,
    // The path.
    Kind, Language, PathTest, PathDoc,
}

/// Number of features.
pub(super) const COUNT: usize = Feature::ALL.len();
/// Number of the first feature that the path tells; so do all that follow.
pub(super) const FIRST_OF_PATH: usize = Feature::Kind as usize;

/// One byte for each [`Feature`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Features([u8; COUNT]);

impl std::fmt::Debug for Features {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(Feature::ALL.iter().map(|&x| (x.name(), self.get(x)))).finish()
    }
}

impl Features {
    /// What is known before the path is.
    pub(super) fn new(text: &[u8], place: &Place, meaning: &name::Meaning) -> Self {
        let mut features = Self([0; COUNT]);
        let value = &text[place.value.range()];
        features.counts(value);
        features.shapes(value);
        features.wording(value, &text[place.name.range()]);
        features.naming(&text[place.name.range()], meaning);
        features.placing(text, place);
        features
    }

    /// The same, with what the path says.
    #[must_use]
    pub fn at(mut self, path: Option<&[u8]>, kind: Kind) -> Self {
        self.set(Feature::Kind, kind as usize);
        let path = surroundings::path(path.unwrap_or_default());
        self.set(Feature::Language, path.language);
        self.flag(Feature::PathTest, path.test);
        self.flag(Feature::PathDoc, path.doc);
        self
    }

    /// Whether the value may be a text for people: without digits, with blanks, escapes or letters beyond ASCII, or
    /// the first word of more.
    pub(super) fn is_text(&self) -> bool {
        let has = |feature| self.get(feature) > 0;
        let more = [b'a', b'A'].map(surroundings::group);
        !has(Feature::Digits)
            || [Feature::Blanks, Feature::Escapes, Feature::Foreign].into_iter().any(has)
            || !has(Feature::Quoted) && more.contains(&self.get(Feature::After).into())
            // `S3-toegangssleutel`
            || self.get(Feature::Digits) <= 10
                && self.get(Feature::LongestLetters) >= 6
                && (has(Feature::Marks) || usize::from(self.get(Feature::Surprise)) <= super::SPOKEN)
    }

    /// Whether the name is a token's.
    pub(super) const fn is_token(&self) -> bool {
        self.get(Feature::Class) == name::Class::Token as u8
    }

    fn joins(&self, joint: Joint) -> bool {
        self.get(Feature::Joint) == joint as u8
    }

    /// Whether the value is a part of the program in which it stands: a variable (`key = name;`), or one of
    /// the characters of C (`'PWBT'`).
    pub(super) fn is_expression(&self, kind: Kind) -> bool {
        let is = |feature| self.get(feature) == 1;
        let after = usize::from(self.get(Feature::After));
        // `a=b` without blanks may be a line of settings that a program holds.
        let apart = self.joins(Joint::Equals) && !is(Feature::Tight);
        let ends = after == surroundings::group(b';') || after == 0 && apart;
        let language = usize::from(self.get(Feature::Language));
        let written = |end: &str| language == surroundings::language(end.as_bytes());
        let program = || ["c", "go", "java", "cs", "rs"].into_iter().any(written);
        let bare = kind == Kind::Code && !is(Feature::Quoted) && !is(Feature::Comment);
        let (identifier, leads) = (is(Feature::Identifier), is(Feature::Leads));
        let listed = || after == surroundings::group(b',') && (apart || self.joins(Joint::Colon));
        let variable = bare && ends && (identifier && leads || self.is_path())
            // In these, what has no quotes is none: `*name = other;`, `Key: other,`, `NAME = 1073741833,`.
            || bare && program() && (
                identifier && after == surroundings::group(b';') && !is(Feature::Tight)
                || (identifier || self.is_path()) && leads && listed()
                || self.get(Feature::Digits) == 100 && !is(Feature::Tight) && leads
            );
        // What a shell puts in place of a command in these quotes.
        let command = kind == Kind::Shell
            && usize::from(self.get(Feature::Quote)) == surroundings::group(b'`');
        let character = self.get(Feature::Length) == 4
            && usize::from(self.get(Feature::Quote)) == surroundings::group(b'\'')
            && written("c");
        variable || character || command
    }

    /// Whether the value has no quotes and is given to the name outside of a comment, as far as can be told.
    pub(super) fn is_unquoted(&self) -> bool {
        let is = |feature| self.get(feature) > 0;
        let given = self.joins(Joint::Colon)
            || self.joins(Joint::Equals) && (is(Feature::Leads) || !is(Feature::Tight));
        !is(Feature::Quoted) && !is(Feature::Comment) && given
    }

    /// Whether the value is made of names with dots between them: `Jenkins.ANONYMOUS2`.
    fn is_path(&self) -> bool {
        let number = |feature| usize::from(self.get(feature));
        let within = number(Feature::Dots) + number(Feature::Underscores);
        let length = number(Feature::Length);
        number(Feature::Dots) > 0
            && length < usize::from(u8::MAX)
            && within * 100 / length.max(1) == number(Feature::Marks)
            && number(Feature::Blanks) + number(Feature::Foreign) == 0
            && [b'a', b'A'].map(surroundings::group).contains(&number(Feature::First))
    }

    /// Any numbers, for tests of what weighs them.
    #[cfg(test)]
    pub(super) const fn from_bytes(bytes: [u8; COUNT]) -> Self {
        Self(bytes)
    }

    /// One feature's number.
    #[must_use]
    pub const fn get(&self, feature: Feature) -> u8 {
        self.0[feature as usize]
    }

    /// All of them, in the order of [`Feature::ALL`].
    #[must_use]
    pub const fn bytes(&self) -> &[u8; COUNT] {
        &self.0
    }

    fn set(&mut self, feature: Feature, number: usize) {
        self.0[feature as usize] = u8::try_from(number).unwrap_or(u8::MAX);
    }

    fn flag(&mut self, feature: Feature, is: bool) {
        self.0[feature as usize] = u8::from(is);
    }

    /// How many bytes of each kind.
    fn counts(&mut self, value: &[u8]) {
        let mut counts = [0_u16; 256];
        for &byte in value {
            counts[usize::from(byte)] += 1;
        }
        let among = |bytes: std::ops::RangeInclusive<u8>| -> usize {
            let among = &counts[usize::from(*bytes.start())..=usize::from(*bytes.end())];
            among.iter().sum::<u16>().into()
        };
        let share = |number: usize| number * 100 / value.len().max(1);
        let (lower, upper, digits) = (among(b'a'..=b'z'), among(b'A'..=b'Z'), among(b'0'..=b'9'));
        self.set(Feature::Length, value.len());
        self.set(Feature::Lower, share(lower));
        self.set(Feature::Upper, share(upper));
        self.set(Feature::Digits, share(digits));
        self.set(Feature::Marks, share(among(b'!'..=b'~') - lower - upper - digits));
        self.set(Feature::Blanks, counts[usize::from(b' ')].into());
        self.set(Feature::Foreign, among(0x80..=0xff));
        self.set(Feature::Distinct, share(counts.iter().filter(|&&count| count > 0).count()));
        let runs = Runs::of(value);
        self.set(Feature::Turns, runs.turns);
        self.set(Feature::TurnShare, share(runs.turns));
        self.set(Feature::LongestLetters, runs.letters);
        self.set(Feature::LongestDigits, runs.digits);
        self.set(Feature::LongestSame, runs.same);
        self.set(Feature::Sequence, share(runs.steps));
        for (feature, marks) in [
            (Feature::Dots, &b"."[..]),
            (Feature::Dashes, b"-"),
            (Feature::Underscores, b"_"),
            (Feature::Slashes, b"/"),
            (Feature::Colons, b":"),
            (Feature::Dollars, b"$"),
            (Feature::Percents, b"%"),
            (Feature::Braces, b"{}"),
            (Feature::Brackets, b"()[]"),
            (Feature::Angles, b"<>"),
            (Feature::Escapes, b"\\\"'`"),
            (Feature::Ats, b"@"),
            (Feature::Equals, b"="),
            (Feature::Pluses, b"+"),
            (Feature::Commas, b",;"),
            (Feature::Stars, b"*"),
        ] {
            self.set(feature, marks.iter().map(|&b| usize::from(counts[usize::from(b)])).sum());
        }
    }

    /// What the bytes together are.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "entropy is between 0 and 8 bits, lengths are short"
    )]
    fn shapes(&mut self, value: &[u8]) {
        let alphabet = Alphabet::of(value);
        let bits = shannon(value);
        let most = (value.len().max(2) as f32).log2();
        self.set(Feature::Entropy, (bits * 30.0) as usize);
        self.set(Feature::EntropyShare, (bits / most * 200.0) as usize);
        self.set(Feature::Alphabet, alphabet as usize);
        let hex = matches!(alphabet, Alphabet::Hex | Alphabet::Decimal);
        self.set(Feature::HexLength, if hex { value.len() } else { 0 });
        self.flag(Feature::Uuid, super::value::is_uuid(value));
        self.flag(Feature::Joined, super::value::is_joined(value));
        let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let opens = value.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
        self.flag(Feature::Identifier, opens && value.iter().all(word));
        let caps = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
        self.flag(Feature::Constant, opens && value.iter().all(caps));
        let title = value.first().is_some_and(u8::is_ascii_uppercase)
            && value[1..].iter().all(u8::is_ascii_lowercase);
        self.flag(Feature::Title, title);
        self.set(Feature::First, value.first().map_or(0, |&b| surroundings::group(b)));
        self.set(Feature::Last, value.last().map_or(0, |&b| surroundings::group(b)));
    }

    /// What the value reads as.
    fn wording(&mut self, value: &[u8], name: &[u8]) {
        let reading = words::read(value);
        self.set(Feature::Surprise, reading.mean);
        self.set(Feature::SurprisePeak, reading.peak);
        self.set(Feature::Covered, reading.covered * 100 / value.len().max(1));
        self.set(Feature::LongestWord, reading.longest);
        self.set(Feature::Words, reading.words);
        self.set(Feature::Dummy, surroundings::dummies(value));
        self.set(Feature::Echo, super::value::echo(value, name));
        self.flag(Feature::Other, super::value::is_other(value));
        self.set(Feature::Credentials, surroundings::credentials(value));
    }

    /// What the name says.
    fn naming(&mut self, name: &[u8], meaning: &name::Meaning) {
        self.set(Feature::Class, meaning.class as usize);
        self.set(Feature::NameLength, name.len());
        self.set(Feature::NameWords, meaning.before + meaning.after + 1);
        self.set(Feature::NameBefore, meaning.before);
        self.set(Feature::NameAfter, meaning.after);
        self.flag(Feature::NameHead, meaning.head);
        self.flag(Feature::NameTail, meaning.tail);
        self.flag(Feature::NameTest, meaning.test);
        self.flag(Feature::NameOwner, meaning.owner);
        self.flag(Feature::NameCaps, !name.iter().any(u8::is_ascii_lowercase));
        self.set(Feature::NameDots, memchr::memchr_iter(b'.', name).count());
    }

    /// What stands around name and value.
    fn placing(&mut self, text: &[u8], place: &Place) {
        // The order of the joints is what the model was trained on.
        self.set(Feature::Joint, place.joint as usize);
        self.flag(Feature::Quoted, place.form.quoted);
        self.flag(Feature::Wrapped, place.form.wrapped);
        self.flag(Feature::Open, place.form.open);
        self.flag(Feature::Leads, place.line.leads);
        self.flag(Feature::Comment, place.line.comment);
        self.flag(Feature::Ends, place.line.ends);
        let around = surroundings::Line::of(text, place);
        self.set(Feature::Quote, around.quote);
        self.flag(Feature::Tight, place.value.start <= place.name.end + 1);
        self.set(Feature::Lead, around.lead);
        self.set(Feature::After, around.after);
        self.set(Feature::Before, around.before);
        self.set(Feature::LineLength, around.length / 2);
        let near = surroundings::Near::of(text, place);
        self.flag(Feature::User, near.user);
        self.flag(Feature::Host, near.host);
        self.flag(Feature::Test, near.test);
        self.flag(Feature::Example, near.example);
        self.set(Feature::Others, near.others);
        self.set(Feature::Again, near.again);
    }
}

/// How the bytes of a value follow each other.
#[derive(Debug, Default)]
struct Runs {
    /// Changes between small letters, capitals, digits and all else.
    turns: usize,
    /// Bytes that differ by one from the byte before.
    steps: usize,
    /// Most letters in a row.
    letters: usize,
    /// Most digits in a row.
    digits: usize,
    /// How often one byte follows itself at most, itself counted.
    same: usize,
}

impl Runs {
    fn of(value: &[u8]) -> Self {
        let class = |b: u8| match b {
            b'a'..=b'z' => 0,
            b'A'..=b'Z' => 1,
            b'0'..=b'9' => 2,
            _ => 3,
        };
        let mut runs = Self::default();
        let (mut letters, mut digits, mut same) = (0, 0, 0);
        let mut before = value.first().copied().unwrap_or_default();
        for &byte in value {
            letters = if byte.is_ascii_alphabetic() { letters + 1 } else { 0 };
            digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
            same = if byte == before { same + 1 } else { 1 };
            runs.letters = runs.letters.max(letters);
            runs.digits = runs.digits.max(digits);
            runs.same = runs.same.max(same);
            runs.turns += usize::from(class(byte) != class(before));
            runs.steps += usize::from(byte.abs_diff(before) == 1);
            before = byte;
        }
        runs
    }
}
