//! The literal that a secret stands in, and the name it is given to.
//!
//! In: a line, and where on it the secret stands. Out: a [`Literal`].

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A value as a line writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The value, with its quotes.
    pub span: Range<usize>,
    /// The quote around it, if it has one.
    pub quote: Option<u8>,
    /// What it is given to, as the line writes it.
    pub name: Option<String>,
    /// Blanks, and dashes of a list, before the line's first word.
    pub indent: usize,
}

/// A name and what stands between it and its value: a quote, a bracket, a type, an operator.
static GIVEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"([A-Za-z_$][A-Za-z0-9_$.-]*)["'`]?\]?[ \t]*(?:::?[ \t]*[A-Za-z&\[\]?'][A-Za-z0-9_:<>&'\[\]?., ]*?)?[ \t]*(?:=>|:=|=|:)[ \t]*[(\[]?[ \t]*(?:[A-Za-z]{1,2})?$"#,
    )
    .expect("the pattern is a constant, tested below")
});

/// A name at the start of a line, whatever follows its operator.
static FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^[ \t-]*(?:export[ \t]+|set[ \t]+|ENV[ \t]+|ARG[ \t]+)?["']?([A-Za-z_][A-Za-z0-9_.-]*)["']?[ \t]*[:=]"#)
        .expect("the pattern is a constant, tested below")
});

/// The literal around `secret` on `line`.
#[must_use]
pub fn around(line: &str, secret: Range<usize>) -> Literal {
    let quoted = quoted(line.as_bytes(), &secret);
    let (span, quote) = match quoted {
        Some(span) => (span.clone(), Some(line.as_bytes()[span.start])),
        None => (bare(line.as_bytes(), &secret), None),
    };
    let before = line.get(..span.start).unwrap_or_default();
    let name = GIVEN.captures(before).or_else(|| FIRST.captures(before));
    let name = name.map(|found| found[1].trim_end_matches(['.', '-']).to_owned());
    let indent = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
    Literal { span, quote, name: name.filter(|name| !name.is_empty()), indent }
}

/// The quoted string that holds `inner`.
fn quoted(line: &[u8], inner: &Range<usize>) -> Option<Range<usize>> {
    let mut at = 0;
    while at < inner.start {
        let quote = line[at];
        if !matches!(quote, b'"' | b'\'' | b'`') {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < line.len() && line[end] != quote {
            end += if line[end] == b'\\' { 2 } else { 1 };
        }
        if end >= line.len() {
            // An apostrophe, or a string that goes on; look behind it.
            at += 1;
        } else if end >= inner.end {
            return Some(at..end + 1);
        } else {
            at = end + 1;
        }
    }
    None
}

/// A value without quotes: up to white space or what separates values.
fn bare(line: &[u8], inner: &Range<usize>) -> Range<usize> {
    let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b';' | b'<' | b'>');
    let starts = |byte: u8| ends(byte) || byte == b'=';
    let before = &line[..inner.start.min(line.len())];
    let start = before.iter().rposition(|&byte| starts(byte)).map_or(0, |at| at + 1);
    let rest = &line[inner.end.min(line.len())..];
    let end = rest.iter().position(|&byte| ends(byte)).map_or(line.len(), |at| inner.end + at);
    start..end
}

/// A name as environment variables are written: `apiKey` becomes `API_KEY`.
#[must_use]
pub fn variable(name: &str) -> String {
    let mut out = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            out.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    }
    let out: Vec<&str> = out.split('_').filter(|part| !part.is_empty()).collect();
    let out = out.join("_");
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("_{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The literal and the name, where the secret is `S3cret`.
    fn of(line: &str) -> (&str, Option<String>) {
        let at = line.find("S3cret").unwrap();
        let literal = around(line, at..at + 6);
        (&line[literal.span], literal.name)
    }

    #[test]
    fn names_and_literals_of_many_languages() {
        for (line, literal, name) in [
            ("API_KEY = \"S3cret\"", "\"S3cret\"", "API_KEY"),
            ("export STRIPE_KEY=S3cret", "S3cret", "STRIPE_KEY"),
            ("export STRIPE_KEY='S3cret' # x", "'S3cret'", "STRIPE_KEY"),
            ("  \"apiKey\": \"S3cret\",", "\"S3cret\"", "apiKey"),
            ("  apiKey: 'S3cret',", "'S3cret'", "apiKey"),
            ("password: S3cret", "S3cret", "password"),
            ("const KEY: &str = \"S3cret\";", "\"S3cret\"", "KEY"),
            ("const key: string = `S3cret`;", "`S3cret`", "key"),
            ("private static final String TOKEN = \"S3cret\";", "\"S3cret\"", "TOKEN"),
            ("token := \"S3cret\"", "\"S3cret\"", "token"),
            ("os.environ[\"KEY\"] = \"S3cret\"", "\"S3cret\"", "KEY"),
            ("client = Client(token=\"S3cret\", retries=3)", "\"S3cret\"", "token"),
            ("spring.datasource.password=S3cret", "S3cret", "spring.datasource.password"),
            ("DATABASE_URL=postgres://me:S3cret@db/x", "postgres://me:S3cret@db/x", "DATABASE_URL"),
            ("url = \"postgres://me:S3cret@db/x\"", "\"postgres://me:S3cret@db/x\"", "url"),
            ("- NAME=S3cret", "S3cret", "NAME"),
            ("ENV TOKEN=S3cret", "S3cret", "TOKEN"),
        ] {
            assert_eq!(of(line), (literal, Some(name.to_owned())), "{line}");
        }
        assert_eq!(of("Client(\"S3cret\")"), ("\"S3cret\"", None));
        assert_eq!(of("it's call(\"S3cret\")").0, "\"S3cret\"");
    }

    #[test]
    fn variables_are_written_in_capitals() {
        assert_eq!(variable("apiKey"), "API_KEY");
        assert_eq!(variable("spring.datasource.password"), "SPRING_DATASOURCE_PASSWORD");
        assert_eq!(variable("aws-secret-access-key"), "AWS_SECRET_ACCESS_KEY");
        assert_eq!(variable("2fa"), "_2FA");
        assert_eq!(variable("STRIPE_KEY"), "STRIPE_KEY");
    }
}
