//! `.leakstop.toml`: what a repository says of itself.
//!
//! In: a path. Out: a [`Config`], or an error that names file, line and key. What it quotes never holds a value of
//! the file, which may be a secret. `docs/leakstop.schema.json` describes the same for editors.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Error;
use crate::detect::rules::{RuleError, RuleSet, Selection};
use crate::detect::spec::{Confidence, RuleEntry};
use crate::text::nearest;
use crate::verdict::policy::Allowance;

/// The configuration's name at the repository root.
pub(crate) const CONFIG: &str = ".leakstop.toml";

/// The file as written. Keys that are not here are errors.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) min_confidence: Option<Confidence>,
    #[serde(default)]
    pub(crate) exclude: Vec<String>,
    #[serde(default)]
    pub(crate) disable: Vec<String>,
    #[serde(default)]
    pub(crate) allow: Vec<Allowance>,
    #[serde(default)]
    pub(crate) rule: Vec<RuleEntry>,
    /// The file, to name it in errors; none for what is set without one.
    #[serde(skip)]
    path: Option<PathBuf>,
}

/// Which configuration to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice<'a> {
    /// The file that was named.
    pub(crate) named: Option<&'a PathBuf>,
    /// Leave the repository's own one aside.
    pub(crate) ignored: bool,
}

impl Config {
    /// Reads the configuration of the repository at `root`, or the one that was named.
    ///
    /// # Errors
    /// A named file that is not there, a file that cannot be read or says something wrong.
    pub(crate) fn read(choice: Choice<'_>, root: &Path) -> Result<Self, Error> {
        let path = match choice.named {
            Some(path) => path.clone(),
            None if choice.ignored => return Ok(Self::default()),
            None => root.join(CONFIG),
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && choice.named.is_none() => {
                return Ok(Self::default());
            }
            Err(cause) => return Err(Error::io(&path)(cause)),
        };
        Self::parse(&path, &text)
    }

    /// Takes the text of a configuration in; `path` is for the error.
    ///
    /// # Errors
    /// What is wrong in it, and where.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let config = parse::<Self>(path, text)?;
        Ok(Self { path: Some(path.to_path_buf()), ..config })
    }

    /// An error about what the file says, with the name of the file.
    pub(crate) fn wrong(&self, fault: impl Into<Error>) -> Error {
        let fault = fault.into();
        match &self.path {
            Some(path) => Error::settings(format!("{}: {fault}", path.display())),
            None => fault,
        }
    }

    /// The built-in rules and those of the file; with `only` a choice of them. `disable` is heeded.
    ///
    /// # Errors
    /// A bad rule, or an id that no rule has.
    pub(crate) fn rules(&self, only: &[String]) -> Result<RuleSet, RuleError> {
        RuleSet::new(&Selection {
            only: only.to_vec(),
            without: self.disable.clone(),
            named: self.allow.iter().flat_map(|allow| allow.rules.clone()).collect(),
            added: self.rule.clone(),
        })
    }

    /// The built-in rules and those of the file, disabled ones too.
    ///
    /// # Errors
    /// A bad rule.
    pub(crate) fn all_rules(&self) -> Result<RuleSet, RuleError> {
        RuleSet::new(&Selection { added: self.rule.clone(), ..Selection::default() })
    }
}

/// Reads TOML; `path` is for the error.
///
/// # Errors
/// What is wrong in it, and where, without the values in it.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|fault| refused(path, text, &fault))
}

/// What is wrong with a configuration, without the line it quotes or the values in it: they may be secrets.
fn refused(path: &Path, text: &str, fault: &toml::de::Error) -> Error {
    let until = fault.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = until.matches('\n').count() + 1;
    let told = misspelt(fault.message()).unwrap_or_else(|| without_values(fault.message()));
    Error::settings(format!("{}: line {line}: {told}", path.display()))
}

/// What serde says of a key or word that it does not know, with the nearest of those it does.
fn misspelt(message: &str) -> Option<String> {
    let (what, rest) = [("unknown field `", "key"), ("unknown variant `", "word")]
        .into_iter()
        .find_map(|(start, what)| Some((what, message.strip_prefix(start)?)))?;
    let (word, expected) = rest.split_once("`, expected ")?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let hint = match nearest(word, known.iter().copied()).first() {
        Some(near) => format!("; did you mean {near}?"),
        None => ".".to_owned(),
    };
    Some(format!("there is no {what} {}{hint} Known here: {}", brief(word), known.join(", ")))
}

/// A message without what it quotes and without long words.
fn without_values(message: &str) -> String {
    let parts: Vec<&str> = message.split('"').collect();
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    let told = if parts.len() > 1 { format!("{first}…{last}") } else { first.to_owned() };
    told.split(' ').map(brief).collect::<Vec<_>>().join(" ")
}

/// A word that is too short to be a secret, or a gap.
fn brief(word: &str) -> &str {
    if word.len() < 24 { word } else { "…" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        Config::parse(Path::new("f.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn wrong_keys_are_named_with_line_and_neighbour() {
        assert_eq!(
            told("\n\nexlude = []\n"),
            "f.toml: line 3: there is no key exlude; did you mean exclude? \
             Known here: min_confidence, exclude, disable, allow, rule"
        );
        let sure = told("min_confidence = \"certan\"");
        assert!(sure.contains("line 1") && sure.contains("did you mean certain?"), "{sure}");
        let far = told("min_confidence = \"high\"");
        assert!(far.contains("there is no word high. Known here: "), "{far}");
        let inner = told("[[allow]]\nreason = \"x\"\npath = [\"a\"]");
        assert!(inner.contains("line 3") && inner.contains("did you mean paths?"), "{inner}");
    }

    #[test]
    fn values_are_not_quoted() {
        let secret = ["q8Zx7Lk2fV9w", "TnB4mR1sJc0d"].concat();
        for text in [
            format!("min_confidence = \"{secret}\""),
            format!("exclude = \"{secret}\""),
            format!("{secret} = 1"),
            format!("disable = [{secret}]"),
        ] {
            assert!(!told(&text).contains(&secret), "{}", told(&text));
        }
    }
}
