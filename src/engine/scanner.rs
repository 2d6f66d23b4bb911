//! The public face of a scan.
//!
//! In: settings, made once; then bytes, paths or repositories, from as many threads as there are. Out: a [`Report`]
//! for each, in which secrets are redacted.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::Error;
use super::files::{Files, around};
use super::history;
use super::session::{Outcome, Session, gone_from};
use super::settings::{Place, Settings, Wishes};
use crate::detect::spec::Confidence;
use crate::report::document::{Document, Entry};
use crate::report::{self, Account, Detail, ExitStatus, Format, Mode, Receipt, Secrets, Style};
use crate::scan::Reading;
use crate::source::git::{self, Environment};
use crate::source::staged::Staged;
use crate::source::worktree::packed;
use crate::source::{Blob, Content, Origin, Visitor as _};
use crate::verdict::finding::Finding;

/// Columns of a report for people.
const WIDTH: usize = 100;

/// What a [`Scanner`] goes by. Without more it knows the built-in rules, and nothing is accepted.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    wishes: Wishes,
    root: Option<PathBuf>,
    threads: usize,
}

impl Builder {
    /// Goes by `.leakstop.toml` and `.secrets.baseline` of this repository, as the program does there.
    #[must_use]
    pub fn repository(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// Reads the configuration from this file.
    #[must_use]
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.wishes.config = Some(path.into());
        self
    }

    /// Accepts the findings that this file lists.
    #[must_use]
    pub fn baseline(mut self, path: impl Into<PathBuf>) -> Self {
        self.wishes.baseline = Some(path.into());
        self
    }

    /// Reports findings that are at least as sure; [`Confidence::Likely`] if nothing else is said.
    #[must_use]
    pub fn min_confidence(mut self, least: Confidence) -> Self {
        self.wishes.least = Some(least);
        self
    }

    /// Looks for these rules alone, by their ids.
    #[must_use]
    pub fn rules(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.wishes.rules = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Leaves out the paths that match a glob; may be called again.
    #[must_use]
    pub fn exclude(mut self, glob: impl Into<String>) -> Self {
        self.wishes.exclude.push(glob.into());
        self
    }

    /// Reads with so many threads; with one for each processor if nothing else is said. Bytes are read by the thread
    /// that brings them.
    #[must_use]
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = count;
        self
    }

    /// Reads what is named and compiles the rules, which takes milliseconds: make one scanner and share it.
    ///
    /// # Errors
    /// A file that cannot be read or says something wrong, a rule id that does not exist, a glob that does not parse.
    pub fn build(self) -> Result<Scanner, Error> {
        let Self { mut wishes, root, threads } = self;
        wishes.no_repo_config |= root.is_none();
        let top = root.as_deref().unwrap_or(Path::new(""));
        let settings = Arc::new(Settings::read(&wishes, top)?);
        Ok(Scanner::new(settings, root, threads))
    }
}

/// Which part of a repository is scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// The files on disk, without those that git ignores.
    WorkTree,
    /// What the next commit adds.
    Staged,
    /// Every object that the repository still holds.
    History,
    /// What these commits introduce: `main..HEAD`, `v1.0`, `^origin/main`.
    Commits(Vec<String>),
}

/// Finds secrets. It is cheap to clone, and one may be used from many threads at once.
///
/// A scan runs no process, opens no connection and writes nothing.
///
/// ```
/// let scanner = leakstop::Scanner::builder().build()?;
/// let text = ["password = \"", "kX9v-Qm27_tRw0", "pL\"\n"].concat();
/// let report = scanner.scan_bytes(text.as_bytes(), Some("settings.py"));
/// for finding in report.findings() {
///     println!("{}:{} {}", finding.place.path, finding.place.start_line, finding.redacted);
/// }
/// assert!(!report.is_clean());
/// # Ok::<(), leakstop::Error>(())
/// ```
#[derive(Clone)]
pub struct Scanner {
    settings: Arc<Settings>,
    /// The repository whose baseline is asked.
    root: Option<PathBuf>,
    threads: usize,
    /// What git put into the environment; nothing unless the command line says so.
    environment: Environment,
    stop: Arc<AtomicBool>,
}

impl Scanner {
    /// A scanner about to be made.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A scanner that goes by `settings`.
    fn new(settings: Arc<Settings>, root: Option<PathBuf>, threads: usize) -> Self {
        let (environment, stop) = (Environment::default(), Arc::default());
        Self { settings, root, threads, environment, stop }
    }

    /// The scanner of a place, as the command line sees it.
    pub(crate) fn at(place: &Place, wishes: &Wishes) -> Result<Self, Error> {
        let settings = Arc::new(Settings::read(wishes, place.top())?);
        let scanner = Self::new(settings, Some(place.top().to_path_buf()), 0);
        Ok(Self { environment: place.environment.clone(), ..scanner })
    }

    /// The same, to be ended by `stop`.
    pub(crate) fn until(&self, stop: Arc<AtomicBool>) -> Self {
        Self { stop, ..self.clone() }
    }

    fn session<'a>(&'a self, place: &'a Place, mode: Mode, target: &str) -> Session<'a> {
        let told = (mode, target.to_owned());
        let mut session = Session::new(place, Arc::clone(&self.settings), &self.stop, told);
        session.threads = self.threads;
        session
    }

    fn report(
        &self,
        session: &Session<'_>,
        outcome: Outcome,
        mut findings: Vec<Finding>,
    ) -> Report {
        let receipt = session.receipt(outcome, &mut findings, false);
        Report { settings: Arc::clone(&self.settings), receipt, findings }
    }

    /// Scans a text, or whatever the bytes are: an archive is opened. `name` is a path that tells the kind of file.
    ///
    /// # Panics
    /// Never: bytes are at hand.
    #[must_use]
    pub fn scan_bytes(&self, bytes: &[u8], name: Option<&str>) -> Report {
        let folder = self.root.clone().unwrap_or_default();
        let place = Place { folder, root: None, environment: Environment::default() };
        let session = self.session(&place, Mode::Stdin, name.unwrap_or("bytes"));
        let read = |scanner: &crate::scan::Scanner<'_>| {
            let origin = Origin { path: name.map(Into::into), ..Origin::default() };
            scanner.blob(Blob { origin, content: Content::Bytes(bytes), before: None });
            Ok(0)
        };
        let mut outcome = session.read(Reading::default(), read).expect("bytes are at hand");
        let findings = match &self.root {
            Some(root) => session.judge(&mut outcome, &gone_from(root.clone())),
            None => session.judge(&mut outcome, &|_| false),
        };
        self.report(&session, outcome, findings)
    }

    /// Scans a file or a folder on disk. Inside a repository files that git ignores are left out.
    ///
    /// # Errors
    /// A path that is not there or cannot be read.
    pub fn scan_path(&self, path: impl AsRef<Path>) -> Result<Report, Error> {
        let path = path.as_ref();
        let place = Place::new(around(path)?, self.environment.clone());
        let session = self.session(&place, Mode::Scan, &path.to_string_lossy());
        self.files(&session, path)
    }

    fn files(&self, session: &Session<'_>, path: &Path) -> Result<Report, Error> {
        let paths = &[path.to_path_buf()];
        let walk = Files { paths, no_ignore: false, submodules: false }.walk(session)?;
        let mut outcome =
            session.read(Reading::default(), |scanner| walk.read(scanner).map(|()| 0))?;
        if git::is_bare(path) {
            outcome.found.skipped.push(packed(git::as_bytes(path)));
        }
        let findings = session.judge(&mut outcome, &gone_from(walk.root));
        Ok(self.report(session, outcome, findings))
    }

    /// Scans a part of the repository that `folder` lies in.
    ///
    /// # Errors
    /// No repository, one that cannot be read, or a revision that it does not know.
    pub fn scan_repo(&self, folder: impl AsRef<Path>, scope: Scope) -> Result<Report, Error> {
        let folder = folder.as_ref();
        let real = folder.canonicalize().map_err(Error::io(folder))?;
        let place = Place::new(real, self.environment.clone());
        let root = place.repository()?.to_path_buf();
        let begin = |mode, target: &str| self.session(&place, mode, target);
        let (session, (outcome, findings)) = match scope {
            Scope::WorkTree => {
                let session = begin(Mode::Scan, &root.to_string_lossy());
                return self.files(&session, &root);
            }
            Scope::Staged => {
                let session = begin(Mode::Staged, "index");
                let found = staged(&session, root)?;
                (session, found)
            }
            Scope::History => {
                let session = begin(Mode::History, "all objects");
                let found = history::everything(&session, Reading::default().into())?;
                (session, found)
            }
            Scope::Commits(revisions) => {
                let session = begin(Mode::History, &revisions.join(" "));
                let found = history::commits(&session, revisions, None)?;
                (session, found)
            }
        };
        Ok(self.report(&session, outcome, findings))
    }
}

/// What the next commit adds.
fn staged(session: &Session<'_>, root: PathBuf) -> Result<(Outcome, Vec<Finding>), Error> {
    let Place { folder, environment, .. } = session.place.clone();
    let source = Staged { folder, environment, all_if_unchanged: false };
    let mut outcome =
        session.read(Reading::default(), |scanner| source.read(scanner).map(|()| 0))?;
    let findings = session.judge(&mut outcome, &gone_from(root));
    Ok((outcome, findings))
}

/// What a scan has found, and the receipt of what it has read.
#[derive(Clone)]
pub struct Report {
    settings: Arc<Settings>,
    receipt: Receipt,
    findings: Vec<Finding>,
}

// Neither shows its rules, which fill megabytes.
impl fmt::Debug for Scanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scanner").field("root", &self.root).finish_non_exhaustive()
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { receipt, findings, .. } = self;
        let mut told = f.debug_struct("Report");
        told.field("receipt", receipt).field("findings", findings).finish_non_exhaustive()
    }
}

impl Report {
    fn view(&self) -> report::Report<'_> {
        let rules = self.settings.detector.rules();
        report::Report { rules, receipt: &self.receipt, findings: &self.findings }
    }

    /// Everything it says, as the JSON report does: findings, counts, what was not scanned and why.
    #[must_use]
    pub fn document(&self) -> Document<'_> {
        Document::new(self.view(), STYLE)
    }

    /// The new findings, sorted by path and place.
    #[must_use]
    pub fn findings(&self) -> Vec<Entry<'_>> {
        self.document().findings
    }

    /// The values of [`Report::findings`], in the same order.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.view().open().map(|finding| finding.secret.reveal())
    }

    /// Whether nothing new was found, and all was read that no limit leaves out by design. It is what the program
    /// exits with 0 for.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.view().status(false) == ExitStatus::Clean
    }

    /// Whether everything was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.receipt.is_complete()
    }

    /// Writes it in one of the program's formats.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, format: Format, out: &mut dyn io::Write) -> io::Result<()> {
        let report = self.view();
        let head = Document::head(report);
        format.tell(&Account::of(&head, report, STYLE, None), STYLE, out)
    }
}

const STYLE: Style<'static> = Style {
    secrets: Secrets::Masked,
    detail: Detail::Summary,
    show_suppressed: false,
    width: WIDTH,
    links: None,
};
