//! The markers of allow comments, in every spelling.
//!
//! In: nothing. Out: what to look for in a text, which line each marker speaks of, and the grammar it follows.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Which line a comment speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Its own.
    Same,
    /// The one below it.
    Next,
    /// Both.
    Either,
}

/// The grammar that a marker follows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grammar {
    /// It counts wherever it stands.
    Anywhere,
    /// It counts as a word of its own.
    Word,
    /// detect-secrets' comments.
    Pragma,
    /// secretlint's, with an optional list of its rules.
    Secretlint,
    /// Our own.
    Own,
}

/// One marker.
#[derive(Debug)]
pub(super) struct Marker {
    pub(super) text: &'static str,
    pub(super) reach: Reach,
    pub(super) grammar: Grammar,
}

const fn marker(text: &'static str, reach: Reach, grammar: Grammar) -> Marker {
    Marker { text, reach, grammar }
}

/// Every marker.
pub(super) static MARKERS: [Marker; 11] = [
    marker("leakstop:allow", Reach::Same, Grammar::Own),
    marker("gitleaks:allow", Reach::Same, Grammar::Anywhere),
    marker("betterleaks:allow", Reach::Same, Grammar::Anywhere),
    marker("kingfisher:ignore", Reach::Either, Grammar::Anywhere),
    marker("trufflehog:ignore", Reach::Same, Grammar::Anywhere),
    marker("pragma: allowlist secret", Reach::Same, Grammar::Pragma),
    marker("pragma: whitelist secret", Reach::Same, Grammar::Pragma),
    marker("pragma: allowlist nextline secret", Reach::Next, Grammar::Pragma),
    marker("secretlint-disable-line", Reach::Same, Grammar::Secretlint),
    marker("secretlint-disable-next-line", Reach::Next, Grammar::Secretlint),
    marker("ggignore", Reach::Same, Grammar::Word),
];

/// Every way of writing a marker, and the marker it is.
pub(super) static SPELLINGS: LazyLock<Vec<(String, &'static Marker)>> = LazyLock::new(|| {
    let spelled =
        |marker: &'static Marker| spellings(marker.text).into_iter().map(move |s| (s, marker));
    MARKERS.iter().flat_map(spelled).collect()
});

/// Finds the [`SPELLINGS`].
pub(super) static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(SPELLINGS.iter().map(|(written, _)| written))
        .expect("a few short literals make a small automaton")
});

/// How a marker may be written. detect-secrets takes dashes for the blanks between its words, and none after its colon.
fn spellings(text: &str) -> Vec<String> {
    let Some(words) = text.strip_prefix("pragma: ") else { return vec![text.to_owned()] };
    let heads = vec!["pragma: ".to_owned(), "pragma:".to_owned()];
    words.split(' ').enumerate().fold(heads, |known, (number, word)| {
        let gaps: &[&str] = if number == 0 { &[""] } else { &[" ", "-"] };
        let longer =
            |head: &String| gaps.iter().map(|gap| format!("{head}{gap}{word}")).collect::<Vec<_>>();
        known.iter().flat_map(longer).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pragmas_have_blanks_or_dashes() {
        let pragma = ["allowlist", "secret"].join(" ");
        let pragma = spellings(&format!("pragma: {pragma}"));
        assert_eq!(pragma.len(), 4);
        assert!(pragma.contains(&["pragma:allowlist", "secret"].join("-")));
        assert_eq!(spellings("ggignore"), ["ggignore"]);
        assert_eq!(SPELLINGS.len(), MARKERS.len() - 3 + 4 + 4 + 8);
    }
}
