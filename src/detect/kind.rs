//! What kind of file a path names, as far as it matters for reading assignments.
//!
//! In: a path, or none. Out: a [`Kind`]. The bytes are not looked at.

use super::lists::{Lists, slots};

/// How a kind of file writes literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A programming language: literals stand in quotes, bare words are expressions.
    Code,
    /// Settings: a bare right-hand side is a literal.
    Config,
    /// Shell scripts and container files: bare words are literals.
    Shell,
    /// Text for people.
    Prose,
    /// Lock files, checksums, media, translations: what looks random there is no credential.
    Noise,
    /// Not known.
    Unknown,
}

const CODE: &str = "\
    c h cc cpp cxx hpp cs java kt kts scala groovy gradle js jsx mjs cjs ts tsx vue svelte py \
    pyi rb erb rs go swift m mm php phtml pl pm lua r jl hs ml mli fs fsx ex exs erl clj cljs \
    lisp el scm dart zig nim sql vb vbs pas lpr dpr d cr sol proto thrift graphql ipynb json json5 jsonc \
    har html htm xhtml css scss less tf hcl nix cmake asm s coffee jsp aspx cshtml ino pde hxx hh g4 mts cts \
    pyx cu vala";
const CONFIG: &str = "\
    env ini cfg conf cnf config properties props yaml yml eyaml toml tfvars service desktop \
    npmrc pypirc netrc pgpass s3cfg boto editorconfig plist xml xsd csproj ovpn reg inf \
    credentials secrets envrc flaskenv htpasswd ldif";
const SHELL: &str = "sh bash zsh fish ksh ps1 psm1 bat cmd mk dockerfile containerfile";
const PROSE: &str = "md markdown rst txt adoc asciidoc tex org log csv tsv eml";
const NOISE: &str = "\
    lock sum svg eps map po pot xlf arb strings isl snap woff woff2 ttf otf eot png jpg jpeg gif ico \
    webp pdf mp3 mp4 crt cer der csr pub asc sig sha1 sha256 sha512 md5 patch.gz";
const NOISE_NAMES: &str = "\
    package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml composer.lock gemfile.lock \
    poetry.lock cargo.lock go.sum pipfile.lock packages.lock.json flake.lock podfile.lock \
    mix.lock uv.lock bun.lock";

/// The lists of endings, in the order of the kinds they tell.
const ENDINGS: &[&str] = &[CODE, CONFIG, SHELL, PROSE, NOISE];
static ENDING: Lists<{ slots(ENDINGS) }> = Lists::new(ENDINGS);
static NOISE_NAME: Lists<{ slots(&[NOISE_NAMES]) }> = Lists::new(&[NOISE_NAMES]);

impl Kind {
    /// What such files are called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Config => "settings",
            Self::Shell => "shell",
            Self::Prose => "prose",
            Self::Noise => "noise",
            Self::Unknown => "unknown",
        }
    }

    /// The kind of file at `path`.
    #[must_use]
    pub fn of(path: Option<&[u8]>) -> Self {
        let Some(path) = path else {
            return Self::Unknown;
        };
        let name = path.rsplit(|&b| b == b'/').next().unwrap_or(path).to_ascii_lowercase();
        let holds =
            |part: &[u8]| memchr::memchr_iter(b'.', &name).any(|at| name[at..].starts_with(part));
        if NOISE_NAME.of(&name) != 0 || holds(b".min.") {
            return Self::Noise;
        }
        if name.starts_with(b".env") || name.ends_with(b".env") || holds(b".env.") {
            return Self::Config;
        }
        if name.starts_with(b"dockerfile")
            || name == b"makefile"
            || name.ends_with(b"history")
            || name.starts_with(b".bash")
        {
            return Self::Shell;
        }
        // What a template makes decides how it is read.
        let stem = [
            &b"example"[..],
            b"sample",
            b"dist",
            b"tpl",
            b"template",
            b"tmpl",
            b"j2",
            b"bak",
            b"orig",
            b"old",
            b"in",
        ]
        .iter()
        .find_map(|end| name.strip_suffix(*end)?.strip_suffix(b"."))
        .unwrap_or(&name);
        let Some(dot) = memchr::memrchr(b'.', stem) else {
            return Self::Unknown;
        };
        let kinds = [Self::Code, Self::Config, Self::Shell, Self::Prose, Self::Noise];
        let first = ENDING.of(&stem[dot + 1..]).trailing_zeros() as usize;
        kinds.get(first).copied().unwrap_or(Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_name() {
        let kind = |path: &str| Kind::of(Some(path.as_bytes()));
        assert_eq!(kind("src/a.py"), Kind::Code);
        assert_eq!(kind(".env.production"), Kind::Config);
        assert_eq!(kind("deploy/values.yaml.example"), Kind::Config);
        assert_eq!(kind("docker/Dockerfile.dev"), Kind::Shell);
        assert_eq!(kind("a/Cargo.lock"), Kind::Noise);
        assert_eq!(kind("LICENSE"), Kind::Unknown);
        assert_eq!(Kind::of(None), Kind::Unknown);
    }
}
