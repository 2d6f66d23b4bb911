//! What is left to do after a change, in the order in which to do it.
//!
//! In: the file's path and language, the name, and the store. Out: sentences, with the commands that put the value where
//! the reference looks for it. No command takes the value as an argument: it is read from standard input or a file.

use super::form::{Language, Store, fill, put};

/// The steps for the value that a file at `path` now calls `name`; a manifest may say in which namespace.
#[must_use]
pub fn steps(
    path: &str,
    language: Language,
    name: &str,
    store: Store,
    namespace: Option<&str>,
) -> Vec<String> {
    let mut steps =
        vec!["rotate the value, unless no commit and nobody else ever had it".to_owned()];
    let variable = language.variable(name);
    let stored = match store {
        Store::Environment => put(&variable, store, None),
        _ => put(name, store, namespace),
    };
    match home(path, language, name, namespace) {
        Some(home) if store == Store::Environment || home == stored => steps.push(home),
        Some(home) => steps.extend([stored, format!("{home}, where the file looks for it")]),
        None => steps.push(stored),
    }
    if let Some(fill) = fill(name, store).filter(|_| language.is_program()) {
        steps.push(format!(
            "have it in the environment as {name} where the program runs, as in\n{fill}"
        ));
    }
    steps
}

/// What puts the value where a file of this language looks for it, whatever store it is kept in.
fn home(path: &str, language: Language, name: &str, namespace: Option<&str>) -> Option<String> {
    match language {
        Language::Workflow if path.starts_with(".github/") => Some(format!("gh secret set {name}")),
        Language::Workflow => {
            Some(format!("add the secret {name} in the settings of the repository, under Actions"))
        }
        Language::GitLab => Some(format!("glab variable set {name} --masked < FILE")),
        Language::Kubernetes => Some(put(name, Store::Kubernetes, namespace)),
        _ => None,
    }
}

/// The namespace of the manifest whose text stands `above` and `below` the secret's line: a pod sees the secrets of its
/// own alone.
pub(super) fn place<'t>(above: &'t str, below: &'t str) -> Option<&'t str> {
    let above = above.rfind("\n---").map_or(above, |at| &above[at..]);
    let below = below.find("\n---").map_or(below, |at| &below[..at]);
    namespace(above).or_else(|| namespace(below))
}

/// The namespace that a part of a manifest names.
fn namespace(text: &str) -> Option<&str> {
    text.match_indices("namespace:").find_map(|(at, key)| {
        let named = text[..at].ends_with([' ', '{', ',']);
        let rest = text[at + key.len()..].trim_start_matches([' ', '"', '\'']);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let name = &rest[..end.unwrap_or(rest.len())];
        (named && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, language: Language, store: Store) -> String {
        steps(path, language, "API_TOKEN", store, None)[1..].join("; ")
    }

    #[test]
    fn the_place_that_the_file_looks_at_is_named() {
        let (workflow, gitea) = (".github/workflows/a.yml", ".gitea/workflows/a.yml");
        let env = Store::Environment;
        for (path, language, store, told) in [
            (workflow, Language::Workflow, env, "gh secret set API_TOKEN"),
            (
                workflow,
                Language::Workflow,
                Store::Gcp,
                "gcloud secrets create api-token --data-file=- (where it is there already, versions add); gh secret set API_TOKEN, where the file looks for it",
            ),
            (
                gitea,
                Language::Workflow,
                env,
                "add the secret API_TOKEN in the settings of the repository, under Actions",
            ),
            (
                ".gitlab-ci.yml",
                Language::GitLab,
                env,
                "glab variable set API_TOKEN --masked < FILE",
            ),
            (
                "main.tf",
                Language::Terraform,
                env,
                "set TF_VAR_api_token in the environment, or in a .env that git ignores",
            ),
            (
                "main.tf",
                Language::Terraform,
                Store::Vault,
                "vault kv patch secret/app API_TOKEN=- (where there is no secret/app yet, kv put)",
            ),
            (
                "a.py",
                Language::Python,
                env,
                "set API_TOKEN in the environment, or in a .env that git ignores",
            ),
        ] {
            assert_eq!(of(path, language, store), told, "{path}");
        }
        let kubectl = "kubectl create secret generic app-secrets --from-file=API_TOKEN=/dev/stdin";
        assert_eq!(of("pod.yaml", Language::Kubernetes, env), kubectl);
        assert_eq!(of("pod.yaml", Language::Kubernetes, Store::Kubernetes), kubectl);
        let both = of("pod.yaml", Language::Kubernetes, Store::Vault);
        assert!(both.starts_with("vault kv patch") && both.contains(kubectl), "{both}");
    }

    #[test]
    fn the_namespace_of_the_manifest_is_that_of_the_secret() {
        assert_eq!(place("metadata:\n  namespace: prod\nspec:\n", ""), Some("prod"));
        assert_eq!(place("metadata: {name: a, namespace: \"prod\"}\n", ""), Some("prod"));
        assert_eq!(place("", "\nmetadata:\n  namespace: prod\n"), Some("prod"));
        assert_eq!(place("metadata:\n  namespace: prod\n---\nkind: Pod\n", ""), None);
        assert_eq!(place("", ""), None);
        let steps = steps("a.yaml", Language::Kubernetes, "A", Store::Kubernetes, Some("prod"));
        let inside = "kubectl --namespace prod create secret generic app-secrets";
        assert!(steps.iter().any(|step| step.starts_with(inside)), "{steps:?}");
    }
}
