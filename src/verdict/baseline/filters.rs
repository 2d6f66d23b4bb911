//! detect-secrets' exclude patterns.
//!
//! In: the settings of a file, old ones too. Out: whether a find is excluded, and warnings about
//! settings that are not honoured. What cannot be honoured excludes nothing.

use regex::bytes::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use super::Found;

/// The patterns of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
    files: Vec<Regex>,
    lines: Vec<Regex>,
    secrets: Vec<Regex>,
    /// Settings that are not honoured, in words.
    pub(super) warnings: Vec<String>,
}

/// What a pattern is matched against.
#[derive(Clone, Copy)]
enum Subject {
    File,
    Line,
    Secret,
}

impl Subject {
    const fn name(self) -> &'static str {
        match self {
            Self::File => "regex.should_exclude_file",
            Self::Line => "regex.should_exclude_line",
            Self::Secret => "regex.should_exclude_secret",
        }
    }
}

impl Filters {
    /// Reads the patterns from a file's object.
    pub(super) fn read(root: &Map<String, Value>) -> Self {
        let mut filters = Self::default();
        let list = root.get("filters_used").and_then(Value::as_array);
        for filter in list.into_iter().flatten() {
            let id = filter.get("path").and_then(Value::as_str).unwrap_or_default();
            filters.take(id, filter.get("pattern").unwrap_or(&Value::Null));
        }
        // Before 1.0 the patterns had keys of their own.
        let exclude = root.get("exclude").unwrap_or(&Value::Null);
        filters.add_all(Subject::File, &exclude["files"]);
        filters.add_all(Subject::Line, &exclude["lines"]);
        if let Some(files) = root.get("exclude_regex") {
            filters.add_all(Subject::File, files);
        }
        let words = root.get("word_list").map(|list| &list["file"]);
        if words.is_some_and(Value::is_string) {
            filters.skip("word_list");
        }
        filters
    }

    fn take(&mut self, id: &str, pattern: &Value) {
        match id.strip_prefix("detect_secrets.filters.") {
            Some("regex.should_exclude_file") => self.add_all(Subject::File, pattern),
            Some("regex.should_exclude_line") => self.add_all(Subject::Line, pattern),
            Some("regex.should_exclude_secret") => self.add_all(Subject::Secret, pattern),
            Some(id @ ("wordlist.should_exclude_secret" | "gibberish.should_exclude_secret")) => {
                self.skip(id);
            }
            // The rest is on by default, and our rules have their own way of seeing to it.
            Some(_) => {}
            None if id.is_empty() => {}
            None => self.skip(id),
        }
    }

    fn skip(&mut self, id: &str) {
        let id = id.escape_debug();
        self.warnings.push(format!("filter {id} is not honoured; what it leaves out is reported"));
    }

    /// Adds a pattern or a list of them.
    fn add_all(&mut self, subject: Subject, patterns: &Value) {
        match patterns {
            Value::String(pattern) => self.add(subject, pattern),
            Value::Array(list) => {
                for pattern in list.iter().filter_map(Value::as_str) {
                    self.add(subject, pattern);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, subject: Subject, pattern: &str) {
        if pattern.is_empty() {
            return;
        }
        let regex = RegexBuilder::new(&translated(pattern)).unicode(false).build();
        match (regex, subject) {
            (Ok(regex), Subject::File) => self.files.push(regex),
            (Ok(regex), Subject::Line) => self.lines.push(regex),
            (Ok(regex), Subject::Secret) => self.secrets.push(regex),
            (Err(_), _) => self.warnings.push(format!(
                "{}: the pattern {pattern:?} needs Python's regex engine and is not honoured; \
                 what it leaves out is reported",
                subject.name()
            )),
        }
    }

    /// The filter that leaves a find out, if one does.
    pub(super) fn exclude(&self, found: &Found<'_>) -> Option<&'static str> {
        let any = |list: &[Regex], text: &[u8]| list.iter().any(|r| r.is_match(text));
        if any(&self.files, found.path) {
            Some(Subject::File.name())
        } else if any(&self.secrets, found.secret) {
            Some(Subject::Secret.name())
        } else if any(&self.lines, first_line(found)) {
            Some(Subject::Line.name())
        } else {
            None
        }
    }

    /// The patterns in words, for a format that has no place for them.
    pub(super) fn patterns(&self) -> Vec<String> {
        [
            (Subject::File, &self.files),
            (Subject::Line, &self.lines),
            (Subject::Secret, &self.secrets),
        ]
        .into_iter()
        .flat_map(|(subject, list)| {
            let name = subject.name();
            list.iter().map(move |r| format!("{name} {:?}: put it into .leakstop.toml", r.as_str()))
        })
        .collect()
    }
}

/// The line a find begins on.
fn first_line<'a>(found: &Found<'a>) -> &'a [u8] {
    let end = memchr::memchr2(b'\n', b'\r', found.context);
    &found.context[..end.unwrap_or(found.context.len())]
}

/// A Python pattern for our engine, which reads these escapes in another way.
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, false) => out.push(c),
            (_, true) => match chars.next() {
                Some('Z') => out.push_str(r"\z"),
                // Literal in Python, word boundaries here.
                Some(angle @ ('<' | '>')) => out.push(angle),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use bstr::ByteSlice;
    use serde_json::json;

    fn filters(root: &Value) -> Filters {
        Filters::read(root.as_object().expect("tests pass objects"))
    }

    fn found<'a>(path: &'a str, secret: &'a str, context: &'a str) -> Found<'a> {
        Found {
            rule: "generic-secret",
            path: path.as_bytes().as_bstr(),
            secret: secret.as_bytes(),
            line: 1,
            context: context.as_bytes(),
        }
    }

    fn one(id: &str, pattern: &Value) -> Filters {
        let path = format!("detect_secrets.filters.{id}");
        filters(&json!({"filters_used": [{"path": path, "pattern": pattern}]}))
    }

    #[test]
    fn each_pattern_has_its_subject() {
        let f = found("docs/a.md", "dummy123", "key = dummy123 # fake\nnext");
        let file = one("regex.should_exclude_file", &json!([r"^docs/", "x"]));
        assert_eq!(file.exclude(&f), Some("regex.should_exclude_file"));
        let line = one("regex.should_exclude_line", &json!(["# fake$"]));
        assert_eq!(line.exclude(&f), Some("regex.should_exclude_line"));
        let secret = one("regex.should_exclude_secret", &json!([r"dummy\d+\Z"]));
        assert_eq!(secret.exclude(&f), Some("regex.should_exclude_secret"));
        let other = one("regex.should_exclude_line", &json!(["next"]));
        assert_eq!(other.exclude(&f), None);
    }

    #[test]
    fn patterns_of_old_files_count() {
        let old = filters(&json!({"exclude": {"files": "^vendor/", "lines": null}}));
        assert!(old.exclude(&found("vendor/a", "x", "")).is_some());
        assert!(old.exclude(&found("src/a", "x", "")).is_none());
        let older = filters(&json!({"exclude_regex": "^vendor/"}));
        assert!(older.exclude(&found("vendor/a", "x", "")).is_some());
    }

    #[test]
    fn what_cannot_be_honoured_is_said_and_excludes_nothing() {
        let ahead = one("regex.should_exclude_file", &json!(["^(?!src).*"]));
        assert_eq!(ahead.exclude(&found("docs/a", "x", "")), None);
        assert_eq!(ahead.warnings.len(), 1);
        let words = one("wordlist.should_exclude_secret", &Value::Null);
        assert_eq!(words.warnings.len(), 1);
        let custom = filters(&json!({"filters_used": [{"path": "file://x.py::f"}]}));
        assert_eq!(custom.warnings.len(), 1);
        let usual = one("heuristic.is_lock_file", &Value::Null);
        assert!(usual.warnings.is_empty());
    }

    #[test]
    fn python_escapes_mean_what_they_mean_there() {
        let angle = one("regex.should_exclude_secret", &json!([r"\<key\>"]));
        assert!(angle.exclude(&found("a", "<key>", "")).is_some());
        assert!(angle.exclude(&found("a", "key", "")).is_none());
    }
}
