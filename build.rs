//! Turns `rules/*.toml` into constant tables, and fails the build on a bad rule.
//!
//! In: the rule files, `rules/families.tsv`, `rules/grams.txt` and `rules/examples.tsv`. Out: `rules.rs` and `examples.rs` in
//! `OUT_DIR`, the tables that `detect::rules` and `detect::example` include. Nothing is parsed when the program starts.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/detect/spec.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod spec;

#[path = "src/detect/families.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod families;

#[path = "src/detect/hash.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod hash;

#[path = "src/detect/index.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod index;

#[path = "src/detect/lists.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod lists;

#[path = "src/detect/prefilter.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod prefilter;

#[path = "src/detect/anchor.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod anchor;

#[path = "src/detect/lower.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod lower;

#[path = "src/detect/program.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod program;

#[path = "src/detect/calls.rs"]
#[allow(dead_code, unreachable_pub, reason = "the library shares this file and exports all of it")]
mod calls;

use anchor::Commonness;
use calls::Calls;
use index::Index;
use lower::{Pool, Steps};
use prefilter::Prefilter;
use spec::{RuleEntry, RuleSpec};

#[expect(clippy::disallowed_methods, reason = "this is how cargo talks to build scripts")]
fn main() {
    println!("cargo::rerun-if-changed=rules");
    for shared in [
        "anchor",
        "calls",
        "families",
        "hash",
        "index",
        "lists",
        "lower",
        "prefilter",
        "program",
        "spec",
    ] {
        println!("cargo::rerun-if-changed=src/detect/{shared}.rs");
    }
    println!("cargo::rerun-if-changed=src/detect/generic/tables/words.txt");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let rules = root.join("rules");
    let listed = fs::read_to_string(root.join("src/detect/generic/tables/words.txt"));
    fs::write(out.join("words.rs"), words(&listed.expect("part of the package")))
        .expect("cargo's own folder is writable");
    match generate(&rules).and_then(|code| Ok((code, examples(&rules.join("examples.tsv"))?))) {
        Ok((rules, examples)) => {
            fs::write(out.join("rules.rs"), rules).expect("cargo's own folder is writable");
            fs::write(out.join("examples.rs"), examples).expect("cargo's own folder is writable");
        }
        Err(fault) => {
            println!("cargo::error={}", fault.replace('\n', " | "));
            std::process::exit(1);
        }
    }
}

/// Reads every rule file in the order of their names and writes the tables.
fn generate(folder: &Path) -> Result<String, String> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let (mut ids, mut rules) = (BTreeSet::new(), Vec::new());
    let mut digest = hash::wide(&[]);
    for file in &files {
        let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        digest = hash::more(digest, text.as_bytes());
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let (provider, entries) = spec::parse(&text).map_err(|e| format!("{name}: {e}"))?;
        for entry in &entries {
            let rule = check(entry, &provider).map_err(|e| format!("{name}: {e}"))?;
            if !ids.insert(rule.id.to_string()) {
                return Err(format!("{name}: rule {}: id: used twice", rule.id));
            }
            let surroundings = surroundings(entry, &rule).map(Into::into);
            rules.push(RuleSpec { surroundings, ..rule });
        }
    }
    let text = fs::read_to_string(folder.join("families.tsv")).map_err(|e| e.to_string())?;
    digest = hash::more(digest, text.as_bytes());
    for family in families::parse(&text).map_err(|e| format!("families.tsv: {e}"))? {
        for id in std::iter::once(&family.id).chain(&family.also) {
            if !ids.insert(id.clone()) {
                return Err(format!("families.tsv: {id}: id: used twice"));
            }
        }
        rules.push(family.spec(reach(&family)?));
    }
    for rule in &rules {
        if let Some(id) = rule.pair.iter().find(|id| !ids.contains(&***id)) {
            return Err(format!("rule {}: pair: there is no rule {id}", rule.id));
        }
    }
    let counts = fs::read_to_string(folder.join("grams.txt")).map_err(|e| e.to_string())?;
    let counts = Commonness::parse(&counts).map_err(|e| format!("grams.txt: {e}"))?;
    Ok(tables(&rules, &counts, digest))
}

/// The tables as code.
fn tables(rules: &[RuleSpec], counts: &Commonness, digest: u64) -> String {
    let mut code = format!(
        "use Op::*;\npub(super) const BUILTIN_DIGEST: u64 = {};\n\
         pub(super) static ROWS: [Row; {}] = [\n",
        grouped(digest),
        rules.len()
    );
    let (mut pool, mut texts, mut ops) = (Pool::default(), Texts::default(), Vec::new());
    for rule in rules {
        let plans = [rule.pattern.to_string(), format!(r"\A(?:{})\z", rule.body)];
        let plans = plans.map(|pattern| plan(&pool.steps(&pattern), &mut ops));
        emit(&mut code, rule, &mut texts, &plans.concat());
    }
    let (sets, bytes) = pool.parts();
    let Texts { text, listed, .. } = texts;
    let _ = writeln!(
        code,
        "];\npub(super) static POOLS: Pools = Pools {{ text: {text:?}, listed: &[{}], ops: &{ops:?}, sets: &{sets:?}, \
         bytes: &{bytes:?} }};",
        listed.concat()
    );
    let number =
        |id: &str| rules.iter().position(|rule| rule.id == id).expect("`generate` has looked");
    let pairs = rules.iter().enumerate();
    let pairs: Vec<(usize, usize)> =
        pairs.flat_map(|(at, rule)| rule.pair.iter().map(move |id| (at, number(id)))).collect();
    let _ = writeln!(code, "pub(super) static PAIRS: &[(u16, u16)] = &{pairs:?};");
    lay_out(&mut code, rules, counts);
    code
}

/// Writes where a pattern's steps stand, and adds them to those of all.
fn plan(
    (steps, [begins, holds, body, least], leads): &Steps,
    ops: &mut Vec<program::Op>,
) -> String {
    let start = ops.len();
    ops.extend(steps);
    let end = ops.len();
    format!(
        "Plan {{ ops: ({start}, {end}), begins: {begins}, holds: {holds}, body: {body}, least: {least}, leads: {leads} }},"
    )
}

/// The strings of all rules, each once.
#[derive(Default)]
struct Texts {
    text: String,
    known: HashMap<String, String>,
    listed: Vec<String>,
}

impl Texts {
    /// Where a string stands.
    fn part(&mut self, text: &str) -> String {
        if let Some(part) = self.known.get(text) {
            return part.clone();
        }
        let part = format!("Part({}, {})", self.text.len(), text.len());
        self.text.push_str(text);
        self.known.insert(text.to_owned(), part.clone());
        part
    }

    /// The same for one that may be missing.
    fn optional(&mut self, text: Option<&str>) -> String {
        text.map_or("None".to_owned(), |text| format!("Some({})", self.part(text)))
    }

    /// Where the strings of a list stand.
    fn parts(&mut self, items: &[Cow<'_, str>]) -> String {
        let start = self.listed.len();
        for item in items {
            let part = self.part(item);
            self.listed.push(part + ", ");
        }
        format!("Parts({start}, {})", self.listed.len())
    }
}

/// Writes the tables that find the keywords of each rule, and the vendors' words.
fn lay_out(code: &mut String, rules: &[RuleSpec], counts: &Commonness) {
    let index = Index::new(rules.iter());
    let (words, calls) = Calls::new(rules.iter().map(|rule| &*rule.keywords));
    let words: Vec<_> = words.into_iter().map(|word| (word, counts.rarest(word))).collect();
    let found = Prefilter::new(&words);
    let anchors: Vec<String> = found.anchors.iter().map(anchor).collect();
    let _ = writeln!(
        code,
        "pub(super) static PREFILTER: Prefilter = Prefilter {{ bits: {}, ranks: {}, sieve: {}, \
         anchors: Cow::Borrowed(&[{}]), text: {}, starts: {} }};",
        numbers(&found.bits),
        numbers(&found.ranks),
        numbers(&found.sieve),
        anchors.concat(),
        numbers(&found.text),
        numbers(&found.starts),
    );
    let (starts, rules) = (numbers(&calls.starts), numbers(&calls.rules));
    let _ = writeln!(
        code,
        "pub(super) static CALLS: Calls = Calls {{ starts: {starts}, rules: {rules} }};"
    );
    let entry =
        |entry: &index::Entry| format!("Entry {{ rule: {}, sure: {} }},", entry.rule, entry.sure);
    let entries: Vec<String> = index.entries.iter().map(entry).collect();
    let _ = writeln!(
        code,
        "pub(super) static ISSUERS: Index = Index {{ slots: {}, starts: {}, \
         entries: Cow::Borrowed(&[{}]) }};",
        numbers(&index.slots),
        numbers(&index.starts),
        entries.concat(),
    );
}

/// An anchor as a constant.
fn anchor(anchor: &prefilter::Anchor) -> String {
    let (words, numbers) = anchor.fields();
    format!("Anchor::new({words:?}, {numbers:?}),")
}

/// Numbers as a constant.
fn numbers<T: ToString>(list: &[T]) -> String {
    let list: Vec<String> = list.iter().map(T::to_string).collect();
    format!("Cow::Borrowed(&[{}])", list.join(","))
}

/// A number with its digits in groups, as the lints want it.
fn grouped(number: u64) -> String {
    let digits = format!("{number:016x}");
    let groups = [&digits[..4], &digits[4..8], &digits[8..12], &digits[12..]];
    format!("0x{}", groups.join("_"))
}

/// How far a family's pattern reaches.
fn reach(family: &families::Family) -> Result<usize, String> {
    let longest = tree(&family.pattern())
        .map_err(|e| format!("families.tsv: {}: {e}", family.id))?
        .properties()
        .maximum_len();
    longest.ok_or_else(|| format!("families.tsv: {}: body: it has no bound", family.id))
}

/// A pattern as the detector reads it.
fn tree(pattern: &str) -> Result<regex_syntax::hir::Hir, String> {
    let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build();
    parser.parse(pattern).map_err(|e| e.to_string())
}

/// Checks all that can be checked without running the rule.
fn check(entry: &RuleEntry, provider: &spec::Provider) -> Result<RuleSpec, String> {
    let pattern = entry.regex()?;
    let tree = tree(&pattern).map_err(|e| format!("rule {}: pattern: {e}", entry.id))?;
    if entry.engine == spec::Engine::Pattern && !pattern.contains("(?<secret>") {
        return Err(format!("rule {}: pattern: name the group (?<secret>…)", entry.id));
    }
    if entry.matches.len() < 2 || entry.no_matches.len() < 2 {
        return Err(format!("rule {}: give two match and two no_match texts or more", entry.id));
    }
    entry.resolve(provider, tree.properties().maximum_len())
}

/// Bytes shown of the line on either side of an example's secret.
const AROUND: usize = 48;
/// A run of this many letters and digits in an example may be a credential too.
const RUN: usize = 12;

/// The line of the rule's first example, with a gap where the secret stands: no example is to lie in the program.
/// Nothing where the pattern is beyond the small engine that build scripts have, or there is none.
fn surroundings(entry: &RuleEntry, rule: &RuleSpec) -> Option<String> {
    if rule.pattern.is_empty() {
        return None;
    }
    let text = entry.matches.first()?.concat();
    let pattern = regex_lite::Regex::new(&rule.pattern).ok()?;
    let secret = pattern.captures(&text)?.name("secret")?;
    let line = |c: char| c == '\n' || c == '\r';
    let head = text[..secret.start()].rsplit(line).next().unwrap_or_default();
    let tail = text[secret.end()..].split(line).next().unwrap_or_default();
    let cut = head.char_indices().rev().nth(AROUND).map_or(0, |(at, _)| at);
    let tail: String = tail.chars().take(AROUND).collect();
    let lower = secret.as_str().to_ascii_lowercase();
    let lead = rule.keywords.iter().filter(|k| lower.starts_with(&***k)).map(|k| k.len()).max();
    let lead = &secret.as_str()[..lead.unwrap_or(0)];
    Some(format!("{}{lead}…{}", elided(&head[cut..]), elided(&tail)))
}

/// `text` with a gap in the place of every long run of letters and digits.
fn elided(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric();
    let parts = text.split_inclusive(|c| !word(c)).map(|part| {
        let body = part.trim_end_matches(|c| !word(c));
        let random = body.len() >= RUN && body.bytes().any(|b| b.is_ascii_digit());
        if random { part.replacen(body, "…", 1) } else { part.to_owned() }
    });
    parts.collect()
}

/// Writes one rule as a constant.
fn emit(code: &mut String, rule: &RuleSpec, texts: &mut Texts, plans: &str) {
    assert!(rule.near.is_empty(), "rule {}: near: for rules of a configuration only", rule.id);
    let _ = writeln!(
        code,
        "Row {{ id: {}, name: {}, description: {}, provider: {}, keywords: {}, engine: Engine::{:?}, pattern: {}, \
         body: {}, anonymous: {:?}, before: {}, after: {}, edge: Edge::{:?}, confidence: Confidence::{:?}, severity: Severity::{:?}, validator: {}, \
         entropy: {:?}, paths: {}, rank: {}, pair: {}, beside: {}, lone: {}, revoke_url: {}, docs_url: {}, \
         surroundings: {}, plans: [{plans}] }},",
        texts.part(&rule.id),
        texts.part(&rule.name),
        texts.part(&rule.description),
        texts.part(&rule.provider),
        texts.parts(&rule.keywords),
        rule.engine,
        texts.part(&rule.pattern),
        texts.part(&rule.body),
        rule.anonymous,
        rule.before,
        rule.after,
        rule.edge,
        rule.confidence,
        rule.severity,
        texts.optional(rule.validator.as_deref()),
        rule.entropy,
        texts.parts(&rule.paths),
        rule.rank,
        texts.parts(&rule.pair),
        texts.optional(rule.beside.as_deref()),
        rule.lone,
        texts.optional(rule.revoke_url.as_deref()),
        texts.optional(rule.docs_url.as_deref()),
        texts.optional(rule.surroundings.as_deref()),
    );
}

/// Lays common words out as a hash table with open addressing, half full, and as bits of how they begin.
fn words(listed: &str) -> String {
    let mut starts = vec![0_u64; 1 << 10];
    for first in listed.lines().filter_map(|word| word.as_bytes().first_chunk::<4>()) {
        let bit = hash::narrow(first) as usize % (starts.len() * 64);
        starts[bit / 64] |= 1 << (bit % 64);
    }
    let mut table = vec![0_u32; (listed.lines().count() * 2).next_power_of_two()];
    for word in listed.lines() {
        let hash = hash::narrow(word.as_bytes());
        let mut slot = hash as usize % table.len();
        while table[slot] != 0 && table[slot] != hash {
            slot = (slot + 1) % table.len();
        }
        table[slot] = hash;
    }
    format!(
        "#[rustfmt::skip]\npub(super) static WORDS: [u32; {}] = {table:?};\n\
         #[rustfmt::skip]\npub(super) static STARTS: [u64; {}] = {starts:?};\n",
        table.len(),
        starts.len()
    )
}

/// Writes the published dummies: `how`, length in bytes, SHA-256 in hex, format, note.
fn examples(file: &Path) -> Result<String, String> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let fault = |what: &str| format!("examples.tsv:{}: {what}", number + 1);
        let [how, length, digest, format, _note] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(fault("five columns are needed"));
        };
        let how = match how {
            "exact" => "Exact",
            "prefix" => "Prefix",
            "suffix" => "Suffix",
            "der-sha256" => "Der",
            _ => {
                return Err(fault("the first column is exact, prefix, suffix or der-sha256"));
            }
        };
        let length: usize = length.parse().map_err(|_| fault("the length is no number"))?;
        if digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(fault("the digest is not 64 hex digits"));
        }
        let bytes: Vec<String> =
            (0..32).map(|i| format!("0x{}", &digest[2 * i..2 * i + 2])).collect();
        let row = format!("({length}, [{}], How::{how}, {format:?}),\n", bytes.join(","));
        rows.push((how, length, row));
    }
    rows.sort_by_key(|&(how, length, _)| (length, how));
    let rows: Vec<String> = rows.into_iter().map(|(.., row)| row).collect();
    Ok(format!(
        "pub(super) static EXAMPLES: &[(usize, [u8; 32], How, &str)] = &[\n{}];\n",
        rows.concat()
    ))
}
