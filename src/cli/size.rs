//! Sizes as users write them: `512M`, `2G`.
//!
//! In: an argument. Out: bytes.

/// Reads a number of bytes, or of KiB, MiB or GiB.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let shift = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err("write a number of bytes, or one with K, M or G: 512M".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "write a number, such as 512M".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn suffixes_are_powers_of_1024() {
        for (text, bytes) in [("7", 7), ("3k", 3 << 10), ("512M", 512 << 20), ("2GiB", 2 << 30)] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "M", "-1", "1.5G", "1T", "99999999999G", "1 G"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
