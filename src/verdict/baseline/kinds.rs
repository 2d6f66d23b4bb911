//! Our rules and detect-secrets' types.
//!
//! In: a find. Out: the types under which that program would have reported it, and the text it
//! hashes for each, which is often not the value. All facts here were observed on version 1.5.0.

use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::Found;
use super::texts::{
    aws, azure, cloudant, cut_at_quote, delimited, github, gitlab, header, hex_entropy, is_base64,
    jwt, named, npm, openai, password, quoted, shannon, slack, stretches, stripe, twilio, whole,
};

/// Where a secret keyword's value is reported, whatever the value.
const KEYWORD: &str = "Secret Keyword";
const BASE64: &str = "Base64 High Entropy String";
const HEX: &str = "Hex High Entropy String";
/// Tokens that are stored without their signature.
pub(super) const JWT: &str = "JSON Web Token";
const PRIVATE_KEY: &str = "Private Key";
const GITHUB: &str = "GitHub Token";
const GITLAB: &str = "GitLab Token";

/// A type, and when and how a find is one of its secrets.
struct Type {
    /// As it stands in files.
    name: &'static str,
    /// The plugin that reports it.
    plugin: &'static str,
    /// Words that our ids of such rules have in them.
    rules: &'static [&'static str],
    /// How its values begin; they are recognised whatever the rule.
    starts: &'static [&'static str],
    /// The texts it may hash for a find, likeliest first; none if it would not report it.
    read: fn(&Found<'_>) -> Vec<Vec<u8>>,
}

/// Shorthand for a row of [`TYPES`].
const fn kind(
    name: &'static str,
    plugin: &'static str,
    rules: &'static [&'static str],
    starts: &'static [&'static str],
    read: fn(&Found<'_>) -> Vec<Vec<u8>>,
) -> Type {
    Type { name, plugin, rules, starts, read }
}

/// Every type that stands for one vendor or scheme, in the order of their plugins.
const TYPES: [Type; 24] = [
    kind(
        "Artifactory Credentials",
        "ArtifactoryDetector",
        &["artifactory"],
        &["AKC", "AP"],
        delimited,
    ),
    kind("AWS Access Key", "AWSKeyDetector", &["aws"], &["AKIA", "ASIA"], aws),
    kind(
        "Azure Storage Account access key",
        "AzureStorageKeyDetector",
        &["azure-storage"],
        &["AccountKey="],
        azure,
    ),
    kind("Basic Auth Credentials", "BasicAuthDetector", ANY_RULE, &[], password),
    kind("Cloudant Credentials", "CloudantDetector", &["cloudant"], &[], cloudant),
    kind("Discord Bot Token", "DiscordBotTokenDetector", &["discord"], &[], whole),
    kind(GITHUB, "GitHubTokenDetector", &[], &GITHUB_STARTS, github),
    kind(GITLAB, "GitLabTokenDetector", &["gitlab"], &["gl", "GR1348941"], gitlab),
    kind("IBM Cloud IAM Key", "IbmCloudIamDetector", &["ibm-cloud"], &[], whole),
    kind("IBM COS HMAC Credentials", "IbmCosHmacDetector", &["ibm-cos"], &[], whole),
    kind(JWT, "JwtTokenDetector", &["jwt"], &["eyJ"], jwt),
    kind("Mailchimp Access Key", "MailchimpDetector", &["mailchimp"], &[], whole),
    kind("NPM tokens", "NpmDetector", &["npm", "npmrc"], &["npm_"], npm),
    kind("OpenAI Token", "OpenAIDetector", &["openai"], &["sk-"], openai),
    kind(
        PRIVATE_KEY,
        "PrivateKeyDetector",
        &["private-key", "pem"],
        &["-----BEGIN", "PuTTY"],
        header,
    ),
    kind("PyPI Token", "PypiTokenDetector", &["pypi", "testpypi"], &["pypi-"], whole),
    kind("SendGrid API Key", "SendGridDetector", &["sendgrid"], &["SG."], whole),
    kind("Slack Token", "SlackDetector", &["slack"], &["xox", "hooks.slack.com/"], slack),
    kind("SoftLayer Credentials", "SoftlayerDetector", &["softlayer"], &[], whole),
    kind("Square OAuth Secret", "SquareOAuthDetector", &[], &["sq0csp"], whole),
    kind("Stripe Access Key", "StripeDetector", &["stripe"], &["sk_live_", "rk_live_"], stripe),
    kind("Telegram Bot Token", "TelegramBotTokenDetector", &["telegram"], &[], whole),
    kind("Twilio API Key", "TwilioKeyDetector", &["twilio"], &[], twilio),
    kind("Public IP (ipv4)", "IPPublicDetector", &[], &[], whole),
];

/// Marks a row that looks at every find.
const ANY_RULE: &[&str] = &[""];

/// The plugins that report by randomness or by name, with their entropy limits.
const OTHERS: [(&str, &str, Option<f64>); 3] = [
    (BASE64, "Base64HighEntropyString", Some(4.5)),
    (HEX, "HexHighEntropyString", Some(3.0)),
    (KEYWORD, "KeywordDetector", None),
];

/// GitHub tokens, of which only this is hashed.
const GITHUB_STARTS: [&str; 5] = ["ghp", "gho", "ghu", "ghs", "ghr"];
/// GitLab tokens of which only this is hashed.
pub(super) const GITLAB_STARTS: [&str; 5] = ["glpat", "gldt", "glft", "glsoat", "glrt"];

/// The stretches of a key file that are hashed in place of the key.
pub(super) const HEADERS: [&str; 10] = [
    "BEGIN PGP PRIVATE KEY BLOCK",
    "BEGIN SSH2 ENCRYPTED PRIVATE KEY",
    "BEGIN OPENSSH PRIVATE KEY",
    "BEGIN RSA PRIVATE KEY",
    "BEGIN DSA PRIVATE KEY",
    "BEGIN EC PRIVATE KEY",
    "BEGIN PRIVATE KEY",
    "PuTTY-User-Key-File-2",
    "PuTTY-User-Key-File-3",
    "BEGIN ENCRYPTED PRIVATE KEY",
];

impl Type {
    /// Whether a find may be one of its secrets.
    fn applies(&self, found: &Found<'_>) -> bool {
        self.starts.iter().any(|start| found.secret.starts_with(start.as_bytes()))
            || self.rules.iter().any(|words| speaks(found.rule, words))
    }
}

/// Whether a rule id has `words` in it, whole words only.
fn speaks(rule: &str, words: &str) -> bool {
    words.is_empty()
        || rule.match_indices(words).any(|(at, _)| {
            let before = rule[..at].bytes().next_back();
            let after = rule[at + words.len()..].bytes().next();
            [before, after].iter().all(|b| b.is_none_or(|b| b == b'-'))
        })
}

/// Whether detect-secrets itself has a type of this name.
pub(super) fn built_in(name: &str) -> bool {
    TYPES.iter().any(|t| t.name == name) || OTHERS.iter().any(|(other, ..)| *other == name)
}

/// Every type under which a find may be stored, each with a text that may have been hashed.
pub(super) fn readings(found: &Found<'_>) -> Vec<(&'static str, Vec<u8>)> {
    let types = TYPES.iter().filter(|kind| kind.applies(found));
    let mut readings: Vec<(&'static str, Vec<u8>)> = types
        .flat_map(|kind| (kind.read)(found).into_iter().map(|text| (kind.name, text)))
        .collect();
    for text in stretches(found) {
        if text.iter().all(|&b| is_base64(b)) {
            readings.push((BASE64, text.to_vec()));
        }
        if text.iter().all(u8::is_ascii_hexdigit) {
            readings.push((HEX, text.to_vec()));
        }
        readings.push((KEYWORD, text.to_vec()));
    }
    if let Some(text) = cut_at_quote(found) {
        readings.push((KEYWORD, text));
    }
    readings
}

/// The types under which the program would report a find, as far as can be told, with the text it
/// would hash for each. At least one: a find that it would not report counts as a keyword's.
pub(super) fn reported(found: &Found<'_>, plugins: &Value) -> Vec<(&'static str, Vec<u8>)> {
    let types = TYPES.iter().filter(|kind| kind.applies(found));
    let mut out: Vec<(&'static str, Vec<u8>)> = types
        .filter_map(|kind| Some((kind.name, (kind.read)(found).into_iter().next()?)))
        .collect();
    let inner = quoted(found);
    let text = inner.unwrap_or(found.secret);
    let random = [
        (0, text.iter().all(|&b| is_base64(b)), shannon(text)),
        (1, text.iter().all(u8::is_ascii_hexdigit), hex_entropy(text)),
    ];
    for (row, fits, bits) in random {
        if inner.is_some() && fits && limit(row, plugins).is_some_and(|limit| bits > limit) {
            out.push((OTHERS[row].0, text.to_vec()));
        }
    }
    if out.is_empty() || inner.is_some() && named(found) {
        out.push((KEYWORD, text.to_vec()));
    }
    out
}

/// What a stored digest stands for, if it is that of a beginning which many secrets share.
pub(super) fn coarse(name: &str, digest: &str) -> Option<&'static str> {
    static SHARED: LazyLock<Vec<(&str, &str, String)>> = LazyLock::new(|| {
        let row = |kind, text: &'static str| {
            (kind, text, HEXLOWER.encode(&Sha1::digest(text.as_bytes())))
        };
        let github = GITHUB_STARTS.iter().map(|text| row(GITHUB, text));
        let gitlab = GITLAB_STARTS.iter().map(|text| row(GITLAB, text));
        let keys = HEADERS.iter().map(|text| row(PRIVATE_KEY, text));
        github.chain(gitlab).chain(keys).collect()
    });
    SHARED
        .iter()
        .find(|(kind, _, shared)| *kind == name && shared == digest)
        .map(|(_, text, _)| *text)
}

/// `plugins_used` as version 1.5.0 writes it.
pub(super) fn plugins() -> Vec<Value> {
    let mut plugins: Vec<Value> = TYPES
        .iter()
        .map(|kind| json!({"name": kind.plugin}))
        .chain(OTHERS.iter().map(|(_, name, setting)| match setting {
            Some(limit) => json!({"name": name, "limit": limit}),
            None => json!({"name": name, "keyword_exclude": ""}),
        }))
        .collect();
    plugins.sort_by_cached_key(|plugin| plugin["name"].to_string().to_lowercase());
    plugins
}

/// The entropy limit of a row of [`OTHERS`]; `None` if its plugin is off.
fn limit(row: usize, plugins: &Value) -> Option<f64> {
    let (_, name, setting) = OTHERS[row];
    let plugin = plugins.as_array()?.iter().find(|p| p["name"] == name)?;
    plugin["limit"].as_f64().or(setting)
}
