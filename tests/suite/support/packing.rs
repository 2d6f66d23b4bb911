//! Writes containers.
//!
//! In: names and bytes. Out: archives and compressed streams that hold them.

use std::io::Write as _;

use sirocco::deflate::Level;

/// A way to pack one text.
pub(crate) type Pack = fn(&[u8]) -> Vec<u8>;

/// Every compressed stream, by the name it has in reports.
pub(crate) const STREAMS: &[(&str, Pack)] = &[
    ("gzip", gzip),
    ("zlib", |text| sirocco::compress(sirocco::Format::Zlib, Level::DEFAULT, text)),
    ("bzip2", |text| {
        let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        out.write_all(text).expect("memory takes everything");
        out.finish().expect("memory takes everything")
    }),
    ("xz", |text| {
        let options = lzma_rust2::XzOptions::with_preset(1);
        let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).expect("good options");
        out.write_all(text).expect("memory takes everything");
        out.finish().expect("memory takes everything")
    }),
    ("zstd", |text| {
        ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
    }),
    ("lz4", |text| {
        let blocks = lz4_flex::frame::BlockSize::Max64KB;
        let info = lz4_flex::frame::FrameInfo::new().block_size(blocks);
        let mut out = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
        out.write_all(text).expect("memory takes everything");
        out.finish().expect("memory takes everything")
    }),
];

/// One gzip stream.
pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
    sirocco::compress(sirocco::Format::Gzip, Level::DEFAULT, text)
}

/// A tar archive.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *text).expect("memory takes everything");
    }
    archive.into_inner().expect("memory takes everything")
}

/// How an entry of a zip archive is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zipped {
    /// As it is.
    Stored,
    /// Deflated, its size in front.
    Deflated,
    /// Deflated, its size behind, as programs write that cannot go back.
    Streamed,
    /// As if it were encrypted.
    Encrypted,
}

/// A zip archive.
pub(crate) fn zip(files: &[(&str, &[u8])], how: Zipped) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let body = match how {
            Zipped::Stored => text.to_vec(),
            _ => sirocco::compress(sirocco::Format::Deflate, Level::DEFAULT, text),
        };
        let (method, flags) = match how {
            Zipped::Stored => (0u16, 0u16),
            Zipped::Deflated => (8, 0),
            Zipped::Streamed => (8, 8),
            Zipped::Encrypted => (8, 1),
        };
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("a short text").to_le_bytes();
        let sizes = [crc32fast::hash(text).to_le_bytes(), length(&body), length(text)].concat();
        let described = how == Zipped::Streamed;
        let front = if described { vec![0; 12] } else { sizes.clone() };
        let head = |sizes: &[u8]| {
            let version = 20u16.to_le_bytes();
            let fields = [version, flags.to_le_bytes(), method.to_le_bytes(), [0; 2], [0; 2]];
            let names = [length(name.as_bytes())[..2].to_vec(), vec![0; 2]].concat();
            [&fields.concat()[..], sizes, &names].concat()
        };
        let at = length(&out);
        out.extend([&b"PK\x03\x04"[..], &head(&front), name.as_bytes(), &body].concat());
        if described {
            out.extend([&b"PK\x07\x08"[..], &sizes].concat());
        }
        let tail = [&[0; 10][..], &at, name.as_bytes()].concat();
        directory.extend([&b"PK\x01\x02\x14\0"[..], &head(&sizes), &tail].concat());
    }
    let end = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    [out, directory, end].concat()
}

/// Bytes that nothing can be made of.
pub(crate) fn noise(length: u32) -> Vec<u8> {
    let bytes = (0..length).map(|n| n.wrapping_mul(2_654_435_761).rotate_left(9).to_le_bytes()[0]);
    bytes.collect()
}
