//! Settings of gitleaks, and of betterleaks, which took them over.
//!
//! In: a `.gitleaks.toml` or `.betterleaks.toml`. Out: rules, exceptions and disabled rules of ours. Keys as both tools
//! document them; what has no counterpart here is named with its line.

use std::collections::BTreeMap;
use std::path::Path;

use super::draft::{Allow, Draft, Near, Rule, renamed};
use super::names::ours;
use super::node::{Broken, Node};
use super::pattern::{Pattern, Wanted};

/// Settings that extend others extend no further than this; it is gitleaks' limit as well.
const LEVELS: usize = 2;
/// Keys that say nothing about what is found.
const SILENT: &[&str] = &["title", "description", "minversion", "betterleaksminversion", "extend"];
/// Keys of rules that say nothing about what is found, or what is never done here.
const UNUSED: &[&str] =
    &["tags", "tokenefficiency", "specificity", "validate", "analyze", "revoke"];
/// Keys of rules that are read.
const READ: &[&str] = &[
    "id",
    "description",
    "regex",
    "path",
    "secretgroup",
    "valuegroup",
    "entropy",
    "keywords",
    "skipreport",
    "required",
    "components",
    "allowlist",
    "allowlists",
    "confidence",
];

/// Reads one file, and those it extends.
pub(super) struct Reader<'d> {
    pub(super) draft: &'d mut Draft,
    /// The folder that paths in settings are relative to.
    pub(super) folder: &'d Path,
    /// Tells whether a rule of ours is called so.
    pub(super) is_ours: &'d dyn Fn(&str) -> bool,
}

impl Reader<'_> {
    /// Takes the settings in `text` over.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn read(&mut self, name: &str, text: &str) -> Result<(), Broken> {
        self.level(name, text, 1)
    }

    fn level(&mut self, name: &str, text: &str, level: usize) -> Result<(), Broken> {
        let root = Node::toml(text)?;
        if let Some(extend) = root.get("extend") {
            self.extend(name, extend, level);
        } else if !root.list_of("rules").is_empty() {
            self.draft.note((name, 0), "its rules replaced the built-in ones; here both run");
        }
        let mut ids = BTreeMap::new();
        for rule in root.list_of("rules") {
            let id = rule.text_of("id").unwrap_or_default();
            ids.insert(id.to_owned(), renamed(id, self.is_ours));
        }
        for rule in root.list_of("rules") {
            self.rule(name, rule, &ids);
        }
        for list in root.list_of("allowlists").iter().chain(root.get("allowlist")) {
            let targets = list.texts_of("targetrules");
            let mut rules = Vec::new();
            for id in &targets {
                let known = self.rules(id, &ids);
                if known.is_empty() && targets.len() > 1 {
                    let told = format!("targetRules: no rule here is like {id}");
                    self.draft.lose((name, list.line), told);
                }
                rules.extend(known);
            }
            if rules.is_empty() && !targets.is_empty() {
                self.draft.lose((name, list.line), "an exception for rules that are not here");
            } else {
                self.exceptions(name, list, &rules);
            }
        }
        for (key, node) in root.entries() {
            if !SILENT.contains(&&**key) && !matches!(&**key, "rules" | "allowlists" | "allowlist")
            {
                self.draft.lose((name, node.line), format!("{key}: there is no such setting here"));
            }
        }
        Ok(())
    }

    /// Ids here for a rule that is named there.
    fn rules(&self, id: &str, ids: &BTreeMap<String, String>) -> Vec<String> {
        // A file that is extended has its own list of names; they are made in the same way.
        let own = ids.get(id).cloned().unwrap_or_else(|| renamed(id, self.is_ours));
        let taken = self.draft.rule.iter().any(|rule| rule.id == own);
        if taken { vec![own] } else { ours(id, self.is_ours) }
    }

    fn extend(&mut self, name: &str, extend: &Node, level: usize) {
        for id in extend.list_of("disabledrules") {
            let Some(text) = id.text() else { continue };
            let ours = ours(text, self.is_ours);
            if ours.is_empty() {
                self.draft
                    .lose((name, id.line), format!("disabledRules: no rule here is like {text}"));
            }
            self.draft.disable.extend(ours);
        }
        if let Some(url) = extend.get("url") {
            self.draft.lose((name, url.line), "extend.url: nothing is fetched");
        }
        let Some(path) = extend.text_of("path") else { return };
        let line = extend.get("path").map_or(extend.line, |node| node.line);
        if level >= LEVELS {
            self.draft.lose((name, line), format!("extend.path: {path}: extended too deep"));
            return;
        }
        let told = match std::fs::read_to_string(self.folder.join(path)) {
            Err(cause) => Some(cause.to_string()),
            Ok(text) => {
                let read = self.level(path, &text, level + 1);
                read.err().map(|fault| format!("line {}: {}", fault.line, fault.what))
            }
        };
        if let Some(told) = told {
            self.draft.lose((name, line), format!("extend.path: {path}: {told}"));
        }
    }

    fn rule(&mut self, name: &str, rule: &Node, ids: &BTreeMap<String, String>) {
        let at = (name, rule.line);
        let Some(id) = rule.text_of("id") else {
            return self.draft.lose(at, "a rule without id");
        };
        for (key, node) in rule.entries() {
            if !READ.contains(&&**key) && !UNUSED.contains(&&**key) {
                let told = format!("rule {id}: {key}: there is no such setting here");
                self.draft.lose((name, node.line), told);
            }
        }
        match rule.text_of("regex") {
            Some(regex) => {
                if let Err(why) = self.pattern(at, rule, regex, ids) {
                    return self.draft.lose(at, format!("rule {id}: {why}"));
                }
            }
            None if rule.text_of("path").is_some() => {
                let told =
                    format!("rule {id}: reports files by their name alone; no rule here does");
                return self.draft.lose(at, told);
            }
            // It changes a rule that is extended.
            None if self.rules(id, ids).is_empty() => {
                return self.draft.lose(at, format!("rule {id}: changes a rule that is not here"));
            }
            None => {
                for key in ["entropy", "keywords", "secretgroup"] {
                    if let Some(node) = rule.get(key) {
                        let told = format!("rule {id}: {key}: built-in rules stay as they are");
                        self.draft.lose((name, node.line), told);
                    }
                }
            }
        }
        let rules = self.rules(id, ids);
        for list in rule.list_of("allowlists").iter().chain(rule.get("allowlist")) {
            self.exceptions(name, list, &rules);
        }
    }

    fn pattern(
        &mut self,
        at: (&str, usize),
        rule: &Node,
        regex: &str,
        ids: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        let id = rule.text_of("id").unwrap_or_default();
        let group = rule.number_of("secretgroup").or_else(|| rule.number_of("valuegroup"));
        let pattern = Pattern::new(regex, group.map_or(Wanted::First, Wanted::Number))?;
        if pattern.whole {
            let told = "which of its groups is the secret varies; here all of the match is";
            self.draft.note(at, format!("rule {id}: {told}"));
        }
        let needed = rule.list_of("required").iter().chain(rule.list_of("components"));
        let near: Vec<Near> = needed.filter_map(|node| near(node, ids)).collect();
        let drafted = Rule {
            id: ids.get(id).cloned().unwrap_or_default(),
            name: id.to_owned(),
            description: rule.text_of("description").unwrap_or("A rule of your own.").to_owned(),
            entropy: rule.number_of("entropy").filter(|&bits: &f32| bits > 0.0),
            confidence: (rule.text_of("confidence") == Some("low")).then_some("possible"),
            paths: rule.text_of("path").map(|path| format!("re:{path}")).into_iter().collect(),
            lone: (rule.text_of("skipreport") == Some("true")).then_some(false),
            near,
            ..Rule::default()
        };
        self.draft.add(drafted, pattern, &rule.texts_of("keywords"))
    }

    /// Turns an allowlist into exceptions for `rules`, or for all if there are none.
    fn exceptions(&mut self, name: &str, list: &Node, rules: &[String]) {
        let at = (name, list.line);
        let reason =
            list.text_of("description").map_or_else(|| format!("from {name}"), str::to_owned);
        let base = Allow { rules: rules.to_vec(), reason, ..Allow::default() };
        let regexes = list.texts_of("regexes");
        let (values, lines) = match list.text_of("regextarget") {
            Some("match" | "line") => (Vec::new(), regexes),
            _ => (regexes, Vec::new()),
        };
        if list.text_of("regextarget") == Some("match") {
            self.draft.note(at, "regexTarget match: here it is tried on the whole line");
        }
        let words = list.texts_of("stopwords");
        let words: Vec<String> =
            words.iter().map(|word| format!("(?i){}", regex_syntax::escape(word))).collect();
        let paths = list.texts_of("paths").iter().map(|path| format!("re:{path}")).collect();
        let mut parts = vec![
            Allow { paths, ..base.clone() },
            Allow { values, ..base.clone() },
            Allow { values: words, ..base.clone() },
            Allow { lines, ..base.clone() },
            Allow { commits: list.texts_of("commits"), ..base.clone() },
        ];
        parts.retain(|part| {
            !(part.paths.is_empty()
                && part.values.is_empty()
                && part.lines.is_empty()
                && part.commits.is_empty())
        });
        if let Some(node) = list.get("filter") {
            self.draft.lose((name, node.line), "filter: expressions are not read");
        }
        let all = list.text_of("condition").map(str::to_uppercase);
        if matches!(all.as_deref(), Some("AND" | "&&")) && parts.len() > 1 {
            match joined(parts) {
                Some(one) => parts = vec![one],
                None => return self.draft.lose(at, "regexes and stopwords that must both hold"),
            }
        }
        for part in parts {
            match part.check() {
                Ok(()) => self.draft.allow.push(part),
                Err(why) => self.draft.lose(at, why),
            }
        }
    }
}

/// One exception for what must all hold. Two lists of regexes on the secret cannot be told apart.
fn joined(parts: Vec<Allow>) -> Option<Allow> {
    let mut one = Allow::default();
    for part in parts {
        if !one.values.is_empty() && !part.values.is_empty() {
            return None;
        }
        one.paths.extend(part.paths);
        one.values.extend(part.values);
        one.lines.extend(part.lines);
        one.commits.extend(part.commits);
        (one.rules, one.reason) = (part.rules, part.reason);
    }
    Some(one)
}

/// What a rule asks for near by: `withinLines` and `withinColumns`, or `within = "5L,40C"`.
fn near(node: &Node, ids: &BTreeMap<String, String>) -> Option<Near> {
    if node.text_of("optional") == Some("true") {
        return None;
    }
    let within = node.text_of("within").unwrap_or_default();
    let part = |unit: char| {
        within.split(',').find_map(|part| part.trim().strip_suffix(unit)?.parse::<usize>().ok())
    };
    Some(Near {
        rule: ids.get(node.text_of("id")?)?.clone(),
        lines: node.number_of("withinlines").or_else(|| part('L')),
        columns: node.number_of("withincolumns").or_else(|| part('C')),
    })
}
