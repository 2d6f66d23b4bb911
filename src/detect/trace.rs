//! What came of each keyword in a text: for people who ask why something is not found.
//!
//! In: a [`Chunk`]. Out: an [`Attempt`] for each rule that a keyword called up, with its match or what stopped it. It
//! takes the same way as a scan.

use super::spec::RuleSpec;
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
    /// Nothing is assigned there, the name means no credential, or the value does not look like one.
    Unlike,
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
                let attempt = |result| Attempt { rule, keyword: keyword.clone(), result };
                self.show(rule, chunk, hit.at, &mut |result| attempts.push(attempt(result)));
                if attempts.len() == before {
                    attempts.push(attempt(Err(Stop::Form)));
                }
            }
        }
        attempts
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
        assert_eq!(generic(&["password = \"kT7#", "qm2LxV\""].concat()), [None]);
        let url = ["postgres://app:", "${DB_PASS}", "@db.internal/x"].concat();
        assert!(stops(&url, "postgres-url").iter().all(Option::is_some));
    }
}
