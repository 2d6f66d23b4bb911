//! `leakstop rules`: the list of rules, one of them, and what tries them.
//!
//! In: the built-in rules and those of the configuration. Out: text on standard output.

mod test;

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::{Result, bail};
use serde::Serialize;

use super::args::{ListArgs, ListFormat, RulesCommand};
use super::settings::Place;
use super::sheet::Sheet;
use crate::engine::config::Config;
use crate::report::ExitStatus;
use crate::text::nearest;

pub(super) fn run(command: &RulesCommand) -> Result<ExitStatus> {
    match command {
        RulesCommand::List(args) => list(args),
        RulesCommand::Show(args) => {
            let mut out = io::BufWriter::new(anstream::stdout());
            super::explain::rule(&args.id, &args.telling, &mut out)?;
            out.flush()?;
            Ok(ExitStatus::Clean)
        }
        RulesCommand::Test(args) => test::test(args),
        RulesCommand::Check(args) => test::check(args),
    }
}

/// The JSON form of the list, version 1.
#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    rules: Vec<Sheet<'r>>,
}

fn list(args: &ListArgs) -> Result<ExitStatus> {
    let config = Config::read(args.source.choice(), Place::here()?.top())?;
    let rules = config.all_rules()?;
    let mut sheets: Vec<Sheet<'_>> =
        rules.rules().iter().map(|rule| Sheet::new(rule, &config)).collect();
    if let Some(wanted) = &args.provider {
        let named = |provider: &str| provider.to_lowercase().contains(&wanted.to_lowercase());
        if !sheets.iter().any(|sheet| named(sheet.provider)) {
            let mut known: Vec<&str> = sheets.iter().map(|sheet| sheet.provider).collect();
            known.dedup();
            bail!("no rule is for {wanted}{}", hint(&nearest(wanted, known)));
        }
        sheets.retain(|sheet| named(sheet.provider));
    }
    let mut out = io::BufWriter::new(anstream::stdout());
    match args.format {
        ListFormat::Human => {
            for sheet in &sheets {
                writeln!(
                    out,
                    "{:<40} {:<8} {:<24} {}",
                    sheet.id, sheet.severity, sheet.provider, sheet.name
                )?;
            }
        }
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &Document { version: 1, rules: sheets })?;
            writeln!(out)?;
        }
        ListFormat::Markdown => markdown(&sheets, &mut out)?,
    }
    out.flush()?;
    Ok(ExitStatus::Clean)
}

fn hint(near: &[&str]) -> String {
    if near.is_empty() { String::new() } else { format!(", but for {}", near.join(", ")) }
}

/// A page with a table for each provider.
fn markdown(sheets: &[Sheet<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut providers: BTreeMap<(String, &str), Vec<&Sheet<'_>>> = BTreeMap::new();
    for sheet in sheets {
        let key = (sheet.provider.to_lowercase(), sheet.provider);
        providers.entry(key).or_default().push(sheet);
    }
    writeln!(out, "# Rules\n")?;
    writeln!(
        out,
        "Written by `leakstop rules list --format markdown`. {} rules for {} providers; \
         `leakstop explain RULE` tells more of each.",
        sheets.len(),
        providers.len()
    )?;
    for ((_, provider), sheets) in providers {
        writeln!(out, "\n## {}\n", cell(provider))?;
        writeln!(out, "| id | finds | opens | severity | offline check | revoke |")?;
        writeln!(out, "|---|---|---|---|---|---|")?;
        for sheet in sheets {
            let revoke = sheet.revoke_url.map_or(String::new(), |url| format!("<{url}>"));
            let cells = [
                format!("`{}`", sheet.id),
                cell(sheet.name),
                cell(sheet.description),
                sheet.severity.to_owned(),
                cell(sheet.check.unwrap_or_default()),
                revoke,
            ];
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
    }
    Ok(())
}

/// Text that stays within its cell.
fn cell(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace('|', "\\|").replace('<', "&lt;")
}
