//! `leakstop rules test` and `check`: rules against credentials made up from their patterns.
//!
//! In: the built-in rules, and a file of the user's. Out: what went wrong, on standard output; 1 if a rule
//! fails, 2 if the file is no good. Examples of the user are never shown, for they may be real.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;

use crate::cli::args::{CheckArgs, TestArgs};
use crate::cli::settings::{self, Place};
use crate::detect::Detector;
use crate::detect::rules::{self, RuleSet, Selection};
use crate::detect::sample::{Record, Sampler, Trial};
use crate::detect::spec::{Confidence, Engine, RuleEntry, RuleFile};
use crate::engine::config::{self, CONFIG, Config};
use crate::report::{ExitStatus, count, escaped};

/// Fewer examples of either kind than this prove little.
const EXAMPLES: usize = 2;

/// Texts of a pattern in which keywords are looked for.
const DRAWN: usize = 100;

/// Tries the rules that are named, or all.
pub(super) fn test(args: &TestArgs) -> Result<ExitStatus> {
    let config = Config::read(args.source.choice(), Place::here()?.top())?;
    let wanted = Selection { only: args.ids.clone(), added: config.rule, ..Selection::default() };
    let set = RuleSet::new(&wanted)?;
    let only: Vec<String> = set.rules().iter().map(|rule| rule.spec().id.to_string()).collect();
    run(&only, &wanted.added, args.samples)
}

/// Checks a file of rules, then tries them.
pub(super) fn check(args: &CheckArgs) -> Result<ExitStatus> {
    let path = args.file.clone().map_or_else(default, Ok)?;
    let added = read(&path)?;
    for entry in &added {
        for (name, texts) in [("match", &entry.matches), ("no_match", &entry.no_matches)] {
            if texts.len() < EXAMPLES {
                let told = format!("rule {}: {name}: give {EXAMPLES} texts or more", entry.id);
                writeln!(io::stderr(), "leakstop: warning: {}", escaped(&told))?;
            }
        }
    }
    if added.is_empty() {
        writeln!(anstream::stdout(), "{}: good; it adds no rule", path.display())?;
        return Ok(ExitStatus::Clean);
    }
    let ids: Vec<String> = added.iter().map(|entry| entry.id.clone()).collect();
    let set = RuleSet::new(&Selection {
        only: ids.clone(),
        added: added.clone(),
        ..Selection::default()
    })?;
    for rule in set.rules() {
        let keyless = Sampler::new(rule).map_or(0, |sampler| sampler.keyless(DRAWN));
        if keyless > 0 {
            let told = format!(
                "rule {}: keywords: none stands in {keyless} of {DRAWN} texts that the pattern matches; the rule does not see those",
                rule.spec().id
            );
            writeln!(io::stderr(), "leakstop: warning: {}", escaped(&told))?;
        }
    }
    run(&ids, &added, args.samples)
}

/// The configuration of the repository.
fn default() -> Result<PathBuf> {
    Ok(Place::here()?.top().join(CONFIG))
}

/// The rules in a configuration or a rule file.
fn read(path: &Path) -> Result<Vec<RuleEntry>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let table: toml::Table = config::parse(path, &text)?;
    if table.contains_key("provider") {
        let file: RuleFile = config::parse(path, &text)?;
        each(path, &file.rules)?;
        return Ok(file.rules);
    }
    let config = Config::parse(path, &text)?;
    each(path, &config.rule)?;
    settings::sound(&config).with_context(|| path.display().to_string())?;
    Ok(config.rule)
}

/// Checks every rule by itself, so that all that is wrong is told at once.
fn each(path: &Path, entries: &[RuleEntry]) -> Result<()> {
    let mut faults: Vec<String> = Vec::new();
    let mut ids = BTreeSet::new();
    for entry in entries {
        if !ids.insert(&entry.id) {
            faults.push(format!("rule {}: id: used twice", entry.id));
        }
        faults.extend(rules::check(entry).err().map(|fault| fault.to_string()));
    }
    if !faults.is_empty() {
        bail!("{}: {}", path.display(), faults.join("\n"));
    }
    Ok(())
}

/// Tries the rules called `ids` among all rules.
fn run(ids: &[String], added: &[RuleEntry], samples: usize) -> Result<ExitStatus> {
    let set = RuleSet::new(&Selection { added: added.to_vec(), ..Selection::default() })?;
    let detector = Detector::new(set, Confidence::Possible);
    let trial = Trial::new(&detector);
    let wanted: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    let numbers: Vec<u16> = (0..)
        .zip(detector.rules().rules())
        .filter_map(|(number, rule)| wanted.contains(&*rule.spec().id).then_some(number))
        .collect();
    let records: Vec<Record> = numbers
        .par_iter()
        .map(|&number| {
            let mut record = trial.samples(number, samples);
            let id = &detector.rules().rules()[usize::from(number)].spec().id;
            let entry = added.iter().find(|entry| entry.id == **id);
            let examples = entry.map(|entry| trial.examples(number, entry));
            record.faults.splice(..0, examples.unwrap_or_default());
            record
        })
        .collect();
    tell(&detector, &numbers, &records)
}

/// Prints what went wrong, and the sum.
fn tell(detector: &Detector, numbers: &[u16], records: &[Record]) -> Result<ExitStatus> {
    let mut out = io::BufWriter::new(anstream::stdout());
    let (mut failed, mut untried) = (0, 0);
    for (&number, record) in numbers.iter().zip(records) {
        let spec = detector.rules().rules()[usize::from(number)].spec();
        for fault in &record.faults {
            writeln!(out, "{}: {fault}", spec.id)?;
        }
        failed += usize::from(!record.faults.is_empty());
        untried += usize::from(!matches!(spec.engine, Engine::Pattern | Engine::Family));
    }
    let instances: usize = records.iter().map(|record| record.instances).sum();
    let misses: usize = records.iter().map(|record| record.misses).sum();
    write!(
        out,
        "{}, {instances} made-up credentials, {misses} near misses: ",
        count(numbers.len(), "rule", "rules")
    )?;
    match failed {
        0 => writeln!(out, "all good")?,
        _ => writeln!(out, "{} failed", count(failed, "rule", "rules"))?,
    }
    if untried > 0 {
        writeln!(
            out,
            "{untried} of them read names, quoted strings or whole files; nothing is made up for those"
        )?;
    }
    out.flush()?;
    Ok(if failed == 0 { ExitStatus::Clean } else { ExitStatus::Found })
}
