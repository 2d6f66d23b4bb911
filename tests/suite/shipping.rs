//! How leakstop comes to its users: CI files against their vendors' schemas, the script that CI runs, npm packages, formula and flake.
//!
//! In: the files of this repository; `check-jsonschema` and `pre-commit` of the folder that `LEAKSTOP_TEST_PEERS` names
//! or of `PATH`, node, ruby and nix. Out: a failure that names the file.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::secrets::line;
use crate::support::{LEAKSTOP, Ran, TestRepo, peer, text};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

/// Texts of `docs/ci.md` in YAML, each with the schema that is named above it.
fn fences(page: &str) -> Vec<(&str, &str)> {
    let parts = page.split("<!-- schema: ").skip(1);
    parts
        .map(|part| {
            let (schema, rest) = part.split_once(" -->\n```yaml\n").expect("a fence follows");
            (schema, rest.split_once("```").expect("it ends").0)
        })
        .collect()
}

#[test]
fn files_for_ci_are_what_their_vendors_read() {
    let Some(check) = peer("check-jsonschema") else { return };
    let repo = TestRepo::plain();
    let page = read("docs/ci.md");
    let component = read("templates/leakstop.yml");
    let (_, job) = component.split_once("\n---\n").expect("a head with its inputs");
    let (action, ci, release) = (
        read("action.yml"),
        read(".github/workflows/ci.yml"),
        read(".github/workflows/release.yml"),
    );
    let mut files = fences(&page);
    assert_eq!(files.len(), page.matches("```yaml").count(), "each names its schema");
    files.extend([
        ("github-actions", &*action),
        ("github-workflows", &ci),
        ("github-workflows", &release),
        ("gitlab-ci", job),
    ]);
    for (number, (schema, text)) in files.into_iter().enumerate() {
        let name = format!("{number}.yml");
        repo.write(&name, text);
        let ran = if schema == "pre-commit" {
            let Some(framework) = peer("pre-commit") else { continue };
            repo.program(framework).args(["validate-config", &name]).run()
        } else {
            let schema = format!("vendor.{schema}");
            let transform = match &*schema {
                "vendor.gitlab-ci" => &["--data-transform", "gitlab-ci"][..],
                "vendor.azure-pipelines" => &["--data-transform", "azure-pipelines"],
                _ => &[],
            };
            // Some of the schemas escape what only Python lets them.
            let args = [
                &["--regex-variant", "python", "--builtin-schema", &schema][..],
                transform,
                &[&name],
            ]
            .concat();
            repo.program(&check).args(args).run()
        };
        assert_eq!(ran.code, 0, "{schema}: {}{}\n{text}", ran.out(), ran.err());
    }
}

/// Runs the script of the action.
fn scan(repo: &TestRepo, base: &str) -> Ran {
    let folder = Path::new(LEAKSTOP).parent().expect("it lies in a folder");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.display());
    let script = root().join("packaging/scan.sh");
    let program = repo.program(script).args(["--format", "json", "--no-progress"]);
    program.env("PATH", path).env("LEAKSTOP_BASE", base).run()
}

#[test]
fn ci_scans_what_a_push_adds() {
    let repo = TestRepo::new();
    repo.write("old", line(1));
    repo.commit("old");
    let base = repo.git(["rev-parse", "HEAD"]);
    assert_eq!(scan(&repo, base.trim()).exits(0).places(), [""; 0]);
    repo.write("new", line(2));
    repo.commit("new");
    repo.remove("new");
    repo.commit("gone again");
    assert_eq!(scan(&repo, base.trim()).exits(1).paths(), ["new"]);
    let sarif: Value = serde_json::from_str(&repo.read("leakstop.sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(1));
    for none in ["", "0000000000000000000000000000000000000000"] {
        assert_eq!(scan(&repo, none).exits(1).paths(), ["old"]);
    }
    // A commit that is not there is an error, never a clean scan.
    scan(&repo, &"1".repeat(40)).exits(2);
}

/// A folder with the npm packages as they are installed.
fn installed(platform: bool) -> Option<(TestRepo, PathBuf)> {
    let node = peer("node")?;
    let repo = TestRepo::plain();
    let folder = repo.path("node_modules/leakstop");
    fs::create_dir_all(folder.join("bin")).expect("it can be made");
    for name in ["package.json", "bin/leakstop.js"] {
        fs::copy(root().join("packaging/npm").join(name), folder.join(name)).expect("it is there");
    }
    if platform {
        let script = root().join("packaging/npm/platform.mjs");
        let this = repo.program(&node).args(["-p", "`${process.platform} ${process.arch}`"]).run();
        let this = this.out();
        let (os, cpu) = this.trim().split_once(' ').expect("both");
        let target = repo.path(format!("node_modules/@leakstop/{os}-{cpu}"));
        let args =
            [script.as_os_str(), LEAKSTOP.as_ref(), os.as_ref(), cpu.as_ref(), target.as_os_str()];
        repo.program(&node).args(args).run().exits(0);
    }
    Some((repo, node))
}

#[test]
fn the_npm_package_runs_the_program_of_its_platform() {
    let Some((repo, node)) = installed(true) else { return };
    repo.write("f/a", line(1));
    let run = |args: &[&str]| {
        let args = [&["node_modules/leakstop/bin/leakstop.js"][..], args].concat();
        repo.program(&node).args(args).run()
    };
    assert!(run(&["--version"]).exits(0).out().starts_with("leakstop "));
    run(&["scan", "f"]).exits(1);
    run(&["scan", "nothing"]).exits(2);
}

#[test]
fn the_npm_package_without_its_platform_is_an_error() {
    let Some((repo, node)) = installed(false) else { return };
    let ran = repo.program(&node).args(["node_modules/leakstop/bin/leakstop.js", "scan"]).run();
    assert!(ran.exits(2).err().contains("there is no @leakstop/"));
}

#[test]
fn the_formula_names_each_archive_by_its_sum() {
    let Some(ruby) = peer("ruby") else { return };
    let repo = TestRepo::plain();
    let targets = [
        "aarch64-apple-darwin",
        "x86_64-apple-darwin",
        "aarch64-unknown-linux-musl",
        "x86_64-unknown-linux-musl",
    ];
    let sums =
        (1..).zip(targets).map(|(sum, target)| format!("{sum:064}  leakstop-{target}.tar.gz\n"));
    let sums: Vec<String> = sums.collect();
    let script = root().join("packaging/homebrew.sh");
    let run = |sums: &[String]| {
        repo.write("SHA256SUMS", sums.concat());
        repo.program(&script).args(["v1.2.3", "https://git.example/a/b", "SHA256SUMS"]).run()
    };
    let missing = run(&sums[..3]).exits(2);
    assert_eq!(missing.out(), "");
    assert!(missing.err().contains("no sum of leakstop-x86_64-unknown-linux-musl.tar.gz"));
    let formula = run(&sums).exits(0).out();
    for (sum, target) in (1..).zip(targets) {
        let archive = format!(
            "url \"https://git.example/a/b/releases/download/v1.2.3/leakstop-{target}.tar.gz\"\n      sha256 \"{sum:064}\"\n"
        );
        assert!(formula.contains(&archive), "{formula}");
    }
    repo.write("leakstop.rb", &formula);
    repo.program(ruby).args(["-c", "leakstop.rb"]).run().exits(0);
}

/// The flake with a library of packages that only notes what it is asked for.
#[test]
fn the_flake_describes_the_package() {
    let Some(nix) = peer("nix-instantiate") else { return };
    let repo = TestRepo::plain();
    for name in ["flake.nix", "Cargo.toml", "Cargo.lock"] {
        repo.write(name, read(name));
    }
    let packages = "{ rustPlatform.buildRustPackage = all: all; installShellFiles = 0; lib.licenses = { mit = \"MIT\"; asl20 = \"Apache-2.0\"; }; }";
    let library = format!(
        "{{ lib.genAttrs = names: f: builtins.listToAttrs (map (name: {{ inherit name; value = f name; }}) names); legacyPackages.x86_64-linux = {packages}; }}"
    );
    let asked = format!(
        "let all = ((import ./flake.nix).outputs {{ self = ./.; nixpkgs = {library}; }}).packages; in {{ systems = builtins.attrNames all; inherit (all.x86_64-linux.default) pname version meta postInstall; }}"
    );
    let ran = repo.program(nix).args(["--eval", "--strict", "--json", "-E", &asked]).run().exits(0);
    let flake: Value = serde_json::from_str(&ran.out()).expect("JSON");
    assert_eq!(flake["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(flake["meta"]["mainProgram"], "leakstop");
    assert_eq!(flake["systems"].as_array().map(Vec::len), Some(4));
    for line in text(&flake, "postInstall").lines().filter(|line| line.contains("/bin/leakstop")) {
        let words = line.replace("\"$shell\"", "bash");
        let words: Vec<&str> =
            words.split_whitespace().skip(1).take_while(|word| *word != ">").collect();
        repo.run(words).exits(0);
    }
}

#[test]
fn all_packages_have_one_version() {
    let package: Value = serde_json::from_str(&read("packaging/npm/package.json")).expect("JSON");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(package["version"], version);
    let platforms = package["optionalDependencies"].as_object().expect("an object");
    assert!(platforms.values().all(|other| other == version));
    for platform in platforms.keys() {
        let (_, platform) = platform.split_once('/').expect("a scope");
        let (os, cpu) = platform.split_once('-').expect("two parts");
        let row = format!("os: {os}, cpu: {cpu} }}");
        assert!(read(".github/workflows/release.yml").contains(&row), "no release for {row}");
    }
}
