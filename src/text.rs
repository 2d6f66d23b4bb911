//! Places in bytes, the type that keeps a secret from being printed, and what a misspelt word may have meant.
//!
//! In: byte slices. Out: [`Span`]s, [`Position`]s (1-based lines and columns) and [`Secret`]s.
//! Every stage may use this module; it uses none of them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// Characters of a secret that are shown at most, if they are its vendor's.
const SHOWN: usize = 4;

/// A half-open range of byte offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Makes a span from its two ends.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the two spans share a byte.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The span as an index range.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A place in a text: line and column, both counted from 1, columns in Unicode scalar values.
///
/// A byte that is no UTF-8 counts as one character, so Latin-1 columns are right too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

impl Default for Position {
    fn default() -> Self {
        Self::START
    }
}

impl Position {
    /// The first character of a text.
    pub const START: Self = Self { line: 1, column: 1 };

    /// Where a reader stands after `bytes`, having started at `self`.
    ///
    /// Lines end at `\n`, at `\r\n` and at a lone `\r`. `next` is the byte that follows `bytes`,
    /// if there is one: it tells a lone `\r` from the first half of `\r\n`.
    #[must_use]
    pub fn advance(self, bytes: &[u8], next: Option<u8>) -> Self {
        let mut line = self.line;
        let mut column_from = None;
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let following = bytes.get(at + 1).copied().or(next);
            if bytes[at] == b'\r' && following == Some(b'\n') {
                continue;
            }
            line += 1;
            column_from = Some(at + 1);
        }
        match column_from {
            Some(start) => Self { line, column: 1 + characters(&bytes[start..]) },
            None => Self { line, column: self.column + characters(bytes) },
        }
    }
}

/// The offset of a position in a text; `None` where the text ends before it.
#[must_use]
pub fn place_of(text: &[u8], position: Position) -> Option<usize> {
    let mut at = 0;
    for _ in 1..position.line {
        let end = at + memchr::memchr2(b'\n', b'\r', text.get(at..)?)?;
        at = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
    }
    let mut column = 1;
    for chunk in text.get(at..)?.utf8_chunks() {
        for c in chunk.valid().chars() {
            if column == position.column {
                return Some(at);
            }
            (at, column) = (at + c.len_utf8(), column + 1);
        }
        for _ in chunk.invalid() {
            if column == position.column {
                return Some(at);
            }
            (at, column) = (at + 1, column + 1);
        }
    }
    (column == position.column).then_some(at)
}

/// Number of Unicode scalar values in `bytes`; a byte that is no UTF-8 counts as one.
fn characters(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|c| c.valid().chars().count() + c.invalid().len()).sum()
}

/// Walks forward through one text and tells the position of ascending offsets.
#[derive(Clone, Debug)]
pub struct Cursor<'t> {
    text: &'t [u8],
    offset: usize,
    position: Position,
}

impl<'t> Cursor<'t> {
    /// Starts at the head of `text`, which stands at `position` of its blob.
    #[must_use]
    pub const fn new(text: &'t [u8], position: Position) -> Self {
        Self { text, offset: 0, position }
    }

    /// Position of `offset`; offsets must not go down from call to call.
    pub fn at(&mut self, offset: usize) -> Position {
        let offset = offset.clamp(self.offset, self.text.len());
        let passed = &self.text[self.offset..offset];
        self.position = self.position.advance(passed, self.text.get(offset).copied());
        self.offset = offset;
        self.position
    }
}

/// The bytes of the line (or lines) that `span` touches, without the line end.
#[must_use]
pub fn lines_around(text: &[u8], span: Span) -> Span {
    let start = memchr::memrchr2(b'\n', b'\r', &text[..span.start]).map_or(0, |at| at + 1);
    let end =
        memchr::memchr2(b'\n', b'\r', &text[span.end..]).map_or(text.len(), |at| span.end + at);
    Span::new(start, end)
}

/// Of `among`, what a misspelt `word` may have meant: three at most, the likeliest first.
#[must_use]
pub fn nearest<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    const ALIKE: f64 = 0.8;
    let score = |other: &str| {
        let alike = strsim::jaro_winkler(word, other);
        // Part of a name is better than something like all of it.
        if word.len() > 2 && other.contains(word) { alike + 1.0 } else { alike }
    };
    let mut scored: Vec<_> = among.into_iter().map(|other| (score(other), other)).collect();
    scored.retain(|(score, _)| *score >= ALIKE);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, other)| other).collect()
}

/// A secret's bytes. Neither `Debug` nor `Display` shows them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes the bytes in.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves, for hashing and for `--show-secrets`.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// A form that is safe to show: of the first four characters those that a vendor begins all such secrets with,
    /// which `starts` lists in small letters, then asterisks. Nothing of a password is among them.
    #[must_use]
    pub fn masked(&self, starts: &[Cow<'static, str>]) -> String {
        let begins = |start: &&Cow<'static, str>| {
            let head = self.0.get(..start.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
        };
        let known = starts.iter().filter(begins).map(|start| start.len()).max();
        self.redacted(known.map_or(0, |known| known.min(SHOWN)))
    }

    /// A form that is safe to show: at most `keep` leading characters, then asterisks.
    ///
    /// Never more than a quarter of the secret is kept, and nothing of a secret under 16 bytes.
    #[must_use]
    pub fn redacted(&self, keep: usize) -> String {
        let keep = if self.0.len() < 16 { 0 } else { keep.min(self.0.len() / 4) };
        let head: String = self.0[..keep]
            .iter()
            .take_while(|b| b.is_ascii_graphic())
            .map(|&b| char::from(b))
            .collect();
        head + "****"
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_every_line_end_and_scalar() {
        let text = "a\r\nbé\rx\ny".as_bytes();
        let mut cursor = Cursor::new(text, Position::START);
        assert_eq!(cursor.at(3), Position { line: 2, column: 1 });
        assert_eq!(cursor.at(6), Position { line: 2, column: 3 });
        assert_eq!(cursor.at(7), Position { line: 3, column: 1 });
        assert_eq!(cursor.at(9), Position { line: 4, column: 1 });
    }

    #[test]
    fn offsets_and_positions_are_each_others_reverse() {
        let text = "a\r\nb\u{e9}\rx\ny".as_bytes();
        let text = [text, b"\xe9\xe8="].concat();
        for at in [0, 1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13] {
            let position = Cursor::new(&text, Position::START).at(at);
            assert_eq!(place_of(&text, position), Some(at), "{position:?}");
        }
        assert_eq!(place_of(&text, Position { line: 9, column: 1 }), None);
        assert_eq!(place_of(&text, Position { line: 4, column: 9 }), None);
    }

    #[test]
    fn latin_1_bytes_are_one_column_each() {
        let end = Position::START.advance(b"\xe9\xe8=", None);
        assert_eq!(end, Position { line: 1, column: 4 });
    }

    #[test]
    fn secrets_never_show() {
        let secret = Secret::new(b"hunter2-hunter2-hunter2");
        assert_eq!(format!("{secret:?} {secret}"), "Secret(****) ****");
        assert_eq!(secret.redacted(4), "hunt****");
        assert_eq!(Secret::new(b"hunter2").redacted(4), "****");
        let starts = ["glpat-".into(), "hu".into()];
        assert_eq!(secret.masked(&starts), "hu****");
        assert_eq!(secret.masked(&starts[..1]), "****");
    }

    #[test]
    fn misspelt_words_have_neighbours() {
        let among = ["exclude", "disable", "github-pat-classic", "gitlab-pat"];
        assert_eq!(nearest("exlude", among), ["exclude"]);
        assert_eq!(nearest("pat", among), ["github-pat-classic", "gitlab-pat"]);
        assert!(nearest("zzz", among).is_empty());
    }

    #[test]
    fn lines_around_a_span() {
        let text = b"one\ntwo three\nfour";
        assert_eq!(lines_around(text, Span::new(8, 13)), Span::new(4, 13));
    }
}
