//! Allow comments: the spellings of every scanner a repository may have used before, and our own.
//!
//! In: the line or lines a match touches and the line before, as they stand in the file. Out: the
//! comment that allows the match, if there is one. The time taken is linear in the text given;
//! whoever calls decides how much of a very long line that is.
//!
//! Our own comment stands on a line of the match:
//!
//! ```text
//! leakstop:allow                        any rule
//! leakstop:allow: why                   any rule, with a reason
//! leakstop:allow why this is fine       the same
//! leakstop:allow[rule-id,other-id] why  these rules only
//! leakstop:allow rule-id why            this rule only
//! ```
//!
//! In the last form the first word counts as a rule id if it is the id of the rule in question or
//! looks like one: lower-case letters, digits and at least one inner dash. A reason that begins with
//! such a word is written after a colon. A word taken for a rule id by mistake allows nothing, so
//! the finding stays.

mod marker;

use bstr::ByteSlice;

use marker::{FINDER, Grammar, MARKERS, Marker, Reach, SPELLINGS};

/// Longest reason kept, in characters.
const REASON: usize = 200;

/// Reasons with an unbroken run of this many token characters are not kept: it may be a secret.
const RUN: usize = 16;

/// What ends a comment, and with it a reason.
const CLOSERS: [&str; 6] = ["*/", "-->", "--%>", "#}", "*)", "--}}"];

/// A comment that allows a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The spelling used.
    pub marker: &'static str,
    /// Why, as far as the comment says so.
    pub reason: Option<String>,
}

impl Allowance {
    /// Drops the reason if it holds `secret`, as it does where the comment stands before the match.
    #[must_use]
    pub fn without(mut self, secret: &[u8]) -> Self {
        self.reason =
            self.reason.filter(|text| secret.is_empty() || !text.as_bytes().contains_str(secret));
        self
    }
}

/// Whether a text may hold an allow comment at all: most do not, and need not be asked about each match.
#[must_use]
pub fn any(text: &[u8]) -> bool {
    FINDER.is_match(text)
}

/// The comment that allows a match of `rule`, if there is one.
///
/// `lines` holds every line the match touches, `previous` the line before them, `path` the file's
/// path, whose extension decides which comments detect-secrets would accept.
#[must_use]
pub fn allowance(
    lines: &[u8],
    previous: Option<&[u8]>,
    rule: &str,
    path: Option<&[u8]>,
) -> Option<Allowance> {
    let yaml = path.is_some_and(|p| p.ends_with(b".yaml"));
    let above = previous.unwrap_or_default();
    hits(lines)
        .filter(|hit| hit.marker.reach != Reach::Next)
        .chain(hits(above).filter(|hit| hit.marker.reach != Reach::Same))
        .find_map(|hit| hit.accept(rule, yaml))
}

/// Every allow comment in a text: the offset of its marker, and the spelling.
///
/// For telling which comments allow nothing any more. A marker in a place where its grammar does
/// not accept it is no comment, and is left out.
pub fn comments(text: &[u8]) -> impl Iterator<Item = (usize, &'static str)> + '_ {
    hits(text).filter(Hit::stands).map(|hit| (hit.offset, hit.marker.text))
}

/// A marker found in a text.
struct Hit<'t> {
    /// Where in the text it begins.
    offset: usize,
    marker: &'static Marker,
    /// Length of the blanks its line begins with.
    indent: usize,
    /// What stands on its line before it.
    before: &'t [u8],
    /// What stands on its line after it, less the blanks at the end.
    after: &'t [u8],
}

fn hits(text: &[u8]) -> impl Iterator<Item = Hit<'_>> {
    let mut next = 0;
    text.split(|b| matches!(b, b'\n' | b'\r')).flat_map(move |line| {
        let start = next;
        next += line.len() + 1;
        let line = line.trim_ascii_end();
        let indent = line.len() - line.trim_ascii_start().len();
        FINDER.find_iter(line).map(move |found| Hit {
            offset: start + found.start(),
            marker: SPELLINGS[found.pattern().as_usize()].1,
            indent,
            before: &line[..found.start()],
            after: &line[found.end()..],
        })
    })
}

impl Hit<'_> {
    /// Whether the marker stands where its grammar lets it count, for some rule.
    fn stands(&self) -> bool {
        match self.marker.grammar {
            Grammar::Anywhere => true,
            Grammar::Word => {
                !self.before.last().is_some_and(|&b| is_word(b)) && !continues(self.after)
            }
            Grammar::Secretlint | Grammar::Own => !continues(self.after),
            Grammar::Pragma => self.pragma(false),
        }
    }

    fn accept(&self, rule: &str, yaml: bool) -> Option<Allowance> {
        if !self.stands() {
            return None;
        }
        let accepted = match self.marker.grammar {
            Grammar::Anywhere | Grammar::Word => true,
            Grammar::Pragma => self.pragma(yaml),
            Grammar::Secretlint => secretlint(self.after, rule),
            Grammar::Own => return own(self.after, rule),
        };
        accepted.then_some(Allowance { marker: self.marker.text, reason: None })
    }

    /// detect-secrets' comment: an opener directly before the marker and, for openers that have
    /// one, the closer at the end of the line. The next-line form has the line to itself.
    fn pragma(&self, yaml: bool) -> bool {
        const COMMENTS: [(&[u8], &[u8]); 6] = [
            (b"#", b""),
            (b"//", b""),
            (b"/*", b"*/"),
            (b"'", b""),
            (b"--", b""),
            (b"<!--", b"-->"),
        ];
        let before = self.before.trim_end_with(|c| c == ' ' || c == '\t');
        let placed = |left: &[u8]| self.marker.reach == Reach::Same || left.len() <= self.indent;
        COMMENTS.iter().any(|(open, close)| {
            before.strip_suffix(*open).is_some_and(placed)
                && self.after.ends_with(close)
                && (!yaml || *open == b"#")
        })
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether `after` goes on with the word that ends before it, as in `leakstop:allowed`.
fn continues(after: &[u8]) -> bool {
    match after {
        [b'-', next, ..] | [next, ..] => is_word(*next),
        [] => false,
    }
}

/// Whether a secretlint comment speaks of `rule`: it names no rule, or one that `rule` belongs to.
///
/// secretlint's rules are packages named `…/secretlint-rule-NAME`; NAME is a provider (`github`) or
/// a kind (`privatekey`), so it counts if our id holds it, dashes aside. A preset holds every rule.
fn secretlint(after: &[u8], rule: &str) -> bool {
    let text = comment(after);
    let names = text.split(" -- ").next().unwrap_or_default();
    let bare: String = rule.chars().filter(|c| *c != '-').collect();
    let mut rules =
        names.split([',', ' ', '\t']).filter(|word| word.contains("secretlint-rule-")).peekable();
    rules.peek().is_none()
        || rules.any(|word| {
            let name = word.rsplit("secretlint-rule-").next().unwrap_or_default();
            let name = name.replace('-', "");
            name.starts_with("preset") || (!name.is_empty() && bare.contains(&name))
        })
}

/// Reads what follows our own marker; `None` if it speaks of other rules.
fn own(after: &[u8], rule: &str) -> Option<Allowance> {
    let text = comment(after);
    let allow = |rest: &str| Some(Allowance { marker: MARKERS[0].text, reason: reason(rest) });
    if let Some(list) = text.strip_prefix('[') {
        let (ids, rest) = list.split_once(']')?;
        return ids.split(',').find(|id| id.trim() == rule).and(allow(rest));
    }
    if text.starts_with(':') {
        return allow(&text);
    }
    let text = text.trim_start();
    let word = text.split_whitespace().next().unwrap_or_default();
    let word = word.trim_end_matches([':', ',', ';', '.']);
    if word == rule {
        return allow(&text[word.len()..]);
    }
    if is_id(word) { None } else { allow(text) }
}

/// Whether a word looks like a rule id. The labels of a baseline do not count.
fn is_id(word: &str) -> bool {
    word.contains('-')
        && word != "false-positive"
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// What the comment says after its marker: up to its closer, and no more than a reason may take.
fn comment(after: &[u8]) -> String {
    let after = &after[..after.len().min(4 * REASON)];
    let end = CLOSERS.iter().filter_map(|close| after.find(close)).min();
    String::from_utf8_lossy(&after[..end.unwrap_or(after.len())]).into_owned()
}

/// The words of a reason, or `None` if there are none or they might hold a secret.
///
/// Where the comment stands before a secret on its line, the text after the marker goes on with
/// code, so a reason ends at the first `"` or `=`.
fn reason(text: &str) -> Option<String> {
    let text = text.split(['"', '=']).next().unwrap_or_default();
    let text = text.trim_start_matches([':', ' ', '\t', '-', '\u{2013}', '\u{2014}']);
    let text: String = text.chars().filter(|c| !c.is_control()).take(REASON).collect();
    let text = text.trim();
    let risky = text
        .split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '_' | '-'))
        .any(|run| run.len() >= RUN && run.bytes().any(|b| b.is_ascii_digit()));
    (!text.is_empty() && !risky).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker_of(lines: &str, previous: &str, path: &str) -> Option<&'static str> {
        let previous = (!previous.is_empty()).then_some(previous.as_bytes());
        let path = (!path.is_empty()).then_some(path.as_bytes());
        allowance(lines.as_bytes(), previous, "github-pat", path).map(|a| a.marker)
    }

    fn same(line: &str) -> bool {
        marker_of(line, "", "a.py").is_some()
    }

    fn above(line: &str) -> bool {
        marker_of("x = 1", line, "a.py").is_some()
    }

    #[test]
    fn each_spelling_reaches_its_own_line() {
        for (text, on_same, on_next) in [
            ("# leakstop:allow", true, false),
            ("# gitleaks:allow", true, false),
            ("# betterleaks:allow", true, false),
            ("# kingfisher:ignore", true, true),
            ("# trufflehog:ignore", true, false),
            ("# pragma: allowlist secret", true, false),
            ("# pragma: whitelist secret", true, false),
            ("# pragma: allowlist nextline secret", false, true),
            ("// secretlint-disable-line", true, false),
            ("// secretlint-disable-next-line", false, true),
            ("# ggignore", true, false),
        ] {
            assert_eq!(same(&format!("key = x {text}")), on_same, "{text}");
            assert_eq!(above(text), on_next, "{text}");
        }
    }

    #[test]
    fn nothing_is_allowed_without_a_comment() {
        assert!(!same("key = value"));
        assert!(!same(""));
        assert!(!above(""));
    }

    /// What detect-secrets 1.5.0 accepts and rejects, as observed.
    #[test]
    fn pragma_comments_follow_their_grammar() {
        for (comment, py, yaml) in [
            ("# pragma: allowlist secret", true, true),
            ("#pragma:allowlist-secret", true, true),
            ("/* pragma: allowlist secret */", true, false),
            ("/* pragma: allowlist secret */ ", true, false),
            ("/* pragma: allowlist secret*/", true, false),
            ("/* pragma: allowlist secret", false, false),
            ("/* pragma: allowlist secret */ x", false, false),
            ("<!-- pragma: allowlist secret -->", true, false),
            ("<!-- pragma: allowlist secret", true, false),
            ("-- pragma: allowlist secret", true, false),
            ("' pragma: allowlist secret", true, false),
            ("// pragma: whitelist secret reason", true, false),
            ("# pragma: allowlist secretary", true, true),
            ("## pragma: allowlist secret", true, true),
            ("x#pragma: allowlist secret", true, true),
            ("# noqa # pragma: allowlist secret", true, true),
            ("#pragma:allowlistsecret", false, false),
            ("#  pragma:  allowlist secret", false, false),
            ("# pragma: allowlist_secret", false, false),
            ("# Pragma: allowlist secret", false, false),
            ("; pragma: allowlist secret", false, false),
            ("# x pragma: allowlist secret", false, false),
        ] {
            let line = format!("password: x {comment}");
            assert_eq!(marker_of(&line, "", "a.py").is_some(), py, "{comment}");
            assert_eq!(marker_of(&line, "", "a.yml").is_some(), py, "{comment}");
            assert_eq!(marker_of(&line, "", "a.yaml").is_some(), yaml, "{comment}");
        }
    }

    #[test]
    fn the_nextline_pragma_has_a_line_to_itself() {
        for (line, accepted) in [
            ("  #pragma:allowlist-nextline-secret  ", true),
            ("# pragma: allowlist nextline secret why", true),
            ("/* pragma: allowlist nextline secret */ ", true),
            ("<!-- pragma: allowlist nextline secret -->", true),
            ("-- pragma: allowlist-nextline secret", true),
            ("x # pragma: allowlist nextline secret", false),
            ("/* pragma: allowlist nextline secret", false),
            ("/* pragma: allowlist nextline secret */x", false),
            ("# pragma: whitelist nextline secret", false),
        ] {
            assert_eq!(above(line), accepted, "{line}");
        }
    }

    #[test]
    fn any_line_of_a_long_match_may_carry_the_comment() {
        let lines = "BEGIN # pragma: allowlist secret\r\nabc\r\nEND";
        assert!(same(lines));
        assert!(same("BEGIN\nabc\nEND gitleaks:allow"));
    }

    #[test]
    fn words_that_merely_contain_a_marker_do_not_count() {
        assert!(!same("leakstop:allowed"));
        assert!(!same("leakstop:allow-list"));
        assert!(!same("biggignored"));
        assert!(!same("secretlint-disable-lines"));
        assert!(same("<!--leakstop:allow-->"));
    }

    /// The reason given, empty if there is none.
    fn ours(text: &str) -> Option<String> {
        let found = allowance(text.as_bytes(), None, "github-pat", None);
        found.map(|a| a.reason.unwrap_or_default())
    }

    #[test]
    fn our_comment_may_name_rules_and_give_a_reason() {
        let why = |text: &str| Some(text.to_owned());
        assert_eq!(ours("# leakstop:allow"), why(""));
        assert_eq!(ours("# leakstop:allow fixture only"), why("fixture only"));
        assert_eq!(ours("# leakstop:allow: well-known key"), why("well-known key"));
        assert_eq!(ours("# leakstop:allow github-pat: dummy"), why("dummy"));
        assert_eq!(ours("# leakstop:allow[github-pat] dummy"), why("dummy"));
        assert_eq!(ours("# leakstop:allow[aws-key, github-pat]"), why(""));
        assert_eq!(ours("/* leakstop:allow github-pat */ x"), why(""));
        assert_eq!(ours("# leakstop:allow -- see TICKET-12"), why("see TICKET-12"));
        assert_eq!(ours("# leakstop:allow false-positive"), why("false-positive"));
    }

    #[test]
    fn a_comment_for_another_rule_allows_nothing() {
        assert_eq!(ours("# leakstop:allow aws-access-key dummy"), None);
        assert_eq!(ours("# leakstop:allow[aws-access-key]"), None);
        assert_eq!(ours("# leakstop:allow[github-pat"), None);
        assert_eq!(ours("# leakstop:allow[]"), None);
    }

    #[test]
    fn a_later_comment_counts_when_an_earlier_one_does_not() {
        let line = "# leakstop:allow[aws-access-key] gitleaks:allow";
        assert_eq!(marker_of(line, "", ""), Some("gitleaks:allow"));
    }

    #[test]
    fn a_reason_never_carries_the_code_behind_the_comment() {
        let code = ["leakstop:allow \"", "A1b2C3d4E5f6G7h8"].concat();
        assert_eq!(ours(&code).as_deref(), Some(""));
        let code = ["leakstop:allow see A1b2C3", "d4E5f6G7h8"].concat();
        assert_eq!(ours(&code).as_deref(), Some(""));
        let short = allowance(b"leakstop:allow pw hunter2", None, "r", None);
        assert!(short.as_ref().is_some_and(|a| a.reason.is_some()));
        assert_eq!(short.and_then(|a| a.without(b"hunter2").reason), None);
    }

    #[test]
    fn secretlint_comments_may_name_its_rules() {
        let line = |names: &str| format!("x // secretlint-disable-line {names}");
        assert!(same(&line("@secretlint/secretlint-rule-github -- why")));
        assert!(same(&line("@secretlint/secretlint-rule-preset-recommend")));
        assert!(same(&line("because it is fine")));
        assert!(!same(&line("@secretlint/secretlint-rule-slack")));
    }

    #[test]
    fn comments_are_listed_with_their_places() {
        let text = b"a\n# gitleaks:allow\nb # x pragma: allowlist secret\n# ggignore";
        let found: Vec<_> = comments(text).collect();
        assert_eq!(found, [(4, "gitleaks:allow"), (text.len() - 8, "ggignore")]);
    }
}
