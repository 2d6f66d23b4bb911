//! The rule set: built-in rules, a user's rules, and the keyword automaton they share.
//!
//! In: constant tables laid out by `build.rs`, and rule files of the user. Out: a [`RuleSet`]. A rule's regex
//! and validator are looked up when its keyword is first seen, not before. Where the built-in rules are used as
//! they are, so are their tables: nothing is laid out at the start.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use globset::{Glob, GlobSet, GlobSetBuilder};
use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::HirKind;

use super::anchor::Commonness;
use super::calls::Calls;
use super::hash::more;
use super::index::Index;
use super::pair::Pairs;
use super::prefilter::Prefilter;
use super::spec::{Engine, Provider, RuleEntry, RuleSpec};
use super::validators::{self, Validator};
use crate::text::nearest;

#[expect(clippy::unreadable_literal, reason = "nobody reads these tables")]
mod table {
    use super::super::calls::Calls;
    use super::super::index::{Entry, Index};
    use super::super::prefilter::{Anchor, Prefilter};
    use super::super::spec::{Confidence, Edge, Engine, RuleSpec};
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

/// A rule and what is made from it when its keyword is first seen.
#[derive(Debug)]
pub struct Rule {
    spec: Held,
    // In boxes, since most rules of a scan never need them.
    compiled: OnceLock<Box<Compiled>>,
    paths: OnceLock<Box<GlobSet>>,
    forms: OnceLock<Option<Box<Regex>>>,
}

/// A rule of the constant tables, or one of the user.
#[derive(Debug)]
enum Held {
    Builtin(&'static RuleSpec),
    Added(Box<RuleSpec>),
}

impl std::ops::Deref for Held {
    type Target = RuleSpec;

    fn deref(&self) -> &RuleSpec {
        match self {
            Self::Builtin(spec) => spec,
            Self::Added(spec) => spec,
        }
    }
}

/// A rule's path globs. One that does not parse admits nothing; the build and the tests see to it.
fn globs(patterns: &[Cow<'static, str>]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    patterns.iter().filter_map(|p| Glob::new(p).ok()).for_each(|glob| {
        set.add(glob);
    });
    set.build().unwrap_or_default()
}

/// A rule's regex and validator.
#[derive(Debug)]
pub struct Compiled {
    /// The regex; it has a group `secret`.
    pub regex: Regex,
    /// The validator, if the rule has one.
    pub validator: Option<&'static Validator>,
    /// The regex of a bare secret near what the rule finds, if it finds an identifier.
    pub beside: Option<Regex>,
    /// Whether every match, and its secret, begins with the keyword.
    pub leads: bool,
}

impl Rule {
    /// The rule as written.
    #[must_use]
    pub fn spec(&self) -> &RuleSpec {
        &self.spec
    }

    /// Whether it comes with the program, and not from a user's configuration.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        matches!(self.spec, Held::Builtin(_))
    }

    /// Whether the rule applies to files at `path`. Where the path is not known it does, unless it is
    /// limited to some.
    #[must_use]
    pub fn admits(&self, path: Option<&[u8]>) -> bool {
        if self.spec.paths.is_empty() {
            return true;
        }
        let Some(path) = path else { return false };
        let path = bstr::BStr::new(path).to_string();
        self.paths.get_or_init(|| Box::new(globs(&self.spec.paths))).is_match(path)
    }

    /// What a bare secret looks like, for rules that go by a vendor's word and this form.
    pub(super) fn forms(&self) -> Option<&Regex> {
        let whole =
            || RegexBuilder::new(&format!(r"\A(?:{})\z", self.spec.body)).unicode(false).build();
        let forms = self.forms.get_or_init(|| {
            (!self.spec.body.is_empty()).then(whole).and_then(Result::ok).map(Box::new)
        });
        forms.as_deref()
    }

    /// The regex and validator, made at the first call.
    ///
    /// # Panics
    /// Never for rules of a [`RuleSet`]: built-in ones are checked by the build and the tests,
    /// a user's when they are added.
    pub fn compiled(&self) -> &Compiled {
        self.compiled
            .get_or_init(|| Box::new(compile(&self.spec).expect("checked when the rule was added")))
    }
}

fn compile(spec: &RuleSpec) -> Result<Compiled, String> {
    let fault = |field: &str, why: &str| format!("rule {}: {field}: {why}", spec.id);
    // A match that starts at its keyword is looked for nowhere else, however many keywords there are.
    let pattern = match spec.before {
        0 => format!(r"\A(?:{})", spec.pattern),
        _ => spec.pattern.to_string(),
    };
    let build = |pattern: &str, field: &str| {
        let mut builder = RegexBuilder::new(pattern);
        let regex = builder.unicode(false).size_limit(4 << 20).build();
        regex.map_err(|e| fault(field, &e.to_string()))
    };
    let regex = build(&pattern, "pattern")?;
    let beside = spec.beside.as_ref().map(|form| build(form, "beside")).transpose()?;
    let validator = match &spec.validator {
        Some(name) => Some(
            validators::by_name(name)
                .ok_or_else(|| fault("validator", "there is none of this name"))?,
        ),
        None => None,
    };
    let leads = spec.before == 0 && secret_leads(&spec.pattern);
    Ok(Compiled { regex, validator, beside, leads })
}

/// Whether the group `secret` is the first thing in a pattern.
fn secret_leads(pattern: &str) -> bool {
    let tree = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
    let first = tree.ok().map(|tree| match tree.into_kind() {
        HirKind::Concat(mut parts) => parts.swap_remove(0).into_kind(),
        whole => whole,
    });
    matches!(first, Some(HirKind::Capture(group)) if group.name.as_deref() == Some("secret"))
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
        let mut specs: Vec<Held> = table::BUILTIN.iter().map(Held::Builtin).collect();
        for entry in &selection.added {
            let spec = resolve(entry).map_err(RuleError::Bad)?;
            specs.retain(|known| known.id != spec.id);
            specs.push(Held::Added(Box::new(spec)));
        }
        let paired = selection.added.iter().flat_map(|entry| &entry.pair);
        let named = selection.only.iter().chain(&selection.without).chain(&selection.named);
        for id in named.chain(paired) {
            if !specs.iter().any(|spec| spec.id == *id) {
                return Err(unknown(id, specs.iter().map(|spec| &*spec.id)));
            }
        }
        if !selection.only.is_empty() || !selection.without.is_empty() {
            let named = |ids: &[String], spec: &Held| ids.iter().any(|id| *id == spec.id);
            specs.retain(|spec| {
                (selection.only.is_empty() || named(&selection.only, spec))
                    && !named(&selection.without, spec)
            });
        }
        if specs.is_empty() {
            return Err(RuleError::Empty);
        }
        let (prefilter, calls) = if selection.is_default() {
            (table::PREFILTER.clone(), table::CALLS.clone())
        } else {
            lay_out(&specs)
        };
        let pairs = Pairs::new(&specs);
        let rules = specs
            .into_iter()
            .map(|spec| Rule {
                spec,
                compiled: OnceLock::new(),
                paths: OnceLock::new(),
                forms: OnceLock::new(),
            })
            .collect();
        let issuers = OnceLock::new();
        if selection.is_default() {
            issuers.get_or_init(|| table::ISSUERS.clone());
        }
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
        let ids = || self.rules.iter().map(|rule| &*rule.spec().id);
        self.rules.iter().find(|rule| rule.spec().id == id).ok_or_else(|| unknown(id, ids()))
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
    let provider = Provider { name: "custom".into(), revoke_url: None, docs_url: None };
    let spec = entry.resolve(&provider, tree.properties().maximum_len())?;
    if spec.engine == Engine::Pattern
        && !compile(&spec)?.regex.capture_names().any(|n| n == Some("secret"))
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
            if let Err(fault) = compile(rule.spec()) {
                panic!("{fault}");
            }
        }
    }

    #[test]
    fn constant_tables_are_those_laid_out() {
        let specs: Vec<Held> = table::BUILTIN.iter().map(Held::Builtin).collect();
        let (prefilter, calls) = lay_out(&specs);
        assert!(prefilter == table::PREFILTER && calls == table::CALLS);
        assert!(Index::new(table::BUILTIN.iter()) == table::ISSUERS);
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
