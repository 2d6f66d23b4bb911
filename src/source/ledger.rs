//! What an earlier scan of a store has read, so that a later one reads only what has come since.
//!
//! In: the objects of a scan, which of them held the same values, and the way of those that did. Out: a file of bytes,
//! and the same again from it. It tells objects by id, values by number and paths by name; nothing of what the objects
//! hold is in it. A file that was made by other rules or is damaged is refused.

use bstr::BString;

use super::ObjectId;
use super::attribution::again::Trail;
use super::commit::Links;
use super::pack::Type;

/// The file's first bytes; the number counts the formats.
const MAGIC: &[u8; 16] = b"leakstop-seen-2\n";
/// Length of the CRC-32 at the end, which tells damage. Who can forge it can as well do without this program.
const SUM: usize = 4;

/// What a ledger is good for: rules, settings and version, hashed.
pub type Key = [u8; 32];

/// An object that was read and held nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// Its id.
    pub id: ObjectId,
    /// Its type.
    pub kind: Type,
    /// How many of its bytes were read.
    pub bytes: u64,
}

/// An object that was read and held something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The object.
    pub seen: Seen,
    /// Whether what it holds is reported, and so must be read again. Of a value that many versions of a file hold, only
    /// the first one is.
    pub shown: bool,
    /// The numbers of its values, in the order of their digests, which tells nothing of them.
    pub groups: Vec<u32>,
}

/// What an earlier scan leaves to the next.
#[derive(Debug, Default)]
pub struct Ledger {
    /// What held nothing and need not be read again, sorted.
    pub seen: Vec<Seen>,
    /// What held something, sorted.
    pub held: Vec<Held>,
    /// Where what was found has come from, if that is still good when objects are added.
    pub trail: Option<Trail>,
}

/// Why a ledger is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Useless {
    /// It was made by other rules, settings or another version.
    #[error("it is of other rules, settings or another version")]
    Other,
    /// It is not as it was written.
    #[error("it is damaged")]
    Damaged,
}

impl Ledger {
    /// The file's bytes.
    #[must_use]
    pub fn write(&self, key: &Key) -> Vec<u8> {
        let mut out = Out(Vec::with_capacity(64 + self.seen.len() * 29));
        out.0.extend(MAGIC);
        out.0.extend(key);
        out.list(&self.seen, Out::seen);
        out.list(&self.held, |out, held| {
            out.seen(&held.seen);
            out.0.push(held.shown.into());
            out.number(held.groups.len() as u64);
            out.numbers(&held.groups);
        });
        out.list(self.trail.as_slice(), Out::trail);
        let sum = crc32fast::hash(&out.0);
        out.0.extend(sum.to_le_bytes());
        out.0
    }

    /// Takes a file's bytes in.
    ///
    /// # Errors
    /// [`Useless`] where they are not what was written with this `key`.
    pub fn read(bytes: &[u8], key: &Key) -> Result<Self, Useless> {
        let (body, sum) = bytes.split_last_chunk::<SUM>().ok_or(Useless::Damaged)?;
        if !body.starts_with(MAGIC) || crc32fast::hash(body).to_le_bytes() != *sum {
            return Err(Useless::Damaged);
        }
        let body = &body[MAGIC.len()..];
        let body = body.strip_prefix(key).ok_or(Useless::Other)?;
        let mut rest = In(body);
        let ledger = rest.ledger().filter(|_| rest.0.is_empty()).ok_or(Useless::Damaged)?;
        let sorted = ledger.seen.windows(2).all(|two| two[0].id < two[1].id)
            && ledger.held.windows(2).all(|two| two[0].seen.id < two[1].seen.id);
        sorted.then_some(ledger).ok_or(Useless::Damaged)
    }
}

const KINDS: [Type; 4] = [Type::Commit, Type::Tree, Type::Blob, Type::Tag];

fn kind_number(kind: Type) -> u8 {
    let at = KINDS.iter().position(|known| *known == kind);
    at.and_then(|at| u8::try_from(at).ok()).expect("there are four kinds")
}

/// Puts numbers and lists one after the other.
struct Out(Vec<u8>);

impl Out {
    fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn numbers(&mut self, numbers: &[u32]) {
        for number in numbers {
            self.0.extend(number.to_le_bytes());
        }
    }

    fn seen(&mut self, seen: &Seen) {
        self.id(&seen.id);
        self.0.push(kind_number(seen.kind));
        self.number(seen.bytes);
    }

    fn id(&mut self, id: &ObjectId) {
        self.0.push(u8::try_from(id.bytes().len()).expect("20 or 32"));
        self.0.extend(id.bytes());
    }

    fn list<T>(&mut self, list: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.number(list.len() as u64);
        for one in list {
            each(self, one);
        }
    }

    fn trail(&mut self, trail: &Trail) {
        self.list(&trail.commits, |out, (id, links)| {
            out.id(id);
            out.id(&links.tree);
            out.number(links.time.cast_unsigned());
            out.list(&links.parents, Self::id);
        });
        self.list(&trail.tags, |out, (tag, target)| {
            out.id(tag);
            out.id(target);
        });
        for ids in [&trail.shallow, &trail.gone, &trail.trees] {
            self.list(ids, Self::id);
        }
        self.list(&trail.names, |out, name| out.list(name, |out, byte| out.0.push(*byte)));
        self.list(&trail.folders, |out, edge| out.numbers(edge));
        self.list(&trail.holds, |out, (edge, object)| {
            out.numbers(edge);
            out.id(object);
        });
    }
}

/// Takes numbers and lists from the front. Nothing is reserved for what a length says.
struct In<'i>(&'i [u8]);

impl In<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn id(&mut self) -> Option<ObjectId> {
        let length = usize::from(self.bytes::<1>()?[0]);
        let (id, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        matches!(length, 20 | 32).then(|| ObjectId::new(id))
    }

    fn index(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    /// Every item takes at least a byte, so a length that lies ends with the file.
    fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.number()?;
        (0..length).map(|_| each(self)).collect()
    }

    fn ledger(&mut self) -> Option<Ledger> {
        let seen = self.list(Self::seen)?;
        let held = self.list(|rest| {
            let (seen, shown) = (rest.seen()?, rest.bytes::<1>()?[0] != 0);
            Some(Held { seen, shown, groups: rest.list(Self::index)? })
        })?;
        let trail = self.list(Self::trail)?.pop();
        Some(Ledger { seen, held, trail })
    }

    fn seen(&mut self) -> Option<Seen> {
        let (id, kind) = (self.id()?, usize::from(self.bytes::<1>()?[0]));
        Some(Seen { id, kind: *KINDS.get(kind)?, bytes: self.number()? })
    }

    fn trail(&mut self) -> Option<Trail> {
        Some(Trail {
            commits: self.list(|rest| {
                let (id, tree) = (rest.id()?, rest.id()?);
                let time = rest.number()?.cast_signed();
                Some((id, Links { tree, time, parents: rest.list(Self::id)? }))
            })?,
            tags: self.list(|rest| Some((rest.id()?, rest.id()?)))?,
            shallow: self.list(Self::id)?,
            gone: self.list(Self::id)?,
            trees: self.list(Self::id)?,
            names: self
                .list(|rest| Some(BString::from(rest.list(|rest| Some(rest.bytes::<1>()?[0]))?)))?,
            folders: self.list(|rest| Some([rest.index()?, rest.index()?, rest.index()?]))?,
            holds: self.list(|rest| Some(([rest.index()?, rest.index()?], rest.id()?)))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = [7; 32];

    fn id(n: u8) -> ObjectId {
        ObjectId::new(&[n; 20])
    }

    fn ledger() -> Ledger {
        let links = Links { tree: id(9), parents: vec![id(1), id(2)], time: -5 };
        Ledger {
            seen: vec![
                Seen { id: id(1), kind: Type::Commit, bytes: 200 },
                Seen { id: id(4), kind: Type::Tag, bytes: u64::MAX },
            ],
            held: vec![
                Held {
                    seen: Seen { id: id(2), kind: Type::Blob, bytes: 7 },
                    shown: true,
                    groups: vec![0, 3],
                },
                Held {
                    seen: Seen { id: id(5), kind: Type::Blob, bytes: 8 },
                    shown: false,
                    groups: vec![3],
                },
            ],
            trail: Some(Trail {
                commits: vec![(id(3), links)],
                tags: vec![(id(4), id(3))],
                shallow: vec![id(8)],
                gone: vec![id(6), ObjectId::new(&[7; 32])],
                trees: vec![id(9), id(10)],
                names: vec!["a".into()],
                folders: vec![[0, 0, 1]],
                holds: vec![([1, 0], id(4))],
            }),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = ledger().write(&KEY);
        let read = Ledger::read(&bytes, &KEY).unwrap();
        let known = ledger();
        assert_eq!((read.seen, read.held, read.trail), (known.seen, known.held, known.trail));
        let bytes = Ledger::default().write(&KEY);
        assert_eq!(Ledger::read(&bytes, &KEY).unwrap().trail, None);
    }

    #[test]
    fn any_change_is_noticed() {
        let bytes = ledger().write(&KEY);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Ledger::read(&damaged, &KEY).unwrap_err(), Useless::Damaged, "{at}");
            assert_eq!(Ledger::read(&bytes[..at], &KEY).unwrap_err(), Useless::Damaged, "{at}");
        }
        assert_eq!(Ledger::read(&bytes, &[8; 32]).unwrap_err(), Useless::Other);
    }

    #[test]
    fn lengths_that_lie_take_no_memory() {
        let mut bytes = [&MAGIC[..], &KEY].concat();
        bytes.extend(u64::MAX.to_le_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        assert_eq!(Ledger::read(&bytes, &KEY).unwrap_err(), Useless::Damaged);
    }
}
