//! What the parts of a scan cost, in bytes a second, on leakstop's own sources repeated to 16 MiB.
//!
//! `cargo bench` prints the prefilter beside an Aho-Corasick DFA over the same keywords, then the whole
//! detector and the decoders on text that holds nothing to decode. What a rule costs before its
//! keyword is seen shows in the group `rules`: laying out the rule set, and a scan (detector and decoders),
//! with all rules and with a hundred of them spread over the list. Each scan has a rule set of its own, so that
//! what a rule makes where its keyword is first seen counts.

use std::hint::black_box;
use std::path::Path;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use leakstop::decode::{self, Budget, Chunk};
use leakstop::detect::Detector;
use leakstop::detect::rules::{Rule, RuleSet, Selection};
use leakstop::detect::spec::{Confidence, Engine};

fn sources() -> Vec<u8> {
    fn add(folder: &Path, text: &mut Vec<u8>) {
        let mut entries: Vec<_> =
            std::fs::read_dir(folder).expect("the package's own folder").flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::path);
        for entry in entries {
            let path = entry.path();
            if path.is_dir() {
                add(&path, text);
            } else {
                text.extend(std::fs::read(&path).expect("the package's own file"));
            }
        }
    }
    let mut text = Vec::new();
    add(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    text.repeat((16 << 20) / text.len() + 1)
}

/// A hundred rules spread over the list, and the judges of assignments, which every scan has.
fn hundred(all: &RuleSet) -> Selection {
    let rules = all.rules();
    let spread = rules.iter().step_by(rules.len() / 98).take(98).map(Rule::spec);
    let judges = rules.iter().map(Rule::spec).filter(|s| s.engine == Engine::Assignment);
    let mut only: Vec<String> = spread.chain(judges).map(|spec| spec.id.to_string()).collect();
    only.sort();
    only.dedup();
    Selection { only, ..Selection::default() }
}

fn rules(criterion: &mut Criterion) {
    let text = sources();
    let all = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let some = hundred(&all);
    let mut group = criterion.benchmark_group("rules");
    group.sample_size(20);
    for (name, selection) in [("all", Selection::default()), ("100", some)] {
        group.bench_function(format!("start, {name}"), |bencher| {
            bencher.iter(|| RuleSet::new(black_box(&selection)).map(|rules| rules.rules().len()));
        });
        let rules = RuleSet::new(&selection).expect("built-in rules are good");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("prefilter, {name}"), |bencher| {
            bencher.iter(|| {
                let mut hits = 0_u64;
                rules.prefilter().each(black_box(&text), |_| hits += 1);
                hits
            });
        });
        let fresh = || {
            let rules = RuleSet::new(&selection).expect("built-in rules are good");
            Detector::new(rules, Confidence::Likely)
        };
        let chunk = Chunk::whole(&text[..]);
        group.bench_function(format!("scan, {name}"), |bencher| {
            let scan = |detector: Detector| {
                let mut found = Vec::new();
                detector.detect(black_box(&chunk), &mut found);
                (found.len() + decode::inner(&chunk, &mut Budget::default()).len(), detector)
            };
            bencher.iter_batched(fresh, scan, BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn engine(criterion: &mut Criterion) {
    let text = sources();
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let mut keywords: Vec<String> = rules
        .rules()
        .iter()
        .flat_map(|rule| rule.spec().keywords.iter().map(ToString::to_string))
        .collect();
    keywords.sort();
    keywords.dedup();
    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10);
    group.bench_function("prefilter", |bencher| {
        bencher.iter(|| {
            let mut hits = 0_u64;
            rules.prefilter().each(black_box(&text), |_| hits += 1);
            hits
        });
    });
    let dfa = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(&keywords)
        .expect("the keywords fit");
    group.bench_function("aho-corasick DFA", |bencher| {
        bencher.iter(|| dfa.find_overlapping_iter(black_box(&text)).count());
    });
    let detector = Detector::new(rules, Confidence::Likely);
    let chunk = Chunk::whole(&text[..]);
    group.bench_function("detect", |bencher| {
        bencher.iter(|| {
            let mut found = Vec::new();
            detector.detect(black_box(&chunk), &mut found);
            found.len()
        });
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| decode::inner(black_box(&chunk), &mut Budget::default()).len());
    });
    group.finish();
}

criterion_group!(benches, engine, rules);
criterion_main!(benches);
