//! The change that puts a reference in the place of a value.
//!
//! In: a file's text, where in it the secret stands, and what to call it. Out: the text with the reference, or why that
//! has to be done by hand. Only the literal's line is changed, and what a reference needs is added: an import, a block.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::form::{Language, Store, block};
use super::literal::{Literal, around};
use super::rest::{Rest, joined, rest, within};
use super::steps::{place, steps};
use super::{constant, imports, naming};

/// What to change.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// Path of the file, below the root.
    pub path: &'r str,
    /// Its text.
    pub text: &'r str,
    /// Where the secret stands in it.
    pub secret: Range<usize>,
    /// What to call the value, if not what the line calls it.
    pub name: Option<&'r str>,
    /// What `.env` calls the value, if it has it: the program should ask for that name.
    pub kept: Option<&'r str>,
    /// The rule that found it: says what to call it where the line does not.
    pub otherwise: &'r str,
    /// Where it is to be kept.
    pub store: Store,
}

/// A file as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The whole text.
    pub text: String,
    /// The name that stands for the value.
    pub name: String,
    /// What goes into `.env.example`, if anything does.
    pub example: Option<String>,
    /// What stood there, quotes apart: more than the secret where it is a part of a URL.
    pub value: Range<usize>,
    /// What is left to do.
    pub steps: Vec<String>,
}

/// Why a change has to be made by hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is known of the file's language.
    #[error("leakstop knows no reference for a file of this kind; write it by hand")]
    Language,
    /// The secret goes on over several lines.
    #[error("the secret stands on several lines; put it into a file of its own, and refer to that")]
    Lines,
    /// The literal holds more, and cannot be cut.
    #[error(
        "the literal holds more than the secret; write the reference by hand, so that the rest stays"
    )]
    Rest,
    /// The literal is made of parts.
    #[error("the literal is put together at run time; write the reference by hand")]
    Parts,
    /// A Go constant in a group, or a constant whose value stands on a line of its own.
    #[error(
        "a constant in a group, or over several lines, cannot be read from the environment; make \
         it a variable first"
    )]
    Constant,
    /// A constant of Rust that is no string.
    #[error("a constant cannot be read from the environment; make it a LazyLock by hand")]
    Static,
    /// The file is what fills the environment.
    #[error("this file fills the environment, and git does not track it: the value belongs here")]
    Home,
    /// A secret's manifest.
    #[error(
        "this is a place of a manifest that takes no reference; keep the value in an ExternalSecret \
         or a SealedSecret"
    )]
    Manifest,
    /// A comment or a text.
    #[error(
        "no literal is given to anything here; delete the line, or write the reference by hand"
    )]
    Text,
    /// A name that a forge keeps for itself.
    #[error(
        "{0:?}: forges take no secret whose name begins with GITHUB_; give another with --name"
    )]
    Reserved(String),
    /// A name that no environment takes.
    #[error("{0:?} is no name for a variable: letters, digits and _")]
    Name(String),
}

/// A string constant of Rust.
static CONSTANT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([ \t]*(?:pub(?:\([a-z]+\))?[ \t]+)?)(?:const|static)[ \t]+([A-Za-z_][A-Za-z0-9_]*)[ \t]*:[ \t]*&(?:'static[ \t]+)?str[ \t]*=[ \t]*$")
        .expect("the pattern is a constant, tested below")
});

/// Puts the reference in the secret's place.
///
/// # Errors
/// It has to be done by hand.
pub fn change(request: &Request<'_>) -> Result<Change, Refusal> {
    let Request { path, text, store, .. } = *request;
    let language = Language::of(path, text).ok_or(Refusal::Language)?;
    let start = text[..request.secret.start].rfind('\n').map_or(0, |at| at + 1);
    let end =
        text[request.secret.end..].find('\n').map_or(text.len(), |at| request.secret.end + at);
    let line = text[start..end].trim_end_matches('\r');
    if line.contains('\n') || request.secret.end > start + line.len() {
        let manifest = language == Language::Kubernetes;
        return Err(if manifest { Refusal::Manifest } else { Refusal::Lines });
    }
    let inner = request.secret.start - start..request.secret.end - start;
    let literal = around(line, inner.clone());
    let (above, below) = (&text[..start], &text[start + line.len()..]);
    let spot = Spot { language, above, line, below, literal: &literal, secret: inner };
    refuse(&spot)?;
    let rest = rest(&spot, store)?;
    let name = called(request, &spot, rest)?;
    let changed = match rest {
        Rest::Within => within(&spot, &name, store),
        _ => line_with(&spot, &name, store, rest)?,
    };
    let mut out = format!("{above}{changed}{below}");
    complete(language, &mut out, &name, store);
    let quoted = usize::from(literal.quote.is_some());
    let value = match rest {
        Rest::Within | Rest::Joined => request.secret.clone(),
        Rest::None | Rest::Url => {
            start + literal.span.start + quoted..start + literal.span.end - quoted
        }
    };
    let namespace = place(above, below).filter(|_| language == Language::Kubernetes);
    let mut steps = steps(path, language, &name, store, namespace);
    match rest {
        Rest::None => {}
        Rest::Url => steps
            .insert(1, format!("make {name} the whole URL that stood here, with the new value")),
        Rest::Within | Rest::Joined => {
            steps.insert(
                1,
                format!("make {name} the new value alone; what stands beside it stays in the file"),
            );
        }
    }
    Ok(Change { text: out, example: example(language, &name, store), name, value, steps })
}

/// A literal and what stands around it.
pub(super) struct Spot<'s> {
    pub(super) language: Language,
    /// The text above its line.
    pub(super) above: &'s str,
    pub(super) line: &'s str,
    /// The text from the end of its line.
    pub(super) below: &'s str,
    pub(super) literal: &'s Literal,
    /// Where on the line the secret stands.
    pub(super) secret: Range<usize>,
}

/// The name of the value.
fn called(request: &Request<'_>, spot: &Spot<'_>, rest: Rest) -> Result<String, Refusal> {
    let Spot { language, above, literal, .. } = *spot;
    let mut literal = literal.clone();
    if matches!(rest, Rest::Within | Rest::Joined) {
        // It is the name of all that the literal holds, such as a header.
        literal.name = literal.name.filter(|name| naming::is_secret(name));
    }
    let name = match (request.name, request.kept) {
        (Some(name), _) if naming::free(language, name) != name => {
            return Err(Refusal::Reserved(name.to_owned()));
        }
        (Some(name), _) | (None, Some(name)) => name.to_owned(),
        (None, None) => naming::name(language, above, &literal, request.otherwise),
    };
    let name = naming::free(language, &name);
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if plain { Ok(name) } else { Err(Refusal::Name(name)) }
}

/// What cannot be changed by machine.
fn refuse(spot: &Spot<'_>) -> Result<(), Refusal> {
    let Spot { language, line, literal, .. } = *spot;
    if spot.is_cut() {
        return Err(Refusal::Rest);
    }
    let value = &line[literal.span.clone()];
    let before = &line[..literal.span.start];
    let interpolated = match language {
        Language::JavaScript | Language::TypeScript => {
            value.starts_with('`') && value.contains("${")
        }
        Language::Python => before.ends_with(['f', 'F']) && value.contains('{'),
        Language::Ruby => value.contains("#{"),
        Language::Shell | Language::Php => value.starts_with('"') && value.contains('$'),
        Language::Terraform => value.contains("${"),
        _ => false,
    };
    let after = line[literal.span.end..].trim_start();
    let joined = before.trim_end().ends_with('+') || after.starts_with('+');
    if interpolated || language.is_program() && joined {
        return Err(Refusal::Parts);
    }
    let comment = match language {
        Language::Python
        | Language::Ruby
        | Language::Shell
        | Language::Dotenv
        | Language::Yaml
        | Language::Compose
        | Language::Kubernetes
        | Language::Workflow => '#',
        _ => '/',
    };
    let commented = line.trim_start().starts_with(comment)
        && (comment == '#' || line.trim_start().starts_with("//"));
    let loose = literal.quote.is_none() && (language.is_program() && language != Language::Shell);
    if commented || loose || literal.quote.is_none() && literal.name.is_none() {
        return Err(Refusal::Text);
    }
    Ok(())
}

/// The line with the reference.
fn line_with(spot: &Spot<'_>, name: &str, store: Store, rest: Rest) -> Result<String, Refusal> {
    let Spot { language, line, literal, .. } = *spot;
    let mut before = constant::freed(language, spot.above, &line[..literal.span.start])?;
    let after = &line[literal.span.end..];
    let reference = language.reference(name, store, after.starts_with('.'));
    let quote = |text: &str| match literal.quote {
        Some(quote) => format!("{0}{text}{0}", char::from(quote)),
        None => text.to_owned(),
    };
    let reference = match language {
        _ if rest == Rest::Joined => joined(spot, &reference),
        Language::Python => {
            let bare = before.trim_end_matches(['b', 'f', 'r', 'u', 'B', 'F', 'R', 'U']).len();
            let bytes = before[bare..].contains(['b', 'B']);
            before.truncate(bare);
            if bytes { format!("{reference}.encode()") } else { reference }
        }
        Language::CSharp => {
            before.truncate(before.trim_end_matches(['@', '$']).len());
            reference
        }
        Language::Rust if before.contains("const ") || before.contains("static ") => {
            let found = CONSTANT.captures(&before).ok_or(Refusal::Static)?;
            let lock = "std::sync::LazyLock";
            let read = language.reference(name, store, true);
            before = format!(
                "{}static {}: {lock}<String> =\n{}    ",
                &found[1],
                &found[2],
                indent(line)
            );
            format!("{lock}::new(|| {read})")
        }
        Language::Java if before.trim_end().ends_with("@Value(") => quote(&format!("${{{name}}}")),
        Language::Kubernetes => return manifest(line, literal, name),
        Language::Spring
        | Language::Compose
        | Language::Workflow
        | Language::GitLab
        | Language::Yaml => quote(&reference),
        Language::Dotenv if !reference.is_empty() => quote(&reference),
        _ => reference,
    };
    Ok(format!("{before}{reference}{after}"))
}

/// The blanks a line begins with.
fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// `value: …` of a container's variable becomes a reference to a key of a secret.
fn manifest(line: &str, literal: &Literal, name: &str) -> Result<String, Refusal> {
    let key = line.trim_start();
    let dash = key.starts_with("- ");
    let key = key.trim_start_matches("- ");
    if !key.starts_with("value:") || literal.name.as_deref() != Some("value") {
        return Err(Refusal::Manifest);
    }
    let indent = indent(line);
    let (head, deep) = if dash { ("- ", "  ") } else { ("", "") };
    Ok([
        format!("{indent}{head}valueFrom:"),
        format!("{indent}{deep}  secretKeyRef:"),
        format!("{indent}{deep}    name: app-secrets"),
        format!("{indent}{deep}    key: {name}"),
    ]
    .join("\n"))
}

/// Adds what a reference needs.
fn complete(language: Language, text: &mut String, name: &str, store: Store) {
    match language {
        Language::Python => imports::python(text),
        Language::Go => imports::go(text),
        Language::CSharp => imports::csharp(text),
        Language::Terraform => {
            let (block, head) = block(name, store);
            if !text.contains(&head) {
                let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
                text.push_str(gap);
                text.push_str(&block);
            }
        }
        _ => {}
    }
    if text.contains("\r\n") {
        *text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
}

/// The line for `.env.example`.
fn example(language: Language, name: &str, store: Store) -> Option<String> {
    match (language, store) {
        (Language::Terraform, Store::Environment) => Some(format!("{}=", language.variable(name))),
        // What pipelines use is set where they run.
        (Language::Terraform | Language::Kubernetes | Language::Workflow | Language::GitLab, _) => {
            None
        }
        (Language::Yaml | Language::Dotenv, store) if store != Store::Environment => None,
        _ => Some(format!("{name}=")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked for a secret of six characters.
    fn request<'r>(path: &'r str, text: &'r str, at: usize, store: Store) -> Request<'r> {
        let secret = at..at + 6;
        Request { path, text, secret, name: None, kept: None, otherwise: "github-pat", store }
    }

    /// The text with the secret `S3cret` replaced.
    fn changed(path: &str, text: &str, store: Store) -> Result<String, Refusal> {
        let at = text.find("S3cret").unwrap();
        change(&request(path, text, at, store)).map(|change| change.text)
    }

    fn env(path: &str, text: &str) -> String {
        changed(path, text, Store::Environment).unwrap()
    }

    #[test]
    fn programs_read_the_environment() {
        for (path, before, after) in [
            ("a.py", "import sys\nkey = \"S3cret\"\n", "import os\nimport sys\nGITHUB_KEY"),
            (
                "a.py",
                "\"\"\"Doc.\"\"\"\nAPI_TOKEN = b'S3cret'\n",
                "\"\"\"Doc.\"\"\"\nimport os\nAPI_TOKEN = os.environ[\"API_TOKEN\"].encode()\n",
            ),
            (
                "a.py",
                "import os\nf(apiToken='S3cret', x=1)\n",
                "import os\nf(apiToken=os.environ[\"API_TOKEN\"], x=1)\n",
            ),
            (
                "a.js",
                "const stripeKey = 'S3cret';\n",
                "const stripeKey = process.env.STRIPE_KEY;\n",
            ),
            (
                "a.ts",
                "const stripeKey: string = `S3cret`;\n",
                "const stripeKey: string = process.env.STRIPE_KEY!;\n",
            ),
            (
                "a.go",
                "package a\n\nconst stripeKey = \"S3cret\"\n",
                "package a\n\nimport \"os\"\n\nvar stripeKey = os.Getenv(\"STRIPE_KEY\")\n",
            ),
            (
                "a.go",
                "// The package a.\npackage a\nvar stripeKey = \"S3cret\"\n",
                "// The package a.\npackage a\n\nimport \"os\"\n\nvar stripeKey = os.Getenv(\"STRIPE_KEY\")\n",
            ),
            (
                "a.go",
                "package a\n\nimport (\n\t\"fmt\"\n)\n\nvar stripeKey = \"S3cret\"\n",
                "package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nvar stripeKey = os.Getenv(\"STRIPE_KEY\")\n",
            ),
            (
                "A.java",
                "  String stripeKey = \"S3cret\";\n",
                "  String stripeKey = System.getenv(\"STRIPE_KEY\");\n",
            ),
            ("A.java", "  @Value(\"S3cret\")\n", "  @Value(\"${GITHUB_PAT}\")\n"),
            ("a.rb", "stripe_key = 'S3cret'\n", "stripe_key = ENV.fetch(\"STRIPE_KEY\")\n"),
            ("a.sh", "export STRIPE_KEY=S3cret\n", "export STRIPE_KEY=\"${STRIPE_KEY:?}\"\n"),
        ] {
            let now = env(path, before);
            if after.ends_with("GITHUB_KEY") {
                assert_eq!(now, "import os\nimport sys\nkey = os.environ[\"GITHUB_KEY\"]\n");
            } else {
                assert_eq!(now, after, "{path}");
            }
        }
    }

    #[test]
    fn constants_become_variables() {
        for (path, before, after) in [
            (
                "A.kt",
                "const val STRIPE_KEY = \"S3cret\"\n",
                "val STRIPE_KEY = System.getenv(\"STRIPE_KEY\")\n",
            ),
            (
                "A.cs",
                "class A {\n  const string StripeKey = \"S3cret\";\n}\n",
                "using System;\n\nclass A {\n  static readonly string StripeKey = Environment.GetEnvironmentVariable(\"STRIPE_KEY\");\n}\n",
            ),
        ] {
            assert_eq!(env(path, before), after, "{path}");
        }
    }

    #[test]
    fn rust_has_its_ways() {
        let read = "std::env::";
        let of = |text: &str| env("a.rs", text).replace(&format!("{read}var"), "READ");
        assert_eq!(
            of("let stripe_key = \"S3cret\";\n"),
            "let stripe_key = &READ(\"STRIPE_KEY\").expect(\"STRIPE_KEY is set\");\n"
        );
        assert_eq!(
            of("let stripe_key = \"S3cret\".to_string();\n"),
            "let stripe_key = READ(\"STRIPE_KEY\").expect(\"STRIPE_KEY is set\").to_string();\n"
        );
        assert_eq!(
            of("pub const STRIPE_KEY: &str = \"S3cret\";\n"),
            "pub static STRIPE_KEY: std::sync::LazyLock<String> =\n    std::sync::LazyLock::new(|| READ(\"STRIPE_KEY\").expect(\"STRIPE_KEY is set\"));\n"
        );
        assert_eq!(
            changed("a.rs", "const K: [&str; 1] = [\"S3cret\"];\n", Store::Environment),
            Err(Refusal::Static)
        );
    }

    #[test]
    fn configuration_names_the_store() {
        let yaml = "db:\n  password: S3cret\n";
        assert_eq!(env("a.yml", yaml), "db:\n  password: ${DB_PASSWORD}\n");
        for (store, start) in [
            (Store::Vault, "ref+vault://"),
            (Store::Aws, "ref+awssecrets://"),
            (Store::Gcp, "ref+gcpsecrets://"),
            (Store::Azure, "ref+azurekeyvault://"),
            (Store::Kubernetes, "ref+k8s://"),
        ] {
            let now = changed("a.yml", yaml, store).unwrap();
            assert!(now.contains(&format!("password: {start}")), "{now}");
        }
        assert_eq!(env("application.yml", "key: \"S3cret\"\n"), "key: \"${GITHUB_KEY}\"\n");
        assert_eq!(
            env("application.properties", "spring.datasource.password=S3cret\n"),
            "spring.datasource.password=${SPRING_DATASOURCE_PASSWORD}\n"
        );
        assert_eq!(
            env("docker-compose.yml", "      DB_PASSWORD: S3cret\n"),
            "      DB_PASSWORD: ${DB_PASSWORD:?}\n"
        );
        assert_eq!(
            env("docker-compose.yml", "      - DB_PASSWORD=S3cret\n"),
            "      - DB_PASSWORD=${DB_PASSWORD:?}\n"
        );
        assert_eq!(
            env(".github/workflows/a.yml", "  NPM_TOKEN: S3cret\n"),
            "  NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
        );
        assert_eq!(env(".env.production", "# x\nSTRIPE_KEY=S3cret\n"), "# x\nSTRIPE_KEY=\n");
        assert_eq!(
            changed(".env", "STRIPE_KEY=S3cret\n", Store::Vault).unwrap(),
            "STRIPE_KEY=ref+vault://secret/app#/STRIPE_KEY\n"
        );
    }

    #[test]
    fn manifests_refer_to_a_secret() {
        let head = "apiVersion: v1\nkind: Pod\n";
        let now =
            env("pod.yaml", &format!("{head}    - name: STRIPE_KEY\n      value: \"S3cret\"\n"));
        let from = "      valueFrom:\n        secretKeyRef:\n          name: app-secrets\n          key: STRIPE_KEY\n";
        assert_eq!(now, format!("{head}    - name: STRIPE_KEY\n{from}"));
        let data = format!("{head}data:\n  key: S3cret\n");
        assert_eq!(changed("pod.yaml", &data, Store::Environment), Err(Refusal::Manifest));
    }

    #[test]
    fn terraform_declares_what_it_refers_to() {
        let text = "resource \"x\" \"y\" {\n  db_password = \"S3cret\"\n}\n";
        let now = env("main.tf", text);
        assert!(now.contains("  db_password = var.db_password\n"), "{now}");
        assert!(now.ends_with(
            "\nvariable \"db_password\" {\n  type      = string\n  sensitive = true\n}\n"
        ));
        for store in [Store::Vault, Store::Aws, Store::Gcp, Store::Azure, Store::Kubernetes] {
            let now = changed("main.tf", text, store).unwrap();
            assert!(now.contains("  db_password = data.") && now.contains("\ndata \""), "{now}");
        }
    }

    #[test]
    fn what_has_to_be_done_by_hand_is_refused() {
        let of = |path: &str, text: &str| changed(path, text, Store::Environment).unwrap_err();
        assert_eq!(of("a.json", "{\"key\": \"S3cret\"}"), Refusal::Language);
        assert_eq!(of("a.py", "key = f\"{user}S3cret\"\n"), Refusal::Parts);
        assert_eq!(of("a.js", "key = \"S3cret\" + more\n"), Refusal::Parts);
        assert_eq!(of("a.py", "# key = \"S3cret\"\n"), Refusal::Text);
        assert_eq!(of("a.go", "// S3cret\n"), Refusal::Text);
        let plain = request("a.py", "k = \"S3cret\"", 5, Store::Environment);
        let request = Request { name: Some("no-name"), ..plain };
        assert_eq!(change(&request), Err(Refusal::Name("no-name".into())));
    }

    #[test]
    fn no_name_is_taken_that_forges_keep_for_themselves() {
        let text = "  GITHUB_TOKEN: S3cret\n";
        let of = |path, name, kept| {
            let request = request(path, text, text.find("S3cret").unwrap(), Store::Environment);
            change(&Request { name, kept, ..request }).map(|change| change.name)
        };
        let workflow = ".github/workflows/a.yml";
        assert_eq!(of(workflow, None, None).as_deref(), Ok("GH_TOKEN"));
        assert_eq!(of(workflow, None, Some("GITHUB_PAT")).as_deref(), Ok("GH_PAT"));
        assert_eq!(of(workflow, Some("MY_TOKEN"), None).as_deref(), Ok("MY_TOKEN"));
        assert_eq!(of(workflow, Some("github_x"), None), Err(Refusal::Reserved("github_x".into())));
        assert_eq!(of("compose.yml", None, None).as_deref(), Ok("GITHUB_TOKEN"));
    }

    #[test]
    fn ends_of_lines_stay_as_they_are() {
        assert_eq!(
            env("a.py", "import sys\r\napi_token = \"S3cret\"\r\n"),
            "import os\r\nimport sys\r\napi_token = os.environ[\"API_TOKEN\"]\r\n"
        );
    }
}
