//! Secrets where references belong, the same secret in several places, and what the baseline and comments say.
//!
//! In: the cases of a repository. Out: a check each.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::Zoned;

use super::Check;
use crate::cli::args::Level;
use crate::cli::cases::{Case, Cases};
use crate::cli::dossier::path;
use crate::cli::settings::Place as Folder;
use crate::cli::uses::Allows;
use crate::detect::spec::Confidence;
use crate::engine::config::{Choice, Config};
use crate::remedy::environment::environment;
use crate::report::shell;
use crate::text::Secret;
use crate::verdict::finding::{Place, Reason, Verdict};
use crate::verdict::inline;

/// Lists this long are cut.
const LISTED: usize = 20;

/// The leaks of a repository.
pub(super) struct Leaks<'a> {
    cases: &'a Cases<'a>,
    shown: Vec<Case>,
    least: Confidence,
    /// Whether the history was read.
    history: bool,
}

impl<'a> Leaks<'a> {
    pub(super) fn new(cases: &'a Cases<'a>, least: Option<Level>, history: bool) -> Result<Self> {
        let folder = Folder::here()?;
        let config = Config::read(Choice { named: None, ignored: false }, folder.top());
        let set = config.ok().and_then(|config| config.min_confidence);
        let least = least.map(Confidence::from).or(set).unwrap_or(Confidence::Likely);
        Ok(Self { cases, shown: cases.shown(), least, history })
    }

    /// The numbers of the cases that a scan reports or the baseline accepts, and that nobody has rotated.
    fn live(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.cases.all.len()).filter(|&at| {
            let case = &self.cases.all[at];
            case.is_live() && case.finding.confidence >= self.least
        })
    }

    /// Whether a value is a secret in the file at `path`.
    pub(super) fn is_secret_at(&self, path: &str, value: &Secret) -> bool {
        self.cases.all.iter().any(|case| {
            let here = case
                .here
                .iter()
                .any(|place| place.path.as_ref().is_some_and(|at| &at[..] == path.as_bytes()));
            let inner = case.finding.secret.reveal();
            here && memchr::memmem::find(value.reveal(), inner).is_some()
                && case.finding.confidence >= self.least
        })
    }

    pub(super) fn checks(&self, allows: &Allows) -> Vec<Check> {
        let mut checks = vec![self.open()];
        checks.extend(self.baseline());
        checks.extend([
            self.comments(allows),
            self.references(),
            self.environments(),
            self.reused(),
        ]);
        checks
    }

    /// Whether there is anything new.
    fn open(&self) -> Check {
        let open = self.live().filter(|&at| self.cases.all[at].finding.verdict.is_open());
        let problems = list(open.map(|at| {
            let case = &self.shown[at];
            let print = case.finding.fingerprint.to_string();
            format!("{} in {} ({})", self.cases.spec(case).name, self.place(at), &print[..8])
        }));
        let mut problems = problems;
        problems.extend(self.cases.warning());
        let fixes =
            vec!["leakstop explain FINGERPRINT".into(), "leakstop incident FINGERPRINT".into()];
        Check::new("new", "No new secret in files and history", problems, fixes)
    }

    /// Where a case stands: on disk with its line, else its path in the history.
    fn place(&self, at: usize) -> String {
        let case = &self.shown[at];
        match case.here.first() {
            Some(place) => format!("{}:{}", path(place), place.start.line),
            None => format!("{} (history)", path(&case.finding.place)),
        }
    }

    /// Whether the baseline's entries are all still found, valid and looked at.
    fn baseline(&self) -> Vec<Check> {
        let session = &self.cases.session;
        let Some(baseline) = &session.settings.baseline else { return Vec::new() };
        let today = Zoned::now().date();
        let wanted: Vec<usize> = (0..self.cases.all.len())
            .filter(|&at| {
                let finding = &self.cases.all[at].finding;
                !matches!(finding.verdict, Verdict::Suppressed(reason) if reason != Reason::Baseline)
            })
            .collect();
        let found: Vec<_> =
            wanted.iter().map(|&at| session.as_found(&self.cases.all[at].finding)).collect();
        // Without the history it is not known what else was accepted there.
        let stale = if self.history { baseline.diff(&found).removed } else { Vec::new() };
        let stale = list(
            stale.iter().map(|row| format!("{} in {} is no longer found", row.rule, row.path)),
        );
        let expired =
            wanted.iter().filter(|&&at| self.cases.all[at].finding.verdict == Verdict::Expired);
        let expired = list(expired.map(|&at| format!("{} has expired", self.place(at))));
        let audited = baseline.audited(&found, today);
        let accepted =
            |at: usize| self.cases.all[at].finding.verdict == Verdict::Suppressed(Reason::Baseline);
        let unaudited =
            wanted.iter().zip(audited).filter(|&(&at, audited)| !audited && accepted(at));
        let unaudited =
            list(unaudited.map(|(&at, _)| format!("nobody has looked at {}", self.place(at))));
        let fix = |text: &str| vec![text.to_owned()];
        let prune = "leakstop baseline prune --history";
        vec![
            Check::new(
                "baseline-stale",
                "All entries of the baseline are still found",
                stale,
                fix(prune),
            ),
            Check::new(
                "baseline-expired",
                "No entry of the baseline has expired",
                expired,
                fix("leakstop audit"),
            ),
            Check::new(
                "baseline-unaudited",
                "Somebody has looked at all entries of the baseline",
                unaudited,
                fix("leakstop audit"),
            ),
        ]
    }

    /// Whether every allow comment allows something.
    fn comments(&self, allows: &Allows) -> Check {
        let mut used: BTreeSet<(String, usize)> = BTreeSet::new();
        // An example needs no comment.
        let wanting = |case: &&Case| case.finding.verdict != Verdict::Suppressed(Reason::Example);
        for case in self.cases.all.iter().filter(wanting) {
            for place in &case.here {
                let Some(path) = place.path.as_ref().map(ToString::to_string) else { continue };
                let Some(comments) = allows.get(&path) else { continue };
                let lines = self.allowing(case, place, &path, comments);
                used.extend(lines.into_iter().map(|line| (path.clone(), line)));
            }
        }
        let all =
            allows.iter().flat_map(|(path, lines)| lines.keys().map(move |line| (path, *line)));
        let unused = all.filter(|(path, line)| !used.contains(&((*path).clone(), *line)));
        let problems = list(unused.map(|(path, line)| format!("{path}:{line} allows nothing")));
        Check::new(
            "comments",
            "Every allow comment is needed",
            problems,
            vec!["delete these comments".into()],
        )
    }

    /// The lines of the comments of a file that allow a case at a place in it.
    fn allowing(
        &self,
        case: &Case,
        place: &Place,
        path: &str,
        comments: &BTreeMap<usize, Secret>,
    ) -> Vec<usize> {
        let rule = &self.cases.spec(case).id;
        let (start, end) = (place.start.line, place.end.line);
        // One above may speak of the next line.
        let near = || comments.range(start.saturating_sub(1)..=end);
        let told = near().filter(|&(&line, text)| {
            let text = text.reveal();
            let (lines, above) = if line < start { (&[][..], Some(text)) } else { (text, None) };
            inline::allowance(lines, above, rule, Some(path.as_bytes())).is_some()
        });
        let told: Vec<usize> = told.map(|(&line, _)| line).collect();
        if told.is_empty() && case.finding.verdict == Verdict::Suppressed(Reason::Inline) {
            // A match may begin above its secret, and be allowed there.
            return near().map(|(&line, _)| line).collect();
        }
        told
    }

    /// Whether files that should refer to secrets hold them.
    fn references(&self) -> Check {
        let bad: Vec<(usize, &str)> = self
            .live()
            .filter(|&at| !self.cases.all[at].here.is_empty())
            .filter_map(|at| Some((at, refers(&path(&self.cases.all[at].finding.place))?)))
            .collect();
        let problems =
            list(bad.iter().map(|&(at, kind)| format!("{} holds one, in {kind}", self.place(at))));
        let fixes = bad
            .iter()
            .take(LISTED)
            .map(|&(at, _)| format!("leakstop fix {} --to env", shell(&self.place(at))));
        Check::new(
            "references",
            "CI, compose, Helm and Docker files refer to secrets, and hold none",
            problems,
            fixes.collect(),
        )
    }

    /// The live cases on disk, by value.
    fn values(&self) -> BTreeMap<&Secret, Vec<usize>> {
        let mut values: BTreeMap<&Secret, Vec<usize>> = BTreeMap::new();
        for at in self.live().filter(|&at| !self.cases.all[at].here.is_empty()) {
            values.entry(&self.cases.all[at].finding.secret).or_default().push(at);
        }
        values
    }

    /// Whether two environments share a secret.
    fn environments(&self) -> Check {
        let shared = self.values().into_values().filter_map(|cases| {
            let paths: BTreeSet<String> =
                cases.iter().map(|&at| path(&self.shown[at].finding.place)).collect();
            let names: BTreeSet<&str> = paths.iter().filter_map(|path| environment(path)).collect();
            let redacted = self.cases.masked(cases[0]);
            (names.len() > 1).then(|| {
                let names: Vec<&str> = names.into_iter().collect();
                let paths: Vec<String> = paths.into_iter().collect();
                format!("{redacted} serves {}: {}", names.join(" and "), paths.join(", "))
            })
        });
        let fix = "make one secret for each environment: whoever has one then has no other";
        Check::new("environments", "Environments share no secret", list(shared), vec![fix.into()])
    }

    /// Whether one value has several names.
    fn reused(&self) -> Check {
        let reused = self.values().into_values().filter_map(|cases| {
            let names = self.cases.names(&cases);
            let redacted = self.cases.masked(cases[0]);
            let names: Vec<String> = names.into_iter().collect();
            (names.len() > 1).then(|| format!("{redacted} is called {}", names.join(" and ")))
        });
        let fix = "one secret for one purpose, under one name";
        Check::new("reused", "No value has several names", list(reused), vec![fix.into()])
    }
}

/// The first few problems.
fn list(problems: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = problems.collect();
    all.sort();
    let more = all.len().saturating_sub(LISTED);
    all.truncate(LISTED);
    all.extend((more > 0).then(|| format!("and {more} more")));
    all
}

/// What kind of file this is, if it is one that should refer to secrets.
fn refers(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let yaml = matches!(name.rsplit('.').next(), Some("yml" | "yaml"));
    let starts = |word: &str| name.starts_with(word);
    if path.contains("/workflows/") && path.starts_with('.')
        || starts(".gitlab-ci")
        || path.starts_with(".circleci/")
        || name == "Jenkinsfile"
        || starts("azure-pipelines")
        || starts("bitbucket-pipelines")
        || starts(".travis")
        || starts(".drone")
        || starts(".woodpecker")
    {
        Some("a CI file")
    } else if yaml && (starts("docker-compose") || starts("compose")) {
        Some("a compose file")
    } else if yaml && starts("values") {
        Some("values of a Helm chart")
    } else if starts("Dockerfile") || starts("Containerfile") || name.ends_with(".dockerfile") {
        Some("a Dockerfile")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_should_refer_are_known_by_name() {
        for path in [
            ".github/workflows/ci.yml",
            "docker-compose.prod.yml",
            "chart/values-prod.yaml",
            "deploy/Dockerfile",
            ".gitlab-ci.yml",
        ] {
            assert!(refers(path).is_some(), "{path}");
        }
        for path in ["src/values.rs", "workflows/ci.yml", "composer.json", "values.txt"] {
            assert_eq!(refers(path), None, "{path}");
        }
    }
}
