//! What reading a history costs, on 400 versions of one file of leakstop's own sources, packed as libgit2 does.
//!
//! `cargo bench --bench history` prints four rows, each in bytes of all versions a second: the walk through the pack
//! alone, which makes every version from its base; the scan that follows what changed; the scan that reads every
//! version as a whole; and the tracing of one find. The second by the third is what following changes gains.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use git2::{Oid, Repository, Signature};
use leakstop::detect::Detector;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::Confidence;
use leakstop::scan::{Reading, Scanner};
use leakstop::source::attribution::attribute;
use leakstop::source::git::{self, Environment};
use leakstop::source::history::History;
use leakstop::source::objects::Store;
use leakstop::source::pack::{Node, Type, Walk};
use leakstop::verdict::policy::Policy;

const VERSIONS: usize = 400;

/// The lines of a file of about 100 KB.
fn lines() -> Vec<String> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let parts = ["detect/mod.rs", "detect/rules.rs", "cli/args.rs", "decode/mod.rs", "text.rs"];
    let read = |part: &str| std::fs::read_to_string(top.join(part)).expect("the package's own");
    parts
        .iter()
        .flat_map(|part| read(part).lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Commits versions that differ in a few lines, and packs them; tells what they hold and the last blob.
fn history(folder: &Path) -> (u64, Oid) {
    let repo = Repository::init_bare(folder).expect("an empty folder");
    let who = Signature::new("a", "a@example.com", &git2::Time::new(1, 0)).expect("a name");
    let mut lines = lines();
    let (mut bytes, mut last): (u64, Option<Oid>) = (0, None);
    let mut blob = Oid::ZERO_SHA1;
    for version in 0..VERSIONS {
        for change in 0..3 {
            let at = (version * 7919 + change * 104_729) % lines.len();
            lines[at] = format!("    let value_{version} = read(input, {change})?;");
        }
        let text = lines.join("\n");
        bytes += text.len() as u64;
        blob = repo.blob(text.as_bytes()).expect("writable");
        let mut tree = repo.treebuilder(None).expect("writable");
        tree.insert("src.rs", blob, 0o100_644).expect("a name");
        let tree = repo.find_tree(tree.write().expect("writable")).expect("written");
        let parent = last.map(|id| repo.find_commit(id).expect("written"));
        let parents: Vec<_> = parent.iter().collect();
        let made = repo.commit(Some("HEAD"), &who, &who, "change", &tree, &parents);
        last = Some(made.expect("writable"));
    }
    let mut walk = repo.revwalk().expect("a history");
    walk.push_head().expect("a head");
    let mut packer = repo.packbuilder().expect("a store");
    packer.insert_walk(&mut walk).expect("objects");
    packer.write(&folder.join("objects/pack"), 0).expect("writable");
    for first in 0..=255u8 {
        let _ = std::fs::remove_dir_all(folder.join(format!("objects/{first:02x}")));
    }
    (bytes, blob)
}

/// Looks at nothing.
struct Nothing;

impl Walk for Nothing {
    type Worker = usize;
    type Note = ();

    fn worker(&self) -> usize {
        0
    }

    fn wants(&self, kind: Type) -> bool {
        kind == Type::Blob
    }

    fn enter(&self, count: &mut usize, _: Node<'_, ()>) {
        *count += 1;
    }

    fn stopped(&self) -> bool {
        false
    }
}

fn delta_walk(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (bytes, blob) = history(folder.path());
    let repo = git::open(folder.path(), &Environment::default()).expect("a repository");
    let store = Store::open(&repo, &[]).expect("a store");
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let detector = Detector::new(rules, Confidence::Likely);
    let policy = Policy::new(Confidence::Likely, &[], None).expect("there is nothing to parse");
    let stop = AtomicBool::new(false);
    let mut group = criterion.benchmark_group("history");
    group.throughput(Throughput::Bytes(bytes)).sample_size(10);
    group.bench_function("walk", |bencher| {
        bencher.iter(|| {
            let found = store.each(1, &Nothing);
            assert_eq!(found.workers.iter().sum::<usize>(), VERSIONS);
        });
    });
    for (name, plain_objects) in [("follow", false), ("plain", true)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let reading = Reading { paths_later: true, plain_objects, ..Reading::default() };
                let scanner = Scanner::new(&detector, &policy, &stop, reading);
                let history = History { store: &store, threads: 1, seen: &[] };
                history.run(&repo, &scanner).expect("a history");
                black_box(scanner.finish())
            });
        });
    }
    let wanted = HashMap::from([(blob.into(), vec![0])]);
    group.bench_function("trace", |bencher| {
        bencher.iter(|| black_box(attribute(&store, &repo, &wanted, 1).expect("an attribution")));
    });
    group.finish();
}

criterion_group!(benches, delta_walk);
criterion_main!(benches);
