//! Refs kept in tables, compared with what git lists.

use std::collections::BTreeSet;

use leakstop::source::names::{Label, labels};
use leakstop::source::{Kind, ObjectId};

use super::repo::{Repo, parse};

/// The labels of one kind.
fn of_kind(repo: &Repo, kind: Kind) -> Vec<Label> {
    let (labels, skipped) = labels(&repo.open());
    assert_eq!(skipped, []);
    labels.into_iter().filter(|label| label.object.kind == kind).collect()
}

/// All refs, as git lists them.
fn listed(repo: &Repo) -> BTreeSet<(String, ObjectId)> {
    let list = repo.git(&["for-each-ref", "--format=%(objectname) %(refname)"]);
    let pair = |line: &str| {
        let (id, name) = line.split_once(' ').expect("two words");
        (name.to_owned(), parse(id))
    };
    list.lines().map(pair).collect()
}

fn check(repo: &Repo) {
    let read = of_kind(repo, Kind::Ref);
    let read: BTreeSet<_> =
        read.into_iter().map(|label| (label.name.to_string(), label.object.id)).collect();
    let expected = listed(repo);
    assert!(read == expected, "{} of {} refs", read.len(), expected.len());
}

#[test]
fn stacks_of_many_tables_and_blocks() {
    for hash in ["sha1", "sha256"] {
        let repo = Repo::with_refs_in_tables(hash);
        let first = repo.put("f", "first");
        let second = repo.put("f", "second");
        repo.git(&["tag", "-a", "v1", "-m", "annotated"]);
        repo.git(&["symbolic-ref", "refs/remotes/o/HEAD", "refs/heads/main"]);
        check(&repo);
        let lines = |verb: &str, step: usize, id: &str| -> String {
            let names = (0..3000).step_by(step);
            names.map(|n| format!("{verb} refs/heads/deep/{}/b{n}{id}\n", n % 17)).collect()
        };
        let update = |lines: &str| repo.pipe(&["update-ref", "--stdin"], lines.as_bytes());
        update(&lines("create", 1, &format!(" {first}")));
        check(&repo);
        update(&lines("update", 5, &format!(" {second}")));
        update(&lines("delete", 3, ""));
        check(&repo);
        for n in 0..5 {
            repo.git(&["branch", &format!("more-{n}")]);
        }
        repo.git(&["branch", "-D", "-q", "more-2"]);
        check(&repo);
        repo.git(&["pack-refs", "--all"]);
        check(&repo);
        update(
            &lines("update", 7, &format!(" {second}"))
                .replace("update", "create")
                .replace("/b", "/c"),
        );
        check(&repo);
    }
}

#[test]
fn logs_are_those_of_git() {
    for hash in ["sha1", "sha256"] {
        let repo = Repo::with_refs_in_tables(hash);
        for n in 0..300 {
            repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("step {n}")]);
            if n == 200 {
                repo.git(&["reflog", "delete", "main@{3}"]);
            }
        }
        let format = "%H %gn <%ge> %gs";
        let log = repo.git(&["log", "-g", &format!("--format={format}"), "main"]);
        let mut expected: Vec<String> = log.lines().map(str::to_owned).collect();
        let mut read: Vec<String> = of_kind(&repo, Kind::Reflog)
            .into_iter()
            .filter(|label| label.name == "refs/heads/main")
            .map(|label| {
                let text = label.text.to_string();
                let (who, why) = text.split_once('\t').expect("a reason");
                let end = who.rfind('>').expect("a mail address");
                assert_eq!(&who[end + 1..], " 1700000000 +0000");
                format!("{} {} {why}", label.object.id, &who[..=end])
            })
            .collect();
        expected.sort();
        read.sort();
        assert_eq!(expected.len(), 299);
        assert_eq!(read, expected);
    }
}
