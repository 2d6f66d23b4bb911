//! What is packed: archives, compressed streams, each inside the other, cut off, broken and made to do harm.

use std::cell::Cell;
use std::io::Read;
use std::sync::atomic::AtomicBool;

use leakstop::decode::container::{self, Fault, Meter, Sink};
use leakstop::detect::Detector;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::Confidence;
use leakstop::scan::{Found, Reading, Scanner};
use leakstop::source::{Blob, Content, Origin, SkipReason, Visitor as _};
use leakstop::verdict::policy::Policy;
use proptest::prelude::*;
use serde_json::Value;
use sirocco::deflate::Level;

use crate::support::documents::{ar, cpio, mail, pdf, seven};
use crate::support::packing::{STREAMS, Zipped, gzip, noise, tar, zip};
use crate::support::secrets::{github, line, random};
use crate::support::{Ran, TestRepo};

/// The report on one file.
fn scan(content: impl AsRef<[u8]>) -> Ran {
    let repo = TestRepo::plain();
    repo.write("f", content);
    repo.json(&["scan", "f"])
}

/// Two lines, the second of which holds a token.
fn text(seed: u64) -> Vec<u8> {
    format!("first\n{}", line(seed)).into()
}

/// How each finding was decoded.
fn via(ran: &Ran) -> Vec<Value> {
    ran.findings().iter().map(|found| found["decoded"].clone()).collect()
}

/// A way to pack one text: its names in reports, what it adds to the path, and the packing.
type Packing = (&'static str, &'static str, fn(&[u8]) -> Vec<u8>);

const ARCHIVES: &[Packing] = &[
    ("tar", "!a/b", |text| tar(&[("a", b"x"), ("a/b", text), ("c", b"")])),
    ("zip", "!a/b", |text| zip(&[("a/", b""), ("a/b", text)], Zipped::Deflated)),
    ("zip", "!a/b", |text| zip(&[("a", b"x"), ("a/b", text)], Zipped::Stored)),
    ("zip", "!a/b", |text| zip(&[("a", b"x"), ("a/b", text), ("c", b"x")], Zipped::Streamed)),
    ("ar", "!b", |text| ar(&[("a", b"x"), ("b", text), ("c", b"")])),
    ("cpio", "!a/b", |text| cpio(&[("a", b"x"), ("a/b", text), ("c", b"")])),
    ("mail", "!a b", |text| mail("x", "a b", text)),
    ("pdf", "!object 2", |text| {
        let packed = sirocco::compress(sirocco::Format::Zlib, Level::DEFAULT, text);
        pdf(&[("/Type/Catalog", None), ("/Filter/FlateDecode", Some(&packed))])
    }),
    // The last one: what it holds is told at its end.
    ("7z", "!a/b", |text| seven(&[("a", b"x"), ("a/b", text), ("c", b"x")])),
];

fn packings() -> Vec<Packing> {
    let streams = STREAMS.iter().map(|&(name, pack)| (name, "", pack));
    streams.chain(ARCHIVES.iter().copied()).collect()
}

#[test]
fn every_container_is_opened() {
    for (name, path, pack) in packings() {
        let ran = scan(pack(&text(1))).exits(1);
        assert_eq!(ran.places(), [format!("f{path}:2 github-pat-classic")], "{name}");
        assert_eq!(via(&ran), [serde_json::json!([name])]);
        assert_eq!(ran.skipped(), [""; 0], "{name}");
        assert_eq!(ran.findings()[0]["start_column"], 10);
        assert!(!ran.tells(&github(1)), "{name}");
    }
}

#[test]
fn containers_are_opened_inside_each_other() {
    let repo = TestRepo::plain();
    let mut places = Vec::new();
    for (m, (first, outer, pack)) in packings().into_iter().enumerate() {
        for (n, (second, inner, fill)) in packings().into_iter().enumerate() {
            repo.write(format!("{m}-{n}"), pack(&fill(&text(1))));
            places.push((format!("{m}-{n}{outer}{inner}:2"), serde_json::json!([first, second])));
        }
    }
    let ran = repo.json(&["scan"]).exits(1);
    assert_eq!(ran.skipped(), [""; 0]);
    let place =
        |found: &Value| format!("{}:{}", crate::support::text(found, "path"), found["start_line"]);
    let mut found: Vec<_> =
        ran.findings().iter().map(|found| (place(found), found["decoded"].clone())).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    places.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, places);
}

#[test]
fn what_is_encoded_in_a_container_is_decoded() {
    let value = data_encoding::BASE64.encode(&text(1));
    let ran = scan(gzip(format!("data: {value}\n").as_bytes()));
    assert_eq!(via(&ran), [serde_json::json!(["gzip", "base64"])]);
}

#[test]
fn a_large_part_is_read_to_its_end() {
    let filler = random(3, b"abcdefghij klmnop\n", 6 << 20);
    let content = [filler.as_bytes(), &text(1)].concat();
    let lines = filler.lines().count() + 1;
    for (name, path, pack) in packings() {
        let ran = scan(pack(&content)).exits(1);
        let place = ran.places();
        assert_eq!(place.len(), 1, "{name}");
        assert!(place[0].starts_with(&format!("f{path}:{lines}")), "{name}: {place:?}");
    }
}

#[test]
fn streams_follow_each_other() {
    for (name, pack) in STREAMS.iter().filter(|(name, _)| !["zlib", "lz4"].contains(name)) {
        let ran = scan([pack(b"first\n"), pack(&text(1))].concat()).exits(1);
        assert_eq!(ran.places(), ["f:3 github-pat-classic"], "{name}");
        assert_eq!(ran.skipped(), [""; 0], "{name}");
    }
    let skippable = [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &STREAMS[4].1(&text(1))].concat();
    let ran = scan([STREAMS[4].1(b"first\n"), skippable].concat()).exits(1);
    assert_eq!(ran.places(), ["f:3 github-pat-classic"]);
}

#[test]
fn what_follows_a_container_is_read() {
    for (name, _, pack) in packings() {
        let ran = scan([pack(b"nothing\n"), line(1).into_bytes()].concat()).exits(1);
        assert_eq!(ran.findings().len(), 1, "{name}");
    }
    let ran = scan([zip(&[("a", b"x")], Zipped::Deflated), gzip(&text(1))].concat());
    assert_eq!(ran.findings().len(), 0, "a stream has no place in a directory of names");
}

#[test]
fn an_archive_behind_a_program_is_opened() {
    let archive = zip(&[("a/b", &text(1)), ("c", b"x")], Zipped::Deflated);
    let packed = gzip(&tar(&[("a/b", &text(1))]));
    let program = [b"\x7fELF\x02\x01", &noise(9000)[..], b"PK\x03\x04 and more\0"].concat();
    for (front, archive) in [
        (&b"#!/usr/bin/env python3\n"[..], &archive),
        (b"#!/bin/bash\n# PK\x03\x04\nexec java -jar \"$0\"\nexit\n", &archive),
        (b"#!/bin/sh\ntail -n +3 \"$0\" | tar xz\n", &packed),
        (&program, &archive),
        (b"MZ\x90\0\x03\0\0\0", &archive),
        (b"MZ\x90\0\x03\0\0\0", &seven(&[("a/b", &text(1))])),
    ] {
        let content = [front, &line(2).into_bytes(), b"\n", archive].concat();
        let ran = scan(&content).exits(1);
        let [own, packed] = &ran.places()[..] else { panic!("{front:?}") };
        assert!(own.starts_with("f:"), "{own}");
        assert_eq!(packed, "f!a/b:2 github-pat-classic");
        assert!(ran.findings().iter().any(|found| found["decoded"][0] == "self-extracting"));
        assert_eq!(ran.skipped(), [""; 0], "{own}");
    }
}

#[test]
fn an_archive_far_behind_a_program_is_told() {
    let archive = zip(&[("a", &text(1))], Zipped::Deflated);
    let ran = scan([b"MZ\x90\0", &noise(6 << 20)[..], &archive].concat()).exits(0);
    assert_eq!(ran.skipped(), ["f: packed"]);
}

#[test]
fn an_entry_whose_checksum_is_another_is_read_and_told() {
    for how in [Zipped::Stored, Zipped::Deflated, Zipped::Streamed] {
        let mut archive = zip(&[("a", &text(1)), ("b", b"x")], how);
        let mark: &[u8] = if how == Zipped::Streamed { b"PK\x07\x08" } else { b"PK\x03\x04" };
        let at = memchr::memmem::find(&archive, mark).expect("an entry");
        archive[at + if how == Zipped::Streamed { 4 } else { 14 }] ^= 1;
        let ran = scan(&archive).exits(1);
        assert_eq!(ran.places(), ["f!a:2 github-pat-classic"]);
        assert_eq!(ran.skipped(), ["f!a: damaged"], "{how:?}");
    }
}

#[test]
fn what_is_cut_off_is_read_as_far_as_it_goes() {
    let noise = random(9, b"ABCDEFGHIJKLMNOPabcdefghijklmnop \n", 400_000);
    let content = [&text(1)[..], noise.as_bytes()].concat();
    for (name, path, pack) in packings().into_iter().filter(|(name, ..)| *name != "7z") {
        let packed = pack(&content);
        let ran = scan(&packed[..packed.len() * 9 / 10]);
        assert_eq!(ran.places(), [format!("f{path}:2 github-pat-classic")], "{name}");
        assert!(ran.skipped().iter().any(|told| told.ends_with(": damaged")), "{name}");
    }
}

#[test]
fn a_damaged_container_is_an_error_only_where_all_must_be_read() {
    let packed = gzip(&[b'x'; 1000]);
    let repo = TestRepo::plain();
    repo.write("f", &packed[..packed.len() - 9]);
    assert_eq!(repo.json(&["scan"]).exits(0).skipped(), ["f: damaged"]);
    repo.json(&["scan", "--require-complete"]).exits(2);
}

#[test]
fn an_encrypted_entry_is_told_and_the_others_are_read() {
    let locked = zip(&[("locked", &text(1))], Zipped::Encrypted);
    let end = locked.windows(4).position(|w| w == b"PK\x01\x02").expect("a directory");
    let ran = scan([&locked[..end], &zip(&[("open", &text(2))], Zipped::Deflated)].concat());
    assert_eq!(ran.places(), ["f!open:2 github-pat-classic"]);
    assert_eq!(ran.skipped(), ["f!locked: encrypted"]);
}

#[test]
fn closed_formats_are_named() {
    let ran = scan([b"Rar!\x1a\x07\x01\0", &text(1)[..]].concat()).exits(1);
    assert_eq!(ran.skipped(), ["f: packed"]);
}

#[test]
fn a_bomb_is_given_up() {
    let zeros = gzip(&vec![0; 80 << 20]);
    let ran = scan([tar(&[("a", &text(1)), ("b", &zeros), ("c", &text(2))])].concat()).exits(1);
    assert_eq!(ran.paths(), ["f!a", "f!c"]);
    assert_eq!(ran.skipped(), ["f!b: budget"]);
    let repo = TestRepo::plain();
    repo.write("f", zeros);
    repo.json(&["scan", "--require-complete"]).exits(2);
}

#[test]
fn containers_in_too_many_others_are_named() {
    let deep = (0..20).fold(text(1), |inner, _| gzip(&inner));
    let ran = scan(deep).exits(0);
    assert_eq!(ran.skipped(), ["f: too-deep"]);
}

#[test]
fn every_command_opens_containers() {
    let repo = TestRepo::new();
    let packed = zip(&[("in.tar.gz", &gzip(&tar(&[("a/b", &text(1))])))], Zipped::Streamed);
    repo.stage("d/f.zip", &packed);
    let place = "d/f.zip!in.tar.gz!a/b:2 github-pat-classic";
    assert_eq!(repo.json(&["staged"]).exits(1).places(), [place]);
    repo.commit("add");
    assert_eq!(repo.json(&["scan"]).exits(1).places(), [place]);
    assert_eq!(repo.json(&["history"]).exits(1).places(), [place]);
    assert_eq!(repo.json(&["history", "HEAD"]).exits(1).places(), [place]);
    let piped = repo.leakstop(["stdin", "--format", "json"]).input(packed.clone()).run();
    assert_eq!(piped.places(), ["stdin!in.tar.gz!a/b:2 github-pat-classic"]);
    let named = repo.leakstop(["stdin", "--format", "json", "--path", "x"]).input(packed).run();
    assert_eq!(named.places(), ["x!in.tar.gz!a/b:2 github-pat-classic"]);
}

#[test]
fn a_changed_archive_brings_what_is_new_in_it() {
    let repo = TestRepo::new();
    repo.stage("f.zip", zip(&[("a", &gzip(&text(1)))], Zipped::Deflated));
    repo.commit("add");
    let both = [&text(1)[..], &text(2)].concat();
    repo.stage("f.zip", zip(&[("b", b"x"), ("a", &gzip(&both))], Zipped::Deflated));
    assert_eq!(repo.json(&["staged"]).exits(1).places(), ["f.zip!a:4 github-pat-classic"]);
    repo.commit("change");
    let range = repo.json(&["history", "HEAD~1..HEAD"]).exits(1);
    assert_eq!(range.places(), ["f.zip!a:4 github-pat-classic"]);
}

#[test]
fn a_baseline_accepts_what_is_packed() {
    let repo = TestRepo::new();
    repo.stage("f.zip", zip(&[("a", &text(1))], Zipped::Deflated));
    repo.commit("add");
    repo.run(["baseline", "create"]).exits(0);
    assert_eq!(repo.json(&["scan"]).exits(0).suppressed("baseline"), 1);
    assert_eq!(repo.json(&["history"]).exits(0).suppressed("baseline"), 1);
    repo.write("g.zip", zip(&[("a", &text(1))], Zipped::Deflated));
    assert_eq!(repo.json(&["scan"]).exits(1).places(), ["g.zip!a:2 github-pat-classic"]);
}

#[test]
fn media_and_noise_hold_nothing() {
    let noise: Vec<u8> = noise(200_000);
    for head in [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff\xe0", b"x\x9c", b"x^2 + y", b"BZh9 is"] {
        let ran = scan([head, &noise].concat()).exits(0);
        assert_eq!(ran.skipped(), [""; 0], "{head:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn damage_never_stops_the_scan(which in 0usize..15, at in 4usize..2000, byte in any::<u8>(), cut in 10usize..2000) {
        let (_, _, pack) = packings()[which];
        let mut packed = pack(&tar(&[("a", &text(1)), ("b", &gzip(&text(2)))]));
        let at = at % packed.len();
        packed[at] ^= byte;
        packed.truncate(cut.max(12));
        let repo = TestRepo::plain();
        repo.write("f", packed);
        repo.write("g", text(3));
        let ran = repo.json(&["scan"]).exits(1);
        prop_assert!(ran.paths().contains(&"g".to_owned()));
    }
}

/// A tar header with its checksum; `fill` writes what else is in it.
fn header(name: &str, kind: u8, size: u64, fill: fn(&mut [u8])) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).expect("a short name");
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_size(size);
    fill(header.as_mut_bytes());
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// Counts what a container unpacks to.
struct Counted<'m> {
    meter: &'m Meter,
    bytes: u64,
    faults: Vec<SkipReason>,
}

impl Sink for Counted<'_> {
    fn part(&mut self, _: Option<&[u8]>, reader: &mut dyn Read) {
        let mut buffer = [0; 16 << 10];
        let outcome = loop {
            match reader.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(count) => self.bytes += count as u64,
                Err(cause) => break Err(cause),
            }
        };
        let fault = outcome.err().and_then(|cause| self.meter.explain(&cause));
        self.faults.extend(fault.map(|fault| fault.reason));
    }

    fn plain(&mut self, reader: &mut dyn Read) {
        self.part(None, reader);
    }

    fn fault(&mut self, _: Option<&[u8]>, fault: Fault) {
        self.faults.push(fault.reason);
    }

    fn stopped(&self) -> bool {
        false
    }
}

/// How many bytes a container unpacks to, and what cannot be read.
fn count(packed: &[u8]) -> (u64, Vec<SkipReason>) {
    let meter = Meter::default();
    let mut counted = Counted { meter: &meter, bytes: 0, faults: Vec::new() };
    let format = container::detect(packed).expect("a container");
    container::walk(format, &mut meter.file(&mut &packed[..]), &meter, &mut counted);
    (counted.bytes, counted.faults)
}

#[test]
fn no_bomb_unpacks_to_more_than_its_limit() {
    // One block of data behind 2^62 bytes that are not there.
    let sparse = header("holes", b'S', 512, |header| {
        for at in [386, 483] {
            header[at..at + 4].copy_from_slice(&[0x80, 0, 0, 0]);
        }
        header[390..398].copy_from_slice(&(1_u64 << 62).to_be_bytes());
        header[398..410].copy_from_slice(b"00000001000\0");
        header[487..495].copy_from_slice(&((1_u64 << 62) + 512).to_be_bytes());
    });
    let zeros = vec![0; 80 << 20];
    let small = &zeros[..1 << 20];
    let names: Vec<String> = (0..80).map(|n| format!("e{n}")).collect();
    let flat: Vec<(&str, &[u8])> = names.iter().map(|name| (&name[..], small)).collect();
    for (name, bomb) in [
        ("holes", [&sparse[..], &[b'x'; 512], &[0; 1024]].concat()),
        ("gzip", gzip(&zeros)),
        ("flat", zip(&flat, Zipped::Deflated)),
        ("streamed", zip(&flat, Zipped::Streamed)),
    ] {
        let (bytes, faults) = count(&bomb);
        assert!((63 << 20..=65 << 20).contains(&bytes), "{name}: {bytes}");
        assert_eq!(faults, [SkipReason::Budget], "{name}");
    }
}

#[test]
fn a_name_of_any_length_is_not_kept() {
    let long = header("././@LongLink", b'L', 8 << 20, |_| {});
    let file = tar(&[("in", &text(1))]);
    let ran = scan([&long[..], &vec![b'n'; 8 << 20], &file].concat()).exits(1);
    assert_eq!(ran.findings().len(), 1, "what follows is searched as it stands");
    assert_eq!(ran.skipped(), ["f: damaged"]);
}

/// What a scanner makes of one blob.
fn found(blob: Blob<'_>) -> Found {
    let rules = RuleSet::new(&Selection::default()).expect("built-in rules are good");
    let detector = Detector::new(rules, Confidence::Likely);
    let policy = Policy::new(Confidence::Likely, &[], None).expect("there is nothing to parse");
    let stop = AtomicBool::new(false);
    let scanner = Scanner::new(&detector, &policy, &stop, Reading::default());
    scanner.blob(blob);
    scanner.finish()
}

#[test]
fn an_earlier_archive_is_unpacked_once_for_all_its_parts() {
    let texts: Vec<String> = (0..40).map(line).collect();
    let names: Vec<String> = (0..40).map(|n| format!("e{n}")).collect();
    let files = names.iter().zip(&texts).map(|(name, text)| (&name[..], text.as_bytes()));
    let files: Vec<_> = files.collect();
    let (old, new) = (zip(&files[..30], Zipped::Deflated), zip(&files, Zipped::Deflated));
    let asked = Cell::new(0);
    let before = || {
        asked.set(asked.get() + 1);
        Ok(vec![old.clone()])
    };
    let content = Content::Bytes(&new);
    let told = found(Blob { origin: Origin::default(), content, before: Some(&before) });
    assert_eq!(told.sightings.len(), 10);
    assert_eq!(asked.get(), 1);
}

#[test]
fn a_thousand_unreadable_parts_are_named_and_no_more() {
    let names: Vec<String> = (0..3000).map(|n| format!("locked-{n}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (&name[..], &b"x"[..])).collect();
    let ran = scan(zip(&files, Zipped::Encrypted)).exits(0);
    assert_eq!(ran.skipped().len(), 1001);
}

/// Gives a line that holds a token, then panics as a decoder with a mistake would.
struct Broken(std::io::Cursor<String>);

impl Read for Broken {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read(out)?;
        assert!(count > 0, "a mistake");
        Ok(count)
    }
}

#[test]
fn a_panic_ends_no_more_than_the_reading_of_one_blob() {
    let mut broken = Broken(std::io::Cursor::new(line(1)));
    let content = Content::Stream(&mut broken);
    let told = found(Blob { origin: Origin::default(), content, before: None });
    assert_eq!(told.skipped.len(), 1);
    assert_eq!(told.skipped[0].reason, SkipReason::Corrupt);
    assert!(!told.skipped[0].reason.by_design(), "it is never clean");
}
