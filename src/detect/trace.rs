//! What came of each keyword in a text: for people who ask why something is not found.
//!
//! In: a [`Chunk`]. Out: an [`Attempt`] for each rule that a keyword called up, with its match or what stopped it. It
//! takes the same way as a scan.

use super::generic::{self, Shape};
use super::spec::{Engine, RuleSpec};
use super::{Detector, Match};
use crate::decode::Chunk;

/// Why a rule's try came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// What stands around the keyword does not have the pattern's form.
    Form,
    /// It goes on beyond what the rule takes: a piece of something longer.
    Edge,
    /// The validator refutes it.
    Check,
    /// Too few different bytes for its length.
    Entropy,
    /// It stands for the real value; the word says how that shows.
    Placeholder(&'static str),
    /// The vendor's word is a part of another one, or the name means no credential.
    Name,
    /// No value is given there, or it has not the form of one.
    Unlike,
    /// Name, value and place together make it no credential.
    Score,
}

impl Stop {
    /// A word for it, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Edge => "edge",
            Self::Check => "check",
            Self::Entropy => "entropy",
            Self::Placeholder(_) => "placeholder",
            Self::Name => "name",
            Self::Unlike => "unlike",
            Self::Score => "score",
        }
    }
}

/// One rule's try at a keyword.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The rule's number.
    pub rule: u16,
    /// Which of its keywords stands there.
    pub keyword: String,
    /// What came of it.
    pub result: Result<Match, Stop>,
    /// For generic credentials, the name that the value is given to, and how the two are written.
    pub judged: Option<(String, Shape)>,
}

impl Detector {
    /// What comes of every keyword that starts in the chunk's own range, in the order of the text.
    #[must_use]
    pub fn trace(&self, chunk: &Chunk<'_>) -> Vec<Attempt> {
        let rules = self.rules().rules();
        let mut hits = Vec::new();
        self.rules().prefilter().each(&chunk.bytes, |hit| {
            if chunk.own.contains(&hit.at) {
                hits.push(hit);
            }
        });
        hits.sort_by_key(|hit| (hit.at, hit.keyword));
        let mut attempts = Vec::new();
        for hit in hits {
            for &rule in self.rules().called_by(hit.keyword) {
                let keyword = keyword(rules[usize::from(rule)].spec(), &chunk.bytes[hit.at..]);
                let before = attempts.len();
                let attempt =
                    |result| Attempt { rule, keyword: keyword.clone(), result, judged: None };
                self.show(rule, chunk, hit.at, &mut |result| attempts.push(attempt(result)));
                if attempts.len() == before {
                    attempts.push(attempt(Err(Stop::Form)));
                }
                if rules[usize::from(rule)].spec().engine == Engine::Assignment {
                    self.judge(chunk, hit.at, &mut attempts[before..]);
                }
            }
        }
        attempts
    }

    /// Adds what is known of the values that the keyword at `at` led to: a scan does not ask why there is none.
    fn judge(&self, chunk: &Chunk<'_>, at: usize, attempts: &mut [Attempt]) {
        for attempt in attempts {
            let (start, window) = self.window(attempt.rule, &chunk.bytes, at);
            let name = generic::name(window, at - start);
            let candidates = generic::read(window, name);
            let meant = candidates.iter().find(|candidate| match &attempt.result {
                Ok(found) => found.secret.start == candidate.value.start + start,
                Err(_) => true,
            });
            attempt.judged = meant.map(|meant| (meant.name(window), meant.shape));
            if attempt.result.as_ref().is_err_and(|stop| *stop == Stop::Unlike) {
                let refusal = || generic::refusal(window, name);
                attempt.result = Err(meant.map_or_else(refusal, |_| Stop::Score));
            }
        }
    }
}

/// The longest keyword of a rule that `text` begins with.
fn keyword(spec: &RuleSpec, text: &[u8]) -> String {
    let stands = |keyword: &str| {
        text.get(..keyword.len()).is_some_and(|here| here.eq_ignore_ascii_case(keyword.as_bytes()))
    };
    let standing = spec.keywords.iter().filter(|keyword| stands(keyword));
    standing.max_by_key(|keyword| keyword.len()).map_or(String::new(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::rules::{RuleSet, Selection};
    use crate::detect::spec::Confidence;

    fn stops(text: &str, rule: &str) -> Vec<Option<Stop>> {
        let only = vec![rule.to_owned()];
        let rules = RuleSet::new(&Selection { only, ..Selection::default() }).unwrap();
        let detector = Detector::new(rules, Confidence::Possible);
        let attempts = detector.trace(&Chunk::whole(text.as_bytes()));
        attempts.into_iter().map(|attempt| attempt.result.err()).collect()
    }

    #[test]
    fn every_keyword_has_an_outcome() {
        let token = |body: &str| format!("x = \"{}{body}\"", ["ghp", "_"].concat());
        let of = |text: &str| stops(text, "github-pat-classic");
        assert_eq!(of("nothing here"), []);
        assert_eq!(of(&token("short")), [Some(Stop::Form)]);
        assert_eq!(of(&format!("y{}", token("").trim_start_matches("x = \""))), [Some(Stop::Edge)]);
        assert_eq!(of(&token(&"kQ4z".repeat(9))), [Some(Stop::Check)]);
        let generic = |text: &str| stops(text, "generic-password");
        assert_eq!(generic("password = getpass()"), [Some(Stop::Unlike); 2]);
        assert_eq!(generic("password = \"${X}\""), [Some(Stop::Placeholder("reference"))]);
        assert_eq!(generic("bypass = \"on the way\""), [Some(Stop::Name)]);
        let named = [Some(Stop::Score), Some(Stop::Unlike)];
        assert_eq!(generic("password = password_field"), named);
        assert_eq!(generic(&["password = \"kT7#", "qm2LxV\""].concat()), [None]);
        let url = ["postgres://app:", "${DB_PASS}", "@db.internal/x"].concat();
        assert!(stops(&url, "postgres-url").iter().all(Option::is_some));
    }
}
