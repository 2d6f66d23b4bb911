//! Tells which of some fixed lists a word stands in.
//!
//! In: lists of words with blanks between them, at compile time; then a word. Out: one bit for each list that holds
//! it. A name's words are asked after in many lists, so all lists of a question are one hash table, which the compiler
//! lays out: one look-up answers for all of them. `build.rs` includes this file for [`listed`].

use super::hash::narrow;

/// Whether `word` stands in a list of words with blanks between them, read from its beginning.
#[must_use]
pub fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

/// Lists as a hash table with open addressing, at most half full. `SLOTS` is what [`slots`] says of them.
#[derive(Debug)]
pub struct Lists<const SLOTS: usize> {
    all: &'static [&'static str],
    slots: [Slot; SLOTS],
    longest: usize,
}

/// Bytes of the longest word that lists may hold.
const FOLDED: usize = 40;

/// A word, as a place in the first list that holds it, and the bits of all that do. None has no bit.
#[derive(Clone, Copy, Debug)]
struct Slot {
    lists: u32,
    start: u16,
    length: u8,
    list: u8,
}

/// How many slots some lists need.
#[must_use]
pub const fn slots(lists: &[&str]) -> usize {
    let (mut count, mut list) = (0, 0);
    while list < lists.len() {
        let text = lists[list].as_bytes();
        let mut at = 0;
        while at < text.len() {
            count += word(text, at).is_some() as usize;
            at += 1;
        }
        list += 1;
    }
    (2 * count).next_power_of_two()
}

/// Length of the word that begins at `at`, if one does.
const fn word(text: &[u8], at: usize) -> Option<usize> {
    if text[at].is_ascii_whitespace() || at > 0 && !text[at - 1].is_ascii_whitespace() {
        return None;
    }
    let mut end = at;
    while end < text.len() && !text[end].is_ascii_whitespace() {
        end += 1;
    }
    Some(end - at)
}

/// The bytes of `text` from `start` on, as constants can take them.
const fn part(text: &[u8], start: usize, length: usize) -> &[u8] {
    text.split_at(start).1.split_at(length).0
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[expect(clippy::cast_possible_truncation, reason = "all numbers are checked")]
impl<const SLOTS: usize> Lists<SLOTS> {
    /// Lays out the table of `lists`.
    ///
    /// # Panics
    /// With more lists than bits, or with longer ones than a slot can tell: the build then fails.
    #[must_use]
    pub const fn new(lists: &'static [&'static str]) -> Self {
        assert!(lists.len() <= u32::BITS as usize, "there are more lists than bits");
        let mut slots = [Slot { lists: 0, start: 0, length: 0, list: 0 }; SLOTS];
        let (mut longest, mut list) = (0, 0);
        while list < lists.len() {
            let text = lists[list].as_bytes();
            assert!(text.len() <= u16::MAX as usize, "the list is too long");
            let mut at = 0;
            while at < text.len() {
                if let Some(length) = word(text, at) {
                    assert!(length <= FOLDED, "the word is too long");
                    if length > longest {
                        longest = length;
                    }
                    let known = part(text, at, length);
                    let mut slot = narrow(known) as usize % SLOTS;
                    while slots[slot].lists != 0 && !same(held(lists, slots[slot]), known) {
                        slot = (slot + 1) % SLOTS;
                    }
                    if slots[slot].lists == 0 {
                        let (start, length) = (at as u16, length as u8);
                        slots[slot] = Slot { lists: 0, start, length, list: list as u8 };
                    }
                    slots[slot].lists |= 1 << list;
                }
                at += 1;
            }
            list += 1;
        }
        Self { all: lists, slots, longest }
    }

    /// A bit for each list that holds `word`.
    #[must_use]
    pub fn of(&self, word: &[u8]) -> u32 {
        if word.len() > self.longest {
            return 0;
        }
        let mut at = narrow(word) as usize % SLOTS;
        loop {
            let slot = self.slots[at];
            if slot.lists == 0 || held(self.all, slot) == word {
                return slot.lists;
            }
            at = (at + 1) % SLOTS;
        }
    }

    /// A bit for each list that holds `word` in small letters.
    #[must_use]
    pub fn of_folded(&self, word: &[u8]) -> u32 {
        let mut lower = [0; FOLDED];
        let Some(lower) = lower.get_mut(..word.len()) else { return 0 };
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        self.of(lower)
    }

    /// A bit for each list that holds an end of `word`.
    #[must_use]
    pub fn of_ends(&self, word: &[u8]) -> u32 {
        let first = word.len().saturating_sub(self.longest);
        (first..word.len()).fold(0, |bits, start| bits | self.of(&word[start..]))
    }
}

/// The word of a slot.
const fn held(lists: &'static [&'static str], slot: Slot) -> &'static [u8] {
    part(lists[slot.list as usize].as_bytes(), slot.start as usize, slot.length as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: &[&str] = &["one two\n three", "two drei", "", "o e \u{e9}"];
    static KNOWN: Lists<{ slots(LISTS) }> = Lists::new(LISTS);

    #[test]
    fn words_are_in_the_lists_that_hold_them() {
        let reference = |word: &str| {
            (0..).zip(LISTS).map(|(bit, list)| u32::from(listed(list, word)) << bit).sum::<u32>()
        };
        for word in
            ["one", "two", "three", "drei", "o", "e", "\u{e9}", "", "on", "thre", "fourteen"]
        {
            assert_eq!(KNOWN.of(word.as_bytes()), reference(word), "{word}");
            assert_eq!(KNOWN.of_folded(word.to_ascii_uppercase().as_bytes()), reference(word));
            let ends = word.char_indices().map(|(at, _)| reference(&word[at..]));
            let ends = ends.fold(0, |bits, end| bits | end);
            assert_eq!(KNOWN.of_ends(word.as_bytes()), ends, "{word}");
        }
        assert_eq!((KNOWN.of(b"two"), KNOWN.of_ends(b"someone")), (0b11, 0b1001));
    }
}
