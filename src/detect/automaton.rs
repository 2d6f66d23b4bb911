//! Finds any of a fixed list of words, without regard to ASCII case.
//!
//! In: a list of words in lower case, at compile time; then a text. Out: where the words stand. Such lists are looked
//! up for every candidate, and nothing is to be laid out at start: the compiler does it. They are far too many for a
//! search by comparison and far too small for anything cleverer.

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// Which one, as an index into the list.
    pub(super) word: usize,
    /// Offset of its first byte.
    pub(super) start: usize,
    /// Offset behind its last byte.
    pub(super) end: usize,
}

/// A deterministic automaton after Aho and Corasick. `STATES` is what [`states`] says of the list.
#[derive(Debug)]
pub(super) struct Automaton<const STATES: usize> {
    words: &'static [&'static str],
    /// For each byte its column; 0 for bytes of no word.
    column: [u8; 256],
    /// Where each state's row begins that follows, and [`ENDS`] if a word ends there.
    next: [[u16; COLUMNS]; STATES],
    /// For each state one more than the index of the longest word that ends there; 0 for none.
    ends: [u16; STATES],
}

/// Different bytes of a list, and one for all others.
const COLUMNS: usize = 64;
/// Says of a state that a word ends there.
const ENDS: u16 = 1 << 15;

/// How many states a list needs at most.
pub(super) const fn states(words: &[&str]) -> usize {
    let (mut sum, mut word) = (1, 0);
    while word < words.len() {
        sum += words[word].len();
        word += 1;
    }
    sum
}

#[expect(clippy::cast_possible_truncation, reason = "indices are checked or bounded by the list")]
impl<const STATES: usize> Automaton<STATES> {
    /// Lays out the automaton of `words`.
    pub(super) const fn new(words: &'static [&'static str]) -> Self {
        assert!(STATES <= u16::MAX as usize, "the list is too long");
        let column = columns(words);
        let mut next = [[0; COLUMNS]; STATES];
        let mut ends = [0; STATES];
        let (mut known, mut word) = (1, 0);
        while word < words.len() {
            let bytes = words[word].as_bytes();
            let (mut state, mut at) = (0, 0);
            while at < bytes.len() {
                let column = column[bytes[at] as usize] as usize;
                if next[state][column] == 0 {
                    next[state][column] = known;
                    known += 1;
                }
                state = next[state][column] as usize;
                at += 1;
            }
            if ends[state] == 0 {
                ends[state] = word as u16 + 1;
            }
            word += 1;
        }
        complete(&mut next, &mut ends);
        assert!(known as usize * COLUMNS <= ENDS as usize, "the list is too long");
        let mut state = 0;
        while state < STATES {
            let mut column = 0;
            while column < COLUMNS {
                let to = next[state][column];
                let end = if ends[to as usize] > 0 { ENDS } else { 0 };
                next[state][column] = (to * COLUMNS as u16) | end;
                column += 1;
            }
            state += 1;
        }
        Self { words, column, next, ends }
    }

    /// The words of `text`, none of which overlaps the one before: of those that end first the longest.
    pub(super) fn find(&self, text: &[u8]) -> impl Iterator<Item = Hit> {
        let mut row = 0;
        let mut bytes = text.iter().zip(1..);
        std::iter::from_fn(move || {
            bytes.find_map(|(&byte, end)| {
                let word = self.step(&mut row, byte)?;
                Some(Hit { word, start: end - self.words[word].len(), end })
            })
        })
    }

    /// Tells of each word that [`find`](Self::find) finds in one of two texts. Each step waits for the one before it, so
    /// both halves of both texts are walked abreast: they take hardly longer than one of them.
    pub(super) fn each(&self, texts: [&[u8]; 2], mut found: impl FnMut(usize)) {
        let [(a, b), (c, d)] = texts.map(|text| self.halves(text));
        let parts = [a, b, c, d];
        let length = parts.iter().map(|part| part.len()).min().unwrap_or_default();
        let (abreast, rest) =
            (parts.map(|part| &part[..length]), parts.map(|part| &part[length..]));
        let mut rows = [0; 4];
        for at in 0..length {
            for (row, part) in rows.iter_mut().zip(abreast) {
                *row = self.next(*row, part[at]);
            }
            if rows.iter().fold(0, |any, row| any | row) & ENDS != 0 {
                rows.iter_mut().filter_map(|row| self.word(row)).for_each(&mut found);
            }
        }
        for (row, rest) in rows.iter_mut().zip(rest) {
            rest.iter().filter_map(|&byte| self.step(row, byte)).for_each(&mut found);
        }
    }

    /// Parts a text near its middle where no word can stand.
    fn halves<'t>(&self, text: &'t [u8]) -> (&'t [u8], &'t [u8]) {
        let middle = text.len() / 2;
        let other = |&byte: &u8| self.column[usize::from(byte)] == 0;
        text.split_at(text[middle..].iter().position(other).map_or(text.len(), |at| middle + at))
    }

    /// Goes on from a row by a byte.
    fn next(&self, row: u16, byte: u8) -> u16 {
        self.next.as_flattened()[usize::from(row) + usize::from(self.column[usize::from(byte)])]
    }

    /// The word that ends at a row, if one does; the next one begins behind it.
    fn word(&self, row: &mut u16) -> Option<usize> {
        if *row & ENDS == 0 {
            return None;
        }
        let state = usize::from(std::mem::take(row) & !ENDS) / COLUMNS;
        Some(usize::from(self.ends[state]) - 1)
    }

    fn step(&self, row: &mut u16, byte: u8) -> Option<usize> {
        *row = self.next(*row, byte);
        self.word(row)
    }
}

/// Numbers the bytes of a list.
const fn columns(words: &[&str]) -> [u8; 256] {
    let mut column = [0; 256];
    let (mut known, mut word) = (0, 0);
    while word < words.len() {
        let bytes = words[word].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at] as usize;
            assert!(!bytes[at].is_ascii_uppercase(), "words are in lower case");
            if column[byte] == 0 {
                known += 1;
                column[byte] = known;
                column[bytes[at].to_ascii_uppercase() as usize] = known;
            }
            at += 1;
        }
        word += 1;
    }
    assert!((known as usize) < COLUMNS, "the list has too many different bytes");
    column
}

/// Leads each state on where its word goes on no further: to where the longest end of it would be.
const fn complete<const STATES: usize>(
    next: &mut [[u16; COLUMNS]; STATES],
    ends: &mut [u16; STATES],
) {
    let mut fallback = [0_u16; STATES];
    let mut queue = [0_u16; STATES];
    let (mut first, mut last) = (0, 0);
    let mut column = 0;
    while column < COLUMNS {
        if next[0][column] != 0 {
            queue[last] = next[0][column];
            last += 1;
        }
        column += 1;
    }
    while first < last {
        let state = queue[first] as usize;
        let back = fallback[state] as usize;
        first += 1;
        if ends[state] == 0 {
            ends[state] = ends[back];
        }
        let mut column = 0;
        while column < COLUMNS {
            let child = next[state][column];
            if child == 0 {
                next[state][column] = next[back][column];
            } else {
                fallback[child as usize] = next[back][column];
                queue[last] = child;
                last += 1;
            }
            column += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::*;

    const WORDS: &[&str] = &["abc", "abcd", "bcd", "bc", "xx", "aby", "\u{e9}", "d.d"];
    static FOUND: Automaton<{ states(WORDS) }> = Automaton::new(WORDS);

    proptest! {
        #[test]
        fn finds_what_a_general_one_finds(parts in prop::collection::vec(0_usize..12, 0..40)) {
            let pieces = ["a", "b", "C", "d", "x", "y", ".", "\u{e9}", "AB", "bcd", "-", "\u{e8}"];
            let text: String = parts.iter().map(|&part| pieces[part]).collect();
            let known = AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).unwrap();
            let known: Vec<_> = known
                .find_iter(&text)
                .map(|hit| Hit { word: hit.pattern().as_usize(), start: hit.start(), end: hit.end() })
                .collect();
            prop_assert_eq!(FOUND.find(text.as_bytes()).collect::<Vec<_>>(), known);
            // Two texts walked at once hold what each of them does.
            let texts = text.as_bytes().split_at(text.len() / 3);
            let texts: [&[u8]; 2] = texts.into();
            let mut each = Vec::new();
            FOUND.each(texts, |word| each.push(word));
            let mut apart: Vec<_> = texts.iter().flat_map(|text| FOUND.find(text)).collect();
            apart.sort_by_key(|hit| hit.word);
            each.sort_unstable();
            prop_assert_eq!(each, apart.iter().map(|hit| hit.word).collect::<Vec<_>>());
        }
    }
}
