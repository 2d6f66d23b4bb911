//! Declarations of constants, which take no value that is only known when the program runs.
//!
//! In: the text before a literal. Out: its line up to the literal, in which a variable is declared in the constant's
//! place. Rust's constants become locks, of which `change` knows.

use std::sync::LazyLock;

use regex::Regex;

use super::change::Refusal;
use super::form::Language;

/// The line of C# that declares a constant, up to the constant's type.
static CSHARP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([ \t]*(?:\[[^\]]*\][ \t]*)*(?:[a-z]+[ \t]+)*?)const[ \t]+")
        .expect("the pattern is a constant, tested below")
});

/// What has fields; anything else that has braces holds statements. `where T : class` names no type.
static TYPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^A-Za-z0-9_])(?:class|struct|record|interface)[ \t\r\n]+[A-Za-z_@]")
        .expect("the pattern is a constant, tested below")
});

/// `before`, the line up to a literal, which stands below the lines `above`, without a constant.
pub(super) fn freed(language: Language, above: &str, before: &str) -> Result<String, Refusal> {
    let word = match language {
        Language::Go | Language::CSharp => "const ",
        Language::Java => "const val ",
        _ => return Ok(before.to_owned()),
    };
    let last = above.trim_end().rsplit('\n').next().unwrap_or_default();
    if before.trim().is_empty() && last.ends_with('=') && last.contains(word) {
        return Err(Refusal::Constant);
    }
    match language {
        Language::Go if before.trim_start().starts_with(word) => {
            Ok(before.replacen(word, "var ", 1))
        }
        Language::Go if in_group(before) => Err(Refusal::Constant),
        Language::Java => Ok(before.replacen(word, "val ", 1)),
        Language::CSharp => {
            let field = if is_field(above) { "${1}static readonly " } else { "${1}" };
            Ok(CSHARP.replace(before, field).into_owned())
        }
        _ => Ok(before.to_owned()),
    }
}

/// Whether Go's line may declare a constant in a group: nothing before the name says what it is.
fn in_group(before: &str) -> bool {
    before.trim_start().split(' ').count() > 1
        && before.starts_with(['\t', ' '])
        && before.trim_end().ends_with(" =")
        && !before.contains("var ")
        && before.trim_start().starts_with(|c: char| c.is_ascii_uppercase())
}

/// Whether C#'s text ends where a type takes its members: what opened the innermost brace is the type.
fn is_field(above: &str) -> bool {
    let mut depth = 0;
    for (at, brace) in above.rmatch_indices(['{', '}']) {
        depth += if brace == "}" { 1 } else { -1 };
        if depth < 0 {
            let header = above[..at].rsplit(['{', '}', ';']).next().unwrap_or_default();
            return TYPE.is_match(header);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_of_c_sharp_are_fields_or_locals() {
        let class = "namespace A;\n\npublic class B\n{\n    void C() { Go(); }\n\n";
        for (above, before, after) in [
            (class, "    const string T = ", "    static readonly string T = "),
            (class, "    public const string T = ", "    public static readonly string T = "),
            (
                class,
                "    private static readonly string T = ",
                "    private static readonly string T = ",
            ),
            ("class A {\n  void B()\n  {\n", "    const string t = ", "    string t = "),
            ("class A {\n  string B => {\n", "    const string t = ", "    string t = "),
            ("using System;\n", "const string t = ", "string t = "),
            (
                "class A {\n  void B<T>() where T : class {\n",
                "  const string t = ",
                "  string t = ",
            ),
            ("class A {\n", "  [B(1)] const string T = ", "  [B(1)] static readonly string T = "),
            ("record A(int B) {\n", "  const string T = ", "  static readonly string T = "),
        ] {
            assert_eq!(freed(Language::CSharp, above, before).as_deref(), Ok(after), "{above}");
        }
    }

    #[test]
    fn constants_of_kotlin_are_values_and_cut_ones_are_refused() {
        let of = |language, above, before| freed(language, above, before);
        assert_eq!(of(Language::Java, "", "const val T = ").as_deref(), Ok("val T = "));
        assert_eq!(of(Language::CSharp, "  const string T =\n", "    "), Err(Refusal::Constant));
        assert_eq!(of(Language::Go, "const T =\n", "\t"), Err(Refusal::Constant));
        assert_eq!(of(Language::JavaScript, "const t =\n", "  ").as_deref(), Ok("  "));
    }
}
