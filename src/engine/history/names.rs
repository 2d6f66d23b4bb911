//! Secrets in names: of refs, in their logs, of files and folders.
//!
//! In: a repository. Out: sightings of what its names hold, each with an object as its place and with no
//! path, for no file holds them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::engine::Error;
use crate::engine::session::{Outcome, Session};
use crate::scan::Reading;
use crate::source::attribution::{Attribution, Introduction, attribute};
use crate::source::git;
use crate::source::names::{self, Label, Named};
use crate::source::objects::Store;
use crate::source::{Blob, Content, Kind, Object, ObjectId, Origin, Visitor as _};
use crate::verdict::finding::{Place, Sighting};

/// Where the names are.
pub(super) struct Places<'p> {
    pub(super) session: &'p Session<'p>,
    pub(super) repository: &'p git::Repository,
    pub(super) store: &'p Store,
}

impl Places<'_> {
    /// Adds what names of refs and their logs hold.
    pub(super) fn label(&self, reading: Reading, outcome: &mut Outcome) -> Result<(), Error> {
        let (labels, skipped) = names::labels(self.repository);
        outcome.found.skipped.extend(skipped);
        let each = |scanner: &crate::scan::Scanner<'_>| {
            names::hand_out(&labels, scanner);
            Ok(0)
        };
        let found = self.session.read(reading, each)?.found;
        for mut sighting in found.sightings {
            sighting.place.in_head = Some(false);
            sighting.place.refs = holders(&labels, &sighting);
            outcome.found.sightings.push(sighting);
        }
        Ok(())
    }

    /// Adds what names of files and folders hold.
    pub(super) fn title(
        &self,
        reading: Reading,
        titles: &[BString],
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        let place = |at: usize| {
            // The number of the name stands in for an object until it is known where it lies.
            Object { id: ObjectId::new(&(at as u64).to_be_bytes()), kind: Kind::Tree }
        };
        let read = |scanner: &crate::scan::Scanner<'_>| {
            for (at, title) in titles.iter().enumerate() {
                let origin = Origin { object: Some(place(at)), ..Origin::default() };
                scanner.blob(Blob { origin, content: Content::Bytes(title), before: None });
            }
            Ok(0)
        };
        let found = self.session.read(reading, read)?.found;
        let mut told: BTreeMap<&BString, Vec<Sighting>> = BTreeMap::new();
        for sighting in found.sightings {
            let Some(object) = sighting.place.object else { continue };
            let number = object.id.bytes().first_chunk().map(|at| u64::from_be_bytes(*at));
            let at = number.and_then(|at| usize::try_from(at).ok());
            if let Some(title) = at.and_then(|at| titles.get(at)) {
                told.entry(title).or_default().push(sighting);
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        self.locate(&told, outcome)
    }

    /// Finds the trees that names lie in, and the commits that brought them.
    fn locate(
        &self,
        told: &BTreeMap<&BString, Vec<Sighting>>,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        let threads = self.session.threads();
        let sought: BTreeSet<BString> = told.keys().map(|name| (*name).clone()).collect();
        let named = names::entries_named(self.store, &sought, threads);
        // Folders are not traced, but what lies in them is.
        let traced: Vec<ObjectId> =
            named.iter().map(|named| names::stand_in(self.store, named.entry)).collect();
        let wanted: HashMap<ObjectId, Vec<u32>> =
            (0..).zip(&traced).map(|(group, id)| (*id, vec![group])).collect();
        let attribution = attribute(self.store, self.repository, &wanted, threads)?;
        // A name that stays while the file changes has come once.
        let mut first: BTreeMap<&BString, Place> = BTreeMap::new();
        for (named, id) in named.iter().zip(&traced) {
            let place = origin(&attribution, wanted[id][0], named);
            let age = |place: &Place| (place.commit.is_none(), place.commit.clone(), place.object);
            match first.get(&named.name) {
                Some(known) if age(known) <= age(&place) => {}
                _ => drop(first.insert(&named.name, place)),
            }
        }
        for (name, place) in first {
            for sighting in &told[name] {
                let Place { start, end, via, .. } = sighting.place.clone();
                let place = Place { start, end, via, ..place.clone() };
                outcome.found.sightings.push(Sighting { place, ..sighting.clone() });
            }
        }
        Ok(())
    }
}

/// Where a name has come from.
fn origin(attribution: &Attribution, group: u32, named: &Named) -> Place {
    let bears = |introduction: &&Introduction| {
        let path = introduction.path.as_ref();
        path.is_some_and(|path| path.split_str("/").any(|part| part == named.name))
    };
    let trace = attribution.groups.get(&group);
    let first = trace.and_then(|trace| trace.introductions.iter().find(bears));
    let place = Place {
        object: Some(Object { id: named.tree, kind: Kind::Tree }),
        in_head: Some(false),
        ..Place::default()
    };
    let Some(first) = first else { return place };
    Place {
        commit: Some(Arc::new(attribution.commit(first).clone())),
        refs: attribution.refs(first).map(ToString::to_string).collect(),
        in_head: first.path.as_deref().map(|path| attribution.in_head(group, path)),
        fate: Some(Arc::new(attribution.fate(group, first.path.as_deref()))),
        ..place
    }
}

/// The refs whose name or log holds what was seen.
fn holders(labels: &[Label], sighting: &Sighting) -> Arc<[String]> {
    let about = |label: &&Label| Some(label.object) == sighting.place.object;
    let holds = |label: &&Label| label.text.contains_str(sighting.secret.reveal());
    let all = labels.iter().filter(about);
    let mut names: Vec<String> =
        all.clone().filter(holds).map(|label| label.name.to_string()).collect();
    if names.is_empty() {
        // It was encoded.
        names = all.map(|label| label.name.to_string()).collect();
    }
    names.sort_unstable();
    names.dedup();
    names.into()
}
