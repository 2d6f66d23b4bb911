//! Azure keys that carry a signature and a Marvin32 checksum.
//!
//! In: a base64 key. Out: proven or rejected by the checksum; keys made before there were
//! signatures stay unproven. [`identifiable`] takes the first kind (one signature a service),
//! [`annotated`] the common form with `JQQJ99` in the middle.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};

use super::{Outcome, Subject, marvin};
use crate::detect::evidence::Evidence;
use crate::detect::sample::Draw;

/// A service whose keys end in a signature of four characters and a checksum of six.
struct Service {
    signature: [u8; 4],
    /// Length of the key when decoded.
    bytes: usize,
    /// One for every kind of key the service issues.
    seeds: &'static [&'static [u8; 8]],
    name: &'static str,
}

const SERVICES: &[Service] = &[
    service(*b"+ASt", 64, &[b"Default0"], "storage"),
    service(*b"ACDb", 64, &[b"MastRW00", b"MastRO00"], "cosmos-db"),
    service(*b"+ABa", 64, &[b"AbAcct00"], "batch"),
    service(*b"+AMC", 64, &[b"Classic0"], "ml-studio"),
    service(*b"APIM", 64, &[b"Tenant00", b"Gatewy00", b"GitKey00", b"IotHub00"], "api-management"),
    service(*b"+ASb", 32, BUS, "service-bus"),
    service(*b"+AEh", 32, BUS, "event-hubs"),
    service(*b"+ARm", 32, BUS, "relay"),
    service(*b"AIoT", 32, &[b"IotHub00", b"DpsKey00", b"Device00"], "iot-hub"),
    service(*b"AzCa", 32, &[b"Access00"], "redis"),
    service(*b"AzSe", 39, &[b"Query000", b"PAdmin00"], "search"),
    service(*b"+ACR", 39, &[b"ACRDflt0"], "container-registry"),
    service(*b"AzFu", 40, &[b"Functi00", b"System00", b"Master00"], "functions"),
];

const BUS: &[&[u8; 8]] = &[b"Send0000", b"Listen00", b"Manage00"];

/// The registry's construction is not confirmed by any genuine key: a wrong checksum proves nothing.
const UNCONFIRMED: [u8; 4] = *b"+ACR";

/// Redis writes `P` for `+` and `F` for `/` once the checksum is made.
const LETTERED: [u8; 4] = *b"AzCa";

/// Most letters of a Redis key that are tried as what they may stand for.
const TRIES: usize = 12;

const fn service(
    signature: [u8; 4],
    bytes: usize,
    seeds: &'static [&'static [u8; 8]],
    name: &'static str,
) -> Service {
    Service { signature, bytes, seeds, name }
}

/// Checks a key of the first kind.
pub(super) fn identifiable(subject: &Subject<'_>) -> Outcome {
    let Some(key) = decode(subject.secret) else {
        return Outcome::Rejected;
    };
    let Some(service) = signed(subject.secret, key.len()) else {
        let old = matches!(key.len(), 32 | 64);
        return if old { Outcome::Unproven(Vec::new()) } else { Outcome::Rejected };
    };
    let right = verifies(service, &key)
        || service.signature == LETTERED
            && spellings(subject.secret).any(|k| verifies(service, &k));
    if right {
        let fact = Evidence::Fact("service", service.name.to_owned());
        return Outcome::Proven(vec![Evidence::Checksum, fact]);
    }
    if service.signature == UNCONFIRMED {
        return Outcome::Unproven(Vec::new());
    }
    Outcome::Rejected
}

/// Whether the last four bytes are the checksum of the rest, under any seed of the service.
fn verifies(service: &Service, key: &[u8]) -> bool {
    key.split_last_chunk::<4>().is_some_and(|(body, sum)| {
        let sum = u32::from_le_bytes(*sum);
        service.seeds.iter().any(|&&seed| marvin::checksum(seed, body) == sum)
    })
}

/// Every key that may have been written as `text`.
fn spellings(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let places: Vec<usize> =
        (0..text.len()).filter(|&place| matches!(text[place], b'P' | b'F')).take(TRIES).collect();
    (0..1_u32 << places.len()).filter_map(move |choice| {
        let mut text = text.to_vec();
        for (bit, &place) in places.iter().enumerate() {
            if choice >> bit & 1 == 1 {
                text[place] = if text[place] == b'P' { b'+' } else { b'/' };
            }
        }
        decode(&text)
    })
}

/// Checks a storage key. One without a signature counts only where a name says what it is.
pub(super) fn storage(subject: &Subject<'_>) -> Outcome {
    match identifiable(subject) {
        Outcome::Unproven(_) if subject.whole.len() == subject.secret.len() => Outcome::Rejected,
        outcome => outcome,
    }
}

/// Decodes base64, written with either pair of extra digits, with or without padding.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let standard: Vec<u8> = unpadded(text)
        .iter()
        .map(|&b| match b {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    BASE64_NOPAD.decode(&standard).ok()
}

fn unpadded(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&b| b != b'=').map_or(0, |last| last + 1);
    &text[..end]
}

/// The service whose signature stands before the last six characters.
fn signed(text: &[u8], bytes: usize) -> Option<&'static Service> {
    let (_, tail) = unpadded(text).split_last_chunk::<10>()?;
    SERVICES.iter().find(|s| tail.starts_with(&s.signature) && s.bytes == bytes)
}

/// Length of an annotated key up to its checksum.
const PAYLOAD: usize = 80;

/// Who issues annotated keys, by the signature at offset 76.
const PROVIDERS: &[(&[u8; 4], &str)] = &[
    (b"ACOG", "ai-services"),
    (b"AZAC", "app-configuration"),
    (b"AZCS", "communication-services"),
    (b"AZDO", "devops"),
    (b"AZEG", "event-grid"),
    (b"AZFR", "fluid-relay"),
    (b"AZMP", "maps"),
    (b"AZMR", "mixed-reality"),
    (b"msql", "sql"),
];

/// Checks a common annotated key.
pub(super) fn annotated(subject: &Subject<'_>) -> Outcome {
    let key = unpadded(subject.secret);
    let (Some((payload, sum)), true) =
        (key.split_at_checked(PAYLOAD), matches!(key.len(), 84 | 86))
    else {
        return Outcome::Rejected;
    };
    let Ok(bytes) = BASE64.decode(payload) else {
        return Outcome::Rejected;
    };
    let hash = marvin::checksum(*b"Default0", &bytes).to_le_bytes();
    // The first generators wrote the checksum in plain base64.
    if !base62(hash).starts_with(sum) && !BASE64_NOPAD.encode(&hash).as_bytes().starts_with(sum) {
        return Outcome::Rejected;
    }
    let mut evidence = vec![Evidence::Checksum];
    let issuer = PROVIDERS.iter().find(|(signature, _)| payload.ends_with(*signature));
    if let Some((_, name)) = issuer {
        evidence.push(Evidence::Fact("service", (*name).to_owned()));
    }
    evidence.extend(issued(payload).map(|date| Evidence::Fact("issued", date)));
    Outcome::Proven(evidence)
}

/// Year and month of issue, from the letters at offsets 58 and 59.
fn issued(payload: &[u8]) -> Option<String> {
    let (year, month) = (payload[58].checked_sub(b'A')?, payload[59].checked_sub(b'A')?);
    (year < 26 && month < 12).then(|| format!("{}-{:02}", 2024 + u32::from(year), month + 1))
}

/// The four bytes as one big-endian number in base 62, filled up with `0` on the right.
fn base62(bytes: [u8; 4]) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = u32::from_be_bytes(bytes) as usize;
    let mut digits = Vec::with_capacity(6);
    while rest > 0 {
        digits.push(DIGITS[rest % 62]);
        rest /= 62;
    }
    let mut text = [b'0'; 6];
    for (place, digit) in text.iter_mut().zip(digits.into_iter().rev()) {
        *place = digit;
    }
    text
}

/// Counterpart of [`identifiable`].
pub(super) fn mint(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let padding = &form[unpadded(form).len()..];
    let mut key = super::payload::base64(form)?;
    let service = signed(form, key.len());
    if let Some(service) = service {
        let (body, sum) = key.split_last_chunk_mut::<4>()?;
        *sum = marvin::checksum(*service.seeds[0], body).to_le_bytes();
    }
    let name = service.map_or("", |service| service.name);
    let text = match name {
        "functions" => BASE64URL_NOPAD.encode(&key),
        "redis" => BASE64_NOPAD.encode(&key).replace('+', "P").replace('/', "F"),
        _ => BASE64_NOPAD.encode(&key),
    };
    Some([text.as_bytes(), padding].concat())
}

/// Counterpart of [`storage`]: signed, so that no name is needed.
pub(super) fn mint_storage(draw: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let mut signed = form.to_vec();
    signed.get_mut(76..80)?.copy_from_slice(b"+ASt");
    mint(draw, &signed)
}

/// Counterpart of [`annotated`].
pub(super) fn mint_annotated(_: &mut Draw, form: &[u8]) -> Option<Vec<u8>> {
    let (payload, end) = form.split_at_checked(PAYLOAD)?;
    let bytes = BASE64.decode(payload).ok()?;
    let sum = base62(marvin::checksum(*b"Default0", &bytes).to_le_bytes());
    let shown = unpadded(end).len();
    Some([payload, &sum[..shown.min(6)], &end[shown..]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blanks stand in the keys of these tests, so that no key stands in this file.
    fn run(check: super::super::Check, key: &str) -> Outcome {
        let key = key.replace(' ', "");
        check(&Subject { secret: key.as_bytes(), whole: key.as_bytes() })
    }

    fn service_of(outcome: &Outcome) -> Option<&str> {
        let Outcome::Proven(evidence) = outcome else {
            return None;
        };
        evidence.iter().find_map(|e| match e {
            Evidence::Fact("service", name) => Some(name.as_str()),
            _ => None,
        })
    }

    const FIRST_KIND: &[(&str, &str)] = &[
        (
            "storage",
            "dtgM8Dk8MgV32P iuDyQ+lZp4axzF HEY81CC0iD77J3 GBpL6WKDHKiPt0 UymmF75sGIgyaN PI3P8F +ASt PWkDXA==",
        ),
        (
            "cosmos-db",
            "elLct0jNOMW/7F gqC3H5HCFh74hh E4T1lMzO6MPOWj 1ZBP1S3MKYp1h4 y+j4m7+KNrQ6TV xLoYn8 ACDb WWBDlA==",
        ),
        ("service-bus", "YzdaoHOHUVdb0T hT80jMNQvv2uTd ukYMO +ASb Wlkz2Y="),
        ("redis", "bvHNPReDnjsPl6 dE2XIIrzMsOzVk YZOCg AzCa wFlWrE="),
        ("functions", "OFzcacQgDGEGvg PVHfbGVAQQe86w wenYP0pB8mb8Tp -7 AzFu MJvS5w=="),
    ];

    #[test]
    fn keys_of_the_first_kind() {
        for (service, key) in FIRST_KIND {
            assert_eq!(service_of(&run(identifiable, key)), Some(*service));
            let altered = format!("2{}", &key[1..]);
            assert_eq!(service_of(&run(identifiable, &altered)), None, "{service}");
        }
    }

    #[test]
    fn a_wrong_checksum_is_rejected_where_the_construction_is_confirmed() {
        let storage = FIRST_KIND[0].1.replacen('d', "e", 1);
        assert_eq!(run(identifiable, &storage), Outcome::Rejected);
        let registry = "x9Kq2Lm4Vb7Nz1Rt8Wd3 Yf6Hj0Ps5Gc9Qa4Eu7Ti2O +A CRAbcdef";
        assert_eq!(run(identifiable, registry), Outcome::Unproven(Vec::new()));
    }

    #[test]
    fn redis_keys_are_spelt_with_letters() {
        let mut raw = [0xfb_u8; 32];
        raw[24..28].copy_from_slice(&[0x30, 0x0b, 0x33, 0x40]);
        let text = BASE64.encode(&raw);
        let mut bytes =
            BASE64.decode([&text[..33], "AzCa", &text[37..]].concat().as_bytes()).unwrap();
        let sum = marvin::checksum(*b"Access00", &bytes[..28]).to_le_bytes();
        bytes[28..].copy_from_slice(&sum);
        let plain = BASE64.encode(&bytes);
        let lettered = plain.replacen('+', "P", 3);
        assert_ne!(plain, lettered);
        assert_eq!(service_of(&run(identifiable, &lettered)), Some("redis"));
        let wrong = lettered.replacen('v', "w", 1);
        assert_eq!(service_of(&run(identifiable, &wrong)), None);
    }

    #[test]
    fn keys_without_a_signature_stay_unproven() {
        let old = "x9Kq2Lm4Vb7Nz1Rt 8Wd3Yf6Hj0Ps5Gc9Qa4Eu7Ti2Oo=";
        assert_eq!(run(identifiable, old), Outcome::Unproven(Vec::new()));
        for odd in ["AAAA", "", "=", "%%%%%%", "x9Kq2Lm4Vb7Nz1Rt8"] {
            assert_eq!(run(identifiable, odd), Outcome::Rejected, "{odd}");
        }
    }

    #[test]
    fn storage_keys_without_a_signature_need_a_name() {
        let key = BASE64.encode(&[0x5a; 64]);
        let whole = format!("AccountKey={key}");
        let named = Subject { secret: key.as_bytes(), whole: whole.as_bytes() };
        assert_eq!(storage(&named), Outcome::Unproven(Vec::new()));
        assert_eq!(run(storage, &key), Outcome::Rejected);
        assert_eq!(service_of(&run(storage, FIRST_KIND[0].1)), Some("storage"));
    }

    const DEVOPS: &str = "Z9cdDm6TBO93nr 5A7U90WhnXPebG lVjfT55RHmvW4t CqDlqKZBrf JQQJ 99BFAAAAAAAAAA AAAAAS AZDO 3GK3";

    #[test]
    fn annotated_keys() {
        let outcome = run(annotated, DEVOPS);
        assert_eq!(service_of(&outcome), Some("devops"));
        let Outcome::Proven(evidence) = outcome else { panic!("not proven") };
        assert!(evidence.contains(&Evidence::Fact("issued", "2025-06".to_owned())));
        let openai = "5hYR4y2aoL0A79 UAjA6lC2iynRlI HpM2cgTMxWJmJe 0UDzOqXZYn JQQJ 99BAAAAAAAAAAA AAAAAA ACOG l4Mr";
        assert_eq!(service_of(&run(annotated, openai)), Some("ai-services"));
    }

    #[test]
    fn altered_annotated_keys() {
        assert_eq!(run(annotated, &DEVOPS.replacen('Z', "Y", 1)), Outcome::Rejected);
        assert_eq!(run(annotated, &DEVOPS[1..]), Outcome::Rejected);
        assert_eq!(run(annotated, ""), Outcome::Rejected);
    }

    #[test]
    fn the_long_form_holds_the_whole_checksum() {
        let long = |end: &str| run(annotated, &format!("{DEVOPS} {end}=="));
        assert_eq!(service_of(&long("Hi")), Some("devops"));
        assert_eq!(long("Hj"), Outcome::Rejected);
    }
}
