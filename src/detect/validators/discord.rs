//! Discord bot tokens and webhook addresses, which hold snowflakes: numbers that tell when the
//! account was made.
//!
//! In: a token or URL. Out: `Proven` with the id and its birth.

use super::payload::base64;
use super::{Evidence, Outcome, Subject};
use crate::detect::sample::Draw;

/// Milliseconds from 1970 to 2015, where snowflakes begin.
const EPOCH: u64 = 1_420_070_400_000;

/// Three parts joined by dots, of which the first is the bot's id.
pub(super) fn bot(subject: &Subject<'_>) -> Outcome {
    let id = subject.secret.split(|&b| b == b'.').next().and_then(base64);
    told("bot", id.as_deref())
}

/// A URL that ends in the webhook's id and its secret.
pub(super) fn webhook(subject: &Subject<'_>) -> Outcome {
    told("webhook", subject.secret.rsplit(|&b| b == b'/').nth(1))
}

fn told(name: &'static str, id: Option<&[u8]>) -> Outcome {
    let Some((id, born)) = id.and_then(snowflake) else {
        return Outcome::Rejected;
    };
    Outcome::Proven(vec![
        Evidence::Structure("snowflake".into()),
        Evidence::Fact(name, id.to_string()),
        Evidence::Fact("created", born),
    ])
}

/// A snowflake of 17 to 20 decimal digits and the time in it.
fn snowflake(digits: &[u8]) -> Option<(u64, String)> {
    if !(17..=20).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let id: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let born = i64::try_from((id >> 22) + EPOCH).ok()?;
    let born = jiff::Timestamp::from_millisecond(born).ok()?;
    Some((id, born.to_string()))
}

/// Counterpart of [`bot`].
pub(super) fn mint_bot(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let rest = &form[memchr::memchr(b'.', form)?..];
    let id = (100_000_000_000_000_000 + draw.below(1 << 59)).to_string();
    Some([data_encoding::BASE64URL_NOPAD.encode(id.as_bytes()).as_bytes(), rest].concat())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{facts, outcome_of};
    use super::*;

    #[test]
    fn bot_tells_id_and_birth() {
        let token = ["MTEzNDU2Nzg5MDEy", "MzQ1Njc4OQ.", "GDWCgA.bKQgGm9fkZCl", "ntCZ"].concat();
        let outcome = outcome_of(bot, &token);
        assert!(matches!(outcome, Outcome::Proven(_)));
        assert_eq!(
            facts(&outcome),
            ["bot:1134567890123456789", "created:2023-07-28T19:27:44.257Z"]
        );
    }

    #[test]
    fn other_base64_is_no_bot() {
        let id = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
        for first in [
            id("Not a decimal number"),
            id("123456789"),
            id("99999999999999999999"),
            String::from("A"),
            String::new(),
        ] {
            assert_eq!(outcome_of(bot, &(first + ".b.c")), Outcome::Rejected);
        }
    }

    #[test]
    fn webhook_id() {
        let url = |id: &str| format!("https://discord.com/api/webhooks/{id}/body");
        let outcome = outcome_of(webhook, &url("1134567890123456789"));
        assert_eq!(facts(&outcome)[0], "webhook:1134567890123456789");
        assert_eq!(outcome_of(webhook, &url("12345678901234567")[1..]), {
            let id = Evidence::Fact("webhook", "12345678901234567".into());
            let born = Evidence::Fact("created", "2015-02-04T01:37:19.221Z".into());
            Outcome::Proven(vec![Evidence::Structure("snowflake".into()), id, born])
        });
        assert_eq!(outcome_of(webhook, &url("113456789")), Outcome::Rejected);
    }
}
