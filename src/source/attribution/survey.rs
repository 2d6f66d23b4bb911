//! One pass over all commits, trees and tags of a store.
//!
//! In: a store and the blobs that are looked for. Out: the commits' links, the trees' folders and
//! the places where wanted blobs lie, all as small numbers; the names of all entries, and the blobs
//! that a tree names and the store does not hold.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::{BStr, BString};

use super::outline::{Entry, Mark, Outline};
use super::wanted::Wanted;
use crate::source::commit::{self, Links, tagged};
use crate::source::objects::Store;
use crate::source::pack::{Body, Derived, Fault, Node, Type, Walk};
use crate::source::{ObjectId, Skipped};

/// Slots of a thread's memory of the folders it has just seen.
const SLOTS: usize = 1 << 14;
/// Slots of a thread's memory of the blobs it has just looked up.
const LATELY: usize = 1 << 16;
/// No credential is shorter, so no shorter name is kept.
const SHORT: usize = 12;

/// The folder without entries, by both hashes: it need not be in a store.
const EMPTY: [&[u8]; 2] = [
    b"4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    b"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
];

/// Ids of the folder without entries, which git knows by heart.
pub(super) fn empty() -> [Option<ObjectId>; 2] {
    EMPTY.map(commit::id)
}

/// A map by a hash that is quick, and keyed anew for each run.
pub(super) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Numbers things in the order in which they turn up.
#[derive(Debug)]
pub(super) struct Numbers<T> {
    of: Map<T, u32>,
    pub(super) all: Vec<T>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self { of: Map::default(), all: Vec::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Numbers<T> {
    /// The number of `thing`, new if need be.
    pub(super) fn add(&mut self, thing: &T) -> u32 {
        if let Some(&number) = self.of.get(thing) {
            return number;
        }
        let number = u32::try_from(self.all.len()).expect("stores hold less than 2^32 objects");
        self.of.insert(thing.clone(), number);
        self.all.push(thing.clone());
        number
    }

    /// Makes room for so `many` more: else all are hashed again and again while it grows.
    pub(super) fn reserve(&mut self, many: usize) {
        self.of.reserve(many);
        self.all.reserve(many);
    }

    /// The number of `thing`, if it has one.
    pub(super) fn find(&self, thing: &T) -> Option<u32> {
        self.of.get(thing).copied()
    }
}

/// A folder in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// The outer folder.
    pub(super) tree: u32,
    /// The inner folder's name.
    pub(super) name: u32,
    /// The inner folder, or the wanted object.
    pub(super) to: u32,
}

/// What a thread, and finally the whole pass, collects.
#[derive(Debug, Default)]
pub(super) struct Finds {
    /// All commits.
    pub(super) commits: Vec<(ObjectId, Links)>,
    /// What each annotated tag points at.
    pub(super) tags: HashMap<ObjectId, ObjectId>,
    /// Folders by number.
    pub(super) trees: Numbers<ObjectId>,
    /// Names of folders and wanted blobs, by number.
    pub(super) names: Numbers<BString>,
    /// Folders in folders.
    pub(super) folders: Vec<Edge>,
    /// Wanted objects in folders; [`Edge::to`] is the wanted object's number.
    pub(super) holds: Vec<Edge>,
    /// The names of all entries that are long enough to hold a secret.
    pub(super) titles: HashSet<BString, foldhash::fast::RandomState>,
    /// Blobs that trees name and the store does not hold.
    pub(super) gone: BTreeSet<ObjectId>,
    /// Objects that do not parse.
    pub(super) skipped: Vec<Skipped>,
    /// Numbers of the trees that were read.
    read: Vec<u32>,
    /// Folders seen lately: most trees repeat those of the version before.
    recent: Vec<Option<(ObjectId, u32, u32)>>,
    /// Blobs looked up lately.
    lately: Vec<Option<ObjectId>>,
}

/// Reads commits, trees and tags.
pub(super) struct Reader<'w> {
    pub(super) wanted: &'w Wanted,
    pub(super) store: &'w Store,
}

impl Walk for Reader<'_> {
    type Worker = Finds;
    /// What is known of a tree; nothing of other objects.
    type Note = Outline;

    fn worker(&self) -> Finds {
        Finds { recent: vec![None; SLOTS], lately: vec![None; LATELY], ..Finds::default() }
    }

    fn wants(&self, kind: Type) -> bool {
        kind != Type::Blob
    }

    fn enter(&self, finds: &mut Finds, node: Node<'_, Outline>) -> Outline {
        // Only blobs come as streams.
        let Body::Bytes(bytes) = node.body else {
            return Outline::default();
        };
        let mut outline = Outline::default();
        let whole = match node.kind {
            Type::Commit => finds.commit(node.id, bytes).is_some(),
            Type::Tag => finds.tag(node.id, bytes).is_some(),
            Type::Tree => {
                let read = finds.tree(node.id, bytes, node.derived, self);
                outline = read.0;
                read.1
            }
            Type::Blob => true,
        };
        if !whole {
            let fault = Fault::corrupt(format!("a malformed {}", node.kind.name()));
            finds.skipped.push(fault.about(node.id.to_string()));
        }
        outline
    }

    fn stopped(&self) -> bool {
        false
    }
}

impl Finds {
    fn commit(&mut self, id: ObjectId, bytes: &[u8]) -> Option<()> {
        self.commits.push((id, Links::parse(bytes)?));
        Some(())
    }

    fn tag(&mut self, id: ObjectId, bytes: &[u8]) -> Option<()> {
        self.tags.insert(id, tagged(bytes)?);
        Some(())
    }

    /// Notes a tree's folders and wanted blobs; says whether it is well-formed.
    fn tree(
        &mut self,
        id: ObjectId,
        bytes: &[u8],
        base: Option<Derived<'_, Outline>>,
        reader: &Reader<'_>,
    ) -> (Outline, bool) {
        let tree = self.trees.add(&id);
        self.read.push(tree);
        let base = base.map(|derived| (derived.base, derived.delta));
        let width = reader.store.format().width();
        let read = Outline::read(bytes, base, width, &mut |entry| self.look(entry, reader));
        for Mark { folder, name, to } in read.0.marks() {
            let edges = if folder { &mut self.folders } else { &mut self.holds };
            edges.push(Edge { tree, name, to });
        }
        read
    }

    /// Marks folders and wanted blobs.
    fn look(&mut self, entry: Entry<'_>, reader: &Reader<'_>) -> Option<Mark> {
        if entry.name.len() >= SHORT && !self.titles.contains(BStr::new(entry.name)) {
            self.titles.insert(entry.name.into());
        }
        match entry.mode {
            b"40000" | b"040000" => {
                let (name, to) = self.folder(entry.name, ObjectId::new(entry.id));
                Some(Mark { folder: true, name, to })
            }
            // A submodule's commit is no object of this store.
            b"160000" => None,
            _ => {
                let id = ObjectId::new(entry.id);
                self.look_up(id, reader.store);
                let to = reader.wanted.find(id)?;
                let name = self.names.add(&entry.name.into());
                Some(Mark { folder: false, name, to })
            }
        }
    }

    /// Notes a blob that the store does not hold.
    fn look_up(&mut self, id: ObjectId, store: &Store) {
        let slot = usize::from(u16::from_le_bytes(*id.first())) % LATELY;
        if self.lately[slot] == Some(id) {
            return;
        }
        self.lately[slot] = Some(id);
        if !store.contains(id) {
            self.gone.insert(id);
        }
    }

    /// The numbers of a folder's name and id.
    fn folder(&mut self, name: &[u8], id: ObjectId) -> (u32, u32) {
        let slot = usize::from(u16::from_le_bytes(*id.first())) % SLOTS;
        if let Some((known, name_number, tree)) = self.recent[slot]
            && known == id
            && self.names.all[index(name_number)] == name
        {
            return (name_number, tree);
        }
        let numbers = (self.names.add(&name.into()), self.trees.add(&id));
        self.recent[slot] = Some((id, numbers.0, numbers.1));
        numbers
    }

    /// Joins what the threads have collected.
    pub(super) fn join(workers: Vec<Self>) -> Self {
        let mut workers = workers.into_iter();
        let mut all = workers.next().unwrap_or_default();
        for other in workers {
            all.take(other);
        }
        (all.recent, all.lately) = (Vec::new(), Vec::new());
        all
    }

    /// The trees that were read.
    pub(super) fn read(&self) -> Vec<ObjectId> {
        self.read.iter().map(|&tree| self.trees.all[index(tree)]).collect()
    }

    /// Trees that others or commits name, but that no tour came by.
    pub(super) fn lost(&self) -> impl Iterator<Item = ObjectId> + use<'_> {
        let mut read = vec![false; self.trees.all.len()];
        for &tree in &self.read {
            read[index(tree)] = true;
        }
        let named = self.trees.all.iter().zip(read).filter_map(|(id, read)| (!read).then_some(*id));
        let tops = self.commits.iter().map(|(_, links)| links.tree);
        let unknown = tops.filter(|id| self.trees.find(id).is_none());
        let empty = empty();
        named.chain(unknown).filter(move |id| !empty.contains(&Some(*id)))
    }

    fn take(&mut self, other: Self) {
        let trees: Vec<u32> = other.trees.all.iter().map(|id| self.trees.add(id)).collect();
        let names: Vec<u32> = other.names.all.iter().map(|name| self.names.add(name)).collect();
        self.folders.extend(other.folders.iter().map(|edge| Edge {
            tree: trees[index(edge.tree)],
            name: names[index(edge.name)],
            to: trees[index(edge.to)],
        }));
        self.holds.extend(other.holds.iter().map(|edge| Edge {
            tree: trees[index(edge.tree)],
            name: names[index(edge.name)],
            to: edge.to,
        }));
        self.read.extend(other.read.iter().map(|&tree| trees[index(tree)]));
        self.commits.extend(other.commits);
        self.tags.extend(other.tags);
        self.skipped.extend(other.skipped);
        self.titles.extend(other.titles);
        self.gone.extend(other.gone);
    }
}

/// A number as an index.
pub(super) fn index(number: u32) -> usize {
    usize::try_from(number).expect("no platform here has pointers under 32 bits")
}
