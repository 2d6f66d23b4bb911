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
use super::sample::Draw;

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

/// Judges a match.
pub type Check = fn(&Subject<'_>) -> Outcome;

/// Makes a right credential, for trials, of a random text that has the form the rule's pattern asks for.
/// `None` if nothing can be made of this text.
#[derive(Clone, Copy, Debug)]
pub enum Mint {
    /// Of a text that the group `secret` matches, one that the validator takes.
    Secret(fn(&mut Draw, &[u8]) -> Option<Vec<u8>>),
    /// Of a whole match, what stands before the secret, the secret, and what stands after it.
    Whole(fn(&mut Draw, &[u8]) -> Option<[Vec<u8>; 3]>),
}

/// A row of [`ALL`].
#[derive(Clone, Copy, Debug)]
pub struct Validator {
    /// What rules call it.
    pub name: &'static str,
    /// What it does.
    pub check: Check,
    /// Its counterpart; `None` where it admits most random texts of the form.
    pub mint: Option<Mint>,
    /// Whether a wrong checksum refutes a credential of any form.
    pub firm: bool,
}

/// Tells random texts from others.
const fn judge(name: &'static str, check: Check) -> Validator {
    Validator { name, check, mint: None, firm: false }
}

/// Proves what hardly any random text has.
const fn proof(
    name: &'static str,
    check: Check,
    mint: fn(&mut Draw, &[u8]) -> Option<Vec<u8>>,
) -> Validator {
    Validator { name, check, mint: Some(Mint::Secret(mint)), firm: true }
}

/// Proves some forms, or some issuers' credentials, and leaves others open.
const fn hint(
    name: &'static str,
    check: Check,
    mint: fn(&mut Draw, &[u8]) -> Option<Vec<u8>>,
) -> Validator {
    Validator { firm: false, ..proof(name, check, mint) }
}

/// Judges a secret together with what stands around it.
const fn setting(
    name: &'static str,
    check: Check,
    mint: fn(&mut Draw, &[u8]) -> Option<[Vec<u8>; 3]>,
) -> Validator {
    Validator { name, check, mint: Some(Mint::Whole(mint)), firm: true }
}

/// Every validator by the name that rules use.
pub const ALL: &[Validator] = &[
    proof("argocd-jwt", claims::argocd, claims::mint_argocd),
    judge("argument-password", login::argument),
    proof("atlassian-crc", crc::atlassian, crc::mint_atlassian),
    hint("atlassian-crc-maybe", crc::atlassian_maybe, crc::mint_atlassian),
    proof("atlassian-data-center", data_center::token, data_center::mint),
    judge("aws-access-key-id", aws::access_key_id),
    proof("aws-bedrock-key", aws::bedrock_key, aws::mint_bedrock_key),
    judge("aws-secret-access-key", aws::secret_key),
    proof("aws-ses-password", aws::ses_password, aws::mint_ses_password),
    judge("aws-session-token", aws::session_token),
    proof("azure-annotated-key", azure::annotated, azure::mint_annotated),
    proof("azure-devops-token", azure_devops::token, azure_devops::mint),
    hint("azure-identifiable-key", azure::identifiable, azure::mint),
    proof("azure-storage-key", azure::storage, azure::mint_storage),
    proof("base58check", base58::check, base58::mint),
    proof("bech32", bech32::check, bech32::mint),
    proof("bitcoin-wif", base58::wif, base58::mint_wif),
    proof("cisco-type7", cisco::type7, cisco::mint),
    proof("cloudflare-crc", crc::cloudflare, crc::mint_cloudflare),
    proof("cloudflare-tunnel", packed::cloudflare_tunnel, packed::mint_cloudflare_tunnel),
    proof("confluent-crc", crc::confluent, crc::mint_confluent),
    proof("discord-bot", discord::bot, discord::mint_bot),
    judge("discord-webhook", discord::webhook),
    proof("encoded-password", login::encoded, login::mint_encoded),
    proof("entra-client-secret", entra::client_secret, entra::mint),
    judge("fernet-key", sized::fernet),
    hint("github-crc", github::token, github::mint),
    proof("github-stateless", github::stateless, github::mint_stateless),
    proof("gitlab-routable", gitlab::routable, gitlab::mint),
    proof("gitlab-token", gitlab::either, gitlab::mint_either),
    proof("google-service-account", google::service_account, google::mint),
    proof("gpp-cpassword", windows::cpassword, windows::mint_cpassword),
    proof("grafana-cloud", packed::grafana_cloud, packed::mint_grafana_cloud),
    proof("grafana-crc", crc::grafana, crc::mint_grafana),
    proof("grafana-key", packed::grafana_key, packed::mint_grafana_key),
    proof("home-assistant-jwt", claims::home_assistant, claims::mint_home_assistant),
    proof("jwe", claims::encrypted, claims::mint_encrypted),
    setting("jwk", jwt::key, jwt::mint_key),
    proof("jwt", jwt::token, jwt::mint),
    proof("kubernetes-jwt", jwt::kubernetes, jwt::mint_kubernetes),
    judge("laravel-key", sized::laravel),
    judge("literal-password", login::password),
    proof("mapbox-token", packed::mapbox, packed::mint_mapbox),
    proof("matrix-crc", crc::matrix, crc::mint_matrix),
    proof("miro-token", packed::miro, packed::mint_miro),
    proof("npm-crc", crc::base62_body, crc::mint_base62_body),
    judge("nuget-key", nuget::key),
    proof("nvidia-ngc-key", nvidia::ngc_key, nvidia::mint),
    proof("onepassword-account", packed::onepassword, packed::mint_onepassword),
    proof("onepassword-connect-jwt", claims::connect, claims::mint_connect),
    proof("openai-key", openai::halves, openai::mint),
    proof("openssh-key", ssh::openssh, ssh::mint_openssh),
    proof("pem-key", pem::check, pem::mint),
    hint("pgp-key", pgp::check, pgp::mint),
    proof("putty-key", putty::check, putty::mint),
    proof("pypi-macaroon", pypi::macaroon, pypi::mint),
    judge("random-body", body::random),
    setting("secret-manifest", manifest::check, manifest::mint),
    proof("sendgrid-key", sendgrid::key, sendgrid::mint),
    proof("sentry-org", packed::sentry_org, packed::mint_sentry_org),
    judge("slack-app", ids::app),
    judge("slack-webhook", ids::webhook),
    proof("ssh2-key", ssh::ssh2, ssh::mint_ssh2),
    proof("stellar-seed", stellar::seed, stellar::mint),
    judge("stripe-account", stripe::account),
    proof("supabase-service-role", supabase::service_role, supabase::mint),
    judge("swarm-unlock-key", sized::swarm),
    judge("telegram-bot", ids::telegram),
    proof("temporal-jwt", claims::temporal, claims::mint_temporal),
    proof("tinybird-token", packed::tinybird, packed::mint_tinybird),
    judge("unattend-password", windows::answer),
    judge("url-password", url::check),
    proof("user-password", login::basic, login::mint_basic),
    judge("vault-unseal-key", sized::unseal),
    proof("vercel-crc", crc::base62_body, crc::mint_base62_body),
    judge("wireguard-key", sized::wireguard),
    proof("wrapped-key", pem::wrapped, pem::mint_wrapped),
    proof("zuplo-crc", crc::zuplo, crc::mint_zuplo),
];

/// The validator called `name`.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Validator> {
    ALL.iter().find(|validator| validator.name == name)
}
