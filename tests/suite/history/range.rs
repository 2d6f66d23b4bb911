//! What a range of commits introduces, compared with git's lists and trees.

use std::collections::BTreeSet;
use std::sync::Mutex;

use leakstop::source::range::Range;
use leakstop::source::{Blob, Content, Kind, ObjectId, SkipReason, Skipped, Visitor};

use super::repo::{Repo, rich};

/// A blob that a commit introduces, with what its parents had there.
type Row = (ObjectId, Vec<u8>, Vec<u8>, Vec<Vec<u8>>);

#[derive(Default)]
struct Log {
    rows: Mutex<Vec<Row>>,
    texts: Mutex<Vec<(Kind, ObjectId)>>,
    skipped: Mutex<Vec<Skipped>>,
}

impl Visitor for Log {
    fn blob(&self, blob: Blob<'_>) {
        let Content::Bytes(bytes) = blob.content else { panic!("no streams here") };
        let object = blob.origin.object.expect("an object");
        if object.kind != Kind::Blob {
            return self.texts.lock().expect("a lock").push((object.kind, object.id));
        }
        let mut before = blob.before.map_or(Vec::new(), |load| load().expect("readable"));
        before.sort();
        let commit = blob.origin.commit.expect("a commit");
        let path = blob.origin.path.expect("a path").into();
        self.rows.lock().expect("a lock").push((commit, path, bytes.to_vec(), before));
    }

    fn skip(&self, skipped: Skipped) {
        self.skipped.lock().expect("a lock").push(skipped);
    }

    fn stopped(&self) -> bool {
        false
    }
}

fn run(repo: &Repo, revisions: &[&str], since: Option<i64>) -> Log {
    let log = Log::default();
    let opened = repo.open();
    let revisions = revisions.iter().map(ToString::to_string).collect();
    let tally = Range { repo: &opened, revisions, since, known: None }.run(&log).expect("a range");
    assert_eq!(tally.blobs, log.rows.lock().expect("a lock").len() as u64);
    log
}

fn oracle(repo: &Repo, commits: &[ObjectId]) -> BTreeSet<Row> {
    let read = |id: &ObjectId| repo.pipe(&["cat-file", "blob", &id.to_string()], b"");
    let mut rows = BTreeSet::new();
    for &commit in commits {
        let parents: Vec<_> =
            repo.parents(commit).into_iter().map(|parent| repo.listing(parent)).collect();
        for (path, blob) in repo.listing(commit) {
            let before: Vec<_> = parents.iter().filter_map(|parent| parent.get(&path)).collect();
            if !before.contains(&&blob) {
                let mut before: Vec<_> = before.into_iter().map(read).collect();
                before.sort();
                rows.insert((commit, path, read(&blob), before));
            }
        }
    }
    rows
}

#[test]
fn ranges_hold_what_their_commits_introduce() {
    let repo = rich();
    for revisions in [
        &["main"][..],
        &["main~2..main"],
        &["one..two"],
        &["one...two"],
        &["..two"],
        &["main", "^one"],
        &["v1-again"],
        &["stash", "^main"],
        &["main..main"],
    ] {
        let log = run(&repo, revisions, None);
        let commits = repo.ids(&[&["rev-list"], revisions].concat());
        let rows = log.rows.into_inner().expect("a lock");
        let set: BTreeSet<Row> = rows.iter().cloned().collect();
        assert_eq!(set.len(), rows.len(), "a change came twice");
        assert_eq!(set, oracle(&repo, &commits), "{revisions:?}");
        let texts = log.texts.into_inner().expect("a lock");
        let scanned: BTreeSet<_> =
            texts.iter().filter(|text| text.0 == Kind::Commit).map(|text| text.1).collect();
        assert_eq!(scanned, commits.into_iter().collect(), "{revisions:?}");
        assert_eq!(log.skipped.into_inner().expect("a lock"), []);
    }
}

#[test]
fn named_tags_are_read_too() {
    let repo = rich();
    let texts = run(&repo, &["main..v1-again"], None).texts.into_inner().expect("a lock");
    let tags: BTreeSet<_> = texts.into_iter().collect();
    let expected = [repo.id("v1"), repo.id("v1-again")].map(|id| (Kind::Tag, id));
    assert_eq!(tags, BTreeSet::from(expected));
}

#[test]
fn dates_choose_commits_of_all_refs() {
    let repo = Repo::new();
    let stream: Vec<String> = (1..=9)
        .map(|n| {
            let head = format!("commit refs/heads/b{}\ncommitter C <c@x> {n}00 +0000\n", n % 2);
            format!("{head}data 0\nM 100644 inline f\ndata 1\n{n}\n\n")
        })
        .collect();
    repo.pipe(&["fast-import", "--quiet"], stream.concat().as_bytes());
    let log = run(&repo, &[], Some(500));
    let bytes: BTreeSet<_> =
        log.rows.into_inner().expect("a lock").into_iter().map(|row| row.2).collect();
    assert_eq!(bytes, (5..=9).map(|n| n.to_string().into_bytes()).collect());
    assert_eq!(run(&repo, &["b1"], Some(901)).rows.into_inner().expect("a lock"), []);
}

#[test]
fn clocks_that_differ_hide_no_commit() {
    let repo = Repo::new();
    let tree = repo.git(&["write-tree"]);
    let mut tip: Option<String> = None;
    // The newest first: as new, older, and new again behind up to five older ones.
    let times = [1000, 100, 950, 10, 20, 30, 40, 50, 990, 1, 1, 1, 1, 1, 1, 999];
    for time in times.into_iter().rev() {
        let parent = tip.iter().flat_map(|tip| ["-p", tip]);
        let date = format!("GIT_COMMITTER_DATE=@{time} +0000");
        let args: Vec<&str> = ["commit-tree", "-m", "x", &tree].into_iter().chain(parent).collect();
        let made = repo.dated(&args, &date);
        tip = Some(made);
    }
    repo.git(&["update-ref", "refs/heads/main", &tip.expect("commits")]);
    let tally = |since| {
        let revisions = vec!["main".to_owned()];
        let opened = repo.open();
        let range = Range { repo: &opened, revisions, since: Some(since), known: None };
        range.run(&Log::default()).expect("a range").commits
    };
    assert_eq!(tally(900), 3, "the last one stands behind six that are old");
    assert_eq!(tally(0), 16);
    assert_eq!(tally(1001), 0);
}

#[test]
fn names_that_mean_nothing_are_errors() {
    let repo = rich();
    let opened = repo.open();
    for revision in ["nowhere", "main..nowhere", "^", "blob..main"] {
        let revisions = vec![revision.to_owned()];
        let range = Range { repo: &opened, revisions, since: None, known: None };
        let error = range.run(&Log::default()).expect_err(revision);
        assert!(error.to_string().contains(revision), "{error}");
    }
}

#[test]
fn missing_objects_and_boundaries_are_told() {
    let repo = Repo::new();
    repo.put("a/key", "the value");
    repo.put("other", "x");
    let gone = repo.id("HEAD:a/key");
    std::fs::remove_file(repo.loose(gone)).expect("a loose blob");
    let log = run(&repo, &["HEAD"], None);
    let skipped = log.skipped.into_inner().expect("a lock");
    assert_eq!(skipped.len(), 1);
    assert_eq!(
        (skipped[0].what.to_string(), skipped[0].reason),
        (gone.to_string(), SkipReason::Missing)
    );

    let source = rich();
    let url = format!("file://{}", source.path("").display());
    source.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]);
    let shallow = source.beside("shallow");
    let log = run(&shallow, &["HEAD"], None);
    let files = shallow.listing(shallow.id("HEAD")).len();
    assert_eq!(log.rows.into_inner().expect("a lock").len(), files);
    let skipped = log.skipped.into_inner().expect("a lock");
    assert_eq!(skipped[0].reason, SkipReason::Shallow);
}

#[test]
fn revisions_that_are_not_known_say_what_to_do() {
    let repo = crate::support::TestRepo::new();
    repo.commit("only");
    for (revision, told) in [
        ("origin/main..HEAD", "origin/main..HEAD: no such commit here; fetch it"),
        ("HEAD~5..HEAD", "no such commit here"),
        ("HEAD^!", "HEAD^!: no revision; write A"),
    ] {
        let err = repo.run(["history", revision]).exits(2).err();
        assert!(err.contains(told), "{revision}: {err}");
    }
}
