//! The lines around a place, with every secret on them masked.
//!
//! In: a place and the cases. Out: lines for people. Only a value that is asked for is shown.

use bstr::ByteSlice as _;

use crate::cli::cases::Cases;
use crate::cli::settings::Place as Folder;
use crate::report::{escaped, masked};
use crate::source::git;
use crate::text::{Span, lines_around, place_of};
use crate::verdict::finding::Place;

/// Lines shown before and after.
const AROUND: usize = 2;
/// Larger files are not opened for a few lines.
const LARGEST: usize = 16 << 20;

/// A numbered line; whether it is one of the place's own.
pub(super) type Line = (usize, String, bool);

/// The lines around `place`, of the file on disk or of the object it stands in.
pub(super) fn lines(cases: &Cases<'_>, place: &Place, folder: &Folder, width: usize) -> Vec<Line> {
    let Some(text) = read(place, folder) else { return Vec::new() };
    let (Some(start), Some(end)) = (place_of(&text, place.start), place_of(&text, place.end))
    else {
        return Vec::new();
    };
    let own = lines_around(&text, Span::new(start, end.max(start)));
    let (from, first) = back(&text, own.start, place.start.line);
    let until = forth(&text, own.end);
    let hidden = hidden(cases, place, &text, Span::new(from, until));
    let mut lines = Vec::new();
    let mut at = from;
    for (number, line) in (first..).zip(text[from..until].split(|&byte| byte == b'\n')) {
        let span = Span::new(at, at + line.len());
        at = span.end + 1;
        let is_own = (place.start.line..=place.end.line).contains(&number);
        let shown = mask(&text, span, &hidden);
        let shown = masked(shown.as_bytes(), &cases.session.settings.detector);
        let shown = escaped(shown.to_str_lossy().trim_end());
        lines.push((number, cut(&shown, width), is_own));
    }
    lines
}

/// The text that a place is in.
fn read(place: &Place, folder: &Folder) -> Option<Vec<u8>> {
    if place.inner.is_some() {
        return None;
    }
    if let Some(object) = place.object {
        let repository = git::open(&folder.folder, &folder.environment).ok()?;
        let odb = repository.odb().ok()?;
        let id = git2::Oid::from(object.id);
        let fits = odb.read_header(id).is_ok_and(|(size, _)| size <= LARGEST);
        return fits.then(|| odb.read(id).ok().map(|read| read.data().to_vec()))?;
    }
    let path = folder.top().join(git::as_path(place.path.as_ref()?.as_bstr()));
    let about = std::fs::symlink_metadata(&path).ok()?;
    let fits = about.is_file() && about.len() <= LARGEST as u64;
    fits.then(|| std::fs::read(path).ok())?
}

/// Where a few lines before `start` begin, and the number of the first.
fn back(text: &[u8], start: usize, line: usize) -> (usize, usize) {
    let (mut at, mut number) = (start, line);
    for _ in 0..AROUND {
        if at == 0 {
            break;
        }
        at = text[..at - 1].rfind_byte(b'\n').map_or(0, |end| end + 1);
        number = number.saturating_sub(1);
    }
    (at, number)
}

/// Where a few lines after `end` end.
fn forth(text: &[u8], end: usize) -> usize {
    let mut at = end;
    for _ in 0..AROUND {
        match text.get(at + 1..).and_then(|rest| rest.find_byte(b'\n')) {
            Some(next) => at += 1 + next,
            None => return text.trim_end().len().max(end),
        }
    }
    at
}

/// Where a window of the text holds what some case was read from: the same file, in the same version.
fn hidden(cases: &Cases<'_>, place: &Place, text: &[u8], window: Span) -> Vec<Span> {
    let near = |other: &&Place| {
        let lines = place.start.line.saturating_sub(AROUND)..=place.end.line + AROUND;
        other.start.line <= *lines.end() && other.end.line >= *lines.start()
    };
    let same = |other: &&Place| other.path == place.path && other.object == place.object;
    let all = cases.all.iter().flat_map(|case| case.here.iter().chain(case.finding.places()));
    let mut spans: Vec<Span> = all
        .filter(|other| near(other) && same(other) && other.inner.is_none())
        .filter_map(|other| {
            Some(Span::new(place_of(text, other.start)?, place_of(text, other.end)?))
        })
        .filter(|span| span.start < span.end)
        .collect();
    let seen = &text[window.range()];
    for case in &cases.all {
        let secret = case.finding.secret.reveal();
        if (6..=seen.len()).contains(&secret.len()) {
            let found = seen.find_iter(secret).map(|at| window.start + at);
            spans.extend(found.map(|at| Span::new(at, at + secret.len())));
        }
    }
    spans.sort_unstable();
    spans
}

/// A line with `hidden` stretches masked.
fn mask(text: &[u8], line: Span, hidden: &[Span]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = line.start;
    for span in hidden.iter().filter(|span| span.overlaps(line)) {
        if span.end <= at {
            continue;
        }
        // One that begins on a line above hides the head of this one.
        if span.start >= at || at == line.start {
            out.extend_from_slice(&text[at..span.start.max(at)]);
            out.extend_from_slice(b"****");
        }
        at = span.end.min(line.end);
    }
    out.extend_from_slice(&text[at..line.end]);
    out
}

/// A line that fits a width, around its first mask.
fn cut(line: &str, width: usize) -> String {
    let count = line.chars().count();
    if count <= width {
        return line.to_owned();
    }
    let mask = line.find("****").map_or(0, |at| line[..at].chars().count());
    let from = mask.saturating_sub(width / 2).min(count - width + 2);
    let shown: String = line.chars().skip(from).take(width.saturating_sub(2)).collect();
    let head = if from > 0 { "…" } else { "" };
    format!("{head}{shown}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_stretches_are_masked_once() {
        let text = b"key = AAAABBBBCCCC end";
        let spans = [Span::new(6, 14), Span::new(10, 18)];
        assert_eq!(mask(text, Span::new(0, 22), &spans), b"key = **** end");
        assert_eq!(mask(text, Span::new(0, 9), &spans), b"key = ****");
        assert_eq!(mask(text, Span::new(12, 22), &spans), b"**** end");
    }

    #[test]
    fn a_few_lines_around() {
        let text = b"1\n2\n3\n4\n5\n6\n";
        assert_eq!(back(text, 6, 4), (2, 2));
        assert_eq!(back(text, 2, 2), (0, 1));
        assert_eq!(forth(text, 3), 7);
        assert_eq!(forth(text, 9), 11);
    }

    #[test]
    fn long_lines_are_cut_around_the_mask() {
        let line = format!("{}****{}", "a".repeat(100), "b".repeat(100));
        let shown = cut(&line, 40);
        assert!(shown.contains("****") && shown.chars().count() <= 40, "{shown}");
        assert_eq!(cut("short", 40), "short");
    }
}
