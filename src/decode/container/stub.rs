//! Self-extracting archives: a program or a script that has an archive behind it, as `zipapp`, makeself, executable jars
//! and installers write them.
//!
//! In: a reader over such a file. Out: the program as it stands, then the parts of the archive.

use std::io::{self, Read};

use super::ahead::Ahead;
use super::{Format, Meter, Sink, walk as open, zip};

/// Bytes of a program in which the archive's begin is looked for.
pub(super) const REACH: usize = 4 << 20;

/// How programs begin: those of Linux, Windows and macOS.
const PROGRAMS: [&[u8]; 4] =
    [b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe\0\0\0\x02"];
/// What an archive begins with that nothing in a program's own bytes is likely to.
const SEVENZIP: &[u8] = b"7z\xbc\xaf\x27\x1c\0\x04";
/// What may follow the last line of a script.
const BEHIND_SCRIPT: [(&[u8], Format); 5] = [
    (b"\n\x1f\x8b\x08", Format::Gzip),
    (b"\nBZh91AY&SY", Format::Bzip2),
    (b"\n\xfd7zXZ\0", Format::Xz),
    (b"\n\x28\xb5\x2f\xfd", Format::Zstd),
    (b"\n7z\xbc\xaf\x27\x1c", Format::SevenZip),
];

/// Whether a file that begins with `head` is such a one.
pub(super) fn is_stub(head: &[u8]) -> bool {
    find(head).is_some()
}

/// Hands out the program, then what is behind it.
pub(super) fn walk(ahead: &mut Ahead<'_>, meter: &Meter, sink: &mut dyn Sink) -> io::Result<()> {
    let Some((at, format)) = find(ahead.peek(REACH)?) else { return Ok(()) };
    sink.plain(&mut ahead.take(at as u64));
    open(format, ahead, meter, sink);
    Ok(())
}

/// Where the archive begins, and its format.
fn find(head: &[u8]) -> Option<(usize, Format)> {
    let head = &head[..head.len().min(REACH)];
    if head.starts_with(b"#!") {
        let zip = zip::entries(head).map(|at| (at, Format::Zip));
        let others = BEHIND_SCRIPT.iter().filter_map(|(begin, format)| {
            memchr::memmem::find(head, begin).map(|at| (at + 1, *format))
        });
        return zip.chain(others).min_by_key(|(at, _)| *at);
    }
    if !PROGRAMS.iter().any(|program| head.starts_with(program)) {
        return None;
    }
    let zip = zip::entries(head).next().map(|at| (at, Format::Zip));
    zip.or_else(|| memchr::memmem::find(head, SEVENZIP).map(|at| (at, Format::SevenZip)))
}
