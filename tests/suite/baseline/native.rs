//! Our own format.

use bstr::BStr;
use leakstop::verdict::baseline::{Baseline, Fault, Found, Gone, Label, Note, Standing};

use super::{TODAY, everywhere, fault, found, known, parse, rendered, settle};

/// A baseline that accepts `finds`.
fn accepting(finds: &[Found<'_>]) -> Baseline {
    let mut baseline = Baseline::new().expect("random numbers");
    baseline.update(finds, &everywhere, false);
    baseline
}

/// The same baseline with one more key and note in its only entry.
fn edited(baseline: &Baseline, keys: &str) -> Baseline {
    let text = rendered(baseline).replace(r#""label": "accepted""#, keys);
    parse(&text)
}

#[test]
fn an_entry_takes_a_line_and_says_nothing_about_where_in_the_file() {
    let finds = [
        found("b-rule", "b.py", "value-two", 17),
        found("a-rule", "b.py", "value-one", 23),
        found("a-rule", "a.py", "value-one", 42),
    ];
    let text = rendered(&accepting(&finds));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with(r#"{"version": 1, "tool": "leakstop", "salt": ""#));
    assert!(lines[0].ends_with(r#"", "entries": ["#));
    assert!(lines[1].starts_with(r#"{"path": "a.py", "rule": "a-rule", "digest": ""#));
    assert!(lines[1].ends_with(r#"", "label": "accepted"},"#));
    assert!(lines[2].starts_with(r#"{"path": "b.py", "rule": "a-rule", "#));
    assert!(lines[3].starts_with(r#"{"path": "b.py", "rule": "b-rule", "#));
    assert_eq!(lines[4..], ["]}"]);
    assert!(text.ends_with("]}\n") && !text.contains("value") && !text.contains("line"));
}

#[test]
fn the_order_of_finds_leaves_no_trace() {
    let mut finds = [
        found("r-a", "b.py", "one", 1),
        found("r-b", "a.py", "two", 2),
        found("r-a", "b.py", "one", 3),
    ];
    let mut baseline = Baseline::new().unwrap();
    let mut other = baseline.clone();
    baseline.update(&finds, &everywhere, false);
    finds.reverse();
    other.update(&finds, &everywhere, false);
    assert_eq!(baseline.len(), 2);
    assert_eq!(rendered(&baseline), rendered(&other));
}

#[test]
fn two_repositories_do_not_show_that_they_share_a_value() {
    let find = [found("r-a", "a.py", "shared", 1)];
    let digest = |b: &Baseline| rendered(b).lines().nth(1).unwrap().to_owned();
    assert_ne!(digest(&accepting(&find)), digest(&accepting(&find)));
}

#[test]
fn moving_lines_changes_nothing() {
    let before = accepting(&[found("r-a", "a.py", "one", 1)]);
    let after = [found("r-a", "a.py", "one", 99)];
    assert_eq!(settle(&before, &after), [known()]);
    let mut updated = parse(&rendered(&before));
    updated.update(&after, &everywhere, false);
    assert_eq!(rendered(&updated), rendered(&before));
}

#[test]
fn a_file_laid_out_by_hand_stays_so_until_something_changes() {
    let text = rendered(&accepting(&[found("r-a", "a.py", "one", 1)])).replace("\": ", "\" : ");
    let mut baseline = parse(&text);
    baseline.update(&[found("r-a", "a.py", "one", 5)], &everywhere, false);
    assert_eq!(rendered(&baseline), text);
    baseline.update(&[], &everywhere, false);
    assert!(baseline.is_empty());
    assert!(rendered(&baseline).ends_with("\"entries\": [\n]}\n"));
}

#[test]
fn another_value_and_a_copy_are_new() {
    let baseline = accepting(&[found("r-a", "a.py", "one", 1)]);
    let value = [found("r-a", "a.py", "two", 1)];
    assert_eq!(settle(&baseline, &value), [Standing::New]);
    let copy = [found("r-a", "a.py", "one", 1), found("r-a", "b.py", "one", 1)];
    assert_eq!(settle(&baseline, &copy), [known(), Standing::New]);
}

#[test]
fn a_rule_by_another_name_does_not_bring_an_accepted_value_back() {
    let mut baseline = accepting(&[found("generic-secret", "a.py", "one", 1)]);
    let refined = [found("acme-token", "a.py", "one", 1)];
    assert_eq!(settle(&baseline, &refined), [known()]);
    baseline.update(&refined, &everywhere, false);
    assert!(rendered(&baseline).contains("acme-token"));
    assert_eq!(baseline.len(), 1);
}

#[test]
fn a_renamed_file_is_followed() {
    let baseline = accepting(&[found("r-a", "old.py", "one", 1)]);
    let baseline = edited(&baseline, r#""label": "test", "reason": "why""#);
    let renamed = [found("r-a", "lib/new.py", "one", 1)];
    let test = Standing::Known { label: Label::Test, reason: Some("why".to_owned()) };
    assert_eq!(settle(&baseline, &renamed), [test]);
    let mut updated = baseline.clone();
    updated.update(&renamed, &everywhere, false);
    let moved = rendered(&baseline).replace("old.py", "lib/new.py");
    assert_eq!(rendered(&updated), moved);
}

#[test]
fn a_value_that_multiplied_is_new_everywhere() {
    let baseline = accepting(&[found("r-a", "old.py", "one", 1)]);
    let copies = [found("r-a", "b.py", "one", 1), found("r-a", "c.py", "one", 1)];
    assert_eq!(settle(&baseline, &copies), [Standing::New, Standing::New]);
    let still_there = baseline.settle(&copies[..1], Gone::entries(&|_| false), TODAY);
    assert_eq!(still_there, [Standing::New]);
}

#[test]
fn a_renamed_folder_keeps_the_notes_with_their_files() {
    let finds = [found("r-a", "old/x.py", "one", 1), found("r-a", "old/y.py", "one", 1)];
    let mut baseline = accepting(&finds);
    let note = Note { label: Label::Rotated, ..Note::default() };
    baseline.annotate(&finds[1], &note);
    let moved = [found("r-a", "new/y.py", "one", 1), found("r-a", "new/x.py", "one", 1)];
    let rotated = Standing::Known { label: Label::Rotated, reason: None };
    assert_eq!(settle(&baseline, &moved), [rotated, known()]);
}

#[test]
fn an_entry_counts_up_to_its_last_day() {
    let find = [found("r-a", "a.py", "one", 1)];
    let until = |day: &str| {
        let keys = format!(r#""label": "accepted", "expires": "{day}""#);
        edited(&accepting(&find), &keys)
    };
    assert_eq!(settle(&until("2030-06-15"), &find), [known()]);
    let mut expired = until("2030-06-14");
    assert_eq!(settle(&expired, &find), [Standing::Expired]);
    assert_eq!(expired.stats(TODAY).expired, 1);
    expired.update(&find, &everywhere, false);
    assert_eq!(settle(&expired, &find), [Standing::Expired], "an update renews nothing");
    let renamed = [found("r-a", "b.py", "one", 1)];
    assert_eq!(settle(&expired, &renamed), [Standing::Expired]);
}

#[test]
fn updates_keep_what_people_and_other_programs_wrote() {
    let keys = r#""label": "test", "reason": "für Tests", "owner": "ops", "expires": "2031-01-01", "ticket": [1,{"x":null}]"#;
    let first = found("r-a", "a.py", "one", 1);
    let text = rendered(&edited(&accepting(&[first]), keys));
    let text = text.replace(r#", "entries""#, r#", "policy": {"a": 1}, "b": 2, "entries""#);
    let mut baseline = parse(&text);
    baseline.update(&[first, found("r-b", "b.py", "two", 1)], &everywhere, false);
    let updated = rendered(&baseline);
    assert!(updated.contains(keys));
    assert!(updated.contains(r#", "policy": {"a":1}, "b": 2, "entries": ["#));
    assert_eq!(baseline.len(), 2);
}

#[test]
fn what_was_not_scanned_stays() {
    let finds = [found("r-a", "src/a.py", "one", 1), found("r-a", "doc/b.md", "two", 1)];
    let source = |path: &[u8]| path.starts_with(b"src/");
    let mut baseline = accepting(&finds);
    assert_eq!(baseline.prune(&[], &source), 1);
    assert_eq!(settle(&baseline, &finds), [Standing::New, known()]);
    let mut baseline = accepting(&finds);
    baseline.update(&[], &everywhere, true);
    assert_eq!(baseline.len(), 2);
}

#[test]
fn pruning_takes_nothing_in() {
    let mut baseline = accepting(&[found("r-a", "a.py", "one", 1)]);
    let now = [found("r-a", "b.py", "two", 1), found("r-a", "moved.py", "one", 1)];
    assert_eq!(baseline.prune(&now, &everywhere), 0);
    assert_eq!(baseline.len(), 1);
}

#[test]
fn a_diff_names_each_change_once() {
    let baseline = accepting(&[
        found("r-a", "kept.py", "one", 1),
        found("r-a", "old.py", "two", 1),
        found("r-a", "gone.py", "three", 1),
    ]);
    let diff = baseline.diff(&[
        found("r-a", "kept.py", "one", 3),
        found("r-a", "new.py", "two", 4),
        found("r-b", "kept.py", "four", 5),
    ]);
    let paths = |rows: &[leakstop::verdict::baseline::Row]| {
        let rows = rows.iter().map(|row| row.path.to_string());
        rows.collect::<Vec<_>>()
    };
    assert_eq!(paths(&diff.added), ["kept.py"]);
    assert_eq!(diff.added[0].line, Some(5));
    assert_eq!(paths(&diff.removed), ["gone.py"]);
    assert_eq!(paths(&diff.kept), ["kept.py"]);
    assert_eq!(paths(&diff.moved), ["new.py"]);
    assert_eq!(diff.moved[0].from, Some("old.py".into()));
}

#[test]
fn stats_count_by_label_and_rule() {
    let finds = [found("r-a", "a.py", "one", 1), found("r-b", "a.py", "two", 1)];
    let mut baseline = accepting(&finds);
    let note = Note { label: Label::FalsePositive, ..Note::default() };
    baseline.annotate(&finds[0], &note);
    let stats = baseline.stats(TODAY);
    assert_eq!((stats.entries, stats.files, stats.expired), (2, 1, 0));
    assert_eq!(stats.labels[&Label::FalsePositive], 1);
    assert_eq!(stats.rules["r-b"], 1);
}

#[test]
fn paths_that_are_no_text_are_kept_byte_for_byte() {
    let find = |path: &'static [u8]| Found { path: BStr::new(path), ..found("r-a", "", "one", 1) };
    let baseline = accepting(&[find(b"caf\xe9.py")]);
    let again = parse(&rendered(&baseline));
    assert_eq!(settle(&again, &[find(b"caf\xe9.py")]), [known()]);
    let others = [find(b"caf\xe8.py"), find(b"caf\xe9.py")];
    assert_eq!(settle(&again, &others), [Standing::New, known()]);
}

#[test]
fn broken_files_say_what_is_wrong_and_where() {
    let good = rendered(&accepting(&[found("r-a", "a.py", "one", 1)]));
    let broken = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        fault(&good.replace(from, to))
    };
    assert_eq!(
        broken(r#""version": 1"#, r#""version": 2"#),
        "baseline version 2 is newer than this leakstop reads (1); upgrade leakstop"
    );
    assert_eq!(broken(r#""version": 1, "#, ""), "version: missing; should be 1");
    assert_eq!(broken(r#""salt""#, r#""pepper""#), "salt: missing");
    assert_eq!(broken(r#""rule""#, r#""role""#), "entries[0].rule: missing");
    assert_eq!(
        broken(r#""accepted""#, r#""fine""#),
        "entries[0].label: should be one of false-positive, test, rotated, accepted"
    );
    assert_eq!(
        broken(r#""accepted""#, r#""test", "expires": "soon""#),
        "entries[0].expires: should be a day, as 2030-12-31"
    );
    assert!(broken(r#""digest": ""#, r#""digest": "x"#).starts_with("entries[0].digest: "));
    assert!(fault(r#"{"tool": "leakstop", "version": 1, "salt": "00"}"#).starts_with("salt: "));
    assert!(fault("{}").starts_with("no baseline: "));
    assert!(fault("").starts_with("no valid JSON: "));
    assert!(fault(&good[..good.len() - 4]).starts_with("no valid JSON: "));
    assert!(broken("]}", "<<<<<<< HEAD\n]}").starts_with("line 3: unresolved merge"));
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let error = Baseline::load(&dir.path().join("none")).unwrap_err();
    assert!(matches!(error.fault, Fault::Missing));
    assert!(error.to_string().contains("none: no such file"));
}

#[test]
fn saving_and_loading_is_lossless() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(".secrets.baseline");
    let baseline = accepting(&[found("r-a", "a \"b\".py", "one", 1)]);
    baseline.save(&path).unwrap();
    let again = Baseline::load(&path).unwrap();
    assert_eq!(again.render(), baseline.render());
}

#[test]
fn branches_that_both_add_entries_merge_by_themselves() {
    let first = found("r-a", "a.py", "one", 1);
    let gone = found("r-a", "gone.py", "five", 1);
    let mine = found("r-a", "b.py", "two", 1);
    let other = found("r-a", "c.py", "three", 1);
    let base = accepting(&[first, gone]);
    let with = |finds: &[Found<'_>]| {
        let mut side = base.clone();
        side.update(finds, &everywhere, false);
        side
    };
    let (ours, theirs) = (with(&[first, gone, mine]), with(&[first, other]));
    let merged = Baseline::merge(Some(&base), &ours, &theirs).unwrap();
    let standing = settle(&merged, &[first, mine, other, gone]);
    assert_eq!(standing, [known(), known(), known(), Standing::New]);
    let other_way = Baseline::merge(Some(&base), &theirs, &ours).unwrap();
    assert_eq!(rendered(&merged), rendered(&other_way));
    let same = Baseline::merge(None, &ours, &ours).unwrap();
    assert_eq!(rendered(&same), rendered(&ours));
}

#[test]
fn merging_joins_notes_and_refuses_to_choose_between_two() {
    let base = accepting(&[found("r-a", "a.py", "one", 1)]);
    let labelled = edited(&base, r#""label": "test""#);
    let explained = edited(&base, r#""label": "accepted", "reason": "why""#);
    let merged = Baseline::merge(Some(&base), &labelled, &explained).unwrap();
    assert!(rendered(&merged).contains(r#""label": "test", "reason": "why""#));
    let rotated = edited(&base, r#""label": "rotated""#);
    let refused = Baseline::merge(Some(&base), &labelled, &rotated).unwrap_err();
    assert!(refused.to_string().contains("label"), "{refused}");
    let sooner = edited(&base, r#""label": "accepted", "expires": "2030-01-01""#);
    let later = edited(&base, r#""label": "accepted", "expires": "2040-01-01""#);
    let merged = Baseline::merge(Some(&base), &later, &sooner).unwrap();
    assert!(rendered(&merged).contains("2030-01-01"));
    let mut emptied = base.clone();
    emptied.prune(&[], &everywhere);
    let refused = Baseline::merge(Some(&base), &emptied, &labelled);
    assert!(matches!(refused, Err(Fault::Conflict(_))));
}

#[test]
fn files_created_apart_do_not_merge() {
    let sides = [Baseline::new().unwrap(), Baseline::new().unwrap()];
    let refused = Baseline::merge(None, &sides[0], &sides[1]);
    assert!(matches!(refused, Err(Fault::Salts)));
}
