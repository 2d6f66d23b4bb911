//! `leakstop fix`: a reference in the place of a secret.
//!
//! In: a place, as reports name it, and a store. Out: the change as a diff without secrets; after a yes, the file and
//! `.env.example` as they should be, each written in one step, and what is left to do. A file that has changed since it
//! was scanned is left alone. No hook runs this.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bstr::ByteSlice as _;

use super::args::{Common, FixArgs, StoreName};
use super::doctor::dotenv;
use super::scan::around;
use super::session::{Session, begin, gone_from};
use super::settings::{Place as Folder, meant, packed};
use crate::detect::rules::Rule;
use crate::remedy::change::{Change, Refusal, Request, change};
use crate::remedy::form::{Language, Store};
use crate::remedy::patch::unified;
use crate::report::{ExitStatus, Mode, escaped, masked};
use crate::scan::Reading;
use crate::source::{git, stdin};
use crate::text::place_of;
use crate::verdict::finding::Finding;
use crate::whole::{self, Readers};

/// Larger files are edited by hand.
const LARGEST: u64 = 4 << 20;
/// The file that lists the names.
const EXAMPLE: &str = ".env.example";

impl StoreName {
    const fn store(self) -> Store {
        match self {
            Self::Env => Store::Environment,
            Self::Vault => Store::Vault,
            Self::Aws => Store::Aws,
            Self::Gcp => Store::Gcp,
            Self::Azure => Store::Azure,
            Self::K8s => Store::Kubernetes,
        }
    }
}

/// A file before and after.
struct Edit {
    path: PathBuf,
    /// As reports name it.
    shown: String,
    /// What it was; `None` for a new file.
    before: Option<String>,
    after: String,
}

/// Runs the command.
pub(super) fn run(args: &FixArgs) -> Result<ExitStatus> {
    let (path, line) = place(&args.place)?;
    if let (file, Some(_)) = packed(&path) {
        bail!("{}: it lies in {}; unpack that, and fix it there", path.display(), file.display());
    }
    let about = fs::symlink_metadata(&path).with_context(|| path.display().to_string())?;
    if about.is_symlink() {
        bail!("{}: it is a symbolic link; name the file that it leads to", path.display());
    }
    if !about.is_file() || about.len() > LARGEST {
        bail!("{}: no regular file of less than {} MiB", path.display(), LARGEST >> 20);
    }
    let common = Common {
        config: args.source.config.clone(),
        no_repo_config: args.source.no_repo_config,
        no_baseline: true,
        no_progress: true,
        ..Common::default()
    };
    let folder = around(std::slice::from_ref(&path))?;
    let session = begin(&common, &folder, Mode::Scan, path.display().to_string())?;
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    let absolute = path.canonicalize().with_context(|| path.display().to_string())?;
    let below = absolute.strip_prefix(folder.top()).unwrap_or(&absolute).to_path_buf();
    let findings = found(&session, &bytes, &below)?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        bail!("{}: it is not UTF-8; change it by hand", path.display());
    };
    let changed = changed(args, &session, &findings, text, (&below, line))?;
    let mut edits = vec![Edit {
        path: absolute,
        shown: below.display().to_string(),
        before: Some(text.to_owned()),
        after: changed.text.clone(),
    }];
    edits.extend(example(&folder, &changed)?);
    show(&session, &findings, &edits)?;
    if args.dry_run {
        return Ok(ExitStatus::Found);
    }
    if !args.yes && !agreed()? {
        writeln!(io::stderr(), "leakstop: nothing was written")?;
        return Ok(ExitStatus::Clean);
    }
    // The example first: by itself it does no harm.
    for edit in edits.iter().rev() {
        write(edit)?;
    }
    next(&changed)
}

/// The path and line of `PATH:LINE` or `PATH:LINE:COLUMN`.
fn place(text: &str) -> Result<(PathBuf, usize)> {
    let cut = |text: &str| {
        let (path, line) = text.trim_end_matches(':').rsplit_once(':')?;
        Some((path.to_owned(), line.parse::<usize>().ok()?))
    };
    let Some((path, line)) = cut(text) else {
        bail!("{text}: name a line of a file: PATH:LINE");
    };
    match cut(&path) {
        Some((path, line)) if !Path::new(&text).exists() && meant(Path::new(&path)).is_file() => {
            Ok((meant(Path::new(&path)), line))
        }
        _ => Ok((meant(Path::new(&path)), line)),
    }
}

/// What a scan finds in a file's bytes.
fn found(session: &Session<'_>, bytes: &[u8], below: &Path) -> Result<Vec<Finding>> {
    let name = git::as_bytes(below);
    let mut outcome = session.read(Reading::default(), |scanner| {
        stdin::read(&mut &bytes[..], Some(name), scanner);
        Ok(0)
    })?;
    Ok(session.judge(&mut outcome, &gone_from(session.place.top().to_path_buf())))
}

/// The change of the secret on `line`.
fn changed(
    args: &FixArgs,
    session: &Session<'_>,
    findings: &[Finding],
    text: &str,
    (below, line): (&Path, usize),
) -> Result<Change> {
    let on_line = findings.iter().filter_map(|finding| {
        let place = finding.places().find(|p| (p.start.line..=p.end.line).contains(&line))?;
        Some((finding, place))
    });
    // A manifest that is one as a whole may hold another one on this line.
    let on_line = on_line.min_by_key(|(_, place)| place.end.line - place.start.line);
    let shown = below.display();
    let Some((finding, place)) = on_line else {
        bail!(
            "{shown}:{line}: no secret is found there; `leakstop explain {shown}:{line}` says why"
        );
    };
    let span = place_of(text.as_bytes(), place.start).zip(place_of(text.as_bytes(), place.end));
    let Some((start, end)) = span.filter(|(start, end)| start < end) else {
        bail!("{shown}:{line}: its place in the text is not known; change it by hand");
    };
    let rule: &Rule = &session.settings.detector.rules().rules()[usize::from(finding.rule)];
    let path = below.to_string_lossy();
    let kept = kept(session.place.top(), finding);
    let request = Request {
        path: &path,
        text,
        secret: start..end,
        name: args.name.as_deref(),
        kept: kept.as_deref(),
        otherwise: &rule.spec().id,
        store: args.to.store(),
    };
    let change = if is_home(session.place, below, text, args.to) {
        Err(Refusal::Home)
    } else {
        change(&request)
    };
    change.with_context(|| format!("{shown}:{line}"))
}

/// What `.env` calls the value, if it has it: the program should ask for that name.
fn kept(top: &Path, finding: &Finding) -> Option<String> {
    let text = fs::read_to_string(top.join(".env")).ok()?;
    let all = dotenv::variables(&text);
    all.into_iter()
        .find(|(_, value)| value.reveal() == finding.secret.reveal())
        .map(|(name, _)| name)
}

/// Whether a file of variables is where the environment's values are kept: git does not track it.
fn is_home(folder: &Folder, below: &Path, text: &str, to: StoreName) -> bool {
    let dotenv = Language::of(&below.to_string_lossy(), text) == Some(Language::Dotenv);
    let tracked = git::tracked(folder.top(), &folder.environment).unwrap_or_default();
    dotenv && to == StoreName::Env && !tracked.contains(&git::as_bytes(below))
}

/// The change of `.env.example`, if it lacks the name.
fn example(folder: &Folder, changed: &Change) -> Result<Option<Edit>> {
    let Some(line) = &changed.example else { return Ok(None) };
    let path = folder.top().join(EXAMPLE);
    let before = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
        Err(cause) => return Err(cause).context(EXAMPLE),
    };
    let text = before.clone().unwrap_or_default();
    if text.lines().any(|other| other.trim_start_matches("export ").starts_with(line.as_str())) {
        return Ok(None);
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let after = format!("{text}{gap}{line}\n");
    Ok(Some(Edit { path, shown: EXAMPLE.to_owned(), before, after }))
}

/// Shows what would change, without secrets.
fn show(session: &Session<'_>, findings: &[Finding], edits: &[Edit]) -> Result<()> {
    let mut out = io::BufWriter::new(anstream::stdout());
    for edit in edits {
        let before = edit.before.as_deref().unwrap_or_default();
        let from =
            if edit.before.is_some() { format!("a/{}", edit.shown) } else { "/dev/null".into() };
        writeln!(out, "--- {}\n+++ b/{}", escaped(&from), escaped(&edit.shown))?;
        let hidden = hidden(findings, before);
        for line in unified(before, &edit.after).lines() {
            let mut line = line.to_owned();
            for secret in &hidden {
                line = line.replace(secret.as_str(), "****");
            }
            let line = masked(line.as_bytes(), &session.settings.detector);
            let line = line.to_str_lossy().replace('\t', "    ");
            writeln!(out, "{}", escaped(line.trim_end()))?;
        }
    }
    Ok(out.flush()?)
}

/// What must not be shown of a text: the values, and the encoded texts they were read from; by line, the longest first.
fn hidden(findings: &[Finding], text: &str) -> Vec<String> {
    let mut hidden: Vec<String> = Vec::new();
    for finding in findings {
        let spans = finding.places().filter_map(|place| {
            let at = |position| place_of(text.as_bytes(), position);
            let span: Range<usize> = at(place.start)?..at(place.end)?;
            text.get(span)
        });
        let value = String::from_utf8_lossy(finding.secret.reveal()).into_owned();
        let all = spans.map(str::to_owned).chain([value]);
        hidden.extend(all.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()));
    }
    hidden.retain(|line| line.trim().len() >= 4);
    hidden.sort_by_key(|line| std::cmp::Reverse(line.len()));
    hidden.dedup();
    hidden
}

/// Asks whether to write.
fn agreed() -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nothing was written: there is no terminal to ask at; --yes writes without asking");
    }
    write!(io::stderr(), "Write this? [y/N] ")?;
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Writes a file in one step, unless it has changed since it was read.
fn write(edit: &Edit) -> Result<()> {
    let context = || edit.shown.clone();
    let now = match fs::read(&edit.path) {
        Ok(bytes) => Some(bytes),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
        Err(cause) => return Err(cause).with_context(context),
    };
    if now.as_deref() != edit.before.as_ref().map(String::as_bytes) {
        bail!("{}: it has changed since it was scanned, and was left as it is", edit.shown);
    }
    let fill = |file: &mut fs::File| file.write_all(edit.after.as_bytes());
    whole::write(&edit.path, Readers::Same, fill).with_context(context)
}

/// Says what is left to do.
fn next(changed: &Change) -> Result<ExitStatus> {
    let mut err = io::stderr().lock();
    writeln!(err, "leakstop: written. What is left to do:")?;
    for (at, step) in changed.steps.iter().enumerate() {
        writeln!(err, "  {}. {}", at + 1, step.replace('\n', "\n     "))?;
    }
    Ok(ExitStatus::Clean)
}
