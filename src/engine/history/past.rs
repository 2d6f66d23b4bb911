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
use crate::source::history::History;
use crate::source::ledger::{Held, Ledger, Seen};
use crate::source::objects::Store;
use crate::source::pack::Type;
use crate::source::{Kind, Object, ObjectId, SkipReason, Skipped};

/// A ledger is written anew for so many objects; fewer are read again next time.
const WORTH: usize = 64;

/// Larger objects that hold something are always read again, as streams.
const LARGE: u64 = 16 << 20;

/// What is known from the last audit.
#[derive(Default)]
pub(super) struct Past {
    /// What need not be read again, sorted: what held nothing, and what held what others hold that are reported.
    pub(super) known: Vec<Seen>,
    /// What held something, sorted. What is not shown is among the known.
    held: Vec<Held>,
    trail: Option<Trail>,
}

/// What an audit has learnt.
pub(super) struct News {
    /// What was found, and which objects hold it.
    groups: Groups,
    /// Those of which it is reported.
    shown: HashSet<ObjectId>,
    trees: Vec<ObjectId>,
    trail: Option<Trail>,
    /// Whether what was left last was of use.
    resumed: bool,
    /// Whether the last trail is as good as a new one.
    same: bool,
    /// Whether the last ledger stays, since this audit has read next to nothing.
    stays: bool,
}

impl Past {
    /// Takes from the ledger what still holds in `store`.
    pub(super) fn of(cache: Option<&Cache>, store: &Store) -> Self {
        let Ledger { seen, held, mut trail } = cache.map(Cache::read).unwrap_or_default();
        let mut known = seen;
        known.extend(held.iter().filter(|held| !held.shown).map(|held| held.seen));
        // Two sorted runs, which this sort merges.
        known.sort_by_key(|seen| seen.id);
        let count = known.len();
        let mut known = store.still(known);
        // A commit that is reported for what it holds itself may have brought other finds, too.
        let shown: Vec<Seen> =
            held.iter().filter(|held| held.shown).map(|held| held.seen).collect();
        let gone = count - known.len() + shown.len() - store.still(shown).len();
        if gone == 0 {
            return Self { known, held, trail };
        }
        note(&format!("{gone} objects are gone since the last audit; finds are traced anew"));
        trail = None;
        // One that is gone may be the one that was reported.
        known.retain(|seen| held.binary_search_by_key(&seen.id, |held| held.seen.id).is_err());
        Self { known, held: Vec::new(), trail }
    }

    /// Reads what is known to hold something, and is `asked` for; says whether there is any.
    fn read(
        &mut self,
        places: &Places<'_>,
        reading: Reading,
        outcome: &mut Outcome,
        asked: impl Fn(&ObjectId) -> bool,
    ) -> Result<bool, Error> {
        let hidden = self.held.iter_mut().filter(|held| !held.shown && asked(&held.seen.id));
        let asked: Vec<Seen> = hidden
            .map(|held| {
                held.shown = true;
                held.seen
            })
            .collect();
        if asked.is_empty() {
            return Ok(false);
        }
        let rest = places.store.all_but(&asked);
        let threads = places.session.threads();
        let source = History { store: places.store, threads, seen: &rest };
        let mut found =
            places.session.read(reading, |scanner| Ok(source.texts(scanner).commits))?;
        outcome.found.sightings.append(&mut found.found.sightings);
        outcome.found.skipped.append(&mut found.found.skipped);
        Ok(true)
    }

    /// Leaves to the next audit what this one has read.
    pub(super) fn leave(self, cache: &Cache, news: News, store: &Store, outcome: &mut Outcome) {
        let unsure: BTreeSet<ObjectId> =
            outcome.found.skipped.iter().filter_map(|skipped| object(&skipped.what)).collect();
        let sure = |id: &ObjectId| !unsure.contains(id) && !news.groups.wanted.contains_key(id);
        let read = std::mem::take(&mut outcome.found.read);
        let read: Vec<Seen> = read.into_iter().filter_map(seen).collect();
        let texts = read.iter().filter(|seen| sure(&seen.id)).count();
        let same = news.resumed || (self.trail.is_none() && news.trail.is_none());
        if news.stays || same && texts < WORTH && !self.known.is_empty() {
            return;
        }
        let tree = |id| Seen { id, kind: Type::Tree, bytes: 0 };
        let trees = news.trees.iter().copied().filter(sure).map(tree);
        let mut all = self.known;
        all.extend(read);
        all.extend(trees);
        all.sort_by_key(|seen| seen.id);
        all.dedup_by_key(|seen| seen.id);
        let ranks = news.groups.ranks();
        let held =
            all.iter().filter(|seen| news.groups.wanted.contains_key(&seen.id)).map(|&seen| {
                let again = unsure.contains(&seen.id) || seen.bytes > LARGE;
                let shown = again || news.shown.contains(&seen.id);
                Held { seen, shown, groups: news.groups.ranked(&seen.id, &ranks) }
            });
        let mut ledger = Ledger { held: held.collect(), ..Ledger::default() };
        all.retain(|seen| sure(&seen.id));
        ledger.seen = all;
        ledger.trail = news
            .trail
            .or_else(|| self.trail.filter(|_| news.same))
            .filter(|_| outcome.found.skipped.iter().all(|skipped| is_lasting(skipped, store)));
        cache.write(&ledger);
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
    past: &mut Past,
    reading: Reading,
    outcome: &mut Outcome,
) -> Result<News, Error> {
    let mut groups = Groups::of(&outcome.found.sightings);
    if !groups.recall(&past.held) {
        past.read(places, reading, outcome, |_| true)?;
        groups = Groups::of(&outcome.found.sightings);
    }
    let few = outcome.found.read.len() < WORTH && !past.known.is_empty();
    let (attribution, resumed) = trace(places, past, &groups, few)?;
    let shown = groups.shown(&attribution);
    let more = past.read(places, reading, outcome, |id| shown.contains(id))?;
    groups.place(&mut outcome.found.sightings, &attribution);
    // The first reading has told of what both could not read.
    let told: BTreeSet<BString> =
        outcome.found.skipped.iter().map(|skipped| skipped.what.clone()).collect();
    let news = attribution.skipped.iter().filter(|skipped| !told.contains(&skipped.what));
    outcome.found.skipped.extend(news.cloned());
    let count = outcome.found.sightings.len();
    places.title(reading, &attribution.titles, outcome)?;
    let Attribution { trail, trees, same, .. } = attribution;
    Ok(News {
        groups,
        shown,
        trees,
        // Names that hold something are looked for again, and not written down.
        trail: trail.filter(|_| outcome.found.sightings.len() == count),
        resumed: resumed && !more,
        same: resumed && same,
        stays: resumed && few,
    })
}

/// Traces what was found: from where the last audit was, or from the start.
fn trace(
    places: &Places<'_>,
    past: &Past,
    groups: &Groups,
    stays: bool,
) -> Result<(Attribution, bool), Error> {
    let (store, repository) = (places.store, places.repository);
    let threads = places.session.threads();
    if let Some(trail) = &past.trail {
        let past = again::Past { seen: &past.known, trail, stays };
        if let Some(found) = resume(past, store, repository, &groups.wanted, threads)? {
            return Ok((found, true));
        }
    }
    Ok((attribute(store, repository, &groups.wanted, threads)?, false))
}
