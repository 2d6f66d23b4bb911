//! Which entries know which finds.
//!
//! In: the finds of a scan, and which paths are gone. Out: the [`Standing`] of each find. An entry
//! knows a find of its value at its path. In the native format it also knows one at a path of which
//! it has not heard, if its own path is gone and the value has not multiplied: the file was renamed.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::{BStr, ByteSlice};
use jiff::civil::Date;

use super::entry::{Entry, Label};
use super::{Baseline, Form, Found, Gone, kinds};

/// What the baseline says of a find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: it is new.
    New,
    /// Someone has accepted it.
    Known {
        /// What they say it is.
        label: Label,
        /// And why.
        reason: Option<String>,
    },
    /// Someone had accepted it, up to a day that has passed.
    Expired,
}

/// How a find can be named by an entry.
pub(super) struct Name {
    /// The entry's digest.
    pub(super) digest: String,
    /// The entry's rule or type; without one, the entry may have any.
    pub(super) kind: Kind,
}

/// Which rules or types a [`Name`] goes with.
pub(super) enum Kind {
    /// Any.
    Any,
    /// This type of detect-secrets'.
    Type(&'static str),
    /// Types that detect-secrets itself does not have: those of plugins.
    Foreign,
}

impl Name {
    fn fits(&self, entry: &Entry) -> bool {
        self.digest == entry.digest
            && match self.kind {
                Kind::Any => true,
                Kind::Type(name) => entry.rule == name,
                Kind::Foreign => !kinds::built_in(&entry.rule),
            }
    }

    /// Whether entries of this name speak of one value only.
    fn precise(&self) -> bool {
        match self.kind {
            Kind::Type(name) => kinds::coarse(name, &self.digest).is_none(),
            Kind::Any | Kind::Foreign => true,
        }
    }
}

/// Which entries know which finds.
pub(super) struct Matching {
    /// For each find, the entries that know it.
    pub(super) hits: Vec<Vec<usize>>,
    /// For each entry, the finds it knows.
    pub(super) finds: Vec<Vec<usize>>,
    /// The entries that know finds at a path not their own.
    pub(super) moved: HashSet<usize>,
}

impl Baseline {
    /// What the baseline says of each find, in the order given.
    ///
    /// `found` holds all that a scan found, since a renamed file is known by where else its values
    /// turn up.
    #[must_use]
    pub fn settle(&self, found: &[Found<'_>], gone: Gone<'_>, today: Date) -> Vec<Standing> {
        let renames = matches!(self.form, Form::Native(_));
        let matching = self.matching(found, if renames { gone } else { Gone::nothing() });
        let standing = |(find, hits): (&Found<'_>, &Vec<usize>)| {
            if hits.is_empty() {
                return self.excluded(find);
            }
            let valid = |&&at: &&usize| !self.entries[at].note.expired(today);
            hits.iter().find(valid).map_or(Standing::Expired, |&at| {
                let note = &self.entries[at].note;
                Standing::Known { label: note.label, reason: note.reason.clone() }
            })
        };
        found.iter().zip(&matching.hits).map(standing).collect()
    }

    /// What the file says of a find that no entry knows: detect-secrets' exclude patterns.
    fn excluded(&self, found: &Found<'_>) -> Standing {
        match self.exclusion(found) {
            None => Standing::New,
            Some(filter) => Standing::Known {
                label: Label::Accepted,
                reason: Some(format!("excluded by {filter} in the baseline")),
            },
        }
    }

    /// The exclude pattern that leaves a find out.
    pub(super) fn exclusion(&self, found: &Found<'_>) -> Option<&'static str> {
        match &self.form {
            Form::Native(_) => None,
            Form::DetectSecrets(other) => other.filters.exclude(found),
        }
    }

    /// Every name that entries may have for each find.
    fn names(&self, found: &[Found<'_>]) -> Vec<Vec<Name>> {
        match &self.form {
            Form::Native(native) => {
                let name = |digest| {
                    let kind = Kind::Any;
                    vec![Name { digest, kind }]
                };
                native.digests(found).into_iter().map(name).collect()
            }
            Form::DetectSecrets(_) => found.iter().map(super::detect_secrets::names).collect(),
        }
    }

    /// Matches entries and finds.
    pub(super) fn matching(&self, found: &[Found<'_>], gone: Gone<'_>) -> Matching {
        let names = self.names(found);
        let mut index: HashMap<(&BStr, &str), Vec<usize>> = HashMap::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let place = (entry.path.as_bstr(), entry.digest.as_str());
            index.entry(place).or_default().push(at);
        }
        let mut matching = Matching {
            hits: vec![Vec::new(); found.len()],
            finds: vec![Vec::new(); self.entries.len()],
            moved: HashSet::new(),
        };
        for (find, (f, names)) in found.iter().zip(&names).enumerate() {
            let mut hits: Vec<usize> = names
                .iter()
                .flat_map(|name| {
                    let same = index.get(&(f.path, name.digest.as_str())).into_iter().flatten();
                    same.filter(|&&at| name.fits(&self.entries[at]))
                })
                .copied()
                .collect();
            // Rules are refined from release to release, and an accepted value stays accepted. The
            // entry of the same rule speaks first, since its note was meant for this.
            if hits.iter().any(|&at| self.entries[at].rule == f.rule) {
                hits.retain(|&at| self.entries[at].rule == f.rule);
            }
            for &at in &hits {
                matching.finds[at].push(find);
            }
            matching.hits[find] = hits;
        }
        self.follow(found, &names, gone, &mut matching);
        matching
    }

    /// Gives finds that no entry knows to entries that have lost theirs.
    fn follow(
        &self,
        found: &[Found<'_>],
        names: &[Vec<Name>],
        gone: Gone<'_>,
        matching: &mut Matching,
    ) {
        let mut lost: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let left = |&find: &usize| !(gone.find)(found[find].path);
            if !matching.finds[at].iter().any(left) && (gone.entry)(&entry.path) {
                lost.entry(&entry.digest).or_default().push(at);
            }
        }
        if lost.is_empty() {
            return;
        }
        let mut arrived: HashMap<&str, Vec<(usize, &Name)>> = HashMap::new();
        for (find, names) in names.iter().enumerate() {
            if !matching.hits[find].is_empty() {
                continue;
            }
            let sought = |name: &&Name| name.precise() && lost.contains_key(name.digest.as_str());
            for name in names.iter().filter(sought) {
                if (gone.find)(found[find].path) {
                    break;
                }
                let places = arrived.entry(&name.digest).or_default();
                places.push((find, name));
            }
        }
        // In the order of the entries, so that the outcome does not hang on that of a hash map.
        let digests: Vec<&str> = self.entries.iter().map(|e| e.digest.as_str()).collect();
        for digest in digests {
            let (Some(lost), Some(arrived)) = (lost.remove(digest), arrived.get(digest)) else {
                continue;
            };
            let from = lost.iter().map(|&at| self.entries[at].path.as_bstr());
            let to = arrived.iter().map(|&(find, _)| found[find].path);
            let moves = moves(from.collect(), to.collect());
            for &at in &lost {
                let entry = &self.entries[at];
                let Some(to) = moves.get(entry.path.as_bstr()) else {
                    continue;
                };
                for &(find, name) in arrived {
                    if found[find].path == *to && name.fits(entry) {
                        matching.hits[find].push(at);
                        matching.finds[at].push(find);
                        matching.moved.insert(at);
                    }
                }
            }
        }
    }
}

/// Pairs the paths a value is gone from with those it turned up at: equal file names first, then in
/// order. If it turned up at more places than it left, it was copied, and nothing is paired.
fn moves<'p>(from: BTreeSet<&'p BStr>, to: BTreeSet<&'p BStr>) -> HashMap<&'p BStr, &'p BStr> {
    if to.len() > from.len() {
        return HashMap::new();
    }
    let name = |path: &'p BStr| path.rsplit(|&b| b == b'/').next();
    let mut by_name: HashMap<_, Vec<&BStr>> = HashMap::new();
    for path in from.iter().rev() {
        by_name.entry(name(path)).or_default().push(path);
    }
    let mut pairs = HashMap::new();
    let mut left = Vec::new();
    for path in to {
        match by_name.get_mut(&name(path)).and_then(Vec::pop) {
            Some(origin) => drop(pairs.insert(origin, path)),
            None => left.push(path),
        }
    }
    let spare: Vec<&BStr> = from.into_iter().filter(|p| !pairs.contains_key(p)).collect();
    pairs.extend(spare.into_iter().zip(left));
    pairs
}
