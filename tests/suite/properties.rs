//! What holds for all bytes: nothing panics, and what is found does not depend on how the bytes arrive.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use leakstop::detect::Detector;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::{self, Confidence};
use leakstop::detect::validators::{ALL, Subject};
use leakstop::scan::{Reading, Scanner};
use leakstop::source::pack::{Delta, Index};
use leakstop::source::{Blob, Content, Format, Origin, Visitor, attribution, probe};
use leakstop::text::Position;
use leakstop::verdict::baseline::Baseline;
use leakstop::verdict::inline;
use leakstop::verdict::policy::Policy;
use proptest::prelude::*;

use crate::support::secrets::{aws, github, password, slack};

/// Bytes of a file that one window of the scanner takes in.
const WINDOW: usize = 4 << 20;
/// Bytes that neighbouring windows share on either side of the seam.
const CONTEXT: usize = leakstop::detect::CONTEXT;

/// A rule's id and the value it found.
type Value = (String, Vec<u8>);
/// The same and where it stands.
type Placed = (Value, Position, Position);

/// Everything there is to find, however faint.
static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    Detector::new(rules, Confidence::Possible)
});

/// What a scanner finds in one blob.
fn scan(content: Content<'_>) -> BTreeSet<Placed> {
    let policy = Policy::new(Confidence::Possible, &[], None).expect("there is nothing to parse");
    let stop = AtomicBool::new(false);
    let scanner = Scanner::new(&DETECTOR, &policy, &stop, Reading::default());
    scanner.blob(Blob { origin: Origin::default(), content, before: None });
    let rules = DETECTOR.rules().rules();
    let found = scanner.finish();
    let one = |s: leakstop::verdict::finding::Sighting| {
        let id = rules[usize::from(s.rule)].spec().id.to_string();
        ((id, s.secret.reveal().to_vec()), s.place.start, s.place.end)
    };
    found.sightings.into_iter().map(one).collect()
}

fn values(found: BTreeSet<Placed>) -> BTreeSet<Value> {
    found.into_iter().map(|(value, _, _)| value).collect()
}

/// A reader that gives as much at a time as a cycle of sizes says.
struct Pieces<'b> {
    rest: &'b [u8],
    sizes: std::iter::Cycle<std::slice::Iter<'b, usize>>,
}

impl<'b> Pieces<'b> {
    fn new(bytes: &'b [u8], sizes: &'b [usize]) -> Self {
        Self { rest: bytes, sizes: sizes.iter().cycle() }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.sizes.next().copied().unwrap_or(1).min(buffer.len());
        let (now, later) = self.rest.split_at(size.min(self.rest.len()));
        buffer[..now.len()].copy_from_slice(now);
        self.rest = later;
        Ok(now.len())
    }
}

/// Words and signs that rules, decoders and the reader of assignments look at.
fn sign() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "password",
        "token",
        "secret_key",
        "apiKey",
        "Authorization: Bearer ",
        "ghp_",
        "AKIA",
        "xoxb-",
        "sk_live_",
        "AccountKey=",
        "://user:",
        "@host/",
        "-----BEGIN ",
        "PRIVATE KEY-----",
        "-----END ",
        "eyJ",
        "data:",
        "=",
        ": ",
        ":=",
        "=>",
        "\"",
        "'",
        "`",
        "\\",
        "\\n",
        "\\x",
        "\\u{",
        "\\u",
        "%",
        "%4",
        "\n",
        "\r",
        "\r\n",
        "{",
        "}",
        "(",
        ")",
        "<",
        ">",
        "</",
        "${",
        "{{",
        " ",
        "\t",
        "#",
        "//",
        "leakstop:allow",
        "pragma: allowlist",
        "==",
        "\0",
        "\u{feff}",
        "é",
        "密码",
        "0x",
    ]);
    words.prop_map(|word| word.as_bytes().to_vec())
}

/// A credential, plain or encoded once or twice.
fn credential() -> impl Strategy<Value = Vec<u8>> {
    (any::<u64>(), 0..5u8, 0..5u8).prop_map(|(seed, kind, coat)| {
        let plain = match kind {
            0 => format!("\npassword = \"{}\"\n", password(seed)),
            1 => format!(" {} ", slack(seed)),
            2 => {
                let (id, secret) = aws(seed);
                format!("\nid={id}\naws_secret_access_key={secret}\n")
            }
            _ => format!("\"{}\"", github(seed)),
        };
        let base64 = |bytes: &[u8]| format!("\"{}\"", data_encoding::BASE64.encode(bytes));
        let hex = |bytes: &[u8]| format!("\n{}\n", data_encoding::HEXLOWER.encode(bytes));
        match coat {
            0 => base64(plain.as_bytes()),
            1 => hex(plain.as_bytes()),
            2 => base64(hex(plain.as_bytes()).as_bytes()),
            _ => plain,
        }
        .into_bytes()
    })
}

/// A mixture of everything.
fn mixture(pieces: usize) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => sign(),
        2 => "[0-9A-Za-z+/=_-]{1,80}".prop_map(String::into_bytes),
        1 => "[ -~]{0,40}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        2 => credential(),
    ];
    prop::collection::vec(piece, 0..pieces).prop_map(|pieces| pieces.concat())
}

/// How what is parsed begins, so that more than the first byte is looked at.
const HEADS: &[&str] = &[
    "",
    "DIRC\0\0\0\x02\0\0\0\x01",
    "\u{fffd}tOc\0\0\0\x02",
    "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor a <a> ",
    "100644 a\0",
    "{\"tool\": \"leakstop\", \"version\": 1, \"entries\": [",
    "{\"version\": \"1.5.0\", \"results\": {",
    "[[rule]]\nid = \"x\"\n",
    "# leakstop:allow[",
    "\x05\x05",
];

/// Gives bytes to every parser of what git stores and users write, whole and cut in two.
fn parse(bytes: &[u8]) {
    probe::commit(bytes);
    let _ = probe::index(bytes);
    for format in [Format::Sha1, Format::Sha256] {
        let _ = Index::parse(bytes.to_vec(), format);
    }
    attribution::probe(bytes, None);
    let (front, back) = bytes.split_at(bytes.len() / 2);
    if let Ok(delta) = Delta::parse(back) {
        let mut out = vec![0; usize::try_from(delta.len()).map_or(0, |length| length.min(4096))];
        if delta.apply(front, &mut out).is_ok() {
            attribution::probe(&out, Some((front, delta)));
        }
        let _ = delta.copies();
    }
    leakstop::cli::probe::hook(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        leakstop::cli::probe::config(text);
        let _ = spec::parse(text);
    }
    if let Ok(baseline) = Baseline::parse(bytes) {
        assert_eq!(baseline.render(), bytes);
    }
    let _ = inline::allowance(front, Some(back), "x", None);
    for row in ALL {
        let _ = (row.check)(&Subject { secret: front, whole: bytes });
    }
}

/// Lines of no interest, `length` bytes of them.
fn padding(length: usize) -> Vec<u8> {
    let mut lines = vec![b'.'; length];
    lines.iter_mut().skip(60).step_by(61).for_each(|end| *end = b'\n');
    if let Some(last) = lines.last_mut() {
        *last = b'\n';
    }
    lines
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        scan(Content::Bytes(&bytes));
    }

    #[test]
    fn no_mixture_panics_or_depends_on_how_it_is_read(
        bytes in mixture(120),
        sizes in prop::collection::vec(1usize..=64 << 10, 1..8),
    ) {
        let whole = scan(Content::Bytes(&bytes));
        let pieces = scan(Content::Stream(&mut Pieces::new(&bytes, &sizes)));
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn no_bytes_break_a_parser(
        head in prop::sample::select(HEADS),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        mixed in mixture(20),
    ) {
        for bytes in [[head.as_bytes(), &bytes].concat(), [head.as_bytes(), &mixed].concat()] {
            parse(&bytes);
        }
    }

    #[test]
    fn spans_lie_within_the_text(bytes in mixture(60)) {
        let end = Position::START.advance(&bytes, None);
        for (_, from, to) in scan(Content::Bytes(&bytes)) {
            prop_assert!(from < to && to <= end, "{:?} {:?} {:?}", from, to, end);
        }
    }
}

/// The places where a window starts, ends, or hands over to the next one.
fn seams() -> impl Iterator<Item = usize> {
    (1..=2).flat_map(|windows| (0..3).map(move |shared| windows * WINDOW + shared * CONTEXT))
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn what_is_found_does_not_depend_on_where_it_stands(
        // For each seam a credential, and how much of it stands before the seam, in percent.
        cut in prop::collection::vec((credential(), 0usize..=100), 6),
        sizes in prop::collection::vec(1usize..=64 << 10, 1..8),
    ) {
        let (mut text, mut alone) = (Vec::new(), BTreeSet::new());
        for (seam, (credential, percent)) in seams().zip(cut) {
            let credential = [b"\n", &credential[..], b"\n"].concat();
            alone.extend(values(scan(Content::Bytes(&credential))));
            let start = seam - credential.len() * percent / 100;
            text.extend(padding(start - text.len()));
            text.extend(credential);
        }
        text.extend(padding(2 * CONTEXT));
        let streamed = scan(Content::Stream(&mut Pieces::new(&text, &sizes)));
        prop_assert_eq!(alone, values(streamed));
    }

    #[test]
    fn mixtures_at_a_seam_are_read_like_any_other(
        text in mixture(200),
        seam in 0usize..6,
        before in 0usize..=100,
    ) {
        let seam = seams().nth(seam).expect("there are six");
        let shifted = [padding(seam - text.len() * before / 100), text].concat();
        let streamed = scan(Content::Stream(&mut &shifted[..]));
        prop_assert_eq!(scan(Content::Bytes(&shifted)), streamed);
    }
}
