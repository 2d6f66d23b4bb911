//! One sample report in every format: snapshots, and the documented keys of the JSON form.

use std::collections::BTreeSet;
use std::sync::Arc;

use leakstop::detect::evidence::Evidence;
use leakstop::detect::rules::{RuleSet, Selection};
use leakstop::detect::spec::{Confidence, RuleFile};
use leakstop::report::{Detail, Document, Format, Mode, Receipt, Report, Secrets, Style};
use leakstop::source::attribution::Fate;
use leakstop::source::{CommitFacts, Kind, Object, ObjectId, SkipReason, Skipped};
use leakstop::text::{Position, Secret};
use leakstop::verdict::finding::{Finding, Moved, Partner, Place, Reason, Verdict};
use leakstop::verdict::fingerprint::Fingerprint;
use serde_json::Value;

/// The rules that the sample's findings name: its own, so that no change of the built-in ones changes a snapshot.
const RULES: &str = r#"
[provider]
name = "Acme & Söhne"
revoke_url = "https://acme.example/tokens?page=1&sort=new"

[[rule]]
id = "acme-token"
name = "Acme <token>"
description = "Opens the lab, \"the\" archive | and the gate."
severity = "critical"
keywords = ["acme-"]
pattern = '(?<secret>acme-[0-9a-f]{32})'
docs_url = "https://acme.example/docs"

[[rule]]
id = "acme-password"
name = "Acme password"
description = "Opens an account."
keywords = ["acmepass"]
pattern = 'acmepass=(?<secret>[0-9a-z]{8,40})'
confidence = "possible"
"#;

pub(crate) fn rules() -> RuleSet {
    let file: RuleFile = toml::from_str(RULES).expect("the sample's own rules");
    let mut added = file.rules;
    for rule in &mut added {
        rule.revoke_url = rule.revoke_url.take().or(file.provider.revoke_url.clone());
    }
    let only = added.iter().map(|rule| rule.id.clone()).collect();
    RuleSet::new(&Selection { only, added, ..Selection::default() }).expect("good rules")
}

pub(crate) fn secrets() -> [String; 2] {
    [["acme", "-", &"0123456789abcdef".repeat(2)].concat(), "hunter2hunter2".to_owned()]
}

fn at(line: usize, from: usize, to: usize) -> Place {
    Place {
        start: Position { line, column: from },
        end: Position { line, column: to },
        ..Place::default()
    }
}

fn commit(number: u8, summary: &str) -> Arc<CommitFacts> {
    Arc::new(CommitFacts {
        committed: i64::from(number),
        seconds: i64::from(number),
        id: ObjectId::new(&[number; 20]),
        author: "Zoë <zoe@acme.example>".into(),
        date: "2026-01-02T03:04:05+01:00".into(),
        summary: summary.into(),
    })
}

fn finding(rule: u16, id: &str, secret: &str, place: Place) -> Finding {
    let secret = Secret::new(secret.as_bytes());
    let path = place.path.as_deref().map(|path| &path[..]);
    Finding {
        fingerprint: Fingerprint::of(id, &secret, path),
        rule,
        secret,
        confidence: Confidence::Certain,
        score: 0.99,
        evidence: vec![Evidence::Checksum, Evidence::Keyword("token".into())],
        verdict: Verdict::Open,
        note: None,
        label: None,
        moved: None,
        place,
        occurrences: Vec::new(),
        lines: Secret::new(b""),
    }
}

fn findings() -> Vec<Finding> {
    let [token, password] = secrets();
    let object = |number| Some(Object { id: ObjectId::new(&[number; 20]), kind: Kind::Blob });
    let partner = Partner {
        rule: 1,
        value: "lab-\u{1b}[31m42".into(),
        facts: vec!["account:42".into()],
        start: Position { line: 2, column: 5 },
        end: Position { line: 2, column: 11 },
        via: vec!["base64"],
    };
    let fate = Fate {
        last: Some(commit(2, "Again")),
        removed: Some(commit(3, "Remove `it`\u{1b}[31m")),
        until: 1 + 9 * 24 * 60 * 60,
    };
    let first = Place {
        partner: Some(Arc::new(partner)),
        path: Some("src/a \"b\" <c>,d|e.py".into()),
        object: object(0x0a),
        commit: Some(commit(1, "Add <b>lab</b> | \"access\", `x`\u{1b}[31m")),
        via: vec!["base64", "hex"],
        in_head: Some(false),
        refs: ["refs/heads/main".into(), "refs/remotes/origin/main".into()].into(),
        fate: Some(Arc::new(fate)),
        ..at(3, 10, 47)
    };
    let again = Place { commit: Some(commit(2, "Again")), ..first.clone() };
    let binary = Place { path: Some(b"dir/\xff\n\x1b[31m".to_vec().into()), ..at(1, 1, 15) };
    let nowhere = Place {
        object: Some(Object { id: ObjectId::new(&[0x0c; 20]), kind: Kind::Commit }),
        in_head: Some(false),
        ..at(7, 2, 16)
    };
    let known = Place { path: Some("known".into()), ..at(9, 1, 15) };
    let mut open = finding(0, "acme-token", &token, first);
    open.occurrences = vec![again];
    open.moved = Some(Moved { name: "LAB_TOKEN".into(), used: true });
    let mut expired = finding(1, "acme-password", &password, binary);
    (expired.verdict, expired.note) = (Verdict::Expired, Some("accepted until 2001".into()));
    (expired.confidence, expired.score) = (Confidence::Possible, 0.4);
    expired.evidence = vec![Evidence::Entropy(2.81), Evidence::Context("assignment".into())];
    let mut message = finding(1, "acme-password", &password, nowhere);
    (message.confidence, message.score) = (Confidence::Likely, 0.9);
    message.evidence = vec![Evidence::Format, Evidence::Fact("account", "17".into())];
    let mut accepted = finding(1, "acme-password", &password, known);
    accepted.verdict = Verdict::Suppressed(Reason::Baseline);
    vec![message, expired, accepted, open]
}

/// What a report is made of.
pub(crate) struct Sample<'r> {
    rules: &'r RuleSet,
    receipt: Receipt,
    findings: Vec<Finding>,
}

impl Sample<'_> {
    /// The report.
    pub(crate) fn report(&self) -> Report<'_> {
        Report { rules: self.rules, receipt: &self.receipt, findings: &self.findings }
    }
}

/// A report with something of everything.
pub(crate) fn sample(rules: &RuleSet) -> Sample<'_> {
    let skip = |what: &[u8], reason, detail: &str| Skipped {
        what: what.to_vec().into(),
        reason,
        detail: detail.into(),
    };
    Sample {
        rules,
        receipt: Receipt {
            mode: Mode::History,
            target: "all objects".into(),
            blobs: 12_345,
            bytes: 6_789_012,
            commits: 321,
            excluded: 0,
            started_at: "2026-01-02T03:04:05Z".into(),
            duration_ms: 1_234,
            skipped: vec![
                skip(b"a <pipe>", SkipReason::Special, "no regular file"),
                skip(b"no\xffpe", SkipReason::Unreadable, "Permission denied (os error 13)"),
            ],
            warnings: vec!["a | warning, \"quoted\"".into()],
        },
        findings: findings(),
    }
}

pub(crate) const PLAIN: Style<'_> = Style {
    secrets: Secrets::Redacted(4),
    detail: Detail::Summary,
    show_suppressed: false,
    width: 100,
    links: None,
};

fn written(sample: &Sample<'_>, format: Format, style: Style<'_>) -> String {
    let mut out = Vec::new();
    let document = Document::new(sample.report(), style);
    format.write(&document, style, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("reports are text")
}

#[test]
fn every_format_is_as_it_was() {
    let rules = rules();
    let report = sample(&rules);
    for &format in Format::ALL {
        // What changes with every release is no news.
        let text = written(&report, format, PLAIN)
            .replace(&rules.digest(), "RULES")
            .replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(format.name(), text);
    }
}

#[test]
fn a_clean_report_is_as_it_was() {
    let rules = rules();
    let mut report = sample(&rules);
    report.findings.clear();
    report.receipt.skipped.clear();
    report.receipt.warnings.clear();
    for &format in Format::ALL {
        let text = written(&report, format, PLAIN)
            .replace(&rules.digest(), "RULES")
            .replace(env!("CARGO_PKG_VERSION"), "VERSION");
        insta::assert_snapshot!(format!("{}-clean", format.name()), text);
    }
}

#[test]
fn no_format_shows_a_secret_unless_asked() {
    let rules = rules();
    let report = sample(&rules);
    for &format in Format::ALL {
        let most = Style {
            secrets: Secrets::Redacted(99),
            detail: Detail::Everything,
            show_suppressed: true,
            ..PLAIN
        };
        for style in [PLAIN, most] {
            let text = written(&report, format, style);
            for secret in secrets() {
                let tail = &secret[secret.len() / 2..];
                assert!(!text.contains(tail), "{}: {text}", format.name());
            }
        }
        let shown = written(&report, format, Style { secrets: Secrets::Shown, ..PLAIN });
        assert_eq!(shown.contains(&secrets()[0]), format.reveals(), "{}: {shown}", format.name());
    }
}

#[test]
fn no_format_lets_the_repository_write_control_characters() {
    let rules = rules();
    let report = sample(&rules);
    for &format in Format::ALL {
        // Our own colours are still in; the stream takes them out where nobody wants them.
        let text = written(&report, format, PLAIN);
        assert!(!text.contains("dir/\u{fffd}\n"), "{}: {text}", format.name());
        assert!(!text.contains("`x`\u{1b}") && !text.contains("\u{1b}[31m\""), "{text}");
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn names(list: &'static str) -> BTreeSet<&'static str> {
    list.split_whitespace().collect()
}

#[test]
fn json_has_the_documented_keys() {
    let rules = rules();
    let style = Style { secrets: Secrets::Shown, ..PLAIN };
    let text = written(&sample(&rules), Format::Json, style);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["version"], 1);
    assert_eq!(keys(&report), names("version tool scan findings"));
    assert_eq!(keys(&report["tool"]), names("name version rules_hash"));
    let scan = &report["scan"];
    let documented =
        names("mode target complete blobs bytes commits duration_ms skipped suppressed");
    assert_eq!(keys(scan), &documented | &names("started_at warnings"));
    assert_eq!(keys(&scan["skipped"][0]), names("what reason detail"));
    assert_eq!(keys(&scan["suppressed"]), names("baseline inline config example"));
    let full = report["findings"]
        .as_array()
        .and_then(|all| all.iter().find(|f| f["rule_id"] == "acme-token"))
        .expect("the first finding is shown");
    let documented = names(
        "fingerprint rule_id rule_name confidence score evidence status path start_line end_line \
         start_column end_column redacted secret decoded commit occurrences in_head refs revoke_url \
         docs_url",
    );
    assert_eq!(
        keys(full),
        &documented | &names("provider description severity object pair lifecycle")
    );
    let lifecycle = names("last_commit removed exposed_days pushed moved_to");
    assert_eq!(keys(&full["lifecycle"]), lifecycle);
    let pair = names(
        "rule_id rule_name value evidence path start_line end_line start_column end_column decoded",
    );
    assert_eq!(keys(&full["pair"]), pair);
    assert_eq!(keys(&full["commit"]), names("id author date summary"));
    assert!(keys(&full["occurrences"][0]).is_superset(&names("path commit start_line")));
}

#[test]
fn occurrences_name_their_commit_by_id() {
    let rules = rules();
    let report: Value = serde_json::from_str(&written(&sample(&rules), Format::Json, PLAIN))
        .expect("the report is JSON");
    let all = report["findings"].as_array().expect("a list");
    let places = all.iter().flat_map(|f| f["occurrences"].as_array().expect("a list"));
    let commits: Vec<&Value> = places.map(|place| &place["commit"]).collect();
    assert_eq!(commits, [&Value::from("02".repeat(20))]);
}

#[test]
fn skipped_inputs_are_named_exactly() {
    let rules = rules();
    let report: Value = serde_json::from_str(&written(&sample(&rules), Format::Json, PLAIN))
        .expect("the report is JSON");
    let exact = data_encoding::BASE64.encode(b"no\xffpe");
    assert_eq!(report["scan"]["skipped"][1]["what_base64"], exact);
}

#[test]
fn the_exit_status_follows_from_the_report() {
    let rules = rules();
    let mut sample = sample(&rules);
    assert_eq!(sample.report().status(false).code(), 1);
    sample.findings.retain(|finding| !finding.verdict.is_open());
    assert_eq!(sample.findings.len(), 1);
    assert_eq!(sample.report().status(false).code(), 2);
    sample.receipt.skipped.retain(|skipped| skipped.reason.by_design());
    assert_eq!((sample.report().status(false).code(), sample.report().status(true).code()), (0, 2));
    sample.receipt.skipped.clear();
    assert_eq!(sample.report().status(true).code(), 0);
}
