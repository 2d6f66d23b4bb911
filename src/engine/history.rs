//! The history of a repository.
//!
//! In: a session, and how to go about it. Out: what was read and what was found. Without revisions every object of the
//! store is scanned once, and only what was found is traced to commits, paths and refs; with revisions the commits' own
//! changes are scanned.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use bstr::BString;
use sha2::{Digest as _, Sha256};

pub(crate) mod cache;
pub(crate) mod modules;
mod moved;
mod names;
mod past;

use self::cache::Cache;
use self::names::Places;
use self::past::{Past, place_all};
use super::Error;
use super::session::{Outcome, Session};
use super::settings::Settings;
use crate::scan::Reading;
use crate::source::attribution::{Attribution, Fate};
use crate::source::commit::commit_facts;
use crate::source::history::History;
use crate::source::ledger::Held;
use crate::source::objects::Store;
use crate::source::range::Range;
use crate::source::{CommitFacts, ObjectId, git, inside, lfs};
use crate::text::Secret;
use crate::verdict::finding::{Finding, Place, Sighting};

/// What the commits of some `revisions` introduce, those alone that are made `since` a moment.
pub(crate) fn commits(
    session: &Session<'_>,
    revisions: Vec<String>,
    since: Option<i64>,
) -> Result<(Outcome, Vec<Finding>), Error> {
    let place = session.place;
    let repository = git::open(&place.folder, &place.environment)?;
    let range = Range { repo: &repository, revisions, since, known: None };
    let mut outcome = session
        .read(Reading::default(), |scanner| range.run(scanner).map(|tally| tally.commits))?;
    describe(&repository, &mut outcome)?;
    let findings = session.judge(&mut outcome, &|path| git::is_gone(&repository, path));
    Ok((outcome, findings))
}

/// Looks up what reports say of the commits that sightings are in.
pub(crate) fn describe(repository: &git2::Repository, outcome: &mut Outcome) -> Result<(), Error> {
    let mut known: HashMap<ObjectId, Arc<CommitFacts>> = HashMap::new();
    for sighting in &mut outcome.found.sightings {
        let Some(id) = sighting.place.introduced else { continue };
        let facts = match known.get(&id) {
            Some(facts) => Arc::clone(facts),
            None => Arc::new(commit_facts(repository, id)?),
        };
        known.insert(id, Arc::clone(&facts));
        sighting.place.commit = Some(facts);
    }
    Ok(())
}

/// How an audit of everything is gone about.
#[derive(Clone, Copy, Default)]
pub(crate) struct Effort<'e> {
    pub(crate) reading: Reading,
    /// Whether files that git-lfs keeps are read too.
    pub(crate) lfs: bool,
    /// Bytes of memory that it may take.
    pub(crate) memory: Option<u64>,
    /// What to remember it by.
    pub(crate) cache: Option<&'e Cache>,
}

impl From<Reading> for Effort<'_> {
    fn from(reading: Reading) -> Self {
        Self { reading, ..Self::default() }
    }
}

/// Everything the object store holds.
pub(crate) fn everything(
    session: &Session<'_>,
    effort: Effort<'_>,
) -> Result<(Outcome, Vec<Finding>), Error> {
    let place = session.place;
    let repository = git::open(&place.folder, &place.environment)?;
    let mut store = Store::open(&repository, &place.environment.objects)?;
    if let Some(bytes) = effort.memory {
        store = store.within(bytes)?;
    }
    let mut outcome = all(&Places { session, repository: &repository, store: &store }, effort)?;
    let Settings { policy, detector, .. } = &*session.settings;
    outcome.found.sightings.retain_mut(|sighting| policy.settle(sighting, detector.rules()));
    let mut findings = session.judge(&mut outcome, &|path| git::is_gone(&repository, path));
    moved::follow(&repository, &store, &mut findings);
    Ok((outcome, findings))
}

/// What a repository's store, its names and, if asked for, git-lfs hold, each with its place in the history.
fn all(places: &Places<'_>, effort: Effort<'_>) -> Result<Outcome, Error> {
    let Places { session, repository, store } = *places;
    let threads = session.threads();
    let mut past = Past::of(effort.cache, store);
    let source = History { store, threads, seen: &past.known };
    let list = effort.cache.is_some();
    let reading = Reading { paths_later: true, list, ..effort.reading };
    let mut outcome = session.read(reading, |scanner| {
        let tally = source.run(repository, scanner)?;
        if effort.lfs {
            lfs::hand_out(repository.commondir(), store, threads, scanner);
        }
        Ok(tally.commits)
    })?;
    outcome.count(&past.known);
    if !session.stopped() {
        let reading = Reading { list: false, ..reading };
        let news = place_all(places, &mut past, reading, &mut outcome)?;
        places.label(reading, &mut outcome)?;
        if let Some(cache) = effort.cache.filter(|_| !session.stopped()) {
            past.leave(cache, news, store, &mut outcome);
        }
    }
    Ok(outcome)
}

/// The values that were found, each a group, and the objects that hold them.
struct Groups {
    numbers: HashMap<(u16, Secret), u32>,
    /// A group may be named more than once.
    wanted: HashMap<ObjectId, Vec<u32>>,
}

impl Groups {
    /// Groups are numbered in the order of rules and values, so that their order is the same in every audit.
    fn of(sightings: &[Sighting]) -> Self {
        let key = |sighting: &Sighting| (sighting.rule, sighting.secret.clone());
        let mut keys: Vec<(u16, Secret)> = sightings.iter().map(key).collect();
        keys.sort_unstable_by(|a, b| (a.0, a.1.reveal()).cmp(&(b.0, b.1.reveal())));
        keys.dedup();
        let mut groups =
            Self { numbers: keys.into_iter().zip(0..).collect(), wanted: HashMap::new() };
        for sighting in sightings {
            let Some(object) = sighting.place.object else { continue };
            let number = groups.numbers[&key(sighting)];
            groups.wanted.entry(object.id).or_default().push(number);
        }
        groups
    }

    /// Adds what is `held` by objects that were not read, by the values of those that were; says whether all these are
    /// known.
    fn recall(&mut self, held: &[Held]) -> bool {
        if held.is_empty() {
            return true;
        }
        let ranks = self.ranks();
        let mut numbers = vec![0; ranks.len()];
        (0..).zip(&ranks).for_each(|(number, rank)| numbers[index(*rank)] = number);
        let mut known: HashMap<u32, u32> = HashMap::new();
        for Held { seen, groups, .. } in held.iter().filter(|held| held.shown) {
            let now = self.ranked(&seen.id, &ranks);
            let all = groups.iter().zip(now.iter().map(|rank| numbers[index(*rank)]));
            let mut same = all.map(|(old, new)| *known.entry(*old).or_insert(new) == new);
            if now.len() != groups.len() || !same.all(|same| same) {
                return false;
            }
        }
        let hidden = held.iter().filter(|held| !held.shown);
        hidden.fold(true, |whole, Held { seen, groups, .. }| {
            let now: Vec<u32> = groups.iter().filter_map(|old| known.get(old).copied()).collect();
            let all = now.len() == groups.len();
            self.wanted.insert(seen.id, now);
            whole && all
        })
    }

    /// The place of each group in the order of digests, which tells nothing of the values.
    fn ranks(&self) -> Vec<u32> {
        let digest = |(rule, secret): &(u16, Secret)| {
            Sha256::new().chain_update(rule.to_le_bytes()).chain_update(secret.reveal()).finalize()
        };
        let mut all: Vec<_> =
            self.numbers.iter().map(|(key, number)| (digest(key), *number)).collect();
        all.sort_unstable();
        let mut ranks = vec![0; all.len()];
        (0..).zip(all).for_each(|(rank, (_, number))| ranks[index(number)] = rank);
        ranks
    }

    /// The ranks of what an object holds, in order.
    fn ranked(&self, id: &ObjectId, ranks: &[u32]) -> Vec<u32> {
        let groups = self.wanted.get(id).into_iter().flatten();
        let mut ranked: Vec<u32> = groups.map(|number| ranks[index(*number)]).collect();
        ranked.sort_unstable();
        ranked.dedup();
        ranked
    }

    /// The objects whose finds are reported by [`Self::place`].
    fn shown(&self, attribution: &Attribution) -> HashSet<ObjectId> {
        let introductions = attribution.groups.values().flat_map(|trace| &trace.introductions);
        let mut shown: HashSet<ObjectId> = introductions.map(|first| first.object).collect();
        shown.extend(attribution.strays.keys());
        let traced = |group: &u32| {
            attribution.groups.get(group).is_some_and(|trace| !trace.introductions.is_empty())
        };
        let lost = self.wanted.iter().filter(|(_, groups)| !groups.iter().all(traced));
        shown.extend(lost.map(|(id, _)| *id));
        shown
    }

    /// Gives each sighting its commit, path and refs: one for each place a value was introduced. A sighting in a
    /// later version of the same file is no place of its own.
    fn place(&self, sightings: Vec<Sighting>, attribution: &Attribution) -> Vec<Sighting> {
        // A sorted list, not a map of lists: there may be millions.
        let mut seen: Vec<((ObjectId, u32), Sighting)> = Vec::with_capacity(sightings.len());
        for sighting in sightings {
            let Some(object) = sighting.place.object else { continue };
            let group = self.numbers[&(sighting.rule, sighting.secret.clone())];
            seen.push(((object.id, group), sighting));
        }
        seen.sort_by_key(|(key, _)| *key);
        let mut commits: HashMap<ObjectId, Arc<CommitFacts>> = HashMap::new();
        let (mut sets, mut lists) = (Sets::default(), HashMap::new());
        let mut fates: BTreeSet<Arc<Fate>> = BTreeSet::new();
        let mut placed = Vec::new();
        for (&group, trace) in &attribution.groups {
            for introduction in &trace.introductions {
                let facts = attribution.commit(introduction);
                let commit = commits.entry(facts.id).or_insert_with(|| Arc::new(facts.clone()));
                let refs = lists
                    .entry(attribution.set(introduction))
                    .or_insert_with(|| sets.share(attribution.refs(introduction)));
                let in_head =
                    introduction.path.as_ref().is_some_and(|path| attribution.in_head(group, path));
                let fate = share(&mut fates, attribution.fate(group, introduction.path.as_ref()));
                let key = (introduction.object, group);
                let from = seen.partition_point(|(other, _)| *other < key);
                let here = seen[from..].iter().take_while(|(other, _)| *other == key);
                for (_, sighting) in here {
                    let mut sighting = sighting.clone();
                    let path = introduction.path.clone();
                    sighting.place = Place {
                        commit: Some(Arc::clone(commit)),
                        path: path.map(|path| inside(path, sighting.place.inner.as_ref())),
                        in_head: Some(in_head),
                        refs: Arc::clone(refs),
                        fate: Some(Arc::clone(&fate)),
                        ..sighting.place
                    };
                    placed.push(sighting);
                }
            }
        }
        // What no commit's tree holds: dangling and staged objects, tagged blobs.
        for ((object, group), mut sighting) in seen {
            let traced = attribution.groups.get(&group);
            let refs = match attribution.strays.get(&object) {
                Some(refs) => sets.share(refs.iter()),
                None if traced.is_some_and(|trace| !trace.introductions.is_empty()) => continue,
                // Tracing it was given up; it was found all the same.
                None => Arc::default(),
            };
            let name = sighting.place.inner.as_ref().map(|_| object.to_string().into());
            sighting.place.path = name.map(|name| inside(name, sighting.place.inner.as_ref()));
            sighting.place.in_head = Some(false);
            sighting.place.refs = refs;
            placed.push(sighting);
        }
        placed
    }
}

/// A group's number as an index.
fn index(number: u32) -> usize {
    usize::try_from(number).expect("no platform here has pointers under 32 bits")
}

/// A fate, kept once: thousands of findings are still held by HEAD.
fn share(fates: &mut BTreeSet<Arc<Fate>>, fate: Fate) -> Arc<Fate> {
    if let Some(known) = fates.get(&fate) {
        return Arc::clone(known);
    }
    let fate = Arc::new(fate);
    fates.insert(Arc::clone(&fate));
    fate
}

/// Lists of refs, each kept once: thousands of findings may be held by the same thousands of refs.
#[derive(Default)]
struct Sets(BTreeSet<Arc<[String]>>);

impl Sets {
    fn share<'n>(&mut self, names: impl Iterator<Item = &'n BString>) -> Arc<[String]> {
        let names: Arc<[String]> = names.map(ToString::to_string).collect();
        if let Some(known) = self.0.get(&names) {
            return Arc::clone(known);
        }
        self.0.insert(Arc::clone(&names));
        names
    }
}
