//! The objects that are looked for.
//!
//! In: object ids and the groups that each holds. Out: a fast answer to "is this one of them?",
//! asked for every entry of every tree.

use std::collections::HashMap;

use crate::source::ObjectId;

/// Objects that are looked for, numbered in the order of their ids.
pub(super) struct Wanted {
    /// Their ids, sorted.
    pub(super) ids: Vec<ObjectId>,
    /// For each, the groups it holds, sorted.
    pub(super) groups: Vec<Vec<u32>>,
    /// One bit for each value of an id's first bits, set where an id starts so.
    bits: Vec<u64>,
    mask: u32,
}

impl Wanted {
    pub(super) fn new<S>(wanted: &HashMap<ObjectId, Vec<u32>, S>) -> Self {
        let mut sorted: Vec<(ObjectId, Vec<u32>)> =
            wanted.iter().map(|(&id, groups)| (id, groups.clone())).collect();
        sorted.sort();
        // So sparse that nearly all other ids are turned away, yet no larger than a cache.
        let room = (sorted.len().saturating_mul(64)).clamp(1 << 16, 1 << 26);
        let room = room.next_power_of_two();
        let mut all = Self {
            ids: Vec::new(),
            groups: Vec::new(),
            bits: vec![0; room / 64],
            mask: u32::try_from(room - 1).expect("the room was clamped"),
        };
        for (id, mut groups) in sorted {
            let (word, bit) = all.place(id);
            all.bits[word] |= bit;
            groups.sort_unstable();
            groups.dedup();
            all.ids.push(id);
            all.groups.push(groups);
        }
        all
    }

    /// The number of `id`, if it is wanted.
    #[inline]
    pub(super) fn find(&self, id: ObjectId) -> Option<u32> {
        let (word, bit) = self.place(id);
        if self.bits[word] & bit == 0 {
            return None;
        }
        let at = self.ids.binary_search(&id).ok()?;
        u32::try_from(at).ok()
    }

    fn place(&self, id: ObjectId) -> (usize, u64) {
        let start = u32::from_le_bytes(*id.first()) & self.mask;
        let word =
            usize::try_from(start / 64).expect("no platform here has pointers under 32 bits");
        (word, 1 << (start % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_wanted_and_no_other_are_found() {
        let id = |n: u8| ObjectId::new(&[n.wrapping_mul(77); 20]);
        let wanted: HashMap<_, _> = (0..100).map(|n| (id(n), vec![u32::from(n), 0, 0])).collect();
        let wanted = Wanted::new(&wanted);
        for n in 0..=255 {
            let found = wanted.find(id(n));
            assert_eq!(found.is_some(), n < 100, "{n}");
        }
        let at = wanted.find(id(7)).unwrap() as usize;
        assert_eq!(wanted.groups[at], [0, 7]);
    }
}
