//! Where a text may be encoded: one pass of vector instructions over it, for all decoders at once.
//!
//! In: text. Out: [`Marks`]: its long words, and for each kind of encoding the places at which it may begin. On
//! sources nearly nothing is encoded, so a decoder that has no mark costs nothing, and the pass itself about one
//! instruction a byte. Each of 64 bytes at a time is looked up in two tables of sixteen, by its halves; what both
//! say is the [`CLASS`] of the byte.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, SimdBase, SimdMask, dispatch, i8x64, u8x16, u8x64};

use super::{array, chars, continued, joined, words};
use crate::text::Span;

/// Bytes that are looked at together.
const BLOCK: usize = 64;
/// The same, and the byte that follows.
const WINDOW: usize = BLOCK + 1;
/// A byte that is no sign, and that nothing begins before.
const NOTHING: u8 = b'!';
/// Shortest word.
const MIN: u32 = 24;
const _: () = assert!(MIN as usize == words::MIN);
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

const SIGNS: usize = 13;

/// What a text may hold.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Long runs of letters, digits and `+/-_`, in order.
    pub(super) words: Vec<Span>,
    places: [Vec<usize>; SIGNS],
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
        let mut pass = Pass { text, marks: Self::default(), done: 0, open: 0, commas: COMMAS };
        dispatch!(level, simd => pass.read(simd));
        pass.marks
    }

    /// Whether there is one of what reaches over lines.
    pub(super) fn is_odd(&self, text: &[u8]) -> bool {
        let odd = [Sign::Cut, Sign::Chars, Sign::Array, Sign::Dump, Sign::Quoted, Sign::Base85];
        let may = |sign: Sign, at: usize| match sign {
            Sign::Cut => continued::parts(text, at),
            Sign::Quoted => text[at + 1..].starts_with(b"3D"),
            _ => true,
        };
        odd.into_iter().any(|sign| self.of(sign).iter().any(|at| may(sign, *at)))
    }

    /// The places of one kind of sign, in order.
    pub(super) fn of(&self, sign: Sign) -> &[usize] {
        &self.places[sign as usize]
    }
}

/// Whether a text has a mark of what reaches over lines. This is asked of each small change of a history, so nothing is
/// listed, and the first mark ends it.
pub(super) fn is_odd(text: &[u8]) -> bool {
    let level = Level::new();
    dispatch!(level, simd => odd(simd, text))
}

#[expect(clippy::inline_always, reason = "only so is it compiled for each level")]
#[inline(always)]
fn odd<S: Simd>(simd: S, text: &[u8]) -> bool {
    let mut last = [NOTHING; WINDOW];
    let mut base = 0;
    while base < text.len() {
        let window = if let Some(window) = text[base..].first_chunk() {
            window
        } else {
            last[..text.len() - base].copy_from_slice(&text[base..]);
            &last
        };
        let block: &[u8; BLOCK] = window.first_chunk().expect("it is longer");
        let Masks { words, mut signs, .. } = masks(simd, u8x64::from_slice(simd, block));
        let mut groups = groups(words);
        while groups != 0 {
            if dumps(&text[base + groups.trailing_zeros() as usize..]) {
                return true;
            }
            groups &= groups - 1;
        }
        while signs != 0 {
            let at = signs.trailing_zeros() as usize % BLOCK;
            signs &= signs - 1;
            let (byte, next) = (window[at], window[at + 1]);
            if MAY[usize::from(byte)] & NEXT[usize::from(next)] != 0 && is_odd_at(text, base + at) {
                return true;
            }
        }
        base += BLOCK;
    }
    false
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

/// Bits of a class: those of words, and those of signs.
const WORD: u8 = 0x1f;
const SIGN: u8 = 0xe0;

/// Rows and columns of the table of bytes: a byte is in a class if its high half is among the rows that a bit has,
/// and its low half among the columns. `|`, VT, DLE and ESC's neighbours come along with the signs, and are left out
/// later.
const CLASSES: [(u8, &[u8], &[u8]); 8] = [
    // `+`, `-`, `/`.
    (1, &[0x2], &[0xb, 0xd, 0xf]),
    (2, &[0x3], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (4, &[0x4, 0x6], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf]),
    (8, &[0x5], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xf]),
    (16, &[0x7], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa]),
    // `"`, `%`, `&`, `'`, `+`, `,`.
    (32, &[0x2], &[2, 5, 6, 7, 0xb, 0xc]),
    // `\`, `^`, `~`.
    (64, &[0x5, 0x7], &[0xc, 0xe]),
    // NUL, ESC.
    (128, &[0x0, 0x1], &[0, 0xb]),
];

const ROWS: [u8; 16] = table(true);
const COLUMNS: [u8; 16] = table(false);

const fn table(rows: bool) -> [u8; 16] {
    let mut table = [0; 16];
    let mut class = 0;
    while class < CLASSES.len() {
        let (bit, of_row, of_column) = CLASSES[class];
        let halves = if rows { of_row } else { of_column };
        let mut at = 0;
        while at < halves.len() {
            table[halves[at] as usize] |= bit;
            at += 1;
        }
        class += 1;
    }
    table
}

/// What begins with which byte, and which one has to come next: for each byte a bit for each row.
const PAIRS: [(&[u8], &[u8]); 8] = [
    (b"\"'", b" \t\r\n\"'`+.&|~^<\\;]"),
    (b"\\", b"\n\rnrt\"'/\\xuU01234567"),
    (b"&", b"#abcdefghijklmnopqrstuvwxyzTN"),
    (b"%+", b"0123456789abcdefABCDEFu"),
    (b"=^", b"\n\r23456789ABCDEF"),
    (b"+&|", b" cC"),
    (b",", b" \t\n\r0123456789'\"b("),
    (b"~\0\x1b", ANY),
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

/// The bytes of a block that belong to words, and those that are signs.
struct Masks {
    words: u64,
    signs: u64,
    /// Some are not ASCII.
    wide: bool,
}

/// A pass over a text.
struct Pass<'t> {
    text: &'t [u8],
    marks: Marks,
    /// End of the last word.
    done: usize,
    /// Bytes before the block that are a word's.
    open: u32,
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
    #[expect(clippy::inline_always, reason = "only so is it compiled for each level")]
    #[inline(always)]
    fn read<S: Simd>(&mut self, simd: S) {
        let mut base = 0;
        while let Some(window) = self.text[base..].first_chunk() {
            self.block(simd, base, window);
            base += BLOCK;
        }
        let mut last = [NOTHING; WINDOW];
        let rest = &self.text[base..];
        last[..rest.len()].copy_from_slice(rest);
        self.block(simd, base, &last);
    }

    /// Takes in all bytes of a window but the last, which is the next one's first.
    #[expect(clippy::inline_always, reason = "only so is it compiled for each level")]
    #[inline(always)]
    fn block<S: Simd>(&mut self, simd: S, base: usize, window: &[u8; WINDOW]) {
        let block: &[u8; BLOCK] = window.first_chunk().expect("it is longer");
        let bytes = u8x64::from_slice(simd, block);
        let Masks { words, mut signs, wide } = masks(simd, bytes);
        self.marks.wide |= wide;
        // Bits of which 24 in a row are set begin a long word; one may also have begun in the block before.
        let two = words & words >> 1;
        let four = two & two >> 2;
        let eight = four & four >> 4;
        let sixteen = eight & eight >> 8;
        let long = sixteen & sixteen >> 8;
        let front = words.trailing_ones();
        if long != 0 || self.open + front >= MIN {
            self.words(base, words, long);
        }
        let groups = groups(words);
        if groups != 0 {
            self.groups(base, groups);
        }
        self.open = words.leading_ones() + if front == u64::BITS { self.open } else { 0 };
        // Two looks tell of most signs that nothing begins.
        while signs != 0 {
            let at = signs.trailing_zeros() as usize % BLOCK;
            signs &= signs - 1;
            let (byte, next) = (window[at], window[at + 1]);
            if MAY[usize::from(byte)] & NEXT[usize::from(next)] == 0 {
                continue;
            }
            if byte != b',' {
                self.sign(base + at, byte, next);
            } else if self.commas > 1 {
                self.commas -= 1;
            } else {
                self.commas = COMMAS;
                self.marks.places[Sign::Comma as usize].push(base + at);
            }
        }
    }

    /// Takes in the long words that go on at the front of a block of `words` or begin at a bit of `long`.
    #[inline(never)]
    fn words(&mut self, base: usize, words: u64, mut long: u64) {
        if self.open > 0 {
            self.word(Span::new(base, base + words.trailing_ones() as usize));
        }
        while long != 0 {
            let at = long.trailing_zeros();
            let length = (words >> at).trailing_ones();
            long &= !(u64::MAX >> (u64::BITS - length) << at);
            let start = base + at as usize;
            self.word(Span::new(start, start + length as usize));
        }
    }

    /// Takes in a word that a part of is known.
    fn word(&mut self, part: Span) {
        if part.start >= self.done {
            let word = words::around(self.text, part, self.done);
            self.done = word.end;
            self.marks.words.extend(words::is_long(self.text, word).then_some(word));
        }
    }

    /// Takes in groups that begin at some of `starts`, if they are of digits.
    #[inline(never)]
    fn groups(&mut self, base: usize, mut starts: u64) {
        while starts != 0 {
            let at = base + starts.trailing_zeros() as usize;
            starts &= starts - 1;
            if dumps(&self.text[at..]) {
                self.marks.places[Sign::Dump as usize].push(at);
            }
        }
    }

    /// Takes in what begins at `at`.
    #[inline(never)]
    fn sign(&mut self, at: usize, byte: u8, next: u8) {
        let before = at.checked_sub(1).map_or(0, |at| self.text[at]);
        let mut mark = |sign: Sign, at: usize| self.marks.places[sign as usize].push(at);
        match byte {
            0 => self.marks.nul = true,
            0x1b => self.marks.colour = true,
            b'"' | b'\'' if array::joins(&self.text[at..]) => mark(Sign::Array, at),
            b'"' | b'\'' if joined::closes(self.text, at) => mark(Sign::Joint, at),
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

/// What the bytes of a block are.
#[expect(clippy::inline_always, reason = "only so is it compiled for each level")]
#[inline(always)]
fn masks<S: Simd>(simd: S, bytes: u8x64<S>) -> Masks {
    let rows = u8x64::block_splat(u8x16::from_slice(simd, &ROWS));
    let columns = u8x64::block_splat(u8x16::from_slice(simd, &COLUMNS));
    // Rows that are not ASCII are in no class, whatever the column says.
    let row = rows.swizzle_dyn_within_blocks(bytes >> 4);
    let class = row & columns.swizzle_dyn_within_blocks(bytes & u8x64::splat(simd, 0x0f));
    let none = u8x64::splat(simd, 0);
    let not = |bits: u8| (class & u8x64::splat(simd, bits)).simd_eq(none);
    let equals = bytes.simd_eq(u8x64::splat(simd, b'='));
    let wide = bytes.bitcast::<i8x64<S>>().simd_lt(i8x64::splat(simd, 0));
    Masks {
        words: !not(WORD).to_bitmask(),
        signs: !(not(SIGN) & !equals).to_bitmask(),
        wide: wide.to_bitmask() != 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same as [`Marks`], one byte at a time.
    fn plainly(text: &[u8]) -> (Vec<Span>, Vec<Vec<usize>>) {
        let mut found = vec![Vec::new(); SIGNS];
        let mut add = |sign: Sign, at: usize| found[sign as usize].push(at);
        let mut commas = 0;
        for (at, &byte) in text.iter().enumerate() {
            let next = text.get(at + 1).copied().unwrap_or(NOTHING);
            let one_of = |bytes: &[u8]| bytes.contains(&next);
            match byte {
                b'"' | b'\'' if array::joins(&text[at..]) => add(Sign::Array, at),
                b'"' | b'\'' if one_of(PAIRS[0].1) && joined::closes(text, at) => {
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
            if words::is_long(text, run) {
                runs.push(run);
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
            assert_eq!(&marks.places[..], &found[..], "{level:?}");
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
        for length in 0..200 {
            let text = [&vec![b' '; length][..], b"A", &[b'b'; 23]].concat();
            check(&text);
            for end in [&b"\0"[..], b"\x1b", b"<~", b"\\n", b",", b"\"a\"", b"U+"] {
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
