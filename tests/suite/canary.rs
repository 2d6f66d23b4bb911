//! Nothing that is printed gives a secret away, or does what a hostile name wants.
//!
//! Everything here runs over all formats there are, so that a new one is tested on the day it comes.

use leakstop::report::Format;

use crate::support::secrets::{github, line};
use crate::support::{LEAKSTOP, Ran, TestRepo};

/// Everything that would give a secret away: whole, in halves, and as common encodings write it.
fn spellings(secret: &str) -> Vec<String> {
    let (half, bytes) = (secret.len() / 2, secret.as_bytes());
    vec![
        secret.to_owned(),
        secret[..half].to_owned(),
        secret[half..].to_owned(),
        data_encoding::BASE64_NOPAD.encode(bytes),
        data_encoding::BASE64URL_NOPAD.encode(bytes),
        data_encoding::HEXLOWER.encode(bytes),
        data_encoding::HEXUPPER.encode(bytes),
        secret.chars().rev().collect(),
        bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat(),
        bytes.iter().map(|byte| format!("&#{byte};")).collect::<Vec<_>>().concat(),
    ]
}

#[track_caller]
fn is_silent(ran: &Ran, told: &str) {
    for seed in 1..=9 {
        for spelling in spellings(&github(seed)) {
            assert!(!ran.tells(&spelling), "{told} shows {spelling}: {}{}", ran.out(), ran.err());
        }
    }
}

/// A repository with a secret in every kind of text that git keeps.
fn everywhere() -> TestRepo {
    let repo = TestRepo::new();
    repo.write(format!("d-{}/f-{}.txt", github(1), github(2)), line(3));
    repo.git(["add", "."]);
    let who = format!("A {} <{}@example.com>", github(4), github(5));
    repo.git(["commit", "-q", "--author", &who, "-m", &format!("subject {}", github(6))]);
    repo.git(["branch", &format!("b/{}", github(7))]);
    repo.git(["tag", "-a", &format!("t-{}", github(8)), "-m", &format!("m {}", github(9))]);
    repo.git(["notes", "add", "-m", &github(1)]);
    repo.write("base", line(2));
    repo.git(["stash", "push", "-q", "-m", &format!("stash {}", github(3))]);
    repo.git(["config", "remote.o.url", &format!("https://x:{}@example.com/r", github(4))]);
    repo.program("mkfifo").args([format!("pipe-{}", github(5))]).run().exits(0);
    repo.stage(format!("staged-{}", github(6)), line(7));
    // One that cannot be read is named.
    let id = repo.git(["rev-parse", "HEAD:base"]);
    repo.remove(&format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    repo
}

#[test]
fn no_format_at_no_verbosity_shows_what_it_found() {
    let repo = everywhere();
    for format in Format::ALL.iter().map(|format| format.name()) {
        for command in [&["scan"][..], &["staged"], &["history"], &["history", "--all-is-wrong"]] {
            for extra in [&[][..], &["--verbose", "--show-suppressed"], &["--redact", "999"]] {
                let args = [command, &["--format", format], extra].concat();
                let ran = repo.run(&args);
                assert_ne!(ran.code, 0, "{args:?}");
                // What was asked to be shown is a quarter at most.
                is_silent(&ran, &format!("{args:?}"));
            }
        }
        let ran = repo.run(["scan", "--quiet", "--format", format]).exits(1);
        is_silent(&ran, format);
        repo.run(["history", "--format", format, "--output", "report"]);
        let report =
            Ran { stdout: std::fs::read(repo.path("report")).expect("it was written"), ..ran };
        is_silent(&report, &format!("--output of {format}"));
        repo.remove("report");
    }
}

#[test]
fn no_hook_shows_what_it_found() {
    let repo = everywhere();
    let (head, zero) = (repo.git(["rev-parse", "HEAD"]), "0".repeat(40));
    let name = format!("refs/heads/{}", github(1));
    let push = format!("{name} {head} {name} {zero}\n");
    let receive = format!("{zero} {head} {name}\n");
    repo.write("message", format!("subject\n\n{}", line(2)));
    for (args, input) in [
        (&["pre-commit"][..], ""),
        (&["pre-merge-commit"], ""),
        (&["pre-push", "o", "https://example.com"], &*push),
        (&["pre-receive"], &receive),
        (&["commit-msg", "message"], ""),
        (&["pre-push", "o", "x"], &github(3)),
        (&["pre-receive"], &format!("{zero} {} {name}\n", "1".repeat(40))),
    ] {
        let ran = repo.leakstop(["hook"]).args(args).input(input).run();
        assert_ne!(ran.code, 0, "{args:?}: {}", ran.out());
        is_silent(&ran, &format!("{args:?}"));
    }
}

#[test]
fn no_error_shows_what_it_is_about() {
    let repo = everywhere();
    let token = github(1);
    for (args, code) in [
        (vec!["history", &*token], 2),
        (vec!["history", "main..HEAD~9"], 2),
        (vec!["scan", "--output", "/nowhere/report"], 2),
        (vec!["scan", "--rules", "none-such"], 2),
    ] {
        is_silent(&repo.run(&args).exits(code), &format!("{args:?}"));
    }
    for (name, content) in [
        (".leakstop.toml", format!("[[rule]]\nid = \"{token}\"\n")),
        (".leakstop.toml", format!("[[rule]]\nid = \"x\"\npattern = '''({token}'''\n")),
        (".secrets.baseline", format!("{{\"version\": \"{token}\"}}")),
        (".git/config", format!("[core\n{token}")),
        (".git/HEAD", format!("ref: refs/heads/../{token}\n")),
        (".git/packed-refs", format!("{token}\n")),
        (".git/objects/info/alternates", format!("/nowhere/{token}\n")),
        (".git/index", token.clone()),
    ] {
        let repo = everywhere();
        repo.write(name, &content);
        for args in [&["scan"][..], &["staged"], &["history"], &["history", "HEAD"]] {
            let ran = repo.run([args, &["--verbose"]].concat());
            assert_ne!(ran.code, 0, "{name}: {args:?}");
            is_silent(&ran, &format!("{name}: {args:?}"));
        }
    }
}

#[test]
fn progress_shows_counts_only() {
    let repo = everywhere();
    for seed in 20..400 {
        repo.write(format!("many/{seed}/{}", github(seed % 9 + 1)), line(seed % 9 + 1).repeat(200));
    }
    // A terminal of its own, since progress is for terminals.
    for command in ["scan", "history"] {
        let script = format!("'{LEAKSTOP}' {command}");
        let program = repo.program("script").env("TERM", "xterm");
        let ran = program.args(["-qec", &script, "/dev/null"]).run().exits(1);
        assert!(ran.out().contains('\u{1b}'), "nothing was drawn: {}", ran.out());
        is_silent(&ran, command);
    }
}

#[test]
fn panics_and_logs_have_nothing_to_show() {
    let secret = leakstop::text::Secret::new(github(1).as_bytes());
    let told = std::panic::catch_unwind(|| panic!("{secret:?} {:#?}", Some(&secret)));
    let told = told.expect_err("it panics");
    let told = told.downcast_ref::<String>().expect("a text");
    assert!(!told.contains(&github(1)[4..]), "{told}");
}

/// Names that do something wherever they are shown as they are.
const HOSTILE: [&str; 16] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{9b}31m",
    "a\r\n::error::forged",
    "\n::set-output name=x::owned",
    "::stop-commands::owned",
    "\n##[error]forged",
    "##vso[task.setvariable variable=x]owned",
    "=cmd|'-C calc'!A1",
    "+1+cmd",
    "-1+cmd",
    "@SUM(1)",
    "\tx,\"y\"",
    "<script>alert(1)<!script>",
    "\"><img src=x onerror=alert(1)>",
    "]]><x>&y;",
    "![x](javascript:alert) | ` <b> \u{202e}txt",
];

/// Cells of a table as programs for tables read them.
fn cells(csv: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for sign in csv.chars() {
        match sign {
            '"' => quoted = !quoted,
            // Lines end with both.
            '\r' if !quoted => {}
            ',' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(sign),
        }
    }
    cells.push(cell);
    cells
}

#[track_caller]
fn is_harmless(ran: &Ran, format: Format, args: &[&str]) {
    for (stream, text) in [("stdout", ran.out()), ("stderr", ran.err())] {
        let told = || format!("{args:?} as {}, {stream}: {text}", format.name());
        let control = |sign: char| sign.is_control() && !matches!(sign, '\n' | '\t' | '\r');
        assert!(!text.contains(control), "{}", told());
        assert!(!text.contains('\u{202e}') || text.starts_with('{'), "{}", told());
        for line in text.lines() {
            let line = line.trim_start();
            let command = line.strip_prefix("::").unwrap_or_default();
            for forged in ["set-output", "stop-commands", "error::forged"] {
                assert!(!command.starts_with(forged), "{}", told());
            }
            assert!(!line.starts_with("##[") && !line.starts_with("##vso["), "{}", told());
        }
        if matches!(format.name(), "html" | "markdown" | "junit") {
            for tag in ["<script>alert", "<img src=x", "<x>", "<b>"] {
                assert!(!text.contains(tag), "{tag}: {}", told());
            }
        }
    }
    if format.name() == "csv" {
        for cell in cells(&ran.out()) {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!formula || cell.parse::<f64>().is_ok(), "{cell:?}");
        }
    }
}

#[test]
fn hostile_names_do_nothing() {
    let repo = TestRepo::new();
    for (at, name) in HOSTILE.iter().enumerate() {
        // A slash makes a folder, which is a name too.
        repo.write(name, line(3));
        repo.git(["add", "-A"]);
        let message = format!("{name}\n\n{name} {}", github(4));
        let author = name.replace(['<', '>', '\n'], " ");
        let who = format!("{author} x <a@example.com>");
        repo.git(["commit", "-q", "--author", &who, "-m", &message]);
        let branch = format!("x{at}");
        let odd = name.replace(
            [' ', '~', '^', ':', '?', '*', '[', '\\', '\u{1b}', '\u{7}', '\n', '\r', '\t'],
            "",
        );
        repo.program("git").args(["branch", &format!("{branch}/{odd}")]).run();
    }
    let fifo = format!("\n{}pipe", HOSTILE[3]);
    repo.program("mkfifo").args([&fifo]).run().exits(0);
    repo.stage(format!("{}staged", HOSTILE[0]), line(5));
    for &format in Format::ALL {
        for args in [&["scan"][..], &["staged"], &["history"], &["history", "HEAD"]] {
            for extra in [&[][..], &["--verbose", "--show-suppressed"]] {
                let name = ["--format", format.name()];
                let ran = repo.run([args, &name, extra].concat()).exits(1);
                is_harmless(&ran, format, args);
                is_silent(&ran, format.name());
            }
        }
    }
}

#[test]
fn hostile_names_do_nothing_in_errors() {
    for name in HOSTILE {
        let repo = TestRepo::new();
        repo.write(".git/objects/info/alternates", format!("/nowhere{name}\n"));
        for args in
            [&["history"][..], &["history", name], &["scan", name], &["scan", "--rules", name]]
        {
            is_harmless(&repo.run(args), Format::Human, args);
        }
    }
}
