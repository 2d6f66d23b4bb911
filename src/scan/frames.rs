//! A blob that is longer than one window, of which several are searched at a time.
//!
//! In: a reader, and the first window of what it gives. Out: windows to search, each in a buffer of its own, with what
//! it shares with the one before; and what the search of each has found.

use std::io::{self, Read};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{iter, thread};

use super::blob::Window;
use crate::detect::CONTEXT;
use crate::text::Span;

/// Bytes of a window that are new to it.
const WINDOW: usize = 4 << 20;
/// Bytes of a buffer: a window, and what it shares with its neighbours.
pub(super) const ROOM: usize = WINDOW + 2 * CONTEXT;
/// Most windows at a time, for the sake of memory.
const MOST: usize = 16;

/// How many windows are read before they are searched by `threads` threads: some take longer than others. Where several
/// blobs are read at a time by a pool, each has one.
pub(super) fn ahead(threads: usize) -> usize {
    if threads < 2 || rayon::current_thread_index().is_some() { 1 } else { MOST.min(2 * threads) }
}

/// What `search` makes of each window, in their order.
pub(super) fn each<'f, T: Send>(
    frames: &'f [Frame],
    threads: usize,
    search: impl Fn(&'f Frame) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let work = || {
        let index = || Some(next.fetch_add(1, Ordering::Relaxed));
        let waiting = iter::from_fn(index).map_while(|index| Some((index, frames.get(index)?)));
        waiting.map(|(index, frame)| (index, search(frame))).collect::<Vec<_>>()
    };
    let mut done = thread::scope(|scope| {
        let others = (1..threads.min(frames.len())).map(|_| scope.spawn(work)).collect::<Vec<_>>();
        let mut done = work();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, made)| made).collect()
}

/// A window and its buffer.
pub(super) struct Frame {
    buffer: Vec<u8>,
    filled: usize,
    /// Where what is new to it begins.
    own: usize,
    head: bool,
    /// What ended the reading, unless the buffer is full.
    outcome: io::Result<()>,
}

impl Frame {
    /// The first one of a blob, of which `filled` bytes have been read.
    pub(super) const fn first(buffer: Vec<u8>, filled: usize, outcome: io::Result<()>) -> Self {
        Self { buffer, filled, own: 0, head: true, outcome }
    }

    /// The one behind this one.
    pub(super) fn next(&self, mut buffer: Vec<u8>, reader: &mut dyn Read) -> Self {
        let kept = &self.buffer[self.kept()..self.filled];
        buffer[..kept.len()].copy_from_slice(kept);
        let (filled, outcome) = fill(reader, &mut buffer, kept.len());
        Self { buffer, filled, own: CONTEXT, head: false, outcome }
    }

    /// Whether nothing follows it.
    pub(super) fn is_last(&self) -> bool {
        self.filled < self.buffer.len() || self.outcome.is_err()
    }

    /// The window.
    pub(super) fn window(&self) -> Window<'_> {
        let tail = self.filled < self.buffer.len();
        let until = if tail { self.filled } else { self.filled - CONTEXT };
        let own = Span::new(self.own, until);
        Window { raw: &self.buffer[..self.filled], own, head: self.head, tail }
    }

    /// The bytes that leave with it, and the one that follows them.
    pub(super) fn leaving(&self) -> (&[u8], u8) {
        (&self.buffer[..self.kept()], self.buffer[self.kept()])
    }

    /// The buffer, and how the reading went.
    pub(super) fn end(self) -> (Vec<u8>, io::Result<()>) {
        (self.buffer, self.outcome)
    }

    /// Where the bytes begin that the next window has too.
    const fn kept(&self) -> usize {
        self.filled - 2 * CONTEXT
    }
}

/// Fills `buffer` from `from` on; returns where the bytes end, and what went wrong if something did.
pub(super) fn fill(
    reader: &mut dyn Read,
    buffer: &mut [u8],
    from: usize,
) -> (usize, io::Result<()>) {
    let mut filled = from;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return (filled, Err(e)),
        }
    }
    (filled, Ok(()))
}
