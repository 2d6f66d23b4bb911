//! What the bytes of a text are, 64 at a time.
//!
//! In: text. Out: [`Masks`] of a bit for each byte. Each byte, and each that follows one, is looked up in two tables of
//! sixteen, by its halves; what both say are the bits of its [`Class`]es.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, SimdBase, SimdMask, dispatch, i8x64, u8x16, u8x64};

/// Bytes that are looked at together.
pub(super) const BLOCK: usize = 64;
/// The same, and the byte that follows.
const WINDOW: usize = BLOCK + 1;
/// Blocks of which it is told what their bytes are before it is looked what begins there.
pub(super) const BLOCKS: usize = 16;
/// A byte that is no sign, and that nothing begins before.
pub(super) const NOTHING: u8 = b'!';

/// A bit, and the rows and columns of the table of bytes that have it: a byte has it if its high half is among the rows
/// and its low half among the columns.
type Class = (u8, &'static [u8], &'static [u8]);

/// Bits of a byte: those of words, those of signs that are few, and those of what most texts are without.
const WORD: u8 = 0x1f;
const BREAK: u8 = 0x01;
const FEW: u8 = 0x60;
const RARE: u8 = 0x80;

/// `|` comes along with the signs, VT and DLE with what is rare; both are left out later.
const CLASSES: [Class; 8] = [
    // `+`, `-`, `/`.
    (1, &[0x2], &[0xb, 0xd, 0xf]),
    (2, &[0x3], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (4, &[0x4, 0x6], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf]),
    (8, &[0x5], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xf]),
    (16, &[0x7], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa]),
    // `%`, `&`, `+`.
    (32, &[0x2], &[5, 6, 0xb]),
    // `\`, `^`, `~`.
    (64, &[0x5, 0x7], &[0xc, 0xe]),
    // NUL, ESC.
    (128, &[0x0, 0x1], &[0, 0xb]),
];

/// Bits of the byte that follows a sign of which there are many: what may follow a quote, a comma, an equals sign.
const BEHIND_QUOTE: u8 = 0x3f;
const BEHIND_COMMA: u8 = 0x43;
const BEHIND_EQUALS: u8 = 0xc2;

/// `P` and `m` come along with what follows a quote.
const BEHIND: [Class; 8] = [
    // A blank and quotes; the other blanks.
    (1, &[0x2], &[0, 2, 7]),
    (2, &[0x0], &[9, 0xa, 0xd]),
    // `&`, `+`, `.`.
    (4, &[0x2], &[6, 0xb, 0xe]),
    // `\`, `^`, `|`, `~`.
    (8, &[0x5, 0x7], &[0xc, 0xe]),
    // `;`, `<`.
    (16, &[0x3], &[0xb, 0xc]),
    // `]` and a backquote.
    (32, &[0x5, 0x6], &[0, 0xd]),
    (64, &[0x3], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (128, &[0x4], &[1, 2, 3, 4, 5, 6]),
];

/// The bits of each high half, and those of each low half.
type Halves = [[u8; 16]; 2];

const OWN: Halves = halves(&CLASSES);
const NEXT_ONE: Halves = halves(&BEHIND);

const fn halves(classes: &[Class; 8]) -> Halves {
    let mut table = [[0; 16]; 2];
    let mut class = 0;
    while class < classes.len() {
        let (bit, rows, columns) = classes[class];
        let of = [rows, columns];
        let mut side = 0;
        while side < 2 {
            let mut at = 0;
            while at < of[side].len() {
                table[side][of[side][at] as usize] |= bit;
                at += 1;
            }
            side += 1;
        }
        class += 1;
    }
    table
}

/// What the bytes of a block are, a bit for each.
#[derive(Clone, Copy, Default)]
pub(super) struct Masks {
    /// They belong to words.
    pub(super) words: u64,
    /// They are one of `+/-_`.
    pub(super) breaks: u64,
    /// They are capitals or digits.
    pub(super) capitals: u64,
    /// They may be signs.
    pub(super) signs: u64,
    /// They are commas that may part numbers.
    pub(super) commas: u64,
    /// Some are not ASCII.
    pub(super) wide: bool,
    /// Some may be NUL or ESC.
    pub(super) rare: bool,
}

/// What the bytes of a text's first blocks are, with the instructions of `level`, and how many blocks these are.
pub(super) fn classes(level: Level, text: &[u8], masks: &mut [Masks; BLOCKS]) -> usize {
    dispatch!(level, simd => classify(simd, text, masks))
}

#[expect(clippy::inline_always, reason = "only so is it compiled for each level")]
#[inline(always)]
fn classify<S: Simd>(simd: S, text: &[u8], masks: &mut [Masks; BLOCKS]) -> usize {
    for (index, masks) in masks.iter_mut().enumerate() {
        let rest = text.get(index * BLOCK..).unwrap_or_default();
        if let Some(window) = rest.first_chunk() {
            *masks = of(simd, window);
        } else {
            let mut last = [NOTHING; WINDOW];
            last[..rest.len()].copy_from_slice(rest);
            *masks = of(simd, &last);
            return index + 1;
        }
    }
    BLOCKS
}

/// What the bytes of a window are but for its last one. Quotes, commas and equals signs are many, and nothing begins
/// with most of them: the bytes that follow tell at once. Of the signs that are few each is looked at.
#[expect(clippy::inline_always, reason = "only so is it compiled for each level")]
#[inline(always)]
fn of<S: Simd>(simd: S, window: &[u8; WINDOW]) -> Masks {
    let (own, next) = (&window[..BLOCK], &window[1..]);
    let (own, next) = (u8x64::from_slice(simd, own), u8x64::from_slice(simd, next));
    let (class, behind) = (class(simd, own, &OWN), class(simd, next, &NEXT_ONE));
    let byte = |byte: u8| u8x64::splat(simd, byte);
    let has = |class: u8x64<S>, bits: u8| !(class & byte(bits)).simd_eq(byte(0));
    let quotes = (own.simd_eq(byte(b'"')) | own.simd_eq(byte(b'\''))) & has(behind, BEHIND_QUOTE);
    let equals = own.simd_eq(byte(b'=')) & has(behind, BEHIND_EQUALS);
    let other = next.simd_eq(byte(b'(')) | next.simd_eq(byte(b'b'));
    let commas = own.simd_eq(byte(b',')) & (has(behind, BEHIND_COMMA) | other);
    let wide = own.bitcast::<i8x64<S>>().simd_lt(i8x64::splat(simd, 0));
    let within = |first: u8, count: u8| (own - byte(first)).simd_lt(byte(count));
    let capitals = within(b'A', 26) | within(b'0', 10);
    Masks {
        words: has(class, WORD).to_bitmask(),
        breaks: (has(class, BREAK) | own.simd_eq(byte(b'_'))).to_bitmask(),
        capitals: capitals.to_bitmask(),
        signs: (quotes | equals | has(class, FEW)).to_bitmask(),
        commas: commas.to_bitmask(),
        wide: wide.to_bitmask() != 0,
        rare: has(class, RARE).to_bitmask() != 0,
    }
}

/// The bits of each byte. Rows that are not ASCII have none, whatever the column says.
#[expect(clippy::inline_always, reason = "only so is it compiled for each level")]
#[inline(always)]
fn class<S: Simd>(simd: S, bytes: u8x64<S>, halves: &Halves) -> u8x64<S> {
    let [rows, columns] = halves.map(|half| u8x64::block_splat(u8x16::from_slice(simd, &half)));
    let columns = columns.swizzle_dyn_within_blocks(bytes & u8x64::splat(simd, 0x0f));
    rows.swizzle_dyn_within_blocks(bytes >> 4) & columns
}
