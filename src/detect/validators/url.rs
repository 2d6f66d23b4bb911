//! Passwords in URLs.
//!
//! In: a URL up to its host, the password being the secret. Out: whether the password is one, with its
//! user and host as facts.

use super::dummy::{is_dummy, is_template};
use super::{Outcome, Subject};
use crate::detect::evidence::Evidence;

/// Names of hosts that stand for no host in particular.
const STAND_INS: &[&[u8]] = &[
    b"host",
    b"hostname",
    b"servername",
    b"url",
    b"ip",
    b"domain",
    b"address",
    b"example",
    b"proxyserver",
    b"foo",
    b"bar",
    b"baz",
    b"test",
];

/// The parts around the password.
struct Place {
    user: Vec<u8>,
    host: Vec<u8>,
}

/// Judges a password by itself and by its user and host.
pub(super) fn check(subject: &Subject<'_>) -> Outcome {
    let Some(place) = locate(subject) else {
        return Outcome::Rejected;
    };
    let password = decode(subject.secret);
    if is_port(subject.secret) || is_template(&password) || is_template(subject.secret) {
        return Outcome::Rejected;
    }
    if is_binary(subject.whole)
        || closes(&password)
        || spans(&place.user, &password)
        || is_pattern(&place.user)
        || is_open(&place.user, &password)
        || is_list(subject.secret)
        || is_pair(&place.user, &password)
        || is_capitals(&place.user) && is_capitals(&password)
    {
        return Outcome::Rejected;
    }
    if is_shipped(&place, &password) {
        return Outcome::Example;
    }
    if is_dummy(&password) || place.host.is_empty() {
        return Outcome::Rejected;
    }
    let mut evidence = vec![Evidence::Structure("password in a URL".into())];
    let host = String::from_utf8_lossy(&place.host).into_owned();
    let doubt = doubt(&place, &password);
    evidence.push(Evidence::Fact("host", host));
    match doubt {
        Some(doubt) => {
            evidence.push(Evidence::Context(doubt.into()));
            Outcome::Doubtful(evidence)
        }
        None => Outcome::Unproven(evidence),
    }
}

/// What makes a password that is none of the dummies unlikely to open anything.
fn doubt(place: &Place, password: &[u8]) -> Option<&'static str> {
    if password.eq_ignore_ascii_case(&place.user) {
        Some("password is the user name")
    } else if password.len() < 4 {
        Some("short password")
    } else if is_stand_in(&place.host) && !is_mixed(password) {
        Some("example host")
    } else {
        None
    }
}

/// Finds user and host in the whole match, which begins with the scheme, or the colon after it, and ends after the host.
/// The slashes after the scheme may be escaped, as JSON allows.
fn locate(subject: &Subject<'_>) -> Option<Place> {
    let scheme = memchr::memchr(b':', subject.whole)?;
    let rest = &subject.whole[scheme + 1..];
    let slashes = rest.iter().take_while(|b| matches!(b, b'/' | b'\\')).count();
    let rest = &rest[slashes..];
    let colon = memchr::memchr(b':', rest)?;
    let after = rest.get(colon + 1 + subject.secret.len()..)?;
    let host = after.strip_prefix(b"@")?;
    Some(Place { user: decode(&rest[..colon]), host: host.to_ascii_lowercase() })
}

/// `http://host:8080?mail=a@b` holds a port, not a password. The port may be left out.
fn is_port(secret: &[u8]) -> bool {
    let digits = secret.iter().take_while(|b| b.is_ascii_digit()).count();
    let next = secret.get(digits);
    let query = matches!(next, Some(b'?' | b'&')) && secret.contains(&b'=');
    query && digits == 0
        || (1..=5).contains(&digits)
            && matches!(next, None | Some(b'?' | b'#' | b',' | b';' | b')' | b'&' | b']'))
}

/// What no URL that a person or a program wrote holds: bytes that are no text.
fn is_binary(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_err() || text.iter().any(u8::is_ascii_control)
}

/// A bracket closes that was opened before the password: markup around its name.
fn closes(password: &[u8]) -> bool {
    matches!(password.first(), Some(b'}' | b')' | b']' | b'>'))
}

/// User and password are called the same and say which they are: `cms_db_username:cms_db_password`.
fn is_pair(user: &[u8], password: &[u8]) -> bool {
    let role = |text: &[u8]| {
        let ends: [&[u8]; 6] = [b"username", b"user", b"password", b"passwd", b"pass", b"pwd"];
        let role = ends.into_iter().find(|end| text.ends_with(end));
        role.map_or(0, <[u8]>::len)
    };
    let (user, password) =
        (&user[..user.len() - role(user)], &password[..password.len() - role(password)]);
    matches!(user.last(), Some(b'_' | b'-' | b'.')) && user == password
}

/// One template is user and password: `${Env:ACCESS_TOKEN}`.
fn spans(user: &[u8], password: &[u8]) -> bool {
    let open = memchr::memrchr(b'{', user);
    open.is_some_and(|at| !user[at..].contains(&b'}')) && password.ends_with(b"}")
}

/// Servers that are open to all ask for an address of mail in place of a password.
fn is_open(user: &[u8], password: &[u8]) -> bool {
    user == b"anonymous" && password.contains(&b'@')
}

/// Several hosts with a login each: `amqp://bob:password@one:5672,bob:password@two`.
fn is_list(secret: &[u8]) -> bool {
    let host = memchr::memchr(b'@', secret);
    let next = host.and_then(|at| memchr::memchr(b',', &secret[at..]).map(|comma| at + comma));
    next.is_some_and(|comma| secret[comma..].contains(&b':'))
}

/// A user name with marks that only a pattern or a grammar of URLs has.
fn is_pattern(user: &[u8]) -> bool {
    user.iter().any(|b| b"[(|*^?".contains(b))
}

/// `KEY`, `API_SECRET`: what stands in manuals for a value.
fn is_capitals(text: &[u8]) -> bool {
    text.len() >= 3 && text.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
}

/// `guest:guest@localhost` and its like, which fresh installations ship with.
fn is_shipped(place: &Place, password: &[u8]) -> bool {
    let local = [&b"localhost"[..], b"127.0.0.1", b"[::1]", b"0.0.0.0"]
        .iter()
        .any(|name| place.host.starts_with(name));
    local && place.user == password && [&b"guest"[..], b"minioadmin"].contains(&password)
}

/// Hosts of documentation: reserved names, and words that stand for a host.
fn is_stand_in(host: &[u8]) -> bool {
    let name = host.split(|&b| b == b':').next().unwrap_or_default();
    let ends =
        [&b"example.com"[..], b"example.org", b"example.net", b".example", b".invalid", b".test"];
    STAND_INS.contains(&name) || ends.iter().any(|end| name.ends_with(end))
}

/// Whether a password has letters and digits, as chosen ones have and examples seldom.
fn is_mixed(password: &[u8]) -> bool {
    password.len() >= 6
        && password.iter().any(u8::is_ascii_digit)
        && password.iter().any(u8::is_ascii_alphabetic)
}

/// Undoes percent-encoding; a `%` that begins no escape stays.
fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let digit = |offset: usize| {
            let byte = *text.get(at + offset)?;
            char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok())
        };
        match (text[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(before: &str, password: &str, after: &str) -> Outcome {
        let whole = [before, ":", password, "@", after].concat();
        check(&Subject { secret: password.as_bytes(), whole: whole.as_bytes() })
    }

    #[test]
    fn real_looking_passwords_stand() {
        for (before, password, host) in [
            ("postgres://app", "hunter2", "db.internal:5432"),
            ("redis://", "vaX8%2Fq@7", "10.0.0.4"),
            ("amqp://guest", "lwokh", "localhost"),
            ("https://svc", "Qh84A!?", "example.com"),
            ("mysql://root", "vh$$k5dv", "db"),
        ] {
            let outcome = judged(before, password, host);
            assert!(matches!(outcome, Outcome::Unproven(_)), "{password}: {outcome:?}");
        }
    }

    #[test]
    fn open_servers_and_lists_of_hosts_are_rejected() {
        assert_eq!(judged("ftp://anonymous", "bob%40host.io", "ftp.host.io"), Outcome::Rejected);
        let list = ["Qh84A!?@one:5672,bob:Qh84A!?", "two"];
        assert_eq!(judged("amqp://bob", list[0], list[1]), Outcome::Rejected);
    }

    #[test]
    fn templates_dummies_and_ports_are_rejected() {
        for password in [
            "${PASS}",
            "$PASS",
            "{{ pw }}",
            "{password}",
            "<password>",
            "%s",
            "%(pw)s",
            "#{pw}",
            "password",
            "p%40ss",
            "%5Dfoo",
            "***",
            "xxxxxxxx",
            "8080",
            "80?mail=a",
            "MY_TOKEN",
            "%PASSWORD%",
            "%HTTPPORT#",
            "?mail=a",
        ] {
            assert_eq!(
                judged("https://user", password, "git.internal"),
                Outcome::Rejected,
                "{password}"
            );
        }
    }

    #[test]
    fn patterns_and_manuals_hold_none() {
        for (user, password) in [
            ("([[", "alnum:]_:]+)"),
            ("KEY", "DOMAIN"),
            ("APP_KEY", "APP_SECRET_OF_YOURS"),
            ("@term{user}@mark{", "}@term{password}"),
            ("caf\u{7}", "k8mentir"),
            ("joe", "k8\u{1b}mentir"),
            ("${Env", "SYSTEM_ACCESSTOKEN}"),
        ] {
            let outcome = judged(&format!("https://{user}"), password, "default");
            assert_eq!(outcome, Outcome::Rejected, "{password}");
        }
        let noise = b"http://\xa5\x91u:\xf3J\x99hQ@h0st";
        let outcome = check(&Subject { secret: &noise[11..16], whole: noise });
        assert_eq!(outcome, Outcome::Rejected);
        let outcome = judged("mysql://ADMIN", "QZRTPLMK7", "db.internal");
        assert!(matches!(outcome, Outcome::Unproven(_)), "{outcome:?}");
    }

    #[test]
    fn shipped_defaults_are_examples_at_home_only() {
        assert_eq!(judged("amqp://guest", "guest", "localhost:5672"), Outcome::Example);
        assert_eq!(judged("amqp://guest", "guest", "mq.internal"), Outcome::Rejected);
    }

    #[test]
    fn words_at_example_hosts_are_doubtful() {
        for (user, password, host) in [
            ("joe", "sunshine", "example.com"),
            ("flask_geo", "flask_geo", "localhost"),
            ("joe", "kq7", "db.internal"),
        ] {
            let outcome = judged(&format!("mysql://{user}"), password, host);
            assert!(matches!(outcome, Outcome::Doubtful(_)), "{password}: {outcome:?}");
        }
    }

    #[test]
    fn facts_hold_no_password() {
        let outcome = judged("mysql://root", "Zk4!mentir", "db.internal");
        assert!(!format!("{outcome:?}").contains("mentir"));
    }
}
