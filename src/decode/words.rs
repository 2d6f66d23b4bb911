//! Long runs of the characters that base64 and hex are written in.
//!
//! Runs of at least [`MIN`] letters, digits and `+/-_`, which `marks` finds. Names and paths in ordinary
//! text are such runs too, but mostly in small letters: those without a capital or a digit are left out. What
//! counts as a run depends on its own bytes and its neighbours, not on where it stands in the text.
//!
//! In: text. Out: how long the run is that it begins with.

/// Shortest run worth decoding.
pub(super) const MIN: usize = 24;

/// For each byte, whether it is a letter, a digit or one of `+/-_`.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] =
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    table
};

/// Length of the run at the start of `text`.
pub(super) fn length(text: &[u8]) -> usize {
    text.iter().position(|&b| !WORD[usize::from(b)]).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::marks::Marks;
    use crate::text::Span;

    fn find(text: &[u8]) -> Vec<Span> {
        Marks::new(text).words.iter().map(|word| word.span).collect()
    }

    /// The same, one byte at a time.
    fn plainly(text: &[u8]) -> Vec<Span> {
        let mut runs = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let run = length(&text[at..]);
            if run >= MIN {
                runs.push(Span::new(at, at + run));
            }
            at += run.max(1);
        }
        runs
    }

    #[test]
    fn where_a_run_stands_does_not_matter() {
        let run = "a-path/of-small/letters-and/one_Capital-only";
        for lead in 0..40 {
            let text = format!("{} {run} {}", ".".repeat(lead), run.to_lowercase());
            assert_eq!(find(text.as_bytes()), [Span::new(lead + 1, lead + 1 + run.len())]);
        }
    }

    #[test]
    fn runs_are_found_wherever_they_start() {
        for lead in 0..40 {
            for run in MIN - 2..MIN + 40 {
                let mut text = vec![b' '; lead];
                text.resize(lead + run, b'X');
                assert_eq!(find(&text), plainly(&text), "{lead} {run}");
                text.extend_from_slice(b",ABCDEFGHIJKLMNOPQRSTUVWXYZ0");
                assert_eq!(find(&text), plainly(&text), "{lead} {run}");
            }
        }
    }

    #[test]
    fn the_alphabet_is_what_it_says() {
        let alphabet: Vec<u8> = (0..=255).filter(|&b| WORD[usize::from(b)]).collect();
        assert_eq!(alphabet.len(), 66);
    }
}
