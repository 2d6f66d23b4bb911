//! Text written in base32.
//!
//! In: a view. Out: what its long runs of capitals and the digits 2 to 7 stand for, where that is text.

use super::map::Draft;
use super::readable::readable;
use super::{Found, View};
use crate::text::Span;

/// Fewest characters; a shorter run is a name or a key.
const MIN: usize = 32;

/// Finds and decodes base32.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let text = view.text();
    for word in view.words() {
        let run = &text[word.range()];
        if run.len() >= MIN && view.owns(*word) && run.iter().all(|b| value(*b).is_some()) {
            // Of a value whose start is out of sight, nobody knows which characters make a group.
            let shifts = if view.cuts(word.start) { 8 } else { 1 };
            for shift in 0..shifts {
                decode(text, Span::new(word.start + shift, word.end), found);
            }
        }
    }
}

fn decode(text: &[u8], run: Span, found: &mut Found) {
    let groups = found.allow(run.len() / 8 * 5) / 5;
    let mut draft = Draft::default();
    let (whole, rest) = text[run.range()].as_chunks::<8>();
    let out = draft.units(run.start, (5, 8));
    out.extend(whole.iter().take(groups).flat_map(|group| bytes(*group)));
    if !readable(draft.bytes()) {
        return;
    }
    let mut end = run.start + 8 * groups.min(whole.len());
    if groups >= whole.len() && rest.len() > 1 {
        let mut group = [b'A'; 8];
        group[..rest.len()].copy_from_slice(rest);
        let size = rest.len() * 5 / 8;
        let padding = text[run.end..].iter().take(8 - rest.len()).take_while(|b| **b == b'=');
        let padded = run.end + padding.count();
        draft.units(end, (size, padded - end)).extend_from_slice(&bytes(group)[..size]);
        end = padded;
    }
    found.push(draft, Span::new(run.start, end));
}

/// The five bytes that eight characters stand for.
fn bytes(group: [u8; 8]) -> [u8; 5] {
    let bits = group.iter().fold(0, |bits, &b| bits << 5 | u64::from(value(b).unwrap_or(0)));
    let [_, _, _, out @ ..] = bits.to_be_bytes();
    out
}

const fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}
