//! Writes documents, packages and compiled code.
//!
//! In: names and texts. Out: files that hold them, in the formats whose parts refer to each other.

use std::io::Write as _;

use data_encoding::BASE64;

use super::packing::gzip;

/// An ar archive with short names.
pub(crate) fn ar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, text) in files {
        let name = format!("{name}/");
        let length = text.len();
        out.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{length:<10}`\n", 0, 0, 0, 644).bytes());
        out.extend_from_slice(text);
        if length % 2 == 1 {
            out.push(b'\n');
        }
    }
    out
}

/// A cpio archive in the newer portable form.
pub(crate) fn cpio(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, text) in files.iter().chain(&[("TRAILER!!!", &b""[..])]) {
        out.extend_from_slice(b"070701");
        let fields = [0, 0o100_644, 0, 0, 1, 0, text.len(), 0, 0, 0, 0, name.len() + 1, 0];
        out.extend(fields.map(|field| format!("{field:08X}")).concat().bytes());
        for part in [[name.as_bytes(), b"\0"].concat(), text.to_vec()] {
            out.extend(part);
            out.resize(out.len().next_multiple_of(4), 0);
        }
    }
    out
}

/// An RPM package with a script in its header and files in its payload.
pub(crate) fn rpm(script: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let header = |store: &[u8]| {
        let length = u32::try_from(store.len()).expect("a short text").to_be_bytes();
        let head = [&b"\x8e\xad\xe8\x01\0\0\0\0\0\0\0\x01"[..], &length].concat();
        [&head[..], &[0; 16], store].concat()
    };
    let mut out = b"\xed\xab\xee\xdb".to_vec();
    out.resize(96, 0);
    out.extend(header(b"abc"));
    out.resize(96 + (out.len() - 96).next_multiple_of(8), 0);
    out.extend(header(format!("name\0{script}\0").as_bytes()));
    [out, gzip(&cpio(files))].concat()
}

/// A 7z archive, its files packed together.
pub(crate) fn seven(files: &[(&str, &[u8])]) -> Vec<u8> {
    let options = lzma_rust2::Lzma2Options::with_preset(1);
    let mut packed = lzma_rust2::Lzma2Writer::new(Vec::new(), options);
    for (_, text) in files {
        packed.write_all(text).expect("memory takes everything");
    }
    let packed = packed.finish().expect("memory takes everything");
    let number = |value: usize| {
        let value = u64::try_from(value).expect("a small number").to_le_bytes();
        [&[0xff][..], &value].concat()
    };
    let total: usize = files.iter().map(|(_, text)| text.len()).sum();
    let mut header = [&[1, 4, 6][..], &number(0), &[1, 9], &number(packed.len()), &[0]].concat();
    // One folder of one coder, LZMA2 with a dictionary of 4 MiB.
    header.extend([&[7, 11, 1, 0, 1, 0x21, 0x21, 1, 20, 12][..], &number(total), &[0]].concat());
    header.extend([&[8, 13][..], &number(files.len()), &[9]].concat());
    for (_, text) in &files[..files.len() - 1] {
        header.extend(number(text.len()));
    }
    header.extend([0, 0]);
    let names = files.iter().flat_map(|(name, _)| name.encode_utf16().chain([0]));
    let names: Vec<u8> = names.flat_map(u16::to_le_bytes).collect();
    header.extend([&[5][..], &number(files.len()), &[17], &number(names.len() + 1), &[0]].concat());
    header.extend([&names[..], &[0, 0]].concat());
    let long = |value: usize| u64::try_from(value).expect("a small number").to_le_bytes();
    let start = [long(packed.len()), long(header.len())].concat();
    [&b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0"[..], &start, &[0; 4], &packed, &header].concat()
}

/// A document of these objects: a dictionary's inside and, where there is one, a stream.
pub(crate) fn pdf(objects: &[(&str, Option<&[u8]>)]) -> Vec<u8> {
    let mut out = b"%PDF-1.5\n".to_vec();
    for (at, (dictionary, stream)) in objects.iter().enumerate() {
        out.extend(format!("{} 0 obj\n<<{dictionary}", at + 1).bytes());
        if let Some(stream) = stream {
            out.extend(format!(" /Length {}>>\nstream\n", stream.len()).bytes());
            out.extend_from_slice(stream);
            out.extend_from_slice(b"\nendstream\nendobj\n");
        } else {
            out.extend_from_slice(b">>\nendobj\n");
        }
    }
    out.extend_from_slice(b"trailer\n<</Root 1 0 R>>\n%%EOF\n");
    out
}

/// A mail with a text and an attachment.
pub(crate) fn mail(text: &str, name: &str, attached: &[u8]) -> Vec<u8> {
    let encoded = BASE64.encode(attached);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(76).map(|l| str::from_utf8(l).expect("ASCII")).collect();
    format!(
        "From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=\"b1\"\n\n--b1\nContent-Type: text/plain\n\n{text}\n--b1\n\
         Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\
         Content-Disposition: attachment; filename=\"{name}\"\n\n{}\n--b1--\n",
        lines.join("\n")
    )
    .into()
}

/// A number as `SQLite` writes it.
fn varint(mut value: usize) -> Vec<u8> {
    let mut out = vec![u8::try_from(value & 0x7f).expect("seven bits")];
    while value > 0x7f {
        value >>= 7;
        out.insert(0, u8::try_from(value & 0x7f).expect("seven bits") | 0x80);
    }
    out
}

/// A row of a database: texts, blobs and small numbers.
#[derive(Clone, Copy)]
pub(crate) enum Cell<'c> {
    Text(&'c [u8]),
    Blob(&'c [u8]),
    Number(u8),
}

/// Bytes of a page.
const PAGE: usize = 512;

/// A leaf page with rows on it, and the pages that they overflow to, which begin with page `next`.
fn leaf(rows: &[&[Cell<'_>]], front: &[u8], next: &mut usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut page = vec![0; PAGE];
    page[..front.len()].copy_from_slice(front);
    let (mut end, mut overflow, mut places) = (PAGE, Vec::new(), Vec::new());
    for (id, row) in rows.iter().enumerate() {
        let kinds: Vec<u8> = row
            .iter()
            .flat_map(|cell| match cell {
                Cell::Text(text) => varint(13 + 2 * text.len()),
                Cell::Blob(bytes) => varint(12 + 2 * bytes.len()),
                Cell::Number(_) => vec![1],
            })
            .collect();
        let mut payload = varint(kinds.len() + 1);
        payload.extend(kinds);
        for cell in *row {
            match cell {
                Cell::Text(bytes) | Cell::Blob(bytes) => payload.extend_from_slice(bytes),
                Cell::Number(number) => payload.push(*number),
            }
        }
        let mut cell = [varint(payload.len()), varint(id + 1)].concat();
        let (most, room) = (PAGE - 35, PAGE - 4);
        if payload.len() > most {
            let least = (PAGE - 12) * 32 / 255 - 23;
            let some = least + (payload.len() - least) % room;
            let local = if some <= most { some } else { least };
            cell.extend_from_slice(&payload[..local]);
            cell.extend(u32::try_from(*next).expect("few pages").to_be_bytes());
            let parts: Vec<&[u8]> = payload[local..].chunks(room).collect();
            for (n, part) in parts.iter().enumerate() {
                *next += 1;
                let link =
                    if n + 1 < parts.len() { u32::try_from(*next).expect("few pages") } else { 0 };
                let mut page = [&link.to_be_bytes()[..], part].concat();
                page.resize(PAGE, 0);
                overflow.push(page);
            }
        } else {
            cell.extend(payload);
        }
        end -= cell.len();
        page[end..end + cell.len()].copy_from_slice(&cell);
        places.push(u16::try_from(end).expect("a short page").to_be_bytes());
    }
    let count = u16::try_from(rows.len()).expect("few rows").to_be_bytes();
    let start = u16::try_from(end).expect("a short page").to_be_bytes();
    let header = [&[0x0d, 0, 0][..], &count, &start, &[0], &places.concat()].concat();
    page[front.len()..front.len() + header.len()].copy_from_slice(&header);
    (page, overflow)
}

/// A database of one table.
pub(crate) fn sqlite(name: &str, columns: &str, rows: &[&[Cell<'_>]]) -> Vec<u8> {
    let mut front = b"SQLite format 3\0\x02\0\x01\x01\0\x40\x20\x20".to_vec();
    front.resize(100, 0);
    front[59] = 1;
    let statement = format!("CREATE TABLE {name} ({columns})");
    let (kind, named) = (Cell::Text(b"table"), Cell::Text(name.as_bytes()));
    let schema = [kind, named, named, Cell::Number(2), Cell::Text(statement.as_bytes())];
    let mut next = 3;
    let (first, _) = leaf(&[&schema[..]], &front, &mut 0);
    let (second, overflow) = leaf(rows, &[], &mut next);
    [vec![first, second], overflow].concat().concat()
}

/// A log written ahead of a database, which holds one page with rows, and those they overflow to.
pub(crate) fn sqlite_log(rows: &[&[Cell<'_>]]) -> Vec<u8> {
    let mut next = 3;
    let (page, overflow) = leaf(rows, &[], &mut next);
    let mut out = b"\x37\x7f\x06\x82\0\x2d\xe2\x18\0\0\x02\0".to_vec();
    out.resize(32, 0);
    for (number, page) in (2u32..).zip([vec![page], overflow].concat()) {
        out.extend([&number.to_be_bytes()[..], &[0; 20], &page].concat());
    }
    out
}

/// A class with a field of this name that is given a text.
pub(crate) fn class(field: &str, text: &str) -> Vec<u8> {
    let constant = |text: &str| {
        let length = u16::try_from(text.len()).expect("a short text").to_be_bytes();
        [&[1][..], &length, text.as_bytes()].concat()
    };
    let pool = [
        constant("K"),
        vec![7, 0, 1],
        constant(field),
        constant("Ljava/lang/String;"),
        constant("ConstantValue"),
        constant(text),
        vec![8, 0, 6],
        vec![5, 0, 0, 0, 0, 0, 0, 0, 1],
    ];
    let field = [0, 0x1a, 0, 3, 0, 4, 0, 1, 0, 5, 0, 0, 0, 2, 0, 7];
    [
        &b"\xca\xfe\xba\xbe\0\0\0\x37\0\x0a"[..],
        &pool.concat(),
        &[0, 0x21, 0, 2, 0, 0, 0, 0, 0, 1],
        &field,
        &[0, 0, 0, 0],
    ]
    .concat()
}

/// Python 3.11's code with a text among its constants, where its length looks like a letter of it.
pub(crate) fn pyc(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).expect("a short text").to_le_bytes();
    let text = [&b"u"[..], &length, text.as_bytes()].concat();
    let short = |text: &str| {
        let length = u8::try_from(text.len()).expect("a short text");
        [&[b'Z', length][..], text.as_bytes()].concat()
    };
    let code = |constants: &[u8]| {
        [
            &b"\xe3"[..],
            &[0; 20],
            b"s\x02\0\0\0\x97\0",
            constants,
            b")\0)\0s\0\0\0\0",
            &short("m.py"),
            &short("f"),
            &short("f"),
            &[1, 0, 0, 0],
            b"s\0\0\0\0s\0\0\0\0",
        ]
        .concat()
    };
    let inner = code(&[&b")\x03Ng\0\0\0\0\0\0\0\0"[..], &text].concat());
    let outer = code(&[&b")\x02l\x02\0\0\0\x01\0\x01\0"[..], &inner].concat());
    [&b"\xa7\x0d\r\n"[..], &[0; 12], &outer].concat()
}
