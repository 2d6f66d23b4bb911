//! Settings in a literal of many lines, as programs and tests keep them.
//!
//! In: a text and where a bare word's name stands in it. Out: whether a literal that lines above have opened holds that
//! line, and settings alone before it. Such a word is one, not a variable of the program around it.

/// Marks that open and close literals.
const QUOTES: &[u8] = b"\"'`";

/// Whether the line of `start` is one of settings in a literal of many lines, by the lines above it.
pub(super) fn holds(text: &[u8], start: usize) -> bool {
    let Some(end) = memchr::memrchr(b'\n', &text[..start]) else { return false };
    for line in text[..end].rsplit(|&b| b == b'\n') {
        let line = line.trim_ascii();
        if is_section(line) || opens(line) {
            return true;
        }
        if !is_setting(line) {
            return false;
        }
    }
    false
}

/// Whether a line opens a literal that goes on below: `conf = """`, `` run(`[db] ``, `cat <<~EOS`.
fn opens(line: &[u8]) -> bool {
    if names_end(line) || line.ends_with(b"[[") {
        return true;
    }
    let line = line.strip_suffix(b"\\").unwrap_or(line);
    let Some(at) = line.iter().rposition(|b| QUOTES.contains(b)) else { return false };
    let (quote, rest) = (line[at], line[at + 1..].trim_ascii());
    let count = memchr::memchr_iter(quote, line).count();
    count % 2 == 1 && is_given(&line[..at]) && (is_section(rest) || is_setting(rest))
}

/// Whether a literal may stand behind `before`, be it the value of a name, an argument or an operand; what marks a raw
/// one is passed over.
fn is_given(before: &[u8]) -> bool {
    let mark = |b: &u8| QUOTES.contains(b) || b"rRbBfFuU$@#".contains(b);
    let marks = before.iter().rev().take(8).take_while(|b| mark(b)).count();
    let before = before[..before.len() - marks].trim_ascii_end();
    before.ends_with(b"return")
        || matches!(before.last(), Some(b'=' | b'(' | b'[' | b'{' | b',' | b':' | b'>' | b'+'))
}

/// Whether a line ends with the word that is to end a literal: `<<~EOS`, `<<<'EOT';`.
fn names_end(line: &[u8]) -> bool {
    let Some(at) = memchr::memmem::rfind(line, b"<<") else { return false };
    let before = line[..at].strip_suffix(b"<").unwrap_or(&line[..at]);
    let rest = &line[at + 2..];
    let rest = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b"~")).unwrap_or(rest);
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let word = rest.iter().take_while(|b| b.is_ascii_uppercase() || **b == b'_').count();
    let apart = before.last().is_none_or(|b| !b.is_ascii_alphanumeric());
    apart && word >= 2 && rest[word..].iter().all(|b| b"\"');,) ".contains(b))
}

/// Whether a line is the head of a part of a settings file: `[database]`.
fn is_section(line: &[u8]) -> bool {
    let inside = line.strip_prefix(b"[").and_then(|line| line.strip_suffix(b"]"));
    let part = |b: &u8| b.is_ascii_alphanumeric() || b" ._:/\"-".contains(b);
    inside.is_some_and(|name| name.iter().any(u8::is_ascii_alphabetic) && name.iter().all(part))
}

/// Whether a line is a setting, a comment, or empty. No line that ends a literal is one, and hardly any statement.
fn is_setting(line: &[u8]) -> bool {
    let Some(first) = line.first() else { return true };
    if b"#;".contains(first) || line.starts_with(b"//") {
        return true;
    }
    let part = |b: &&u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
    let name = line.iter().take_while(part).count();
    let rest = line[name..].trim_ascii_start();
    let Some((b'=' | b':', value)) = rest.split_first() else { return false };
    let closes = |b: &u8| b"();{}`".contains(b);
    name > 0 && !value.starts_with(b"=") && !value.iter().any(closes) && !has_triple(value)
}

fn has_triple(value: &[u8]) -> bool {
    value.windows(3).any(|three| matches!(three, b"\"\"\"" | b"'''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(above: &str) -> bool {
        let text = format!("{above}\npassword = x");
        holds(text.as_bytes(), above.len() + 1)
    }

    #[test]
    fn lines_above_open_a_literal() {
        for above in [
            "conf = '''\n[db]",
            "conf = r\"\"\"\nuser = app",
            "const conf = `",
            "const CONF: &str = r#\"\n; a comment\nuser = app",
            "load(\"\"\"\\",
            "conf = <<~EOS\nuser = app\n",
            "$conf = <<<'EOT'\nport = 5432",
            "string conf = @\"user = app",
            "parse([[\nuser = app",
            "return `\nuser: app",
            "[db]",
        ] {
            assert!(held(above), "{above}");
        }
    }

    #[test]
    fn statements_above_open_none() {
        for above in [
            "",
            "user = app",
            "\"\"\"\nWhat it does.\n\"\"\"",
            "conf = '''\nuser = app\n'''",
            "const conf = `\nuser = app\n`",
            "mask = 1<<SHIFT",
            "say(\"password: \"",
            "# don't",
            "user = find(name)",
            "items[0] = []",
            "[]",
        ] {
            assert!(!held(above), "{above}");
        }
    }
}
