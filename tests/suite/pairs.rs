//! Credentials in two halves: one finding with both places, in every order and wherever bytes come from.

use data_encoding::BASE64;
use serde_json::Value;

use crate::support::secrets::{aws, random};
use crate::support::{Ran, TestRepo, text};

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &[u8] = b"0123456789abcdef";

/// Scans one file, faint finds too.
fn scan(content: impl AsRef<[u8]>) -> Ran {
    let repo = TestRepo::plain();
    repo.write("f.txt", content);
    repo.json(&["scan", "--min-confidence", "possible"])
}

/// Rule, line, identifier and its line of each finding; `-` where there is no identifier.
fn pairs(ran: &Ran) -> Vec<String> {
    let one = |finding: &Value| {
        let pair = &finding["pair"];
        let partner = pair["value"].as_str().map_or("-".to_owned(), |value| {
            assert_eq!(pair["path"], finding["path"]);
            format!("{value}:{}", pair["start_line"])
        });
        format!("{}:{} {partner}", text(finding, "rule_id"), finding["start_line"])
    };
    ran.findings().iter().map(one).collect()
}

fn secret(line: usize, id: &str, at: usize) -> String {
    format!("aws-secret-access-key:{line} {id}:{at}")
}

#[test]
fn two_halves_are_one_finding() {
    let (id, key) = aws(1);
    for (content, line, at) in [
        (format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {key}\n"), 3, 2),
        (format!("aws_secret_access_key = {key}\naws_access_key_id = {id}\n"), 1, 2),
        (format!("name,id,key\nlab,{id},{key}\n"), 2, 2),
        (format!("{id}\n{key}\n"), 2, 1),
        (format!("boto3.client('s3', '{id}', '{key}')"), 1, 1),
        (format!("| lab | {id} | {key} |\n"), 1, 1),
        (format!("AWS(\"{id}\",\n    \"eu-west-1\",\n    \"{key}\")"), 3, 1),
        (format!("data: {}", code(&format!("id={id}\nsecret_access_key={key}"))), 1, 1),
    ] {
        let ran = scan(&content);
        assert_eq!(pairs(&ran), [secret(line, &id, at)], "{content}");
        let finding = &ran.findings()[0];
        assert_eq!(finding["confidence"], "likely", "{content}");
        let fact = finding["pair"]["evidence"][0].as_str();
        assert!(fact.is_some_and(|fact| fact.starts_with("account:")), "{content}");
        assert!(!ran.tells(&key), "{content}");
    }
}

#[test]
fn halves_that_are_encoded_one_by_one_are_a_pair() {
    let (id, key) = aws(1);
    let secret_yaml = format!(
        "kind: Secret\ndata:\n  region: {}\n  key: {}\n  id: {}\n",
        code("eu-west-1, in Ireland"),
        code(&format!("{key}\n")),
        code(&id)
    );
    let ran = scan(secret_yaml);
    assert_eq!(pairs(&ran), [secret(4, &id, 5)]);
    let finding = &ran.findings()[0];
    assert_eq!((&finding["decoded"][0], &finding["start_column"]), (&"base64".into(), &8.into()));
    assert!(pairs(&scan(format!("key: {}\n", code(&key)))).iter().all(|f| !f.starts_with("aws")));
}

fn code(plain: &str) -> String {
    BASE64.encode(plain.as_bytes())
}

#[test]
fn lists_of_pairs_come_out_pair_by_pair() {
    let both: Vec<_> = [10, 20, 30].map(aws).into();
    let list = |each: &dyn Fn(&str, &str) -> String, between: &str| {
        both.iter().map(|(id, key)| each(id, key)).collect::<Vec<_>>().join(between)
    };
    for content in [
        list(&|id, key| format!("{id},{key}"), "\n"),
        list(&|id, key| format!("{key},{id}"), "\n"),
        list(&|id, key| format!("{{\"id\":\"{id}\",\"key\":\"{key}\"}}"), ","),
        list(&|id, key| format!("{{\"key\":\"{key}\",\"id\":\"{id}\"}}"), ","),
        list(
            &|id, key| format!("[a]\naws_access_key_id={id}\naws_secret_access_key={key}"),
            "\n\n",
        ),
        list(&|id, key| format!("aws_secret_access_key={key}\naws_access_key_id={id}"), "\n"),
        list(&|id, key| format!("{id}\n{key}"), "\n"),
    ] {
        let ran = scan(&content);
        let found: Vec<String> = ran.findings().iter().map(|f| text(&f["pair"], "value")).collect();
        let ids: Vec<&String> = both.iter().map(|(id, _)| id).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), ids, "{content}");
    }
}

#[test]
fn two_secrets_may_share_an_identifier() {
    let ((id, key), (_, rotated)) = (aws(1), aws(5));
    let ran = scan(format!("{id}\nold = {rotated}\nnew = {key}\n{id} in a comment\n"));
    assert_eq!(pairs(&ran).len(), 2);
    assert!(ran.findings().iter().all(|finding| finding["pair"]["value"] == id), "{}", ran.out());
}

#[test]
fn halves_far_apart_are_no_pair() {
    let (id, key) = aws(1);
    let content = |lines: usize| {
        format!("aws_access_key_id={id}\n{}aws_secret_access_key={key}\n", "a\n".repeat(lines))
    };
    assert_eq!(pairs(&scan(content(9))), [secret(11, &id, 1)]);
    let apart = ["aws-access-key-id:1 -".to_owned(), "aws-secret-access-key:12 -".to_owned()];
    assert_eq!(pairs(&scan(content(10))), apart);
    let long = content(0).replace('\n', &" x".repeat(1100));
    assert_eq!(pairs(&scan(long)).len(), 2);
}

#[test]
fn an_identifier_alone_is_below_the_default() {
    let (id, _) = aws(1);
    let hash = random(4, HEX, 40);
    let repo = TestRepo::plain();
    for content in [format!("api_key = \"{id}\"\n"), format!("secret: {id} {hash}\n")] {
        repo.write("f.txt", &content);
        repo.json(&["scan"]).exits(0);
        assert_eq!(pairs(&scan(&content)), ["aws-access-key-id:1 -"], "{content}");
    }
    let client = ["123456789012-", &random(5, HEX, 32)].concat();
    let public = ["pk_", "live_", &random(6, BASE62, 24)].concat();
    assert_eq!(pairs(&scan(format!("paypal_client_id = {client}\nStripe('{public}')"))), [""; 0]);
}

#[test]
fn a_bare_secret_is_told_by_its_identifier() {
    let word = |seed, length: usize| random(seed, BASE62, length - 1) + "7";
    for (id, bare, rule) in [
        (["AC", &random(1, HEX, 32)].concat(), random(2, HEX, 32), "twilio-auth-token"),
        (["LT", "AI5t", &word(3, 18)].concat(), word(4, 30), "alibaba-access-key-secret"),
        (["AK", "ID", &word(5, 32)].concat(), word(6, 32), "tencent-cloud-secret-key"),
        (["rzp_", "live_", &word(7, 14)].concat(), word(8, 24), "razorpay-key-secret"),
        (["AK", "LT", &word(9, 43)].concat(), word(10, 58) + "==", "volcengine-secret-access-key"),
    ] {
        for line in [format!("account_sid: {id} {bare}\n"), format!("# {bare}\naccount_sid={id}\n")]
        {
            let ran = scan(&line);
            let found = pairs(&ran);
            assert!(found.len() == 1 && found[0].starts_with(rule), "{line}: {found:?}");
            assert_eq!(text(&ran.findings()[0]["pair"], "value"), id, "{line}");
        }
        assert!(!pairs(&scan(format!("{bare}\n"))).iter().any(|found| found.starts_with(rule)));
    }
}

#[test]
fn the_fingerprint_is_the_secrets_alone() {
    let (id, key) = aws(1);
    let named = format!("aws_secret_access_key={key}\n");
    let prints: Vec<String> = [
        named.clone(),
        format!("{id}\n{named}"),
        format!("{named}\n\n{id}\n"),
        format!("{}\n{named}", aws(9).0),
        format!("{id} {key}\n"),
    ]
    .iter()
    .map(|content| text(&scan(content).findings()[0], "fingerprint"))
    .collect();
    assert!(prints.iter().all(|print| *print == prints[0]), "{prints:?}");
}

#[test]
fn a_new_secret_goes_with_an_old_identifier() {
    let (id, key) = aws(1);
    let repo = TestRepo::new();
    repo.write("f", format!("id = {id}\n"));
    repo.commit("an identifier");
    repo.stage("f", format!("id = {id}\nkey = {key}\n"));
    let ran = repo.json(&["staged", "--min-confidence", "possible"]).exits(1);
    assert_eq!(pairs(&ran), [secret(2, &id, 1)]);
    repo.commit("its secret");
    repo.stage("f", format!("id = {id}\nkey = {key}\nmore\n"));
    repo.json(&["staged", "--min-confidence", "possible"]).exits(0);
}

#[test]
fn history_knows_both_halves() {
    let (id, key) = aws(1);
    let repo = TestRepo::new();
    repo.write("a/f", format!("x\nid = {id}\nkey = {key}\n"));
    repo.commit("both");
    repo.write("a/f", "x\n");
    repo.commit("gone");
    for command in [&["history"][..], &["history", "HEAD"]] {
        let ran = repo.json(command).exits(1);
        assert_eq!(pairs(&ran), [secret(3, &id, 2)], "{command:?}");
        assert_eq!(ran.findings()[0]["pair"]["path"], "a/f");
    }
}

#[test]
fn a_seam_between_the_halves_does_not_part_them() {
    let (id, key) = aws(1);
    let around = 4 << 20;
    for before in [around - 40, around - 25, around - 1, around] {
        let filler = "-".repeat(before - 1);
        let content = format!("{filler}\n{id}\nsecret_access_key={key}\n{filler}");
        assert_eq!(pairs(&scan(content)), [secret(3, &id, 2)], "{before}");
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let repo = TestRepo::plain();
    for file in 0..40 {
        let lines = (0..5).map(|n| {
            let (id, key) = aws(file * 100 + n * 10);
            if n % 2 == 0 { format!("{id},{key}\n") } else { format!("{key}\n{id}\n") }
        });
        repo.write(format!("f{file}"), lines.collect::<String>());
    }
    let report = |threads| repo.json(&["scan", "--threads", threads]).exits(1).settled();
    assert_eq!(report("1"), report("4"));
}

#[test]
fn rules_of_a_user_may_be_pairs() {
    const RULES: &str = r#"
[[rule]]
id = "acme-secret"
name = "ACME secret"
description = "Opens the lab."
keywords = ["acme_code"]
pattern = 'acme_code=(?<secret>[0-9a-z]{20})'
confidence = "possible"

[[rule]]
id = "acme-id"
name = "ACME id"
description = "Names the lab."
keywords = ["lab-"]
pattern = '(?<secret>lab-[0-9]{6})'
pair = ["acme-secret"]
beside = '[0-9a-z]{20}'
"#;
    let repo = TestRepo::plain();
    let secret = random(3, b"abcdefghjkmnpqrstuvwxyz", 17) + "7q9";
    let clear = |repo: &TestRepo| repo.run(["scan"]).exits(1).out();
    repo.write(".leakstop.toml", RULES);
    repo.write("f", format!("acme_code={secret}\n"));
    repo.json(&["scan"]).exits(0);
    repo.write("f", format!("acme_code={secret}\nlab-123456\n"));
    let ran = repo.json(&["scan"]).exits(1);
    assert_eq!(pairs(&ran), ["acme-secret:1 lab-123456:2"]);
    assert_eq!(ran.findings()[0]["confidence"], "likely");
    assert!(clear(&repo).contains("with    lab-123456 on line 2"));
    repo.write("f", format!("open(lab-123456, {secret})\n"));
    assert_eq!(pairs(&repo.json(&["scan"]).exits(1)), ["acme-secret:1 lab-123456:1"]);
    for (from, to, told) in [
        ("pair = [\"acme-secret\"]", "pair = [\"acme-sesame\"]", "acme-sesame"),
        ("pair = [\"acme-secret\"]\n", "", "pair"),
        ("beside = '[0-9a-z]{20}'", "beside = '[0-9a-z'", "beside"),
    ] {
        repo.write(".leakstop.toml", RULES.replace(from, to));
        let ran = repo.run(["scan"]).exits(2);
        assert!(ran.err().contains(told), "{}", ran.err());
    }
}

#[test]
fn public_keys_are_no_secrets_whatever_they_are_called() {
    let encode = |json: &str| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
    let header = encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = format!(
        r#"{{"iss":"supabase","ref":"{}","role":"anon","iat":1700000000,"exp":2000000000}}"#,
        random(1, b"abcdefghijklmnopqrstuvwxyz", 20)
    );
    let anon = [&header, ".", &encode(&claims), ".", &random(2, BASE62, 43)].concat();
    for (name, key) in [
        ("POSTHOG_API_KEY", ["ph", "c_", &random(3, BASE62, 43)].concat()),
        ("FLW_KEY_SECRET", ["FLW", "PUBK-", &random(4, HEX, 32), "-X"].concat()),
        ("MAILGUN_API_KEY", ["pub", "key-", &random(5, HEX, 32)].concat()),
        ("AGE_SECRET", ["ag", "e1", &random(6, b"qpzry9x8gf2tvdw0s3jn54khce6mua7l", 58)].concat()),
        ("SUPABASE_SECRET", anon),
    ] {
        for content in [
            format!("{name}={key}\n"),
            format!("curl -H \"Authorization: Bearer {key}\" https://api.example.net\n"),
        ] {
            let ran = scan(&content);
            let likely = ran.findings().iter().filter(|f| f["confidence"] != "possible").count();
            assert_eq!(likely, 0, "{content}: {:?}", pairs(&ran));
        }
    }
}
