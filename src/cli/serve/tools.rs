//! The tools that an agent may call.
//!
//! In: a tool's name and its arguments. Out: its result: a report as JSON, or what is wrong. Files are read below one
//! folder only, that of the repository the server was started in; nothing is written, started or connected to.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::cli::args::{ExplainArgs, ExplainFormat, Sought, Telling};
use crate::cli::explain;
use crate::cli::settings::Place;
use crate::engine::settings::Wishes;
use crate::engine::{Report, Scanner, Scope};

/// Of more findings the first are told: a model reads them all.
const MOST: usize = 100;

/// A tool.
pub(super) struct Tool {
    pub(super) name: &'static str,
    title: &'static str,
    description: &'static str,
    /// Its arguments: name, what it is, whether it must be given.
    arguments: &'static [(&'static str, &'static str, bool)],
}

/// All tools.
pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "scan_text",
        title: "Scan a text for secrets",
        description: "Says whether a text holds secrets, and where. Use it before you write, send or run the text.",
        arguments: &[
            ("text", "The text", true),
            ("path", "The path it is meant for; it tells the kind of file, and is not read", false),
        ],
    },
    Tool {
        name: "scan_path",
        title: "Scan a file or folder for secrets",
        description: "Scans a file, or all files of a folder that git does not ignore, inside the repository.",
        arguments: &[("path", "Absolute, or from the folder the server was started in", true)],
    },
    Tool {
        name: "scan_staged",
        title: "Scan what the next commit adds",
        description: "Scans the index against HEAD: what git commit would record. Use it before each commit.",
        arguments: &[],
    },
    Tool {
        name: "explain",
        title: "Explain a finding, a rule or a line",
        description: "Tells what a rule looks for, what a finding's credential opens and how to rotate it, or why a \
                      line is or is not reported.",
        arguments: &[("what", "A fingerprint (8 digits do), a rule's id, or PATH:LINE", true)],
    },
];

impl Tool {
    /// The tool as `tools/list` names it.
    pub(super) fn told(&self) -> Value {
        let one = |(name, what, _): &(&str, &str, bool)| {
            ((*name).to_owned(), json!({ "type": "string", "description": what }))
        };
        let needed = self.arguments.iter().filter(|(.., needed)| *needed).map(|(name, ..)| name);
        json!({
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": {
                "type": "object",
                "properties": self.arguments.iter().map(one).collect::<serde_json::Map<_, _>>(),
                "required": needed.collect::<Vec<_>>(),
                "additionalProperties": false,
            },
            "annotations": {
                "readOnlyHint": true,
                "destructiveHint": false,
                "idempotentHint": true,
                "openWorldHint": false,
            },
        })
    }

    /// What is wrong with the arguments.
    fn check(&self, given: &Value) -> Result<()> {
        let names = || self.arguments.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
        let fields = match given {
            Value::Null => &serde_json::Map::new(),
            Value::Object(fields) => fields,
            _ => bail!("arguments are an object of: {}", names()),
        };
        if fields.keys().any(|key| !self.arguments.iter().any(|(name, ..)| name == key)) {
            bail!("an argument is not known; there are: {}", names());
        }
        for (name, _, needed) in self.arguments {
            match fields.get(*name) {
                Some(Value::String(_)) => {}
                None if !needed => {}
                _ => bail!("{name} must be given, as a string"),
            }
        }
        Ok(())
    }
}

/// Where the tools work.
pub(super) struct Desk<'d> {
    place: &'d Place,
    sought: &'d Sought,
    wishes: Wishes,
    /// What may be read lies below it.
    root: PathBuf,
}

impl<'d> Desk<'d> {
    pub(super) fn new(place: &'d Place, sought: &'d Sought) -> Result<Self> {
        let root = place.top().canonicalize().context("the folder cannot be read")?;
        Ok(Self { place, sought, wishes: sought.wishes(), root })
    }

    /// Runs a tool. Settings and baseline are read anew, since people edit them while the server runs.
    pub(super) fn call(&self, name: &str, arguments: &Value, stop: &Arc<AtomicBool>) -> Value {
        match self.run(name, arguments, stop) {
            Ok(content) => {
                let text = content.to_string();
                let content_list = json!([{ "type": "text", "text": text }]);
                json!({ "content": content_list, "structuredContent": content, "isError": false })
            }
            Err(fault) => {
                let told = crate::cli::masked(&format!("{fault:#}"));
                json!({ "content": [{ "type": "text", "text": told }], "isError": true })
            }
        }
    }

    fn run(&self, name: &str, arguments: &Value, stop: &Arc<AtomicBool>) -> Result<Value> {
        let tool = TOOLS.iter().find(|tool| tool.name == name).context("there is no such tool")?;
        tool.check(arguments)?;
        let text = |name: &str| arguments[name].as_str();
        if name == "explain" {
            return self.explain(text("what").unwrap_or_default(), stop);
        }
        let scanner = Scanner::at(self.place, &self.wishes)?.until(Arc::clone(stop));
        let report = match name {
            "scan_text" => {
                let name = text("path").map(|path| self.below(path));
                scanner.scan_bytes(text("text").unwrap_or_default().as_bytes(), name.as_deref())
            }
            "scan_path" => {
                let path = Path::new(text("path").unwrap_or_default());
                scanner.scan_path(self.inside(path)?)?
            }
            _ => scanner.scan_repo(&self.place.folder, Scope::Staged)?,
        };
        told(&report)
    }

    /// A path as reports name it, if it lies below the root.
    fn below(&self, path: &str) -> String {
        let whole = self.place.folder.join(path);
        let below = whole.strip_prefix(&self.root).unwrap_or(Path::new(path));
        below.to_string_lossy().replace('\\', "/")
    }

    /// The file or folder that a path leads to, links followed.
    ///
    /// # Errors
    /// It is not there, or lies outside the root.
    fn inside(&self, path: &Path) -> Result<PathBuf> {
        let real = self.place.folder.join(path).canonicalize();
        match real {
            Ok(real) if real.starts_with(&self.root) => Ok(real),
            // Whether there is such a file elsewhere is nobody's business.
            _ => bail!("there is no such path below {}", self.root.display()),
        }
    }

    fn explain(&self, what: &str, stop: &Arc<AtomicBool>) -> Result<Value> {
        let (baseline, source) = (self.sought.baseline.clone(), self.sought.source.clone());
        let telling = Telling { format: ExplainFormat::Json, source };
        let stop = Some(Arc::clone(stop));
        let args = ExplainArgs { stop, what: what.to_owned(), baseline, no_ignore: false, telling };
        let mut out = Vec::new();
        explain::tell(&args, &|path| self.inside(path).map(drop), &mut out)?;
        Ok(serde_json::from_slice(&out)?)
    }
}

/// A report as JSON, cut to what a model can take in.
fn told(report: &Report) -> Result<Value> {
    let mut document = report.document();
    let count = document.findings.len();
    document.findings.truncate(MOST);
    let mut told = serde_json::to_value(&document)?;
    told["clean"] = report.is_clean().into();
    if count > MOST {
        told["left_out"] = (count - MOST).into();
    }
    Ok(told)
}
