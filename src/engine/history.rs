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
use crate::source::attribution::{Attribution, Fate, Introduction};
use crate::source::commit::commit_facts;
use crate::source::history::History;
use crate::source::ledger::Held;
use crate::source::objects::Store;
use crate::source::range::Range;
use crate::source::{CommitFacts, ObjectId, git, inside, lfs};
use crate::text::Secret;
use crate::verdict::finding::{Finding, Sighting};

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
    /// Rules and values, sorted: the place of one is its number. There may be millions.
    keys: Vec<(u16, Secret)>,
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
        keys.shrink_to_fit();
        let mut groups = Self { keys, wanted: HashMap::new() };
        for sighting in sightings {
            let Some(object) = sighting.place.object else { continue };
            let number = groups.number(sighting);
            groups.wanted.entry(object.id).or_default().push(number);
        }
        groups
    }

    /// The group of a sighting.
    fn number(&self, sighting: &Sighting) -> u32 {
        let sought = (sighting.rule, sighting.secret.reveal());
        let at = self.keys.partition_point(|(rule, secret)| (*rule, secret.reveal()) < sought);
        u32::try_from(at).expect("memory holds fewer values")
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
            self.keys.iter().zip(0..).map(|(key, number)| (digest(key), number)).collect();
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
    /// later version of the same file is no place of its own. What git-lfs keeps has no object, and its path already.
    fn place(&self, sightings: &mut Vec<Sighting>, attribution: &Attribution) {
        let mut firsts: Vec<(ObjectId, u32, &Introduction)> =
            Vec::with_capacity(attribution.groups.values().map(|t| t.introductions.len()).sum());
        for (&group, trace) in &attribution.groups {
            firsts.extend(trace.introductions.iter().map(|first| (first.object, group, first)));
        }
        firsts.sort_by_key(|&(object, group, _)| (object, group));
        let mut shared = Shared::new(attribution);
        // They are placed where they are, since there may be millions; what has come in more than once is added.
        let mut more = Vec::new();
        sightings.retain_mut(|sighting| {
            let Some(object) = sighting.place.object else { return true };
            let group = self.number(sighting);
            let key = (object.id, group);
            let from = firsts.partition_point(|first| (first.0, first.1) < key);
            let until = from + firsts[from..].partition_point(|first| (first.0, first.1) == key);
            let Some(((_, _, first), rest)) = firsts[from..until].split_first() else {
                return shared.stray(sighting, group, object.id);
            };
            for (_, _, other) in rest {
                let mut copy = sighting.clone();
                shared.introduced(&mut copy, group, other);
                more.push(copy);
            }
            shared.introduced(sighting, group, first);
            true
        });
        sightings.append(&mut more);
    }
}

/// What sightings are placed by, each fact kept once: thousands of findings are brought in by one commit, still held by
/// HEAD, and reached by the same thousands of refs.
struct Shared<'a> {
    attribution: &'a Attribution,
    commits: HashMap<ObjectId, Arc<CommitFacts>>,
    sets: Sets,
    lists: HashMap<usize, Arc<[String]>>,
    fates: BTreeSet<Arc<Fate>>,
}

impl<'a> Shared<'a> {
    fn new(attribution: &'a Attribution) -> Self {
        let (commits, sets) = (HashMap::new(), Sets::default());
        Self { attribution, commits, sets, lists: HashMap::new(), fates: BTreeSet::new() }
    }

    /// Places what an `introduction` has brought in.
    fn introduced(&mut self, sighting: &mut Sighting, group: u32, introduction: &Introduction) {
        let attribution = self.attribution;
        let facts = attribution.commit(introduction);
        let commit = self.commits.entry(facts.id).or_insert_with(|| Arc::new(facts.clone()));
        let refs = self
            .lists
            .entry(attribution.set(introduction))
            .or_insert_with(|| attribution.refs(introduction).map(ToString::to_string).collect());
        let path = introduction.path.as_deref();
        let place = &mut sighting.place;
        place.commit = Some(Arc::clone(commit));
        place.refs = Arc::clone(refs);
        place.in_head = Some(path.is_some_and(|path| attribution.in_head(group, path)));
        place.fate = Some(share(&mut self.fates, attribution.fate(group, path)));
        place.path = path.map(|path| inside(path.clone(), place.inner.as_ref()));
    }

    /// Places what no commit's tree holds: dangling and staged objects, tagged blobs. Says whether it is to be told of.
    fn stray(&mut self, sighting: &mut Sighting, group: u32, object: ObjectId) -> bool {
        let traced = self.attribution.groups.get(&group);
        let refs = match self.attribution.strays.get(&object) {
            Some(refs) => self.sets.share(refs.iter()),
            None if traced.is_some_and(|trace| !trace.introductions.is_empty()) => return false,
            // Tracing it was given up; it was found all the same.
            None => Arc::default(),
        };
        let place = &mut sighting.place;
        let name = place.inner.as_ref().map(|_| object.to_string().into());
        place.path = name.map(|name| inside(name, place.inner.as_ref()));
        place.in_head = Some(false);
        place.refs = refs;
        true
    }
}

/// A group's number as an index.
fn index(number: u32) -> usize {
    usize::try_from(number).expect("no platform here has pointers under 32 bits")
}

/// A fate, kept once.
fn share(fates: &mut BTreeSet<Arc<Fate>>, fate: Fate) -> Arc<Fate> {
    if let Some(known) = fates.get(&fate) {
        return Arc::clone(known);
    }
    let fate = Arc::new(fate);
    fates.insert(Arc::clone(&fate));
    fate
}

/// Lists of refs, each kept once.
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
