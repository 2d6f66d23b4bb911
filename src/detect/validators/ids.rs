//! Identifiers in Slack tokens and webhook addresses, and in Telegram's bot tokens.
//!
//! In: a token or URL. Out: `Unproven` with the ids, which carry no checksum.

use super::{Evidence, Outcome, Subject};

/// `xapp-1-APP-...`: the app the token belongs to.
pub(super) fn app(subject: &Subject<'_>) -> Outcome {
    let id = subject.secret.split(|&b| b == b'-').nth(2);
    named([("app", id)])
}

/// A webhook URL: the team, and the app or bot that posts.
pub(super) fn webhook(subject: &Subject<'_>) -> Outcome {
    let mut parts = subject.secret.split(|&b| b == b'/');
    let kind = parts.find(|part| matches!(*part, b"services" | b"workflows" | b"triggers"));
    let ids = kind.and_then(|_| Some((parts.next()?, parts.next()?)));
    named([("team", ids.map(|(team, _)| team)), ("sender", ids.map(|(_, sender)| sender))])
}

/// `ID:...`: Telegram's number for the bot.
pub(super) fn telegram(subject: &Subject<'_>) -> Outcome {
    named([("bot", subject.secret.split(|&b| b == b':').next())])
}

fn named<const N: usize>(ids: [(&'static str, Option<&[u8]>); N]) -> Outcome {
    let facts = ids.into_iter().filter_map(|(name, id)| {
        let id = std::str::from_utf8(id?).ok()?;
        Some(Evidence::Fact(name, id.to_owned()))
    });
    Outcome::Unproven(facts.collect())
}

#[cfg(test)]
mod tests {
    use super::super::trial::{facts, outcome_of};
    use super::*;

    #[test]
    fn ids() {
        let token = ["xapp", "-1-A07QK2M4XYZ-", "7301188442519-", "9c1f"].concat();
        assert_eq!(facts(&outcome_of(app, &token)), ["app:A07QK2M4XYZ"]);
        let url = ["https://hooks.slack.com/services/", "T07QK2/B81ZZ/", "x9"].concat();
        assert_eq!(facts(&outcome_of(webhook, &url)), ["team:T07QK2", "sender:B81ZZ"]);
        let token = ["8123456789", ":", "AAJ-rqwpYZK71t-TRqDr"].concat();
        assert_eq!(facts(&outcome_of(telegram, &token)), ["bot:8123456789"]);
    }

    #[test]
    fn fragments() {
        assert_eq!(outcome_of(app, "xapp"), Outcome::Unproven(Vec::new()));
        assert_eq!(outcome_of(webhook, ""), Outcome::Unproven(Vec::new()));
    }
}
