//! Mails with attachments, and boxes of mails.
//!
//! In: a mail, or several. Out: each attachment, decoded, by its name; then the mail as it stands, with the lines of
//! what was handed out left empty, so that its places are those of the file. Parts without a name are left to the
//! decoders, which lead back to the bytes they read.

use std::io;

use super::{Meter, Sink};
use crate::decode::hex;

/// Bytes in which a mail shows that it is one.
const HEAD: usize = 64 << 10;
/// Boundaries of parts inside each other.
const DEPTH: usize = 32;
/// Longest header that is kept.
const HEADER: usize = 64 << 10;

/// Fields of which a mail's header has some.
const FIELDS: &[&[u8]] = &[
    b"from",
    b"to",
    b"subject",
    b"date",
    b"received",
    b"message-id",
    b"mime-version",
    b"return-path",
];

/// Whether `head` begins a mail that has parts.
pub(super) fn is_mail(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD)];
    let boxed = head.starts_with(b"From ");
    let mut known = 0;
    for line in head.split(|b| *b == b'\n').skip(usize::from(boxed)).take(200) {
        let line = line.trim_ascii_end();
        match memchr::memchr(b':', line) {
            _ if line.is_empty() => break,
            _ if line.starts_with(b" ") || line.starts_with(b"\t") => {}
            Some(colon)
                if line[..colon].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-') =>
            {
                known += usize::from(
                    FIELDS.iter().any(|field| line[..colon].eq_ignore_ascii_case(field)),
                );
            }
            _ => return false,
        }
    }
    known >= 2 && (has(head, b"multipart/") || has(head, b"Content-Transfer-Encoding: base64"))
}

/// Whether a word stands in a text, in small letters or as it is.
fn has(text: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(text, word).is_some()
        || memchr::memmem::find(text, &word.to_ascii_lowercase()).is_some()
}

/// Hands out the attachments of a mail, and then the mail.
pub(super) fn walk(file: &[u8], meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    let mut rest = file.to_vec();
    let mut reader = Reader { file, at: 0, boundaries: Vec::new() };
    while reader.at < file.len() {
        if sink.stopped() || meter.is_spent() {
            return Ok(());
        }
        let header = reader.header();
        let start = reader.at;
        let nested = field(&header, b"content-type")
            .is_some_and(|kind| kind.len() >= 8 && kind[..8].eq_ignore_ascii_case(b"message/"));
        if let Some(boundary) = boundary(&header).filter(|_| reader.boundaries.len() < DEPTH) {
            reader.boundaries.push(boundary);
        } else if nested {
            // What follows is the header of another mail.
            continue;
        }
        reader.body();
        let body = start..reader.at;
        reader.skip_boundary();
        if let Some(name) = name(&header)
            && let Some(bytes) = decode(&header, &file[body.clone()])
        {
            meter.enter()?;
            sink.part(Some(&name), &mut meter.unpacking(&mut &bytes[..]));
            for byte in rest[body].iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
                *byte = b' ';
            }
        }
    }
    sink.plain(&mut &rest[..]);
    if reader.boundaries.is_empty() { Ok(()) } else { Err(io::Error::other("the mail breaks off")) }
}

/// Reads a mail line by line.
struct Reader<'m> {
    file: &'m [u8],
    at: usize,
    boundaries: Vec<Vec<u8>>,
}

impl<'m> Reader<'m> {
    /// The next line, with its end.
    fn line(&self) -> &'m [u8] {
        let rest = &self.file[self.at..];
        &rest[..memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)]
    }

    /// The fields of a header, folded lines put together.
    fn header(&mut self) -> Vec<Vec<u8>> {
        let mut fields: Vec<Vec<u8>> = Vec::new();
        let mut kept = 0;
        while self.at < self.file.len() {
            let line = self.line();
            self.at += line.len();
            let text = line.trim_ascii_end();
            if text.is_empty() {
                break;
            }
            kept += text.len();
            if kept > HEADER {
                continue;
            }
            match fields.last_mut().filter(|_| line.starts_with(b" ") || line.starts_with(b"\t")) {
                Some(last) => last.extend_from_slice(text),
                None => fields.push(text.to_vec()),
            }
        }
        fields
    }

    /// Passes over a body, up to a boundary or the next mail of a box.
    fn body(&mut self) {
        while self.at < self.file.len() {
            let line = self.line();
            if line.starts_with(b"From ") && self.at > 1 && self.file[..self.at].ends_with(b"\n\n")
            {
                self.boundaries.clear();
                return;
            }
            if self.boundary(line).is_some() {
                return;
            }
            self.at += line.len();
        }
    }

    /// Which boundary a line is, and whether it is the last of its kind.
    fn boundary(&self, line: &[u8]) -> Option<(usize, bool)> {
        let text = line.strip_prefix(b"--")?.trim_ascii_end();
        let found = self.boundaries.iter().rposition(|boundary| text.starts_with(boundary))?;
        match &text[self.boundaries[found].len()..] {
            b"" => Some((found, false)),
            b"--" => Some((found, true)),
            _ => None,
        }
    }

    /// Moves into the next part, or out of those that end here.
    fn skip_boundary(&mut self) {
        while self.at < self.file.len() {
            let line = self.line();
            match self.boundary(line) {
                Some((found, false)) => {
                    self.boundaries.truncate(found + 1);
                    self.at += line.len();
                    return;
                }
                Some((found, true)) => {
                    self.boundaries.truncate(found);
                    self.at += line.len();
                    self.body();
                }
                None => return,
            }
        }
    }
}

/// What a field of a header says.
fn field<'h>(header: &'h [Vec<u8>], name: &[u8]) -> Option<&'h [u8]> {
    header.iter().find_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        line[..colon].eq_ignore_ascii_case(name).then(|| line[colon + 1..].trim_ascii())
    })
}

/// A parameter of a field: `name="a b"`.
fn parameter(field: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    field.split(|b| *b == b';').skip(1).find_map(|part| {
        let part = part.trim_ascii();
        let equals = memchr::memchr(b'=', part)?;
        let value = part[equals + 1..].trim_ascii();
        let value = value
            .strip_prefix(b"\"")
            .map_or(value, |rest| rest.split(|b| *b == b'"').next().unwrap_or_default());
        part[..equals].trim_ascii().eq_ignore_ascii_case(name).then(|| value.to_vec())
    })
}

/// What parts the bodies of a mail with several.
fn boundary(header: &[Vec<u8>]) -> Option<Vec<u8>> {
    let kind = field(header, b"content-type")?;
    let many = kind.get(..10)?.eq_ignore_ascii_case(b"multipart/");
    parameter(kind, b"boundary").filter(|boundary| many && !boundary.is_empty())
}

/// The name of an attachment. One in another charset is written in a way of its own, which is kept.
fn name(header: &[Vec<u8>]) -> Option<Vec<u8>> {
    let of = |at: &[u8], name: &[u8]| field(header, at).and_then(|field| parameter(field, name));
    of(b"content-disposition", b"filename")
        .or_else(|| of(b"content-disposition", b"filename*"))
        .or_else(|| of(b"content-disposition", b"filename*0"))
        .or_else(|| of(b"content-type", b"name"))
        .filter(|name| !name.is_empty())
}

/// What a body stands for; `None` where it stands for itself.
fn decode(header: &[Vec<u8>], body: &[u8]) -> Option<Vec<u8>> {
    let encoding = field(header, b"content-transfer-encoding")?.to_ascii_lowercase();
    match &encoding[..] {
        b"base64" => {
            let letters: Vec<u8> = body
                .iter()
                .copied()
                .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
                .collect();
            // Of a letter that is left over nothing can be made.
            let whole = if letters.len() % 4 == 1 { letters.len() - 1 } else { letters.len() };
            LENIENT.decode(&letters[..whole]).ok()
        }
        b"quoted-printable" => Some(printable(body)),
        _ => None,
    }
}

/// Base64 without padding, whose last bits may be anything.
static LENIENT: std::sync::LazyLock<data_encoding::Encoding> = std::sync::LazyLock::new(|| {
    let mut rules = data_encoding::BASE64_NOPAD.specification();
    rules.check_trailing_bits = false;
    rules.encoding().expect("the rules of base64 but for one")
});

/// What quoted-printable stands for.
fn printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memchr::memchr(b'=', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = match &rest[at + 1..] {
            [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] => rest,
            [high, low, rest @ ..] if hex::only(&[*high, *low]) => {
                out.push(hex::byte([*high, *low]));
                rest
            }
            rest => {
                out.push(b'=');
                rest
            }
        };
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_known_by_their_header() {
        let mail =
            b"From: a@example.org\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n";
        assert!(is_mail(mail));
        assert!(is_mail(&[&b"From a@example.org Sat\n"[..], mail].concat()));
        assert!(!is_mail(b"From: a\nSubject: x\n\na plain text\n"));
        assert!(!is_mail(b"from: a\nto: b\nkey: value\n\nmultipart x"));
        assert!(!is_mail(b"A text that speaks of multipart/mixed: it is none\n\n"));
        assert!(!is_mail(b"From 0123 Mon Sep 17\nFrom: a\nSubject: [PATCH]\n\ndiff\n"));
    }

    #[test]
    fn parameters_may_be_quoted() {
        let field = b"attachment; filename=\"a b.txt\"; size=3";
        assert_eq!(parameter(field, b"filename").as_deref(), Some(&b"a b.txt"[..]));
        assert_eq!(parameter(field, b"size").as_deref(), Some(&b"3"[..]));
        assert_eq!(parameter(field, b"name"), None);
    }

    #[test]
    fn printable_text_is_decoded() {
        assert_eq!(printable(b"a=3Db=\nc=\r\nd =zz="), b"a=bcd =zz=");
    }
}
