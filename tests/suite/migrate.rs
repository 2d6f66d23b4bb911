//! `leakstop migrate`: what was set up for other scanners, taken over.
//!
//! In: files of other scanners, made here or by those scanners themselves: the programs in the folder that
//! `LEAKSTOP_TEST_PEERS` names, or on `PATH`. Out: a failure where the two find different things afterwards.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::secrets::{github, line, password, random};
use crate::support::{Ran, TestRepo, peer};

fn token(prefix: &str, seed: u64) -> String {
    format!("{prefix}{}", random(seed, b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 8))
}

fn migrate(repo: &TestRepo) -> Ran {
    repo.run(["migrate"])
}

/// Every key that gitleaks has.
const GITLEAKS: &str = r#"
title = "our settings"
minVersion = "v8.25.0"

[extend]
useDefault = true
disabledRules = ["generic-api-key", "no-such-rule"]

[[rules]]
id = "my_tok"
description = "Token of ours"
regex = '''tok = (ABCD)-([A-Z0-9]{8})'''
secretGroup = 2
entropy = 1.5
keywords = ["abcd"]
tags = ["ours"]
  [[rules.required]]
  id = "my-user"
  withinLines = 2
  [[rules.allowlists]]
  regexTarget = "line"
  regexes = ['''^#''']

[[rules]]
id = "my-user"
regex = '''(?i)user = (\w+)'''
skipReport = true

[[rules]]
id = "only-path"
path = '''\.p12$'''

[[rules]]
id = "in-terraform"
path = '''(?i)\.tf$'''
regex = '''zeta[0-9]{9}'''

[[rules]]
id = "no-word"
regex = '''[a-z]{3}[0-9]{32}'''

[[rules]]
id = "looks-ahead"
regex = '''abcd(?=x)'''

[[allowlists]]
description = "generated"
paths = ['''^gen/''']

[[allowlists]]
targetRules = ["my_tok"]
stopwords = ["example"]

[[allowlists]]
condition = "AND"
paths = ['''^docs/''']
regexes = ['''7$''']
"#;

#[test]
fn settings_of_gitleaks_find_the_same_here() {
    let repo = TestRepo::new();
    repo.write(".gitleaks.toml", GITLEAKS);
    let told = migrate(&repo).exits(2).out();
    for what in [
        "3 rules, 4 exceptions, 3 disabled rules",
        "line 7: not carried over: disabledRules: no rule here is like no-such-rule",
        "rule only-path: reports files by their name alone",
        "rule no-word: no word of three letters",
        "rule looks-ahead: look-around",
    ] {
        assert!(told.contains(what), "{what}: {told}");
    }
    let tok = |seed| token("tok = ABCD-", seed);
    repo.write("a", format!("x\nuser = svc\n{}\n# {}\ntok = ABCD-EXAMPLE8\n", tok(1), tok(2)));
    repo.write("b", tok(3));
    repo.write("gen/c", format!("user = svc\n{}\n", tok(4)));
    repo.write("docs/d", format!("user = svc\n{}7\n{}8\n", &tok(5)[..18], &tok(6)[..18]));
    let zeta = ["zeta", &random(1, b"0123456789", 9)].concat();
    repo.write("main.TF", &zeta);
    repo.write("main.txt", &zeta);
    repo.write("generic.py", format!("password = \"{}\"\n", password(1)));
    let found = repo.json(&["scan"]).exits(1);
    assert_eq!(found.places(), ["a:3 my-tok", "docs/d:3 my-tok", "main.TF:1 in-terraform"]);
    // It is never written over.
    let again = migrate(&repo).exits(2);
    assert!(again.err().contains("there is one already"), "{}", again.err());
}

#[test]
fn a_dry_run_writes_nothing() {
    let repo = TestRepo::new();
    repo.write(".gitleaks.toml", "[allowlist]\npaths = ['x']\n");
    let ran = repo.run(["migrate", "--dry-run"]).exits(0);
    assert!(ran.out().contains("re:x") && !repo.path(".leakstop.toml").exists());
    repo.run(["migrate", "--output", "other.toml"]).exits(0);
    assert!(repo.read("other.toml").contains("re:x"));
    assert!(TestRepo::new().run(["migrate"]).exits(0).out().contains("Nothing of another scanner"));
}

#[test]
fn extended_files_are_read_and_broken_ones_named() {
    let repo = TestRepo::new();
    let rule = "[[rules]]\nid = \"r\"\nregex = 'zeta[0-9]{9}'\n";
    repo.write("base.toml", rule);
    repo.write(".gitleaks.toml", "[extend]\npath = \"base.toml\"\n");
    assert!(migrate(&repo).exits(0).out().contains("1 rule"));
    repo.remove(".leakstop.toml");
    repo.write("base.toml", format!("[extend]\npath = \"base.toml\"\n{rule}"));
    let told = migrate(&repo).exits(2).out();
    assert!(told.contains("base.toml: line 2: not carried over: extend.path"), "{told}");
    repo.remove(".leakstop.toml");
    // The rest is converted all the same.
    repo.write(".gitleaks.toml", format!("{rule}\n[[rules]\n"));
    repo.write(".secretsignore", "vendor/\n");
    let told = migrate(&repo).exits(2).out();
    assert!(told.contains(".gitleaks.toml: line 5: not carried over"), "{told}");
    assert!(repo.read(".leakstop.toml").contains("**/vendor/**"));
}

#[test]
fn ignored_places_and_values_are_accepted() {
    let repo = TestRepo::new();
    repo.write("a.txt", format!("{}{}", line(1), line(2)));
    repo.write("b.txt", format!("x\n{}", line(3)));
    repo.write("c.txt", line(4));
    repo.commit("all");
    repo.write("d.txt", line(5));
    repo.remove("c.txt");
    repo.commit("c goes");
    let first = repo.git(["rev-parse", "HEAD~1"]);
    let hash = Sha256::digest(github(3).as_bytes());
    let hash = data_encoding::HEXLOWER.encode(&hash);
    repo.write(
        ".gitleaksignore",
        format!(
            "# known\na.txt:github-pat:1\n{}:c.txt:github-pat:1\na.txt:github-pat:99\nnonsense\n",
            first.trim()
        ),
    );
    repo.write(".betterleaksignore", format!("{hash}\n"));
    repo.write(".secretsignore", format!("[secrets]\n{}\n", github(5)));
    let told = migrate(&repo).exits(2).out();
    assert!(told.contains("line 4: a.txt:99: nothing is found there"), "{told}");
    assert!(told.contains("line 5: not carried over: no FILE:RULE:LINE"), "{told}");
    assert!(told.contains(".secrets.baseline: 4 of 5 accepted finds"), "{told}");
    assert!([1, 2, 3, 4, 5].iter().all(|&seed| !told.contains(&github(seed))));
    assert_eq!(
        repo.json(&["scan", "--exclude", ".secretsignore"]).exits(1).places(),
        ["a.txt:2 github-pat-classic"]
    );
    let history = repo.json(&["history"]).exits(1);
    assert_eq!(history.places(), ["a.txt:2 github-pat-classic"]);
    assert!(repo.read(".secrets.baseline").contains("from .gitleaksignore"));
}

#[test]
fn reports_that_served_as_baselines_do_so_here() {
    let repo = TestRepo::new();
    repo.write("a.txt", format!("{}{}{}", line(1), line(2), line(3)));
    let find = |secret: &str, line: u64| json!({"RuleID": "github-pat", "File": "a.txt", "StartLine": line, "EndLine": line, "Secret": secret, "Match": secret, "Commit": ""});
    let report = json!([find(&github(1), 77), find("REDACTED", 2)]);
    repo.write("gitleaks-baseline.json", report.to_string());
    let told = migrate(&repo).exits(0).out();
    assert!(told.contains("2 of 2 accepted finds"), "{told}");
    let left = repo.json(&["scan", "--exclude", "*.json"]).exits(1);
    assert_eq!(left.places(), ["a.txt:3 github-pat-classic"]);
    repo.write("kingfisher-baseline.yaml", "version: 2\nfingerprint_algorithm: kingfisher-v1\nrepositories:\n- id: x\n  findings:\n  - path: a.txt\n    fingerprint: '17'\n    rule_id: r\n    line: 3\n");
    migrate(&repo).exits(0);
    repo.json(&["scan", "--exclude", "*.json"]).exits(0);
    repo.write("gitleaks-baseline.json", "[{\"RuleID\": \"x\", ");
    let told = migrate(&repo).exits(2).out();
    assert!(told.contains("gitleaks-baseline.json: line 1: not carried over"), "{told}");
}

#[test]
fn rules_of_kingfisher_become_ours() {
    let repo = TestRepo::new();
    let example = token("zeta_", 9);
    repo.write(
        "kingfisher-rules.yml",
        format!("rules:\n- name: Zeta\n  id: kingfisher.zeta.1\n  pattern: |\n    (?x)\n    \\b\n    (?P<TOKEN> zeta_[A-Z0-9]{{8}} )  # the token\n  min_entropy: 1.0\n  examples:\n  - {example}\n  depends_on_rule: []\n"),
    );
    let told = migrate(&repo).exits(2).out();
    assert!(
        told.contains("line 11: not carried over: rule kingfisher.zeta.1: depends_on_rule"),
        "{told}"
    );
    let settings = repo.read(".leakstop.toml");
    assert!(settings.contains("kingfisher-zeta-1") && !settings.contains(&example));
    repo.write("a", token("zeta_", 1));
    let found = repo.json(&["scan", "--exclude", "*.yml"]).exits(1);
    assert_eq!(found.places(), ["a:1 kingfisher-zeta-1"]);
}

#[test]
fn hooks_of_others_are_replaced() {
    let repo = TestRepo::new();
    let config = "repos:\n- repo: https://example.com/gitleaks/gitleaks\n  rev: v8\n  hooks:\n  - id: gitleaks\n- repo: meta\n  hooks:\n  - id: identity\n";
    repo.write(".pre-commit-config.yaml", config);
    repo.run(["migrate", "-n"]).exits(0);
    assert_eq!(repo.read(".pre-commit-config.yaml"), config);
    let told = migrate(&repo).exits(0).out();
    assert!(told.contains("line 2: leakstop's hook instead of"), "{told}");
    let config = repo.read(".pre-commit-config.yaml");
    assert!(config.contains("entry: leakstop hook pre-commit") && !config.contains("gitleaks"));
    assert!(config.ends_with("- repo: meta\n  hooks:\n  - id: identity\n"));
}

/// The two files that both sides look at.
fn shared() -> TestRepo {
    let repo = TestRepo::new();
    repo.write("one.py", format!("{}{}", line(1), line(2)));
    repo.write("sub/two.txt", format!("key\n{}", line(3)));
    repo
}

#[test]
fn betterleaks_and_leakstop_agree_on_what_it_reported() {
    let Some(betterleaks) = peer("betterleaks") else { return };
    let repo = shared();
    let told = repo.program(&betterleaks).args(["fs", ".", "-o", "betterleaks.json"]).run();
    let report: Value = serde_json::from_str(&repo.read("betterleaks.json")).expect("JSON");
    let finds = report["findings"].as_array().expect("findings").len();
    assert_eq!(finds, 3, "{} {}", told.out(), told.err());
    migrate(&repo).exits(0);
    repo.json(&["scan", "--exclude", "betterleaks.json"]).exits(0);

    // Its ignore file: the values' hashes.
    let repo = shared();
    let hashes = report["findings"].as_array().expect("findings").iter();
    let hashes: Vec<&str> =
        hashes.map(|find| find["match"]["fingerprint"].as_str().expect("a hash")).collect();
    repo.write(".betterleaksignore", hashes.join("\n"));
    migrate(&repo).exits(0);
    repo.json(&["scan"]).exits(0);
}

#[test]
fn detect_secrets_and_leakstop_agree_on_its_baseline() {
    let Some(detect_secrets) = peer("detect-secrets") else { return };
    let repo = shared();
    let ran = repo.program(&detect_secrets).args(["scan", "--all-files"]).run().exits(0);
    repo.write(".secrets.baseline", &ran.stdout);
    let told = migrate(&repo).exits(0).out();
    assert!(told.contains("honoured as it is"), "{told}");
    repo.json(&["scan"]).exits(0);
    repo.write("new.py", line(4));
    assert_eq!(repo.json(&["scan"]).exits(1).paths(), ["new.py"]);
}

#[test]
fn exceptions_name_rules_of_files_that_are_extended() {
    let repo = TestRepo::new();
    let rule = |id: &str, word: &str| {
        format!(
            "[[rules]]\nid = \"{id}\"\nregex = '''({word}_[A-Z0-9]{{8}})'''\nkeywords = [\"{word}\"]\n"
        )
    };
    repo.write("base.toml", rule("base-tok", "basetok"));
    let list = "[extend]\npath = \"base.toml\"\n[[allowlists]]\n\
                targetRules = [\"acme-tok\", \"base-tok\", \"nonsense\"]\nregexes = ['''^[a-z]+_AAAA''']\n";
    repo.write(".gitleaks.toml", format!("{list}{}", rule("acme-tok", "acmetok")));
    let told = migrate(&repo).out();
    let settings = repo.read(".leakstop.toml");
    let parsed: toml::Table = settings.parse().expect("TOML");
    let rules = &parsed["allow"][0]["rules"];
    let names: Vec<&str> =
        rules.as_array().expect("a list").iter().filter_map(|r| r.as_str()).collect();
    assert_eq!(names, ["acme-tok", "base-tok"], "{settings}");
    assert!(told.contains("nonsense"), "{told}");
}
