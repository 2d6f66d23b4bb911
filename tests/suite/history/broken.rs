//! Damage is told, object by object, and the rest is read.

use std::collections::BTreeSet;

use leakstop::source::SkipReason;
use leakstop::source::objects::Store;

use super::repo::{Repo, overwrite, rich};
use super::store::{check, read};

/// Reads what can be read; the rest must have been told, as `reason`.
fn check_partial(repo: &Repo, all: &BTreeSet<super::store::Object>, reason: SkipReason) -> usize {
    let store = Store::open(&repo.open(), &[]).expect("a store");
    let (found, skipped) = read(&store, 1);
    assert_eq!((found.clone(), skipped.clone()), read(&store, 3));
    assert!(found.is_subset(all));
    assert!(skipped.iter().all(|skipped| skipped.reason == reason), "{skipped:?}");
    let told: BTreeSet<String> = skipped.iter().map(|skipped| skipped.what.to_string()).collect();
    for (id, ..) in all.difference(&found) {
        assert!(told.contains(&id.to_string()), "{id} is neither read nor told");
    }
    found.len()
}

#[test]
fn a_damaged_loose_object() {
    let repo = rich();
    let all = repo.objects();
    let victim = repo.id("HEAD:evil.txt");
    let path = repo.loose(victim);
    let whole = std::fs::read(&path).expect("a file");
    let other = std::fs::read(repo.loose(repo.id("HEAD:amended.txt"))).expect("a file");
    for damaged in [&b"bad"[..], b"", &whole[..whole.len() - 1], &other] {
        overwrite(&path, damaged);
        assert_eq!(check_partial(&repo, &all, SkipReason::Corrupt), all.len() - 1);
        let store = Store::open(&repo.open(), &[]).expect("a store");
        store.read(victim).expect_err("it is damaged");
    }
}

#[test]
fn another_copy_stands_in() {
    let repo = rich();
    repo.git(&["clone", "-q", "--bare", ".", "../copy.git"]);
    std::fs::write(repo.path(".git/objects/info/alternates"), "../../../copy.git/objects\n")
        .expect("a file");
    let victim = repo.loose(repo.id("HEAD:evil.txt"));
    overwrite(&victim, b"bad");
    let all = repo.beside("copy.git").objects();
    let store = Store::open(&repo.open(), &[]).expect("a store");
    let (found, skipped) = read(&store, 2);
    assert_eq!(skipped, []);
    assert!(all.is_subset(&found));
}

#[test]
fn a_pack_cut_off_at_any_length() {
    let repo = rich();
    repo.git(&["repack", "-q", "-a", "-d", "-k"]);
    let all = repo.objects();
    let path = &repo.stored(".pack")[0];
    let whole = std::fs::read(path).expect("a pack");
    let mut read = Vec::new();
    for part in 0..8 {
        overwrite(path, &whole[..whole.len() * part / 8]);
        read.push(check_partial(&repo, &all, SkipReason::Corrupt));
    }
    assert!(read.is_sorted(), "{read:?}");
    assert!(read[7] > all.len() / 2, "{read:?}");
    overwrite(path, &whole);
    check(&repo);
}

#[test]
fn a_pack_with_a_flipped_bit_anywhere() {
    let repo = rich();
    repo.git(&["repack", "-q", "-a", "-d", "-k"]);
    let all = repo.objects();
    for version in ["1", "2"] {
        let path = &repo.stored(".pack")[0];
        let index = &repo.stored(".idx")[0];
        std::fs::remove_file(index).expect("an index");
        let path_text = path.to_string_lossy();
        repo.git(&["index-pack", &format!("--index-version={version}"), &path_text]);
        let whole = std::fs::read(path).expect("a pack");
        for at in (0..whole.len()).step_by(whole.len() / 60) {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            overwrite(path, &damaged);
            let store = Store::open(&repo.open(), &[]).expect("a store");
            let (found, skipped) = read(&store, 1);
            assert!(!skipped.is_empty() || (version == "1" && found == all), "at {at}");
            let lost = all.difference(&found).map(|object| object.0.to_string());
            let told: BTreeSet<_> = skipped.iter().map(|s| s.what.to_string()).collect();
            assert!(lost.into_iter().all(|id| told.contains(&id)), "at {at}");
            if version == "2" {
                assert!(found.is_subset(&all), "at {at}");
            }
        }
        overwrite(path, &whole);
    }
}

#[test]
fn damaged_indexes_never_panic_and_never_pass() {
    let repo = rich();
    repo.git(&["repack", "-q", "-a", "-d", "-k"]);
    let all = repo.objects();
    let path = &repo.stored(".idx")[0];
    let whole = std::fs::read(path).expect("an index");
    let trailer = whole.len() - 20;
    for at in (0..trailer).step_by(trailer / 150) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x80;
        overwrite(path, &damaged);
        let store = Store::open(&repo.open(), &[]).expect("a store");
        let (found, skipped) = read(&store, 2);
        assert!(found != all || at < 1032 || !skipped.is_empty(), "at {at}");
    }
    for end in [0, 7, 1000, whole.len() - 1] {
        overwrite(path, &whole[..end]);
        let store = Store::open(&repo.open(), &[]).expect("a store");
        assert_eq!(read(&store, 2).1.len(), 1);
    }
}

#[test]
fn files_that_are_gone() {
    let repo = rich();
    repo.git(&["repack", "-q", "-a", "-d", "-k"]);
    let skipped = || {
        let store = Store::open(&repo.open(), &[]).expect("a store");
        let skipped = read(&store, 2).1;
        skipped.into_iter().map(|skipped| skipped.reason).collect::<Vec<_>>()
    };
    std::fs::write(repo.path(".git/objects/info/alternates"), "../gone\n").expect("a file");
    assert_eq!(skipped(), [SkipReason::Missing]);
    std::fs::remove_file(repo.path(".git/objects/info/alternates")).expect("a file");
    let index = repo.stored(".idx").remove(0);
    let pack = index.with_extension("pack");
    let bytes = std::fs::read(&pack).expect("a pack");
    std::fs::remove_file(&pack).expect("a pack");
    assert_eq!(skipped(), [SkipReason::Missing]);
    std::fs::write(&pack, bytes).expect("a pack");
    std::fs::remove_file(index).expect("an index");
    assert_eq!(skipped(), [SkipReason::Unreadable]);
}
