//! The name that a value was moved to when it was removed.
//!
//! In: a file before and after a commit, and the line that the value stood on. Out: the name that the lines which
//! replaced it refer to. Only what differs is compared, and not where too much does.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use super::names::names;

/// More lines than this are not compared.
const MOST: usize = 1000;

/// The name that stands in for what was on `line`, counted from 1.
#[must_use]
pub fn moved(before: &[u8], after: &[u8], line: usize) -> Option<String> {
    let old: Vec<&[u8]> = before.split(|&byte| byte == b'\n').collect();
    let new: Vec<&[u8]> = after.split(|&byte| byte == b'\n').collect();
    let line = line.checked_sub(1)?;
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = old[same..].iter().rev().zip(new[same..].iter().rev());
    let tail = rest.take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[same..old.len() - tail], &new[same..new.len() - tail]);
    let line = line.checked_sub(same).filter(|&line| line < old.len())?;
    if old.len().max(new.len()) > MOST {
        return None;
    }
    let mut input = InternedInput::default();
    input.update_before(old.iter().copied());
    input.update_after(new.iter().copied());
    let replaced = Diff::compute(Algorithm::Myers, &input).hunks().find_map(|hunk| {
        let at = |range: Range<u32>| range.start as usize..range.end as usize;
        let (before, after) = (at(hunk.before), at(hunk.after));
        // Lines that were replaced together usually answer one another.
        let own = (before.len() == after.len()).then_some(after.start);
        (before.contains(&line) && !after.is_empty())
            .then(|| (after, own.map(|start| start + line - before.start)))
    });
    let (range, own) = replaced?;
    let had: Vec<&str> = names(old[line]).collect();
    let news = |text: &[u8]| names(text).find(|name| !had.contains(name)).map(str::to_owned);
    own.and_then(|own| news(new[own])).or_else(|| range.into_iter().find_map(|at| news(new[at])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_replacing_line_names_it() {
        let before = b"import os\na = 1\nkey = \"v\"\nother = \"w\"\nb = 2\n";
        let after =
            b"import os\na = 1\nkey = os.environ[\"KEY\"]\nother = os.environ[\"OTHER\"]\nb = 2\n";
        assert_eq!(moved(before, after, 3).as_deref(), Some("KEY"));
        assert_eq!(moved(before, after, 4).as_deref(), Some("OTHER"));
        assert_eq!(moved(before, after, 2), None);
        assert_eq!(moved(before, b"import os\na = 1\nb = 2\n", 3), None);
        assert_eq!(moved(before, b"", 99), None);
    }
}
