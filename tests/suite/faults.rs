//! What happens when the world gets in the way: signals, full disks, files that come and go, little memory.
//!
//! Whatever it is, the answer is never "clean", and a baseline is the old one or the new one.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::secrets::{github, line};
use crate::support::{Ran, TestRepo, left_out};

/// A repository whose scans take long enough to be interrupted.
fn large() -> TestRepo {
    let repo = TestRepo::new();
    for name in ["a", "b", "c"] {
        let text = format!("{name} = \"some words and numbers, {name}\"\n");
        repo.write(name, text.repeat(400_000));
    }
    repo.commit("large");
    repo
}

#[test]
fn signals_end_scans_with_a_code_of_their_own() {
    let repo = large();
    for args in [&["scan"][..], &["history"], &["history", "HEAD"]] {
        for signal in ["-INT", "-TERM"] {
            let mut command = repo.leakstop(args).command();
            let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let child = command.spawn().expect("the program starts");
            // It has settings to read first; a debug build then reads for seconds.
            std::thread::sleep(Duration::from_millis(400));
            repo.program("kill").args([signal, &child.id().to_string()]).run();
            let ended = child.wait_with_output().expect("our child");
            assert_eq!(ended.status.code(), Some(130), "{args:?} {signal}");
            assert!(ended.stdout.is_empty(), "a part of a report looks like a report");
        }
    }
}

#[test]
fn a_file_that_was_cut_off_is_no_report() {
    let repo = TestRepo::plain();
    repo.write("f", line(1));
    for target in ["/dev/full", "/nowhere/report"] {
        let ran = repo.run(["scan", "--format", "json", "--output", target]).exits(2);
        assert!(ran.err().contains(target), "{}", ran.err());
        assert!(!ran.tells(&github(1)));
    }
}

/// A folder with findings and a baseline that has taken one of them in.
fn accepted() -> (TestRepo, String) {
    let repo = TestRepo::new();
    repo.write("old", line(1));
    repo.run(["baseline", "create"]).exits(0);
    let before = repo.read(".secrets.baseline");
    for seed in 2..40 {
        repo.write(format!("f{seed}"), line(seed));
    }
    (repo, before)
}

#[test]
fn a_baseline_survives_a_kill_at_any_moment() {
    let (repo, before) = accepted();
    repo.run(["baseline", "update"]).exits(0);
    let after = repo.read(".secrets.baseline");
    assert_ne!(before, after);
    let mut seen = BTreeSet::new();
    for round in 0..200u64 {
        repo.write(".secrets.baseline", &before);
        let mut command = repo.leakstop(["baseline", "update"]).command();
        let mut child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("ours");
        std::thread::sleep(Duration::from_micros(round * 997 % 120_000));
        let _ = child.kill();
        child.wait().expect("our child");
        let now = repo.read(".secrets.baseline");
        assert!(now == before || now == after, "round {round}: neither the old nor the new one");
        seen.insert(now == after);
    }
    assert!(seen.contains(&false), "no kill came in time");
}

#[test]
fn two_updates_at_once_leave_a_whole_baseline() {
    let (repo, before) = accepted();
    for _ in 0..10 {
        repo.write(".secrets.baseline", &before);
        let spawn = || {
            let mut command = repo.leakstop(["baseline", "update"]).command();
            command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().expect("ours")
        };
        let children = [spawn(), spawn(), spawn()];
        for mut child in children {
            // One may see the other's unfinished file go away, and says so.
            let code = child.wait().expect("our child").code();
            assert!(matches!(code, Some(0 | 2)), "{code:?}");
        }
        repo.run(["baseline", "update"]).exits(0);
        repo.run(["scan"]).exits(0);
    }
    let names = std::fs::read_dir(repo.root()).expect("a folder").flatten();
    let strange = names.filter(|n| n.file_name().to_string_lossy().starts_with(".tmp")).count();
    assert_eq!(strange, 0, "something was left behind");
}

#[test]
fn files_that_come_and_go_harm_nothing() {
    let repo = TestRepo::new();
    for n in 0..200 {
        repo.write(format!("d/{n}/f"), "clean\n");
    }
    repo.write("leak", line(1));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for n in 0..200 {
                    let _ = std::fs::remove_dir_all(repo.path(format!("d/{n}")));
                }
                for n in 0..200 {
                    repo.write(format!("d/{n}/f"), "clean again\n");
                }
            }
        });
        for _ in 0..10 {
            let ran = repo.json(&["scan"]);
            assert_eq!((ran.code, ran.paths()), (1, vec!["leak".to_owned()]), "{}", ran.err());
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn too_little_memory_is_never_clean() {
    let repo = TestRepo::new();
    repo.write("f", line(1));
    repo.commit("leak");
    for megabytes in [20, 40, 60, 100, 200, 4000] {
        for mode in ["scan", "history"] {
            let script = format!(
                "ulimit -c 0; ulimit -v {}; exec '{}' {mode} --threads 1",
                megabytes * 1024,
                crate::support::LEAKSTOP
            );
            // Not through `run`: a program that ends for want of memory may say so as it likes.
            let mut bash = repo.program("bash").args(["-c", &script]).command();
            let ended = bash.stdin(Stdio::null()).output().expect("bash");
            assert_ne!(ended.status.code(), Some(0), "{mode} with {megabytes} MB");
            let told = [ended.stdout, ended.stderr].concat();
            assert!(!String::from_utf8_lossy(&told).contains(&github(1)));
        }
    }
}

/// A repository with something of everything, and the order in which its files were made.
fn varied(order: impl Iterator<Item = u64>) -> TestRepo {
    let repo = TestRepo::new();
    for seed in order {
        repo.write(format!("d{}/f{seed}", seed % 7), format!("{}{}", line(seed % 5), line(seed)));
    }
    repo
}

fn settled(ran: &Ran, repo: &TestRepo) -> String {
    ran.settled().replace(repo.root().to_str().expect("text"), "")
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let repo = varied(0..60);
    repo.commit("all");
    repo.write("d1/f1", line(3));
    repo.commit("change");
    repo.git(["branch", "other", "HEAD~1"]);
    for args in [&["scan"][..], &["history"], &["history", "HEAD"], &["staged", "--whole-file"]] {
        let first = settled(&repo.json(args), &repo);
        for round in 0..50 {
            let threads = ["1", "2", "3", "8", "16"][round % 5];
            let again = repo.json(&[args, &["--threads", threads]].concat());
            assert_eq!(settled(&again, &repo), first, "{args:?} with {threads} threads");
        }
    }
}

#[test]
fn the_order_of_a_folder_does_not_matter() {
    let (up, down) = (varied(0..60), varied((0..60).rev()));
    let up = settled(&up.json(&["scan"]), &up);
    assert_eq!(up, settled(&down.json(&["scan"]), &down));
}

#[test]
fn what_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = TestRepo::new();
    repo.write("closed/f", "clean\n");
    repo.write("shut", "clean\n");
    for name in ["closed", "shut"] {
        let none = std::fs::Permissions::from_mode(0o0);
        std::fs::set_permissions(repo.path(name), none).expect("ours");
    }
    let ran = by_nobody(&repo, &["scan"]);
    std::fs::set_permissions(repo.path("closed"), std::fs::Permissions::from_mode(0o700))
        .expect("ours");
    let Some(ran) = ran else { return };
    assert_eq!(ran.exits(2).skipped(), ["closed: unreadable", "shut: unreadable"]);
}

/// Runs leakstop as someone whom permissions hold back, which root is not.
fn by_nobody(repo: &TestRepo, args: &[&str]) -> Option<Ran> {
    use std::os::unix::fs::PermissionsExt as _;
    let args = [args, &["--format", "json"]].concat();
    let probe = repo.path("../probe");
    std::fs::write(&probe, "").expect("writable");
    std::fs::set_permissions(&probe, std::fs::Permissions::from_mode(0o0)).expect("ours");
    if std::fs::File::open(&probe).is_err() {
        return Some(repo.run(&args));
    }
    let above = repo.path("..");
    let open = std::fs::Permissions::from_mode(0o755);
    let folder = above.canonicalize().expect("it is there");
    std::fs::set_permissions(folder, open).expect("ours");
    let copy = repo.path("../leakstop");
    std::fs::copy(crate::support::LEAKSTOP, &copy).expect("a copy");
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let ran = repo.program("setpriv").args(nobody).args([&copy]).args(&args).run();
    if ran.code == 127 {
        left_out("root cannot become another user here");
        return None;
    }
    Some(ran)
}

#[test]
fn objects_that_may_not_be_read_are_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = TestRepo::new();
    repo.write("f", line(1));
    repo.commit("leak");
    repo.git(["gc", "-q"]);
    repo.write("g", "clean\n");
    repo.commit("loose");
    let shut = |path: &std::path::Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("ours");
    };
    let loose = repo.git(["rev-parse", "HEAD:g"]);
    for name in
        [format!(".git/objects/{}/{}", &loose[..2], &loose[2..]), ".git/objects/pack".into()]
    {
        let path = repo.path(&name);
        shut(&path, 0o0);
        for args in [&["history", "--rules", "slack-bot-token"][..], &["history", "HEAD"]] {
            let Some(ran) = by_nobody(&repo, args) else { return shut(&path, 0o755) };
            assert!(matches!(ran.code, 1 | 2) && !ran.tells(&github(1)), "{name}: {ran:?}");
        }
        shut(&path, 0o755);
    }
}

#[test]
fn packs_that_shrink_meanwhile_are_never_clean() {
    let repo = TestRepo::new();
    for seed in 0..40 {
        repo.write(format!("f{seed}"), format!("{}{seed}\n", "some words\n".repeat(20_000)));
    }
    repo.write("leak", line(1));
    repo.commit("all");
    repo.git(["gc", "-q"]);
    let folder = std::fs::read_dir(repo.path(".git/objects/pack")).expect("a folder");
    let paths = folder.flatten().map(|entry| entry.path());
    let pack = paths.into_iter().find(|p| p.extension().is_some_and(|e| e == "pack"));
    let pack = pack.expect("git has made one");
    let whole = std::fs::read(&pack).expect("readable");
    let mut told = BTreeSet::new();
    for round in 0..30u64 {
        std::fs::remove_file(&pack).expect("ours");
        std::fs::write(&pack, &whole).expect("ours");
        let mut command = repo.leakstop(["history"]).command();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("ours");
        std::thread::sleep(Duration::from_micros(round * 2000));
        let file = std::fs::File::options().write(true).open(&pack).expect("ours");
        file.set_len(whole.len() as u64 * (round % 4) / 4).expect("ours");
        let code = child.wait().expect("our child").code();
        // The leak was there all the time: it is found, or the loss is.
        assert!(matches!(code, Some(1 | 2)), "round {round}: {code:?}");
        told.insert(code);
    }
    assert!(told.contains(&Some(2)), "no cut came in time");
}

#[test]
fn a_limit_on_memory_is_told_of_where_it_leaves_something_out() {
    let repo = TestRepo::new();
    // Each version is longer than the quarter of the least that one object may take.
    let text = ".\n".repeat(9 << 20);
    repo.write("large", &text);
    repo.commit("large");
    repo.write("large", text + "and more\n");
    repo.write("small", line(1));
    repo.commit("larger");
    repo.git(["repack", "-adfq"]);
    let refused = repo.json(&["history", "--max-memory", "1M"]).exits(2).err();
    let least = refused.trim().rsplit(' ').next().expect("how much would do").to_owned();
    let ran = repo.json(&["history", "--max-memory", &least]);
    assert_eq!(ran.report()["scan"]["complete"], false);
    let left_out: Vec<String> =
        ran.skipped().iter().filter_map(|s| Some(s.split_once(": ")?.1.to_owned())).collect();
    assert_eq!((ran.paths(), left_out), (vec!["small".to_owned()], vec!["too-deep".to_owned()]));
}
