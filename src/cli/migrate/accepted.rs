//! What other tools were told to pass over: ignore files and saved reports.
//!
//! In: their text. Out: a list of [`Accepted`], each of which may be found again in a scan of ours. Their fingerprints
//! name places or values, ours a keyed digest, so that only a scan can tell which finding is meant.

use bstr::{BStr, BString, ByteSlice};
use data_encoding::HEXLOWER;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::draft::Draft;
use super::node::{Broken, Node};
use crate::source::ObjectId;
use crate::text::Secret;
use crate::verdict::finding::{Finding, Place};

/// What gitleaks writes in the place of a secret.
const REDACTED: &str = "REDACTED";

/// One find that was accepted.
#[derive(Debug)]
pub(super) struct Accepted {
    /// The file that says so, and on which line; 0 where lines say nothing.
    pub(super) file: String,
    pub(super) line: usize,
    path: Option<BString>,
    /// The line it stands on.
    at: Option<usize>,
    commit: Option<String>,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Unknown,
    Known(Secret),
    Sha256(String),
}

impl Accepted {
    /// Whether it names a commit, so that only a scan of history finds it again.
    pub(super) fn in_history(&self) -> bool {
        self.commit.is_some()
    }

    /// What it names, for people.
    pub(super) fn shown(&self) -> String {
        let path = self.path.as_ref().map_or("a value".into(), ToString::to_string);
        self.at.map_or(path.clone(), |line| format!("{path}:{line}"))
    }

    /// Whether a finding is the one that was accepted.
    pub(super) fn is(&self, finding: &Finding) -> bool {
        let mut places = std::iter::once(&finding.place).chain(&finding.occurrences);
        let known = match &self.value {
            Value::Unknown => false,
            Value::Known(secret) => *secret == finding.secret,
            Value::Sha256(hash) => {
                *hash == HEXLOWER.encode(&Sha256::digest(finding.secret.reveal()))
            }
        };
        if known {
            let own = |path: &BString| finding.place.path.as_ref() == Some(path);
            return self.path.as_ref().is_none_or(own);
        }
        self.path.is_some() && self.at.is_some() && places.any(|place| self.stands_at(place))
    }

    fn stands_at(&self, place: &Place) -> bool {
        let commit = match (&self.commit, &place.commit) {
            (Some(id), Some(facts)) => *id == facts.id.to_string(),
            _ => true,
        };
        commit
            && self.path == place.path
            && self.at.is_some_and(|line| (place.start.line..=place.end.line).contains(&line))
    }
}

/// The lines of an ignore file that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// `.gitleaksignore`: `FILE:RULE:LINE`, or with a commit before it.
pub(super) fn gitleaks(draft: &mut Draft, name: &str, text: &str) -> Vec<Accepted> {
    let mut accepted = Vec::new();
    for (line, entry) in lines(text) {
        let mut parts = entry.rsplitn(3, ':');
        let at = parts.next().and_then(|at| at.parse().ok());
        let (Some(at), Some(_), Some(place)) = (at, parts.next(), parts.next()) else {
            draft.lose((name, line), "no FILE:RULE:LINE");
            continue;
        };
        let (commit, path) = match place.split_once(':') {
            Some((id, path)) if ObjectId::is_written(id.as_bytes()) => {
                (Some(id.to_lowercase()), path)
            }
            _ => (None, place),
        };
        accepted.push(Accepted {
            line,
            commit,
            ..Accepted::of(name, path.replace('\\', "/").as_bytes().as_bstr(), Some(at))
        });
    }
    accepted
}

/// `.betterleaksignore`: SHA-256 hashes of values. Version 1 has gitleaks' form as well.
pub(super) fn betterleaks(draft: &mut Draft, name: &str, text: &str) -> Vec<Accepted> {
    let mut accepted = Vec::new();
    for (line, entry) in lines(text) {
        if entry.len() == 64 && entry.bytes().all(|b| b.is_ascii_hexdigit()) {
            let value = Value::Sha256(entry.to_lowercase());
            accepted.push(Accepted::of_value(name, line, value));
        } else if entry.starts_with("hmac-sha256:") {
            draft.lose((name, line), "a keyed fingerprint; its key is not here");
        } else {
            let mut one = gitleaks(draft, name, entry);
            for one in &mut one {
                one.line = line;
            }
            accepted.append(&mut one);
        }
    }
    accepted
}

/// ripsecrets' ignore file: globs as git's, then values below `[secrets]`.
pub(super) fn ripsecrets(draft: &mut Draft, name: &str, text: &str) -> Vec<Accepted> {
    let mut accepted = Vec::new();
    let mut values = false;
    for (line, entry) in lines(text) {
        if entry == "[secrets]" {
            values = true;
        } else if values {
            let value = Value::Known(Secret::new(entry.as_bytes()));
            accepted.push(Accepted::of_value(name, line, value));
        } else if entry.starts_with('!') {
            draft.lose((name, line), "a path that is scanned after all");
        } else {
            let path = entry.trim_end_matches('/');
            let glob = match path.strip_prefix('/') {
                Some(path) => path.to_owned(),
                None if path.contains('/') => path.to_owned(),
                None => format!("**/{path}"),
            };
            draft.exclude.extend([format!("{glob}/**"), glob]);
        }
    }
    accepted
}

impl Accepted {
    fn of_value(file: &str, line: usize, value: Value) -> Self {
        Self { file: file.to_owned(), line, path: None, at: None, commit: None, value }
    }

    fn of(file: &str, path: &BStr, at: Option<usize>) -> Self {
        let path = Some(path.strip_prefix(b"./").unwrap_or(path).into());
        Self { file: file.to_owned(), line: 0, path, at, commit: None, value: Value::Unknown }
    }
}

/// A report of gitleaks or betterleaks that serves as a baseline.
///
/// # Errors
/// What is wrong with it.
pub(super) fn report(name: &str, text: &str) -> Result<Vec<Accepted>, Broken> {
    let root: Json = serde_json::from_str(text)
        .map_err(|fault| Broken { line: fault.line(), what: category(&fault).to_owned() })?;
    let no = || Broken { line: 1, what: "no report of gitleaks or betterleaks".to_owned() };
    match &root {
        Json::Array(list) => list.iter().map(|find| theirs(name, find).ok_or_else(no)).collect(),
        Json::Object(object) => {
            let list = object.get("findings").and_then(Json::as_array).ok_or_else(no)?;
            list.iter().map(|find| newer(name, find).ok_or_else(no)).collect()
        }
        _ => Err(no()),
    }
}

/// What kind of error it is; its own words may quote the file.
fn category(fault: &serde_json::Error) -> &'static str {
    match fault.classify() {
        serde_json::error::Category::Eof => "the file ends too soon",
        _ => "no JSON",
    }
}

/// A find of gitleaks.
fn theirs(name: &str, find: &Json) -> Option<Accepted> {
    find.get("RuleID")?;
    let text = |key: &str| find.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    let secret = text("Secret").filter(|secret| *secret != REDACTED && !secret.ends_with("..."));
    Some(Accepted {
        commit: text("Commit").map(str::to_lowercase),
        value: secret.map_or(Value::Unknown, |secret| Value::Known(Secret::new(secret.as_bytes()))),
        ..Accepted::of(name, text("File")?.as_bytes().as_bstr(), number(find, "StartLine"))
    })
}

/// A find of betterleaks 2.
fn newer(name: &str, find: &Json) -> Option<Accepted> {
    find.get("rule_id")?;
    let text = |pointer: &str| find.pointer(pointer).and_then(Json::as_str);
    let hash = text("/match/fingerprint").filter(|hash| hash.len() == 64);
    let value = match text("/match/value").filter(|value| !value.is_empty() && *value != REDACTED) {
        Some(value) => Value::Known(Secret::new(value.as_bytes())),
        None => hash.map_or(Value::Unknown, |hash| Value::Sha256(hash.to_lowercase())),
    };
    let location = find.get("location")?;
    Some(Accepted {
        commit: find.pointer("/attributes/git.sha").and_then(Json::as_str).map(str::to_lowercase),
        value,
        ..Accepted::of(
            name,
            text("/location/path")?.as_bytes().as_bstr(),
            number(location, "start_line"),
        )
    })
}

fn number(object: &Json, key: &str) -> Option<usize> {
    object.get(key).and_then(Json::as_u64).and_then(|n| usize::try_from(n).ok())
}

/// A baseline of kingfisher: places by path and line.
pub(super) fn kingfisher(name: &str, root: &Node) -> Vec<Accepted> {
    let finds = root.list_of("repositories").iter().flat_map(|repo| repo.list_of("findings"));
    let one = |find: &Node| {
        let path = find.text_of("path")?;
        let mut one = Accepted::of(name, path.as_bytes().as_bstr(), find.number_of("line"));
        one.line = find.line;
        Some(one)
    };
    finds.filter_map(one).collect()
}
