//! What the parts of a scan cost, in bytes a second, on leakstop's own sources repeated to 16 MiB.
//!
//! `cargo bench` prints the prefilter beside an Aho-Corasick DFA over the same keywords, then the whole
//! detector and the decoders on text that holds nothing to decode. What a rule costs before its
//! keyword is seen shows in the group `rules`: laying out the rule set, and a scan (detector and decoders),
//! with all rules and with a hundred of them spread over the list. Each scan has a rule set of its own, so that
//! what a rule makes where its keyword is first seen counts.
//!
//! The group `generic` holds what credentials without a format cost: a scan with their rules and without them, and
//! the judgement of one candidate. On a tree of one's own, compare the user times of
//! `leakstop scan --no-repo-config TREE` and of the same with a configuration of
//! `disable = ["generic-password", "generic-secret"]` in place of `--no-repo-config`.
//!
//! `decoding` reads and scans each file by itself, and prints which share of the time each part of the scan takes: once
//! for files in which nothing is decoded, where decoders do no more than look for encodings, and once for the others.
//! `LEAKSTOP_TREE` names a tree to take the files from.
//!
//! The group `growth` reads texts that are made to be slow, of 1 MiB and of 4 MiB: bytes a second are the same for
//! both, as long as time grows with the length alone.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use leakstop::decode::{self, Budget, Chunk};
use leakstop::detect::rules::{Rule, RuleSet, Selection};
use leakstop::detect::sample::Draw;
use leakstop::detect::spec::{Confidence, Engine};
use leakstop::detect::{Detector, generic};

/// The files of a folder and those below, in order.
fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    let below = entries.into_iter().flat_map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => paths(&entry.path()),
        Ok(kind) if kind.is_file() => vec![entry.path()],
        _ => Vec::new(),
    });
    below.collect()
}

fn sources() -> Vec<u8> {
    let paths = paths(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let text =
        paths.iter().flat_map(|path| std::fs::read(path).expect("a file")).collect::<Vec<u8>>();
    text.repeat((16 << 20) / text.len() + 1)
}

/// What looking for encodings costs, apart from what decoding them does: prints the share of either in a scan's time,
/// and no times, since other work on the machine moves these.
#[expect(clippy::disallowed_methods, reason = "a bench is no part of the program")]
#[expect(clippy::print_stdout, reason = "its result is a table")]
fn decoding(_: &mut Criterion) {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    if !asked.is_empty() && !asked.iter().any(|part| "decoding".contains(part.as_str())) {
        return;
    }
    let tree = std::env::var_os("LEAKSTOP_TREE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        std::path::PathBuf::from,
    );
    let mut paths = paths(&tree);
    paths.retain(|path| std::fs::read(path).is_ok_and(|file| !file.contains(&0)));
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let detector = Detector::new(rules, Confidence::Likely);
    let (none, some): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| {
        let file = std::fs::read(path).expect("a file");
        decode::inner(&Chunk::whole(file), &mut Budget::default()).is_empty()
    });
    println!("| files of {} | bytes | reading | keywords and rules | decoders |", tree.display());
    println!("| --- | --- | --- | --- | --- |");
    let parts = [&none, &some].map(|paths| {
        let least =
            |parts: [f64; 3], round: [f64; 3]| std::array::from_fn(|at| parts[at].min(round[at]));
        let rounds = std::iter::repeat_with(|| round(paths, &detector)).take(9);
        let bytes: u64 = paths.iter().flat_map(std::fs::metadata).map(|file| file.len()).sum();
        (bytes, rounds.reduce(least).unwrap_or_default())
    });
    let sum = (parts[0].0 + parts[1].0, std::array::from_fn(|at| parts[0].1[at] + parts[1].1[at]));
    for (name, (bytes, parts)) in
        ["nothing decoded", "something decoded", "all"].iter().zip([parts[0], parts[1], sum])
    {
        let all: f64 = parts.iter().sum();
        let [reading, detecting, decoding] = parts.map(|part| part / all * 100.0);
        println!("| {name} | {bytes} | {reading:.1} % | {detecting:.1} % | {decoding:.1} % |");
    }
}

/// Seconds that a scan of some files takes for reading, for detecting, and for decoding and what is decoded.
fn round(paths: &[PathBuf], detector: &Detector) -> [f64; 3] {
    let mut parts = [0.0; 3];
    let mut found = Vec::new();
    for path in paths {
        let start = Instant::now();
        let file = std::fs::read(path).expect("a file");
        let read = Instant::now();
        let chunk = Chunk::whole(file);
        detector.detect(black_box(&chunk), &mut found);
        let detected = Instant::now();
        let mut budget = Budget::default();
        let mut waiting = decode::inner(&chunk, &mut budget);
        while let Some(inner) = waiting.pop() {
            detector.detect(&inner, &mut found);
            waiting.extend(decode::inner(&inner, &mut budget));
        }
        let times = [start, read, detected, Instant::now()];
        for (part, ends) in parts.iter_mut().zip(times.windows(2)) {
            *part += (ends[1] - ends[0]).as_secs_f64();
        }
    }
    black_box(found);
    parts
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

/// What credentials without a format cost.
fn judges(criterion: &mut Criterion) {
    let text = sources();
    let chunk = Chunk::whole(&text[..]);
    let all = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let judges = all.rules().iter().map(Rule::spec).filter(|s| s.engine == Engine::Assignment);
    let without = judges.map(|spec| spec.id.to_string()).collect();
    let mut group = criterion.benchmark_group("generic");
    group.sample_size(20).throughput(Throughput::Bytes(text.len() as u64));
    let off = Selection { without, ..Selection::default() };
    for (name, selection) in [("with", Selection::default()), ("without", off)] {
        let rules = RuleSet::new(&selection).expect("built-in rules are good");
        let detector = Detector::new(rules, Confidence::Likely);
        group.bench_function(format!("scan, {name}"), |bencher| {
            bencher.iter(|| {
                let mut found = Vec::new();
                detector.detect(black_box(&chunk), &mut found);
                found.len() + decode::inner(&chunk, &mut Budget::default()).len()
            });
        });
    }
    let lines = candidates();
    let (text, hits) = (lines.concat(), starts(&lines));
    group.throughput(Throughput::Elements(hits.len() as u64));
    group.bench_function("candidate", |bencher| {
        bencher.iter(|| {
            let window = |at: usize| &text[at.saturating_sub(256)..text.len().min(at + 2560)];
            let read = |&at: &usize| {
                let window = black_box(window(at)).as_bytes();
                generic::read(window, generic::name(window, at.min(256)))
            };
            let found = hits.iter().flat_map(read);
            found.filter_map(|found| found.shape.score_at(Some(b"src/app.py"))).sum::<f32>()
        });
    });
    group.finish();
}

/// Lines that give a value to a name, made up in the forms that code has.
fn candidates() -> Vec<String> {
    let mut draw = Draw::new("candidates", 0);
    let names = ["password", "client_secret", "api_token", "db.password", "secretKey"];
    let line = |number: usize| {
        let (name, value) = (names[number % names.len()], draw.word(8 + number % 40));
        match number % 4 {
            0 => format!("    {name} = \"{value}\"\n"),
            1 => format!("  \"{name}\": \"{value}\", \"user\": \"app\",\n"),
            2 => format!("{name}={value}\n"),
            _ => format!("connect(host, {name}='{value}', timeout=30)  # {number}\n"),
        }
    };
    (0..1000).map(line).collect()
}

/// Where the name's last word stands on each of `lines`, joined.
fn starts(lines: &[String]) -> Vec<usize> {
    let mut start = 0;
    let hits = lines.iter().filter_map(|line| {
        let at = ["password", "secret", "token"].iter().find_map(|word| line.find(word));
        let hit = at.map(|at| start + at);
        start += line.len();
        hit
    });
    hits.collect()
}

/// Texts that are made to be slow.
fn growth(criterion: &mut Criterion) {
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let detector = Detector::new(rules, Confidence::Likely);
    let quoted = ["secret=\"", "q8Zx7Lk2fV9w", "TnB4mR1s", "\", "].concat();
    let split = ["'q8Zx7Lk2' + ", "'fV9wTnB4' + "].concat();
    let kinds = [
        ("a long line", "alpha beta host value "),
        ("quotes", "\"'`"),
        ("nesting", "{\"key\":[("),
        ("a keyword", "password="),
        ("a keyword that opens a quote", "token=\""),
        ("values on one line", &quoted),
        ("a literal in parts", &split),
        ("calls", "login(connect(\"a\", "),
    ];
    let mut group = criterion.benchmark_group("growth");
    group.sample_size(10);
    for (name, part) in kinds {
        for mebibytes in [1, 4] {
            let text = part.repeat((mebibytes << 20) / part.len()).into_bytes();
            let chunk = Chunk::whole(&text[..]);
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(format!("{name}, {mebibytes} MiB"), |bencher| {
                bencher.iter(|| {
                    let mut found = Vec::new();
                    detector.detect(black_box(&chunk), &mut found);
                    found.len() + decode::inner(&chunk, &mut Budget::default()).len()
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, engine, rules, judges, decoding, growth);
criterion_main!(benches);
