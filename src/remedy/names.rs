//! The names by which a text refers to values that are kept elsewhere.
//!
//! In: lines of source, configuration or scripts. Out: names of environment variables, of a CI's secrets and of
//! Terraform's variables, in the order in which they stand.

use std::sync::LazyLock;

use regex::bytes::Regex;

/// What a reference looks like in one or another language; the name is what the group takes.
const FORMS: &[&str] = &[
    // os.environ["X"], os.getenv("X"), ENV.fetch("X"), env::var("X"), System.getenv("X"), env!("X")
    r#"(?:environ(?:\.get)?|[Gg]etenv|LookupEnv|env:{2}var(?:_os)?|ENV(?:\.fetch)?|env!|GetEnvironmentVariable|env\.get|process\.env|getProperty)[ \t]{0,4}[\[(][ \t]{0,4}["']([A-Za-z_][A-Za-z0-9_.]{1,127})["']"#,
    // process.env.X
    r"(?:process|import\.meta|Deno|Bun)\.env\.([A-Za-z_][A-Za-z0-9_]{1,127})",
    // ${{ secrets.X }}
    r"\$\{\{[ \t]{0,4}(?:secrets|vars|env)\.([A-Za-z_][A-Za-z0-9_]{1,127})",
    // ${X}, ${X:-default}, $X
    r"\$\{([A-Za-z_][A-Za-z0-9_.]{1,127})[}:?+-]",
    r"\$([A-Z_][A-Z0-9_]{1,127})\b",
    // Terraform's variables
    r"\bvar\.([a-z_][a-z0-9_]{1,127})",
];

static REFERENCES: LazyLock<Regex> = LazyLock::new(|| {
    let all: Vec<String> = FORMS.iter().map(|form| format!("(?:{form})")).collect();
    Regex::new(&format!("(?-u){}", all.join("|"))).expect("the forms are constants, tested below")
});

/// The names that a text refers to, in their order, with repetitions.
pub fn names(text: &[u8]) -> impl Iterator<Item = &str> {
    REFERENCES.captures_iter(text).filter_map(|found| {
        let name = found.iter().skip(1).flatten().next()?;
        std::str::from_utf8(name.as_bytes()).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_references() {
        for (text, name) in [
            ("key = os.environ[\"STRIPE_KEY\"]", "STRIPE_KEY"),
            ("key = os.environ.get('STRIPE_KEY', '')", "STRIPE_KEY"),
            ("key = os.getenv( \"STRIPE_KEY\")", "STRIPE_KEY"),
            ("const key = process.env.STRIPE_KEY;", "STRIPE_KEY"),
            ("const key = process.env['STRIPE_KEY']", "STRIPE_KEY"),
            ("const key = import.meta.env.VITE_KEY", "VITE_KEY"),
            ("key := os.Getenv(\"STRIPE_KEY\")", "STRIPE_KEY"),
            ("let key = option_env!(\"STRIPE_KEY\");", "STRIPE_KEY"),
            (&["let key = std::env::", "var(\"STRIPE_KEY\")?;"].concat(), "STRIPE_KEY"),
            ("String key = System.getenv(\"STRIPE_KEY\");", "STRIPE_KEY"),
            ("key = ENV.fetch(\"STRIPE_KEY\")", "STRIPE_KEY"),
            ("spring.key=${stripe.key}", "stripe.key"),
            ("key: ${STRIPE_KEY:?missing}", "STRIPE_KEY"),
            ("curl -u $STRIPE_KEY:", "STRIPE_KEY"),
            ("key: ${{ secrets.STRIPE_KEY }}", "STRIPE_KEY"),
            ("password = var.db_password", "db_password"),
        ] {
            assert_eq!(names(text.as_bytes()).collect::<Vec<_>>(), [name], "{text}");
        }
        assert_eq!(names(b"price = $5; call(environment)").count(), 0);
    }
}
