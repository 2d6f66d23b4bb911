//! The text that a stream of a PDF draws.
//!
//! In: the stream's contents. Out: its text, a line for each line that is drawn. A word is often drawn in pieces, with
//! the room between two letters corrected: these are put together.

use std::ops::Range;

use super::dictionary::is_regular;
use super::font::{Fonts, Table};

/// Room that parts two words, in thousandths of the font's size.
const ROOM: f64 = -180.0;
/// Operands that are kept for an operator.
const OPERANDS: usize = 8;

/// Whether a stream draws text.
pub(super) fn draws(contents: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(contents, word).is_some();
    has(b"BT") && (has(b"Tj") || has(b"TJ") || has(b"'") || has(b"\""))
}

/// The text, with the fonts of one variant, and where it stands in the contents.
pub(super) fn drawn(
    contents: &[u8],
    fonts: &Fonts,
    variant: usize,
) -> (Vec<u8>, Vec<Range<usize>>) {
    let mut page = Page {
        out: Vec::new(),
        spans: Vec::new(),
        fonts,
        variant,
        table: None,
        line: Line::default(),
    };
    let mut reader = Reader { contents, at: 0 };
    let (mut numbers, mut name, mut shown) = (Vec::new(), &b""[..], Vec::new());
    loop {
        let from = reader.at;
        let Some(token) = reader.token() else { break };
        match token {
            Token::Number(number) if numbers.len() < OPERANDS => numbers.push(number),
            Token::Number(_) => {}
            Token::Room(room) => shown.push(Piece::Room(room)),
            Token::Name(text) => name = text,
            Token::Text(text) => shown.push(Piece::Text(text, from..reader.at)),
            Token::Operator(operator) => {
                page.act(operator, &numbers, name, &shown);
                numbers.clear();
                shown.clear();
            }
        }
    }
    (page.out, page.spans)
}

/// What is shown at once.
enum Piece {
    /// A text, and where it stands.
    Text(Vec<u8>, Range<usize>),
    /// Room between two texts.
    Room(f64),
}

/// Where text is drawn.
#[derive(Default)]
struct Line {
    size: f64,
    /// Where the last text began, and how many characters have been drawn since.
    x: f64,
    y: f64,
    drawn: usize,
}

/// The text of a stream.
struct Page<'f> {
    out: Vec<u8>,
    /// Where what was drawn stands in the contents.
    spans: Vec<Range<usize>>,
    fonts: &'f Fonts,
    variant: usize,
    table: Option<&'f Table>,
    line: Line,
}

impl Page<'_> {
    /// Does what an operator says.
    fn act(&mut self, operator: &[u8], numbers: &[f64], name: &[u8], shown: &[Piece]) {
        match (operator, numbers) {
            (b"Tf", [.., size]) => {
                self.table = self.fonts.table(name, self.variant);
                self.line.size = *size;
            }
            (b"Td" | b"TD", [x, y]) => self.go(*x, *y, *x),
            (b"Tm", [a, _, _, _, x, y]) => {
                let (x, y) = (*x - self.line.x, *y - self.line.y);
                self.go(x, y, x / if *a == 0.0 { 1.0 } else { *a });
            }
            (b"T*" | b"ET" | b"BT", _) => self.end(),
            (b"Tj" | b"TJ", _) => self.show(shown),
            (b"'" | b"\"", _) => {
                self.end();
                self.show(shown);
            }
            _ => {}
        }
    }

    /// Moves on, by `wide` in the unit of the font's size. What begins where the last text ended goes on with it.
    fn go(&mut self, x: f64, y: f64, wide: f64) {
        self.line.x += x;
        self.line.y += y;
        let letters = f64::from(u32::try_from(self.line.drawn).unwrap_or(u32::MAX));
        let size = if self.line.size == 0.0 { 1.0 } else { self.line.size.abs() };
        if y.abs() > size / 4.0 || wide < 0.0 {
            self.end();
        } else if letters > 0.0 && wide / size > letters * 0.75 + 0.3 {
            self.out.push(b' ');
        }
        self.line.drawn = 0;
    }

    /// Ends a line.
    fn end(&mut self) {
        self.line.drawn = 0;
        if self.out.last().is_some_and(|last| *last != b'\n') {
            self.out.push(b'\n');
        }
    }

    fn show(&mut self, shown: &[Piece]) {
        for piece in shown {
            match piece {
                Piece::Room(room) if *room < ROOM => self.out.push(b' '),
                Piece::Room(_) => {}
                Piece::Text(text, span) => {
                    self.spans.push(span.clone());
                    let width = self.table.map_or(1, |table| table.width);
                    self.line.drawn += text.len() / width;
                    match self.table {
                        Some(table) => table.read(text, &mut self.out),
                        None => self.out.extend_from_slice(text),
                    }
                }
            }
        }
    }
}

/// A word of a stream.
enum Token<'c> {
    Number(f64),
    /// A number in a list that is shown.
    Room(f64),
    Name(&'c [u8]),
    Text(Vec<u8>),
    Operator(&'c [u8]),
}

/// Reads a stream's words.
struct Reader<'c> {
    contents: &'c [u8],
    at: usize,
}

impl<'c> Reader<'c> {
    fn token(&mut self) -> Option<Token<'c>> {
        loop {
            let rest = &self.contents[self.at..];
            let first = *rest.first()?;
            match first {
                b'(' => return Some(Token::Text(self.literal())),
                b'<' if rest.get(1) != Some(&b'<') => return Some(Token::Text(self.digits())),
                b'%' => self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
                b'/' => {
                    let length = rest[1..].iter().take_while(|b| is_regular(**b)).count();
                    self.at += 1 + length;
                    return Some(Token::Name(&rest[1..=length]));
                }
                byte if is_regular(byte) => {
                    let length = rest.iter().take_while(|b| is_regular(**b)).count();
                    self.at += length;
                    return Some(self.word(&rest[..length]));
                }
                _ => self.at += 1,
            }
        }
    }

    fn word(&self, word: &'c [u8]) -> Token<'c> {
        let number = std::str::from_utf8(word).ok().and_then(|word| word.parse::<f64>().ok());
        match number {
            // What follows tells whether it is shown: an operator of a list stands behind it.
            Some(number) if self.is_listed() => Token::Room(number),
            Some(number) => Token::Number(number),
            None => Token::Operator(word),
        }
    }

    /// Whether a text or a list's end follows.
    fn is_listed(&self) -> bool {
        let rest = self.contents[self.at..].trim_ascii_start();
        matches!(rest.first(), Some(b'(' | b']' | b'<'))
    }

    /// Reads `(text)`.
    fn literal(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut depth = 0usize;
        while let Some(&byte) = self.contents.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.escape(&mut text),
                b'(' => {
                    depth += 1;
                    if depth > 1 {
                        text.push(byte);
                    }
                }
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                    text.push(byte);
                }
                byte => text.push(byte),
            }
        }
        text
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(&byte) = self.contents.get(self.at) else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'\r' if self.contents.get(self.at) == Some(&b'\n') => self.at += 1,
            b'\n' | b'\r' => {}
            b'0'..=b'7' => {
                let rest = &self.contents[self.at - 1..];
                let count = rest.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
                let value =
                    rest[..count].iter().fold(0u32, |sum, b| sum << 3 | u32::from(b - b'0'));
                self.at += count - 1;
                text.push(value.to_le_bytes()[0]);
            }
            byte => text.push(byte),
        }
    }

    /// Reads `<text in hex>`.
    fn digits(&mut self) -> Vec<u8> {
        let rest = &self.contents[self.at + 1..];
        let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        self.at += (end + 2).min(rest.len() + 1);
        let digits: Vec<u8> = rest[..end].iter().copied().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| crate::decode::hex::byte([pair[0], *pair.get(1).unwrap_or(&b'0')]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(contents: &str) -> String {
        let (drawn, _) = drawn(contents.as_bytes(), &Fonts::default(), 0);
        String::from_utf8(drawn).expect("ASCII")
    }

    #[test]
    fn pieces_of_a_word_are_put_together() {
        assert_eq!(text("BT /F1 12 Tf (ab) Tj (cd) Tj ET"), "abcd\n");
        assert_eq!(text("BT [(a) 20 (b) -30.5 (c) -250 (d)] TJ ET"), "abc d\n");
        assert_eq!(text("BT <6162> Tj (c\\144\\)\\\n(e)) Tj ET"), "abcd)(e)\n");
    }

    #[test]
    fn lines_are_parted() {
        assert_eq!(
            text("BT /F1 10 Tf (ab) Tj 0 -12 Td (cd) Tj T* (ef) ' (gh) Tj ET"),
            "ab\ncd\nef\ngh\n".replace("ef\ngh", "efgh")
        );
    }

    #[test]
    fn what_is_drawn_side_by_side_goes_on() {
        assert_eq!(text("BT /F1 10 Tf (ab) Tj 10 0 Td (cd) Tj 40 0 Td (ef) Tj ET"), "abcd ef\n");
        assert_eq!(
            text("BT /F1 1 Tf 10 0 0 10 50 700 Tm (ab) Tj 10 0 0 10 60 700 Tm (cd) Tj ET"),
            "abcd\n"
        );
    }
}
