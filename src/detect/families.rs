//! Credentials that only their vendor's name tells apart: a vendor word and a bare body, as data.
//!
//! In: the text of `rules/families.tsv`, a row for each credential. Out: [`Family`]s, and the [`RuleSpec`] of
//! each. `build.rs` includes this file; a bad row fails the build. `vendor` judges the rest of a name.

use std::borrow::Cow;

use super::spec::{Confidence, Edge, Engine, GLUE, RuleSpec, Severity, escape};

/// The first line of the file.
pub const HEADER: &str =
    "id\talso\tprovider\tname\topens\tkeywords\tbody\trevoke_url\tdocs_url\tevidence\tseverity";

/// What stands between a vendor's word and a credential in a URL's query.
const QUERY: &str = r#"[!-~&&[^"'<>`\\]]{0,160}?[?&][0-9A-Za-z_.\-]{2,32}="#;

/// Letters, digits and what a notation adds to them.
const DIGITS: &str = "0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// One row.
#[derive(Clone, Debug)]
pub struct Family {
    /// Stable identifier, kebab-case.
    pub id: String,
    /// Identifiers of credentials that cannot be told from this one.
    pub also: Vec<String>,
    /// Who issues it.
    pub provider: String,
    /// What it is called, without the vendor.
    pub name: String,
    /// What it opens, without the full stop; where no page revokes it, how it is replaced.
    pub opens: String,
    /// The vendor's words, lower case.
    pub keywords: Vec<String>,
    /// Forms of the credential.
    pub body: Body,
    /// Where it is revoked; empty where that is on a server of its owner's, or nowhere.
    pub revoke_url: String,
    /// The vendor's page about it.
    pub docs_url: String,
    /// How the form is known: `documented`, `checked`, `source`, `observed`, `unverified`.
    pub evidence: String,
    /// How bad a leak is; `high` where the row does not say.
    pub severity: Severity,
}

/// What a credential looks like: any of its forms.
///
/// Forms are separated by ` | `, the parts of a form by blanks. A part is a `"literal"`, `uuid`,
/// `jwt`, or the name of an alphabet and a length: `hex:32`, `base62:20-40`. Characters in
/// brackets join the alphabet: `base62[-.]:40`.
#[derive(Clone, Debug)]
pub struct Body {
    /// The forms, longest first: an alternative that is the beginning of another must come after it.
    pub forms: Vec<Vec<Part>>,
    /// A signed token whose header and claims can be read.
    pub jwt: bool,
}

/// A stretch of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// These bytes.
    Literal(String),
    /// `least` to `most` characters of an alphabet.
    Run {
        /// The characters.
        alphabet: String,
        /// Shortest.
        least: usize,
        /// Longest.
        most: usize,
    },
}

/// Reads the file.
///
/// # Errors
/// `line NUMBER: what is wrong`.
pub fn parse(text: &str) -> Result<Vec<Family>, String> {
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err("line 1: the header is not the one expected".to_owned());
    }
    let rows: Vec<Family> = lines
        .enumerate()
        .map(|(index, line)| row(line).map_err(|why| format!("line {}: {why}", index + 2)))
        .collect::<Result<_, _>>()?;
    match rows.windows(2).find(|pair| pair[0].id >= pair[1].id) {
        Some(pair) => Err(format!("{} does not come after {}", pair[1].id, pair[0].id)),
        None => Ok(rows),
    }
}

fn row(line: &str) -> Result<Family, String> {
    let [id, also, provider, name, opens, keywords, body, revoke, docs, evidence, severity] =
        line.split('\t').collect::<Vec<_>>()[..]
    else {
        return Err("eleven columns are needed".to_owned());
    };
    let list = |text: &str| -> Vec<String> {
        text.split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect()
    };
    let keywords = list(keywords);
    let good = |k: &String| k.len() >= 4 && !k.bytes().any(|b| b.is_ascii_uppercase());
    if keywords.is_empty() || !keywords.iter().all(good) {
        return Err(format!("{id}: keywords: lower case, four bytes or more"));
    }
    if !["documented", "checked", "source", "observed", "unverified"].contains(&evidence) {
        return Err(format!("{id}: evidence: {evidence} is not known"));
    }
    let listed = Severity::ALL.into_iter().find(|one| one.name() == severity);
    if listed.is_none() && !severity.is_empty() {
        return Err(format!("{id}: severity: {severity} is not known"));
    }
    if opens.is_empty() || opens.ends_with('.') {
        return Err(format!("{id}: opens: say what it opens, without the full stop"));
    }
    Ok(Family {
        id: id.to_owned(),
        also: list(also),
        provider: provider.to_owned(),
        name: name.to_owned(),
        opens: opens.to_owned(),
        keywords,
        body: Body::read(body).map_err(|why| format!("{id}: body: {why}"))?,
        revoke_url: revoke.to_owned(),
        docs_url: docs.to_owned(),
        evidence: evidence.to_owned(),
        severity: listed.unwrap_or_default(),
    })
}

impl Family {
    /// The rule of this row. Its pattern's reach is `after`, in bytes from the keyword on.
    #[must_use]
    pub fn spec(&self, after: usize) -> RuleSpec {
        let text = |s: &str| Cow::Owned(s.to_owned());
        let link = |s: &str| (!s.is_empty()).then(|| text(s));
        RuleSpec {
            id: text(&self.id),
            name: Cow::Owned(format!("{} {}", self.provider, self.name)),
            description: Cow::Owned(format!("{}.", self.opens)),
            provider: text(&self.provider),
            keywords: Cow::Owned(self.keywords.iter().map(|k| text(k)).collect()),
            engine: Engine::Family,
            pattern: Cow::Owned(self.pattern()),
            body: Cow::Owned(self.body.regex()),
            anonymous: false,
            before: 0,
            after,
            edge: self.body.edge(),
            confidence: self.confidence(),
            severity: self.severity,
            validator: self.body.jwt.then(|| text("jwt")),
            entropy: self.body.entropy(),
            paths: Cow::Owned(Vec::new()),
            rank: self.rank(),
            pair: Cow::Borrowed(&[]),
            beside: None,
            lone: true,
            near: Cow::Borrowed(&[]),
            revoke_url: link(&self.revoke_url),
            docs_url: link(&self.docs_url),
            surroundings: None,
        }
    }

    /// The vendor's word, what is left of the name or a query, the body.
    #[must_use]
    pub fn pattern(&self) -> String {
        let words: Vec<String> = self.keywords.iter().map(|k| escape(k)).collect();
        format!("(?i:{})(?:{GLUE}|{QUERY})(?<secret>{})", words.join("|"), self.body.regex())
    }

    /// Above what is known of no vendor, below what a format of its own tells. But of two vendors that use
    /// one prefix, as many do Stripe's, it is the one whose word stands beside it.
    fn rank(&self) -> i32 {
        let prefixed = |form: &Vec<Part>| matches!(form.first(), Some(Part::Literal(text)) if text.starts_with("sk_"));
        match self.body.jwt {
            true => -5,
            false if self.body.forms.iter().all(prefixed) => 5,
            false => -25,
        }
    }

    /// A form that nobody has written down counts only where it is too long to be a hash or an identifier.
    fn confidence(&self) -> Confidence {
        let told = ["documented", "checked", "source"].contains(&self.evidence.as_str());
        let mixed = self.body.forms.iter().all(|form| {
            form.iter().any(|part| {
                matches!(part, Part::Run { alphabet, least, .. } if alphabet.len() >= 62 && *least >= 32)
            })
        });
        if told || mixed { Confidence::Likely } else { Confidence::Possible }
    }
}

impl Body {
    /// Reads the notation.
    ///
    /// # Errors
    /// The part that is not understood.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut forms = text
            .split(" | ")
            .map(|form| {
                let parts = form.split(' ').map(parts).collect::<Result<Vec<_>, _>>()?;
                Ok(parts.concat())
            })
            .collect::<Result<Vec<Vec<Part>>, String>>()?;
        forms.sort_by_key(|form| std::cmp::Reverse(form.iter().map(Part::most).sum::<usize>()));
        Ok(Self { forms, jwt: text == "jwt" })
    }

    /// A regex of its forms.
    #[must_use]
    pub fn regex(&self) -> String {
        let form = |form: &Vec<Part>| form.iter().map(Part::regex).collect::<String>();
        self.forms.iter().map(form).collect::<Vec<_>>().join("|")
    }

    fn runs(&self) -> impl Iterator<Item = (&str, usize)> {
        self.forms.iter().flatten().filter_map(|part| match part {
            Part::Run { alphabet, least, .. } => Some((alphabet.as_str(), *least)),
            Part::Literal(_) => None,
        })
    }

    /// What would carry the longest alphabet on.
    fn edge(&self) -> Edge {
        let dashed = |part: &Part| matches!(part, Part::Literal(text) if text.contains('-'));
        if self.runs().any(|(alphabet, _)| alphabet.contains(['+', '/'])) {
            Edge::Base64
        } else if self.runs().any(|(alphabet, _)| alphabet.contains('-'))
            || self.forms.iter().flatten().any(dashed)
        {
            Edge::Base64url
        } else {
            Edge::Word
        }
    }

    /// Less than a random body ever has, more than `aaaaaaaa` and the like.
    fn entropy(&self) -> f32 {
        let long = |form: &Vec<Part>| form.iter().map(Part::least).sum::<usize>() >= 20;
        let rich = self.forms.iter().all(|form| {
            form.iter().any(|part| {
                matches!(part, Part::Run { alphabet, least, .. } if alphabet.len() >= 36 && *least >= 16)
            })
        });
        match (rich, self.forms.iter().all(long)) {
            (true, true) => 3.0,
            (false, true) => 2.3,
            _ => 1.8,
        }
    }
}

impl Part {
    /// Length in bytes of the shortest text.
    #[must_use]
    pub fn least(&self) -> usize {
        match self {
            Self::Literal(text) => text.len(),
            Self::Run { least, .. } => *least,
        }
    }

    /// Length in bytes of the longest text.
    #[must_use]
    pub fn most(&self) -> usize {
        match self {
            Self::Literal(text) => text.len(),
            Self::Run { most, .. } => *most,
        }
    }

    fn regex(&self) -> String {
        match self {
            Self::Literal(text) => escape(text),
            Self::Run { alphabet, least, most } => {
                let class = class(alphabet);
                match (least, most) {
                    (1, 1) => format!("[{class}]"),
                    (least, most) if least == most => format!("[{class}]{{{least}}}"),
                    (least, most) => format!("[{class}]{{{least},{most}}}"),
                }
            }
        }
    }
}

/// An alphabet as a regex writes it, its ranges first.
fn class(alphabet: &str) -> String {
    let ranges =
        [(DIGITS, "0-9"), (LOWER, "a-z"), (UPPER, "A-Z"), ("abcdef", "a-f"), ("ABCDEF", "A-F")];
    let (mut class, mut marks) = (String::new(), alphabet);
    for (range, short) in ranges {
        if let Some(rest) = marks.strip_prefix(range) {
            class.push_str(short);
            marks = rest;
        }
    }
    for mark in marks.chars() {
        class.extend(['\\', mark]);
    }
    class
}

fn run(alphabet: &str, least: usize, most: usize) -> Part {
    Part::Run { alphabet: alphabet.to_owned(), least, most }
}

/// The parts that one word of the notation stands for.
fn parts(word: &str) -> Result<Vec<Part>, String> {
    let literal = |text: &str| Part::Literal(text.to_owned());
    if let Some(text) = word.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
        return Ok(vec![literal(text)]);
    }
    let uuid = |alphabet: &str| {
        let mut parts = vec![run(alphabet, 8, 8)];
        for length in [4, 4, 4, 12] {
            parts.extend([literal("-"), run(alphabet, length, length)]);
        }
        parts
    };
    match word {
        "uuid" => return Ok(uuid(&alphabet("hex")?)),
        "upperuuid" => return Ok(uuid(&alphabet("upperhex")?)),
        "jwt" => {
            let base64url = alphabet("base64url")?;
            return Ok(vec![
                literal("eyJ"),
                run(&base64url, 8, 400),
                literal(".eyJ"),
                run(&base64url, 8, 2000),
                literal("."),
                run(&base64url, 20, 800),
            ]);
        }
        _ => {}
    }
    let fault = || format!("{word} is no literal, uuid, jwt or ALPHABET:LENGTH");
    let (name, length) = word.rsplit_once(':').ok_or_else(fault)?;
    let (least, most) = length.split_once('-').unwrap_or((length, length));
    let number = |text: &str| text.parse::<usize>().map_err(|_| fault());
    Ok(vec![run(&alphabet(name)?, number(least)?, number(most)?)])
}

/// The characters an alphabet's name stands for.
fn alphabet(name: &str) -> Result<String, String> {
    let (name, more) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((name, more)) => (name, more),
        None => (name, ""),
    };
    let letters = match name {
        "digit" => [DIGITS, "", ""],
        "hex" => [DIGITS, "abcdef", ""],
        "upperhex" => [DIGITS, "ABCDEF", ""],
        "anyhex" => [DIGITS, "abcdef", "ABCDEF"],
        "az" => [LOWER, "", ""],
        "alpha" => [LOWER, UPPER, ""],
        "lower" => [DIGITS, LOWER, ""],
        "upper" => [DIGITS, UPPER, ""],
        "base62" | "base64" | "base64url" => [DIGITS, LOWER, UPPER],
        _ => return Err(format!("{name} is no alphabet")),
    };
    let marks = match name {
        "base64" => "+/",
        "base64url" => "-_",
        _ => "",
    };
    Ok([letters.concat().as_str(), marks, more].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notation_becomes_regex() {
        let regex = |text: &str| Body::read(text).unwrap().regex();
        assert_eq!(regex("hex:32"), "[0-9a-f]{32}");
        assert_eq!(regex("\"sk_\" base62:18-25"), "sk_[0-9a-zA-Z]{18,25}");
        assert_eq!(regex("digit:2 | upper[-]:4"), r"[0-9A-Z\-]{4}|[0-9]{2}");
        assert_eq!(Body::read("uuid").unwrap().forms[0].len(), 9);
    }

    #[test]
    fn bad_notation_names_the_part() {
        for (text, part) in [("hax:32", "hax"), ("hex", "hex"), ("hex:x", "hex:x")] {
            assert!(Body::read(text).unwrap_err().contains(part), "{text}");
        }
    }

    #[test]
    fn bad_rows_are_errors() {
        let file = |line: &str| parse(&format!("{HEADER}\n{line}\n"));
        let good = "acme\t\tAcme\tkey\tBuys anvils\tacme\thex:32\t\t\tobserved\t";
        assert_eq!(file(good).unwrap().len(), 1);
        for bad in [
            good.replace("hex:32", "hex"),
            good.replace("observed", "seen"),
            format!("{good}worst"),
            good.replace("\tacme\t", "\tacm\t"),
            good.replace("Buys anvils", ""),
            format!("{good}\n{good}"),
            "acme".to_owned(),
        ] {
            assert!(file(&bad).is_err(), "{bad}");
        }
    }
}
