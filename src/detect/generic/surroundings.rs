//! What stands around a candidate: its line, the words near by, its path.
//!
//! In: a text with name and value, or a path. Out: small numbers and flags for [`super::features`].

use super::place::Place;
use crate::detect::automaton::{Automaton, states};
use crate::detect::kind::Kind;
use crate::detect::lists::{Lists, slots};

/// The line of a candidate.
#[derive(Debug)]
pub(super) struct Line {
    /// Group of the byte before the value.
    pub(super) quote: usize,
    /// Bytes on the line before the name.
    pub(super) lead: usize,
    /// Group of what follows the value, its quote left out.
    pub(super) after: usize,
    /// Group of what stands before the name, its quote left out.
    pub(super) before: usize,
    /// Bytes of the line, as far as they can be seen.
    pub(super) length: usize,
}

/// A byte's group: what it may mean beside a name or value.
pub(super) const fn group(byte: u8) -> usize {
    GROUP[byte as usize] as usize
}

/// The group of each byte.
#[expect(clippy::cast_possible_truncation, reason = "there are few groups, and 256 bytes")]
static GROUP: [u8; 256] = {
    const GROUPS: &[&[u8]] = &[
        b"\n\r", b",", b";", b")", b"}", b"+", b".", b"%", b"]", b"<", b"&", b"\"", b"'", b"`",
        b"{", b"(", b"[", b"$", b"-", b"=", b":", b"?", b"!", b"#", b"/", b"\\", b">", b"_", b"@",
        b"|", b"*", b"~^", b" \t",
    ];
    let mut groups = [43; 256];
    let mut group = 0;
    while group < GROUPS.len() {
        let mut at = 0;
        while at < GROUPS[group].len() {
            groups[GROUPS[group][at] as usize] = group as u8;
            at += 1;
        }
        group += 1;
    }
    let mut byte = 0;
    while byte < 256 {
        match byte as u8 {
            b'a'..=b'z' => groups[byte] = 40,
            b'A'..=b'Z' => groups[byte] = 41,
            b'0'..=b'9' => groups[byte] = 42,
            _ => {}
        }
        byte += 1;
    }
    groups
};

const fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

impl Line {
    pub(super) fn of(text: &[u8], place: &Place) -> Self {
        let before = memchr::memrchr2(b'\n', b'\r', &text[..place.name.start]);
        let start = before.map_or(0, |at| at + 1);
        let rest = &text[place.value.end..];
        let end = place.value.end + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let lead = text[start..place.name.start].trim_ascii();
        let tail = &text[place.value.end..end];
        let tail = match tail.first() {
            Some(&b) if is_quote(b) => &tail[1..],
            _ => tail,
        };
        let tail = tail.trim_ascii();
        let head = match lead.last() {
            Some(&b) if is_quote(b) => lead[..lead.len() - 1].trim_ascii_end(),
            _ => lead,
        };
        let quote = place.value.start.checked_sub(1).map_or(0, |at| text[at]);
        Self {
            quote: if is_quote(quote) { group(quote) } else { 0 },
            lead: lead.len(),
            after: tail.first().map_or(0, |&b| group(b)),
            before: head.last().map_or(0, |&b| group(b)),
            length: end - start,
        }
    }
}

/// What the words near a candidate speak of.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature of its own")]
pub(super) struct Near {
    /// An account.
    pub(super) user: bool,
    /// A server.
    pub(super) host: bool,
    /// A test.
    pub(super) test: bool,
    /// An example.
    pub(super) example: bool,
    /// Other words that mean credentials.
    pub(super) others: usize,
    /// The value once more, as a word: variables are used where they are named.
    pub(super) again: usize,
}

/// Bytes looked at on either side.
const NEAR: usize = 200;

/// Words near by, and what they speak of.
const NEARBY: &[(&str, u8); 31] = &[
    ("user", b'u'),
    ("login", b'u'),
    ("email", b'u'),
    ("account", b'u'),
    ("uid=", b'u'),
    ("host", b'h'),
    ("server", b'h'),
    ("url", b'h'),
    ("port", b'h'),
    ("database", b'h'),
    ("endpoint", b'h'),
    ("://", b'h'),
    ("test", b't'),
    ("assert", b't'),
    ("expect", b't'),
    ("mock", b't'),
    ("should", b't'),
    ("spec", b't'),
    ("example", b'e'),
    ("sample", b'e'),
    ("e.g.", b'e'),
    ("demo", b'e'),
    ("placeholder", b'e'),
    ("replace", b'e'),
    ("your", b'e'),
    ("secret", b'o'),
    ("token", b'o'),
    ("passw", b'o'),
    ("credential", b'o'),
    ("apikey", b'o'),
    ("api_key", b'o'),
];

/// The words without what they speak of.
const fn words<const COUNT: usize>(nearby: &[(&'static str, u8); COUNT]) -> [&'static str; COUNT] {
    let mut words = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        words[at] = nearby[at].0;
        at += 1;
    }
    words
}

impl Near {
    pub(super) fn of(text: &[u8], place: &Place) -> Self {
        static FOUND: Automaton<{ states(&words(NEARBY)) }> = Automaton::new(&words(NEARBY));
        let mut near = Self::default();
        let before = &text[place.name.start.saturating_sub(NEAR)..place.name.start];
        let after = &text[place.value.end..text.len().min(place.value.end + NEAR)];
        let value = &text[place.value.range()];
        FOUND.each([before, after], |word| match NEARBY[word].1 {
            b'u' => near.user = true,
            b'h' => near.host = true,
            b't' => near.test = true,
            b'e' => near.example = true,
            _ => near.others += 1,
        });
        near.again = appearances(before, value) + appearances(after, value);
        near
    }
}

/// Whether what stands around a digest says that it is one: `password="5e88…" encoding="sha256"`.
pub(super) fn hashes(text: &[u8], place: &Place) -> bool {
    const WORDS: &[&str] = &["md5", "sha1", "sha-", "sha2", "sha5", "hash", "digest", "algorithm"];
    static FOUND: Automaton<{ states(WORDS) }> = Automaton::new(WORDS);
    sides(text, place, 80).into_iter().any(|side| FOUND.find(side).next().is_some())
}

/// Whether a word in small letters stands around a place, whatever its case there.
pub(super) fn says(text: &[u8], place: &Place, word: &[u8]) -> bool {
    let holds = |side: &[u8]| memchr::memmem::find(&side.to_ascii_lowercase(), word).is_some();
    sides(text, place, 160).into_iter().any(holds)
}

/// Whether a bare number is the next one after that of the entry before, or before that of the next: a list numbers words.
pub(super) fn counts(text: &[u8], place: &Place) -> bool {
    let number = |digits: &[u8]| -> Option<u64> { std::str::from_utf8(digits).ok()?.parse().ok() };
    let digit = |b: &u8| b.is_ascii_digit();
    let Some(own) = number(&text[place.value.range()]).filter(|_| !place.form.quoted) else {
        return false;
    };
    let [before, after] = sides(text, place, 120);
    let end = before.iter().rposition(digit).map_or(0, |at| at + 1);
    let start = before[..end].iter().rposition(|b| !digit(b)).map_or(0, |at| at + 1);
    let next =
        memchr::memchr2(b':', b'=', after).map_or(&[][..], |at| after[at + 1..].trim_ascii_start());
    let length = next.iter().take_while(|b| digit(b)).count();
    number(&before[start..end]).is_some_and(|before| before.checked_add(1) == Some(own))
        && before[end..].iter().all(|b| b", \t\r\n\"'".contains(b))
        || number(&next[..length]).is_some_and(|next| own.checked_add(1) == Some(next))
}

/// What stands right before and after a place. Attributes and settings stand on lines of their own.
fn sides<'t>(text: &'t [u8], place: &Place, reach: usize) -> [&'t [u8]; 2] {
    let before = &text[place.name.start.saturating_sub(reach)..place.name.start];
    let after = &text[place.value.end..text.len().min(place.value.end + reach)];
    [before, after]
}

/// How often `value` stands in `text` as a word. The text is short: to prepare a search would cost more than it.
fn appearances(text: &[u8], value: &[u8]) -> usize {
    let part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let (mut count, mut from) = (0, 0);
    let Some(&first) = value.first() else { return 0 };
    while let Some(at) = memchr::memchr(first, &text[from..]).map(|at| from + at) {
        let here = text[at..].starts_with(value);
        count += usize::from(here && !part(text[..at].last()) && !part(text.get(at + value.len())));
        from = at + if here { value.len() } else { 1 };
    }
    count
}

/// Words that mean a credential.
const CREDENTIALS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passw",
    "pass",
    "pwd",
    "secret",
    "token",
    "apikey",
    "key",
    "credential",
    "auth",
    "bearer",
    "private",
    "public",
    "access",
    "client",
];

/// Words that stand for something else.
const DUMMIES: &[&str] = &[
    "test", "example", "sample", "demo", "dummy", "fake", "mock", "foo", "bar", "baz", "admin",
    "root", "user", "guest", "default", "hello", "world", "some", "your", "my", "new", "old",
    "wrong", "invalid", "bad", "string", "value", "random", "none", "null", "letmein", "welcome",
    "qwerty", "asdf", "abc", "123", "xxx",
];

/// How much of a value are words that mean a credential, in per cent.
pub(super) fn credentials(value: &[u8]) -> usize {
    static FOUND: Automaton<{ states(CREDENTIALS) }> = Automaton::new(CREDENTIALS);
    share(&FOUND, value)
}

/// How much of a value are words that stand for something else, in per cent.
pub(super) fn dummies(value: &[u8]) -> usize {
    static FOUND: Automaton<{ states(DUMMIES) }> = Automaton::new(DUMMIES);
    share(&FOUND, value)
}

fn share<const STATES: usize>(words: &Automaton<STATES>, value: &[u8]) -> usize {
    words.find(value).map(|hit| hit.end - hit.start).sum::<usize>() * 100 / value.len().max(1)
}

/// What a path says.
#[derive(Debug)]
pub(super) struct Path {
    /// Number of the language group, 0 if none is known.
    pub(super) language: usize,
    /// Whether the file belongs to tests.
    pub(super) test: bool,
    /// Whether the file explains or shows something.
    pub(super) doc: bool,
}

/// Endings that belong together.
const LANGUAGES: &[&str] = &[
    "py pyi ipynb",
    "js jsx mjs cjs ts tsx vue svelte coffee",
    "go",
    "java kt kts scala groovy gradle",
    "cs vb fs",
    "rb erb rake",
    "php phtml",
    "c h cc cpp cxx hpp m mm",
    "rs swift zig",
    "json json5 jsonc har",
    "yaml yml eyaml",
    "xml html htm xhtml xaml csproj plist jsp aspx",
    "md markdown rst txt adoc asciidoc",
    "sh bash zsh fish ksh ps1 psm1 bat cmd",
    "properties ini cfg conf cnf config toml env tfvars",
    "tf hcl nix",
    "sql",
    "template tpl j2 erb example sample dist",
];

static LANGUAGE: Lists<{ slots(LANGUAGES) }> = Lists::new(LANGUAGES);

/// Number of the group of languages whose files end in `ending`, 0 if none is known.
pub(super) fn language(ending: &[u8]) -> usize {
    let first = LANGUAGE.of_folded(ending).trailing_zeros() as usize;
    if first < LANGUAGES.len() { first + 1 } else { 0 }
}

/// Endings of programs in which no literal stands without quotes.
const QUOTED: &str = "pas lpr dpr erl hrl dart hs lhs elm";
static QUOTE: Lists<{ slots(&[QUOTED]) }> = Lists::new(&[QUOTED]);

/// Whether the program at `path` is in a language in which all literals have quotes.
pub(super) fn quotes(path: Option<&[u8]>) -> bool {
    let path = path.unwrap_or_default();
    memchr::memrchr(b'.', path).is_some_and(|dot| QUOTE.of_folded(&path[dot + 1..]) != 0)
}

/// Words in the paths of tests.
const TESTS: &[&str] = &["test", "spec", "mock", "fixture", "fake"];
/// Words in the paths of what explains or shows something.
const DOCS: &[&str] = &["doc", "readme", "example", "sample", "demo", "tutorial", "guide"];

/// Reads a path.
pub(super) fn path(path: &[u8]) -> Path {
    static TEST: Automaton<{ states(TESTS) }> = Automaton::new(TESTS);
    static DOC: Automaton<{ states(DOCS) }> = Automaton::new(DOCS);
    let lower;
    let path = if path.is_ascii() {
        path
    } else {
        // A letter of another alphabet may have one of this as its lower case.
        lower = String::from_utf8_lossy(path).to_lowercase();
        lower.as_bytes()
    };
    let name = memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..]);
    let ending = memchr::memrchr(b'.', name).map_or(&[][..], |at| &name[at + 1..]);
    Path {
        language: language(ending),
        test: TEST.find(path).next().is_some(),
        doc: DOC.find(path).next().is_some(),
    }
}

/// Folders of texts in several languages.
const TRANSLATIONS: &str = "\
    i18n intl l10n lang langs language languages locale locales localization messages nls translation translations";
/// Codes of languages into which programs are translated (ISO 639).
const CODES: &str = "\
    af am ar az be bg bn br bs ca cak cs cy da de dsb el en eo es et eu fa fi fil fo fr fy ga gd gl gu he hi hr hsb hu \
    hy ia id is it ja ka kab kk km kn ko ku ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nn no oc pa pl ps pt rm ro \
    ru sc scn si sk sl sq sr sv sw szl ta te tg th tl tr trs tt uk ur uz vi xh yi zh zu";
static TRANSLATED: Lists<{ slots(&[TRANSLATIONS, CODES]) }> = Lists::new(&[TRANSLATIONS, CODES]);

/// Whether the file at `path` holds texts in one of several languages: its name, or that of a folder among
/// translations, is a language's (`locales/cs-CZ.json`, `locale/bs/viewer.ftl`), or it is a bundle
/// (`messages_pt_BR.properties`).
pub(super) fn translates(path: Option<&[u8]>) -> bool {
    let path = path.unwrap_or_default();
    let mut parts = path.rsplit(|&b| b == b'/');
    let name = parts.next().unwrap_or_default();
    let stem = &name[..memchr::memchr(b'.', name).unwrap_or(name.len())];
    let parts_of = || name.split(|&b| b == b'.').skip(1);
    let bundle = match parts_of().last() {
        Some(b"properties") => {
            memchr::memchr_iter(b'_', stem).any(|at| is_language(&stem[at + 1..]))
        }
        Some(b"resx") => parts_of().any(is_language),
        Some(b"xml") => is_resource(parts.clone().next().unwrap_or_default(), stem),
        _ => false,
    };
    if bundle || ends_in_language(name) {
        return true;
    }
    let is = |part: &[u8]| TRANSLATED.of_folded(part) & 1 != 0;
    let mut told = is_language(stem);
    let mut below = &[][..];
    for folder in parts.take(4) {
        if is(folder) {
            // Among translations, a file or folder may be called by a code that is not known here.
            let mut names = name.split(|&b| b == b'.');
            names.next_back();
            return told || is_tag(below) || is_tag(stem) || names.any(tells);
        }
        told |= is_language(folder) || folder.len() > 3 && is_tag(folder);
        below = folder;
    }
    false
}

/// Whether `tag` has the form of a language's, and perhaps of scripts and regions: `lld`, `aa-ER`, `az-Latn-az`.
fn is_tag(tag: &[u8]) -> bool {
    let tag = plain(tag);
    let mut parts = tag.split(|b| matches!(b, b'_' | b'-'));
    let code = parts.next().unwrap_or_default();
    matches!(code.len(), 2..=3)
        && code.iter().all(u8::is_ascii_lowercase)
        && parts
            .all(|part| matches!(part.len(), 2..=4) && part.iter().all(u8::is_ascii_alphanumeric))
}

/// Whether a file of Android's resources in `folder` holds texts: `values-da/strings.xml`, `values/strings.xml`.
fn is_resource(folder: &[u8], stem: &[u8]) -> bool {
    let tag = folder.strip_prefix(b"values-");
    // A code alone, or with a region: other qualifiers are longer (`land`), or have digits (`v21`).
    tag.is_some_and(|tag| is_tag(tag) || tag.starts_with(b"b+"))
        || (folder == b"values" || is_language(folder)) && stem.starts_with(b"strings")
}

/// Whether a file's last ending is a language's, as in `config.info.de` and `glossary.html.tr.utf8`. Those of programs
/// (`.pl`, `.cs`) tell a language only behind another ending that is none of theirs.
fn ends_in_language(name: &[u8]) -> bool {
    const CHARSETS: &[&[u8]] = &[b".utf8", b".utf-8", b".auto"];
    const TEXTS: &[&[u8]] = &[b"info", b"html", b"xml", b"md", b"txt", b"strings", b"lang"];
    let name = CHARSETS.iter().find_map(|end| name.strip_suffix(*end)).unwrap_or(name);
    let mut parts = name.rsplit(|&b| b == b'.');
    let (tag, before) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    is_language(tag)
        && (parts.next().is_some() && TEXTS.contains(&before)
            || Kind::of(Some(name)) == Kind::Unknown && tag.len() < name.len())
}

/// Whether the file at `path` is about forged requests, whose tokens are good for one page.
pub(super) fn forges(path: Option<&[u8]>) -> bool {
    const WORDS: &[&str] = &["csrf", "xsrf", "forgery"];
    static FOUND: Automaton<{ states(WORDS) }> = Automaton::new(WORDS);
    FOUND.find(path.unwrap_or_default()).next().is_some()
}

/// Whether a part of a file's name among translations is a language's, begins or ends in one: `constant-da_DK`,
/// `messages_bqi`, `art-nvi`, `de_formal`.
fn tells(part: &[u8]) -> bool {
    let mut marks = memchr::memchr2_iter(b'_', b'-', part);
    let first = memchr::memchr2(b'_', b'-', part).map_or(part, |at| &part[..at]);
    is_tag(part)
        || TRANSLATED.of(first) >> 1 & 1 != 0
        || marks.any(|at| is_language(&part[at + 1..]))
        || memchr::memrchr(b'_', part).is_some_and(|at| is_tag(&part[at + 1..]))
}

/// A language's tag without what says how it is written: `sr@latin`.
fn plain(tag: &[u8]) -> &[u8] {
    &tag[..memchr::memchr(b'@', tag).unwrap_or(tag.len())]
}

/// Whether `tag` names a language, and perhaps a region or script: `cs`, `pt_BR`, `zh-Hans`.
fn is_language(tag: &[u8]) -> bool {
    let tag = plain(tag);
    let code = tag.split(|b| matches!(b, b'_' | b'-')).next().unwrap_or_default();
    let region = tag.get(code.len() + 1..).unwrap_or_default();
    // `fi-rFI`: so Android writes a region.
    let region = region.strip_prefix(b"r").filter(|rest| rest.len() == 2).unwrap_or(region);
    TRANSLATED.of(code) >> 1 & 1 != 0
        && (tag.len() == code.len()
            || matches!(region.len(), 2..=4) && region[0].is_ascii_uppercase()
            || region.len() == 3 && region.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translations_are_known_by_their_paths() {
        for path in [
            "conf/locale/locale_cs-CZ.ini",
            "web/src/locales/hu-HU.json",
            "assets/i18n/fr.json",
            "core/l10n/sr@latin.js",
            "translations/messages_bqi.json",
            "assets/locale/locale.constant-da_DK.json",
            "config/locales/devise/devise.art-nvi.yml",
            "config/locales/devise/devise.en_valspeak.yml",
            "config/locales/diaspora/de_formal.yml",
            "web/locale/bs/viewer.ftl",
            "web/locale/meh/viewer.ftl",
            "a/b_pl.properties",
            "messages_zh_CN.properties",
            "resources/lang/de/auth.php",
            "resources/de/Texts.de.resx",
            "translations/messages.pt_BR.yaml",
            "app/src/main/res/values-da/strings.xml",
            "app/src/main/res/values-fi-rFI/strings.xml",
            "app/src/main/res/values/strings.xml",
            "mysql/config.info.zh_TW",
            "useradmin/config.info.cs",
            "postfix/lang/zh.auto",
            "manual/glossary.html.tr.utf8",
            "imports/i18n/data/lld.i18n.json",
            "resources/lang/aa-ER/admin/users/table.php",
            "webapp/i18n/az-Latn-az/global.json.ejs",
            "res/values-tk/strings.xml",
        ] {
            assert!(translates(Some(path.as_bytes())), "{path}");
        }
        for path in [
            "src/a.py",
            "config/app_db.properties",
            "deploy/de/values.yml",
            "locale/setup.py",
            "resources/application-prod.properties",
            "lib/login.pl",
            "src/Form.Designer.cs",
            "res/values/config.xml",
            "res/values-land/config.xml",
            "deploy/values-de.yml",
            "src/messages/login.json",
            "bin/id",
            "",
        ] {
            assert!(!translates(Some(path.as_bytes())), "{path}");
        }
    }
}
