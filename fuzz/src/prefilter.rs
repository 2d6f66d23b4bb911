//! The keyword pass beside a slow and obvious one.
//!
//! In: bytes. Out: a panic where a keyword is missed or made up. A case is one text, read by both.

use std::collections::HashMap;
use std::sync::LazyLock;

use leakstop::detect::sample::Draw;

use crate::Input;
use crate::content::THOROUGH;

/// Keywords that begin with the same three letters, each with its number.
type Group = Vec<(usize, Vec<u8>)>;

/// The groups, and for any three letters which of them begins so: a plain table, so that looking at a place costs
/// nothing beside comparing keywords. The first group is empty.
static BY_START: LazyLock<(Vec<u16>, Vec<Group>)> = LazyLock::new(|| {
    let (mut table, mut groups) = (vec![0; 1 << 24], vec![Vec::new()]);
    for (number, word) in WORDS.iter().enumerate() {
        let group = &mut table[three(word)];
        if *group == 0 {
            *group = u16::try_from(groups.len()).expect("fewer groups than keywords");
            groups.push(Vec::new());
        }
        groups[usize::from(*group)].push((number, word.clone()));
    }
    (table, groups)
});

/// The first three letters of a text as a number, without regard to case.
fn three(text: &[u8]) -> usize {
    let folded = text[..3].iter().map(|byte| usize::from(byte.to_ascii_lowercase()));
    folded.fold(0, |number, byte| number << 8 | byte)
}

/// Every keyword, in the order in which rules name them, which is that of their numbers.
static WORDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let rules = THOROUGH.rules();
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut callers: HashMap<Vec<u8>, Vec<u16>> = HashMap::new();
    for (number, rule) in (0..).zip(rules.rules()) {
        for word in rule.spec().keywords.iter() {
            let word = word.as_bytes().to_vec();
            let called = callers.entry(word.clone()).or_default();
            if called.is_empty() {
                words.push(word);
            }
            called.push(number);
        }
    }
    assert_eq!(words.len(), rules.prefilter().count());
    for (number, word) in words.iter().enumerate() {
        assert_eq!(callers[word], rules.called_by(number));
    }
    words
});

/// Where which keyword stands: at every place, every keyword that begins with the letters there is compared.
fn slow(text: &[u8], hits: &mut Vec<(usize, usize)>) {
    let (table, groups) = &*BY_START;
    for (at, start) in text.windows(3).enumerate() {
        for (number, word) in &groups[usize::from(table[three(start)])] {
            let here = text.get(at..at + word.len());
            let same = here.is_some_and(|here| here.eq_ignore_ascii_case(word));
            // A keyword of three is no part of a token before what is no ASCII.
            let next = text.get(at + word.len()).is_none_or(u8::is_ascii);
            if same && (word.len() > 3 || next) {
                hits.push((at, *number));
            }
        }
    }
    hits.sort_unstable();
}

fn quick(text: &[u8], hits: &mut Vec<(usize, usize)>) {
    THOROUGH.rules().prefilter().each(text, |hit| hits.push((hit.at, hit.keyword)));
    hits.sort_unstable();
}

/// Reads texts with both, reusing memory.
#[derive(Default)]
struct Pair {
    slow: Vec<(usize, usize)>,
    quick: Vec<(usize, usize)>,
}

impl Pair {
    fn compare(&mut self, text: &[u8]) -> usize {
        self.slow.clear();
        self.quick.clear();
        slow(text, &mut self.slow);
        quick(text, &mut self.quick);
        assert_eq!(self.slow, self.quick, "{:?}", String::from_utf8_lossy(text));
        self.slow.len()
    }
}

/// The input as it is, and keywords that it tells how to change.
pub(crate) fn differs(bytes: &[u8]) {
    let mut pair = Pair::default();
    pair.compare(bytes);
    let mut input = Input(bytes);
    let mut text = Vec::new();
    while !input.0.is_empty() {
        let mut word = WORDS[input.short() % WORDS.len()].clone();
        let (how, place) = (input.byte(), usize::from(input.byte()));
        let place = place % word.len();
        match how % 8 {
            0 => word[place] = input.byte(),
            1 => word.truncate(place),
            2 => drop(word.drain(..place)),
            3 => word.insert(place, input.byte()),
            4 => word.make_ascii_uppercase(),
            5 => word[place..].make_ascii_uppercase(),
            6 => word = input.take(place).to_vec(),
            _ => {}
        }
        text.extend(word);
    }
    pair.compare(&text);
}

/// Compares `cases` texts made of keywords, changed at random, from `seed` on; gives how many keywords stood in them.
#[must_use]
pub fn cases(seed: u64, cases: u64) -> u64 {
    let mut draw = Draw::seeded(seed);
    let (mut pair, mut text, mut hits) = (Pair::default(), Vec::new(), 0);
    for _ in 0..cases {
        text.clear();
        let pieces = 1 + draw.below(3);
        for _ in 0..pieces {
            piece(&mut draw, &mut text);
        }
        hits += pair.compare(&text) as u64;
    }
    hits
}

/// Adds a keyword, changed in one of many ways, or noise.
fn piece(draw: &mut Draw, text: &mut Vec<u8>) {
    let start = text.len();
    let word = &WORDS[draw.below(WORDS.len())];
    text.extend_from_slice(word);
    let byte = u8::try_from(draw.below(256)).expect("a byte");
    let place = start + draw.below(word.len());
    match draw.below(16) {
        0 => text[place] ^= 1 << (byte % 8),
        1 => text[place] = byte,
        2 => text.truncate(place),
        3 => drop(text.drain(start..place)),
        4 => text.insert(place, byte),
        5 => text[start..].make_ascii_uppercase(),
        6 => text[place..].make_ascii_uppercase(),
        7 => text[place].make_ascii_uppercase(),
        8 => text.push(byte),
        9 => text.insert(start, byte),
        10 => {
            text.remove(place);
        }
        11 if place > start => text.swap(place, place - 1),
        12 => {
            text.truncate(start);
            let length = draw.below(12);
            text.extend(draw.bytes(length));
        }
        // The keyword pass works in blocks.
        13 if byte < 2 => {
            let length = 980 + draw.below(60);
            text.splice(start..start, std::iter::repeat_n(b'.', length));
        }
        _ => {}
    }
}
