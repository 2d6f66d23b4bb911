//! What is known of a candidate, in words.
//!
//! In: [`Shape`] and name of a candidate. Out: phrases for people who ask why it is or is not reported. No byte of the
//! value is among them.

use super::{Feature, Shape};

/// What the name's word means, in the order of the classes.
const CLASSES: &[&str] = &[
    "a password",
    "a password, if it is a noun",
    "a secret",
    "a token",
    "a key that opens something",
    "a credential",
    "an authorization",
    "a key of some kind",
];

impl Shape {
    /// What speaks for and against a credential, given to `name` in the file at `path`.
    #[must_use]
    pub fn account(self, name: &str, path: Option<&[u8]>) -> Vec<String> {
        let features = self.features.at(path, self.kind(path));
        let is = |feature: Feature| features.get(feature) > 0;
        let class = CLASSES.get(usize::from(features.get(Feature::Class))).unwrap_or(&"nothing");
        let mut phrases = vec![format!("{name} means {class}")];
        if is(Feature::NameHead) || is(Feature::NameTail) {
            phrases.push("but its other words speak of something about one".to_owned());
        }
        phrases.push(if is(Feature::Quoted) { "quoted" } else { "bare" }.to_owned());
        phrases.extend(self.value());
        let flags = [
            (Feature::Identifier, "an identifier by its form"),
            (Feature::Uuid, "a UUID by its form"),
            (Feature::Joined, "words with marks between them"),
            (Feature::Other, "a path, address, hash or telling word by its form"),
            (Feature::Open, "in a literal that may hold expressions"),
            (Feature::NameTest, "a test's by its name"),
            (Feature::Comment, "in a comment"),
            (Feature::User, "a user near by"),
            (Feature::Host, "a server near by"),
            (Feature::Test, "words of a test near by"),
            (Feature::Example, "words of an example near by"),
            (Feature::Others, "other credentials' words near by"),
            (Feature::PathTest, "in a test's path"),
            (Feature::PathDoc, "in a path of examples or documents"),
        ];
        phrases.extend(flags.iter().filter(|(f, _)| is(*f)).map(|(_, text)| (*text).to_owned()));
        if self.held {
            phrases.push("among settings in a literal".to_owned());
        }
        if self.told {
            phrases.push("a vendor's word near by, and the form of its credentials".to_owned());
        }
        phrases
    }

    /// What the value's letters say.
    fn value(self) -> Vec<String> {
        let number = |feature: Feature| self.features.get(feature);
        let length = number(Feature::Length);
        let more = if length == u8::MAX { " or more" } else { "" };
        let mut phrases = vec![
            format!("{length} bytes{more}"),
            format!("{:.1} bits of entropy a byte", f32::from(number(Feature::Entropy)) / 30.0),
            format!("{} % in dictionary words", number(Feature::Covered)),
            "no placeholder".to_owned(),
        ];
        for (feature, text) in [
            (Feature::Dummy, "in words such as test or admin"),
            (Feature::Credentials, "in words such as password"),
            (Feature::Echo, "in one piece of its name"),
        ] {
            if number(feature) > 0 {
                phrases.push(format!("{} % {text}", number(feature)));
            }
        }
        phrases
    }
}

#[cfg(test)]
mod tests {
    use super::super::{name, read};
    use super::*;

    #[test]
    fn classes_are_named_in_their_order() {
        use name::Class;
        assert_eq!(CLASSES[Class::Password as usize], "a password");
        assert_eq!(CLASSES[Class::Token as usize], "a token");
        assert_eq!(CLASSES.len(), Class::Plain as usize + 1);
    }

    #[test]
    fn a_candidate_is_told_in_words() {
        let text = ["# db_password = \"kT7#", "qm2LxV\" user"].concat();
        let text = text.as_bytes();
        let candidate = read(text, name(text, 6))[0];
        let told = candidate.shape.account("db_password", Some(b"tests/a.py"));
        for part in ["db_password means a password", "quoted", "10 bytes", "in a comment"] {
            assert!(told.iter().any(|phrase| phrase == part), "{part}: {told:?}");
        }
        assert!(told.contains(&"in a test's path".to_owned()), "{told:?}");
        assert!(!told.iter().any(|phrase| phrase.contains("kT7")));
    }
}
