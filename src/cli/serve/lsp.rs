//! The Language Server Protocol on standard input and output: diagnostics for the texts that an editor has open.
//!
//! In: documents as they are opened and changed, whole. Out: a diagnostic for each finding, with the secret redacted.
//! Positions count UTF-16 units, which every client knows.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::rpc::{self, Call, Fault, INVALID, LONGEST, UNKNOWN};
use crate::cli::settings::Place;
use crate::engine::Scanner;
use crate::engine::config::CONFIG;
use crate::engine::settings::{BASELINE, Wishes};
use crate::report::ExitStatus;
use crate::report::document::Entry;

/// No request may come before the handshake.
const UNINITIALIZED: i64 = -32002;
/// A header that goes on for longer is none.
const HEADER: u64 = 4096;

/// Severities of diagnostics.
const ERROR: u8 = 1;
const WARNING: u8 = 2;

struct Server<'s> {
    place: Place,
    wishes: &'s Wishes,
    scanner: Option<Scanner>,
    /// What is open: the text and its version.
    open: BTreeMap<String, (Value, String)>,
    out: io::Stdout,
    ended: bool,
}

/// Serves until the editor says `exit`, or is gone.
pub(super) fn run(place: Place, wishes: &Wishes) -> Result<ExitStatus> {
    let open = BTreeMap::new();
    let (scanner, out) = (None, io::stdout());
    let mut server = Server { place, wishes, scanner, open, out, ended: false };
    let mut input = io::stdin().lock();
    while let Some(bytes) = message(&mut input)? {
        let read = bytes.map_err(|fault| Box::new((Value::Null, fault)));
        match read.and_then(|bytes| rpc::call(&bytes)) {
            Ok(None) => {}
            Ok(Some(call)) if call.method == "exit" => break,
            Ok(Some(Call { id: Some(id), method, params })) => {
                let result = server.request(&method, &params);
                server.send(&rpc::answer(&id, result))?;
            }
            Ok(Some(Call { method, params, .. })) => server.note(&method, &params)?,
            Err(refused) => {
                let (id, fault) = *refused;
                server.send(&rpc::answer(&id, Err(fault)))?;
            }
        }
    }
    Ok(if server.ended { ExitStatus::Clean } else { ExitStatus::Found })
}

/// Reads a header and the message that it announces, which is passed over if it is too long; `None` where the input
/// ends.
fn message(input: &mut io::StdinLock<'_>) -> Result<Option<std::result::Result<Vec<u8>, Fault>>> {
    let mut length: Option<u64> = None;
    let mut budget = HEADER;
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(budget).read_until(b'\n', &mut line)?;
        if read == 0 && length.is_none() && budget == HEADER {
            return Ok(None);
        }
        budget -= read as u64;
        if !line.ends_with(b"\n") {
            bail!("a header does not end");
        }
        let line = line.trim_ascii();
        if line.is_empty() {
            break;
        }
        let text = std::str::from_utf8(line).context("a header is no text")?;
        let (name, value) = text.split_once(':').context("a header has no colon")?;
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse().context("Content-Length is no number")?);
        }
    }
    let length = length.context("a header lacks Content-Length")?;
    let mut message = input.by_ref().take(length);
    let mut bytes = Vec::new();
    let (read, long) = if length > LONGEST {
        (io::copy(&mut message, &mut io::sink())?, true)
    } else {
        (message.read_to_end(&mut bytes)? as u64, false)
    };
    if read < length {
        bail!("a message is cut off");
    }
    Ok(Some(if long { Err(rpc::too_long()) } else { Ok(bytes) }))
}

impl Server<'_> {
    fn send(&mut self, message: &Value) -> Result<()> {
        let text = message.to_string();
        write!(self.out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
        Ok(self.out.flush()?)
    }

    fn request(&mut self, method: &str, params: &Value) -> std::result::Result<Value, Fault> {
        match method {
            "initialize" if self.scanner.is_none() => self.initialize(params),
            "initialize" => Err(Fault::new(INVALID, "it has been initialized")),
            _ if self.scanner.is_none() => Err(Fault::new(UNINITIALIZED, "send initialize first")),
            _ if self.ended => Err(Fault::new(INVALID, "it has been shut down")),
            "shutdown" => {
                self.ended = true;
                Ok(Value::Null)
            }
            _ => Err(Fault::new(UNKNOWN, "there is no such method here")),
        }
    }

    fn initialize(&mut self, params: &Value) -> std::result::Result<Value, Fault> {
        let folders = [&params["workspaceFolders"][0]["uri"], &params["rootUri"]];
        let named = folders.iter().find_map(|uri| path(uri.as_str()?));
        if let Some(folder) = named.filter(|folder| folder.is_dir()) {
            self.place = Place::at(folder);
        }
        self.load().map_err(|fault| {
            Fault::new(rpc::INTERNAL, crate::cli::masked(&format!("{fault:#}")))
        })?;
        Ok(json!({
            "capabilities": {
                "positionEncoding": "utf-16",
                "textDocumentSync": { "openClose": true, "change": 1, "save": true },
            },
            "serverInfo": { "name": "leakstop", "version": env!("CARGO_PKG_VERSION") },
        }))
    }

    fn load(&mut self) -> Result<()> {
        self.scanner = Some(Scanner::at(&self.place, self.wishes)?);
        Ok(())
    }

    fn note(&mut self, method: &str, params: &Value) -> Result<()> {
        let document = &params["textDocument"];
        let Some(uri) = document["uri"].as_str().filter(|_| self.scanner.is_some()) else {
            return Ok(());
        };
        let text = match method {
            "textDocument/didOpen" => &document["text"],
            "textDocument/didChange" => {
                let changes = params["contentChanges"].as_array();
                let last = changes.and_then(|changes| changes.last());
                // Asked for whole texts; anything else cannot be judged.
                last.filter(|change| change.get("range").is_none())
                    .map_or(&Value::Null, |c| &c["text"])
            }
            "textDocument/didSave" => return self.saved(uri),
            "textDocument/didClose" => {
                self.open.remove(uri);
                let nothing = json!({ "uri": uri, "diagnostics": [] });
                return self.send(&published(&nothing));
            }
            _ => return Ok(()),
        };
        let Some(text) = text.as_str() else { return Ok(()) };
        let version = document["version"].clone();
        self.open.insert(uri.to_owned(), (version, text.to_owned()));
        self.publish(uri)
    }

    /// Settings or the baseline may have changed: all that is open is judged anew.
    fn saved(&mut self, uri: &str) -> Result<()> {
        if ![CONFIG, BASELINE].iter().any(|name| uri.rsplit('/').next() == Some(name)) {
            return Ok(());
        }
        // What is half written is wrong for a moment; the last settings stay.
        if self.load().is_ok() {
            let open: Vec<String> = self.open.keys().cloned().collect();
            for uri in open {
                self.publish(&uri)?;
            }
        }
        Ok(())
    }

    fn publish(&mut self, uri: &str) -> Result<()> {
        let (Some(scanner), Some((version, text))) = (&self.scanner, self.open.get(uri)) else {
            return Ok(());
        };
        let name = path(uri).map(|path| {
            let below = path.strip_prefix(self.place.top()).unwrap_or(&path);
            below.to_string_lossy().into_owned()
        });
        let report = scanner.scan_bytes(text.as_bytes(), name.as_deref());
        let lines = Lines::new(text);
        let found: Vec<Value> =
            report.findings().iter().flat_map(|entry| diagnostics(entry, &lines)).collect();
        let mut told = json!({ "uri": uri, "diagnostics": found });
        if version.is_i64() {
            told["version"] = version.clone();
        }
        self.send(&published(&told))
    }
}

fn published(params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params })
}

/// A diagnostic for each place of a finding.
fn diagnostics(entry: &Entry<'_>, lines: &Lines<'_>) -> Vec<Value> {
    let certain = entry.confidence == crate::detect::spec::Confidence::Certain;
    let grave = certain || entry.severity == "critical";
    let message = format!(
        "{} {}: {} Revoke or replace it, and load it from the environment or a secret store.",
        entry.rule_name, entry.redacted, entry.description
    );
    let places = std::iter::once(&entry.place).chain(entry.occurrences.iter().map(|o| &o.place));
    let one = |place: &crate::report::document::Where<'_>| {
        let mut told = json!({
            "range": {
                "start": lines.position(place.start_line, place.start_column),
                "end": lines.position(place.end_line, place.end_column),
            },
            "severity": if grave { ERROR } else { WARNING },
            "source": "leakstop",
            "code": entry.rule_id,
            "message": message,
        });
        if let Some(url) = entry.docs_url.as_ref().or(entry.revoke_url.as_ref()) {
            told["codeDescription"] = json!({ "href": url });
        }
        told
    };
    places.map(one).collect()
}

/// The path of a file's URI.
fn path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let at = rest.find('/')?;
    let path = percent_decode_str(&rest[at..]).decode_utf8().ok()?.into_owned();
    // `/C:/folder` is how Windows' paths are written.
    let drive = path.get(1..3).is_some_and(|drive| drive.ends_with(':'));
    Some(Path::new(if drive { &path[1..] } else { &path }).to_path_buf())
}

/// The lines of a text, to turn positions into those of the protocol.
struct Lines<'t>(Vec<&'t str>);

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        let mut lines = Vec::new();
        let mut rest = text;
        while let Some(end) = rest.find(['\n', '\r']) {
            let width = if rest[end..].starts_with("\r\n") { 2 } else { 1 };
            lines.push(&rest[..end]);
            rest = &rest[end + width..];
        }
        lines.push(rest);
        Self(lines)
    }

    /// A line and column from 1, the column in characters, as from 0, in UTF-16 units.
    fn position(&self, line: usize, column: usize) -> Value {
        let line = line.max(1) - 1;
        let text = self.0.get(line).copied().unwrap_or_default();
        let units = text.chars().take(column.max(1) - 1).map(char::len_utf16).sum::<usize>();
        json!({ "line": line, "character": units })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_utf_16_units() {
        let lines = Lines::new("a\r\n😀é\u{0}x\rlast");
        assert_eq!(lines.position(1, 1), json!({ "line": 0, "character": 0 }));
        assert_eq!(lines.position(2, 2), json!({ "line": 1, "character": 2 }));
        assert_eq!(lines.position(2, 4), json!({ "line": 1, "character": 4 }));
        assert_eq!(lines.position(3, 5), json!({ "line": 2, "character": 4 }));
        assert_eq!(lines.position(9, 5), json!({ "line": 8, "character": 0 }));
    }

    #[test]
    fn paths_are_read_out_of_uris() {
        assert_eq!(path("file:///a/b%20c.py"), Some("/a/b c.py".into()));
        assert_eq!(path("file://host/a"), Some("/a".into()));
        assert_eq!(path("file:///C%3A/a"), Some("C:/a".into()));
        assert_eq!(path("untitled:Untitled-1"), None);
    }
}
