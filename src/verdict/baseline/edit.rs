//! What commands do to a baseline: take finds in, drop what is gone, compare, count, label.
//!
//! In: the finds of a scan of the present tree. Out: the changed baseline, or what would change.

use std::collections::{BTreeMap, HashSet};

use bstr::{BString, ByteSlice};
use jiff::civil::Date;

use super::entry::{Label, Note};
use super::{Baseline, Form, Found, Gone};

/// An entry, or a find that has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Where the value stands.
    pub path: BString,
    /// Rule id, or detect-secrets' type.
    pub rule: String,
    /// Line, if known.
    pub line: Option<usize>,
    /// What a person said of it, if there is an entry.
    pub label: Option<Label>,
    /// The path the entry still names, if the value has moved.
    pub from: Option<BString>,
}

/// How a baseline and the finds of a scan differ. Each list is sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Finds without an entry.
    pub added: Vec<Row>,
    /// Entries without a find.
    pub removed: Vec<Row>,
    /// Entries with a find at their own path.
    pub kept: Vec<Row>,
    /// Entries with a find at another path.
    pub moved: Vec<Row>,
}

/// Numbers about a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Entries.
    pub entries: usize,
    /// Paths that have entries.
    pub files: usize,
    /// Entries whose last day has passed.
    pub expired: usize,
    /// Entries by label.
    pub labels: BTreeMap<Label, usize>,
    /// Entries by rule, or detect-secrets' type.
    pub rules: BTreeMap<String, usize>,
}

impl Baseline {
    /// Takes the present finds in.
    ///
    /// Entries keep what people wrote into them, an expiry that has passed included; they follow
    /// values that moved to other paths, and in detect-secrets' format their line numbers are
    /// refreshed. Finds without an entry get one, labelled `accepted`. Entries that nothing was
    /// found for go, unless `keep_missing`, if `scope` says that their path was scanned.
    pub fn update(
        &mut self,
        found: &[Found<'_>],
        scope: &dyn Fn(&[u8]) -> bool,
        keep_missing: bool,
    ) {
        let matching = self.matching(found, Gone::entries(scope));
        let new = found
            .iter()
            .zip(&matching.hits)
            .filter(|(find, hits)| hits.is_empty() && self.exclusion(find).is_none());
        let mut fresh: Vec<_> =
            new.flat_map(|(find, _)| self.form.fresh(find, &Note::default())).collect();
        // Of equal ones the first stays.
        fresh.sort_by_key(|entry| entry.line);
        let native = matches!(self.form, Form::Native(_));
        let mut at = 0;
        self.entries.retain_mut(|entry| {
            let finds = &matching.finds[at];
            let moved = matching.moved.contains(&at);
            at += 1;
            let Some(&first) = finds.iter().min_by_key(|&&f| (found[f].line, found[f].rule)) else {
                return keep_missing || !scope(&entry.path);
            };
            let first = &found[first];
            if moved {
                first.path.clone_into(&mut entry.path);
            }
            if native && finds.iter().all(|&f| found[f].rule != entry.rule) {
                first.rule.clone_into(&mut entry.rule);
            }
            if entry.line.is_some() && first.line > 0 {
                entry.line = Some(first.line);
            }
            true
        });
        self.entries.extend(fresh);
        self.deduplicate();
    }

    /// Drops entries that nothing was found for, if `scope` says that their path was scanned.
    /// Returns how many. Entries whose value has moved stay as they are.
    pub fn prune(&mut self, found: &[Found<'_>], scope: &dyn Fn(&[u8]) -> bool) -> usize {
        let matching = self.matching(found, Gone::entries(scope));
        let before = self.entries.len();
        let mut at = 0;
        self.entries.retain(|entry| {
            at += 1;
            !matching.finds[at - 1].is_empty() || !scope(&entry.path)
        });
        before - self.entries.len()
    }

    /// How an update with these finds would change the baseline, were everything scanned.
    #[must_use]
    pub fn diff(&self, found: &[Found<'_>]) -> Diff {
        let matching = self.matching(found, Gone::entries(&|_| true));
        let mut diff = Diff::default();
        for (entry, finds) in self.entries.iter().zip(&matching.finds) {
            let first = finds.iter().map(|&f| &found[f]).min_by_key(|f| f.line);
            let moved = first.is_some_and(|f| entry.path != f.path);
            let row = Row {
                path: first.map_or_else(|| entry.path.clone(), |f| f.path.to_owned()),
                rule: entry.rule.clone(),
                line: first.map(|f| f.line).filter(|&l| l > 0).or(entry.line),
                label: Some(entry.note.label),
                from: moved.then(|| entry.path.clone()),
            };
            match first {
                None => diff.removed.push(row),
                Some(_) if moved => diff.moved.push(row),
                Some(_) => diff.kept.push(row),
            }
        }
        for (find, hits) in found.iter().zip(&matching.hits) {
            if hits.is_empty() && self.exclusion(find).is_none() {
                diff.added.push(Row {
                    path: find.path.to_owned(),
                    rule: find.rule.to_owned(),
                    line: (find.line > 0).then_some(find.line),
                    label: None,
                    from: None,
                });
            }
        }
        let lists = [&mut diff.added, &mut diff.removed, &mut diff.kept, &mut diff.moved];
        for list in lists {
            list.sort();
        }
        diff
    }

    /// Numbers about the entries, as of `today`.
    #[must_use]
    pub fn stats(&self, today: Date) -> Stats {
        let files: HashSet<_> = self.entries.iter().map(|e| e.path.as_bstr()).collect();
        let mut stats =
            Stats { entries: self.entries.len(), files: files.len(), ..Stats::default() };
        for entry in &self.entries {
            stats.expired += usize::from(entry.note.expired(today));
            *stats.labels.entry(entry.note.label).or_default() += 1;
            *stats.rules.entry(entry.rule.clone()).or_default() += 1;
        }
        stats
    }

    /// Attaches a note to the entries of a find, which gets one if it has none.
    ///
    /// detect-secrets' format holds a label only: `is_secret` true for credentials, false for the
    /// rest. Anything else in the note is lost there.
    pub fn annotate(&mut self, found: &Found<'_>, note: &Note) {
        let hits = self.matching(&[*found], Gone::nothing()).hits.remove(0);
        if hits.is_empty() {
            let fresh = self.form.fresh(found, note);
            self.entries.extend(fresh);
            self.deduplicate();
            return;
        }
        for at in hits {
            self.form.note(&mut self.entries[at], note);
        }
    }

    /// Keeps the first of equal entries.
    pub(super) fn deduplicate(&mut self) {
        let mut seen = HashSet::new();
        let keep: Vec<bool> = self.entries.iter().map(|e| seen.insert(e.key())).collect();
        let mut keep = keep.into_iter();
        self.entries.retain(|_| keep.next().unwrap_or(true));
    }
}
