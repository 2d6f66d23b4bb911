//! Rules as they are written: the TOML form, its checks, and the form the detector takes.
//!
//! In: the text of a rule file. Out: [`RuleSpec`]s with every default filled in, or an error that
//! names the rule and the field. `build.rs` includes this file, so that a bad built-in rule fails
//! the build; the program uses it for rules from a user's configuration.

use std::borrow::Cow;

use serde::Deserialize;

/// Longest stretch of bytes a rule may look at on either side of its keyword.
pub const MAX_REACH: usize = 32 * 1024;

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Entropy or context alone.
    Possible,
    /// A distinctive format, or a generic credential that scores above the operating point.
    Likely,
    /// A checksum, structure or cryptographic check proves the form.
    Certain,
}

impl Confidence {
    /// The word used in reports and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// How bad it is that a credential has leaked: what it opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An identifier, a key that is made to be public, or a key of a service that is over.
    Low,
    /// A limited scope: posts to one place, reports, spends a quota, tests, or ends within hours.
    Medium,
    /// All of one service, a database or a machine.
    #[default]
    High,
    /// An account, cloud, organisation, code host or production database, what others install, or money.
    Critical,
}

impl Severity {
    /// All of them, the worst last.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word used in reports and rule files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Words that a format has for its keys that reach no real data.
const TRIALS: [&str; 2] = ["test", "sandbox"];
/// Bytes from the start of a secret on in which one of them stands.
const TRIAL: usize = 24;

/// Which bytes may not stand directly before or after a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edge {
    /// Letters, digits and `_`.
    Word,
    /// Letters, digits, `_` and `-`.
    Base64url,
    /// Letters, digits, `_`, `+`, `/` and `=`.
    Base64,
    /// Anything may: the pattern says it all.
    None,
}

/// Another find that a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// Id of the rule that must find something, too.
    pub rule: String,
    /// At most so many lines off; in the same file if left out.
    pub lines: Option<usize>,
    /// Its column at most so many off; any if left out.
    pub columns: Option<usize>,
}

/// How a rule looks at the bytes around a keyword.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Runs the rule's regex.
    #[default]
    Pattern,
    /// Reads an assignment to a name that holds the keyword, and judges name and value.
    Assignment,
    /// Looks at every quoted string, where `possible` findings are asked for. Needs no keyword.
    Entropy,
    /// Runs the rule's regex on small files as a whole. Needs no keyword, but paths.
    Whole,
    /// Runs the rule's regex, then judges the name that holds the vendor's word. Rows of
    /// `rules/families.tsv` use it.
    Family,
}

/// A rule, ready for the detector.
#[derive(Clone, Debug)]
pub struct RuleSpec {
    /// Stable identifier, kebab-case.
    pub id: Cow<'static, str>,
    /// What the credential is called.
    pub name: Cow<'static, str>,
    /// What it opens, in a sentence.
    pub description: Cow<'static, str>,
    /// Who issues it.
    pub provider: Cow<'static, str>,
    /// Lower-case literals; one of them stands in every match.
    pub keywords: Cow<'static, [Cow<'static, str>]>,
    /// What is done where a keyword stands.
    pub engine: Engine,
    /// Bytes regex with a group `secret`. Every match covers a keyword hit. Empty where the engine
    /// needs none.
    pub pattern: Cow<'static, str>,
    /// Regex of the bare secret, where a vendor's word and this form tell it; else empty.
    pub body: Cow<'static, str>,
    /// Nothing in the match tells who issued it: a vendor's word near by may.
    pub anonymous: bool,
    /// Bytes looked at before a keyword hit. 0: every match starts at the keyword.
    pub before: usize,
    /// Bytes looked at from the start of a keyword hit on.
    pub after: usize,
    /// What may not stand next to the secret.
    pub edge: Edge,
    /// Confidence of a match that no validator has raised or lowered.
    pub confidence: Confidence,
    /// How bad a leak is. [`RuleSpec::severity_of`] tells it of one secret.
    pub severity: Severity,
    /// Name of an offline validator, a row of `validators::ALL`.
    pub validator: Option<Cow<'static, str>>,
    /// Least Shannon entropy of the secret, in bits per byte.
    pub entropy: f32,
    /// Globs of the paths the rule is limited to, or `re:` and a regex; empty for all.
    pub paths: Cow<'static, [Cow<'static, str>]>,
    /// Decides between rules that match the same bytes: higher is more specific.
    pub rank: i32,
    /// Rules of the secrets that belong with what this one finds, which is an identifier and no secret.
    pub pair: Cow<'static, [Cow<'static, str>]>,
    /// Regex of a bare secret of the first of them, looked for near each identifier.
    pub beside: Option<Cow<'static, str>>,
    /// Whether what it finds is a finding by itself, and not only a part or the condition of another.
    pub lone: bool,
    /// What must be found near by, all of it. Only rules of a configuration have it.
    pub near: Cow<'static, [Near]>,
    /// Where the owner revokes or replaces the credential.
    pub revoke_url: Option<Cow<'static, str>>,
    /// The vendor's page about it.
    pub docs_url: Option<Cow<'static, str>>,
    /// A line that holds one, without the secret. Only built-in rules have it.
    pub surroundings: Option<Cow<'static, str>>,
}

/// One file of `rules/`, or the rules of a user's configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Applies to every rule of the file that does not say otherwise.
    pub provider: Provider,
    /// The rules.
    #[serde(rename = "rule")]
    pub rules: Vec<RuleEntry>,
}

/// Who issues the credentials of a rule file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The vendor's name.
    pub name: String,
    /// Where to revoke, unless the rule says otherwise.
    pub revoke_url: Option<String>,
    /// Documentation, unless the rule says otherwise.
    pub docs_url: Option<String>,
    /// How bad a leak is, unless the rule says otherwise or finds an identifier (default `high`).
    pub severity: Option<Severity>,
}

/// A rule as written. Fields left out take the defaults given here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    /// Stable identifier, kebab-case.
    pub id: String,
    /// What the credential is called.
    pub name: String,
    /// What it opens, in a sentence.
    pub description: String,
    /// Lower-case literals of at least three bytes; one of them stands in every match.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Default `pattern`.
    #[serde(default)]
    pub engine: Engine,
    /// Bytes regex with a group `secret`. Either this or `assigned`.
    pub pattern: Option<String>,
    /// Regex of a bare secret that is assigned to a name, or follows a word, holding a keyword.
    pub assigned: Option<String>,
    /// The group `secret` alone tells the form: a vendor's word near by is enough (default false).
    #[serde(default)]
    pub bare: bool,
    /// Nothing in a match tells who issued it: a vendor's word near by may (default false).
    #[serde(default)]
    pub anonymous: bool,
    /// Bytes before the keyword hit (default: the longest match of the pattern).
    pub before: Option<usize>,
    /// Bytes from the keyword hit on (default: the longest match of the pattern).
    pub after: Option<usize>,
    /// What may not stand next to the secret (default `word`).
    pub edge: Option<Edge>,
    /// Default `likely`, and `possible` for an identifier.
    pub confidence: Option<Confidence>,
    /// How bad a leak is (default: the provider's, and `low` for an identifier).
    pub severity: Option<Severity>,
    /// Name of an offline validator.
    pub validator: Option<String>,
    /// Least Shannon entropy of the secret, in bits per byte (default 0: no floor).
    #[serde(default)]
    pub entropy: f32,
    /// Globs of paths the rule is limited to, or `re:` and a regex (default: all).
    #[serde(default)]
    pub paths: Vec<String>,
    /// Higher wins over lower on the same bytes (default 0).
    #[serde(default)]
    pub rank: i32,
    /// Ids of the rules whose secrets this identifier belongs with. It becomes a part of their findings and is
    /// shown in full, so give it only where what the rule finds is no secret.
    #[serde(default)]
    pub pair: Vec<String>,
    /// Regex of a bare secret of the first rule of `pair`, looked for near the identifier.
    pub beside: Option<String>,
    /// Whether what it finds is a finding by itself (default true). `false` for identifiers that are public and
    /// for rules that others name in `near`.
    pub lone: Option<bool>,
    /// What must be found near by for a match to count (default: nothing).
    #[serde(default)]
    pub near: Vec<Near>,
    /// Overrides the provider's.
    pub revoke_url: Option<String>,
    /// Overrides the provider's.
    pub docs_url: Option<String>,
    /// Texts in which the rule must match; the parts of each are joined on load.
    #[serde(default, rename = "match")]
    pub matches: Vec<Vec<String>>,
    /// Texts in which it must not.
    #[serde(default, rename = "no_match")]
    pub no_matches: Vec<Vec<String>>,
}

/// What stands between the name that holds a keyword and the value assigned to it: the rest of the name, a closing
/// quote, an operator, an opening quote. Or what opens a client with the value: `cohere.Client("`.
pub(super) const GLUE: &str = r#"(?-i:[0-9A-Za-z_.\x20-]{0,40}?["'`\])]{0,2}[\x20\t]{0,8}(?:=>|:=|==|[:=,>])[\x20\t]{0,8}(?:Bearer\x20|Token\x20|Basic\x20)?["'`(\[]{0,2}|(?:[0-9A-Za-z_.]{0,24}?(?:Client(?:V2)?|[aA]pi_?[kK]ey|API|[tT]oken|SDK))?\(["'`])"#;

impl RuleSpec {
    /// How bad the leak of `secret` is: a key whose form says that it is for tests opens no more than that.
    #[must_use]
    pub fn severity_of(&self, secret: &[u8]) -> Severity {
        let begins = |word: &str| {
            let head = &secret[..secret.len().min(TRIAL)];
            self.pattern.contains(word)
                && head.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes()))
        };
        if TRIALS.into_iter().any(begins) {
            self.severity.min(Severity::Medium)
        } else {
            self.severity
        }
    }

    /// Whether the pattern is that of a value which is assigned to a name with a keyword.
    #[must_use]
    pub fn is_assigned(&self) -> bool {
        self.pattern.contains(GLUE)
    }
}

/// Reads a rule file.
///
/// # Errors
/// What is wrong, where: TOML errors with their line, or `rule ID: field: reason`.
pub fn parse(text: &str) -> Result<(Provider, Vec<RuleEntry>), String> {
    let file: RuleFile = toml::from_str(text).map_err(|e| e.to_string())?;
    Ok((file.provider, file.rules))
}

impl RuleEntry {
    /// The regex, with `assigned` written out.
    ///
    /// # Errors
    /// When not exactly one of `pattern` and `assigned` is given.
    pub fn regex(&self) -> Result<String, String> {
        match (self.engine, &self.pattern, &self.assigned) {
            (Engine::Assignment | Engine::Entropy, None, None) => Ok(String::new()),
            (Engine::Pattern | Engine::Whole, Some(pattern), None) => Ok(pattern.clone()),
            (Engine::Pattern, None, Some(body)) => {
                let words: Vec<String> = self.keywords.iter().map(|k| escape(k)).collect();
                Ok(format!("(?i:{}){GLUE}(?<secret>{body})", words.join("|")))
            }
            _ => Err(format!("rule {}: give one of pattern, assigned and engine", self.id)),
        }
    }

    /// The regex of the bare secret, if that and a vendor's word are enough.
    fn body(&self) -> Option<String> {
        let pattern = self.pattern.as_deref().filter(|_| self.bare);
        self.assigned.clone().or_else(|| pattern.and_then(secret).map(str::to_owned))
    }

    /// How many bytes before and from a keyword hit on are looked at.
    fn reach(&self, longest: Option<usize>) -> Result<(usize, usize), String> {
        // What is assigned to a keyword starts with it.
        let before = self.before.or(self.assigned.as_ref().map(|_| 0)).or(longest);
        let (field, why) = match (before, self.after.or(longest)) {
            (Some(before), Some(after)) if before.max(after) <= MAX_REACH => {
                return Ok((before, after));
            }
            (Some(_), Some(_)) => ("before/after", "reaches further than 32 KiB from the keyword"),
            _ => ("pattern", "its longest match has no bound; bound it, or give before and after"),
        };
        Err(format!("rule {}: {field}: {why}", self.id))
    }

    /// Fills in the defaults. `longest` is the length in bytes of the pattern's longest match, if
    /// it has one.
    ///
    /// # Errors
    /// `rule ID: field: reason` for the first field that is wrong.
    pub fn resolve(&self, provider: &Provider, longest: Option<usize>) -> Result<RuleSpec, String> {
        let fault = |field: &str, why: &str| Err(format!("rule {}: {field}: {why}", self.id));
        if self.id.is_empty()
            || !self.id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        {
            return fault("id", "use lower-case letters, digits and -");
        }
        if self.engine == Engine::Whole && self.paths.is_empty() {
            return fault("paths", "a rule without keywords needs some");
        }
        if self.keywords.is_empty() && !matches!(self.engine, Engine::Entropy | Engine::Whole) {
            return fault("keywords", "at least one is needed: a rule runs only where one stands");
        }
        if self.keywords.iter().any(|k| k.len() < 3 || k.bytes().any(|b| b.is_ascii_uppercase())) {
            return fault("keywords", "lower case, three bytes or more");
        }
        let (before, after) = self.reach(longest)?;
        if self.pair.is_empty() && self.beside.is_some() {
            return fault("pair", "name the rules of its secrets, or leave out beside");
        }
        let (sure, severity) = if self.pair.is_empty() {
            (Confidence::Likely, provider.severity.unwrap_or_default())
        } else {
            (Confidence::Possible, Severity::Low)
        };
        let text = |s: &Option<String>, other: &Option<String>| {
            s.clone().or_else(|| other.clone()).map(Cow::Owned)
        };
        Ok(RuleSpec {
            id: Cow::Owned(self.id.clone()),
            name: Cow::Owned(self.name.clone()),
            description: Cow::Owned(self.description.clone()),
            provider: Cow::Owned(provider.name.clone()),
            keywords: owned(&self.keywords),
            engine: self.engine,
            pattern: Cow::Owned(self.regex()?),
            body: Cow::Owned(self.body().unwrap_or_default()),
            anonymous: self.anonymous,
            before,
            after,
            edge: self.edge.unwrap_or(Edge::Word),
            confidence: self.confidence.unwrap_or(sure),
            severity: self.severity.unwrap_or(severity),
            validator: self.validator.clone().map(Cow::Owned),
            entropy: self.entropy,
            paths: owned(&self.paths),
            rank: self.rank,
            pair: owned(&self.pair),
            beside: self.beside.clone().map(Cow::Owned),
            lone: self.lone.unwrap_or(true),
            near: Cow::Owned(self.near.clone()),
            revoke_url: text(&self.revoke_url, &provider.revoke_url),
            docs_url: text(&self.docs_url, &provider.docs_url),
            surroundings: None,
        })
    }
}

/// What stands in the group `secret` of a regex.
fn secret(pattern: &str) -> Option<&str> {
    const OPEN: &str = "(?<secret>";
    let inner = &pattern[pattern.find(OPEN)? + OPEN.len()..];
    let (mut depth, mut class, mut escaped) = (0_usize, false, false);
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => class = false,
            _ if class => {}
            '[' => class = true,
            '(' => depth += 1,
            ')' if depth == 0 => return Some(&inner[..at]),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn owned(list: &[String]) -> Cow<'static, [Cow<'static, str>]> {
    Cow::Owned(list.iter().cloned().map(Cow::Owned).collect())
}

/// Escapes what a regex would read as more than a literal.
pub(super) fn escape(literal: &str) -> String {
    let mut out = String::with_capacity(literal.len() + 4);
    for c in literal.chars() {
        if !c.is_ascii_alphanumeric() && c != '_' && c != '-' {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
