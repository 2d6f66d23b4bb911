//! `leakstop explain`: all about a finding, what a rule looks for, or what was made of a line.
//!
//! In: a fingerprint, a rule's id, or a path and a line. Out: the answer on standard output. Status 0, whatever the answer is.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Serialize;

use super::args::{ExplainArgs, ExplainFormat, Telling};
use super::line;
use super::settings::{Place, meant, packed};
use super::sheet::Sheet;
use super::told;
use crate::engine::config::Config;
use crate::report::ExitStatus;

/// What is to be explained.
#[derive(Debug, PartialEq, Eq)]
enum Subject<'a> {
    Rule(&'a str),
    Line(PathBuf, usize),
    Fingerprint(&'a str),
    /// A file without a line.
    File,
}

impl<'a> Subject<'a> {
    /// Tells by its form what `text` names. `is_file` tells whether a path is a file's.
    fn of(text: &'a str, is_file: &dyn Fn(&Path) -> bool) -> Self {
        let cut = |text: &'a str| {
            let (path, line) = text.trim_end_matches(':').rsplit_once(':')?;
            Some((path, line.parse().ok()?))
        };
        match cut(text) {
            // Compilers and grep write a column behind the line.
            Some((rest, _)) if !is_file(Path::new(rest)) && cut(rest).is_some() => {
                let (path, line) = cut(rest).expect("asked above");
                Self::Line(path.into(), line)
            }
            Some((path, line)) => Self::Line(path.into(), line),
            // Eight digits are enough; no rule's name is made of such letters alone.
            None if (8..=32).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_hexdigit()) =>
            {
                Self::Fingerprint(text)
            }
            None if is_file(Path::new(text)) => Self::File,
            None => Self::Rule(text),
        }
    }
}

pub(super) fn run(args: &ExplainArgs) -> Result<ExitStatus> {
    let mut out = io::BufWriter::new(anstream::stdout());
    tell(args, &|_| Ok(()), &mut out)?;
    out.flush()?;
    Ok(ExitStatus::Clean)
}

/// Writes the answer to `out`, if the file that is named may be read.
pub(super) fn tell(
    args: &ExplainArgs,
    may: &dyn Fn(&Path) -> Result<()>,
    out: &mut dyn Write,
) -> Result<()> {
    let what = &args.what;
    match Subject::of(what, &|path| meant(path).is_file()) {
        Subject::Rule(id) => rule(id, &args.telling, out),
        Subject::Line(path, line) => {
            let (path, inner) = packed(&path);
            may(&path)?;
            line::explain(args, &path, (inner.as_ref(), line), out)
        }
        Subject::File => {
            may(Path::new(what))?;
            bail!("{what} is a file; name a line of it: {what}:LINE")
        }
        Subject::Fingerprint(digits) => told::explain(args, digits, out),
    }
}

/// The JSON form of a rule's sheet, version 1.
#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    rule: Sheet<'r>,
}

/// Tells all about a rule.
pub(super) fn rule(id: &str, telling: &Telling, mut out: &mut dyn Write) -> Result<()> {
    let config = Config::read(telling.source.choice(), Place::here()?.top())?;
    let rules = config.all_rules()?;
    let sheet = Sheet::with_related(rules.named(id)?, &rules, &config);
    match telling.format {
        ExplainFormat::Human => sheet.write(&mut out)?,
        ExplainFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &Document { version: 1, rule: sheet })?;
            writeln!(out)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_told_by_their_form() {
        let is_file = |path: &Path| path == Path::new("a.py") || path == Path::new("b:7");
        let of = |text| Subject::of(text, &is_file);
        let line = |path: &str, line| Subject::Line(path.into(), line);
        assert_eq!(of("github-pat-classic"), Subject::Rule("github-pat-classic"));
        assert_eq!(of("a.py:3"), line("a.py", 3));
        assert_eq!(of("a.py:3:14"), line("a.py", 3));
        assert_eq!(of("a.py:3:"), line("a.py", 3));
        assert_eq!(of("b:7:3"), line("b:7", 3));
        assert_eq!(of("gone.py:3"), line("gone.py", 3));
        assert_eq!(of("a.py"), Subject::File);
        assert_eq!(
            of("0123456789abcdef0123456789abcdef"),
            Subject::Fingerprint("0123456789abcdef0123456789abcdef")
        );
        assert_eq!(of("01234567"), Subject::Fingerprint("01234567"));
        assert_eq!(of("deadbeef"), Subject::Fingerprint("deadbeef"));
    }
}
