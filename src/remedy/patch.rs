//! The difference between two texts.
//!
//! In: a text before and after. Out: a patch as `diff -U2` writes it, without the names of files.

use std::fmt::Write as _;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

/// Lines shown around what changed.
const AROUND: usize = 2;

/// What is replaced by what, in lines.
type Change = (Range<usize>, Range<usize>);

/// The difference between two texts.
#[must_use]
pub fn unified(before: &str, after: &str) -> String {
    let input = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let wide = |range: Range<u32>| range.start as usize..range.end as usize;
    let changes: Vec<Change> =
        diff.hunks().map(|hunk| (wide(hunk.before), wide(hunk.after))).collect();
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut out = String::new();
    // Changes whose surroundings meet are shown together.
    for group in changes.chunk_by(|one, next| next.0.start - one.0.end <= 2 * AROUND) {
        hunk(group, &old, &new, &mut out);
    }
    out
}

/// Writes changes that stand near each other, with what is around them.
fn hunk(changes: &[Change], old: &[&str], new: &[&str], out: &mut String) {
    let [(first, at), ..] = changes else { return };
    let Some((last, end)) = changes.last() else { return };
    let (above, below) = (AROUND.min(first.start), AROUND.min(old.len() - last.end));
    let side = |range: Range<usize>| match range.len() {
        // An empty side begins with the line before it.
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        len => format!("{},{len}", range.start + 1),
    };
    let (was, is) = (first.start - above..last.end + below, at.start - above..end.end + below);
    let _ = writeln!(out, "@@ -{} +{} @@", side(was.clone()), side(is));
    let mut write = |sign: char, lines: &[&str]| {
        for line in lines {
            let _ = writeln!(out, "{sign}{line}");
        }
    };
    let mut shown = was.start;
    for (before, after) in changes {
        write(' ', &old[shown..before.start]);
        write('-', &old[before.clone()]);
        write('+', &new[after.clone()]);
        shown = before.end;
    }
    write(' ', &old[shown..was.end]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_what_diff_writes() {
        assert_eq!(unified("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
        assert_eq!(unified("a\n", ""), "@@ -1 +0,0 @@\n-a\n");
        assert_eq!(unified("a\n", "a\n"), "");
        let (before, after) = ("1\n2\n3\n4\n5\n6", "1\n2\n3\nfour\n5\n6");
        assert_eq!(unified(before, after), "@@ -2,5 +2,5 @@\n 2\n 3\n-4\n+four\n 5\n 6\n");
    }

    #[test]
    fn changes_apart_are_shown_apart() {
        let lines = |changed: &[usize]| -> String {
            let line =
                |n: usize| if changed.contains(&n) { format!("{n}!\n") } else { format!("{n}\n") };
            (1..=12).map(line).collect()
        };
        let near = unified(&lines(&[]), &lines(&[3, 8]));
        assert_eq!(near.matches("@@ ").count(), 1, "{near}");
        let apart = unified(&lines(&[]), &lines(&[3, 9]));
        assert!(
            apart.starts_with("@@ -1,5 +1,5 @@\n 1\n 2\n-3\n+3!\n 4\n 5\n@@ -7,5 +7,5 @@\n 7\n"),
            "{apart}"
        );
        let added = unified("1\n2\n3\n", "1\nnew\n2\n3\n");
        assert_eq!(added, "@@ -1,3 +1,4 @@\n 1\n+new\n 2\n 3\n");
    }
}
