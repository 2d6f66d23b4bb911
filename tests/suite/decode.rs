//! Whatever is encoded is found, decoded, and traced back to the bytes it was read from.

use std::fmt::Write as _;

use leakstop::decode::{Budget, Chunk, DECODERS, Found, View, inner};
use leakstop::text::Span;
use proptest::prelude::*;

type Encode = fn(&str) -> Vec<u8>;

/// An encoder for each decoder, by name.
const ENCODERS: &[(&str, Encode)] = &[
    ("hex", hex),
    ("base64", |text| data_encoding::BASE64.encode(text.as_bytes()).into()),
    ("base64", |text| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes()).into()),
    ("base64", wrapped),
    ("hex", |text| lines(&hex(text), 60)),
    ("base32", |text| lines(data_encoding::BASE32.encode(text.as_bytes()).as_bytes(), 64)),
    ("percent", |text| every(text, |out, c| write!(out, "%{c:02x}"))),
    ("escape", |text| every(text, |out, c| write!(out, "\\x{c:02X}"))),
    ("escape", |text| every(text, |out, c| write!(out, "\\u{c:04x}"))),
    ("escape", |text| every(text, |out, c| write!(out, "\\u{{{c:x}}}"))),
    ("escape", |text| every(text, |out, c| write!(out, "\\U{c:08x}"))),
    ("escape", |text| every(text, |out, c| write!(out, "\\{c:03o}"))),
    ("base32", |text| data_encoding::BASE32.encode(text.as_bytes()).into()),
    ("base32", |text| data_encoding::BASE32_NOPAD.encode(text.as_bytes()).into()),
    ("entity", |text| every(text, |out, c| write!(out, "&#{c};"))),
    ("entity", |text| every(text, |out, c| write!(out, "&#x{c:X};"))),
    ("code-point", |text| every(text, |out, c| write!(out, "U+{c:04X}"))),
    ("utf-16", |text| text.bytes().flat_map(|b| [b, 0]).collect()),
    ("utf-7", |text| every(text, |out, c| write!(out, "+{}-", utf7(c)))),
];

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.encode(text.as_bytes()).into()
}

fn utf7(byte: u8) -> String {
    data_encoding::BASE64_NOPAD.encode(&[0, byte])
}

fn wrapped(text: &str) -> Vec<u8> {
    let encoded = data_encoding::BASE64.encode(text.as_bytes());
    let lines: Vec<&[u8]> = encoded.as_bytes().chunks(64).collect();
    lines.join(&b"\n    "[..])
}

fn lines(encoded: &[u8], width: usize) -> Vec<u8> {
    let lines: Vec<&[u8]> = encoded.chunks(width).collect();
    lines.join(&b"\n"[..])
}

fn every(text: &str, escape: fn(&mut String, u8) -> std::fmt::Result) -> Vec<u8> {
    let mut out = String::new();
    for byte in text.bytes() {
        escape(&mut out, byte).expect("a string takes everything");
    }
    out.into()
}

/// Everything decoded from `chunk`, at any depth.
fn all(chunk: Chunk<'static>) -> Vec<Chunk<'static>> {
    let mut budget = Budget::default();
    let (mut open, mut closed) = (vec![chunk], Vec::new());
    while let Some(chunk) = open.pop() {
        open.extend(inner(&chunk, &mut budget));
        closed.push(chunk);
    }
    closed
}

/// Text of which every encoding is long enough to be noticed.
fn plain() -> impl Strategy<Value = String> {
    "[ -~]{40,300}"
}

/// What may stand around a value without being taken for a part of it.
fn surroundings() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof!["[a-z =:.\n]{0,200}", "[^%0-9A-Za-z\\\\\0]{0,100}",].prop_map(String::into_bytes)
}

/// `value` between its surroundings, and where it stands.
fn embed(before: &[u8], value: &[u8], after: &[u8]) -> (Vec<u8>, Span) {
    let mut text = before.to_vec();
    text.extend_from_slice(b" \n\"");
    let start = text.len();
    text.extend_from_slice(value);
    let span = Span::new(start, text.len());
    text.extend_from_slice(b"\"\n ");
    text.extend_from_slice(after);
    (text, span)
}

/// Whether `chunk` holds `plain`, read from exactly `source`.
fn shows(chunk: &Chunk<'_>, plain: &str, source: Span) -> bool {
    memchr::memmem::find_iter(&chunk.bytes, plain.as_bytes())
        .any(|at| chunk.map.source(Span::new(at, at + plain.len())) == source)
}

#[test]
fn every_decoder_has_an_encoder_here() {
    for (name, _) in DECODERS {
        assert!(ENCODERS.iter().any(|(n, _)| n == name), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn encoded_text_is_found_where_it_stands(
        plain in plain(),
        before in surroundings(),
        after in surroundings(),
    ) {
        for (name, encode) in ENCODERS {
            let (text, span) = embed(&before, &encode(&plain), &after);
            let chunks = all(Chunk::whole(text));
            prop_assert!(
                chunks.iter().any(|c| c.via == [*name] && shows(c, &plain, span)),
                "{name}",
            );
        }
    }

    #[test]
    fn encodings_inside_each_other_are_found(
        plain in plain(),
        before in surroundings(),
        outer in 0..ENCODERS.len(),
        inner in 0..ENCODERS.len(),
    ) {
        let ((first, outer), (second, inner)) = (ENCODERS[outer], ENCODERS[inner]);
        // NULs are no text, so nothing writes UTF-16 in UTF-16 or UTF-7.
        prop_assume!(!(matches!(first, "utf-16" | "utf-7") && second == "utf-16"));
        let Ok(value) = String::from_utf8(inner(&plain)) else {
            unreachable!("encoders write ASCII");
        };
        let (text, span) = embed(&before, &outer(&value), b"");
        let chunks = all(Chunk::whole(text));
        prop_assert!(
            chunks.iter().any(|c| c.via == [first, second] && shows(c, &plain, span)),
            "{second} inside {first}",
        );
    }

    #[test]
    fn every_byte_of_a_value_is_traced(plain in plain(), before in surroundings()) {
        // Encoders that write every character on its own, and how many bytes they take for it.
        for (name, encode, width) in [
            ("hex", hex as Encode, 2),
            ("percent", ENCODERS[6].1, 3),
            ("escape", ENCODERS[7].1, 4),
            ("utf-16", ENCODERS[17].1, 2),
        ] {
            let (text, span) = embed(&before, &encode(&plain), b"");
            let chunks = all(Chunk::whole(text));
            let Some((chunk, at)) = chunks.iter().filter(|c| c.via == [name]).find_map(|c| {
                Some((c, memchr::memmem::find(&c.bytes, plain.as_bytes())?))
            }) else {
                return Err(TestCaseError::fail(name));
            };
            for n in 0..plain.len() {
                let source = chunk.map.source(Span::new(at + n, at + n + 1));
                let start = span.start + n * width;
                prop_assert_eq!(source, Span::new(start, start + width));
            }
        }
    }

    #[test]
    fn no_bytes_panic_and_no_map_leaves_the_text(
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..2000),
            r#"[%\\xun0-9a-fA-F"/{}=\n+_-]{0,600}"#.prop_map(String::into_bytes),
            proptest::collection::vec(0u8..3, 0..300)
                .prop_map(|v| v.into_iter().map(|b| [0, b'a', b'\\'][usize::from(b)]).collect()),
        ],
        own in (0usize..2000, 0usize..2000),
        head in any::<bool>(),
        tail in any::<bool>(),
    ) {
        let length = bytes.len();
        let (start, end) = (own.0.min(length), own.1.min(length));
        let mut chunk = Chunk::whole(bytes);
        (chunk.head, chunk.tail) = (head, tail);
        chunk.own = start.min(end)..end.max(start);
        for child in all(chunk) {
            let source = child.map.source(Span::new(0, child.bytes.len()));
            prop_assert!(source.start <= source.end && source.end <= length);
        }
    }

    #[test]
    fn a_value_longer_than_a_chunk_is_found_in_pieces(
        plain in "[ -~]{3000,4000}",
        cut in 500usize..2500,
    ) {
        for (name, encode) in ENCODERS {
            let (text, _) = embed(b"key = ", &encode(&plain), b"");
            // The second chunk starts in the midst of the value; 100 bytes of it are context.
            let mut chunk = Chunk::whole(text[cut..].to_vec());
            chunk.own.start = 100;
            chunk.head = false;
            let chunks = all(chunk);
            let tail = &plain[plain.len() - 100..];
            prop_assert!(
                chunks.iter().any(|c| c.via == [*name]
                    && memchr::memmem::find(&c.bytes, tail.as_bytes()).is_some()),
                "{name}",
            );
        }
    }
}

#[test]
fn a_decoder_keeps_to_its_limit() {
    let plain = "correct horse battery staple ".repeat(40);
    for (name, encode) in ENCODERS {
        let (_, find) = DECODERS.iter().find(|(n, _)| n == name).expect("a name of the table");
        let chunk = Chunk::whole(encode(&plain));
        let mut found = Found::new(200);
        find(&View::new(&chunk), &mut found);
        let bytes: usize = found.list.iter().map(|d| d.bytes.len()).sum();
        assert!((1..=203).contains(&bytes), "{name}: {bytes}");
    }
}

#[test]
fn what_the_budget_leaves_out_is_told() {
    let plain = "correct horse battery staple ".repeat(40);
    for (name, encode) in ENCODERS {
        let chunk = Chunk::whole(encode(&plain));
        let mut enough = Budget::default();
        inner(&chunk, &mut enough);
        assert!(!enough.exceeded(), "{name}");
        let mut bytes = Budget::new(4, 200);
        inner(&chunk, &mut bytes);
        assert!(bytes.exceeded(), "{name}");
        let mut depth = Budget::new(0, 64 << 20);
        assert!(inner(&chunk, &mut depth).is_empty(), "{name}");
        assert!(depth.exceeded(), "{name}");
    }
}
