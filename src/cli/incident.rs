//! `leakstop incident`: a runbook for one leak.
//!
//! In: a fingerprint. Out: Markdown with everything filled in that a repository can tell, and on request the file that
//! takes the value out of the history. That file holds the secret: it is written readable by its owner alone, outside
//! the work tree, and never over another file.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use bstr::ByteSlice as _;

use super::args::IncidentArgs;
use super::cases::Cases;
use super::dossier::{Dossier, is_packed};
use super::settings::Place as Folder;
use super::told::with_dossier;
use crate::remedy::purge::{Form, forms, line, redacted};
use crate::report::document::Commit;
use crate::report::{ExitStatus, escaped, shell};
use crate::source::git;
use crate::text::{Secret, place_of};
use crate::verdict::finding::Place;
use crate::whole;

/// Runs the command.
pub(super) fn run(args: &IncidentArgs) -> Result<ExitStatus> {
    let folder = Folder::here()?;
    let mut out = io::BufWriter::new(anstream::stdout());
    with_dossier(&args.cases, &args.fingerprint, |cases, dossier| {
        let forms = searched(cases, dossier, &folder);
        if let Some(path) = &args.replace_text {
            write_secretly(path, &forms, &folder)?;
            let shown = path.display();
            writeln!(
                io::stderr(),
                "leakstop: {shown} holds the secret; delete it when it has served"
            )?;
        }
        let remotes = remotes(&folder);
        Ok(runbook(&Runbook { dossier, forms: &forms, remotes: &remotes, args }, &mut out)?)
    })?;
    out.flush()?;
    Ok(ExitStatus::Clean)
}

/// What the history is to be searched for.
fn searched(cases: &Cases<'_>, dossier: &Dossier<'_>, folder: &Folder) -> Vec<Form> {
    let case = cases.named(&dossier.fingerprint).expect("its dossier was made");
    let copies = cases.copies(case);
    let repository = git::open(&folder.folder, &folder.environment).ok();
    let mut found = Vec::new();
    for place in copies.iter().flat_map(|&at| cases.all[at].finding.places()) {
        if let Some(repository) = &repository {
            found.extend(encoded(repository, place));
        }
    }
    forms(&case.finding.secret, &found)
}

/// The text that a value was decoded from, where it was.
fn encoded(repository: &git2::Repository, place: &Place) -> Option<Secret> {
    let object = place.object.filter(|_| !place.via.is_empty() && place.inner.is_none())?;
    let blob = repository.find_blob(object.id.into()).ok()?;
    let text = blob.content();
    let span = place_of(text, place.start)?..place_of(text, place.end)?;
    text.get(span).filter(|text| !text.is_empty()).map(Secret::new)
}

/// Writes the file of replacements.
fn write_secretly(path: &Path, forms: &[Form], folder: &Folder) -> Result<()> {
    let shown = || path.display().to_string();
    let parent = whole::folder(path).canonicalize().with_context(shown)?;
    let top = folder.top().canonicalize().unwrap_or_default();
    if parent.starts_with(&top) && !parent.starts_with(top.join(".git")) {
        bail!(
            "{}: lies in the work tree, where it would be committed; name a path outside",
            shown()
        );
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).with_context(shown)?;
    for form in forms {
        file.write_all(&line(form)).with_context(shown)?;
        file.write_all(b"\n").with_context(shown)?;
    }
    file.sync_all().with_context(shown)
}

/// The remotes' names, and where they are, without what logs in to them.
fn remotes(folder: &Folder) -> Vec<(String, String)> {
    let Ok(repository) = git::open(&folder.folder, &folder.environment) else { return Vec::new() };
    let Ok(names) = repository.remotes() else { return Vec::new() };
    let names =
        (0..names.len()).filter_map(|at| Some(names.get_bytes(at)?.to_str_lossy().into_owned()));
    let known = names.filter_map(|name| {
        let remote = repository.find_remote(&name).ok()?;
        Some((name, without_login(&remote.url_bytes().to_str_lossy())))
    });
    known.collect()
}

/// A URL without user and password.
fn without_login(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    let rest = &rest[host..];
    format!("{scheme}://{}", rest.split(['?', '#']).next().unwrap_or_default())
}

/// What goes into the runbook.
struct Runbook<'r> {
    dossier: &'r Dossier<'r>,
    forms: &'r [Form],
    remotes: &'r [(String, String)],
    args: &'r IncidentArgs,
}

/// Text in Markdown, as code.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", escaped(text).replace('`', "'"))
}

/// Text from a repository in Markdown: nothing of it is markup, or mentions somebody.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in escaped(text).chars() {
        if c == '@' {
            out.push_str("&#64;");
            continue;
        }
        if "\\`*_[]<>|#!&~".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn told(commit: &Commit<'_>) -> String {
    let id = commit.id.get(..12).unwrap_or(&commit.id);
    format!(
        "{} by {} in {} ({})",
        plain(&commit.date),
        plain(&commit.author),
        code(id),
        plain(&commit.summary)
    )
}

fn runbook(book: &Runbook<'_>, out: &mut dyn Write) -> io::Result<()> {
    let dossier = book.dossier;
    writeln!(out, "# Leak of {} {}\n", article(dossier.rule_name), code(&dossier.redacted))?;
    facts(dossier, out)?;
    if dossier.pushed() {
        writeln!(
            out,
            "\n**It was pushed. A pushed secret is burnt: whoever could read the repository may have it. Rewriting the history does not take it back; only rotation does.**"
        )?;
    } else {
        writeln!(
            out,
            "\nNo remote-tracking ref reaches it. If it may have left this machine all the same (another clone, a CI, a backup), treat it as burnt."
        )?;
    }
    writeln!(out, "\n## Within 15 minutes\n")?;
    for step in &dossier.steps[..dossier.steps.len() - 1] {
        writeln!(out, "- [ ] {}", plain(step))?;
    }
    uses(dossier, out)?;
    writeln!(out, "\n## Within an hour\n")?;
    exposure(book, out)?;
    purge(book, out)?;
    prevention(dossier, out)
}

/// "a" or "an", with the name.
fn article(name: &str) -> String {
    let vowel = name.starts_with(['A', 'E', 'I', 'O', 'U', 'a', 'e', 'i', 'o', 'u']);
    format!("{} {}", if vowel { "an" } else { "a" }, plain(name))
}

fn facts(dossier: &Dossier<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "- Fingerprint: {}", code(&dossier.fingerprint))?;
    writeln!(out, "- Opens: {}", plain(dossier.description))?;
    writeln!(
        out,
        "- Found in {}, {} because {}",
        code(&dossier.path),
        dossier.confidence,
        plain(&dossier.because.join("; "))
    )?;
    for (name, value) in &dossier.facts {
        writeln!(out, "- {}: {}", plain(name), code(value))?;
    }
    if let Some(commit) = &dossier.introduced {
        writeln!(out, "- Introduced {}", told(commit))?;
    }
    let Some(life) = &dossier.lifecycle else { return Ok(()) };
    match &life.removed {
        Some(commit) => writeln!(out, "- Removed {}", told(commit))?,
        None if dossier.in_head == Some(true) => writeln!(out, "- Still in HEAD")?,
        None => writeln!(out, "- Not in HEAD, but in other commits")?,
    }
    match life.exposed_days {
        Some(days) => writeln!(out, "- Open for {days} {}", if days == 1 { "day" } else { "days" }),
        None => Ok(()),
    }
}

/// Where it has to be replaced.
fn uses(dossier: &Dossier<'_>, out: &mut dyn Write) -> io::Result<()> {
    if dossier.on_disk.is_empty() && dossier.uses.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nTo be updated:\n")?;
    for spot in &dossier.on_disk {
        let environment = spot.environment.map_or(String::new(), |name| format!(" ({name})"));
        writeln!(
            out,
            "- [ ] {}{environment} holds it",
            code(&format!("{}:{}", spot.path, spot.line))
        )?;
    }
    for path in
        dossier.uses.iter().filter(|path| dossier.on_disk.iter().all(|spot| spot.path != **path))
    {
        writeln!(out, "- [ ] {} refers to {}", code(path), names(dossier))?;
    }
    Ok(())
}

fn names(dossier: &Dossier<'_>) -> String {
    dossier.names.iter().map(|name| code(name)).collect::<Vec<_>>().join(" or ")
}

/// Since when, and who could read it.
fn exposure(book: &Runbook<'_>, out: &mut dyn Write) -> io::Result<()> {
    let dossier = book.dossier;
    if let Some(step) = dossier.steps.last() {
        writeln!(out, "- [ ] {}", plain(step))?;
    }
    if let Some(url) = dossier.docs_url {
        writeln!(out, "- [ ] What it may do, and where its uses are logged: {url}")?;
    }
    let holds = |name: &str| {
        let prefix = format!("refs/remotes/{name}/");
        dossier.refs.iter().any(|reference| reference.starts_with(&prefix))
    };
    for (name, url) in book.remotes.iter().filter(|(name, _)| holds(name)) {
        writeln!(
            out,
            "- [ ] Everybody who can read {} ({}) could read it; so could its forks and CI",
            code(name),
            code(url)
        )?;
    }
    if !dossier.refs.is_empty() {
        writeln!(out, "- [ ] These refs hold it:")?;
        for name in &dossier.refs {
            writeln!(out, "  - {}", code(name))?;
        }
    }
    if !dossier.copies.is_empty() {
        writeln!(out, "- [ ] The same value is a finding at:")?;
        for copy in &dossier.copies {
            let state = if copy.on_disk { "on disk" } else { "in the history" };
            writeln!(out, "  - {} ({state}), {}", code(&copy.path), code(&copy.fingerprint))?;
        }
    }
    writeln!(
        out,
        "- [ ] Tell whoever answers for security and data protection, with the dates above"
    )
}

/// How to take it out of the history.
fn purge(book: &Runbook<'_>, out: &mut dyn Write) -> io::Result<()> {
    let dossier = book.dossier;
    writeln!(out, "\n## Purge the history\n")?;
    if dossier.introduced.is_none() && dossier.refs.is_empty() && dossier.lifecycle.is_none() {
        return writeln!(out, "No commit holds it; taking it out of the files is enough.");
    }
    writeln!(
        out,
        "Only after rotation, and only if a rewrite is worth it: every clone has to be made anew.\n"
    )?;
    let file = match &book.args.replace_text {
        Some(path) => path.display().to_string(),
        None => "../replace.txt".to_owned(),
    };
    let file = shell(&file);
    writeln!(out, "```sh")?;
    if book.args.replace_text.is_none() {
        writeln!(
            out,
            "leakstop incident {} --replace-text {file} --show-secrets > /dev/null",
            dossier.fingerprint
        )?;
    }
    writeln!(out, "git clone --mirror <URL> purged.git   # work on a fresh clone\ncd purged.git")?;
    writeln!(
        out,
        "git filter-repo --replace-text {} --replace-message {}",
        deeper(&file),
        deeper(&file)
    )?;
    writeln!(out, "leakstop history                      # it must not be found any more")?;
    writeln!(out, "git push --force --mirror <URL>\nrm {}\n```\n", deeper(&file))?;
    writeln!(
        out,
        "The file searches for the value in {} forms, here without the secret:\n\n```text",
        book.forms.len()
    )?;
    for form in book.forms {
        writeln!(out, "{}", escaped(&redacted(form)))?;
    }
    writeln!(out, "```\n")?;
    let packed: Vec<&str> = std::iter::once(dossier.path.as_str())
        .chain(dossier.copies.iter().map(|copy| copy.path.as_str()))
        .filter(|path| is_packed(path))
        .collect();
    for path in packed {
        let outer = path.split('!').next().unwrap_or(path);
        writeln!(
            out,
            "Text inside {} cannot be replaced; take the file out: {}\n",
            code(path),
            code(&format!("git filter-repo --invert-paths --path {}", shell(outer)))
        )?;
    }
    writeln!(
        out,
        "Forks, pull requests and caches of the hoster keep old commits: ask its support to remove them."
    )
}

/// A path as it is called one folder further down.
fn deeper(file: &str) -> String {
    if file.starts_with('/') {
        file.to_owned()
    } else {
        format!("../{file}").replace("../'", "'../")
    }
}

fn prevention(dossier: &Dossier<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Prevention\n")?;
    let place = dossier.on_disk.first();
    if let Some(spot) = place {
        let at = shell(&format!("{}:{}", spot.path, spot.line));
        writeln!(
            out,
            "- [ ] Refer to the value instead of writing it: {}",
            code(&format!("leakstop fix {at} --to env"))
        )?;
    }
    writeln!(out, "- [ ] Stop the next one before it is committed: {}", code("leakstop install"))?;
    writeln!(out, "- [ ] Have CI refuse it: {}", code("leakstop history <base>..HEAD"))?;
    writeln!(out, "- [ ] Look after the repository's habits: {}", code("leakstop doctor"))?;
    writeln!(
        out,
        "- [ ] Once it is rotated, tick it off: {}",
        code(&format!("leakstop rotate --done {}", dossier.fingerprint))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_without_what_logs_in() {
        let url = ["https://me:", "pass", "@git.example/a?token=x"].concat();
        assert_eq!(without_login(&url), "https://git.example/a");
        assert_eq!(without_login("git@git.example:a/b.git"), "git@git.example:a/b.git");
        assert_eq!(without_login("/srv/a"), "/srv/a");
    }

    #[test]
    fn nothing_from_a_repository_is_markup() {
        assert_eq!(plain("@all"), "&#64;all");
        assert_eq!(plain("a [b](c) <i> | `x`"), "a \\[b\\](c) \\<i\\> \\| \\`x\\`");
        assert_eq!(code("a`b\u{1b}"), "`a'b\\u{1b}`");
        assert_eq!(shell("a b'c"), "'a b'\\''c'");
        assert_eq!(deeper("'../a b'"), "'../../a b'");
        assert_eq!(deeper("../r.txt"), "../../r.txt");
    }
}
