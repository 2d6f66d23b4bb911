//! The words by which vendors are known, and the rules that go by them.
//!
//! In: the rules that tell the form of a bare value. Out: for the words of a text, the rules they may mean. `build.rs`
//! includes this file and lays out the words of the built-in rules.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::hash::{more, wide};
use super::lists::listed;
use super::spec::RuleSpec;

/// Words of a text that may make up a vendor's: `really_simple_systems`.
const JOINED: usize = 4;
/// Longest vendor's word, its words joined.
const LONGEST: usize = 32;

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
    keystore gossip framework configsh configcmd azure";

/// The vendors' words, as a hash table with open addressing that is at most half full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The hash of the word in each slot; 0 where there is none.
    pub(super) slots: Cow<'static, [u64]>,
    /// Where the rules of each slot start in `entries`, and where the last one's end.
    pub(super) starts: Cow<'static, [u16]>,
    pub(super) entries: Cow<'static, [Entry]>,
}

/// A rule that goes by a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The rule's number.
    pub(super) rule: u16,
    /// The word names its vendor wherever it stands, not only in the credential's own name.
    pub(super) sure: bool,
}

impl Index {
    /// The words of all rules that tell the form of a bare value.
    ///
    /// # Panics
    /// With more than 65,535 rules or words of rules.
    #[must_use]
    pub fn new<'r>(rules: impl Iterator<Item = &'r RuleSpec>) -> Self {
        let words = words(rules);
        let mut slots = vec![0; (words.len() * 2).next_power_of_two()];
        let mut held: Vec<&[Entry]> = vec![&[]; slots.len()];
        for (word, entries) in &words {
            let slot = slot(&slots, wide(word.as_bytes()));
            slots[slot] = wide(word.as_bytes());
            held[slot] = entries;
        }
        let mut starts = vec![0];
        let ends = held.iter().scan(0, |sum, entries| {
            *sum += entries.len();
            Some(u16::try_from(*sum).expect("fewer than 65,536 words of rules"))
        });
        starts.extend(ends);
        Self { slots: slots.into(), starts: starts.into(), entries: held.concat().into() }
    }

    /// The rules that go by the word of a hash.
    fn of(&self, hash: u64) -> &[Entry] {
        let slot = slot(&self.slots, hash);
        &self.entries[usize::from(self.starts[slot])..usize::from(self.starts[slot + 1])]
    }

    /// The rules whose words stand in `text`, the longest word first. `text` is made of words that end at `ends`;
    /// `own` says that they are the credential's own name.
    pub(super) fn named(&self, text: &str, ends: &[usize], own: bool) -> Vec<(String, u16)> {
        let mut named = Vec::new();
        let mut start = 0;
        for first in 0..ends.len() {
            let (mut hash, mut from) = (wide(&[]), start);
            for &end in ends[first..].iter().take(JOINED) {
                let word = &text[start..end];
                if word.len() > LONGEST {
                    break;
                }
                hash = more(hash, &text.as_bytes()[from..end]);
                from = end;
                let entries = self.of(hash).iter().filter(|entry| own || entry.sure);
                named.extend(entries.map(|&entry| (word, entry)));
            }
            start = ends[first];
        }
        named.sort_by_key(|(word, entry)| (Reverse(word.len()), !entry.sure, entry.rule));
        named.into_iter().map(|(word, entry)| (word.to_owned(), entry.rule)).collect()
    }
}

/// The slot of a word's hash, or the empty one where it would be: half of them are.
#[expect(clippy::cast_possible_truncation, reason = "only the low bits count")]
fn slot(slots: &[u64], hash: u64) -> usize {
    let mask = slots.len() - 1;
    let mut at = hash as usize & mask;
    while slots[at] != 0 && slots[at] != hash {
        at = (at + 1) & mask;
    }
    at
}

/// Every word, and the rules that go by it.
fn words<'r>(rules: impl Iterator<Item = &'r RuleSpec>) -> BTreeMap<String, Vec<Entry>> {
    let mut words: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    let mut add = |word: String, entry: Entry| {
        let known = words.entry(word).or_default();
        match known.iter_mut().find(|k| k.rule == entry.rule) {
            Some(known) => known.sure |= entry.sure,
            None => known.push(entry),
        }
    };
    for (number, spec) in rules.enumerate() {
        if spec.body.is_empty() || !spec.paths.is_empty() {
            continue;
        }
        let rule = u16::try_from(number).expect("fewer rules than 65,536");
        let provider: String =
            spec.provider.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        if provider.len() >= 4 && !listed(PLAIN, &provider) {
            add(provider, Entry { rule, sure: false });
        }
        for keyword in spec.keywords.iter() {
            let whole: String = keyword.chars().filter(char::is_ascii_alphanumeric).collect();
            if whole.len() >= 3 && whole.len() <= LONGEST && !listed(PLAIN, &whole) {
                add(whole, Entry { rule, sure: true });
            }
            if let Some(stem) = stem(keyword) {
                add(stem, Entry { rule, sure: false });
            }
        }
    }
    words
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
