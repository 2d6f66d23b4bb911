//! What other tools call rules that we have too.
//!
//! In: an id of gitleaks, betterleaks or kingfisher. Out: the ids of our rules that find the same.

/// Ids of theirs that are not ours, and the rules that do the same here. An id of theirs that is one of ours as well
/// needs no row.
const THEIRS: &[(&str, &[&str])] = &[
    (
        "aws-access-token",
        &["aws-access-key-id", "aws-temporary-access-key-id", "aws-secret-access-key"],
    ),
    ("azure-ad-client-secret", &["azure-entra-client-secret"]),
    ("cloudflare-origin-ca-key", &["cloudflare-origin-ca-key"]),
    ("databricks-api-token", &["databricks-pat"]),
    ("gcp-api-key", &["google-api-key", "google-gemini-api-key"]),
    ("generic-api-key", &["generic-password", "generic-secret", "high-entropy-string"]),
    ("github-app-token", &["github-app-user-token", "github-app-installation-token"]),
    ("github-fine-grained-pat", &["github-pat-fine-grained"]),
    ("github-oauth", &["github-oauth-token"]),
    ("github-pat", &["github-pat-classic"]),
    ("github-refresh-token", &["github-app-refresh-token"]),
    ("gitlab-ptt", &["gitlab-pipeline-trigger-token"]),
    ("gitlab-rrt", &["gitlab-runner-registration-token"]),
    ("huggingface-access-token", &["huggingface-user-token"]),
    ("huggingface-organization-api-token", &["huggingface-org-token"]),
    ("hashicorp-tf-password", &["generic-password"]),
    ("kubernetes-secret-yaml", &["kubernetes-secret-manifest"]),
    (
        "openai-api-key",
        &[
            "openai-project-key",
            "openai-service-account-key",
            "openai-unscoped-key",
            "openai-legacy-key",
        ],
    ),
    (
        "private-key",
        &[
            "pem-rsa-private-key",
            "pem-pkcs8-private-key",
            "pem-encrypted-private-key",
            "pem-ec-private-key",
            "pem-dsa-private-key",
            "pem-escaped-private-key",
            "openssh-private-key",
            "pgp-private-key",
        ],
    ),
    ("pypi-upload-token", &["pypi-api-token"]),
    ("sendgrid-api-token", &["sendgrid-api-key"]),
    (
        "stripe-access-token",
        &["stripe-secret-key", "stripe-test-secret-key", "stripe-restricted-key"],
    ),
    ("telegram-bot-api-token", &["telegram-bot-token"]),
    ("twilio-api-key", &["twilio-api-key-sid", "twilio-api-key-secret"]),
];

/// Our ids for an id of theirs; none if we know none. `is_ours` tells what is an id of ours.
pub(super) fn ours(id: &str, is_ours: impl Fn(&str) -> bool) -> Vec<String> {
    let id = id.strip_prefix("betterleaks.").unwrap_or(id);
    match THEIRS.iter().find(|(theirs, _)| *theirs == id) {
        Some((_, ours)) => ours.iter().map(|&id| id.to_owned()).collect(),
        None if is_ours(id) => vec![id.to_owned()],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::rules::{RuleSet, Selection};

    #[test]
    fn rows_name_rules_that_there_are() {
        let all = RuleSet::new(&Selection::default()).unwrap();
        for (theirs, ours) in THEIRS {
            for id in *ours {
                assert!(all.named(id).is_ok(), "{theirs}: {id}");
            }
        }
    }
}
