//! What a migration will write: settings, accepted finds, and what could not be kept.
//!
//! In: what the readers of other tools' files hand over. Out: the text of a `.leakstop.toml`, and lists.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::pattern::Pattern;
use crate::detect::rules::{RuleSet, Selection};
use crate::detect::sample::Sampler;
use crate::detect::spec::Confidence;
use crate::engine::config::{CONFIG, Config};
use crate::verdict::policy::Policy;

/// Texts of a pattern in which keywords are looked for.
const DRAWN: usize = 100;
/// How far around a keyword a pattern may look whose matches may be of any length.
const REACH: usize = 4096;

/// A thing to know about one line of a file.
#[derive(Debug)]
pub(super) struct Remark {
    /// The file's name.
    pub(super) file: String,
    /// Line, from 1; 0 for the file as a whole.
    pub(super) line: usize,
    /// What.
    pub(super) what: String,
    /// Something was not carried over.
    pub(super) lost: bool,
}

/// An exception of `.leakstop.toml`.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Allow {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) paths: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) values: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) lines: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) commits: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<String>,
    pub(super) reason: String,
}

/// A rule of `.leakstop.toml`.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) keywords: Vec<String>,
    pub(super) pattern: String,
    pub(super) edge: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entropy: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) confidence: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) paths: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lone: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) near: Vec<Near>,
}

/// Another find that a rule asks for.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Near {
    pub(super) rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lines: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) columns: Option<usize>,
}

/// The settings to write.
#[derive(Debug, Default, Serialize)]
pub(super) struct Draft {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) exclude: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) disable: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) allow: Vec<Allow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rule: Vec<Rule>,
    #[serde(skip)]
    pub(super) remarks: Vec<Remark>,
}

impl Allow {
    /// Whether it can be used.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        let text = toml::to_string(self).map_err(|fault| fault.to_string())?;
        let allowance = toml::from_str(&text).map_err(|fault| fault.message().to_owned())?;
        Policy::new(Confidence::Likely, &[allowance], None)
            .map(drop)
            .map_err(|fault| fault.to_string())
    }
}

impl Draft {
    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        let Self { exclude, disable, allow, rule, remarks: _ } = self;
        exclude.is_empty() && disable.is_empty() && allow.is_empty() && rule.is_empty()
    }

    /// Says something of a line.
    pub(super) fn note(&mut self, (file, line): (&str, usize), what: impl Into<String>) {
        let (file, what) = (file.to_owned(), what.into());
        self.remarks.push(Remark { file, line, what, lost: false });
    }

    /// Says what was not carried over.
    pub(super) fn lose(&mut self, (file, line): (&str, usize), what: impl Into<String>) {
        let (file, what) = (file.to_owned(), what.into());
        self.remarks.push(Remark { file, line, what, lost: true });
    }

    /// Takes a rule in if it works here; `keywords` are those it had.
    ///
    /// # Errors
    /// Why it does not.
    pub(super) fn add(
        &mut self,
        mut rule: Rule,
        pattern: Pattern,
        keywords: &[String],
    ) -> Result<(), String> {
        if pattern.unbounded {
            (rule.before, rule.after) = (Some(REACH), Some(REACH));
        }
        rule.pattern = pattern.regex;
        rule.edge = "none";
        let own = keywords.iter().map(|word| word.to_lowercase());
        let own: BTreeSet<String> = own.filter(|word| word.len() >= 3).collect();
        let mut last = "no word of three letters or more stands in all that it matches, \
                        and a rule runs only where it sees one"
            .to_owned();
        for words in [own.into_iter().collect(), pattern.words] {
            if words.is_empty() {
                continue;
            }
            let tried = Rule { keywords: words, ..rule.clone() };
            match holds(&tried) {
                Ok(true) => {
                    self.rule.push(tried);
                    return Ok(());
                }
                Ok(false) => {}
                Err(fault) => last = fault,
            }
        }
        Err(last)
    }

    /// Drops conditions that name rules which were not carried over.
    pub(super) fn settle(&mut self) {
        let ids: BTreeSet<String> = self.rule.iter().map(|rule| rule.id.clone()).collect();
        let mut told = Vec::new();
        for rule in &mut self.rule {
            rule.near.retain(|near| {
                let there = ids.contains(&near.rule);
                if !there {
                    told.push(format!("rule {}: that {} must stand near by", rule.id, near.rule));
                }
                there
            });
        }
        for what in told {
            self.lose((CONFIG, 0), what);
        }
    }

    /// The file's text.
    ///
    /// # Errors
    /// Never for what was checked when it was taken in; what is left is a fault of ours.
    pub(super) fn text(&self, sources: &[String]) -> Result<String> {
        let head = format!("# Taken over from {} by `leakstop migrate`.\n", sources.join(", "));
        let text = head + &toml::to_string_pretty(self)?;
        let config = Config::parse(Path::new(CONFIG), &text)?;
        crate::cli::settings::sound(&config)?;
        Ok(text)
    }
}

/// Whether one of a rule's keywords stands in all that its pattern matches.
///
/// # Errors
/// What is wrong with the rule.
fn holds(rule: &Rule) -> Result<bool, String> {
    // What it asks for near by may not have been read yet.
    let alone = Rule { near: Vec::new(), ..rule.clone() };
    let text = toml::to_string(&Draft { rule: vec![alone], ..Draft::default() });
    let text = text.map_err(|fault| fault.to_string())?;
    let config: Config = toml::from_str(&text).map_err(|fault| fault.message().to_owned())?;
    let chosen =
        Selection { only: vec![rule.id.clone()], added: config.rule, ..Selection::default() };
    let set = RuleSet::new(&chosen).map_err(|fault| fault.to_string())?;
    let rule = set.named(&rule.id).map_err(|fault| fault.to_string())?;
    Ok(Sampler::new(rule).is_some_and(|sampler| sampler.keyless(DRAWN) == 0))
}

/// The id that a rule of theirs gets: lower-case letters, digits and dashes, and none that a rule of ours has.
pub(super) fn renamed(id: &str, is_ours: &dyn Fn(&str) -> bool) -> String {
    let dash = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug = id.chars().map(dash).collect::<String>().trim_matches('-').to_owned();
    if is_ours(&slug) { format!("{slug}-custom") } else { slug }
}
