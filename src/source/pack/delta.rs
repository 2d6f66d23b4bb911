//! Deltas: an object written as what it copies from another and what it adds.
//!
//! In: a delta's inflated bytes and its base. Out: its [`Step`]s, and the object it stands for.

use super::Fault;

/// A delta, its two lengths read.
#[derive(Clone, Copy, Debug)]
pub struct Delta<'d> {
    base_len: u64,
    len: u64,
    steps: &'d [u8],
}

/// One instruction of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'d> {
    /// `len` bytes of the base, from `from` on.
    Copy {
        /// Offset in the base.
        from: usize,
        /// How many bytes.
        len: usize,
    },
    /// Bytes that the base does not provide.
    Insert(&'d [u8]),
}

impl<'d> Delta<'d> {
    /// Reads the head of a delta.
    ///
    /// # Errors
    /// A [`Fault`] where the two lengths are cut off or too large.
    pub fn parse(bytes: &'d [u8]) -> Result<Self, Fault> {
        let (base_len, rest) = length(bytes)?;
        let (len, steps) = length(rest)?;
        Ok(Self { base_len, len, steps })
    }

    /// Length of the base.
    #[must_use]
    pub const fn base_len(&self) -> u64 {
        self.base_len
    }

    /// Length of the object that the delta makes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the length is a field of the format")]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Its instructions. Copies are not yet compared with the base's length.
    #[must_use]
    pub const fn steps(&self) -> Steps<'d> {
        Steps { rest: self.steps }
    }

    /// Writes the object that the delta makes from `base` to `out`, which has its length.
    ///
    /// # Errors
    /// A [`Fault`] where lengths disagree or a copy leaves the base.
    pub fn apply(&self, base: &[u8], out: &mut [u8]) -> Result<(), Fault> {
        if self.base_len != base.len() as u64 || self.len != out.len() as u64 {
            return Err(Fault::corrupt("a delta's lengths do not match its base"));
        }
        let mut rest = out;
        for step in self.steps() {
            let from = match step? {
                Step::Insert(bytes) => bytes,
                Step::Copy { from, len } => base
                    .get(from..)
                    .and_then(|tail| tail.get(..len))
                    .ok_or_else(|| Fault::corrupt("a delta copies from outside its base"))?,
            };
            let (to, left) = rest
                .split_at_mut_checked(from.len())
                .ok_or_else(|| Fault::corrupt("a delta makes more than it says"))?;
            to.copy_from_slice(from);
            rest = left;
        }
        if rest.is_empty() {
            Ok(())
        } else {
            Err(Fault::corrupt("a delta makes less than it says"))
        }
    }
}

/// Iterates over the instructions of a [`Delta`]; ends after the first fault.
#[derive(Clone, Debug)]
pub struct Steps<'d> {
    rest: &'d [u8],
}

impl<'d> Iterator for Steps<'d> {
    type Item = Result<Step<'d>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&code, rest) = self.rest.split_first()?;
        let step = if code & 0x80 == 0 { insert(code, rest) } else { copy(code, rest) };
        self.rest = step.map_or(&[], |(_, rest)| rest);
        Some(match step {
            Some((step, _)) => Ok(step),
            None => Err(Fault::corrupt("a delta's instruction is cut off")),
        })
    }
}

/// `code` bytes follow as they are. A code of 0 is reserved.
fn insert(code: u8, rest: &[u8]) -> Option<(Step<'_>, &[u8])> {
    let (bytes, rest) = rest.split_at_checked(usize::from(code))?;
    (code != 0).then_some((Step::Insert(bytes), rest))
}

/// The bits of `code` tell which bytes of offset (four) and length (three) follow.
fn copy(code: u8, rest: &[u8]) -> Option<(Step<'_>, &[u8])> {
    let count = (code & 0x7f).count_ones() as usize;
    let (told, after) = rest.split_at_checked(count)?;
    // Bytes beyond those told are not looked at: to copy eight takes no call, to copy some does.
    let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; 8];
        bytes[..count].copy_from_slice(told);
        bytes
    });
    let mut fields = 0u64;
    let mut told = u64::from_le_bytes(bytes);
    // No branches: which bytes there are cannot be foreseen.
    for bit in 0..7 {
        let there = u64::from(code >> bit & 1);
        fields |= (told & 0xff & there.wrapping_neg()) << (8 * bit);
        told >>= 8 * there;
    }
    let from = usize::try_from(fields & 0xffff_ffff).ok()?;
    let len = match usize::try_from(fields >> 32).ok()? {
        0 => 0x1_0000,
        len => len,
    };
    Some((Step::Copy { from, len }, after))
}

/// A length, seven bits a byte, lowest first.
fn length(mut bytes: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) =
            bytes.split_first().ok_or_else(|| Fault::corrupt("a delta's head is cut off"))?;
        bytes = rest;
        let part = u64::from(byte & 0x7f);
        if part << shift >> shift != part {
            break;
        }
        value |= part << shift;
        if byte & 0x80 == 0 {
            return Ok((value, bytes));
        }
    }
    Err(Fault::corrupt("a delta's length does not fit 64 bits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(delta: &[u8], base: &[u8]) -> Result<Vec<u8>, Fault> {
        let delta = Delta::parse(delta)?;
        let mut out = vec![0; usize::try_from(delta.len()).unwrap().min(1 << 20)];
        delta.apply(base, &mut out)?;
        Ok(out)
    }

    #[test]
    fn copies_and_inserts_make_the_object() {
        let delta = [10, 9, 0x91, 2, 4, 2, b'x', b'y', 0x90, 3];
        assert_eq!(apply(&delta, b"0123456789").unwrap(), b"2345xy012");
    }

    #[test]
    fn a_copy_without_length_is_64_kib() {
        let base = vec![b'a'; 0x1_0000];
        let delta = [0x80, 0x80, 4, 0x80, 0x80, 4, 0x80];
        assert_eq!(apply(&delta, &base).unwrap(), base);
    }

    #[test]
    fn every_truncation_is_refused() {
        let delta = [10, 9, 0x91, 2, 4, 2, b'x', b'y', 0x90, 3];
        for end in 0..delta.len() {
            assert!(apply(&delta[..end], b"0123456789").is_err(), "{end}");
        }
    }

    #[test]
    fn hostile_deltas_are_refused() {
        let base = b"0123456789";
        for delta in [
            &[9, 1, 0x90, 1][..], // another base length
            &[10, 4, 0x91, 8, 4], // copy past the base's end
            &[10, 1, 0xff, 255, 255, 255, 255, 255, 255, 255],
            &[10, 1, 0],                // reserved
            &[10, 1, 2, b'a', b'b'],    // makes more
            &[10, 3, 2, b'a', b'b'],    // makes less
            &[10, 2, 1, b'a', 2, b'b'], // insert cut off
            &[0xff; 24],
        ] {
            assert!(apply(delta, base).is_err(), "{delta:x?}");
        }
    }
}
