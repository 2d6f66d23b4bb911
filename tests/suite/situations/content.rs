//! Content that diffs do not show, and names that do not print.

use super::{found, made, places};

#[test]
fn binary_and_wide_text() {
    let repo = made(
        r#"new; printf 'k\n%s\n' "$S" | iconv -t UTF-16 > u16
        printf 'a\0k\n%s\n' "$S" > nul; git add .; git commit -qm b"#,
    );
    let history = ["nul:2 in b", "u16:2 in b"];
    found(&repo, [&["nul:2", "u16:2"], &[], &history, &history]);
}

#[test]
fn other_charsets_and_line_ends() {
    let repo = made(
        r#"new; printf 'k\xe9\n%s\n' "$S" > latin; printf 'k\r%s\r' "$S" > cr
        printf '\xef\xbb\xbfk\n%s\n' "$S" > bom; git add .; git commit -qm b"#,
    );
    let history = ["bom:2 in b", "cr:2 in b", "latin:2 in b"];
    found(&repo, [&["bom:2", "cr:2", "latin:2"], &[], &history, &history]);
}

#[test]
fn attributes_hide_nothing() {
    for (file, text) in [
        (".gitattributes", "* -diff"),
        (".gitattributes", "* binary"),
        (".gitattributes", "* diff=driver filter=none"),
        (".git/info/attributes", "* -diff -text"),
    ] {
        let repo = made(&format!(
            r#"new; echo '{text}' > {file}; git config diff.driver.textconv true
            echo "$S" > f; git add .; git commit -qm f"#
        ));
        found(&repo, [&["f:1"], &[], &["f:1 in f"], &["f:1 in f"]]);
    }
    // The blob is UTF-8, the file is not.
    let repo = made(
        r#"new; echo 'f working-tree-encoding=UTF-16LE-BOM eol=crlf' > .gitattributes
        printf '%s\n' "$S" | iconv -t UTF-16 > f; git add .; git commit -qm f"#,
    );
    found(&repo, [&["f:1"], &[], &["f:1 in f"], &["f:1 in f"]]);
}

#[test]
fn settings_hide_nothing() {
    for (key, value) in [
        ("core.bigFileThreshold", "1"),
        ("color.ui", "always"),
        ("log.showRoot", "false"),
        ("i18n.logOutputEncoding", "UTF-16"),
        ("diff.noprefix", "true"),
        ("diff.ignoreSubmodules", "all"),
    ] {
        let repo = made(&format!(
            r#"new; echo "$S" > f; git add f; git commit -qm f; echo "$S" > g; git add g
            git config {key} {value}"#
        ));
        let history = repo.json(&["history", "HEAD"]);
        assert_eq!(places(&history), ["f:1 in f"], "{key}");
        assert_eq!(places(&repo.json(&["staged"])), ["g:1"], "{key}");
        assert_eq!(places(&repo.json(&["history"])), ["blob", "f:1 in f"][1..], "{key}");
    }
}

#[test]
fn pointers_of_large_files_are_no_secrets() {
    let repo = made(
        r"new; printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 12345\n' \
            $(echo x | sha256sum | cut -c1-64) > big.bin; git add .; git commit -qm lfs",
    );
    for args in [&["scan"][..], &["history"], &["history", "HEAD"]] {
        repo.json(args).exits(0);
        let ran = repo.json(args);
        assert_eq!(ran.skipped(), [""; 0]);
    }
    let all = repo.json(&["scan", "--min-confidence", "possible"]);
    assert!(places(&all).is_empty(), "{}", all.out());
}

#[test]
fn one_long_line_in_an_object() {
    let repo = made(
        r#"new; (head -c 5200000 /dev/zero | tr '\0' 'a'; echo " $S") > f; git add .
        git commit -qm f"#,
    );
    assert_eq!(places(&repo.json(&["history"])), ["f:1 in f"]);
}

#[test]
fn names_of_any_bytes() {
    let repo = made(
        r#"new; for p in $'a\nb' $'t\tt' 'q"q' $'\xff\xfe' -- ':x:r:3' $'\x1b[31m'; do
        echo "$S" > "./$p"; done; git add -A; git commit -qm p; for p in *; do :; done"#,
    );
    let scan = repo.json(&["scan"]).exits(1);
    let count = places(&scan).len();
    assert_eq!(count, 7);
    for args in [&["history"][..], &["history", "HEAD"]] {
        let ran = repo.json(args).exits(1);
        assert_eq!(ran.paths(), scan.paths(), "{args:?}");
        let raw: Vec<_> = ran
            .findings()
            .iter()
            .filter_map(|f| f["path_base64"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(raw, ["//4="], "the bytes are told where the text is not lossless");
        let human = repo.run(args).exits(1);
        assert!(!human.stdout.contains(&0x1b), "{}", human.out());
        assert!(!human.out().contains("a\nb"), "{}", human.out());
    }
}
