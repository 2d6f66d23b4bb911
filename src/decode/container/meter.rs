//! How much a container may unpack to.
//!
//! In: what is read of a file, and what its containers unpack to, at any depth. Out: an error once that is too much.
//! Every limit is a count, none a clock: the same file is always read as far. Time is bounded with the bytes.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Fault;
use crate::source::SkipReason;

/// Bytes that any file may unpack to.
const FREE: u64 = 64 << 20;
/// Beyond those, how many times its own size a file may unpack to.
const RATIO: u64 = 200;
/// Bytes that no file may go beyond.
const BYTES: u64 = 16 << 30;
/// Entries of all archives in a file.
const ENTRIES: u64 = 1_000_000;
/// Bytes that are asked for at once: a decoder may drop what it has when it finds an error.
const PIECE: usize = 32 << 10;
/// Bytes of a file's containers that are held in memory at a time.
const HELD: u64 = 64 << 20;
/// Containers inside each other.
const DEPTH: usize = 8;

/// Counts what one file, with all the containers in it, unpacks to.
#[derive(Debug, Default)]
pub struct Meter {
    raw: Cell<u64>,
    unpacked: Cell<u64>,
    entries: Cell<u64>,
    held: Cell<u64>,
    faults: Cell<u64>,
    /// Why reading has ended for good.
    spent: RefCell<Option<Fault>>,
    told: Cell<bool>,
}

impl Meter {
    /// Whether a container may be opened that stands in `depth` others.
    #[must_use]
    pub const fn allows(depth: usize) -> bool {
        depth < DEPTH
    }

    /// Bytes read of the file itself.
    #[must_use]
    pub const fn raw(&self) -> u64 {
        self.raw.get()
    }

    /// A reader over the file itself.
    pub fn file<'m, 'r>(&'m self, reader: &'r mut dyn Read) -> impl Read + use<'m, 'r> {
        Counted { reader, meter: self, piece: usize::MAX, count: Self::read }
    }

    /// A reader over what a part of the file unpacks to.
    pub(super) fn unpacking<'m, 'r>(&'m self, reader: &'r mut dyn Read) -> impl Read + use<'m, 'r> {
        Unpacking {
            counted: Counted { reader, meter: self, piece: PIECE, count: Self::unpack },
            fault: None,
        }
    }

    /// Counts an entry of an archive.
    pub(super) fn enter(&self) -> io::Result<()> {
        self.entries.set(self.entries.get() + 1);
        if self.entries.get() > ENTRIES {
            return Err(self.spend(format!("the file holds more than {ENTRIES} entries")));
        }
        Ok(())
    }

    /// Reads as much as there is, and as may be held.
    pub(super) fn hold<'m>(&'m self, reader: &mut dyn Read) -> io::Result<Held<'m>> {
        let mut bytes = Vec::new();
        reader.take(HELD.saturating_sub(self.held.get())).read_to_end(&mut bytes)?;
        self.held.set(self.held.get() + bytes.len() as u64);
        Ok(Held { bytes, meter: self })
    }

    /// Counts a part that could not be read; gives how many there were before.
    pub fn fault(&self) -> u64 {
        self.faults.replace(self.faults.get() + 1)
    }

    /// Whether reading has ended for good.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.borrow().is_some()
    }

    /// Tells what an error means: a limit, an input that cannot be read, or else a damaged container. What ends all
    /// reading is told once, though every container around it fails with it.
    pub fn explain(&self, cause: &io::Error) -> Option<Fault> {
        let spent = self.spent.borrow();
        match &*spent {
            Some(fault) => (!self.told.replace(true)).then(|| fault.clone()),
            None if matches!(cause.get_ref(), Some(inner) if inner.is::<Failed>()) => {
                Some(Fault::new(SkipReason::Corrupt, cause.to_string()))
            }
            None => Some(Fault::new(SkipReason::Damaged, cause.to_string())),
        }
    }

    fn read(&self, outcome: io::Result<usize>) -> io::Result<usize> {
        match outcome {
            Ok(count) => {
                self.raw.set(self.raw.get() + count as u64);
                Ok(count)
            }
            Err(cause) => {
                let fault = Fault::new(SkipReason::Unreadable, cause.to_string());
                self.spent.borrow_mut().get_or_insert(fault);
                Err(cause)
            }
        }
    }

    fn unpack(&self, outcome: io::Result<usize>) -> io::Result<usize> {
        let count = outcome?;
        let unpacked = self.unpacked.get() + count as u64;
        self.unpacked.set(unpacked);
        let room = self.raw.get().saturating_mul(RATIO).clamp(FREE, BYTES);
        if unpacked > room {
            return Err(self.spend(if room == BYTES {
                format!("the file unpacks to more than {} GiB", BYTES >> 30)
            } else {
                let free = FREE >> 20;
                format!("the file unpacks to more than {free} MiB and {RATIO} times its size")
            }));
        }
        Ok(count)
    }

    fn spend(&self, detail: String) -> io::Error {
        let cause = io::Error::other(detail.clone());
        self.spent.borrow_mut().get_or_insert(Fault::new(SkipReason::Budget, detail));
        cause
    }
}

/// Bytes that are held in memory, and counted as long as they are.
#[derive(Debug)]
pub(super) struct Held<'m> {
    bytes: Vec<u8>,
    meter: &'m Meter,
}

impl Deref for Held<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.meter.held.set(self.meter.held.get() - self.bytes.len() as u64);
    }
}

/// A reader whose bytes are counted.
struct Counted<'m, 'r> {
    reader: &'r mut dyn Read,
    meter: &'m Meter,
    /// Bytes that are read at once.
    piece: usize,
    count: fn(&Meter, io::Result<usize>) -> io::Result<usize>,
}

impl Read for Counted<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let piece = out.len().min(self.piece);
        match self.reader.read(&mut out[..piece]) {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => Err(cause),
            outcome => (self.count)(self.meter, outcome),
        }
    }
}

/// What a decoder makes of a part. It is another crate's, and meets bytes that were made to break it: if it panics, what
/// it gave before is kept, and the receipt tells of the rest.
struct Unpacking<'m, 'r> {
    counted: Counted<'m, 'r>,
    /// What was wrong. Nothing more is asked of the decoder then: read on behind a broken chunk, that of LZMA2 never
    /// returns.
    fault: Option<io::Error>,
}

impl Read for Unpacking<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(fault) = &self.fault {
            return Err(again(fault));
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| self.counted.read(out)));
        let outcome = outcome.unwrap_or_else(|_| Err(io::Error::other(Failed)));
        if let Err(cause) = &outcome
            && cause.kind() != io::ErrorKind::Interrupted
        {
            self.fault = Some(again(cause));
        }
        outcome
    }
}

/// The same error once more.
fn again(cause: &io::Error) -> io::Error {
    match cause.get_ref() {
        Some(inner) if inner.is::<Failed>() => io::Error::other(Failed),
        _ => io::Error::new(cause.kind(), cause.to_string()),
    }
}

/// A decoder has panicked.
#[derive(Debug, thiserror::Error)]
#[error("the unpacker failed on it; please report that")]
struct Failed;

#[cfg(test)]
mod tests {
    use super::*;

    /// A decoder with a mistake.
    struct Broken(usize);

    impl Read for Broken {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).expect("a mistake");
            out[0] = b'x';
            Ok(1)
        }
    }

    #[test]
    fn nothing_is_read_behind_a_fault() {
        // A chunk of LZMA2 whose settings are none, and then what would be the next.
        let chunk = [&b"\xff\xff\xcc\x87\x8b\xff"[..], &[b'x'; 64]].concat();
        let meter = Meter::default();
        let mut decoder = lzma_rust2::Lzma2Reader::new(&chunk[..], 4096, None);
        let mut reader = meter.unpacking(&mut decoder);
        for _ in 0..3 {
            let cause = reader.read(&mut [0; 16]).expect_err("the chunk is broken");
            assert_eq!(meter.explain(&cause).map(|fault| fault.reason), Some(SkipReason::Damaged));
        }
    }

    #[test]
    fn a_decoder_that_panics_is_told_of_and_left_alone() {
        let meter = Meter::default();
        let mut broken = Broken(2);
        let mut reader = meter.unpacking(&mut broken);
        let mut got = Vec::new();
        let cause = reader.read_to_end(&mut got).expect_err("it panics");
        assert_eq!(got, b"xx");
        assert_eq!(meter.explain(&cause).map(|fault| fault.reason), Some(SkipReason::Corrupt));
        let cause = reader.read(&mut [0; 9]).expect_err("it has failed");
        assert_eq!(meter.explain(&cause).map(|fault| fault.reason), Some(SkipReason::Corrupt));
    }
}
