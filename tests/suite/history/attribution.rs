//! Where values come from, compared with what git's trees say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::BString;
use leakstop::source::attribution::{Attribution, attribute};
use leakstop::source::objects::Store;
use leakstop::source::{ObjectId, SkipReason};

use super::repo::{Listing, Repo, rich};

type Wanted = HashMap<ObjectId, Vec<u32>>;
/// Group, commit, path and object.
type Rows = BTreeSet<(u32, ObjectId, Vec<u8>, ObjectId)>;

fn run(repo: &Repo, wanted: &Wanted) -> Attribution {
    let opened = repo.open();
    let store = Store::open(&opened, &[]).expect("a store");
    attribute(&store, &opened, wanted, 2).expect("an attribution")
}

fn rows(found: &Attribution) -> Rows {
    let mut rows = Rows::new();
    for (group, trace) in &found.groups {
        for introduction in &trace.introductions {
            let path = introduction.path.as_deref().cloned().unwrap_or_default();
            let commit = found.commit(introduction).id;
            let row = (*group, commit, path.into(), introduction.object);
            assert!(rows.insert(row), "an introduction came twice");
        }
    }
    rows
}

/// The definition, applied to whole listings: all commits, reachable or not.
fn oracle(repo: &Repo, wanted: &Wanted) -> Rows {
    let commits: Vec<ObjectId> = repo
        .objects()
        .into_iter()
        .filter(|object| object.1 == "commit")
        .map(|object| object.0)
        .collect();
    let listings: BTreeMap<ObjectId, Listing> =
        commits.iter().map(|&commit| (commit, repo.listing(commit))).collect();
    let groups = |blob: Option<&ObjectId>| -> &[u32] {
        blob.and_then(|blob| wanted.get(blob)).map_or(&[], Vec::as_slice)
    };
    let mut rows = Rows::new();
    for &commit in &commits {
        let parents = repo.parents(commit);
        for (path, blob) in &listings[&commit] {
            for &group in groups(Some(blob)) {
                let had = parents
                    .iter()
                    .any(|parent| groups(listings[parent].get(path)).contains(&group));
                if !had {
                    rows.insert((group, commit, path.clone(), *blob));
                }
            }
        }
    }
    rows
}

/// Every blob holds a group of its own, and one that it shares with some others.
fn all_blobs(repo: &Repo) -> Wanted {
    let blobs = repo.objects().into_iter().filter(|object| object.1 == "blob");
    (0..).zip(blobs).map(|(n, blob)| (blob.0, vec![n, 1000 + n % 7])).collect()
}

#[test]
fn introductions_are_those_of_the_definition() {
    for packed in [false, true] {
        let repo = rich();
        if packed {
            repo.git(&["gc", "-q"]);
        }
        let wanted = all_blobs(&repo);
        let found = run(&repo, &wanted);
        assert_eq!(found.skipped, []);
        assert_eq!(rows(&found), oracle(&repo, &wanted));
    }
}

/// A random history: many merges, files that come, go, move and return.
fn random(seed: u64) -> Repo {
    let repo = Repo::new();
    let mut state = seed;
    let mut below = |limit: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    let mut stream = Vec::new();
    for n in 1..=40u64 {
        let time = 1_700_000_000 + below(50);
        stream.push(format!(
            "commit refs/heads/b{}\nmark :{n}\ncommitter C <c@example.com> {time} +0000\ndata 0\n",
            n % 5
        ));
        if n > 5 {
            stream.push(format!("from :{}\n", n - 5));
        }
        for _ in 0..below(3) {
            if n > 1 {
                stream.push(format!("merge :{}\n", 1 + below(n - 1)));
            }
        }
        for _ in 0..4 {
            let folder = ["", "a/", "a/b/", "c/d/e/"][usize::try_from(below(4)).expect("small")];
            let path = format!("{folder}f{}", below(4));
            if below(3) == 0 {
                stream.push(format!("D {path}\n"));
            } else {
                stream.push(format!("M 100644 inline {path}\ndata 2\n{:02}\n", below(20)));
            }
        }
        stream.push("\n".to_owned());
    }
    repo.pipe(&["fast-import", "--quiet", "--force"], stream.concat().as_bytes());
    repo
}

#[test]
fn random_histories_agree_with_the_definition() {
    for seed in 1..=3 {
        let repo = random(seed);
        let wanted = all_blobs(&repo);
        let found = run(&repo, &wanted);
        assert_eq!(rows(&found), oracle(&repo, &wanted), "seed {seed}");
        let introductions = found.groups.values().flat_map(|trace| &trace.introductions);
        let mut checked = BTreeSet::new();
        for introduction in introductions {
            let commit = found.commit(introduction).id;
            if !checked.insert(commit) {
                continue;
            }
            let refs: Vec<String> = found.refs(introduction).map(ToString::to_string).collect();
            let contains = format!("--contains={commit}");
            let expected = repo.git(&["for-each-ref", "--format=%(refname)", &contains]);
            assert_eq!(refs.join("\n"), expected, "{commit}");
        }
    }
}

/// A commit and all that it was made from.
fn grown(from: ObjectId, parents: &BTreeMap<ObjectId, Vec<ObjectId>>) -> BTreeSet<ObjectId> {
    let (mut all, mut todo) = (BTreeSet::new(), vec![from]);
    while let Some(commit) = todo.pop() {
        if all.insert(commit) {
            todo.extend(&parents[&commit]);
        }
    }
    all
}

/// What became of everything that was introduced agrees with whole listings; returns how much was removed.
fn check_fates(repo: &Repo, wanted: &Wanted) -> usize {
    let found = run(repo, wanted);
    let commits = repo.ids(&["rev-list", "--all", "--reflog", "HEAD"]);
    let listings: BTreeMap<ObjectId, Listing> =
        commits.iter().map(|&commit| (commit, repo.listing(commit))).collect();
    let parents: BTreeMap<ObjectId, Vec<ObjectId>> =
        commits.iter().map(|&commit| (commit, repo.parents(commit))).collect();
    let grown = |from: &ObjectId| grown(*from, &parents);
    let head = repo.id("HEAD");
    let ours = grown(&head);
    let mut removed = 0;
    for (&group, trace) in &found.groups {
        let holds = |commit: &ObjectId, path: &BString| {
            let blob = listings[commit].get(&path[..]);
            blob.and_then(|blob| wanted.get(blob)).is_some_and(|groups| groups.contains(&group))
        };
        for (path, fate) in &trace.fates {
            let last = fate.last.as_ref().map(|facts| facts.id);
            if holds(&head, path) {
                assert_eq!((fate.removed.as_ref(), last), (None, Some(head)), "{path}");
                continue;
            }
            let takes = |commit: &ObjectId, strict: bool| {
                let parents = &parents[commit];
                let count = parents.iter().filter(|parent| holds(parent, path)).count();
                let all = count == parents.len() || !strict;
                count > 0 && all && !holds(commit, path)
            };
            let all: Vec<ObjectId> = commits.iter().filter(|c| takes(c, true)).copied().collect();
            let merges: Vec<ObjectId> =
                commits.iter().filter(|c| takes(c, false)).copied().collect();
            let last_wins = !all.is_empty();
            let all = if last_wins { all } else { merges };
            let near: Vec<ObjectId> = all.iter().filter(|id| ours.contains(id)).copied().collect();
            let choice = if near.is_empty() { &all } else { &near };
            let Some(commit) = fate.removed.as_ref().map(|facts| facts.id) else {
                assert!(all.is_empty(), "{path}: {all:?}");
                assert!(last.is_none_or(|last| holds(&last, path)), "{path}");
                continue;
            };
            removed += 1;
            assert!(choice.contains(&commit), "{path}: {commit} is none of {choice:?}");
            let last = last.expect("something was removed");
            assert!(holds(&last, path) && parents[&commit].contains(&last), "{path}");
            for other in choice.iter().filter(|&&other| other != commit) {
                let (early, late) = if last_wins { (commit, *other) } else { (*other, commit) };
                assert!(
                    !grown(&late).contains(&early),
                    "{path}: {other} took it away, not {commit}"
                );
            }
        }
    }
    removed
}

#[test]
fn what_became_of_a_value_agrees_with_the_definition() {
    let repo = rich();
    check_fates(&repo, &all_blobs(&repo));
    for seed in 1..=2 {
        let repo = random(seed);
        repo.git(&["symbolic-ref", "HEAD", "refs/heads/b3"]);
        let removed = check_fates(&repo, &all_blobs(&repo));
        assert!(removed > 20, "seed {seed} removes too little to say much: {removed}");
    }
}

#[test]
fn a_value_lies_open_until_it_is_removed_or_until_head() {
    let repo = Repo::new();
    let commit = |mark: u32, day: i64, change: &str| {
        let time = 1_700_000_000 + day * 86400;
        format!(
            "commit refs/heads/main\nmark :{mark}\ncommitter C <c@x> {time} +0000\ndata 0\n{change}\n"
        )
    };
    let file =
        |path: &str, text: &str| format!("M 100644 inline {path}\ndata {}\n{text}", text.len());
    let stream = [
        commit(1, 0, &file("gone", "key-1")),
        commit(2, 2, &file("stays", "key-2")),
        commit(3, 10, "D gone\n"),
        commit(4, 30, "D other\n"),
    ];
    repo.pipe(&["fast-import", "--quiet"], stream.concat().as_bytes());
    let wanted =
        Wanted::from([(repo.id("main~3:gone"), vec![1]), (repo.id("main:stays"), vec![2])]);
    let found = run(&repo, &wanted);
    let gone = found.fate(1, Some(&"gone".into()));
    assert_eq!(gone.removed.map(|facts| facts.id), Some(repo.id("main~1")));
    assert_eq!(gone.last.map(|facts| facts.id), Some(repo.id("main~2")));
    assert_eq!(gone.until, 1_700_000_000 + 10 * 86400);
    let stays = found.fate(2, Some(&"stays".into()));
    assert_eq!(stays.removed, None);
    assert_eq!(stays.last.map(|facts| facts.id), Some(repo.id("main")));
    assert_eq!(stays.until, 1_700_000_000 + 30 * 86400);
}

#[test]
fn introductions_come_oldest_first_with_facts_and_head() {
    let repo = Repo::new();
    repo.put("first", "base");
    let added = repo.put("dir/key", "the value");
    let moved = {
        repo.git(&["mv", "dir/key", "key"]);
        repo.commit("move\n\nand more")
    };
    let blob = repo.id("HEAD:key");
    let found = run(&repo, &Wanted::from([(blob, vec![3])]));
    let trace = &found.groups[&3];
    let commits: Vec<_> = trace.introductions.iter().map(|i| found.commit(i)).collect();
    assert_eq!([commits[0].id, commits[1].id], [added, moved]);
    assert_eq!(commits[1].author, "A U Thor <author@example.com>");
    assert_eq!(commits[1].date, "2023-11-14T23:43:20+01:30");
    assert_eq!(commits[1].summary, "move");
    assert_eq!(trace.introductions[0].path.as_deref(), Some(&"dir/key".into()));
    assert!(found.in_head(3, &"key".into()));
    assert!(!found.in_head(3, &"dir/key".into()));
    assert_eq!(found.refs_of(3), [&BString::from("refs/heads/main")]);
}

#[test]
fn a_merge_made_by_hand_introduces_what_no_parent_has() {
    let repo = rich();
    let blob = repo.id("main:evil.txt");
    let found = run(&repo, &Wanted::from([(blob, vec![0])]));
    let rows = rows(&found);
    let merge = repo.git(&["log", "--format=%H", "--merges", "-1", "main"]);
    assert!(rows.iter().any(|row| row.1.to_string() == merge), "{rows:?}");
}

#[test]
fn what_no_commit_holds_comes_with_the_refs_that_point_at_it() {
    let repo = rich();
    let tagged = repo.id("blob");
    let dangling = repo.pipe(&["hash-object", "--stdin"], b"dangling");
    let dangling = super::repo::parse(String::from_utf8(dangling).expect("hex").trim());
    repo.write("staged", "only staged");
    repo.git(&["add", "-A"]);
    let staged = repo.id(":staged");
    let tree = repo.git(&["write-tree"]);
    repo.git(&["tag", "-a", "folder", "-m", "a tag of a tree", &tree]);
    let annotated = repo.id("v1");
    let ids = [tagged, dangling, staged, annotated];
    let wanted = (0..).zip(ids).map(|(n, id)| (id, vec![n])).collect();
    let found = run(&repo, &wanted);
    assert!(found.groups.is_empty());
    let refs = |id| found.strays[&id].iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(refs(tagged), ["refs/tags/blob"]);
    assert_eq!(refs(dangling), [""; 0]);
    assert_eq!(refs(staged), ["refs/tags/folder"]);
    assert_eq!(refs(annotated), ["refs/tags/v1", "refs/tags/v1-again"]);
}

#[test]
fn commits_introduce_themselves() {
    let repo = rich();
    let id = repo.id("main~2");
    let found = run(&repo, &Wanted::from([(id, vec![5])]));
    let introduction = &found.groups[&5].introductions[0];
    assert_eq!((&introduction.path, introduction.object), (&None, id));
    assert!(found.refs(introduction).any(|name| name == "refs/heads/main"));
}

#[test]
fn stashes_notes_and_amended_commits_are_attributed() {
    let repo = rich();
    let note = repo.ids(&["ls-tree", "-r", "--format=%(objectname)", "refs/notes/commits"])[0];
    let stashed = repo.id("stash:evil.txt");
    let before = repo.id("HEAD@{2}:amended.txt");
    let wanted = Wanted::from([(note, vec![0]), (stashed, vec![1]), (before, vec![2])]);
    let found = run(&repo, &wanted);
    let refs =
        |group| found.refs_of(group).into_iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(refs(0), ["refs/notes/commits"]);
    assert_eq!(refs(1), ["refs/stash"]);
    assert_eq!(refs(2), [""; 0]);
    assert_eq!(found.groups[&2].introductions.len(), 1);
}

#[test]
fn a_shallow_boundary_counts_as_a_root() {
    let repo = Repo::new();
    repo.put("key", "the value");
    repo.put("other", "x");
    let boundary = repo.put("other", "y");
    repo.put("other", "z");
    let url = format!("file://{}", repo.path("").display());
    repo.git(&["clone", "-q", "--depth", "2", &url, "../shallow"]);
    let shallow = repo.beside("shallow");
    let blob = shallow.id("HEAD:key");
    let found = run(&shallow, &Wanted::from([(blob, vec![0])]));
    assert_eq!(rows(&found), Rows::from([(0, boundary, b"key".to_vec(), blob)]));
    assert_eq!(found.skipped, []);
}

#[test]
fn missing_parents_are_told() {
    let repo = Repo::new();
    let gone = repo.put("key", "the value");
    repo.put("other", "x");
    std::fs::remove_file(repo.loose(gone)).expect("a loose commit");
    let blob = repo.id("HEAD:key");
    let found = run(&repo, &Wanted::from([(blob, vec![0])]));
    assert_eq!(found.skipped[0].what, gone.to_string());
    assert_eq!(found.skipped[0].reason, SkipReason::Missing);
    assert_eq!(rows(&found).len(), 1);
}
