//! Credentials as a rule describes them, made up, each somewhere in a text.
//!
//! In: a rule. Out: [`Instance`]s. The pattern gives prefix, alphabet and length; what a checksum or
//! structure adds, the rule's validator mints.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

use super::draw::Draw;
use super::grow::{self, Size, Text};
use crate::detect::edge;
use crate::detect::placeholder;
use crate::detect::rules::Rule;
use crate::detect::spec::{Engine, GLUE};
use crate::detect::validators::{Mint, Outcome, Subject};
use crate::text::Span;

/// Draws that are tried for one instance. A validator may refuse what reads as a name or path; one
/// that refuses nearly everything needs a mint.
const TRIES: usize = 60;

/// A secret of fewer bytes may be a count or a repeat by chance, which nobody would take for one.
const SHORT: usize = 10;
/// What a random text may hold, but nobody could tell from one with a part left out.
const MASKS: &[&[u8]] = &[b"...", b"xxxx", b"XXXX"];
/// The shell runs what begins so.
const COMMAND: &[u8] = b"$(";
/// What may stand around a token.
const AROUND: &[(&str, &str)] = &[
    ("token = \"", "\";\n"),
    ("export TOKEN=", "\n"),
    ("  token: ", "\r\n"),
    ("{\"value\": \"", "\", \"n\": 1}"),
    ("curl -H 'Authorization: Bearer ", "' localhost\n"),
    ("x = [\n  '", "',\n]\n"),
    ("", ""),
];
/// What may stand around a match that begins or ends with a text of its own.
const APART: &[(&str, &str)] =
    &[("", "\n"), ("n = 1\n", "\n"), ("  ", "\"\n"), ("x(\"", "\")"), ("", "")];
/// How a name and its value are written.
const NAMED: &[(&str, &str, &str)] = &[
    ("", "=", "\n"),
    ("export ", "=\"", "\"\n"),
    ("  ", ": ", "\n"),
    ("{\"", "\": \"", "\"}"),
    ("client[\"", "\"] = '", "';\n"),
    ("", " = \"", "\""),
];

/// A made-up credential in its surroundings.
#[derive(Clone, Debug)]
pub struct Instance {
    /// A text that holds it.
    pub text: Vec<u8>,
    /// Where in the text it is.
    pub secret: Span,
    /// For each byte of the secret, the alphabet it was drawn from.
    pub(super) free: Vec<Option<usize>>,
    pub(super) alphabets: Vec<Vec<u8>>,
    /// What its validator says of it.
    pub(super) outcome: Outcome,
}

/// Makes instances of one rule.
#[derive(Debug)]
pub struct Sampler<'r> {
    pub(super) rule: &'r Rule,
    /// Of the pattern, or of the body alone where the name before it is written by [`named`].
    tree: Hir,
    named: bool,
    whole: Regex,
    body: Regex,
}

impl<'r> Sampler<'r> {
    /// For a rule with a pattern; `None` for one of another engine.
    ///
    /// # Panics
    /// Never for rules of a set: their patterns have been read before.
    #[must_use]
    pub fn new(rule: &'r Rule) -> Option<Self> {
        let spec = rule.spec();
        if !matches!(spec.engine, Engine::Pattern | Engine::Family) {
            return None;
        }
        let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
        let tree = parser.parse(&spec.pattern).expect("the rule set has read it");
        let named = spec.pattern.contains(GLUE);
        let body = secret(&tree)?.clone();
        let tree = if named { Hir::concat(vec![group(&tree)?.clone()]) } else { tree };
        Some(Self {
            rule,
            tree,
            named,
            whole: regex(&spec.pattern),
            body: regex(&format!(r"\A(?:{body})\z")),
        })
    }

    /// Whether `secret` is one by its form.
    pub(super) fn is_form(&self, secret: &[u8]) -> bool {
        self.body.is_match(secret)
    }

    /// Whether the pattern matches somewhere in `text`.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        self.whole.is_match(text)
    }

    /// Makes an instance; `None` if `TRIES` draws gave none that pattern and validator admit.
    pub fn instance(&self, size: Size, draw: &mut Draw) -> Option<Instance> {
        (0..TRIES).find_map(|_| {
            let mut text = grow::grow(&self.tree, size, draw);
            self.mint(&mut text, draw)?;
            let (before, after) = self.around(&text, draw);
            self.place(text, &before, after)
        })
    }

    /// Whether a keyword stands in a match: the rule is run nowhere else.
    fn calls(&self, whole: &[u8]) -> bool {
        let lower = whole.to_ascii_lowercase();
        let mut keywords = self.rule.spec().keywords.iter();
        keywords.any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
    }

    /// How many of `count` texts that the pattern matches hold none of the keywords.
    #[must_use]
    pub fn keyless(&self, count: usize) -> usize {
        let drawn = (0..count).map(|number| {
            let mut draw = Draw::new(&self.rule.spec().id, number);
            grow::grow(&self.tree, Size::Any, &mut draw)
        });
        drawn.filter(|text| !self.named && !self.calls(&text.bytes)).count()
    }

    /// Lets the validator make the secret right; `None` if it cannot.
    fn mint(&self, text: &mut Text, draw: &mut Draw) -> Option<()> {
        let span = text.secret?;
        let [before, right, after] = match self.rule.validator().and_then(|v| v.mint) {
            None => return Some(()),
            Some(Mint::Whole(mint)) => mint(draw, &text.bytes)?,
            Some(Mint::Secret(mint)) => {
                let right = mint(draw, &text.bytes[span.range()])?;
                [text.bytes[..span.start].to_vec(), right, text.bytes[span.end..].to_vec()]
            }
        };
        text.secret = Some(Span::new(before.len(), before.len() + right.len()));
        text.bytes = [before, right, after].concat();
        text.free = vec![None; text.bytes.len()];
        Some(())
    }

    fn around(&self, text: &Text, draw: &mut Draw) -> (String, &'static str) {
        if self.named {
            let (open, glue, close) = draw.pick(NAMED);
            let keyword = draw.below(self.rule.spec().keywords.len());
            let name = name(&self.rule.spec().keywords[keyword]);
            let name = if draw.coin() { name.to_uppercase() } else { name };
            return ([open, &name, glue].concat(), close);
        }
        let bare = text.secret == Some(Span::new(0, text.bytes.len()));
        let (before, after) = draw.pick(if bare { AROUND } else { APART });
        (before.to_owned(), after)
    }

    /// Puts a drawn text between two others, if rule and validator take it for what it is there.
    fn place(&self, text: Text, before: &str, after: &str) -> Option<Instance> {
        let drawn = text.secret?;
        let secret = Span::new(drawn.start + before.len(), drawn.end + before.len());
        let whole = [before.as_bytes(), &text.bytes, after.as_bytes()].concat();
        let from = if self.named { 0 } else { before.len() };
        let captures = self.whole.captures_at(&whole, from)?;
        let (found, group) = (captures.get(0)?, captures.name("secret")?);
        if group.range() != secret.range() || !self.named && found.start() != from {
            return None;
        }
        if drawn.start > 0 && !edge::opens(&whole, secret.start, self.rule.spec().edge) {
            return None;
        }
        if MASKS.iter().any(|mask| memchr::memmem::find(group.as_bytes(), mask).is_some())
            || group.as_bytes().starts_with(COMMAND)
            || group.len() < SHORT && placeholder::reason(group.as_bytes()).is_some()
        {
            return None;
        }
        let subject = Subject { secret: group.as_bytes(), whole: found.as_bytes() };
        let outcome = match self.rule.validator() {
            Some(validator) => (validator.check)(&subject),
            None => Outcome::Unproven(Vec::new()),
        };
        if matches!(outcome, Outcome::Rejected | Outcome::Example) || !self.calls(subject.whole) {
            return None;
        }
        let free = text.free[drawn.range()].to_vec();
        Some(Instance { text: whole, secret, free, alphabets: text.alphabets, outcome })
    }
}

/// The name of a credential with the vendor's word in it.
fn name(keyword: &str) -> String {
    let says = ["api_key", "apikey", "token", "secret"].iter().any(|w| keyword.ends_with(w));
    if says {
        keyword.to_owned()
    } else {
        format!("{}_api_key", keyword.trim_end_matches(['_', '-', '/']))
    }
}

fn regex(pattern: &str) -> Regex {
    let mut builder = RegexBuilder::new(pattern);
    builder.unicode(false).size_limit(16 << 20).build().expect("the rule set has compiled it")
}

/// What the group `secret` holds.
fn secret(tree: &Hir) -> Option<&Hir> {
    match group(tree)?.kind() {
        HirKind::Capture(group) => Some(&group.sub),
        _ => None,
    }
}

/// The group `secret`.
fn group(tree: &Hir) -> Option<&Hir> {
    match tree.kind() {
        HirKind::Capture(inner) if inner.name.as_deref() == Some("secret") => Some(tree),
        HirKind::Capture(inner) => group(&inner.sub),
        HirKind::Repetition(repetition) => group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(group),
        _ => None,
    }
}
