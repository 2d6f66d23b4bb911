//! The format of detect-secrets 1.x, and of 0.x when read.
//!
//! In: the JSON object of a file. Out: its settings and entries; and the bytes of the file again, in
//! that program's own layout. Settings are read but never rewritten: an old file stays an old file,
//! which the program upgrades by itself, and a newer one keeps what we do not know.

use std::collections::BTreeMap;

use bstr::{BStr, BString, ByteSlice};
use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};

use super::entry::{Entry, Label, Note};
use super::error::Fault;
use super::filters::Filters;
use super::settle::{Kind, Name};
use super::{Form, Found, kinds, layout};

/// The version that new files are written for.
const VERSION: &str = "1.5.0";

/// What a file holds besides its entries.
#[derive(Clone, Debug)]
pub(super) struct DetectSecrets {
    /// The file's object; `results` keeps its place there and is empty.
    pub(super) root: Map<String, Value>,
    /// Its exclude patterns, ready to use.
    pub(super) filters: Filters,
}

/// Reads a file's object.
pub(super) fn read(mut root: Map<String, Value>) -> Result<(DetectSecrets, Vec<Entry>), Fault> {
    if !root.get("version").is_some_and(Value::is_string) {
        let problem = "missing; should be a string such as \"1.5.0\"";
        return Err(Fault::shape("version", problem));
    }
    let results = root.get_mut("results").map(Value::take);
    let Some(Value::Object(results)) = results else {
        let problem = "missing; should be an object of files";
        return Err(Fault::shape("results", problem));
    };
    let mut entries = Vec::new();
    for (name, list) in results {
        let place = format!("results[{}]", Value::from(name.as_str()));
        let Value::Array(list) = list else {
            return Err(Fault::shape(place, "should be a list"));
        };
        let path = normalised(layout::path_in(&name).as_bstr());
        for (at, value) in list.into_iter().enumerate() {
            entries.push(entry(value, path.as_bstr(), &format!("{place}[{at}]"))?);
        }
    }
    let filters = Filters::read(&root);
    Ok((DetectSecrets { root, filters }, entries))
}

fn entry(value: Value, path: &BStr, place: &str) -> Result<Entry, Fault> {
    let Value::Object(rest) = value else {
        return Err(Fault::shape(place, "should be an object"));
    };
    let string = |name: &str| match rest.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => Err(Fault::shape(format!("{place}.{name}"), "missing; should be a string")),
    };
    let digest = string("hashed_secret")?;
    if digest.len() != 40 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        let place = format!("{place}.hashed_secret");
        return Err(Fault::shape(place, "should be 40 hex digits"));
    }
    let label = match rest.get("is_secret") {
        Some(Value::Bool(false)) => Label::FalsePositive,
        _ => Label::Accepted,
    };
    Ok(Entry {
        rule: string("type")?,
        path: path.to_owned(),
        digest,
        note: Note { label, ..Note::default() },
        line: rest
            .get("line_number")
            .and_then(Value::as_u64)
            .and_then(|line| usize::try_from(line).ok()),
        rest,
    })
}

/// A path without leading `./` and with `/` between its parts, as the program itself reads it.
fn normalised(path: &BStr) -> BString {
    let path = path.replace("\\", "/");
    let mut path = path.as_slice();
    while let Some(rest) = path.strip_prefix(b"./") {
        path = rest.trim_start_with(|c| c == '/');
    }
    BString::from(path)
}

fn sha1(text: &[u8]) -> String {
    HEXLOWER.encode(&Sha1::digest(text))
}

/// Every name under which the program may have stored a find.
pub(super) fn names(found: &Found<'_>) -> Vec<Name> {
    let known = kinds::readings(found)
        .into_iter()
        .map(|(kind, text)| Name { digest: sha1(&text), kind: Kind::Type(kind) });
    // What a plugin of the user's hashes cannot be known; the value itself is the likeliest.
    let foreign = Name { digest: sha1(found.secret), kind: Kind::Foreign };
    known.chain([foreign]).collect()
}

impl DetectSecrets {
    /// The head of a new file: what version 1.5.0 writes when it is given no option.
    pub(super) fn new() -> Self {
        let filters: Vec<Value> = FILTERS
            .iter()
            .map(|id| match *id {
                "common.is_ignored_due_to_verification_policies" => {
                    json!({"path": format!("detect_secrets.filters.{id}"), "min_level": 2})
                }
                _ => json!({"path": format!("detect_secrets.filters.{id}")}),
            })
            .collect();
        let root = json!({
            "version": VERSION,
            "plugins_used": kinds::plugins(),
            "filters_used": filters,
            "results": {},
            "generated_at": "",
        });
        let Value::Object(root) = root else { unreachable!("the literal above is an object") };
        let filters = Filters::read(&root);
        Self { root, filters }
    }

    /// Whether the file was written by `scan --slim`: without times and line numbers.
    fn slim(&self) -> bool {
        !self.root.contains_key("generated_at")
    }

    /// New entries for a find, one for each type under which the program would report it.
    pub(super) fn fresh(&self, found: &Found<'_>, note: &Note) -> Vec<Entry> {
        let plugins = self.root.get("plugins_used");
        kinds::reported(found, plugins.unwrap_or(&Value::Null))
            .into_iter()
            .map(|(kind, text)| {
                let mut rest = Map::new();
                for name in ["type", "filename", "hashed_secret"] {
                    rest.insert(name.to_owned(), Value::Null);
                }
                rest.insert("is_verified".to_owned(), Value::Bool(false));
                let mut entry = Entry {
                    rule: kind.to_owned(),
                    path: found.path.to_owned(),
                    digest: sha1(&text),
                    note: Note::default(),
                    line: (!self.slim() && found.line > 0).then_some(found.line),
                    rest,
                };
                if *note != Note::default() {
                    set(&mut entry, note);
                }
                entry
            })
            .collect()
    }

    /// What a user should know about the file.
    pub(super) fn warnings(&self, entries: &[Entry]) -> Vec<String> {
        let mut coarse: BTreeMap<(&BStr, &str), Vec<&str>> = BTreeMap::new();
        for entry in entries {
            if let Some(what) = kinds::coarse(&entry.rule, &entry.digest) {
                let place = (entry.path.as_bstr(), entry.rule.as_str());
                coarse.entry(place).or_default().push(what);
            }
        }
        let coarse = coarse.into_iter().map(|((path, rule), mut what)| {
            what.sort_unstable();
            what.dedup();
            let what = what.join(", ");
            let path = path.escape_bytes();
            format!(
                "{path}: {rule}: detect-secrets stores only how such a secret begins, so every one \
                 that begins with {what} is accepted in this file; `leakstop baseline convert` \
                 stores whole values"
            )
        });
        let unsigned = entries.iter().filter(|e| e.rule == kinds::JWT).count();
        let unsigned = (unsigned > 0).then(|| {
            format!(
                "{}: detect-secrets leaves the signature out of what it stores, so of {unsigned} \
                 entries any token with the same claims counts as accepted",
                kinds::JWT
            )
        });
        let filters = self.filters.warnings.iter().cloned();
        coarse.chain(unsigned).chain(filters).collect()
    }

    /// The file's bytes, as the program lays them out.
    pub(super) fn render(&self, entries: &[Entry]) -> Vec<u8> {
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        if self.slim() {
            sorted.sort_by(|a, b| a.path.cmp(&b.path));
        } else {
            let key = |e: &Entry| (e.path.clone(), e.line, e.digest.clone(), e.rule.clone());
            sorted.sort_by_cached_key(|entry| key(entry));
        }
        let mut results = Map::new();
        for entry in sorted {
            let name = layout::path_out(entry.path.as_bstr());
            let value = written(entry, &name);
            match results.entry(name).or_insert_with(|| json!([])) {
                Value::Array(list) => list.push(value),
                _ => unreachable!("only lists are put in"),
            }
        }
        let mut root = self.root.clone();
        root.insert("results".to_owned(), Value::Object(results));
        if let Some(time) = root.get_mut("generated_at") {
            let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
            *time = Value::from(now.to_string());
        }
        let mut out = layout::python(&Value::Object(root));
        out.push(b'\n');
        out
    }
}

/// An entry's object: the one it was read from, with what has changed since.
fn written(entry: &Entry, name: &str) -> Value {
    let mut object = entry.rest.clone();
    object.insert("type".to_owned(), Value::from(entry.rule.as_str()));
    if object.contains_key("filename") {
        object.insert("filename".to_owned(), Value::from(name));
    }
    object.insert("hashed_secret".to_owned(), Value::from(entry.digest.as_str()));
    if let Some(line) = entry.line {
        // A label stands after the line number, as the program writes it.
        let label = object.shift_remove("is_secret");
        object.insert("line_number".to_owned(), Value::from(line));
        object.extend(label.map(|label| ("is_secret".to_owned(), label)));
    }
    Value::Object(object)
}

/// Writes a label into an entry. Only whether the value is a real credential has a place there.
fn set(entry: &mut Entry, note: &Note) {
    let real = matches!(note.label, Label::Rotated | Label::Accepted);
    entry.note.label = if real { Label::Accepted } else { Label::FalsePositive };
    entry.rest.insert("is_secret".to_owned(), Value::Bool(real));
}

impl Form {
    /// New entries for a find.
    pub(super) fn fresh(&self, found: &Found<'_>, note: &Note) -> Vec<Entry> {
        match self {
            Self::Native(native) => vec![native.entry(found, note.clone())],
            Self::DetectSecrets(other) => other.fresh(found, note),
        }
    }

    /// Replaces an entry's note.
    pub(super) fn note(&self, entry: &mut Entry, note: &Note) {
        match self {
            Self::Native(_) => entry.note.clone_from(note),
            Self::DetectSecrets(_) => set(entry, note),
        }
    }
}

/// The filters that are on by default, less their common prefix.
const FILTERS: [&str; 11] = [
    "allowlist.is_line_allowlisted",
    "common.is_ignored_due_to_verification_policies",
    "heuristic.is_indirect_reference",
    "heuristic.is_likely_id_string",
    "heuristic.is_lock_file",
    "heuristic.is_not_alphanumeric_string",
    "heuristic.is_potential_uuid",
    "heuristic.is_prefixed_with_dollar_sign",
    "heuristic.is_sequential_string",
    "heuristic.is_swagger_file",
    "heuristic.is_templated_secret",
];
