//! The schema of `.leakstop.toml` for editors, against what the program takes.
//!
//! In: `docs/leakstop.schema.json`, and configurations, good and bad. Out: a failure for a key or word that only one of
//! the two knows, and for a configuration on which they disagree.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::{TestRepo, variable};

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/leakstop.schema.json");
    let text = std::fs::read_to_string(path).expect("the schema is there");
    serde_json::from_str(&text).expect("it is JSON")
}

/// What the program says of a configuration; nothing if it takes it.
fn refusal(repo: &TestRepo, config: &str) -> Option<String> {
    repo.write("config.toml", config);
    let ran = repo.run(["stdin", "--config", "config.toml"]);
    (ran.code != 0).then(|| ran.err())
}

/// What the program names as known where it meets `zzz`.
#[track_caller]
fn known(repo: &TestRepo, config: &str) -> BTreeSet<String> {
    let told = refusal(repo, config).expect("there is no zzz");
    let (_, listed) = told.trim().split_once("Known here: ").expect("it lists what it knows");
    listed.split(", ").map(str::to_owned).collect()
}

fn keys(object: &Value) -> BTreeSet<String> {
    object.as_object().expect("an object").keys().cloned().collect()
}

fn words(list: &Value) -> BTreeSet<String> {
    let words = list.as_array().expect("a list").iter();
    words.map(|word| word.as_str().expect("a word").to_owned()).collect()
}

/// A rule that says no more than it must.
const RULE: &str =
    "[[rule]]\nid = \"x-y\"\nname = \"X\"\ndescription = \"Opens X.\"\nkeywords = [\"xyz\"]\n";

#[test]
fn schema_and_program_know_the_same_keys() {
    let (repo, schema) = (TestRepo::plain(), schema());
    let of = |config: &str| known(&repo, config);
    let defs = &schema["$defs"];
    assert_eq!(of("zzz = 1\n"), keys(&schema["properties"]));
    assert_eq!(of("[[allow]]\nzzz = 1\n"), keys(&defs["allow"]["properties"]));
    assert_eq!(of("[[rule]]\nzzz = 1\n"), keys(&defs["rule"]["properties"]));
    let near = &defs["rule"]["properties"]["near"]["items"];
    assert_eq!(of(&format!("{RULE}near = [{{ zzz = 1 }}]\n")), keys(&near["properties"]));
}

#[test]
fn schema_and_program_know_the_same_words() {
    let (repo, schema) = (TestRepo::plain(), schema());
    let of = |config: &str| known(&repo, config);
    let defs = &schema["$defs"];
    let rule = &defs["rule"]["properties"];
    assert_eq!(of("min_confidence = \"zzz\"\n"), words(&defs["confidence"]["enum"]));
    assert_eq!(of(&format!("{RULE}confidence = \"zzz\"\n")), words(&defs["confidence"]["enum"]));
    assert_eq!(of(&format!("{RULE}severity = \"zzz\"\n")), words(&rule["severity"]["enum"]));
    assert_eq!(of(&format!("{RULE}edge = \"zzz\"\n")), words(&rule["edge"]["enum"]));
    // Families are rows of a table of ours; a rule of the configuration is none.
    let mut engines = of(&format!("{RULE}engine = \"zzz\"\n"));
    assert!(engines.remove("family"));
    assert_eq!(engines, words(&rule["engine"]["enum"]));
}

/// Configurations that are good.
fn good() -> Vec<String> {
    let rule = |more: &str| format!("{RULE}{more}\n");
    let pattern = "pattern = '(?<secret>xyz[0-9]{9})'";
    vec![
        String::new(),
        "min_confidence = \"certain\"\nexclude = [\"vendor/**\"]\ndisable = [\"github-pat-classic\"]\n".into(),
        "[[allow]]\npaths = [\"a\"]\nreason = \"x\"\n".into(),
        "[[allow]]\nvalues = [\"^a\"]\nrules = [\"github-pat-classic\"]\nreason = \"\"\n".into(),
        format!("exclude = ['re:\\.min\\.js$']\n[[allow]]\nlines = [\"^#\"]\ncommits = [\"{}\"]\nreason = \"x\"\n", "0a".repeat(20)),
        rule(pattern),
        rule(&format!("{pattern}\nlone = false\nnear = [{{ rule = \"github-pat-classic\", lines = 2, columns = 0 }}]")),
        rule("assigned = '[0-9]{9}'"),
        rule("engine = \"assignment\"\nbefore = 64\nafter = 448"),
        rule(&format!("{pattern}\nengine = \"pattern\"\nrank = -3\nentropy = 2\nbefore = 0\nafter = 32768")),
        rule(&format!("{pattern}\nmatch = [[\"xyz\", \"123456789\"]]\nno_match = [[\"xyz\"]]\nedge = \"none\"")),
    ]
}

/// Configurations that are not.
fn bad() -> Vec<String> {
    let rule = |more: &str| format!("{RULE}{more}\n");
    let pattern = "pattern = '(?<secret>xyz[0-9]{9})'";
    let whole = rule(pattern);
    let without = |key: &str| {
        whole.lines().filter(|line| !line.starts_with(key)).collect::<Vec<_>>().join("\n")
    };
    vec![
        "exlude = []\n".into(),
        "exclude = \"vendor\"\n".into(),
        "min_confidence = \"sure\"\n".into(),
        "disable = [1]\n".into(),
        "[[allow]]\npaths = [\"a\"]\n".into(),
        "[[allow]]\nreason = \"x\"\n".into(),
        "[[allow]]\npaths = []\nreason = \"x\"\n".into(),
        "[[allow]]\ncommits = [\"abc\"]\nreason = \"x\"\n".into(),
        "[[allow]]\nlines = []\nreason = \"x\"\n".into(),
        rule(&format!("{pattern}\nnear = [{{ lines = 2 }}]")),
        rule(&format!("{pattern}\nnear = [{{ rule = \"github-pat-classic\", line = 2 }}]")),
        "[allow]\npaths = [\"a\"]\nreason = \"x\"\n".into(),
        without("id"),
        without("name"),
        without("description"),
        without("keywords"),
        without("pattern"),
        whole.replace("x-y", "X_Y"),
        whole.replace("xyz\"", "XYZ\""),
        rule(&format!("{pattern}\nassigned = '[0-9]{{9}}'")),
        rule(&format!("{pattern}\nengine = \"assignment\"")),
        rule(&format!("{pattern}\nengine = \"family\"")),
        rule(&format!("{pattern}\nbefore = -1")),
        rule(&format!("{pattern}\nafter = 32769")),
        rule(&format!("{pattern}\nrank = 2147483648")),
        rule(&format!("{pattern}\nentropy = \"high\"")),
        rule(&format!("{pattern}\nmatch = [\"xyz\"]")),
    ]
}

#[test]
fn schema_and_program_agree() {
    let (repo, schema) = (TestRepo::plain(), schema());
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is one");
    let valid = |config: &str| {
        let table: toml::Table = config.parse().expect("TOML");
        validator.is_valid(&serde_json::to_value(table).expect("TOML goes into JSON"))
    };
    for config in good() {
        assert_eq!(refusal(&repo, &config), None, "{config}");
        assert!(valid(&config), "the schema refuses\n{config}");
    }
    for config in bad() {
        assert!(refusal(&repo, &config).is_some(), "the program takes\n{config}");
        assert!(!valid(&config), "the schema takes\n{config}");
    }
}

/// What a key takes, in words.
fn taken(field: &Value, defs: &Value) -> String {
    if let Some(name) = field["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        return match name {
            "texts" | "ids" => "list of strings".into(),
            "examples" => "list of lists of strings".into(),
            "id" => "string".into(),
            _ => taken(&defs[name], defs),
        };
    }
    if let Some(words) = field["enum"].as_array() {
        let words: Vec<String> =
            words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    match field["type"].as_str() {
        Some("array") if field["items"]["type"] == "string" => "list of strings".into(),
        Some("array") => "list of tables".into(),
        Some(kind) => kind.into(),
        None => "table".into(),
    }
}

/// A table of the keys of an object.
fn table(title: &str, object: &Value, defs: &Value) -> String {
    let needed = object["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut table =
        format!("\n### {title}\n\n| key | takes | default | meaning |\n|---|---|---|---|\n");
    for (key, field) in object["properties"].as_object().expect("keys") {
        let default = match &field["default"] {
            _ if needed.iter().any(|name| name == key) => "must be given".to_owned(),
            Value::Null => String::new(),
            value => format!("`{}`", value.to_string().trim_matches('"')),
        };
        let meaning = field["description"].as_str().expect("each key is described");
        let meaning = meaning.replace('<', "\\<").replace('|', "\\|");
        let taken = taken(field, defs);
        let _ = writeln!(table, "| `{key}` | {taken} | {default} | {meaning} |");
    }
    table
}

#[test]
fn the_page_of_settings_is_fresh() {
    const MARK: &str = "<!-- reference: written by the tests from leakstop.schema.json -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md");
    let old = std::fs::read_to_string(&path).expect("the page is there");
    let (head, _) = old.split_once(MARK).expect("the page has the mark");
    let schema = schema();
    let defs = &schema["$defs"];
    let tables = [
        table("Keys of the file", &schema, defs),
        table("Keys of `[[allow]]`", &defs["allow"], defs),
        table("Keys of `[[rule]]`", &defs["rule"], defs),
        table("Keys of `near`", &defs["rule"]["properties"]["near"]["items"], defs),
    ];
    let page = [head, MARK, "\n## Every key\n", &tables.concat()].concat();
    if variable("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("our own file");
    }
    let stale = std::fs::read_to_string(&path).expect("it is there") != page;
    assert!(!stale, "docs/config.md is stale: UPDATE_DOCS=1 cargo test the_page_of_settings");
}

#[test]
fn configurations_of_this_repository_are_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let validator = jsonschema::draft202012::new(&schema()).expect("the schema is one");
    assert!(jsonschema::draft202012::meta::is_valid(&schema()));
    let page = std::fs::read_to_string(root.join("docs/config.md")).expect("readable");
    let own = std::fs::read_to_string(root.join(".leakstop.toml")).expect("readable");
    let fences = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut tried = 0;
    for text in fences.filter(|text| text.contains("[[allow]]")).chain([&*own]) {
        let table: toml::Table = text.parse().expect("TOML");
        let value = serde_json::to_value(table).expect("TOML goes into JSON");
        let faults: Vec<String> = validator.iter_errors(&value).map(|f| f.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}\n{text}");
        tried += 1;
    }
    assert_eq!(tried, 2);
}
