//! What a scan goes by: wishes, configuration file and baseline put together.
//!
//! In: [`Wishes`] and the place of the scan. Out: [`Settings`], with the configuration read. A wish wins over the
//! configuration.

use std::fs;
use std::path::{Path, PathBuf};

use super::Error;
use super::config::{Choice, Config};
use crate::detect::Detector;
use crate::detect::spec::Confidence;
use crate::source::git::{self, Environment};
use crate::source::paths::Paths;
use crate::verdict::baseline::Baseline;
use crate::verdict::policy::Policy;

/// The baseline's name at the repository root.
pub(crate) const BASELINE: &str = ".secrets.baseline";

/// Where a scan works.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The folder it was started in.
    pub(crate) folder: PathBuf,
    /// The top of the work tree, or a bare repository's folder; `None` outside repositories.
    pub(crate) root: Option<PathBuf>,
    /// What git put into the environment.
    pub(crate) environment: Environment,
}

impl Place {
    /// The place around `folder`.
    pub(crate) fn new(folder: PathBuf, environment: Environment) -> Self {
        let root = git::root(&folder, &environment);
        Self { folder, root, environment }
    }

    /// Where the configuration lies: the root, or outside repositories the folder.
    pub(crate) fn top(&self) -> &Path {
        self.root.as_deref().unwrap_or(&self.folder)
    }

    /// The root, or the error that there is no repository.
    pub(crate) fn repository(&self) -> Result<&Path, Error> {
        match &self.root {
            Some(root) => Ok(root),
            None => Err(crate::source::SourceError::NotARepository(self.folder.clone()).into()),
        }
    }
}

/// What whoever asks for a scan wishes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    /// The configuration, if not the one at the root.
    pub(crate) config: Option<PathBuf>,
    /// The baseline, if not the one at the root.
    pub(crate) baseline: Option<PathBuf>,
    /// No baseline at all.
    pub(crate) no_baseline: bool,
    /// Neither configuration nor baseline of the root.
    pub(crate) no_repo_config: bool,
    /// The least confidence.
    pub(crate) least: Option<Confidence>,
    /// Ids of the rules to look for; empty for all.
    pub(crate) rules: Vec<String>,
    /// Globs of paths to leave out.
    pub(crate) exclude: Vec<String>,
}

/// Everything a scan goes by.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) detector: Detector,
    pub(crate) policy: Policy,
    pub(crate) exclude: Paths,
    pub(crate) baseline: Option<Baseline>,
}

impl Settings {
    /// Reads configuration and baseline of `root`, or those that are named.
    ///
    /// # Errors
    /// A configuration, baseline, rule or glob that is wrong.
    pub(crate) fn read(wishes: &Wishes, root: &Path) -> Result<Self, Error> {
        let choice = Choice { named: wishes.config.as_ref(), ignored: wishes.no_repo_config };
        let config = Config::read(choice, root)?;
        let least = wishes.least.or(config.min_confidence).unwrap_or(Confidence::Likely);
        let rules = config.rules(&wishes.rules).map_err(|fault| match config.rules(&[]) {
            Ok(_) => fault.into(),
            Err(own) => config.wrong(own),
        })?;
        let (baseline_path, baseline) = baseline(wishes, root)?;
        let name = baseline_path.strip_prefix(root).ok().map(|path| git::as_bytes(path).into());
        let policy = Policy::new(least, &config.allow, name).map_err(|f| config.wrong(f))?;
        let all = wishes.exclude.iter().chain(&config.exclude);
        let exclude = exclude(all).map_err(|fault| match exclude(config.exclude.iter()) {
            Ok(_) => fault,
            Err(own) => config.wrong(own),
        })?;
        Ok(Self { detector: Detector::new(rules, least), policy, exclude, baseline })
    }
}

/// Paths to leave out.
fn exclude<'a>(patterns: impl Iterator<Item = &'a String>) -> Result<Paths, Error> {
    Paths::new(patterns).map_err(|fault| Error::settings(format!("exclude {fault}")))
}

/// Whether a scan could go by a configuration.
///
/// # Errors
/// A rule, exception or glob that is wrong.
pub(crate) fn sound(config: &Config) -> Result<(), Error> {
    exclude(config.exclude.iter())?;
    Policy::new(Confidence::Possible, &config.allow, None)?;
    config.rules(&[])?;
    Ok(())
}

fn baseline(wishes: &Wishes, root: &Path) -> Result<(PathBuf, Option<Baseline>), Error> {
    let (path, named) = match &wishes.baseline {
        Some(path) => (std::path::absolute(path).map_err(Error::io(path))?, true),
        None => (root.join(BASELINE), false),
    };
    let unwanted = wishes.no_baseline || wishes.no_repo_config && !named;
    if unwanted || !named && fs::symlink_metadata(&path).is_err() {
        return Ok((path, None));
    }
    let baseline = Baseline::load(&path)?;
    Ok((path, Some(baseline)))
}
