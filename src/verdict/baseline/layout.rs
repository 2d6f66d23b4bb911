//! JSON as the two formats lay it out.
//!
//! In: bytes or values. Out: values or bytes. Python writes a path that is no UTF-8 as lone
//! surrogates (`\udce9` for the byte `e9`), which Rust strings cannot hold; in memory the last 128
//! code points of the last private plane, U+10FF80 on, stand for them.

use std::borrow::Cow;
use std::io::{self, Write};

use bstr::{BStr, BString, ByteSlice};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use serde_json::{Map, Value};

use super::error::Fault;

/// Added to a byte from 80 to ff, the code point that stands for it.
const STRAY: u32 = 0x0010_FF00;

/// Reads a JSON object.
pub(super) fn read(bytes: &[u8]) -> Result<Map<String, Value>, Fault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice(&adopt(bytes)) {
        Ok(Value::Object(root)) => Ok(root),
        Ok(_) => Err(Fault::Unknown),
        Err(problem) => {
            let marker = bytes.lines().position(|l| l.starts_with(b"<<<<<<< "));
            Err(marker.map_or_else(
                || Fault::Syntax(problem.to_string()),
                |line| Fault::Unmerged(line + 1),
            ))
        }
    }
}

/// Writes `\udfXX` of the last private plane for each lone surrogate `\udcXX`.
fn adopt(json: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(next) = json.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        at += next;
        match escape(&json[at..]) {
            Some(0xD800..=0xDBFF) if escape(&json[at + 6..]).is_some() => at += 12,
            Some(unit @ 0xDC80..=0xDCFF) => {
                out.extend_from_slice(&json[copied..at]);
                out.extend_from_slice(format!(r"\udbff\udf{:02x}", unit & 0xFF).as_bytes());
                at += 6;
                copied = at;
            }
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.extend_from_slice(&json[copied..]);
    Cow::Owned(out)
}

/// The code unit of the `\uXXXX` that `json` begins with.
fn escape(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

/// A path as it is on disk.
pub(super) fn path_in(text: &str) -> BString {
    let mut path = BString::default();
    for c in text.chars() {
        match u8::try_from((c as u32).wrapping_sub(STRAY)) {
            Ok(byte @ 0x80..) => path.push(byte),
            _ => path.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    path
}

/// A path as a string of a value.
pub(super) fn path_out(path: &BStr) -> String {
    let mut text = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        text.push_str(chunk.valid());
        let stray = chunk.invalid().iter();
        text.extend(stray.filter_map(|&byte| char::from_u32(STRAY + u32::from(byte))));
    }
    text
}

/// Writes a value as Python's `json.dumps(value, indent=2)` does.
pub(super) fn python(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, Python(PrettyFormatter::new()));
    value
        .serialize(&mut serializer)
        .expect("a value has string keys, and memory takes every write");
    out
}

/// Two blanks a level, and nothing but printable ASCII.
struct Python(PrettyFormatter<'static>);

impl Formatter for Python {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        w: &mut W,
        text: &str,
    ) -> io::Result<()> {
        for c in text.chars() {
            match u8::try_from((c as u32).wrapping_sub(STRAY)) {
                Ok(byte @ 0x80..) => write!(w, r"\udc{byte:02x}")?,
                _ if matches!(c, ' '..='~') => w.write_all(&[c as u8])?,
                _ => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(w, r"\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_array(w)
    }

    fn end_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array(w)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(w, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_array_value(w)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object(w)
    }

    fn end_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object(w)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(w, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.begin_object_value(w)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.0.end_object_value(w)
    }
}

/// Writes an object on one line, with a blank after each colon and comma.
pub(super) fn line(fields: &[(&str, Value)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}: {value}", Value::from(*name))).collect();
    fields.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn python_layout() {
        let value =
            json!({"a": [], "b": {}, "c": [1, 4.5, 3.0, "é\u{7f}\u{1f511}\t\"\\"], "d": true});
        let want = r#"{
  "a": [],
  "b": {},
  "c": [
    1,
    4.5,
    3.0,
    "\u00e9\u007f\ud83d\udd11\t\"\\"
  ],
  "d": true
}"#;
        assert_eq!(String::from_utf8(python(&value)).unwrap(), want);
    }

    #[test]
    fn lone_surrogates_are_stray_bytes() {
        let json = br#"{"caf\udce9": "\ud83d\udd11 \\udce9 \udcff"}"#;
        let root = read(json).unwrap();
        let (name, value) = root.iter().next().unwrap();
        assert_eq!(path_in(name), b"caf\xe9".as_bstr());
        assert_eq!(path_out(b"caf\xe9".as_bstr()), *name);
        assert_eq!(path_in(value.as_str().unwrap()), b"\xf0\x9f\x94\x91 \\udce9 \xff".as_bstr());
        let written = python(&Value::Object(root));
        assert_eq!(
            written.as_bstr(),
            b"{\n  \"caf\\udce9\": \"\\ud83d\\udd11 \\\\udce9 \\udcff\"\n}".as_bstr()
        );
    }

    #[test]
    fn broken_files_are_named_for_what_they_are() {
        assert!(matches!(read(b""), Err(Fault::Syntax(_))));
        assert!(matches!(read(br#"{"a": "\ud800"}"#), Err(Fault::Syntax(_))));
        assert!(matches!(read(br#"{"a": "\u"#), Err(Fault::Syntax(_))));
        assert!(matches!(read(b"[]"), Err(Fault::Unknown)));
        let merge = b"{\n<<<<<<< ours\n}";
        assert!(matches!(read(merge), Err(Fault::Unmerged(2))));
        assert!(read(b"\xef\xbb\xbf{}").is_ok());
    }
}
