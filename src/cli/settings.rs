//! What a scan goes by: command line, configuration file and environment put together.
//!
//! In: [`Common`] and the place it was started in. Out: [`Settings`], with the repository's root found and the
//! configuration read. The command line wins over the configuration.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use super::args::{Common, Level};
use crate::detect::Detector;
use crate::detect::rules::{RuleSet, Selection};
use crate::detect::spec::{Confidence, RuleEntry};
use crate::report::{Detail, Secrets, Style};
use crate::source::git::{self, Environment};
use crate::verdict::baseline::Baseline;
use crate::verdict::policy::{Allowance, Policy};

/// The configuration's name at the repository root.
pub(crate) const CONFIG: &str = ".leakstop.toml";
/// The baseline's name at the repository root.
pub(crate) const BASELINE: &str = ".secrets.baseline";

/// `.leakstop.toml`. Keys that are not here are errors.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    min_confidence: Option<Confidence>,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    pub(super) disable: Vec<String>,
    #[serde(default)]
    allow: Vec<Allowance>,
    #[serde(default)]
    pub(super) rule: Vec<RuleEntry>,
}

/// Where a command works.
#[derive(Debug)]
pub(crate) struct Place {
    /// The folder it was started in.
    pub(crate) folder: PathBuf,
    /// The top of the work tree, or a bare repository's folder; `None` outside repositories.
    pub(crate) root: Option<PathBuf>,
    /// What git put into the environment.
    pub(crate) environment: Environment,
}

impl Place {
    /// The place around the current folder.
    ///
    /// # Errors
    /// A current folder that is gone.
    pub(crate) fn here() -> Result<Self> {
        let folder = std::env::current_dir().context("the current folder cannot be read")?;
        Ok(Self::at(folder))
    }

    /// The place around `folder`.
    pub(crate) fn at(folder: PathBuf) -> Self {
        let environment = super::environment();
        let root = git::root(&folder, &environment);
        Self { folder, root, environment }
    }

    /// The root, or the error that there is no repository.
    pub(crate) fn repository(&self) -> Result<&Path> {
        match &self.root {
            Some(root) => Ok(root),
            None => Err(crate::source::SourceError::NotARepository(self.folder.clone()).into()),
        }
    }
}

/// Everything a scan goes by.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) detector: Detector,
    pub(crate) policy: Policy,
    pub(crate) exclude: GlobSet,
    pub(crate) style: Style,
    pub(crate) baseline: Option<Baseline>,
}

impl Settings {
    /// Reads configuration and baseline.
    ///
    /// # Errors
    /// A configuration, baseline, rule or glob that is wrong.
    pub(crate) fn new(common: &Common, place: &Place) -> Result<Self> {
        let root = place.root.as_deref().unwrap_or(&place.folder);
        let config = config(common, root)?;
        let least = common.min_confidence.map(Confidence::from).or(config.min_confidence);
        let least = least.unwrap_or(Confidence::Likely);
        let selection =
            Selection { only: common.rules.clone(), without: config.disable, added: config.rule };
        let rules = RuleSet::new(&selection)?;
        let (baseline_path, baseline) = baseline(common, root)?;
        let name = baseline_path.strip_prefix(root).ok().map(|path| git::as_bytes(path).into());
        let policy = Policy::new(least, &config.allow, name)?;
        Ok(Self {
            detector: Detector::new(rules, least),
            policy,
            exclude: globs(common.exclude.iter().chain(&config.exclude))?,
            style: style(common),
            baseline,
        })
    }
}

/// Paths to leave out.
fn globs<'a>(patterns: impl Iterator<Item = &'a String>) -> Result<GlobSet> {
    let mut globs = GlobSetBuilder::new();
    for glob in patterns {
        globs.add(Glob::new(glob).with_context(|| format!("exclude {glob}"))?);
    }
    globs.build().context("exclude")
}

impl Config {
    /// Reads a configuration and checks all of it but the rules.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self> {
        let config: Self = parse(path, text)?;
        let wrong = || path.display().to_string();
        globs(config.exclude.iter()).with_context(wrong)?;
        Policy::new(Confidence::Possible, &config.allow, None).with_context(wrong)?;
        Ok(config)
    }
}

fn style(common: &Common) -> Style {
    let secrets =
        if common.show_secrets { Secrets::Shown } else { Secrets::Redacted(common.redact) };
    let detail = match (common.quiet, common.verbose) {
        (true, _) => Detail::Findings,
        (false, false) => Detail::Summary,
        (false, true) => Detail::Everything,
    };
    Style { secrets, detail, show_suppressed: common.show_suppressed }
}

fn config(common: &Common, root: &Path) -> Result<Config> {
    let path = match &common.config {
        Some(path) => path.clone(),
        None if common.no_repo_config => return Ok(Config::default()),
        None => root.join(CONFIG),
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && common.config.is_none() => {
            return Ok(Config::default());
        }
        Err(e) => bail!("{}: {e}", path.display()),
    };
    parse(&path, &text)
}

/// Reads TOML.
///
/// # Errors
/// What is wrong with it, and where, without the values in it.
pub(super) fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|fault| refused(path, text, &fault))
}

/// What is wrong with a configuration, without the line it quotes or the values in it: they may be secrets.
fn refused(path: &Path, text: &str, fault: &toml::de::Error) -> anyhow::Error {
    let until = fault.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = until.matches('\n').count() + 1;
    let parts: Vec<&str> = fault.message().split('"').collect();
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    let told = if parts.len() > 1 { format!("{first}…{last}") } else { first.to_owned() };
    let brief = |word| if str::len(word) < 24 { word } else { "…" };
    let told: Vec<&str> = told.split(' ').map(brief).collect();
    let told = told.join(" ");
    anyhow::anyhow!("{}: line {line}: {told}", path.display())
}

fn baseline(common: &Common, root: &Path) -> Result<(PathBuf, Option<Baseline>)> {
    let (path, named) = match &common.baseline {
        Some(path) => (std::path::absolute(path)?, true),
        None => (root.join(BASELINE), false),
    };
    let unwanted = common.no_baseline || common.no_repo_config && !named;
    if unwanted || !named && !path.exists() {
        return Ok((path, None));
    }
    let baseline = Baseline::load(&path)?;
    Ok((path, Some(baseline)))
}

impl From<Level> for Confidence {
    fn from(level: Level) -> Self {
        match level {
            Level::Certain => Self::Certain,
            Level::Likely => Self::Likely,
            Level::Possible => Self::Possible,
        }
    }
}
