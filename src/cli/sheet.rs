//! All that is known of a rule, for `explain`, `rules show` and `rules list`.
//!
//! In: a rule and the set it belongs to. Out: a [`Sheet`], as lines for people or as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::detect::form;
use crate::detect::rules::{Rule, RuleSet};
use crate::detect::spec::{Edge, Engine, RuleSpec};
use crate::detect::validators;
use crate::engine::config::Config;
use crate::report::escaped;

/// A rule's facts. Fields of the JSON form may be added, never renamed or removed.
#[derive(Debug, Serialize)]
pub(super) struct Sheet<'r> {
    pub(super) id: &'r str,
    pub(super) name: &'r str,
    pub(super) provider: &'r str,
    pub(super) description: &'r str,
    pub(super) severity: &'static str,
    confidence: &'static str,
    /// `built-in` or `configuration`.
    origin: &'static str,
    /// Whether the configuration leaves it on.
    enabled: bool,
    keywords: Vec<&'r str>,
    /// Where the rule looks.
    place: &'static str,
    /// What the secret looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    form: Option<String>,
    /// What may not stand next to the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    edge: Option<&'static str>,
    /// Least bits a byte; 0 for no floor.
    entropy: f32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paths: Vec<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validator: Option<&'r str>,
    /// What the validator looks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) check: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'r str>,
    pattern: &'r str,
    pub(super) revoke_url: Option<&'r str>,
    docs_url: Option<&'r str>,
    /// Ids of the provider's other rules; only where one rule is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    related: Option<Vec<&'r str>>,
}

impl<'r> Sheet<'r> {
    /// The facts of one of many rules.
    pub(super) fn new(rule: &'r Rule, config: &Config) -> Self {
        let spec = rule.spec();
        let validator = spec.validator.as_deref();
        Self {
            id: &spec.id,
            name: &spec.name,
            provider: &spec.provider,
            description: &spec.description,
            severity: spec.severity.name(),
            confidence: spec.confidence.name(),
            origin: if rule.is_builtin() { "built-in" } else { "configuration" },
            enabled: !config.disable.iter().any(|id| *id == spec.id),
            keywords: spec.keywords.iter().map(|keyword| &**keyword).collect(),
            place: place(spec),
            form: form::words(&spec.pattern),
            edge: edge(spec),
            entropy: spec.entropy,
            paths: spec.paths.iter().map(|path| &**path).collect(),
            validator,
            check: validator.and_then(validators::words),
            example: spec.surroundings.as_deref(),
            pattern: &spec.pattern,
            revoke_url: spec.revoke_url.as_deref(),
            docs_url: spec.docs_url.as_deref(),
            related: None,
        }
    }

    /// The facts of one rule, with its neighbours in `rules`.
    pub(super) fn with_related(rule: &'r Rule, rules: &'r RuleSet, config: &Config) -> Self {
        let spec = rule.spec();
        let specs = rules.rules().iter().map(Rule::spec);
        let others = specs.filter(|o| o.provider == spec.provider && o.id != spec.id);
        let related = Some(others.map(|other| &*other.id).collect());
        Self { related, ..Self::new(rule, config) }
    }

    /// Writes the sheet for people.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}: {} ({})", self.id, escaped(self.name), escaped(self.provider))?;
        let mut row = |name: &str, value: &str| -> io::Result<()> {
            if value.is_empty() { Ok(()) } else { writeln!(out, "  {name:<9} {}", escaped(value)) }
        };
        row("opens", self.description)?;
        row("severity", self.severity)?;
        row("revoke", self.revoke_url.unwrap_or_default())?;
        row("docs", self.docs_url.unwrap_or_default())?;
        let judge =
            if self.validator.is_some() { "; the check may prove or refute it" } else { "" };
        row("sure", &format!("{}{judge}", self.confidence))?;
        row("check", self.check.unwrap_or_default())?;
        row("where", self.place)?;
        row("form", self.form.as_deref().unwrap_or_default())?;
        row("beside", self.edge.unwrap_or_default())?;
        if self.entropy > 0.0 {
            row("entropy", &format!("at least {} bits a byte", self.entropy))?;
        }
        row("paths", &self.paths.join(", "))?;
        row("keywords", &self.keywords.join(", "))?;
        row("example", self.example.unwrap_or_default())?;
        row("pattern", self.pattern)?;
        row("related", &self.related.as_deref().unwrap_or_default().join(", "))?;
        if self.origin != "built-in" {
            row("origin", "the configuration")?;
        }
        row("status", if self.enabled { "" } else { "switched off by the configuration" })
    }
}

/// Where a rule looks.
fn place(spec: &RuleSpec) -> &'static str {
    match spec.engine {
        Engine::Assignment => {
            "a value given to a name that holds a keyword, where both look like a credential"
        }
        Engine::Entropy => {
            "any quoted string that looks random; only with --min-confidence possible"
        }
        Engine::Family => "given to a name that holds a keyword and means a credential",
        Engine::Pattern if spec.is_assigned() => "given to a name, or after a word, with a keyword",
        Engine::Pattern if spec.pattern.starts_with("(?<secret>") => "anywhere: its form tells it",
        Engine::Whole => "all that a small file holds, at the paths below",
        Engine::Pattern => "in the surroundings that the pattern asks for",
    }
}

/// What may not stand next to the secret.
fn edge(spec: &RuleSpec) -> Option<&'static str> {
    match (spec.engine, spec.edge) {
        (Engine::Assignment | Engine::Entropy, _) | (_, Edge::None) => None,
        (_, Edge::Word) => Some("no letter, digit or _ may touch it"),
        (_, Edge::Base64url) => Some("no letter, digit, _ or - may touch it"),
        (_, Edge::Base64) => Some("no letter, digit, _, +, / or = may touch it"),
    }
}
