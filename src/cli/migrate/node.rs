//! Settings of other tools, whatever notation they are written in.
//!
//! In: TOML or YAML. Out: a tree of [`Node`]s that know their line. Keys are in lower case, as those tools take them
//! in any; scalars are texts. Depth and size are bounded, and YAML's aliases are refused, so that a small file cannot
//! stand for a large one.

use saphyr_parser::{Event, Parser};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Deeper settings are a mistake or an attack.
const DEPTH: usize = 64;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Line it begins on, from 1.
    pub(super) line: usize,
    value: Value,
}

#[derive(Clone, Debug)]
enum Value {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// What is wrong with a file, and on which line.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) line: usize,
    pub(super) what: String,
}

impl Node {
    /// What `key` stands for.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find_map(|(name, node)| (name == key).then_some(node))
    }

    /// The text that `key` stands for, if there is one that is not empty.
    pub(super) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text).filter(|text| !text.is_empty())
    }

    /// The number that `key` stands for.
    pub(super) fn number_of<N: std::str::FromStr>(&self, key: &str) -> Option<N> {
        self.text_of(key).and_then(|text| text.parse().ok())
    }

    /// The nodes in the list that `key` stands for; a single one counts as a list of one.
    pub(super) fn list_of(&self, key: &str) -> &[Self] {
        match self.get(key) {
            Some(Self { value: Value::List(list), .. }) => list,
            Some(node) => std::slice::from_ref(node),
            None => &[],
        }
    }

    /// The texts in the list that `key` stands for.
    pub(super) fn texts_of(&self, key: &str) -> Vec<String> {
        self.list_of(key).iter().filter_map(Self::text).map(str::to_owned).collect()
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Keys and values, in the order of the file.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Reads TOML.
    pub(super) fn toml(text: &str) -> Result<Self, Broken> {
        // The parser bounds how deep values nest.
        let table = DeTable::parse(text).map_err(|fault| Broken {
            line: fault.span().map_or(1, |span| line(text, span.start)),
            what: fault.message().to_owned(),
        })?;
        Ok(Self { line: 1, value: Value::Map(entries(text, table.get_ref())) })
    }

    /// Reads the first document of a YAML file.
    pub(super) fn yaml(text: &str) -> Result<Self, Broken> {
        let mut open: Vec<Open> = Vec::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|fault| Broken {
                line: fault.marker().line(),
                what: fault.info().to_owned(),
            })?;
            let line = span.start.line();
            let broken = |what: &str| Err(Broken { line, what: what.to_owned() });
            let done = match event {
                Event::Alias(_) => return broken("aliases are not followed"),
                Event::Scalar(text, ..) => {
                    Some(Self { line, value: Value::Text(text.into_owned()) })
                }
                Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= DEPTH => {
                    return broken("it nests too deep");
                }
                Event::SequenceStart(..) => {
                    open.push(Open::List(Self { line, value: Value::List(Vec::new()) }));
                    None
                }
                Event::MappingStart(..) => {
                    let node = Self { line, value: Value::Map(Vec::new()) };
                    open.push(Open::Map(node, None));
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => open.pop().map(Open::close),
                Event::StreamEnd | Event::DocumentEnd => break,
                _ => None,
            };
            let Some(node) = done else { continue };
            match open.last_mut() {
                Some(outer) => outer.take(node),
                None => return Ok(node),
            }
        }
        Ok(Self { line: 1, value: Value::Map(Vec::new()) })
    }
}

/// A collection that has not ended.
enum Open {
    List(Node),
    /// With the key whose value comes next.
    Map(Node, Option<String>),
}

impl Open {
    fn take(&mut self, node: Node) {
        match self {
            Self::List(Node { value: Value::List(list), .. }) => list.push(node),
            Self::Map(Node { value: Value::Map(entries), .. }, key) => match key.take() {
                Some(key) => entries.push((key, node)),
                // A key that is a collection names nothing that we know.
                None => *key = Some(node.text().unwrap_or_default().to_lowercase()),
            },
            _ => {}
        }
    }

    fn close(self) -> Node {
        match self {
            Self::List(node) | Self::Map(node, _) => node,
        }
    }
}

fn entries(text: &str, table: &DeTable<'_>) -> Vec<(String, Node)> {
    let mut entries: Vec<(usize, String, Node)> = Vec::new();
    for (key, value) in table {
        entries.push((key.span().start, key.get_ref().to_lowercase(), node(text, value)));
    }
    entries.sort_by_key(|(at, ..)| *at);
    entries.into_iter().map(|(_, key, node)| (key, node)).collect()
}

fn node(text: &str, spanned: &Spanned<DeValue<'_>>) -> Node {
    let value = match spanned.get_ref() {
        DeValue::Table(table) => Value::Map(entries(text, table)),
        DeValue::Array(list) => Value::List(list.iter().map(|item| node(text, item)).collect()),
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => Value::Text(number.to_string()),
        DeValue::Float(number) => Value::Text(number.to_string()),
        DeValue::Boolean(yes) => Value::Text(yes.to_string()),
        DeValue::Datetime(moment) => Value::Text(moment.to_string()),
    };
    Node { line: line(text, spanned.span().start), value }
}

/// The line of a byte, from 1.
fn line(text: &str, at: usize) -> usize {
    1 + text.get(..at).unwrap_or(text).matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations_make_the_same_tree() {
        let toml = "Title = 'x'\n[[rules]]\nid = 'a'\nentropy = 3.5\nTags = ['t', 'u']\n";
        let yaml = "title: x\nRules:\n  - id: a\n    entropy: 3.5\n    tags: [t, u]\n";
        for tree in [Node::toml(toml).unwrap(), Node::yaml(yaml).unwrap()] {
            assert_eq!(tree.text_of("title"), Some("x"));
            let [rule] = tree.list_of("rules") else { panic!("one rule") };
            assert_eq!(rule.text_of("id"), Some("a"));
            assert_eq!(rule.number_of::<f32>("entropy"), Some(3.5));
            assert_eq!(rule.texts_of("tags"), ["t", "u"]);
            assert!(matches!(rule.line, 2 | 3));
        }
    }

    #[test]
    fn broken_files_name_their_line() {
        assert_eq!(Node::toml("a = 1\nb = [\n").unwrap_err().line, 2);
        assert!(Node::yaml("a: &x [1]\nb: *x\n").unwrap_err().what.contains("aliases"));
        let deep = "[".repeat(100);
        assert!(Node::yaml(&deep).unwrap_err().what.contains("deep"));
        assert!(Node::yaml("").unwrap().entries().is_empty());
    }
}
