//! What git stores: packs and their indexes, deltas, trees, commits, loose objects, `.git/index`.

use std::cell::RefCell;
use std::path::PathBuf;

use leakstop::source::objects::Store;
use leakstop::source::pack::{Body, Copy, Delta, Index, Node, Step, Type, Walk};
use leakstop::source::{Format, ObjectId, attribution, probe};
use sha1::{Digest as _, Sha1};

use crate::Input;

/// Length of a base that deltas are tried on, at most. What they make may be longer.
const LONGEST: u64 = 1 << 20;

/// A number as the head of a delta holds it.
pub(crate) fn length(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while length >= 0x80 {
        bytes.push(u8::try_from(length & 0x7f).expect("seven bits") | 0x80);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).expect("seven bits"));
    bytes
}

/// A delta with any base of the length it asks for: what it makes, and what it is told to share.
pub fn delta(bytes: &[u8]) {
    let Ok(delta) = Delta::parse(bytes) else { return };
    let copies = delta.copies();
    if delta.base_len() > LONGEST || delta.len() > LONGEST {
        return;
    }
    let size = |length: u64| usize::try_from(length).expect("a megabyte at most");
    let mut seen = 7_u8;
    let base: Vec<u8> = std::iter::repeat_with(|| {
        seen = seen.wrapping_mul(181).wrapping_add(59);
        seen
    })
    .take(size(delta.base_len()))
    .collect();
    let mut out = vec![0; size(delta.len())];
    if delta.apply(&base, &mut out).is_err() {
        return;
    }
    let mut made = Vec::new();
    for step in delta.steps() {
        match step.expect("it was applied") {
            Step::Copy { from, len } => made.extend_from_slice(&base[from..from + len]),
            Step::Insert(bytes) => made.extend_from_slice(bytes),
        }
    }
    assert_eq!(made, out);
    let mut at = 0;
    for Copy { from, to, len } in copies.expect("it was applied") {
        assert!(to >= at);
        assert_eq!(base[from..from + len], out[to..to + len]);
        at = to + len;
    }
}

/// An index of a pack: every row is asked for.
pub fn pack_index(bytes: &[u8]) {
    let Ok(index) = Index::parse(bytes.to_vec(), Format::Sha1) else { return };
    for row in 0..index.count() {
        let id = index.id(row);
        let found = index.find(id).expect("it is there");
        assert_eq!(index.id(found), id);
        let _ = (index.offset(row), index.crc(row));
    }
    let _ = (index.find(ObjectId::new(&[0xff; 20])), index.pack_checksum());
}

/// A tree made from another by a delta reads like one that stands alone.
pub fn tree(bytes: &[u8]) {
    let mut input = Input(bytes);
    let length = input.short() % 2048;
    let base = input.take(length);
    attribution::probe(input.0, None);
    let Ok(delta) = Delta::parse(input.0) else { return };
    if delta.len() > LONGEST {
        return;
    }
    let mut made = vec![0; usize::try_from(delta.len()).expect("a megabyte at most")];
    if delta.apply(base, &mut made).is_ok() {
        attribution::probe(&made, Some((base, delta)));
    }
}

/// A commit or a tag.
pub fn commit(bytes: &[u8]) {
    probe::commit(bytes);
}

/// `.git/index`, whose checksum may be left out.
pub fn index(bytes: &[u8]) {
    for sum in [20, 32] {
        let whole = [b"DIRC", bytes, &vec![0; sum]].concat();
        if let Some(entries) = probe::index(&whole) {
            assert!(entries <= bytes.len() / 40);
        }
    }
    let _ = probe::index(bytes);
}

thread_local! {
    /// A folder in memory for the files that a target writes.
    static FOLDER: RefCell<tempfile::TempDir> = RefCell::new(folder());
}

fn folder() -> tempfile::TempDir {
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() { memory } else { std::env::temp_dir() };
    tempfile::tempdir_in(place).expect("a folder")
}

/// Takes objects in and notes their bytes.
struct Objects;

impl Walk for Objects {
    type Worker = Vec<(ObjectId, usize)>;
    type Note = ();

    fn worker(&self) -> Self::Worker {
        Vec::new()
    }

    fn wants(&self, _: Type) -> bool {
        true
    }

    fn enter(&self, worker: &mut Self::Worker, node: Node<'_, ()>) {
        let length = match node.body {
            Body::Bytes(bytes) => bytes.len(),
            Body::Stream(reader) => {
                let copied = std::io::copy(reader, &mut std::io::sink()).unwrap_or(0);
                usize::try_from(copied).unwrap_or(usize::MAX)
            }
        };
        if let Some(derived) = node.derived {
            let _ = derived.delta.copies();
        }
        worker.push((node.id, length));
    }

    fn stopped(&self) -> bool {
        false
    }
}

/// An object of its own file.
pub fn loose(bytes: &[u8]) {
    let mut input = Input(bytes);
    let deflate = input.byte() & 1 == 0;
    let raw = input.0;
    // Mutations hardly ever leave a stream whole.
    let file = if deflate { compressed(raw) } else { raw.to_vec() };
    let id = if deflate { ObjectId::new(&Sha1::digest(raw)) } else { ObjectId::new(&[7; 20]) };
    FOLDER.with_borrow(|folder| {
        let name = id.to_string();
        let place = folder.path().join(&name[..2]);
        std::fs::create_dir_all(&place).expect("a folder");
        std::fs::write(place.join(&name[2..]), file).expect("a file");
        let store = Store::at(&[folder.path().to_owned()]).expect("a store");
        let read = store.read(id);
        let survey = store.each(1, &Objects);
        let visited: usize = survey.workers.iter().map(Vec::len).sum();
        // An object is read, or told of.
        assert!(visited == 1 || !survey.skipped.is_empty());
        assert!(read.is_err() || visited == 1);
        std::fs::remove_dir_all(&place).expect("a folder");
    });
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    sirocco::compress(sirocco::Format::Zlib, sirocco::deflate::Level::FASTEST, bytes)
}

/// A pack of entries as the input says, whole or deltas or nonsense, with an index that knows where each starts.
pub fn pack(bytes: &[u8]) {
    let mut input = Input(bytes);
    let mut pack = b"PACK\0\0\0\x02\0\0\0\0".to_vec();
    let mut rows: Vec<([u8; 20], u32, u32)> = Vec::new();
    while !input.0.is_empty() && rows.len() < 60 {
        let start = pack.len();
        entry(&mut input, &mut pack, &rows);
        let sum = crc32fast::hash(&pack[start..]);
        // Ids do not matter to a pack; that they ascend does to its index.
        let number = u8::try_from(rows.len()).expect("few entries");
        rows.push(([number; 20], sum, u32::try_from(start).expect("a short pack")));
    }
    let count = u32::try_from(rows.len()).expect("few entries").to_be_bytes();
    pack[8..12].copy_from_slice(&count);
    let sum: [u8; 20] = Sha1::digest(&pack).into();
    pack.extend(sum);
    let index = index_of(&rows, sum);
    FOLDER.with_borrow(|folder| {
        let place = folder.path().join("pack");
        std::fs::create_dir_all(&place).expect("a folder");
        std::fs::write(place.join("pack-1.pack"), &pack).expect("a file");
        std::fs::write(place.join("pack-1.idx"), index).expect("a file");
        for budget in [1 << 30, 1 << 12] {
            let store = Store::at(&[folder.path().to_owned()]).expect("a store");
            let store = store.with_budget(budget);
            let survey = store.each(1, &Objects);
            let mut told: Vec<String> =
                survey.workers.iter().flatten().map(|(id, _)| id.to_string()).collect();
            told.extend(survey.skipped.iter().map(|skipped| skipped.what.to_string()));
            for (id, ..) in &rows {
                let id = ObjectId(*id);
                // Read or told of, never neither.
                assert!(told.contains(&id.to_string()), "{id}");
                let _ = store.read(id);
            }
        }
    });
}

/// Writes an entry: its kind, the length it claims, and its bytes, which may be compressed as they should be.
fn entry(input: &mut Input<'_>, pack: &mut Vec<u8>, rows: &[([u8; 20], u32, u32)]) {
    let here = pack.len();
    let (how, kind) = (input.byte(), input.byte() & 7);
    let length = input.short() % 2048;
    let body = input.take(length);
    let claimed = if how & 1 == 0 { body.len() } else { input.short() };
    let mut left = claimed >> 4;
    let more = |left: usize| if left > 0 { 0x80 } else { 0 };
    pack.push(kind << 4 | u8::try_from(claimed & 15).expect("four bits") | more(left));
    while left > 0 {
        let bits = u8::try_from(left & 0x7f).expect("seven bits");
        left >>= 7;
        pack.push(bits | more(left));
    }
    match kind {
        6 => {
            let byte = input.byte();
            let base = rows.get(usize::from(byte & 0x3f)).map_or(1, |row| row.2 as usize);
            let back = if byte & 0x80 == 0 { here - base.min(here) } else { usize::from(byte) };
            pack.extend(distance(back));
        }
        7 => pack.extend([input.byte() % 64; 20]),
        _ => {}
    }
    if how & 2 == 0 { pack.extend(compressed(body)) } else { pack.extend_from_slice(body) }
}

/// The way back to a base, as an entry holds it.
fn distance(mut back: usize) -> Vec<u8> {
    let bits = |back: usize| u8::try_from(back & 0x7f).expect("seven bits");
    let mut bytes = vec![bits(back)];
    while back >= 0x80 {
        back = (back >> 7) - 1;
        bytes.push(bits(back) | 0x80);
    }
    bytes.reverse();
    bytes
}

/// An index of version 2.
fn index_of(rows: &[([u8; 20], u32, u32)], pack: [u8; 20]) -> Vec<u8> {
    let mut out = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255_u8 {
        let count = rows.iter().filter(|row| row.0[0] <= first).count();
        out.extend(u32::try_from(count).expect("few entries").to_be_bytes());
    }
    out.extend(rows.iter().flat_map(|row| row.0));
    out.extend(rows.iter().flat_map(|row| row.1.to_be_bytes()));
    out.extend(rows.iter().flat_map(|row| row.2.to_be_bytes()));
    out.extend(pack);
    out.extend(Sha1::digest(&out));
    out
}

/// A small index of a pack.
#[must_use]
pub fn sample_index() -> Vec<u8> {
    index_of(&[([1; 20], 2, 12), ([9; 20], 3, 40)], [5; 20])
}
