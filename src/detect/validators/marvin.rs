//! Marvin32, the keyed 32-bit hash behind the checksums in Microsoft's keys.
//!
//! In: a seed of eight ASCII characters and bytes. Out: the hash.

/// The two words of the hash.
struct State {
    low: u32,
    high: u32,
}

impl State {
    fn absorb(&mut self, word: u32) {
        self.low = self.low.wrapping_add(word);
        self.mix();
    }

    fn mix(&mut self) {
        self.high ^= self.low;
        self.low = self.low.rotate_left(20).wrapping_add(self.high);
        self.high = self.high.rotate_left(9) ^ self.low;
        self.low = self.low.rotate_left(27).wrapping_add(self.high);
        self.high = self.high.rotate_left(19);
    }
}

/// The 32-bit checksum of `data` under `seed`.
pub(super) fn checksum(seed: [u8; 8], data: &[u8]) -> u32 {
    let state = digest(seed, data);
    state.low ^ state.high
}

fn digest(seed: [u8; 8], data: &[u8]) -> State {
    let [h0, h1, h2, h3, l0, l1, l2, l3] = seed;
    let mut state = State {
        low: u32::from_be_bytes([l0, l1, l2, l3]),
        high: u32::from_be_bytes([h0, h1, h2, h3]),
    };
    let (words, rest) = data.as_chunks::<4>();
    for &word in words {
        state.absorb(u32::from_le_bytes(word));
    }
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    // `as_chunks` leaves three bytes at most.
    last[rest.len()] = 0x80;
    state.absorb(u32::from_le_bytes(last));
    state.mix();
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_reference_vector() {
        let state = digest(0x004f_b61a_001b_dbcc_u64.to_be_bytes(), &[0xaf]);
        assert_eq!((state.high, state.low), (0x48e7_3fc7, 0x7d75_ddc1));
    }

    #[test]
    fn every_byte_and_the_seed_count() {
        let hash = checksum(*b"Default0", b"seven b");
        assert_ne!(hash, checksum(*b"Default0", b"seven c"));
        assert_ne!(hash, checksum(*b"Default1", b"seven b"));
        assert_ne!(hash, checksum(*b"Default0", b"seven b\0"));
    }
}
