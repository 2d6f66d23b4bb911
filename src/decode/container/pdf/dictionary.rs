//! Dictionaries of a PDF.
//!
//! In: the bytes of one. Out: the entries that are asked for. Values that stand in an object of their own are not
//! looked up.

use super::filter::Filter;

/// Most filters of a stream.
const FILTERS: usize = 8;

/// A dictionary as it is written, `<<` and all.
#[derive(Clone, Copy)]
pub(super) struct Dictionary<'d>(pub(super) &'d [u8]);

impl<'d> Dictionary<'d> {
    /// What follows the key `name`, wherever it stands.
    pub(super) fn value(&self, name: &[u8]) -> Option<&'d [u8]> {
        let mut keys = memchr::memmem::find_iter(self.0, name);
        keys.find_map(|at| {
            let rest = &self.0[at + name.len()..];
            let key = at > 0 && self.0[at - 1] == b'/';
            let ends = !rest.first().is_some_and(|byte| is_regular(*byte));
            (key && ends).then(|| rest.trim_ascii_start())
        })
    }

    /// Whether there is such a key.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        self.value(name).is_some()
    }

    /// The number that a key has, if it stands here.
    pub(super) fn number(&self, name: &[u8]) -> Option<usize> {
        let value = self.value(name)?;
        let (number, rest) = number(value)?;
        // `12 0 R` is an object's.
        let other = rest.trim_ascii_start();
        let refers =
            other.strip_prefix(b"0").is_some_and(|r| r.trim_ascii_start().starts_with(b"R"));
        (!refers).then_some(number)
    }

    /// The object that a key refers to.
    pub(super) fn reference(&self, name: &[u8]) -> Option<u32> {
        reference(self.value(name)?).map(|(number, _)| number)
    }

    /// How a stream is packed, outermost first.
    pub(super) fn filters(&self) -> Vec<Filter> {
        let Some(value) = self.value(b"Filter").or_else(|| self.value(b"F")) else {
            return Vec::new();
        };
        let list = value.strip_prefix(b"[").map_or_else(
            || {
                let name = value.get(1..).unwrap_or_default();
                let length = name.iter().take_while(|b| is_regular(**b)).count();
                value.get(..=length).unwrap_or_default()
            },
            |list| &list[..memchr::memchr(b']', list).unwrap_or(list.len())],
        );
        let names = list.split(|b| *b == b'/').skip(1).take(FILTERS);
        let names: Vec<&[u8]> = names.map(<[u8]>::trim_ascii).collect();
        // Each filter has a dictionary of its own, or none of them needs one.
        let parameters =
            self.value(b"DecodeParms").or_else(|| self.value(b"DP")).unwrap_or_default();
        let own: Vec<&[u8]> = if parameters.starts_with(b"[") {
            let inside =
                &parameters[1..memchr::memchr(b']', parameters).unwrap_or(parameters.len())];
            split(inside)
        } else {
            vec![&parameters[..memchr::memmem::find(parameters, b">>").unwrap_or(parameters.len())]]
        };
        let of = |n: usize| Dictionary(own.get(n).copied().unwrap_or_default());
        names.iter().enumerate().map(|(n, name)| Filter::new(name, of(n))).collect()
    }
}

/// The dictionaries of a list, and empty ones for each `null` in it.
fn split(mut list: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    loop {
        list = list.trim_ascii_start();
        if list.starts_with(b"<<") {
            let end = memchr::memmem::find(list, b">>").map_or(list.len(), |at| at + 2);
            parts.push(&list[..end]);
            list = &list[end..];
        } else if let Some(rest) = list.strip_prefix(b"null") {
            parts.push(b"");
            list = rest;
        } else {
            return parts;
        }
    }
}

/// The number that `text` begins with, and what follows it.
pub(super) fn number(text: &[u8]) -> Option<(usize, &[u8])> {
    let length = text.iter().take(12).take_while(|b| b.is_ascii_digit()).count();
    let number = std::str::from_utf8(&text[..length]).ok()?.parse().ok()?;
    Some((number, &text[length..]))
}

/// The object that `text`, which begins with `12 0 R`, refers to, and what follows.
pub(super) fn reference(text: &[u8]) -> Option<(u32, &[u8])> {
    let (object, rest) = number(text)?;
    let (_, rest) = number(rest.trim_ascii_start())?;
    let rest = rest.trim_ascii_start().strip_prefix(b"R")?;
    Some((u32::try_from(object).ok()?, rest))
}

/// Whether a byte goes on a name.
pub(super) const fn is_regular(byte: u8) -> bool {
    !matches!(
        byte,
        0 | b'\t'
            | b'\n'
            | 12
            | b'\r'
            | b' '
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'/'
            | b'%'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_their_whole_names() {
        let text = b"<< /LengthX 3 /Length 12 /Root 7 0 R /N 5 0 R>>";
        let dictionary = Dictionary(text);
        assert_eq!(dictionary.number(b"Length"), Some(12));
        assert_eq!(dictionary.number(b"N"), None);
        assert_eq!(dictionary.reference(b"Root"), Some(7));
        assert!(!dictionary.has(b"Leng"));
    }

    #[test]
    fn filters_have_their_parameters() {
        let text = b"<</Filter[/ASCII85Decode /FlateDecode]/DecodeParms[null<</Predictor 12/Columns 4>>]>>";
        let filters = Dictionary(text).filters();
        assert_eq!(filters.len(), 2);
        assert_eq!(Dictionary(b"<</Filter /FlateDecode/Length 1>>").filters().len(), 1);
        assert!(Dictionary(b"<</Length 1>>").filters().is_empty());
        assert!(Dictionary(b"<</Filter").filters().is_empty());
        assert!(Dictionary(b"<</Filter 3 0 R>>").filters().is_empty());
    }
}
