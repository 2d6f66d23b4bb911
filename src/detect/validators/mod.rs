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

/// Every validator: the name that rules use, the function, and in words what it looks for.
pub const ALL: &[(&str, Check, &str)] = &[
    ("app-password", body::groups, "groups of letters that do not read as words"),
    ("argocd-jwt", claims::argocd, "a JSON Web Token with the claims of Argo CD"),
    ("argument-password", login::argument, "a literal password, not a template or a plain word"),
    ("atlassian-crc", crc::atlassian, "CRC-32 of the token in its last eight digits"),
    ("atlassian-crc-maybe", crc::atlassian_maybe, "CRC-32 at its end; a wrong one says nothing"),
    ("atlassian-data-center", data_center::token, "base64 of a number, a colon and a secret"),
    ("aws-access-key-id", aws::access_key_id, "the account number that the id encodes"),
    ("aws-bedrock-key", aws::bedrock_key, "the text that the key decodes to"),
    ("aws-secret-access-key", aws::secret_key, "no hash, path or word of the same length"),
    ("aws-ses-password", aws::ses_password, "a version byte and a hash of 32 bytes"),
    ("aws-session-token", aws::session_token, "the structure that the token decodes to"),
    ("azure-annotated-key", azure::annotated, "the signature JQQJ99 and a Marvin32 checksum"),
    ("azure-devops-token", azure_devops::token, "CRC-32 strewn between the random characters"),
    ("azure-identifiable-key", azure::identifiable, "signature of the service, Marvin32 checksum"),
    ("azure-storage-key", azure::storage, "signature and Marvin32 checksum; older keys have none"),
    ("base58check", base58::check, "the first bytes of a double SHA-256 at its end"),
    ("bech32", bech32::check, "the BCH checksum of bech32"),
    ("bip39", phrase::bip39, "words of the BIP-39 list, the last of which holds a checksum"),
    ("bitcoin-wif", base58::wif, "version byte, length and base58 checksum of a Bitcoin key"),
    ("cipher-body", body::cipher, "a body that holds no records of text"),
    ("cisco-type7", cisco::type7, "the type 7 encoding can be undone and holds a password"),
    ("cloudflare-crc", crc::cloudflare, "CRC-32 of the body in its last eight digits"),
    ("cloudflare-tunnel", packed::cloudflare_tunnel, "the JSON object that the token encodes"),
    ("confluent-crc", crc::confluent, "CRC-32 of the body in base64 at its end"),
    ("discord-bot", discord::bot, "the bot's id and the time that the token encodes"),
    ("discord-webhook", discord::webhook, "the webhook's id, which encodes when it was made"),
    ("encoded-password", login::encoded, "base64 of a literal password"),
    ("entra-client-secret", entra::client_secret, "a checksum in the last three characters"),
    ("fernet-key", sized::fernet, "32 random bytes in base64url"),
    ("github-crc", github::token, "CRC-32 of the random part in its last six characters"),
    ("github-stateless", github::stateless, "the JSON Web Token inside, by its header and claims"),
    ("gitlab-routable", gitlab::routable, "CRC-32, length and routing payload of the token"),
    ("gitlab-token", gitlab::either, "CRC-32 and routing payload, where the token has them"),
    ("google-service-account", google::service_account, "the private key decodes to PKCS#8"),
    ("gpp-cpassword", windows::cpassword, "whole AES blocks under the published key"),
    ("grafana-cloud", packed::grafana_cloud, "the JSON object that the token encodes"),
    ("grafana-crc", crc::grafana, "CRC-32 of the token in its last eight digits"),
    ("grafana-key", packed::grafana_key, "the JSON object that the key encodes"),
    ("home-assistant-jwt", claims::home_assistant, "a JSON Web Token for ten years"),
    ("jwe", claims::encrypted, "five parts whose header names the encryption"),
    ("jwk", jwt::key, "the private part of a JSON Web Key"),
    ("jwt", jwt::token, "header and claims of a JSON Web Token, and a signature"),
    ("kubernetes-jwt", jwt::kubernetes, "a JSON Web Token with the claims of a service account"),
    ("laravel-key", sized::laravel, "32 or 16 random bytes in base64"),
    ("literal-password", login::password, "a literal password, not a template or a placeholder"),
    ("mapbox-token", packed::mapbox, "the JSON object that the token encodes"),
    ("matrix-crc", crc::matrix, "CRC-32 of the token in its last six characters"),
    ("miro-token", packed::miro, "the JSON object that the token encodes"),
    ("netrc-password", login::netrc, "a literal password of a user who is not anonymous"),
    ("npm-crc", crc::base62_body, "CRC-32 of the random part in its last six characters"),
    ("nuget-key", nuget::key, "the version and spare bits that the key encodes"),
    ("nvidia-ngc-key", nvidia::ngc_key, "base64 of an id, a colon and a UUID"),
    ("onepassword-account", packed::onepassword, "the JSON object that the token encodes"),
    ("onepassword-connect-jwt", claims::connect, "a JSON Web Token with the right claims"),
    ("openai-key", openai::halves, "the vendor's marker in the middle of the key"),
    ("openssh-key", ssh::openssh, "an OpenSSH key that can be read and has no pass phrase"),
    ("pem-key", pem::check, "a private key that can be parsed and has no pass phrase"),
    ("pgp-key", pgp::check, "CRC-24 and a secret key packet without a pass phrase"),
    ("putty-key", putty::check, "a PuTTY key that can be read and has no pass phrase"),
    ("pypi-macaroon", pypi::macaroon, "a whole macaroon of version 2"),
    ("random-body", body::random, "a body that does not read as a name"),
    ("ripple-seed", base58::xrp, "version bytes and base58 checksum of an XRP Ledger seed"),
    ("secret-manifest", manifest::check, "a literal value in the data of a Kubernetes Secret"),
    ("sendgrid-key", sendgrid::key, "the sizes and spare bits of both halves"),
    ("sentry-org", packed::sentry_org, "the JSON object that the token encodes and 32 bytes more"),
    (
        "setting-password",
        login::setting,
        "a literal password, not a template, code or a plain word",
    ),
    ("slack-app", ids::app, "the id of the app, which is no proof"),
    ("slack-webhook", ids::webhook, "the ids of team and app, which are no proof"),
    ("solana-key", base58::solana, "base58 of 64 bytes"),
    ("ssh2-key", ssh::ssh2, "an ssh.com key that can be read and has no pass phrase"),
    ("stellar-seed", stellar::seed, "version byte and CRC-16"),
    ("stripe-account", stripe::account, "the id of the account, which is no proof"),
    ("supabase-service-role", supabase::service_role, "a JSON Web Token for the role service_role"),
    ("swarm-unlock-key", sized::swarm, "32 random bytes in base64"),
    ("telegram-bot", ids::telegram, "the number of the bot, which is no proof"),
    ("temporal-jwt", claims::temporal, "a JSON Web Token with the claims of Temporal Cloud"),
    ("tinybird-token", packed::tinybird, "the JSON object that the token encodes"),
    ("unattend-password", windows::answer, "a literal password, or as setup encodes it"),
    ("url-password", url::check, "a literal password with user and host"),
    ("user-password", login::basic, "base64 of a user, a colon and a literal password"),
    ("vault-unseal-key", sized::unseal, "33 or 32 random bytes in base64"),
    ("vercel-crc", crc::base62_body, "CRC-32 of the random part in its last six characters"),
    ("wireguard-key", sized::wireguard, "32 bytes in base64 with the fixed bits of a private key"),
    ("wrapped-key", pem::wrapped, "base64 of a private key block that can be parsed"),
    ("zuplo-crc", crc::zuplo, "CRC-32 of the body in its last eight digits"),
];

/// The validator called `name`.
#[must_use]
pub fn by_name(name: &str) -> Option<Check> {
    ALL.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// What the validator called `name` looks for, in words.
#[must_use]
pub fn words(name: &str) -> Option<&'static str> {
    ALL.iter().find(|row| row.0 == name).map(|row| row.2)
}
