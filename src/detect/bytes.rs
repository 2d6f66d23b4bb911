//! Sets of bytes, as names, values and the marks around them are made of, and beginnings.
//!
//! In: the bytes of a set, at compile time; then a text. Out: how many bytes at one of its ends belong to the set. One
//! look-up tells of a byte what a list of ranges and marks would be gone through for.

/// Some of all bytes.
#[derive(Debug)]
pub(super) struct Set([bool; 256]);

impl Set {
    /// The bytes listed.
    pub(super) const fn of(listed: &[u8]) -> Self {
        let mut set = [false; 256];
        let mut at = 0;
        while at < listed.len() {
            set[listed[at] as usize] = true;
            at += 1;
        }
        Self(set)
    }

    /// Letters and digits of ASCII, and the bytes listed.
    pub(super) const fn words(listed: &[u8]) -> Self {
        let Self(mut set) = Self::of(listed);
        let mut byte = 0_u8;
        while byte < 0x80 {
            set[byte as usize] |= byte.is_ascii_alphanumeric();
            byte += 1;
        }
        Self(set)
    }

    /// The same, and all bytes beyond ASCII.
    pub(super) const fn and_foreign(self) -> Self {
        let Self(mut set) = self;
        let mut byte = 0x80;
        while byte < set.len() {
            set[byte] = true;
            byte += 1;
        }
        Self(set)
    }

    /// Whether a byte belongs to the set.
    pub(super) const fn has(&self, byte: u8) -> bool {
        self.0[byte as usize]
    }

    /// How many of the first `most` bytes of `text` belong to the set, up to one that does not.
    pub(super) fn head(&self, text: &[u8], most: usize) -> usize {
        text.iter().take(most).take_while(|&&byte| self.has(byte)).count()
    }

    /// The same of the last bytes.
    pub(super) fn tail(&self, text: &[u8], most: usize) -> usize {
        text.iter().rev().take(most).take_while(|&&byte| self.has(byte)).count()
    }
}

/// Whether a text begins with one of `starts`, of which none is empty. Hardly any does, as its first byte tells without
/// a call.
pub(super) fn begins(text: &[u8], starts: &[&[u8]]) -> bool {
    text.first().is_some_and(|first| {
        starts.iter().any(|start| start[0] == *first && text.starts_with(start))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_measures_both_ends() {
        const NAME: Set = Set::words(b"_-").and_foreign();
        assert_eq!((NAME.head(b"db_pass = 1", 64), NAME.head(b"db_pass", 3)), (7, 3));
        assert_eq!((NAME.tail("x \u{e9}t\u{e9}".as_bytes(), 64), NAME.tail(b"a.", 64)), (5, 0));
        assert!(
            begins(b"npm:a", &[b"file:", b"npm:"])
                && !begins(b"n", &[b"npm:"])
                && !begins(b"", &[b"a"])
        );
        assert!(Set::of(b"=:").has(b':') && !Set::of(b"=:").has(b'a'));
    }
}
