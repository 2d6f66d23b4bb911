//! The hashes by which words are looked up and rule sets are told apart. `build.rs` includes this file.
//!
//! In: bytes. Out: a number that is the same on every machine. Both are FNV-1a, and no protection against anybody.

/// 32 bits, never 0.
#[must_use]
pub const fn narrow(bytes: &[u8]) -> u32 {
    let (mut sum, mut at) = (0x811c_9dc5_u32, 0);
    while at < bytes.len() {
        sum = (sum ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    if sum == 0 { 1 } else { sum }
}

/// 64 bits.
#[must_use]
pub fn wide(bytes: &[u8]) -> u64 {
    more(0xcbf2_9ce4_8422_2325, bytes)
}

/// What [`wide`] says of `bytes` behind those that gave `sum`.
#[must_use]
pub fn more(sum: u64, bytes: &[u8]) -> u64 {
    let step = |sum: u64, &byte: &u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(sum, step)
}
