//! Credentials without a vendor's format: passwords, keys and tokens that a program assigns or passes.
//!
//! In: a text and the offset of a word such as `passw` or `token`. Out: the value given to the name
//! that holds the word, with all that is known of the two. Three questions are asked in turn: is this a place
//! where a value is given (`place`), does the name speak of a credential (`name`), is the value a literal
//! (`value`). How likely it is one is left to a trained model (`model`), which looks at small numbers a person
//! can follow (`features`). What the file's path says is asked last, since history knows it only later
//! ([`Shape::score_at`]).

mod account;
mod features;
mod known;
mod model;
mod name;
mod nature;
mod place;
mod sealed;
mod surroundings;
mod texts;
mod value;
mod vocabulary;
mod words;

use super::evidence::Evidence;
use super::kind::Kind;
use super::placeholder;
use super::reach::Reach;
use super::trace::Stop;
use crate::text::Span;
use name::{Class, Meaning};
use place::Place;

pub use features::{Feature, Features};
pub(super) use known::{is_algorithm, is_type};
pub(super) use name::{elsewhere, joined, words};
pub use place::{Form, Joint, Line};

/// Highest mean cost of the letters of words, in sixteenths of a bit: so much costs one in a thousand
/// identifiers of public code, and no random text of which capitals make words.
const SPOKEN: usize = 80;

/// Whether the letters of a value follow each other as in words.
pub(super) fn is_spoken(value: &[u8]) -> bool {
    words::read(value).mean <= SPOKEN
}

/// Whether a name means a credential.
pub(super) fn is_credential(name: &[u8]) -> bool {
    name::meaning(name).is_some()
}

/// A value that may be a credential, given to a name that may mean one.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Where the value stands.
    pub value: Span,
    /// Name and value with what stands between them.
    pub whole: Span,
    /// How it is written, for the judgement by path.
    pub shape: Shape,
    /// Where its name stands.
    name: Span,
}

impl Candidate {
    /// What its value is given to. `text` is the one it was read in.
    #[must_use]
    pub fn name(&self, text: &[u8]) -> String {
        String::from_utf8_lossy(&text[self.name.range()]).into_owned()
    }

    /// Why it may be a credential. `text` is the one it was read in.
    #[must_use]
    pub fn evidence(&self, text: &[u8]) -> Vec<Evidence> {
        let features = &self.shape.features;
        let name = String::from_utf8_lossy(&text[self.name.range()]).to_lowercase();
        let form = if features.get(Feature::Quoted) > 0 { "quoted" } else { "bare" };
        let entropy = f32::from(features.get(Feature::Entropy)) / 30.0;
        vec![Evidence::Keyword(name), Evidence::Context(form.into()), Evidence::Entropy(entropy)]
    }
}

/// How a candidate is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// All that is known of it but the path.
    pub features: Features,
    /// A vendor's word near by, and a form of its credentials, tell that it is one.
    pub told: bool,
    /// One of the settings that a program holds in a literal.
    held: bool,
    /// What the model says without the path, so that it is not asked twice.
    apart: model::Apart,
}

/// Score of what a vendor's word and its form tell, where the value alone tells less.
pub(super) const TOLD: f32 = 0.75;

impl Shape {
    /// The score in the file at `path`; `None` where what looks random is no credential.
    #[must_use]
    pub fn score_at(&self, path: Option<&[u8]>) -> Option<f32> {
        let kind = self.kind(path);
        if kind == Kind::Noise {
            return None;
        }
        let features = self.features.at(path, kind);
        if features.is_expression(kind)
            || kind == Kind::Code && features.is_unquoted() && surroundings::quotes(path)
            || features.is_text() && surroundings::translates(path)
            || features.is_token() && surroundings::forges(path)
        {
            return None;
        }
        let least = if self.told { TOLD } else { 0.0 };
        Some(model::score(&features, &self.apart).max(least))
    }

    /// How literals are written in the file at `path`, at this place of it.
    #[must_use]
    pub fn kind(&self, path: Option<&[u8]>) -> Kind {
        match Kind::of(path) {
            Kind::Code if self.held => Kind::Config,
            kind => kind,
        }
    }
}

/// Bytes around a keyword hit that tell whether its name is given a value at all.
pub(super) const NAME_REACH: Reach = place::NAME_REACH;

/// The name around the keyword hit at `hit`, if it is not too long for one.
#[must_use]
pub fn name(text: &[u8], hit: usize) -> Option<Span> {
    place::name(text, hit)
}

/// Whether a name is given no value; most are not.
#[must_use]
pub(super) fn is_idle(text: &[u8], name: Option<Span>) -> bool {
    !name.is_some_and(|name| place::may_join(text, name))
}

/// Reads the assignments to `name`, whatever their score.
///
/// Only bytes of `text` are looked at; `text` is the window of the rule.
#[must_use]
pub fn read(text: &[u8], name: Option<Span>) -> Vec<Candidate> {
    let places = name.map_or_else(Vec::new, |name| place::find(text, name));
    let Some(first) = places.first() else { return Vec::new() };
    let name = &text[first.name.range()];
    let Some(meaning) = meaning(name, first.joint) else { return Vec::new() };
    places.iter().filter_map(|place| candidate(text, place, &meaning)).collect()
}

/// Why `name` leads to no candidate.
#[must_use]
pub fn refusal(text: &[u8], name: Option<Span>) -> Stop {
    let places = name.map_or_else(Vec::new, |name| place::find(text, name));
    let Some(place) = places.first() else { return Stop::Unlike };
    if meaning(&text[place.name.range()], place.joint).is_none() {
        return Stop::Name;
    }
    let reasons = places.iter().map(|place| placeholder::reason(&text[place.value.range()]));
    reasons.flatten().next().map_or(Stop::Unlike, Stop::Placeholder)
}

/// Whether a word before the one at `hit`, in the same `name`, has led here already.
#[must_use]
pub fn repeats(text: &[u8], name: Span, hit: usize) -> bool {
    name::is_late(&text[hit..])
        && name::repeats(&text[name.range()], hit.saturating_sub(name.start))
}

/// What `name` says where it stands.
fn meaning(name: &[u8], joint: Joint) -> Option<Meaning> {
    match (joint, name) {
        // Which argument it is says more than what the call is named.
        (Joint::Position | Joint::Sql, _) => Some(Meaning::PASSWORD),
        (Joint::Item, [one @ .., b's' | b'S']) => name::meaning(one),
        (Joint::Colon, [locale @ .., b'_', b'P', b'W'])
            if locale.iter().all(u8::is_ascii_lowercase) =>
        {
            None
        }
        // What a look-up is called with is a name.
        (Joint::Call, _) if builds(name) => {
            name::meaning(&name[name.len() - last(name).len() + 4..])
        }
        (Joint::Call, _) if name::looks_up(last(name)) => None,
        (Joint::Call, _) => {
            name::meaning(name).filter(|meaning| !meaning.head && !meaning.tail && !verb(meaning))
        }
        // `t.pass("…")`, `pass "…"` and `"PASS: …"` say what a test did.
        (Joint::Space | Joint::Header, _) => name::meaning(name).filter(|meaning| !verb(meaning)),
        _ => name::meaning(name),
    }
}

/// A name behind its last dot.
fn last(name: &[u8]) -> &[u8] {
    &name[memchr::memrchr(b'.', name).map_or(0, |dot| dot + 1)..]
}

/// Whether a call sets a part of what it builds: `.withPassword("…")`.
fn builds(name: &[u8]) -> bool {
    matches!(last(name), [b'w' | b'W', b'i', b't', b'h', next, ..] if next.is_ascii_uppercase())
}

/// Whether `pass` is all that speaks of a credential, and may be a verb.
fn verb(meaning: &Meaning) -> bool {
    meaning.class == Class::Pass && meaning.before == 0
}

/// Whether a bare number is an ordinal or a time: only passwords are made of digits.
fn is_ordinal(value: &[u8], meaning: &Meaning) -> bool {
    !matches!(meaning.class, Class::Password | Class::Pass) && value.iter().all(u8::is_ascii_digit)
}

/// Whether a value is the short number by which a key is called (`348FFC4C`), or a browser's key of New Relic.
fn is_short(value: &[u8], meaning: &Meaning) -> bool {
    matches!(meaning.class, Class::Key | Class::Plain)
        && value.len() <= 10
        && value.iter().all(u8::is_ascii_hexdigit)
}

/// Whether a bare value is a number in hex where a password is to stand: a key is written so, and the answer to a
/// challenge.
fn is_answer(value: &[u8], meaning: &Meaning) -> bool {
    let hex = || value.strip_prefix(b"0x").is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
    meaning.class == Class::Password && hex()
}

/// Whether a value is shown to everybody where it stands, or names what a call or command is about.
fn is_public(text: &[u8], place: &Place, meaning: &Meaning) -> bool {
    let value = &text[place.value.range()];
    let before = &text[..place.name.start];
    let name = &text[place.name.range()];
    let opens = meaning.class != Class::Password && meaning.class != Class::Pass;
    match place.joint {
        // PowerShell asks for the password of the user who is named.
        Joint::Flag if meaning.class == Class::Credential => before.ends_with(b" -"),
        Joint::Query | Joint::Equals if opens && begins_picture(before) => true,
        // `The public key token is 89e7…` of an assembly.
        Joint::Is => {
            let near = &before[before.len().saturating_sub(11)..];
            near.eq_ignore_ascii_case(b"public key ")
        }
        // What a parser has read: `strcmp(token, "mqttv31")`.
        Joint::Compare => {
            meaning.class == Class::Token && meaning.before == 0 && value::is_numbered_word(value)
        }
        // An argument among those of a command.
        Joint::Item => value.starts_with(b"-"),
        // An `ExternalSecret` names what is made, and says below where it comes from.
        Joint::Colon if text[place.value.end..].trim_ascii_start().starts_with(b"remoteRef:") => {
            true
        }
        // FreeIPA's passkeys are public.
        Joint::Colon if name.eq_ignore_ascii_case(b"passkey") => value.len() > 60,
        // How a command is called, the name of a module: `[/SECRET:gizli_anahtar]`, `'Auth::Passphrase' => '2.0.1'`.
        // Puppet's settings are small: `profile::db::password: …`.
        Joint::Colon if before.ends_with(b"[/") => true,
        Joint::Colon if before.ends_with(b"::") => name[0].is_ascii_uppercase(),
        // A text and what it is in another language: `"WebDAV password": "WebDAV-wachtwoord"`.
        Joint::Colon
            if before.ends_with(b" ") && matches!(text.get(place.name.end), Some(b'"' | b'\'')) =>
        {
            !value.iter().any(u8::is_ascii_digit)
        }
        // A heading: `PASSWORT ZURÜCKSETZEN`.
        Joint::Space if !place.form.quoted => {
            std::str::from_utf8(value).is_ok_and(|text| text.chars().all(char::is_uppercase))
        }
        // What a parser has read: `token[6] = copy("ARPv4")`.
        Joint::Equals if meaning.class == Class::Token && meaning.before == 0 => {
            matches!(text[place.name.end..], [b'[', b'0'..=b'9', ..])
        }
        // Angular calls a field so: `#password="ngModel"`.
        Joint::Equals if before.ends_with(b"#") => value == b"ngModel",
        // `Public Key: …`, and as GitHub writes the key that secrets are sealed with: `"key_id":"5682","key":"…"`.
        Joint::Colon => {
            let near = &before[before.len().saturating_sub(40)..];
            let public = || near[near.len().saturating_sub(7)..].eq_ignore_ascii_case(b"public ");
            let numbered = || memchr::memmem::find(near, b"\"key_id\"").is_some();
            meaning.class == Class::Plain && meaning.before == 0 && (public() || numbered())
                // The keys of Cardano's first certificates, and what a server of ACME asks for.
                || name == b"vssKey"
                || name == b"signingKey" && surroundings::says(text, place, b"\"vsskey\"")
                || meaning.class == Class::Token && surroundings::says(text, place, b"\"http-01\"")
                // How Mailgun signs what it sends.
                || name == b"token" && surroundings::says(text, place, b"\"signature\": \"")
                    && surroundings::says(text, place, b"\"timestamp\"")
        }
        _ => false,
    }
}

/// Whether the query of a picture's address begins before a name, which is shown to everybody who sees the page:
/// `![coverage](https://host/badge.svg?token=…)`, and as Firebase hands them out, `…?alt=media&token=…`.
fn begins_picture(before: &[u8]) -> bool {
    [&b".svg?"[..], b".png?", b"alt=media&", b"alt=media&amp;", b"alt=media&#x26;"]
        .iter()
        .any(|end| before.ends_with(end))
}

/// Whether something is said of Palau, in a list of countries: `PW: '+680'`.
fn is_country(place: &Place, name: &[u8], value: &[u8]) -> bool {
    let mixed = value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic);
    name == b"PW"
        && matches!(place.joint, Joint::Colon | Joint::Comma)
        && !(mixed && value.len() >= 6)
}

/// Whether a value is what is kept in place of a credential, as its name or its line says: a digest, a ciphertext.
fn is_stored(text: &[u8], place: &Place, meaning: &Meaning) -> bool {
    let value = &text[place.value.range()];
    let people = matches!(meaning.class, Class::Password | Class::Pass);
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    // What Drone encrypts for one repository stands below this; Kubernetes writes the kind with a capital.
    let drone = text[..place.name.start].ends_with(b"kind: secret\nname: ");
    if people && hex && value.len() >= 96 || drone && place.joint == Joint::Sibling {
        return true;
    }
    match name::kept(&text[place.name.range()]) {
        Some(name::Kept::Sealed) => value.len() >= 16 && !value::is_joined(value),
        Some(name::Kept::Hashed) => {
            known::is_sum(value) || value.len() >= 20 && value.ends_with(b"=")
        }
        None => {
            let before = &text[place.name.start.saturating_sub(10)..place.name.start];
            let sum = known::is_sum(value);
            value.len() >= 16 && before.eq_ignore_ascii_case(b"encrypted ")
                || people && sum && surroundings::hashes(text, place)
                || people && value.ends_with(b"=") && surroundings::says(text, place, b"iterations")
                || sum && value.len() == 40 && surroundings::says(text, place, b"thumbprint")
        }
    }
}

/// Whether a value's form says that it is something else than what it is called.
fn is_other(text: &[u8], place: &Place, meaning: &Meaning) -> bool {
    let value = &text[place.value.range()];
    let before = &text[place.value.start.saturating_sub(6)..place.value.start];
    let basic = before.eq_ignore_ascii_case(b"basic ");
    let people = matches!(meaning.class, Class::Password | Class::Pass);
    let key = matches!(meaning.class, Class::Key | Class::Plain);
    !place.form.quoted && (is_ordinal(value, meaning) || is_answer(value, meaning))
        || people && [&b"https://"[..], b"http://"].iter().any(|start| value.starts_with(start))
        || place.joint == Joint::Position && value::is_beside(value)
        || meaning.class == Class::Token
            && place.joint == Joint::Call
            && value.iter().all(u8::is_ascii_lowercase)
        || key && value::is_resource(value)
        || meaning.class == Class::Plain && !value::is_key(value)
        || basic && !value::is_login(value)
        || is_short(value, meaning)
        || value::is_dull(value)
        || meaning.class == Class::Token && value::is_ticker(value)
        || meaning.class != Class::Password
            && (value::is_counted(value)
                || value::is_measure(value)
                || value::is_stamp(value)
                || value::is_model(value)
                || value::is_which(value, &text[place.name.range()]))
}

/// Whether a value's name says that it opens nothing.
fn is_named(name: &[u8], value: &[u8], place: &Place) -> bool {
    is_country(place, name, value)
        || value::ends(name, value)
        || name::is_identifier(name, value::is_uuid(value))
        || name.ends_with(b"lientToken") && value::is_serial(value)
        // So AWS tells one request from another.
        || name == b"ClientToken" && place.joint == Joint::Colon
}

/// Whether what stands around a value says that it opens nothing.
fn is_told(text: &[u8], place: &Place, meaning: &Meaning) -> bool {
    surroundings::counts(text, place)
        || is_public(text, place, meaning)
        || texts::holds(text, place)
        || is_stored(text, place, meaning)
}

fn candidate(text: &[u8], place: &Place, meaning: &Meaning) -> Option<Candidate> {
    let value = &text[place.value.range()];
    if !nature::is_literal(value)
        || is_other(text, place, meaning)
        || is_named(&text[place.name.range()], value, place)
        || is_told(text, place, meaning)
    {
        return None;
    }
    let features = Features::new(text, place, meaning);
    let (start, end) = (place.name.start, place.value.end);
    let whole = Span::new(start.min(place.value.start), end.max(place.name.end));
    let (held, apart) = (place.form.held, model::apart(&features));
    let shape = Shape { features, told: false, held, apart };
    Some(Candidate { value: place.value, whole, shape, name: place.name })
}

#[cfg(test)]
mod tests;
