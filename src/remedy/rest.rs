//! What a literal holds beside the secret, and how it stays.
//!
//! In: the literal, where in it the secret stands, and the text around. Out: whether the reference takes the literal's
//! place, goes into it, or is joined to what is left of it. Only what is certainly right is done: a cut literal means the
//! same only where nothing but the end of an expression follows, and no formatting reads its text.

use std::sync::LazyLock;

use regex::Regex;

use super::change::{Refusal, Spot};
use super::form::{Language, Store};

/// Where the reference goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// In the place of the literal: it is the secret.
    None,
    /// In the place of the literal: it is the URL of a service, which is kept where its password is.
    Url,
    /// Into the literal.
    Within,
    /// Between two literals.
    Joined,
}

/// A URL up to its password.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]*://[^ \t/?\#@"'`%{]*$"#)
        .expect("the pattern is a constant, tested below")
});

impl Spot<'_> {
    /// What the literal holds before and behind the secret.
    fn beside(&self) -> (&str, &str) {
        let quote = usize::from(self.literal.quote.is_some());
        let (start, end) = (self.literal.span.start + quote, self.literal.span.end - quote);
        (&self.line[start..self.secret.start], &self.line[self.secret.end..end])
    }

    /// The line up to the literal, and behind it.
    fn around(&self) -> (&str, &str) {
        (&self.line[..self.literal.span.start], &self.line[self.literal.span.end..])
    }

    /// Whether the literal's quotes are not what they seem: they belong to a longer one, or to one of another kind.
    pub(super) fn is_cut(&self) -> bool {
        let Some(quote) = self.literal.quote.map(char::from) else { return false };
        let (before, after) = self.around();
        let kinds: &[&str] = match self.language {
            Language::Python => &["\"\"\"", "'''"],
            Language::Java | Language::CSharp => &["\"\"\""],
            Language::JavaScript | Language::TypeScript | Language::Go => &["`"],
            Language::Rust if before.ends_with(['r', 'b', '#']) => return true,
            _ => &[],
        };
        let count = |kind: &&str| self.above.matches(kind).count() + before.matches(kind).count();
        let open = kinds.iter().any(|kind| count(kind) % 2 == 1);
        let program = self.language.is_program() && self.language != Language::Shell;
        open || program && (before.ends_with(quote) || after.starts_with(quote))
    }
}

/// Where the reference goes, if that is certainly right.
pub(super) fn rest(spot: &Spot<'_>, store: Store) -> Result<Rest, Refusal> {
    let (prefix, suffix) = spot.beside();
    let (before, after) = spot.around();
    let bare = spot.literal.quote.is_none();
    let opened = !bare || before.trim_end().ends_with([':', '=', '-']);
    let closed = !bare || after.trim().is_empty() || after.trim_start().starts_with('#');
    // The reference has to be all that the name is given.
    let all = match spot.language {
        Language::Kubernetes | Language::Dotenv => true,
        Language::Yaml => store != Store::Environment,
        _ => false,
    };
    if prefix.is_empty() && suffix.is_empty() && opened && (closed || !all) {
        return Ok(Rest::None);
    }
    let url = URL.is_match(prefix)
        && suffix.starts_with('@')
        && !suffix.contains(|c: char| c.is_whitespace() || "%{\"'`".contains(c));
    if url && opened && closed && spot.literal.name.is_some() {
        Ok(Rest::Url)
    } else if !all && takes_reference(spot) {
        Ok(Rest::Within)
    } else if can_be_cut(spot) {
        Ok(Rest::Joined)
    } else {
        Err(Refusal::Rest)
    }
}

/// Whether the literal may hold a reference.
fn takes_reference(spot: &Spot<'_>) -> bool {
    let (prefix, suffix) = spot.beside();
    let before = spot.around().0.trim_end();
    match (spot.language, spot.literal.quote) {
        // In a command these quotes are the shell's, which leaves `$` in them as it is.
        (Language::GitLab, Some(b'\'')) => before.ends_with([':', '-']),
        (
            Language::Spring
            | Language::Compose
            | Language::Workflow
            | Language::GitLab
            | Language::Yaml,
            _,
        ) => true,
        (Language::Terraform, Some(b'"')) => !prefix.ends_with(['$', '%', '\\']),
        (Language::Shell, Some(b'"')) => !prefix.ends_with('\\'),
        (Language::Shell, None) => {
            let plain = |text: &str| !text.contains(['"', '\'', '`', '\\', '$']);
            plain(prefix) && plain(suffix)
        }
        // A tag in front of the template would see its parts.
        (Language::JavaScript | Language::TypeScript, Some(b'`')) => {
            !prefix.ends_with('\\') && begins(spot)
        }
        (Language::Java, Some(b'"')) => before.ends_with("@Value("),
        _ => false,
    }
}

/// Whether the literal may be cut in two, with the reference between.
fn can_be_cut(spot: &Spot<'_>) -> bool {
    let (prefix, suffix) = spot.beside();
    let (before, after) = spot.around();
    let called = before.trim_end();
    let quotes: &[u8] = match spot.language {
        Language::Go => b"\"`",
        Language::Java | Language::CSharp => b"\"",
        Language::Python | Language::JavaScript | Language::TypeScript | Language::Ruby => b"\"'",
        _ => return false,
    };
    let own = match spot.language {
        // What annotations, attributes and parameters' defaults hold has to be constant.
        Language::Java => !is_annotation(spot.above, before),
        Language::CSharp => {
            let attribute = spot.line.trim_start().starts_with('[');
            !attribute && (!called.ends_with('=') || after.starts_with(';'))
        }
        // An attribute of JSX.
        Language::JavaScript | Language::TypeScript => !before.ends_with('='),
        _ => true,
    };
    // `printf`, `Errorf`, `format`: what is read as a format should hold no value.
    let formatted = ["f(", "ormat("].iter().any(|end| called.ends_with(end));
    let template = [prefix, suffix].iter().any(|text| text.contains(['%', '{']));
    let known = spot.literal.quote.is_some_and(|quote| quotes.contains(&quote));
    let whole = known && !formatted && !template && !prefix.ends_with('\\');
    own && whole && begins(spot) && ends(spot)
}

/// Whether Java's text ends in the brackets of an annotation.
fn is_annotation(above: &str, before: &str) -> bool {
    let text = format!("{above}{before}");
    let Some((_, rest)) = text.rsplit_once('@') else { return false };
    let rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || "_.".contains(c));
    let mut depth = 0;
    let closes = |bracket| {
        depth += if bracket == "(" { 1 } else { -1 };
        depth == 0
    };
    rest.starts_with('(') && !rest.matches(['(', ')']).any(closes)
}

/// Whether an expression begins with the literal: no operator in front of it binds more tightly than `+`.
fn begins(spot: &Spot<'_>) -> bool {
    let before = spot.around().0.trim_end();
    let before = if before.is_empty() { spot.above.trim_end() } else { before };
    let word = before.strip_suffix("return").is_some_and(|rest| {
        !rest.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))
    });
    word || before.ends_with(['(', ',', '[', '{', '=', ':']) || before.ends_with("=>")
}

/// Whether an expression ends with the literal: on its line or, where nothing or a comment follows there, before the
/// next.
fn ends(spot: &Spot<'_>) -> bool {
    let after = spot.around().1.trim_start();
    let comment = match spot.language {
        Language::Python | Language::Ruby => "#",
        _ => "//",
    };
    if !after.is_empty() && !after.starts_with(comment) {
        return after.starts_with([',', ')', ']', '}', ';']);
    }
    let next = spot.below.trim_start();
    // Python joins literals that follow each other, and letters before a quote belong to it.
    let quoted = next.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let literal = next.len() - quoted.len() <= 2 && quoted.starts_with(['"', '\'']);
    let goes_on = |c: char| !c.is_alphanumeric() && !"_}]),;#@/".contains(c);
    !literal && !next.starts_with(goes_on)
}

/// The line with the reference in the literal.
pub(super) fn within(spot: &Spot<'_>, name: &str, store: Store) -> String {
    let Spot { language, line, literal, ref secret, .. } = *spot;
    let reference = match language {
        Language::JavaScript | Language::TypeScript => format!("${{process.env.{name}}}"),
        Language::Shell if literal.quote.is_some() => format!("${{{name}:?}}"),
        Language::GitLab | Language::Java => format!("${{{name}}}"),
        Language::Terraform => format!("${{{}}}", language.reference(name, store, false)),
        _ => language.reference(name, store, false),
    };
    format!("{}{reference}{}", &line[..secret.start], &line[secret.end..])
}

/// What is left of the literal, joined with the reference.
pub(super) fn joined(spot: &Spot<'_>, reference: &str) -> String {
    let (prefix, suffix) = spot.beside();
    let quote = spot.literal.quote.map(char::from).expect("only literals with quotes are cut");
    let part = |text: &str| (!text.is_empty()).then(|| format!("{quote}{text}{quote}"));
    let parts = [part(prefix), Some(reference.to_owned()), part(suffix)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" + ")
}

#[cfg(test)]
mod tests {
    use super::super::change::{Request, change};
    use super::*;

    /// The text with the secret `S3cret` replaced by a reference to `T`.
    fn changed(path: &str, text: &str, store: Store) -> Result<String, Refusal> {
        let at = text.find("S3cret").unwrap();
        let (secret, name) = (at..at + 6, Some("T"));
        change(&Request { path, text, secret, name, kept: None, otherwise: "x", store })
            .map(|change| change.text)
    }

    #[test]
    fn what_is_beside_the_secret_stays() {
        for (path, before, after) in [
            (
                "a.py",
                "import os\nh = {\"Authorization\": \"Bearer S3cret\"}\n",
                "import os\nh = {\"Authorization\": \"Bearer \" + os.environ[\"T\"]}\n",
            ),
            (
                "a.py",
                "import os\nprint('a S3cret\\n')  # x\nprint(1)\n",
                "import os\nprint('a ' + os.environ[\"T\"] + '\\n')  # x\nprint(1)\n",
            ),
            ("a.js", "g(\"a S3cret\");\n", "g(\"a \" + process.env.T);\n"),
            ("a.js", "x = {h: `Bearer S3cret`}\n", "x = {h: `Bearer ${process.env.T}`}\n"),
            ("a.ts", "fetch(`https://x?t=S3cret`)\n", "fetch(`https://x?t=${process.env.T}`)\n"),
            ("a.ts", "return 'a S3cret'\n", "return 'a ' + process.env.T!\n"),
            (
                "a.go",
                "package a\n\nimport \"os\"\n\nconst h = \"Bearer S3cret\"\n",
                "package a\n\nimport \"os\"\n\nvar h = \"Bearer \" + os.Getenv(\"T\")\n",
            ),
            (
                "A.java",
                "  @A(1) String h = g(\"a S3cret\");\n",
                "  @A(1) String h = g(\"a \" + System.getenv(\"T\"));\n",
            ),
            ("A.java", "  @Value(\"a S3cret\")\n", "  @Value(\"a ${T}\")\n"),
            (
                "A.cs",
                "using System;\nclass A {\n  const string H = \"a S3cret\";\n}\n",
                "using System;\nclass A {\n  static readonly string H = \"a \" + Environment.GetEnvironmentVariable(\"T\");\n}\n",
            ),
            ("a.rb", "h = { 'A' => 'a S3cret' }\n", "h = { 'A' => 'a ' + ENV.fetch(\"T\") }\n"),
            ("a.sh", "curl -H \"A: Bearer S3cret\" x\n", "curl -H \"A: Bearer ${T:?}\" x\n"),
            ("a.sh", "U=$(echo S3cret)\n", "U=$(echo \"${T:?}\")\n"),
            ("a.yml", "h: \"Bearer S3cret\"\n", "h: \"Bearer ${T}\"\n"),
            ("a.yml", "a: {h: S3cret}\n", "a: {h: ${T}}\n"),
            (".gitlab-ci.yml", "  H: 'Bearer S3cret'\n", "  H: 'Bearer ${T}'\n"),
            (
                ".github/workflows/a.yml",
                "  - run: curl -H \"A: Bearer S3cret\" x\n",
                "  - run: curl -H \"A: Bearer ${{ secrets.T }}\" x\n",
            ),
            ("compose.yml", "  H: Bearer S3cret\n", "  H: Bearer ${T:?}\n"),
        ] {
            let now = changed(path, before, Store::Environment);
            assert_eq!(now.as_deref(), Ok(after), "{path}");
        }
        let terraform = changed("a.tf", "  h = \"Bearer S3cret\"\n", Store::Environment).unwrap();
        assert!(terraform.starts_with("  h = \"Bearer ${var.t}\"\n\nvariable"), "{terraform}");
    }

    #[test]
    fn what_might_be_wrong_is_refused() {
        for (path, text) in [
            ("a.py", "x = \"%s S3cret\" % a\n"),
            ("a.py", "x = \"a S3cret\".encode()\n"),
            ("a.py", "x = f\"a S3cret\"\n"),
            ("a.py", "x = b\"a S3cret\"\n"),
            ("a.py", "x = \"{} S3cret\".format(a)\n"),
            ("a.py", "log(\"%s S3cret\", a)\n"),
            ("a.py", "x = (\"a S3cret\"\n     \"b\")\n"),
            ("a.py", "x = (\"a S3cret\"\n     rb\"b\")\n"),
            ("a.py", "x = (\"b\"\n     \"a S3cret\")\n"),
            ("a.py", "x = (\"a S3cret\"\n     .strip())\n"),
            ("a.py", "x = \"\"\"a S3cret\"\"\"\n"),
            ("a.py", "x = \"\"\"S3cret\"\"\"\n"),
            ("a.py", "x = \"\"\"\n{\"token\": \"S3cret\"}\n\"\"\"\n"),
            ("a.py", "x = 2 * \"a S3cret\"\n"),
            ("a.js", "html`a S3cret`\n"),
            ("a.js", "x = `\ng(\"S3cret\")\n`\n"),
            ("a.jsx", "  <A auth=\"Bearer S3cret\" />\n"),
            ("a.jsx", "  <A\n    auth=\"Bearer S3cret\"\n    b />\n"),
            ("a.go", "package a\nfmt.Printf(\"a S3cret\\n\")\n"),
            ("a.go", "package a\ntype A struct {\n\tB string `json:\"a S3cret\"`\n}\n"),
            ("A.java", "  @Header(\"a S3cret\")\n"),
            ("A.java", "  @Header(\n    value = \"a S3cret\")\n"),
            ("A.cs", "  x = $\"a S3cret\";\n"),
            ("A.cs", "  [Header(\"a S3cret\")]\n"),
            ("A.cs", "  void A(string b = \"a S3cret\")\n"),
            ("a.rb", "puts \"a S3cret\"\n"),
            ("a.rs", "let h = \"a S3cret\";\n"),
            ("a.rs", "let h = r#\"S3cret\"#;\n"),
            ("a.php", "$h = 'a S3cret';\n"),
            ("a.sh", "curl -H 'A: S3cret'\n"),
            ("a.env", "A=\"Bearer S3cret\"\n"),
            ("a.env", "A=Bearer S3cret\n"),
            (".gitlab-ci.yml", "  - curl -H 'A: S3cret'\n"),
            ("pod.yaml", "apiVersion: v1\nkind: Pod\n  - value: Bearer S3cret\n"),
            ("pod.yaml", "apiVersion: v1\nkind: Pod\n  - value: \"Bearer S3cret\"\n"),
        ] {
            assert_eq!(changed(path, text, Store::Environment), Err(Refusal::Rest), "{text}");
        }
        assert_eq!(changed("a.yml", "h: Bearer S3cret\n", Store::Vault), Err(Refusal::Rest));
    }

    #[test]
    fn a_url_is_kept_where_its_password_is() {
        // A scan of this file should find no URL with a password.
        let filled = |text: &str| text.replace("{}", "S3cret");
        for (path, before, after) in [
            (
                "a.py",
                "import os\nurl = \"postgres://me:{}@db/x\"\n",
                "import os\nurl = os.environ[\"T\"]\n",
            ),
            ("a.env", "URL=redis://:{}@db\n", "URL=\n"),
            // What has no name is no setting.
            (
                "a.js",
                "get(\"https://me:{}@x/y\")\n",
                "get(\"https://me:\" + process.env.T + \"@x/y\")\n",
            ),
        ] {
            let now = changed(path, &filled(before), Store::Environment);
            assert_eq!(now.as_deref(), Ok(after), "{path}");
        }
        let formatted = "url = \"postgres://me:{}@%s/x\" % host\n";
        assert_eq!(changed("a.py", &filled(formatted), Store::Environment), Err(Refusal::Rest));
    }
}
