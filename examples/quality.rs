//! Measures generic detection on labelled lines, and writes down candidates to train the model with.
//!
//! ```text
//! cargo run --release --example quality -- LABELLED.jsonl.gz [--dump FILE]
//! cargo run --release --example quality -- --tree FOLDER --dump FILE
//! ```
//!
//! In: JSON lines with `label` (`T`, `F`, `X`), `category`, `value`, `repo`, `path`, `before`, `text`, `after`; or a
//! folder of code. Each snippet goes through the whole pipeline as a file of its path. Out: precision and recall
//! by category at the default confidence; with `--dump`, tab-separated lines for the training script. A
//! candidate's: record, repository, whether it stands on labelled lines, whether it is the labelled value,
//! whether a vendor's rule takes it, the value, the features. A record's own, before its candidates': record,
//! repository, nothing, label, whether a vendor's rule finds it, category.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use clap::Parser;
use leakstop::detect::generic::{self, Candidate, Feature};
use leakstop::detect::kind::Kind;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::{Confidence, Engine};
use leakstop::detect::{Detector, generic::Features};
use leakstop::scan::{Reading, Scanner};
use leakstop::source::{Blob, Content, Origin, Visitor};
use leakstop::verdict::finding::Sighting;
use leakstop::verdict::policy::Policy;
use serde::Deserialize;
use sirocco::Format;
use sirocco::inflate::Reader;

/// What is measured.
#[derive(Parser)]
struct Arguments {
    /// Labelled lines, as JSON lines, packed with gzip or not
    labelled: Option<PathBuf>,
    /// A folder of code that holds no credentials
    #[arg(long, conflicts_with = "labelled", requires = "dump")]
    tree: Option<PathBuf>,
    /// Write the candidates and their features to FILE
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

/// One labelled place.
#[derive(Deserialize)]
struct Record {
    repo: String,
    path: String,
    label: String,
    category: String,
    value: Option<String>,
    before: Vec<String>,
    text: Vec<String>,
    after: Vec<String>,
}

impl Record {
    fn snippet(&self) -> String {
        let lines = [&self.before, &self.text, &self.after].into_iter().flatten();
        lines.flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// First and last labelled line.
    fn lines(&self) -> (usize, usize) {
        (self.before.len() + 1, self.before.len() + self.text.len())
    }

    /// Whether `found` on these lines is what the label speaks of.
    fn is_meant(&self, first: usize, last: usize, found: &[u8]) -> bool {
        let (start, end) = self.lines();
        let value = self.value.as_deref().unwrap_or_default().as_bytes();
        let within = |a: &[u8], b: &[u8]| memchr::memmem::find(a, b).is_some();
        first <= end && last >= start && (within(value, found) || within(found, value))
    }
}

/// Counts of one category.
#[derive(Clone, Copy, Default)]
struct Tally {
    right: u32,
    wrong: u32,
    missed: u32,
}

impl Tally {
    fn add(&mut self, is_true: bool, hit: bool) {
        match (is_true, hit) {
            (true, true) => self.right += 1,
            (true, false) => self.missed += 1,
            (false, true) => self.wrong += 1,
            (false, false) => {}
        }
    }

    fn line(self, name: &str) -> String {
        let Self { right, wrong, missed } = self;
        let share = |of: u32| f64::from(right) / f64::from((right + of).max(1));
        let (precision, recall) = (share(wrong), share(missed));
        let mean = 2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE);
        format!("{name:<34} {precision:5.3} {recall:5.3} {mean:5.3} {right:6} {wrong:6} {missed:6}")
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let detector = Detector::new(RuleSet::new(&Selection::default())?, Confidence::Possible);
    let mut dump = arguments.dump.as_deref().map(Dump::create).transpose()?;
    match (&arguments.labelled, &arguments.tree, &mut dump) {
        (Some(file), _, dump) => labelled(file, &detector, dump.as_mut()),
        (None, Some(folder), Some(dump)) => tree(folder, &detector, dump),
        _ => bail!("name labelled lines, or a folder with --tree"),
    }
}

/// Measures labelled lines.
fn labelled(file: &Path, detector: &Detector, mut dump: Option<&mut Dump>) -> Result<()> {
    let mut likely: BTreeMap<String, Tally> = BTreeMap::new();
    let mut possible = Tally::default();
    for (number, line) in read(file)?.lines().enumerate() {
        let record: Record =
            serde_json::from_str(line).with_context(|| format!("line {}", number + 1))?;
        let found = scan(detector, &record)?;
        let hit = |least: Confidence| {
            found.iter().any(|s| {
                let (first, last) = (s.place.start.line, s.place.end.line);
                s.confidence >= least
                    && s.verdict.is_open()
                    && record.is_meant(first, last, s.secret.reveal())
            })
        };
        if let Some(dump) = &mut dump {
            dump.record(number, &record, detector, &found)?;
        }
        // A third of the labels are bare identifiers.
        if record.category != "UUID" {
            let is_true = record.label == "T";
            let hits = hit(Confidence::Likely);
            likely.entry(record.category.clone()).or_default().add(is_true, hits);
            possible.add(is_true, hit(Confidence::Possible));
        }
    }
    let mut all = Tally::default();
    for tally in likely.values() {
        all.right += tally.right;
        all.wrong += tally.wrong;
        all.missed += tally.missed;
    }
    let mut rows: Vec<_> = likely.into_iter().collect();
    rows.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.right + tally.missed + tally.wrong));
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{:<34} {:>5} {:>5} {:>5} {:>6} {:>6} {:>6}",
        "category", "P", "R", "F1", "right", "wrong", "missed"
    )?;
    writeln!(out, "{}", all.line("all, but for UUID"))?;
    writeln!(out, "{}", possible.line("all, if possible counts"))?;
    for (category, tally) in rows {
        writeln!(out, "{}", tally.line(&category))?;
    }
    Ok(())
}

/// A text file, packed or not.
fn read(file: &Path) -> Result<String> {
    let open = || File::open(file).with_context(|| file.display().to_string());
    let mut text = String::new();
    if file.extension().is_some_and(|ending| ending == "gz") {
        Reader::new(Format::Gzip, BufReader::new(open()?)).read_to_string(&mut text)?;
    } else {
        open()?.read_to_string(&mut text)?;
    }
    Ok(text)
}

/// What the pipeline finds in a record's snippet.
fn scan(detector: &Detector, record: &Record) -> Result<Vec<Sighting>> {
    let policy = Policy::new(Confidence::Possible, &[], None)?;
    let stop = AtomicBool::new(false);
    let scanner = Scanner::new(detector, &policy, &stop, Reading::default());
    let origin = Origin { path: Some(record.path.as_str().into()), ..Origin::default() };
    let snippet = record.snippet();
    scanner.blob(Blob { origin, content: Content::Bytes(snippet.as_bytes()), before: None });
    Ok(scanner.finish().sightings)
}

/// Writes down the candidates of a folder.
fn tree(folder: &Path, detector: &Detector, dump: &mut Dump) -> Result<()> {
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(path) = waiting.pop() {
        let kind = fs::symlink_metadata(&path)?.file_type();
        if kind.is_dir() {
            let entries = fs::read_dir(&path)?.map(|entry| Ok(entry?.path()));
            waiting.extend(entries.collect::<io::Result<Vec<_>>>()?);
        } else if kind.is_file() {
            let bytes = fs::read(&path)?;
            let name = path.strip_prefix(folder)?.to_string_lossy();
            for candidate in candidates(detector, &bytes, &name) {
                let value = String::from_utf8_lossy(&bytes[candidate.value.range()]);
                let line = 1 + memchr::memchr_iter(b'\n', &bytes[..candidate.value.start]).count();
                let place = format!("{name}:{line}");
                let features = features(&candidate, &name);
                dump.line(&[&place, "", "1", "0", "0"], &value, features.bytes())?;
            }
        }
    }
    Ok(())
}

/// Every candidate of the text at `path`, whatever its score, but for those that the path rules out.
fn candidates(detector: &Detector, text: &[u8], path: &str) -> Vec<Candidate> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    if Kind::of(Some(path.as_bytes())) == Kind::Noise {
        return found;
    }
    let rules = detector.rules();
    rules.prefilter().each(text, |hit| {
        for &number in rules.called_by(hit.keyword) {
            let spec = rules.rules()[usize::from(number)].spec();
            if spec.engine != Engine::Assignment {
                continue;
            }
            let start = hit.at.saturating_sub(spec.before);
            let window = &text[start..text.len().min(hit.at + spec.after)];
            let name = generic::name(window, hit.at - start);
            for mut candidate in generic::read(window, name) {
                candidate.value.start += start;
                candidate.value.end += start;
                let judged = candidate.shape.score_at(Some(path.as_bytes())).is_some();
                if judged && seen.insert(candidate.value) {
                    found.push(candidate);
                }
            }
        }
    });
    found
}

fn features(candidate: &Candidate, path: &str) -> Features {
    let path = Some(path.as_bytes());
    candidate.shape.features.at(path, candidate.shape.kind(path))
}

/// Where candidates are written.
struct Dump(BufWriter<File>);

impl Dump {
    fn create(file: &Path) -> Result<Self> {
        let mut out =
            BufWriter::new(File::create(file).with_context(|| file.display().to_string())?);
        write!(out, "record\trepo\tlines\tmeant\tvendor\tvalue")?;
        for feature in Feature::ALL {
            write!(out, "\t{}", feature.name())?;
        }
        writeln!(out)?;
        Ok(Self(out))
    }

    /// The record itself, with what vendors' rules find, and its candidates.
    fn record(
        &mut self,
        number: usize,
        record: &Record,
        detector: &Detector,
        found: &[Sighting],
    ) -> Result<()> {
        let flag = |is: bool| if is { "1" } else { "0" };
        let vendor = |s: &&Sighting| !s.generic && s.confidence >= Confidence::Likely;
        let vendor: Vec<&Sighting> = found.iter().filter(vendor).collect();
        let hit = vendor
            .iter()
            .any(|s| record.is_meant(s.place.start.line, s.place.end.line, s.secret.reveal()));
        let number = number.to_string();
        self.line(&[&number, &record.repo, "", &record.label, flag(hit)], &record.category, &[])?;
        let snippet = record.snippet();
        let text = snippet.as_bytes();
        let (start, end) = record.lines();
        for candidate in candidates(detector, text, &record.path) {
            let value = &text[candidate.value.range()];
            let line = 1 + memchr::memchr_iter(b'\n', &text[..candidate.value.start]).count();
            let within = flag((start..=end).contains(&line));
            let meant = flag(record.is_meant(line, line, value));
            let taken =
                vendor.iter().any(|s| memchr::memmem::find(s.secret.reveal(), value).is_some());
            let head = [&number, &record.repo, within, meant, flag(taken)];
            let value = String::from_utf8_lossy(value);
            self.line(&head, &value, features(&candidate, &record.path).bytes())?;
        }
        Ok(())
    }

    fn line(&mut self, head: &[&str; 5], value: &str, features: &[u8]) -> Result<()> {
        let value = value.replace(['\t', '\r', '\n'], " ");
        write!(self.0, "{}\t{value}", head.join("\t"))?;
        for byte in features {
            write!(self.0, "\t{byte}")?;
        }
        writeln!(self.0)?;
        Ok(())
    }
}
