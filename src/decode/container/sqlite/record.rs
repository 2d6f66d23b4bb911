//! The values of a row.
//!
//! In: a row as it is stored. Out: its texts and blobs, with the numbers of their columns.

use std::borrow::Cow;

use crate::decode::charset::Charset;

/// Most columns of a table.
const COLUMNS: usize = 32_767;
/// Shortest value that is worth a line.
const SHORTEST: usize = 4;

/// A value that is no number.
pub(super) enum Value<'r> {
    /// Text, in UTF-8.
    Text(Cow<'r, [u8]>),
    /// Bytes.
    Blob(&'r [u8]),
}

/// The values of a row, texts and blobs only, as far as they are there.
pub(super) fn values(row: &[u8], encoding: u8) -> impl Iterator<Item = (usize, Value<'_>)> {
    let fields = fields(row).into_iter().enumerate();
    let long = fields.filter(|(_, (kind, bytes))| *kind >= 12 && bytes.len() >= SHORTEST);
    long.map(move |(column, (kind, bytes))| {
        let blob = kind % 2 == 0;
        (column, if blob { Value::Blob(bytes) } else { Value::Text(text(bytes, encoding)) })
    })
}

/// The columns of a row: what kind of value each holds, and its bytes.
pub(super) fn fields(row: &[u8]) -> Vec<(u64, &[u8])> {
    let mut fields = Vec::new();
    let Some((header, mut at)) = varint(row) else { return fields };
    let Some(header) = usize::try_from(header).ok().filter(|end| *end <= row.len()) else {
        return fields;
    };
    let mut body = header;
    while at < header && fields.len() < COLUMNS {
        let Some((kind, length)) = varint(&row[at..header]) else { break };
        at += length;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => break,
            _ => (kind - 12) / 2,
        };
        let Ok(size) = usize::try_from(size) else { break };
        let end = body.saturating_add(size).min(row.len());
        fields.push((kind, &row[body..end]));
        body = end;
    }
    fields
}

/// A text in UTF-8.
pub(super) fn text(bytes: &[u8], encoding: u8) -> Cow<'_, [u8]> {
    match encoding {
        2 => Charset::Utf16Le.text(bytes),
        3 => Charset::Utf16Be.text(bytes),
        _ => Cow::Borrowed(bytes),
    }
}

/// The number at the start of `bytes`, and how many of them it takes.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some((value << 8 | u64::from(*byte), 9));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_one_to_nine_bytes() {
        assert_eq!(varint(&[0x7f]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0x80]), None);
        assert_eq!(varint(&[]), None);
    }
}
