//! A review as a machine: keys in, what to do out. It knows neither terminal nor file.
//!
//! In: the number of values, and keys. Out: [`Effect`]s, and what is to be shown.

use crate::cli::args::LabelName;

/// A key, as far as a review knows keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Enter,
    Escape,
    Backspace,
    Left,
    Right,
    /// Ctrl-C.
    Stop,
}

/// What a key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Show what is the case now.
    None,
    /// Write this; answered by [`Review::written`].
    Label { label: LabelName, reason: String, expires: String },
    /// Take the last label back; answered by [`Review::undone`].
    Undo,
    /// End.
    Quit,
}

/// What is being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// What the value is.
    Label,
    /// Why.
    Reason { label: LabelName, text: String },
    /// Until when.
    Expiry { label: LabelName, reason: String, text: String },
}

/// Where a review stands.
#[derive(Debug)]
pub(super) struct Review {
    /// The value that is shown; one past the last at the end.
    pub(super) at: usize,
    /// Which of its places is shown.
    pub(super) place: usize,
    /// Whether the secret is shown.
    pub(super) revealed: bool,
    pub(super) asking: Asking,
    /// What is to be told besides.
    pub(super) message: String,
    /// What each value was labelled, as far as this review has.
    pub(super) labels: Vec<Option<LabelName>>,
    /// The values that were labelled, in order.
    done: Vec<usize>,
}

/// Longer reasons are cut.
const LONGEST: usize = 200;

impl Review {
    /// A review of so many values.
    pub(super) fn new(values: usize) -> Self {
        Self {
            at: 0,
            place: 0,
            revealed: false,
            asking: Asking::Label,
            message: String::new(),
            labels: vec![None; values],
            done: Vec::new(),
        }
    }

    /// How many values have a label.
    pub(super) fn labelled(&self) -> usize {
        self.labels.iter().flatten().count()
    }

    /// Takes a key.
    pub(super) fn press(&mut self, key: Key) -> Effect {
        let reveal = self.asking == Asking::Label && key == Key::Char('v') && !self.revealed;
        // What was shown is hidden by whatever comes next.
        self.revealed = false;
        self.message.clear();
        if key == Key::Stop {
            return Effect::Quit;
        }
        match std::mem::replace(&mut self.asking, Asking::Label) {
            Asking::Label => self.choose(key, reveal),
            Asking::Reason { label, text } => self.reason(key, label, text),
            Asking::Expiry { label, reason, text } => self.expiry(key, label, reason, text),
        }
    }

    fn choose(&mut self, key: Key, reveal: bool) -> Effect {
        let ended = self.at == self.labels.len();
        let label = match key {
            Key::Char('q') => return Effect::Quit,
            Key::Char('u') if self.done.is_empty() => {
                self.message = "there is nothing to take back".into();
                return Effect::None;
            }
            Key::Char('u') => return Effect::Undo,
            Key::Char('b') => {
                self.go(self.at.saturating_sub(1));
                return Effect::None;
            }
            _ if ended => return Effect::None,
            Key::Char('s') => {
                self.go(self.at + 1);
                return Effect::None;
            }
            Key::Char('n') | Key::Right => {
                self.place += 1;
                return Effect::None;
            }
            Key::Char('p') | Key::Left => {
                self.place = self.place.saturating_sub(1);
                return Effect::None;
            }
            Key::Char('v') => {
                self.revealed = reveal;
                return Effect::None;
            }
            Key::Char('r') => LabelName::Real,
            Key::Char('f') => LabelName::False,
            Key::Char('t') => LabelName::Test,
            Key::Char('o') => LabelName::Rotated,
            _ => return Effect::None,
        };
        self.asking = Asking::Reason { label, text: String::new() };
        Effect::None
    }

    fn reason(&mut self, key: Key, label: LabelName, mut text: String) -> Effect {
        match key {
            Key::Escape => return Effect::None,
            Key::Enter if text.trim().is_empty() => {
                self.message = "a reason is asked for; Esc goes back".into();
            }
            Key::Enter => {
                let reason = text.trim().to_owned();
                self.asking = Asking::Expiry { label, reason, text: String::new() };
                return Effect::None;
            }
            other => edit(&mut text, other),
        }
        self.asking = Asking::Reason { label, text };
        Effect::None
    }

    fn expiry(&mut self, key: Key, label: LabelName, reason: String, mut text: String) -> Effect {
        match key {
            Key::Escape => {
                self.asking = Asking::Reason { label, text: reason };
                return Effect::None;
            }
            Key::Enter => {
                let expires = text.trim().to_owned();
                if let Err(fault) = super::day(&expires) {
                    self.message = fault.to_string();
                } else {
                    return Effect::Label { label, reason, expires };
                }
            }
            other => edit(&mut text, other),
        }
        self.asking = Asking::Expiry { label, reason, text };
        Effect::None
    }

    /// The label of the present value has been written, or could not be.
    pub(super) fn written(&mut self, label: LabelName, fault: Option<String>) {
        if let Some(fault) = fault {
            self.message = format!("not written: {fault}");
            return;
        }
        self.labels[self.at] = Some(label);
        self.done.push(self.at);
        self.go(self.at + 1);
    }

    /// The last label has been taken back, or could not be.
    pub(super) fn undone(&mut self, fault: Option<String>) {
        if let Some(fault) = fault {
            self.message = format!("not written: {fault}");
        } else if let Some(at) = self.done.pop() {
            self.labels[at] = None;
            self.go(at);
            self.message = "the label is taken back".into();
        }
    }

    fn go(&mut self, to: usize) {
        self.at = to.min(self.labels.len());
        self.place = 0;
    }
}

/// Changes a line that is being typed.
fn edit(text: &mut String, key: Key) {
    match key {
        Key::Backspace => drop(text.pop()),
        Key::Char(c) if !c.is_control() && text.chars().count() < LONGEST => text.push(c),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_in(review: &mut Review, text: &str) -> Effect {
        let mut effect = Effect::None;
        for c in text.chars() {
            effect = review.press(if c == '\n' { Key::Enter } else { Key::Char(c) });
        }
        effect
    }

    #[test]
    fn a_label_asks_for_reason_and_expiry() {
        let mut review = Review::new(2);
        assert_eq!(type_in(&mut review, "t\n"), Effect::None);
        assert!(review.message.contains("reason"));
        let effect = type_in(&mut review, "a fixture\n2030-12-31\n");
        let (label, reason) = (LabelName::Test, "a fixture".to_owned());
        assert_eq!(effect, Effect::Label { label, reason, expires: "2030-12-31".to_owned() });
        review.written(label, None);
        assert_eq!((review.at, review.labelled()), (1, 1));
        assert_eq!(type_in(&mut review, "rwhy\nsoon\n"), Effect::None);
        assert!(review.message.contains("no day"), "{}", review.message);
        review.press(Key::Escape);
        assert!(matches!(&review.asking, Asking::Reason { text, .. } if text == "why"));
        review.press(Key::Escape);
        assert_eq!(review.asking, Asking::Label);
    }

    #[test]
    fn labels_are_taken_back_in_turn() {
        let mut review = Review::new(3);
        assert_eq!(review.press(Key::Char('u')), Effect::None);
        type_in(&mut review, "fno\n\n");
        review.written(LabelName::False, None);
        type_in(&mut review, "sfno\n\n");
        review.written(LabelName::False, None);
        assert_eq!(review.at, 3);
        assert_eq!(review.press(Key::Char('u')), Effect::Undo);
        review.undone(None);
        assert_eq!((review.at, review.labelled()), (2, 1));
        review.undone(Some("the disk is full".into()));
        assert!(review.message.contains("full"));
        assert_eq!(review.labelled(), 1);
    }

    #[test]
    fn what_was_revealed_is_hidden_by_the_next_key() {
        let mut review = Review::new(1);
        review.press(Key::Char('v'));
        assert!(review.revealed);
        review.press(Key::Char('x'));
        assert!(!review.revealed);
        type_in(&mut review, "rv");
        assert!(!review.revealed, "a letter of the reason reveals nothing");
        assert_eq!(review.press(Key::Stop), Effect::Quit);
    }

    #[test]
    fn a_label_that_could_not_be_written_does_not_count() {
        let mut review = Review::new(1);
        type_in(&mut review, "fno\n\n");
        review.written(LabelName::False, Some("no room".into()));
        assert_eq!((review.at, review.labelled()), (0, 0));
        assert_eq!(review.message, "not written: no room");
    }
}
