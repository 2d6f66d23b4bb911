//! Which environment a file belongs to, by its path.
//!
//! In: a path. Out: a word for the environment, if the path names one.

/// Words of paths, and what they stand for.
const WORDS: &[(&str, &[&str])] = &[
    ("production", &["production", "prod", "prd", "live"]),
    ("staging", &["staging", "stage", "stg", "preprod", "uat", "acceptance"]),
    ("test", &["test", "testing", "tests", "qa"]),
    ("CI", &["ci"]),
    ("development", &["development", "develop", "dev", "local", "sandbox"]),
];

/// The environment that `path` names; what stands furthest right counts.
#[must_use]
pub fn environment(path: &str) -> Option<&'static str> {
    let lower = path.to_ascii_lowercase();
    let words = lower.rsplit(|c: char| !c.is_ascii_alphanumeric());
    let named = |word: &str| WORDS.iter().find(|(_, words)| words.contains(&word));
    words.filter_map(named).map(|(name, _)| *name).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_environments_by_whole_words() {
        assert_eq!(environment("deploy/prod/values.yaml"), Some("production"));
        assert_eq!(environment(".env.staging"), Some("staging"));
        assert_eq!(environment("config/dev.toml"), Some("development"));
        assert_eq!(environment("src/product.rs"), None);
        assert_eq!(environment(".env"), None);
    }
}
