//! How a file's language refers to a value that is kept elsewhere.
//!
//! In: a path and the file's text. Out: its [`Language`], and the reference for a name and a store. Programs read the
//! environment, whatever store fills it; formats that can name a store name it.

/// Where values are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// The environment.
    Environment,
    /// Vault.
    Vault,
    /// AWS Secrets Manager.
    Aws,
    /// Google Secret Manager.
    Gcp,
    /// Azure Key Vault.
    Azure,
    /// A Kubernetes secret.
    Kubernetes,
}

/// What a file is written in, as far as references differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// Java, and Kotlin, which calls the same method.
    Java,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// C#.
    CSharp,
    /// A shell's script.
    Shell,
    /// Spring's properties, and its YAML.
    Spring,
    /// A file of variables.
    Dotenv,
    /// Terraform.
    Terraform,
    /// A compose file.
    Compose,
    /// A manifest of Kubernetes.
    Kubernetes,
    /// A workflow of GitHub's, or of a forge that speaks its language.
    Workflow,
    /// GitLab's pipelines.
    GitLab,
    /// Other YAML.
    Yaml,
}

/// Endings of names, and what they are written in.
const ENDINGS: &[(&str, Language)] = &[
    ("py", Language::Python),
    ("pyw", Language::Python),
    ("js", Language::JavaScript),
    ("mjs", Language::JavaScript),
    ("cjs", Language::JavaScript),
    ("jsx", Language::JavaScript),
    ("ts", Language::TypeScript),
    ("mts", Language::TypeScript),
    ("cts", Language::TypeScript),
    ("tsx", Language::TypeScript),
    ("go", Language::Go),
    ("rs", Language::Rust),
    ("java", Language::Java),
    ("kt", Language::Java),
    ("kts", Language::Java),
    ("rb", Language::Ruby),
    ("php", Language::Php),
    ("cs", Language::CSharp),
    ("sh", Language::Shell),
    ("bash", Language::Shell),
    ("zsh", Language::Shell),
    ("tf", Language::Terraform),
    ("properties", Language::Spring),
    ("env", Language::Dotenv),
    ("yml", Language::Yaml),
    ("yaml", Language::Yaml),
];

impl Language {
    /// What a file is written in; `None` where there is no reference to be written.
    #[must_use]
    pub fn of(path: &str, text: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name == ".env" || name.starts_with(".env.") {
            return Some(Self::Dotenv);
        }
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let (_, language) = ENDINGS.iter().find(|(known, _)| *known == ending)?;
        if *language != Self::Yaml {
            return Some(*language);
        }
        let holds = |key: &str| text.lines().any(|line| line.starts_with(key));
        Some(if path.contains("/workflows/") && path.starts_with('.') {
            Self::Workflow
        } else if name.starts_with(".gitlab-ci") {
            Self::GitLab
        } else if name.starts_with("docker-compose") || name.starts_with("compose") {
            Self::Compose
        } else if holds("apiVersion:") && holds("kind:") {
            Self::Kubernetes
        } else if name.starts_with("application") || name.starts_with("bootstrap") {
            Self::Spring
        } else {
            Self::Yaml
        })
    }

    /// Whether it is a program, which reads the environment whatever fills it.
    #[must_use]
    pub const fn is_program(self) -> bool {
        matches!(
            self,
            Self::Python
                | Self::JavaScript
                | Self::TypeScript
                | Self::Go
                | Self::Rust
                | Self::Java
                | Self::Ruby
                | Self::Php
                | Self::CSharp
                | Self::Shell
        )
    }

    /// What the environment calls the value: Terraform looks for its variables behind a prefix.
    #[must_use]
    pub fn variable(self, name: &str) -> String {
        match self {
            Self::Terraform => format!("TF_VAR_{}", name.to_ascii_lowercase()),
            _ => name.to_owned(),
        }
    }

    /// What stands for the value called `name` in `store`. `followed`: a method is called on it.
    #[must_use]
    pub fn reference(self, name: &str, store: Store, followed: bool) -> String {
        match self {
            Self::Python => format!("os.environ[\"{name}\"]"),
            Self::JavaScript => format!("process.env.{name}"),
            // Its type says that it may be missing; the literal's did not.
            Self::TypeScript => format!("process.env.{name}!"),
            Self::Go => format!("os.Getenv(\"{name}\")"),
            Self::Rust => {
                let borrow = if followed { "" } else { "&" };
                format!("{borrow}std::{}(\"{name}\").expect(\"{name} is set\")", VAR.concat())
            }
            Self::Java => format!("System.getenv(\"{name}\")"),
            Self::Ruby => format!("ENV.fetch(\"{name}\")"),
            Self::Php => format!("getenv('{name}')"),
            Self::CSharp => format!("Environment.GetEnvironmentVariable(\"{name}\")"),
            Self::Shell => format!("\"${{{name}:?}}\""),
            Self::Spring => format!("${{{name}}}"),
            Self::Compose => format!("${{{name}:?}}"),
            Self::Workflow => format!("${{{{ secrets.{name} }}}}"),
            Self::GitLab => format!("${name}"),
            Self::Terraform => terraform(name, store),
            Self::Dotenv if store == Store::Environment => String::new(),
            Self::Kubernetes | Self::Yaml | Self::Dotenv => kept(name, store),
        }
    }
}

/// Rust's way to read a variable.
const VAR: [&str; 2] = ["env::", "var"];

/// A reference in a configuration file: `${NAME}`, or the notation of vals, which Helmfile and others read.
fn kept(name: &str, store: Store) -> String {
    let dashed = dashed(name);
    match store {
        Store::Environment => format!("${{{name}}}"),
        Store::Vault => format!("ref+vault://secret/app#/{name}"),
        Store::Aws => format!("ref+awssecrets://app/{dashed}"),
        Store::Gcp => format!("ref+gcpsecrets://PROJECT/{dashed}"),
        Store::Azure => format!("ref+azurekeyvault://VAULT/{dashed}"),
        Store::Kubernetes => format!("ref+k8s://v1/Secret/default/app-secrets/{name}"),
    }
}

/// Terraform's expression; [`block`] declares what it refers to.
fn terraform(name: &str, store: Store) -> String {
    let id = name.to_ascii_lowercase();
    match store {
        Store::Environment => format!("var.{id}"),
        Store::Vault => format!("data.vault_kv_secret_v2.app.data[\"{name}\"]"),
        Store::Aws => format!("data.aws_secretsmanager_secret_version.{id}.secret_string"),
        Store::Gcp => format!("data.google_secret_manager_secret_version.{id}.secret_data"),
        Store::Azure => format!("data.azurerm_key_vault_secret.{id}.value"),
        Store::Kubernetes => format!("data.kubernetes_secret.app.data[\"{name}\"]"),
    }
}

/// The block that Terraform's expression needs, and how the file says that it is there already.
#[must_use]
pub fn block(name: &str, store: Store) -> (String, String) {
    let (id, dashed) = (name.to_ascii_lowercase(), dashed(name));
    let (head, body) = match store {
        Store::Environment => {
            (format!("variable \"{id}\""), "  type      = string\n  sensitive = true\n".to_owned())
        }
        Store::Vault => (
            "data \"vault_kv_secret_v2\" \"app\"".to_owned(),
            "  mount = \"secret\"\n  name  = \"app\"\n".to_owned(),
        ),
        Store::Aws => (
            format!("data \"aws_secretsmanager_secret_version\" \"{id}\""),
            format!("  secret_id = \"app/{dashed}\"\n"),
        ),
        Store::Gcp => (
            format!("data \"google_secret_manager_secret_version\" \"{id}\""),
            format!("  secret = \"{dashed}\"\n"),
        ),
        Store::Azure => (
            format!("data \"azurerm_key_vault_secret\" \"{id}\""),
            format!(
                "  name         = \"{dashed}\"\n  key_vault_id = data.azurerm_key_vault.app.id\n"
            ),
        ),
        Store::Kubernetes => (
            "data \"kubernetes_secret\" \"app\"".to_owned(),
            "  metadata {\n    name = \"app-secrets\"\n  }\n".to_owned(),
        ),
    };
    (format!("{head} {{\n{body}}}\n"), head)
}

/// A name as stores want it that take no underscores.
#[must_use]
pub fn dashed(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// The command that puts a value into a store, and what it is the other time; the value is read from standard input or
/// a file, never an argument. Kubernetes has its secrets in namespaces.
#[must_use]
pub fn put(name: &str, store: Store, namespace: Option<&str>) -> String {
    let dashed = dashed(name);
    match store {
        Store::Environment => {
            format!("set {name} in the environment, or in a .env that git ignores")
        }
        Store::Vault => {
            format!("vault kv patch secret/app {name}=- (where there is no secret/app yet, kv put)")
        }
        Store::Aws => format!(
            "aws secretsmanager create-secret --name app/{dashed} --secret-string file:///dev/stdin \
             (where it is there already, put-secret-value --secret-id)"
        ),
        Store::Gcp => format!(
            "gcloud secrets create {dashed} --data-file=- (where it is there already, versions add)"
        ),
        Store::Azure => {
            format!("az keyvault secret set --vault-name VAULT --name {dashed} --file /dev/stdin")
        }
        Store::Kubernetes => {
            let place = namespace.map_or(String::new(), |name| format!("--namespace {name} "));
            format!(
                "kubectl {place}create secret generic app-secrets --from-file={name}=/dev/stdin"
            )
        }
    }
}

/// How the environment of a program gets the value from a store where it runs; nothing for the environment itself.
///
/// Sources: the documentation of Vault Agent's process supervisor, Amazon ECS, Cloud Run, Azure App Service and
/// Kubernetes.
#[must_use]
pub fn fill(name: &str, store: Store) -> Option<String> {
    let dashed = dashed(name);
    Some(match store {
        Store::Environment => return None,
        Store::Vault => format!(
            "Vault Agent: env_template \"{name}\" {{ contents = \"{{{{ with secret \\\"secret/data/app\\\" }}}}\
             {{{{ .Data.data.{name} }}}}{{{{ end }}}}\" }}"
        ),
        Store::Aws => format!(
            "ECS task definition: \"secrets\": [{{\"name\": \"{name}\", \"valueFrom\": \
             \"arn:aws:secretsmanager:REGION:ACCOUNT:secret:app/{dashed}\"}}]"
        ),
        Store::Gcp => format!(
            "Cloud Run: gcloud run services update SERVICE --update-secrets={name}={dashed}:latest"
        ),
        Store::Azure => format!(
            "App Service setting: {name}=@Microsoft.KeyVault(VaultName=VAULT;SecretName={dashed})"
        ),
        Store::Kubernetes => format!(
            "container: env: [{{name: {name}, valueFrom: {{secretKeyRef: {{name: app-secrets, key: {name}}}}}}}]"
        ),
    })
}
