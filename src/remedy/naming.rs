//! What the variable is called that takes a value's place.
//!
//! In: the literal, the text above its line, the language and the rule that found it. Out: a name as environment
//! variables are written. What the line calls the value comes first; a name that says little, such as `password`, is
//! told more about by the keys around it (`spring.datasource.password` is `SPRING_DATASOURCE_PASSWORD`, which Spring
//! reads by itself) or by the provider (`GITHUB_TOKEN`).

use super::form::Language;
use super::literal::{Literal, variable};

/// Lines above that are looked at for the keys around a value.
const LINES: usize = 2000;
/// Keys around a value that become part of its name.
const KEYS: usize = 3;
/// How no secret of a workflow begins.
const RESERVED: &str = "GITHUB_";
/// Names that do not say what they open.
const BARE: &[&str] = &[
    "KEY",
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASS",
    "PWD",
    "VALUE",
    "URL",
    "DATA",
    "AUTH",
    "URI",
    "DEFAULT",
    "API_KEY",
    "CREDENTIALS",
];

/// `name`, or another where a forge would not take it.
///
/// GitHub, and the forges that speak its language, keep `GITHUB_` for themselves: `secrets.GITHUB_TOKEN` is the token of
/// the job, whatever was meant.
/// <https://docs.github.com/en/actions/security-for-github-actions/security-guides/about-secrets>
pub(super) fn free(language: Language, name: &str) -> String {
    match name.split_at_checked(RESERVED.len()) {
        Some((start, rest))
            if language == Language::Workflow && start.eq_ignore_ascii_case(RESERVED) =>
        {
            format!("GH_{rest}")
        }
        _ => name.to_owned(),
    }
}

/// Whether a name is that of a secret itself, and of nothing that holds one.
pub(super) fn is_secret(name: &str) -> bool {
    let name = variable(name);
    let last = name.rsplit('_').next().unwrap_or_default();
    ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASS", "PWD"].contains(&last)
}

/// The name for the value of `literal`, which `rule` found below the lines `before`.
pub(super) fn name(language: Language, before: &str, literal: &Literal, rule: &str) -> String {
    if let Some(name) = beside(before).filter(|_| language == Language::Kubernetes) {
        return name.to_owned();
    }
    let rule = variable(rule);
    let Some(own) = &literal.name else {
        return rule.strip_prefix("GENERIC_").unwrap_or(&rule).to_owned();
    };
    let own = variable(own);
    if !BARE.contains(&own.as_str()) {
        return own;
    }
    let keyed = matches!(language, Language::Spring | Language::Yaml);
    let around = if keyed { keys(before, literal) } else { Vec::new() };
    let issuer = rule.split('_').next().filter(|issuer| *issuer != "GENERIC");
    match issuer {
        _ if !around.is_empty() => format!("{}_{own}", around.join("_")),
        Some(issuer) if !own.starts_with(issuer) => format!("{issuer}_{own}"),
        _ => own,
    }
}

/// The name that the line above a manifest's `value:` gives.
fn beside(before: &str) -> Option<&str> {
    let line = before.trim_end().rsplit('\n').next()?;
    let name = line.trim_start().trim_start_matches("- ").strip_prefix("name:")?;
    Some(name.trim().trim_matches(['"', '\'']))
}

/// The keys of YAML that a value stands below, the outermost first.
fn keys(before: &str, literal: &Literal) -> Vec<String> {
    let mut keys = Vec::new();
    let mut depth = literal.indent;
    for line in before.lines().rev().take(LINES) {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if text.is_empty() || text.starts_with('#') || indent >= depth {
            continue;
        }
        depth = indent;
        if let Some((key, rest)) = text.trim_start_matches("- ").split_once(':') {
            let opens = rest.trim().is_empty() || rest.trim_start().starts_with(['#', '&']);
            let key = variable(key);
            if opens && !key.is_empty() {
                keys.push(key);
            }
        }
        if depth == 0 || keys.len() == KEYS {
            break;
        }
    }
    keys.reverse();
    keys
}

#[cfg(test)]
mod tests {
    use super::super::literal::around;
    use super::*;

    fn named(path: &str, text: &str, rule: &str) -> String {
        let at = text.find("S3cret").unwrap();
        let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let literal = around(text[start..].lines().next().unwrap(), at - start..at - start + 6);
        name(Language::of(path, text).unwrap(), &text[..start], &literal, rule)
    }

    #[test]
    fn a_bare_name_is_told_more_about() {
        let generic = "generic-password";
        for (path, text, rule, name) in [
            ("a.rs", "let db_password = \"S3cret\";", generic, "DB_PASSWORD"),
            ("a.rs", "let password = \"S3cret\";", generic, "PASSWORD"),
            ("a.rs", "let token = \"S3cret\";", "github-pat-classic", "GITHUB_TOKEN"),
            ("a.rs", "login(\"S3cret\");", generic, "PASSWORD"),
            ("a.rs", "login(\"S3cret\");", "slack-bot-token", "SLACK_BOT_TOKEN"),
            (
                "application.yml",
                "a: 1\nspring:\n  # x\n  datasource:\n\n    url: jdbc\n    password: S3cret\n",
                generic,
                "SPRING_DATASOURCE_PASSWORD",
            ),
            ("values.yaml", "a:\n  b: 1\ndb:\n  - password: S3cret\n", generic, "DB_PASSWORD"),
            ("values.yaml", "password: S3cret\n", generic, "PASSWORD"),
            (
                "values.yaml",
                "a:\n  b:\n    c:\n      d:\n        key: S3cret\n",
                generic,
                "B_C_D_KEY",
            ),
            ("values.yaml", "smtp:\n  token: S3cret\n", "github-pat-classic", "SMTP_TOKEN"),
        ] {
            assert_eq!(named(path, text, rule), name, "{path}: {text}");
        }
    }
}
