//! What a delta keeps of its base.
//!
//! In: a delta. Out: the stretches that it copies, in the order of what it makes; copies that go on from each
//! other are one, and short ones are left out, since nothing is gained by knowing them.

use super::Fault;
use super::delta::{Delta, Step};

/// Shortest copy that is told of.
const SHORTEST: usize = 96;

/// A stretch that two versions share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Offset in the base.
    pub from: usize,
    /// Offset in what the delta makes.
    pub to: usize,
    /// How many bytes.
    pub len: usize,
}

impl Copy {
    /// Where it ends in what the delta makes.
    #[must_use]
    pub const fn end(&self) -> usize {
        self.to + self.len
    }
}

impl Delta<'_> {
    /// The stretches that are copied.
    ///
    /// # Errors
    /// A [`Fault`] where the instructions are cut off.
    pub fn copies(&self) -> Result<Vec<Copy>, Fault> {
        let mut copies: Vec<Copy> = Vec::new();
        let mut to = 0;
        for step in self.steps() {
            match step? {
                Step::Insert(bytes) => to += bytes.len(),
                Step::Copy { from, len } => {
                    match copies.last_mut() {
                        Some(last) if last.from + last.len == from && last.end() == to => {
                            last.len += len;
                        }
                        Some(last) if last.len < SHORTEST => *last = Copy { from, to, len },
                        _ => copies.push(Copy { from, to, len }),
                    }
                    to += len;
                }
            }
        }
        copies.pop_if(|last| last.len < SHORTEST);
        Ok(copies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A delta of short lengths: inserts of so many bytes, or copies.
    fn copies(steps: &[(Option<u8>, u8)]) -> Vec<Copy> {
        let mut bytes = vec![100, 100];
        for &(from, len) in steps {
            match from {
                Some(from) => bytes.extend([0x91, from, len]),
                None => {
                    bytes.extend(std::iter::once(len).chain(std::iter::repeat_n(0, len.into())));
                }
            }
        }
        Delta::parse(&bytes).unwrap().copies().unwrap()
    }

    #[test]
    fn copies_that_go_on_are_one() {
        let all = copies(&[(Some(5), 60), (Some(65), 60), (None, 2), (Some(125), 120)]);
        let first = Copy { from: 5, to: 0, len: 120 };
        assert_eq!(all, [first, Copy { from: 125, to: 122, len: 120 }]);
    }

    #[test]
    fn short_copies_are_left_out() {
        let all = copies(&[(Some(9), 20), (None, 1), (Some(0), 95), (Some(3), 200), (Some(1), 4)]);
        assert_eq!(all, [Copy { from: 3, to: 116, len: 200 }]);
        assert_eq!(copies(&[(Some(3), 95)]), []);
    }
}
