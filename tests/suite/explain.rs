//! What is told about a rule and about a line, for people and as JSON, and the list of rules.

use leakstop::detect::OPERATING_POINT;
use serde_json::Value;

use crate::support::packing::{Zipped, zip};
use crate::support::secrets::{github, line, password, published_example, random};
use crate::support::{Ran, TestRepo, text};

/// A rule of one's own, and one that is switched off.
const CONFIG: &str = "disable = [\"slack-bot-token\"]\n[[rule]]\nid = \"acme-token\"\nname = \"Acme token\"\n\
    description = \"Opens the lab.\"\nseverity = \"low\"\nkeywords = [\"acme-\"]\npattern = '(?<secret>acme-[0-9a-f]{12})'\n";

fn explained(repo: &TestRepo, what: &str) -> Value {
    repo.json(&["explain", what]).exits(0).report()
}

fn list(object: &Value, field: &str) -> Vec<Value> {
    object[field].as_array().unwrap_or_else(|| panic!("no list {field}: {object}")).clone()
}

/// The attempts at `rule`, as what stopped them.
fn stops(answer: &Value, rule: &str) -> Vec<String> {
    let attempts = list(answer, "attempts");
    let of_rule = attempts.iter().filter(|attempt| attempt["rule_id"] == rule);
    of_rule.map(|attempt| text(attempt, "stopped_by")).collect()
}

#[test]
fn a_line_of_what_is_packed_is_told() {
    let repo = TestRepo::plain();
    let inner = zip(&[("b.txt", format!("x\n{}", line(1)).as_bytes())], Zipped::Deflated);
    repo.write("a.zip", zip(&[("in.zip", &inner), ("c.txt", b"x")], Zipped::Deflated));
    let answer = explained(&repo, "a.zip!in.zip!b.txt:2");
    assert_eq!(answer["path"], "a.zip!in.zip!b.txt");
    let matches = list(&answer, "matches");
    assert_eq!(matches.len(), 1);
    assert_eq!(matches[0]["rule_id"], "github-pat-classic");
    assert_eq!(matches[0]["reported"], true);
    assert!(list(&explained(&repo, "a.zip!c.txt:2"), "matches").is_empty());
    repo.run(["explain", "no.zip!c.txt:2"]).exits(2);
    let told = repo.run(["fix", "a.zip!in.zip!b.txt:2", "--to", "env"]).exits(2);
    assert!(told.err().contains("it lies in a.zip"), "{}", told.err());
}

#[test]
fn a_rule_is_told_in_words() {
    let repo = TestRepo::plain();
    let told = repo.run(["explain", "github-pat-classic"]).exits(0).out();
    for part in [
        "GitHub personal access token (classic)",
        "https://github.com/settings/tokens",
        "CRC-32",
        "`ghp_`, then 36 to 251 letters or digits",
        "export GITHUB_TOKEN=\"ghp_…\"",
        "github-oauth-token",
        "severity  critical",
    ] {
        assert!(told.contains(part), "{part}:\n{told}");
    }
    assert_eq!(repo.run(["rules", "show", "github-pat-classic"]).exits(0).out(), told);
    let answer = explained(&repo, "github-pat-classic");
    assert_eq!(answer["version"], 1);
    assert_eq!(answer["rule"]["id"], "github-pat-classic");
    assert_eq!(answer["rule"]["validator"], "github-crc");
    assert_eq!(answer["rule"]["enabled"], true);
}

#[test]
fn rules_of_the_configuration_are_told_too() {
    let repo = TestRepo::new();
    repo.write(".leakstop.toml", CONFIG);
    let told = repo.run(["explain", "acme-token"]).exits(0).out();
    assert!(told.contains("the configuration"), "{told}");
    assert!(told.contains("severity  low"), "{told}");
    let off = repo.run(["explain", "slack-bot-token"]).exits(0).out();
    assert!(off.contains("switched off"), "{off}");
    repo.run(["explain", "acme-token", "--no-repo-config"]).exits(2);
    let ids = |ran: Ran| -> Vec<String> {
        list(&ran.report(), "rules").iter().map(|rule| text(rule, "id")).collect()
    };
    assert!(ids(repo.json(&["rules", "list"]).exits(0)).contains(&"acme-token".to_owned()));
    let own = repo.json(&["rules", "list", "--no-repo-config"]).exits(0);
    assert!(!ids(own).contains(&"acme-token".to_owned()));
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    let repo = TestRepo::plain();
    let told = |args: &[&str]| repo.run(args.iter().copied()).exits(2).err();
    let pat = told(&["explain", "github-pat-clasic"]);
    assert!(pat.contains("github-pat-classic"), "{pat}");
    assert!(told(&["scan", "--rules", "slack-bot-tokn"]).contains("slack-bot-token"));
    assert!(told(&["rules", "list", "--provider", "GitHup"]).contains("GitHub"));
    let fingerprint = told(&["explain", "0123456789abcdef0123456789abcdef"]);
    assert!(fingerprint.contains("nothing is found here"), "{fingerprint}");
    repo.write("f", "x\n");
    assert!(told(&["explain", "f"]).contains("f:LINE"));
    assert!(told(&["explain", "f:9"]).contains("no line 9"));
    assert!(told(&["explain", "gone:9"]).contains("gone"));
}

#[test]
fn rules_are_listed_by_provider() {
    let repo = TestRepo::plain();
    let listed = repo.json(&["rules", "list", "--provider", "stripe"]).exits(0).report();
    let rules = list(&listed, "rules");
    assert!(rules.len() > 1);
    assert!(rules.iter().all(|rule| rule["provider"] == "Stripe"));
    for field in
        ["name", "description", "severity", "confidence", "keywords", "revoke_url", "docs_url"]
    {
        assert!(!rules[0][field].is_null(), "{field}");
    }
}

#[test]
fn a_line_is_told_with_its_verdict() {
    let repo = TestRepo::new();
    let (id, secret) = published_example();
    let hash = random(5, b"0123456789abcdef", 40);
    repo.write(
        "a.py",
        format!(
            "{}{} # leakstop:allow\naws_access_key_id={id}\naws_secret_access_key={secret}\nx = \"{hash}\"\n",
            line(1),
            line(2).trim_end()
        ),
    );
    let verdict = |line: usize| {
        let answer = explained(&repo, &format!("a.py:{line}"));
        let matches = list(&answer, "matches");
        assert_eq!(matches.len(), 1, "{answer:#}");
        (text(&matches[0], "rule_id"), text(&matches[0], "status"), matches[0]["reported"].clone())
    };
    let told = |rule: &str, status: &str, reported| {
        (rule.to_owned(), status.to_owned(), Value::Bool(reported))
    };
    assert_eq!(verdict(1), told("github-pat-classic", "new", true));
    assert_eq!(verdict(2), told("github-pat-classic", "inline", false));
    assert_eq!(verdict(4), told("aws-secret-access-key", "example", false));
    assert_eq!(verdict(5), told("high-entropy-string", "new", false));
    repo.run(["baseline", "create", "-q"]).exits(0);
    assert_eq!(verdict(1), told("github-pat-classic", "baseline", false));
    let human = repo.run(["explain", "a.py:1"]).exits(0);
    assert!(human.out().contains("accepted in the baseline"), "{}", human.out());
    assert!(!human.tells(&github(1)));
}

#[test]
fn what_stopped_a_keyword_is_told() {
    let repo = TestRepo::plain();
    let wrong = |token: String| {
        let last = if token.ends_with('0') { "1" } else { "0" };
        format!("{}{last}", &token[..token.len() - 1])
    };
    repo.write(
        "a.py",
        format!(
            "x = \"{}\"\nx = \"z{}\"\nx = \"{}\"\npassword = {}\nnothing\npassword = \"changeme\"\n",
            wrong(github(1)),
            github(2),
            ["ghp", "_short"].concat(),
            "password_field",
        ),
    );
    repo.write("b.lock", format!("password = \"{}\"\n", password(1)));
    let at = |place: &str, rule: &str| stops(&explained(&repo, place), rule);
    let of = |line: usize, rule: &str| at(&format!("a.py:{line}"), rule);
    assert_eq!(of(1, "github-pat-classic"), ["check"]);
    assert_eq!(of(2, "github-pat-classic"), ["edge"]);
    assert_eq!(of(3, "github-pat-classic"), ["form"]);
    // A name, not a value; and nothing is given to that name.
    assert_eq!(of(4, "generic-password"), ["score", "unlike"]);
    // Checksums look random.
    assert_eq!(at("b.lock:1", "generic-password"), ["kind"]);
    assert_eq!(of(6, "generic-password"), ["placeholder"]);
    let none = repo.run(["explain", "a.py:5"]).exits(0).out();
    assert!(none.contains("no keyword"), "{none}");
    let human = repo.run(["explain", "a.py:1"]).exits(0);
    assert!(human.out().contains("CRC-32"), "{}", human.out());
    assert!(!human.tells(&wrong(github(1))));
}

#[test]
fn what_is_known_of_a_generic_credential_is_told() {
    let repo = TestRepo::plain();
    let secret = password(3);
    repo.write("a.py", format!("db_password = \"{secret}\"\npassword = password_field\n"));
    let phrases = |object: &Value| -> Vec<String> {
        let judged = list(object, "judged");
        judged.iter().map(|phrase| phrase.as_str().expect("a phrase").to_owned()).collect()
    };
    let found = phrases(&list(&explained(&repo, "a.py:1"), "matches")[0]);
    let bytes = format!("{} bytes", secret.len());
    for part in ["db_password means a password", "quoted", &bytes, "no placeholder"] {
        assert!(found.iter().any(|phrase| phrase == part), "{part}: {found:?}");
    }
    let limit = format!("likely from {OPERATING_POINT} on");
    assert!(found.iter().any(|phrase| phrase.contains(&limit)), "{found:?}");
    let dropped = list(&explained(&repo, "a.py:2"), "attempts");
    let dropped: Vec<String> = dropped.iter().flat_map(phrases).collect();
    assert!(dropped.iter().any(|phrase| phrase == "bare"), "{dropped:?}");
    assert!(dropped.iter().any(|phrase| phrase.starts_with("score 0.0")), "{dropped:?}");
    let human = repo.run(["explain", "a.py:1"]).exits(0);
    assert!(human.out().contains("judged   db_password means a password; quoted"));
    assert!(!human.tells(&secret));
}

#[test]
fn encoded_lines_are_looked_into() {
    let repo = TestRepo::plain();
    let encoded = data_encoding::BASE64.encode(line(1).as_bytes());
    repo.write("a.yaml", format!("# nothing\ndata: {encoded}\n"));
    let answer = explained(&repo, "a.yaml:2");
    let matches = list(&answer, "matches");
    assert_eq!(matches.len(), 1, "{answer:#}");
    assert_eq!(matches[0]["decoded"][0], "base64");
}

#[test]
fn a_place_is_taken_as_reports_name_it_or_as_seen_from_here() {
    let repo = TestRepo::new();
    repo.write("src/a.py", line(1));
    for command in ["explain", "incident"] {
        for place in ["src/a.py:1", "a.py:1"] {
            let told =
                repo.leakstop([command, place]).within(repo.path("src")).run().exits(0).out();
            assert!(told.contains("GitHub personal access token"), "{command} {place}: {told}");
        }
    }
}
