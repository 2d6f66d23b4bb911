//! From one format to the other.
//!
//! In: a baseline and the finds of a scan of the present tree. Out: the same finds accepted in the
//! other format. Digests cannot be reversed, so only what a scan finds can be carried over; the rest
//! is listed.

use bstr::BString;

use super::detect_secrets::DetectSecrets;
use super::native::Native;
use super::{Baseline, Fault, Form, Format, Found, Gone};

/// The outcome of a conversion.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// The entries that could be carried over, in the other format.
    pub baseline: Baseline,
    /// Those that could not.
    pub unmatched: Vec<Unmatched>,
    /// What else the new format cannot hold, in words.
    pub lost: Vec<String>,
}

/// An entry that nothing was found for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmatched {
    /// Where the value stood.
    pub path: BString,
    /// Rule id, or detect-secrets' type.
    pub rule: String,
    /// Line, if the file says so.
    pub line: Option<usize>,
}

impl Baseline {
    /// Converts to the other format. Only entries that know one of `found` are carried over, and
    /// none that has an expiry, since detect-secrets' format would accept it for ever.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn convert(&self, found: &[Found<'_>]) -> Result<Conversion, Fault> {
        let form = match self.format() {
            Format::Native => Form::DetectSecrets(DetectSecrets::new()),
            Format::DetectSecrets => Form::Native(Native::new()?),
        };
        let mut baseline = Self { form, entries: Vec::new(), original: None };
        let to_native = baseline.format() == Format::Native;
        let matching = self.matching(found, Gone::nothing());
        let mut carried = vec![false; self.entries.len()];
        for (find, hits) in found.iter().zip(&matching.hits) {
            let able = |&&at: &&usize| to_native || self.entries[at].note.expires.is_none();
            let hits: Vec<usize> = hits.iter().filter(able).copied().collect();
            // Of several labels the most serious: they are ordered from harmless to real.
            let note = hits.iter().map(|&at| &self.entries[at].note);
            let Some(note) = note.max_by_key(|note| note.label) else {
                continue;
            };
            baseline.entries.extend(baseline.form.fresh(find, note));
            for at in hits {
                carried[at] = true;
            }
        }
        baseline.deduplicate();
        let left = self.entries.iter().zip(carried).filter(|(_, done)| !done);
        let mut unmatched: Vec<Unmatched> = left
            .map(|(entry, _)| Unmatched {
                path: entry.path.clone(),
                rule: entry.rule.clone(),
                line: entry.line,
            })
            .collect();
        unmatched.sort();
        Ok(Conversion { baseline, unmatched, lost: self.lost() })
    }

    /// What the other format has no place for.
    fn lost(&self) -> Vec<String> {
        match &self.form {
            Form::DetectSecrets(other) => other.filters.patterns(),
            Form::Native(_) => {
                let notes = self.entries.iter().map(|entry| &entry.note);
                let some = notes.filter(|n| n.reason.is_some() || n.owner.is_some());
                match some.count() {
                    0 => Vec::new(),
                    count => vec![format!("the reason or owner of {count} entries")],
                }
            }
        }
    }
}
