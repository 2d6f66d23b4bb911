//! What to do about a leak, in the order in which to do it.
//!
//! In: what is known of one. Out: sentences.

/// What the advice depends on.
#[derive(Clone, Debug, Default)]
pub struct Facts<'f> {
    /// Who issued it.
    pub provider: &'f str,
    /// What it opens, and how it is changed where no page does that.
    pub description: &'f str,
    /// Where it is revoked.
    pub revoke: Option<&'f str>,
    /// Where it is documented.
    pub docs: Option<&'f str>,
    /// When it came into the history.
    pub since: Option<&'f str>,
    /// Files on disk that hold it, or use the name that it was moved to.
    pub uses: &'f [String],
}

/// How to rotate a credential.
#[must_use]
pub fn rotation(facts: &Facts<'_>) -> Vec<String> {
    let issuer = issuer(facts.provider);
    let mut steps = vec![match (facts.revoke, facts.docs) {
        (Some(url), _) => format!("Make a new one at {issuer}: {url}"),
        (None, Some(url)) => {
            format!("Make a new one, or change it, where it is checked; how: {url}")
        }
        (None, None) => format!(
            "Make a new one, or change it, where it is checked. What it is: {}",
            facts.description
        ),
    }];
    steps.push(match facts.uses {
        [] => "Put the new one where it is used; no file here holds it any more.".to_owned(),
        uses => format!(
            "Put the new one into your secret store or environment, and use it in: {}",
            uses.join(", ")
        ),
    });
    steps.push("Deploy, and see that everything runs with the new one.".to_owned());
    steps.push(match facts.revoke {
        Some(_) => format!("Revoke the old one at {issuer}. Only now is the leak closed."),
        None => "Make sure that the old one is refused. Only now is the leak closed.".to_owned(),
    });
    let since = facts.since.map_or(String::new(), |since| format!(" since {since}"));
    steps.push(format!("Look for uses that are not yours in the log of {issuer}{since}."));
    steps
}

/// A provider's name in a sentence.
fn issuer(provider: &str) -> &str {
    if matches!(provider, "" | "Generic" | "generic" | "custom") { "its issuer" } else { provider }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_to_revoke_at_comes_first_and_last() {
        let uses = ["a.py".to_owned()];
        let facts = Facts {
            provider: "Acme",
            revoke: Some("https://acme.example"),
            since: Some("2026-01-01"),
            uses: &uses,
            ..Facts::default()
        };
        let steps = rotation(&facts);
        assert_eq!(steps[0], "Make a new one at Acme: https://acme.example");
        assert!(steps[1].ends_with("use it in: a.py"));
        assert!(steps[3].starts_with("Revoke the old one at Acme."));
        assert_eq!(
            steps[4],
            "Look for uses that are not yours in the log of Acme since 2026-01-01."
        );
    }

    #[test]
    fn without_a_page_its_documentation_or_description_is_named() {
        let facts = Facts { docs: Some("https://docs.example"), ..Facts::default() };
        assert!(rotation(&facts)[0].ends_with("how: https://docs.example"));
        let facts = Facts { description: "Opens the lab.", ..Facts::default() };
        assert!(rotation(&facts)[0].ends_with("What it is: Opens the lab."));
    }
}
