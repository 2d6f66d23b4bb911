//! Offline proofs: checksums, encodings and structures that tell a real credential from a look-alike.
//!
//! In: a [`Subject`], the bytes a rule matched. Out: an [`Outcome`]. A validator is a pure function:
//! no clock, no network, no state. One file per vendor or scheme; [`ALL`] names them for rules.

#![expect(clippy::unnecessary_wraps, reason = "mints are rows of one table, and some can fail")]

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
mod juniper;
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
pub(in crate::detect) mod stellar;
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

/// Of a text that the group `secret` matches, makes one that the validator takes, for trials. `None` if
/// nothing can be made of this text.
type Secret = fn(&mut Draw, &[u8]) -> Option<Vec<u8>>;
/// Of a whole match, makes what stands before the secret, the secret, and what stands after it.
type Whole = fn(&mut Draw, &[u8]) -> Option<[Vec<u8>; 3]>;

/// The counterpart of a check: makes right credentials of random texts of their form.
#[derive(Clone, Copy, Debug)]
pub enum Mint {
    /// From the secret alone.
    Secret(Secret),
    /// Together with what stands around it.
    Whole(Whole),
}

/// A row of [`ALL`].
#[derive(Clone, Copy, Debug)]
pub struct Validator {
    /// What rules call it.
    pub name: &'static str,
    /// What it does.
    pub check: Check,
    /// The same in words.
    pub words: &'static str,
    /// Its counterpart; `None` where it admits most random texts of the form.
    pub mint: Option<Mint>,
    /// Whether a wrong checksum refutes a credential of any form.
    pub firm: bool,
}

/// A validator that most random texts pass.
const fn row(name: &'static str, check: Check, words: &'static str) -> Validator {
    Validator { name, check, words, mint: None, firm: false }
}

impl Validator {
    /// It proves what hardly any random text has.
    const fn mints(self, mint: Secret) -> Self {
        Self { mint: Some(Mint::Secret(mint)), firm: true, ..self }
    }

    /// It proves some forms, or some issuers' credentials, and leaves others open.
    const fn may_mint(self, mint: Secret) -> Self {
        Self { mint: Some(Mint::Secret(mint)), ..self }
    }

    /// It judges a secret together with what stands around it.
    const fn sets(self, mint: Whole) -> Self {
        Self { mint: Some(Mint::Whole(mint)), firm: true, ..self }
    }
}

/// Every validator: the name that rules use, the function, in words what it looks for, and what makes
/// credentials that it proves.
pub const ALL: &[Validator] = &[
    row("app-password", body::groups, "groups of letters that do not read as words"),
    row("argocd-jwt", claims::argocd, "a JSON Web Token with the claims of Argo CD")
        .mints(claims::mint_argocd),
    row("argument-password", login::argument, "a literal password, not a template or a plain word"),
    row("atlassian-crc", crc::atlassian, "CRC-32 of the token in its last eight digits")
        .mints(crc::mint_atlassian),
    row("atlassian-crc-maybe", crc::atlassian_maybe, "CRC-32 at its end; a wrong one says nothing")
        .may_mint(crc::mint_atlassian),
    row("atlassian-data-center", data_center::token, "base64 of a number, a colon and a secret")
        .mints(data_center::mint),
    row("aws-access-key-id", aws::access_key_id, "the account number that the id encodes"),
    row("aws-bedrock-key", aws::bedrock_key, "the text that the key decodes to")
        .mints(aws::mint_bedrock_key),
    row("aws-secret-access-key", aws::secret_key, "no hash, path or word of the same length"),
    row("aws-ses-password", aws::ses_password, "a version byte and a hash of 32 bytes")
        .mints(aws::mint_ses_password),
    row("aws-session-token", aws::session_token, "the structure that the token decodes to"),
    row("azure-annotated-key", azure::annotated, "the signature JQQJ99 and a Marvin32 checksum")
        .mints(azure::mint_annotated),
    row("azure-devops-token", azure_devops::token, "CRC-32 strewn between the random characters")
        .mints(azure_devops::mint),
    row(
        "azure-identifiable-key",
        azure::identifiable,
        "signature of the service, Marvin32 checksum",
    )
    .may_mint(azure::mint),
    row(
        "azure-storage-key",
        azure::storage,
        "signature and Marvin32 checksum; older keys have none",
    )
    .mints(azure::mint_storage),
    row("base58check", base58::check, "the first bytes of a double SHA-256 at its end")
        .mints(base58::mint),
    row("bech32", bech32::check, "the BCH checksum of bech32").mints(bech32::mint),
    row("bip39", phrase::bip39, "words of the BIP-39 list, the last of which holds a checksum")
        .may_mint(phrase::mint),
    row("bitcoin-wif", base58::wif, "version byte, length and base58 checksum of a Bitcoin key")
        .mints(base58::mint_wif),
    row("cipher-body", body::cipher, "a body that holds no records of text"),
    row("cisco-type7", cisco::type7, "the type 7 encoding can be undone and holds a password")
        .mints(cisco::mint),
    row("cloudflare-crc", crc::cloudflare, "CRC-32 of the body in its last eight digits")
        .mints(crc::mint_cloudflare),
    row("cloudflare-tunnel", packed::cloudflare_tunnel, "the JSON object that the token encodes")
        .mints(packed::mint_cloudflare_tunnel),
    row("confluent-crc", crc::confluent, "CRC-32 of the body in base64 at its end")
        .mints(crc::mint_confluent),
    row("discord-bot", discord::bot, "the bot's id and the time that the token encodes")
        .mints(discord::mint_bot),
    row("discord-webhook", discord::webhook, "the webhook's id, which encodes when it was made"),
    row("encoded-password", login::encoded, "base64 of a literal password")
        .mints(login::mint_encoded),
    row("entra-client-secret", entra::client_secret, "a checksum in the last three characters")
        .mints(entra::mint),
    row("fernet-key", sized::fernet, "32 random bytes in base64url"),
    row("github-crc", github::token, "CRC-32 of the random part in its last six characters")
        .may_mint(github::mint),
    row(
        "github-stateless",
        github::stateless,
        "the JSON Web Token inside, by its header and claims",
    )
    .mints(github::mint_stateless),
    row("gitlab-routable", gitlab::routable, "CRC-32, length and routing payload of the token")
        .mints(gitlab::mint),
    row("gitlab-token", gitlab::either, "CRC-32 and routing payload, where the token has them")
        .mints(gitlab::mint_either),
    row("google-service-account", google::service_account, "the private key decodes to PKCS#8")
        .mints(google::mint),
    row("gpp-cpassword", windows::cpassword, "whole AES blocks under the published key")
        .mints(windows::mint_cpassword),
    row("grafana-cloud", packed::grafana_cloud, "the JSON object that the token encodes")
        .mints(packed::mint_grafana_cloud),
    row("grafana-crc", crc::grafana, "CRC-32 of the token in its last eight digits")
        .mints(crc::mint_grafana),
    row("grafana-key", packed::grafana_key, "the JSON object that the key encodes")
        .mints(packed::mint_grafana_key),
    row("home-assistant-jwt", claims::home_assistant, "a JSON Web Token for ten years")
        .mints(claims::mint_home_assistant),
    row("jwe", claims::encrypted, "five parts whose header names the encryption")
        .mints(claims::mint_encrypted),
    row("jwk", jwt::key, "the private part of a JSON Web Key").sets(jwt::mint_key),
    row("juniper-type9", juniper::type9, "the type 9 encoding can be undone and holds a password")
        .mints(juniper::mint),
    row("jwt", jwt::token, "header and claims of a JSON Web Token, and a signature")
        .mints(jwt::mint),
    row("kubernetes-jwt", jwt::kubernetes, "a JSON Web Token with the claims of a service account")
        .mints(jwt::mint_kubernetes),
    row("laravel-key", sized::laravel, "32 or 16 random bytes in base64"),
    row("literal-password", login::password, "a literal password, not a template or a placeholder"),
    row("mapbox-token", packed::mapbox, "the JSON object that the token encodes")
        .mints(packed::mint_mapbox),
    row("matrix-crc", crc::matrix, "CRC-32 of the token in its last six characters")
        .mints(crc::mint_matrix),
    row("miro-token", packed::miro, "the JSON object that the token encodes")
        .mints(packed::mint_miro),
    row(
        "monero-phrase",
        phrase::monero,
        "the last of 25 words repeats the one that a CRC-32 names",
    )
    .mints(phrase::mint_monero),
    row("netrc-password", login::netrc, "a literal password of a user who is not anonymous"),
    row("npm-crc", crc::base62_body, "CRC-32 of the random part in its last six characters")
        .mints(crc::mint_base62_body),
    row("nuget-key", nuget::key, "the version and spare bits that the key encodes"),
    row("nvidia-ngc-key", nvidia::ngc_key, "base64 of an id, a colon and a UUID")
        .mints(nvidia::mint),
    row("onepassword-account", packed::onepassword, "the JSON object that the token encodes")
        .mints(packed::mint_onepassword),
    row("onepassword-connect-jwt", claims::connect, "a JSON Web Token with the right claims")
        .mints(claims::mint_connect),
    row("openai-key", openai::halves, "the vendor's marker in the middle of the key")
        .mints(openai::mint),
    row("openssh-key", ssh::openssh, "an OpenSSH key that can be read and has no pass phrase")
        .mints(ssh::mint_openssh),
    row("pem-key", pem::check, "a private key that can be parsed and has no pass phrase")
        .mints(pem::mint),
    row("pgp-key", pgp::check, "CRC-24 and a secret key packet without a pass phrase")
        .may_mint(pgp::mint),
    row("putty-key", putty::check, "a PuTTY key that can be read and has no pass phrase")
        .mints(putty::mint),
    row("pypi-macaroon", pypi::macaroon, "a whole macaroon of version 2").mints(pypi::mint),
    row("random-body", body::random, "a body that does not read as a name"),
    row("ripple-seed", base58::xrp, "version bytes and base58 checksum of an XRP Ledger seed")
        .mints(base58::mint_xrp),
    row("secret-manifest", manifest::check, "a literal value in the data of a Kubernetes Secret")
        .sets(manifest::mint),
    row("sendgrid-key", sendgrid::key, "the sizes and spare bits of both halves")
        .mints(sendgrid::mint),
    row(
        "sentry-org",
        packed::sentry_org,
        "the JSON object that the token encodes and 32 bytes more",
    )
    .mints(packed::mint_sentry_org),
    row("setting-password", login::setting, "a literal password, not a template, code or a word"),
    row("slack-app", ids::app, "the id of the app, which is no proof"),
    row("slack-webhook", ids::webhook, "the ids of team and app, which are no proof"),
    row("solana-bytes", sized::solana, "64 random bytes in a list").mints(sized::mint_solana),
    row("solana-key", base58::solana, "base58 of 64 bytes").mints(base58::mint_solana),
    row("ssh2-key", ssh::ssh2, "an ssh.com key that can be read and has no pass phrase")
        .mints(ssh::mint_ssh2),
    row("stellar-seed", stellar::seed, "version byte and CRC-16").mints(stellar::mint),
    row("stripe-account", stripe::account, "the id of the account, which is no proof"),
    row("supabase-anon", supabase::anon, "a JSON Web Token for the role anon")
        .mints(supabase::mint_anon),
    row(
        "supabase-service-role",
        supabase::service_role,
        "a JSON Web Token for the role service_role",
    )
    .mints(supabase::mint),
    row("swarm-unlock-key", sized::swarm, "32 random bytes in base64"),
    row("telegram-bot", ids::telegram, "the number of the bot, which is no proof"),
    row("temporal-jwt", claims::temporal, "a JSON Web Token with the claims of Temporal Cloud")
        .mints(claims::mint_temporal),
    row("tinybird-token", packed::tinybird, "the JSON object that the token encodes")
        .mints(packed::mint_tinybird),
    row("unattend-password", windows::answer, "a literal password, or as setup encodes it"),
    row("url-password", url::check, "a literal password with user and host"),
    row("user-password", login::basic, "base64 of a user, a colon and a literal password")
        .mints(login::mint_basic),
    row("vault-unseal-key", sized::unseal, "33 or 32 random bytes in base64"),
    row("vercel-crc", crc::base62_body, "CRC-32 of the random part in its last six characters")
        .mints(crc::mint_base62_body),
    row(
        "wireguard-key",
        sized::wireguard,
        "32 bytes in base64 with the fixed bits of a private key",
    ),
    row("wrapped-key", pem::wrapped, "base64 of a private key block that can be parsed")
        .mints(pem::mint_wrapped),
    row("zuplo-crc", crc::zuplo, "CRC-32 of the body in its last eight digits")
        .mints(crc::mint_zuplo),
];

/// The validator called `name`.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Validator> {
    ALL.iter().find(|validator| validator.name == name)
}

/// What the validator called `name` looks for, in words.
#[must_use]
pub fn words(name: &str) -> Option<&'static str> {
    by_name(name).map(|validator| validator.words)
}
