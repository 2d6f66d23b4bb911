//! The tables of a database.
//!
//! In: its first page, which leads to the list of them. Out: each table and index, with the names of its columns.

use super::record::{fields, text};
use super::{Pages, Rows};

/// Most tables that are told apart; the rows of others are searched as they stand.
const TABLES: usize = 10_000;
/// Longest statement that is read.
const STATEMENT: usize = 64 << 10;
/// Longest name of a column.
const NAME: usize = 64;

/// A table, or an index, whose values are those of its table.
pub(super) struct Table {
    pub(super) name: Vec<u8>,
    /// Its first page.
    pub(super) root: u32,
    /// The statement that made it.
    statement: Vec<u8>,
}

/// All tables, the list of tables first.
pub(super) fn tables(pages: &Pages<'_>, seen: &mut [bool]) -> Vec<Table> {
    let list = Table { name: b"sqlite_schema".to_vec(), root: 1, statement: Vec::new() };
    let mut tables = vec![list];
    let mut looked = seen.to_vec();
    let mut rows = Rows { pages, seen: &mut looked, open: vec![1], whole: true };
    while let Some(cells) = rows.next() {
        for cell in cells {
            let (row, _) = pages.payload(&cell, STATEMENT);
            if tables.len() < TABLES {
                tables.extend(table(&row, pages.encoding));
            }
        }
    }
    tables
}

/// The table that a row of the list tells of: type, name, name of the table, first page, statement.
fn table(row: &[u8], encoding: u8) -> Option<Table> {
    let fields = fields(row);
    let &[_, _, (_, name), (_, root), (_, statement), ..] = &fields[..] else { return None };
    let root = root.iter().take(4).fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    let plain = |bytes| text(bytes, encoding).into_owned();
    // What has no page of its own is a view.
    (root > 0 || fields[3].0 == 9).then(|| Table {
        name: plain(name),
        root: root.max(1),
        statement: plain(statement),
    })
}

impl Table {
    /// The names of its columns, as far as the statement tells them.
    pub(super) fn columns(&self) -> Vec<Vec<u8>> {
        let statement = &self.statement;
        let open = memchr::memchr(b'(', statement).map_or(statement.len(), |at| at + 1);
        let (mut names, mut depth, mut start) = (Vec::new(), 0usize, open);
        // In an index the names alone are listed; they are no names of what follows.
        for at in open..statement.len() {
            match statement[at] {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b',' | b')' if depth == 0 => {
                    names.push(name(&statement[start..at]));
                    start = at + 1;
                    if statement[at] == b')' {
                        break;
                    }
                }
                _ => {}
            }
        }
        names
    }
}

/// The name that a column's definition begins with.
fn name(definition: &[u8]) -> Vec<u8> {
    let definition = definition.trim_ascii_start();
    let quote = definition.first().copied().filter(|b| matches!(b, b'"' | b'`' | b'[' | b'\''));
    let inside = if quote.is_some() { &definition[1..] } else { definition };
    let ends = |b: &u8| match quote {
        Some(b'[') => *b == b']',
        Some(quote) => *b == quote,
        None => b.is_ascii_whitespace(),
    };
    let length = inside.iter().position(ends).unwrap_or(inside.len());
    inside[..length.min(NAME)].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_names() {
        let statement =
            b"CREATE TABLE t (id INTEGER PRIMARY KEY, \"a b\" TEXT DEFAULT (f(1, 2)),[c] TEXT,`d`)";
        let table = Table { name: Vec::new(), root: 2, statement: statement.to_vec() };
        assert_eq!(table.columns(), [&b"id"[..], b"a b", b"c", b"d"]);
    }
}
