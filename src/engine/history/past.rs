//! What is known from the last audit, and what this one leaves to the next.
//!
//! In: a ledger, and the store as it is now. Out: what of it still holds; after the scan, where everything that was
//! found lies, and a new ledger.

use std::collections::{BTreeSet, HashSet};

use bstr::BString;

use super::Groups;
use super::cache::{Cache, note};
use super::names::Places;
use crate::engine::Error;
use crate::engine::session::Outcome;
use crate::scan::Reading;
use crate::source::attribution::again::{self, Trail};
use crate::source::attribution::{Attribution, attribute, resume};
use crate::source::ledger::{Ledger, Seen};
use crate::source::objects::Store;
use crate::source::pack::Type;
use crate::source::{Kind, Object, ObjectId, SkipReason, Skipped};

/// A ledger is written anew for so many objects; fewer are read again next time.
const WORTH: usize = 64;

/// What is known from the last audit.
#[derive(Default)]
pub(super) struct Past {
    pub(super) ledger: Ledger,
}

/// What an audit has learnt.
pub(super) struct News {
    /// Objects that hold something, and are read each time.
    held: HashSet<ObjectId>,
    trees: Vec<ObjectId>,
    trail: Option<Trail>,
    /// Whether the last trail was of use.
    resumed: bool,
}

impl Past {
    /// Takes from the ledger what still holds in `store`.
    pub(super) fn of(cache: Option<&Cache>, store: &Store) -> Self {
        let mut ledger = cache.map(Cache::read).unwrap_or_default();
        let count = ledger.seen.len();
        ledger.seen = store.still(ledger.seen);
        let gone = count - ledger.seen.len();
        if gone > 0 {
            note(&format!("{gone} objects are gone since the last audit; finds are traced anew"));
            ledger.trail = None;
        }
        Self { ledger }
    }

    /// Leaves to the next audit what this one has read.
    pub(super) fn leave(mut self, cache: &Cache, news: News, store: &Store, outcome: &mut Outcome) {
        let unsure: BTreeSet<ObjectId> =
            outcome.found.skipped.iter().filter_map(|skipped| object(&skipped.what)).collect();
        let sure = |id: &ObjectId| !unsure.contains(id) && !news.held.contains(id);
        let read = std::mem::take(&mut outcome.found.read);
        let texts = read.into_iter().filter_map(seen);
        let tree = |id| Seen { id, kind: Type::Tree, bytes: 0 };
        let texts: Vec<Seen> = texts.filter(|seen| sure(&seen.id)).collect();
        let last = self.ledger.trail.is_some();
        let same = news.resumed || (!last && news.trail.is_none());
        if same && texts.len() < WORTH && !self.ledger.seen.is_empty() {
            return;
        }
        self.ledger.seen.extend(texts);
        self.ledger.seen.extend(news.trees.into_iter().filter(sure).map(tree));
        self.ledger.seen.sort_unstable_by_key(|seen| seen.id);
        self.ledger.seen.dedup_by_key(|seen| seen.id);
        self.ledger.trail = news
            .trail
            .filter(|_| outcome.found.skipped.iter().all(|skipped| is_lasting(skipped, store)));
        cache.write(&self.ledger);
    }
}

/// The object that a note is about.
fn object(what: &BString) -> Option<ObjectId> {
    let digits = what.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let id = data_encoding::HEXLOWER.decode(&what[..digits]).ok()?;
    matches!(id.len(), 20 | 32).then(|| ObjectId::new(&id))
}

fn seen((object, bytes): (Object, u64)) -> Option<Seen> {
    let kind = match object.kind {
        Kind::Blob => Type::Blob,
        Kind::Commit => Type::Commit,
        Kind::Tag => Type::Tag,
        Kind::Tree | Kind::Ref | Kind::Reflog => return None,
    };
    Some(Seen { id: object.id, kind, bytes })
}

/// Whether a note will be the same next time. What was not read may hold something then, and have been there long.
fn is_lasting(skipped: &Skipped, store: &Store) -> bool {
    match skipped.reason {
        SkipReason::Packed | SkipReason::Encrypted | SkipReason::Damaged | SkipReason::Shallow => {
            true
        }
        // What is not there is looked for again.
        SkipReason::Missing => object(&skipped.what).is_none_or(|id| !store.contains(id)),
        _ => false,
    }
}

/// Finds out where everything lies that was found, and what names hold.
pub(super) fn place_all(
    places: &Places<'_>,
    past: &Past,
    reading: Reading,
    outcome: &mut Outcome,
) -> Result<News, Error> {
    let groups = Groups::of(&outcome.found.sightings);
    let (attribution, resumed) = trace(places, past, &groups)?;
    let sightings = std::mem::take(&mut outcome.found.sightings);
    // What git-lfs keeps has no object, and its path already.
    let (whole, traced): (Vec<_>, Vec<_>) =
        sightings.into_iter().partition(|sighting| sighting.place.object.is_none());
    outcome.found.sightings = groups.place(traced, &attribution);
    outcome.found.sightings.extend(whole);
    // The first reading has told of what both could not read.
    let told: BTreeSet<BString> =
        outcome.found.skipped.iter().map(|skipped| skipped.what.clone()).collect();
    let news = attribution.skipped.iter().filter(|skipped| !told.contains(&skipped.what));
    outcome.found.skipped.extend(news.cloned());
    let count = outcome.found.sightings.len();
    places.title(reading, &attribution.titles, outcome)?;
    let Attribution { trail, trees, .. } = attribution;
    Ok(News {
        held: groups.wanted.into_keys().collect(),
        trees,
        // Names that hold something are looked for again, and not written down.
        trail: trail.filter(|_| outcome.found.sightings.len() == count),
        resumed,
    })
}

/// Traces what was found: from where the last audit was, or from the start.
fn trace(places: &Places<'_>, past: &Past, groups: &Groups) -> Result<(Attribution, bool), Error> {
    let (store, repository) = (places.store, places.repository);
    let threads = places.session.threads();
    if let Some(trail) = &past.ledger.trail {
        let past = again::Past { seen: &past.ledger.seen, trail };
        if let Some(found) = resume(past, store, repository, &groups.wanted, threads)? {
            return Ok((found, true));
        }
    }
    Ok((attribute(store, repository, &groups.wanted, threads)?, false))
}
