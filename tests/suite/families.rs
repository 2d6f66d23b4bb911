//! Every row of `rules/families.tsv`, through the whole detector, with bodies made up on the spot.
//!
//! In: the rows. Out: a failure that names the row, never the made-up credential.

use std::fmt::Write as _;

use data_encoding::BASE64URL_NOPAD;
use leakstop::decode::Chunk;
use leakstop::detect::families::{self, Family, Part};
use leakstop::detect::hash::wide;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::Confidence;
use leakstop::detect::{Detector, Match, resolve};

fn rows() -> Vec<Family> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/families.tsv");
    let text = std::fs::read_to_string(path).expect("it is part of the package");
    families::parse(&text).expect("the build has checked it")
}

fn detector() -> Detector {
    let all = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    Detector::new(all, Confidence::Possible)
}

/// What is found in `text`, after the most specific has won, and all that was found before.
fn found(detector: &Detector, text: &str) -> (Vec<String>, Vec<String>) {
    let mut matches: Vec<Match> = Vec::new();
    detector.detect(&Chunk::whole(text.as_bytes()), &mut matches);
    let rules = detector.rules().rules();
    let ids = |matches: &[Match]| -> Vec<String> {
        matches.iter().map(|m| rules[usize::from(m.rule)].spec().id.to_string()).collect()
    };
    let every = ids(&matches);
    resolve(&mut matches, |m| m, |rule| rules[usize::from(rule)].spec().rank);
    (ids(&matches), every)
}

/// A generator of numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    /// Seeded with the row's identifier.
    fn new(seed: &str) -> Self {
        Self(wide(seed.as_bytes()) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % limit as u64).expect("it is below a usize")
    }

    fn pick(&mut self, alphabet: &str) -> char {
        char::from(alphabet.as_bytes()[self.below(alphabet.len())])
    }

    /// `length` characters, the first and last a letter or digit, one of them a digit if there are any.
    fn run(&mut self, alphabet: &str, length: usize) -> String {
        let plain: String = alphabet.chars().filter(char::is_ascii_alphanumeric).collect();
        let digits: String = alphabet.chars().filter(char::is_ascii_digit).collect();
        let pick = |i: usize| match i {
            1 if !digits.is_empty() => self.pick(&digits),
            i if i == 0 || i + 1 == length || i % 5 > 0 => self.pick(&plain),
            _ => self.pick(alphabet),
        };
        (0..length).map(pick).collect()
    }
}

/// A text of a form, each run `long` or short.
fn instance(form: &[Part], jwt: bool, long: bool, dice: &mut Dice) -> String {
    if jwt {
        let claims = format!("{{\"iss\":\"{}\"}}", dice.run("abcdefgh0123", 20));
        let [head, body] =
            ["{\"alg\":\"HS256\"}", &claims].map(|t| BASE64URL_NOPAD.encode(t.as_bytes()));
        return format!("{head}.{body}.{}", dice.run("abcdefghijkmnpqrstuvwxyzABCDEF0123", 43));
    }
    let text = |part: &Part| match part {
        Part::Literal(text) => text.clone(),
        Part::Run { alphabet, least, most } => {
            dice.run(alphabet, if long { *most } else { *least })
        }
    };
    form.iter().map(text).collect()
}

/// The name of a credential with the vendor's word in it.
fn name(keyword: &str) -> String {
    let says = ["api_key", "token", "secret"].iter().any(|w| keyword.ends_with(w));
    if says {
        keyword.to_owned()
    } else {
        format!("{}_api_key", keyword.trim_end_matches(['_', '-', '/']))
    }
}

#[test]
fn every_row_is_found_in_three_surroundings() {
    let detector = detector();
    let rows = rows();
    let mut faults = String::new();
    for row in &rows {
        let mut dice = Dice::new(&row.id);
        for (number, form) in row.body.forms.iter().enumerate() {
            for (keyword, long) in row.keywords.iter().zip([false, true].into_iter().cycle()) {
                let body = instance(form, row.body.jwt, long, &mut dice);
                let name = name(keyword);
                let texts = [
                    format!("{}={body}\n", name.to_uppercase()),
                    format!("client.configure({{\"{name}\": \"{body}\"}});\n"),
                    format!("services:\n  {name}: {body}\n"),
                ];
                for (place, text) in texts.iter().enumerate() {
                    let (best, _) = found(&detector, text);
                    if !best.iter().any(|id| *id == row.id || equal(&rows, row, id)) {
                        let _ = writeln!(
                            faults,
                            "{}: form {number}, {keyword}, long {long}, place {place}: found {best:?}",
                            row.id
                        );
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// Whether another row of the same vendor's word takes a credential of this form too.
fn equal(rows: &[Family], row: &Family, id: &str) -> bool {
    let shares = |other: &Family| {
        other
            .keywords
            .iter()
            .any(|o| row.keywords.iter().any(|k| k.starts_with(o) || o.starts_with(k)))
    };
    rows.iter().any(|other| other.id == id && shares(other))
}

#[test]
fn a_character_less_or_more_is_another_thing() {
    let detector = detector();
    let mut faults = String::new();
    for row in rows().iter().filter(|row| !row.body.jwt) {
        let mut dice = Dice::new(&row.id);
        let whole = regex::Regex::new(&format!("^(?:{})$", row.body.regex())).expect("it is good");
        // A form may be another with more after a colon.
        let part = regex::Regex::new(&format!("^(?:{})", row.body.regex())).expect("it is good");
        for form in &row.body.forms {
            let short = instance(form, false, false, &mut dice);
            let long = format!("{}7", instance(form, false, true, &mut dice));
            for (what, body) in [("short", &short[..short.len() - 1]), ("long", long.as_str())] {
                let text = format!("{} = \"{body}\"\n", name(&row.keywords[0]));
                let piece = part.find(body).map(|found| &body[found.end()..]);
                if piece.is_some_and(|rest| rest.starts_with(':')) {
                    continue;
                }
                if !whole.is_match(body) && found(&detector, &text).1.contains(&row.id) {
                    let _ = writeln!(faults, "{}: too {what}: found", row.id);
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn neither_word_alone_is_enough() {
    let detector = detector();
    let mut faults = String::new();
    for row in rows() {
        let mut dice = Dice::new(&row.id);
        let body = instance(&row.body.forms[0], row.body.jwt, false, &mut dice);
        let mut texts = vec![
            ("no vendor", format!("service_api_key = \"{body}\"\n")),
            ("only near", format!("use {};\n\nservice_api_key = \"{body}\"\n", row.keywords[0])),
        ];
        let bare = row.keywords.iter().find(|k| {
            let says = ["key", "token", "secret"].iter().any(|word| k.ends_with(word));
            !says && k.bytes().all(|b| b.is_ascii_lowercase())
        });
        if let Some(word) = bare {
            texts.push(("no credential", format!("{word}_colour = \"{body}\"\n")));
            texts.push(("about one", format!("{word}_token_url = \"{body}\"\n")));
            texts.push(("a hash", format!("{word}_api_sha256 = \"{body}\"\n")));
            texts.push(("in a word", format!("un{word}_token = \"{body}\"\n")));
            texts.push(("in a longer word", format!("{word}zing_token = \"{body}\"\n")));
        }
        for (what, text) in texts {
            if found(&detector, &text).1.contains(&row.id) {
                let _ = writeln!(faults, "{}: {what}: found", row.id);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_row_says_in_few_words_what_it_opens() {
    for row in rows() {
        let (opens, how) = row.opens.split_once(". ").unwrap_or((&row.opens, ""));
        assert!(opens.split(' ').count() <= 14, "{}: {opens}", row.id);
        assert!(opens.starts_with(|c: char| c.is_ascii_uppercase()), "{}: {opens}", row.id);
        assert_eq!(how.is_empty(), !row.revoke_url.is_empty(), "{}: {how}", row.id);
    }
}

#[test]
fn findings_name_vendor_page_and_word() {
    let detector = detector();
    let body = Dice::new("plaid").run("0123456789abcdef", 30);
    let mut matches = Vec::new();
    let text = format!("fetch(`https://sandbox.plaid.com/x?client=1&secret={body}`)");
    detector.detect(&Chunk::whole(text.as_bytes()), &mut matches);
    let rules = detector.rules().rules();
    let found = matches.iter().find(|m| rules[usize::from(m.rule)].spec().id == "plaid-secret");
    let found = found.expect("a query beside the vendor's host");
    let spec = rules[usize::from(found.rule)].spec();
    assert_eq!(spec.provider, "Plaid");
    assert!(spec.revoke_url.is_some());
    assert!(found.evidence.iter().any(|e| e.to_string() == "keyword:plaid"));
    assert!(!found.evidence.iter().any(|e| e.to_string().contains(&body)));
}
