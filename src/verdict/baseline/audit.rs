//! What a review does to a baseline.
//!
//! In: finds, and what a person says of them. Out: which have been looked at, and the file written only if nobody else
//! has written it meanwhile.

use std::path::Path;

use jiff::civil::Date;

use super::entry::Note;
use super::error::{BaselineError, Fault};
use super::{Baseline, Form, Found, Gone, file};

impl Baseline {
    /// Whether a person has said something of each find, whose last day has not passed: a label other than the one
    /// that `create` writes, or a reason, owner or expiry.
    #[must_use]
    pub fn audited(&self, found: &[Found<'_>], today: Date) -> Vec<bool> {
        let said = |at: &usize| {
            let entry = &self.entries[*at];
            let said = match self.form {
                Form::Native(_) => entry.note != Note::default(),
                Form::DetectSecrets(_) => entry.rest.contains_key("is_secret"),
            };
            said && !entry.note.expired(today)
        };
        self.matching(found, Gone::nothing())
            .hits
            .iter()
            .map(|hits| hits.iter().any(said))
            .collect()
    }

    /// Writes the file in one step, unless it is no longer what it was when it was read. Afterwards it counts as read.
    ///
    /// # Errors
    /// When it has changed, or cannot be written; then nothing is.
    pub fn save_unchanged(&mut self, path: &Path) -> Result<(), BaselineError> {
        let now = match file::read(path) {
            Ok(bytes) => Some(bytes),
            Err(Fault::Missing) => None,
            Err(fault) => return Err(fault.at(path)),
        };
        if now != self.original {
            return Err(Fault::Changed.at(path));
        }
        let bytes = self.render();
        file::write(path, &bytes).map_err(|fault| fault.at(path))?;
        self.original = Some(bytes);
        Ok(())
    }

    /// What a person attached to the entry of a find, if there is one.
    #[must_use]
    pub fn note_of(&self, found: &Found<'_>) -> Option<Note> {
        let hits = self.matching(&[*found], Gone::nothing()).hits.remove(0);
        hits.first().map(|&at| self.entries[at].note.clone())
    }

    /// Drops the entries of a find.
    pub fn forget(&mut self, found: &Found<'_>) {
        let hits = self.matching(&[*found], Gone::nothing()).hits.remove(0);
        let mut at = 0;
        self.entries.retain(|_| {
            at += 1;
            !hits.contains(&(at - 1))
        });
    }
}

#[cfg(test)]
mod tests {
    use bstr::BStr;

    use super::*;
    use crate::verdict::baseline::Label;

    fn found(secret: &[u8]) -> Found<'_> {
        Found { rule: "r", path: BStr::new("p"), secret, line: 1, context: b"" }
    }

    const TODAY: Date = jiff::civil::date(2026, 1, 31);

    #[test]
    fn only_what_a_person_has_said_counts() {
        let mut baseline = Baseline::new().unwrap();
        let all = [found(b"one"), found(b"two"), found(b"three"), found(b"four")];
        baseline.update(&all[..3], &|_| true, false);
        baseline.annotate(&all[0], &Note { label: Label::Test, ..Note::default() });
        let expires = Some(jiff::civil::date(2026, 1, 30));
        baseline.annotate(&all[2], &Note { label: Label::Test, expires, ..Note::default() });
        assert_eq!(baseline.audited(&all, TODAY), [true, false, false, false]);
    }

    #[test]
    fn what_was_said_can_be_taken_back() {
        let mut baseline = Baseline::new().unwrap();
        let (one, two) = (found(b"one"), found(b"two"));
        let note = Note { label: Label::Rotated, ..Note::default() };
        baseline.annotate(&one, &note);
        baseline.annotate(&two, &note);
        assert_eq!(baseline.note_of(&one), Some(note.clone()));
        baseline.forget(&one);
        assert_eq!((baseline.note_of(&one), baseline.note_of(&two)), (None, Some(note)));
    }

    #[test]
    fn a_file_that_somebody_else_has_written_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("b");
        let mut baseline = Baseline::new().unwrap();
        baseline.update(&[found(b"one")], &|_| true, false);
        baseline.save_unchanged(&path).unwrap();
        let first = std::fs::read(&path).unwrap();
        baseline.update(&[found(b"two")], &|_| false, true);
        std::fs::write(&path, b"{}").unwrap();
        let refused = baseline.save_unchanged(&path);
        assert!(matches!(refused.unwrap_err().fault, Fault::Changed));
        assert_eq!(std::fs::read(&path).unwrap(), b"{}");
        std::fs::write(&path, first).unwrap();
        baseline.save_unchanged(&path).unwrap();
        assert_eq!(Baseline::load(&path).unwrap().len(), 2);
    }
}
