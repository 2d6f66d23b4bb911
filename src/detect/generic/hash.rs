//! The hash by which words are looked up. `build.rs` includes this file.

/// FNV-1a, 32 bits, never 0.
pub(super) fn hash(bytes: &[u8]) -> u32 {
    let step = |sum: u32, &byte: &u8| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811c_9dc5, step).max(1)
}
