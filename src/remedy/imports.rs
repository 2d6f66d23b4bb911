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

/// Has C#'s file use `System`. Where the project does so for all files, a second time is no error.
pub(super) fn csharp(text: &mut String) {
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let uses = |line: &str| line.trim().trim_start_matches("global ") == "using System;";
    if text[mark..].lines().any(uses) {
        return;
    }
    let (mut at, mut last) = (mark, mark);
    let mut comment = false;
    for line in text[mark..].split_inclusive('\n') {
        let bare = line.trim();
        comment |= bare.starts_with("/*");
        if !comment && directive(bare) {
            text.insert_str(at, "using System;\n");
            return;
        }
        at += line.len();
        // Those of the whole project come first, and a comment without a gap belongs to what is below it.
        let first = ["global using ", "extern alias "].iter().any(|word| bare.starts_with(word));
        if first || bare.is_empty() && !comment {
            last = at;
        } else if !comment && !bare.starts_with(['/', '#']) {
            break;
        }
        comment &= !bare.contains("*/");
    }
    let gap = if text[last..].starts_with(['\r', '\n']) { "" } else { "\n" };
    text.insert_str(last, &format!("using System;\n{gap}"));
}

/// Whether a line names a namespace, and does not declare a variable that is disposed of.
fn directive(line: &str) -> bool {
    let names = line.strip_prefix("using ").and_then(|rest| rest.split(['=', ';']).next());
    names.is_some_and(|names| !names.trim().trim_start_matches("static ").contains([' ', '(']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_sharp_uses_the_namespace_before_others() {
        for (before, after) in [
            ("class A {}\n", "using System;\n\nclass A {}\n"),
            ("using System;\nclass A {}\n", "using System;\nclass A {}\n"),
            ("global using System;\n", "global using System;\n"),
            ("using System.IO;\n", "using System;\nusing System.IO;\n"),
            ("\u{feff}using System.IO;\n", "\u{feff}using System;\nusing System.IO;\n"),
            ("\u{feff}class A {}\n", "\u{feff}using System;\n\nclass A {}\n"),
            ("\u{feff}using System;\n", "\u{feff}using System;\n"),
            ("// A.\n\nnamespace A;\n", "// A.\n\nusing System;\n\nnamespace A;\n"),
            ("/// A.\nclass A {}\n", "using System;\n\n/// A.\nclass A {}\n"),
            ("/* A\n b */\nusing B;\n", "/* A\n b */\nusing System;\nusing B;\n"),
            ("global using B;\nusing C;\n", "global using B;\nusing System;\nusing C;\n"),
            ("using static A.B;\n", "using System;\nusing static A.B;\n"),
            ("using A b = C();\n", "using System;\n\nusing A b = C();\n"),
            ("using var a = B();\n", "using System;\n\nusing var a = B();\n"),
        ] {
            let mut text = before.to_owned();
            csharp(&mut text);
            assert_eq!(text, after);
        }
    }

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
