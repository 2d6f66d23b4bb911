//! Keeps secrets out of what reports quote from a repository: commit summaries, authors, ref names, paths.
//!
//! In: sorted findings and skipped inputs, and the detector that found them. Out: the same, with every quoted text
//! that holds a credential masked. It runs last, when paths have served as identities. And for formats that show the
//! line a finding stands on, that line, masked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bstr::BString;
use foldhash::fast::RandomState;
use memchr::memmem::Finder;

use crate::decode::Chunk;
use crate::detect::Detector;
use crate::detect::evidence::Evidence;
use crate::detect::spec::Confidence;
use crate::source::attribution::Fate;
use crate::source::{CommitFacts, ObjectId, Skipped};
use crate::text::Span;
use crate::verdict::finding::{Finding, Place};

/// What stands in the place of a secret.
const MASK: &[u8] = b"****";
/// Shorter values are words that text holds by chance.
const SHORTEST: usize = 6;
/// A line that shows as many bytes of a secret on end shows too much.
const WINDOW: usize = 6;
/// Characters of a line that are shown on either side of a secret.
const AROUND: usize = 80;

/// Masks credentials in everything that the findings quote, and in the names of what was skipped.
pub fn screen(findings: &mut [Finding], skipped: &mut [Skipped], detector: &Detector) {
    let (mut commits, mut refs) = (HashMap::new(), Refs::default());
    let screen = Screen::new(detector, b"", &mut commits, &mut refs);
    for skipped in skipped {
        screen.path(&mut skipped.what);
        screen.text(&mut skipped.detail);
    }
    for finding in findings {
        let secret = finding.secret.clone();
        let secret = secret.reveal();
        let mut screen = Screen::new(detector, secret, &mut commits, &mut refs);
        screen.place(&mut finding.place);
        for place in &mut finding.occurrences {
            screen.place(place);
        }
        if let Some(note) = &mut finding.note {
            screen.text(note);
        }
        for evidence in &mut finding.evidence {
            if let Evidence::Keyword(text) | Evidence::Fact(_, text) = evidence {
                screen.text(text);
            }
        }
    }
}

/// A text with the credentials that are found in it masked.
#[must_use]
pub fn masked(text: &[u8], detector: &Detector) -> BString {
    let (mut commits, mut refs) = (HashMap::new(), Refs::default());
    let screen = Screen::new(detector, b"", &mut commits, &mut refs);
    screen.masked(text).unwrap_or_else(|| text.into())
}

/// The line a finding stands on, with what is secret masked.
///
/// There is none where the lines were not kept, where the secret was decoded from what the line holds, and where a
/// part of it would show all the same.
pub(super) fn snippet(finding: &Finding, redacted: &str, detector: &Detector) -> Option<String> {
    let (secret, lines) = (finding.secret.reveal(), finding.lines.reveal());
    if !finding.place.via.is_empty() || lines.is_empty() || secret.len() < SHORTEST {
        return None;
    }
    let own = Finder::new(secret);
    let mut spans: Vec<Span> =
        own.find_iter(lines).map(|at| Span::new(at, at + secret.len())).collect();
    let first = *spans.first()?;
    let mut found = Vec::new();
    detector.detect(&Chunk::whole(lines), &mut found);
    spans.extend(found.iter().map(|found| found.outer));
    let before = spans.iter().copied().filter(|span| span.start < first.start).collect::<Vec<_>>();
    let masked = mask(lines, spans);
    // Where the mask begins that covers the secret: what stands before it may be masked together with it.
    let joined = before.iter().find(|span| span.end > first.start).map(|span| span.start);
    let before = before.into_iter().filter(|span| span.end <= first.start).collect();
    let head = mask(&lines[..joined.unwrap_or(first.start)], before).len();
    let text = String::from_utf8_lossy(&masked);
    let shows = |part: &[u8]| memchr::memmem::find(&masked, part).is_some();
    if secret.len() >= WINDOW && secret.windows(WINDOW).any(shows) {
        return None;
    }
    Some(around(&text, head, redacted))
}

/// The stretch of `text` around the byte `at`, where the mask of a finding stands, on one line.
fn around(text: &str, at: usize, redacted: &str) -> String {
    let at = (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let (before, after) = text.split_at(at);
    let mask = String::from_utf8_lossy(MASK);
    let after = after.strip_prefix(&*mask).unwrap_or(after);
    let before = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let after = after.split(['\n', '\r']).next().unwrap_or_default();
    let tail: String = after.chars().take(AROUND).collect();
    let skipped = before.chars().count().saturating_sub(AROUND);
    let head: String = before.chars().skip(skipped).collect();
    let more = |cut: bool| if cut { "\u{2026}" } else { "" };
    let (cut, longer) = (more(skipped > 0), more(tail.len() < after.len()));
    let line = format!("{cut}{}{redacted}{tail}{longer}", head.trim_start());
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A list of refs.
type List = Arc<[String]>;
/// What was masked before.
#[derive(Default)]
struct Refs {
    /// Lists by their addresses, and what was made of each. Findings share their lists; nothing else takes an address as
    /// long as its list is held here.
    lists: HashMap<*const [String], (List, List)>,
    /// Names that hold nothing: thousands of lists share nearly all of theirs.
    plain: HashSet<String, RandomState>,
    /// All names, one a line; none holds a line's end.
    names: String,
}

struct Screen<'a> {
    detector: &'a Detector,
    /// Finds the secret, unless it is too short.
    own: Option<Finder<'a>>,
    /// Commits screened so far: one is quoted by many findings.
    commits: &'a mut HashMap<ObjectId, Arc<CommitFacts>>,
    refs: &'a mut Refs,
    /// The last list of refs, and what was made of it: a finding's places share most of them.
    last: Option<(List, List)>,
}

impl<'a> Screen<'a> {
    fn new(
        detector: &'a Detector,
        secret: &'a [u8],
        commits: &'a mut HashMap<ObjectId, Arc<CommitFacts>>,
        refs: &'a mut Refs,
    ) -> Self {
        let own = (secret.len() >= SHORTEST).then(|| Finder::new(secret));
        Self { detector, own, commits, refs, last: None }
    }

    /// Whether a text holds the secret.
    fn quotes(&self, text: &str) -> bool {
        self.own.as_ref().is_some_and(|own| own.find(text.as_bytes()).is_some())
    }

    fn place(&mut self, place: &mut Place) {
        if let Some(path) = &mut place.path {
            self.path(path);
        }
        self.refs(&mut place.refs);
        if let Some(partner) = &mut place.partner
            && let Some(masked) = self.masked(&partner.value)
        {
            Arc::make_mut(partner).value = masked;
        }
        if let Some(commit) = &mut place.commit {
            self.commit(commit);
        }
        if let Some(fate) = &mut place.fate
            && (fate.last.is_some() || fate.removed.is_some())
        {
            let mut masked = Fate::clone(fate);
            masked.last.iter_mut().chain(&mut masked.removed).for_each(|c| self.commit(c));
            *fate = Arc::new(masked);
        }
    }

    fn commit(&mut self, commit: &mut Arc<CommitFacts>) {
        let known = self.commits.get(&commit.id).cloned();
        let mut facts = known.unwrap_or_else(|| {
            let mut facts = CommitFacts::clone(commit);
            self.text(&mut facts.summary);
            self.text(&mut facts.author);
            self.text(&mut facts.date);
            Arc::new(facts)
        });
        self.commits.insert(facts.id, Arc::clone(&facts));
        if self.quotes(&facts.summary) {
            self.text(&mut Arc::make_mut(&mut facts).summary);
        }
        *commit = facts;
    }

    fn path(&self, path: &mut BString) {
        if let Some(masked) = self.masked(path) {
            *path = masked;
        }
    }

    /// Masks names of refs; places that share a list share the masked one.
    fn refs(&mut self, refs: &mut Arc<[String]>) {
        if let Some((last, made)) = &self.last
            && Arc::ptr_eq(last, refs)
        {
            *refs = Arc::clone(made);
            return;
        }
        let mut made = self.known(refs);
        if self.quotes(&self.refs.names) && refs.iter().any(|name| self.quotes(name)) {
            let mut names = refs.to_vec();
            for name in &mut names {
                self.text(name);
            }
            made = names.into();
        }
        self.last = Some((std::mem::replace(refs, Arc::clone(&made)), made));
    }

    /// A list as it is masked whatever the finding: the same one, if its names hold nothing.
    fn known(&mut self, refs: &List) -> List {
        if let Some((_, made)) = self.refs.lists.get(&Arc::as_ptr(refs)) {
            return Arc::clone(made);
        }
        let mut made = Vec::new();
        for (at, name) in refs.iter().enumerate() {
            if self.refs.plain.contains(name) {
                continue;
            }
            self.refs.names.push_str(name);
            self.refs.names.push('\n');
            if let Some(masked) = hide(name.as_bytes(), self.credentials(name.as_bytes())) {
                if made.is_empty() {
                    made = refs.to_vec();
                }
                made[at] = masked.to_string();
            } else {
                self.refs.plain.insert(name.clone());
            }
        }
        let made = if made.is_empty() { Arc::clone(refs) } else { made.into() };
        self.refs.lists.insert(Arc::as_ptr(refs), (Arc::clone(refs), Arc::clone(&made)));
        made
    }

    fn text(&self, text: &mut String) {
        if let Some(masked) = self.masked(text.as_bytes()) {
            *text = masked.to_string();
        }
    }

    /// `text` with its credentials masked, if it holds any.
    fn masked(&self, text: &[u8]) -> Option<BString> {
        let mut spans = self.credentials(text);
        if let Some(own) = &self.own {
            let length = own.needle().len();
            spans.extend(own.find_iter(text).map(|at| Span::new(at, at + length)));
        }
        hide(text, spans)
    }

    /// Where a text holds credentials.
    fn credentials(&self, text: &[u8]) -> Vec<Span> {
        let mut found = Vec::new();
        self.detector.detect(&Chunk::whole(text), &mut found);
        found.retain(|found| found.confidence >= Confidence::Likely);
        found.iter().map(|found| found.outer).collect()
    }
}

/// `text` with what stands in `spans` masked, if there is any.
fn hide(text: &[u8], spans: Vec<Span>) -> Option<BString> {
    (!spans.is_empty()).then(|| mask(text, spans).into())
}

/// `text` with what stands in `spans` masked.
fn mask(text: &[u8], mut spans: Vec<Span>) -> Vec<u8> {
    spans.sort();
    let mut masked = Vec::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        if span.end <= from {
            continue;
        }
        if span.start >= from {
            masked.extend_from_slice(&text[from..span.start]);
            masked.extend_from_slice(MASK);
        }
        from = span.end;
    }
    masked.extend_from_slice(&text[from..]);
    masked
}
