//! JSON for programs and terminals alike.
//!
//! In: what serde writes, a whole piece of text at a time. Out: the same JSON with characters that steer a terminal or
//! turn the order of text around as escapes; JSON itself asks for that below U+0020 only. Such characters stand in
//! strings alone, where an escape is the same character.

use std::io::{self, BufWriter, Write};

use serde::{Serialize, Serializer};

use super::words::steers;

/// Writes `value` over several lines.
pub(super) fn pretty(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut out = BufWriter::new(Plain(out));
    serde_json::to_writer_pretty(&mut out, value)?;
    out.flush()
}

/// Writes `value` on one line.
pub(super) fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut out = BufWriter::new(Plain(out));
    serde_json::to_writer(&mut out, value)?;
    out.flush()
}

/// A list whose items are made while it is written.
pub(super) struct Each<F>(pub(super) F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq((self.0)())
    }
}

/// Takes whole pieces of text, as many at a time as may be: a buffer in front of it parts none.
struct Plain<'w>(&'w mut dyn Write);

impl Write for Plain<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_ascii() && memchr::memchr(0x7f, bytes).is_none() {
            self.0.write_all(bytes)?;
            return Ok(bytes.len());
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if text.contains(marks) => {
                for part in text.split_inclusive(marks) {
                    let last = part.chars().next_back().filter(|&sign| marks(sign));
                    let kept = last.map_or(part.len(), |sign| part.len() - sign.len_utf8());
                    self.0.write_all(&part.as_bytes()[..kept])?;
                    if let Some(sign) = last {
                        write!(self.0, "\\u{:04x}", u32::from(sign))?;
                    }
                }
            }
            _ => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// What JSON leaves as it is; the others serde has escaped, and line ends between values are none of ours.
fn marks(sign: char) -> bool {
    sign >= '\u{7f}' && steers(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_is_read_back() {
        let text = "a\u{9b}31mb\u{7f}\u{202e}c\u{2069}ü\n\u{85}";
        let (mut one, mut other) = (Vec::new(), Vec::new());
        pretty(&mut one, &text).unwrap();
        line(&mut other, &text).unwrap();
        assert_eq!(one, other);
        let written = String::from_utf8(one).unwrap();
        assert_eq!(written, r#""a\u009b31mb\u007f\u202ec\u2069ü\n\u0085""#);
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
