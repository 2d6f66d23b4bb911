//! Documents, packages, databases and compiled code: what they hold is found by its place in them.

use data_encoding::{BASE64, HEXUPPER};
use serde_json::json;

use crate::support::documents::{
    self, Cell, class, cpio, mail, pdf, pyc, rpm, seven, sqlite, sqlite_log,
};
use crate::support::packing::{STREAMS, Zipped, gzip, zip};
use crate::support::secrets::{github, line, password};
use crate::support::{Ran, TestRepo};

fn scan(content: impl AsRef<[u8]>) -> Ran {
    let repo = TestRepo::plain();
    repo.write("f", content);
    repo.json(&["scan", "f"])
}

/// What a stream of Flate stands for.
fn flate(text: &[u8]) -> Vec<u8> {
    let (_, pack) = STREAMS[1];
    pack(text)
}

/// A document with one stream, packed by these filters.
fn drawn(filters: &str, stream: &[u8]) -> Vec<u8> {
    pdf(&[("/Type/Catalog", None), (filters, Some(stream))])
}

#[test]
fn packages_are_opened() {
    let package = rpm(&format!("echo {}", github(1)), &[("./opt/c", line(2).as_bytes())]);
    let ran = scan(package).exits(1);
    assert_eq!(ran.places(), ["f!./opt/c:1 github-pat-classic", "f!header:1 github-pat-classic"]);
    assert_eq!(ran.findings()[0]["decoded"], json!(["rpm", "gzip", "cpio"]));
    let control = documents::ar(&[
        ("debian-binary", b"2.0\n"),
        ("data.tar.gz", &gzip(&crate::support::packing::tar(&[("./opt/c", line(1).as_bytes())]))),
    ]);
    assert_eq!(scan(control).exits(1).places(), ["f!data.tar.gz!opt/c:1 github-pat-classic"]);
}

#[test]
fn files_of_a_7z_archive_have_their_names() {
    let archive = seven(&[("a", b"x"), ("b/c", line(1).as_bytes()), ("d", line(2).as_bytes())]);
    let ran = scan(&archive).exits(1);
    assert_eq!(ran.places(), ["f!b/c:1 github-pat-classic", "f!d:1 github-pat-classic"]);
    assert_eq!(ran.skipped(), [""; 0]);
    // Without its header nobody knows what it holds.
    let cut = scan(&archive[..archive.len() - 20]).exits(0);
    assert_eq!(cut.skipped(), ["f: damaged"]);
    assert_eq!(scan([archive, line(3).into_bytes()].concat()).exits(1).findings().len(), 3);
}

#[test]
fn text_that_a_page_draws_is_put_together() {
    let token = github(1);
    let (head, tail) = token.split_at(13);
    let hex = HEXUPPER.encode(tail.as_bytes());
    let octal = token.bytes().map(|byte| format!("\\{byte:03o}")).collect::<Vec<_>>().concat();
    for text in [
        format!("BT /F1 12 Tf (token: {head}) Tj ({tail}) Tj ET"),
        format!("BT [(token: {head}) 12 <{hex}>] TJ ET"),
        format!("BT ({octal}) ' ET"),
    ] {
        let ran = scan(drawn("/Filter/FlateDecode", &flate(text.as_bytes()))).exits(1);
        assert_eq!(ran.places(), ["f!object 2:1 github-pat-classic"], "{text}");
        assert_eq!(ran.findings()[0]["decoded"], json!(["pdf"]));
        assert_eq!(ran.skipped(), [""; 0]);
    }
}

#[test]
fn every_filter_is_undone() {
    let text = line(1);
    let plain = text.as_bytes();
    let rows: Vec<u8> = plain
        .chunks(8)
        .flat_map(|row| {
            let left = row
                .iter()
                .scan(0u8, |left, byte| Some(byte.wrapping_sub(std::mem::replace(left, *byte))));
            [1].into_iter().chain(left).collect::<Vec<u8>>()
        })
        .collect();
    let runs =
        [&[u8::try_from(plain.len() - 1).expect("a short line")][..], plain, &[128]].concat();
    let ascii85 = |bytes: &[u8]| {
        let mut out = String::new();
        for four in bytes.chunks(4) {
            let mut whole = [0; 4];
            whole[..four.len()].copy_from_slice(four);
            let value = u32::from_be_bytes(whole);
            let digits = (0..5u32).map(|n| value / 85u32.pow(4 - n) % 85 + 33);
            out.extend(digits.take(four.len() + 1).filter_map(char::from_u32));
        }
        (out + "~>").into_bytes()
    };
    let mut lzw = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
    let lzw = lzw.encode(plain).expect("memory takes everything");
    for (filters, stream) in [
        ("/Filter /ASCIIHexDecode", [HEXUPPER.encode(plain).as_bytes(), b">"].concat()),
        ("/Filter[/ASCII85Decode/FlateDecode]", ascii85(&flate(plain))),
        ("/Filter/RunLengthDecode", runs),
        ("/Filter/LZWDecode", lzw),
        ("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 8>>", flate(&rows)),
    ] {
        let ran = scan(drawn(filters, &stream)).exits(1);
        assert_eq!(ran.places(), ["f!object 2:1 github-pat-classic"], "{filters}");
    }
}

#[test]
fn glyphs_are_led_back_to_letters() {
    let token = github(1);
    let map = token
        .bytes()
        .enumerate()
        .map(|(at, byte)| format!("<{at:04X}> <{byte:04X}>\n"))
        .collect::<Vec<_>>()
        .concat();
    let map = format!(
        "begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfchar\n{map}endbfchar"
    );
    let codes = (0..token.len()).map(|at| format!("{at:04X}")).collect::<Vec<_>>().concat();
    let text = format!("BT /F7 10 Tf <{codes}> Tj ET");
    let fonts = "1 0 2 9 <</Type/Font/ToUnicode 3 0 R>>";
    let file = pdf(&[
        ("/Resources<</Font<</F7 9 0 R>>>>", None),
        ("/Filter/FlateDecode", Some(&flate(text.as_bytes()))),
        ("/Filter/FlateDecode", Some(&flate(map.as_bytes()))),
        (
            "/Type/ObjStm/N 1/First 4/Filter/FlateDecode",
            Some(&flate(fonts.replace("1 0 2 9 ", "9 0 ").as_bytes())),
        ),
    ]);
    assert_eq!(scan(file).exits(1).places(), ["f!object 2:1 github-pat-classic"]);
}

#[test]
fn an_encrypted_document_is_told() {
    let file =
        pdf(&[("/Encrypt 9 0 R", None), ("/Filter/FlateDecode", Some(&flate(line(1).as_bytes())))]);
    assert_eq!(scan(file).exits(0).skipped(), ["f: encrypted"]);
}

#[test]
fn rows_of_a_database_are_read() {
    let secret = password(1);
    let rows: &[&[Cell<'_>]] = &[
        &[Cell::Number(1), Cell::Text(b"someone"), Cell::Text(b"nothing")],
        &[Cell::Number(2), Cell::Text(b"admin"), Cell::Text(secret.as_bytes())],
    ];
    let file = sqlite("users", "id INTEGER, login TEXT, password TEXT", rows);
    assert_eq!(scan(file).exits(1).places(), ["f!users:4 generic-password"]);
}

#[test]
fn a_value_that_pages_part_is_whole() {
    let token = github(1);
    for lead in (380..560).step_by(9) {
        let long = format!("{} {token} {}", "x".repeat(lead), "y".repeat(1500));
        let rows: &[&[Cell<'_>]] = &[&[Cell::Text(long.as_bytes())]];
        let ran = scan(sqlite("t", "v TEXT", rows)).exits(1);
        assert_eq!(ran.places(), ["f!t:1 github-pat-classic"], "{lead}");
        assert_eq!(ran.skipped(), [""; 0]);
        let ran = scan(sqlite_log(rows)).exits(1);
        assert_eq!(ran.places(), ["f:1 github-pat-classic"], "{lead}");
    }
}

#[test]
fn containers_in_a_database_are_opened() {
    let packed = zip(&[("in", line(1).as_bytes())], Zipped::Deflated);
    let row: &[Cell<'_>] = &[Cell::Blob(&packed)];
    let ran = scan(sqlite("t", "v BLOB", &[row])).exits(1);
    assert_eq!(ran.places(), ["f!t.v!in:1 github-pat-classic"]);
    assert_eq!(ran.findings()[0]["decoded"], json!(["sqlite", "zip"]));
}

#[test]
fn what_was_deleted_from_a_database_is_found_where_it_stands() {
    let mut file = sqlite("t", "v TEXT", &[&[Cell::Text(github(1).as_bytes())]]);
    // The page holds no row any more, and all its bytes.
    file[512 + 4] = 0;
    assert_eq!(scan(file).exits(1).paths(), ["f"]);
}

#[test]
fn strings_of_compiled_code_are_found() {
    let token = github(1);
    let padded = format!("{token} {}", "-".repeat(48 + 10 - 41));
    let ran = scan(class("TOKEN", &padded)).exits(1);
    assert_eq!(ran.places(), ["f:5 github-pat-classic"]);
    let ran = scan(class("API_PASSWORD", &password(1))).exits(1);
    assert_eq!(ran.places(), ["f:6 generic-password"]);
    assert_eq!(ran.findings()[0]["decoded"], json!(["class"]));
    let ran = scan(pyc(&padded)).exits(1);
    assert_eq!(ran.findings()[0]["decoded"], json!(["pyc"]));
    assert_eq!(ran.skipped(), [""; 0]);
    for whole in [class("A", &padded), pyc(&padded)] {
        let ran = scan(&whole[..whole.len() * 2 / 3]).exits(1);
        assert_eq!(ran.skipped(), ["f: damaged"]);
    }
}

#[test]
fn attachments_have_their_names_and_a_mail_keeps_its_lines() {
    let packed = zip(&[("in", line(2).as_bytes())], Zipped::Deflated);
    let ran = scan(mail(&line(1), "a b.zip", &packed)).exits(1);
    assert_eq!(ran.places(), ["f:10 github-pat-classic", "f!a b.zip!in:1 github-pat-classic"]);
    assert_eq!(ran.findings()[0]["decoded"], json!([]));
    assert_eq!(ran.findings()[1]["decoded"], json!(["mail", "zip"]));
    // Forwarded in another mail, in a box with a second one.
    let outer = format!(
        "From x@example.org Sat Jan  1 00:00:00 2026\nFrom: x@example.org\nSubject: y\n\
         Content-Type: multipart/mixed; boundary=b2\n\n--b2\nContent-Type: message/rfc822\n\n{}--b2--\n\n",
        String::from_utf8(mail("x", "deep.zip", &packed)).expect("ASCII")
    );
    let second = format!(
        "From y@example.org Sat\n{}",
        String::from_utf8(mail("y", "c.txt", line(3).as_bytes())).expect("ASCII")
    );
    let ran = scan(outer + &second).exits(1);
    assert_eq!(
        ran.places(),
        ["f!c.txt:1 github-pat-classic", "f!deep.zip!in:1 github-pat-classic"]
    );
}

#[test]
fn a_notebook_names_cell_and_output() {
    let text = |token: &str| {
        format!(
            "{{\n \"cells\": [\n  {{\"source\": [\"# none\"]}},\n  {{\"source\": [\n   \"a = '{token}'\\n\"],\n   \
             \"outputs\": [{{}}, {{\"text\": [\n    \"{}\"]}}]}}\n ]\n}}\n",
            github(2)
        )
    };
    let ran = scan(text(&github(1))).exits(1);
    assert_eq!(ran.places(), ["f:5 github-pat-classic", "f:7 github-pat-classic"]);
    assert_eq!(ran.findings()[0]["evidence"], json!(["checksum", "notebook:cell 2"]));
    assert_eq!(ran.findings()[1]["evidence"], json!(["checksum", "notebook:cell 2, output 2"]));
    // The same in history, where only what changed is read.
    let repo = TestRepo::new();
    repo.stage("n.ipynb", text("none"));
    repo.commit("one");
    repo.stage("n.ipynb", text(&github(1)));
    repo.commit("two");
    let evidence: Vec<_> = repo
        .json(&["history"])
        .exits(1)
        .findings()
        .iter()
        .map(|f| f["evidence"][1].clone())
        .collect();
    assert_eq!(evidence, ["notebook:cell 2", "notebook:cell 2, output 2"]);
}

#[test]
fn bodies_in_a_log_of_requests_are_read() {
    let body = |content: &str| {
        format!("{{\"log\":{{\"entries\":[{{\"response\":{{\"content\":{content}}}}}]}}}}")
    };
    let inner = format!("{{\\\"a\\\":{{\\\"password\\\":\\\"{}\\\"}}}}", password(1));
    let ran = scan(body(&format!("{{\"text\":\"{inner}\"}}"))).exits(1);
    assert_eq!(ran.places(), ["f:1 generic-password"]);
    let packed = BASE64.encode(&gzip(line(1).repeat(3).as_bytes()));
    let ran = scan(body(&format!("{{\"encoding\":\"base64\",\"text\":\"{packed}\"}}"))).exits(1);
    assert_eq!(ran.places(), ["f:1 github-pat-classic"]);
}

#[test]
fn a_changed_document_brings_what_is_new_in_it() {
    let documents: [fn(&str) -> Vec<u8>; 4] = [
        |text| seven(&[("a", text.as_bytes())]),
        |text| mail("x", "a", text.as_bytes()),
        |text| cpio(&[("a", text.as_bytes())]),
        |text| drawn("/Filter/FlateDecode", &flate(text.as_bytes())),
    ];
    for (at, write) in documents.into_iter().enumerate() {
        let repo = TestRepo::new();
        repo.stage("f", write(&line(1)));
        repo.commit("add");
        repo.stage("f", write(&format!("{}{}", line(1), line(2))));
        let staged = repo.json(&["staged"]).exits(1);
        assert_eq!(staged.findings().len(), 1, "{at}");
        assert_eq!(staged.findings()[0]["start_line"], 2);
        repo.commit("change");
        assert_eq!(repo.json(&["history", "HEAD~1..HEAD"]).exits(1).findings().len(), 1, "{at}");
        assert_eq!(repo.json(&["history"]).exits(1).findings().len(), 2, "{at}");
    }
}

#[test]
fn a_bomb_in_a_document_is_given_up() {
    let zeros = vec![0; 80 << 20];
    let repo = TestRepo::plain();
    repo.write("f.pdf", drawn("/Filter/FlateDecode", &flate(&zeros)));
    repo.write("f.7z", seven(&[("a", &zeros)]));
    let ran = repo.json(&["scan"]).exits(0);
    assert_eq!(ran.skipped(), ["f.7z!a: budget", "f.pdf!object 2: budget"]);
    repo.json(&["scan", "--require-complete"]).exits(2);
}
