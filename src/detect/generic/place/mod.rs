//! Whether a value is given to a name here, and where it stands.
//!
//! In: a text and the offset of a word inside the name. Out: the name, what joins it to the value, the
//! value, and how they stand on their line. Small lexers, one for each form, read what assignments
//! have in common in all languages; none is a parser.

mod bare;
mod call;
mod declare;
mod expression;
mod heredoc;
mod join;
mod label;
mod line;
mod list;
mod literal;
mod markup;
mod prompt;
mod prose;
mod table;

use std::cell::LazyCell;

use crate::detect::reach::Reach;
use crate::text::Span;
use join::Join;
pub(super) use join::may_follow as may_join;
pub(super) use label::around as name;

/// What stands between a name and its value. The model knows them by their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// `=`, `:=`, `?=` and the like.
    Equals,
    /// `:` or `=>`.
    Colon,
    /// `==`, `!=`, `===`, `.equals(`.
    Compare,
    /// A comma after a quoted name: `put("password", "…")`.
    Comma,
    /// A call: `setPassword("…")`.
    Call,
    /// `--password …`.
    Flag,
    /// `?password=…&`, or all of a quoted string: `"password=…"`.
    Query,
    /// `<password>…</`.
    Element,
    /// An attribute or entry beside the name: `name="password" value="…"`.
    Sibling,
    /// All of a quoted string, as a header is written: `"X-Api-Key: …"`.
    Header,
    /// `-e PASSWORD=…`, `--build-arg PASSWORD=…`.
    Variable,
    /// Blanks alone: `(setq password "…")`, `keyPassword '…'`.
    Space,
    /// `IDENTIFIED BY …`, `LOGIN PASSWORD '…'`.
    Sql,
    /// A sentence: `the password is …`.
    Is,
    /// An argument that its place tells: `login("bob", "…")`.
    Position,
    /// One of several: `tokens: ["…", "…"]`.
    Item,
}

/// A name and the value given to it.
#[derive(Debug)]
pub(super) struct Place {
    /// The name, as it stands there.
    pub(super) name: Span,
    /// What joins the two.
    pub(super) joint: Joint,
    /// The value without its quotes.
    pub(super) value: Span,
    /// How the value is written.
    pub(super) form: Form,
    /// Where the two stand on their line.
    pub(super) line: Line,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature of its own")]
pub struct Form {
    /// In quotes, or between tags.
    pub quoted: bool,
    /// As an argument of a call that makes another type of it: `bytes("…")`.
    pub wrapped: bool,
    /// In a literal that may hold expressions: `f"…"`, `` `…` ``.
    pub open: bool,
    /// Bare, and one of the settings in a literal of many lines.
    pub held: bool,
}

/// Where a name and its value stand on their line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Only a declaration's words or marks of a list or comment stand before the name.
    pub leads: bool,
    /// Only closing marks or a comment stand after the value.
    pub ends: bool,
    /// In a comment.
    pub comment: bool,
}

/// Longest name that is read on either side of the word.
const NAME: usize = 64;
/// Longest value.
const VALUE: usize = 2048;

/// A value, how it is written, and what joins it to the name when it is looked at too.
type Given = (Joint, Span, Form);

/// Bytes on either side of a word that tell whether its name may be joined to a value.
pub(super) const NAME_REACH: Reach = Reach { before: NAME + 3, after: NAME + 2 };

/// The values given to `name`.
pub(super) fn find(text: &[u8], name: Span) -> Vec<Place> {
    if let Some(value) = call::turned(text, name) {
        return vec![turned(text, name, value, Joint::Compare)];
    }
    if let Some(value) = call::keyed(text, name) {
        return vec![turned(text, name, value, Joint::Comma)];
    }
    if let Some((name, value, form)) = declare::returned(text, name) {
        return vec![given(text, name, value, form)];
    }
    // Most names are given nothing, and then nobody asks for their line.
    let line = LazyCell::new(|| line::before(text, name.start));
    let answer = prompt::answer(text, name).map(|(value, form)| vec![(Joint::Call, value, form)]);
    let mut values = answer.unwrap_or_else(|| match join::after(text, name) {
        Some(join) if within(text, name, join) => Vec::new(),
        Some(join) => values(text, name, join, *line),
        None => table::column(text, name),
    });
    values.retain(|(_, value, _)| !value.is_empty());
    let place = |(joint, value, form): Given| {
        let line = Line { ends: line::ends(text, value.end, form.quoted), ..*line };
        Place { name, joint, value, form, line }
    };
    values.into_iter().map(place).collect()
}

/// The place of a literal that stands before the name it is compared with or given to.
fn turned(text: &[u8], name: Span, value: Span, joint: Joint) -> Place {
    let line = Line { ends: line::ends(text, name.end, false), ..line::before(text, value.start) };
    let form = Form { quoted: true, ..Form::default() };
    Place { name, joint, value, form, line }
}

/// The place of a literal that a method of this name returns.
fn given(text: &[u8], name: Span, value: Span, form: Form) -> Place {
    let line = Line { ends: line::ends(text, value.end, true), ..line::before(text, name.start) };
    Place { name, joint: Joint::Equals, value, form, line }
}

/// Whether a name is one of the fields that colons part (`KEY_TYPE:PSA_PASSWORD:48:`, `action=pass:x`), the scheme
/// of an address (`1password://vault/item`), or the user in one (`redis://password:…`).
fn within(text: &[u8], name: Span, join: Join) -> bool {
    let before = name.start.checked_sub(1).map(|at| text[at]);
    let tight = join.joint == Joint::Colon && join.value == name.end + 1;
    tight
        && (matches!(before, Some(b':' | b'='))
            || text[join.value..].starts_with(b"//")
            || text[..name.start].ends_with(b"://"))
}

fn values(text: &[u8], name: Span, join: Join, line: Line) -> Vec<Given> {
    let Join { joint, value: at, .. } = join;
    let called = &text[name.range()];
    if joint == Joint::Element {
        let form = Form { quoted: true, ..Form::default() };
        return markup::text(text, at).map(|value| (joint, value, form)).into_iter().collect();
    }
    if joint == Joint::Call && call::takes_login(called) {
        return call::argument(text, name, at).into_iter().collect();
    }
    if let Some(value) = prose::login(text, name, joint, at) {
        return vec![(Joint::Position, value, Form::default())];
    }
    if let Some((value, form)) = literal::read(text, at) {
        if joint == Joint::Call && call::is_constant(text, called, value) {
            return Vec::new();
        }
        let scheme = prose::scheme(&text[value.range()]);
        return vec![(joint, Span::new(value.start + scheme, value.end), form)];
    }
    if let Some((value, form)) = list::entry(text, at) {
        return vec![(Joint::Sibling, value, form)];
    }
    match &list::items(text, at)[..] {
        [] if joint == Joint::Colon && line.leads && markup::block(text, at).is_some() => {
            let value = markup::block(text, at);
            value.map(|(value, form)| (Joint::Sibling, value, form)).into_iter().collect()
        }
        [] => {
            let bare = bare::read(text, name, join, line);
            let held = |joint| {
                matches!(joint, Joint::Equals | Joint::Colon)
                    && line.leads
                    && heredoc::holds(text, name.start)
            };
            let form = |joint| Form { held: held(joint), ..Form::default() };
            bare.map(|(joint, value)| (joint, value, form(joint))).into_iter().collect()
        }
        [(value, form)] => {
            let scheme = prose::scheme(&text[value.range()]);
            vec![(joint, Span::new(value.start + scheme, value.end), *form)]
        }
        [_, (value, form)] if call::takes_pair(called) => vec![(Joint::Position, *value, *form)],
        // A list under a name for one thing is something else, or that thing in parts.
        _ if !called.ends_with(b"s") && !called.ends_with(b"S") => Vec::new(),
        items => items.iter().map(|(value, form)| (Joint::Item, *value, *form)).collect(),
    }
}

#[cfg(test)]
mod tests;
