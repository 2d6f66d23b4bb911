//! Numbers that look random and are the same for the same seed on every machine.
//!
//! In: a seed. Out: choices, bytes and texts.

use crate::detect::hash::wide;

/// Letters and digits.
pub(crate) const BASE62: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A stream of choices (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The stream of a seed.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream for the `number`th sample of what is called `name`.
    #[must_use]
    pub fn new(name: &str, number: usize) -> Self {
        let mut draw = Self(wide(name.as_bytes()) ^ number as u64);
        draw.0 = draw.next();
        draw
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 for a limit of 0.
    ///
    /// # Panics
    /// Never: it is below a `usize`.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = limit.max(1) as u64;
        usize::try_from(self.next() % limit).expect("it is below a usize")
    }

    /// One of two.
    pub fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    /// One of `choices`, of which there must be one at least.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// `length` characters of `alphabet`.
    pub fn text(&mut self, alphabet: &[u8], length: usize) -> Vec<u8> {
        (0..length).map(|_| self.pick(alphabet)).collect()
    }

    /// `length` letters and digits.
    pub fn word(&mut self, length: usize) -> String {
        String::from_utf8_lossy(&self.text(BASE62, length)).into_owned()
    }

    /// `length` hex digits.
    pub fn hex(&mut self, length: usize) -> String {
        String::from_utf8_lossy(&self.text(b"0123456789abcdef", length)).into_owned()
    }

    /// `length` bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}
