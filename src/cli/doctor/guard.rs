//! What should keep secrets out of a repository: hooks, a gate in CI, ignored files; and whether all of it can be read.
//!
//! In: a repository. Out: a check each.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Check;
use crate::cli::args::HookName;
use crate::cli::install::{self, State};
use crate::cli::settings::Place;
use crate::report::shell;
use crate::source::git;

/// Files in which CI systems are told what to do; a folder counts with all in it.
const PIPELINES: &[&str] = &[
    ".github/workflows",
    ".forgejo/workflows",
    ".gitea/workflows",
    ".gitlab-ci.yml",
    ".gitlab",
    ".circleci/config.yml",
    ".buildkite",
    ".woodpecker",
    ".woodpecker.yml",
    ".drone.yml",
    ".travis.yml",
    ".ci",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    "cloudbuild.yaml",
    "appveyor.yml",
];

/// Names of files that hold secrets and should be ignored.
const PRIVATE: &[&str] = &[
    ".env",
    ".env.local",
    ".env.production",
    "private.pem",
    "private.key",
    "credentials.json",
    "service-account.json",
    "id_rsa",
    "keystore.p12",
    "terraform.tfstate",
    "secrets.tfvars",
];

/// What stands in `.gitignore` for all of them.
const PATTERNS: &str = ".env  .env.*  !.env.example  *.pem  *.key  *.p12  credentials.json  service-account*.json  id_rsa  *.tfstate  *.tfvars";

/// Ends of names of which git should track none.
const ENDS: &[&str] = &[".p12", ".pfx", ".jks", ".keystore", ".ppk", ".tfstate", ".kdbx"];
/// Names of which git should track none.
const NAMES: &[&str] = &[
    "credentials.json",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".netrc",
    ".pgpass",
    ".htpasswd",
    "kubeconfig",
];

/// A repository that is looked at.
pub(super) struct Repository {
    git: crate::source::git::Repository,
    root: PathBuf,
    tracked: BTreeSet<String>,
}

impl Repository {
    pub(super) fn open(place: &Place) -> Result<Self> {
        let git = git::open(&place.folder, &place.environment)?;
        let root = place.top().to_path_buf();
        let tracked = git::tracked(&root, &place.environment).unwrap_or_default();
        let tracked = tracked.iter().map(ToString::to_string).collect();
        Ok(Self { git, root, tracked })
    }

    /// Whether git tracks a file.
    pub(super) fn tracks(&self, path: &str) -> bool {
        self.tracked.contains(path)
    }

    /// The hook that should run leakstop here, and what it is called: nobody commits in a bare repository.
    fn gatekeeper(&self) -> (HookName, &'static str) {
        if self.git.is_bare() {
            (HookName::PreReceive, "A pre-receive hook runs leakstop")
        } else {
            (HookName::PreCommit, "A pre-commit hook runs leakstop")
        }
    }

    /// Whether a hook runs leakstop, and the one that is installed today.
    pub(super) fn hook(&self) -> Result<Check> {
        let (hook, title) = self.gatekeeper();
        if let Some(off) = install::off(&self.git)? {
            return Ok(Check::new("hook", title, vec![off], vec![install::unset(&self.git)?]));
        }
        let (path, state) = install::state(&self.git, hook)?;
        let framework = std::fs::read_to_string(self.root.join(".pre-commit-config.yaml"));
        let framework = framework.is_ok_and(|text| text.contains("leakstop"));
        let path = path.display();
        let problem = match state {
            State::Current | State::Named => None,
            // The framework's own script names the framework alone; another may start it.
            State::Managed | State::Foreign if framework => None,
            State::Managed => Some(format!(
                "{path} runs what .pre-commit-config.yaml names, and that is not leakstop"
            )),
            State::Missing if framework => Some(
                "the pre-commit framework is set up for leakstop, but not installed".to_owned(),
            ),
            State::Missing => Some(format!("there is no {path} that git would run")),
            State::Old => Some(format!("{path} is not what this leakstop would install")),
            State::Foreign => Some(format!("{path} does not run leakstop")),
        };
        let fix = match state {
            State::Managed => "put leakstop into .pre-commit-config.yaml",
            State::Old => "leakstop install",
            _ if framework => "pre-commit install",
            _ => "leakstop install",
        };
        Ok(Check::new("hook", title, problem.into_iter().collect(), vec![fix.to_owned()]))
    }

    /// Whether `core.hooksPath` leads past a hook of ours.
    pub(super) fn bypass(&self) -> Result<Check> {
        let run_from = install::hooks(&self.git)?;
        let own = self.git.commondir().join("hooks");
        let (hook, _) = self.gatekeeper();
        let (_, state) = install::state(&self.git, hook)?;
        let runs = matches!(state, State::Current | State::Named | State::Old);
        let idle = std::fs::read_to_string(own.join(hook.name()));
        let past = run_from != own && !runs && idle.is_ok_and(|text| text.contains("leakstop"));
        let problem = past.then(|| {
            let from = run_from.display();
            format!("core.hooksPath is {from}, so the hook in {} is never run", own.display())
        });
        let there = install::off(&self.git)?.is_none().then(|| "leakstop install".to_owned());
        let fixes = there.into_iter().chain([install::unset(&self.git)?]).collect();
        let problems = problem.into_iter().collect();
        Ok(Check::new("hooks-path", "No setting leads past the hook", problems, fixes))
    }

    /// Whether CI runs leakstop.
    pub(super) fn gate(&self) -> Check {
        let files: Vec<&String> = self
            .tracked
            .iter()
            .filter(|path| PIPELINES.iter().any(|pipeline| Path::new(path).starts_with(pipeline)))
            .collect();
        let named = |path: &&&String| {
            std::fs::read_to_string(self.root.join(path))
                .is_ok_and(|text| text.contains("leakstop"))
        };
        let problem = match (files.is_empty(), files.iter().find(named)) {
            (_, Some(_)) => None,
            (true, None) => Some("there are no files of a CI system".to_owned()),
            (false, None) => {
                let some: Vec<&str> = files.iter().take(3).map(|path| path.as_str()).collect();
                Some(format!("none of a CI system's files runs it: {}", some.join(", ")))
            }
        };
        let fix = "add `leakstop history <base>..HEAD` to the pipeline, with the whole history checked out";
        Check::new("ci", "CI runs leakstop", problem.into_iter().collect(), vec![fix.into()])
    }

    /// Whether files that hold secrets would be ignored.
    pub(super) fn ignored(&self) -> Check {
        let missing: Vec<String> = PRIVATE
            .iter()
            .filter(|name| !self.git.is_path_ignored(Path::new(name)).unwrap_or(false))
            .map(|name| (*name).to_owned())
            .collect();
        let mut problems = Vec::new();
        if !missing.is_empty() {
            problems.push(format!("git would take these: {}", missing.join(", ")));
        }
        if self.git.is_path_ignored(Path::new(".env.example")).unwrap_or(false) {
            problems.push(".env.example is ignored, though it should be shared".to_owned());
        }
        let fix = format!("in .gitignore, a line each: {PATTERNS}");
        Check::new("ignored", "Files that hold secrets are ignored", problems, vec![fix])
    }

    /// Whether git tracks files that hold secrets.
    pub(super) fn tracked(&self) -> Check {
        let bad: Vec<&String> = self.tracked.iter().filter(|path| self.is_private(path)).collect();
        let problems = bad.iter().map(|path| format!("git tracks {path}")).collect();
        let fixes = bad.iter().map(|path| format!("git rm --cached {}", shell(path))).collect();
        Check::new("tracked", "No file that holds secrets is tracked", problems, fixes)
    }

    fn is_private(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let ending = name.rsplit('.').next().unwrap_or_default();
        let holds_key = || {
            let text = std::fs::read(self.root.join(path)).unwrap_or_default();
            memchr::memmem::find(&text, b"PRIVATE KEY").is_some()
        };
        super::dotenv::is_private(name)
            || NAMES.contains(&name)
            || ENDS.iter().any(|end| name.ends_with(end))
            || name.starts_with("service-account") && ending == "json"
            // Certificates are public; only keys are not.
            || matches!(ending, "pem" | "key") && holds_key()
    }

    /// Whether all of the history is there.
    pub(super) fn complete(&self) -> Check {
        let shallow = self.git.is_shallow();
        let problem = "this clone is shallow: the history before its edge cannot be read";
        Check::new(
            "complete",
            "The whole history is here",
            shallow.then(|| problem.to_owned()).into_iter().collect(),
            vec!["git fetch --unshallow".into()],
        )
    }
}
