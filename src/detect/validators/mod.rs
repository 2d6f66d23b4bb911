//! Offline proofs: checksums, encodings and structures that tell a real credential from a look-alike.
//!
//! In: a [`Subject`], the bytes a rule matched. Out: an [`Outcome`]. A validator is a pure function:
//! no clock, no network, no state. One file per vendor or scheme; [`ALL`] names them for rules.

mod armor;
mod aws;
mod azure;
mod azure_devops;
mod base58;
mod bech32;
mod body;
mod checksum;
mod cisco;
mod claims;
mod crc;
mod data_center;
mod der;
mod discord;
mod dummy;
mod entra;
mod github;
mod gitlab;
mod google;
mod ids;
mod jwt;
mod login;
mod manifest;
mod marvin;
mod nuget;
mod nvidia;
mod openai;
mod packed;
mod payload;
mod pem;
mod pgp;
mod phrase;
mod putty;
mod pypi;
mod sendgrid;
mod sized;
mod ssh;
mod stellar;
mod stripe;
mod supabase;
#[cfg(test)]
mod trial;
mod url;
mod windows;

use super::evidence::Evidence;

/// What a validator looks at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The bytes of the rule's `secret` group.
    pub secret: &'a [u8],
    /// The whole match.
    pub whole: &'a [u8],
}

/// What a validator says of a match.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Not this credential: the match is dropped.
    Rejected,
    /// A published dummy or shipped default: counted, not reported.
    Example,
    /// It may be one, but something speaks against it: `possible` at most.
    Doubtful(Vec<Evidence>),
    /// Neither proved nor refuted: the rule's own confidence stands.
    Unproven(Vec<Evidence>),
    /// A checksum or structure proves it: `certain`.
    Proven(Vec<Evidence>),
}

/// A validator.
pub type Check = fn(&Subject<'_>) -> Outcome;

/// Every validator by the name that rules use.
pub const ALL: &[(&str, Check)] = &[
    ("app-password", body::groups),
    ("argocd-jwt", claims::argocd),
    ("argument-password", login::argument),
    ("atlassian-crc", crc::atlassian),
    ("atlassian-crc-maybe", crc::atlassian_maybe),
    ("atlassian-data-center", data_center::token),
    ("aws-access-key-id", aws::access_key_id),
    ("aws-bedrock-key", aws::bedrock_key),
    ("aws-secret-access-key", aws::secret_key),
    ("aws-ses-password", aws::ses_password),
    ("aws-session-token", aws::session_token),
    ("azure-annotated-key", azure::annotated),
    ("azure-devops-token", azure_devops::token),
    ("azure-identifiable-key", azure::identifiable),
    ("azure-storage-key", azure::storage),
    ("base58check", base58::check),
    ("bech32", bech32::check),
    ("bip39", phrase::bip39),
    ("bitcoin-wif", base58::wif),
    ("cisco-type7", cisco::type7),
    ("cloudflare-crc", crc::cloudflare),
    ("cloudflare-tunnel", packed::cloudflare_tunnel),
    ("confluent-crc", crc::confluent),
    ("discord-bot", discord::bot),
    ("discord-webhook", discord::webhook),
    ("encoded-password", login::encoded),
    ("entra-client-secret", entra::client_secret),
    ("fernet-key", sized::fernet),
    ("github-crc", github::token),
    ("github-stateless", github::stateless),
    ("gitlab-routable", gitlab::routable),
    ("gitlab-token", gitlab::either),
    ("google-service-account", google::service_account),
    ("gpp-cpassword", windows::cpassword),
    ("grafana-cloud", packed::grafana_cloud),
    ("grafana-crc", crc::grafana),
    ("grafana-key", packed::grafana_key),
    ("home-assistant-jwt", claims::home_assistant),
    ("jwe", claims::encrypted),
    ("jwk", jwt::key),
    ("jwt", jwt::token),
    ("kubernetes-jwt", jwt::kubernetes),
    ("laravel-key", sized::laravel),
    ("literal-password", login::password),
    ("mapbox-token", packed::mapbox),
    ("matrix-crc", crc::matrix),
    ("miro-token", packed::miro),
    ("npm-crc", crc::base62_body),
    ("nuget-key", nuget::key),
    ("nvidia-ngc-key", nvidia::ngc_key),
    ("onepassword-account", packed::onepassword),
    ("onepassword-connect-jwt", claims::connect),
    ("openai-key", openai::halves),
    ("openssh-key", ssh::openssh),
    ("pem-key", pem::check),
    ("pgp-key", pgp::check),
    ("putty-key", putty::check),
    ("pypi-macaroon", pypi::macaroon),
    ("random-body", body::random),
    ("ripple-seed", base58::xrp),
    ("secret-manifest", manifest::check),
    ("sendgrid-key", sendgrid::key),
    ("sentry-org", packed::sentry_org),
    ("slack-app", ids::app),
    ("slack-webhook", ids::webhook),
    ("solana-key", base58::solana),
    ("ssh2-key", ssh::ssh2),
    ("stellar-seed", stellar::seed),
    ("stripe-account", stripe::account),
    ("supabase-service-role", supabase::service_role),
    ("swarm-unlock-key", sized::swarm),
    ("telegram-bot", ids::telegram),
    ("temporal-jwt", claims::temporal),
    ("tinybird-token", packed::tinybird),
    ("unattend-password", windows::answer),
    ("url-password", url::check),
    ("user-password", login::basic),
    ("vault-unseal-key", sized::unseal),
    ("vercel-crc", crc::base62_body),
    ("wireguard-key", sized::wireguard),
    ("wrapped-key", pem::wrapped),
    ("zuplo-crc", crc::zuplo),
];

/// The validator called `name`.
#[must_use]
pub fn by_name(name: &str) -> Option<Check> {
    ALL.iter().find(|(n, _)| *n == name).map(|&(_, check)| check)
}
