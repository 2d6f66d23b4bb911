//! Our own format: sorted, one entry a line, no line number, no time.
//!
//! In: the JSON object of a file. Out: its salt, what else it holds, and its entries; and the bytes
//! of the file again. A value is named by its HMAC-SHA256 under the file's own random salt, so two
//! repositories that accept the same value do not show it.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};
use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::Date;
use serde_json::{Map, Value};
use sha2::Sha256;

use super::Found;
use super::entry::{Entry, Label, Note};
use super::error::Fault;
use super::layout;

/// Bytes of salt in a new file, and the fewest a file may have.
const SALT: usize = 16;

/// The version of the format that is written, and the last that is read.
const VERSION: u64 = 1;

/// What a native file holds besides its entries.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Native {
    salt: Vec<u8>,
    /// Keys we do not know, kept as they are.
    pub(super) rest: Map<String, Value>,
}

/// Reads a file's object.
pub(super) fn read(mut root: Map<String, Value>) -> Result<(Native, Vec<Entry>), Fault> {
    root.shift_remove("tool");
    match root.shift_remove("version").as_ref().map(Value::as_u64) {
        Some(Some(VERSION)) => {}
        Some(Some(version)) if version > VERSION => return Err(Fault::Newer(version)),
        Some(_) => return Err(Fault::shape("version", "should be 1")),
        None => return Err(Fault::shape("version", "missing; should be 1")),
    }
    let salt = string(&mut root, "", "salt")?;
    let salt = HEXLOWER_PERMISSIVE
        .decode(salt.as_bytes())
        .ok()
        .filter(|salt| salt.len() >= SALT)
        .ok_or_else(|| Fault::shape("salt", "should be 32 hex digits or more"))?;
    let Some(Value::Array(list)) = root.shift_remove("entries") else {
        return Err(Fault::shape("entries", "missing; should be a list"));
    };
    let entries = list
        .into_iter()
        .enumerate()
        .map(|(at, value)| entry(value, &format!("entries[{at}]")))
        .collect::<Result<_, _>>()?;
    Ok((Native { salt, rest: root }, entries))
}

fn entry(value: Value, place: &str) -> Result<Entry, Fault> {
    let Value::Object(mut rest) = value else {
        return Err(Fault::shape(place, "should be an object"));
    };
    let rule = string(&mut rest, place, "rule")?;
    let lossy = string(&mut rest, place, "path")?;
    let path = match rest.shift_remove("path_base64") {
        None => BString::from(lossy),
        Some(exact) => exact
            .as_str()
            .and_then(|text| BASE64.decode(text.as_bytes()).ok())
            .map(BString::from)
            .ok_or_else(|| Fault::shape(format!("{place}.path_base64"), "should be base64"))?,
    };
    let digest = string(&mut rest, place, "digest")?;
    if digest.len() != 64 || !digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        let problem = "should be 64 lower-case hex digits";
        return Err(Fault::shape(format!("{place}.digest"), problem));
    }
    Ok(Entry { rule, path, digest, note: note(&mut rest, place)?, line: None, rest })
}

fn note(rest: &mut Map<String, Value>, place: &str) -> Result<Note, Fault> {
    let label = Label::by_name(&string(rest, place, "label")?).ok_or_else(|| {
        let names = Label::ALL.map(Label::name).join(", ");
        Fault::shape(format!("{place}.label"), format!("should be one of {names}"))
    })?;
    let mut optional = |name: &str| match rest.get(name) {
        None => Ok(None),
        Some(_) => string(rest, place, name).map(Some),
    };
    let reason = optional("reason")?;
    let owner = optional("owner")?;
    let expires = optional("expires")?.map(|text| date(&text).ok_or(text));
    let expires = expires.transpose().map_err(|_| {
        let problem = "should be a day, as 2030-12-31";
        Fault::shape(format!("{place}.expires"), problem)
    })?;
    Ok(Note { label, reason, owner, expires })
}

/// Reads `YYYY-MM-DD`, and no other form of a date.
fn date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

/// Takes a string out of an object.
fn string(object: &mut Map<String, Value>, place: &str, name: &str) -> Result<String, Fault> {
    let problem = match object.shift_remove(name) {
        Some(Value::String(text)) => return Ok(text),
        Some(_) => "should be a string",
        None => "missing",
    };
    let dot = if place.is_empty() { "" } else { "." };
    Err(Fault::shape(format!("{place}{dot}{name}"), problem))
}

impl Native {
    /// The head of a new file.
    pub(super) fn new() -> Result<Self, Fault> {
        let mut salt = vec![0; SALT];
        getrandom::fill(&mut salt).map_err(Fault::Random)?;
        Ok(Self { salt, rest: Map::new() })
    }

    /// Each find's digest; equal values are hashed once.
    pub(super) fn digests(&self, found: &[Found<'_>]) -> Vec<String> {
        let mut known: HashMap<&[u8], String> = HashMap::new();
        found
            .iter()
            .map(|f| known.entry(f.secret).or_insert_with(|| self.digest(f.secret)).clone())
            .collect()
    }

    fn digest(&self, secret: &[u8]) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.salt).expect("HMAC takes any key length");
        mac.update(secret);
        HEXLOWER.encode(&mac.finalize().into_bytes())
    }

    /// A new entry for a find.
    pub(super) fn entry(&self, found: &Found<'_>, note: Note) -> Entry {
        Entry {
            rule: found.rule.to_owned(),
            path: found.path.to_owned(),
            digest: self.digest(found.secret),
            note,
            line: None,
            rest: Map::new(),
        }
    }

    /// Whether digests of both files can be compared.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        self.salt == other.salt
    }

    /// The file's bytes.
    pub(super) fn render(&self, entries: &[Entry]) -> Vec<u8> {
        let mut head = vec![
            ("version", Value::from(VERSION)),
            ("tool", Value::from("leakstop")),
            ("salt", Value::from(HEXLOWER.encode(&self.salt))),
        ];
        head.extend(self.rest.iter().map(|(k, v)| (k.as_str(), v.clone())));
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        sorted.sort_by_key(|entry| entry.key());
        let lines: Vec<String> = sorted.into_iter().map(written).collect();
        let mut out = format!("{{{}, \"entries\": [\n", layout::line(&head));
        out.push_str(&lines.join(",\n"));
        out.push_str(if lines.is_empty() { "]}\n" } else { "\n]}\n" });
        out.into_bytes()
    }
}

/// An entry as its line has it.
fn written(entry: &Entry) -> String {
    let note = &entry.note;
    let mut fields = vec![("path", Value::from(entry.path.to_str_lossy()))];
    if entry.path.to_str().is_err() {
        fields.push(("path_base64", Value::from(BASE64.encode(&entry.path))));
    }
    fields.push(("rule", Value::from(entry.rule.as_str())));
    fields.push(("digest", Value::from(entry.digest.as_str())));
    fields.push(("label", Value::from(note.label.name())));
    let optional = [
        ("reason", note.reason.clone()),
        ("owner", note.owner.clone()),
        ("expires", note.expires.map(|date| date.to_string())),
    ];
    fields.extend(optional.into_iter().filter_map(|(k, v)| Some((k, v?.into()))));
    fields.extend(entry.rest.iter().map(|(k, v)| (k.as_str(), v.clone())));
    format!("{{{}}}", layout::line(&fields))
}
