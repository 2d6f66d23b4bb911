//! Characters in UTF-7: `+AD0-`, base64 of UTF-16 between `+` and `-`.
//!
//! In: a view. Out: its stretches with several of them close together on one line, decoded.

use super::marks::Sign;
use super::notation::{self, Escape, Notation};
use super::readable::printable;
use super::{Found, View, base64, words};

const UTF7: Notation = Notation::on_a_line(b'+', read);

/// Finds and decodes stretches in UTF-7.
pub(super) fn find(view: &View<'_>, found: &mut Found) {
    let starts = view.marks().of(Sign::Utf7);
    notation::find(&UTF7, starts, view, found);
}

/// Reads up to three characters: 4, 6 or 8 of base64.
fn read(text: &[u8]) -> Option<Escape> {
    let digits = text[1..].iter().take(9).position(|byte| *byte == b'-')?;
    let units = match digits {
        3 => 1,
        6 => 2,
        8 => 3,
        _ => return None,
    };
    let mut groups = [b'A'; 8];
    groups[..digits].copy_from_slice(&text[1..=digits]);
    if words::length(&groups) < groups.len() {
        return None;
    }
    let (groups, _) = groups.as_chunks::<4>();
    let bytes = [base64::triple(groups[0]), base64::triple(groups[1])];
    let (pairs, _) = bytes.as_flattened().as_chunks::<2>();
    // What is written so in plain text is ASCII.
    let plain = |pair: &[u8; 2]| (pair[0] == 0 && printable(pair[1])).then_some(pair[1]);
    let mut out = [0; 3];
    for (out, pair) in out.iter_mut().zip(&pairs[..units]) {
        *out = plain(pair)?;
    }
    Some(Escape::bytes(&out[..units], digits + 2, 2))
}
