//! The imports that a reference to the environment needs.
//!
//! In: a file's text. Out: the text with the import where the language's formatter would put it, if it lacked it.

/// Has Python's file import `os`.
pub(super) fn python(text: &mut String) {
    let named = |line: &str| {
        let names = line.strip_prefix("import ");
        names.is_some_and(|names| names.split(',').any(|name| name.trim() == "os"))
    };
    if !text.lines().any(named) {
        text.insert_str(place(text), "import os\n");
    }
}

/// Where an import goes: before the first, or behind what must come first.
fn place(text: &str) -> usize {
    let mut at = 0;
    let mut quoted: Option<&str> = None;
    let mut last = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim();
        if let Some(quote) = quoted {
            if bare.ends_with(quote) {
                quoted = None;
                last = at;
            }
            continue;
        }
        let opens = ["\"\"\"", "'''"].into_iter().find(|quote| bare.starts_with(quote));
        if let Some(quote) = opens {
            let closed = bare.len() >= 6 && bare.ends_with(quote);
            quoted = (!closed).then_some(quote);
            last = at;
        } else if bare.starts_with('#') || bare.starts_with("from __future__") {
            last = at;
        } else if bare.starts_with("import ") || bare.starts_with("from ") {
            return start;
        } else if !bare.is_empty() {
            break;
        }
    }
    last
}

/// Has Go's file import `os`.
pub(super) fn go(text: &mut String) {
    if text.contains("\"os\"") {
        return;
    }
    if let Some(at) = text.find("import (\n") {
        // Where gofmt would put it: in the first group, in order.
        let start = at + "import (\n".len();
        let group = text[start..].split_inclusive('\n');
        let before = group.take_while(|line| {
            let path = line.trim();
            path.starts_with('"') && path < "\"os\""
        });
        let len: usize = before.map(str::len).sum();
        text.insert_str(start + len, "\t\"os\"\n");
    } else if let Some(at) = text.find("\nimport \"") {
        text.insert_str(at + 1, "import \"os\"\n");
    } else if let Some(end) = package(text) {
        let gap = if text[end..].starts_with('\n') { "" } else { "\n" };
        text.insert_str(end, &format!("\nimport \"os\"\n{gap}"));
    }
}

/// Where the line of the package clause ends; a comment above may hold the word too.
fn package(text: &str) -> Option<usize> {
    let mut end = 0;
    text.split_inclusive('\n').find_map(|line| {
        end += line.len();
        line.starts_with("package ").then_some(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_imports_the_module_itself() {
        for (before, after) in [
            ("x = 1\n", "import os\nx = 1\n"),
            ("import sys, os\n", "import sys, os\n"),
            ("from os import environ\n", "import os\nfrom os import environ\n"),
            ("#!/usr/bin/env python\nx = 1\n", "#!/usr/bin/env python\nimport os\nx = 1\n"),
        ] {
            let mut text = before.to_owned();
            python(&mut text);
            assert_eq!(text, after);
        }
    }
}
