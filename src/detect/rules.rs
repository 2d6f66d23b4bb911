//! The rule set: built-in rules, a user's rules, and the keyword automaton they share.
//!
//! In: constant tables laid out by `build.rs`, and rule files of the user. Out: a [`RuleSet`]. Where the built-in
//! rules are used as they are, so are their tables: nothing is laid out at the start. A rule is read from its row when
//! a keyword of it is first seen; its pattern is a [`Program`], and its regex is made only where that is not enough.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::anchor::Commonness;
use super::calls::Calls;
use super::hash::more;
use super::index::Index;
use super::pair::Pairs;
use super::prefilter::Prefilter;
use super::program::Program;
use super::row::Row;
use super::spec::{Engine, Provider, RuleEntry, RuleSpec};
use super::validators::{self, Validator};
use super::walk::{self, Found};
use crate::source::paths::Paths;
use crate::text::{Span, nearest};

#[expect(clippy::unreadable_literal, reason = "nobody reads these tables")]
#[allow(clippy::enum_glob_use, reason = "steps are written short")]
mod table {
    use super::super::calls::Calls;
    use super::super::index::{Entry, Index};
    use super::super::prefilter::{Anchor, Prefilter};
    use super::super::program::Op;
    use super::super::row::{Part, Parts, Plan, Pools, Row};
    use super::super::spec::{Confidence, Edge, Engine, Severity};
    use std::borrow::Cow;
    include!(concat!(env!("OUT_DIR"), "/rules.rs"));
}

/// Why a rule set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// A user's rule is wrong; the text names rule and field.
    #[error("{0}")]
    Bad(String),
    /// Somebody names a rule that does not exist.
    #[error("there is no rule {id}{}; `leakstop rules list` names them all", hint(.nearest))]
    Unknown {
        /// What was asked for.
        id: String,
        /// Ids that may have been meant.
        nearest: Vec<String>,
    },
    /// Nothing is left to look for.
    #[error("no rule is left to scan with; enable at least one")]
    Empty,
}

fn hint(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!(", but {}", nearest.join(", ")) }
}

/// A rule and what is made from it when it is first needed.
#[derive(Debug)]
pub struct Rule {
    held: Held,
    // In boxes, since most rules of a scan never need them.
    regex: OnceLock<Box<Regex>>,
    beside: OnceLock<Box<Regex>>,
    paths: OnceLock<Box<Paths>>,
    forms: OnceLock<Box<Regex>>,
}

/// A rule as written, and the programs of its pattern and of a bare secret that is all of a text.
#[derive(Debug)]
struct Whole {
    spec: RuleSpec,
    programs: [Program; 2],
}

/// A rule of the constant tables, which is made when it is first asked, or one of the user.
#[derive(Debug)]
enum Held {
    Builtin(&'static Row, OnceLock<Box<Whole>>),
    Added(Box<Whole>),
}

impl Held {
    fn builtin() -> impl Iterator<Item = Self> {
        table::ROWS.iter().map(|row| Self::Builtin(row, OnceLock::new()))
    }

    fn whole(&self) -> &Whole {
        match self {
            Self::Builtin(row, made) => made.get_or_init(|| {
                let (spec, programs) = (table::POOLS.spec(row), table::POOLS.programs(row));
                Box::new(Whole { spec, programs })
            }),
            Self::Added(whole) => whole,
        }
    }

    fn id(&self) -> &str {
        match self {
            Self::Builtin(row, _) => table::POOLS.text(row.id),
            Self::Added(whole) => &whole.spec.id,
        }
    }

    fn programs(&self) -> &[Program; 2] {
        &self.whole().programs
    }
}

impl std::ops::Deref for Held {
    type Target = RuleSpec;

    fn deref(&self) -> &RuleSpec {
        &self.whole().spec
    }
}

impl Rule {
    /// The rule as written.
    #[must_use]
    pub fn spec(&self) -> &RuleSpec {
        &self.held
    }

    /// What is done where its keyword stands. Most rules are never asked more.
    pub(super) fn engine(&self) -> Engine {
        match &self.held {
            Held::Builtin(row, _) => row.engine,
            Held::Added(whole) => whole.spec.engine,
        }
    }

    /// Whether it comes with the program, and not from a user's configuration.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        matches!(self.held, Held::Builtin(..))
    }

    /// Whether the rule applies to files at `path`. Where the path is not known it does, unless it is
    /// limited to some.
    #[must_use]
    pub fn admits(&self, path: Option<&[u8]>) -> bool {
        if self.held.paths.is_empty() {
            return true;
        }
        let Some(path) = path else { return false };
        // A list that does not parse admits nothing: the tests and `resolve` see to it.
        let paths = || Box::new(Paths::new(&*self.held.paths).unwrap_or_default());
        self.paths.get_or_init(paths).is_match(path)
    }

    /// Whether `value` is what a bare secret looks like, for rules that go by a vendor's word and this form.
    pub(super) fn has_form(&self, value: &[u8]) -> bool {
        let whole = || Box::new(built(&whole(&self.held.body)));
        !self.held.body.is_empty()
            && walk::leading(&self.held.programs()[1], value).map_or_else(
                |walk::Spent| self.forms.get_or_init(whole).is_match(value),
                |found| found.is_some(),
            )
    }

    /// The offline check of what the rule finds, if it has one.
    #[must_use]
    pub fn validator(&self) -> Option<&'static Validator> {
        self.held.validator.as_deref().and_then(validators::by_name)
    }

    /// The regex of a bare secret near what the rule finds, if it finds an identifier.
    pub(super) fn beside(&self) -> Option<&Regex> {
        let form = self.held.beside.as_ref()?;
        Some(self.beside.get_or_init(|| Box::new(built(form))))
    }

    /// Whether every match, and its secret, begins with the keyword.
    pub(super) fn leads(&self) -> bool {
        self.held.before == 0 && self.held.programs()[0].leads
    }

    /// Whether the pattern may match at a keyword hit at `at`, as far as a glance tells.
    pub(super) fn may_match(&self, text: &[u8], at: usize) -> bool {
        !self.leads() || walk::may_lead(&self.held.programs()[0], &text[at..])
    }

    /// The matches of the pattern in `text` that hold the byte at `hit`, and perhaps some before them.
    pub(super) fn around(&self, text: &[u8], hit: usize) -> Vec<Found> {
        let program = &self.held.programs()[0];
        // What begins with the secret sees as soon that there is none.
        if !program.leads && !walk::may_match(program, text) {
            return Vec::new();
        }
        let found = if self.held.before == 0 {
            walk::leading(program, text).map(|found| found.into_iter().collect())
        } else {
            walk::around(program, text, hit)
        };
        found.unwrap_or_else(|walk::Spent| {
            let found = self.regex().captures_iter(text).filter_map(|captures| spans(&captures));
            found.take_while(|(whole, _)| whole.start <= hit).collect()
        })
    }

    /// The first match of the pattern in `text`.
    pub(super) fn first(&self, text: &[u8]) -> Option<Found> {
        let program = &self.held.programs()[0];
        let found = if self.held.before == 0 {
            walk::leading(program, text)
        } else {
            walk::first(program, text)
        };
        found.unwrap_or_else(|walk::Spent| self.regex().captures(text).and_then(|c| spans(&c)))
    }

    fn regex(&self) -> &Regex {
        self.regex.get_or_init(|| Box::new(built(&anchored(&self.held))))
    }
}

/// A regex's match, and its secret.
fn spans(captures: &regex::bytes::Captures<'_>) -> Option<Found> {
    let span = |m: regex::bytes::Match<'_>| Span::new(m.start(), m.end());
    Some((span(captures.get(0)?), captures.name("secret").map(span)))
}

/// A regex that is known to be good.
fn built(pattern: &str) -> Regex {
    build(pattern).expect("the tests build those of built-in rules; a user's are built when added")
}

fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).size_limit(4 << 20).build()
}

/// The regex of a bare secret that is all of a text.
fn whole(body: &str) -> String {
    format!(r"\A(?:{body})\z")
}

/// The pattern as it is searched for. A match that starts at its keyword is looked for nowhere else, however many
/// keywords there are.
fn anchored(spec: &RuleSpec) -> Cow<'_, str> {
    match spec.before {
        0 => Cow::Owned(format!(r"\A(?:{})", spec.pattern)),
        _ => Cow::Borrowed(&spec.pattern),
    }
}

/// Builds all that a rule may need once, to see that it is good.
fn verify(spec: &RuleSpec) -> Result<Regex, String> {
    let fault = |field: &str, why: &str| format!("rule {}: {field}: {why}", spec.id);
    let good =
        |pattern: &str, field: &str| build(pattern).map_err(|e| fault(field, &e.to_string()));
    let regex = good(&anchored(spec), "pattern")?;
    good(&whole(&spec.body), "pattern")?;
    spec.beside.as_ref().map(|form| good(form, "beside")).transpose()?;
    match &spec.validator {
        Some(name) if validators::by_name(name).is_none() => {
            Err(fault("validator", "there is none of this name"))
        }
        _ => Ok(regex),
    }
}

/// All rules of a scan.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    prefilter: Prefilter,
    calls: Calls,
    /// The vendors' words, made at the first call where they are not the built-in ones.
    issuers: OnceLock<Index>,
    pairs: Pairs,
    digest: u64,
}

/// Which of the built-in rules a scan uses, and which it adds.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Ids to use; empty for all.
    pub only: Vec<String>,
    /// Ids to leave out.
    pub without: Vec<String>,
    /// Ids that are named elsewhere, and must exist.
    pub named: Vec<String>,
    /// Rules of the user.
    pub added: Vec<RuleEntry>,
}

impl Selection {
    /// Whether the built-in rules are used as they are.
    fn is_default(&self) -> bool {
        self.only.is_empty() && self.without.is_empty() && self.added.is_empty()
    }
}

/// The keyword automaton of rules other than just the built-in ones.
fn lay_out(specs: &[Held]) -> (Prefilter, Calls) {
    let chosen: HashMap<&[u8], usize> = table::PREFILTER.offsets().collect();
    let letters = Commonness::default();
    let (keywords, calls) = Calls::new(specs.iter().map(|spec| &*spec.keywords));
    let offset = |word: &str| chosen.get(word.as_bytes()).copied();
    let keywords: Vec<_> = keywords
        .into_iter()
        .map(|word| (word, offset(word).unwrap_or_else(|| letters.rarest(word))))
        .collect();
    (Prefilter::new(&keywords), calls)
}

impl RuleSet {
    /// Puts the selected rules together.
    ///
    /// # Errors
    /// A bad rule of the user, an unknown id, or no rule at all.
    pub fn new(selection: &Selection) -> Result<Self, RuleError> {
        let mut specs: Vec<Held> = Held::builtin().collect();
        for entry in &selection.added {
            let spec = resolve(entry).map_err(RuleError::Bad)?;
            specs.retain(|known| known.id() != spec.id);
            let programs = [Program::new(&spec.pattern), Program::new(&whole(&spec.body))];
            specs.push(Held::Added(Box::new(Whole { spec, programs })));
        }
        let paired = selection.added.iter().flat_map(|entry| &entry.pair);
        let near = selection.added.iter().flat_map(|entry| &entry.near).map(|near| &near.rule);
        let named = selection.only.iter().chain(&selection.without).chain(&selection.named);
        for id in named.chain(paired).chain(near) {
            if !specs.iter().any(|spec| spec.id() == id) {
                return Err(unknown(id, specs.iter().map(Held::id)));
            }
        }
        if !selection.only.is_empty() || !selection.without.is_empty() {
            let named = |ids: &[String], spec: &Held| ids.iter().any(|id| id == spec.id());
            specs.retain(|spec| {
                (selection.only.is_empty() || named(&selection.only, spec))
                    && !named(&selection.without, spec)
            });
        }
        if specs.is_empty() {
            return Err(RuleError::Empty);
        }
        let (prefilter, calls, issuers, pairs) = if selection.is_default() {
            let issuers = OnceLock::from(table::ISSUERS.clone());
            let pairs = Pairs::known(specs.len(), table::PAIRS);
            (table::PREFILTER.clone(), table::CALLS.clone(), issuers, pairs)
        } else {
            let (prefilter, calls) = lay_out(&specs);
            (prefilter, calls, OnceLock::new(), Pairs::new(&specs))
        };
        let rules = specs
            .into_iter()
            .map(|held| Rule {
                held,
                regex: OnceLock::new(),
                beside: OnceLock::new(),
                paths: OnceLock::new(),
                forms: OnceLock::new(),
            })
            .collect();
        Ok(Self { rules, prefilter, calls, issuers, pairs, digest: digest(selection) })
    }

    /// The rules, in their fixed order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule called `id`.
    ///
    /// # Errors
    /// There is none; the error names the ids that are most like it.
    pub fn named(&self, id: &str) -> Result<&Rule, RuleError> {
        let ids = || self.rules.iter().map(|rule| rule.held.id());
        self.rules.iter().find(|rule| rule.held.id() == id).ok_or_else(|| unknown(id, ids()))
    }

    /// The keyword automaton.
    #[must_use]
    pub fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// Numbers of the rules that a keyword calls up.
    #[must_use]
    pub fn called_by(&self, keyword: usize) -> &[u16] {
        self.calls.of(keyword)
    }

    /// The vendors' words.
    pub(super) fn issuers(&self) -> &Index {
        self.issuers.get_or_init(|| Index::new(self.rules.iter().map(Rule::spec)))
    }

    /// Which rules find the two halves of one credential.
    #[must_use]
    pub fn pairs(&self) -> &Pairs {
        &self.pairs
    }

    /// A hash that changes with any rule, for reports.
    #[must_use]
    pub fn digest(&self) -> String {
        format!("{:016x}", self.digest)
    }
}

fn unknown<'a>(id: &str, ids: impl Iterator<Item = &'a str>) -> RuleError {
    let nearest = nearest(id, ids).into_iter().map(str::to_owned).collect();
    RuleError::Unknown { id: id.to_owned(), nearest }
}

/// FNV-1a over everything that decides which rules run.
fn digest(selection: &Selection) -> u64 {
    let added: Vec<String> = selection.added.iter().map(|rule| format!("{rule:?}")).collect();
    let lists = [&selection.only, &selection.without, &added];
    lists.into_iter().fold(table::BUILTIN_DIGEST, |sum, list| {
        let sum = list.iter().fold(sum, |sum, text| more(more(sum, text.as_bytes()), &[0]));
        more(sum, &[0xff])
    })
}

/// Checks a rule of the user by itself.
///
/// # Errors
/// `rule ID: field: reason`.
pub fn check(entry: &RuleEntry) -> Result<(), RuleError> {
    resolve(entry).map(drop).map_err(RuleError::Bad)
}

/// Checks a rule of the user and fills in its defaults.
fn resolve(entry: &RuleEntry) -> Result<RuleSpec, String> {
    let pattern = entry.regex()?;
    let tree = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(&pattern)
        .map_err(|e| format!("rule {}: pattern: {e}", entry.id))?;
    let provider =
        Provider { name: "custom".into(), revoke_url: None, docs_url: None, severity: None };
    let spec = entry.resolve(&provider, tree.properties().maximum_len())?;
    Paths::new(&*spec.paths).map_err(|e| format!("rule {}: paths: {e}", entry.id))?;
    if spec.engine == Engine::Pattern
        && !verify(&spec)?.capture_names().any(|n| n == Some("secret"))
    {
        return Err(format!("rule {}: pattern: name the group (?<secret>…)", spec.id));
    }
    Ok(spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_rule_compiles() {
        let all = RuleSet::new(&Selection::default()).unwrap();
        for rule in all.rules() {
            if let Err(fault) = verify(rule.spec()) {
                panic!("{fault}");
            }
        }
    }

    #[test]
    fn constant_tables_are_those_laid_out() {
        let specs: Vec<Held> = Held::builtin().collect();
        let (prefilter, calls) = lay_out(&specs);
        assert!(prefilter == table::PREFILTER && calls == table::CALLS);
        assert!(Index::new(specs.iter().map(|spec| &**spec)) == table::ISSUERS);
        let pairs = Pairs::new(&specs);
        assert_eq!(format!("{pairs:?}"), format!("{:?}", Pairs::known(specs.len(), table::PAIRS)));
        assert!(prefilter.offsets().any(|(_, offset)| offset > 0));
    }

    #[test]
    fn unknown_and_empty_selections_are_errors() {
        let only = Selection { only: vec!["nope".into()], ..Selection::default() };
        assert!(matches!(RuleSet::new(&only), Err(RuleError::Unknown { id, .. }) if id == "nope"));
        let all = RuleSet::new(&Selection::default()).unwrap();
        let without = all.rules().iter().map(|r| r.spec().id.to_string()).collect();
        let none = Selection { without, ..Selection::default() };
        assert!(matches!(RuleSet::new(&none), Err(RuleError::Empty)));
    }
}
