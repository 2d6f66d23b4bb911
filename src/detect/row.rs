//! A built-in rule as the build lays it out: numbers, and places in one text.
//!
//! In: a [`Row`] of the constant tables. Out: the rule's [`RuleSpec`] and [`Program`]s, made when it is first asked.
//! Tables of references would not do: the loader has to add the program's address to each one at every start, and for
//! 35,000 of them that took longer than all that a hook does.

use std::borrow::Cow;

use super::program::{Op, Program, Set};
use super::spec::{Confidence, Edge, Engine, RuleSpec, Severity};

/// Where a string starts in the text of the tables, and its length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part(pub(super) u32, pub(super) u16);

/// From where to where a list goes in the list of all strings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts(pub(super) u16, pub(super) u16);

/// A pattern's steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// From where to where they go in the list of all steps.
    pub(super) ops: (u32, u32),
    pub(super) begins: u16,
    pub(super) holds: u16,
    pub(super) body: u16,
    pub(super) least: u16,
    pub(super) leads: bool,
}

/// A rule. The fields are those of [`RuleSpec`].
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: Part,
    pub(super) name: Part,
    pub(super) description: Part,
    pub(super) provider: Part,
    pub(super) keywords: Parts,
    pub(super) engine: Engine,
    pub(super) pattern: Part,
    pub(super) body: Part,
    pub(super) anonymous: bool,
    pub(super) before: u16,
    pub(super) after: u16,
    pub(super) edge: Edge,
    pub(super) confidence: Confidence,
    pub(super) severity: Severity,
    pub(super) validator: Option<Part>,
    pub(super) entropy: f32,
    pub(super) paths: Parts,
    pub(super) rank: i32,
    pub(super) pair: Parts,
    pub(super) beside: Option<Part>,
    pub(super) lone: bool,
    pub(super) revoke_url: Option<Part>,
    pub(super) docs_url: Option<Part>,
    pub(super) surroundings: Option<Part>,
    /// Of the pattern, and of a bare secret that is all of a text.
    pub(super) plans: [Plan; 2],
}

/// What the rows of a table speak of.
#[derive(Debug)]
pub(super) struct Pools {
    /// All strings.
    pub(super) text: &'static str,
    /// The strings of all lists.
    pub(super) listed: &'static [Part],
    /// The steps of all patterns.
    pub(super) ops: &'static [Op],
    /// The sets of bytes that steps speak of.
    pub(super) sets: &'static [Set],
    /// The bytes that steps speak of.
    pub(super) bytes: &'static [u8],
}

impl Pools {
    /// A string.
    pub(super) fn text(&self, Part(start, length): Part) -> &'static str {
        &self.text[start as usize..][..usize::from(length)]
    }

    fn list(&self, Parts(start, end): Parts) -> Cow<'static, [Cow<'static, str>]> {
        let listed = &self.listed[usize::from(start)..usize::from(end)];
        listed.iter().map(|&part| Cow::Borrowed(self.text(part))).collect()
    }

    fn program(&self, plan: &Plan) -> Program {
        let (start, end) = plan.ops;
        let Plan { begins, holds, body, least, leads, .. } = *plan;
        Program {
            ops: Cow::Borrowed(&self.ops[start as usize..end as usize]),
            sets: Cow::Borrowed(self.sets),
            text: Cow::Borrowed(self.bytes),
            begins,
            holds,
            body,
            least,
            leads,
        }
    }

    /// The programs of a rule.
    pub(super) fn programs(&self, row: &Row) -> [Program; 2] {
        row.plans.each_ref().map(|plan| self.program(plan))
    }

    /// A rule as others know it.
    pub(super) fn spec(&self, row: &Row) -> RuleSpec {
        let text = |part| Cow::Borrowed(self.text(part));
        RuleSpec {
            id: text(row.id),
            name: text(row.name),
            description: text(row.description),
            provider: text(row.provider),
            keywords: self.list(row.keywords),
            engine: row.engine,
            pattern: text(row.pattern),
            body: text(row.body),
            anonymous: row.anonymous,
            before: row.before.into(),
            after: row.after.into(),
            edge: row.edge,
            confidence: row.confidence,
            severity: row.severity,
            validator: row.validator.map(text),
            entropy: row.entropy,
            paths: self.list(row.paths),
            rank: row.rank,
            pair: self.list(row.pair),
            beside: row.beside.map(text),
            lone: row.lone,
            near: Cow::Borrowed(&[]),
            revoke_url: row.revoke_url.map(text),
            docs_url: row.docs_url.map(text),
            surroundings: row.surroundings.map(text),
        }
    }
}
