//! The baseline as a review writes it: label by label, each on disk before the next is asked for.
//!
//! In: cases and what a person says of them. Out: the file. Where somebody else has written it meanwhile it is read
//! again first, so that neither side's labels are lost.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::cases::Cases;
use super::settings::{BASELINE, Place};
use crate::verdict::baseline::{Baseline, Fault, Note};

/// A baseline that is being written.
pub(super) struct Ledger<'c> {
    cases: &'c Cases<'c>,
    baseline: Baseline,
    path: PathBuf,
}

/// What was said of each case before.
pub(super) type Before = Vec<(usize, Option<Note>)>;

impl<'c> Ledger<'c> {
    /// Opens the baseline that is named, or the one at the root; a new one where there is none.
    pub(super) fn open(cases: &'c Cases<'c>, named: Option<&Path>, place: &Place) -> Result<Self> {
        let path = match named {
            Some(path) => std::path::absolute(path).with_context(|| path.display().to_string())?,
            None => place.top().join(BASELINE),
        };
        let baseline = if path.exists() { Baseline::load(&path)? } else { Baseline::new()? };
        Ok(Self { cases, baseline, path })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says the same of several cases, and writes it.
    ///
    /// # Errors
    /// The file cannot be written, or the note holds a secret; then nothing of this was said.
    pub(super) fn say(&mut self, cases: &[usize], note: &Note) -> Result<Before> {
        let texts = [&note.reason, &note.owner];
        if texts.into_iter().flatten().any(|text| self.cases.quotes(text)) {
            bail!("the reason holds a secret, which the baseline would show");
        }
        let said: Before = cases.iter().map(|&at| (at, Some(note.clone()))).collect();
        self.set(&said)
    }

    /// Sets what is said of cases; returns what was said before.
    ///
    /// # Errors
    /// The file cannot be written; then nothing is changed.
    pub(super) fn set(&mut self, said: &[(usize, Option<Note>)]) -> Result<Before> {
        let old = self.baseline.clone();
        let before = self.apply(said);
        let saved = match self.baseline.save_unchanged(&self.path) {
            Err(fault) if matches!(fault.fault, Fault::Changed) && self.path.exists() => {
                self.baseline = Baseline::load(&self.path)?;
                self.apply(said);
                self.baseline.save_unchanged(&self.path)
            }
            saved => saved,
        };
        match saved {
            Ok(()) => Ok(before),
            Err(fault) => {
                self.baseline = old;
                Err(fault.into())
            }
        }
    }

    fn apply(&mut self, said: &[(usize, Option<Note>)]) -> Before {
        let mut before = Vec::new();
        for (at, note) in said {
            let found = self.cases.session.as_found(&self.cases.all[*at].finding);
            before.push((*at, self.baseline.note_of(&found)));
            match note {
                Some(note) => self.baseline.annotate(&found, note),
                None => self.baseline.forget(&found),
            }
        }
        before
    }
}
