//! What a scan goes by: command line, configuration file and environment put together.
//!
//! In: [`Common`] and the place it was started in. Out: [`Settings`], with the repository's root found and the
//! configuration read. The command line wins over the configuration.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::args::{Common, Level};
use super::config::{Choice, Config};
use crate::detect::Detector;
use crate::detect::spec::Confidence;
use crate::report::Style;
use crate::source::git::{self, Environment};
use crate::source::paths::Paths;
use crate::verdict::baseline::Baseline;
use crate::verdict::policy::Policy;

/// The baseline's name at the repository root.
pub(crate) const BASELINE: &str = ".secrets.baseline";

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

    /// Where the configuration lies: the root, or outside repositories the folder.
    pub(crate) fn top(&self) -> &Path {
        self.root.as_deref().unwrap_or(&self.folder)
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
    pub(crate) exclude: Paths,
    pub(crate) style: Style<'static>,
    pub(crate) baseline: Option<Baseline>,
}

impl Settings {
    /// Reads configuration and baseline.
    ///
    /// # Errors
    /// A configuration, baseline, rule or glob that is wrong.
    pub(crate) fn new(common: &Common, place: &Place) -> Result<Self> {
        let root = place.top();
        let choice = Choice { named: common.config.as_ref(), ignored: common.no_repo_config };
        let config = Config::read(choice, root)?;
        let least = common.min_confidence.map(Confidence::from).or(config.min_confidence);
        let least = least.unwrap_or(Confidence::Likely);
        let rules = config.rules(&common.rules)?;
        let (baseline_path, baseline) = baseline(common, root)?;
        let name = baseline_path.strip_prefix(root).ok().map(|path| git::as_bytes(path).into());
        let policy = Policy::new(least, &config.allow, name)?;
        Ok(Self {
            detector: Detector::new(rules, least),
            policy,
            exclude: exclude(common.exclude.iter().chain(&config.exclude))?,
            style: super::outputs::style(&common.report, common.redact),
            baseline,
        })
    }
}

/// Paths to leave out.
fn exclude<'a>(patterns: impl Iterator<Item = &'a String>) -> Result<Paths> {
    Paths::new(patterns).map_err(|fault| anyhow::anyhow!("exclude {fault}"))
}

/// Whether a scan could go by a configuration.
///
/// # Errors
/// A rule, exception or glob that is wrong.
pub(crate) fn sound(config: &Config) -> Result<()> {
    exclude(config.exclude.iter())?;
    Policy::new(Confidence::Possible, &config.allow, None)?;
    config.rules(&[])?;
    Ok(())
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
