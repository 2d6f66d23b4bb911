//! Memory for objects, bounded and used again.
//!
//! In: lengths that hostile headers announce. Out: [`Buffer`]s, as long as a thread's objects
//! together stay within the [`Budget`]. Whether an object fits does not depend on other threads,
//! so a scan skips the same objects at any thread count.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Fault;

/// Objects kept for the next one; more are rarely alive in one tree of deltas.
const SPARES: usize = 16;

/// How much memory a tour may use for objects.
#[derive(Debug)]
pub struct Budget {
    /// What each thread may hold.
    share: usize,
    /// What one thread at a time may hold instead.
    large: usize,
    /// The longest pack that is held as a whole.
    held: u64,
    /// Bytes of packs that are kept from one tour to the next.
    kept: AtomicU64,
    turn: Mutex<()>,
}

/// Length of the longest pack that is held in memory, unless told otherwise.
const HELD: u64 = 1 << 30;

impl Budget {
    /// Up to `large` bytes in one thread, and an eighth of it in each of the others.
    #[must_use]
    pub const fn new(large: usize) -> Self {
        Self { share: large / 8, large, held: HELD, kept: AtomicU64::new(0), turn: Mutex::new(()) }
    }

    /// The same, where packs are held in memory only up to `held` bytes.
    #[must_use]
    pub const fn holding(mut self, held: u64) -> Self {
        self.held = held;
        self
    }

    /// Length of the longest pack that is held in memory.
    pub(super) const fn held(&self) -> u64 {
        self.held
    }

    /// Whether a pack of `len` bytes may be kept beside the others that are.
    pub(super) fn keeps(&self, len: u64) -> bool {
        let more = |kept: u64| kept.checked_add(len).filter(|sum| *sum <= self.held);
        self.kept.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Takes back what such a pack took.
    pub(super) fn gives_back(&self, len: u64) {
        self.kept.fetch_sub(len, Ordering::Relaxed);
    }

    /// What one tree of objects may take.
    #[must_use]
    pub const fn large(&self) -> usize {
        self.large
    }

    /// Whether an object of `size` bytes is streamed: a leaf if it is large, any if it does not fit.
    pub(crate) const fn streams(&self, size: u64, leaf: bool) -> bool {
        size > self.large as u64 || (leaf && size > self.share as u64)
    }
}

/// Memory for one object. It may be longer than the object, so that it is zeroed only once.
#[derive(Default)]
pub(super) struct Buffer {
    memory: Vec<u8>,
    len: usize,
}

impl Buffer {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory[..self.len]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory[..self.len]
    }
}

/// One thread's objects.
pub(super) struct Memory<'b> {
    budget: &'b Budget,
    spare: Vec<Buffer>,
    /// Bytes of the objects handed out.
    live: usize,
    /// Held while `live` is above the thread's share.
    turn: Option<MutexGuard<'b, ()>>,
}

impl<'b> Memory<'b> {
    pub(super) const fn new(budget: &'b Budget) -> Self {
        Self { budget, spare: Vec::new(), live: 0, turn: None }
    }

    /// Memory for `size` bytes.
    ///
    /// Waits for its turn where the thread's share does not suffice. The thread that has the turn
    /// waits for nobody, so all get on.
    pub(super) fn reserve(&mut self, size: u64) -> Result<Buffer, Fault> {
        let len = usize::try_from(size).unwrap_or(usize::MAX);
        let live = self.live.saturating_add(len);
        if live > self.budget.large {
            return Err(Fault::budget("its chain of deltas is too large for memory"));
        }
        if live > self.budget.share && self.turn.is_none() {
            let turn = self.budget.turn.lock();
            self.turn = Some(turn.unwrap_or_else(PoisonError::into_inner));
        }
        self.live = live;
        let fitting = self.spare.iter().rposition(|spare| spare.memory.len() >= len);
        let mut buffer = match fitting {
            Some(at) => self.spare.swap_remove(at),
            None => Buffer { memory: vec![0; len.next_multiple_of(4096)], len },
        };
        buffer.len = len;
        Ok(buffer)
    }

    /// Takes memory back.
    pub(super) fn release(&mut self, buffer: Buffer) {
        self.live -= buffer.len;
        if self.live <= self.budget.share {
            self.turn = None;
        }
        // Spare memory counts as little as a sixteenth of the share each.
        if buffer.memory.len() <= self.budget.share / SPARES {
            if self.spare.len() == SPARES {
                self.spare.remove(0);
            }
            self.spare.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_fit_together_or_not_at_all() {
        let budget = Budget::new(1000);
        let mut memory = Memory::new(&budget);
        let first = memory.reserve(600).unwrap();
        assert!(memory.reserve(401).is_err());
        assert!(memory.reserve(u64::MAX).is_err());
        let second = memory.reserve(400).unwrap();
        memory.release(first);
        memory.release(second);
        assert_eq!(memory.live, 0);
        assert!(memory.turn.is_none());
    }

    #[test]
    fn a_buffer_has_the_length_asked_for() {
        let budget = Budget::new(1 << 20);
        let mut memory = Memory::new(&budget);
        for len in [100, 5000, 10, 0] {
            let buffer = memory.reserve(len).unwrap();
            assert_eq!(buffer.bytes().len() as u64, len);
            memory.release(buffer);
        }
    }
}
