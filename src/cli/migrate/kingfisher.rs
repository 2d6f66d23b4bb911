//! Rules of kingfisher.
//!
//! In: a YAML file with `rules`. Out: rules of ours. Its examples are left behind: they may be real credentials.

use super::draft::{Draft, Rule, renamed};
use super::node::Node;
use super::pattern::{Pattern, Wanted};

/// Keys that are read, and those that say nothing about what is found, or what is never done here.
const KNOWN: &[&str] = &[
    "id",
    "name",
    "pattern",
    "min_entropy",
    "confidence",
    "visible",
    "examples",
    "negative_examples",
    "references",
    "description",
    "validation",
    "revocation",
    "categories",
    "prevalidated",
];

/// Takes the rules of a file over.
pub(super) fn read(draft: &mut Draft, name: &str, root: &Node, is_ours: &dyn Fn(&str) -> bool) {
    for rule in root.list_of("rules") {
        let at = (name, rule.line);
        let id = rule.text_of("id").or_else(|| rule.text_of("name")).unwrap_or_default();
        for (key, node) in rule.entries() {
            if !KNOWN.contains(&&**key) {
                draft.lose(
                    (name, node.line),
                    format!("rule {id}: {key}: there is no such setting here"),
                );
            }
        }
        let drafted = Rule {
            id: renamed(id, is_ours),
            name: rule.text_of("name").unwrap_or(id).to_owned(),
            description: rule.text_of("description").unwrap_or("A rule of your own.").to_owned(),
            entropy: rule.number_of("min_entropy").filter(|&bits: &f32| bits > 0.0),
            confidence: (rule.text_of("confidence") == Some("low")).then_some("possible"),
            lone: (rule.text_of("visible") == Some("false")).then_some(false),
            ..Rule::default()
        };
        let regex = rule.text_of("pattern").unwrap_or_default();
        let made = Pattern::new(regex, Wanted::Named("TOKEN"));
        if let Err(why) = made.and_then(|pattern| draft.add(drafted, pattern, &[])) {
            draft.lose(at, format!("rule {id}: {why}"));
        }
    }
}
