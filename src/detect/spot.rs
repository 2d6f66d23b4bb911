//! Where keywords stand in a text, and what their rules say there.
//!
//! In: a text. Out: its [`Spot`]s, each hit of a keyword; and for a spot the matches of its rules, and how far one
//! had to look for them. So whoever knows a text's spots need not look at it again where a later version copies it.

use std::ops::Range;

use super::reach::{Depth, Reach};
use super::trace::Stop;
use super::{Detector, Match, pair};
use crate::decode::Chunk;
use crate::text::Span;

/// A place where a keyword stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Offset of its first byte.
    pub at: usize,
    /// The keyword's number.
    pub keyword: u16,
    /// How far its rules looked, once they were asked.
    pub depth: Depth,
}

impl Spot {
    /// What spots are sorted by.
    #[must_use]
    pub const fn key(&self) -> (usize, u16) {
        (self.at, self.keyword)
    }
}

/// Spots for which there is room at first.
const FEW: usize = 32;

impl Detector {
    /// The keywords that start in a part of `text`, in order.
    ///
    /// # Panics
    /// Never: there are fewer keywords than 65,536.
    #[must_use]
    pub fn spots(&self, text: &[u8], own: Range<usize>) -> Vec<Spot> {
        let mut spots = Vec::new();
        let end = text.len().min(own.end + self.longest());
        self.rules.prefilter().each(&text[own.start..end], |hit| {
            let at = own.start + hit.at;
            if at < own.end {
                let keyword = u16::try_from(hit.keyword).expect("few keywords");
                // Most small changes of a history have none.
                if spots.is_empty() {
                    spots.reserve(FEW);
                }
                spots.push(Spot { at, keyword, depth: Depth::Far });
            }
        });
        spots.sort_unstable_by_key(Spot::key);
        spots
    }

    /// Bytes that tell at most whether a keyword stands somewhere.
    #[must_use]
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Bytes that tell whether a spot's keyword stands there.
    #[must_use]
    pub fn extent(&self, spot: &Spot) -> usize {
        self.rules.prefilter().extent(spot.keyword.into())
    }

    /// How far the rules looked that have been asked about a spot: where nothing changes in that stretch, they
    /// say the same.
    #[must_use]
    pub fn reach(&self, spot: &Spot) -> Reach {
        let reaches = self.reaches.get_or_init(|| {
            let keywords = 0..self.rules.prefilter().count();
            keywords.map(|keyword| self.reaches_of(keyword)).collect()
        });
        reaches[usize::from(spot.keyword)][spot.depth as usize]
    }

    fn reaches_of(&self, keyword: usize) -> [Reach; 3] {
        let specs = || {
            let called = self.rules.called_by(keyword).iter();
            called.map(|&number| self.rules.rules()[usize::from(number)].spec())
        };
        [Depth::Idle, Depth::Near, Depth::Far].map(|depth| {
            specs().map(|spec| Reach::of(spec, depth)).fold(Reach::default(), Reach::max)
        })
    }

    /// Asks the rules of a spot, adds their matches to `found`, and notes how far they looked.
    pub fn weigh(&self, chunk: &Chunk<'_>, spot: &mut Spot, found: &mut Vec<Match>) {
        spot.depth = Depth::Idle;
        let rules = self.rules.rules();
        for &number in self.rules.called_by(spot.keyword.into()) {
            if !rules[usize::from(number)].may_match(&chunk.bytes, spot.at) {
                continue;
            }
            let known = found.len();
            let depth = self.show(number, chunk, spot.at, &mut |tried| found.extend(tried));
            spot.depth = spot.depth.max(depth);
            for index in known..found.len() {
                let Match { rule, secret, .. } = found[index];
                if rules[usize::from(rule)].spec().beside.is_some() {
                    let shown = self.shown(number, chunk, spot.at);
                    pair::beside(&self.rules, chunk, shown, (rule, secret), found);
                }
            }
        }
    }

    /// Runs one rule on the bytes around a keyword hit that it may look at.
    pub(super) fn show(
        &self,
        number: u16,
        chunk: &Chunk<'_>,
        at: usize,
        take: &mut impl FnMut(Result<Match, Stop>),
    ) -> Depth {
        let shown = self.shown(number, chunk, at);
        self.apply(number, &chunk.bytes[shown.range()], at - shown.start, &mut |tried| {
            take(tried.map(|found| found.within(chunk, shown.start)));
        })
    }

    /// All that a rule may look at around a keyword hit.
    fn shown(&self, number: u16, chunk: &Chunk<'_>, at: usize) -> Span {
        let spec = self.rules.rules()[usize::from(number)].spec();
        Reach::of(spec, Depth::Far).around(at, chunk.bytes.len())
    }
}
