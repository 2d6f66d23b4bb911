//! Keeps secrets out of what reports quote from a repository: commit summaries, authors, ref names, paths.
//!
//! In: sorted findings and skipped inputs, and the detector that found them. Out: the same, with every quoted text
//! that holds a credential masked. It runs last, when paths have served as identities.

use std::collections::HashMap;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::decode::Chunk;
use crate::detect::Detector;
use crate::detect::evidence::Evidence;
use crate::detect::spec::Confidence;
use crate::source::{CommitFacts, ObjectId, Skipped};
use crate::text::Span;
use crate::verdict::finding::{Finding, Place};

/// What stands in the place of a secret.
const MASK: &[u8] = b"****";
/// Shorter values are words that text holds by chance.
const SHORTEST: usize = 6;

/// Masks credentials in everything that the findings quote, and in the names of what was skipped.
pub fn screen(findings: &mut [Finding], skipped: &mut [Skipped], detector: &Detector) {
    let mut commits = HashMap::new();
    let screen = Screen { detector, secret: b"", commits: &mut commits };
    for skipped in skipped {
        screen.path(&mut skipped.what);
        screen.text(&mut skipped.detail);
    }
    for finding in findings {
        let secret = finding.secret.clone();
        let mut screen = Screen { detector, secret: secret.reveal(), commits: &mut commits };
        screen.place(&mut finding.place);
        for place in &mut finding.occurrences {
            screen.place(place);
        }
        if let Some(note) = &mut finding.note {
            screen.text(note);
        }
        for evidence in &mut finding.evidence {
            if let Evidence::Keyword(text) | Evidence::Fact(_, text) = evidence {
                screen.text(text);
            }
        }
    }
}

struct Screen<'a> {
    detector: &'a Detector,
    secret: &'a [u8],
    /// Commits screened so far: one is quoted by many findings.
    commits: &'a mut HashMap<ObjectId, Arc<CommitFacts>>,
}

impl Screen<'_> {
    fn place(&mut self, place: &mut Place) {
        if let Some(path) = &mut place.path {
            self.path(path);
        }
        for name in &mut place.refs {
            self.text(name);
        }
        if let Some(commit) = &mut place.commit {
            let known = self.commits.get(&commit.id).cloned();
            let mut facts = known.unwrap_or_else(|| {
                let mut facts = CommitFacts::clone(commit);
                self.text(&mut facts.summary);
                self.text(&mut facts.author);
                self.text(&mut facts.date);
                Arc::new(facts)
            });
            self.commits.insert(facts.id, Arc::clone(&facts));
            if self.secret.len() >= SHORTEST && facts.summary.as_bytes().contains_str(self.secret) {
                self.text(&mut Arc::make_mut(&mut facts).summary);
            }
            *commit = facts;
        }
    }

    fn path(&self, path: &mut BString) {
        if let Some(masked) = self.masked(path) {
            *path = masked;
        }
    }

    fn text(&self, text: &mut String) {
        if let Some(masked) = self.masked(text.as_bytes()) {
            *text = masked.to_string();
        }
    }

    /// `text` with its credentials masked, if it holds any.
    fn masked(&self, text: &[u8]) -> Option<BString> {
        let mut found = Vec::new();
        self.detector.detect(&Chunk::whole(text), &mut found);
        found.retain(|found| found.confidence >= Confidence::Likely);
        let mut spans: Vec<Span> = found.iter().map(|found| found.outer).collect();
        if self.secret.len() >= SHORTEST {
            let own = text.find_iter(self.secret);
            spans.extend(own.map(|at| Span::new(at, at + self.secret.len())));
        }
        if spans.is_empty() {
            return None;
        }
        spans.sort();
        let mut masked = Vec::with_capacity(text.len());
        let mut from = 0;
        for span in spans {
            if span.end <= from {
                continue;
            }
            if span.start >= from {
                masked.extend_from_slice(&text[from..span.start]);
                masked.extend_from_slice(MASK);
            }
            from = span.end;
        }
        masked.extend_from_slice(&text[from..]);
        Some(masked.into())
    }
}
