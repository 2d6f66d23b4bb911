//! What kind of container a blob is, by its first bytes.
//!
//! In: a blob's head. Out: the name of an archive or compression format. Containers are not opened yet; the receipt
//! names them, so that nobody takes them for searched.

/// Magic numbers and what they stand for.
const MAGIC: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"%PDF-", "pdf"),
];

/// The container format that `head` begins, if it is one whose content is compressed.
#[must_use]
pub fn detect(head: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|&(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_known_by_their_first_bytes() {
        assert_eq!(detect(b"PK\x03\x04rest"), Some("zip"));
        assert_eq!(detect(b"\x1f\x8b\x08\0"), Some("gzip"));
        assert_eq!(detect(b"BZ"), None);
        assert_eq!(detect(b"plain text"), None);
        assert_eq!(detect(b""), None);
    }
}
