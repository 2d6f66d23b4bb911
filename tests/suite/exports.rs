//! Formats for other programs: their schemas, their limits, and programs that read them.
//!
//! In: the sample report of `reports`, many times over. Out: a failure where a schema or a reader refuses it.

use std::collections::BTreeSet;
use std::path::Path;

use leakstop::detect::spec::Confidence;
use leakstop::report::{Account, Document, Format, Secrets, Style, summary};
use serde_json::Value;

use crate::reports::{PLAIN, rules, sample, secrets};
use crate::support::{TestRepo, python};

fn written(document: &Document<'_>, format: Format) -> String {
    let mut out = Vec::new();
    format.write(document, PLAIN, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("reports are text")
}

/// The sample, suppressed findings too.
fn everything() -> Document<'static> {
    let rules = rules();
    let style = Style { show_suppressed: true, ..PLAIN };
    let text = serde_json::to_vec(&Document::new(sample(&rules).report(), style)).expect("JSON");
    Document::read(&text, style).expect("what was written is read")
}

/// A report of `count` findings, every tenth of them worse than the rest.
fn many(count: usize) -> Document<'static> {
    let mut document = everything();
    let entry = document.findings.last().expect("the sample has findings").clone();
    document.findings = (0..count)
        .map(|number| {
            let mut entry = entry.clone();
            entry.fingerprint = format!("{number:032x}");
            entry.place.path = format!("src/{}.py", number % 1000).into();
            entry.place.start_line = number + 1;
            entry.place.end_line = number + 1;
            entry.severity = if number % 10 == 9 { "critical" } else { "medium" }.into();
            entry
        })
        .collect();
    document
}

/// Reports of every kind: with everything, without a finding, with a great many.
fn all() -> [Document<'static>; 3] {
    let mut clean = everything();
    clean.findings.clear();
    clean.scan.skipped.clear();
    clean.scan.warnings = Vec::new().into();
    clean.scan.complete = true;
    [everything(), clean, many(6_000)]
}

#[track_caller]
fn valid(schema: &str, value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schemas").join(schema);
    let text = std::fs::read_to_string(path).expect("the schema is there");
    let schema: Value = serde_json::from_str(&text).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let faults: Vec<String> = validator
        .iter_errors(value)
        .take(3)
        .map(|f| format!("{}: {f}", f.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

fn json(document: &Document<'_>, format: Format) -> Value {
    serde_json::from_str(&written(document, format)).expect("it is JSON")
}

#[test]
fn reports_are_valid_by_their_schemas() {
    for document in all() {
        valid("sarif-2.1.0.json", &json(&document, Format::Sarif));
        let report = json(&document, Format::Gitlab);
        valid("gitlab-secret-detection-15.2.1.json", &report);
        valid("leakstop-gitlab.json", &report);
        let report = json(&document, Format::Codequality);
        for entry in report.as_array().expect("a list") {
            valid("gitlab-codequality.json", entry);
        }
        valid("leakstop-codequality.json", &report);
        let report = json(&document, Format::Rdjson);
        valid("reviewdog-rdjson.json", &report);
        valid("leakstop-rdjson.json", &report);
    }
}

#[test]
fn schemas_refuse_what_is_wrong() {
    for (format, schema, pointer) in [
        (Format::Sarif, "sarif-2.1.0.json", "/runs/0/results/0/level"),
        (Format::Gitlab, "gitlab-secret-detection-15.2.1.json", "/scan/start_time"),
        (Format::Gitlab, "leakstop-gitlab.json", "/scan/start_time"),
        (Format::Codequality, "leakstop-codequality.json", "/0/severity"),
        (Format::Rdjson, "reviewdog-rdjson.json", "/diagnostics/0/severity"),
        (Format::Rdjson, "leakstop-rdjson.json", "/diagnostics/0/severity"),
    ] {
        let mut report = json(&everything(), format);
        *report.pointer_mut(pointer).expect("it is there") = "worst".into();
        let refused = std::panic::catch_unwind(|| valid(schema, &report));
        assert!(refused.is_err(), "{schema} takes any word at {pointer}");
    }
}

#[test]
fn sarif_keeps_to_the_limits_of_github() {
    let document = many(6_000);
    let log = json(&document, Format::Sarif);
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 5_000);
    // The worst are kept.
    let severe = document.findings.iter().filter(|entry| entry.severity == "critical");
    let kept: BTreeSet<u64> = results
        .iter()
        .filter_map(|r| r.pointer("/locations/0/physicalLocation/region/startLine")?.as_u64())
        .collect();
    assert!(severe.map(|entry| entry.place.start_line as u64).all(|line| kept.contains(&line)));
    let notes = &run["invocations"][0]["toolExecutionNotifications"];
    assert!(notes[0]["message"]["text"].as_str().is_some_and(|t| t.contains("1000 further")));
    for rule in run["tool"]["driver"]["rules"].as_array().expect("a list") {
        for field in ["shortDescription", "fullDescription", "help"] {
            let text = rule[field]["text"].as_str().expect("a text");
            assert!(!text.is_empty() && text.chars().count() <= 1_024, "{rule}");
        }
        let severity = rule["properties"]["security-severity"].as_str().expect("a text");
        assert!(severity.parse::<f32>().is_ok_and(|s| (0.1..=10.0).contains(&s)), "{rule}");
        assert!(rule["properties"]["tags"].as_array().is_some_and(|tags| tags.len() <= 10));
    }
    // Far below the 10 MB that GitHub takes of a compressed file.
    assert!(written(&document, Format::Sarif).len() < 10_000_000);
}

#[test]
fn identities_tell_findings_apart_and_outlast_edits() {
    let prints = |document: &Document<'_>| -> Vec<String> {
        let log = json(document, Format::Sarif);
        let results = log["runs"][0]["results"].as_array().expect("a list").clone();
        let print = |r: &Value| r["partialFingerprints"]["primaryLocationLineHash"].to_string();
        results.iter().map(print).collect()
    };
    let mut document = everything();
    let before = prints(&document);
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len(), "{before:?}");
    for entry in &mut document.findings {
        entry.place.start_line += 7;
        entry.place.end_line += 7;
        entry.place.commit = None;
        entry.redacted = "****".into();
    }
    assert_eq!(prints(&document), before);
    // Another value at the same place is another alert: a dismissal of the first does not cover it.
    for entry in &mut document.findings {
        let head = if entry.fingerprint.starts_with("00") { "11" } else { "00" };
        entry.fingerprint.replace_range(..2, head);
    }
    assert!(prints(&document).iter().all(|print| !before.contains(print)));
}

#[test]
fn what_is_suppressed_says_so_in_sarif_and_is_left_out_elsewhere() {
    let document = everything();
    let log = json(&document, Format::Sarif);
    let results = log["runs"][0]["results"].as_array().expect("a list");
    let kinds: Vec<&Value> =
        results.iter().filter_map(|r| r.pointer("/suppressions/0/kind")).collect();
    assert_eq!(kinds, ["external"]);
    let open = document.open().count();
    assert_eq!(results.len(), open + 1);
    let count = |format, pointer: &str| {
        json(&document, format).pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len)
    };
    assert_eq!(count(Format::Gitlab, "/vulnerabilities"), open);
    assert_eq!(count(Format::Codequality, ""), open);
    assert_eq!(count(Format::Rdjson, "/diagnostics"), open);
}

#[test]
fn severities_reach_each_format() {
    let document = many(10);
    let words = |format, list: &str, field: &str| -> BTreeSet<String> {
        let report = json(&document, format);
        let list = report.pointer(list).and_then(Value::as_array).expect("a list").clone();
        list.iter().filter_map(|one| one.pointer(field)?.as_str().map(str::to_owned)).collect()
    };
    let set = |words: &[&str]| words.iter().map(|&w| w.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(
        words(Format::Gitlab, "/vulnerabilities", "/severity"),
        set(&["Critical", "Medium"])
    );
    assert_eq!(words(Format::Codequality, "", "/severity"), set(&["blocker", "major"]));
}

/// Counts what a `JUnit` report holds.
const COUNT: &str = "import sys, junitparser\n\
    report = junitparser.JUnitXml.fromfile(sys.argv[1])\n\
    cases = [case for suite in report for case in suite]\n\
    kinds = lambda kind: sum(isinstance(r, kind) for c in cases for r in c.result)\n\
    print(len(cases), kinds(junitparser.Failure), kinds(junitparser.Error), kinds(junitparser.Skipped))\n\
    print(report.tests, report.failures, report.errors)\n\
    print(len({(case.classname, case.name) for case in cases}))\n";

#[test]
fn junitparser_reads_the_junit() {
    let Some(python) = python("junitparser") else { return };
    for document in all() {
        let repo = TestRepo::plain();
        repo.write("report.xml", written(&document, Format::Junit));
        let told = repo.program(&python).args(["-c", COUNT, "report.xml"]).run().exits(0).out();
        let open = document.open().count();
        let faults = document.scan.skipped.iter().filter(|s| s.reason == "unreadable").count();
        let limits = document.scan.skipped.len() - faults;
        let cases = (open + faults + limits).max(1);
        let expected =
            format!("{cases} {open} {faults} {limits}\n{cases} {open} {faults}\n{cases}\n");
        assert_eq!(told, expected);
    }
}

#[test]
fn sarif_tools_reads_the_sarif() {
    let Some(python) = python("sarif") else { return };
    let document = everything();
    let repo = TestRepo::plain();
    repo.write("report.sarif", written(&document, Format::Sarif));
    let told = repo.program(&python).args(["-m", "sarif", "summary", "report.sarif"]).run();
    let told = told.exits(0).out();
    assert!(told.contains("error: 3") && told.contains("warning: 1"), "{told}");
    assert!(told.contains("acme-token"), "{told}");
}

#[test]
fn csv_is_a_table_without_formulas() {
    let mut document = everything();
    document.findings[0].place.path = "=HYPERLINK(\"https://evil.example\")".into();
    document.findings[1].place.path = "a,\"b\"\n".into();
    let text = written(&document, Format::Csv);
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let heads = table.headers().expect("a head").clone();
    let column = |name| heads.iter().position(|head| head == name).expect("the column is there");
    let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), document.findings.len());
    assert_eq!(&rows[0][column("path")], "'=HYPERLINK(\"https://evil.example\")");
    assert_eq!(&rows[1][column("path")], "a,\"b\"\u{fffd}");
    assert!(rows.iter().all(|row| row.len() == heads.len()));
    assert!(rows.iter().all(|row| !row.iter().any(|cell| cell.starts_with(['=', '+', '@']))));
}

#[test]
fn annotations_are_as_many_as_github_shows() {
    let document = many(50);
    let text = written(&document, Format::Github);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("::error ")).count(), 10);
    assert!(lines.iter().any(|line| line.contains("40 more secrets")), "{text}");
    // The worst come first.
    assert!(lines[0].contains("line=10,"), "{text}");
    let mut hostile = everything();
    let entry = hostile.findings.first_mut().expect("a finding");
    entry.rule_name = "x\n::stop-commands::y%\r".into();
    entry.place.path = "a,b:c\n::error::d".into();
    entry.confidence = Confidence::Likely;
    let text = written(&hostile, Format::Github);
    assert!(text.contains("file=a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ad,"), "{text}");
    assert!(text.contains("x%0A::stop-commands::y%25%0D"), "{text}");
    assert!(
        text.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning "))
    );
}

#[test]
fn a_summary_fits_and_keeps_the_worst() {
    let document = many(2_000);
    let page = summary(&Account::saved(&document), 64 * 1024);
    assert!(page.len() <= 64 * 1024, "{}", page.len());
    assert!(page.contains("left out here, for want of room"));
    let first = page.lines().find(|line| line.starts_with("| ") && !line.contains("severity"));
    assert!(first.is_some_and(|line| line.starts_with("| critical ")), "{first:?}");
    let whole = summary(&Account::saved(&document), usize::MAX);
    assert_eq!(whole.matches("\n| ").count(), 2_001);
}

#[test]
fn a_saved_report_renders_as_the_first_did() {
    let rules = rules();
    let sample = sample(&rules);
    let document = Document::new(sample.report(), PLAIN);
    let text = serde_json::to_vec(&document).expect("JSON");
    let read = Document::read(&text, PLAIN).expect("what was written is read");
    for &format in Format::ALL {
        assert_eq!(written(&read, format), written(&document, format), "{}", format.name());
    }
    // A report that holds secrets shows them only where they are asked for again.
    let shown = Style { secrets: Secrets::Shown, ..PLAIN };
    let text = serde_json::to_vec(&Document::new(sample.report(), shown)).expect("JSON");
    let read = Document::read(&text, PLAIN).expect("what was written is read");
    for &format in Format::ALL {
        assert!(!written(&read, format).contains(&secrets()[0]), "{}", format.name());
    }
    let read = Document::read(&text, shown).expect("what was written is read");
    assert!(written(&read, Format::Csv).contains(&secrets()[0]));
}
