//! What counts as a finding: confidence, chosen rules, `.leakstop.toml`, comments, published dummies.

use crate::support::secrets::{aws, github, line, password, published_example, random, slack};
use crate::support::{Ran, TestRepo, text};

/// A folder with one file `f`.
fn folder(content: &str) -> TestRepo {
    let repo = TestRepo::plain();
    repo.write("f", content);
    repo
}

fn rules(ran: &Ran) -> Vec<String> {
    ran.findings().iter().map(|finding| text(finding, "rule_id")).collect()
}

/// A setting is refused with one line that names the file and what is wrong.
#[track_caller]
fn is_refused(settings: &str, told: &str) {
    let repo = folder(&line(1));
    repo.write(".leakstop.toml", settings);
    let ran = repo.json(&["scan"]).exits(2);
    assert!(ran.stdout.is_empty());
    assert!(ran.err().contains(told), "{told}: {}", ran.err());
}

#[test]
fn vendors_and_generic_credentials_are_told_apart() {
    let (id, secret) = aws(1);
    let repo = folder(&format!(
        "password = \"{}\"\nslack: {}\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n{}",
        password(1),
        slack(2),
        line(3),
    ));
    let found = repo.json(&["scan"]).exits(1);
    let expected =
        ["generic-password", "slack-bot-token", "aws-secret-access-key", "github-pat-classic"];
    assert_eq!(rules(&found), expected);
    let lines: Vec<u64> =
        found.findings().iter().map(|f| f["start_line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 2, 4, 5]);
}

#[test]
fn confidence_is_a_threshold() {
    let (id, _) = aws(1);
    let hash = random(5, b"0123456789abcdef", 40);
    let repo = folder(&format!("{}slack = {}\nx = \"{hash}\"\nkey {id}\n", line(1), slack(2)));
    let found = |level| rules(&repo.json(&["scan", "--min-confidence", level]).exits(1));
    assert_eq!(found("certain"), ["github-pat-classic"]);
    assert_eq!(found("likely"), ["github-pat-classic", "slack-bot-token"]);
    let possible = found("possible");
    assert_eq!(possible.len(), 4, "{possible:?}");
    repo.write(".leakstop.toml", "min_confidence = \"certain\"\n");
    assert_eq!(rules(&repo.json(&["scan"]).exits(1)), ["github-pat-classic"]);
    // The command line wins.
    assert_eq!(found("likely").len(), 2);
}

#[test]
fn chosen_rules_are_the_only_ones() {
    let repo = folder(&format!("{}slack = {}\n", line(1), slack(2)));
    let found = |chosen| rules(&repo.json(&["scan", "--rules", chosen]).exits(1));
    assert_eq!(found("slack-bot-token"), ["slack-bot-token"]);
    assert_eq!(found("slack-bot-token,github-pat-classic").len(), 2);
    let wrong = repo.json(&["scan", "--rules", "no-such-rule"]).exits(2);
    assert!(wrong.err().contains("no-such-rule"), "{}", wrong.err());
}

#[test]
fn placeholders_are_silent() {
    let token = ["ghp", "_", &"x".repeat(36)].concat();
    let repo = folder(&format!(
        "password = \"changeme\"\nTOKEN=${{TOKEN}}\ntoken: {{{{ .Values.token }}}}\napi_key = \"<YOUR_KEY>\"\n\
         secret = \"your-32-char-secret-here\"\nconst password = process.env.PASSWORD\ngithub = \"{token}\"\n",
    ));
    let ran = repo.json(&["scan", "--show-suppressed"]).exits(0);
    assert_eq!(rules(&ran), Vec::<String>::new());
}

#[test]
fn published_dummies_are_counted() {
    let (id, secret) = published_example();
    let repo = folder(&format!("aws_access_key_id={id}\naws_secret_access_key={secret}\n"));
    let ran = repo.json(&["scan"]).exits(0);
    assert_eq!(ran.suppressed("example"), 1);
    let shown = repo.json(&["scan", "--show-suppressed"]).exits(0).findings();
    assert_eq!(text(&shown[0], "status"), "example");
    let human = repo.run(["scan"]).exits(0).out();
    assert!(human.contains("1 published example"), "{human}");
}

#[test]
fn comments_of_every_scanner_allow() {
    let own = |comment: &str| format!("token = \"{}\" # {comment}\n", github(1));
    let above = |comment: &str| format!("# {comment}\n{}", line(1));
    for content in [
        own("leakstop:allow"),
        own("leakstop:allow github-pat-classic used in tests"),
        own("gitleaks:allow"),
        own("betterleaks:allow"),
        own("kingfisher:ignore"),
        above("kingfisher:ignore"),
        own("trufflehog:ignore"),
        own("pragma: allowlist secret"),
        own("pragma: whitelist secret"),
        above("pragma: allowlist nextline secret"),
        own("secretlint-disable-line"),
        above("secretlint-disable-next-line"),
        own("ggignore"),
    ] {
        let repo = folder(&content);
        let ran = repo.json(&["scan"]).exits(0);
        assert_eq!(ran.suppressed("inline"), 1, "{content}");
        let shown = repo.json(&["scan", "--show-suppressed"]).exits(0).findings();
        assert_eq!(text(&shown[0], "status"), "inline");
    }
    for content in [
        own("leakstop:allow slack-bot-token"),
        above("leakstop:allow"),
        above("gitleaks:allow"),
        above("pragma: allowlist secret"),
        own("pragma: allowlist nextline secret"),
    ] {
        let ran = folder(&content).json(&["scan"]).exits(1);
        assert_eq!(ran.suppressed("inline"), 0, "{content}");
    }
}

#[test]
fn a_comment_allows_its_own_line_only() {
    let repo = folder(&format!("{}# leakstop:allow\n{}", line(1), line(2)));
    assert_eq!(repo.json(&["scan"]).exits(1).findings().len(), 2);
    // The same value with and without a comment: the one without is reported.
    let repo = folder(&format!("{} # leakstop:allow\n{}", line(1).trim_end(), line(1)));
    let ran = repo.json(&["scan"]).exits(1);
    assert_eq!(ran.places(), ["f:2 github-pat-classic"]);
    assert_eq!(ran.suppressed("inline"), 1);
}

#[test]
fn rules_can_be_switched_off() {
    let repo = folder(&format!("{}slack = {}\n", line(1), slack(2)));
    repo.write(".leakstop.toml", "disable = [\"github-pat-classic\"]\n");
    // Another rule may still see a token there, but not by that name.
    assert!(!rules(&repo.json(&["scan"]).exits(1)).contains(&"github-pat-classic".to_owned()));
    let all = repo.json(&["scan", "--no-repo-config"]).exits(1);
    assert_eq!(rules(&all), ["github-pat-classic", "slack-bot-token"]);
    is_refused("disable = [\"no-such-rule\"]\n", "no-such-rule");
}

#[test]
fn exceptions_are_counted() {
    let repo = folder(&line(1));
    repo.write("vendor/g", line(2));
    repo.write("h", format!("slack = {}\n", slack(3)));
    let scan = |allow: &str| {
        repo.write(".leakstop.toml", format!("[[allow]]\nreason = \"test\"\n{allow}\n"));
        let ran = repo.json(&["scan"]).exits(1);
        (ran.paths(), ran.suppressed("config"))
    };
    let owned = |paths: &[&str]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(scan("paths = [\"vendor/**\"]"), (owned(&["f", "h"]), 1));
    assert_eq!(scan("rules = [\"github-pat-classic\"]"), (owned(&["h"]), 2));
    assert_eq!(scan("values = ['^xox']"), (owned(&["f", "vendor/g"]), 1));
    assert_eq!(scan("paths = [\"f\"]\nvalues = ['^xox']"), (owned(&["f", "h", "vendor/g"]), 0));
}

#[test]
fn exclusions_may_be_written_down() {
    let repo = folder(&line(1));
    repo.write("vendor/g", line(2));
    repo.write(".leakstop.toml", "exclude = [\"vendor/**\"]\n");
    assert_eq!(repo.json(&["scan"]).exits(1).paths(), ["f"]);
    assert_eq!(repo.json(&["scan", "--exclude", "f"]).exits(0).paths(), Vec::<String>::new());
}

#[test]
fn own_rules_are_added() {
    let repo = folder("internal: acme-0123-4567-89ab\n");
    repo.json(&["scan"]).exits(0);
    let rule = "[[rule]]\nid = \"acme-token\"\nname = \"Acme token\"\ndescription = \"Opens the lab.\"\n\
        keywords = [\"acme-\"]\npattern = '(?<secret>acme-(?:[0-9a-f]{4}-){2}[0-9a-f]{4})'\n\
        match = [[\"acme-\", \"0123-4567-89ab\"]]\nno_match = [[\"acme-\", \"0123\"]]\n";
    repo.write(".leakstop.toml", rule);
    let found = repo.json(&["scan"]).exits(1);
    assert_eq!(found.places(), ["f:1 acme-token"]);
    assert_eq!(text(&found.findings()[0], "rule_name"), "Acme token");
    repo.write("elsewhere.toml", rule);
    repo.remove(".leakstop.toml");
    let named = repo.json(&["scan", "--config", "elsewhere.toml", "--rules", "acme-token", "f"]);
    assert_eq!(named.exits(1).places(), ["f:1 acme-token"]);
    is_refused(&rule.replace("{4}-", "{4-"), "acme-token");
}

#[test]
fn wrong_settings_are_refused() {
    is_refused("exlude = []\n", "exlude");
    is_refused("exclude = [\n", ".leakstop.toml");
    is_refused("exclude = [\"a[\"]\n", "a[");
    is_refused("min_confidence = \"sure\"\n", "sure");
    is_refused("[[allow]]\npaths = [\"a\"]\n", "reason");
    is_refused("[[allow]]\nreason = \"all of it\"\n", "all of it");
    is_refused("[[allow]]\nreason = \"x\"\nrules = [\"generic-pasword\"]\n", "generic-password");
    is_refused("[[allow]]\nreason = \"broken\"\nvalues = [\"(\"]\n", "broken");
    is_refused("[[rule]]\nid = \"x\"\n", "name");
}

#[test]
fn settings_are_read_from_the_top_of_the_repository() {
    let repo = TestRepo::new();
    repo.write(".leakstop.toml", "exclude = [\"dir/f\"]\n");
    repo.write("dir/f", line(1));
    repo.write("dir/.leakstop.toml", "this = \"is not read\"\n");
    repo.json(&["scan", "dir"]).exits(0);
    repo.leakstop(["scan"]).within(repo.path("dir")).run().exits(0);
    repo.json(&["scan", "--no-repo-config", "dir"]).exits(1);
    let missing = repo.json(&["scan", "--config", "missing.toml"]).exits(2);
    assert!(missing.err().contains("missing.toml"), "{}", missing.err());
}

#[test]
fn no_rules_are_an_error() {
    // Whatever way leads there: a scan without rules finds nothing in anything.
    let repo = folder(&line(1));
    repo.write(".leakstop.toml", "disable = [\"github-pat-classic\"]\n");
    let ran = repo.json(&["scan", "--rules", "github-pat-classic"]);
    assert_eq!(ran.code, 2, "{}{}", ran.out(), ran.err());
}

#[test]
fn the_configuration_may_not_be_a_folder() {
    let repo = folder(&line(1));
    repo.write(".leakstop.toml/f", "");
    let ran = repo.json(&["scan"]).exits(2);
    assert!(ran.err().contains(".leakstop.toml"), "{}", ran.err());
}

#[test]
fn paths_may_be_regexes() {
    let repo = TestRepo::plain();
    for (seed, path) in
        ["a/x.min.js", "third_party/y", "src/z"].iter().zip(1..).map(|(p, n)| (n, p))
    {
        repo.write(path, line(seed));
    }
    repo.write(".leakstop.toml", "exclude = ['re:^third[-_]party/']\n[[allow]]\npaths = ['re:\\.MIN\\.js$', 're:(?i)\\.min\\.js$']\nreason = \"built\"\n");
    let ran = repo.json(&["scan"]).exits(1);
    assert_eq!(ran.paths(), ["src/z"]);
    assert_eq!(ran.suppressed("config"), 1);
    is_refused("exclude = ['re:a(']\n", "exclude re:a(: ");
}

#[test]
fn lines_and_commits_are_exceptions() {
    let repo = TestRepo::new();
    repo.write("f", format!("{}# EXAMPLE {}", line(1), line(2)));
    repo.write(".leakstop.toml", "[[allow]]\nlines = [\"^# EXAMPLE\"]\nreason = \"marked\"\n");
    let ran = repo.json(&["scan"]).exits(1);
    assert_eq!(
        (ran.places(), ran.suppressed("config")),
        (vec!["f:1 github-pat-classic".to_owned()], 1)
    );
    repo.git(["add", "."]);
    assert_eq!(repo.json(&["staged"]).exits(1).suppressed("config"), 1);
    repo.commit("both");
    assert_eq!(repo.json(&["history"]).exits(1).suppressed("config"), 1);

    let id = repo.git(["rev-parse", "HEAD"]);
    let id = id.trim().to_uppercase();
    repo.write(
        ".leakstop.toml",
        format!("[[allow]]\ncommits = [\"{id}\"]\nreason = \"revoked\"\n"),
    );
    for scan in [&["history"][..], &["history", "HEAD"]] {
        assert_eq!(repo.json(scan).exits(0).suppressed("config"), 2);
    }
    repo.json(&["scan"]).exits(1);
    is_refused("[[allow]]\ncommits = [\"abc\"]\nreason = \"x\"\n", "abc is no full commit id");
}

/// A rule that counts only where a user stands near, and the rule of the user.
const NEAR: &str = r#"
[[rule]]
id = "acme-token"
name = "ACME token"
description = "Opens ACME."
keywords = ["acme-"]
pattern = 'acme-(?<secret>[0-9]{9})'
edge = "none"
near = [{ rule = "acme-user", lines = 2 }]

[[rule]]
id = "acme-user"
name = "ACME user"
description = "Names a user."
keywords = ["acmeuser="]
pattern = 'acmeuser=(?<secret>[a-z]{4})'
lone = false
"#;

#[test]
fn a_rule_may_ask_for_another_near_by() {
    let repo = TestRepo::new();
    repo.write(".leakstop.toml", NEAR);
    let token = |seed| format!("acme-{}\n", random(seed, b"0123456789", 9));
    repo.stage("f", format!("acmeuser=jane\n\n{}{}", token(1), token(2)));
    repo.stage("g", token(3));
    repo.stage("h", "acmeuser=joan\n");
    let ran = repo.json(&["scan"]).exits(1);
    assert_eq!(ran.places(), ["f:3 acme-token"]);
    assert_eq!(repo.json(&["staged"]).exits(1).places(), ["f:3 acme-token"]);
    repo.commit("all");
    assert_eq!(repo.json(&["history"]).exits(1).places(), ["f:3 acme-token"]);
    // A user who was there before is enough.
    repo.stage("h", format!("acmeuser=joan\n{}", token(4)));
    assert_eq!(repo.json(&["staged"]).exits(1).places(), ["h:2 acme-token"]);
    is_refused(
        &NEAR.replace("\"acme-user\", lines", "\"acme-usr\", lines"),
        "no rule acme-usr, but acme-user",
    );
}

#[test]
fn columns_count_too() {
    let repo = folder(&format!("acmeuser=jane    acme-{}\n", random(1, b"0123456789", 9)));
    for (columns, code) in [(13, 1), (12, 0)] {
        let near = format!("lines = 0, columns = {columns}");
        repo.write(".leakstop.toml", NEAR.replace("lines = 2", &near));
        repo.json(&["scan"]).exits(code);
    }
}

#[test]
fn wrong_settings_name_their_file() {
    let repo = folder("");
    for (wrong, told) in [
        ("disable = [\"github-pat\"]", "there is no rule github-pat"),
        ("exclude = [\"a[\"]", "exclude a["),
        ("[[allow]]\nreason = \"x\"", "allow \"x\""),
    ] {
        repo.write(".leakstop.toml", wrong);
        let err = repo.run(["scan"]).exits(2).err();
        assert!(err.contains(".leakstop.toml: ") && err.contains(told), "{err}");
    }
    repo.write(".leakstop.toml", "");
    repo.run(["scan", "--rules", "github-pat-classic, slack-bot-token"]).exits(0);
    let err = repo.run(["scan", "--rules", "github-pat"]).exits(2).err();
    assert!(!err.contains(".leakstop.toml"), "{err}");
}
