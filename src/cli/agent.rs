//! `leakstop hook agent`: what a coding agent is about to write, run or send.
//!
//! In: the agent's event as JSON on standard input. Out: exit code 0, or 2 with the reason on standard error, which is
//! how these agents are told to leave it. An event that cannot be read is not let through either.

use std::collections::BTreeSet;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::args::Sought;
use super::settings::Place;
use crate::engine::{Report, Scanner};
use crate::report::{ExitStatus, escaped};

/// A longer event is not let through.
const LONGEST: u64 = 64 << 20;
/// A larger file is not compared with what is written over it.
const LARGEST: u64 = 16 << 20;

/// Keys of what stands there already or only names something.
const KNOWN: &[&str] = &[
    "old_string",
    "old_str",
    "old_source",
    "session_id",
    "transcript_path",
    "cwd",
    "hook_event_name",
    "permission_mode",
    "tool_name",
    "toolName",
    "tool_use_id",
    "timestamp",
];
/// Keys of the file that is meant.
const PATHS: &[&str] = &["file_path", "notebook_path", "path", "filePath"];
/// Tools that hand a file to the model.
const READERS: &[&str] = &["Read", "read_file", "view"];

/// Judges the event on standard input.
pub(super) fn run(sought: &Sought) -> Result<ExitStatus> {
    let mut text = Vec::new();
    io::stdin().lock().take(LONGEST).read_to_end(&mut text).context("standard input")?;
    if text.len() as u64 == LONGEST {
        bail!("the event is longer than {} MiB; it is not let through", LONGEST >> 20);
    }
    let event: Value = serde_json::from_slice(&text).map_err(|_| {
        anyhow::anyhow!("the event is no JSON, or nested too deep; it is not let through")
    })?;
    let Value::Object(_) = event else {
        bail!("the event is no JSON object; it is not let through")
    };
    let place = match event["cwd"].as_str().map(PathBuf::from).filter(|folder| folder.is_dir()) {
        Some(folder) => Place::at(folder),
        None => Place::here()?,
    };
    let scanner = Scanner::at(&place, &sought.wishes())?;
    let found = Event::new(&event, &place).judge(&scanner);
    if found.is_empty() {
        return Ok(ExitStatus::Clean);
    }
    let names = ["tool_name", "toolName", "hook_event_name"];
    let tool = names.iter().find_map(|name| event[*name].as_str()).unwrap_or("the agent");
    let mut out = io::stderr().lock();
    let (count, s) = (found.len(), if found.len() == 1 { "" } else { "s" });
    writeln!(out, "leakstop: blocked: {count} secret{s} in what {} would use", escaped(tool))?;
    for line in &found {
        writeln!(out, "  {}", escaped(line))?;
    }
    writeln!(
        out,
        "Do not try it in another form. Refer to the secret instead, by an environment variable or a secret store, \
         and tell the user what was found."
    )?;
    // These agents take 2 for no.
    Ok(ExitStatus::Incomplete)
}

/// What an event would bring into the world.
struct Event<'e> {
    /// Each text with its key.
    texts: Vec<(&'e str, &'e str)>,
    /// What stands there already.
    known: Vec<Vec<u8>>,
    /// The file's path below the root.
    path: Option<String>,
    /// The content that a model would be shown.
    shown: Option<Vec<u8>>,
}

impl<'e> Event<'e> {
    fn new(event: &'e Value, place: &Place) -> Self {
        let (mut texts, mut known, mut file) = (Vec::new(), Vec::new(), None);
        let mut todo: Vec<(&str, &Value)> = vec![("", event)];
        while let Some((key, value)) = todo.pop() {
            match value {
                Value::Object(fields) => {
                    todo.extend(fields.iter().map(|(key, value)| (&**key, value)));
                }
                Value::Array(items) => todo.extend(items.iter().map(|item| (key, item))),
                Value::String(text) if key.starts_with("old_") => {
                    known.push(text.clone().into_bytes());
                }
                Value::String(text) => {
                    if PATHS.contains(&key) {
                        file = file.or(Some(text));
                    }
                    if !KNOWN.contains(&key) {
                        texts.push((key, &**text));
                    }
                }
                _ => {}
            }
        }
        let whole = file.map(|path| place.folder.join(path));
        let content = whole.as_deref().and_then(content);
        let tool = event["tool_name"].as_str().or(event["toolName"].as_str()).unwrap_or_default();
        let reads = READERS.contains(&tool);
        known.extend(content.clone().filter(|_| !reads));
        let path = whole.map(|path| {
            let below = path.strip_prefix(place.top()).unwrap_or(&path);
            below.to_string_lossy().replace('\\', "/")
        });
        Self { texts, known, path, shown: content.filter(|_| reads) }
    }

    /// A line for each secret that is new, each once.
    fn judge(&self, scanner: &Scanner) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut told = Vec::new();
        for (key, text) in &self.texts {
            let name = match *key {
                "command" | "cmd" | "script" => Some("command.sh"),
                key if PATHS.contains(&key) => None,
                _ => self.path.as_deref(),
            };
            self.tell(&scanner.scan_bytes(text.as_bytes(), name), (&mut seen, &mut told), key);
            // A word by itself may be a password by its name alone.
            if !text.contains(char::is_whitespace) {
                let pair = serde_json::json!({ *key: text }).to_string();
                self.tell(&scanner.scan_bytes(pair.as_bytes(), None), (&mut seen, &mut told), key);
            }
        }
        if let Some(shown) = &self.shown {
            let report = scanner.scan_bytes(shown, self.path.as_deref());
            self.tell(&report, (&mut seen, &mut told), "content");
        }
        told
    }

    fn tell(
        &self,
        report: &Report,
        (seen, told): (&mut BTreeSet<Vec<u8>>, &mut Vec<String>),
        key: &str,
    ) {
        for (entry, secret) in report.findings().iter().zip(report.secrets()) {
            let old = self.known.iter().any(|text| memchr::memmem::find(text, secret).is_some());
            if old || !seen.insert(secret.to_vec()) {
                continue;
            }
            let file = if entry.place.path.is_empty() { key } else { &*entry.place.path };
            told.push(format!(
                "{file}:{} {} {} ({}, {})",
                entry.place.start_line,
                entry.rule_name,
                entry.redacted,
                entry.confidence.name(),
                entry.severity
            ));
        }
    }
}

/// The content of a regular file that is not too large.
fn content(path: &Path) -> Option<Vec<u8>> {
    let about = std::fs::metadata(path).ok()?;
    (about.is_file() && about.len() <= LARGEST).then(|| std::fs::read(path).ok())?
}
