//! The HTML report in a browser: headless Chromium loads it, and a script of the test uses it.
//!
//! In: the sample report, alone and ten thousand times. Out: a failure for a row that is missing, a filter that does
//! nothing, a request, an error on the console, and text of a repository that is read as code.
//! `LEAKSTOP_TEST_CHROMIUM` names the browser.

use std::path::PathBuf;

use leakstop::report::{Document, Format, Style};
use sha2::{Digest as _, Sha256};

use crate::reports::{PLAIN, rules, sample};
use crate::support::{TestRepo, left_out, variable};

/// The browser; none where it is not installed.
fn chromium() -> Option<PathBuf> {
    let named = variable("LEAKSTOP_TEST_CHROMIUM").map(PathBuf::from);
    let path = variable("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        .flat_map(|folder| ["chromium", "chromium-browser"].map(|name| folder.join(name)))
        .find(|file| file.is_file());
    let found = named.or(on_path);
    if found.is_none() {
        let why = "there is no chromium on the PATH";
        assert!(variable("CI").is_none(), "{why}; .ci/run installs it");
        left_out(why);
    }
    found
}

/// The sample with something of everything.
fn document() -> Document<'static> {
    let rules = rules();
    let style = Style { show_suppressed: true, ..PLAIN };
    let text = serde_json::to_vec(&Document::new(sample(&rules).report(), style)).expect("JSON");
    let mut document = Document::read(&text, style).expect("what was written is read");
    let hostile = "x</script><script>document.title='owned'</script><img src=x onerror=owned()>";
    let last = document.findings.last_mut().expect("a finding");
    last.place.path = hostile.into();
    last.rule_name = hostile.into();
    last.snippet = Some(format!("key = acme**** # {hostile}").into());
    document.scan.target = hostile.into();
    document
}

fn page(document: &Document<'_>) -> String {
    let mut out = Vec::new();
    Format::Html.write(document, PLAIN, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("it is text")
}

/// The page with a script of the test's behind its own, which its policy lets run.
fn with_script(page: &str, script: &str) -> String {
    let digest = data_encoding::BASE64.encode(&Sha256::digest(script));
    let allowed = page.replacen("script-src '", &format!("script-src 'sha256-{digest}' '"), 1);
    assert_ne!(allowed, page);
    allowed.replace("</body>", &format!("<script>{script}</script></body>"))
}

/// What the browser makes of a page, and what it logs.
fn browse(chromium: &PathBuf, page: &str) -> (String, String) {
    let repo = TestRepo::plain();
    repo.write("page.html", page);
    let address = format!("file://{}", repo.path("page.html").display());
    let profile = format!("--user-data-dir={}", repo.path("profile").display());
    let args = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--enable-logging=stderr",
        "--virtual-time-budget=10000",
        "--dump-dom",
        &profile,
        &address,
    ];
    let ran = repo.program(chromium).args(args).run().exits(0);
    (ran.out(), ran.err())
}

/// Lines that a page's script has logged, or its policy.
fn console(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains("CONSOLE")).collect()
}

/// Runs when the page is ready; each check is a line of `#told`.
const USE: &str = include_str!("pages/use.js");

/// The checks of [`USE`], each a line.
#[track_caller]
fn used(chromium: &PathBuf, document: &Document<'_>) -> Vec<String> {
    let script = USE.replace("TOTAL", &document.findings.len().to_string());
    let (dom, log) = browse(chromium, &with_script(&page(document), &script));
    assert!(console(&log).is_empty(), "{:#?}", console(&log));
    let told = dom.split("<pre id=\"told\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    told.expect("the script ran to its end").lines().map(str::to_owned).collect()
}

#[test]
fn the_page_loads_alone_and_quietly() {
    let Some(chromium) = chromium() else { return };
    let document = document();
    let text = page(&document);
    assert!(text.contains("default-src 'none'") && !text.contains("unsafe-inline"));
    let (dom, log) = browse(&chromium, &text);
    assert!(console(&log).is_empty(), "{:#?}", console(&log));
    assert!(dom.contains(&format!("data-ready=\"{}\"", document.findings.len())), "{dom}");
    assert_eq!(dom.matches("data-fingerprint=").count(), document.findings.len());
    assert!(!dom.contains("<title>owned"), "{dom}");
}

#[test]
fn the_page_can_be_used() {
    let Some(chromium) = chromium() else { return };
    let told = used(&chromium, &document());
    assert!(told.len() >= 19 && told.iter().all(|line| line.starts_with("ok ")), "{told:#?}");
}

#[test]
fn the_page_holds_ten_thousand_findings() {
    let Some(chromium) = chromium() else { return };
    let mut document = document();
    let few = document.findings.clone();
    document.findings = (0..10_000)
        .map(|number| {
            let mut entry = few[number % few.len()].clone();
            entry.fingerprint = format!("{number:032x}");
            entry.place.start_line = number + 1;
            entry
        })
        .collect();
    let told = used(&chromium, &document);
    assert!(told.len() >= 20 && told.iter().all(|line| line.starts_with("ok ")), "{told:#?}");
}

/// The oldest leak need not be the one that lay open for the longest time.
#[test]
fn ages_and_exposures_are_told_apart() {
    let Some(chromium) = chromium() else { return };
    let mut document = document();
    document.scan.started_at = "2026-01-01T00:00:00Z".into();
    let whole = |entry: &&leakstop::document::Entry<'_>| {
        entry.is_open() && entry.lifecycle.as_ref().is_some_and(|life| life.removed.is_some())
    };
    let entry = document.findings.iter().find(whole).expect("the sample has one").clone();
    document.findings = [("2006", "2007"), ("2010", "2023")]
        .iter()
        .map(|(since, until)| {
            let mut entry = entry.clone();
            entry.fingerprint = format!("{since:0>32}");
            entry.in_head = Some(false);
            entry.place.commit.as_mut().expect("a commit").date =
                format!("{since}-01-01T00:00:00Z").into();
            let life = entry.lifecycle.as_mut().and_then(|life| life.removed.as_mut());
            life.expect("it was removed").date = format!("{until}-01-01T00:00:00Z").into();
            entry.refs = (0..5_000)
                .map(|number| format!("refs/pull/{number}/head"))
                .chain(["refs/heads/main".to_owned()])
                .collect();
            entry
        })
        .collect();
    let text = page(&document);
    assert!(text.len() < 120_000, "{} bytes for two findings", text.len());
    assert!(text.contains("{\"first\":[\"refs/heads/main\",") && text.contains("\"more\":4989}"));
    let (dom, log) = browse(&chromium, &text);
    assert!(console(&log).is_empty(), "{:#?}", console(&log));
    assert!(dom.contains("The oldest came in 20.0 years before this scan."), "{dom}");
    assert!(dom.contains("The longest exposure is 13.0 years."), "{dom}");
}

#[test]
fn a_clean_page_says_so() {
    let Some(chromium) = chromium() else { return };
    let mut document = document();
    document.findings.clear();
    document.scan.skipped.clear();
    document.scan.complete = true;
    let (dom, log) = browse(&chromium, &page(&document));
    assert!(console(&log).is_empty(), "{:#?}", console(&log));
    assert!(dom.contains("<h1 id=\"verdict\">No new secrets</h1>"), "{dom}");
    assert!(dom.contains("There is nothing to list."), "{dom}");
}

#[test]
fn errors_of_a_page_are_noticed() {
    let Some(chromium) = chromium() else { return };
    let text = page(&document());
    let (_, log) = browse(&chromium, &with_script(&text, "throw new Error('on purpose')"));
    assert!(console(&log).iter().any(|line| line.contains("on purpose")), "{log}");
    let image = text.replace("</main>", "<img src=\"http://127.0.0.1:9/x.png\"></main>");
    let (_, log) = browse(&chromium, &image);
    assert!(console(&log).iter().any(|line| line.contains("Content Security Policy")), "{log}");
}
