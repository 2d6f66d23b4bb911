//! What was made of one line: every match on it with its verdict, and what stopped every other keyword.
//!
//! In: a path and a line. Out: the answer on standard output. The file is scanned as `leakstop scan` scans it, with
//! everything shown; then each keyword of the line is tried once more, to tell why it came to nothing.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use bstr::BString;
use serde::Serialize;

use super::args::{Common, ExplainArgs, ExplainFormat, Level, ScanArgs};
use super::scan;
use super::session::{begin, gone_from};
use crate::decode::{self, Budget, Chunk, charset};
use crate::detect::kind::Kind;
use crate::detect::rules::Rule;
use crate::detect::spec::Confidence;
use crate::detect::trace::{Attempt, Stop};
use crate::detect::{Match, OPERATING_POINT, POSSIBLE, form, validators};
use crate::engine::config::Config;
use crate::report::{Mode, escaped, screen};
use crate::scan::Reading;
use crate::source::{git, inside};
use crate::text::{Secret, Span};
use crate::verdict::finding::{Finding, Place, Reason, Verdict};

/// The JSON form of the answer, version 1.
#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    path: String,
    line: usize,
    /// Whether it lies in another file.
    #[serde(skip)]
    packed: bool,
    /// The kind of file by its name.
    kind: &'static str,
    matches: Vec<Hit<'a>>,
    attempts: Vec<Try<'a>>,
}

/// A match on the line.
#[derive(Serialize)]
struct Hit<'a> {
    rule_id: &'a str,
    rule_name: &'a str,
    description: &'a str,
    start_column: usize,
    redacted: String,
    severity: &'static str,
    confidence: &'static str,
    score: f32,
    evidence: Vec<String>,
    decoded: Vec<&'static str>,
    status: &'static str,
    /// Whether a scan reports it.
    reported: bool,
    verdict: String,
    /// What is known of a value that no vendor's form tells.
    judged: Vec<String>,
    revoke_url: Option<&'a str>,
}

/// Rules that came to nothing for one reason.
#[derive(Clone, Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Try<'a> {
    keyword: String,
    rule_id: &'a str,
    stopped_by: &'static str,
    why: String,
    judged: Vec<String>,
}

pub(super) fn explain(
    args: &ExplainArgs,
    path: &Path,
    (inner, line): (Option<&BString>, usize),
    out: &mut dyn Write,
) -> Result<()> {
    let scan = everything(args, path);
    let place = scan::around(&scan.paths)?;
    let session = begin(&scan.common, &place, Mode::Scan, path.display().to_string())?;
    let worktree = scan::worktree(&scan, &session)?;
    let mut outcome =
        session.read(Reading::default(), |scanner| worktree.read(scanner).map(|()| 0))?;
    let mut findings = session.judge(&mut outcome, &gone_from(worktree.root.clone()));
    findings.retain(|finding| on_line(finding, inner, line).is_some());
    let detector = &session.settings.detector;
    let secrets: Vec<(u16, Secret)> =
        findings.iter().map(|finding| (finding.rule, finding.secret.clone())).collect();
    screen(&mut findings, &mut outcome.found.skipped, detector);

    let config = Config::read(args.telling.source.choice(), place.top())?;
    let least = config.min_confidence.unwrap_or(Confidence::Likely);
    let rules = detector.rules().rules();
    let absolute = path.canonicalize().with_context(|| path.display().to_string())?;
    let below = absolute.strip_prefix(&worktree.root).unwrap_or(&absolute);
    let below = git::as_bytes(below);
    let file = File { path: &below, excluded: session.settings.exclude.is_match(&below) };
    // What is packed was read as it was unpacked, and is gone: what came to nothing there is not known.
    let attempts = match inner {
        Some(_) => Vec::new(),
        None => trace(path, line, |chunk| detector.trace(chunk))?,
    };
    let hits = findings.iter().zip(&secrets).filter_map(|(finding, (_, secret))| {
        let mut hit = hit(finding, on_line(finding, inner, line)?, rules, least);
        let same = |one: &&Attempted| one.secret.as_ref() == Some(secret);
        let judged = attempts.iter().filter(same).find_map(|one| one.judged(&file));
        hit.judged = judged.unwrap_or_default();
        Some(hit)
    });
    let answer = Answer {
        version: 1,
        path: inside(path.display().to_string().into(), inner).to_string(),
        line,
        packed: inner.is_some(),
        kind: Kind::of(Some(inner.map_or(file.path, |inner| inner))).name(),
        matches: hits.collect(),
        attempts: tries(attempts, rules, &secrets, &file),
    };
    Ok(write(&answer, args.telling.format, out)?)
}

/// A scan of one file that shows everything.
fn everything(args: &ExplainArgs, path: &Path) -> ScanArgs {
    let source = &args.telling.source;
    let common = Common {
        baseline: args.baseline.clone(),
        config: source.config.clone(),
        no_repo_config: source.no_repo_config,
        min_confidence: Some(Level::Possible),
        no_progress: true,
        redact: None,
        ..Common::default()
    };
    ScanArgs { paths: vec![path.to_path_buf()], no_ignore: true, recurse_submodules: false, common }
}

/// The bytes of a line, counted from 1, without its end. Lines end as positions count them.
fn line_span(text: &[u8], line: usize) -> Option<Span> {
    let mut start = 0;
    for _ in 1..line {
        let end = start + memchr::memchr2(b'\n', b'\r', &text[start..])?;
        start = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
    }
    let end = memchr::memchr2(b'\n', b'\r', &text[start..]).map_or(text.len(), |at| start + at);
    (line > 0 && (start < text.len() || line == 1)).then(|| Span::new(start, end))
}

/// The first place of a finding that touches the line, of the file itself or of what is packed in it.
fn on_line<'f>(finding: &'f Finding, inner: Option<&BString>, line: usize) -> Option<&'f Place> {
    let mut places = std::iter::once(&finding.place).chain(&finding.occurrences);
    places.find(|place| {
        inner.is_none_or(|inner| place.inner.as_ref() == Some(inner))
            && (place.start.line..=place.end.line).contains(&line)
    })
}

/// What a scan makes of a finding, and why.
fn hit<'a>(finding: &Finding, place: &Place, rules: &'a [Rule], least: Confidence) -> Hit<'a> {
    let spec = rules[usize::from(finding.rule)].spec();
    let sure = finding.confidence >= least;
    let verdict = match finding.verdict {
        Verdict::Open if sure => "reported".to_owned(),
        Verdict::Open => {
            let name = finding.confidence.name();
            format!("not reported: it is only {name}; ask with --min-confidence {name}")
        }
        Verdict::Expired => "reported: its entry in the baseline has expired".to_owned(),
        Verdict::Suppressed(reason) => {
            let why = match reason {
                Reason::Baseline => "accepted in the baseline",
                Reason::Inline => "allowed by a comment",
                Reason::Config => "allowed by the configuration",
                Reason::Example => "a published example, which opens nothing",
            };
            let note = finding.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
            format!("not reported: {why}{note}")
        }
    };
    Hit {
        rule_id: &spec.id,
        rule_name: &spec.name,
        description: &spec.description,
        start_column: place.start.column,
        redacted: finding.secret.masked(&spec.keywords),
        severity: spec.severity_of(finding.secret.reveal()).name(),
        confidence: finding.confidence.name(),
        score: (finding.score * 100.0).round() / 100.0,
        evidence: finding.evidence.iter().map(ToString::to_string).collect(),
        decoded: place.via.clone(),
        status: finding.verdict.name(),
        reported: finding.verdict.is_open() && sure,
        verdict,
        judged: Vec::new(),
        revoke_url: spec.revoke_url.as_deref(),
    }
}

/// Tries the keywords of a line, and of what is encoded on it.
fn trace(
    path: &Path,
    line: usize,
    of: impl Fn(&Chunk<'_>) -> Vec<Attempt>,
) -> Result<Vec<Attempted>> {
    let raw = std::fs::read(path).with_context(|| path.display().to_string())?;
    let text = charset::detect(&raw).text(&raw);
    let Some(bytes) = line_span(&text, line) else {
        bail!("{}: there is no line {line}", path.display());
    };
    let mut chunk = Chunk::whole(&*text);
    chunk.own = bytes.range();
    let mut budget = Budget::default();
    let mut waiting = decode::inner(&chunk, &mut budget);
    let mut attempts = Vec::new();
    let mut take = |chunk: &Chunk<'_>| {
        attempts.extend(of(chunk).into_iter().map(|attempt| {
            let found = attempt.result.as_ref().ok();
            let secret = found.map(|found| Secret::new(&chunk.bytes[found.secret.range()]));
            Attempted { attempt, secret }
        }));
    };
    take(&chunk);
    while let Some(inner) = waiting.pop() {
        take(&inner);
        waiting.extend(decode::inner(&inner, &mut budget));
    }
    Ok(attempts)
}

/// An attempt, and the secret if it found one.
struct Attempted {
    attempt: Attempt,
    secret: Option<Secret>,
}

impl Attempted {
    /// What is known of a generic credential's name and value, and what it comes to.
    fn judged(&self, file: &File<'_>) -> Option<Vec<String>> {
        let (name, shape) = self.attempt.judged.as_ref()?;
        let mut phrases = shape.account(name, Some(file.path));
        let score = shape.score_at(Some(file.path)).unwrap_or(0.0);
        phrases.push(format!(
            "score {score:.2}: likely from {OPERATING_POINT} on, possible from {POSSIBLE} on"
        ));
        Some(phrases)
    }
}

/// The file as settings see it.
struct File<'a> {
    /// Below the root.
    path: &'a [u8],
    excluded: bool,
}

/// Everything that did not become one of the findings, each once.
fn tries<'a>(
    attempts: Vec<Attempted>,
    rules: &'a [Rule],
    findings: &[(u16, Secret)],
    file: &File<'_>,
) -> Vec<Try<'a>> {
    let mut tries: Vec<Try<'a>> = Vec::new();
    for attempted in attempts {
        let judged = attempted.judged(file).unwrap_or_default();
        let Attempted { attempt, secret } = attempted;
        let rule = &rules[usize::from(attempt.rule)];
        let (stopped_by, why) = match (attempt.result, secret) {
            (Err(stop), _) => (stop.name(), stopped(stop, rule)),
            (Ok(found), Some(secret)) if findings.contains(&(found.rule, secret.clone())) => {
                continue;
            }
            (Ok(found), _) => dropped(&found, rule, file),
        };
        let one =
            Try { keyword: attempt.keyword, rule_id: &rule.spec().id, stopped_by, why, judged };
        if !tries.contains(&one) {
            tries.push(one);
        }
    }
    tries
}

/// A stop as a sentence.
fn stopped(stop: Stop, rule: &Rule) -> String {
    let spec = rule.spec();
    match stop {
        Stop::Form => match form::words(&spec.pattern) {
            Some(form) => format!("what stands there is not {form}, in the place it takes"),
            None => "what stands there does not match its pattern".to_owned(),
        },
        Stop::Edge => "it is a piece of something longer".to_owned(),
        Stop::Check => {
            let check = spec.validator.as_deref().and_then(validators::words);
            format!("the offline check refutes it; it asks for {}", check.unwrap_or("its form"))
        }
        Stop::Entropy => format!("it is too regular: under {} bits a byte", spec.entropy),
        Stop::Placeholder(reason) => format!("it stands for a value and is none: {reason}"),
        Stop::Name => {
            "the vendor's word is a part of another word, or the name means no credential"
                .to_owned()
        }
        Stop::Unlike => {
            "no literal value is given to it, or none that could be a credential".to_owned()
        }
        Stop::Score => "name, value and place together make it no credential".to_owned(),
    }
}

/// Why a match did not become a finding.
fn dropped(found: &Match, rule: &Rule, file: &File<'_>) -> (&'static str, String) {
    let kind = Kind::of(Some(file.path));
    let score = found.shape.as_deref().map(|shape| shape.score_at(Some(file.path)));
    if file.excluded {
        ("exclude", "the configuration leaves this file out".to_owned())
    } else if !rule.admits(Some(file.path)) {
        ("paths", format!("the rule is limited to {}", rule.spec().paths.join(", ")))
    } else if score == Some(None) {
        let why = "in a file of this kind what looks random is no credential";
        ("kind", format!("{why} ({})", kind.name()))
    } else if let Some(Some(score)) = score
        && score < POSSIBLE
    {
        ("score", format!("name, value and place together score {score:.2}, below {POSSIBLE}"))
    } else {
        let why = "another match of the same bytes is surer or more specific, or the file is the baseline";
        ("outdone", why.to_owned())
    }
}

fn write(answer: &Answer<'_>, format: ExplainFormat, mut out: &mut dyn Write) -> io::Result<()> {
    match format {
        ExplainFormat::Human => human(answer, out),
        ExplainFormat::Json => {
            serde_json::to_writer_pretty(&mut out, answer)?;
            writeln!(out)
        }
    }
}

fn human(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}:{} (kind of file: {})", escaped(&answer.path), answer.line, answer.kind)?;
    for hit in &answer.matches {
        let Hit { start_column, rule_name, redacted, severity, confidence, score, rule_id, .. } =
            hit;
        let redacted = escaped(redacted);
        writeln!(
            out,
            "  column {start_column}: {rule_name}  {redacted}  {severity}, {confidence} ({score})  {rule_id}"
        )?;
        writeln!(out, "    verdict  {}", escaped(&hit.verdict))?;
        writeln!(out, "    why      {}", escaped(&hit.evidence.join(", ")))?;
        if !hit.judged.is_empty() {
            writeln!(out, "    judged   {}", escaped(&hit.judged.join("; ")))?;
        }
        if !hit.decoded.is_empty() {
            let within: Vec<&str> = hit.decoded.iter().rev().copied().collect();
            writeln!(out, "    within   {}", within.join(" in "))?;
        }
        writeln!(out, "    opens    {}", hit.description)?;
        if let Some(url) = hit.revoke_url {
            writeln!(out, "    revoke   {url}")?;
        }
    }
    if answer.matches.is_empty() {
        writeln!(out, "  Nothing on this line is taken for a credential.")?;
    }
    let mut reasons: BTreeMap<(&str, &str, &[String]), Vec<&str>> = BTreeMap::new();
    for one in &answer.attempts {
        reasons.entry((&one.keyword, &one.why, &one.judged)).or_default().push(one.rule_id);
    }
    match (reasons.is_empty(), answer.matches.is_empty()) {
        (true, true) if answer.packed => {
            writeln!(out, "  Which keywords came to nothing is told of files alone: unpack it.")?;
        }
        (true, true) => writeln!(out, "  It holds no keyword of any rule.")?,
        (true, false) => {}
        (false, _) => writeln!(out, "  Also tried:")?,
    }
    for ((keyword, why, judged), ids) in reasons {
        writeln!(out, "    {keyword}: {} ({})", escaped(why), ids.join(", "))?;
        if !judged.is_empty() {
            writeln!(out, "      {}", escaped(&judged.join("; ")))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;

    use super::*;

    #[test]
    fn lines_are_counted_as_positions_are() {
        let text = b"one\r\ntwo\rthree\n\nfive";
        let line = |number| line_span(text, number).map(|span| text[span.range()].as_bstr());
        let all: Vec<_> = (1..=6).map(line).collect();
        let of = |text: &'static str| Some(bstr::BStr::new(text));
        assert_eq!(all, [of("one"), of("two"), of("three"), of(""), of("five"), None]);
        assert_eq!(line(0), None);
        assert_eq!(line_span(b"", 1), Some(Span::new(0, 0)));
        assert_eq!(line_span(b"a\n", 2), None);
    }
}
