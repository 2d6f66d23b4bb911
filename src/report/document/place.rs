//! Where a finding stands, as it is saved.
//!
//! In: a [`Place`], a commit's facts. Out: a [`Where`], a [`Commit`].

use std::borrow::Cow;

use bstr::{BString, ByteSlice};
use serde::{Deserialize, Serialize};

use crate::detect::rules::RuleSet;
use crate::source::CommitFacts;
use crate::verdict::finding::{Partner, Place};

/// Where a credential stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Where<'a> {
    /// Path below the root; empty where there is no file.
    pub path: Cow<'a, str>,
    /// The same in full where it is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_base64: Option<String>,
    /// The git object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object<'a>>,
    /// Line of the first character, from 1.
    pub start_line: usize,
    /// Line of the last character.
    pub end_line: usize,
    /// Column of the first character, from 1, in Unicode scalar values.
    pub start_column: usize,
    /// One past the column of the last character.
    pub end_column: usize,
    /// How it was decoded, outermost first.
    pub decoded: Vec<Cow<'a, str>>,
    /// The commit that introduces it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit<'a>>,
    /// The identifier that a secret belongs with, in the same file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair<'a>>,
}

/// The identifier that a secret belongs with, in the same file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pair<'a> {
    /// The rule that found it.
    pub rule_id: Cow<'a, str>,
    /// What it is called.
    pub rule_name: Cow<'a, str>,
    /// The identifier in full.
    pub value: String,
    /// What was read out of it.
    pub evidence: Cow<'a, [String]>,
    /// The file.
    pub path: String,
    /// Line of the first character.
    pub start_line: usize,
    /// Line of the last character.
    pub end_line: usize,
    /// Column of the first character.
    pub start_column: usize,
    /// One past the column of the last character.
    pub end_column: usize,
    /// How it was decoded, outermost first.
    pub decoded: Vec<Cow<'a, str>>,
}

/// Another place: like the first, but for its commit, which is named only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Other<'a> {
    /// Where.
    #[serde(flatten)]
    pub place: Where<'a>,
    /// The id of the commit that introduces it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// A git object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Object<'a> {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Cow<'a, str>,
}

/// A commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Commit<'a> {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: Cow<'a, str>,
    /// When.
    pub date: Cow<'a, str>,
    /// First line of the message.
    pub summary: Cow<'a, str>,
}

impl Where<'_> {
    /// Where it is, in words: a path, an object of git, or standard input.
    pub(in crate::report) fn label(&self) -> Cow<'_, str> {
        match &self.object {
            _ if !self.path.is_empty() => Cow::Borrowed(&self.path),
            Some(object) => format!("{} {}", object.kind, short(&object.id)).into(),
            None => "standard input".into(),
        }
    }

    /// The file, without what leads into it; empty where there is none.
    pub(in crate::report) fn file(&self) -> &str {
        self.path.split('!').next().unwrap_or_default()
    }
}

/// The head of an object's id.
pub(in crate::report) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// A path as text, and losslessly where the text is not lossless.
pub(super) fn path(path: Option<&BString>) -> (Cow<'_, str>, Option<String>) {
    let Some(path) = path else { return ("".into(), None) };
    match path.to_str() {
        Ok(text) => (text.into(), None),
        Err(_) => (path.to_string().into(), Some(data_encoding::BASE64.encode(path))),
    }
}

fn via(via: &[&'static str]) -> Vec<Cow<'static, str>> {
    via.iter().map(|&name| name.into()).collect()
}

fn pair<'a>(partner: &'a Partner, path: &str, rules: &'a RuleSet) -> Pair<'a> {
    let rule = rules.rules()[usize::from(partner.rule)].spec();
    Pair {
        rule_id: (&*rule.id).into(),
        rule_name: (&*rule.name).into(),
        value: partner.value.to_string(),
        evidence: (&*partner.facts).into(),
        path: path.to_owned(),
        start_line: partner.start.line,
        end_line: partner.end.line,
        start_column: partner.start.column,
        end_column: partner.end.column,
        decoded: via(&partner.via),
    }
}

/// A place.
pub(super) fn place<'a>(place: &'a Place, rules: &'a RuleSet) -> Where<'a> {
    let (path, path_base64) = path(place.path.as_ref());
    Where {
        pair: place.partner.as_ref().map(|partner| pair(partner, &path, rules)),
        path,
        path_base64,
        object: place.object.map(|o| Object { id: o.id.to_string(), kind: o.kind.name().into() }),
        start_line: place.start.line,
        end_line: place.end.line,
        start_column: place.start.column,
        end_column: place.end.column,
        decoded: via(&place.via),
        commit: place.commit.as_deref().map(commit),
    }
}

/// What a report says of a commit.
pub(crate) fn commit(facts: &CommitFacts) -> Commit<'_> {
    Commit {
        id: facts.id.to_string(),
        author: (&*facts.author).into(),
        date: (&*facts.date).into(),
        summary: (&*facts.summary).into(),
    }
}

/// Another place.
pub(super) fn other<'a>(other: &'a Place, rules: &'a RuleSet) -> Other<'a> {
    let commit = other.commit.as_ref().map(|commit| commit.id.to_string());
    Other { place: Where { commit: None, ..place(other, rules) }, commit }
}
