//! Arguments that say how reports are written, and those of `leakstop report` and `completions`.
//!
//! In: arguments. Out: formats and files.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::report::Format;

/// How a report is written, and where.
#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct ReportOptions {
    /// How the report is written [default: human; in GitHub Actions with annotations and a step summary]
    #[arg(long, value_name = "FORMAT", help_heading = "Report")]
    pub(crate) format: Option<FormatName>,
    /// Write the report to FILE instead of standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Report")]
    pub(crate) output: Option<PathBuf>,
    /// Write the report to FILE in FORMAT too; may be given again, to feed several tools from one scan
    #[arg(
        long = "report",
        value_name = "FORMAT=FILE",
        value_parser = Target::parse,
        help_heading = "Report"
    )]
    pub(crate) files: Vec<Target>,
    /// Write secrets out in full, to hand them to whoever rotates them
    #[arg(long, help_heading = "Report")]
    pub(crate) show_secrets: bool,
    /// Include findings that are accepted, allowed or published examples
    #[arg(long, help_heading = "Report")]
    pub(crate) show_suppressed: bool,
    /// Print a line for each finding and no summary
    #[arg(short, long, conflicts_with = "verbose", help_heading = "Report")]
    pub(crate) quiet: bool,
    /// List everything that was left out
    #[arg(short, long, help_heading = "Report")]
    pub(crate) verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Report")]
    pub(crate) color: When,
}

/// `leakstop report`
#[derive(Clone, Debug, Args)]
pub(crate) struct RenderArgs {
    /// A report written with `--format json`; `-` reads standard input
    #[arg(value_name = "FILE.json")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) report: ReportOptions,
}

/// `leakstop completions`
#[derive(Clone, Debug, Args)]
pub(crate) struct ShellArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// A report in a file of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// How it is written.
    pub(crate) format: Format,
    /// Where.
    pub(crate) path: PathBuf,
}

impl Target {
    /// Reads `FORMAT=FILE`.
    fn parse(text: &str) -> Result<Self, String> {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        let Some((name, path)) = text.split_once('=') else {
            return Err("write it as FORMAT=FILE, for instance sarif=leaks.sarif".into());
        };
        if path.is_empty() {
            return Err(format!("no file is named after {name}="));
        }
        match Format::ALL.iter().find(|format| format.name() == name) {
            Some(&format) => Ok(Self { format, path: path.into() }),
            None => {
                let near = crate::text::nearest(name, names.iter().copied());
                let meant = match near.first() {
                    Some(near) => format!("; did you mean {near}?"),
                    None => String::new(),
                };
                Err(format!("there is no format {name}{meant} [formats: {}]", names.join(", ")))
            }
        }
    }
}

/// When to do something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A format's name, one of [`Format::ALL`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormatName(pub(crate) Format);

impl ValueEnum for FormatName {
    fn value_variants<'a>() -> &'a [Self] {
        const NAMES: &[FormatName] = &{
            let mut names = [FormatName(Format::Human); Format::ALL.len()];
            let mut at = 0;
            while at < names.len() {
                names[at] = FormatName(Format::ALL[at]);
                at += 1;
            }
            names
        };
        NAMES
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(self.0.name().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_name_their_format_and_file() {
        let target = Target { format: Format::Sarif, path: "a=b.sarif".into() };
        assert_eq!(Target::parse("sarif=a=b.sarif"), Ok(target));
        for (wrong, told) in [
            ("sarif", "FORMAT=FILE"),
            ("sarif=", "no file"),
            ("sarf=x", "did you mean sarif?"),
            ("=x", "there is no format"),
        ] {
            let fault = Target::parse(wrong).unwrap_err();
            assert!(fault.contains(told), "{wrong}: {fault}");
        }
    }
}
