//! `leakstop migrate`: takes over what was set up for other scanners.
//!
//! In: their settings, ignore files, rules, baselines and hooks, at the repository root or as named. Out: a
//! `.leakstop.toml`, entries of the baseline, a changed `.pre-commit-config.yaml`, each written in one step; and on
//! standard output what became of each file, and of every line that could not be carried over. Their files stay.
//! The exit status is 2 where something was not carried over.

mod accepted;
mod draft;
mod gitleaks;
mod hooks;
mod kingfisher;
mod names;
mod node;
mod pattern;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use self::accepted::Accepted;
use self::draft::Draft;
use self::hooks::Replaced;
use self::node::{Broken, Node};
use super::args::{BaselineArgs, Common, MigrateArgs, ScanArgs};
use super::baseline::Present;
use super::settings::{BASELINE, Place};
use crate::detect::rules::{RuleSet, Selection};
use crate::engine::config::CONFIG;
use crate::report::{ExitStatus, count, escaped};
use crate::verdict::baseline::{Baseline, Note, replace};

/// Files that other scanners read by themselves.
const NAMES: &[&str] = &[
    ".betterleaks.toml",
    ".gitleaks.toml",
    ".betterleaksignore",
    ".gitleaksignore",
    ".ripsecretsignore",
    ".secretsignore",
    HOOKS,
    BASELINE,
];
const HOOKS: &str = ".pre-commit-config.yaml";
/// Parts of the names that people give to reports and rules of other scanners.
const TOOLS: &[&str] = &["gitleaks", "betterleaks", "kingfisher"];
/// A larger file is no settings file, nor a report that a person has looked at.
const LIMIT: u64 = 64 << 20;

/// Runs the command.
pub(super) fn run(args: &MigrateArgs) -> Result<ExitStatus> {
    let place = Place::here()?;
    let top = place.top();
    let files = if args.files.is_empty() { found(top)? } else { args.files.clone() };
    let target = args.output.clone().unwrap_or_else(|| top.join(CONFIG));
    let mut plan = Plan::new(top)?;
    for file in &files {
        plan.take(file);
    }
    plan.draft.settle();
    let text = if plan.draft.is_empty() { None } else { Some(plan.draft.text(&plan.sources)?) };
    if text.is_some() && !args.dry_run && target.exists() {
        let path = target.display();
        bail!(
            "{path}: there is one already; --output FILE writes beside it, --dry-run shows what there is to add"
        );
    }
    let baseline = plan.accept(&place, text.as_deref())?;
    let mut out = anstream::stdout();
    if args.dry_run {
        if let Some(text) = &text {
            write!(out, "{}", escaped_lines(text))?;
        }
    } else {
        if let Some(text) = &text {
            replace(&target, text.as_bytes())?;
        }
        if let Some(baseline) = &baseline {
            baseline.save(&top.join(BASELINE))?;
        }
        if let Some((path, replaced)) = &plan.hooks {
            replace(path, replaced.text.as_bytes())?;
        }
    }
    plan.tell(&mut out, if text.is_some() { Some(&target) } else { None })?;
    let lost = plan.draft.remarks.iter().any(|remark| remark.lost);
    Ok(if lost { ExitStatus::Incomplete } else { ExitStatus::Clean })
}

/// A door for the fuzz targets: reads the text of a file of this name, and writes the settings made of it.
pub(super) fn probe(name: &str, text: &str) {
    let Ok(mut plan) = Plan::new(Path::new("no such folder")) else { return };
    if plan.read(Path::new(name), name, text).is_ok() {
        plan.draft.settle();
        let _ = plan.draft.text(&plan.sources);
    }
}

/// Files of other scanners at the top of the repository.
fn found(top: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        NAMES.iter().map(|name| top.join(name)).filter(|path| path.is_file()).collect();
    let mut others = Vec::new();
    for entry in top.read_dir().with_context(|| top.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
        let theirs = TOOLS.iter().any(|tool| name.contains(tool));
        if theirs && matches!(kind, "json" | "yaml" | "yml") && path.is_file() {
            others.push(path);
        }
    }
    others.sort();
    files.append(&mut others);
    Ok(files)
}

/// A text for a terminal.
fn escaped_lines(text: &str) -> String {
    text.lines().map(|line| escaped(line) + "\n").collect()
}

/// What will be done.
struct Plan<'t> {
    top: &'t Path,
    rules: RuleSet,
    draft: Draft,
    accepted: Vec<Accepted>,
    /// How many findings each of `accepted` was found to be.
    met: Vec<usize>,
    hooks: Option<(PathBuf, Replaced)>,
    /// Names of the files that settings came from.
    sources: Vec<String>,
    /// What became of each file.
    told: Vec<String>,
}

impl<'t> Plan<'t> {
    fn new(top: &'t Path) -> Result<Self> {
        let rules = RuleSet::new(&Selection::default())?;
        Ok(Self {
            top,
            rules,
            draft: Draft::default(),
            accepted: Vec::new(),
            met: Vec::new(),
            hooks: None,
            sources: Vec::new(),
            told: Vec::new(),
        })
    }

    /// Reads one file. What is wrong with it is told, and the others are read all the same.
    fn take(&mut self, path: &Path) {
        let name = path.strip_prefix(self.top).unwrap_or(path).display().to_string();
        let before = (
            self.draft.rule.len(),
            self.draft.allow.len(),
            self.draft.exclude.len(),
            self.draft.disable.len(),
        );
        let entries = self.accepted.len();
        let read = text(path).and_then(|text| self.read(path, &name, &text));
        if let Err(Broken { line, what }) = read {
            self.draft.lose((&name, line), what);
        }
        let Draft { rule, allow, exclude, disable, .. } = &self.draft;
        let counts = [
            (rule.len() - before.0, "rule", "rules"),
            (allow.len() - before.1, "exception", "exceptions"),
            (exclude.len() - before.2, "excluded path", "excluded paths"),
            (disable.len() - before.3, "disabled rule", "disabled rules"),
            (self.accepted.len() - entries, "accepted find", "accepted finds"),
        ];
        if counts[..4].iter().any(|(count, ..)| *count > 0) {
            self.sources.push(name.clone());
        }
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(number, one, many)| count(*number, one, many))
            .collect();
        if !parts.is_empty() {
            self.told.push(format!("{name}: {}", parts.join(", ")));
        }
    }

    fn read(&mut self, path: &Path, name: &str, text: &str) -> Result<(), Broken> {
        let Self { draft, rules, .. } = self;
        let is_ours = |id: &str| rules.named(id).is_ok();
        let mut new = match &*path.file_name().unwrap_or_default().to_string_lossy() {
            ".gitleaksignore" => accepted::gitleaks(draft, name, text),
            ".betterleaksignore" => accepted::betterleaks(draft, name, text),
            ".secretsignore" | ".ripsecretsignore" => accepted::ripsecrets(draft, name, text),
            HOOKS => {
                self.hooks(path, name, text);
                Vec::new()
            }
            BASELINE => {
                let read = Baseline::parse(text.as_bytes());
                let read = read.map_err(|fault| Broken { line: 0, what: fault.to_string() })?;
                self.told.push(format!("{name}: {} entries, honoured as it is", read.len()));
                Vec::new()
            }
            _ => match &*path.extension().unwrap_or_default().to_string_lossy() {
                "json" => accepted::report(name, text)?,
                "yaml" | "yml" => {
                    let root = Node::yaml(text)?;
                    if root.get("rules").or(root.get("repositories")).is_none() {
                        let what = "neither rules nor a baseline of kingfisher".to_owned();
                        return Err(Broken { line: 0, what });
                    }
                    kingfisher::read(draft, name, &root, &is_ours);
                    accepted::kingfisher(name, &root)
                }
                _ => {
                    let folder = self.top;
                    gitleaks::Reader { draft, folder, is_ours: &is_ours }.read(name, text)?;
                    Vec::new()
                }
            },
        };
        self.accepted.append(&mut new);
        Ok(())
    }

    fn hooks(&mut self, path: &Path, name: &str, text: &str) {
        let Some(replaced) = hooks::replace(text) else { return };
        for (line, address) in &replaced.theirs {
            self.told.push(format!("{name}: line {line}: leakstop's hook instead of {address}"));
        }
        for (line, setting) in &replaced.lost {
            let told = format!(
                "`{setting}` of the hook that is replaced; see `exclude` in .leakstop.toml"
            );
            self.draft.lose((name, *line), told);
        }
        self.hooks = Some((path.to_path_buf(), replaced));
    }

    /// Looks for what was accepted elsewhere, with the settings in `config`, and puts what is found into the baseline.
    fn accept(&mut self, place: &Place, config: Option<&str>) -> Result<Option<Baseline>> {
        self.met = vec![0; self.accepted.len()];
        if self.accepted.is_empty() {
            return Ok(None);
        }
        let settings = match config {
            None => None,
            Some(text) => {
                let mut file = tempfile::NamedTempFile::new()?;
                file.write_all(text.as_bytes())?;
                Some(file)
            }
        };
        let path = self.top.join(BASELINE);
        let mut baseline = if path.exists() { Baseline::load(&path)? } else { Baseline::new()? };
        let scans = if self.accepted.iter().any(Accepted::in_history) && place.root.is_some() {
            &[false, true][..]
        } else {
            &[false]
        };
        for &history in scans {
            let common = Common {
                config: settings.as_ref().map(|file| file.path().to_path_buf()),
                no_baseline: true,
                no_progress: true,
                ..Common::default()
            };
            let paths = vec![self.top.to_path_buf()];
            let scan = ScanArgs { paths, no_ignore: false, recurse_submodules: false, common };
            let args = BaselineArgs { history, scan };
            let present = Present::scan(&args, place)?;
            present.complete()?;
            for finding in
                present.findings.iter().filter(|f| f.verdict.is_open() && f.place.path.is_some())
            {
                let known: Vec<usize> =
                    (0..self.accepted.len()).filter(|&at| self.accepted[at].is(finding)).collect();
                if let Some(&first) = known.first() {
                    let reason = Some(format!("from {}", self.accepted[first].file));
                    baseline.annotate(
                        &present.session.as_found(finding),
                        &Note { reason, ..Note::default() },
                    );
                }
                for at in known {
                    self.met[at] += 1;
                }
            }
        }
        let any = self.met.iter().any(|&count| count > 0);
        Ok(any.then_some(baseline))
    }

    /// Says what was done, and what was not.
    fn tell(&self, out: &mut dyn Write, target: Option<&Path>) -> io::Result<()> {
        if self.told.is_empty() && self.draft.remarks.is_empty() {
            return writeln!(out, "Nothing of another scanner is set up here.");
        }
        for told in &self.told {
            writeln!(out, "{}", escaped(told))?;
        }
        for (accepted, count) in self.accepted.iter().zip(&self.met) {
            if *count == 0 {
                let at = if accepted.line > 0 {
                    format!("line {}: ", accepted.line)
                } else {
                    String::new()
                };
                let told =
                    format!("{}: {at}{}: nothing is found there", accepted.file, accepted.shown());
                writeln!(out, "{}", escaped(&told))?;
            }
        }
        for remark in &self.draft.remarks {
            let at =
                if remark.line > 0 { format!("line {}: ", remark.line) } else { String::new() };
            let lost = if remark.lost { "not carried over: " } else { "" };
            writeln!(out, "{}", escaped(&format!("{}: {at}{lost}{}", remark.file, remark.what)))?;
        }
        if let Some(target) = target {
            writeln!(out, "Settings: {}", escaped(&target.display().to_string()))?;
        }
        let met = self.met.iter().filter(|&&count| count > 0).count();
        if met > 0 {
            writeln!(out, "{BASELINE}: {met} of {} accepted finds", self.met.len())?;
        }
        Ok(())
    }
}

/// The text of a file.
fn text(path: &Path) -> Result<String, Broken> {
    let broken = |what: String| Broken { line: 0, what };
    let about = std::fs::metadata(path).map_err(|cause| broken(cause.to_string()))?;
    if !about.is_file() || about.len() > LIMIT {
        return Err(broken("no regular file of at most 64 MiB".to_owned()));
    }
    std::fs::read_to_string(path).map_err(|cause| broken(cause.to_string()))
}
