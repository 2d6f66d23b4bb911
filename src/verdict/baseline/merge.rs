//! Three versions of a baseline into one: what a git merge driver needs.
//!
//! In: the common ancestor, if there is one, and the two sides. Out: the merged baseline, or what
//! both sides changed in different ways. Entries are compared by what tells them apart, not by line,
//! so that two branches that both add entries merge by themselves.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::entry::{Entry, Key, Note};
use super::{Baseline, Fault, Form};

impl Baseline {
    /// Merges the changes that `ours` and `theirs` made to `base`.
    ///
    /// # Errors
    /// When formats or salts differ, or both sides changed one thing in different ways.
    pub fn merge(base: Option<&Self>, ours: &Self, theirs: &Self) -> Result<Self, Fault> {
        // An ancestor that cannot be compared with the sides says nothing about them.
        let base = base.filter(|base| ours.comparable(base).is_ok());
        ours.comparable(theirs)?;
        let mut conflicts = Vec::new();
        let mut merged = ours.clone();
        settings(
            base.map(|base| base.form.settings()),
            merged.form.settings_mut(),
            theirs.form.settings(),
            &mut conflicts,
        );
        let none = Vec::new();
        let base = index(base.map_or(&none, |base| &base.entries));
        let right = index(&theirs.entries);
        let left = index(&ours.entries);
        merged.entries.clear();
        for entry in &ours.entries {
            let key = entry.key();
            let sides = (base.get(&key).copied(), Some(entry), right.get(&key).copied());
            merged.entries.extend(choose(sides, &mut conflicts));
        }
        for entry in &theirs.entries {
            let key = entry.key();
            if !left.contains_key(&key) {
                let sides = (base.get(&key).copied(), None, Some(entry));
                merged.entries.extend(choose(sides, &mut conflicts));
            }
        }
        if !conflicts.is_empty() {
            return Err(Fault::Conflict(conflicts));
        }
        merged.deduplicate();
        Ok(merged)
    }

    fn comparable(&self, other: &Self) -> Result<(), Fault> {
        match (&self.form, &other.form) {
            (Form::Native(a), Form::Native(b)) if !a.comparable(b) => Err(Fault::Salts),
            (Form::Native(_), Form::Native(_))
            | (Form::DetectSecrets(_), Form::DetectSecrets(_)) => Ok(()),
            _ => Err(Fault::Formats),
        }
    }
}

impl Form {
    /// The keys besides the entries.
    fn settings(&self) -> &Map<String, Value> {
        match self {
            Self::Native(native) => &native.rest,
            Self::DetectSecrets(other) => &other.root,
        }
    }

    fn settings_mut(&mut self) -> &mut Map<String, Value> {
        match self {
            Self::Native(native) => &mut native.rest,
            Self::DetectSecrets(other) => &mut other.root,
        }
    }
}

fn index(entries: &[Entry]) -> HashMap<Key<'_>, &Entry> {
    entries.iter().map(|entry| (entry.key(), entry)).collect()
}

/// Merges two values of one thing; `None` if both changed it in different ways.
fn three<T: PartialEq>(base: &T, ours: T, theirs: T) -> Option<T> {
    if ours == theirs || theirs == *base {
        Some(ours)
    } else if ours == *base {
        Some(theirs)
    } else {
        None
    }
}

/// Merges one entry; `None` if it is gone.
fn choose(
    (base, ours, theirs): (Option<&Entry>, Option<&Entry>, Option<&Entry>),
    conflicts: &mut Vec<String>,
) -> Option<Entry> {
    match (base, ours, theirs) {
        (_, Some(ours), Some(theirs)) => Some(join(base, ours, theirs, conflicts)),
        // Added on one side.
        (None, Some(entry), None) | (None, None, Some(entry)) => Some(entry.clone()),
        // Removed on one side: it stays only if the other side has given thought to it since.
        (Some(base), Some(entry), None) | (Some(base), None, Some(entry)) => {
            if entry.note != base.note {
                conflicts.push(format!("{}: removed and relabelled", entry.describe()));
            }
            None
        }
        (_, None, None) => None,
    }
}

/// Merges an entry that both sides have.
fn join(base: Option<&Entry>, ours: &Entry, theirs: &Entry, conflicts: &mut Vec<String>) -> Entry {
    let plain = Note::default();
    let first = base.map_or(&plain, |base| &base.note);
    let mut out = ours.clone();
    let (left, right) = (&ours.note, &theirs.note);
    let mut clash = |what: &str| conflicts.push(format!("{}: {what}", ours.describe()));
    match three(&first.label, left.label, right.label) {
        Some(label) => out.note.label = label,
        None => clash("label"),
    }
    match three(&first.reason, left.reason.clone(), right.reason.clone()) {
        Some(reason) => out.note.reason = reason,
        None => clash("reason"),
    }
    match three(&first.owner, left.owner.clone(), right.owner.clone()) {
        Some(owner) => out.note.owner = owner,
        None => clash("owner"),
    }
    // Of two new last days the earlier one: it is the stricter.
    out.note.expires = three(&first.expires, left.expires, right.expires)
        .unwrap_or_else(|| left.expires.into_iter().chain(right.expires).min());
    out.line = three(&base.and_then(|base| base.line), ours.line, theirs.line).unwrap_or(ours.line);
    let none = Map::new();
    let before = base.map_or(&none, |base| &base.rest);
    // Line numbers have been merged above; they conflict all the time and nobody minds.
    let names = ours.rest.keys().chain(theirs.rest.keys());
    for name in names.filter(|name| *name != "line_number") {
        let sides = (ours.rest.get(name).cloned(), theirs.rest.get(name).cloned());
        match three(&before.get(name).cloned(), sides.0, sides.1) {
            Some(Some(value)) => drop(out.rest.insert(name.clone(), value)),
            Some(None) => drop(out.rest.shift_remove(name)),
            None => clash(name),
        }
    }
    out
}

/// Merges the keys besides the entries into `ours`.
fn settings(
    base: Option<&Map<String, Value>>,
    ours: &mut Map<String, Value>,
    theirs: &Map<String, Value>,
    conflicts: &mut Vec<String>,
) {
    let none = Map::new();
    let base = base.unwrap_or(&none);
    let names: Vec<String> = ours.keys().chain(theirs.keys()).cloned().collect();
    for name in names {
        // The time of writing is that of the later side; it is fresh again on writing.
        if name == "generated_at" && ours.contains_key(&name) {
            continue;
        }
        let sides = (ours.get(&name).cloned(), theirs.get(&name).cloned());
        match three(&base.get(&name).cloned(), sides.0, sides.1) {
            Some(Some(value)) => drop(ours.insert(name, value)),
            Some(None) => drop(ours.shift_remove(&name)),
            None => {
                let message = format!("\"{}\"", name.escape_debug());
                if !conflicts.contains(&message) {
                    conflicts.push(message);
                }
            }
        }
    }
}
