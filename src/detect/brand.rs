//! The words that vendors go by.
//!
//! In: the rules that tell the form of a bare value. Out: for each word the rules it may name. `build.rs` includes
//! this file and lays out the words of the built-in rules.

use std::borrow::Cow;

use super::spec::RuleSpec;

/// Longest vendor's word, its words joined.
pub const LONGEST: usize = 32;

/// What a vendor's word may be followed by in a rule's keyword and is no part of the vendor's name.
const SUFFIXES: &str = "\
    api app apikey key keys token secret access auth account admin client cloud com io co ai net \
    org dev cli sdk cfg bot id pat pass password user write read server";
/// Words that name no vendor.
const PLAIN: &str = "\
    api app apikey key keys token tokens secret secrets access auth account admin client cloud \
    com www http https host url user name my web test dev prod live main data base server service \
    services settings config realtime modal env id x the a to of in on is io co ai net org rest \
    v1 v2 v3 token_secret tokensecret secretid approle xapikey bearer authorization header headers \
    authtoken private privatekey privkey presharedkey routingkey integrationkey accountkey recoverykey \
    refreshtoken accesstoken tokentoken secretaccesskey accounts wallet keypair certificate \
    keystore gossip framework configsh configcmd";

/// A rule that goes by a word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Brand {
    /// Letters and digits, lower case.
    pub word: Cow<'static, str>,
    /// The rule's number.
    pub rule: u16,
    /// The word names its vendor wherever it stands, not only in the credential's own name.
    pub sure: bool,
}

/// The words of a rule set, in the order of the alphabet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brands(pub Cow<'static, [Brand]>);

impl Brands {
    /// The words of all rules that tell the form of a bare value.
    ///
    /// # Panics
    /// With more than 65,535 rules.
    #[must_use]
    pub fn new<'r>(rules: impl Iterator<Item = &'r RuleSpec>) -> Self {
        let mut brands = Vec::new();
        for (number, spec) in rules.enumerate() {
            if spec.body.is_empty() || !spec.paths.is_empty() {
                continue;
            }
            let rule = u16::try_from(number).expect("fewer rules than 65,536");
            let mut add = |word: String, sure| brands.push(Brand { word: word.into(), rule, sure });
            let provider = plain(&spec.provider.to_lowercase());
            if provider.len() >= 4 && !listed(PLAIN, &provider) {
                add(provider, false);
            }
            for keyword in spec.keywords.iter() {
                let whole = plain(keyword);
                if whole.len() >= 3 && whole.len() <= LONGEST && !listed(PLAIN, &whole) {
                    add(whole, true);
                }
                if let Some(stem) = stem(keyword) {
                    add(stem, false);
                }
            }
        }
        // Of two that say the same, the surer stays.
        brands.sort_by(|a, b| (&a.word, a.rule, b.sure).cmp(&(&b.word, b.rule, a.sure)));
        brands.dedup_by(|b, a| (&a.word, a.rule) == (&b.word, b.rule));
        Self(brands.into())
    }

    /// The rules that go by `word`.
    #[must_use]
    pub fn of(&self, word: &str) -> &[Brand] {
        let start = self.0.partition_point(|brand| *brand.word < *word);
        let rest = &self.0[start..];
        &rest[..rest.iter().take_while(|brand| brand.word == word).count()]
    }
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Whether `word` stands in a list of words with blanks between them.
fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

/// The vendor in a keyword that says more: `close` of `close_api` and `close.com`.
fn stem(keyword: &str) -> Option<String> {
    let mut parts = keyword.split(['_', '-', '.', ' ']).filter(|part| !part.is_empty());
    let first = parts.next()?;
    let stem = match parts.next() {
        Some(second) if listed(SUFFIXES, second) && parts.all(|p| listed(SUFFIXES, p)) => first,
        Some(_) => return None,
        None => ["apikey", "api", "token", "secret", "key"]
            .iter()
            .find_map(|end| first.strip_suffix(end))
            .or_else(|| (keyword.len() > first.len()).then_some(first))?,
    };
    (stem.len() >= 2 && !listed(PLAIN, stem)).then(|| stem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_of_keywords() {
        for (keyword, vendor) in [
            ("close_api", Some("close")),
            ("rev.com", Some("rev")),
            ("exaapi", Some("exa")),
            ("dify_", Some("dify")),
            ("mistral", None),
            ("air_visual", None),
            ("x-api-key", Some("x")),
        ] {
            let vendor = vendor.filter(|v| v.len() > 1);
            assert_eq!(stem(keyword).as_deref(), vendor, "{keyword}");
        }
    }
}
