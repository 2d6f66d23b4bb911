//! Text that git keeps outside of files and messages: names of refs, their logs, names of files.
//!
//! In: a repository, or names that hold something. Out: each name and each entry of a log as a blob
//! of its own, and the trees that a name lies in. None of these has a path of its own.

use std::collections::{BTreeSet, HashMap};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};

use super::attribution::refs;
use super::git::Repository;
use super::objects::Store;
use super::pack::{Body, Node, Type, Walk};
use super::{
    Blob, Content, Kind, Object, ObjectId, Origin, SkipReason, Skipped, Visitor, commit, git,
};

/// A longer log of a ref is read up to here.
const LONGEST: u64 = 64 << 20;

/// A text and the object it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The full name of the ref.
    pub name: BString,
    /// What it is about.
    pub object: Object,
    /// The name itself, or an entry of its log: who, and what was done.
    pub text: BString,
}

/// The names of all refs and the entries of their logs, sorted; a note for each log that cannot be read.
#[must_use]
pub fn labels(repo: &Repository) -> (Vec<Label>, Vec<Skipped>) {
    // Broken refs are told by the scan of the objects.
    let tips = refs::list(repo, &HashMap::new(), &mut Vec::new());
    let mut labels: BTreeSet<Label> = tips
        .into_iter()
        .filter_map(|tip| {
            let object = Object { id: *tip.chain.first()?, kind: Kind::Ref };
            Some(Label { text: tip.name.clone(), name: tip.name, object })
        })
        .collect();
    let mut skipped = Vec::new();
    if let Some(logs) = repo.logs(&mut skipped) {
        labels.extend(logs.into_iter().map(|(name, entry)| {
            let object = Object { id: entry.new, kind: Kind::Reflog };
            Label { name, object, text: entry.text }
        }));
        return (labels.into_iter().collect(), skipped);
    }
    for (top, file) in logs(repo.commondir(), &mut skipped) {
        let name = git::as_bytes(file.strip_prefix(&top).unwrap_or(&file));
        match read(&file) {
            Ok(text) => labels.extend(entries(&name, &text)),
            Err(cause) => skipped.push(unread(&file, &cause)),
        }
    }
    (labels.into_iter().collect(), skipped)
}

/// Hands labels to `visitor`.
pub fn hand_out(labels: &[Label], visitor: &dyn Visitor) {
    for label in labels {
        let origin = Origin { object: Some(label.object), ..Origin::default() };
        visitor.blob(Blob { origin, content: Content::Bytes(&label.text), before: None });
    }
}

/// Hands the name of an added file to `visitor`, as the text of its first line, if it is long enough to hold a
/// credential that is told by its form.
pub fn announce(origin: &Origin, visitor: &dyn Visitor) {
    const SHORTEST: usize = 16;
    let Some(path) = &origin.path else { return };
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"_-".contains(b);
    if path.split(|b| !part(b)).any(|part| part.len() >= SHORTEST) {
        visitor.blob(Blob { origin: origin.clone(), content: Content::Bytes(path), before: None });
    }
}

/// The files that logs of refs are in, each with the folder that their names count from.
fn logs(common: &Path, skipped: &mut Vec<Skipped>) -> Vec<(PathBuf, PathBuf)> {
    let mut tops = vec![common.join("logs")];
    // Linked work trees have a log of their own HEAD.
    if let Ok(entries) = std::fs::read_dir(common.join("worktrees")) {
        tops.extend(entries.flatten().map(|entry| entry.path().join("logs")));
    }
    let below = |top: PathBuf| {
        let files = refs::files(&top, skipped);
        files.into_iter().map(move |file| (top.clone(), file))
    };
    tops.into_iter().flat_map(below).collect()
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path)?;
    if file.take(LONGEST + 1).read_to_end(&mut text)? as u64 > LONGEST {
        return Err(std::io::Error::other("the log of a ref is too large for memory"));
    }
    Ok(text)
}

fn unread(path: &Path, cause: &std::io::Error) -> Skipped {
    Skipped { what: git::as_bytes(path), reason: SkipReason::Unreadable, detail: cause.to_string() }
}

/// The entries of a log: `old new who time zone`, a tab, and what was done.
fn entries<'t>(name: &'t BString, log: &'t [u8]) -> impl Iterator<Item = Label> + 't {
    log.lines().map(move |line| {
        let new = line.fields().nth(1).and_then(commit::id);
        let text = match new {
            Some(_) => line.splitn(3, |&byte| byte == b' ').nth(2).unwrap_or_default(),
            None => line,
        };
        let id = new.unwrap_or_default();
        let object = Object { id, kind: Kind::Reflog };
        Label { name: name.clone(), object, text: text.into() }
    })
}

/// An entry of a tree whose name was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The name.
    pub name: BString,
    /// The tree.
    pub tree: ObjectId,
    /// What goes by that name there.
    pub entry: ObjectId,
}

/// The entries of all trees that go by one of `names`, sorted. Trees that cannot be read have been told of.
#[must_use]
pub fn entries_named(store: &Store, names: &BTreeSet<BString>, threads: usize) -> Vec<Named> {
    let found = store.each(threads, &Trees { names, width: store.format().width() }).workers;
    let found: BTreeSet<Named> = found.into_iter().flatten().collect();
    found.into_iter().collect()
}

/// An object that stands in for `entry` where it is asked which commit brought it: a file in it, if it is a folder.
#[must_use]
pub fn stand_in(store: &Store, entry: ObjectId) -> ObjectId {
    const DEEPEST: usize = 4096;
    let width = store.format().width();
    let mut id = entry;
    for _ in 0..DEEPEST {
        let Ok(Some((Type::Tree, bytes))) = store.read(id) else { break };
        let (mut rest, mut folder) = (&bytes[..], None);
        let mut file = None;
        while let Some((mode, named)) = rest.split_once_str(b" ")
            && let Some((_, tail)) = named.split_once_str(b"\0")
            && let Some((inner, tail)) = tail.split_at_checked(width)
        {
            rest = tail;
            match mode {
                b"40000" | b"040000" => folder = folder.or(Some(ObjectId::new(inner))),
                b"160000" => {}
                _ => file = file.or(Some(ObjectId::new(inner))),
            }
        }
        match file.or(folder) {
            Some(inner) => id = inner,
            None => break,
        }
    }
    id
}

/// Looks for names.
struct Trees<'n> {
    names: &'n BTreeSet<BString>,
    /// Bytes of an id.
    width: usize,
}

impl Walk for Trees<'_> {
    type Worker = Vec<Named>;
    type Note = ();

    fn worker(&self) -> Vec<Named> {
        Vec::new()
    }

    fn wants(&self, kind: Type) -> bool {
        kind == Type::Tree
    }

    fn enter(&self, found: &mut Vec<Named>, node: Node<'_, ()>) {
        let Body::Bytes(mut rest) = node.body else { return };
        while let Some((_, named)) = rest.split_once_str(b" ")
            && let Some((name, tail)) = named.split_once_str(b"\0")
            && let Some((id, tail)) = tail.split_at_checked(self.width)
        {
            if let Some(name) = self.names.get(BStr::new(name)) {
                found.push(Named { name: name.clone(), tree: node.id, entry: ObjectId::new(id) });
            }
            rest = tail;
        }
    }

    fn stopped(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_log_are_who_and_what() {
        let id = "12".repeat(20);
        let log = format!("{} {id} A <a> 1 +0000\tclone: from x\nodd\n", "0".repeat(40));
        let name = BString::from("HEAD");
        let all: Vec<Label> = entries(&name, log.as_bytes()).collect();
        assert_eq!(all[0].text, "A <a> 1 +0000\tclone: from x");
        assert_eq!(all[0].object, Object { id: ObjectId::new(&[0x12; 20]), kind: Kind::Reflog });
        assert_eq!((all[1].text.as_bstr(), all.len()), (BStr::new("odd"), 2));
    }
}
