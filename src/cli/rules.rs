//! `leakstop rules`.
//!
//! In: the built-in rules, and the user's for `test` and `check`. Out: text on standard output.

mod test;

use std::io::{self, Write};

use anyhow::{Result, bail};

use super::args::RulesCommand;
use crate::detect::rules::{RuleSet, Selection};
use crate::report::ExitStatus;

pub(super) fn run(command: &RulesCommand) -> Result<ExitStatus> {
    match command {
        RulesCommand::Test(args) => return test::test(args),
        RulesCommand::Check(args) => return test::check(args),
        RulesCommand::List | RulesCommand::Show { .. } => {}
    }
    let rules = RuleSet::new(&Selection::default())?;
    let mut out = io::BufWriter::new(anstream::stdout());
    match command {
        RulesCommand::Test(_) | RulesCommand::Check(_) => {}
        RulesCommand::List => {
            for rule in rules.rules() {
                let spec = rule.spec();
                writeln!(out, "{:<40} {:<24} {}", spec.id, spec.provider, spec.name)?;
            }
        }
        RulesCommand::Show { id } => {
            let Some(rule) = rules.rules().iter().find(|rule| rule.spec().id == *id) else {
                bail!("there is no rule {id}; `leakstop rules list` names them all");
            };
            let spec = rule.spec();
            writeln!(out, "{}: {} ({})", spec.id, spec.name, spec.provider)?;
            writeln!(out, "{}", spec.description)?;
            writeln!(out, "confidence  {}", spec.confidence.name())?;
            writeln!(out, "keywords    {}", spec.keywords.join(", "))?;
            writeln!(out, "pattern     {}", spec.pattern)?;
            let fields = [
                ("proof", &spec.validator),
                ("revoke", &spec.revoke_url),
                ("docs", &spec.docs_url),
            ];
            for (name, value) in fields {
                if let Some(value) = value {
                    writeln!(out, "{name:<11} {value}")?;
                }
            }
        }
    }
    out.flush()?;
    Ok(ExitStatus::Clean)
}
