//! The terminal side of a review.
//!
//! In: keys. Out: a screen for each value, drawn anew after each key, on the terminal's other screen, which is gone when
//! the review ends.

use std::io::{self, Write};

use anyhow::Result;
use clap::ValueEnum as _;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, read};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode, size,
};
use crossterm::{cursor, execute, queue};

use super::review::{Asking, Effect, Key, Review};
use super::{Group, context, day};
use crate::cli::args::LabelName;
use crate::cli::cases::{Case, Cases};
use crate::cli::dossier::path;
use crate::cli::ledger::{Before, Ledger};
use crate::cli::settings::Place as Folder;
use crate::detect::spec::Confidence;
use crate::report::{ExitStatus, escaped, reason};
use crate::verdict::baseline::Note;
use crate::verdict::finding::Place;

/// The terminal as it was, when this goes away.
struct Terminal;

impl Terminal {
    fn take() -> io::Result<Self> {
        enable_raw_mode()?;
        let terminal = Self;
        execute!(io::stdout(), EnterAlternateScreen, cursor::Hide)?;
        Ok(terminal)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = execute!(io::stdout(), cursor::Show, LeaveAlternateScreen);
        let _ = disable_raw_mode();
    }
}

/// Everything a screen is made of.
struct Desk<'d> {
    cases: &'d Cases<'d>,
    shown: Vec<Case>,
    groups: Vec<Group>,
    folder: &'d Folder,
}

/// Reviews the groups.
pub(super) fn review(
    cases: &Cases<'_>,
    groups: Vec<Group>,
    mut ledger: Ledger<'_>,
    folder: &Folder,
) -> Result<ExitStatus> {
    if groups.is_empty() {
        writeln!(io::stdout(), "Somebody has looked at everything.")?;
        return Ok(cases.completeness());
    }
    let desk = Desk { cases, shown: cases.shown(), groups, folder };
    let mut review = Review::new(desk.groups.len());
    let mut undo: Vec<Before> = Vec::new();
    let terminal = Terminal::take()?;
    loop {
        desk.draw(&review)?;
        let Some(key) = next()? else { continue };
        match review.press(key) {
            Effect::None => {}
            Effect::Quit => break,
            Effect::Label { label, reason, expires } => {
                let note = Note {
                    label: label.label(),
                    reason: Some(reason),
                    owner: None,
                    expires: day(&expires)?,
                };
                let said = ledger.say(&desk.groups[review.at].cases, &note);
                let fault = said.map(|before| undo.push(before)).err();
                review.written(label, fault.map(|fault| format!("{fault:#}")));
            }
            Effect::Undo => {
                let before = undo.last().cloned().unwrap_or_default();
                let fault = ledger.set(&before).err();
                if fault.is_none() {
                    undo.pop();
                }
                review.undone(fault.map(|fault| format!("{fault:#}")));
            }
        }
    }
    drop(terminal);
    let (labelled, all) = (review.labelled(), desk.groups.len());
    let path = ledger.path().display();
    writeln!(io::stdout(), "{path}: {labelled} of {all} values labelled")?;
    Ok(ExitStatus::Clean)
}

/// The next key; nothing for what is none, such as a new size of the window.
fn next() -> io::Result<Option<Key>> {
    let Event::Key(KeyEvent { code, modifiers, kind, .. }) = read()? else { return Ok(None) };
    if kind == KeyEventKind::Release {
        return Ok(None);
    }
    let stop =
        modifiers.contains(KeyModifiers::CONTROL) && matches!(code, KeyCode::Char('c' | 'd'));
    Ok(match code {
        _ if stop => Some(Key::Stop),
        KeyCode::Char(c) => Some(Key::Char(c)),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Esc => Some(Key::Escape),
        KeyCode::Backspace => Some(Key::Backspace),
        KeyCode::Left => Some(Key::Left),
        KeyCode::Right => Some(Key::Right),
        _ => None,
    })
}

const KEYS: [&str; 2] = [
    "r real   f false   t test   o rotated   s skip   b back   u undo",
    "v reveal   n/p other place   q quit",
];

impl Desk<'_> {
    fn draw(&self, review: &Review) -> io::Result<()> {
        let (width, height) = size().unwrap_or((80, 24));
        let (width, height) = (usize::from(width), usize::from(height));
        let mut lines = self.lines(review, width);
        let foot = foot(review);
        lines.truncate(height.saturating_sub(foot.len() + 1));
        let mut out = io::stdout().lock();
        queue!(out, Clear(ClearType::All), cursor::MoveTo(0, 0))?;
        for (line, bold) in lines {
            let line: String = line.chars().take(width).collect();
            if bold {
                queue!(out, SetAttribute(Attribute::Bold))?;
            }
            write!(out, "{line}\r\n")?;
            queue!(out, SetAttribute(Attribute::Reset))?;
        }
        let row = u16::try_from(height.saturating_sub(foot.len())).unwrap_or(u16::MAX);
        queue!(out, cursor::MoveTo(0, row))?;
        let foot: Vec<String> =
            foot.iter().map(|line| line.chars().take(width).collect()).collect();
        write!(out, "{}", foot.join("\r\n"))?;
        out.flush()
    }

    /// What is told of the present value.
    fn lines(&self, review: &Review, width: usize) -> Vec<(String, bool)> {
        let labelled = review.labelled();
        let count = self.groups.len();
        let number = (review.at + 1).min(count);
        let mut lines =
            vec![(format!("leakstop audit   {number} of {count}   {labelled} labelled"), false)];
        let Some(group) = self.groups.get(review.at) else {
            lines.push((String::new(), false));
            lines.push((
                "That was the last one. q ends, b goes back, u takes the last label back.".into(),
                true,
            ));
            return lines;
        };
        let first = &self.shown[group.cases[0]];
        let spec = self.cases.spec(first);
        let secret = &self.cases.all[group.cases[0]].finding.secret;
        let shown = if review.revealed {
            String::from_utf8_lossy(secret.reveal()).into_owned()
        } else {
            secret.masked(&spec.keywords)
        };
        let confidence = first.finding.confidence.name();
        lines.push((String::new(), false));
        lines.push((format!("{}   {}   {confidence}", spec.name, escaped(&shown)), true));
        lines.push((format!("  opens    {}", spec.description), false));
        let why: Vec<String> =
            first.finding.evidence.iter().map(|one| reason(&one.to_string())).collect();
        lines.push((format!("  why      {}", escaped(&why.join("; "))), false));
        if let Some(url) = spec.revoke_url.as_deref().or(spec.docs_url.as_deref()) {
            lines.push((format!("  rotate   {url}"), false));
        }
        let (label, reason) = self.suggestion(group);
        lines.push((format!("  suggests {label}: {reason}"), false));
        if let Some(label) = review.labels[review.at] {
            lines.push((format!("  labelled {}", label.label().name()), true));
        }
        lines.push((String::new(), false));
        self.places(group, review, width, &mut lines);
        lines
    }

    /// Where a value stands, and the lines around one of the places.
    fn places(
        &self,
        group: &Group,
        review: &Review,
        width: usize,
        lines: &mut Vec<(String, bool)>,
    ) {
        let places = self.all_places(group);
        let chosen = review.place % places.len().max(1);
        for (at, (text, place)) in places.iter().enumerate() {
            let mark = if at == chosen { '>' } else { ' ' };
            lines.push((format!("{mark} {text}"), at == chosen));
            if at != chosen {
                continue;
            }
            let context = context::lines(self.cases, place, self.folder, width.saturating_sub(10));
            for (number, line, own) in context {
                lines.push((format!("  {number:>5} | {line}"), own));
            }
        }
    }

    /// All places of a value: in words, and as they are.
    fn all_places(&self, group: &Group) -> Vec<(String, &Place)> {
        let mut places = Vec::new();
        for &at in &group.cases {
            let (case, shown) = (&self.cases.all[at], &self.shown[at]);
            for (place, shown) in case.here.iter().zip(&shown.here) {
                let path = escaped(&path(shown));
                places.push((format!("{path}:{}  on disk", shown.start.line), place));
            }
            if !case.here.is_empty() {
                continue;
            }
            let (place, shown_place) = (&case.finding.place, &shown.finding.place);
            let since = shown_place.commit.as_ref().map(|commit| {
                let id = commit.id.to_string();
                format!("since {} in {}", commit.date.get(..10).unwrap_or(&commit.date), &id[..12])
            });
            let pushed = if case.finding.pushed() { ", pushed" } else { "" };
            let text = format!(
                "{}:{}  in the history {}{pushed}",
                escaped(&path(shown_place)),
                shown_place.start.line,
                escaped(&since.unwrap_or_default()),
            );
            places.push((text, place));
        }
        places
    }

    /// What a value probably is, and why.
    fn suggestion(&self, group: &Group) -> (&'static str, &'static str) {
        const WORDS: &[&str] = &[
            "test", "tests", "testdata", "fixtures", "spec", "specs", "example", "examples",
            "mock", "mocks", "sample", "samples",
        ];
        let in_tests = |&at: &usize| {
            let path = path(&self.cases.all[at].finding.place).to_ascii_lowercase();
            path.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
        };
        let first = &self.cases.all[group.cases[0]].finding;
        if group.cases.iter().all(in_tests) {
            ("test", "it stands in tests or examples only")
        } else if first.confidence == Confidence::Possible {
            ("false", "only its look or place speaks for it")
        } else {
            ("real", "it has the form of a live credential; rotate it, then label it rotated")
        }
    }
}

/// The last lines: what is asked, and what a key does.
fn foot(review: &Review) -> Vec<String> {
    // The key's word, not what the baseline writes: `real`, not `accepted`.
    let name = |label: &LabelName| {
        label.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    };
    let asked = match &review.asking {
        Asking::Label => KEYS.map(str::to_owned).to_vec(),
        Asking::Reason { label, text } => {
            vec![
                format!("{}, because: {text}_", name(label)),
                "Enter goes on, Esc goes back".into(),
            ]
        }
        Asking::Expiry { label, reason, text } => vec![
            format!("{}, because {reason}", name(label)),
            format!("until (2030-12-31, or nothing for ever): {text}_"),
            "Enter writes it, Esc goes back".into(),
        ],
    };
    let mut lines = vec![escaped(&review.message)];
    lines.extend(asked);
    lines
}
