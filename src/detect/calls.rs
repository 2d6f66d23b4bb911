//! Which rules a keyword calls up.
//!
//! In: the keywords of each rule. Out: every keyword once, and for each the numbers of its rules. `build.rs`
//! includes this file and lays out those of the built-in rules.

use std::borrow::Cow;
use std::collections::HashMap;

/// For each keyword the rules it calls up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calls {
    /// Where a keyword's rules start in `rules`, and where the last one's end.
    pub(super) starts: Cow<'static, [u16]>,
    pub(super) rules: Cow<'static, [u16]>,
}

impl Calls {
    /// Numbers the keywords in the order in which rules name them.
    ///
    /// # Panics
    /// With more than 65,535 rules or calls.
    #[must_use]
    pub fn new<'k>(lists: impl Iterator<Item = &'k [Cow<'static, str>]>) -> (Vec<&'k str>, Self) {
        let small = |number| u16::try_from(number).expect("fewer than 65,536 rules and calls");
        let mut index: HashMap<&str, usize> = HashMap::new();
        let mut keywords: Vec<&str> = Vec::new();
        let mut called: Vec<Vec<u16>> = Vec::new();
        for (number, list) in lists.enumerate() {
            for keyword in list {
                let place = *index.entry(keyword).or_insert_with(|| {
                    keywords.push(keyword);
                    called.push(Vec::new());
                    keywords.len() - 1
                });
                called[place].push(small(number));
            }
        }
        let mut starts = vec![0];
        let ends = called.iter().scan(0, |sum, rules| {
            *sum += rules.len();
            Some(small(*sum))
        });
        starts.extend(ends);
        (keywords, Self { starts: starts.into(), rules: called.concat().into() })
    }

    /// Numbers of the rules that a keyword calls up.
    #[must_use]
    pub fn of(&self, keyword: usize) -> &[u16] {
        &self.rules[usize::from(self.starts[keyword])..usize::from(self.starts[keyword + 1])]
    }
}
