//! What removed values were moved to.
//!
//! In: a repository and findings. Out: for a value that a commit replaced by a reference, the reference's name, and
//! whether HEAD's tree still uses it. Only what has been removed is looked at, each commit's file once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use bstr::BString;

use crate::remedy::moved::moved;
use crate::source::git::Repository;
use crate::source::objects::Store;
use crate::source::{ObjectId, git, outermost};
use crate::verdict::finding::{Finding, Moved};

/// Larger files are not compared or searched.
const LARGEST: usize = 1 << 20;
/// Findings looked at, at most.
const MOST: usize = 1000;

/// Bytes of commits' files that are kept for the next finding.
const KEPT: usize = 16 << 20;

/// A repository, and what was read of it.
struct Files<'f> {
    repository: &'f Repository,
    store: &'f Store,
    /// By commit and path: one commit often removes many values of one file.
    known: HashMap<(ObjectId, BString), Option<Arc<[u8]>>>,
    /// Bytes that may still be kept.
    room: usize,
}

/// Notes what the removed ones of `findings` were moved to.
pub(super) fn follow(repository: &Repository, store: &Store, findings: &mut [Finding]) {
    let mut files = Files { repository, store, known: HashMap::new(), room: KEPT };
    let mut names: BTreeMap<usize, String> = BTreeMap::new();
    let gone = findings.iter().enumerate().filter(|(_, finding)| {
        finding.fate().is_some_and(|fate| fate.removed.is_some() && fate.last.is_some())
    });
    for (at, finding) in gone.take(MOST) {
        if let Some(name) = name(&mut files, finding) {
            names.insert(at, name);
        }
    }
    if names.is_empty() {
        return;
    }
    let wanted: BTreeSet<&String> = names.values().collect();
    let used = used((repository, store), &wanted);
    for (at, name) in &names {
        let used = used.contains(name);
        findings[*at].moved = Some(Moved { name: name.clone(), used });
    }
}

/// The name that the commit which removed a value put in its place.
fn name(files: &mut Files<'_>, finding: &Finding) -> Option<String> {
    let fate = finding.fate()?;
    let path = finding.place.path.as_ref().filter(|path| outermost(path) == &path[..])?;
    let before = files.get(fate.last.as_ref()?.id, path)?;
    let after = files.get(fate.removed.as_ref()?.id, path)?;
    let at = memchr::memmem::find(&before, finding.secret.reveal())?;
    let line = 1 + memchr::memchr_iter(b'\n', &before[..at]).count();
    moved(&before, &after, line)
}

impl Files<'_> {
    /// A commit's file.
    fn get(&mut self, commit: ObjectId, path: &BString) -> Option<Arc<[u8]>> {
        let key = (commit, path.clone());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let file: Option<Arc<[u8]>> = self.read(commit, path).map(Into::into);
        let bytes = file.as_ref().map_or(0, |file| file.len());
        if bytes <= self.room {
            self.room -= bytes;
            self.known.insert(key, file.clone());
        }
        file
    }

    fn read(&self, commit: ObjectId, path: &BString) -> Option<Vec<u8>> {
        let commit = self.repository.find_commit(commit.into()).ok()?;
        let entry = commit.tree().ok()?.get_path(&git::as_path(path.as_ref())).ok()?;
        content((self.repository, self.store), entry.id())
    }
}

/// A blob, unless it is large.
fn content((repository, store): (&Repository, &Store), id: git2::Oid) -> Option<Vec<u8>> {
    let (size, kind) = repository.odb().ok()?.read_header(id).ok()?;
    let fits = kind == git2::ObjectType::Blob && size <= LARGEST;
    // libgit2 would hash each again, which takes longer than reading it.
    fits.then(|| store.read(id.into()).ok().flatten().map(|(_, bytes)| bytes))?
}

/// Which of `names` stand as words in a file of HEAD.
fn used((repository, store): (&Repository, &Store), names: &BTreeSet<&String>) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let names: Vec<&&String> = names.iter().collect();
    let search = AhoCorasick::new(names.iter().map(|name| name.as_bytes()));
    let (Ok(search), Ok(Some(tree))) = (search, git::head_tree(repository)) else { return used };
    // Each object once, whatever names it: trees may hold one another many times over.
    let mut seen = BTreeSet::from([tree.id()]);
    let mut todo = vec![tree];
    while let Some(tree) = todo.pop().filter(|_| used.len() < names.len()) {
        for entry in tree.iter().filter(|entry| seen.insert(entry.id())) {
            match entry.kind() {
                Some(git2::ObjectType::Tree) => todo.extend(repository.find_tree(entry.id())),
                Some(git2::ObjectType::Blob) => {
                    let text = content((repository, store), entry.id()).unwrap_or_default();
                    let found = search.find_overlapping_iter(&text);
                    let words = found.filter(|found| is_word(&text, found.start(), found.end()));
                    used.extend(words.map(|found| (*names[found.pattern().as_usize()]).clone()));
                }
                _ => {}
            }
        }
    }
    used
}

/// Whether nothing of a longer name stands beside a match.
fn is_word(text: &[u8], start: usize, end: usize) -> bool {
    let part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    !part(start.checked_sub(1).and_then(|at| text.get(at))) && !part(text.get(end))
}
