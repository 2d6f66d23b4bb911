//! GitLab routable tokens: `PREFIX PAYLOAD [. VERSION] . LENGTH CRC`, without blanks.
//!
//! In: a token, with what stands in front of it as the rest of the match, since an instance may put
//! a text of its own before `glpat-` and its checksum covers that too. Out: `Proven` with the user,
//! project, group and so on that the payload names.

use super::checksum::base36;
use super::payload::base64;
use super::{Evidence, Outcome, Subject};
use crate::detect::sample::Draw;

/// Digits of LENGTH and of CRC.
const LENGTH: usize = 2;
const CRC: usize = 7;
/// Random bytes at the start of a payload.
const RANDOM: usize = 16;
/// Longest instance prefix, its dash included.
const INSTANCE: usize = 21;

/// A routable token of any kind.
pub(super) fn routable(subject: &Subject<'_>) -> Outcome {
    let Some((head, crc)) = subject.secret.split_last_chunk::<CRC>() else {
        return Outcome::Rejected;
    };
    let Some((head, length)) = head.split_last_chunk::<LENGTH>() else {
        return Outcome::Rejected;
    };
    let lead = lead(subject);
    let holds = (0..=lead.len().min(INSTANCE)).any(|taken| {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&lead[lead.len() - taken..]);
        hasher.update(head);
        hasher.update(length);
        base36(hasher.finalize()) == *crc
    });
    match facts(head, *length) {
        Some(facts) if holds => Outcome::Proven([vec![Evidence::Checksum], facts].concat()),
        _ => Outcome::Rejected,
    }
}

/// A token of a kind that comes both ways: judged if it is routable, left open if it is not.
pub(super) fn either(subject: &Subject<'_>) -> Outcome {
    if subject.secret.contains(&b'.') { routable(subject) } else { Outcome::Unproven(Vec::new()) }
}

/// What the match has before the secret.
fn lead<'a>(subject: &Subject<'a>) -> &'a [u8] {
    let end = subject.whole.len().saturating_sub(subject.secret.len());
    if subject.whole[end..] == *subject.secret { &subject.whole[..end] } else { &[] }
}

/// Reads the payload of `head`, which ends with the dot before LENGTH.
fn facts(head: &[u8], length: [u8; LENGTH]) -> Option<Vec<Evidence>> {
    let head = head.strip_suffix(b".")?;
    let head = head.strip_suffix(b".01").unwrap_or(head);
    let size = parse(&length)?;
    let payload = head.get(head.len().checked_sub(usize::try_from(size).ok()?)?..)?;
    let bytes = base64(payload)?;
    let (&size, bytes) = bytes.split_last()?;
    let text = bytes.get(RANDOM..)?;
    if text.len() != usize::from(size) {
        return None;
    }
    text.split(|&b| b == b'\n').map(route).collect()
}

/// One `key:value` line, the value a base36 number.
fn route(line: &[u8]) -> Option<Evidence> {
    let (&key, value) = line.split_first()?;
    let value = value.strip_prefix(b":")?;
    let name = match key {
        b'c' => "cell",
        b'g' => "group",
        b'o' => "organisation",
        b'p' => "project",
        b't' => "runner_type",
        b'u' => "user",
        _ => return None,
    };
    Some(Evidence::Fact(name, parse(value)?.to_string()))
}

fn parse(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    u64::from_str_radix(text, 36).ok()
}

/// Counterpart of [`routable`].
pub(super) fn mint(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let mut prefix = memchr::memchr(b'-', form)? + 1;
    if form.starts_with(b"glrt-") {
        prefix = memchr::memchr(b'_', form)? + 1;
    }
    let text = format!("o:1\nu:{}", 100 + draw.below(1 << 16));
    let size = u8::try_from(text.len()).ok()?;
    let bytes = [&draw.bytes(RANDOM)[..], text.as_bytes(), &[size]].concat();
    let payload = data_encoding::BASE64URL_NOPAD.encode(&bytes);
    let length = base36::<LENGTH>(u32::try_from(payload.len()).ok()?);
    let head = [&form[..prefix], payload.as_bytes(), b".01.", &length].concat();
    let crc = base36::<CRC>(crc32fast::hash(&head));
    Some([&head[..], &crc].concat())
}

/// Counterpart of [`either`].
pub(super) fn mint_either(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    if form.contains(&b'.') { mint(draw, form) } else { Some(form.to_vec()) }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{assert_refutes_changes, facts, outcome_of};
    use super::*;

    fn personal(tail: &str) -> String {
        ["glpat-", "ZCmIlBcopKI_47lzmStG", "Sm86MQp1OjJzCA", tail].concat()
    }

    #[test]
    fn both_releases() {
        for tail in [".01.0y14at6o8", ".0y0tcyyqi"] {
            let token = personal(tail);
            assert_refutes_changes(routable, &token, 0);
            let expected = ["organisation:1", "user:100"];
            assert_eq!(facts(&outcome_of(routable, &token)), expected);
        }
    }

    #[test]
    fn runner() {
        let token =
            ["glrt-", "t1_pQ6BLQ2VaZLgBxIE7F6aw2c6", "NwpvOjEKcDozCnQ6MQp1OjUT", ".01.1c0awbh40"]
                .concat();
        assert_refutes_changes(routable, &token, 0);
        assert_eq!(
            facts(&outcome_of(routable, &token)),
            ["group:7", "organisation:1", "project:3", "runner_type:1", "user:5"]
        );
    }

    #[test]
    fn instance_prefix_is_under_the_checksum() {
        let head = personal(".01.0y");
        let crc = base36::<CRC>(crc32fast::hash(format!("MYORG-{head}").as_bytes()));
        let secret = head + std::str::from_utf8(&crc).unwrap();
        let judge = |lead: &str| {
            routable(&Subject {
                secret: secret.as_bytes(),
                whole: format!("{lead}{secret}").as_bytes(),
            })
        };
        assert!(matches!(judge("MYORG-"), Outcome::Proven(_)));
        assert!(matches!(judge("TOKEN=MYORG-"), Outcome::Proven(_)));
        assert_eq!(judge("YOURS-"), Outcome::Rejected);
        assert_eq!(judge(""), Outcome::Rejected);
    }

    #[test]
    fn plain_form_is_left_open() {
        assert_eq!(outcome_of(either, "gldt-x"), Outcome::Unproven(Vec::new()));
        assert_eq!(outcome_of(either, "gldt-x.01.0yx"), Outcome::Rejected);
    }

    #[test]
    fn hostile_payloads() {
        let sealed = |head: &str| {
            let crc = base36::<CRC>(crc32fast::hash(head.as_bytes()));
            head.to_owned() + std::str::from_utf8(&crc).unwrap()
        };
        // A length beyond the token, a payload without its text, and nothing at all.
        for head in ["glpat-AAAA.01.zz", "glpat-AAAA.01.04", "..", ""] {
            assert_eq!(outcome_of(routable, &sealed(head)), Outcome::Rejected);
        }
        assert_eq!(outcome_of(routable, ""), Outcome::Rejected);
    }
}
