//! Where a report goes: standard output, files, and what GitHub Actions reads.
//!
//! In: options and an [`Account`]. Out: whole files, or none: each is written beside its place and moved there. What
//! cannot be written is found out before the scan.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::args::{ReportOptions, Target, When};
use crate::report::{Account, Detail, Format, Secrets, Style, summary};
use crate::whole::{self, Readers};

/// Columns of text that is read in a log or a file.
const WIDTH: usize = 100;
/// Longer lines are hard to read, however wide the terminal is.
const WIDEST: usize = 110;
/// Bytes that GitHub takes of the summary of a step.
const SUMMARY: u64 = 1024 * 1024;

/// Where a report goes.
pub(super) struct Outputs {
    format: Format,
    /// Standard output where there is none.
    output: Option<PathBuf>,
    files: Vec<Target>,
    secrets: bool,
    /// Whether annotations follow the report.
    annotate: bool,
    /// The file that takes the summary of a step.
    summary: Option<PathBuf>,
    /// What a path is put behind to be an address.
    links: Option<String>,
}

impl Outputs {
    /// Checks where reports are to go. `root` is what the paths in them start from.
    ///
    /// # Errors
    /// A place that cannot be written, or is named twice; secrets in a format that is made to be passed on.
    pub(super) fn new(options: &ReportOptions, root: Option<&Path>) -> Result<Self> {
        match options.color {
            When::Auto => {}
            When::Always => anstream::ColorChoice::Always.write_global(),
            When::Never => anstream::ColorChoice::Never.write_global(),
        }
        let actions = super::variable("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let format = options.format.map_or(Format::Human, |name| name.0);
        let unasked = options.format.is_none() && options.output.is_none();
        let github = actions && !options.show_secrets && (unasked || format == Format::Github);
        let outputs = Self {
            format,
            output: options.output.clone().filter(|path| !is_stdout(path)),
            files: options.files.clone(),
            secrets: options.show_secrets,
            annotate: github && unasked,
            summary: super::variable("GITHUB_STEP_SUMMARY").filter(|_| github).map(PathBuf::from),
            links: root.and_then(address).filter(|_| {
                io::stdout().is_terminal()
                    && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
            }),
        };
        outputs.check()?;
        Ok(outputs)
    }

    fn check(&self) -> Result<()> {
        let mut formats = self.files.iter().map(|file| file.format).chain([self.format]);
        if let Some(format) = formats.find(|format| self.secrets && !format.reveals()) {
            let names = Format::ALL.iter().filter(|format| format.reveals());
            let names: Vec<&str> = names.map(|format| format.name()).collect();
            bail!(
                "--show-secrets does not go with {}, which is made to be passed on; use one of {}",
                format.name(),
                names.join(", ")
            );
        }
        if self.files.iter().any(|file| is_stdout(&file.path)) {
            bail!(
                "a second report needs a file; what standard output takes is chosen with --format"
            );
        }
        let mut seen: Vec<&Path> = Vec::new();
        for path in self.files.iter().map(|file| &*file.path).chain(self.output.as_deref()) {
            if seen.contains(&path) {
                bail!("{} is named for two reports; give each a file of its own", path.display());
            }
            seen.push(path);
            probe(path).with_context(|| refused(path))?;
        }
        Ok(())
    }

    /// Whether any of the formats shows the lines that findings stand on.
    pub(super) fn quotes(&self) -> bool {
        self.format.quotes() || self.files.iter().any(|file| file.format.quotes())
    }

    /// Writes everything; of several faults, tells the first.
    ///
    /// # Errors
    /// What could not be written, and why. A pipe that nobody reads is not among them.
    pub(super) fn write(&self, account: &Account<'_>, style: Style<'_>) -> Result<()> {
        let mut faults = Vec::new();
        for Target { format, path } in &self.files {
            faults.extend(file(path, *format, account, plain(style)).err());
        }
        let main = match &self.output {
            Some(path) => file(path, self.format, account, plain(style)),
            None => self.stdout(account, style).context("standard output"),
        };
        faults.extend(main.err().filter(|fault| !super::is_broken_pipe(fault)));
        if let Some(path) = &self.summary
            && let Err(fault) = step(path, account)
        {
            let told = crate::report::escaped(&format!("{}: {fault}", path.display()));
            writeln!(io::stderr(), "leakstop: the summary of the step is not written: {told}")?;
        }
        faults.into_iter().next().map_or(Ok(()), Err)
    }

    fn stdout(&self, account: &Account<'_>, style: Style<'_>) -> Result<()> {
        let width = terminal_size::terminal_size_of(io::stdout())
            .map_or(WIDTH, |(width, _)| usize::from(width.0).min(WIDEST));
        let style = Style { width, links: self.links.as_deref(), ..style };
        // What is for programs goes out as it is.
        if self.format == Format::Human {
            let mut out = io::BufWriter::new(anstream::stdout());
            self.format.tell(account, style, &mut out)?;
            if self.annotate {
                Format::Github.tell(account, style, &mut out)?;
            }
            out.flush()?;
        } else {
            let mut out = io::BufWriter::new(io::stdout());
            self.format.tell(account, style, &mut out)?;
            out.flush()?;
        }
        Ok(())
    }
}

/// What is shown and how, as the options say.
pub(super) fn style(options: &ReportOptions, redact: Option<usize>) -> Style<'static> {
    let hidden = redact.map_or(Secrets::Masked, Secrets::Redacted);
    let secrets = if options.show_secrets { Secrets::Shown } else { hidden };
    let detail = match (options.quiet, options.verbose) {
        (true, _) => Detail::Findings,
        (false, false) => Detail::Summary,
        (false, true) => Detail::Everything,
    };
    let show_suppressed = options.show_suppressed;
    Style { secrets, detail, show_suppressed, width: WIDTH, links: None }
}

/// The style of what is read later and elsewhere.
fn plain(style: Style<'_>) -> Style<'_> {
    Style { width: WIDTH, links: None, ..style }
}

/// The address of a folder, to put paths behind.
fn address(folder: &Path) -> Option<String> {
    let path = folder.to_str().filter(|path| path.starts_with('/'))?;
    let path = percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC);
    Some(format!("file://{}/", path.to_string().replace("%2F", "/")))
}

fn refused(path: &Path) -> String {
    let folder = whole::folder(path);
    let hint = if folder.is_dir() {
        String::new()
    } else {
        format!("; make the folder {} first", folder.display())
    };
    format!("the report cannot be written to {}{hint}", path.display())
}

/// Whether a place is standard output, which may be a file that others write too.
fn is_stdout(path: &Path) -> bool {
    [Path::new("-"), Path::new("/dev/stdout"), Path::new("/dev/fd/1")].contains(&path)
}

/// Whether a place is one to write on: a device or a pipe, not a file that is to be replaced.
fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|facts| !facts.is_file() && !facts.is_dir())
}

/// The file behind links.
fn place(path: &Path) -> io::Result<PathBuf> {
    if path.exists() { path.canonicalize() } else { Ok(path.to_path_buf()) }
}

/// Finds out whether a file can be written, and leaves nothing behind.
fn probe(path: &Path) -> io::Result<()> {
    if is_stream(path) {
        return Ok(());
    }
    if path.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a folder; name a file in it",
        ));
    }
    let target = place(path)?;
    if fs::metadata(&target).is_ok_and(|facts| facts.permissions().readonly()) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    tempfile::NamedTempFile::new_in(whole::folder(&target)).map(drop)
}

/// Writes a report to a file, wholly or not at all.
fn file(path: &Path, format: Format, account: &Account<'_>, style: Style<'_>) -> Result<()> {
    let write = || -> io::Result<()> {
        if is_stream(path) {
            let mut out = io::BufWriter::new(anstream::StripStream::new(File::create(path)?));
            format.tell(account, style, &mut out)?;
            return out.flush();
        }
        // Secrets are for the eyes of whoever asked for them; other reports are files like any other.
        let readers = match style.secrets {
            Secrets::Shown => Readers::Owner,
            Secrets::Masked | Secrets::Redacted(_) => Readers::Same,
        };
        whole::write(&place(path)?, readers, |file| {
            if format == Format::Human {
                let mut out = io::BufWriter::new(anstream::StripStream::new(file));
                format.tell(account, style, &mut out)?;
                return out.flush();
            }
            let mut out = io::BufWriter::new(file);
            format.tell(account, style, &mut out)?;
            out.flush()
        })
    };
    write().with_context(|| refused(path))
}

/// Adds to the summary of a step, which other programs of the step write too.
fn step(path: &Path, account: &Account<'_>) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().append(true).create(true).open(path)?;
    let room = SUMMARY.saturating_sub(file.metadata()?.len()).saturating_sub(1024);
    let page = summary(account, usize::try_from(room).unwrap_or(usize::MAX));
    if page.len() as u64 > room {
        return Err(io::Error::other("there is no room left in it"));
    }
    file.write_all(page.as_bytes())?;
    file.write_all(b"\n")
}
