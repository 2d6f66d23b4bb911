//! Every layout of an object store gives git's objects, each once.

use std::collections::BTreeSet;

use leakstop::source::git::{self, Environment};
use leakstop::source::objects::Store;
use leakstop::source::pack::{Body, Node, Type, Walk};
use leakstop::source::{ObjectId, SkipReason, Skipped};

use super::repo::{Repo, rich, rich_of_sha256};

/// Takes everything in.
struct All;

/// An object as git's own reader gives it.
pub(super) type Object = (ObjectId, String, Vec<u8>);

impl Walk for All {
    type Worker = Vec<Object>;
    /// The base's own bytes, to make the object from once more.
    type Note = Vec<u8>;

    fn worker(&self) -> Self::Worker {
        Vec::new()
    }

    fn wants(&self, _: Type) -> bool {
        true
    }

    fn enter(&self, worker: &mut Self::Worker, node: Node<'_, Vec<u8>>) -> Vec<u8> {
        let bytes = match node.body {
            Body::Bytes(bytes) => bytes.to_vec(),
            Body::Stream(reader) => {
                let mut bytes = Vec::new();
                drop(reader.read_to_end(&mut bytes));
                bytes
            }
        };
        if let Some(derived) = node.derived {
            let mut again = vec![0; bytes.len()];
            derived.delta.apply(derived.base, &mut again).expect("it was applied before");
            assert_eq!(again, bytes, "delta and base belong together");
        }
        worker.push((node.id, node.kind.name().to_owned(), bytes.clone()));
        bytes
    }

    fn stopped(&self) -> bool {
        false
    }
}

/// All objects of a store, and what is missing.
pub(super) fn read(store: &Store, threads: usize) -> (BTreeSet<Object>, Vec<Skipped>) {
    let survey = store.each(threads, &All);
    let objects: Vec<Object> = survey.workers.into_iter().flatten().collect();
    let set: BTreeSet<Object> = objects.iter().cloned().collect();
    assert_eq!(objects.len(), set.len(), "an object came twice");
    (set, survey.skipped)
}

/// Compares a repository's store with git, object by object and one by one.
pub(super) fn check(repo: &Repo) {
    let expected = repo.objects();
    let store = Store::open(&repo.open(), &[]).expect("a store");
    for threads in [1, 3] {
        let (found, skipped) = read(&store, threads);
        assert_eq!(skipped, []);
        assert!(found == expected, "{} of {} objects", found.len(), expected.len());
    }
    for (id, kind, bytes) in &expected {
        let (found, read) = store.read(*id).expect("readable").expect("there");
        assert_eq!((found.name(), &read), (kind.as_str(), bytes));
    }
    assert_eq!(store.read(ObjectId::new(&[7; 20])).expect("readable"), None);
}

/// Packs everything, reachable or not, with these options.
fn pack(repo: &Repo, options: &[&str]) {
    let ids: Vec<String> = repo.objects().iter().map(|object| object.0.to_string()).collect();
    let args = [&["pack-objects", "-q", ".git/objects/pack/pack"], options].concat();
    repo.pipe(&args, ids.join("\n").as_bytes());
    repo.git(&["prune-packed", "-q"]);
}

#[test]
fn loose_objects() {
    check(&rich());
}

#[test]
fn ids_of_sha256() {
    check(&rich_of_sha256());
    for options in [&["--delta-base-offset"][..], &["--depth=3"], &["--index-version=1"]] {
        let repo = rich_of_sha256();
        pack(&repo, options);
        assert_eq!(repo.stored(".pack").len(), 1);
        check(&repo);
        repo.put("later", "loose");
        check(&repo);
    }
}

#[test]
fn one_pack() {
    let repo = rich();
    pack(&repo, &["--delta-base-offset", "--depth=50"]);
    assert_eq!(repo.stored(".pack").len(), 1);
    check(&repo);
}

#[test]
fn deltas_that_name_their_base() {
    let repo = rich();
    pack(&repo, &["--depth=3"]);
    check(&repo);
}

#[test]
fn indexes_of_both_versions_and_with_wide_offsets() {
    for version in ["--index-version=1", "--index-version=2,0x40"] {
        let repo = rich();
        pack(&repo, &["--delta-base-offset", version]);
        check(&repo);
    }
}

#[test]
fn garbage_collection_leaves_packs_and_loose_objects() {
    let repo = rich();
    repo.git(&["gc", "-q"]);
    repo.put("later", "loose");
    check(&repo);
}

#[test]
fn several_packs_share_objects() {
    let repo = rich();
    pack(&repo, &["--delta-base-offset"]);
    repo.put("docs/more.txt", "more");
    repo.git(&["repack", "-q", "-d"]);
    pack(&repo, &["--depth=0", "--no-reuse-delta"]);
    repo.git(&["multi-pack-index", "write"]);
    assert_eq!(repo.stored(".pack").len(), 3);
    check(&repo);
}

#[test]
fn alternates_are_followed() {
    let repo = rich();
    repo.git(&["clone", "-q", "-s", ".", "../middle"]);
    repo.git(&["clone", "-q", "-s", "../middle", "../last"]);
    let last = repo.beside("last");
    last.put("new", "only here");
    check(&last);
}

#[test]
fn a_quarantine_is_part_of_the_store() {
    let repo = rich();
    let other = Repo::new();
    let new = other.put("pushed", "not yet accepted");
    let quarantine = other.path(".git/objects");
    let store = Store::open(&repo.open(), &[quarantine]).expect("a store");
    let (found, skipped) = read(&store, 2);
    assert_eq!(skipped, []);
    let expected: BTreeSet<_> = repo.objects().union(&other.objects()).cloned().collect();
    assert!(found == expected);
    assert!(store.read(new).expect("readable").is_some());
}

#[test]
fn large_objects_are_streamed_and_the_rest_of_their_tree_is_told() {
    let repo = Repo::new();
    let noise = |seed: u32| -> Vec<u8> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..200_000).map(next).collect()
    };
    let mut large = noise(1);
    repo.put("leaf", noise(2));
    repo.put("large", &large);
    large.extend(b"and more");
    repo.put("large", &large);
    for packed in [false, true] {
        if packed {
            repo.git(&["gc", "-q"]);
        }
        let all = repo.objects();
        let store = Store::open(&repo.open(), &[]).expect("a store").with_budget(100_000);
        let (found, skipped) = read(&store, 1);
        assert_eq!((found.clone(), skipped.clone()), read(&store, 3));
        assert_eq!(found.len() + skipped.len(), all.len());
        assert!(found.is_subset(&all));
        assert_eq!(skipped.len(), usize::from(packed), "{skipped:?}");
        assert!(skipped.iter().all(|skipped| skipped.reason == SkipReason::TooDeep));
    }
}

#[test]
fn formats_that_are_not_known_are_refused() {
    let repo = rich();
    repo.git(&["config", "core.repositoryformatversion", "1"]);
    repo.git(&["config", "extensions.worktreeConfig", "true"]);
    check(&repo);
    for (key, value) in
        [("odd", "floppy"), ("objectFormat", "sha256"), ("objectFormat", "md5"), ("new", "1")]
    {
        let name = format!("extensions.{key}");
        repo.git(&["config", "-f", ".git/config", &name, value]);
        let found = git::open(&repo.path(""), &Environment::default());
        let read = found.and_then(|repo| Store::open(&repo, &[])).map(|store| read(&store, 1));
        match read {
            Err(cause) => assert!(cause.to_string().contains(&name.to_lowercase()), "{cause}"),
            // What was made with other ids has other names.
            Ok((found, skipped)) => {
                assert_eq!((value, found.len()), ("sha256", 0));
                assert!(skipped.iter().all(|skipped| skipped.reason == SkipReason::Corrupt));
                assert!(!skipped.is_empty());
            }
        }
        repo.git(&["config", "-f", ".git/config", "--unset", &name]);
    }
}
