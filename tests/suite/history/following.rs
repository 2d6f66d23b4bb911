//! A history read by what changed gives what reading every version as a whole gives, in packs as git writes them.

use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use leakstop::detect::Detector;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::Confidence;
use leakstop::scan::{Reading, Scanner};
use leakstop::source::history::History;
use leakstop::source::objects::Store;
use leakstop::verdict::policy::Policy;

use super::repo::Repo;
use crate::support::secrets::{aws, github, line, password, random};

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    Detector::new(rules, Confidence::Likely)
});

/// All that is found in a repository's objects, sorted.
fn found(repo: &Repo, plain_objects: bool, threads: usize) -> Vec<String> {
    let policy = Policy::new(Confidence::Possible, &[], None).expect("there is nothing to parse");
    let stop = AtomicBool::new(false);
    let reading = Reading { paths_later: true, plain_objects, ..Reading::default() };
    let scanner = Scanner::new(&DETECTOR, &policy, &stop, reading);
    let opened = repo.open();
    let store = Store::open(&opened, &[]).expect("a store");
    History { store: &store, threads, seen: &[] }.run(&opened, &scanner).expect("a history");
    let found = scanner.finish();
    let sightings = found.sightings.iter().map(|sighting| {
        let secret = String::from_utf8_lossy(sighting.secret.reveal()).into_owned();
        format!("{:?} {secret:?} {sighting:?}", sighting.place.object)
    });
    let mut all: Vec<String> =
        sightings.chain(found.skipped.iter().map(|skipped| format!("{skipped:?}"))).collect();
    all.sort();
    all
}

/// Two files whose lines come, go, move and change, some of them with credentials.
fn history() -> Repo {
    let repo = Repo::new();
    let mut lines: Vec<String> =
        (0..250).map(|n| format!("{}\n", random(n, b"abcdefgh  ;(", 50))).collect();
    for step in 0..35_u64 {
        let at = |salt: u64| {
            let digits = random(step * 7 + salt, b"0123456789", 6);
            digits.parse::<usize>().expect("digits") % lines.len()
        };
        let (put, cut, from) = (at(1), at(2), at(3));
        let (id, secret) = aws(step);
        let new = match step % 7 {
            0 => line(step),
            1 => format!("db_password = \"{}\"\n", password(step)),
            2 => format!("id: {id}\nsecret: {secret}\n"),
            3 => format!("{}\n", data_encoding::BASE64.encode(line(step).repeat(3).as_bytes())),
            4 => format!("x = \"{}\" +\n  \"{}\"\n", &github(step)[..12], &github(step)[12..]),
            5 => format!("{{\\\"token\\\": \\\"{}\\\"}}\n", github(step)),
            _ => "token = get_token()\n".to_owned(),
        };
        lines.insert(put, new);
        lines.remove(cut);
        if step % 5 == 0 {
            lines.rotate_left(from);
        }
        repo.write("src/lines.txt", lines.concat());
        repo.write("src/other.txt", lines[from..].concat());
        repo.commit(&format!("step {step}: {}", lines[put].trim()));
    }
    repo
}

#[test]
fn histories_are_read_like_their_objects() {
    let repo = history();
    let loose = found(&repo, true, 1);
    assert!(loose.len() > 200, "{}", loose.len());
    for options in [&[][..], &["-c", "repack.useDeltaBaseOffset=false"]] {
        let repack = ["repack", "-adfq", "--depth=50", "--window=50"];
        repo.git(&[options, &repack].concat());
        let deltas = repo.git(&["verify-pack", "-s", &repo.stored(".idx")[0].to_string_lossy()]);
        assert!(deltas.contains("chain length = 9:"), "{deltas}");
        for threads in [1, 2] {
            assert_eq!(found(&repo, true, threads), loose);
            assert_eq!(found(&repo, false, threads), loose);
        }
    }
}
