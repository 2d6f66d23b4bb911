//! What a commit object says.
//!
//! In: a commit's bytes. Out: the ids it names, and the [`CommitFacts`] for reports. Everything but
//! the ids may be arbitrary bytes.

use bstr::ByteSlice;
use data_encoding::HEXLOWER;

use super::{CommitFacts, ObjectId, SourceError};

/// The parts of a commit that the history is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// Its folder.
    pub(super) tree: ObjectId,
    /// The commits before it.
    pub(super) parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970.
    pub(super) time: i64,
}

impl Links {
    /// Reads a commit; `None` where it is malformed.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.lines();
        let tree = id(lines.next()?.strip_prefix(b"tree ")?)?;
        let mut parents = Vec::new();
        let mut line = lines.next()?;
        while let Some(parent) = line.strip_prefix(b"parent ") {
            parents.push(id(parent)?);
            line = lines.next()?;
        }
        // Commits without author or with a strange date are still part of the history.
        let committer = std::iter::once(line)
            .chain(lines)
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix(b"committer "));
        let time = committer.and_then(|line| Some(signature(line)?.1));
        Some(Self { tree, parents, time: time.unwrap_or(0) })
    }
}

/// The object that an annotated tag points at; `None` where it is malformed.
pub(super) fn tagged(bytes: &[u8]) -> Option<ObjectId> {
    id(bytes.lines().next()?.strip_prefix(b"object ")?)
}

/// An id in hex.
pub(super) fn id(hex: &[u8]) -> Option<ObjectId> {
    let mut id = [0; 32];
    let id = id.get_mut(..hex.len() / 2).filter(|_| matches!(hex.len(), 40 | 64))?;
    HEXLOWER.decode_mut(hex, id).ok()?;
    Some(ObjectId::new(id))
}

/// Tells what a report says about a commit.
///
/// # Errors
/// [`SourceError::Git`] where there is no such commit.
pub fn commit_facts(repo: &git2::Repository, id: ObjectId) -> Result<CommitFacts, SourceError> {
    let read = || Ok::<_, git2::Error>(facts(id, repo.odb()?.read(id.into())?.data()));
    read().map_err(|cause| SourceError::Git { what: format!("commit {id}"), cause })
}

/// Reads a commit's bytes for a report; what is missing stays empty.
pub(super) fn facts(id: ObjectId, bytes: &[u8]) -> CommitFacts {
    let (head, message) = bytes.split_once_str("\n\n").unwrap_or((bytes, b""));
    let named = |who: &[u8]| head.lines().find_map(|line| line.strip_prefix(who));
    let author = named(b"author ").unwrap_or_default();
    let seconds = signature(author).map_or(0, |(_, time, _)| time);
    let committer = named(b"committer ").and_then(signature);
    let (name, date) = match author.rfind_byte(b'>') {
        Some(end) => author.split_at(end + 1),
        None => (author, &b""[..]),
    };
    let summary = message.lines().map(ByteSlice::trim).find(|line| !line.is_empty());
    CommitFacts {
        committed: committer.map_or(seconds, |(_, time, _)| time),
        seconds,
        id,
        author: name.to_str_lossy().into_owned(),
        date: signature(author)
            .and_then(|(_, time, zone)| rfc_3339(time, zone))
            .unwrap_or_else(|| date.trim().to_str_lossy().into_owned()),
        summary: summary.unwrap_or_default().to_str_lossy().into_owned(),
    }
}

/// Name and mail, seconds since 1970, and the zone as hours × 100 + minutes.
fn signature(line: &[u8]) -> Option<(&[u8], i64, i32)> {
    let end = line.rfind_byte(b'>')? + 1;
    let mut words = line[end..].fields();
    let time = words.next()?.to_str().ok()?.parse().ok()?;
    let zone = words.next().and_then(|zone| zone.to_str().ok()?.parse().ok());
    Some((&line[..end], time, zone.unwrap_or(0)))
}

fn rfc_3339(time: i64, zone: i32) -> Option<String> {
    let minutes = zone / 100 * 60 + zone % 100;
    let offset = jiff::tz::Offset::from_seconds(minutes.checked_mul(60)?).ok()?;
    let time = jiff::Timestamp::from_second(time).ok()?;
    Some(time.display_with_offset(offset).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
parent 1111111111111111111111111111111111111111
parent 2222222222222222222222222222222222222222
author A U Thor <a@example.com> 1700000000 +0130
committer C <c@example.com> 1700000100 -0800
gpgsig -----BEGIN-----
 committer X <x> 1 +0000

\u{20}
First line
second
";

    #[test]
    fn links_are_read() {
        let links = Links::parse(COMMIT.as_bytes()).unwrap();
        assert_eq!(links.parents, [ObjectId::new(&[0x11; 20]), ObjectId::new(&[0x22; 20])]);
        assert_eq!(links.tree.to_string(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        assert_eq!(links.time, 1_700_000_100);
        assert_eq!(Links::parse(&COMMIT.as_bytes()[1..]), None);
        assert_eq!(Links::parse(b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee490\n\n"), None);
    }

    #[test]
    fn facts_are_told_in_the_authors_zone() {
        let facts = facts(ObjectId::new(&[1; 20]), COMMIT.as_bytes());
        assert_eq!(facts.author, "A U Thor <a@example.com>");
        assert_eq!(facts.date, "2023-11-14T23:43:20+01:30");
        assert_eq!(facts.summary, "First line");
    }

    #[test]
    fn impossible_dates_stay_as_they_are() {
        for date in ["99999999999999 +0000", "1700000000 +99999", "tomorrow", ""] {
            let text = format!("author A <a> {date}\n\nx");
            assert_eq!(facts(ObjectId::new(&[1; 20]), text.as_bytes()).date, date);
        }
        assert_eq!(facts(ObjectId::new(&[1; 20]), b"").author, "");
    }
}
