//! The body of an armoured block, wherever somebody pasted it.
//!
//! In: the text between a block's `BEGIN` and `END` lines: plain, indented, commented out, on one line
//! with escaped line ends, or split into quoted strings. Out: a [`Body`], the bytes its base64 stands for.

use data_encoding::BASE64_NOPAD;

/// A run of base64 characters shorter than this is a word of the surroundings, unless it comes last.
const SHORTEST_LINE: usize = 16;

/// What the lines of a block stand for.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The decoded bytes.
    pub(super) bytes: Vec<u8>,
    /// How many base64 characters they were decoded from.
    pub(super) characters: usize,
    /// The checksum line of `OpenPGP` armour.
    pub(super) crc: Option<[u8; 3]>,
    /// Whether dots say that something was left out.
    pub(super) elided: bool,
}

impl Body {
    /// Reads the text between the two marker lines.
    pub(super) fn read(text: &[u8]) -> Self {
        let mut reader = Reader::default();
        let mut at = 0;
        while at < text.len() {
            at += reader.step(&text[at..]);
        }
        reader.finish()
    }

    /// Whether there is enough of a body to be worth something although its end is missing:
    /// four lines' worth.
    pub(super) const fn substantial(&self) -> bool {
        self.characters >= 4 * 60
    }

    /// Whether the bytes are as varied as key material is.
    pub(super) fn varied(&self) -> bool {
        let mut seen = [false; 256];
        for &byte in &self.bytes {
            seen[usize::from(byte)] = true;
        }
        let distinct = seen.iter().filter(|&&s| s).count();
        distinct * 4 >= self.bytes.len().min(96)
    }
}

/// Collects the base64 lines of a body.
#[derive(Default)]
struct Reader {
    /// Lines taken for good.
    taken: Vec<u8>,
    /// A short run, good only if nothing but the end follows.
    tail: Vec<u8>,
    /// The run being read.
    run: Vec<u8>,
    /// In a `Name: value` line, which is no part of the body.
    header: bool,
    /// Padding has been seen: only a checksum may follow.
    closed: bool,
    crc: Option<[u8; 3]>,
    elided: bool,
}

impl Reader {
    /// Takes what stands at the head of `text`; returns its length, at least 1.
    fn step(&mut self, text: &[u8]) -> usize {
        match text[0] {
            b'\\' => return self.escape(text),
            b'\n' | b'\r' => self.end_line(),
            b'=' => return self.padding(text),
            b':' => {
                self.run.clear();
                self.header = true;
            }
            b'.' if text.starts_with(b"...") => self.elide(),
            0xE2 if text.starts_with("…".as_bytes()) => self.elide(),
            byte if is_base64(byte) => self.run.push(byte),
            _ => self.end_run(),
        }
        1
    }

    /// Backslashes before a letter stand for a line end; before a slash or a `+` for nothing.
    fn escape(&mut self, text: &[u8]) -> usize {
        let slashes = text.iter().take_while(|&&b| b == b'\\').count();
        match text.get(slashes) {
            Some(b'n' | b'r') => self.end_line(),
            Some(b't') => self.end_run(),
            Some(b'/' | b'+' | b'=') => return slashes,
            _ => {
                self.end_run();
                return slashes;
            }
        }
        slashes + 1
    }

    /// `=` ends the base64 text; at the start of a line it opens the checksum.
    fn padding(&mut self, text: &[u8]) -> usize {
        if self.run.is_empty() {
            let sum = text
                .get(1..5)
                .and_then(|sum| BASE64_NOPAD.decode(sum).ok())
                .and_then(|sum| <[u8; 3]>::try_from(sum).ok());
            if sum.is_some() && !self.taken.is_empty() {
                self.crc = sum;
                self.closed = true;
                return 5;
            }
            return 1;
        }
        let last = !self.header && (!self.taken.is_empty() || self.run.len() >= SHORTEST_LINE);
        self.end_run();
        self.closed |= last;
        // The second `=` of the padding must not pass for a checksum line.
        1 + usize::from(text.get(1) == Some(&b'='))
    }

    fn elide(&mut self) {
        self.elided = true;
        self.end_run();
    }

    fn end_line(&mut self) {
        self.end_run();
        self.header = false;
    }

    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        let joint = run.len() <= 3 && run.iter().all(|b| matches!(b, b'+' | b'/'));
        if self.header || self.closed || joint {
            return;
        }
        if run.len() >= SHORTEST_LINE {
            self.tail.clear();
            self.taken.extend_from_slice(&run);
        } else if self.tail.is_empty() {
            self.tail = run;
        }
    }

    fn finish(mut self) -> Body {
        self.end_run();
        if !self.taken.is_empty() {
            self.taken.append(&mut self.tail);
        }
        Body {
            bytes: decode(&self.taken),
            characters: self.taken.len(),
            crc: self.crc,
            elided: self.elided,
        }
    }
}

/// Decodes what it can: an incomplete last group is given up, not the whole.
fn decode(text: &[u8]) -> Vec<u8> {
    let whole = text.len() - text.len() % 4;
    BASE64_NOPAD.decode(text).or_else(|_| BASE64_NOPAD.decode(&text[..whole])).unwrap_or_default()
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The text between `BEGIN …` and `END …`, and whether the end marker is there.
///
/// `dashes` are those of one marker side: five for PEM and `OpenPGP`, four for SSH2.
pub(super) fn inner<'a>(block: &'a [u8], dashes: &str) -> Option<(&'a [u8], bool)> {
    let dashes = dashes.as_bytes();
    let label = memchr::memmem::find(block, b"BEGIN")?;
    let opened = label + memchr::memmem::find(&block[label..], dashes)? + dashes.len();
    let rest = &block[opened..];
    let end = memchr::memmem::find(rest, dashes);
    Some((&rest[..end.unwrap_or(rest.len())], end.is_some()))
}

/// A block in lines of 64 characters, which end in `line`.
pub(super) fn wrap(label: &str, text: &str, line: &str) -> String {
    let mut block = format!("-----BEGIN {label}-----{line}");
    for part in text.as_bytes().chunks(64) {
        block.push_str(&String::from_utf8_lossy(part));
        block.push_str(line);
    }
    block + &format!("-----END {label}-----")
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;

    use super::*;

    /// 96 bytes that no two lines of share a prefix.
    fn bytes() -> Vec<u8> {
        (0u8..96).map(|n| n.wrapping_mul(89) ^ 0x5A).collect()
    }

    fn lines(end: &str) -> String {
        let text = BASE64.encode(&bytes());
        format!("{}{end}{}{end}", &text[..64], &text[64..])
    }

    #[test]
    fn every_way_of_pasting_reads_the_same() {
        let quoted = lines("\\n\" +\n    \"");
        for text in [
            lines("\n"),
            lines("\r\n    "),
            lines("\\n"),
            lines("\\\\r\\\\n"),
            lines("\n# "),
            lines("\n // "),
            lines(" "),
            quoted.replace('/', "\\/"),
            format!(" fake\\n\"\n + \"{quoted}"),
            format!("Version: GnuPG\nComment: a b c\n\n{}", lines("\n")),
        ] {
            assert_eq!(Body::read(text.as_bytes()).bytes, bytes(), "{text}");
        }
    }

    #[test]
    fn the_checksum_line_is_no_part_of_the_body() {
        let body = Body::read(format!("{}=AAEC\n", lines("\n")).as_bytes());
        assert_eq!(body.bytes, bytes());
        assert_eq!(body.crc, Some([0, 1, 2]));
    }

    #[test]
    fn dots_leave_something_out() {
        let body = Body::read(b"MIIE...");
        assert!(body.elided);
        assert!(!body.substantial());
        assert!(body.bytes.is_empty());
    }

    #[test]
    fn one_repeated_text_is_no_key_material() {
        let body = Body::read("s3cr3t".repeat(40).as_bytes());
        assert!(!body.varied());
    }
}
