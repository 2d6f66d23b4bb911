//! Reading versions of a file at the cost of what changed.
//!
//! In: a version, and the one it was made from with the copies that the two share. Out: the hits that reading all
//! of it would give, and a [`Note`] for the versions made from this one.
//!
//! Nearly all of a repository's versions are stored as deltas: copies of a base, and a few bytes that are new. What
//! a base was searched for need not be searched for again:
//!
//! 1. *Keywords.* The keyword pass runs over what is new and over the seams between copies. A keyword that stands
//!    wholly inside a copy is known from the base.
//! 2. *Rules.* A spot's rules look at a stretch around it that [`Detector::reach`] names. If the stretch lies in one
//!    copy they say what they said of the base, which is mostly nothing; if not, they are asked again.
//! 3. *Encodings.* The text is cut at line ends where no encoded value goes on ([`border`]). A piece inside a copy
//!    was decoded with the base; the others are decoded anew.
//! 4. *Joined literals.* They reach over lines. Whether a quote joins two is looked at like a keyword, and those of
//!    copies are known. What else reaches over lines has signs that most files are without: a file with one is
//!    searched for it as a whole.
//!
//! So the hits are the same as those of the plain reader, which `--plain-objects` keeps and tests compare with. What
//! cannot be cut so is left to the plain reader: texts with a NUL (UTF-16 goes on over lines), small files (some
//! rules look at them as a whole), thorough scans (quotes pair up all over a file), and what costs much to decode.

use super::search::{self, Hit};
use super::version::Version;
use crate::decode::{self, Budget, Chunk, View};
use crate::detect::Detector;
use crate::detect::spot::Spot;
use crate::source::pack::Derived;

/// Bytes that decoding all of a version may cost: far less than the budget, which then is never the reason why
/// something is not decoded.
pub(super) const DECODED: usize = 16 << 20;
/// Bytes of a version for each spot and joint that is noted. Text has one in a hundred.
const SPARSE: usize = 8;

/// What is known of a version.
#[derive(Debug, Default)]
pub struct Note {
    /// Where keywords stand, in order.
    pub(super) spots: Vec<Spot>,
    /// What their rules found, with the spot's key, in the same order.
    pub(super) named: Vec<((usize, u16), Hit)>,
    /// What was found in decoded values, in the order of their places.
    pub(super) decoded: Vec<Hit>,
    /// Where literals may be joined, in order.
    pub(super) joints: Vec<usize>,
    /// Whether there are signs of other encodings that reach over lines.
    pub(super) odd: bool,
    /// What was found in literals that are joined, and in what is encoded so.
    pub(super) joined: Vec<Hit>,
    /// What decoding costs at most.
    pub(super) cost: usize,
}

/// Finds what stands in a version, by what its base holds if that is known, and notes it for the versions made from
/// it if it is the base of any.
pub(super) fn read(
    detector: &Detector,
    chunk: &Chunk<'_>,
    derived: Option<Derived<'_, Option<Note>>>,
    base: bool,
    budget: &mut Budget,
) -> (Vec<Hit>, Option<Note>) {
    let version = derived.and_then(|derived| {
        let copies = derived.delta.copies().ok()?;
        let before = usize::try_from(derived.delta.base_len()).ok()?;
        Some(Version { detector, chunk, copies, before, note: derived.base.as_ref()? })
    });
    let (note, known) = match version.and_then(|version| version.read(base)) {
        Some((note, spent)) => {
            *budget = spent;
            (note, true)
        }
        None => (Note::of(detector, chunk, budget), false),
    };
    let text = &chunk.bytes;
    let sparse = || note.spots.len() + note.joints.len() <= text.len() / SPARSE;
    let fits = || note.cost <= DECODED && sparse();
    if base && fits() && !budget.exceeded() && (known || memchr::memchr(0, text).is_none()) {
        (note.hits(), Some(note))
    } else {
        (note.into_hits(), None)
    }
}

impl Note {
    /// Reads all of a version.
    fn of(detector: &Detector, chunk: &Chunk<'_>, budget: &mut Budget) -> Self {
        let mut note =
            Self { spots: detector.spots(&chunk.bytes, 0..chunk.bytes.len()), ..Self::default() };
        for spot in &mut note.spots {
            search::at(detector, chunk, spot, &mut note.named);
        }
        let full = budget.bytes;
        // One look at the text tells for all that follows where something may begin.
        let view = View::new(chunk);
        search::decoded(detector, decode::encoded(&view, budget), budget, &mut note.decoded);
        search::sort(&mut note.decoded);
        note.cost = full - budget.bytes;
        note.joints = decode::all_joints(&view).collect();
        note.odd = decode::is_odd(&view);
        note.join(detector, &view, budget);
        note
    }

    /// Searches the literals that are joined, and what else reaches over lines, where any may be.
    pub(super) fn join(&mut self, detector: &Detector, view: &View<'_>, budget: &mut Budget) {
        if !self.joints.is_empty() {
            let joined = decode::joined(view, &self.joints, budget);
            search::decoded(detector, joined, budget, &mut self.joined);
        }
        if self.odd {
            search::decoded(detector, decode::odd(view, budget), budget, &mut self.joined);
        }
    }

    fn hits(&self) -> Vec<Hit> {
        let named = self.named.iter().map(|(_, hit)| hit);
        let mut hits: Vec<Hit> = named.chain(&self.decoded).chain(&self.joined).cloned().collect();
        search::sort(&mut hits[self.named.len()..]);
        hits
    }

    fn into_hits(self) -> Vec<Hit> {
        let count = self.named.len();
        let named = self.named.into_iter().map(|(_, hit)| hit);
        let mut hits: Vec<Hit> = named.chain(self.decoded).chain(self.joined).collect();
        search::sort(&mut hits[count..]);
        hits
    }
}
