//! As much of DER as it takes to recognise a private key.
//!
//! In: bytes that may be hostile. Out: [`Element`]s, borrowed, one level at a time.

/// Tag of an INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// Tag of an OCTET STRING.
pub(super) const OCTETS: u8 = 0x04;
/// Tag of an OBJECT IDENTIFIER.
pub(super) const OID: u8 = 0x06;
/// Tag of a SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;

/// One element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Element<'a> {
    /// What it is.
    pub(super) tag: u8,
    /// What it holds.
    pub(super) content: &'a [u8],
}

/// How long the element at the head of `input` says it is, header included.
pub(super) fn claimed(input: &[u8]) -> Option<usize> {
    let (header, length) = length(input)?;
    header.checked_add(length)
}

/// Length of the header, and of the content as the header gives it.
fn length(input: &[u8]) -> Option<(usize, usize)> {
    let first = *input.get(1)?;
    if first < 0x80 {
        return Some((2, usize::from(first)));
    }
    let width = usize::from(first & 0x7F);
    if !(1..=4).contains(&width) {
        return None;
    }
    let digits = input.get(2..2 + width)?;
    let length = digits.iter().fold(0, |n, &d| (n << 8) | usize::from(d));
    Some((2 + width, length))
}

/// The element at the head of `input`, and what follows it.
pub(super) fn element(input: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (header, length) = length(input)?;
    let content = input.get(header..header.checked_add(length)?)?;
    let tag = input[0];
    Some((Element { tag, content }, &input[header + length..]))
}

/// The elements inside `content`, up to the first that is broken.
pub(super) fn elements(mut content: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        let (element, rest) = element(content)?;
        content = rest;
        Some(element)
    })
}

/// Writes an element.
pub(super) fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let [.., high, low] = length;
    match (high, low) {
        (0, 0..0x80) => [&[tag, low], content].concat(),
        (0, _) => [&[tag, 0x81, low], content].concat(),
        _ => [&[tag, 0x82, high, low], content].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_nested_elements() {
        let (outer, rest) = element(&[0x30, 0x05, 0x02, 0x01, 0x07, 0x04, 0x00, 0xFF]).unwrap();
        assert_eq!((outer.tag, rest), (SEQUENCE, &[0xFF][..]));
        let tags: Vec<u8> = elements(outer.content).map(|e| e.tag).collect();
        assert_eq!(tags, [INTEGER, OCTETS]);
    }

    #[test]
    fn lengths_beyond_the_input_are_no_element() {
        assert_eq!(claimed(&[0x30, 0x82, 0x04, 0xA4]), Some(0x4A8));
        assert_eq!(element(&[0x30, 0x82, 0x04, 0xA4, 1, 2, 3]), None);
        assert_eq!(element(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), None);
        assert_eq!(element(&[0x30, 0x80]), None);
        assert_eq!(element(&[]), None);
    }
}
