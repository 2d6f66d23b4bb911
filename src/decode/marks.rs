//! Where a text may be encoded: one pass of vector instructions over it, for all decoders at once.
//!
//! In: text. Out: [`Marks`]: its long words, and for each kind of encoding the places at which it may begin. On
//! sources nearly nothing is encoded, so a decoder that has no mark costs nothing. Vectors (`classes`) are a small part
//! of the cost: the calls and the branches that were foreseen wrongly, where something may begin, are the larger one.

use fearless_simd::Level;

use super::classes::{BLOCK, BLOCKS, Masks, NOTHING, classes};
use super::{array, chars, continued, joined, words};
use crate::text::Span;

/// Shortest word.
const MIN: usize = words::MIN;
const _: () = assert!(MIN == 24, "bits are counted so");
/// Distance from one comma that is marked to the next, counted in commas: a list has at least 15.
const COMMAS: u32 = 8;

/// What may begin at a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// A quote that may close a literal to which one is joined.
    Joint,
    /// A backslash before what may be escaped.
    Escape,
    /// A mark before a line's end, where a word may go on.
    Cut,
    /// `&` before what may be an entity.
    Entity,
    /// `%` before a digit or a `u`.
    Percent,
    /// `U+`.
    Point,
    /// `<~`, at its first byte.
    Base85,
    /// `=` before a line's end or what may be a number in quoted-printable.
    Quoted,
    /// One comma of eight that may part numbers.
    Comma,
    /// What joins `chr(…)` to one before.
    Chars,
    /// The last quote of a list that is joined, or the empty quotes that it is joined with.
    Array,
    /// `+A`.
    Utf7,
    /// Digits in groups, as in dumps.
    Dump,
}

/// Words and signs for which there is room at first.
const FEW: usize = 32;

/// A long run of letters, digits and `+/-_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) span: Span,
    /// One of `+/-_` is among them.
    pub(super) parted: bool,
}

/// What a text may hold.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Long runs of letters, digits and `+/-_`, in order.
    pub(super) words: Vec<Word>,
    /// The signs of all kinds; those of one kind are in order. Most texts have few, so one list is enough.
    signs: Vec<(Sign, usize)>,
    /// A bit for each kind of which there are any.
    kinds: u16,
    /// It has a NUL.
    pub(super) nul: bool,
    /// It has the character that colours begin with.
    pub(super) colour: bool,
    /// It is not ASCII alone.
    pub(super) wide: bool,
}

impl Marks {
    /// Goes over a text, with the best instructions that the processor has.
    pub(super) fn new(text: &[u8]) -> Self {
        Self::at(Level::new(), text)
    }

    fn at(level: Level, text: &[u8]) -> Self {
        let marks = Self::default();
        let mut pass = Pass { text, marks, open: 0, capital: false, parted: false, commas: COMMAS };
        // Looking at what the bytes are and at what begins there take turns: between calls, vectors would be put away.
        let mut blocks = [Masks::default(); BLOCKS];
        for base in (0..text.len()).step_by(BLOCK * BLOCKS) {
            let count = classes(level, &text[base..], &mut blocks);
            for (index, block) in blocks[..count].iter().enumerate() {
                pass.block(base + index * BLOCK, block);
            }
        }
        pass.words(text.len(), &Masks::default(), 0);
        pass.marks
    }

    fn word(&mut self, span: Span, parted: bool) {
        if self.words.is_empty() {
            self.words.reserve(FEW);
        }
        self.words.push(Word { span, parted });
    }

    fn push(&mut self, sign: Sign, at: usize) {
        if self.kinds == 0 {
            self.signs.reserve(FEW);
        }
        self.kinds |= 1 << sign as u16;
        self.signs.push((sign, at));
    }

    /// Whether there is one of what reaches over lines.
    pub(super) fn is_odd(&self, text: &[u8]) -> bool {
        let odd = [Sign::Cut, Sign::Chars, Sign::Array, Sign::Dump, Sign::Quoted, Sign::Base85];
        let may = |sign: Sign, at: usize| match sign {
            Sign::Cut => continued::parts(text, at),
            Sign::Quoted => text[at + 1..].starts_with(b"3D"),
            _ => true,
        };
        odd.into_iter().any(|sign| self.of(sign).any(|at| may(sign, at)))
    }

    const fn has(&self, sign: Sign) -> bool {
        self.kinds >> sign as u16 & 1 != 0
    }

    /// The places of one kind of sign, in order.
    pub(super) fn of(&self, sign: Sign) -> impl Iterator<Item = usize> + Clone {
        let signs = if self.has(sign) { &self.signs[..] } else { &[] };
        signs.iter().filter(move |known| known.0 == sign).map(|known| known.1)
    }
}

/// Whether a text has a mark of what reaches over lines. This is asked of each small change of a history, so nothing is
/// listed, and the first mark ends it.
pub(super) fn is_odd(text: &[u8]) -> bool {
    let level = Level::new();
    let mut blocks = [Masks::default(); BLOCKS];
    (0..text.len()).step_by(BLOCK * BLOCKS).any(|base| {
        let count = classes(level, &text[base..], &mut blocks);
        let starts = (base..).step_by(BLOCK);
        blocks[..count].iter().zip(starts).any(|(block, start)| is_odd_block(text, start, block))
    })
}

fn is_odd_block(text: &[u8], base: usize, masks: &Masks) -> bool {
    let mut groups = groups(masks.words);
    while groups != 0 {
        if dumps(&text[base + groups.trailing_zeros() as usize..]) {
            return true;
        }
        groups &= groups - 1;
    }
    let mut signs = masks.signs;
    while signs != 0 {
        let at = base + signs.trailing_zeros() as usize;
        signs &= signs - 1;
        if begins(text, at).is_some() && is_odd_at(text, at) {
            return true;
        }
    }
    false
}

/// The byte at `at` and the next one, if something may begin there.
fn begins(text: &[u8], at: usize) -> Option<(u8, u8)> {
    let (byte, next) = (text[at], text.get(at + 1).copied().unwrap_or(NOTHING));
    (MAY[usize::from(byte)] & NEXT[usize::from(next)] != 0).then_some((byte, next))
}

/// Whether what reaches over lines may begin at a sign.
fn is_odd_at(text: &[u8], at: usize) -> bool {
    let rest = &text[at + 1..];
    match text[at] {
        b'"' | b'\'' => array::joins(&text[at..]),
        b'\\' | b'^' => continued::parts(text, at),
        b'+' | b'&' | b'|' => chars::goes_on(rest),
        b'=' => rest.starts_with(b"3D"),
        b'~' => text[..at].ends_with(b"<"),
        _ => false,
    }
}

/// What begins with which byte, and which one has to come next: for each byte a bit for each row.
const PAIRS: [(&[u8], &[u8]); 7] = [
    (b"\"'", b" \t\r\n\"'`+.&|~^<\\;]"),
    (b"\\", b"\n\rnrt\"'/\\xuU01234567"),
    (b"&", b"#abcdefghijklmnopqrstuvwxyzTN"),
    (b"%+", b"0123456789abcdefABCDEFu"),
    (b"=^", b"\n\r23456789ABCDEF"),
    (b"+&|", b" cC"),
    (b"~", ANY),
];
/// Stands for all bytes.
const ANY: &[u8] = b"";

const MAY: [u8; 256] = pairs(true);
const NEXT: [u8; 256] = pairs(false);

const fn pairs(first: bool) -> [u8; 256] {
    let mut table = [0; 256];
    let mut row = 0;
    while row < PAIRS.len() {
        let bytes = if first { PAIRS[row].0 } else { PAIRS[row].1 };
        let mut at = 0;
        while at < if bytes.is_empty() { 256 } else { bytes.len() } {
            table[if bytes.is_empty() { at } else { bytes[at] as usize }] |= 1 << row;
            at += 1;
        }
        row += 1;
    }
    table
}

/// A pass over a text.
struct Pass<'t> {
    text: &'t [u8],
    marks: Marks,
    /// Bytes before the block that are a word's, and whether a capital or a digit is among them, or one of `+/-_`.
    open: usize,
    capital: bool,
    parted: bool,
    /// Commas up to the next that is marked.
    commas: u32,
}

/// Where four groups of two begin, or three of four, with one byte between any two.
const fn groups(words: u64) -> u64 {
    let two = words & words >> 1;
    let four = two & two >> 2;
    let pairs = two & !(words >> 2);
    let pairs = pairs & pairs >> 3;
    let fours = four & !(words >> 4);
    pairs & pairs >> 6 | fours & fours >> 5 & fours >> 10
}

/// Whether a text begins with such groups, of hex digits.
fn dumps(text: &[u8]) -> bool {
    grouped(text, 2, 4) || grouped(text, 4, 3)
}

/// Whether a text begins with groups of so many hex digits, a blank between any two. Prose has words of these lengths,
/// and a version of a file with a mark is read as a whole.
fn grouped(text: &[u8], size: usize, count: usize) -> bool {
    let Some(groups) = text.get(..count * (size + 1) - 1) else { return false };
    groups.chunks(size + 1).all(|group| {
        group[..size].iter().all(u8::is_ascii_hexdigit)
            && group.get(size).is_none_or(|b| *b == b' ')
    })
}

impl Pass<'_> {
    fn block(&mut self, base: usize, masks: &Masks) {
        let words = masks.words;
        self.marks.wide |= masks.wide;
        if masks.rare {
            self.rare(base);
        }
        // Bits of which 24 in a row are set begin a long word; one may also have begun in the block before.
        let two = words & words >> 1;
        let four = two & two >> 2;
        let eight = four & four >> 4;
        let sixteen = eight & eight >> 8;
        let long = sixteen & sixteen >> 8;
        let front = words.trailing_ones() as usize;
        if long != 0 || self.open + front >= MIN {
            self.words(base, masks, long);
        }
        let back = words.leading_ones();
        if front < BLOCK {
            (self.open, self.capital, self.parted) = (0, false, false);
        }
        self.open += back as usize;
        let last = !(u64::MAX.unbounded_shr(back));
        self.capital |= masks.capitals & last != 0;
        self.parted |= masks.breaks & last != 0;
        let groups = groups(words);
        if groups != 0 {
            self.groups(base, groups);
        }
        let mut signs = masks.signs;
        while signs != 0 {
            let at = base + signs.trailing_zeros() as usize;
            signs &= signs - 1;
            if let Some((byte, next)) = begins(self.text, at) {
                self.sign(at, byte, next);
            }
        }
        if masks.commas != 0 {
            self.commas(base, masks.commas);
        }
    }

    /// Notes what a block has that most texts are without.
    #[inline(never)]
    fn rare(&mut self, base: usize) {
        let block = &self.text[base..self.text.len().min(base + BLOCK)];
        self.marks.nul |= block.contains(&0);
        self.marks.colour |= block.contains(&0x1b);
    }

    /// Marks one comma of eight.
    #[inline(never)]
    fn commas(&mut self, base: usize, mut commas: u64) {
        let count = commas.count_ones();
        if count < self.commas {
            self.commas -= count;
            return;
        }
        while commas != 0 {
            self.commas -= 1;
            if self.commas == 0 {
                self.commas = COMMAS;
                let at = base + commas.trailing_zeros() as usize;
                self.marks.push(Sign::Comma, at);
            }
            commas &= commas - 1;
        }
    }

    /// Takes in the long words that end in a block: one that began before it, and those that begin at a bit of `long`.
    /// Names and paths are mostly in small letters: those without a capital or a digit are left out.
    #[inline(never)]
    fn words(&mut self, base: usize, masks: &Masks, mut long: u64) {
        let Masks { words, capitals, breaks, .. } = *masks;
        let front = words.trailing_ones();
        if self.open > 0 && front < u64::BITS {
            let first = !(u64::MAX << front);
            let span = Span::new(base - self.open, base + front as usize);
            let parted = self.parted || breaks & first != 0;
            if span.len() >= MIN && (self.capital || capitals & first != 0) {
                self.marks.word(span, parted);
            }
        }
        if self.open > 0 {
            long &= u64::MAX.unbounded_shl(front);
        }
        while long != 0 {
            let at = long.trailing_zeros();
            let length = (words >> at).trailing_ones();
            let word = !(u64::MAX.unbounded_shl(length)) << at;
            long &= !word;
            // One that ends with the block may go on in the next.
            if at + length < u64::BITS && capitals & word != 0 {
                let start = base + at as usize;
                let span = Span::new(start, start + length as usize);
                self.marks.word(span, breaks & word != 0);
            }
        }
    }

    /// Takes in groups that begin at some of `starts`, if they are of digits.
    #[inline(never)]
    fn groups(&mut self, base: usize, mut starts: u64) {
        while starts != 0 {
            let at = base + starts.trailing_zeros() as usize;
            starts &= starts - 1;
            if dumps(&self.text[at..]) {
                self.marks.push(Sign::Dump, at);
            }
        }
    }

    /// Takes in what begins at `at`.
    #[inline(never)]
    fn sign(&mut self, at: usize, byte: u8, next: u8) {
        let before = at.checked_sub(1).map_or(0, |at| self.text[at]);
        let mut mark = |sign: Sign, at: usize| self.marks.push(sign, at);
        match byte {
            b'"' | b'\'' if array::joins(&self.text[at..]) => mark(Sign::Array, at),
            b'"' | b'\'' if joined::joins(self.text, at) => mark(Sign::Joint, at),
            b'\\' | b'^' if matches!(next, b'\n' | b'\r') => mark(Sign::Cut, at),
            b'\\' => mark(Sign::Escape, at),
            b'+' | b'&' | b'|' if chars::goes_on(&self.text[at + 1..]) => mark(Sign::Chars, at),
            b'&' if !matches!(next, b' ' | b'C') => mark(Sign::Entity, at),
            b'%' => mark(Sign::Percent, at),
            b'=' => mark(Sign::Quoted, at),
            b'+' if before == b'U' && next.is_ascii_hexdigit() => mark(Sign::Point, at - 1),
            b'+' if next == b'A' => mark(Sign::Utf7, at),
            b'~' if before == b'<' => mark(Sign::Base85, at - 1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same as [`Marks`], one byte at a time.
    fn plainly(text: &[u8]) -> (Vec<Word>, Vec<Vec<usize>>) {
        let mut found = vec![Vec::new(); Sign::Dump as usize + 1];
        let mut add = |sign: Sign, at: usize| found[sign as usize].push(at);
        let mut commas = 0;
        for (at, &byte) in text.iter().enumerate() {
            let next = text.get(at + 1).copied().unwrap_or(NOTHING);
            let one_of = |bytes: &[u8]| bytes.contains(&next);
            match byte {
                b'"' | b'\'' if array::joins(&text[at..]) => add(Sign::Array, at),
                b'"' | b'\'' if one_of(PAIRS[0].1) && joined::joins(text, at) => {
                    add(Sign::Joint, at);
                }
                b'\\' | b'^' if one_of(b"\n\r") => add(Sign::Cut, at),
                b'\\' if one_of(b"nrt\"'/\\xuU01234567") => add(Sign::Escape, at),
                b'+' | b'&' | b'|' if chars::goes_on(&text[at + 1..]) => add(Sign::Chars, at),
                b'&' if next.is_ascii_lowercase() || one_of(b"#TN") => add(Sign::Entity, at),
                b'%' if next.is_ascii_hexdigit() || next == b'u' => add(Sign::Percent, at),
                b'=' if one_of(b"\n\r23456789ABCDEF") => add(Sign::Quoted, at),
                b'+' if at > 0 && text[at - 1] == b'U' && next.is_ascii_hexdigit() => {
                    add(Sign::Point, at - 1);
                }
                b'+' if next == b'A' => add(Sign::Utf7, at),
                b'<' if next == b'~' => add(Sign::Base85, at),
                b',' if one_of(b" \t\n\r0123456789'\"b(") => {
                    commas += 1;
                    if commas % COMMAS == 0 {
                        add(Sign::Comma, at);
                    }
                }
                _ => {}
            }
        }
        found[Sign::Dump as usize] = dumps(text);
        let mut runs = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let run = Span::new(at, at + words::length(&text[at..]));
            let capital = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
            let word = &text[run.range()];
            if run.len() >= MIN && word.iter().any(capital) {
                runs.push(Word { span: run, parted: word.iter().any(|b| b"+/-_".contains(b)) });
            }
            at = run.end + 1;
        }
        (runs, found)
    }

    /// Where four groups of two digits stand in a block, or three of four.
    fn dumps(text: &[u8]) -> Vec<usize> {
        let mut padded = text.to_vec();
        padded.resize(text.len() / BLOCK * BLOCK + BLOCK, NOTHING);
        let word = |byte: u8| words::length(&[byte]) == 1;
        let inside = |at: usize, size: usize| at / BLOCK == (at + size - 1) / BLOCK;
        // What follows the block is not looked at.
        let group = |at: usize, size: usize| {
            let ends = !inside(at, size + 1) || !word(padded[at + size]);
            (at..at + size).all(|at| word(padded[at])) && ends
        };
        let digits = |at: usize| text[at..].iter().take(2).all(u8::is_ascii_hexdigit);
        let starts = (0..text.len()).filter(|&at| {
            let pairs = inside(at, 11) && (0..4).all(|n| group(at + 3 * n, 2));
            let fours = inside(at, 14) && (0..3).all(|n| group(at + 5 * n, 4));
            pairs || fours
        });
        starts.filter(|&at| digits(at)).collect()
    }

    /// All levels of instructions that this processor has.
    fn levels() -> Vec<Level> {
        let best = Level::new();
        let mut levels = vec![best, Level::baseline()];
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(best.as_sse4_2().map(Level::Sse4_2));
            levels.extend(best.as_avx2().map(Level::Avx2));
        }
        levels
    }

    fn check(text: &[u8]) {
        let (runs, found) = plainly(text);
        for level in levels() {
            let marks = Marks::at(level, text);
            assert_eq!(marks.words, runs, "{level:?}");
            // The pass that stops at the first says what the list does.
            assert_eq!(is_odd(text), marks.is_odd(text), "{level:?}");
            let mut places = vec![Vec::new(); found.len()];
            for (sign, at) in marks.signs {
                places[sign as usize].push(at);
            }
            assert_eq!(places, found, "{level:?}");
            let kinds = places.iter().map(|places| u16::from(!places.is_empty()));
            assert_eq!(marks.kinds, kinds.rev().fold(0, |sum, bit| sum << 1 | bit));
            assert_eq!(marks.nul, text.contains(&0));
            assert_eq!(marks.colour, text.contains(&0x1b));
            assert_eq!(marks.wide, !text.is_ascii());
        }
    }

    #[test]
    fn every_pair_of_bytes_is_marked_where_it_stands() {
        for first in 0..=255 {
            let text: Vec<u8> = (0..=255).flat_map(|second| [b'x', first, second]).collect();
            check(&text);
        }
    }

    #[test]
    fn what_ends_with_the_text_is_marked() {
        let border = BLOCK * BLOCKS;
        for length in (0..200).chain(border - 70..border + 70) {
            let text = [&vec![b' '; length][..], b"A", &[b'b'; 23]].concat();
            check(&text);
            for end in
                [&b"\0"[..], b"\x1b", b"<~", b"\\n", b",", b"\"a\"", b"U+", b"\"a\"+\"b\"", b", 1"]
            {
                check(&[&text[..], end].concat());
            }
        }
    }

    proptest! {
        #[test]
        fn a_pass_marks_what_looking_at_each_byte_does(
            parts in prop::collection::vec((0..16_usize, 0..40_usize, any::<u8>()), 0..40)
        ) {
            let pieces = ["a", "A1", "\"", "'", "\\", "&", "%4", "U+0", "<~", ", ", ",1", "=\n", " ", "\n", "^\n", "xY/+-_"];
            let mut text = Vec::new();
            for (piece, times, byte) in parts {
                for _ in 0..times % 9 {
                    text.extend_from_slice(pieces[piece].as_bytes());
                }
                text.extend((times % 5 == 0).then_some(byte));
            }
            check(&text);
        }
    }
}
