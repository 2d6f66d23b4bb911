//! All that is known of one leak, for `explain` and `incident`.
//!
//! In: the cases of a repository, and one of them. Out: a [`Dossier`], in which nothing is secret any more.

use std::collections::BTreeSet;

use serde::Serialize;

use super::cases::{Case, Cases};
use super::uses::Uses;
use crate::detect::evidence::Evidence;
use crate::remedy::advice::{Facts, rotation};
use crate::remedy::environment::environment;
use crate::remedy::literal::{around, variable};
use crate::report::document::{Commit, Lifecycle, commit};
use crate::report::reason;
use crate::source::outermost;
use crate::verdict::finding::Place;

/// A place in a file on disk.
#[derive(Debug, Serialize)]
pub(super) struct Spot {
    pub(super) path: String,
    pub(super) line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) environment: Option<&'static str>,
}

/// The same value at another path, or found by another rule.
#[derive(Debug, Serialize)]
pub(super) struct Copy {
    pub(super) fingerprint: String,
    pub(super) rule_id: String,
    pub(super) path: String,
    /// Whether it is in a file on disk.
    pub(super) on_disk: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) in_head: Option<bool>,
}

/// What is known of a leak. Fields of the JSON form may be added, never renamed or removed.
#[derive(Serialize)]
pub(super) struct Dossier<'a> {
    version: u32,
    pub(super) fingerprint: String,
    pub(super) rule_id: &'a str,
    pub(super) rule_name: &'a str,
    pub(super) provider: &'a str,
    /// What it opens.
    pub(super) description: &'a str,
    pub(super) redacted: String,
    pub(super) severity: &'static str,
    pub(super) confidence: &'static str,
    pub(super) score: f32,
    pub(super) evidence: Vec<String>,
    /// The evidence in words.
    pub(super) because: Vec<String>,
    /// What was read out of it: an account, an expiry.
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<&'a str>,
    pub(super) path: String,
    pub(super) decoded: &'a [&'static str],
    /// Where it stands in files on disk, copies included.
    pub(super) on_disk: Vec<Spot>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) introduced: Option<Commit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) in_head: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lifecycle: Option<Lifecycle<'a>>,
    /// The refs whose history holds it or a copy.
    pub(super) refs: BTreeSet<String>,
    pub(super) copies: Vec<Copy>,
    /// The names that stand for it, as environment variables.
    pub(super) names: BTreeSet<String>,
    /// Files on disk that hold it or refer to one of the names.
    pub(super) uses: BTreeSet<String>,
    pub(super) revoke_url: Option<&'a str>,
    pub(super) docs_url: Option<&'a str>,
    /// How to rotate it.
    pub(super) steps: Vec<String>,
}

impl<'a> Dossier<'a> {
    /// Puts together what is known of `shown[at]`; `shown` are the masked cases.
    pub(super) fn new(cases: &'a Cases<'_>, shown: &'a [Case], at: usize, uses: &Uses) -> Self {
        let case = &shown[at];
        let finding = &case.finding;
        let spec = cases.spec(case);
        let all = cases.copies(&cases.all[at]);
        let copies = all.iter().filter(|&&other| other != at);
        let copies: Vec<Copy> = copies.map(|&other| copy(cases, &shown[other])).collect();
        let on_disk: Vec<Spot> =
            all.iter().flat_map(|&other| shown[other].here.iter().map(spot)).collect();
        let places = || all.iter().flat_map(|&other| shown[other].finding.places());
        let names = cases.names(&all);
        let mut files: BTreeSet<String> = on_disk.iter().map(|spot| spot.path.clone()).collect();
        files.extend(names.iter().filter_map(|name| uses.get(name)).flatten().cloned());
        let listed: Vec<String> = files.iter().cloned().collect();
        let since = places().filter_map(|place| place.commit.as_ref()).min();
        let facts = Facts {
            provider: &spec.provider,
            description: &spec.description,
            revoke: spec.revoke_url.as_deref(),
            docs: spec.docs_url.as_deref(),
            since: since.map(|commit| commit.date.get(..10).unwrap_or(&commit.date)),
            uses: &listed,
        };
        let steps = rotation(&facts);
        Self {
            version: 1,
            fingerprint: finding.fingerprint.to_string(),
            rule_id: &spec.id,
            rule_name: &spec.name,
            provider: &spec.provider,
            description: &spec.description,
            redacted: cases.all[at].finding.secret.masked(&spec.keywords),
            severity: cases.severity(case).name(),
            confidence: finding.confidence.name(),
            score: (finding.score * 100.0).round() / 100.0,
            evidence: finding.evidence.iter().map(ToString::to_string).collect(),
            because: finding
                .evidence
                .iter()
                .map(|evidence| reason(&evidence.to_string()))
                .collect(),
            facts: finding.evidence.iter().filter_map(fact).collect(),
            status: finding.verdict.name(),
            label: finding.label.map(crate::verdict::baseline::Label::name),
            note: finding.note.as_deref(),
            path: path(&finding.place),
            decoded: &finding.place.via,
            on_disk,
            introduced: finding.place.commit.as_deref().map(commit),
            in_head: finding.place.in_head,
            lifecycle: Lifecycle::of(finding),
            refs: places().flat_map(|place| place.refs.iter().cloned()).collect(),
            copies,
            names,
            uses: files,
            revoke_url: spec.revoke_url.as_deref(),
            docs_url: spec.docs_url.as_deref(),
            steps,
        }
    }

    /// Whether a remote-tracking ref reaches it or a copy of it.
    pub(super) fn pushed(&self) -> bool {
        self.refs.iter().any(|name| name.starts_with("refs/remotes/"))
    }
}

impl Cases<'_> {
    /// The names that stand for a value, as environment variables: those it was given to, and those it was moved to.
    pub(super) fn names(&self, cases: &[usize]) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for &at in cases {
            let finding = &self.all[at].finding;
            names.extend(finding.moved.iter().map(|moved| moved.name.clone()));
            let lines = String::from_utf8_lossy(finding.lines.reveal());
            let secret = String::from_utf8_lossy(finding.secret.reveal());
            for line in lines.lines() {
                let Some(start) = line.find(&*secret) else { continue };
                let name = around(line, start..start + secret.len()).name;
                // A name that is the secret of another finding is none.
                // and `token` is what any program calls its own.
                let plain = |name: &String| {
                    let said = name.contains(|c: char| !c.is_ascii_lowercase());
                    said && !self.quotes(name)
                };
                names.extend(name.filter(plain).map(|name| variable(&name)));
            }
        }
        names
    }

    /// Whether a text holds one of the secrets.
    pub(super) fn quotes(&self, text: &str) -> bool {
        self.all.iter().any(|case| {
            let secret = case.finding.secret.reveal();
            (6..=text.len()).contains(&secret.len())
                && memchr::memmem::find(text.as_bytes(), secret).is_some()
        })
    }
}

fn copy(cases: &Cases<'_>, case: &Case) -> Copy {
    Copy {
        fingerprint: case.finding.fingerprint.to_string(),
        rule_id: cases.spec(case).id.to_string(),
        path: path(&case.finding.place),
        on_disk: !case.here.is_empty(),
        in_head: case.finding.place.in_head,
    }
}

/// A place in a file on disk.
pub(super) fn spot(place: &Place) -> Spot {
    let path = path(place);
    let environment = environment(&path);
    Spot { line: place.start.line, environment, path }
}

/// A place's file, or what it is where there is none.
pub(super) fn path(place: &Place) -> String {
    match (&place.path, place.object) {
        (Some(path), _) => path.to_string(),
        (None, Some(object)) => format!("{} {}", object.kind.name(), object.id),
        (None, None) => "no file".to_owned(),
    }
}

/// Whether a place lies in an archive, where no text can be replaced.
pub(super) fn is_packed(path: &str) -> bool {
    outermost(path.as_bytes()) != path.as_bytes()
}

fn fact(evidence: &Evidence) -> Option<(&'static str, String)> {
    match evidence {
        Evidence::Fact(name, value) => Some((name, value.clone())),
        _ => None,
    }
}
