//! Patterns of other tools as patterns of ours.
//!
//! In: a regex and the number or name of the group that is the secret. Out: the same regex with the group `secret` and
//! no other, and the words one of which stands in all that it matches: a rule runs only where it sees one.

use regex_syntax::ast::parse::ParserBuilder as AstParser;
use regex_syntax::ast::{self, Ast, GroupKind, Visitor};
use regex_syntax::hir::{Class, Hir, HirKind};

/// Patterns nest no deeper.
const DEPTH: u32 = 100;
/// Keywords shorter than this stand everywhere.
const SHORTEST: usize = 3;
/// More keywords than this make a rule run everywhere.
const MANY: usize = 64;

/// Which group of a pattern is the secret.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wanted<'n> {
    /// The first that matches something, else the whole match.
    First,
    /// That of this number.
    Number(u32),
    /// That of this name if there is one, else the first.
    Named(&'n str),
}

/// A pattern of ours.
#[derive(Debug, PartialEq)]
pub(super) struct Pattern {
    /// The regex.
    pub(super) regex: String,
    /// All of the match counts as the secret, since which group does is not known beforehand.
    pub(super) whole: bool,
    /// Words, one of which stands in every match; none if there is no such word.
    pub(super) words: Vec<String>,
    /// Whether a match may be of any length.
    pub(super) unbounded: bool,
}

/// A group of a pattern.
struct Group {
    number: u32,
    name: Option<String>,
    /// Its opening in the text: `(` or `(?P<name>`.
    open: std::ops::Range<usize>,
    /// Whether it takes part in every match.
    certain: bool,
}

impl Pattern {
    /// Rewrites a pattern.
    ///
    /// # Errors
    /// What it says that we cannot.
    pub(super) fn new(regex: &str, wanted: Wanted<'_>) -> Result<Self, String> {
        let tree = AstParser::new()
            .nest_limit(DEPTH)
            .build()
            .parse(regex)
            .map_err(|fault| fault.kind().to_string())?;
        let groups = groups(&tree);
        let (chosen, whole) = choose(&groups, wanted)?;
        let regex = rewrite(regex, &groups, chosen);
        let tree = regex_syntax::ParserBuilder::new()
            .nest_limit(DEPTH)
            .unicode(false)
            .utf8(false)
            .build()
            .parse(&regex)
            .map_err(|fault| fault.to_string().lines().last().unwrap_or_default().to_owned())?;
        let words = required(&tree).unwrap_or_default();
        Ok(Self { regex, whole, words, unbounded: tree.properties().maximum_len().is_none() })
    }
}

/// The number of the group that is the secret, 0 for the whole match; and whether that is a stopgap.
fn choose(groups: &[Group], wanted: Wanted<'_>) -> Result<(u32, bool), String> {
    let named = match wanted {
        Wanted::Number(number) if number > 0 => {
            let there = groups.iter().any(|group| group.number == number);
            return if there {
                Ok((number, false))
            } else {
                Err(format!("it has no group {number}"))
            };
        }
        Wanted::Named(name) => groups.iter().find(|group| group.name.as_deref() == Some(name)),
        _ => None,
    };
    match named.or(groups.first()) {
        None => Ok((0, false)),
        Some(group) if group.certain => Ok((group.number, false)),
        Some(group) if groups.len() == 1 && named.is_some() => Ok((group.number, false)),
        Some(_) => Ok((0, true)),
    }
}

/// The pattern with the group `chosen` called `secret` and without other ones.
fn rewrite(regex: &str, groups: &[Group], chosen: u32) -> String {
    let mut out = String::with_capacity(regex.len() + 16);
    let mut at = 0;
    for group in groups {
        out.push_str(&regex[at..group.open.start]);
        out.push_str(if group.number == chosen { "(?<secret>" } else { "(?:" });
        at = group.open.end;
    }
    out.push_str(&regex[at..]);
    if chosen == 0 { format!("(?<secret>{out})") } else { out }
}

/// The groups of a pattern in the order they open.
fn groups(tree: &Ast) -> Vec<Group> {
    ast::visit(tree, Groups { found: Vec::new(), doubt: 0 }).unwrap_or_else(|never| match never {})
}

struct Groups {
    found: Vec<Group>,
    /// How many choices and repetitions that may be none are open.
    doubt: usize,
}

impl Groups {
    fn doubtful(tree: &Ast) -> bool {
        match tree {
            Ast::Alternation(_) => true,
            Ast::Repetition(repeated) => {
                use ast::{RepetitionKind as Kind, RepetitionRange as Range};
                match &repeated.op.kind {
                    Kind::ZeroOrOne | Kind::ZeroOrMore => true,
                    Kind::OneOrMore => false,
                    Kind::Range(
                        Range::Exactly(least) | Range::AtLeast(least) | Range::Bounded(least, _),
                    ) => *least == 0,
                }
            }
            _ => false,
        }
    }
}

impl Visitor for Groups {
    type Output = Vec<Group>;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Vec<Group>, Self::Err> {
        Ok(self.found)
    }

    fn visit_pre(&mut self, tree: &Ast) -> Result<(), Self::Err> {
        self.doubt += usize::from(Self::doubtful(tree));
        if let Ast::Group(group) = tree {
            let start = group.span.start.offset;
            let (number, name, end) = match &group.kind {
                GroupKind::CaptureIndex(number) => (*number, None, start + 1),
                GroupKind::CaptureName { name, .. } => {
                    // The name and the bracket that closes it.
                    (name.index, Some(name.name.clone()), name.span.end.offset + 1)
                }
                GroupKind::NonCapturing(_) => return Ok(()),
            };
            self.found.push(Group { number, name, open: start..end, certain: self.doubt == 0 });
        }
        Ok(())
    }

    fn visit_post(&mut self, tree: &Ast) -> Result<(), Self::Err> {
        self.doubt -= usize::from(Self::doubtful(tree));
        Ok(())
    }
}

/// Words in lower case, one of which stands in every match. The parser bounds how deep parts nest.
fn required(part: &Hir) -> Option<Vec<String>> {
    match part.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => word(&letters(part)?).map(|word| vec![word]),
        HirKind::Capture(group) => required(&group.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => required(&repeated.sub),
        HirKind::Concat(parts) => {
            let runs = runs(parts).into_iter().filter_map(|run| Some(vec![word(&run)?]));
            let inner = parts.iter().filter(|part| letters(part).is_none()).filter_map(required);
            // Long words are rare ones.
            let worth = |words: &Vec<String>| {
                (words.iter().map(String::len).min(), std::cmp::Reverse(words.len()))
            };
            runs.chain(inner).max_by_key(worth)
        }
        HirKind::Alternation(parts) => {
            let all: Option<Vec<Vec<String>>> = parts.iter().map(required).collect();
            let mut all = all?.concat();
            all.sort();
            all.dedup();
            (all.len() <= MANY).then_some(all)
        }
        _ => None,
    }
}

/// Neighbouring parts of a sequence that are letters, put together.
fn runs(parts: &[Hir]) -> Vec<Vec<u8>> {
    let mut runs = vec![Vec::new()];
    for part in parts {
        match (letters(part), runs.last_mut()) {
            (Some(more), Some(last)) => last.extend(more),
            _ => runs.push(Vec::new()),
        }
    }
    runs
}

/// What a part matches if that is one text in any case.
fn letters(part: &Hir) -> Option<Vec<u8>> {
    match part.kind() {
        HirKind::Literal(literal) => Some(literal.0.to_ascii_lowercase()),
        HirKind::Class(Class::Bytes(class)) => match class.ranges() {
            [a, b] if a.len() == 1 && b.len() == 1 => {
                let same = a.start().eq_ignore_ascii_case(&b.start());
                same.then(|| vec![b.start().to_ascii_lowercase()])
            }
            _ => None,
        },
        _ => None,
    }
}

fn word(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    (text.len() >= SHORTEST).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(regex: &str, wanted: Wanted<'_>) -> Pattern {
        Pattern::new(regex, wanted).unwrap()
    }

    #[test]
    fn the_secret_is_the_group_that_was_asked_for() {
        for (regex, wanted, expected) in [
            ("tok_[a-z]{9}", Wanted::First, "(?<secret>tok_[a-z]{9})"),
            ("tok = ([a-z]{9})", Wanted::First, "tok = (?<secret>[a-z]{9})"),
            ("(AB)-([0-9]{8})", Wanted::Number(2), "(?:AB)-(?<secret>[0-9]{8})"),
            ("(AB)-([0-9]{8})", Wanted::Number(0), "(?<secret>AB)-(?:[0-9]{8})"),
            ("(a)(?P<TOKEN>[0-9]{8})", Wanted::Named("TOKEN"), "(?:a)(?<secret>[0-9]{8})"),
            (r"\((x(?:y)[(])z", Wanted::First, r"\((?<secret>x(?:y)[(])z"),
        ] {
            let made = made(regex, wanted);
            assert_eq!((made.regex.as_str(), made.whole), (expected, false), "{regex}");
        }
        let either = made("(?:(abc)|(def))[0-9]{9}", Wanted::First);
        assert_eq!(either.regex, "(?<secret>(?:(?:abc)|(?:def))[0-9]{9})");
        assert!(either.whole);
    }

    #[test]
    fn words_stand_in_every_match() {
        for (regex, words) in [
            ("tok_[a-z]{9}", &["tok_"][..]),
            ("(?i)ToK_x[a-z]+", &["tok_x"]),
            ("(?:ghp|glpat)-[0-9]{9}", &["ghp", "glpat"]),
            ("a(?:bcd){2}[0-9]", &["bcd"]),
            ("ab(?:cde)?[0-9]", &[]),
            ("[a-z]{32}", &[]),
            ("(?:abc|[0-9]{9})", &[]),
            ("abc[0-9]longer", &["longer"]),
        ] {
            let made = made(regex, Wanted::First);
            let mut sorted: Vec<&str> = words.to_vec();
            sorted.sort_unstable();
            assert_eq!(made.words, sorted, "{regex}");
        }
    }

    #[test]
    fn what_cannot_be_said_is_named() {
        assert!(Pattern::new("a(?=b)", Wanted::First).unwrap_err().contains("look"));
        assert!(Pattern::new("(a)\\1", Wanted::First).unwrap_err().contains("backreference"));
        assert_eq!(Pattern::new("(a)", Wanted::Number(2)).unwrap_err(), "it has no group 2");
        assert!(made("tok_.*", Wanted::First).unbounded);
    }
}
