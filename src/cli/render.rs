//! `leakstop report`: a saved report in another format. `completions` and `man`: what packages install.
//!
//! In: their arguments. Out: a report, a script, a page. Status 0 for whatever the report says, 2 for a file that is
//! none.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use bstr::ByteSlice as _;
use clap::CommandFactory as _;

use super::args::{Cli, RenderArgs, ShellArgs};
use super::outputs::{Outputs, style};
use crate::report::document::DocumentError;
use crate::report::{Account, Document, ExitStatus};

/// Writes a saved report in another format.
pub(super) fn run(args: &RenderArgs) -> Result<ExitStatus> {
    let outputs = Outputs::new(&args.report, None)?;
    let is_stdin = args.file == Path::new("-");
    let name = if is_stdin { "standard input".into() } else { args.file.display().to_string() };
    let mut text = Vec::new();
    let read = if is_stdin {
        io::stdin().lock().read_to_end(&mut text).map(|_| ())
    } else {
        fs::read(&args.file).map(|bytes| text = bytes)
    };
    read.with_context(|| name.clone())?;
    let style = style(&args.report, Some(0));
    let document = Document::read(&text, style).map_err(|fault| match &fault {
        DocumentError::Form(at) => {
            let (line, column) = (at.line(), at.column());
            let told = at.to_string();
            let what = told.rsplit_once(" at line ").map_or(&*told, |(what, _)| what);
            anyhow!("{name}:{line}:{column}: no report of leakstop's: {what}")
        }
        _ => anyhow!("{name}: {fault}"),
    })?;
    outputs.write(&Account::saved(&document), style)?;
    Ok(ExitStatus::Clean)
}

/// Writes what makes a shell complete commands and options.
pub(super) fn completions(args: &ShellArgs) -> Result<ExitStatus> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "leakstop", &mut script);
    io::stdout().write_all(&script)?;
    Ok(ExitStatus::Clean)
}

/// Writes the manual page: the program's, then those of its commands.
pub(super) fn manual() -> Result<ExitStatus> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    sections(&command, &mut page)?;
    // The synopses name no value, and leave its blank where an option has no long name.
    let page = page.replace(r"[\fB\-C \fR]", r"[\fB\-C\fR \fIDIR\fR]");
    io::stdout().write_all(&page)?;
    Ok(ExitStatus::Clean)
}

/// Writes a section for each command below `command`, those of its own behind it.
fn sections(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        // A page of its own is not what it has.
        let reference = format!("leakstop-{}(1)", name["leakstop ".len()..].replace(' ', "-"));
        *page = page.replace(reference.replace('-', r"\-"), name.replace('-', r"\-"));
        if command.get_name() == "help" {
            continue;
        }
        writeln!(page, ".SH \"{}\"", name.to_uppercase())?;
        let man = clap_mangen::Man::new(command.clone());
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        if command.has_subcommands() {
            man.render_subcommands_section(page)?;
            sections(command, page)?;
        }
    }
    Ok(())
}
